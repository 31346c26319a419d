"""The conversations of the window's users, kept in the archive's folder: whole answers, found again by words.

A file of its own beside the archive, readable by its owner only. Each user has their own; another's cannot be told
from one that is not there. The answers are kept with their passages and citations, so that a conversation that is
opened again shows what it showed, whatever has become of the documents. A file that is damaged is set aside, never
deleted, and a new one begun. Knows SQLite and answers. Knows nothing of pages, of requests or of the archive.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import secrets
import sqlite3
import threading
import time
import unicodedata
import weakref
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from corpus.errors import BadInput, CiteDeskError
from rag.answer import Answer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_log = logging.getLogger(__name__)

FILE = "conversations.db"
LONGEST_TITLE = 120
LONGEST_REASON = 2_000
Verdict = Literal["up", "down"]
Value = TypeVar("Value")

_SHORT_TITLE = 80
_REMEMBERED = 1_000  # conversations whose last save is known without reading it back
_MOST_WORDS = 20  # of a search
_EXCERPT_WORDS = 16
_MARKS = ("\x02", "\x03")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
# Written without blanks between words: the index would take a whole clause for one word.
_WITHOUT_BLANKS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_MIGRATIONS = (  # number n of them brings a file to version n; they are added to, never changed
    """
    CREATE TABLE conversations (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        user TEXT NOT NULL,
        title TEXT NOT NULL,
        is_named INTEGER NOT NULL DEFAULT 0,
        began REAL NOT NULL,
        changed REAL NOT NULL,
        saves INTEGER NOT NULL,
        said TEXT NOT NULL
    );
    CREATE INDEX newest ON conversations (user, changed DESC);
    CREATE TABLE turns (
        conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        turn INTEGER NOT NULL,
        digest BLOB NOT NULL,
        answer BLOB NOT NULL,
        UNIQUE (conversation, turn)
    );
    CREATE TABLE feedback (
        conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        turn INTEGER NOT NULL,
        verdict TEXT NOT NULL,
        reason TEXT NOT NULL,
        given REAL NOT NULL,
        UNIQUE (conversation, turn)
    );
    CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    INSERT INTO notes VALUES ('index', 'behind');
    """,
)
_INDEX = """CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    title, said, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3')"""


class UnknownConversation(CiteDeskError):
    """This user has no conversation of that id."""


class UnreadableConversation(CiteDeskError):
    """What was kept of a conversation cannot be made into answers any more."""


class ConversationsUnavailable(CiteDeskError):
    """The file cannot be read or written at present: a full disk, a missing permission, a newer version's file."""


@dataclass(frozen=True)
class Feedback:
    """What a reader thought of an answer, ``given`` in seconds since 1970."""

    verdict: Verdict
    reason: str
    given: float


@dataclass(frozen=True)
class Entry:
    """One conversation as a list shows it; ``began`` and ``changed`` in seconds since 1970.

    ``excerpt`` is what a search found in it, in pieces, each with whether it is what was looked for; else empty.
    """

    id: str
    title: str
    began: float
    changed: float
    turns: int
    excerpt: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class Conversation:
    """``answers`` as they were given, oldest first; ``feedback`` by the number of its turn, from 0."""

    id: str
    title: str
    began: float
    changed: float
    answers: tuple[Answer, ...]
    feedback: Mapping[int, Feedback] = field(default_factory=dict)


