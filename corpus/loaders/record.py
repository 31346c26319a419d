"""One article as a record of named fields, the way news archives keep them: JSON, or a row of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from corpus.dates import written_date
from corpus.decoding import decode
from corpus.document import Document, Field
from corpus.errors import UnreadableFile
from corpus.loaders.html import plain
from corpus.understanding import understand

NO_RECORD = "is no record: a JSON object with fields such as title and text is needed"
_TEXT = (
    "body", "text", "content", "article", "story", "full_text", "fulltext", "article_text", "bodytext", "body_text",
    "articlebody", "text_content", "textcontent", "inhalt", "volltext", "texte", "contenu",
)  # fmt: skip
_FIELDS = {
    "title": ("title", "headline", "name", "webtitle", "titel", "überschrift", "titre"),
    "outlet": ("outlet", "source", "publication", "publisher", "site", "newspaper", "quelle", "zeitung", "journal"),
    "byline": ("author", "authors", "byline", "writer", "by", "autor", "autorin", "autoren", "auteur", "auteurs"),
    "published": (
        "published", "published_at", "publishedat", "publish_date", "date", "pubdate", "datepublished", "pub_date",
        "date_published", "publication_date", "published_date", "webpublicationdate", "datum", "erschienen",
    ),
    "url": ("url", "link", "canonical", "permalink", "web_url", "weburl"),
    "language": ("language", "lang", "sprache", "langue"),
}  # fmt: skip
_CALLED = ("name", "rendered", "main", "original", "text", "value", "#text")  # what a nested value says itself in
_CUT_OFF = re.compile(r"\s*\[\+(?P<more>\d{1,9}) char(?:acter)?s\]\s*$")
_BY = re.compile(r"^by\s+(?=[A-Z])", re.IGNORECASE)
_RECORD_LISTS = ("articles", "results", "items", "docs", "posts", "entries", "data", "records", "documents", "news")


def load(data: bytes, name: str) -> Document:
    """The article of a JSON object; markup in its text becomes what a reader of the page would see.

    Raises UnreadableFile where it is none, or has no text.
    """
    text, decoded = decode(data)
    notes = [*decoded]
    found = parsed(text)
    if not isinstance(found, dict):
        raise UnreadableFile(NO_RECORD)
    values = _values(found)
    body_field = next((field for field in _TEXT if values.get(field)), None)
    if body_field is None:
        raise UnreadableFile(_without_text(found))
    body, hidden = plain(values[body_field])
    notes += hidden
    if cut := _CUT_OFF.search(body[-100:]):
        notes.append(f"cut off where it comes from: {int(cut['more']):,} more characters are not in the record")
        body = body[: len(body) - len(cut.group())]
    return understand(body, name, stated=_stated(values), notes=notes)


def parsed(text: str) -> object:
    """What the JSON says. Raises UnreadableFile for what is none."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise UnreadableFile(f"is not JSON ({error}); mend it, or save it as .txt") from error
    except RecursionError as error:
        raise UnreadableFile("is JSON nested too deeply; save the article as .txt") from error


def _values(record: Mapping[str, object]) -> dict[str, str]:
    """The record's fields by their names in small letters; those of the article in it, where it is only its wrap."""
    values = {str(key).strip().lower(): _as_text(value) for key, value in record.items()}
    if any(values.get(field) for field in _TEXT):
        return values
    for inner in record.values():
        if isinstance(inner, dict):
            within = {str(key).strip().lower(): _as_text(value) for key, value in inner.items()}
            if any(within.get(field) for field in _TEXT):
                return values | {key: value for key, value in within.items() if value}
    return values


def _without_text(record: Mapping[str, object]) -> str:
    several = next((key for key in record if str(key).lower() in _RECORD_LISTS and isinstance(record[key], list)), None)
    if several is not None:
        return f"holds records in its field {several}, and is none itself; save that list as a .json file of its own"
    empty = [str(key) for key in record if str(key).strip().lower() in _TEXT]
    if empty:
        return f"has no text: its field {empty[0]} is empty"
    known = ", ".join(sorted(str(key).strip().lower() for key in record)) or "none"
    return f"has no text: none of the fields {', '.join(_TEXT)}; its fields are: {known}"


def has_text_field(names: list[str]) -> bool:
    """True where a table with these column names can hold articles."""
    return any(name.strip().lower() in _TEXT for name in names)


def _stated(values: Mapping[str, str]) -> dict[str, Field]:
    stated = {}
    for field, names in _FIELDS.items():
        given = next((each for each in names if values.get(each)), None)
        if given is None:
            continue
        value: str | None = " ".join(plain(values[given])[0].split())
        if field == "published":
            value = written_date(value or "")
        elif field == "byline":
            value = _BY.sub("", value or "") if any(map(str.isalpha, value or "")) else None  # a number of an author
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
        return next((text for key in _CALLED if (text := _as_text(value.get(key)))), "")
    return ""
