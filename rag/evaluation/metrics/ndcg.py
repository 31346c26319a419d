"""nDCG@k, normalised discounted cumulative gain, with linear gain.

DCG@k = sum over the ranks i of 1 to k of grade_i / log2(i + 1); nDCG@k = DCG@k / DCG@k of the best ranking there is.
Range [0, 1], 0 where nothing is relevant. Järvelin and Kekäläinen, TOIS 20(4), 2002, as trec_eval has it: other tools
take 2^grade - 1 for the gain and give other figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from rag.evaluation.metrics.relevance import Relevance


def ndcg(ranking: Sequence[str], relevance: Relevance, k: int) -> float:
    gains = [max(relevance.get(document, 0), 0) for document in ranking[:k]]
    ideal = sorted((max(grade, 0) for grade in relevance.values()), reverse=True)[:k]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
