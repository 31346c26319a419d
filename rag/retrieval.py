"""Find the passages that answer a question: retrievers, each of which may wrap others.

Knows questions, the archive's view and scores. Knows nothing of answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Protocol

from corpus.document import Passage
from rag.question import Question
from vectorstore.base import Hit, Query
from vectorstore.view import View

POOL = 100  # how much of each list is fused


class Retriever(Protocol):
    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        """At most ``k`` hits, best first; no passage twice."""
        ...


@dataclass(frozen=True)
class Dense:
    """By the similarity of vectors."""

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        return view.dense(_query(question, view), k)


@dataclass(frozen=True)
class Lexical:
    """By the words of the passage."""

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        return view.lexical(_query(question, view), k)


@dataclass(frozen=True)
class Articles:
    """By the words of the whole article: each of its passages has the article's score."""

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        return view.articles(_query(question, view), k)[:k]


@dataclass(frozen=True)
class Fused:
    """The weighted sum of several retrievers' z-scores, each over its own list.

    A passage that a list lacks counts there as its last: a list cut off at a hundred says no more than that.
    The z-score keeps a weak list from outvoting a strong one, as reciprocal ranks do.
    """

    parts: Sequence[tuple[Retriever, float]]

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        total: dict[Passage, float] = {}
        lists = [(_standardised(part.retrieve(question, view, POOL)), weight) for part, weight in self.parts]
        passages = dict.fromkeys(passage for scores, _ in lists for passage in scores)
        for scores, weight in lists:
            last = min(scores.values(), default=0.0)
            for passage in passages:
                total[passage] = total.get(passage, 0.0) + weight * scores.get(passage, last)
        best = sorted(total, key=lambda passage: -total[passage])[:k]
        return [Hit(passage, total[passage]) for passage in best]


def hybrid() -> Retriever:
    """Meaning and words, half and half; the words of the passage and of its article."""
    return Fused([(Dense(), 0.5), (Lexical(), 0.25), (Articles(), 0.25)])


def _standardised(hits: Sequence[Hit]) -> Mapping[Passage, float]:
    scores = [hit.score for hit in hits]
    spread = pstdev(scores) if scores else 0.0
    if spread == 0.0:
        return dict.fromkeys((hit.passage for hit in hits), 0.0)
    mean = fmean(scores)
    return {hit.passage: (hit.score - mean) / spread for hit in hits}


def _query(question: Question, view: View) -> Query:
    return Query(question.keywords, view.embed(question.search_text))
