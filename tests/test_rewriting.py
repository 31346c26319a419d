"""A follow-up is made to stand alone, or stays as it was understood; it never costs the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from rag.answer import Turn
from rag.llm.base import Limits, Prompt
from rag.llm.calling import Caller
from rag.llm.scripted import Scripted
from rag.question import understand
from rag.rewriting import Rewriting
from rag.templates import Templates

HISTORY = [Turn("Who opened the bridge?", "Mayor Croft did [1].")]
ALONE = "When did Mayor Croft open the bridge?"


def rewritten(model: Scripted, history: Sequence[Turn] = HISTORY, limits: Limits | None = None) -> str:
    """What is searched for in the end."""
    question = understand("When did she?", history)
    rewriting = Rewriting(Caller(model, limits, jitter=lambda: 0.0), Templates())
    *_, last = [question, *rewriting.rewrite(question, history)]
    assert last.text == question.text
    return last.search_text


AS_IT_WAS = "opened bridge When did she?"


@pytest.mark.parametrize("reply", [ALONE, f"\n“{ALONE}”\n", f'"{ALONE}" ', f"<think>She is the mayor.</think>{ALONE}"])
def test_a_follow_up_becomes_a_question_of_its_own(reply: str) -> None:
    assert rewritten(Scripted([reply])) == ALONE


@pytest.mark.parametrize(
    "reply", ['""', "“ ”", "One.\nTwo.", "a long story " * 50], ids=["quotes", "blanks", "two", "long"]
)
def test_what_is_no_question_is_not_searched_for(reply: str) -> None:
    assert rewritten(Scripted([reply])) == AS_IT_WAS


def test_a_model_that_tells_stories_is_stopped() -> None:
    asked: list[str] = []

    def tells(prompt: Prompt) -> Sequence[str]:
        return _Heard("and so the story goes on. " * 40, asked)

    assert rewritten(Scripted(tells, pause_s=0.02)) == AS_IT_WAS
    assert len("".join(asked)) < 1_000


class _Heard(list[str]):
    """Words that note that they were taken."""

    def __init__(self, text: str, taken: list[str]) -> None:
        super().__init__(f"{word} " for word in text.split())
        self._taken = taken

    def __iter__(self) -> Iterator[str]:
        for word in super().__iter__():
            self._taken.append(word)
            yield word


def test_a_first_question_is_asked_as_it_is() -> None:
    model = Scripted([ALONE])
    rewritten(model, history=[])
    assert model.prompts == []


def test_as_many_of_the_last_turns_are_told_as_the_model_takes() -> None:
    turns = [Turn(f"Question {number}: {'word ' * 500}?", "Yes.") for number in range(8)]
    model = Scripted([ALONE], context_tokens=3_000)
    assert rewritten(model, turns, Limits(reply_tokens=200)) == ALONE
    (prompt,) = model.prompts
    told = [number for number in range(8) if f"Question {number}:" in prompt.user]
    assert told
    assert told == list(range(told[0], 8))
    assert len(told) < 6


def test_a_turn_that_is_longer_than_the_model_takes_is_not_sent() -> None:
    model = Scripted([ALONE], context_tokens=1_000)
    turn = Turn("word " * 1_500, "Yes.")
    assert rewritten(model, [turn], Limits(reply_tokens=200)).endswith("When did she?")
    assert model.prompts == []


def test_a_model_that_hangs_takes_no_more_than_a_third_of_the_time(caplog: pytest.LogCaptureFixture) -> None:
    assert rewritten(Scripted([ALONE], pause_s=60.0), limits=Limits(total_s=0.9)) == AS_IT_WAS
    assert "took longer than 0.3 s" in caplog.text


def test_whoever_waits_has_control_meanwhile() -> None:
    question = understand("When did she?", HISTORY)
    waiting = Rewriting(Caller(Scripted([ALONE], pause_s=60.0)), Templates()).rewrite(question, HISTORY)
    assert next(waiting) is question
    waiting.close()  # type: ignore[attr-defined]
