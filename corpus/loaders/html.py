"""HTML pages: their main text and metadata, by trafilatura; this file is its only home."""

from __future__ import annotations

import re

from corpus.dates import date_in_address, written_date
from corpus.document import Document, Header
from corpus.errors import UnreadableFile
from corpus.loaders.decoding import decode
from corpus.loaders.text import document_from
from corpus.metadata import outlet_of_address

_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_HEAD_BYTES = 2048
_DATES = {"min_date": "1500-01-01", "original_date": True}  # by default htmldate sees nothing before 1995


def load(data: bytes, name: str) -> Document:
    """The page's main text, one line per paragraph: this text is what is kept, cut and cited."""
    declared = _DECLARED.search(data[:_HEAD_BYTES])
    markup, notes = decode(data, declared[1].decode("ascii") if declared else None)
    from trafilatura import bare_extraction

    page = bare_extraction(
        markup,
        favor_recall=True,
        include_comments=False,
        include_tables=True,
        with_metadata=True,
        date_extraction_params=_DATES,
    )
    if page is None or not (page.text or "").strip():
        raise UnreadableFile("holds no main text that we can tell from menus and scripts; save it as .txt")
    header = Header(
        name,
        title=page.title or None,
        outlet=page.sitename or (outlet_of_address(page.url) if page.url else None),
        byline=page.author or None,
        published=written_date(page.date) if page.date else date_in_address(page.url or ""),
        url=page.url or None,
    )
    return document_from(page.text, header, notes=tuple(notes))
