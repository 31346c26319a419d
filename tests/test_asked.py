"""What a question asks for: our own labelled questions exactly, but for those that are known to be read otherwise."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from corpus.document import Span
from rag.answering.asked import Asked, Form, Thing, asked

LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parent / "gold" / "asked.jsonl").read_text(encoding="utf-8").splitlines()
]
MISSED = {"What did the mayor, who quoted the king, promise the farmers?"}  # the verb behind an aside is not found


def test_every_form_and_every_thing_is_asked_for_often_enough() -> None:
    forms = Counter(each["form"] for each in LABELLED)
    things = Counter(each["thing"] for each in LABELLED)
    assert len({each["question"] for each in LABELLED}) == len(LABELLED) >= 160
    assert set(forms) == set(get_args(Form))
    assert set(things) == set(get_args(Thing))
    assert min(*forms.values(), *things.values()) >= 4


def test_all_labelled_questions_are_read_as_labelled_but_those_named() -> None:
    read = {each["question"]: asked(each["question"]) for each in LABELLED}
    wrong = {
        each["question"]
        for each in LABELLED
        if (read[each["question"]].form, read[each["question"]].thing, read[each["question"]].focus)
        != (each["form"], each["thing"], each["focus"])
    }
    assert wrong == MISSED


def test_a_focus_stands_where_its_span_says() -> None:
    for each in LABELLED:
        found = asked(each["question"])
        assert (found.focus_span is None) == (found.focus == "")
        if found.focus_span is not None:
            assert each["question"][found.focus_span.start : found.focus_span.end] == found.focus


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("How do Pell, Orm and Vale differ on the tunnel?", ("Pell", "Orm", "Vale")),
        ("What did Tarn and Hexley each say about the border?", ("Tarn", "Hexley")),
        ("Who got the longer sentence, Maddock or Brand?", ("Maddock", "Brand")),
        ("Ferry or tunnel: which is cheaper?", ("Ferry", "tunnel")),
        ("The port versus the union: who gave way?", ("The port", "the union")),
        ("What is the difference between the first plan and the second?", ("the first plan", "the second")),
        ("Compare the offers of the port and the union.", ("the offers of the port", "the union")),
        ("How does the new bridge compare with the old one?", ("the new bridge", "the old one")),
        ("Who found the anchor?", ()),
    ],
)
def test_a_comparison_names_its_sides_as_written(question: str, sides: tuple[str, ...]) -> None:
    assert asked(question).sides == sides


def test_the_whole_of_what_is_asked() -> None:
    assert asked("Which retired judge led the inquiry?") == Asked("fact", "person", "retired judge", Span(6, 19))


def test_words_in_quotation_marks_do_not_decide() -> None:
    assert asked("Who said “how many, and compared to what”?") == Asked("fact", "person")


@pytest.mark.parametrize("question", ["", "?", "   ", "…", "42", "“", "Who", "how", "which", "what's", "Name the"])
def test_what_is_hardly_a_question_is_read_without_harm(question: str) -> None:
    assert asked(question).sides == ()


@pytest.mark.parametrize("piece", ["a", "a ", "'", "“", "what ", "which paper ", "A or B, ", "how did ", "the a ", "?"])
def test_a_question_without_end_is_read_by_its_beginning(piece: str) -> None:
    assert asked(piece * 100_000) == asked((piece * 100_000)[:1_000])
