"""Give everything back: each document's text as a file, and what is known of it in a manifest beside.

Ingesting the folder makes the same documents again. Knows documents and folders.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from corpus import manifest
from corpus.document import Document, Header
from corpus.errors import BadInput, CiteDeskError
from rag.keeping.files import safe_file_name

_AS_IT_WAS = (".txt", ".text", ".md", ".markdown")  # whose text is kept as it stands in the file
_TEXT = ".txt"


def write(documents: Iterable[Document], folder: Path) -> int:
    """Write each document's text as it is kept, in UTF-8, under its own name; how many there are.

    Raises BadInput where the folder is not empty: an export overwrites nothing.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BadInput(f"{folder} is not empty; name a new folder for the export")
        headers: dict[str, Header] = {}
        for document in documents:
            file = _file_of(document.header.name, headers)
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(document.text.encode())  # not write_text: line ends stay as they are
            headers[file] = document.header
        (folder / manifest.FILE_NAME).write_text(manifest.written(headers), encoding="utf-8", newline="")
    except OSError as error:
        raise CiteDeskError(f"{folder} cannot be written: {error.strerror or error}; name another folder") from error
    return len(headers)


def _file_of(name: str, taken: Iterable[str]) -> str:
    """A path inside the folder for the document ``name``, one that no other has."""
    *folders, last = (safe_file_name(part) for part in name.split("/") if part not in ("", ".", ".."))
    stem, dot, suffix = last.rpartition(".")
    if f"{dot}{suffix}".lower() not in _AS_IT_WAS:
        stem, suffix = last, _TEXT.removeprefix(".")
    others = {file.lower() for file in taken}  # some systems know no capitals
    for number in range(len(others) + 1):
        path = "/".join([*folders, f"{stem}~{number}.{suffix}" if number else f"{stem}.{suffix}"])
        if path.lower() not in others:
            return path
    raise AssertionError("one more name than there are files was not enough")
