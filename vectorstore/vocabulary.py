"""All words that an archive uses, to find those near one that it does not.

Knows words and letters. Knows nothing of tantivy or of questions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import numpy
from numpy.typing import NDArray

_LONGEST = 30  # letters: what is longer is no word
_AT_ONCE = 20_000  # words whose letters are looked at together
_NO_LETTER = "{"  # stands for every sign that is none of the 26 letters, which it comes after
_NONE = numpy.zeros(0, dtype=numpy.uint32)
_BITS = numpy.zeros(256, dtype=numpy.uint32)
_BITS[ord("a") : ord("z") + 1] = 1 << numpy.arange(26, dtype=numpy.uint32)
_BITS[ord(_NO_LETTER)] = 0xFFFFFFFF


@dataclass(frozen=True)
class Near:
    """A word of the vocabulary, in how many texts it occurs, and how many slips away it is."""

    word: str
    count: int
    distance: int


class Vocabulary:
    """Every word of an archive, folded and not stemmed, and in how many of its texts it occurs.

    Words are read by their first letter, each letter's when it is first asked for; an archive of a hundred thousand
    passages has a quarter of a million. Belongs to one state of the archive. Safe to use from several threads: at
    worst a letter is read twice.
    """

    def __init__(self, beginning_with: Callable[[str], Iterable[tuple[str, int]]]) -> None:
        self._beginning_with = beginning_with
        self._parts: dict[str, _Part] = {}

    def preload(self) -> None:
        """Read all that begins with one of the 26 letters, for a process that will answer many questions."""
        for letter in ascii_lowercase:
            self._part(letter)

    def count(self, word: str) -> int:
        """In how many texts a folded word occurs; 0 where the archive never uses it."""
        part = self._part(word[0])
        at = bisect_left(part.words, word)
        return int(part.counts[at]) if at < len(part.words) and part.words[at] == word else 0

    def near(self, word: str, slips: int) -> list[Near]:
        """Words at most so many slips from a folded ``word``, nearest first, frequent before rare.

        A slip is a letter too many, too few or another, or two that changed places. The first letter is taken to be
        right, and a word with anything but the 26 letters is near none.
        """
        if not (word.isascii() and word.isalpha()):
            return []
        part = self._part(word[0])
        differ = numpy.bitwise_count(part.letters ^ _letters(_codes_of([word]))[0])
        at = numpy.flatnonzero((numpy.abs(part.lengths - len(word)) <= slips) & (differ <= 2 * slips))
        words = [part.words[int(each)] for each in at]
        distances = _slips_between(word, _codes_of(words))
        found = [
            Near(other, int(part.counts[each]), int(distance))
            for other, each, distance in zip(words, at, distances, strict=True)
            if distance <= slips
        ]
        return sorted(found, key=lambda near: (near.distance, -near.count, near.word))

    def _part(self, letter: str) -> _Part:
        if letter not in self._parts:
            self._parts[letter] = _Part.of(self._beginning_with(letter))
        return self._parts[letter]


@dataclass(frozen=True)
class _Part:
    """The words that begin alike, sorted; ``letters`` has a bit for each letter that a word has, see ``_letters``."""

    words: Sequence[str]
    counts: NDArray[numpy.int32]
    lengths: NDArray[numpy.int8]
    letters: NDArray[numpy.uint32]

    @classmethod
    def of(cls, counts: Iterable[tuple[str, int]]) -> _Part:
        known = sorted((word, count) for word, count in counts if len(word) <= _LONGEST)
        words = [word for word, _ in known]
        blocks = [words[start : start + _AT_ONCE] for start in range(0, len(words), _AT_ONCE)]
        return cls(
            words,
            numpy.array([count for _, count in known], dtype=numpy.int32),
            numpy.array([len(word) for word in words], dtype=numpy.int8),
            numpy.concatenate([_NONE, *(_letters(_codes_of(block)) for block in blocks)]),
        )


def _codes_of(words: list[str]) -> NDArray[numpy.uint8]:
    """The letters as bytes, shape (words, the longest), 0 after the end of a word."""
    width = max(map(len, words), default=1)
    plain = [word if word.isascii() and word.isalpha() else _NO_LETTER * len(word) for word in words]
    return numpy.array(plain, dtype=f"S{width}").view(numpy.uint8).reshape(len(words), width)


def _letters(codes: NDArray[numpy.uint8]) -> NDArray[numpy.uint32]:
    """A bit for each letter that occurs; a word with other signs has more bits than letters can give it."""
    bits: NDArray[numpy.uint32] = numpy.bitwise_or.reduce(_BITS[codes], axis=1)
    return bits


def _slips_between(word: str, codes: NDArray[numpy.uint8]) -> NDArray[numpy.int8]:
    """How many slips ``word`` is from each row of ``codes``: the optimal string alignment, all rows at a time."""
    count, width = codes.shape
    letters = word.encode("ascii")
    lengths = (codes != 0).sum(axis=1)
    before: NDArray[numpy.int8] = numpy.zeros((width + 1, count), dtype=numpy.int8)
    last = numpy.repeat(numpy.arange(width + 1, dtype=numpy.int8)[:, None], count, axis=1)
    for at, letter in enumerate(letters, start=1):
        row = numpy.empty_like(last)
        row[0] = at
        same = numpy.equal(codes.T, letter)
        for column in range(1, width + 1):
            best = numpy.minimum(last[column], row[column - 1]) + 1
            row[column] = numpy.minimum(best, last[column - 1] + ~same[column - 1])
            if at > 1 and column > 1:
                swapped = same[column - 2] & (codes[:, column - 1] == letters[at - 2])
                row[column] = numpy.where(swapped, numpy.minimum(row[column], before[column - 2] + 1), row[column])
        before, last = last, row
    distances: NDArray[numpy.int8] = last[lengths, numpy.arange(count)]
    return distances
