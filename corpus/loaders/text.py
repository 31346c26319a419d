"""Plain text files."""

from __future__ import annotations

from corpus.boilerplate import furniture
from corpus.document import Document, Header
from corpus.loaders.decoding import decode
from corpus.loaders.limits import check_size
from corpus.metadata import header_of


def load(data: bytes, name: str) -> Document:
    """The text as it stands in the file, with the header that its first lines give."""
    text, notes = decode(data)
    return document_from(text, Header(name), notes=tuple(notes))


def document_from(text: str, known: Header, *, notes: tuple[str, ...] = ()) -> Document:
    """A document of ``text``, its header filled in from its head where ``known`` leaves gaps.

    Raises UnreadableFile for a text past our limits.
    """
    check_size(text)
    header, head = header_of(text, known.name, known=known)
    return Document(header, text, tuple(sorted({*furniture(text), *head})), notes)
