"""What a question asks for, and what of it is worth searching."""

from __future__ import annotations

import pytest

from rag.answer import Turn
from rag.question import MAX_TURNS, understand


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Who opened the bridge?", "who"),
        ("Which former official wrote the memo?", "who"),
        ("When was the gate freed?", "when"),
        ("On what date did the talks end?", "when"),
        ("In which year was it built?", "when"),
        ("Where did the crew go?", "where"),
        ("How many ships were waiting?", "number"),
        ("How long did the strike last?", "number"),
        ("Why did the gate jam?", "other"),
    ],
)
def test_the_kind_of_thing_asked_for_is_told_by_its_words(text: str, kind: str) -> None:
    assert understand(text).kind == kind


def test_only_the_words_a_question_is_about_are_searched() -> None:
    assert understand("What did the harbour master say about the fog?").keywords == "harbour master fog"


def test_a_question_of_nothing_but_function_words_is_searched_as_it_is() -> None:
    assert understand("Who was it?").keywords == "Who was it?"


def test_a_follow_up_takes_along_what_the_turns_before_were_about() -> None:
    history = [Turn("Who runs the mill?", "Ada Penn."), Turn("Where is it?", "At Pell.")]
    asked = understand("How old is it?", history)
    assert (asked.text, asked.search_text) == ("How old is it?", "runs mill How old is it?")
    assert asked.standalone == "How old is it? (asked about runs mill)"


def test_a_conversation_of_any_length_is_understood() -> None:
    history = [Turn(f"Question {n}?", "") for n in range(10 * MAX_TURNS)]
    assert f"{10 * MAX_TURNS - 1} And then?" in understand("And then?", history).search_text


def test_names_are_the_words_with_a_capital_but_for_the_first() -> None:
    assert understand("What did Ada Penn say at Pell?").names == ["Ada", "Penn", "Pell"]
