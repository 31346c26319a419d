"""Markdown files, with YAML front matter where there is any; this file is the only home of yaml."""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.dates import written_date
from corpus.document import Document, Header, Span
from corpus.loaders.decoding import decode
from corpus.loaders.text import document_from

_FRONT_MATTER = re.compile(r"\A\ufeff?---\s*\n(?P<fields>.*?)\n(?:---|\.\.\.)\s*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^#\s+(?P<title>.+?)\s*#*\s*$", re.MULTILINE)
_FIELDS = {
    "title": ("title", "headline"),
    "outlet": ("outlet", "source", "publication", "site"),
    "byline": ("byline", "author", "authors"),
    "published": ("published", "published_at", "date"),
    "url": ("url", "link", "canonical"),
}


def load(data: bytes, name: str) -> Document:
    """The Markdown as it stands in the file; its front matter is furniture and gives the header."""
    text, notes = decode(data)
    header = Header(name)
    front = _FRONT_MATTER.match(text)
    if front:
        header = _header_from(front["fields"], name)
    heading = _HEADING.search(text)
    if heading and header.title is None:
        header = replace(header, title=heading["title"])
    document = document_from(text, header, notes=tuple(notes))
    marked = {*document.furniture}
    if front:
        marked = {span for span in marked if span.start >= front.end()} | {Span(front.start(), front.end())}
    return replace(document, furniture=tuple(sorted(marked)))


def _header_from(fields: str, name: str) -> Header:
    import yaml

    try:
        parsed = yaml.safe_load(fields)
    except yaml.YAMLError:
        return Header(name)  # a rule between two lines, or YAML of another kind: nothing to take from it
    if not isinstance(parsed, dict):
        return Header(name)
    values = {str(key).lower(): value for key, value in parsed.items() if value not in (None, "")}
    known: dict[str, str] = {}
    for field, keys in _FIELDS.items():
        value = next((values[key] for key in keys if key in values), None)
        if value is not None:
            known[field] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    published = written_date(known.pop("published", ""))
    return replace(Header(name, **known), published=published)
