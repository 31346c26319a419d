"""The order of the stages and nothing else: ingest, ask, stream, search, remove.

What only some of them need, such as the reading of files, is imported there: a question is answered sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from corpus.dates import user_date
from corpus.document import Document, Field, Header
from corpus.errors import BadInput
from rag.answer import Answer, Found, Turn
from rag.asking.known import Memory
from rag.citation import checked
from rag.clock import Clock
from rag.composer import Composer, Draft
from rag.keeping.report import Outcome, Report
from rag.keeping.splitting import split
from rag.keeping.status import ArchiveStatus
from rag.question import Question, as_spelt, parts_named, understand
from rag.retrieval import Retriever
from rag.setup import Setup
from vectorstore import shelf
from vectorstore.base import Embedder
from vectorstore.embedders.minilm import is_one_piece
from vectorstore.errors import ArchiveBusy, UnknownDocument
from vectorstore.filtering import Filter
from vectorstore.index import Finding, Index
from vectorstore.kept import Kept
from vectorstore.lexical import terms
from vectorstore.shelf import Look, Shelf
from vectorstore.snapshot import Snapshot
from vectorstore.view import View

if TYPE_CHECKING:
    from corpus.reading import Reader
    from rag.keeping.removal import Taken
    from rag.llm.base import Provider
    from rag.rewriting import Rewriter
    from vectorstore.stored import Entry

MOST_PASSAGES = 1_000
BEFORE_RESTORE = "before-restore.db"


class Assistant:
    """Answers questions about one archive. Safe to use from several threads."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        retriever: Retriever,
        composer: Composer,
        *,
        k: int,
        reader: Callable[[], Reader],
        rewriter: Rewriter | None = None,
        setup: Setup | None = None,
    ) -> None:
        """``k`` is how many passages an answer is made from; ``reader`` makes what reads the files of one ingest,
        ``rewriter`` makes a follow-up stand alone. ``setup`` is what all this was made from."""
        self._index = index
        self._embedder = embedder
        self._retriever = retriever
        self._composer = composer
        self._k = k
        self._reader = reader
        self._rewriter = rewriter
        self._memory = Memory()
        self._periods = Kept(Snapshot.periods)
        self.setup = setup or Setup()

    @classmethod
    def open(cls, home: str | Path | None = None, *, llm: str | Provider | None = None) -> Assistant:
        """The archive in the folder ``home``, else ``CITEDESK_HOME``, else the platform's data folder.

        ``llm`` is a language model, or ``PROVIDER:MODEL``, or "none" for the built-in answers; None leaves it to the
        settings. An index that is missing or damaged is built again here, without embedding anything.
        Raises CiteDeskError where the archive cannot be used.
        """
        from rag import build, config

        settings = config.load(home, options={"llm": llm if isinstance(llm, str) else None})
        desk = build.assistant(settings, model=None if isinstance(llm, str) else llm)
        desk.mend()
        return desk

    @property
    def embedder(self) -> Embedder:
        return self._embedder

    @property
    def retriever(self) -> Retriever:
        """What finds the passages that an answer is made from."""
        return self._retriever

    def finding_with(self, retriever: Retriever) -> Assistant:
        """The same in all else; both have one archive open, so only one is to be closed."""
        return Assistant(
            self._index, self._embedder, retriever, self._composer,
            k=self._k, reader=self._reader, rewriter=self._rewriter, setup=self.setup,
        )  # fmt: skip

    def answering_with(self, composer: Composer) -> Assistant:
        """The same in all else, on the same archive."""
        return Assistant(
            self._index, self._embedder, self._retriever, composer,
            k=self._k, reader=self._reader, rewriter=self._rewriter, setup=self.setup,
        )  # fmt: skip

    def answering_by(self, llm: str) -> Assistant:
        """The same archive, asked of another language model, ``PROVIDER:MODEL``, or of the built-in composer for "".

        Raises BadInput where the name fits nothing, ProviderError where the provider lacks what it needs.
        """
        if self.setup.another is None:
            raise BadInput("this assistant was put together by hand: it has the one composer that it was given")
        found = self.setup.another(llm)
        settings = {**self.setup.settings, "llm": (llm or "not set", "chosen since")}
        other = Assistant(
            self._index, self._embedder, self._retriever, found.composer,
            k=self._k, reader=self._reader, rewriter=found.rewriter,
            setup=replace(self.setup, settings=settings, caller=found.caller),
        )  # fmt: skip
        other._memory = self._memory
        return other

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the indexes in order; the next opening is quicker for it."""
        self._index.close()

    # --- asking

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        outlet: str | None = None,
        now: str | None = None,
        without: Collection[str] = (),
    ) -> Answer:
        """The whole answer: the last value of ``stream``."""
        *_, answer = self.stream(
            question, history=history, k=k, since=since, until=until, outlet=outlet, now=now, without=without
        )
        return answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        outlet: str | None = None,
        now: str | None = None,
        without: Collection[str] = (),
    ) -> Iterator[Answer]:
        """Growing answers, at least one.

        ``k`` is how many passages to work from, ``since`` and ``until`` bound the date of publication, ``now`` is
        what "today" means. ``without`` are kinds of assumptions, as "period", that are not to be made. Raises BadInput
        for a question or option that cannot be used.
        """
        clock = Clock()
        with self._index.read() as archive:
            plain = self._understand(question, history, Filter(since, until, outlet), now, without, archive)
            asked = plain
            earlier = history if "follow-up" not in without else ()
            for asked in self._rewriter.rewrite(plain, earlier) if self._rewriter else ():
                yield Answer(
                    asked.text, "", "incomplete", "", latency_ms=clock.total_ms(), assumptions=asked.assumptions
                )
            is_rewritten = asked.search_text not in (plain.search_text, asked.text)
            assumed = (f"Understood as: {asked.search_text}",) if is_rewritten else ()
            asked = _as_spelt(asked, archive, without)
            clock.lap("understand")
            view = archive.within(asked.within)
            hits = self._retriever.retrieve(asked, view, self._passages(k))
            clock.lap("retrieve")
            last = Draft("", "incomplete")
            citations = last.citations
            for draft in self._composer.compose(asked, hits, view):
                if draft.citations != last.citations:
                    citations = checked(draft.citations, view)
                last = draft
                yield Answer(
                    asked.text,
                    draft.text,
                    draft.status,
                    draft.composer,
                    citations,
                    draft.retrieved or tuple(hits),
                    (*assumed, *draft.notes),
                    latency_ms=clock.total_ms(),
                    timings_ms=clock.with_lap("compose"),
                    sentences=draft.sentences,
                    invalid_markers=draft.invalid_markers,
                    usage=draft.usage,
                    assumptions=asked.assumptions,
                    form=draft.form,
                    finding=draft.finding,
                    conflicts=draft.conflicts,
                    absence=draft.absence,
                )

    def search(
        self,
        question: str,
        *,
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        outlet: str | None = None,
        now: str | None = None,
        without: Collection[str] = (),
    ) -> Found:
        """The passages that match, best first, with no answer made from them."""
        clock = Clock()
        with self._index.read() as archive:
            asked = self._understand(question, (), Filter(since, until, outlet), now, without, archive)
            asked = _as_spelt(asked, archive, without)
            clock.lap("understand")
            hits = self._retriever.retrieve(asked, archive.within(asked.within), self._passages(k))
        return Found(asked.text, tuple(hits), clock.total_ms(), clock.with_lap("retrieve"), asked.assumptions)

    def _understand(
        self,
        question: str,
        history: Sequence[Turn],
        options: Filter,
        now: str | None,
        without: Collection[str],
        archive: View,
    ) -> Question:
        """``options`` as they were typed."""
        since, until = options.since and user_date(options.since), options.until and user_date(options.until)
        return understand(
            question,
            history,
            today=user_date(now) if now else None,
            known=self._memory.known(archive.snapshot, parts_named(question)),
            within=Filter(since, until, options.outlet or None),
            is_there=archive.snapshot.has_any_within,
            without=without,
        )

    def _passages(self, k: int | None) -> int:
        k = self._k if k is None else k
        if not 1 <= k <= MOST_PASSAGES:
            raise BadInput(f"k is {k}; it must be between 1 and {MOST_PASSAGES}")
        return k

    # --- keeping

    def ingest(
        self,
        paths: str | Path | Sequence[str | Path],
        *,
        outlet: str | None = None,
        published: str | None = None,
        prune: bool = False,
        on_outcome: Callable[[Outcome], None] = lambda outcome: None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Report:
        """Store what is new or changed under ``paths``; with ``prune``, drop documents whose files are gone.

        ``outlet`` and ``published`` hold for all of it, whatever the files say, and for later ingests of the same
        files. ``on_outcome`` hears of each file once its fate is final and durable, ``on_progress`` of files done and
        their number. Where a chat window owns the archive, it does the work. Raises BadInput for a date that is
        none, ArchiveBusy where another process is writing.
        """
        from rag.keeping import handoff
        from rag.keeping.files import OPTION
        from rag.keeping.ingestion import Ingestion

        given = [paths] if isinstance(paths, str | Path) else list(paths)
        resolved = [Path(path).expanduser().absolute() for path in given]
        said = {"outlet": outlet, "published": user_date(published) if published else None}
        stated = {name: Field(value, OPTION + name) for name, value in said.items() if value}
        outcomes: list[Outcome] = []
        try:
            with self._index.writing("ingests documents"):
                self._index.claim()
                run = Ingestion(self._index, self._embedder, on_progress, reader=self._reader(), stated=stated)
                for outcome in run.outcomes(resolved, prune=prune):
                    outcomes.append(outcome)
                    on_outcome(outcome)
                self._index.catch_up()
        except ArchiveBusy as busy:
            options = {"outlet": outlet, "published": published, "prune": prune}
            for outcome in handoff.ingest(self._index.home, resolved, options, otherwise=busy):
                outcomes.append(outcome)
                on_outcome(outcome)
        return Report.of(outcomes)

    def upload(self, path: str | Path, name: str) -> Report:
        """Keep a copy of a file inside the archive's folder, under the safe part of ``name``, and ingest it."""
        from rag.keeping.files import safe_file_name

        data = Path(path).read_bytes()
        safe = safe_file_name(name)
        folder = self._index.home / "uploads" / sha256(data).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / safe).write_bytes(data)
        report = self.ingest([folder / safe])
        if not (report.added or report.updated or report.unchanged):
            (folder / safe).unlink()
            folder.rmdir()
        return report

    def remove(self, names: Sequence[str]) -> None:
        """Take documents out. Raises UnknownDocument, having removed nothing, where one is not there."""
        try:
            self.take_out(names)
        except ArchiveBusy as busy:
            from rag.keeping import handoff

            handoff.remove(self._index.home, names, otherwise=busy)

    def read_again(
        self,
        names: Sequence[str] | None = None,
        *,
        on_outcome: Callable[[Outcome], None] = lambda outcome: None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Report:
        """Read the files of these documents again, of all where there is None, though they have not changed.

        A document whose file is gone, or cannot be read now, stays as it is. Others of the same file are read, too.
        Raises UnknownDocument where one of them is not there, ArchiveBusy where another process is writing.
        """
        from rag.keeping import removal

        with self._index.writing("reads documents again"):
            with self._index.snapshot() as snapshot:
                stored = removal.about(self._entries(snapshot, names), snapshot)
            return self._ingest_files(stored, on_outcome, on_progress, anew=True)

    def take_out(self, names: Sequence[str]) -> list[Taken]:
        """Remove documents, of our own archive only; what it takes to put them back, a value for each of their files.

        Raises UnknownDocument, having removed nothing, where one is not there, ArchiveBusy where another process is
        writing.
        """
        from rag.keeping import removal

        with self._index.writing("removes documents"):
            with self._index.snapshot() as snapshot:
                entries = self._entries(snapshot, names)
                taken = removal.about(entries, snapshot)
            self._index.remove(entries)
            self._index.catch_up()
        return taken

    def put_back(
        self,
        taken: Sequence[Taken],
        *,
        on_outcome: Callable[[Outcome], None] = lambda outcome: None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Report:
        """Read what was taken out from its files again, under the names that it had where those are still free."""
        with self._index.writing("puts documents back"):
            return self._ingest_files(taken, on_outcome, on_progress)

    def _ingest_files(
        self,
        stored: Sequence[Taken],
        on_outcome: Callable[[Outcome], None],
        on_progress: Callable[[int, int], None],
        *,
        anew: bool = False,
    ) -> Report:
        from rag.keeping import removal
        from rag.keeping.ingestion import Ingestion

        self._index.claim()
        found, outcomes = removal.files_of(stored)
        for failure in outcomes:
            on_outcome(failure)
        run = Ingestion(self._index, self._embedder, on_progress, reader=self._reader(), stated={}, anew=anew)
        for outcome in run.outcomes_of(found):
            outcomes.append(outcome)
            on_outcome(outcome)
        self._index.catch_up()
        return Report.of(outcomes)

    @staticmethod
    def _entries(snapshot: Snapshot, names: Sequence[str] | None) -> list[Entry]:
        if names is None:
            return snapshot.entries()
        found = {name: snapshot.entry(name) for name in names}
        if unknown := [name for name, entry in found.items() if entry is None]:
            raise _unknown(*unknown)
        return [entry for entry in found.values() if entry is not None]

    def export(self, folder: str | Path) -> int:
        """Write every document's text, with what is known of it, to a new folder; how many there are."""
        from rag.keeping import export

        with self._index.snapshot() as snapshot:
            documents = (snapshot.document(entry.header.name) for entry in snapshot.entries())
            return export.write(filter(None, documents), Path(folder).expanduser())

    def backup(self, file: str | Path) -> None:
        """Copy the archive as it is now to one file, also while it is in use. Raises BadInput where another kind of
        file is there."""
        self._index.backup(Path(file).expanduser())

    def restore(self, file: str | Path) -> Path:
        """Put what a backup holds in the place of this archive, also while it is in use.

        What was here is kept in the file that is returned. Raises BadInput for a file that is no backup.
        """
        source = Path(file).expanduser().absolute()
        keep = self._index.home / BEFORE_RESTORE
        try:
            with self._index.writing("restores a backup"):
                self._index.restore(source, keep)
                self._index.catch_up()
        except ArchiveBusy as busy:
            from rag.keeping import handoff

            handoff.restore(self._index.home, source, otherwise=busy)
        return keep

    def rebuild(self, *, on_progress: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Build the derived indexes again; embed again too where the embedder or the chunking is another now.

        ``on_progress`` hears of documents embedded and their number. Raises ArchiveBusy likewise.
        """
        with self._index.writing("rebuilds the indexes"):
            self._index.rebuild(lambda document: split(document, self._embedder), on_progress)

    def mend(self) -> None:
        """Build again an index that is missing or not as it was left."""
        self._index.catch_up(wait_s=0.0)

    # --- looking

    def carriers(self, name: str) -> tuple[Header, ...]:
        """The other documents that hold nearly the same text."""
        with self._index.snapshot() as snapshot:
            return tuple(header for header in snapshot.copies([name]).get(name, ()) if header.name != name)

    def documents(self) -> list[Header]:
        """Every document, by name."""
        with self._index.snapshot() as snapshot:
            return [entry.header for entry in snapshot.entries()]

    def document(self, name: str) -> Document:
        """One document with its text. Raises UnknownDocument."""
        with self._index.snapshot() as snapshot:
            found = snapshot.document(name)
        if found is None:
            raise _unknown(name)
        return found

    def entry(self, name: str) -> Entry:
        """Where one document lies, without its text. Raises UnknownDocument."""
        with self._index.snapshot() as snapshot:
            found = snapshot.entry(name)
        if found is None:
            raise _unknown(name)
        return found

    def periods(self) -> list[tuple[str | None, str | None, int]]:
        """How many documents were published from one day to another, in order; None for no date at all."""
        with self._index.snapshot() as snapshot:
            return self._periods.at(snapshot)

    @property
    def home(self) -> Path:
        """The archive's folder."""
        return self._index.home

    def shelf(self, look: Look, *, first: int = 0, count: int = 50) -> Shelf:
        """One page of the documents that are looked for."""
        with self._index.snapshot() as snapshot:
            return shelf.read(snapshot, look, first=first, count=count)

    def outlets(self) -> list[tuple[str, int]]:
        """Each outlet, "" for none known, and how many documents it has."""
        with self._index.snapshot() as snapshot:
            return shelf.outlets(snapshot)

    def held(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        with self._index.snapshot() as snapshot:
            return snapshot.counts()

    def known(self, names: Collection[str]) -> set[str]:
        """Those of these names that documents have."""
        with self._index.snapshot() as snapshot:
            return {name for name in names if snapshot.entry(name)}

    def files(self) -> set[str]:
        """Every file that stored documents were read from, by its absolute path."""
        with self._index.snapshot() as snapshot:
            return set(snapshot.paths())

    def status(self) -> ArchiveStatus:
        with self._index.snapshot() as snapshot:
            documents, passages = snapshot.counts()
            first, last = snapshot.coverage()
            outlets = sorted({entry.header.outlet for entry in snapshot.entries() if entry.header.outlet})
            return ArchiveStatus(
                self._index.home, documents, passages, first, last, tuple(outlets), self._embedder.name
            )

    def examine(self) -> list[Finding]:
        """What is in order with the archive and what is not."""
        return self._index.examine()

    @contextmanager
    def owning(self, purpose: str) -> Iterator[None]:
        """Be the archive's writer meanwhile, and take the work of other processes that come with some.

        What a question needs is loaded beside whatever the caller does first.
        """
        from rag.keeping import handoff

        with self._index.owning(purpose):
            warming = Thread(target=self._index.warm, name="warming", daemon=True)
            warming.start()
            try:
                with handoff.serving(self._index.home, self):
                    yield
            finally:
                warming.join()


def _unknown(*names: str) -> UnknownDocument:
    return UnknownDocument(f"not in the archive: {', '.join(names)}; see: citedesk status --documents")


def _as_spelt(question: Question, view: View, without: Collection[str]) -> Question:
    if "spelling" in without:
        return question
    return as_spelt(
        question, view.vocabulary(), lambda word: all(view.frequency(term) for term in terms(word)), is_one_piece
    )
