"""Compare files with what is stored of them: the steps that bring the archive up to date.

Reads files and the archive, writes nothing. The steps are carried out in their order and some time after they were
found; what this run has found is remembered here, since the archive may not say so yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from corpus.document import Document, Field, Passage
from corpus.errors import UnreadableFile
from corpus.loaders import read_bytes
from corpus.reading import Part, Reader
from rag.keeping import files
from rag.keeping.files import File
from rag.keeping.report import Change, Outcome
from rag.keeping.splitting import split
from vectorstore.base import Embedder
from vectorstore.snapshot import Snapshot
from vectorstore.stored import Entry, StoredFile


@dataclass(frozen=True)
class Ready:
    """A document that is read and split, and waits for its vectors; ``stated`` is what was said of it elsewhere."""

    document: Document
    passages: list[Passage]
    source: str
    sha256: str
    stated: str
    change: Change
    file: File
    stored_file: StoredFile


@dataclass(frozen=True)
class Placed:
    """A stored document that now stands elsewhere in its file, or in another file."""

    entry: Entry
    name: str
    source: str
    stored_file: StoredFile


@dataclass(frozen=True)
class Moved:
    """A stored file that now lies elsewhere."""

    path: str
    to: str


@dataclass(frozen=True)
class Done:
    """The end of a file: what to note of it, which documents it holds no more, and the names that are nobody's now."""

    file: File
    note: StoredFile | None = None
    gone: Sequence[Entry] = ()
    names_gone: Sequence[str] = ()


Step = Outcome | Ready | Placed | Moved | Done

_NEVER = "read again"  # no content has this digest, and what cannot be read has none at all


