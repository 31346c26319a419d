"""Read a file as documents: a table from suffix to loader, one file per format.

A loader takes the bytes and the document's name and gives one Document; it raises UnreadableFile. A container
takes the same and gives the Members inside, each with the suffix of the loader that reads it. To add a format,
write its file and its line in LOADERS or CONTAINERS, or register the entry point group ``citedesk.loaders``
(name: the suffix with its dot; object: the loader).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from stat import S_ISLNK, S_ISREG

from corpus.document import Document
from corpus.errors import UnreadableFile
from corpus.limits import MAX_FILE_BYTES, check_size
from corpus.loaders import csv, docx, eml, epub, html, jsonl, markdown, mbox, mhtml, pdf, record, text, zipped
from corpus.loaders.member import Member
from corpus.loaders.sniffing import suffix_to_read

Loader = Callable[[bytes, str], Document]
Container = Callable[[bytes, str], Iterable[Member]]

LOADERS: dict[str, Loader] = {
    ".txt": text.load,
    ".text": text.load,
    ".md": markdown.load,
    ".markdown": markdown.load,
    ".html": html.load,
    ".htm": html.load,
    ".mhtml": mhtml.load,
    ".mht": mhtml.load,
    ".json": record.load,
    ".pdf": pdf.load,
    ".docx": docx.load,
    ".eml": eml.load,
    ".epub": epub.load,
}
CONTAINERS: dict[str, Container] = {
    ".csv": csv.members,
    ".tsv": csv.members,
    ".jsonl": jsonl.members,
    ".ndjson": jsonl.members,
    ".mbox": mbox.members,
    ".zip": zipped.members,
}


@cache
def loaders() -> dict[str, Loader]:
    """Our loaders and those that installed packages register, by lower-case suffix."""
    registered = {point.name: point.load() for point in entry_points(group="citedesk.loaders")}
    return {**registered, **LOADERS}


def readable_suffixes() -> list[str]:
    return sorted({*loaders(), *CONTAINERS})


def read_bytes(path: Path) -> bytes:
    """The file's content. Raises UnreadableFile for anything but a regular, non-empty file of sane size."""
    try:
        status = path.lstat()
        if S_ISLNK(status.st_mode):
            raise UnreadableFile("is a link; ingest the file it points to")
        if not S_ISREG(status.st_mode):
            raise UnreadableFile("is not a regular file")
        if status.st_size == 0:
            raise UnreadableFile("is empty")
        if status.st_size > MAX_FILE_BYTES:
            raise UnreadableFile(
                f"has {status.st_size / 1e6:.0f} MB, over the limit of {MAX_FILE_BYTES / 1e6:.0f} MB; split it"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFile("does not exist") from error
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {error.strerror or error}") from error


def load(data: bytes, name: str) -> Document:
    """The one document called ``name`` that ``data`` holds, read by the loader of the name's suffix.

    Raises UnreadableFile for an unknown suffix, for bytes that are not what the suffix says, and for text
    that is empty or past our limits.
    """
    suffix, note = suffix_to_read(data, readable_suffix(name))
    return load_as(data, name, suffix, note)


def load_as(data: bytes, name: str, suffix: str, note: str = "") -> Document:
    """The same by the loader of ``suffix``, whatever the name; ``note`` joins the document's own."""
    loader = loaders().get(suffix)
    if loader is None:
        raise UnreadableFile(f"is a {suffix} file, which holds other documents; ingest it on its own")
    document = loader(data, name)
    check_size(document.text)
    return replace(document, notes=(note, *document.notes)) if note else document


def readable_suffix(name: str) -> str:
    """The lower-case suffix of a name. Raises UnreadableFile for one that nothing reads."""
    suffix = Path(name).suffix.lower()
    if suffix not in readable_suffixes():
        known = " ".join(readable_suffixes())
        raise UnreadableFile(f"has no loader for {suffix or 'a name without a suffix'}; readable: {known}")
    return suffix
