"""The SQLite file: documents, passages, vectors and a numbered log of changes. It is the truth.

A document goes in, or out, in one transaction; once that has committed it is ours for good. Knows nothing of
the derived indexes, of embedders or of files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from vectorstore import schema
from vectorstore.errors import ArchiveDamaged, ArchiveUnavailable
from vectorstore.snapshot import Snapshot
from vectorstore.transaction import Transaction


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
