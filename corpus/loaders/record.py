"""One article as a record of named fields, the way news archives keep them: JSON, or a row of a table."""

from __future__ import annotations

import json
from collections.abc import Mapping

from corpus.dates import written_date
from corpus.decoding import decode
from corpus.document import Document, Field
from corpus.errors import UnreadableFile
from corpus.understanding import understand

_TEXT = ("body", "text", "content", "article", "story", "full_text", "fulltext", "article_text")
_FIELDS = {
    "title": ("title", "headline", "name"),
    "outlet": ("outlet", "source", "publication", "publisher", "site", "newspaper"),
    "byline": ("author", "authors", "byline", "writer", "by"),
    "published": ("published", "published_at", "publishedat", "publish_date", "date", "pubdate", "datepublished"),
    "url": ("url", "link", "canonical", "permalink"),
    "language": ("language", "lang"),
}


def load(data: bytes, name: str) -> Document:
    """The article of a JSON object. Raises UnreadableFile where it is none, or has no text."""
    text, notes = decode(data)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UnreadableFile(f"is not JSON ({error}); mend it, or save it as .txt") from error
    except RecursionError as error:
        raise UnreadableFile("is JSON nested too deeply; save the article as .txt") from error
    if not isinstance(found, dict):
        raise UnreadableFile("is no record: a JSON object with fields such as title and text is needed")
    values = {str(key).strip().lower(): _as_text(value) for key, value in found.items()}
    body_field = next((field for field in _TEXT if values.get(field)), None)
    if body_field is None:
        known = ", ".join(sorted(values)) or "none"
        raise UnreadableFile(f"has no text: none of the fields {', '.join(_TEXT)}; its fields are: {known}")
    return understand(values[body_field], name, stated=_stated(values), notes=notes)


def has_text_field(names: list[str]) -> bool:
    """True where a table with these column names can hold articles."""
    return any(name.strip().lower() in _TEXT for name in names)


def _stated(values: Mapping[str, str]) -> dict[str, Field]:
    stated = {}
    for field, names in _FIELDS.items():
        given = next((each for each in names if values.get(each)), None)
        if given is None:
            continue
        value: str | None = " ".join(values[given].split())
        if field == "published":
            value = written_date(value or "")
        if value:
            stated[field] = Field(value, f"the record's field {given}")
    return stated


def _as_text(value: object) -> str:
    """A plain value, a list of them, or what a nested one is called; anything else says nothing to us."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return ", ".join(part for part in map(_as_text, value) if part)
    if isinstance(value, dict):  # {"source": {"id": …, "name": "Mill Post"}}
        return _as_text(value.get("name"))
    return ""
