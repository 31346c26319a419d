"""An embedder with words before its texts: models trained with "query: " and "passage: " find less without them.

Wraps another, of whose own prompts it knows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from vectorstore.base import Embedder, Vector, Vectors


class Prefixed:
    """``query`` stands before every question, ``passage`` before every passage."""

    def __init__(self, embedder: Embedder, *, query: str, passage: str) -> None:
        self._embedder = embedder
        self._query = query
        self._passage = passage

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    @property
    def max_tokens(self) -> int:
        return self._embedder.max_tokens

    @property
    def fingerprint(self) -> str:
        return f"{self._embedder.fingerprint} query={self._query!r} passage={self._passage!r}"

    def count_tokens(self, text: str) -> int:
        return self._embedder.count_tokens(self._passage + text)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_passages([self._passage + text for text in texts])

    def embed_query(self, text: str) -> Vector:
        return self._embedder.embed_query(self._query + text)
