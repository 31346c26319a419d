"""P@k, precision: relevant documents among the first k / k, however few were found.

Range [0, 1]. As trec_eval's P.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluation.metrics.relevance import Relevance, relevant


def precision(ranking: Sequence[str], relevance: Relevance, k: int) -> float:
    return len(relevant(relevance).intersection(ranking[:k])) / k
