"""The archive at one moment, narrowed to what a question asks for: what retrievers and composers look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy
from numpy.typing import NDArray

from vectorstore.base import Hit, Query, Vector, Vectors
from vectorstore.exact import Ids
from vectorstore.filtering import BROAD, Filter, enough, spare
from vectorstore.snapshot import Snapshot
from vectorstore.vocabulary import Vocabulary

if TYPE_CHECKING:
    from vectorstore.index import Index

Search = Callable[[Query, int, Sequence[int] | None], list[tuple[int, float]]]


@dataclass(frozen=True)
class Candidates:
    """Passages that some list found, in the order of their ids, and what every list would say of each.

    All of one length: ids, the documents they are of, vectors (unit length, in rows), BM25 of the passage, BM25 of
    its article.
    """

    ids: NDArray[numpy.int64]
    documents: NDArray[numpy.int64]
    vectors: Vectors
    words: NDArray[numpy.float64]
    article_words: NDArray[numpy.float64]


class View:
    """The archive at one moment, as retrievers see it. A passage that is not alive in SQLite is never given."""

    def __init__(self, index: Index, snapshot: Snapshot, within: Filter) -> None:
        self._index = index
        self.snapshot = snapshot
        self._within = numpy.array(snapshot.documents_within(within), dtype=numpy.int64) if within else None
        self.documents = index.counts(snapshot)[0] if self._within is None else len(self._within)
        self._embedded: dict[str, Vector] = {}

    def within(self, condition: Filter) -> View:
        """The same moment, narrowed to what a filter lets through."""
        return View(self._index, self.snapshot, condition)

    @property
    def is_narrowed(self) -> bool:
        """True where a filter leaves out what it does."""
        return self._within is not None

    def embed(self, text: str) -> Vector:
        """The vector of a question, computed once however many retrievers ask."""
        if text not in self._embedded:
            self._embedded[text] = self._index.embedder.embed_query(text)
        return self._embedded[text]

    def frequency(self, term: str) -> int:
        """In how many passages of the whole archive a term of ``lexical.terms`` occurs."""
        words = self._index.words(self.snapshot)
        return words.frequency(term) if words else 0

    def vocabulary(self) -> Vocabulary:
        """Every word of the whole archive; none where the index of words cannot be had."""
        return self._index.vocabulary(self.snapshot)

    def dense(self, query: Query, k: int) -> list[Hit]:
        """Passages by cosine similarity of their vectors."""
        return self.hits(self._by_vectors(query, k))

    def lexical(self, query: Query, k: int) -> list[Hit]:
        """Passages by BM25."""
        return self.hits(self._by_words(query, k))

    def articles(self, query: Query, k: int) -> list[Hit]:
        """Every passage of the ``k`` best articles by BM25 over the whole article, with its article's score."""
        found = self._by_articles(query, k)
        passages = self.snapshot.passage_ids_of([document_id for document_id, _ in found])
        return self.hits([(id_, score) for document, score in found for id_ in passages.get(document, [])])

    def candidates(self, query: Query, k: int) -> Candidates:
        """The ``k`` best passages by vectors, by their words and by those of their article, each scored by all three.

        So none counts as bad in a list only because it is not among its first. Where the index of words cannot be
        had, all its scores are 0.
        """
        found = {id_ for id_, _ in (*self._by_vectors(query, k), *self._by_words(query, k))}
        best = [document_id for document_id, _ in self._by_articles(query, k)]
        passages = self.snapshot.passage_ids_of(best)
        found.update([id_ for document_id in best for id_ in passages.get(document_id, [])][:k])
        # An index may be ahead of this snapshot, or behind it.
        ids = self._index.alive(self.snapshot, found)
        documents, vectors = self._index.vectors_of(self.snapshot, ids)
        words = self._index.words(self.snapshot)
        by_passage = words.scores(query, ids.tolist()) if words else {}
        by_article = words.article_scores(query, list(dict.fromkeys(documents.tolist()))) if words else {}
        return Candidates(
            ids,
            documents,
            vectors,
            numpy.array([by_passage.get(id_, 0.0) for id_ in ids.tolist()]),
            numpy.array([by_article.get(document_id, 0.0) for document_id in documents.tolist()]),
        )

    def _by_vectors(self, query: Query, k: int) -> list[tuple[int, float]]:
        return self._index.dense(self.snapshot, query, k, self._passages)

    def _by_words(self, query: Query, k: int) -> list[tuple[int, float]]:
        words = self._index.words(self.snapshot)
        return self._narrowed(words.search, query, k, self._passages) if words else []

    def _by_articles(self, query: Query, k: int) -> list[tuple[int, float]]:
        words = self._index.words(self.snapshot)
        return self._narrowed(words.search_articles, query, k, self._within) if words else []

    def _narrowed(self, search: Search, query: Query, k: int, ids: Ids | None) -> list[tuple[int, float]]:
        """What ``search`` finds of the documents of this view, which are these ``ids`` to it."""
        if self._within is None or ids is None:
            return search(query, k, None)
        share = len(self._within) / max(self._index.counts(self.snapshot)[0], 1)
        if share >= BROAD and (found := enough(search(query, spare(k, share), None), k, ids)) is not None:
            return found
        return search(query, k, self._within.tolist())

    @cached_property
    def _passages(self) -> Ids | None:
        """The passages of the documents that a filter leaves, None where there is none."""
        return None if self._within is None else self._index.passages_of(self.snapshot, self._within)

    def hits(self, scored: Sequence[tuple[int, float]]) -> list[Hit]:
        """The passages of (passage id, score) pairs, in that order, that are alive."""
        passages = self.snapshot.passages([id_ for id_, _ in scored])
        return [Hit(passages[id_], score) for id_, score in scored if id_ in passages]
