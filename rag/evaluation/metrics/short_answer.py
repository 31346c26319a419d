"""Exact match and F1 of a short answer against the reference answers, the best of them.

Both sides are normalised as for SQuAD: lower case, without ASCII punctuation and the words a, an and the, white space
as one blank; citation marks such as [1] are taken out first. Exact match is 1 where they are then equal, else 0. F1 is
that of the words, each counted as often as it stands: 2 * common / (words here + words there). Range [0, 1]; NaN where
the item has no reference answer or is not answerable. Rajpurkar et al., SQuAD, EMNLP 2016.

A whole sentence around the right words scores low on both: read them where answers are short, and ``holds_answer``,
whether the words of a reference stand in it in a row, where only the references are.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from math import nan

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, text_of
from rag.evaluation.metrics.phrases import uncited

_LONGEST_HELD = 10  # words; nobody writes a longer reference word for word
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def exact_match(item: Item, line: Line) -> float:
    given = _normal(text_of(line))
    return max((float(given == _normal(answer)) for answer in _references(item)), default=nan)


def f1(item: Item, line: Line) -> float:
    given = _normal(text_of(line)).split()
    return max((_overlap(given, _normal(answer).split()) for answer in _references(item)), default=nan)


def holds_answer(item: Item, line: Line) -> float:
    """1 where the normalised answer holds a short normalised reference, as whole words, else 0; else as above."""
    given = f" {_normal(text_of(line))} "
    short = [words for words in map(_normal, _references(item)) if 0 < len(words.split()) <= _LONGEST_HELD]
    return max((float(f" {words} " in given) for words in short), default=nan)


def _references(item: Item) -> tuple[str, ...]:
    return () if item.answerable is False else item.answers


def _normal(text: str) -> str:
    return " ".join(_ARTICLE.sub(" ", uncited(text).lower().translate(_NO_PUNCTUATION)).split())


def _overlap(given: list[str], wanted: list[str]) -> float:
    if not given or not wanted:
        return float(given == wanted)
    return 2 * (Counter(given) & Counter(wanted)).total() / (len(given) + len(wanted))
