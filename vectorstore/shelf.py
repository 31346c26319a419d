"""The documents as people look through them: searched, sorted and narrowed, a page at a time.

Knows nothing of passages' vectors or of questions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from corpus.document import Document, Header
from vectorstore import rows as rows_
from vectorstore.filtering import Filter, as_sql
from vectorstore.snapshot import Snapshot
from vectorstore.words import folded

Order = Literal["date", "title", "outlet", "length", "added"]
ORDERS: tuple[Order, ...] = get_args(Order)

COPIES_SHOWN = 12
_KEYS: dict[Order, str] = {
    "date": "first_day {way} NULLS LAST, last_day {way}",
    "title": "folded(coalesce(title, name)) {way}",
    "outlet": "folded(outlet) {way} NULLS LAST, first_day DESC NULLS LAST",
    "length": "length(text) {way}",
    "added": "id {way}",
}


@dataclass(frozen=True)
class Look:
    """What is looked for: every one of ``words`` in the title, outlet, byline or name, however written.

    ``outlet`` is as the archive has it, "" for those without one, None for any. ``since`` and ``until`` are ISO 8601
    dates of any precision; ``undated`` leaves documents without a date only.
    """

    words: str = ""
    outlet: str | None = None
    since: str | None = None
    until: str | None = None
    undated: bool = False
    order: Order = "date"
    descending: bool = True


@dataclass(frozen=True)
class Copy:
    """Another document of nearly the same text, or of the very same bytes."""

    header: Header
    is_exact: bool


@dataclass(frozen=True)
class Shelved:
    """One document on the shelf. Lengths are in characters, ``ingested`` is a UTC time stamp in ISO 8601.

    ``file`` is the path it was read from, ``file_holds`` how many documents came from there; ``copies`` are the first
    COPIES_SHOWN of ``copies_found``.
    """

    header: Header
    file: str
    file_holds: int
    characters: int
    words: int
    furniture_characters: int
    passages: int
    ingested: str
    notes: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = ()
    copies_found: int = 0

    @property
    def furniture_share(self) -> float:
        """Between 0 and 1: how much of the text is furniture, which is never searched."""
        return self.furniture_characters / self.characters if self.characters else 0.0


@dataclass(frozen=True)
class Shelf:
    """One page: the documents from ``first`` on (0 is the first) of the ``found`` that were looked for."""

    look: Look
    documents: tuple[Shelved, ...]
    first: int
    found: int


def read(snapshot: Snapshot, look: Look, *, first: int, count: int) -> Shelf:
    """At most ``count`` documents from the one numbered ``first`` on; from the last page's where there are fewer."""
    connection = snapshot.connection
    ids = _ids(connection, look)
    if first >= len(ids):
        first = max(0, (len(ids) - 1) // count * count)
    documents = tuple(_shelved(connection, id_) for id_ in ids[first : first + count])
    return Shelf(look, documents, first, len(ids))


def outlets(snapshot: Snapshot) -> list[tuple[str, int]]:
    """Each outlet, "" for none known, and how many documents it has; by name."""
    rows = snapshot.connection.execute("SELECT coalesce(outlet, ''), count(*) FROM documents GROUP BY 1")
    return sorted(rows.fetchall(), key=lambda row: folded(row[0]))


def _ids(connection: sqlite3.Connection, look: Look) -> list[int]:
    connection.create_function("folded", 1, lambda text: None if text is None else folded(text), deterministic=True)
    clauses, values = [], []
    condition, given = as_sql(Filter(since=look.since, until=look.until, outlet=look.outlet or None))
    clauses.append(condition)
    values += given
    if look.outlet == "":
        clauses.append("outlet IS NULL")
    if look.undated:
        clauses.append("first_day IS NULL")
    for word in folded(look.words).split():
        clauses.append("instr(folded(name || ' ' || ifnull(title, '') || ' ' || ifnull(outlet, '')"
                       " || ' ' || ifnull(byline, '')), ?)")  # fmt: skip
        values.append(word)
    order = _KEYS[look.order].format(way="DESC" if look.descending else "ASC")
    sql = f"SELECT id FROM documents WHERE {' AND '.join(clauses)} ORDER BY {order}, id DESC"
    return [row[0] for row in connection.execute(sql, values)]


def _shelved(connection: sqlite3.Connection, id_: int) -> Shelved:
    row = connection.execute(
        f"SELECT {rows_.DOCUMENT}, file, sha256, copies, ingested,"
        " (SELECT count(*) FROM passages WHERE document_id = documents.id),"
        " (SELECT count(*) FROM documents others WHERE others.file = documents.file)"
        " FROM documents WHERE id = ?",
        (id_,),
    ).fetchone()
    file, sha256, group, ingested, passages, file_holds = row[-6:]
    document = rows_.document_from(row)
    copies = list(_copies(connection, id_, group, sha256)) if group is not None else []
    return Shelved(
        document.header,
        file,
        file_holds,
        len(document.text),
        len(document.text.split()),
        _furniture(document),
        passages,
        ingested,
        document.notes,
        tuple(copies[:COPIES_SHOWN]),
        len(copies),
    )


def _copies(connection: sqlite3.Connection, id_: int, group: int, sha256: str) -> Iterator[Copy]:
    rows = connection.execute(
        f"SELECT {rows_.HEADER}, sha256 FROM documents WHERE copies = ? AND id <> ? ORDER BY first_day, id",
        (group, id_),
    )
    for row in rows:
        yield Copy(Header(*row[: rows_.HEADER_COLUMNS]), is_exact=bool(sha256) and row[-1] == sha256)


def _furniture(document: Document) -> int:
    """How many characters are furniture, each counted once."""
    total, reached = 0, 0
    for span in sorted(document.furniture):
        total += max(0, span.end - max(span.start, reached))
        reached = max(reached, span.end)
    return total
