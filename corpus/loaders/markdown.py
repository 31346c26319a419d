"""Markdown files, with YAML front matter where there is any; this file is the only home of yaml."""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.dates import written_date
from corpus.document import Document, Header, Span
from corpus.loaders.decoding import decode
from corpus.loaders.text import document_from

_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(?P<fields>(?s:.*?))^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE
)
_FRONT_MATTER_CHARACTERS = 100_000
_FIELD = re.compile(r"(?:[ \t]*(?:#.*)?\r?\n)*[\w-]+[ \t]*:(?:\s|\Z)")  # tells fields from text between two rules
_HEADING = re.compile(r"^#[ \t]+(?P<title>\S.{0,300}?)[ \t]*#*[ \t]*\r?$", re.MULTILINE)
_NOTHING = ("", "~", "null")
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
    front = _FRONT_MATTER.match(text[:_FRONT_MATTER_CHARACTERS])
    if front and front["fields"].strip() and not _FIELD.match(front["fields"]):
        front = None
    if front:
        header = _header_from(front["fields"], name)
    heading = _HEADING.search(text, front.end() if front else 0)
    if heading and header.title is None:
        header = replace(header, title=heading["title"])
    if not front:
        return document_from(text, header, notes=tuple(notes))
    # Blank lines in its place keep the front matter from being read as text, and every offset as it is.
    document = document_from("\n" * front.end() + text[front.end() :], header, notes=tuple(notes))
    return replace(document, text=text, furniture=(Span(front.start(), front.end()), *document.furniture))


def _header_from(fields: str, name: str) -> Header:
    import yaml

    try:
        # The base loader makes nothing but text, lists and mappings: a title "No" stays what it is.
        parsed = yaml.load(fields, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError):
        return Header(name)
    if not isinstance(parsed, dict):
        return Header(name)
    values = {str(key).lower(): _as_text(value) for key, value in parsed.items()}
    known: dict[str, str] = {}
    for field, keys in _FIELDS.items():
        value = next((value for key in keys if (value := values.get(key))), None)
        if value:
            known[field] = value
    published = written_date(known.pop("published", ""))
    return replace(Header(name, **known), published=published)


def _as_text(value: object) -> str | None:
    """A plain value, or a list of them; anything nested says nothing that we know how to read."""
    parts = value if isinstance(value, list) else [value]
    return ", ".join(" ".join(part.split()) for part in parts if isinstance(part, str) and part not in _NOTHING) or None
