"""From paths to stored documents: tell what is new, read, split, embed, store.

Files are read in a child process and split in a thread while what was read before is being embedded. Each
document is stored in a transaction of its own as soon as its vectors are there, and reported only then.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from corpus import chunking
from corpus.document import Document, Field, Passage
from corpus.errors import UnreadableFile
from corpus.loaders import read_bytes
from corpus.reading import Part, Reader
from rag import files
from rag.ahead import ahead
from rag.files import File
from rag.report import Change, Outcome
from vectorstore.archive import Entry, Snapshot, StoredFile
from vectorstore.base import Embedder, Vectors
from vectorstore.index import Index

_PASSAGES_AT_ONCE = 64  # embedded together: enough to sort by length, few enough to lose little to a kill
_DOCUMENTS_AHEAD = 64
OPTION = "--"  # how the origin of what was said on the command line begins


@dataclass(frozen=True)
class _Ready:
    """A document that is read and split, and waits for its vectors."""

    document: Document
    passages: list[Passage]
    source: str
    file: File
    sha256: str
    change: Change


@dataclass(frozen=True)
class _Renumbered:
    """A stored document that now stands elsewhere in its file."""

    entry: Entry
    name: str
    source: str


@dataclass(frozen=True)
class _Moved:
    """A stored file that now lies elsewhere."""

    path: str
    file: File
    outcome: Outcome


@dataclass(frozen=True)
class _Done:
    """The end of a file: its state where all of it is stored now, and what it held before and holds no more."""

    file: File
    complete: StoredFile | None = None
    gone: Sequence[Entry] = ()


_Step = Outcome | _Ready | _Renumbered | _Moved | _Done


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
    ) -> None:
        """``stated`` are fields of the header that hold for every document of this run, whatever it says itself."""
        self._index = index
        self._embedder = embedder
        self._on_progress = on_progress
        self._stated = stated
        self._reader = reader
        self._pending: dict[str, str] = {}  # content that is read and not stored yet, and its document's name
        self._names: set[str] = set()  # of this run's files, some of them not stored yet
        self._moved: set[str] = set()  # where files lay that this run found elsewhere
        self._read_again: set[str] = set()  # files that may hold by now what is not stored yet
        self._displaced: set[int] = set()  # documents whose place in the file at hand another has taken

    def outcomes(self, paths: Sequence[Path], *, prune: bool = False) -> Iterator[Outcome]:
        """An outcome per document, or per file that needs no reading, as it becomes final."""
        found, failures = files.find(paths)
        yield from failures
        done = 0
        self._on_progress(done, len(found))
        steps = ahead(self._steps(found), most=_DOCUMENTS_AHEAD, on_stop=self._reader.stop)
        with self._reader, closing(steps):
            for batch in _batches(steps):
                yield from self._carry_out(batch)
                done += sum(isinstance(step, _Done) for step in batch)
                self._on_progress(done, len(found))
        yield from self._without_file([path.resolve() for path in paths if path.is_dir()], prune=prune)

    # --- what is to be done, found out in a thread

    def _steps(self, found: Sequence[File]) -> Generator[_Step, None, None]:
        with self._index.latest() as archive:
            for file in found:
                try:
                    yield from self._steps_of(file, archive)
                except UnreadableFile as error:
                    yield Outcome(str(file.path), "failed", str(error), file.name)
                    yield _Done(file)

    def _steps_of(self, file: File, archive: Snapshot) -> Iterator[_Step]:
        path = str(file.path.resolve())
        data = read_bytes(file.path)
        digest = sha256(data).hexdigest()
        stored, entries = archive.file(path), archive.entries_in(path)
        before = files.from_json(stored.stated) if stored else {}
        stated = files.merged(file.stated, _said_on_the_command_line(before), {"": self._stated})
        whole = StoredFile(path, digest, files.as_json(stated))
        if stored == whole:
            yield Outcome(_called(file, entries), "unchanged", file=file.name)
        elif not entries and digest in self._pending:
            yield Outcome(file.name, "duplicate", f"the same as {self._pending[digest]}", file.name)
        elif not entries and (twins := [t for t in archive.files_of(digest) if t.path not in self._read_again]):
            yield self._seen_before(twins, file, archive)
        else:
            self._read_again.add(path)
            as_before = {
                entry.sha256
                for entry in entries
                if files.fields_at(before, entry.place) == files.fields_at(stated, entry.place)
            }
            yield from self._steps_within(file, data, whole, entries, as_before, stated, archive)
            return
        yield _Done(file)

    def _seen_before(self, twins: Sequence[StoredFile], file: File, archive: Snapshot) -> _Step:
        """A file whose very bytes are stored already: moved, where the other is gone, else a duplicate."""
        gone = [twin for twin in twins if not Path(twin.path).exists() and twin.path not in self._moved]
        name = _called(file, archive.entries_in((gone or twins)[0].path))
        if gone:
            self._moved.add(gone[0].path)
            return _Moved(gone[0].path, file, Outcome(name, "unchanged", f"now at {file.path}", file.name))
        return Outcome(file.name, "duplicate", f"the same as {name}", file.name)

    def _steps_within(
        self,
        file: File,
        data: bytes,
        whole: StoredFile,
        entries: Sequence[Entry],
        as_before: set[str],
        stated: Mapping[str, files.Fields],
        archive: Snapshot,
    ) -> Iterator[_Step]:
        """Read a file and tell of each document in it whether it is new, changed, or only in another place."""
        name = _base_name(entries) or self._free_name(file, archive)
        self._names.add(name)
        self._pending[whole.sha256] = name
        before = _Before(entries)
        known = as_before if any(entry.place for entry in entries) else set()
        complete = True
        for part in self._reader.parts(data, name, known=known):
            place = part.name[len(name) :]
            was_there = before.see(place)
            if part.reason:
                complete = False
                yield Outcome(part.name if place else str(file.path), "failed", part.reason, file.name)
            elif part.sha256 in as_before and (entry := before.take(part.sha256, place)):
                if entry.place != place:
                    yield _Renumbered(entry, part.name, whole.path + place)
                yield Outcome(part.name, "unchanged", file=file.name)
            elif place and (twin := self._twin(part, archive, as_before, whole.path)):
                complete = False
                yield Outcome(part.name, "duplicate", f"the same as {twin}", file.name)
            else:
                yield self._ready(part, file, whole.path + place, files.fields_at(stated, place), was_there=was_there)
        yield _Done(file, whole if complete else None, before.gone())

    def _twin(self, part: Part, archive: Snapshot, as_before: set[str], path: str) -> str | None:
        """Another document of the same content, stored already or about to be."""
        for entry in archive.entries_of(part.sha256):
            if entry.file not in self._read_again or (entry.file == path and part.sha256 in as_before):
                return entry.header.name
        return self._pending.get(part.sha256)

    def _ready(
        self, part: Part, file: File, source: str, stated: Mapping[str, Field], *, was_there: bool
    ) -> _Ready | Outcome:
        assert part.document is not None
        document = part.document.stating(stated)
        passages = split(document, self._embedder)
        if not passages:
            reason = "holds no sentence, only furniture such as menus or notices"
            return Outcome(str(file.path) if source == str(file.path) else part.name, "failed", reason, file.name)
        self._pending[part.sha256] = part.name
        return _Ready(document, passages, source, file, part.sha256, "updated" if was_there else "added")

    def _free_name(self, file: File, archive: Snapshot) -> str:
        """The file's name, with as many of the folders above it as it takes to be the only one."""
        name = file.name
        for folder in file.folders_above():
            if name not in self._names and not archive.is_name_taken(name):
                break
            name = f"{folder.name}/{name}"
        return name

    # --- doing it

    def _carry_out(self, batch: Sequence[_Step]) -> Iterator[Outcome]:
        """Embed what is ready in one go, then take the steps in their order."""
        ready = [step for step in batch if isinstance(step, _Ready)]
        texts = [passage.embedded_text() for each in ready for passage in each.passages]
        vectors = self._embedder.embed_passages(texts) if texts else None
        first = 0
        for step in batch:
            if isinstance(step, Outcome):
                yield step
            elif isinstance(step, _Ready):
                assert vectors is not None
                yield self._store(step, vectors[first : first + len(step.passages)])
                first += len(step.passages)
            elif isinstance(step, _Renumbered):
                self._renumber(step)
            elif isinstance(step, _Moved):
                with self._index.transaction() as transaction:
                    transaction.move(step.path, str(step.file.path.resolve()))
                yield step.outcome
            else:
                yield from self._finish(step)

    def _store(self, ready: _Ready, vectors: Vectors) -> Outcome:
        path = str(ready.file.path.resolve())
        with self._index.transaction() as transaction:
            if ready.source != path:
                self._displaced.update(transaction.displace(ready.source))
            transaction.add(
                ready.document, ready.passages, vectors, source=ready.source, file=path, sha256=ready.sha256
            )
        self._pending.pop(ready.sha256, None)
        return Outcome(ready.document.header.name, ready.change, "; ".join(ready.document.notes), ready.file.name)

    def _renumber(self, step: _Renumbered) -> None:
        with self._index.transaction() as transaction:
            self._displaced.update(transaction.displace(step.source))
            transaction.renumber(step.entry.id, step.name, step.source)
        self._displaced.discard(step.entry.id)

    def _finish(self, done: _Done) -> Iterator[Outcome]:
        """Take out what the file holds no more, and note that the rest of it need not be read again."""
        if not (done.gone or self._displaced or done.complete):
            return
        with self._index.transaction() as transaction:
            transaction.remove([*self._displaced, *(entry.id for entry in done.gone)])
            if done.complete:
                transaction.complete(done.complete)
        self._displaced.clear()
        if done.complete:
            self._pending.pop(done.complete.sha256, None)
        for entry in done.gone:
            yield Outcome(entry.header.name, "removed", "its file holds it no more", done.file.name)

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


