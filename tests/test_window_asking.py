"""From what a page sends to what it is shown: turns kept and replaced, stops, errors, and whose conversation it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from corpus.errors import BadInput
from rag.answer import Answer, Turn
from rag.window.asking import HISTORY_TURNS, Sent, Session, Stops, continued, exchanges, history, paced
from rag.window.choices import Choices
from rag.window.conversations import Conversations, UnknownConversation

ASK = "0" * 32


class Scripted:
    """A desk, and the choice of it, that answers as told and notes what it was asked."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []

    def desk(self, chosen: object) -> Scripted:
        return self

    def stream(self, question: str, **options: Any) -> Iterator[Answer]:
        self.asked.append({"question": question, **options})
        for each in self.answers:
            if isinstance(each, Exception):
                raise each
            yield each


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Conversations]:
    conversations = Conversations(tmp_path)
    yield conversations
    conversations.close()


def answer(text: str, status: Any = "answered", question: str = "Why?") -> Answer:
    return Answer(question, text, status, "extractive")


def run(
    desk: Scripted, kept: Conversations, session: Session | None = None, stops: Stops | None = None, **sent: Any
) -> tuple[list[str], Session]:
    """All that was shown, and the session afterwards."""
    given = Sent.of({"ask": ASK, "question": "Why?", **sent})
    shown = list(
        exchanges(cast(Choices, desk), kept, stops or Stops(), user="", session=session or Session(), sent=given)
    )
    last = shown[-1][1]
    assert last is not None
    assert [after for _, after in shown[:-1]] == [None] * (len(shown) - 1)
    return [markup for markup, _ in shown], last


def test_an_answer_is_shown_as_it_grows_and_kept_once_it_is_whole(kept: Conversations) -> None:
    desk = Scripted(answer("Because", "incomplete"), answer("Because of rain."))
    shown, session = run(desk, kept)
    assert "Because" in shown[0]
    assert 'aria-busy="true"' in shown[0]
    assert 'aria-busy="false"' in shown[-1]
    assert session.conversation
    assert f'data-conversation="{session.conversation}"' in shown[-1]
    assert kept.load("", session.conversation).answers == session.answers == (answer("Because of rain."),)


def test_a_page_goes_on_from_its_own_turns_and_replaces_those_it_does_not_keep(kept: Conversations) -> None:
    _, session = run(Scripted(answer("one")), kept)
    _, session = run(Scripted(answer("two")), kept, session, keep=1, conversation=session.conversation)
    desk = Scripted(answer("another"))
    _, after = run(desk, kept, session, keep=1, conversation=session.conversation)
    assert desk.asked[0]["history"] == [Turn("Why?", "one")]
    assert [each.text for each in after.answers] == ["one", "another"]
    assert after.conversation == session.conversation
    assert [each.text for each in kept.load("", str(after.conversation)).answers] == ["one", "another"]


def test_a_conversation_that_a_page_opened_since_is_taken_from_where_it_is_kept(kept: Conversations) -> None:
    other = kept.save("", None, [answer("from before")])
    desk = Scripted(answer("new"))
    _, after = run(desk, kept, Session("mine", (answer("of mine"),)), keep=1, conversation=other)
    assert desk.asked[0]["history"] == [Turn("Why?", "from before")]
    assert after.conversation == other


def test_nobody_goes_on_with_anothers_conversation(kept: Conversations) -> None:
    theirs = kept.save("ada", None, [answer("secret of Ada")])
    desk = Scripted(answer("x"))
    shown, after = run(desk, kept, keep=1, conversation=theirs)
    assert "cd-refusal" in shown[-1]
    assert "secret" not in "".join(shown)
    assert desk.asked == []
    assert after == Session()
    with pytest.raises(UnknownConversation):
        continued(Session(), Sent(ASK, "q", 1, theirs), kept, "bob")


def test_a_page_without_a_conversation_begins_one(kept: Conversations) -> None:
    _, first = run(Scripted(answer("one")), kept)
    _, second = run(Scripted(answer("two")), kept, first)  # after "New conversation": no id, nothing to keep
    assert second.conversation != first.conversation
    assert [each.text for each in second.answers] == ["two"]


def test_a_stop_is_heard_between_two_words_and_leaves_what_there_is(kept: Conversations) -> None:
    stops = Stops()
    stops.stop(ASK)
    shown, session = run(Scripted(answer("Because", "incomplete"), answer("Because of rain.")), kept, stops=stops)
    assert session.answers[0].status == "incomplete"
    assert session.answers[0].text == "Because"
    assert "Stopped before it was finished." in shown[-1]


