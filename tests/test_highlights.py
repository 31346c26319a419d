"""The words of a sentence that are what was asked: our own labelled sentences, with what is known to be missed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.document import Span
from rag.answering.asked import asked
from rag.answering.highlights import highlight, shows

LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parent / "gold" / "highlights.jsonl").read_text(encoding="utf-8").splitlines()
]

MISSED = {"h133"}  # "the crew" is neither a name nor a role
WRONG: set[str] = set()


def found(item: dict[str, Any]) -> str | None:
    question, sentence = item["question"], item["sentence"]
    span = highlight(asked(question), question, sentence, item["published"])
    return sentence[span.start : span.end] if span else None


def test_the_labels_stand_in_their_sentences() -> None:
    assert len(LABELLED) >= 120
    assert all(each["highlight"] is None or each["highlight"] in each["sentence"] for each in LABELLED)
    assert sum(each["highlight"] is None for each in LABELLED) >= 25


def test_every_label_is_found_exactly_but_those_named() -> None:
    assert {each["id"] for each in LABELLED if found(each) != each["highlight"]} == MISSED


def test_nothing_is_highlighted_that_touches_no_label() -> None:
    wrong = {
        each["id"]
        for each in LABELLED
        if (got := found(each))
        and (not each["highlight"] or (got not in each["highlight"] and each["highlight"] not in got))
    }
    assert wrong == WRONG


def test_what_is_highlighted_is_shown() -> None:
    for each in LABELLED:
        if each["highlight"]:
            assert shows(asked(each["question"]), each["question"], each["sentence"]), each["id"]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Who repaired the lamp?", "The lamp was repaired overnight."),
        ("Who met Ada Orm?", "Ada Orm went home early."),
        ("How many boats sank?", "The boats sank in the storm."),
        ("When did the boats sink?", "The boats sank in a storm."),
        ("What did Ada Orm say?", "Ada Orm said nothing."),
        ("Why did the boats sink?", "The boats sank quickly."),
    ],
)
def test_a_sentence_without_the_thing_asked_shows_nothing(question: str, sentence: str) -> None:
    assert not shows(asked(question), question, sentence)
    assert highlight(asked(question), question, sentence, None) is None


def test_a_month_told_as_last_month_needs_the_date_of_the_article() -> None:
    question, sentence = "In which month did the kiln explode?", "The kiln exploded last month."
    assert highlight(asked(question), question, sentence, None) is None
    assert highlight(asked(question), question, sentence, "2020-05-01") == Span(18, 28)


def test_curly_marks_keep_the_offsets() -> None:
    question, sentence = "Who owns the ‘Petrel’?", "‘Petrel’ – the old boat – is owned by Ada Orm."
    span = highlight(asked(question), question, sentence, None)
    assert span is not None
    assert sentence[span.start : span.end] == "Ada Orm"


QUESTIONS = [
    "Who said it?",
    "Which firm was it?",
    "Where was it?",
    "When was it?",
    "How many men came?",
    "How much did it cost?",
    "Who is Ada Orm?",
    "What did he say?",
    "Why did it happen?",
    "How did it happen?",
]


@pytest.mark.parametrize("piece", ["a ", "A ", "1,", "in the ", "In A ", "“", "' ", "because ", "as the ", ", ", "by "])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_sentence_without_end_is_read_by_its_beginning(question: str, piece: str) -> None:
    long = piece * 100_000
    for text, sentence in ((question, long), (question + long, "Ada Orm paid 4 crowns in Tarn on 3 May.")):
        span = highlight(asked(text), text, sentence, None)
        assert span is None or span.end <= 2_000