class _Before:
    """The documents that a file held when it was last stored, and what has become of each."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._left = {entry.place: entry for entry in entries}
        self._places = set(self._left)
        self._seen: set[str] = set()

    def see(self, place: str) -> bool:
        """Note that the file still has a document here; True where it had one before."""
        self._seen.add(place)
        return place in self._places

    def take(self, sha256: str, place: str) -> Entry | None:
        """A document of this content, the one at ``place`` if it is; none is taken twice."""
        here = self._left.get(place)
        if here is None or here.sha256 != sha256:
            here = next((entry for entry in self._left.values() if entry.sha256 == sha256), None)
        return self._left.pop(here.place) if here else None

    def gone(self) -> tuple[Entry, ...]:
        """What the file holds no more, anywhere in it."""
        return tuple(entry for entry in self._left.values() if entry.place not in self._seen)


def split(document: Document, embedder: Embedder) -> list[Passage]:
    """The document's passages as ``embedder`` can read them whole."""
    return chunking.split(document, count=embedder.count_tokens, budget=embedder.max_tokens)


def _batches(steps: Iterator[_Step]) -> Iterator[list[_Step]]:
    """Steps with enough passages between them to be embedded together; those without any need not wait."""
    batch: list[_Step] = []
    passages = 0
    for step in steps:
        batch.append(step)
        passages += len(step.passages) if isinstance(step, _Ready) else 0
        if passages == 0 or passages >= _PASSAGES_AT_ONCE:
            yield batch
            batch, passages = [], 0
    if batch:
        yield batch


def _said_on_the_command_line(stated: Mapping[str, files.Fields]) -> dict[str, dict[str, Field]]:
    """What holds on without being said again: a manifest speaks anew each time, an option once."""
    return {
        place: {name: given for name, given in fields.items() if given.origin.startswith(OPTION)}
        for place, fields in stated.items()
    }


def _called(file: File, entries: Sequence[Entry]) -> str:
    """What to call a stored file: its one document, or else the file itself."""
    return entries[0].header.name if len(entries) == 1 else file.name


def _base_name(entries: Sequence[Entry]) -> str | None:
    """What the names of a file's documents begin with."""
    return entries[0].header.name.removesuffix(entries[0].place) if entries else None


def _is_gone(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders) and not path.exists()
