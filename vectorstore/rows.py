"""Documents and passages as rows of the archive, and back: spans, pages and voices are kept as JSON.

Knows columns and values. Knows nothing of connections.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from corpus.dates import first_day, last_day
from corpus.document import Document, Header, Page, Passage, Quotation, Span, Voice

HEADER = "documents.name, title, outlet, byline, published, url, language"
DOCUMENT = (
    f"{HEADER}, documents.text, documents.furniture, notes, documents.pages, documents.voices, quotations, origins"
)
PASSAGE = f"{HEADER}, start, end, passages.text, sentences, passages.furniture, passages.voices, passages.pages"
HEADER_COLUMNS, PASSAGE_COLUMNS = 7, 14


def document_from(row: Sequence[Any]) -> Document:
    """From the columns of ``DOCUMENT``."""
    text, furniture, notes, pages, voices, quotations, origins = row[HEADER_COLUMNS:14]
    return Document(
        Header(*row[:HEADER_COLUMNS]),
        text,
        furniture=_spans(furniture),
        notes=tuple(json.loads(notes)),
        pages=_pages(pages),
        voices=_voices(voices),
        quotations=tuple(
            Quotation(Span(start, end), speaker, Span(speaker_start, speaker_end), confidence)
            for start, end, speaker, speaker_start, speaker_end, confidence in json.loads(quotations)
        ),
        origins=json.loads(origins),
    )


def document_columns(document: Document) -> dict[str, Any]:
    """The columns of a document's row, but for those that say where it came from."""
    header, published = document.header, document.header.published
    return {
        "name": header.name,
        "title": header.title,
        "outlet": header.outlet,
        "byline": header.byline,
        "published": published,
        "url": header.url,
        "language": header.language,
        "first_day": first_day(published).isoformat() if published else None,
        "last_day": last_day(published).isoformat() if published else None,
        "text": document.text,
        "furniture": _json_of_spans(document.furniture),
        "notes": json.dumps(document.notes),
        "pages": _json_of_pages(document.pages),
        "voices": _json_of_voices(document.voices),
        "quotations": json.dumps(
            [
                [q.span.start, q.span.end, q.speaker, q.speaker_span.start, q.speaker_span.end, q.confidence]
                for q in document.quotations
            ]
        ),
        "origins": json.dumps(dict(document.origins)),
    }


def passage_from(row: Sequence[Any]) -> Passage:
    """From the columns of ``PASSAGE``."""
    start, end, text, sentences, furniture, voices, pages = row[HEADER_COLUMNS:PASSAGE_COLUMNS]
    return Passage(
        Header(*row[:HEADER_COLUMNS]),
        start,
        end,
        text,
        _spans(sentences),
        _spans(furniture),
        _voices(voices),
        _pages(pages),
    )


def passage_columns(passage: Passage) -> tuple[Any, ...]:
    """Start, end, text, sentences, furniture, voices and pages, in that order."""
    return (
        passage.start,
        passage.end,
        passage.text,
        _json_of_spans(passage.sentences),
        _json_of_spans(passage.furniture),
        _json_of_voices(passage.voices),
        _json_of_pages(passage.pages),
    )


def _spans(stored: str) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in json.loads(stored))


def _json_of_spans(spans: Sequence[Span]) -> str:
    return json.dumps([[span.start, span.end] for span in spans])


def _pages(stored: str) -> tuple[Page, ...]:
    return tuple(Page(number, Span(start, end)) for number, start, end in json.loads(stored))


def _json_of_pages(pages: Sequence[Page]) -> str:
    return json.dumps([[page.number, page.span.start, page.span.end] for page in pages])


def _voices(stored: str) -> tuple[Voice, ...]:
    return tuple(Voice(Span(start, end), source, relation) for start, end, source, relation in json.loads(stored))


def _json_of_voices(voices: Sequence[Voice]) -> str:
    return json.dumps([[voice.span.start, voice.span.end, voice.source, voice.relation] for voice in voices])
