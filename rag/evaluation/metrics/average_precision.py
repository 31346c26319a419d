"""AP, average precision: P@i summed over the ranks i of the relevant documents found / relevant documents.

Range [0, 1], 0 where nothing is relevant. Buckley and Voorhees, SIGIR 2000; as trec_eval's map.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluation.metrics.relevance import Relevance, relevant


def average_precision(ranking: Sequence[str], relevance: Relevance) -> float:
    wanted = relevant(relevance)
    ranks = [rank for rank, document in enumerate(ranking, start=1) if document in wanted]
    return sum(found / rank for found, rank in enumerate(ranks, start=1)) / len(wanted) if wanted else 0.0
