"""Where a passage says a thing: the sentence to show beside a claim, or the few that hold its quotation.

Knows one passage and words. Does not know whether the claim is true: the nearest sentence may deny it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import log

from corpus.document import Passage, Span
from rag.answering.candidates import is_label
from rag.checking import quotations
from rag.checking.folding import tidy, tokens
from rag.checking.numbers import numbers
from rag.checking.support import content

_NUMBER = 2.0  # as often as a word of the same rarity: it is what a claim is looked up for
_BOTH = 0.25  # of what is said: what a second sentence must add to be shown as well
_SIGN = "#"
_LONGEST = 6  # sentences that one quotation runs over


class Saying:
    """The sentences of a passage to look things up in."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        statements = [span for span in passage.sentences if not is_label(passage.slice(span), passage)]
        self._spans = statements or list(passage.sentences) or [Span(passage.start, passage.end)]

    def of(self, said: str, quoted: Sequence[str] = ()) -> Span:
        """Where the passage says best what is said, in offsets of the document; what is ``quoted`` is sought first."""
        wanted = [stretches for each in quoted if (stretches := quotations.stretches(each))]
        for stretches in sorted(wanted, key=_length, reverse=True):
            if held := self._holding(stretches):
                return held
        return self._nearest(_weighable(said))

    def _holding(self, stretches: list[list[str]]) -> Span | None:
        """The fewest sentences on end that have a quotation."""
        for count in range(1, min(_LONGEST, len(self._spans)) + 1):
            for first in range(len(self._spans) - count + 1):
                span = Span(self._spans[first].start, self._spans[first + count - 1].end)
                if quotations.has(quotations.joined(tokens(self._passage.slice(span))), stretches):
                    return span
        return None

    def _nearest(self, said: frozenset[str]) -> Span:
        weights = {word: self._weight(word) for word in said}
        scores = [sum(weights[word] for word in said & words) for words in self._words]
        best = max(range(len(scores)), key=scores.__getitem__)
        span, least = self._spans[best], _BOTH * sum(weights.values())
        for beside in (best - 1, best + 1):
            if 0 <= beside < len(scores):
                more = sum(weights[word] for word in (said & self._words[beside]) - self._words[best])
                if least and more >= least:
                    other = self._spans[beside]
                    return Span(min(span.start, other.start), max(span.end, other.end))
        return span

    @cached_property
    def _words(self) -> list[frozenset[str]]:
        return [_weighable(self._passage.slice(span)) for span in self._spans]

    def _weight(self, word: str) -> float:
        having = sum(word in words for words in self._words)
        rarity = log(1 + len(self._words) / having) if having else 0.0
        return rarity * (_NUMBER if word[0] == _SIGN else 1.0)


def _weighable(text: str) -> frozenset[str]:
    """The words of a text that say something, as stems, and its numbers, each behind a sign that no word has."""
    told = tidy(text)
    values = (value for number in numbers(told) if not number.idiomatic for value in number.values)
    return content(told) | {f"{_SIGN}{value}" for value in values}


def _length(stretches: list[list[str]]) -> int:
    return sum(map(len, stretches))
