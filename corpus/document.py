"""What the corpus is made of: documents, the passages cut from them, and where each stands.

Offsets are Python string indexes into the text that was kept, end exclusive. Knows nothing of files,
tokens or stores.
"""

from __future__ import annotations

from dataclasses import dataclass

_TITLE_CHARACTERS = 100
_OUTLET_CHARACTERS = 40


@dataclass(frozen=True, order=True)
class Span:
    """The half-open stretch ``text[start:end]``."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Header:
    """What is known about a document without its text; an unknown field is None, never a guess.

    ``name`` is the path relative to the folder that was ingested, ``published`` an ISO 8601 date at the
    precision known: ``2022-01-06``, ``2022-01`` or ``2022``.
    """

    name: str
    title: str | None = None
    outlet: str | None = None
    byline: str | None = None
    published: str | None = None
    url: str | None = None

    def line(self) -> str:
        """Title, outlet and date in one line, as put before a passage when it is embedded; may be empty.

        A long title or outlet is cut short here, so that the passage itself always has room.
        """
        parts = (_shortened(self.title, _TITLE_CHARACTERS), _shortened(self.outlet, _OUTLET_CHARACTERS), self.published)
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class Document:
    """A text as it was read, with its header and the spans of it that are furniture.

    ``notes`` say in plain words what was assumed while reading, such as an encoding.
    """

    header: Header
    text: str
    furniture: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passage:
    """An exact slice of a document: ``document_text[start:end] == text``.

    ``sentences`` and ``furniture`` are what lies inside of each, in the document's offsets. Furniture is part of
    the slice, and of nothing that is made from it.
    """

    document: Header
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...] = ()
    furniture: tuple[Span, ...] = ()

    def indexed_text(self) -> str:
        """The text without its furniture: what is searched."""
        kept, start = "", self.start
        for span in [*self.furniture, Span(self.end, self.end)]:
            between = self.slice(Span(start, span.start))
            # Furniture is taken out whole; the words before and after it must not become one.
            kept += between if not kept or kept[-1].isspace() or between[:1].isspace() else f" {between}"
            start = span.end
        return kept

    def embedded_text(self) -> str:
        """The header line and the indexed text: what the embedder reads."""
        line = self.document.line()
        return f"{line}\n{self.indexed_text()}" if line else self.indexed_text()

    def slice(self, span: Span) -> str:
        """The stretch ``span`` of the document, which lies inside."""
        return self.text[span.start - self.start : span.end - self.start]


def _shortened(value: str | None, characters: int) -> str | None:
    return value if value is None or len(value) <= characters else value[: characters - 1] + "…"
