"""What a change of embedder has done so far: passages and vectors in a file of their own, beside the archive.

The archive knows nothing of them until all are there, and then takes them over in one transaction. A process that is
killed loses what it was just embedding. Knows documents by their numbers. Knows nothing of embedders.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy

from corpus.document import Header, Passage
from vectorstore import rows as rows_
from vectorstore.base import Vectors
from vectorstore.errors import ArchiveUnavailable
from vectorstore.stored import Entry

_COLUMNS = "start, end, text, sentences, furniture, voices, pages"
_SCHEMA = f"""
CREATE TABLE staging (target TEXT NOT NULL) STRICT;
CREATE TABLE done (document_id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE passages (document_id INTEGER NOT NULL, {_COLUMNS}, vector BLOB NOT NULL);
CREATE INDEX passages_by_document ON passages (document_id);
"""


class Staging:
    """One file. Only the archive's writer may have it open."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def target(self) -> dict[str, str] | None:
        """What the passages are made for; None where nothing has been begun, or the file is none of ours."""
        if not self.path.is_file():
            return None
        try:
            with closing(sqlite3.connect(self.path, timeout=30)) as connection:
                found = json.loads(connection.execute("SELECT target FROM staging").fetchone()[0])
        except (sqlite3.DatabaseError, TypeError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def begin(self, target: Mapping[str, str]) -> None:
        """Go on with what was begun for ``target``; what was begun for another one is thrown away."""
        if self.target() == target:
            return
        self.discard()
        with self._connection() as connection:
            connection.executescript(f"PRAGMA journal_mode = WAL; BEGIN; {_SCHEMA}")
            connection.execute("INSERT INTO staging VALUES (?)", (json.dumps(dict(target)),))
            connection.execute("COMMIT")

    def discard(self) -> None:
        for name in (self.path.name, f"{self.path.name}-wal", f"{self.path.name}-shm"):
            self.path.with_name(name).unlink(missing_ok=True)

    def done(self) -> set[int]:
        """The documents whose passages are all here."""
        with self._connection() as connection:
            return {row[0] for row in connection.execute("SELECT document_id FROM done")}

    def put(self, made: Sequence[tuple[int, Sequence[Passage], Vectors]]) -> None:
        """Keep the passages of some documents, all or none."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for document_id, passages, vectors in made:
                connection.executemany(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (document_id, *rows_.passage_columns(passage), vector.astype("<f4").tobytes())
                        for passage, vector in zip(passages, vectors, strict=True)
                    ],
                )
                connection.execute("INSERT INTO done VALUES (?)", (document_id,))
            connection.execute("COMMIT")

    def keep(self, document_ids: Iterable[int]) -> None:
        """Drop what belongs to none of these documents: some may have gone since."""
        gone = [(id_,) for id_ in self.done() - set(document_ids)]
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for table in ("passages", "done"):
                connection.executemany(f"DELETE FROM {table} WHERE document_id = ?", gone)
            connection.execute("COMMIT")

    def read(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, list[Passage], Vectors]]:
        """The passages and vectors of each of these documents, in the order given."""
        with self._connection() as connection:
            for entry in entries:
                found = connection.execute(
                    f"SELECT {_COLUMNS}, vector FROM passages WHERE document_id = ? ORDER BY rowid", (entry.id,)
                ).fetchall()
                passages = [_passage(entry.header, row[:-1]) for row in found]
                joined = numpy.frombuffer(b"".join(row[-1] for row in found), dtype="<f4")
                yield entry, passages, joined.reshape(len(found), -1 if found else 0)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")  # losing the last of it to a power cut costs a minute
                yield connection
        except sqlite3.DatabaseError as error:
            raise ArchiveUnavailable(
                f"{self.path} cannot be used ({error}); the archive is as it was: make room, or remove that file"
            ) from error


def _passage(header: Header, columns: Sequence[object]) -> Passage:
    named = (header.name, header.title, header.outlet, header.byline, header.published, header.url, header.language)
    return rows_.passage_from([*named, *columns])
