"""How much of a sentence its sources say: by words, by meaning, or as a judge sees it; a number in [0, 1].

By words it is the share of the sentence's that its sources have, half of it in any place and half in the two
sentences of each that have most. Neither words nor vectors see a "not", nor who did what to whom: that takes a judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from vectorstore.base import Vectors
from vectorstore.lexical import terms

ENOUGH_BY_WORDS = 0.3  # both measured: benchmarks/checking.py
ENOUGH_WITH_MEANING = 0.3
ENOUGH_FOR_A_JUDGE = 0.5

_REPORTING = re.compile(
    r"(?i)\b(?:said|says?|saying|told|according|reported|reports?|states?|stated|passages?|articles?|also|added|adds?)\b"
)


class Readable(Protocol):
    """A source as it is weighed."""

    @property
    def header(self) -> str: ...
    @property
    def sentences(self) -> Sequence[str]: ...
    @property
    def contents(self) -> Sequence[frozenset[str]]:
        """What the header says, then what each sentence does."""
        ...

    @property
    def premise(self) -> str: ...


@dataclass(frozen=True)
class Claimed:
    """A sentence and what it cites.

    ``uncounted`` is the sentence without its dates and numbers; ``counts`` is how many it has of those, and
    ``borne_out`` how many of them its sources have.
    """

    words: str
    uncounted: str
    counts: int
    borne_out: int
    sources: Sequence[Readable]


class Judge(Protocol):
    """Tells how surely a premise entails a hypothesis."""

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """A probability for each (premise, hypothesis)."""
        ...


def enough(*, embed: object | None, judge: object | None) -> float:
    """The support below which a sentence is not borne out."""
    if judge is not None:
        return ENOUGH_FOR_A_JUDGE
    return ENOUGH_BY_WORDS if embed is None else ENOUGH_WITH_MEANING


def measured(claims: Sequence[Claimed], embed: Callable[[Sequence[str]], Vectors] | None) -> list[float]:
    """The support of each claim by words; where there is ``embed``, the mean of that and of its meaning."""
    by_word = [
        _by_words(content(claim.uncounted), claim.borne_out, claim.counts, [each.contents for each in claim.sources])
        for claim in claims
    ]
    if embed is None or not claims:
        return by_word
    return [(words + meaning) / 2 for words, meaning in zip(by_word, _by_meaning(claims, embed), strict=True)]


def judged(claims: Sequence[Claimed], judge: Judge) -> list[float]:
    """The support of each claim as a judge sees it: the best that one of its sources gives it, or all together do."""
    pairs: list[tuple[str, str]] = []
    owners: list[int] = []
    for at, claim in enumerate(claims):
        premises = [source.premise for source in claim.sources]
        for premise in [*premises, "\n".join(premises)] if len(premises) > 1 else premises:
            pairs.append((premise, claim.words))
            owners.append(at)
    best = [0.0] * len(claims)
    for owner, score in zip(owners, judge.scores(pairs) if pairs else [], strict=True):
        best[owner] = max(best[owner], min(float(score), 1.0))
    return best


def content(words: str) -> frozenset[str]:
    """The words of a sentence that say something, as stems; numbers, which are checked by themselves, aside."""
    return frozenset(term for term in terms(_REPORTING.sub(" ", words)) if not term.isdigit())


def _by_words(asked: frozenset[str], borne_out: int, counts: int, sources: Sequence[Sequence[frozenset[str]]]) -> float:
    """``sources`` are the header and the sentences of each; a date or number is as good as a word."""
    if not asked and not counts:
        return 1.0
    anywhere: set[str] = set()
    closest: set[str] = set()
    for header, *sentences in sources:
        anywhere |= asked.intersection(header.union(*sentences))
        pairs = [asked & (one | other) for one, other in pairwise([*sentences, frozenset()])]
        closest |= max(pairs, key=len, default=frozenset())
        closest |= asked & header
    return (len(anywhere) + len(closest) + 2 * borne_out) / (2 * (len(asked) + counts))


def _by_meaning(claims: Sequence[Claimed], embed: Callable[[Sequence[str]], Vectors]) -> list[float]:
    """The cosine of each claim and the nearest sentence of its sources, in one call; never under 0."""
    texts = dict.fromkeys(claim.words for claim in claims)
    texts.update(dict.fromkeys(text for claim in claims for source in claim.sources for text in source.sentences))
    rows = {text: row for row, text in enumerate(texts)}
    vectors = embed(list(texts))
    found = []
    for claim in claims:
        nearby = [rows[text] for source in claim.sources for text in source.sentences]
        nearest = (vectors[nearby] @ vectors[rows[claim.words]]).max() if nearby else 0.0
        found.append(min(max(float(nearest), 0.0), 1.0))
    return found
