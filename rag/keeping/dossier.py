"""All that is known of one document, and where each piece came from: as lines for people, as JSON for programs.

Knows the document. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from corpus.document import Document, Header, Span

_FIELDS = ("title", "outlet", "byline", "published", "url", "language")
_SHOWN_CHARACTERS = 100


def as_text(document: Document, carriers: Sequence[Header], *, furniture: bool = False) -> str:
    """Each field with its origin, what was found in the text, and, where asked for, its furniture in full."""
    return "\n".join(_lines(document, carriers, furniture=furniture))


def as_json(document: Document, carriers: Sequence[Header]) -> dict[str, Any]:
    """The same with every offset; ``precision`` is of the date of publication: day, month or year."""
    header = document.header
    return {
        "doc": header.name,
        **{field: {"value": getattr(header, field), "origin": document.origins.get(field)} for field in _FIELDS},
        "precision": precision(header.published),
        "notes": list(document.notes),
        "pages": [asdict(page) for page in document.pages],
        "voices": [asdict(voice) for voice in document.voices],
        "quotations": [
            {**asdict(quotation), "text": _cut(document, quotation.span)} for quotation in document.quotations
        ],
        "carriers": [other.name for other in carriers],
        "furniture": [{**asdict(span), "text": _cut(document, span)} for span in document.furniture],
        "characters": len(document.text),
    }


def precision(published: str | None) -> str | None:
    """How much of a date is known."""
    return {4: "year", 7: "month", 10: "day"}[len(published)] if published else None


def _lines(document: Document, carriers: Sequence[Header], *, furniture: bool) -> Iterator[str]:
    header = document.header
    yield header.name
    for field in _FIELDS:
        value = getattr(header, field)
        known = f"known to the {precision(value)}, " if field == "published" and value else ""
        yield f"{field:10} {value}  ({known}from {document.origins.get(field)})" if value else f"{field:10} unknown"
    pages = f", {len(document.pages)} pages" if document.pages else ""
    yield f"{'text':10} {len(document.text):,} characters{pages}"
    for note in document.notes:
        yield f"{'note':10} {note}"
    for other in carriers:
        yield f"{'also in':10} {other.name}  {other.line()}"
    for voice in document.voices:
        yield f"{'voice':10} {voice.source}, {voice.relation}, characters {voice.span.start}-{voice.span.end}"
    for quotation in document.quotations:
        words = _shortened(_cut(document, quotation.span))
        yield f"{'quotation':10} {quotation.speaker} ({quotation.confidence:.2f}): {words}"
    characters = sum(len(span) for span in document.furniture)
    more = "" if furniture or not characters else "; --furniture shows them"
    yield f"{'furniture':10} {len(document.furniture)} stretches, {characters:,} characters, not searched{more}"
    if furniture:
        for span in document.furniture:
            yield f"  {span.start}-{span.end}  {' '.join(_cut(document, span).split())}"


def _cut(document: Document, span: Span) -> str:
    return document.text[span.start : span.end]


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[: _SHOWN_CHARACTERS - 1]}…"
