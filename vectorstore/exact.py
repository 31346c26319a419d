"""Score every vector of the archive, or of some documents: exact, and quick up to some ten thousand.

Knows vectors. Knows nothing of Chroma, of words or of files.
"""

from __future__ import annotations

from collections.abc import Collection
from threading import Lock

import numpy
from numpy.typing import NDArray

from vectorstore.archive import Snapshot
from vectorstore.base import Vector, Vectors


class ExactSearch:
    """Keeps the matrix of one state of the archive, and reads it anew when the archive has moved on."""

    def __init__(self) -> None:
        self._state: tuple[tuple[str, int], NDArray[numpy.int64], Vectors] | None = None
        self._guard = Lock()

    def search(
        self, snapshot: Snapshot, vector: Vector, k: int, within: Collection[int] | None
    ) -> list[tuple[int, float]]:
        """At most ``k`` (passage id, cosine similarity) pairs among the passages ``within``, best first."""
        ids, matrix = self._at(snapshot)
        if within is not None:
            chosen = numpy.isin(ids, numpy.fromiter(within, dtype=numpy.int64, count=len(within)))
            ids, matrix = ids[chosen], matrix[chosen]
        if not len(ids) or k == 0:
            return []
        scores = matrix @ vector
        best = numpy.argsort(-scores, kind="stable")[:k]
        return [(int(ids[i]), float(scores[i])) for i in best]

    def _at(self, snapshot: Snapshot) -> tuple[NDArray[numpy.int64], Vectors]:
        state = (snapshot.id(), snapshot.head())
        with self._guard:
            if self._state is None or self._state[0] != state:
                ids, matrix = snapshot.vectors()
                self._state = (state, numpy.array(ids, dtype=numpy.int64), matrix)
            return self._state[1], self._state[2]
