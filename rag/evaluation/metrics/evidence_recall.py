"""Evidence recall@k: gold quotes that stand, white space aside, in one of the first k retrieved texts of their
document / gold quotes.

Range [0, 1]; NaN where the item has no evidence. Several quotes cannot all be in one small passage, so that recall@1
cannot always be 1.
"""

from __future__ import annotations

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, retrieved_of, share_of
from rag.evaluation.metrics.documents import is_from
from rag.evaluation.metrics.phrases import one_spaced


def evidence_recall(item: Item, line: Line, k: int) -> float:
    first = [(hit, one_spaced(str(hit.get("text") or ""))) for hit in retrieved_of(line)[:k]]
    return share_of(
        any(is_from(hit, evidence.doc) and one_spaced(evidence.quote) in text for hit, text in first)
        for evidence in item.evidence
    ).value
