"""The SQLite file: documents, passages, vectors and a numbered log of changes. It is the truth.

A document goes in, or out, in one transaction; once that has committed it is ours for good. Knows nothing of
the derived indexes, of embedders or of files. Document and passage ids are never used twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

import numpy
from numpy.typing import NDArray

from corpus import copies
from corpus.dates import first_day, last_day
from corpus.document import Document, Header, Passage, Span
from vectorstore import rows as rows_
from vectorstore import schema
from vectorstore.base import Record, Vectors
from vectorstore.errors import ArchiveDamaged, ArchiveUnavailable

Id = TypeVar("Id", int, str)
_CANDIDATES = 20  # documents compared closely with a new one
_BATCH = 500  # ids in one statement; SQLite takes 32,766


@dataclass(frozen=True)
class Entry:
    """A stored document without its text: what is needed to tell whether a file is already here.

    ``source`` is the absolute path it was read from and where in that file, ``file`` the path alone; ``copies`` a
    number that it shares with documents of nearly the same text, None where there are none; ``stated`` what was
    said of it elsewhere, as ``add`` was given it.
    """

    id: int
    header: Header
    source: str
    file: str
    sha256: str
    copies: int | None
    stated: str

    @property
    def place(self) -> str:
        """Where in its file the document stands: empty where it is all of it, else as "#12" or "/inside/a.txt"."""
        return self.source[len(self.file) :]

    @property
    def is_displaced(self) -> bool:
        """True where another has taken its place, and the run that did it was stopped before it said what of this."""
        return self.place.endswith(f"~{self.id}")


@dataclass(frozen=True)
class StoredFile:
    """A file that stored documents were read from; ``stated`` is what was said of them beside it, as JSON.

    ``sha256`` is empty where it was not read to the end, ``complete`` says whether all that it holds is stored.
    """

    path: str
    sha256: str
    stated: str
    complete: bool = True


@dataclass(frozen=True)
class Change:
    """Line ``n`` of the log: a document's passages came or went."""

    n: int
    kind: Literal["add", "remove"]
    document_id: int
    passage_ids: range


