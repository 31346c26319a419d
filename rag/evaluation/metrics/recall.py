"""R@k, recall: relevant documents among the first k / relevant documents.

Range [0, 1], 0 where nothing is relevant. As trec_eval's recall.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluation.metrics.relevance import Relevance, relevant


def recall(ranking: Sequence[str], relevance: Relevance, k: int) -> float:
    wanted = relevant(relevance)
    return len(wanted.intersection(ranking[:k])) / len(wanted) if wanted else 0.0