class Conversations:
    """Those of one folder. Safe to use from several threads; nothing is opened before it is needed.

    ``user`` is the name that logged in, "" where there is no login. Everything may raise ConversationsUnavailable.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time, with_index: bool = True) -> None:
        """Without an index of words, searching reads all that was said, as where SQLite has none."""
        self.path = folder / FILE
        self.notice = ""
        """What the user should know of the file, in words; empty where all is well."""
        self._clock = clock
        self._with_index = with_index
        self._connection: sqlite3.Connection | None = None
        self._is_indexed = False
        self._lock = threading.RLock()
        self._saved: OrderedDict[str, tuple[int, list[weakref.ref[Answer]]]] = OrderedDict()

    def close(self) -> None:
        """Leave the file in order. It is opened again where it is used again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # --- keeping

    def save(self, user: str, id_: str | None, answers: Sequence[Answer]) -> str:
        """Keep a conversation as it is now, in one transaction, and return its id.

        Without an id, or with one that this user has no conversation of (deleted elsewhere meanwhile), it becomes a
        new one. Feedback on a turn goes when its answer is another now; no answers at all delete the conversation.
        """
        if not answers:
            if id_ is not None:
                self._do(lambda connection: self._delete(connection, user, id_))
            return id_ or _new_id()
        return self._do(lambda connection: self._save(connection, user, id_, answers))

    def rename(self, user: str, id_: str, title: str) -> str:
        """Give it another title and return it as it is kept, on one line. Raises UnknownConversation, BadInput."""
        kept = _line(title)
        if not kept:
            raise BadInput("a conversation needs a title")
        if len(kept) > LONGEST_TITLE:
            raise BadInput(f"the title has {len(kept)} characters; {LONGEST_TITLE} are the most")

        def renamed(connection: sqlite3.Connection) -> str:
            number = _number(connection, user, id_)
            connection.execute("UPDATE conversations SET title = ?, is_named = 1 WHERE number = ?", (kept, number))
            self._index(connection, number)
            return kept

        return self._do(renamed)

    def delete(self, user: str, id_: str) -> None:
        """For good. Raises UnknownConversation."""

        def deleted(connection: sqlite3.Connection) -> None:
            if not self._delete(connection, user, id_):
                raise _unknown()

        self._do(deleted)

    def feedback(self, user: str, id_: str, turn: int, verdict: Verdict | None, reason: str = "") -> None:
        """Keep what the user thinks of the answer of ``turn``, from 0; None takes it back.

        Raises UnknownConversation also for a turn that is not there, BadInput for a verdict or reason of no use.
        """
        if verdict is not None and verdict not in get_args(Verdict):
            raise BadInput("feedback is up, down or none")
        said = _UNSEEN.sub(" ", reason).strip()
        if len(said) > LONGEST_REASON:
            raise BadInput(f"the reason has {len(said)} characters; {LONGEST_REASON:,} are the most")

        def given(connection: sqlite3.Connection) -> None:
            place = (_number(connection, user, id_), turn)
            if not connection.execute("SELECT 1 FROM turns WHERE conversation = ? AND turn = ?", place).fetchone():
                raise _unknown()
            connection.execute("DELETE FROM feedback WHERE conversation = ? AND turn = ?", place)
            if verdict is not None:
                row = (*place, verdict, said, self._clock())
                connection.execute("INSERT INTO feedback VALUES (?, ?, ?, ?, ?)", row)

        self._do(given)

    # --- looking

    def load(self, user: str, id_: str) -> Conversation:
        """Raises UnknownConversation, or UnreadableConversation where it is there and cannot be read."""

        def loaded(connection: sqlite3.Connection) -> Conversation:
            number = _number(connection, user, id_)
            title, began, changed = connection.execute(
                "SELECT title, began, changed FROM conversations WHERE number = ?", (number,)
            ).fetchone()
            turns = connection.execute(
                "SELECT answer FROM turns WHERE conversation = ? ORDER BY turn", (number,)
            ).fetchall()
            answers = tuple(_unpacked(title, packed) for (packed,) in turns)
            given = connection.execute(
                "SELECT turn, verdict, reason, given FROM feedback WHERE conversation = ? ORDER BY turn", (number,)
            )
            return Conversation(id_, title, began, changed, answers, {turn: Feedback(*rest) for turn, *rest in given})

        return self._do(loaded)

    def list(self, user: str, search: str = "", *, limit: int = 100) -> tuple[Entry, ...]:
        """The newest first, those where all words of ``search`` are in the title, a question or an answer.

        A word may be the beginning of one; whatever else it looks like, it is looked for as it is.
        """
        words = search.replace("\x00", " ").split()[:_MOST_WORDS]
        return self._do(lambda connection: self._list(connection, user, words, limit))

    def rated(self, user: str) -> Iterator[tuple[Conversation, int]]:
        """Each of the user's conversations that got feedback, with each turn that did, oldest first."""

        def found(connection: sqlite3.Connection) -> list[str]:
            query = (
                "SELECT DISTINCT id FROM conversations JOIN feedback ON conversation = number"
                " WHERE user = ? ORDER BY number"
            )
            return [id_ for (id_,) in connection.execute(query, (user,))]

        for id_ in self._do(found):
            try:
                conversation = self.load(user, id_)
            except (UnknownConversation, UnreadableConversation) as error:
                _log.warning("feedback is left out: %s", error)
                continue
            yield from ((conversation, turn) for turn in conversation.feedback)

    # --- the file

    def _save(self, connection: sqlite3.Connection, user: str, id_: str | None, answers: Sequence[Answer]) -> str:
        now, title = self._clock(), _title(answers[0])
        said = "\n".join(_UNSEEN.sub(" ", f"{each.question}\n{each.text}") for each in answers)
        kept = connection.execute(
            "SELECT number, saves FROM conversations WHERE id = ? AND user = ?", (id_, user)
        ).fetchone()
        if kept is None:
            id_, saves = _new_id(), 1
            number = connection.execute(
                "INSERT INTO conversations (id, user, title, began, changed, saves, said) VALUES (?, ?, ?, ?, ?, 1, ?)",
                (id_, user, title, now, now, said),
            ).lastrowid
        else:
            number, saves = kept[0], kept[1] + 1
            connection.execute(
                "UPDATE conversations SET title = CASE WHEN is_named THEN title ELSE ? END, changed = ?, saves = ?,"
                " said = ? WHERE number = ?",
                (title, now, saves, said, number),
            )
        assert id_ is not None
        assert number is not None
        self._save_turns(connection, number, answers, known=self._as_saved(id_, saves - 1))
        self._index(connection, number)
        self._saved[id_] = (saves, [weakref.ref(answer) for answer in answers])
        self._saved.move_to_end(id_)
        if len(self._saved) > _REMEMBERED:
            self._saved.popitem(last=False)
        return id_

    def _as_saved(self, id_: str, saves: int) -> Sequence[Answer | None]:
        """The answers of the last save, as far as they are still about and the file has not been changed since."""
        known, answers = self._saved.get(id_, (0, []))
        return [answer() for answer in answers] if known == saves else []

    @staticmethod
    def _save_turns(
        connection: sqlite3.Connection, number: int, answers: Sequence[Answer], *, known: Sequence[Answer | None]
    ) -> None:
        digests = dict(connection.execute("SELECT turn, digest FROM turns WHERE conversation = ?", (number,)))
        for turn, answer in enumerate(answers):
            if turn < len(known) and known[turn] is answer:
                continue
            text = _written(answer)
            digest = hashlib.blake2b(text, digest_size=16).digest()
            if digests.get(turn) == digest:
                continue
            connection.execute("DELETE FROM feedback WHERE conversation = ? AND turn = ?", (number, turn))
            connection.execute(
                "INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?)", (number, turn, digest, zlib.compress(text))
            )
        for table in ("turns", "feedback"):
            connection.execute(f"DELETE FROM {table} WHERE conversation = ? AND turn >= ?", (number, len(answers)))

    def _delete(self, connection: sqlite3.Connection, user: str, id_: str) -> bool:
        row = connection.execute("SELECT number FROM conversations WHERE id = ? AND user = ?", (id_, user)).fetchone()
        if row is None:
            return False
        connection.execute("DELETE FROM conversations WHERE number = ?", row)
        self._index(connection, row[0])
        if self._is_indexed:  # else the words would stay in the index until it happens to be merged
            connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        return True

    def _index(self, connection: sqlite3.Connection, number: int) -> None:
        if not self._is_indexed:
            connection.execute("UPDATE notes SET value = 'behind' WHERE key = 'index'")
            return
        connection.execute("DELETE FROM words WHERE rowid = ?", (number,))
        connection.execute(
            "INSERT INTO words (rowid, title, said) SELECT number, title, said FROM conversations WHERE number = ?",
            (number,),
        )

    def _list(self, connection: sqlite3.Connection, user: str, words: Sequence[str], limit: int) -> tuple[Entry, ...]:
        columns = "c.id, c.title, c.began, c.changed, (SELECT count(*) FROM turns WHERE conversation = c.number)"
        order = "ORDER BY c.changed DESC, c.number DESC LIMIT ?"
        if not words:
            rows = connection.execute(
                f"SELECT {columns}, '' FROM conversations c WHERE c.user = ? {order}", (user, limit)
            )
        elif self._is_indexed and not any(map(_WITHOUT_BLANKS.search, words)):
            wanted = " ".join('"' + word.replace('"', '""') + '"*' for word in words)
            excerpt = f"snippet(words, 1, '{_MARKS[0]}', '{_MARKS[1]}', '…', {_EXCERPT_WORDS})"
            rows = connection.execute(
                f"SELECT {columns}, {excerpt} FROM words JOIN conversations c ON c.number = words.rowid"
                f" WHERE words MATCH ? AND c.user = ? {order}",
                (wanted, user, limit),
            )
        else:
            tests = " AND instr(folded(c.title || char(10) || c.said), ?)" * len(words)
            rows = connection.execute(
                f"SELECT {columns}, '' FROM conversations c WHERE c.user = ?{tests} {order}",
                (user, *map(_folded, words), limit),
            )
        return tuple(
            Entry(id_, title, began, changed, turns, _pieces(excerpt))
            for id_, title, began, changed, turns, excerpt in rows
        )

    def _do(self, work: Callable[[sqlite3.Connection], Value]) -> Value:
        """The work as one transaction; on a damaged file once more with a new one in its place."""
        with self._lock:
            for attempt in range(3):
                try:
                    connection = self._connection = self._connection or self._opened()
                    with _immediate(connection):
                        return work(connection)
                except sqlite3.IntegrityError:
                    raise  # a mistake of ours, not of the file
                except sqlite3.DatabaseError as error:
                    self._saved.clear()
                    self.close()
                    if attempt == 2 or not _is_damage(error):
                        raise ConversationsUnavailable(
                            f"{self.path} cannot be used now ({error}); conversations are neither kept nor shown"
                        ) from error
                    if attempt == 1:  # a second look first: another process may have set it aside already
                        self._set_aside(error)
            raise AssertionError("the last attempt returns or raises")

    def _opened(self) -> sqlite3.Connection:
        _answers()  # takes a moment the first time: the list is asked for long before a turn ends
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            self.path.chmod(0o600)
        except OSError as error:
            raise ConversationsUnavailable(f"{self.path} cannot be used: {error.strerror}") from error
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may take the last turns, never the file
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
            connection.create_function("folded", 1, _folded, deterministic=True)
            with _immediate(connection):
                self._migrate(connection)
                self._is_indexed = self._with_index and _index_is_there(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(_MIGRATIONS):
            raise ConversationsUnavailable(f"{self.path} was written by a newer version; upgrade citedesk")
        for number, script in enumerate(_MIGRATIONS[version:], start=version + 1):
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(self._clock()))
        aside, number = self.path.with_name(f"conversations-damaged-{stamp}.db"), 1
        while aside.exists():
            number += 1
            aside = self.path.with_name(f"conversations-damaged-{stamp}-{number}.db")
        try:
            for suffix in ("-wal", "-shm", ""):  # the file itself last: a log alone would be taken for another's
                part = self.path.with_name(self.path.name + suffix)
                if part.exists():
                    part.rename(aside.with_name(aside.name + suffix))
        except OSError as failure:
            raise ConversationsUnavailable(
                f"{self.path} is damaged ({error}) and cannot be set aside: {failure.strerror}"
            ) from failure
        self.notice = (
            f"The earlier conversations cannot be read: their file is damaged ({error}). It was set aside as"
            f" {aside.name} in the archive's folder, and a new one was begun."
        )
        _log.warning("%s", self.notice)


