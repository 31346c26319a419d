"""Sentences that contradict each other in what is asked: our own labelled pairs, most of them traps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import pytest

from corpus.document import Header, Passage, Span
from rag.answering.asked import asked
from rag.answering.candidates import Candidate
from rag.answering.differing import Difference, Side, differences
from rag.answering.features import Wanted
from rag.answering.highlights import highlight
from rag.answering.ranking import FEATURES, Ranked
from rag.question import understand
from vectorstore.base import Hit
from vectorstore.lexical import terms

LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parent / "gold" / "differing.jsonl").read_text(encoding="utf-8").splitlines()
]

MISSED = {"df016"}  # "twelve workers" may be among "nine people" and others: whether they are is not known


def candidate(
    text: str,
    *,
    name: str = "a.txt",
    outlet: str | None = "Pell Courier",
    published: str | None = "2031-05-04",
    speaker: str = "",
    carriers: Sequence[str] = (),
) -> Candidate:
    span = Span(0, len(text))
    passage = Passage(Header(name, outlet=outlet, published=published), 0, len(text), text, (span,))
    hit = Hit(passage, 1.0, tuple(Header(each) for each in carriers))
    return Candidate(hit, 1.0, 0, span, text, speaker)


def read(question: str, *sentences: Candidate, scores: Sequence[float] | None = None) -> Ranked:
    """The sentences as they are ranked for a question, each half a point below the one before."""
    meant = understand(question)
    wanted = Wanted(meant, asked(meant.meant), dict.fromkeys(terms(meant.keywords), 1.0))
    spans = tuple(highlight(wanted.asked, meant.meant, each.text, each.document.published) for each in sentences)
    given = numpy.array(scores if scores is not None else [5.0 - at / 2 for at in range(len(sentences))])
    return Ranked(wanted, sentences, spans, given, numpy.zeros((len(sentences), len(FEATURES))))


def found(item: dict[str, Any]) -> str | None:
    speakers = item.get("speakers", ("", ""))
    names = ("a.txt", "a.txt" if item.get("same_document") else "b.txt")
    carriers = ((), ("a.txt",) if item.get("carriers") else ())
    sentences = [
        candidate(**item[side], name=names[at], speaker=speakers[at], carriers=carriers[at])
        for at, side in enumerate(("one", "other"))
    ]
    both = differences(read(item["question"], *sentences))
    return both[0].what if both else None


def test_the_labels_are_many_and_most_are_traps() -> None:
    assert len(LABELLED) >= 80
    assert sum(not each["differ"] for each in LABELLED) >= 45
    assert len({each["id"] for each in LABELLED}) == len(LABELLED)


@pytest.mark.parametrize("item", [each for each in LABELLED if not each["differ"]], ids=lambda each: each["id"])
def test_what_can_both_be_right_is_no_difference(item: dict[str, Any]) -> None:
    assert found(item) is None


def test_every_difference_is_found_but_those_named() -> None:
    labelled = [each for each in LABELLED if each["differ"]]
    assert {each["id"] for each in labelled if found(each) != each["what"]} == MISSED


WENT = "Rail guards at Ollerford walked out on Tuesday, leaving {} trains at the platforms of the Vale Line."
HOW_MANY = "How many trains were left at the platforms of the Vale Line?"


def test_a_difference_has_the_sentences_and_where_in_them_it_stands() -> None:
    one = candidate(WENT.format(34))
    other = candidate(WENT.format("about 50"), name="b.txt", outlet="Orrin Echo")
    start = len("Rail guards at Ollerford walked out on Tuesday, leaving ")
    assert differences(read(HOW_MANY, one, other)) == [
        Difference(
            "34 trains / about 50 trains",
            (
                Side(one, Span(start, start + len("34 trains")), "34 trains"),
                Side(other, Span(start, start + len("about 50 trains")), "about 50 trains"),
            ),
        )
    ]


def test_three_sources_that_all_differ_stand_side_by_side_and_who_agrees_with_one_is_left_out() -> None:
    sentences = [
        candidate(WENT.format(figure), name=name, outlet=name)
        for name, figure in (("a", 34), ("b", 51), ("c", "thirty-four"), ("d", 72), ("e", 51))
    ]
    (found,) = differences(read(HOW_MANY, *sentences, scores=[5.0, 4.8, 4.6, 4.4, 4.2]))
    assert found.what == "34 trains / 51 trains / 72 trains"


def test_the_same_outlet_on_two_days_is_told_with_its_dates() -> None:
    one, other = candidate(WENT.format(34)), candidate(WENT.format(51), name="b.txt", published="2031-05-05")
    (found,) = differences(read(HOW_MANY, one, other))
    assert found.what == "34 trains (4 May 2031) / 51 trains (5 May 2031)"


def test_what_ranks_far_below_the_best_contradicts_nothing() -> None:
    one, other = candidate(WENT.format(34)), candidate(WENT.format(51), name="b.txt", outlet="Orrin Echo")
    assert differences(read(HOW_MANY, one, other, scores=[5.0, 1.0])) == []


def test_two_accounts_without_a_figure_stand_side_by_side_only_where_the_question_says_that_they_differ() -> None:
    one = candidate("The mayor closed the Lenn chapel after a stone fell.")
    other = candidate("The bishop had the Lenn chapel closed, his office said.", name="b.txt", outlet="Orrin Echo")
    (found,) = differences(read("Did the mayor or the bishop close the Lenn chapel? Reports differ.", one, other))
    assert found.sides == (Side(one, None, "Pell Courier"), Side(other, None, "Orrin Echo"))
    assert differences(read("What happened to the Lenn chapel?", one, other)) == []


def test_no_sentence_and_one_sentence_differ_from_nothing() -> None:
    assert differences(read(HOW_MANY)) == []
    assert differences(read(HOW_MANY, candidate(WENT.format(34)))) == []


@pytest.mark.parametrize("sign", ["1", " 1", "a ", ", ", "A ", "“", "said ", "of the ", "1.15 and "])
def test_a_sentence_of_one_sign_over_and_over_is_read_in_no_time(sign: str) -> None:
    hostile = [candidate(WENT.format(at) + sign * 50_000, name=str(at), outlet=None) for at in (34, 51)]
    for question in (HOW_MANY, "When did the guards walk out?", "Who walked out? The papers disagree."):
        assert len(differences(read(question, *hostile))) <= 1
