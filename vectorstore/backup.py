"""Copies of archive.db: made while it is in use, and put in its place while it is in use.

A backup is one SQLite file with everything that CiteDesk knows but its settings; the search indexes are built
again from it. Knows files and SQLite. Knows nothing of indexes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from corpus.errors import BadInput
from vectorstore import schema
from vectorstore.errors import ArchiveUnavailable

_FRESH = ".new"


def save(archive: Path, to: Path) -> None:
    """Copy the archive as it is at this moment to the file ``to``, in place of an older backup there.

    Raises BadInput where ``to`` is some other file, ArchiveUnavailable where it cannot be written.
    """
    if to.exists():
        if to.samefile(archive):
            raise BadInput(f"{to} is the archive itself; name another file for its backup")
        if not to.is_file():
            raise BadInput(f"{to} is there already and no file; name a file for the backup")
        check(to)  # an older backup may be replaced, a file of another kind may not
    fresh = to.with_name(to.name + _FRESH)
    with _translated(to), _cleaned_up(fresh):
        _copy(archive, fresh)
        fresh.replace(to)


def restore(backup: Path, archive: Path, keep: Path) -> None:
    """Put what a backup holds in the place of what the archive holds, which is kept in the backup ``keep``.

    Whoever has the archive open sees the one or the other, never a mixture. Raises BadInput where ``backup`` is
    none, or of a later version.
    """
    check(backup)
    if archive.exists() and backup.samefile(archive):
        raise BadInput(f"{backup} is the archive itself; name a file that citedesk backup wrote")
    fresh = archive.with_name(archive.name + _FRESH)
    with _translated(archive), _cleaned_up(fresh):
        _copy(backup, fresh)
        with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            schema.prepare(connection)
            # Another archive from now on: an index of what was here before is not one of this.
            connection.execute("UPDATE meta SET value = ? WHERE key = 'archive'", (uuid4().hex,))
            connection.execute("COMMIT")
        if archive.exists():
            save(archive, keep)
        with closing(sqlite3.connect(fresh)) as source, closing(sqlite3.connect(archive, timeout=30)) as target:
            source.backup(target)


def check(path: Path) -> None:
    """Raises BadInput for a file that is no whole archive which this version can read."""
    if not path.is_file():
        raise BadInput(f"{path} does not exist; name a file that citedesk backup wrote")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (sound,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            (version,) = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
            connection.execute("SELECT 1 FROM documents, passages, vectors, changes LIMIT 1").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise BadInput(
            f"{path} is no backup of an archive ({error}); name a file that citedesk backup wrote"
        ) from error
    if sound != "ok":
        raise BadInput(f"{path} is damaged ({sound}); take another backup")
    if int(version) > schema.VERSION:
        raise BadInput(f"{path} was written by a later version of citedesk; upgrade, then restore it")


def _copy(source: Path, to: Path) -> None:
    with closing(sqlite3.connect(source, timeout=30)) as reading, closing(sqlite3.connect(to)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it


@contextmanager
def _translated(to: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise ArchiveUnavailable(f"{to} cannot be written ({error}); the archive itself is as it was") from error


@contextmanager
def _cleaned_up(fresh: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for left in (fresh, fresh.with_name(fresh.name + "-wal"), fresh.with_name(fresh.name + "-shm")):
            left.unlink(missing_ok=True)
