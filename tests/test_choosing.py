"""What of the ranked sentences an answer is made of: as few as will do, each thing once, in the order of its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy
import pytest

from corpus.document import Header
from rag.answering.choosing import Chosen, chosen, of_sentence
from rag.answering.ranking import Ranked
from tests.test_ranking import rank

EARLY = Header("z-early", outlet="Mercury", published="2021-03-01")
LATE = Header("b-late", outlet="Beacon", published="2022-08-01")
UNDATED = Header("a-undated", outlet="Echo")

LOCK, BARGES, HAT, RAIN = "The lock broke.", "Nine barges sank at Pell.", "A keeper lost her hat.", "Rain fell on Tarn."


def ordered(found: Ranked, scores: Sequence[float]) -> Ranked:
    """The sentences in the order of their documents and places, the first with the first of the scores."""
    places = [(each.document.name, each.span.start) for each in found.sentences]
    order = [at for _, at in sorted(zip(places, range(len(places)), strict=True))]
    mixed = replace(
        found,
        sentences=tuple(found.sentences[at] for at in order),
        highlights=tuple(found.highlights[at] for at in order),
        scores=numpy.array(scores, dtype=numpy.float64),
        features=found.features[order],
    )
    best = numpy.argsort(-mixed.scores, kind="stable")
    return replace(
        mixed,
        sentences=tuple(mixed.sentences[at] for at in best),
        highlights=tuple(mixed.highlights[at] for at in best),
        scores=mixed.scores[best],
        features=mixed.features[best],
    )


def quoted(parts: Sequence[Chosen]) -> list[str]:
    return [part.passage.slice(part.span) for part in parts]


def answering(question: str, scores: Sequence[float], *texts: str) -> list[str]:
    """What is quoted of these documents, the sentences of which have these scores."""
    return quoted(chosen(ordered(rank(question, *texts), scores)))


# --- a plain question


def test_a_sentence_that_stands_out_answers_alone() -> None:
    assert answering("What happened?", [1, 5, 1, 1], LOCK, BARGES, HAT, RAIN) == [BARGES]


def test_as_long_as_the_answer_may_well_be_elsewhere_the_next_is_taken_too() -> None:
    assert answering("What happened?", [1, 1.1, -1, -1], LOCK, BARGES, HAT, RAIN) == [BARGES, LOCK]


def test_never_more_than_three_answer_a_plain_question() -> None:
    alike = [f"{word} sank off {word * 2} at {word * 3}." for word in "abcdefg"]
    assert len(answering("What happened?", [0] * 7, *alike)) == 3


def test_a_sentence_much_less_likely_than_the_best_is_left_out_though_much_is_in_doubt() -> None:
    alike = [f"{word} sank." for word in "abcdefghijk"]
    assert answering("What happened?", [2, *[0] * 10], *alike) == ["a sank."]


def test_what_says_nearly_the_same_is_said_once() -> None:
    copy = "At Pell nine barges sank at night."
    assert answering("What happened?", [1, 1, 1], BARGES, copy, HAT) == [BARGES, HAT]
    assert answering("List all barges that sank.", [1, 1, 1], BARGES, copy, HAT) == [BARGES, HAT]


def test_the_only_sentence_is_taken_however_little_it_has() -> None:
    for question in ("What happened?", "List all barges.", "How did the dispute develop?", "Do they disagree?"):
        assert answering(question, [-50], HAT) == [HAT]


def test_sentences_that_touch_are_one_quotation() -> None:
    text = f"{HAT} {LOCK} {RAIN}"
    assert answering("What happened?", [0, 0, -9], text) == [f"{HAT} {LOCK}"]
    assert answering("What happened?", [0, -9, 0], text) == [HAT, RAIN]


def test_touching_sentences_that_were_taken_in_any_order_are_one_quotation_in_that_of_the_text() -> None:
    found = answering("What happened?", [0.1, 0.2, -9, 0], f"{HAT} {LOCK} {RAIN}", BARGES)
    assert found == [f"{HAT} {LOCK}"]


def test_sentences_of_two_documents_never_touch() -> None:
    assert answering("What happened?", [0, 0, 0], HAT, LOCK, RAIN) == [HAT, LOCK]


def test_a_sentence_brings_what_it_needs_and_marks_what_was_asked_for() -> None:
    found = rank("Who opened the gates?", "The keeper was Ada Orm. She opened the gates.")
    part = of_sentence(found, [each.text for each in found.sentences].index("She opened the gates."))
    assert part.passage.text == part.passage.slice(part.span) == "The keeper was Ada Orm. She opened the gates."
    (best,) = chosen(rank("When did the lock break?", "The lock broke on 3 May 2021."))
    assert best.highlight
    assert best.span.covers(best.highlight)
    assert "3 May" in best.passage.slice(best.highlight)


# --- lists


def test_a_list_is_in_the_order_of_time_and_what_is_undated_comes_last() -> None:
    found = rank("List all ships that sank.", LOCK, BARGES, HAT, headers=[LATE, UNDATED, EARLY])
    assert quoted(chosen(ordered(found, [0, 0, 0]))) == [HAT, LOCK, BARGES]


def test_items_of_one_document_stand_as_in_it() -> None:
    text = f"{BARGES} Nobody knew why. {HAT} Nobody cared. {RAIN}"
    assert answering("List all mishaps.", [0, -9, 1, -9, 2], text) == [BARGES, HAT, RAIN]


def test_a_list_has_five_items_at_most_and_none_twice() -> None:
    alike = [f"{word}a {word}b {word}c sank." for word in "abcdefgh"]
    items = answering("List all ships that sank.", [0] * 9, *alike, alike[0])
    assert len(items) == len(set(items)) == 5


def test_an_item_hardly_likely_is_none() -> None:
    assert answering("List all ships that sank.", [3, 2.5, -3], BARGES, HAT, RAIN) == [BARGES, HAT]


# --- developments


def test_a_development_has_a_stage_of_each_document_in_the_order_of_time() -> None:
    texts = (f"{LOCK} They met.", f"{BARGES} They left.", f"{HAT} They spoke.")
    found = rank("How did the dispute over the lock develop?", *texts, headers=[LATE, UNDATED, EARLY])
    # in the order of names: undated, late, early
    assert quoted(chosen(ordered(found, [3, 0, 3.1, 0, 0, 2.9]))) == ["They spoke.", LOCK, BARGES]


def test_a_development_takes_stages_told_in_other_words_but_no_noise() -> None:
    question = "How did the dispute over the lock develop?"
    assert answering(question, [4, 0, -4], LOCK, BARGES, HAT) == [LOCK, BARGES]


# --- comparisons


SIDES = "Compare what Ada Orm and Tilda Croft say about the lock."


def test_a_comparison_has_the_best_sentence_of_each_side() -> None:
    texts = ("The lock is weak.", "Ada Orm calls the lock old.", "Tilda Croft calls it sound.", "Ada Orm left.")
    assert answering(SIDES, [5, 3, 1, 2], *texts) == [texts[1], texts[2]]


def test_of_two_sides_told_in_one_sentence_each_still_has_its_own() -> None:
    texts = ("Ada Orm met Tilda Croft.", "Tilda Croft likes it.", "Rain fell.")
    assert answering(SIDES, [5, 3, 1], *texts) == [texts[0], texts[1]]


def test_a_side_the_archive_knows_nothing_of_gives_way_to_another_source() -> None:
    texts = ("Ada Orm calls it old. Ada Orm left.", "The board calls it sound.")
    assert answering(SIDES, [5, 4, 3], *texts) == ["Ada Orm calls it old.", "The board calls it sound."]


def test_a_side_may_be_an_outlet() -> None:
    found = rank("Compare the Mercury and the Beacon on the lock.", LOCK, BARGES, headers=[LATE, EARLY])
    sides = chosen(ordered(found, [0, 5]))
    assert {part.candidate.document.outlet for part in sides} == {"Mercury", "Beacon"}


@pytest.mark.parametrize("question", ["Do the papers disagree on the lock?", "Compare what they say about the lock."])
def test_where_no_side_is_named_several_sources_are_quoted(question: str) -> None:
    parts = answering(question, [3, 2, 1], LOCK, BARGES, HAT)
    assert len(parts) > 1
    assert parts[0] == LOCK
