"""The SQLite file: documents, passages, vectors and a numbered log of changes. It is the truth.

A document goes in, or out, in one transaction; once that has committed it is ours for good. Knows nothing of
the derived indexes, of embedders or of files. Document and passage ids are never used twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import numpy

from corpus.dates import first_day, last_day
from corpus.document import Document, Header, Passage, Span
from vectorstore.base import Record, Vectors
from vectorstore.errors import ArchiveDamaged, ArchiveUnavailable

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL UNIQUE,  -- the absolute path it was read from
    sha256 TEXT NOT NULL,         -- of the file's bytes
    title TEXT, outlet TEXT, byline TEXT, published TEXT, url TEXT,
    first_day TEXT, last_day TEXT,  -- what "published" covers, to compare with
    text TEXT NOT NULL,
    furniture TEXT NOT NULL,      -- JSON: [[start, end], ...]
    notes TEXT NOT NULL,          -- JSON: [...]
    ingested TEXT NOT NULL        -- UTC time stamp
) STRICT;
CREATE INDEX documents_by_sha256 ON documents (sha256);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL,
    sentences TEXT NOT NULL, furniture TEXT NOT NULL  -- JSON: [[start, end], ...]
) STRICT;
CREATE INDEX passages_by_document ON passages (document_id);
CREATE TABLE vectors (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    vector BLOB NOT NULL          -- float32, little-endian
) STRICT;
CREATE TABLE changes (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('add', 'remove')),
    document_id INTEGER NOT NULL, first_passage INTEGER NOT NULL, passages INTEGER NOT NULL
) STRICT;
"""
_HEADER = "documents.name, title, outlet, byline, published, url"
_BATCH = 500  # ids in one statement; SQLite takes 32,766


@dataclass(frozen=True)
class Entry:
    """A stored document without its text: what is needed to tell whether a file is already here."""

    id: int
    header: Header
    source: str
    sha256: str


@dataclass(frozen=True)
class Change:
    """Line ``n`` of the log: a document's passages came or went."""

    n: int
    kind: Literal["add", "remove"]
    document_id: int
    passage_ids: range


@dataclass(frozen=True)
class Filter:
    """Which documents count: published in a period, by an outlet, of a name; None means any."""

    since: str | None = None
    until: str | None = None
    outlet: str | None = None
    documents: tuple[str, ...] | None = None

    def __bool__(self) -> bool:
        return self != Filter()


