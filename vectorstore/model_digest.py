"""What the files of a model are, in one hash: computed once, and again only where a file's size or time has changed.

Knows files. Knows nothing of models; which files matter is said by suffix.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from platformdirs import user_cache_path

_log = logging.getLogger(__name__)
_MATTER = {".safetensors", ".json", ".txt", ".model"}
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Digest:
    """The hash of a model's files; ``is_whole`` where somebody has noted that nothing is missing from them."""

    sha256: str
    is_whole: bool
    note: Path
    files: dict[str, list[int]]

    def note_whole(self) -> None:
        _leave(self.note, self.sha256, self.files, is_whole=True)


def digest(folder: Path, parts: Sequence[str]) -> Digest:
    """Of the files in ``folder`` and in its subfolders ``parts`` that a model is made of."""
    note = user_cache_path("citedesk") / f"model-{sha256(str(folder).encode()).hexdigest()[:16]}.json"
    files = _files(folder, parts)
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
        if known["files"] == files:
            return Digest(str(known["sha256"]), bool(known["is_whole"]), note, files)
    except (OSError, ValueError, KeyError, TypeError):
        pass  # never seen here
    found = _hash(folder, files)
    _leave(note, found, files, is_whole=False)
    return Digest(found, False, note, files)


def _files(folder: Path, parts: Sequence[str]) -> dict[str, list[int]]:
    """Size and time of each file, by its path inside of the folder."""
    places = {folder / part for part in ("", *parts)}
    paths = {path for place in places if place.is_dir() for path in place.iterdir()}
    found = sorted((str(path.relative_to(folder)), path.stat()) for path in paths if path.suffix in _MATTER)
    return {name: [status.st_size, status.st_mtime_ns] for name, status in found}


def _hash(folder: Path, files: dict[str, list[int]]) -> str:
    whole = sha256()
    for name in files:
        one = sha256()
        with (folder / name).open("rb") as file:
            while block := file.read(_BLOCK):
                one.update(block)
        whole.update(f"{name}\0{one.hexdigest()}\n".encode())
    return whole.hexdigest()


def _leave(note: Path, found: str, files: dict[str, list[int]], *, is_whole: bool) -> None:
    fresh = note.with_suffix(f".{os.getpid()}.new")
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps({"sha256": found, "is_whole": is_whole, "files": files}), encoding="utf-8")
        fresh.replace(note)
    except OSError as error:
        _log.info("%s cannot be written (%s): the model is read through again next time", note, error.strerror)
