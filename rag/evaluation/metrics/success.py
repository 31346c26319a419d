"""Success@k: 1 where a relevant document is among the first k, else 0. As trec_eval's success."""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluation.metrics.relevance import Relevance


def success(ranking: Sequence[str], relevance: Relevance, k: int) -> float:
    return float(any(relevance.get(document, 0) > 0 for document in ranking[:k]))
