"""Plain text files."""

from __future__ import annotations

from corpus.decoding import decode
from corpus.document import Document
from corpus.understanding import understand


def load(data: bytes, name: str) -> Document:
    """The text as it stands in the file, with the header that its first lines give."""
    text, notes = decode(data)
    return understand(text, name, notes=notes)
