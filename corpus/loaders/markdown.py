"""Markdown files, with YAML front matter where there is any; this file is the only home of yaml."""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.dates import written_date
from corpus.decoding import decode
from corpus.document import Document, Field, Span
from corpus.invisible import visible
from corpus.understanding import understand_visible

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
    "url": ("url", "link", "canonical", "canonical_url", "permalink"),
    "language": ("language", "lang", "locale"),
}
_SIMPLE = re.compile(r"^(?P<key>[A-Za-z][\w-]*)[ \t]*:[ \t]+(?P<value>\S[^\r\n]*)", re.MULTILINE)


def load(data: bytes, name: str) -> Document:
    """The Markdown as it stands in the file; its front matter is furniture and gives the header."""
    text, notes = decode(data)
    seen = visible(text)
    text, notes = seen.text, (*notes, *seen.notes())
    front = _FRONT_MATTER.match(text[:_FRONT_MATTER_CHARACTERS])
    if front and front["fields"].strip() and not _FIELD.match(front["fields"]):
        front = None
    stated = _stated(front["fields"]) if front else {}
    heading = _HEADING.search(text, front.end() if front else 0)
    if heading:
        stated.setdefault("title", Field(heading["title"], "first heading"))
    if not front:
        return understand_visible(text, name, stated=stated, notes=notes)
    # Blank lines in its place keep the front matter from being read as text, and every offset as it is.
    document = understand_visible("\n" * front.end() + text[front.end() :], name, stated=stated, notes=notes)
    return replace(document, text=text, furniture=(Span(front.start(), front.end()), *document.furniture))


def _stated(front_matter: str) -> dict[str, Field]:
    import yaml

    try:
        # The base loader makes nothing but text, lists and mappings: a title "No" stays what it is.
        parsed = yaml.load(front_matter, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError):
        # People write "title: Mill: it burned", which is no YAML; what is plainly a field is read all the same.
        parsed = {match["key"]: _unquoted(match["value"]) for match in _SIMPLE.finditer(front_matter)}
    if not isinstance(parsed, dict):
        return {}
    values = {str(key).lower(): _as_text(value) for key, value in parsed.items()}
    known: dict[str, str | None] = {
        field: next((value for key in keys if (value := values.get(key))), None) for field, keys in _FIELDS.items()
    }
    known["published"] = written_date(known["published"] or "")
    return {field: Field(value, "front matter") for field, value in known.items() if value}


def _unquoted(value: str) -> str | None:
    """The value of a simple line; what opens a bracket, a block or a reference is none."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return None if value[0] in "[{|>&*!" else value


def _as_text(value: object) -> str | None:
    """A plain value, or a list of them; anything nested says nothing that we know how to read."""
    parts = value if isinstance(value, list) else [value]
    return ", ".join(" ".join(part.split()) for part in parts if isinstance(part, str) and part not in _NOTHING) or None