def _index_is_there(connection: sqlite3.Connection) -> bool:
    """Makes and fills the index of words where that is due; False where this SQLite has none to offer."""
    if not connection.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]:
        return False
    if connection.execute("SELECT value FROM notes WHERE key = 'index'").fetchone() != ("current",):
        connection.execute("DROP TABLE IF EXISTS words")
        connection.execute(_INDEX)
        connection.execute("INSERT INTO words (rowid, title, said) SELECT number, title, said FROM conversations")
        connection.execute("INSERT OR REPLACE INTO notes VALUES ('index', 'current')")
    return True


@contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _number(connection: sqlite3.Connection, user: str, id_: str) -> int:
    row = connection.execute("SELECT number FROM conversations WHERE id = ? AND user = ?", (id_, user)).fetchone()
    if row is None:
        raise _unknown()
    return int(row[0])


def _unknown() -> UnknownConversation:
    return UnknownConversation("There is no such conversation; it may have been deleted.")


def _new_id() -> str:
    return secrets.token_urlsafe(16)


# --- answers as bytes


@cache
def _answers() -> TypeAdapter[Answer]:
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


def _written(answer: Answer) -> bytes:
    # Halves of characters, which a page can send, have no UTF-8; a mark in their place keeps every offset.
    plain = _answers().dump_python(answer, mode="json")
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", errors="replace")


def _unpacked(title: str, packed: bytes) -> Answer:
    try:
        return _answers().validate_json(zlib.decompress(packed))
    except (zlib.error, ValueError) as error:  # pydantic's own error is a ValueError
        _log.warning("a kept answer cannot be read: %s", type(error).__name__)
        raise UnreadableConversation(
            f"“{title}” cannot be read any more: what was kept of it is damaged or of another version of CiteDesk"
        ) from error


# --- words


def _title(answer: Answer) -> str:
    """The first question, shortened at a word where it is long."""
    line = _line(answer.question)
    if len(line) <= _SHORT_TITLE:
        return line or "Untitled"
    cut = line[: _SHORT_TITLE - 1]
    return f"{cut[: max(cut.rfind(' '), _SHORT_TITLE // 2)].rstrip()}…"


def _line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(each for each in parts if not unicodedata.combining(each)).casefold()


def _pieces(excerpt: str) -> tuple[tuple[str, bool], ...]:
    """What lies between the marks of an excerpt is what was looked for."""
    if _MARKS[0] not in excerpt:
        return ()
    parts = re.split("[\x02\x03]", " ".join(excerpt.split()))
    return tuple((part, number % 2 == 1) for number, part in enumerate(parts) if part)
