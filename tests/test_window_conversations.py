"""Conversations are kept whole, found again by words, and each user's own."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.document import Header, Page, Passage, Span, Voice
from corpus.errors import BadInput
from rag.answer import Answer, Assumption, Citation, Conflict, Sentence
from rag.llm.base import Usage
from rag.window import conversations as room
from rag.window.conversations import (
    FILE,
    Conversations,
    ConversationsUnavailable,
    Entry,
    UnknownConversation,
    UnreadableConversation,
)
from vectorstore.base import Hit

HEADER = Header("a/bridge.txt", "Bridge opens", "Vale Gazette", "Ada Penn", "2023-05-03", None, "en")
PASSAGE = Passage(
    HEADER,
    100,
    140,
    "The new bridge at Ollerford has opened.\n",
    (Span(100, 139),),
    (Span(139, 140),),
    (Voice(Span(100, 140), "Ledger"),),
    (Page(2, Span(90, 200)),),
)
WHOLE = Answer(
    "When did the bridge open?",
    "It opened in May [1].",
    "answered",
    "llm tiny",
    (Citation(1, PASSAGE, "bridge", 108, 114, "verbatim", (Header("copy.txt"),), Span(108, 114), "Tilda Croft"),),
    (Hit(PASSAGE, 0.25, (Header("copy.txt"),)),),
    ("A note.",),
    12.5,
    {"retrieve": 3.25, "compose": 9.25},
    (Sentence(0, 21, (1,), "unverified", 0.5, ("the date is not in what it cites",)),),
    2,
    Usage(300, 20),
    (Assumption("period", "May", Span(18, 21), "of May 2023", "filter"),),
    "date",
    "correction",
    (Conflict(("May", "June"), (1, 1)),),
    0.125,
)


def answer(question: str, text: str = "It opened in May [1].") -> Answer:
    return replace(WHOLE, question=question, text=text)


@pytest.fixture(params=[True, False], ids=["index", "no index"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Conversations]:
    found = Conversations(tmp_path / "home", with_index=request.param)
    yield found
    found.close()


# ---- keeping


def test_a_conversation_comes_back_as_it_was(kept: Conversations) -> None:
    bare = Answer("And why?", "", "error", "")
    id_ = kept.save("ada", None, [WHOLE, bare])
    found = kept.load("ada", id_)
    assert found.answers == (WHOLE, bare)
    assert (found.id, found.title, found.feedback) == (id_, "When did the bridge open?", {})


def test_it_comes_back_in_another_process_time(tmp_path: Path) -> None:
    with closing(Conversations(tmp_path)) as first:
        id_ = first.save("", None, [WHOLE])
    with closing(Conversations(tmp_path)) as second:
        assert second.load("", id_).answers == (WHOLE,)


def test_nothing_is_written_before_it_is_needed(tmp_path: Path) -> None:
    Conversations(tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).touch(0o644)
    with closing(Conversations(tmp_path)) as kept:
        kept.save("", None, [WHOLE])
        modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}


def test_ids_cannot_be_guessed(kept: Conversations) -> None:
    ids = {kept.save("", None, [WHOLE]) for _ in range(20)}
    assert len(ids) == 20
    assert all(len(id_) == 22 for id_ in ids)  # 128 bits, 6 in each letter


def test_a_turn_more_is_added_and_a_turn_taken_back_goes(kept: Conversations) -> None:
    first, second, other = answer("One?"), answer("Two?"), answer("Three?")
    id_ = kept.save("", None, [first])
    assert kept.save("", id_, [first, second]) == id_
    assert kept.load("", id_).answers == (first, second)
    kept.save("", id_, [first])
    assert kept.load("", id_).answers == (first,)
    kept.save("", id_, [other])
    assert kept.load("", id_).answers == (other,)
    assert len(kept.list("")) == 1


def test_what_another_process_saved_meanwhile_is_not_mixed_up_with_ours(tmp_path: Path) -> None:
    first, second, changed = answer("One?"), answer("Two?"), answer("One, but otherwise?")
    with closing(Conversations(tmp_path)) as ours, closing(Conversations(tmp_path)) as theirs:
        id_ = ours.save("", None, [first])
        theirs.save("", id_, [changed])
        ours.save("", id_, [first, second])
        assert ours.load("", id_).answers == (first, second)


def test_a_conversation_of_nothing_is_none(kept: Conversations) -> None:
    id_ = kept.save("", None, [WHOLE])
    assert kept.save("", id_, ()) == id_
    assert kept.list("") == ()


def test_one_that_was_deleted_elsewhere_is_kept_as_a_new_one(kept: Conversations) -> None:
    id_ = kept.save("", None, [WHOLE])
    kept.delete("", id_)
    again = kept.save("", id_, [WHOLE, answer("Two?")])
    assert again != id_
    assert len(kept.load("", again).answers) == 2


def test_half_a_character_costs_no_more_than_itself(kept: Conversations) -> None:
    id_ = kept.save("", None, [answer("Why \ud83d?", "NUL \x00 stays.")])
    (found,) = kept.load("", id_).answers
    assert (found.question, found.text) == ("Why ??", "NUL \x00 stays.")
    assert kept.list("")[0].title == "Why ?"


def test_many_threads_keep_theirs_apart(kept: Conversations) -> None:
    saved: dict[str, str] = {}

    def talk(user: str) -> None:
        answers = [answer(f"{user} 0?")]
        id_ = kept.save(user, None, answers)
        for number in range(1, 8):
            answers.append(answer(f"{user} {number}?"))
            id_ = kept.save(user, id_, answers)
        saved[user] = id_

    threads = [threading.Thread(target=talk, args=(f"user{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(saved) == 8
    for user, id_ in saved.items():
        assert [each.question for each in kept.load(user, id_).answers] == [f"{user} {n}?" for n in range(8)]
        assert len(kept.list(user)) == 1


# ---- whose it is


def test_another_users_conversation_cannot_be_told_from_none(kept: Conversations) -> None:
    id_ = kept.save("ada", None, [WHOLE])
    said = set()
    for user, asked in (("bo", id_), ("", id_), ("ada", "A" * 22)):
        for attempt in (
            lambda user=user, asked=asked: kept.load(user, asked),
            lambda user=user, asked=asked: kept.rename(user, asked, "Mine"),
            lambda user=user, asked=asked: kept.delete(user, asked),
            lambda user=user, asked=asked: kept.feedback(user, asked, 0, "up"),
        ):
            with pytest.raises(UnknownConversation) as refused:
                attempt()
            said.add(str(refused.value))
    assert len(said) == 1
    assert kept.load("ada", id_).answers == (WHOLE,)


def test_nobody_saves_over_anothers(kept: Conversations) -> None:
    id_ = kept.save("ada", None, [WHOLE])
    assert kept.save("bo", id_, [answer("Mine now?")]) != id_
    kept.save("bo", id_, ())
    assert kept.load("ada", id_).answers == (WHOLE,)


def test_lists_and_searches_show_ones_own(kept: Conversations) -> None:
    kept.save("ada", None, [WHOLE])
    assert kept.list("bo") == ()
    assert kept.list("bo", "bridge") == ()


# ---- looking


def titles(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.title for entry in entries]


def test_the_list_is_newest_first_and_no_longer_than_asked(tmp_path: Path) -> None:
    now = [1000.0]
    with closing(Conversations(tmp_path, clock=lambda: now[0])) as kept:
        ids = []
        for number in range(5):
            now[0] += 1
            ids.append(kept.save("", None, [answer(f"Question {number}?")]))
        now[0] += 1
        kept.save("", ids[1], [answer("Question 1?"), answer("More?")])
        assert titles(kept.list("")) == [f"Question {number}?" for number in (1, 4, 3, 2, 0)]
        assert titles(kept.list("", limit=2)) == ["Question 1?", "Question 4?"]
        assert kept.list("", limit=1) == (Entry(ids[1], "Question 1?", 1002.0, 1006.0, 2),)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("bridge", ["A bridge?"]),
        ("BRIDG", ["A bridge?"]),  # the beginning of a word, in any case
        ("ferry croft", ["And the ferry?"]),  # in the question and in the answer
        ("ferry bridge", []),  # all words, not any
        ("zurich", ["Zürich"]),
        ("تأخر", ["متى تأخر الجسر؟"]),
        ("大橋", ["新しい大橋はいつ開通"]),  # within a run of letters
        ("", ["新しい大橋はいつ開通", "متى تأخر الجسر؟", "Zürich", "And the ferry?", "A bridge?"]),
        ("   ", ["新しい大橋はいつ開通", "متى تأخر الجسر؟", "Zürich", "And the ferry?", "A bridge?"]),
    ],
)
def test_a_search_finds_words_in_titles_questions_and_answers(
    kept: Conversations, search: str, found: list[str]
) -> None:
    kept.save("", None, [answer("A bridge?", "It opened.")])
    kept.save("", None, [answer("Something else?", "Nothing."), answer("The ferry?", "“Yes”, said Tilda Croft.")])
    kept.rename("", kept.list("")[0].id, "And the ferry?")
    kept.save("", None, [answer("Zürich", "Nothing.")])
    kept.save("", None, [answer("متى تأخر الجسر؟", "Nothing.")])
    kept.save("", None, [answer("新しい大橋はいつ開通", "Nothing.")])
    assert titles(kept.list("", search)) == found


@pytest.mark.parametrize(
    "search",
    ['"', '"bridge', "bridge AND", "NOT", "NEAR(", "title:bridge", "*", "-bridge", "^bridge", "(", "\x00", "bridge\x00",
     "'; DROP TABLE turns; --", "%", "_", "\\", "a" * 5_000, "x " * 500],
)  # fmt: skip
def test_what_is_searched_is_never_syntax(kept: Conversations, search: str) -> None:
    id_ = kept.save("", None, [WHOLE])
    kept.list("", search)
    assert kept.load("", id_).answers == (WHOLE,)
    assert kept.list("", "title:bridge") == ()


def test_an_excerpt_shows_what_was_found(tmp_path: Path) -> None:
    with closing(Conversations(tmp_path)) as kept:
        kept.save("", None, [answer("When?", "The new bridge opened.\nIt did. \x02 \x03")])
        (found,) = kept.list("", "bridg")
        assert found.excerpt == (("When? The new ", False), ("bridge", True), (" opened. It did.", False))
        (by_title,) = kept.list("", "when")
        assert (by_title.excerpt[0], by_title.title) == (("When", True), "When?")


def test_after_a_change_the_old_words_are_not_found(kept: Conversations) -> None:
    id_ = kept.save("", None, [answer("The ferry?", "Nothing.")])
    kept.save("", id_, [answer("The bridge?", "Nothing.")])
    assert (len(kept.list("", "bridge")), len(kept.list("", "ferry"))) == (1, 0)
    kept.rename("", id_, "Harbour")
    assert len(kept.list("", "harbour")) == 1
    kept.delete("", id_)
    assert kept.list("", "harbour") == ()


def test_an_index_that_was_left_behind_is_made_again(tmp_path: Path) -> None:
    with closing(Conversations(tmp_path)) as kept:
        gone = kept.save("", None, [answer("The ferry?")])
    with closing(Conversations(tmp_path, with_index=False)) as kept:
        kept.save("", None, [answer("The harbour?")])
        kept.delete("", gone)
    with closing(Conversations(tmp_path)) as kept:
        assert titles(kept.list("", "harbour")) == ["The harbour?"]
        assert kept.list("", "ferry") == ()


# ---- titles


def test_a_title_is_the_first_question_until_it_is_renamed(kept: Conversations) -> None:
    long = "What did everybody on the council say about the bridge " * 5
    id_ = kept.save("", None, [answer(long)])
    title = kept.list("")[0].title
    assert len(title) <= 80
    assert long.startswith(title.removesuffix("…"))
    kept.save("", id_, [answer("Edited?")])
    assert kept.list("")[0].title == "Edited?"
    assert kept.rename("", id_, "  The \n bridge\u202e ") == "The bridge"
    kept.save("", id_, [answer("Edited?"), answer("More?")])
    assert kept.list("")[0].title == "The bridge"


@pytest.mark.parametrize("title", ["", "  \n", "\x00\u202e", "a" * 121])
def test_a_title_that_is_none_is_refused(kept: Conversations, title: str) -> None:
    id_ = kept.save("", None, [WHOLE])
    with pytest.raises(BadInput):
        kept.rename("", id_, title)


# ---- feedback


def test_feedback_is_kept_with_its_turn_until_the_answer_is_another(kept: Conversations) -> None:
    first, second = answer("One?"), answer("Two?")
    id_ = kept.save("", None, [first, second])
    kept.feedback("", id_, 1, "down", " It is\nwrong. ")
    kept.feedback("", id_, 0, "up")
    kept.feedback("", id_, 0, "down", "Not so.")
    found = kept.load("", id_).feedback
    assert {turn: (each.verdict, each.reason) for turn, each in found.items()} == {
        0: ("down", "Not so."),
        1: ("down", "It is wrong."),
    }
    assert [(conversation.id, turn) for conversation, turn in kept.rated("")] == [(id_, 0), (id_, 1)]
    assert list(kept.rated("bo")) == []
    kept.save("", id_, [first, answer("Two, otherwise?"), answer("Three?")])
    assert set(kept.load("", id_).feedback) == {0}
    kept.feedback("", id_, 0, None)
    assert kept.load("", id_).feedback == {}


def test_feedback_of_no_use_is_refused(kept: Conversations) -> None:
    id_ = kept.save("", None, [WHOLE])
    with pytest.raises(BadInput, match="2,000"):
        kept.feedback("", id_, 0, "up", "a" * 2001)
    with pytest.raises(BadInput, match="up, down"):
        kept.feedback("", id_, 0, "sideways")  # type: ignore[arg-type]
    with pytest.raises(UnknownConversation):
        kept.feedback("", id_, 1, "up")


# ---- a file that is not as it should be


def break_the_file(path: Path) -> None:
    """Leaves the header in place and writes over the pages behind it."""
    data = bytearray(path.read_bytes())
    data[100:] = b"\xa5" * (len(data) - 100)
    path.write_bytes(data)


@pytest.mark.parametrize("break_it", [break_the_file, lambda path: path.write_bytes(b"no database at all" * 100)])
def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path, break_it: object) -> None:
    with closing(Conversations(tmp_path)) as kept:
        kept.save("", None, [WHOLE])
    assert callable(break_it)
    break_it(tmp_path / FILE)
    damaged = (tmp_path / FILE).read_bytes()
    with closing(Conversations(tmp_path)) as kept:
        assert kept.list("") == ()
        assert "damaged" in kept.notice
        id_ = kept.save("", None, [WHOLE])
        assert kept.load("", id_).answers == (WHOLE,)
    (aside,) = tmp_path.glob("conversations-damaged-*.db")
    assert aside.name in kept.notice
    assert aside.read_bytes() == damaged


def test_a_file_that_breaks_while_the_window_runs_costs_no_turn(tmp_path: Path) -> None:
    with closing(Conversations(tmp_path)) as kept:
        id_ = kept.save("", None, [WHOLE])
        with closing(sqlite3.connect(tmp_path / FILE)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        break_the_file(tmp_path / FILE)
        again = kept.save("", id_, [WHOLE, answer("Two?")])
        assert len(kept.load("", again).answers) == 2
        assert kept.notice
    assert list(tmp_path.glob("conversations-damaged-*.db"))


def test_a_conversation_that_cannot_be_read_says_so_and_leaves_the_others_alone(tmp_path: Path) -> None:
    with closing(Conversations(tmp_path)) as kept:
        bad, good = kept.save("", None, [WHOLE]), kept.save("", None, [WHOLE])
        kept.feedback("", bad, 0, "up")
        kept.feedback("", good, 0, "up")
        with closing(sqlite3.connect(tmp_path / FILE)) as other, other:
            other.execute("UPDATE turns SET answer = x'00' WHERE conversation = 1")
        with pytest.raises(UnreadableConversation, match="When did the bridge open"):
            kept.load("", bad)
        assert [conversation.id for conversation, _ in kept.rated("")] == [good]
        assert len(kept.list("")) == 2
        kept.delete("", bad)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with closing(Conversations(tmp_path)) as kept:
        kept.save("", None, [WHOLE])
    with closing(sqlite3.connect(tmp_path / FILE)) as other:
        other.execute("PRAGMA user_version = 99")
    before = (tmp_path / FILE).read_bytes()
    with closing(Conversations(tmp_path)) as kept, pytest.raises(ConversationsUnavailable, match="newer version"):
        kept.save("", None, [WHOLE])
    assert (tmp_path / FILE).read_bytes() == before


def test_a_file_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    # Version 0 is the empty file: every version of the layout is reached by the steps from there.
    with closing(sqlite3.connect(tmp_path / FILE)) as other:
        assert other.execute("PRAGMA user_version").fetchone() == (0,)
    with closing(Conversations(tmp_path)) as kept:
        assert kept.list("") == ()
    with closing(sqlite3.connect(tmp_path / FILE)) as other:
        assert other.execute("PRAGMA user_version").fetchone() == (len(room._MIGRATIONS),)


def test_an_answer_that_an_earlier_version_kept_gets_what_has_come_since(tmp_path: Path) -> None:
    with closing(Conversations(tmp_path)) as kept:
        id_ = kept.save("", None, [Answer("When?", "In May.", "answered", "built-in")])
        with closing(sqlite3.connect(tmp_path / FILE)) as other, other:
            packed = zlib.compress(b'{"question":"When?","text":"May.","status":"answered","composer":"x","gone":1}')
            other.execute("UPDATE turns SET answer = ?", (packed,))
        assert kept.load("", id_).answers == (Answer("When?", "May.", "answered", "x"),)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be", encoding="utf-8")
    kept = Conversations(tmp_path / "home")
    with pytest.raises(ConversationsUnavailable, match="cannot be used"):
        kept.save("", None, [WHOLE])
    (tmp_path / FILE).mkdir()
    with pytest.raises(ConversationsUnavailable, match="cannot be used"):
        Conversations(tmp_path).list("")


@pytest.mark.parametrize("with_index", [True, False])
def test_what_was_deleted_is_not_in_the_files_any_more(tmp_path: Path, with_index: bool) -> None:
    with closing(Conversations(tmp_path, with_index=with_index)) as kept:
        id_ = kept.save("", None, [answer("Zebrafinch?")])
        kept.save("", None, [answer("The bridge?")])
        kept.delete("", id_)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert b"ebrafinch" not in (tmp_path / FILE).read_bytes()


def test_a_turn_of_a_long_conversation_writes_that_turn_only(tmp_path: Path) -> None:
    with closing(Conversations(tmp_path)) as kept:
        answers = [answer(f"{number}?") for number in range(30)]
        id_ = kept.save("", None, answers)
        with closing(sqlite3.connect(tmp_path / FILE)) as other:
            before = dict(other.execute("SELECT turn, rowid FROM turns"))
            kept.save("", id_, [*answers, answer("One more?")])
            after = dict(other.execute("SELECT turn, rowid FROM turns"))
    assert len(after) == 31
    assert before.items() <= after.items()  # a row that is written again gets another number


def test_nobody_else_may_read_a_file_that_was_made_under_a_loose_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(Conversations(tmp_path)) as kept:
            kept.save("", None, [WHOLE])
            assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    finally:
        os.umask(before)
