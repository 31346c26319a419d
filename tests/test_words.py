"""One form for what is written in several ways."""

from __future__ import annotations

import pytest

from vectorstore.lexical import terms
from vectorstore.words import folded, normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the U.S. envoy", "the US envoy"),
        ("the U.S.A. envoy", "the USA envoy"),
        ("the U.N. chief", "the UN chief"),
        ("Orme’s plan", "Orme's plan"),
        ("Orme’s plan", "Orme plan"),
        ("they don’t", "they dont"),
        ("O’Hare", "OHare"),
        ("cafe\u0301", "caf\u00e9"),
        ("soft\u00adened", "softened"),
        ("non\u2011profit", "non-profit"),
        ("J.K.Orme", "JK Orme"),
    ],
)
def test_two_ways_to_write_it_are_the_same_words(one: str, other: str) -> None:
    assert terms(normalised(one)) == terms(normalised(other))


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("cooperate", "co-operate"),
        ("email", "e-mail"),
        ("war", "anti-war"),
        ("antiwar", "anti-war"),
        ("year", "20-year"),
    ],
)
def test_a_word_with_a_hyphen_is_found_by_its_parts_or_in_one(asked: str, written: str) -> None:
    assert set(terms(normalised(asked))) <= set(terms(normalised(written)))


def test_an_abbreviation_is_not_the_word_in_lower_case() -> None:
    assert terms(normalised("WHO and IT in the US")) == ["whocap", "itcap", "usa"]
    assert normalised("Who told us of it?") == "Who told us of it?"


def test_a_headline_in_capitals_has_no_abbreviations() -> None:
    assert normalised("WHO TOLD US OF IT?\nThe US did.") == "WHO TOLD US OF IT?\nThe usa did."


def test_an_elision_and_other_hyphens_stay_apart() -> None:
    assert normalised("l'Orme face-to-face 20-year-old mother-in-law we'll") == (
        "l'Orme face-to-face 20-year-old mother-in-law we'll"
    )


def test_normalising_twice_is_normalising_once() -> None:
    text = "The U.S. co-operates; the WHO’s chief, J.K.Orme, doesn’t."
    assert normalised(normalised(text)) == normalised(text)


@pytest.mark.parametrize("sign", ["a.", "'", "US ", "co-", "’s", "x-", "\u00ad", "n't", "O'", "\n"])
def test_a_hostile_text_is_read_to_the_end(sign: str) -> None:
    assert len(normalised(sign * 100_000)) <= 400_000


def test_folding_takes_case_and_diacritics() -> None:
    assert [folded(word) for word in ("Genève", "Łódź", "Straße", "ORME")] == ["geneve", "lodz", "strasse", "orme"]
