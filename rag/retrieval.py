"""Find the passages that answer a question: retrievers, each of which may wrap others.

Knows questions, the archive's view and scores. Knows nothing of answers. Where the constants were chosen, and what
was measured with them, is in docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy
from numpy.typing import NDArray

from rag.question import Question
from vectorstore.base import Hit, Query, Stage, Vector
from vectorstore.lexical import terms
from vectorstore.view import Candidates, View

Scores = NDArray[numpy.float64]

POOL = 100  # how much of each list is looked at
_MEANING_FIRST = 0.5  # of the score by which documents are found first; the rest is words
_MEANING = 0.7  # of the score in the end, when the vector has learnt from what was found
_ARTICLE = 0.5  # of the words: those of the article, the rest are the passage's
_FOUND_FIRST = 10  # documents that the question is moved towards
_ONE_IN = 10  # but no more of them than one in so many: what is like most of an archive tells nothing
_MOVED = 0.5  # how far
_AWAY = 0.2  # how far it is moved from what all that was found has in common
_STEEP = 0.35  # standard deviations by which a document found first has to be better to count e times as much
_OF_WORDS = ("words", "article")  # stages that say nothing of what has none of the words


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
class Hybrid:
    """Meaning and words together, of all that either found.

    Both are standardised over the same passages, so that neither outvotes the other by its scale. The vector of the
    question is then moved towards the documents found first, most towards one that stands out, and all is scored once
    more: passages that are like good ones rise, in whatever words.

    The hits' stages are "meaning" (cosine, with the question as asked), "words" and "article" (BM25) and "together",
    each with its rank among the candidates.
    """

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        query = _query(question, view)
        pool = view.candidates(query, max(POOL, k))
        if not len(pool.ids):
            return []
        words = _standardised(_ARTICLE * pool.article_words + (1 - _ARTICLE) * pool.words)
        meaning = pool.vectors @ query.vector
        first = _together(_MEANING_FIRST, meaning, words)
        scores = first
        if found_first := _found_first(pool, first):
            moved = _moved(query.vector, pool, first, found_first)
            scores = _together(_MEANING, pool.vectors @ moved, words)
        best = numpy.lexsort((pool.ids, -scores))[:k]
        hits = view.hits([(int(pool.ids[i]), float(scores[i])) for i in best])
        lists = {"meaning": meaning, "words": pool.words, "article": pool.article_words, "together": scores}
        return [replace(hit, stages=stages) for hit, stages in zip(hits, _stages(lists, best), strict=True)]


def hybrid() -> Retriever:
    """What answers are made from."""
    return Hybrid()


def _together(share: float, similarities: NDArray[numpy.float32], words: Scores) -> Scores:
    return share * _standardised(similarities) + (1 - share) * words


def _standardised(scores: NDArray[numpy.floating]) -> Scores:
    """As z-scores; of a list whose scores are all alike, which says nothing, 0."""
    values = scores.astype(numpy.float64)
    spread = values.std()
    if spread <= 1e-6 * abs(values).max():  # what is equal may differ in its last digits
        return numpy.zeros(len(values))
    standardised: Scores = (values - values.mean()) / spread
    return standardised


def _stages(lists: Mapping[str, NDArray[Any]], rows: NDArray[numpy.int64]) -> list[tuple[Stage, ...]]:
    """For each of the rows what every list says of it; a list of words says nothing of what has none of them."""
    ranks = {name: numpy.searchsorted(numpy.sort(-scores), -scores[rows]) + 1 for name, scores in lists.items()}
    return [
        tuple(
            Stage(name, int(ranks[name][at]) if scores[row] or name not in _OF_WORDS else None, float(scores[row]))
            for name, scores in lists.items()
        )
        for at, row in enumerate(rows)
    ]


def _found_first(pool: Candidates, scores: Scores) -> list[int]:
    """Rows of the best passages of the best documents, best first; none where nearly all documents are candidates."""
    order = numpy.lexsort((pool.ids, -scores))
    _, at = numpy.unique(pool.documents[order], return_index=True)
    best: list[int] = order[numpy.sort(at)].tolist()
    return best[: min(_FOUND_FIRST, len(best) // _ONE_IN)]


def _moved(vector: Vector, pool: Candidates, scores: Scores, found_first: list[int]) -> Vector:
    """The question's vector on its way to the passages found first (Rocchio, 1971)."""
    weights = numpy.exp((scores[found_first] - scores[found_first[0]]) / _STEEP)
    towards = (weights / weights.sum()).astype(numpy.float32) @ pool.vectors[found_first]
    return _unit((1 - _MOVED) * vector + _MOVED * towards - _AWAY * pool.vectors.mean(axis=0))


def _query(question: Question, view: View) -> Query:
    """In a follow-up what is asked now counts twice what is known only from before."""
    words = list({tuple(terms(word)): word for word in question.keywords.split()}.values())
    vector = view.embed(question.search_text)
    if question.meant != question.search_text and question.search_text.endswith(question.meant):
        now = set(terms(question.meant))
        words += [word for word in words if now.intersection(terms(word))]
        vector = _unit(vector + view.embed(question.meant))
    return Query(" ".join(words), vector)


def _unit(vector: Vector) -> Vector:
    length = float(numpy.linalg.norm(vector))
    return vector / length if length else vector
