"""What was learnt from questions with known answers: the weights of features, and what in a question to attend to.

Values read from the files beside this one, which ``python -m benchmarks.answering`` writes. Knows no text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent / "trained.json"
ATTENTION = Path(__file__).parent / "attention.npz"

Numbers = NDArray[numpy.float32]


@dataclass(frozen=True)
class Attention:
    """How words are compared: turned by ``projection``, shape (dimension, smaller dimension), and each word of a
    question weighted by its vector's product with ``importance``, shape (dimension,), and by its rarity."""

    projection: Numbers
    importance: Numbers
    of_rarity: float
    bias: float

    def turned(self, vectors: Numbers) -> Numbers:
        """Unit rows, shape (n, smaller dimension). Those of a model of another width stay as they are."""
        if vectors.shape[1] != len(self.projection):
            return vectors
        rows = vectors @ self.projection
        lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
        return numpy.asarray(rows / numpy.where(lengths > 0, lengths, 1.0), dtype=numpy.float32)

    def weights(self, vectors: Numbers, rarity: Numbers) -> Numbers:
        """How much each word of a question counts, shape (n,); together a little less than 1."""
        heard = vectors @ self.importance if vectors.shape[1] == len(self.importance) else 0.0
        weights = 1.0 / (1.0 + numpy.exp(-(heard + self.of_rarity * rarity + self.bias)))
        shares: Numbers = (weights / (weights.sum() + _NOTHING)).astype(numpy.float32)
        return shares


_NOTHING = 0.3  # keeps a question of which nothing counts from weighing as much as others


@dataclass(frozen=True)
class Linear:
    """A weighted sum of named features, plus ``bias``."""

    names: tuple[str, ...]
    weights: NDArray[numpy.float64]
    bias: float = 0.0

    def of(self, rows: NDArray[numpy.float64]) -> NDArray[numpy.float64]:
        """Shape (n,), of rows with these features in this order."""
        scores: NDArray[numpy.float64] = rows @ self.weights + self.bias
        return scores

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Linear:
        weights = said["weights"]
        return cls(tuple(weights), numpy.array(list(weights.values()), dtype=numpy.float64), said["bias"])


@dataclass(frozen=True)
class Trained:
    """``first`` picks by words what is read, ``then`` ranks what was read; ``absence`` says, in log odds, that none of
    it answers."""

    first: Linear
    then: Linear
    absence: Linear
    attention: Attention


@cache
def trained() -> Trained:
    said = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    with numpy.load(ATTENTION, allow_pickle=False) as arrays:
        attention = Attention(
            arrays["projection"].astype(numpy.float32),
            arrays["importance"].astype(numpy.float32),
            float(said["attention"]["of_rarity"]),
            float(said["attention"]["bias"]),
        )
    first, then, absence = (Linear.read(said[part]) for part in ("first", "then", "absence"))
    return Trained(first, then, absence, attention)


def linear(by: Linear) -> dict[str, Any]:
    """As ``Linear.read`` takes it."""
    weights = {name: round(float(weight), 4) for name, weight in zip(by.names, by.weights, strict=True)}
    return {"bias": round(by.bias, 4), "weights": weights}
