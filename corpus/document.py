"""What the corpus is made of: documents, the passages cut from them, and where each stands.

Offsets are Python string indexes into the text that was kept, end exclusive. Knows nothing of files,
tokens or stores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

_TITLE_CHARACTERS = 100
_OUTLET_CHARACTERS = 40


@dataclass(frozen=True, order=True)
class Span:
    """The half-open stretch ``text[start:end]``."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def covers(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Header:
    """What is known about a document without its text; an unknown field is None, never a guess.

    ``name`` is the path relative to the folder that was ingested, ``published`` an ISO 8601 date at the
    precision known: ``2022-01-06``, ``2022-01`` or ``2022``, ``language`` an ISO 639-1 code.
    """

    name: str
    title: str | None = None
    outlet: str | None = None
    byline: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None

    def called(self) -> str:
        """The outlet, else the title, else the name."""
        return self.outlet or self.title or self.name

    def line(self) -> str:
        """Title, outlet and date in one line, as put before a passage when it is embedded; may be empty.

        A long title or outlet is cut short here, so that the passage itself always has room.
        """
        parts = (_shortened(self.title, _TITLE_CHARACTERS), _shortened(self.outlet, _OUTLET_CHARACTERS), self.published)
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class Field:
    """One value of a header and, in plain words, where it came from: "front matter", "first line"."""

    value: str
    origin: str


@dataclass(frozen=True)
class Page:
    """A page as it is counted from the first, 1, and the stretch of text on it."""

    number: int
    span: Span


@dataclass(frozen=True)
class Voice:
    """A stretch of a document in which somebody else speaks at length.

    ``source`` is who, as the document names them: an outlet whose article is ``republished``, or one who is
    ``quoted`` in a paragraph of their own.
    """

    span: Span
    source: str
    relation: Literal["republished", "quoted"] = "republished"


@dataclass(frozen=True)
class Quotation:
    """Direct speech: ``span`` covers the words with their marks, ``speaker`` is who said them, as written at
    ``speaker_span``; ``confidence`` is between 0 and 1."""

    span: Span
    speaker: str
    speaker_span: Span
    confidence: float


@dataclass(frozen=True)
class Document:
    """A text as it was read, with its header and what is known of its parts.

    ``furniture`` are the spans that are no text of the document's: kept, never indexed. ``pages`` are empty
    where it has none. ``origins`` say where each field of the header came
    from, ``notes`` in plain words what was assumed while reading, such as an encoding.
    """

    header: Header
    text: str
    furniture: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    voices: tuple[Voice, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    def stating(self, fields: Mapping[str, Field]) -> Document:
        """The same document with these fields of its header, whatever they were."""
        header = replace(self.header, **{name: given.value for name, given in fields.items()})
        return replace(
            self, header=header, origins={**self.origins, **{name: given.origin for name, given in fields.items()}}
        )


@dataclass(frozen=True)
class Passage:
    """An exact slice of a document: ``document_text[start:end] == text``.

    ``sentences`` and ``furniture`` are what lies inside of each, in the document's offsets. Furniture is part of
    the slice, and of nothing that is made from it. ``voices`` and ``pages`` are those that it touches; it lies
    wholly inside a republished voice, or outside of it.
    """

    document: Header
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...] = ()
    furniture: tuple[Span, ...] = ()
    voices: tuple[Voice, ...] = ()
    pages: tuple[Page, ...] = ()

    def source(self, span: Span) -> str | None:
        """Who speaks at ``span``: the outlet, or "Ledger, republished by OUTLET" where another speaks."""
        outlet = self.document.outlet
        # The innermost: in an article that is republished somebody may be quoted.
        voice = min((v for v in self.voices if v.span.covers(span)), key=lambda v: len(v.span), default=None)
        if voice is None:
            return outlet
        carrier = f"by {outlet}" if outlet else f"in “{self.document.called()}”"
        return f"{voice.source}, {voice.relation} {carrier}"

    def page(self, offset: int) -> int | None:
        """The number of the page on which the document's character ``offset`` stands."""
        return next((page.number for page in self.pages if page.span.start <= offset < page.span.end), None)

    def indexed_text(self) -> str:
        """The text without its furniture: what is searched."""
        kept, start = "", self.start
        for span in [*self.furniture, Span(self.end, self.end)]:
            between = self.slice(Span(start, span.start))
            # Furniture is taken out whole; the words before and after it must not become one.
            kept += between if not kept or kept[-1].isspace() or between[:1].isspace() else f" {between}"
            start = span.end
        return kept

    def line(self) -> str:
        """The header's line, before it the outlet whose article is republished here; may be empty."""
        whole = Span(self.start, self.end)
        outlets = [v.source for v in self.voices if v.relation == "republished" and v.span.covers(whole)]
        return " · ".join(filter(None, (*(_shortened(outlet, _OUTLET_CHARACTERS) for outlet in outlets[:1]),
                                        self.document.line())))  # fmt: skip

    def embedded_text(self) -> str:
        """The line and the indexed text: what the embedder reads."""
        line = self.line()
        return f"{line}\n{self.indexed_text()}" if line else self.indexed_text()

    def slice(self, span: Span) -> str:
        """The stretch ``span`` of the document, which lies inside."""
        return self.text[span.start - self.start : span.end - self.start]


def _shortened(value: str | None, characters: int) -> str | None:
    return value if value is None or len(value) <= characters else value[: characters - 1] + "…"
