"""What an asked word that the archive does not know may be meant for: its nearest known ones.

Knows words and a vocabulary. Decides nothing: a name that is asked for and not in the archive stays unknown, whatever
it is read as.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.asking.follow_ups import FUNCTION_WORDS
from vectorstore.vocabulary import Near, Vocabulary
from vectorstore.words import folded, normalised

_MOST_READINGS = 3
_SHORTEST = 4  # letters: a shorter word is near too many
_SHORTEST_NAME = 5  # letters: of short names too many differ by one
_LONG = 6  # letters from which on a letter lost at the end is likelier than an ending
_TWO_SLIPS = 8  # letters from which on two slips are forgiven; a name needs one more
_PART = 3  # letters of a part where one word is written as two, or two as one
_USED = 2  # texts that use either part

_FUNCTION_WORDS = FUNCTION_WORDS | {word.replace("'", "") for word in FUNCTION_WORDS}  # "dont" is no slip
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Correction:
    """``written`` stands in the question and not in the archive; ``taken_for`` are the archive's words that it may be
    meant for, best first, ``distance`` slips away, with a capital where it has one.

    A word that lost its space is taken for two: "health care".
    """

    written: str
    taken_for: tuple[str, ...]
    distance: int

    @property
    def taken(self) -> str:
        """In plain words."""
        if self.distance == 1:
            return f"read as “{self.taken_for[0]}”"
        return f"also looked for as {' or '.join(f'“{word}”' for word in self.taken_for)}"


def corrections(
    text: str, vocabulary: Vocabulary, is_known: Callable[[str], bool], is_word: Callable[[str], bool]
) -> tuple[Correction, ...]:
    """For each word of ``text`` that the archive does not know and that is near to some that it does.

    ``is_known`` tells whether the archive has a word in any form; ``is_word`` whether it is a common one, which is
    never taken for another. The vocabulary is looked into only for words that are neither.
    """
    found = []
    for written in dict.fromkeys(_WORD.findall(normalised(text))):
        lower = written.lower()
        if len(written) < _SHORTEST or lower in _FUNCTION_WORDS or is_known(written) or is_word(lower):
            continue
        if readings := _readings(written, vocabulary):
            found.append(
                Correction(written, tuple(_as_written(each.word, written) for each in readings), readings[0].distance)
            )
    return tuple(found)


def corrected(text: str, found: Sequence[Correction]) -> str:
    """``text``, for its vector, with the best reading in the place of each word that is one slip away from it.

    Two slips away may be another word altogether, "osteogenesis" and "ontogenesis": that one only widens the search.
    """
    best = {each.written: each.taken_for[0] for each in found if each.distance == 1}
    return _WORD.sub(lambda word: best.get(word.group(), word.group()), text)


def variants(text: str, found: Sequence[Correction], is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """What the search by words is to look for beside ``text``: every reading of its corrected words, and the words that
    the archive writes in one and ``text`` in two: "healthcare" for "health care"."""
    readings = [reading for each in found for reading in each.taken_for]
    parts = [word.lower() for word in _WORD.findall(normalised(text)) if word.lower() not in FUNCTION_WORDS]
    whole = [one + other for one, other in pairwise(parts) if min(len(one), len(other)) >= _PART]
    return tuple(dict.fromkeys([*readings, *(word for word in whole if is_known(word))]))


def _as_written(word: str, written: str) -> str:
    return word.capitalize() if written[0].isupper() else word


def _readings(written: str, vocabulary: Vocabulary) -> list[Near]:
    word, is_name = folded(written), written[0].isupper()
    near = vocabulary.near(word, 2 if len(word) >= _TWO_SLIPS + is_name else 1)
    if near:
        nearest = near[0].distance  # 0 where the archive has the word after all: it is read as nothing else
        readings = [
            each for each in near if each.distance == nearest > 0 and (is_name or not _is_form(each.word, word))
        ]
        long = [each for each in readings if not is_name or min(len(each.word), len(word)) >= _SHORTEST_NAME]
        return long[:_MOST_READINGS]
    return [] if is_name else _apart(word, vocabulary)


def _is_form(one: str, other: str) -> bool:
    """True where one is the other with an ending, and short: a baker is no slip of "bake"."""
    return min(len(one), len(other)) < _LONG and (one.startswith(other) or other.startswith(one))


def _apart(word: str, vocabulary: Vocabulary) -> list[Near]:
    """The word as two that the archive uses, cut where the rarer of them is used most."""
    cuts = [(word[:at], word[at:]) for at in range(_PART, len(word) - _PART + 1)]
    both = [(min(vocabulary.count(one), vocabulary.count(other)), f"{one} {other}") for one, other in cuts]
    count, best = max(both, default=(0, ""))
    return [Near(best, count, 1)] if count >= _USED else []
