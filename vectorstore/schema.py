"""The tables of archive.db: how they are made, and how those of an earlier version become ours."""

from __future__ import annotations

import sqlite3
from uuid import uuid4

VERSION = 4
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE files (              -- those that stored documents were read from
    path TEXT PRIMARY KEY,        -- absolute
    sha256 TEXT NOT NULL,         -- of its bytes, empty where they were not read to the end
    stated TEXT NOT NULL,         -- JSON: {document: {field: [value, origin]}}, as given beside the file
    complete INTEGER NOT NULL     -- 1 where all that those bytes hold is stored
) STRICT;
CREATE INDEX files_by_sha256 ON files (sha256);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL UNIQUE,  -- the absolute path it was read from, and where in that file
    file TEXT NOT NULL,           -- the absolute path alone
    sha256 TEXT NOT NULL,         -- of the bytes it was read from
    stated TEXT NOT NULL,         -- what was said of it elsewhere when it was read, to compare with
    title TEXT, outlet TEXT, byline TEXT, published TEXT, url TEXT, language TEXT,
    first_day TEXT, last_day TEXT,  -- what "published" covers, to compare with
    text TEXT NOT NULL,
    furniture TEXT NOT NULL,      -- JSON: [[start, end], ...]
    notes TEXT NOT NULL,          -- JSON: [...]
    pages TEXT NOT NULL,          -- JSON: [[number, start, end], ...]
    voices TEXT NOT NULL,         -- JSON: [[start, end, source, relation], ...]
    quotations TEXT NOT NULL,     -- JSON: [[start, end, speaker, start, end, confidence], ...]
    origins TEXT NOT NULL,        -- JSON: {field: where its value came from}
    copies INTEGER,               -- the same number for documents of nearly the same text, NULL for one of its own
    ingested TEXT NOT NULL        -- UTC time stamp
) STRICT;
CREATE INDEX documents_by_sha256 ON documents (sha256);
CREATE INDEX documents_by_file ON documents (file);
CREATE INDEX documents_by_days ON documents (first_day, last_day, outlet);
CREATE INDEX documents_by_copies ON documents (copies) WHERE copies IS NOT NULL;
CREATE TABLE sketches (           -- what near-identical texts share, see corpus/copies.py
    band INTEGER NOT NULL, value INTEGER NOT NULL,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    PRIMARY KEY (band, value, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sketches_by_document ON sketches (document_id);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL,
    sentences TEXT NOT NULL, furniture TEXT NOT NULL,  -- JSON: [[start, end], ...]
    voices TEXT NOT NULL, pages TEXT NOT NULL          -- JSON, as those of the document
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
# Without its SHA-256 a document counts as changed: the next ingest reads it again, as this version does.
_FROM_VERSION_1 = """
ALTER TABLE documents ADD COLUMN file TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN language TEXT;
ALTER TABLE documents ADD COLUMN pages TEXT NOT NULL DEFAULT '[]';
ALTER TABLE documents ADD COLUMN voices TEXT NOT NULL DEFAULT '[]';
ALTER TABLE documents ADD COLUMN quotations TEXT NOT NULL DEFAULT '[]';
ALTER TABLE documents ADD COLUMN origins TEXT NOT NULL DEFAULT '{}';
ALTER TABLE documents ADD COLUMN copies INTEGER;
ALTER TABLE documents ADD COLUMN stated TEXT NOT NULL DEFAULT '{}';
UPDATE documents SET file = source, sha256 = '';
ALTER TABLE passages ADD COLUMN voices TEXT NOT NULL DEFAULT '[]';
ALTER TABLE passages ADD COLUMN pages TEXT NOT NULL DEFAULT '[]';
"""

_FROM_VERSION_2 = """
ALTER TABLE files ADD COLUMN complete INTEGER NOT NULL DEFAULT 1;
ALTER TABLE documents ADD COLUMN stated TEXT NOT NULL DEFAULT '{}';
"""
_FROM = {"1": _FROM_VERSION_1, "2": _FROM_VERSION_2, "3": ""}


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none, and ours of those that earlier versions left. Runs inside a transaction."""
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        _run(connection, _SCHEMA)
        values = [("schema", str(VERSION)), ("archive", uuid4().hex)]
        connection.executemany("INSERT INTO meta VALUES (?, ?)", values)
        return
    found = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    if found and found[0] in _FROM:
        _run(connection, _FROM[found[0]])
        missing = [statement for statement in _statements(_SCHEMA) if _is_missing(connection, statement)]
        for statement in missing:
            connection.execute(statement)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(VERSION),))


def _run(connection: sqlite3.Connection, script: str) -> None:
    # Not executescript: it would end the transaction.
    for statement in _statements(script):
        connection.execute(statement)


def _statements(script: str) -> list[str]:
    return [statement for statement in script.split(";\n") if statement.strip()]


def _is_missing(connection: sqlite3.Connection, statement: str) -> bool:
    name = statement.split()[2]
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is None
