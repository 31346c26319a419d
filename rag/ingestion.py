"""From paths to stored documents: find the files, tell what is new, read, split, embed, store.

Each document is stored in a transaction of its own as soon as its vectors are there, and reported only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from corpus import chunking
from corpus.document import Document, Header, Passage
from corpus.errors import UnreadableFile
from corpus.loaders import load, read_bytes, readable_suffixes
from vectorstore.archive import Entry
from vectorstore.base import Embedder
from vectorstore.index import Index

Change = Literal["added", "updated", "unchanged", "duplicate", "removed", "failed"]
_NAME_CHARACTERS, _SUFFIX_CHARACTERS = 100, 10
_PASSAGES_AT_ONCE = 64  # embedded together: enough to sort by length, few enough to lose little to a kill


@dataclass(frozen=True)
class Outcome:
    """What became of one file; ``detail`` says why, or what was assumed."""

    name: str
    change: Change
    detail: str = ""


@dataclass(frozen=True)
class Failure:
    path: str
    reason: str


@dataclass(frozen=True)
class Report:
    """What became of every file of an ingest, by document name."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Report:
        outcomes = list(outcomes)

        def named(change: Change) -> tuple[str, ...]:
            return tuple(outcome.name for outcome in outcomes if outcome.change == change)

        return cls(
            added=named("added"),
            updated=named("updated"),
            unchanged=named("unchanged"),
            duplicates=named("duplicate"),
            removed=named("removed"),
            failed=tuple(Failure(o.name, o.detail) for o in outcomes if o.change == "failed"),
            notes=tuple(f"{o.name}: {o.detail}" for o in outcomes if o.detail and o.change != "failed"),
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _File:
    path: Path
    name: str  # relative to the folder that was given


@dataclass(frozen=True)
class _Ready:
    """A document that is read and split, and waits for its vectors."""

    document: Document
    passages: list[Passage]
    source: str
    sha256: str
    change: Change


class Ingestion:
    """One run over some paths; iterate ``outcomes`` to carry it out. The caller holds the archive's writer lock."""

    def __init__(self, index: Index, embedder: Embedder, on_progress: Callable[[int, int], None]) -> None:
        self._index = index
        self._embedder = embedder
        self._on_progress = on_progress
        self._known = _Known(self._entries())

    def outcomes(self, paths: Sequence[Path], *, prune: bool = False) -> Iterator[Outcome]:
        """An outcome per file, as it becomes final."""
        files, failures = _find(paths)
        yield from failures
        waiting: list[_Ready] = []
        for number, file in enumerate(files, start=1):
            self._on_progress(number - 1, len(files))
            result = self._read(file)
            if isinstance(result, Outcome):
                yield result
                continue
            waiting.append(result)
            if sum(len(ready.passages) for ready in waiting) >= _PASSAGES_AT_ONCE:
                yield from self._store(waiting)
                waiting = []
        yield from self._store(waiting)
        self._on_progress(len(files), len(files))
        if prune:
            yield from self._prune([path.resolve() for path in paths if path.is_dir()])

    def _entries(self) -> list[Entry]:
        with self._index.snapshot() as snapshot:
            return snapshot.entries()

    def _read(self, file: _File) -> Outcome | _Ready:
        source = str(file.path.resolve())
        try:
            data = read_bytes(file.path)
            digest = sha256(data).hexdigest()
            known = self._known.at(source)
            if known and known.sha256 == digest:
                return Outcome(known.header.name, "unchanged")
            twin = self._known.twin(digest)
            if known is None and twin:
                return self._seen_before(twin, file, source)
            name = known.header.name if known else self._known.free_name(file)
            document = load(data, name)
            passages = split(document, self._embedder)
            if not passages:
                raise UnreadableFile("holds no sentence, only furniture such as menus or notices")
        except UnreadableFile as error:
            return Outcome(str(file.path), "failed", str(error))
        self._known.note(source, digest, name)
        return _Ready(document, passages, source, digest, "updated" if known else "added")

    def _seen_before(self, twin: Entry, file: _File, source: str) -> Outcome:
        """A file whose very bytes are stored already: moved, where the other is gone, else a duplicate."""
        if twin.id and not Path(twin.source).exists():
            self._index.move(twin, source)
            self._known.move(twin, source)
            return Outcome(twin.header.name, "unchanged", f"now at {file.path}")
        return Outcome(file.name, "duplicate", f"the same as {twin.header.name}")

    def _store(self, waiting: Sequence[_Ready]) -> Iterator[Outcome]:
        texts = [passage.embedded_text() for ready in waiting for passage in ready.passages]
        vectors = self._embedder.embed_passages(texts)
        first = 0
        for ready in waiting:
            rows = vectors[first : first + len(ready.passages)]
            first += len(ready.passages)
            self._index.add(ready.document, ready.passages, rows, source=ready.source, sha256=ready.sha256)
            yield Outcome(ready.document.header.name, ready.change, "; ".join(ready.document.notes))

    def _prune(self, folders: Sequence[Path]) -> Iterator[Outcome]:
        """Take out documents of these folders whose files are gone."""
        for entry in self._entries():
            source = Path(entry.source)
            if any(source.is_relative_to(folder) for folder in folders) and not source.exists():
                self._index.remove([entry])
                yield Outcome(entry.header.name, "removed", "its file is gone")


class _Known:
    """What the archive holds, by place, by content and by name; grows as the run goes on."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by_source = {entry.source: entry for entry in entries}
        self._by_sha256 = {entry.sha256: entry for entry in entries}
        self._names = {entry.header.name for entry in entries}

    def at(self, source: str) -> Entry | None:
        return self._by_source.get(source)

    def twin(self, digest: str) -> Entry | None:
        return self._by_sha256.get(digest)

    def free_name(self, file: _File) -> str:
        """The file's name, with as many of the folders above it as it takes to be the only one."""
        name, above = file.name, list(file.path.resolve().parents)[len(Path(file.name).parts) - 1 :]
        for folder in above:
            if name not in self._names:
                break
            name = f"{folder.name}/{name}"
        return name

    def move(self, entry: Entry, source: str) -> None:
        """The same document, read from elsewhere from now on."""
        del self._by_source[entry.source]
        self._by_source[source] = self._by_sha256[entry.sha256] = replace(entry, source=source)

    def note(self, source: str, digest: str, name: str) -> None:
        """A document that this run stores, in the place of what was read from ``source`` before."""
        before = self._by_source.get(source)
        if before and self._by_sha256.get(before.sha256) == before:
            del self._by_sha256[before.sha256]  # its old content is nobody's twin any more
        self._names.add(name)
        self._by_source[source] = self._by_sha256[digest] = Entry(0, Header(name), source, digest)


def split(document: Document, embedder: Embedder) -> list[Passage]:
    """The document's passages as ``embedder`` can read them whole."""
    return chunking.split(document, count=embedder.count_tokens, budget=embedder.max_tokens)


def _find(paths: Sequence[Path]) -> tuple[list[_File], list[Outcome]]:
    """The files to read, folders walked in order of name, and what cannot even be looked at."""
    files: dict[Path, _File] = {}
    failures: list[Outcome] = []
    suffixes = set(readable_suffixes())
    for path in paths:
        if not path.exists() and not path.is_symlink():
            failures.append(Outcome(str(path), "failed", "does not exist; check the path"))
        elif path.is_dir():
            found = [f for f in sorted(path.rglob("*")) if not f.is_dir() and _is_visible(f.relative_to(path))]
            readable = [f for f in found if f.suffix.lower() in suffixes]
            if not readable:
                others = f" ({len(found)} of other formats)" if found else ""
                reason = f"holds no file we can read{others}; readable: {' '.join(sorted(suffixes))}"
                failures.append(Outcome(str(path), "failed", reason))
            for file in readable:
                files.setdefault(file, _File(file, file.relative_to(path).as_posix()))
        else:
            files.setdefault(path, _File(path, path.name))
    return list(files.values()), failures


def _is_visible(path: Path) -> bool:
    return not any(part.startswith(".") for part in path.parts)


def safe_file_name(name: str) -> str:
    """The last part of a name from elsewhere, without what a file system or a screen could trip over."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(". ")
    stem, dot, suffix = kept.rpartition(".")
    if not dot:
        stem, suffix = kept, ""
    return f"{stem[:_NAME_CHARACTERS] or 'document'}{dot}{suffix[:_SUFFIX_CHARACTERS]}"