def test_the_stops_that_are_remembered_have_a_limit() -> None:
    stops = Stops()
    for number in range(1_500):
        stops.stop(f"{number:032x}")
    assert not stops.is_stopped(f"{0:032x}")
    assert stops.is_stopped(f"{1_499:032x}")


def test_a_page_that_goes_away_leaves_what_it_had_in_its_conversation(kept: Conversations) -> None:
    desk = Scripted(answer("Because", "incomplete"), answer("Because of rain."))
    running = exchanges(
        cast(Choices, desk), kept, Stops(), user="", session=Session(), sent=Sent.of({"ask": ASK, "question": "Why?"})
    )
    next(running)
    running.close()  # type: ignore[attr-defined]
    (entry,) = kept.list("")
    assert [each.text for each in kept.load("", entry.id).answers] == ["Because"]


def test_a_question_that_cannot_be_used_is_refused_in_a_sentence_and_changes_nothing(kept: Conversations) -> None:
    shown, session = run(
        Scripted(BadInput("k is 0; it must be at least 1")), kept, Session(None, (answer("one"),)), keep=1
    )
    assert shown == [f'<p class="cd-refusal" data-ask="{ASK}">K is 0; it must be at least 1</p>']
    assert session == Session(None, (answer("one"),))
    assert kept.list("") == ()


def test_an_error_of_ours_is_a_sentence_and_any_other_says_nothing_of_its_insides(
    kept: Conversations, caplog: pytest.LogCaptureFixture
) -> None:
    shown, session = run(Scripted(answer("Because", "incomplete"), RuntimeError("secret insides")), kept)
    assert session.answers[0].status == "error"
    assert "secret insides" not in "".join(shown)
    assert "secret insides" in caplog.text


def test_where_a_conversation_cannot_be_kept_the_answer_stands_and_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("no folder")
    unkept = Conversations(blocked)
    shown, session = run(Scripted(answer("Because.")), unkept)
    assert "This conversation is not kept" in shown[-1]
    assert session == Session(None, (answer("Because."),))


def test_limits_go_along_and_are_said_with_the_answer(kept: Conversations) -> None:
    desk = Scripted(answer("x"))
    shown, _ = run(desk, kept, since="2024-03", outlet="Courier", without=["period"], k="7", now="2024-05-01")
    asked = desk.asked[0]
    assert (asked["since"], asked["until"], asked["outlet"]) == ("2024-03", None, "Courier")
    assert (asked["k"], asked["now"], asked["without"]) == (7, "2024-05-01", ("period",))
    assert "Only documents of Courier published from 2024-03 were asked." in shown[-1]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "why",
        {},
        {"ask": ASK},
        {"ask": "x", "question": "why"},
        {"ask": ASK, "question": 7},
        {"ask": ASK, "question": "why", "keep": -1},
        {"ask": ASK, "question": "why", "keep": "1"},
        {"ask": ASK, "question": "why", "without": "period"},
        {"ask": ASK, "question": "why", "without": ["everything"]},
        {"ask": ASK, "question": "why", "without": [["period"]]},
        {"ask": ASK, "question": "why", "since": ["2024"]},
        {"ask": ASK, "question": "why", "outlet": "x" * 1_000},
        {"ask": ASK, "question": "why", "conversation": 3},
        {"ask": ASK, "question": "why", "k": "many"},
    ],
)
def test_what_no_page_of_ours_sends_is_refused(data: object) -> None:
    with pytest.raises(BadInput):
        Sent.of(data)


def test_the_history_holds_the_last_turns_and_no_errors() -> None:
    answers = [answer(f"{n}", "error" if n == 24 else "answered") for n in range(25)]
    turns = history(answers)
    assert len(turns) == HISTORY_TURNS
    assert turns[-1] == Turn("Why?", "23")


def test_answers_are_paced_and_the_last_one_always_comes() -> None:
    times = iter([0.0, 0.0, 0.0, 0.01, 0.06, 0.06, 0.07])
    answers = [answer(text) for text in ("a", "b", "c", "d")]
    # a at 0 s; b at 10 ms is too soon; c at 60 ms; d at 70 ms is too soon, but the last
    assert [each.text for each in paced(answers, clock=lambda: next(times))] == ["a", "c", "d"]
