"""Near words of a vocabulary: what a slip is, and which comes first."""

from __future__ import annotations

from itertools import product

import pytest

from vectorstore.vocabulary import Near, Vocabulary


def _vocabulary(**counts: int) -> Vocabulary:
    return Vocabulary(lambda letter: [(word, count) for word, count in counts.items() if word.startswith(letter)])


def test_near_words_come_nearest_first_then_frequent_first() -> None:
    known = _vocabulary(harbour=3, harbours=9, harbor=1, labour=5)
    assert known.near("harbou", 2) == [Near("harbour", 3, 1), Near("harbor", 1, 1), Near("harbours", 9, 2)]


@pytest.mark.parametrize("slip", ["hrabour", "harbor", "harbourr", "harbpur"])
def test_a_swap_a_loss_a_double_and_a_wrong_key_are_one_slip_each(slip: str) -> None:
    assert _vocabulary(harbour=2, hut=1).near(slip, 1) == [Near("harbour", 2, 1)]


def test_the_first_letter_is_taken_to_be_right() -> None:
    assert _vocabulary(harbour=2).near("garbour", 2) == []


def test_words_with_other_signs_than_letters_are_near_nothing() -> None:
    known = _vocabulary(**{"h20": 4, "hафен": 2, "hat": 1})
    assert known.near("h20", 2) == []
    assert known.near("hot", 2) == [Near("hat", 1, 1)]


def test_a_word_of_an_empty_vocabulary_is_near_nothing() -> None:
    assert _vocabulary().near("harbour", 2) == []
    assert _vocabulary().count("harbour") == 0


def test_slips_are_counted_as_the_definition_says() -> None:
    words = sorted({"a" + "".join(letters) for size in range(1, 5) for letters in product("ab", repeat=size)})
    known = Vocabulary(lambda letter: [(word, 1) for word in words])
    for word in words:
        expected = {other: _slips(word, other) for other in words}
        found = {near.word: near.distance for near in known.near(word, 2)}
        assert found == {other: slips for other, slips in expected.items() if slips <= 2}


def _slips(one: str, other: str) -> int:
    """Optimal string alignment, word for word from its definition."""
    if not one or not other:
        return len(one) + len(other)
    ways = [
        _slips(one[:-1], other) + 1,
        _slips(one, other[:-1]) + 1,
        _slips(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if len(one) > 1 and len(other) > 1 and one[-2:] == other[-1] + other[-2]:
        ways.append(_slips(one[:-2], other[:-2]) + 1)
    return min(ways)


def test_a_letter_is_read_once() -> None:
    asked = []

    def beginning_with(letter: str) -> list[tuple[str, int]]:
        asked.append(letter)
        return [("harbour", 2)]

    known = Vocabulary(beginning_with)
    assert (known.count("harbour"), known.count("hat"), len(known.near("harbuor", 1))) == (2, 0, 1)
    assert asked == ["h"]
