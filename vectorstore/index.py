"""The archive and its derived indexes as one thing: add, remove, search, rebuild, examine.

Here is the policy: who may write, which index answers a question, what a filter costs, and which embedder
the archive belongs to. Knows nothing of questions and answers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

from corpus.document import Document, Passage
from vectorstore import backup
from vectorstore.archive import Archive, Entry, Filter, Snapshot, Transaction
from vectorstore.base import Embedder, Query
from vectorstore.chroma import ChromaIndex
from vectorstore.derived import Derived, Kind
from vectorstore.errors import ArchiveBusy, ArchiveUnavailable, EmbedderMismatch, IndexUnavailable
from vectorstore.exact import ExactSearch
from vectorstore.lexical import LexicalIndex
from vectorstore.lock import ProcessLock
from vectorstore.view import View

_log = logging.getLogger(__name__)
EVERYTHING = Filter()
EXACT_PASSAGES = 5_000  # up to here scoring every vector costs less than opening Chroma
_BROAD = 0.5  # a filter that leaves this share of the documents is applied after the search
_OVERFETCH = 4


@dataclass(frozen=True)
class Finding:
    """One line of an examination: what was looked at, whether it is in order, and what to do if not."""

    subject: str
    sound: bool
    detail: str


class Index:
    """An archive's folder: ``archive.db``, ``chroma/`` and ``tantivy/``."""

    def __init__(
        self,
        home: Path,
        embedder: Embedder,
        *,
        chunking: str,
        report: Callable[[str], None] = _log.info,
        exact_passages: int = EXACT_PASSAGES,
    ) -> None:
        """``chunking`` names the settings passages are split by; ``report`` is told, in a line, of repairs."""
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveUnavailable(f"{home} cannot be an archive's folder: {error.strerror}; name another") from error
        self.home = home
        self.embedder = embedder
        self._chunking = chunking
        self._exact_passages = exact_passages
        self._archive = Archive(home / "archive.db")
        self._report = report
        self._writer = ProcessLock(home / "writer.lock")
        self._one_thread = RLock()
        self._exact = ExactSearch()
        self._chroma = Derived(home, "chroma", ChromaIndex, shared=False, report=report)
        self._lexical = Derived(home, "tantivy", LexicalIndex, shared=True, report=report)

    # --- writing

    @contextmanager
    def writing(self, purpose: str) -> Iterator[None]:
        """Be the archive's only writer meanwhile; other threads of this process wait.

        Raises ArchiveBusy, naming the owner, where another process is.
        """
        with self._one_thread, self.owning(purpose):
            yield

    @contextmanager
    def owning(self, purpose: str) -> Iterator[None]:
        """Keep the archive for this process meanwhile, to write now and then. Raises ArchiveBusy likewise."""
        if not self._writer.take(purpose=purpose):
            owner, doing = self._writer.owner()
            raise ArchiveBusy(
                f"{self.home} is in use by process {owner} ({doing or 'another citedesk'}); wait for it or stop it",
                owner,
            )
        try:
            yield
        finally:
            self._writer.release()

    def claim(self) -> None:
        """Make the archive ours where it is new. Raises EmbedderMismatch where it is another embedder's."""
        with self._archive.write() as transaction:
            if transaction.meta("embedder") is None:
                transaction.set_meta(self._identity())
        with self._archive.read() as snapshot:
            self._check_identity(snapshot)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Change the archive; durable on leaving, or not at all."""
        with self._archive.write() as transaction:
            yield transaction

    @contextmanager
    def latest(self) -> Iterator[Snapshot]:
        """The archive as it is at each look, for the one who writes."""
        with self._archive.latest() as snapshot:
            yield snapshot

    def remove(self, entries: Sequence[Entry]) -> None:
        with self._archive.write() as transaction:
            transaction.remove([entry.id for entry in entries])

    def backup(self, to: Path) -> None:
        """Copy the archive as it is now to a file. Raises BadInput where another kind of file is there."""
        backup.save(self._archive.path, to)

    def restore(self, source: Path, keep: Path) -> None:
        """Put what a backup holds in the archive's place, which is kept in ``keep``. Raises BadInput for no backup."""
        backup.restore(source, self._archive.path, keep)

    def catch_up(self, wait_s: float = 5.0) -> None:
        """Bring both derived indexes up to date; one that is missing or not as it was left is built again."""
        with self._archive.read() as snapshot:
            # One that is in order already is not opened: opening Chroma takes a second.
            indexes: tuple[Derived[Any], ...] = (self._lexical, self._chroma)
            for derived in [each for each in indexes if not each.is_sound(snapshot)]:
                self._in_step(derived, snapshot, wait_s)

    def _in_step(self, derived: Derived[Kind], snapshot: Snapshot, wait_s: float = 0.0) -> Kind | None:
        """The index where it can be had: another process may have it open, or the disk may be full."""
        try:
            return derived.in_step(snapshot, wait_s=wait_s)
        except IndexUnavailable as error:
            self._report(f"{error}; nothing stored is lost")
            return None

    def rebuild(self, split: Callable[[Document], list[Passage]], on_progress: Callable[[int, int], None]) -> None:
        """Build the derived indexes again; where embedder or chunking changed, the passages and vectors too."""
        with self._archive.read() as snapshot:
            ours = all(snapshot.meta(key) == value for key, value in self._identity().items())
        if not ours:
            self._embed_again(split, on_progress)
        with self._archive.read() as snapshot:
            for derived in (self._lexical, self._chroma):
                derived.rebuild(snapshot)

    def _embed_again(self, split: Callable[[Document], list[Passage]], on_progress: Callable[[int, int], None]) -> None:
        # One transaction: the archive never holds the vectors of two embedders.
        with self._archive.write() as transaction:
            entries = transaction.entries()
            for number, entry in enumerate(entries, start=1):
                on_progress(number, len(entries))
                document = transaction.document(entry.header.name)
                assert document is not None
                passages = split(document)
                vectors = self.embedder.embed_passages([passage.embedded_text() for passage in passages])
                transaction.replace_passages(entry, passages, vectors)
            transaction.set_meta(self._identity())

    def _identity(self) -> dict[str, str]:
        return {
            "embedder": self.embedder.name,
            "fingerprint": self.embedder.fingerprint,
            "dimension": str(self.embedder.dimension),
            "chunking": self._chunking,
        }

    def _check_identity(self, snapshot: Snapshot) -> None:
        for key, ours in self._identity().items():
            stored = snapshot.meta(key)
            if stored is not None and stored != ours:
                raise EmbedderMismatch(
                    f"{self.home} was built with {key} {stored!r}, not {ours!r};"
                    f" run: citedesk rebuild --home {self.home}"
                )

    # --- reading

    @contextmanager
    def read(self, within: Filter = EVERYTHING) -> Iterator[View]:
        """One unchanging state of the archive, narrowed to what the filter lets through."""
        with self._archive.read() as snapshot:
            self._check_identity(snapshot)
            yield View(self, snapshot, within)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The archive alone, whatever embedder it belongs to."""
        with self._archive.read() as snapshot:
            yield snapshot

    def warm(self) -> None:
        """Open everything a question needs; for a process that will answer many."""
        with self._archive.read() as snapshot:
            self._in_step(self._lexical, snapshot)
            self._in_step(self._chroma, snapshot)
            self.embedder.embed_query("warm")

    def examine(self) -> list[Finding]:
        """What ``citedesk doctor`` shows of the store."""
        with self._archive.read() as snapshot:
            documents, passages = snapshot.counts()
            findings = [Finding("archive.db", True, f"{documents} documents, {passages} passages")]
            for derived in (self._chroma, self._lexical):
                findings.append(self._examined(derived, snapshot))
            try:
                self._check_identity(snapshot)
                findings.append(Finding("embedder", True, self.embedder.name))
            except EmbedderMismatch as error:
                findings.append(Finding("embedder", False, str(error)))
        return findings

    def _examined(self, derived: Derived[Any], snapshot: Snapshot) -> Finding:
        if derived.is_sound(snapshot):
            return Finding(derived.name, True, "in step with the archive")
        if user := derived.used_elsewhere():
            return Finding(derived.name, True, f"open in process {user}, which keeps it in step")
        return Finding(derived.name, False, "behind or not as it was left; mended at the next use")

    def close(self) -> None:
        self._chroma.close()
        self._lexical.close()

    def dense(self, snapshot: Snapshot, query: Query, k: int, within: list[int] | None) -> list[tuple[int, float]]:
        """For a view: at most ``k`` (passage id, similarity) pairs of the documents ``within``, None for all."""
        documents, passages = snapshot.counts()
        narrow = within is not None and len(within) < _BROAD * documents
        chroma = None
        if not narrow and (self._chroma.is_open or passages > self._exact_passages):
            chroma = self._in_step(self._chroma, snapshot)
        allowed = None
        if within is not None:
            allowed = {id_ for ids in snapshot.passage_ids_of(within).values() for id_ in ids}
        if chroma is not None:
            try:
                found = chroma.search(query, k if allowed is None else k * _OVERFETCH, None)
                return [hit for hit in found if allowed is None or hit[0] in allowed][:k]
            except IndexUnavailable as error:
                self._report(str(error))
        return self._exact.search(snapshot, query.vector, k, allowed)

    def words(self, snapshot: Snapshot) -> LexicalIndex | None:
        """For a view: the index of words where it can be had."""
        return self._in_step(self._lexical, snapshot, wait_s=1.0)
