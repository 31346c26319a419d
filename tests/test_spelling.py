"""What a word that the archive does not know may be meant for."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rag.asking.spelling import Correction, corrected, corrections, variants
from vectorstore.vocabulary import Vocabulary

_COUNTS = {
    "geneva": 4, "general": 9, "government": 30, "harbour": 12, "health": 5, "care": 4, "healthcare": 3, "dint": 2,
    "queensland": 2, "minister": 8, "ministry": 6, "winner": 3, "ontogenesis": 1, "zelmar": 2,
}  # fmt: skip


def _known(word: str) -> bool:
    return word.lower() in _COUNTS


def _found(text: str, words: Iterable[str] = ()) -> tuple[Correction, ...]:
    vocabulary = Vocabulary(lambda letter: [(word, n) for word, n in _COUNTS.items() if word.startswith(letter)])
    return corrections(text, vocabulary, _known, lambda word: word in words)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Genva", "Geneva"), ("Genevva", "Geneva"), ("goverment", "government"), ("govenrment", "government"),
        ("harbuor", "harbour"), ("Hárbuor", "Harbour"),
    ],
)  # fmt: skip
def test_an_unknown_word_is_taken_for_its_nearest(written: str, meant: str) -> None:
    assert _found(f"What of {written}?") == (Correction(written, (meant,), 1),)


def test_a_word_that_only_lacks_its_marks_is_taken_for_nothing_else() -> None:
    assert _found("What of Zélmar?") == ()


def test_it_says_what_was_written_and_how_far_it_is() -> None:
    assert _found("Who flew to Genva?") == (Correction("Genva", ("Geneva",), 1),)


def test_equally_near_words_are_all_named_frequent_first() -> None:
    assert _found("The ministr") == (Correction("ministr", ("minister", "ministry"), 1),)


def test_a_known_word_and_a_common_one_are_left_alone() -> None:
    assert _found("The winter harbour", words=["winter"]) == ()


def test_an_unknown_name_is_not_pressed_into_another() -> None:
    assert _found("Who governs Quenland?") == ()  # two slips from Queensland, and of eight letters


def test_a_short_name_and_one_that_could_be_two_words_stay_as_they_are() -> None:
    assert _found("Who is Carf, and who Healthcares or Harbourcare?") == (
        Correction("Healthcares", ("Healthcare",), 1),
    )


def test_a_contraction_without_its_apostrophe_is_no_slip() -> None:
    assert _found("They dont care") == ()


def test_short_words_and_numbers_are_left_alone() -> None:
    assert _found("Gen 2021 h4rbour har") == ()


def test_a_word_that_lost_its_space_is_two() -> None:
    assert _found("The harbourgovernment") == (Correction("harbourgovernment", ("harbour government",), 1),)


def test_the_vector_has_the_reading_of_one_slip_alone() -> None:
    text = "Did Genva allow osteogenesis, really?"
    found = (Correction("Genva", ("Geneva", "Genoa"), 1), Correction("osteogenesis", ("ontogenesis",), 2))
    assert corrected(text, found) == "Did Geneva allow osteogenesis, really?"
    assert corrected(text, ()) == text


def test_the_search_by_words_has_every_reading_after_the_question() -> None:
    found = (Correction("Genva", ("Geneva", "Genoa"), 1),)
    assert variants("Did Genva agree?", found, _known) == ("Geneva", "Genoa")


def test_what_the_archive_writes_in_one_is_searched_in_one_too() -> None:
    assert variants("Who pays for health care?", (), _known) == ("healthcare",)
    assert variants("Who pays for harbour care?", (), _known) == ()