@dataclass(frozen=True)
class Filter:
    """Which documents count: published in a period, by an outlet, of a name; None means any.

    ``outlets``, ``voices`` and ``bylines`` are as the archive has them: from one of these outlets, or with an article
    that is republished from one of these voices; and with one of these bylines. Empty means any.
    """

    since: str | None = None
    until: str | None = None
    outlet: str | None = None
    documents: tuple[str, ...] | None = None
    outlets: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()

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
                schema.prepare(connection)
        with self.read() as snapshot:
            found = snapshot.meta("schema")
        if found != str(schema.VERSION):
            raise ArchiveDamaged(f"{path} has layout {found}, this version reads {schema.VERSION}; upgrade citedesk")

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with self._connection() as connection:
            connection.execute("BEGIN")
            yield Snapshot(connection)

    @contextmanager
    def latest(self) -> Iterator[Snapshot]:
        """What is committed by now, anew at each look: for the one who writes."""
        with self._connection() as connection:
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

    def id(self) -> str:
        """Tells this archive from any other, and from itself before a backup was put in its place."""
        return self.meta("archive") or ""

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
        return self._entries("1")

    def entry(self, name: str) -> Entry | None:
        return next(iter(self._entries("name = ?", name)), None)

    def is_name_taken(self, name: str) -> bool:
        """True where a document is called so, or is inside of a file that is."""
        sql = "SELECT 1 FROM documents WHERE name = ?1 OR (name > ?1 || '#' AND name < ?1 || '$')"
        sql += " OR (name > ?1 || '/' AND name < ?1 || '0') LIMIT 1"
        return self._connection.execute(sql, (name,)).fetchone() is not None

    def entries_of(self, sha256: str) -> list[Entry]:
        """The documents read from these very bytes."""
        return self._entries("sha256 = ?", sha256)

    def entries_in(self, file: str) -> list[Entry]:
        """The documents that a file holds, as it was when they were stored."""
        return self._entries("file = ?", file)

    def copies(self, names: Sequence[str]) -> dict[str, tuple[Header, ...]]:
        """For each of these documents that has near-identical ones: all of them, itself among them, oldest first."""
        groups: dict[int, list[str]] = {}
        for batch in _batches(names):
            rows = self._connection.execute(
                f"SELECT copies, name FROM documents WHERE copies IS NOT NULL AND name IN ({_marks(batch)})", batch
            )
            for group, name in rows:
                groups.setdefault(group, []).append(name)
        members = {group: tuple(entry.header for entry in self._by_age(group)) for group in groups}
        return {name: members[group] for group, named in groups.items() for name in named}

    def _by_age(self, group: int) -> list[Entry]:
        return sorted(self._entries("copies = ?", group), key=lambda entry: (entry.header.published or "9", entry.id))

    def _entries(self, condition: str, *values: str | int) -> list[Entry]:
        rows = self._connection.execute(
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
        rows = self._connection.execute(
            f"SELECT path, sha256, stated, complete FROM files WHERE {condition} ORDER BY path", (value,)
        )
        return [StoredFile(path, sha256, stated, bool(complete)) for path, sha256, stated, complete in rows]

    def paths(self) -> list[str]:
        """Every file that stored documents were read from."""
        return [row[0] for row in self._connection.execute("SELECT DISTINCT file FROM documents ORDER BY file")]

    def document(self, name: str) -> Document | None:
        row = self._connection.execute(f"SELECT {rows_.DOCUMENT} FROM documents WHERE name = ?", (name,)).fetchone()
        return rows_.document_from(row) if row else None

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """The passages that are alive among ``ids``."""
        found: dict[int, Passage] = {}
        for batch in _batches(ids):
            rows = self._connection.execute(
                f"SELECT {rows_.PASSAGE}, passages.id FROM passages"
                f" JOIN documents ON documents.id = document_id WHERE passages.id IN ({_marks(batch)})",
                batch,
            )
            found.update((row[rows_.PASSAGE_COLUMNS], rows_.passage_from(row)) for row in rows)
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

    def places(self) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
        """Every passage id, in order, and the document that each is of."""
        rows = self._connection.execute("SELECT id, document_id FROM passages").fetchall()
        both = numpy.array(sorted(rows), dtype=numpy.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def passage_ids(self) -> set[int]:
        return {row[0] for row in self._connection.execute("SELECT id FROM passages")}

    def documents_within(self, condition: Filter) -> list[int]:
        """The ids of the documents that a filter lets through; an undated document is in no period."""
        where, values = _where(condition)
        if condition.documents is None:  # an index has all that is asked for; names would have every document read
            return [row[0] for row in self._connection.execute(f"SELECT id FROM documents WHERE {where}", values)]
        rows = self._connection.execute(f"SELECT id, name FROM documents WHERE {where}", values)
        return [id_ for id_, name in rows if name in condition.documents]

    def has_any_within(self, condition: Filter) -> bool:
        """True where a filter lets a document through."""
        where, values = _where(condition)
        rows = self._connection.execute(f"SELECT name FROM documents WHERE {where}", values)
        return any(condition.documents is None or name in condition.documents for (name,) in rows)

    def sources(self) -> tuple[list[str], list[str], list[str]]:
        """The outlets, the bylines, and the sources of republished articles, each as written and once."""
        outlets, bylines = (
            [row[0] for row in self._connection.execute(
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
        rows = self._connection.execute(
            f"SELECT DISTINCT json_extract(value, '$[2]') FROM documents, json_each({column})"
            f" WHERE {column} <> '[]' AND {condition} ORDER BY 1"
        )
        return [row[0] for row in rows]

    def quoted(self, names: Sequence[str]) -> dict[str, list[tuple[Span, str]]]:
        """For each of these documents that has quotations: where each is, and its speaker as written there."""
        found: dict[str, list[tuple[Span, str]]] = {}
        for batch in _batches(names):
            rows = self._connection.execute(
                f"SELECT name, quotations FROM documents WHERE quotations <> '[]' AND name IN ({_marks(batch)})", batch
            )
            for name, stored in rows:
                found[name] = [(Span(start, end), speaker) for start, end, speaker, *_ in json.loads(stored)]
        return found

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
        return int(self._connection.execute(sql).fetchone()[0])

    def notes(self) -> dict[str, str]:
        """All that the archive notes of itself."""
        return dict(self._connection.execute("SELECT key, value FROM meta"))

    def vectors(self) -> tuple[list[int], Vectors]:
        """Every passage id, and the matrix of their vectors in the same order."""
        rows = self._connection.execute("SELECT passage_id, vector FROM vectors ORDER BY passage_id").fetchall()
        joined = numpy.frombuffer(b"".join(row[1] for row in rows), dtype="<f4")
        return [row[0] for row in rows], joined.reshape(len(rows), -1 if rows else 0)

    def vectors_of(self, ids: Sequence[int]) -> tuple[list[int], list[int], Vectors]:
        """Of the passages that are alive among ``ids``, by id: ids, their documents' ids, and vectors in rows."""
        rows: list[tuple[int, int, bytes]] = []
        for batch in _batches(ids):
            rows += self._connection.execute(
                "SELECT passages.id, document_id, vector FROM passages JOIN vectors ON passage_id = passages.id"
                f" WHERE passages.id IN ({_marks(batch)})",
                batch,
            )
        rows.sort()
        joined = numpy.frombuffer(b"".join(vector for _, _, vector in rows), dtype="<f4")
        return [row[0] for row in rows], [row[1] for row in rows], joined.reshape(len(rows), -1 if rows else 0)


class Transaction(Snapshot):
    """A snapshot that may change the archive; nothing is kept unless all of it is."""

    def set_meta(self, values: Mapping[str, str]) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Vectors,
        *,
        source: str,
        file: str,
        sha256: str,
        stated: str = "{}",
    ) -> None:
        """Store a document under its name, in place of whatever has this name or was read from the same source."""
        for passage in passages:
            if document.text[passage.start : passage.end] != passage.text:
                raise ValueError(f"{document.header.name}: a passage is no slice of its document")
        self.remove(self._ids_at(source, document.header.name))
        columns = {
            **rows_.document_columns(document),
            "source": source,
            "file": file,
            "sha256": sha256,
            "stated": stated,
            "ingested": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        cursor = self._connection.execute(
            f"INSERT INTO documents ({', '.join(columns)}) VALUES ({_marks(columns)})", list(columns.values())
        )
        document_id = cursor.lastrowid or 0
        self._add_passages(document_id, passages, vectors)
        self._join_copies(document_id, document)

    def note(self, file: StoredFile) -> None:
        """Keep what is known of a file, so that it need not be read again; of one without documents nothing is kept."""
        row = (file.path, file.sha256, file.stated, int(file.complete))
        self._connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", row)
        self._forget_if_empty(file.path)

    def _forget_if_empty(self, path: str) -> None:
        empty = "NOT EXISTS (SELECT 1 FROM documents WHERE file = ?1)"
        self._connection.execute(f"DELETE FROM files WHERE path = ?1 AND {empty}", (path,))

    def _read_again(self, path: str) -> None:
        """A file has to be read again: not all it holds is stored any more."""
        self._connection.execute("UPDATE files SET complete = 0 WHERE path = ?", (path,))
        self._forget_if_empty(path)

    def replace_passages(self, entry: Entry, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Other passages and vectors for a document that stays as it is, as after a change of embedder."""
        self._log_removal(entry.id)
        self._connection.execute("DELETE FROM passages WHERE document_id = ?", (entry.id,))
        self._add_passages(entry.id, passages, vectors)

    def remove(self, ids: Iterable[int]) -> None:
        """Take out those of the documents that are there."""
        for id_ in ids:
            row = self._connection.execute("SELECT file, copies FROM documents WHERE id = ?", (id_,)).fetchone()
            if row is None:
                continue
            file, group = row
            self._log_removal(id_)
            self._connection.execute("DELETE FROM documents WHERE id = ?", (id_,))
            self._read_again(file)
            if group is not None:
                self._group_again(group)

    def move(self, path: str, to: str) -> None:
        """The same file now lies elsewhere, with all that it holds."""
        there = "SELECT ?2 || substr(source, length(?1) + 1) FROM documents WHERE file = ?1"
        in_the_way = self._connection.execute(f"SELECT id FROM documents WHERE source IN ({there})", (path, to))
        self.remove([row[0] for row in in_the_way])
        self._connection.execute(
            "UPDATE documents SET file = ?2, source = ?2 || substr(source, length(?1) + 1) WHERE file = ?1", (path, to)
        )
        self._connection.execute("UPDATE OR REPLACE files SET path = ?2 WHERE path = ?1", (path, to))

    def displace(self, source: str, name: str) -> list[int]:
        """Have whatever was read from ``source``, or is called so, make room until it is removed or placed anew."""
        ids = self._ids_at(source, name)
        for id_ in ids:
            self._connection.execute(
                "UPDATE documents SET name = name || '~' || id, source = source || '~' || id WHERE id = ?", (id_,)
            )
        return ids

    def place(self, entry: Entry, *, name: str, source: str, file: str) -> None:
        """Give a document another place: its file was changed around it, or another file holds it now."""
        self._connection.execute(
            "UPDATE documents SET name = ?, source = ?, file = ? WHERE id = ?", (name, source, file, entry.id)
        )
        if entry.file != file:
            self._read_again(entry.file)

    def _ids_at(self, source: str, name: str) -> list[int]:
        rows = self._connection.execute("SELECT id FROM documents WHERE source = ? OR name = ?", (source, name))
        return [row[0] for row in rows]

    def _join_copies(self, document_id: int, document: Document) -> None:
        """Put a document into one group with those that say nearly the same."""
        sketch = copies.sketch(document)
        alike: dict[int, int] = {}
        for band, value in enumerate(sketch):
            rows = self._connection.execute(
                f"SELECT document_id FROM sketches WHERE band = ? AND value = ? LIMIT {_CANDIDATES}", (band, value)
            )
            for (other,) in rows:
                alike[other] = alike.get(other, 0) + 1
        self._connection.executemany(
            "INSERT INTO sketches VALUES (?, ?, ?)", [(band, value, document_id) for band, value in enumerate(sketch)]
        )
        for other in sorted(alike, key=lambda id_: -alike[id_])[:_CANDIDATES]:
            text = f"SELECT {rows_.DOCUMENT}, copies FROM documents WHERE id = ?"
            row = self._connection.execute(text, (other,)).fetchone()
            if copies.are_alike(document, rows_.document_from(row)):
                group = row[-1] if row[-1] is not None else other
                self._connection.execute(
                    "UPDATE documents SET copies = ? WHERE id IN (?, ?)", (group, document_id, other)
                )
                return

    def _group_again(self, group: int) -> None:
        """Put those of a group together that are alike without the one that has left it."""
        rows = self._connection.execute(f"SELECT id, {rows_.DOCUMENT} FROM documents WHERE copies = ?", (group,))
        left = {row[0]: rows_.document_from(row[1:]) for row in rows.fetchmany(_CANDIDATES + 1)}
        if len(left) > _CANDIDATES:
            return  # of so many, one is hardly all that holds them together
        while left:
            first = min(left)
            alike = {first: left.pop(first)}
            for one in (waiting := [alike[first]]):
                near = {id_: other for id_, other in left.items() if copies.are_alike(one, other)}
                alike.update(near)
                waiting.extend(near.values())
                left = {id_: other for id_, other in left.items() if id_ not in near}
            number = first if len(alike) > 1 else None
            self._connection.execute(f"UPDATE documents SET copies = ? WHERE id IN ({_marks(alike)})", (number, *alike))

    def _add_passages(self, document_id: int, passages: Sequence[Passage], vectors: Vectors) -> None:
        first = self.last_passage_id() + 1
        self._connection.executemany(
            f"INSERT INTO passages VALUES ({_marks(range(9))})",
            [(first + i, document_id, *rows_.passage_columns(passage)) for i, passage in enumerate(passages)],
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


def _where(condition: Filter) -> tuple[str, list[str]]:
    """A filter as SQL, but for the names of documents."""
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
    sources = [f"outlet IN ({_marks(condition.outlets)})"] if condition.outlets else []
    if condition.voices:
        voice = f"json_extract(value, '$[2]') IN ({_marks(condition.voices)})"
        voice += " AND json_extract(value, '$[3]') = 'republished'"
        sources.append(f"(voices <> '[]' AND EXISTS (SELECT 1 FROM json_each(documents.voices) WHERE {voice}))")
    if sources:
        clauses.append(f"({' OR '.join(sources)})")
        values.extend((*condition.outlets, *condition.voices))
    if condition.bylines:
        clauses.append(f"byline IN ({_marks(condition.bylines)})")
        values.extend(condition.bylines)
    return " AND ".join(clauses), values


def _batches(ids: Sequence[Id]) -> Iterator[list[Id]]:
    for start in range(0, len(ids), _BATCH):
        yield list(ids[start : start + _BATCH])


def _marks(batch: Collection[object]) -> str:
    return ", ".join("?" * len(batch))
