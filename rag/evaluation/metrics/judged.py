"""Judged@k: judged documents among the first k / documents among the first k, whatever their grade.

Range [0, 1], 0 where nothing was found. As ir_measures has it. Where it is low the other figures say little: what
nobody judged counts as irrelevant.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluation.metrics.relevance import Relevance


def judged(ranking: Sequence[str], relevance: Relevance, k: int) -> float:
    first = ranking[:k]
    return sum(document in relevance for document in first) / len(first) if first else 0.0
