"""Retrieval metrics as trec_eval defines them, over one query.

``ranking`` is the documents found, best first, none twice; ``relevance`` maps a judged document to its grade,
an integer of which 1 or more is relevant. Every value is in [0, 1], higher is better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

Relevance = Mapping[str, int]


def ndcg(ranking: Sequence[str], relevance: Relevance, k: int) -> float:
    """Normalised discounted cumulative gain with linear gain (Järvelin and Kekäläinen, 2002); 0 without relevant."""
    gains = [max(relevance.get(document, 0), 0) for document in ranking[:k]]
    ideal = sorted((max(grade, 0) for grade in relevance.values()), reverse=True)[:k]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def recall(ranking: Sequence[str], relevance: Relevance, k: int) -> float:
    """The share of the relevant documents among the first ``k``; 0 where none is relevant."""
    relevant = {document for document, grade in relevance.items() if grade > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], relevance: Relevance, k: int) -> float:
    """One over the rank of the first relevant document, 0 where none is among the first ``k``."""
    ranks = (rank for rank, document in enumerate(ranking[:k], start=1) if relevance.get(document, 0) > 0)
    return 1.0 / next(ranks, float("inf"))


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