class Comparison:
    """One run over files, in one thread."""

    def __init__(
        self,
        archive: Snapshot,
        reader: Reader,
        embedder: Embedder,
        stated: Mapping[str, Field],
        *,
        anew: bool = False,
    ) -> None:
        """``archive`` is looked at anew each time; ``stated`` are fields that hold for every document of this run.

        With ``anew`` what is stored counts as changed: all of it is read, and stored again, as far as it can be read.
        """
        self._anew = anew
        self._archive = archive
        self._reader = reader
        self._embedder = embedder
        self._stated = stated
        self._seen: set[str] = set()  # files of this run
        self._read: set[str] = set()  # those of them that were read: what is stored of them may be out of date
        self._names: set[str] = set()  # of the files read
        self._held: dict[str, str] = {}  # content found in files that were read, and what its document is called
        self._placed: set[int] = set()  # documents that were found in another file than they are stored with
        self._former_names: dict[str, str] = {}  # what the names of those began with, by the file they were in
        self._kept: set[int] = set()  # documents of files read in which their place cannot be read any more
        self._moved: set[str] = set()  # where files lay that were found elsewhere
        self._now: dict[str, str | None] = {}  # what files hold that others were compared with; None: unreadable

    def steps(self, found: Iterable[File]) -> Iterator[Step]:
        """What to do about each file, a Done at the end of each."""
        for file in found:
            try:
                yield from self._steps_of(file)
            except UnreadableFile as error:
                yield Outcome(str(file.path), "failed", str(error), file.name)
                yield Done(file)

    def _steps_of(self, file: File) -> Iterator[Step]:
        data = read_bytes(file.path)
        path, digest = str(file.path.resolve()), sha256(data).hexdigest()
        if path in self._seen:  # it was given twice, once through a link
            yield Done(file)
            return
        self._seen.add(path)
        stored, entries = self._stored(path)
        moved = None
        if not entries and digest not in self._held and (moved := self._moved_from(digest)):
            yield Moved(moved.path, path)
            self._moved.add(moved.path)
            _, inside = self._stored_as_it_was(moved.path)
            entries = [replace(each, file=path, source=path + each.place) for each in inside]
            stored = replace(moved, path=path)
        before = files.from_json(stored.stated) if stored else {}
        stated = files.merged(file.stated, files.options_in(before), {"": self._stated})
        whole = StoredFile(path, digest, files.as_json(stated))
        if stored == whole and not self._anew:
            name = _called(file, entries)
            if moved:
                self._held[digest], self._now[moved.path] = name, digest
            yield Outcome(name, "unchanged", f"now at {file.path}" if moved else "", file.name)
            yield Done(file)
        elif not entries and (name := self._held.get(digest) or self._stored_elsewhere(digest) or ""):
            yield Outcome(file.name, "duplicate", f"the same as {name}", file.name)
            yield Done(file)
        else:
            self._read.update({path, moved.path} if moved else {path})
            yield from self._steps_within(file, data, whole, stored, entries, stated)

    def _stored(self, path: str) -> tuple[StoredFile | None, list[Entry]]:
        return (None, []) if path in self._moved else self._stored_as_it_was(path)

    def _stored_as_it_was(self, path: str) -> tuple[StoredFile | None, list[Entry]]:
        entries = [entry for entry in self._archive.entries_in(path) if entry.id not in self._placed]
        return self._archive.file(path), entries

    def _moved_from(self, digest: str) -> StoredFile | None:
        """A stored file of these bytes that is not where it was."""
        for twin in self._archive.files_of(digest):
            if twin.path not in self._read and twin.path not in self._moved and self._on_disk(twin.path) is None:
                return twin
        return None

    def _stored_elsewhere(self, digest: str) -> str | None:
        """What a stored file of these bytes is called that is where it was."""
        for twin in self._archive.files_of(digest):
            if twin.path not in self._read and self._on_disk(twin.path) == digest:
                entries = self._archive.entries_in(twin.path)
                return entries[0].header.name if len(entries) == 1 else Path(twin.path).name
        return None

    def _on_disk(self, path: str) -> str | None:
        """The SHA-256 of a file as it is now, None where it cannot be read; each is looked at once."""
        if path not in self._now:
            try:
                self._now[path] = sha256(read_bytes(Path(path))).hexdigest()
            except UnreadableFile:
                self._now[path] = None
        return self._now[path]

    def _is_as_read(self, entry: Entry) -> bool:
        """True where the file of a stored document still is what the document was read from."""
        if not entry.place:
            return self._on_disk(entry.file) == entry.sha256
        stored = self._archive.file(entry.file)
        return stored is not None and stored.sha256 == self._on_disk(entry.file)

    # --- within a file

    def _steps_within(
        self,
        file: File,
        data: bytes,
        whole: StoredFile,
        stored: StoredFile | None,
        entries: Sequence[Entry],
        stated: Mapping[str, files.Fields],
    ) -> Iterator[Step]:
        """Read a file and tell of each document in it whether it is new, changed, or only in another place."""
        path = whole.path
        name = _base_name(entries) if entries else self._former_names.get(path) or self._free_name(file)
        self._names.add(name)
        before = _Before([replace(entry, sha256=_NEVER) for entry in entries] if self._anew else entries)
        known = before.known(said="" if set(stated) - {""} else _said(stated, ""))
        complete, holds, changes = True, False, False
        try:
            for part in self._reader.parts(data, name, known=known):
                place = part.name[len(name) :]
                before.see(place, part.sha256 if not part.reason else "")
                for step in self._steps_of_part(part, file, path + place, whole, before, _said(stated, place)):
                    changes = changes or not isinstance(step, Outcome)
                    refused = isinstance(step, Outcome) and step.change in ("failed", "duplicate")
                    complete, holds = complete and not refused, holds or not refused
                    yield step
        except UnreadableFile:
            self._read.discard(path)
            self._now[path] = None  # what is stored of it stays, unless it is found elsewhere
            raise
        if holds:
            self._held.setdefault(whole.sha256, name)
        self._kept.update(before.kept())
        note = replace(whole, complete=complete)
        gone = before.gone()
        yield Done(file, note if changes or gone or note != stored else None, gone, before.names_gone())

    def _steps_of_part(
        self, part: Part, file: File, source: str, whole: StoredFile, before: _Before, said: str
    ) -> Iterator[Step]:
        place = source[len(whole.path) :]
        if part.reason:
            before.keep(place)
            yield Outcome(part.name if place else str(file.path), "failed", part.reason, file.name)
        elif entry := before.take(part.sha256, part.stated + said, place):
            self._held[part.sha256] = part.name
            if entry.place != place:
                yield Placed(entry, part.name, source, whole)
            yield Outcome(part.name, "unchanged", file=file.name)
        elif self._anew and before.had(place):
            step = self._ready(part, file, source, said, "updated", whole)
            if isinstance(step, Outcome):
                before.keep(place)
            yield step
        elif twin := self._twin(part):
            yield Outcome(part.name if place else file.name, "duplicate", f"the same as {twin}", file.name)
        elif entry := self._adrift(part):
            self._placed.add(entry.id)
            self._former_names[entry.file] = _base_name([entry])
            yield Placed(entry, part.name, source, whole)
            if entry.stated == part.stated + said:
                self._held[part.sha256] = part.name
                yield Outcome(part.name, "unchanged", f"was {entry.header.name}", file.name)
            else:
                yield self._ready(part, file, source, said, "updated", whole)
        else:
            step = self._ready(part, file, source, said, "updated" if before.had(place) else "added", whole)
            if isinstance(step, Outcome):
                before.keep(place)
            yield step

    def _twin(self, part: Part) -> str | None:
        """What another document of the same content is called, stored already or about to be."""
        if held := self._held.get(part.sha256):
            return held
        entries = self._entries_elsewhere(part)
        return next((e.header.name for e in entries if e.id not in self._kept and self._is_as_read(e)), None)

    def _adrift(self, part: Part) -> Entry | None:
        """A document of the same content whose file is not what it was any more."""
        return next(iter(self._entries_elsewhere(part)), None)

    def _entries_elsewhere(self, part: Part) -> list[Entry]:
        """Stored documents of the same content, in files of which this run has found nothing newer."""
        entries = self._archive.entries_of(part.sha256)
        return [e for e in entries if e.id not in self._placed and (e.file not in self._read or e.id in self._kept)]

    def _ready(
        self, part: Part, file: File, source: str, said: str, change: Change, whole: StoredFile
    ) -> Ready | Outcome:
        assert part.document is not None
        document = part.document.stating(files.fields_from_json(said))
        passages = split(document, self._embedder)
        if not passages:
            reason = "holds no sentence, only furniture such as menus or notices"
            return Outcome(str(file.path) if source == whole.path else part.name, "failed", reason, file.name)
        self._held[part.sha256] = part.name
        return Ready(document, passages, source, part.sha256, part.stated + said, change, file, whole)

    def _free_name(self, file: File) -> str:
        """The file's name, with as many of the folders above it as it takes to be the only one."""
        name = file.name
        for folder in file.folders_above():
            if name not in self._names and not self._archive.is_name_taken(name):
                break
            name = f"{folder.name}/{name}"
        return name


