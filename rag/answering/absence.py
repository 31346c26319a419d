"""Whether the archive answers at all: the chance that nothing of what was read does.

A logistic regression over what the best sentences have and lack, its weights learnt from questions that an archive
answers and from such that it does not (benchmarks/answering). Knows ranked sentences and how rare words are.
"""

from __future__ import annotations

from math import exp
from typing import Protocol, get_args

import numpy

from corpus.dates import days_of
from corpus.mentions import mentioned
from rag.answering.asked import Form
from rag.answering.features import BY_READING, BY_WORDS
from rag.answering.ranking import FEATURES, Ranked
from rag.answering.trained import Linear
from vectorstore.lexical import terms

_OF_BEST = (
    *BY_READING, "words", "words of the passage", "names", "names in the passage", "focus", "length",
    "somebody quoted", "the speaker asked for", "another speaker than asked for",
)  # fmt: skip
_THREE = tuple(name for name in BY_READING if name.startswith(("no highlight", "focus away")))
_FORMS: tuple[Form, ...] = get_args(Form)
NAMES = (
    "score", "evidence", "ahead", *(f"best: {name}" for name in _OF_BEST), *(f"most: {name}" for name in BY_READING),
    "far off", "hardly aligned", "unknown words", "an unknown name", "words asked", "a time not told of",
    "words of nobody quoted",
    *(f"none of three: {name}" for name in _THREE), *(f"form {form}" for form in _FORMS), "no speaker asked for",
)  # fmt: skip
_FEW = 3
_NEAR, _ALIGNED = 0.45, 0.55  # where similarity and alignment are lower, each step counts on its own


class Frequencies(Protocol):
    """What knows how many passages have a term, as a View does."""

    def frequency(self, term: str) -> int: ...


def chance_of_none(ranked: Ranked, words: Frequencies, by: Linear) -> float:
    """In [0, 1]; 1 where there is no sentence at all."""
    if not ranked.sentences:
        return 1.0
    return 1.0 / (1.0 + exp(-float(by.of(numpy.array([features(ranked, words)]))[0])))


def features(ranked: Ranked, words: Frequencies) -> list[float]:
    """What ``NAMES`` names, of at least one sentence."""
    wanted, scores = ranked.wanted, ranked.scores
    best = dict(zip(FEATURES, ranked.features[0].tolist(), strict=True))
    reading = ranked.features[:, len(BY_WORDS) :]
    in_three = ranked.features[:_FEW].min(axis=0)
    unknown = {term for term in wanted.rarity if not words.frequency(term)}
    total = sum(wanted.rarity.values())
    spoken = ranked.features[:, FEATURES.index("the speaker asked for")].any()
    return [
        float(scores[0]),
        float(scores[0] + numpy.log(numpy.exp(scores - scores[0]).sum())),
        float(scores[0] - scores[1]) if len(scores) > 1 else 0.0,
        *(best[name] for name in _OF_BEST),
        *(float(most) for most in reading.max(axis=0)),
        max(0.0, _NEAR - float(reading[:, BY_READING.index("similarity")].max())),
        max(0.0, _ALIGNED - float(reading[:, BY_READING.index("aligned")].max())),
        sum(wanted.rarity[term] for term in unknown) / total if total else 0.0,
        float(not wanted.names.isdisjoint(unknown)),
        min(len(terms(wanted.text)), 30) / 10,
        float(_lacks_time(ranked)),
        float(wanted.asked.thing == "words" and not wanted.question.prefers.speakers),
        *(float(in_three[FEATURES.index(name)]) for name in _THREE),
        *(float(wanted.asked.form == form) for form in _FORMS),
        float(bool(wanted.question.prefers.speakers) and not spoken),
    ]


def _lacks_time(ranked: Ranked) -> bool:
    """True where a time is asked about, and no sentence read was published then or tells of it."""
    wished = ranked.wanted.question.prefers.periods
    if not wished:
        return False
    for each in ranked.sentences:
        published = each.document.published
        days = [*mentioned(each.text, published), *([days_of(published)] if published else [])]
        if any(period.overlaps(day) for period in wished for day in days):
            return False
    return True
