"""An archive that an earlier version left is opened, answers after a rebuild, and is read again at the next ingest."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy
import pytest

from rag import Assistant
from vectorstore.archive import Archive
from vectorstore.errors import EmbedderMismatch

Open = Callable[..., Assistant]

VERSION_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL, title TEXT, outlet TEXT, byline TEXT, published TEXT, url TEXT,
    first_day TEXT, last_day TEXT, text TEXT NOT NULL, furniture TEXT NOT NULL, notes TEXT NOT NULL,
    ingested TEXT NOT NULL
) STRICT;
CREATE INDEX documents_by_sha256 ON documents (sha256);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, sentences TEXT NOT NULL, furniture TEXT NOT NULL
) STRICT;
CREATE INDEX passages_by_document ON passages (document_id);
CREATE TABLE vectors (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE, vector BLOB NOT NULL
) STRICT;
CREATE TABLE changes (
    n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind IN ('add', 'remove')),
    document_id INTEGER NOT NULL, first_passage INTEGER NOT NULL, passages INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES ('schema', '1'), ('archive', 'old'), ('embedder', 'hashing'), ('dimension', '3');
"""

# Of version 3, what version 2 did not have taken away.
VERSION_2 = """
ALTER TABLE files RENAME TO files_3;
DROP INDEX files_by_sha256;
CREATE TABLE files (
    path TEXT PRIMARY KEY,        -- absolute
    sha256 TEXT NOT NULL,         -- of its bytes
    stated TEXT NOT NULL          -- JSON: {document: {field: [value, origin]}}, as given beside the file
) STRICT;
CREATE INDEX files_by_sha256 ON files (sha256);
INSERT INTO files SELECT path, sha256, stated FROM files_3;
DROP TABLE files_3;
ALTER TABLE documents DROP COLUMN stated;
UPDATE meta SET value = '2' WHERE key = 'schema';
"""


@pytest.fixture
def old_home(articles: Path, tmp_path: Path) -> Path:
    """The articles as version 1 stored them, each in one passage, with vectors of another embedder."""
    home = tmp_path / "home"
    home.mkdir()
    with closing(sqlite3.connect(home / "archive.db")) as connection, connection:
        connection.executescript(VERSION_1)
        for number, path in enumerate(sorted(articles.iterdir()), start=1):
            text = path.read_text("utf-8")
            digest = sha256(path.read_bytes()).hexdigest()
            connection.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, 'The Gazette', NULL, '2023-05', NULL,"
                " '2023-05-01', '2023-05-31', ?, '[]', '[]', '2026-01-01T00:00:00+00:00')",
                (number, path.name, str(path), digest, path.stem, text),
            )
            connection.execute(
                "INSERT INTO passages VALUES (?, ?, 0, ?, ?, ?, '[]')",
                (number, number, len(text), text, f"[[0, {len(text)}]]"),
            )
            vector = numpy.ones(3, dtype="<f4").tobytes()
            connection.execute("INSERT INTO vectors VALUES (?, ?)", (number, vector))
            connection.execute("INSERT INTO changes VALUES (?, 'add', ?, ?, 1)", (number, number, number))
    return home


def columns(path: Path) -> dict[str, set[str]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} for table in tables}


def test_an_old_archive_gets_the_tables_of_a_new_one(old_home: Path, tmp_path: Path) -> None:
    Archive(old_home / "archive.db")
    Archive(tmp_path / "new.db")
    assert columns(old_home / "archive.db") == columns(tmp_path / "new.db")


def test_an_old_archive_answers_after_a_rebuild_and_is_read_again_at_the_next_ingest(
    old_home: Path, small_desk: Open, articles: Path
) -> None:
    desk = small_desk()
    question = "How many cars a day will the bridge carry?"
    with pytest.raises(EmbedderMismatch, match="citedesk rebuild"):
        desk.ask(question)
    desk.rebuild()
    assert "4,000" in desk.ask(question).text
    assert desk.ingest(articles).updated == ("bridge.txt", "ferry.txt", "harvest.md")
    assert desk.ingest(articles).unchanged == ("bridge.txt", "ferry.txt", "harvest.md")
    assert "4,000" in desk.ask(question).text
    assert desk.document("bridge.txt").header.published == "2023-05-03"


def test_an_old_archive_is_restored_as_a_new_one(old_home: Path, small_desk: Open, tmp_path: Path) -> None:
    (old_home / "archive.db").rename(tmp_path / "old.db")
    desk = small_desk()
    desk.restore(tmp_path / "old.db")
    desk.rebuild()
    assert "4,000" in desk.ask("How many cars a day will the bridge carry?").text


def test_a_file_of_version_2_need_not_be_read_again(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    desk.close()
    with closing(sqlite3.connect(tmp_path / "home" / "archive.db")) as connection, connection:
        connection.executescript(VERSION_2)
    assert len(small_desk().ingest(articles).unchanged) == 3
