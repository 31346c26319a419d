"""Vectors in Chroma: a derived index. This file is the only home of chromadb.

It maps records to Chroma's and distances to similarities, nothing else; policy lives in ``index.py``.
Asking Chroma writes to its folder, so one process at a time may have it open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from vectorstore.base import Query, Record
from vectorstore.errors import IndexUnavailable

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

_COLLECTION = "passages"
_PAGE = 5_000  # rows at once: over 5,461 added or some 32,000 read, Chroma raises


@contextmanager
def _translated() -> Iterator[None]:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")  # read when chromadb is imported
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, OSError) as error:
        raise IndexUnavailable(f"chroma cannot be used ({error}); it is built again at the next start") from error


class ChromaIndex:
    """Cosine similarity over the passages' vectors."""

    @_translated()
    def __init__(self, folder: Path) -> None:
        import chromadb

        self._client: Any = chromadb.PersistentClient(
            str(folder), settings=chromadb.config.Settings(anonymized_telemetry=False)
        )
        self._collection: Collection = self._client.get_or_create_collection(
            # None: the default function would download a model.
            _COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine"}},
        )
        self._size = self._collection.count()  # counting takes several times as long as searching

    @_translated()
    def add(self, records: Sequence[Record]) -> None:
        for start in range(0, len(records), _PAGE):
            page = records[start : start + _PAGE]
            self._collection.add(
                ids=[str(record.passage_id) for record in page],
                embeddings=numpy.stack([record.vector for record in page]),
                metadatas=[{"document": record.document_id} for record in page],
            )
        self._size = self._collection.count()

    @_translated()
    def remove(self, document_ids: Sequence[int], passage_ids: Sequence[int]) -> None:
        for start in range(0, len(passage_ids), _PAGE):
            self._collection.delete(ids=[str(id_) for id_ in passage_ids[start : start + _PAGE]])
        self._size = self._collection.count()

    @_translated()
    def passage_ids(self) -> set[int]:
        found: set[int] = set()
        for offset in range(0, self._size, _PAGE):
            found.update(map(int, self._collection.get(limit=_PAGE, offset=offset, include=[])["ids"]))
        return found

    @_translated()
    def search(self, query: Query, k: int, within: Sequence[int] | None) -> list[tuple[int, float]]:
        """The filter is the caller's: Chroma's own costs fifty times the question."""
        if within is not None:
            raise NotImplementedError("ChromaIndex is asked without a filter; index.py drops what is outside it")
        k = min(k, self._size)
        if k == 0:
            return []
        found = self._collection.query(query_embeddings=query.vector[numpy.newaxis], n_results=k, include=["distances"])
        distances = (found["distances"] or [[]])[0]
        # Chroma's cosine distance is in [0, 2]; we speak similarity.
        return [(int(id_), 1.0 - distance) for id_, distance in zip(found["ids"][0], distances, strict=True)]

    @_translated()
    def close(self) -> None:
        self._client.close()
