"""What a turn of a conversation leans on, by its form alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag.answer import Turn
from rag.asking.follow_ups import FollowUp, standing_alone

_LABELLED = Path(__file__).parent / "gold" / "follow_ups.jsonl"
_GOLD = [json.loads(line) for line in _LABELLED.read_text(encoding="utf-8").splitlines()]


def _asked(text: str, *before: str) -> FollowUp:
    return standing_alone(text, [Turn(question, "The answer says much.") for question in before])


def test_a_first_question_stands_alone() -> None:
    assert _asked("Who owns it?") == FollowUp("Who owns it?", (), False)


def test_what_a_pronoun_points_to_comes_from_the_turn_before() -> None:
    found = _asked("Who owns it now?", "Where was the Kestrel ferry built?")
    assert found == FollowUp("Kestrel ferry built Who owns it now?", ("Kestrel", "ferry", "built"), True)


def test_the_subject_stays_while_turns_lean_on_it() -> None:
    found = _asked("Is it in force?", "What is the Lindow accord?", "Who signed it?", "Why?")
    assert found.joined == ("Lindow", "accord")


def test_the_last_subject_counts_not_the_first() -> None:
    found = _asked("When was it published?", "Tell me about the Kestrel.", "Who wrote the novel The Glass Heron?")
    assert found.joined == ("wrote", "novel", "Glass", "Heron")


@pytest.mark.parametrize(
    ("afterthought", "before", "gone"),
    [
        ("And in 2021?", "How many ships passed the lock in 2019?", "2019"),
        ("And in May?", "How much rain fell in January?", "January"),
        ("And on Sunday?", "Who plays on Saturday?", "Saturday"),
        ("And in Hexley?", "How many people live in Tarn?", "Tarn"),
        ("What about Vesper?", "What is the unemployment rate of Orlova?", "Orlova"),
        ("OK. And in Hexley?", "How many people live in Tarn?", "Tarn"),
    ],
)
def test_an_afterthought_takes_the_place_of_what_it_replaces(afterthought: str, before: str, gone: str) -> None:
    found = _asked(afterthought, before)
    assert found.is_follow_up
    assert gone not in found.search_text


def test_a_whole_question_replaces_nothing() -> None:
    assert "2019" in _asked("Did they reach Tarn in 2021?", "How many ships left Hexley in 2019?").joined


def test_a_name_in_another_place_is_not_replaced() -> None:
    assert _asked("And in Hexley?", "What did Dora Holm say in Tarn?").joined == ("Dora", "Holm")


def test_thanks_are_no_subject() -> None:
    assert _asked("What was the cause?", "When did the depot burn?", "OK, thanks!").joined == ("depot", "burn")
    assert _asked("Thanks, that's all.", "When did the depot burn?") == FollowUp("Thanks, that's all.", (), False)


def test_a_subject_of_its_own_leans_on_nothing() -> None:
    question = "How many goals did Ilse Marr score for Hexley?"
    assert _asked(question, "Who runs the port of Tarn?") == FollowUp(question, (), False)


def test_a_pronoun_with_its_noun_in_the_clause_before_points_to_that() -> None:
    assert not _asked("If the bees in orchards die, what becomes of them?", "Who runs the port?").is_follow_up


@pytest.mark.parametrize(
    "text", ["Is it true that Saltmere banned plastic nets?", "How long does it take to cross Tarn Sound?"]
)
def test_an_empty_it_points_to_nothing(text: str) -> None:
    assert not _asked(text, "Who runs the port?").is_follow_up


def test_capitals_tell_an_abbreviation_from_a_pronoun() -> None:
    assert _asked("What did they get?", "What did US envoys ask for?").joined == ("US", "envoys", "ask")
    assert _asked("AND WHO OWNS IT?", "WHO RUNS THE PORT?").joined == ("runs", "port")


def test_a_month_is_no_auxiliary() -> None:
    assert "May" in _asked("And who replaced her?", "Who resigned in May?").joined


def test_a_word_comes_in_once_and_not_where_the_turn_has_it() -> None:
    found = _asked("Is the ferry theirs?", "Who owns the ferry?", "And the other ferry?")
    assert found.joined == ("owns",)
    assert found.search_text == "owns ferry Is the ferry theirs?"


def test_of_a_pasted_page_not_every_word_comes_in() -> None:
    page = "Read this. " + " ".join(f"word{number}" for number in range(1_000))
    assert len(_asked("Who wrote it?", page).joined) < 100


@pytest.mark.parametrize("sign", ["a", "A.", "?", "it ", "’", "a-", "\u00e9", "In Tarn "])
def test_hostile_turns_are_read_to_the_end(sign: str) -> None:
    text = sign * 100_000  # what takes the square of that never ends
    assert _asked(text, text, text).search_text.endswith(text)


@pytest.mark.parametrize("row", _GOLD, ids=lambda row: row["id"])
def test_labelled_conversations(row: dict[str, Any]) -> None:
    found = _asked(row["question"], *row["history"])
    assert found.is_follow_up == row["follow_up"]
    assert set(row["in"]) <= set(found.joined)
    assert not set(row["out"]) & set(found.joined)
