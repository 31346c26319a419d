"""What was taken out of the archive, and all it takes to put it back: the file, its name, and what was said of it.

Knows stored documents and their files. Takes nothing out itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.keeping import files
from rag.keeping.files import Fields, File
from rag.keeping.report import Outcome
from vectorstore.snapshot import Snapshot
from vectorstore.stored import Entry


@dataclass(frozen=True)
class Taken:
    """Documents of one file that are to go, by name. ``called`` is what the file's documents' names begin with,
    ``stated`` what was said of them once and holds on."""

    names: tuple[str, ...]
    file: Path
    called: str
    stated: Mapping[str, Fields] = field(default_factory=dict)


def about(entries: Iterable[Entry], snapshot: Snapshot) -> list[Taken]:
    """What is to be known of these documents once they are gone, a Taken for each file."""
    of_file: dict[str, list[Entry]] = {}
    for entry in entries:
        of_file.setdefault(entry.file, []).append(entry)
    return [_taken(path, inside, snapshot) for path, inside in of_file.items()]


def files_of(taken: Sequence[Taken]) -> tuple[list[File], list[Outcome]]:
    """The files to read so that what was taken out comes back, and the manifests that cannot be used."""
    found, failures = files.named({each.file: each.called for each in taken})
    stated = {each.file: each.stated for each in taken}
    return [replace(file, stated=files.merged(file.stated, stated[file.path])) for file in found], failures


def _taken(path: str, entries: Sequence[Entry], snapshot: Snapshot) -> Taken:
    stored = snapshot.file(path)
    options = files.options_in(files.from_json(stored.stated)) if stored else {}
    called = entries[0].header.name.removesuffix(entries[0].place)
    return Taken(tuple(entry.header.name for entry in entries), Path(path), called, options)
