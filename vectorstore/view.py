"""The archive at one moment, narrowed to what a question asks for: what retrievers and composers look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vectorstore.archive import Filter, Snapshot
from vectorstore.base import Hit, Query, Vector

if TYPE_CHECKING:
    from vectorstore.index import Index


class View:
    """The archive at one moment, as retrievers see it. A passage that is not alive in SQLite is never given."""

    def __init__(self, index: Index, snapshot: Snapshot, within: Filter) -> None:
        self._index = index
        self.snapshot = snapshot
        self._within = snapshot.documents_within(within) if within else None
        self.documents = snapshot.counts()[0] if self._within is None else len(self._within)
        self._embedded: dict[str, Vector] = {}

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

    def dense(self, query: Query, k: int) -> list[Hit]:
        """Passages by cosine similarity of their vectors."""
        return self._alive(self._index.dense(self.snapshot, query, k, self._within))

    def lexical(self, query: Query, k: int) -> list[Hit]:
        """Passages by BM25."""
        words = self._index.words(self.snapshot)
        return self._alive(words.search(query, k, self._within)) if words else []

    def articles(self, query: Query, k: int) -> list[Hit]:
        """Every passage of the ``k`` best articles by BM25 over the whole article, with its article's score."""
        words = self._index.words(self.snapshot)
        found = words.search_articles(query, k, self._within) if words else []
        passages = self.snapshot.passage_ids_of([document_id for document_id, _ in found])
        return self._alive([(id_, score) for document, score in found for id_ in passages.get(document, [])])

    def _alive(self, found: Sequence[tuple[int, float]]) -> list[Hit]:
        passages = self.snapshot.passages([id_ for id_, _ in found])
        return [Hit(passages[id_], score) for id_, score in found if id_ in passages]