class Archive:
    """One archive.db. Every ``read`` sees one unchanging state; one ``write`` is one transaction."""

    def __init__(self, path: Path) -> None:
        """Opens the file, creating it where there is none. Raises ArchiveDamaged where it cannot be used."""
        self.path = path
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            with _immediate(connection):
                if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                    for statement in _SCHEMA.split(";\n"):
                        connection.execute(statement)
                    values = [("schema", str(_SCHEMA_VERSION)), ("archive", uuid4().hex)]
                    connection.executemany("INSERT INTO meta VALUES (?, ?)", values)
        with self.read() as snapshot:
            found = snapshot.meta("schema")
            self.id = snapshot.meta("archive") or ""
        if found != str(_SCHEMA_VERSION):
            raise ArchiveDamaged(f"{path} has layout {found}, this version reads {_SCHEMA_VERSION}; upgrade citedesk")

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with self._connection() as connection:
            connection.execute("BEGIN")
            yield Snapshot(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Commits at the end, or leaves everything as it was where an exception passes."""
        with self._connection() as connection, _immediate(connection):
            yield Transaction(connection)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            # A stream is read by whichever thread is free, one at a time: the connection goes along with it.
            opened = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            with closing(opened) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                yield connection
        except sqlite3.OperationalError as error:
            raise ArchiveUnavailable(f"{self.path} cannot be used now ({error}); nothing stored is lost") from error
        except sqlite3.IntegrityError:
            raise  # a mistake of ours, not of the file
        except sqlite3.DatabaseError as error:
            raise ArchiveDamaged(
                f"{self.path} cannot be used ({error}); put a backup in its place, or move it away and ingest again"
            ) from error


@contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


class Snapshot:
    """The archive as it was when the reading began."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def meta(self, key: str) -> str | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def head(self) -> int:
        """The number of the newest change; 0 before the first."""
        return int(self._connection.execute("SELECT coalesce(max(n), 0) FROM changes").fetchone()[0])

    def counts(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        row = self._connection.execute("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)")
        documents, passages = row.fetchone()
        return int(documents), int(passages)

    def entries(self) -> list[Entry]:
        """Every document without its text, by name."""
        rows = self._connection.execute(f"SELECT {_HEADER}, id, source, sha256 FROM documents ORDER BY name")
        return [Entry(row[6], Header(*row[:6]), row[7], row[8]) for row in rows]

    def document(self, name: str) -> Document | None:
        row = self._connection.execute(
            f"SELECT {_HEADER}, text, furniture, notes FROM documents WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            return None
        return Document(Header(*row[:6]), row[6], _spans(row[7]), tuple(json.loads(row[8])))

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages that are alive among ``ids``."""
        found: dict[int, Passage] = {}
        for batch in _batches(ids):
            rows = self._connection.execute(
                f"SELECT {_HEADER}, start, end, passages.text, sentences, passages.furniture, passages.id FROM passages"
                f" JOIN documents ON documents.id = document_id WHERE passages.id IN ({_marks(batch)})",
                batch,
            )
            found.update((row[11], _passage(row)) for row in rows)
        return found

    def passage_ids_of(self, document_ids: Sequence[int]) -> dict[int, list[int]]:
        """The passages of each document, in their order."""
        found: dict[int, list[int]] = {id_: [] for id_ in document_ids}
        for batch in _batches(document_ids):
            rows = self._connection.execute(
                f"SELECT document_id, id FROM passages WHERE document_id IN ({_marks(batch)}) ORDER BY id", batch
            )
            for document_id, id_ in rows:
                found[document_id].append(id_)
        return {document_id: ids for document_id, ids in found.items() if ids}

    def passage_ids(self) -> set[int]:
        return {row[0] for row in self._connection.execute("SELECT id FROM passages")}

    def documents_within(self, condition: Filter) -> list[int]:
        """The ids of the documents that a filter lets through; an undated document is in no period."""
        clauses, values = ["1"], []
        if condition.since:
            clauses.append("last_day >= ?")
            values.append(first_day(condition.since).isoformat())
        if condition.until:
            clauses.append("first_day <= ?")
            values.append(last_day(condition.until).isoformat())
        if condition.outlet:
            clauses.append("outlet = ? COLLATE NOCASE")
            values.append(condition.outlet)
        rows = self._connection.execute(f"SELECT id, name FROM documents WHERE {' AND '.join(clauses)}", values)
        return [id_ for id_, name in rows if condition.documents is None or name in condition.documents]

    def coverage(self) -> tuple[str | None, str | None]:
        """The earliest and the latest date of publication, at the precision known."""
        sql = "SELECT published FROM documents WHERE published IS NOT NULL ORDER BY {} LIMIT 1"
        earliest = self._connection.execute(sql.format("first_day")).fetchone()
        latest = self._connection.execute(sql.format("last_day DESC")).fetchone()
        return (earliest[0], latest[0]) if earliest and latest else (None, None)

    def changes_after(self, n: int) -> list[Change]:
        rows = self._connection.execute("SELECT * FROM changes WHERE n > ? ORDER BY n", (n,))
        return [Change(n, kind, document, range(first, first + count)) for n, kind, document, first, count in rows]

    def records(self, document_ids: Iterable[int] | None = None) -> Iterator[Record]:
        """What the derived indexes hold of each passage, document by document; None means of all."""
        if document_ids is None:
            document_ids = [row[0] for row in self._connection.execute("SELECT id FROM documents ORDER BY id")]
        for document_id in document_ids:
            rows = self._connection.execute(
                f"SELECT {_HEADER}, start, end, passages.text, sentences, passages.furniture, passages.id, vector"
                " FROM passages JOIN documents ON documents.id = document_id JOIN vectors ON passage_id = passages.id"
                " WHERE document_id = ? ORDER BY passages.id",
                (document_id,),
            )
            for row in rows:
                passage, vector = _passage(row), numpy.frombuffer(row[12], dtype="<f4")
                yield Record(row[11], document_id, passage.document.line(), passage.indexed_text(), vector)

    def vectors(self) -> tuple[list[int], Vectors]:
        """Every passage id, and the matrix of their vectors in the same order."""
        rows = self._connection.execute("SELECT passage_id, vector FROM vectors ORDER BY passage_id").fetchall()
        joined = numpy.frombuffer(b"".join(row[1] for row in rows), dtype="<f4")
        return [row[0] for row in rows], joined.reshape(len(rows), -1 if rows else 0)


class Transaction(Snapshot):
    """A snapshot that may change the archive; nothing is kept unless all of it is."""

    def set_meta(self, values: Mapping[str, str]) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def add(
        self, document: Document, passages: Sequence[Passage], vectors: Vectors, *, source: str, sha256: str
    ) -> None:
        """Store a document under its name, in place of whatever was read from the same source before."""
        for passage in passages:
            if document.text[passage.start : passage.end] != passage.text:
                raise ValueError(f"{document.header.name}: a passage is no slice of its document")
        self.remove_source(source)
        header, published = document.header, document.header.published
        cursor = self._connection.execute(
            "INSERT INTO documents (name, source, sha256, title, outlet, byline, published, url, first_day, last_day,"
            " text, furniture, notes, ingested) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(header.name, source, sha256, header.title, header.outlet, header.byline, published, header.url),
                *((_day(first_day(published)), _day(last_day(published))) if published else (None, None)),
                document.text,
                _json(document.furniture),
                json.dumps(document.notes),
                datetime.now(UTC).isoformat(timespec="seconds"),
            ),
        )
        document_id = cursor.lastrowid or 0
        self._add_passages(document_id, passages, vectors)

    def replace_passages(self, entry: Entry, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Other passages and vectors for a document that stays as it is, as after a change of embedder."""
        self._log_removal(entry.id)
        self._connection.execute("DELETE FROM passages WHERE document_id = ?", (entry.id,))
        self._add_passages(entry.id, passages, vectors)

    def remove_source(self, source: str) -> None:
        """Take out the document that was read from ``source``, if there is one."""
        row = self._connection.execute("SELECT id FROM documents WHERE source = ?", (source,)).fetchone()
        if row:
            self._log_removal(row[0])
            self._connection.execute("DELETE FROM documents WHERE id = ?", row)

    def move(self, entry: Entry, source: str) -> None:
        """The same file now lies elsewhere."""
        self._connection.execute("UPDATE documents SET source = ? WHERE id = ?", (source, entry.id))

    def _add_passages(self, document_id: int, passages: Sequence[Passage], vectors: Vectors) -> None:
        sql = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'passages'), 0)"
        first = self._connection.execute(sql).fetchone()[0] + 1
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (first + i, document_id, p.start, p.end, p.text, _json(p.sentences), _json(p.furniture))
                for i, p in enumerate(passages)
            ],
        )
        self._connection.executemany(
            "INSERT INTO vectors VALUES (?, ?)",
            [(first + i, vector.astype("<f4").tobytes()) for i, vector in enumerate(vectors)],
        )
        self._log("add", document_id, first, len(passages))

    def _log_removal(self, document_id: int) -> None:
        sql = "SELECT coalesce(min(id), 0), count(*) FROM passages WHERE document_id = ?"
        first, count = self._connection.execute(sql, (document_id,)).fetchone()
        self._log("remove", document_id, first, count)

    def _log(self, kind: str, document_id: int, first: int, count: int) -> None:
        sql = "INSERT INTO changes (kind, document_id, first_passage, passages) VALUES (?, ?, ?, ?)"
        self._connection.execute(sql, (kind, document_id, first, count))


def _passage(row: Sequence[Any]) -> Passage:
    """From the columns of ``_HEADER``, then start, end, text, sentences and furniture."""
    return Passage(Header(*row[:6]), row[6], row[7], row[8], _spans(row[9]), _spans(row[10]))


def _spans(stored: str) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in json.loads(stored))


def _json(spans: Sequence[Span]) -> str:
    return json.dumps([[span.start, span.end] for span in spans])


def _day(day: date) -> str:
    return day.isoformat()


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _BATCH):
        yield list(ids[start : start + _BATCH])


def _marks(batch: Sequence[int]) -> str:
    return ", ".join("?" * len(batch))
