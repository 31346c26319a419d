"""The archive and its derived indexes as one thing: add, remove, search, rebuild, examine.

Here is the policy: who may write, which index answers a question, what a filter costs, and which embedder
the archive belongs to. Knows nothing of questions and answers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

from corpus.document import Document, Passage
from corpus.errors import BadInput, CiteDeskError
from vectorstore import backup, identity, rebuilding
from vectorstore.archive import Archive
from vectorstore.base import Embedder, Query, Vectors
from vectorstore.chroma import ChromaIndex
from vectorstore.derived import Derived, Kind
from vectorstore.embedders import Choice
from vectorstore.errors import ArchiveBusy, ArchiveUnavailable, EmbedderMismatch, IndexUnavailable
from vectorstore.exact import ExactSearch, Ids
from vectorstore.filtering import BROAD, Filter, enough, spare
from vectorstore.kept import Kept
from vectorstore.lexical import LexicalIndex
from vectorstore.lock import ProcessLock
from vectorstore.snapshot import Snapshot
from vectorstore.staging import Staging
from vectorstore.stored import Entry
from vectorstore.transaction import Transaction
from vectorstore.view import View
from vectorstore.vocabulary import Vocabulary

_log = logging.getLogger(__name__)
EVERYTHING = Filter()
EXACT_PASSAGES = 5_000  # up to here scoring every vector costs no more than asking Chroma
_MOST_EXACT = 200_000  # up to here reading every vector takes less time than opening Chroma, and some 300 MB
_FIRST_SEARCHES = 2  # of a process, which may ask no more


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
        choice: Choice | None = None,
        report: Callable[[str], None] = _log.info,
        exact_passages: int = EXACT_PASSAGES,
        first_searches: int = _FIRST_SEARCHES,
    ) -> None:
        """``chunking`` names the settings passages are split by, ``choice`` how people name the embedder, by which it
        can be had again; ``report`` is told, in a line, of repairs. Above ``exact_passages`` Chroma is asked, but not
        in the ``first_searches`` of a process."""
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveUnavailable(f"{home} cannot be an archive's folder: {error.strerror}; name another") from error
        self.home = home
        self.embedder = embedder
        self._chunking = chunking
        self._choice = choice
        self._was_ours = False
        self._exact_passages = exact_passages
        self._first_searches = first_searches
        self._searches = 0
        self._archive = Archive(home / "archive.db")
        self._report = report
        self._staging = Staging(home / "rebuild.db")
        self._writer = ProcessLock(home / "writer.lock")
        self._one_thread = RLock()
        self._counts = Kept(Snapshot.counts)
        self._exact = ExactSearch()
        self._vocabulary = Kept(self._read_vocabulary)
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
        with self._archive.read() as snapshot:
            is_new = snapshot.meta("embedder") is None
        if is_new:
            notes = self._notes()  # may take a while: an embedder says how long its vectors are once it is loaded
            with self._archive.write() as transaction:
                if transaction.meta("embedder") is None:
                    transaction.set_meta(notes)
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
            self._tidy(snapshot)
            # One that is in order already is not opened: opening Chroma takes a second.
            indexes: tuple[Derived[Any], ...] = (self._lexical, self._chroma)
            for derived in [each for each in indexes if not each.is_sound(snapshot)]:
                self._in_step(derived, snapshot, wait_s)

    def _in_step(self, derived: Derived[Kind], snapshot: Snapshot, wait_s: float = 0.0) -> Kind | None:
        """The index where it can be had: another process may have it open, or the disk may be full."""
        if not derived.holds(snapshot) and self._is_past(snapshot):
            return None  # a question that began before: it must not have its own state built again over the new one
        try:
            return derived.in_step(snapshot, wait_s=wait_s)
        except IndexUnavailable as error:
            self._report(f"{error}; nothing stored is lost")
            return None

    def _is_past(self, snapshot: Snapshot) -> bool:
        """True where the archive has become another embedder's, or a backup's, since the snapshot."""
        with self._archive.read() as now:
            return any(now.meta(key) != snapshot.meta(key) for key in ("archive", "fingerprint"))

    def rebuild(self, split: Callable[[Document], list[Passage]], on_progress: Callable[[int, int], None]) -> None:
        """Build the derived indexes again; where embedder or chunking changed, the passages and vectors too.

        What is there answers until all of the new is. Stopped half-way, it is gone on with when it is called for again.
        The caller is the archive's writer.
        """
        notes = self._notes()
        with self._archive.read() as snapshot:
            archive, ours = snapshot.id(), identity.belongs(snapshot.notes(), notes)
        if ours:
            with self._archive.write() as transaction:
                transaction.set_meta(notes)  # the same model may lie elsewhere now
            with self._archive.read() as snapshot:
                for derived in (self._lexical, self._chroma):
                    derived.rebuild(snapshot)
            return
        self._staging.begin({"archive": archive, **identity.compared(notes)})
        entries = rebuilding.embed(self._archive, self._staging, self.embedder, split, on_progress)
        rebuilding.exchange(self._archive, self._staging, entries, notes, (self._lexical, self._chroma))

    def _tidy(self, snapshot: Snapshot) -> None:
        """A rebuild that was killed at its very end has left what the archive has taken over."""
        begun, notes = self._staging.target(), snapshot.notes()
        if begun is not None and all(notes.get(key) == value for key, value in begun.items()):
            self._staging.discard()

    def _notes(self) -> dict[str, str]:
        """What is noted of the embedder. Raises BadInput, with what to do, where it cannot be used."""
        try:
            return identity.notes(self.embedder, self._chunking, self._choice)
        except BadInput as error:
            raise BadInput(
                f"{error}. For another embedder, or this one in its new place, run:"
                f" citedesk rebuild --home {self.home} --embedder NAME"
            ) from error

    def _check_identity(self, snapshot: Snapshot) -> None:
        built_with = identity.difference(snapshot.notes(), self._notes())
        if built_with and self._was_ours:
            raise EmbedderMismatch(f"{self.home} was rebuilt meanwhile with {built_with}; start this again")
        if built_with:
            raise EmbedderMismatch(
                f"{self.home} was built with {built_with}; leave the embedder out of your settings,"
                f" or run: citedesk rebuild --home {self.home}"
            )
        self._was_ours = True

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
            self.vocabulary(snapshot).preload()
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
                findings.append(Finding("embedder", True, self._described()))
            except CiteDeskError as error:
                findings.append(Finding("embedder", False, str(error)))
            if begun := self._staging.target():
                findings.append(self._begun(begun, documents))
        return findings

    def _described(self) -> str:
        choice = self._choice
        called = f" ({choice.name})" if choice and choice.name != self.embedder.name else ""
        return f"{self.embedder.name}{called}, {self.embedder.dimension} numbers"

    def _begun(self, target: dict[str, str], documents: int) -> Finding:
        done = f"{len(self._staging.done())} of {documents} documents are embedded for {target.get('embedder')}"
        advice = f"go on with: citedesk rebuild --home {self.home} --embedder NAME, or remove {self._staging.path}"
        return Finding("rebuild", True, f"begun: {done}; {advice}")

    def _examined(self, derived: Derived[Any], snapshot: Snapshot) -> Finding:
        if derived.is_sound(snapshot):
            return Finding(derived.name, True, "in step with the archive")
        if user := derived.used_elsewhere():
            return Finding(derived.name, True, f"open in process {user}, which keeps it in step")
        return Finding(derived.name, False, "behind or not as it was left; mended at the next use")

    def close(self) -> None:
        self._chroma.close()
        self._lexical.close()

    def counts(self, snapshot: Snapshot) -> tuple[int, int]:
        """For a view: how many documents and passages there are."""
        return self._counts.at(snapshot)

    def passages_of(self, snapshot: Snapshot, documents: Ids) -> Ids:
        """For a view: the passages of these documents, by id."""
        return self._exact.passages_of(snapshot, documents)

    def dense(self, snapshot: Snapshot, query: Query, k: int, within: Ids | None) -> list[tuple[int, float]]:
        """For a view: at most ``k`` (passage id, similarity) pairs among the passages ``within``, None for all."""
        _, passages = self.counts(snapshot)
        self._searches += 1
        is_first = self._searches <= self._first_searches and passages <= _MOST_EXACT
        if self._chroma.is_open or (passages > self._exact_passages and not is_first):
            try:
                found = self._by_chroma(snapshot, query, k, within, passages)
                if found is not None:
                    return found
            except IndexUnavailable as error:
                self._report(str(error))
        return self._exact.search(snapshot, query.vector, k, within)

    def _by_chroma(
        self, snapshot: Snapshot, query: Query, k: int, within: Ids | None, passages: int
    ) -> list[tuple[int, float]] | None:
        """None where Chroma cannot be had, or a filter leaves too little of what it finds."""
        if within is not None and len(within) < BROAD * passages:
            return None
        chroma = self._in_step(self._chroma, snapshot)
        if chroma is None or within is None:
            return chroma.search(query, k, None) if chroma else None
        return enough(chroma.search(query, spare(k, len(within) / passages), None), k, within)

    def alive(self, snapshot: Snapshot, passages: Iterable[int]) -> Ids:
        """For a view: those of the passages that are alive, by id."""
        return self._exact.alive(snapshot, passages)

    def vectors_of(self, snapshot: Snapshot, passages: Ids) -> tuple[Ids, Vectors]:
        """For a view: the documents of these passages, which are alive, and their vectors in rows."""
        return self._exact.vectors_of(snapshot, passages)

    def words(self, snapshot: Snapshot) -> LexicalIndex | None:
        """For a view: the index of words where it can be had."""
        return self._in_step(self._lexical, snapshot, wait_s=1.0)

    def vocabulary(self, snapshot: Snapshot) -> Vocabulary:
        """For a view: its words, read once for each state of the archive."""
        return self._vocabulary.at(snapshot)

    def _read_vocabulary(self, snapshot: Snapshot) -> Vocabulary:
        words = self.words(snapshot)
        return Vocabulary(words.words_beginning_with if words else lambda letters: ())
