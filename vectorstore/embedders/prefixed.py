"""An embedder with words before its texts: models trained with "query: " and "passage: " find less without them.

Wraps another, of whose own prompts it knows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from vectorstore.base import Embedder, Vector, Vectors
from vectorstore.embedders.around import Around


class Prefixed(Around):
    """``query`` stands before every question, ``passage`` before every passage."""

    def __init__(self, embedder: Embedder, *, query: str, passage: str) -> None:
        super().__init__(embedder)
        self._query = query
        self._passage = passage

    @property
    def fingerprint(self) -> str:
        return f"{self._embedder.fingerprint} query={self._query!r} passage={self._passage!r}"

    def count_tokens(self, text: str) -> int:
        return self._embedder.count_tokens(self._passage + text)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_passages([self._passage + text for text in texts])

    def embed_query(self, text: str) -> Vector:
        return self._embedder.embed_query(self._query + text)
