"""The archive as it was at one moment: everything that is read of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import numpy
from numpy.typing import NDArray

from corpus.document import Document, Header, Passage, Span
from vectorstore import rows as rows_
from vectorstore.base import Record, Vectors
from vectorstore.filtering import Filter, as_sql
from vectorstore.sql import batches, marks
from vectorstore.stored import Change, Entry, StoredFile


class Snapshot:
    """The archive as it was when the reading began."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        """For what else in this room reads the archive."""

    def meta(self, key: str) -> str | None:
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def id(self) -> str:
        """Tells this archive from any other, and from itself before a backup was put in its place."""
        return self.meta("archive") or ""

    def head(self) -> int:
        """The number of the newest change; 0 before the first."""
        return int(self.connection.execute("SELECT coalesce(max(n), 0) FROM changes").fetchone()[0])

    def counts(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        row = self.connection.execute("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)")
        documents, passages = row.fetchone()
        return int(documents), int(passages)

    def entries(self) -> list[Entry]:
        """Every document without its text, by name."""
        return self._entries("1")

    def entry(self, name: str) -> Entry | None:
        return next(iter(self._entries("name = ?", name)), None)

    def is_name_taken(self, name: str) -> bool:
        """True where a document is called so, or is inside of a file that is."""
        sql = "SELECT 1 FROM documents WHERE name = ?1 OR (name > ?1 || '#' AND name < ?1 || '$')"
        sql += " OR (name > ?1 || '/' AND name < ?1 || '0') LIMIT 1"
        return self.connection.execute(sql, (name,)).fetchone() is not None

    def entries_of(self, sha256: str) -> list[Entry]:
        """The documents read from these very bytes."""
        return self._entries("sha256 = ?", sha256)

    def entries_in(self, file: str) -> list[Entry]:
        """The documents that a file holds, as it was when they were stored."""
        return self._entries("file = ?", file)

    def copies(self, names: Sequence[str]) -> dict[str, tuple[Header, ...]]:
        """For each of these documents that has near-identical ones: all of them, itself among them, oldest first."""
        groups: dict[int, list[str]] = {}
        for batch in batches(names):
            rows = self.connection.execute(
                f"SELECT copies, name FROM documents WHERE copies IS NOT NULL AND name IN ({marks(batch)})", batch
            )
            for group, name in rows:
                groups.setdefault(group, []).append(name)
        members = {group: tuple(entry.header for entry in self._by_age(group)) for group in groups}
        return {name: members[group] for group, named in groups.items() for name in named}

    def _by_age(self, group: int) -> list[Entry]:
        return sorted(self._entries("copies = ?", group), key=lambda entry: (entry.header.published or "9", entry.id))

    def _entries(self, condition: str, *values: str | int) -> list[Entry]:
        rows = self.connection.execute(
            f"SELECT {rows_.HEADER}, id, source, file, sha256, copies, stated FROM documents"
            f" WHERE {condition} ORDER BY name",
            values,
        )
        at = rows_.HEADER_COLUMNS
        return [Entry(row[at], Header(*row[:at]), *row[at + 1 :]) for row in rows]

    def file(self, path: str) -> StoredFile | None:
        return next(iter(self._files("path = ?", path)), None)

    def files_of(self, sha256: str) -> list[StoredFile]:
        """The stored files of these very bytes."""
        return self._files("sha256 = ?", sha256)

    def _files(self, condition: str, value: str) -> list[StoredFile]:
        rows = self.connection.execute(
            f"SELECT path, sha256, stated, complete FROM files WHERE {condition} ORDER BY path", (value,)
        )
        return [StoredFile(path, sha256, stated, bool(complete)) for path, sha256, stated, complete in rows]

    def paths(self) -> list[str]:
        """Every file that stored documents were read from."""
        return [row[0] for row in self.connection.execute("SELECT DISTINCT file FROM documents ORDER BY file")]

    def document(self, name: str) -> Document | None:
        row = self.connection.execute(f"SELECT {rows_.DOCUMENT} FROM documents WHERE name = ?", (name,)).fetchone()
        return rows_.document_from(row) if row else None

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages that are alive among ``ids``."""
        found: dict[int, Passage] = {}
        for batch in batches(ids):
            rows = self.connection.execute(
                f"SELECT {rows_.PASSAGE}, passages.id FROM passages"
                f" JOIN documents ON documents.id = document_id WHERE passages.id IN ({marks(batch)})",
                batch,
            )
            found.update((row[rows_.PASSAGE_COLUMNS], rows_.passage_from(row)) for row in rows)
        return found

    def passage_ids_of(self, document_ids: Sequence[int]) -> dict[int, list[int]]:
        """The passages of each document, in their order."""
        found: dict[int, list[int]] = {id_: [] for id_ in document_ids}
        for batch in batches(document_ids):
            rows = self.connection.execute(
                f"SELECT document_id, id FROM passages WHERE document_id IN ({marks(batch)}) ORDER BY id", batch
            )
            for document_id, id_ in rows:
                found[document_id].append(id_)
        return {document_id: ids for document_id, ids in found.items() if ids}

    def places(self) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
        """Every passage id, in order, and the document that each is of."""
        rows = self.connection.execute("SELECT id, document_id FROM passages").fetchall()
        both = numpy.array(sorted(rows), dtype=numpy.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def passage_ids(self) -> set[int]:
        return {row[0] for row in self.connection.execute("SELECT id FROM passages")}

    def documents_within(self, condition: Filter) -> list[int]:
        """The ids of the documents that a filter lets through; an undated document is in no period."""
        where, values = as_sql(condition)
        if condition.documents is None:  # an index has all that is asked for; names would have every document read
            return [row[0] for row in self.connection.execute(f"SELECT id FROM documents WHERE {where}", values)]
        rows = self.connection.execute(f"SELECT id, name FROM documents WHERE {where}", values)
        return [id_ for id_, name in rows if name in condition.documents]

    def names_within(self, condition: Filter, limit: int) -> list[str]:
        """The names of the newest ``limit`` documents that a filter lets through."""
        where, values = as_sql(condition)
        rows = self.connection.execute(
            f"SELECT name FROM documents WHERE {where} ORDER BY id DESC LIMIT ?", (*values, limit)
        )
        return [name for (name,) in rows if condition.documents is None or name in condition.documents]

    def has_any_within(self, condition: Filter) -> bool:
        """True where a filter lets a document through."""
        where, values = as_sql(condition)
        rows = self.connection.execute(f"SELECT name FROM documents WHERE {where}", values)
        return any(condition.documents is None or name in condition.documents for (name,) in rows)

    def sources(self) -> tuple[list[str], list[str], list[str]]:
        """The outlets, the bylines, and the sources of republished articles, each as written and once."""
        outlets, bylines = (
            [row[0] for row in self.connection.execute(
                f"SELECT DISTINCT {column} FROM documents WHERE {column} > '' ORDER BY 1"
            )]
            for column in ("outlet", "byline")
        )  # fmt: skip
        return outlets, bylines, self._of_all("voices", "json_extract(value, '$[3]') = 'republished'")

    def speakers(self) -> list[str]:
        """Whoever is quoted in a document, as written there, each once."""
        quoted = self._of_all("voices", "json_extract(value, '$[3]') = 'quoted'")
        return sorted({*self._of_all("quotations", "1"), *quoted})

    def _of_all(self, column: str, condition: str) -> list[str]:
        """The names that the lists in a column of voices or quotations hold."""
        rows = self.connection.execute(
            f"SELECT DISTINCT json_extract(value, '$[2]') FROM documents, json_each({column})"
            f" WHERE {column} <> '[]' AND {condition} ORDER BY 1"
        )
        return [row[0] for row in rows]

    def quoted(self, names: Sequence[str]) -> dict[str, list[tuple[Span, str]]]:
        """For each of these documents that has quotations: where each is, and its speaker as written there."""
        found: dict[str, list[tuple[Span, str]]] = {}
        for batch in batches(names):
            rows = self.connection.execute(
                f"SELECT name, quotations FROM documents WHERE quotations <> '[]' AND name IN ({marks(batch)})", batch
            )
            for name, stored in rows:
                found[name] = [(Span(start, end), speaker) for start, end, speaker, *_ in json.loads(stored)]
        return found

    def coverage(self) -> tuple[str | None, str | None]:
        """The earliest and the latest date of publication, at the precision known."""
        sql = "SELECT published FROM documents WHERE published IS NOT NULL ORDER BY {} LIMIT 1"
        earliest = self.connection.execute(sql.format("first_day")).fetchone()
        latest = self.connection.execute(sql.format("last_day DESC")).fetchone()
        return (earliest[0], latest[0]) if earliest and latest else (None, None)

    def periods(self) -> list[tuple[str | None, str | None, int]]:
        """How many documents were published from one day to another, in order; both days are None where none is known.

        A day that is known exactly is both. An index has all of it: no document is read.
        """
        sql = "SELECT first_day, last_day, count(*) FROM documents GROUP BY first_day, last_day"
        return [(first, last, int(count)) for first, last, count in self.connection.execute(sql)]

    def changes_after(self, n: int) -> list[Change]:
        rows = self.connection.execute("SELECT * FROM changes WHERE n > ? ORDER BY n", (n,))
        return [Change(n, kind, document, range(first, first + count)) for n, kind, document, first, count in rows]

    def records(self, document_ids: Iterable[int] | None = None) -> Iterator[Record]:
        """What the derived indexes hold of each passage, document by document; None means of all."""
        if document_ids is None:
            document_ids = [row[0] for row in self.connection.execute("SELECT id FROM documents ORDER BY id")]
        for document_id in document_ids:
            rows = self.connection.execute(
                f"SELECT {rows_.PASSAGE}, passages.id, vector"
                " FROM passages JOIN documents ON documents.id = document_id JOIN vectors ON passage_id = passages.id"
                " WHERE document_id = ? ORDER BY passages.id",
                (document_id,),
            )
            for row in rows:
                passage, vector = rows_.passage_from(row), numpy.frombuffer(row[-1], dtype="<f4")
                yield Record(row[-2], document_id, passage.line(), passage.indexed_text(), vector)

    def last_passage_id(self) -> int:
        """The highest number that a passage has ever had; the next one gets the next."""
        sql = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'passages'), 0)"
        return int(self.connection.execute(sql).fetchone()[0])

    def notes(self) -> dict[str, str]:
        """All that the archive notes of itself."""
        return dict(self.connection.execute("SELECT key, value FROM meta"))

    def vectors(self) -> tuple[list[int], Vectors]:
        """Every passage id, and the matrix of their vectors in the same order."""
        rows = self.connection.execute("SELECT passage_id, vector FROM vectors ORDER BY passage_id").fetchall()
        joined = numpy.frombuffer(b"".join(row[1] for row in rows), dtype="<f4")
        return [row[0] for row in rows], joined.reshape(len(rows), -1 if rows else 0)

    def vectors_of(self, ids: Sequence[int]) -> Vectors:
        """The vectors of passages that are alive, in rows, by id."""
        rows: list[tuple[int, bytes]] = []
        for batch in batches(ids):
            rows += self.connection.execute(
                f"SELECT passage_id, vector FROM vectors WHERE passage_id IN ({marks(batch)})", batch
            )
        joined = numpy.frombuffer(b"".join(vector for _, vector in sorted(rows)), dtype="<f4")
        return joined.reshape(len(rows), -1 if rows else 0)
