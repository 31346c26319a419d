"""From paths to stored documents: compare with what is stored, embed, store.

Files are read in a child process, and compared and split in a thread, while what was read before is being embedded.
Each document is stored in a transaction of its own as soon as its vectors are there, and reported only then.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from os.path import isdir
from pathlib import Path

from corpus.document import Field
from corpus.reading import Reader
from rag.keeping import files
from rag.keeping.ahead import ahead
from rag.keeping.comparison import Comparison, Done, Moved, Placed, Ready, Step
from rag.keeping.files import File
from rag.keeping.report import Outcome
from vectorstore.base import Embedder, Vectors
from vectorstore.index import Index
from vectorstore.stored import StoredFile
from vectorstore.transaction import Transaction

_PASSAGES_AT_ONCE = 64  # embedded together: enough to sort by length, few enough to lose little to a kill
_PASSAGES_AHEAD = 4 * _PASSAGES_AT_ONCE  # read and split while others are embedded: the embedder waits for nothing
_STEPS_AT_ONCE = 200  # that store no document: a transaction costs more than what most of them change

_Light = Outcome | Placed | Moved | Done


class Ingestion:
    """One run over some paths; iterate ``outcomes`` to carry it out. The caller holds the archive's writer lock."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        on_progress: Callable[[int, int], None],
        *,
        reader: Reader,
        stated: Mapping[str, Field],
        anew: bool = False,
    ) -> None:
        """``stated`` are fields of the header that hold for every document of this run, whatever it says itself.
        With ``anew`` files are read again that have not changed."""
        self._anew = anew
        self._index = index
        self._embedder = embedder
        self._on_progress = on_progress
        self._stated = stated
        self._reader = reader
        self._displaced: set[int] = set()  # documents whose place in the file at hand another has taken

    def outcomes(self, paths: Sequence[Path], *, prune: bool = False) -> Iterator[Outcome]:
        """An outcome per document, or per file that needs no reading, as it becomes final."""
        found, failures = files.find(paths)
        yield from failures
        yield from self.outcomes_of(found)
        yield from self._without_file([path.resolve() for path in paths if isdir(path)], prune=prune)

    def outcomes_of(self, found: Sequence[File]) -> Iterator[Outcome]:
        """The same of files that are called by name already."""
        done = 0
        self._on_progress(done, len(found))
        steps = ahead(self._steps(found), most=_PASSAGES_AHEAD, weigh=_weight, on_stop=self._reader.stop)
        with self._reader, closing(steps):
            for batch in _batches(steps):
                yield from self._carry_out(batch)
                done += sum(isinstance(step, Done) for step in batch)
                self._on_progress(done, len(found))

    def _steps(self, found: Sequence[File]) -> Generator[Step, None, None]:
        with self._index.latest() as archive:
            yield from Comparison(archive, self._reader, self._embedder, self._stated, anew=self._anew).steps(found)

    def _carry_out(self, batch: Sequence[Step]) -> Iterator[Outcome]:
        """Embed what is ready in one go, then take the steps in their order."""
        ready = [step for step in batch if isinstance(step, Ready)]
        texts = [passage.embedded_text() for each in ready for passage in each.passages]
        vectors = self._embedder.embed_passages(texts) if texts else None
        first = 0
        others: list[_Light] = []
        for step in batch:
            if isinstance(step, Ready):
                yield from self._settle(others)
                others = []
                assert vectors is not None
                yield self._store(step, vectors[first : first + len(step.passages)])
                first += len(step.passages)
            else:
                others.append(step)
        yield from self._settle(others)

    def _store(self, ready: Ready, vectors: Vectors) -> Outcome:
        path, name = ready.stored_file.path, ready.document.header.name
        with self._index.transaction() as transaction:
            if ready.source != path:
                self._displaced.update(transaction.displace(ready.source, name))
            transaction.add(
                ready.document,
                ready.passages,
                vectors,
                source=ready.source,
                file=path,
                sha256=ready.sha256,
                stated=ready.stated,
            )
            _note_as_unfinished(ready.stored_file, transaction)
        return Outcome(name, ready.change, "; ".join(ready.document.notes), ready.file.name)

    def _settle(self, steps: Sequence[_Light]) -> list[Outcome]:
        """Carry out steps that store no document, all in one transaction; what there is to report of them."""
        if any(
            isinstance(step, Placed | Moved) or (isinstance(step, Done) and self._leaves_work(step)) for step in steps
        ):
            with self._index.transaction() as transaction:
                for step in steps:
                    if isinstance(step, Placed):
                        self._place(step, transaction)
                    elif isinstance(step, Moved):
                        transaction.move(step.path, step.to)
                    elif isinstance(step, Done):
                        self._finish(step, transaction)
        return [outcome for step in steps for outcome in _reported(step)]

    def _place(self, step: Placed, transaction: Transaction) -> None:
        self._displaced.update(transaction.displace(step.source, step.name))
        transaction.place(step.entry, name=step.name, source=step.source, file=step.stored_file.path)
        self._displaced.discard(step.entry.id)
        _note_as_unfinished(step.stored_file, transaction)

    def _leaves_work(self, done: Done) -> bool:
        return bool(done.gone or done.note or self._displaced)

    def _finish(self, done: Done, transaction: Transaction) -> None:
        """Take out what the file holds no more, and note how much of it need not be read again."""
        transaction.remove([*self._displaced, *(entry.id for entry in done.gone)])
        self._displaced.clear()
        if done.note:
            transaction.note(done.note)

    def _without_file(self, folders: Sequence[Path], *, prune: bool) -> Iterator[Outcome]:
        """The documents of these folders whose files are gone: named, or with ``prune`` taken out."""
        with self._index.latest() as archive:
            gone = [path for path in map(Path, archive.paths()) if _is_gone(path, folders)]
            entries = [entry for path in gone for entry in archive.entries_in(str(path))]
        for entry in entries:
            if prune:
                self._index.remove([entry])
            yield Outcome(
                entry.header.name, "removed" if prune else "missing", "its file is gone", Path(entry.file).name
            )


def _reported(step: _Light) -> Iterator[Outcome]:
    if isinstance(step, Outcome):
        yield step
    elif isinstance(step, Done):
        for name in step.names_gone:
            yield Outcome(name, "removed", "its file holds it no more", step.file.name)


def _note_as_unfinished(file: StoredFile, transaction: Transaction) -> None:
    """Whatever becomes of this run, the file is read again: it may be changed back meanwhile to what it was."""
    transaction.note(replace(file, sha256="", complete=False))


def _weight(step: Step) -> int:
    """Passages, and a little for what has none: a folder may hold many files without news."""
    return 1 + (len(step.passages) if isinstance(step, Ready) else 0)


def _batches(steps: Iterator[Step]) -> Iterator[list[Step]]:
    """Steps with enough passages between them to be embedded together, or enough that one transaction carries out.

    Those that only report something need not wait.
    """
    batch: list[Step] = []
    passages, writes = 0, False
    for step in steps:
        batch.append(step)
        passages += len(step.passages) if isinstance(step, Ready) else 0
        writes = writes or isinstance(step, Placed | Moved)
        if passages >= _PASSAGES_AT_ONCE or (passages == 0 and (not writes or len(batch) >= _STEPS_AT_ONCE)):
            yield batch
            batch, passages, writes = [], 0, False
    if batch:
        yield batch


def _is_gone(path: Path, folders: Sequence[Path]) -> bool:
    try:
        return any(path.is_relative_to(folder) for folder in folders) and not path.is_file()
    except OSError:
        return False  # in a folder that we may not look into
