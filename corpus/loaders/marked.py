"""A text of which the format itself shows that parts are none of it: a running header, a quoted message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from corpus.document import Document, Field, Page, Span
from corpus.invisible import visible
from corpus.understanding import understand_visible


def understand_unmarked(
    text: str,
    name: str,
    *,
    stated: Mapping[str, Field],
    marked: Sequence[Span],
    pages: Sequence[Page] = (),
    notes: Sequence[str] = (),
) -> Document:
    """The document of this text, understood as if the ``marked`` stretches, in order and apart, were not there.

    They are its furniture. A running header over the first page is no headline, and a quoted message no text.
    """
    seen = visible(text)
    text, notes = seen.text, (*notes, *seen.notes())
    marked = [span for each in marked if (span := seen.span(each))]
    pages = [replace(page, span=span) for page in pages if (span := seen.span(page.span))]
    # Blank lines in their place keep them from being read, and every offset as it is.
    blank = _with(text, marked, "\n" * len(text))
    document = understand_visible(blank, name, stated=stated, pages=pages, notes=notes)
    readable = text.encode("utf-8", "replace").decode("utf-8")  # half a pair of surrogates cannot be kept
    return replace(
        document, text=_with(document.text, marked, readable), furniture=tuple(sorted({*document.furniture, *marked}))
    )


def _with(text: str, spans: Sequence[Span], other: str) -> str:
    """The text with what stands at ``spans`` in the ``other``, which is as long."""
    kept, start = [], 0
    for span in spans:
        kept += [text[start : span.start], other[span.start : span.end]]
        start = span.end
    return "".join([*kept, text[start:]])
