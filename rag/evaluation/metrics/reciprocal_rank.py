"""RR@k, reciprocal rank: 1 / the rank of the first relevant document, 0 where none is among the first k.

Range [0, 1]. Voorhees, The TREC-8 question answering track report, 1999.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluation.metrics.relevance import Relevance


def reciprocal_rank(ranking: Sequence[str], relevance: Relevance, k: int) -> float:
    ranks = (rank for rank, document in enumerate(ranking[:k], start=1) if relevance.get(document, 0) > 0)
    return 1.0 / next(ranks, float("inf"))