class _Before:
    """The documents that a file held when it was last stored, and what has become of each."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._left = {entry.place: entry for entry in entries}
        self._places = {entry.place for entry in entries if not entry.is_displaced}
        self._names = {entry.place: entry.header.name for entry in entries}
        self._by_content: dict[tuple[str, str], list[Entry]] = {}
        for entry in entries:
            self._by_content.setdefault((entry.sha256, entry.stated), []).append(entry)
        self._seen: set[str] = set()
        self._found: set[str] = set()
        self._kept: set[str] = set()

    def known(self, *, said: str) -> set[str]:
        """What need not be read again where ``said`` is what is said of every document of the file."""
        found = (entry for entry in self._left.values() if said and entry.place and entry.stated.endswith(said))
        return {entry.sha256 + entry.stated.removesuffix(said) for entry in found}

    def see(self, place: str, sha256: str) -> None:
        """The file has something here: of this content, or nothing that can be read where that is empty."""
        self._seen.add(place)
        self._found.add(sha256)

    def had(self, place: str) -> bool:
        """True where the file had a document here before."""
        return place in self._places

    def take(self, sha256: str, stated: str, place: str) -> Entry | None:
        """A document of this content, the one at ``place`` if it is; none is taken twice."""
        found = self._by_content.get((sha256, stated), [])
        here = next((entry for entry in found if entry.place == place), None) or (found[0] if found else None)
        if here is not None:
            found.remove(here)
            del self._left[here.place]
        return here

    def keep(self, place: str) -> None:
        """What is here now cannot be read: the document that was here stays."""
        self._kept.add(place)

    def kept(self) -> set[int]:
        """The documents that stay so."""
        return {entry.id for entry in self._left.values() if self._stays(entry)}

    def gone(self) -> tuple[Entry, ...]:
        """What the file holds no more, or has stored anew."""
        return tuple(entry for entry in self._left.values() if not self._stays(entry))

    def _stays(self, entry: Entry) -> bool:
        return entry.place in self._kept and entry.sha256 not in self._found

    def names_gone(self) -> tuple[str, ...]:
        """The names of places that the file has no more."""
        gone = self._places - self._seen
        return tuple(name for place, name in self._names.items() if place in gone)


def _said(stated: Mapping[str, files.Fields], place: str) -> str:
    return files.fields_as_json(files.fields_at(stated, place))


def _called(file: File, entries: Sequence[Entry]) -> str:
    """What to call a stored file: its one document, or else the file itself."""
    return entries[0].header.name if len(entries) == 1 else file.name


def _base_name(entries: Sequence[Entry]) -> str:
    """What the names of a file's documents begin with."""
    return entries[0].header.name.removesuffix(entries[0].place)
