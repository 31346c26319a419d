"""Score every vector of the archive, or of some documents: exact, and quick up to some ten thousand.

Knows vectors. Knows nothing of Chroma, of words or of files.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy
from numpy.typing import NDArray

from vectorstore.base import Vector, Vectors
from vectorstore.kept import Kept
from vectorstore.snapshot import Snapshot

_FEW = 0.2  # of all passages

Ids = NDArray[numpy.int64]


class ExactSearch:
    """Keeps the vectors of one state of the archive, and which passage is of which document."""

    def __init__(self) -> None:
        self._places = Kept(Snapshot.places)
        self._vectors = Kept(_vectors)

    def passages_of(self, snapshot: Snapshot, documents: Ids) -> Ids:
        """The passages of these documents, by id."""
        passages, of = self._places.at(snapshot)
        return passages[numpy.isin(of, documents)]

    def alive(self, snapshot: Snapshot, passages: Iterable[int]) -> Ids:
        """Those of the passages that are alive, by id."""
        ids, _ = self._places.at(snapshot)
        asked = numpy.unique(numpy.fromiter(passages, dtype=numpy.int64))
        at = numpy.searchsorted(ids, asked)
        inside = at < len(ids)
        asked, at = asked[inside], at[inside]
        alive: Ids = asked[ids[at] == asked]
        return alive

    def vectors_of(self, snapshot: Snapshot, passages: Ids) -> tuple[Ids, Vectors]:
        """Of these passages, by id and alive: the documents they are of, and their vectors in rows."""
        ids, of = self._places.at(snapshot)
        return of[numpy.searchsorted(ids, passages)], snapshot.vectors_of(passages.tolist())

    def search(self, snapshot: Snapshot, vector: Vector, k: int, within: Ids | None) -> list[tuple[int, float]]:
        """At most ``k`` (passage id, cosine similarity) pairs, best first; ``within``, by id, None for all."""
        ids, matrix = self._vectors.at(snapshot)
        if within is None:
            scores = matrix @ vector if len(ids) else numpy.zeros(0)
        else:
            rows = numpy.searchsorted(ids, within)
            # Picking rows copies them: of many, scoring all of them costs less.
            scores = matrix[rows] @ vector if len(rows) < _FEW * len(ids) else (matrix @ vector)[rows]
            ids = within
        if not len(ids) or k == 0:
            return []
        least = numpy.partition(scores, -k)[-k] if k < len(ids) else -numpy.inf
        good = numpy.flatnonzero(scores >= least)
        best = good[numpy.argsort(-scores[good], kind="stable")[:k]]
        return [(int(ids[i]), float(scores[i])) for i in best]


def _vectors(snapshot: Snapshot) -> tuple[Ids, Vectors]:
    ids, matrix = snapshot.vectors()
    return numpy.array(ids, dtype=numpy.int64), matrix
