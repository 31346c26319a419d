"""What the archive says of a stored document, of a file it came from, and of a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from corpus.document import Header


@dataclass(frozen=True)
class Entry:
    """A stored document without its text: what is needed to tell whether a file is already here.

    ``source`` is the absolute path it was read from and where in that file, ``file`` the path alone; ``copies`` a
    number that it shares with documents of nearly the same text, None where there are none; ``stated`` what was
    said of it elsewhere, as ``add`` was given it.
    """

    id: int
    header: Header
    source: str
    file: str
    sha256: str
    copies: int | None
    stated: str

    @property
    def place(self) -> str:
        """Where in its file the document stands: empty where it is all of it, else as "#12" or "/inside/a.txt"."""
        return self.source[len(self.file) :]

    @property
    def is_displaced(self) -> bool:
        """True where another has taken its place, and the run that did it was stopped before it said what of this."""
        return self.place.endswith(f"~{self.id}")


@dataclass(frozen=True)
class StoredFile:
    """A file that stored documents were read from; ``stated`` is what was said of them beside it, as JSON.

    ``sha256`` is empty where it was not read to the end, ``complete`` says whether all that it holds is stored.
    """

    path: str
    sha256: str
    stated: str
    complete: bool = True


@dataclass(frozen=True)
class Change:
    """Line ``n`` of the log: a document's passages came or went."""

    n: int
    kind: Literal["add", "remove"]
    document_id: int
    passage_ids: range
