"""Citation recall and precision, by document.

Recall: gold documents that are cited / gold documents. Precision: cited documents that are gold documents / cited
documents. Each document counts once. Range [0, 1]; NaN where the item has no evidence, and precision where the answer
cites nothing. The names after ALCE (Gao et al., EMNLP 2023), which asks the same
of passages by an entailment model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import nan
from typing import Any

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, citations_of, share_of
from rag.evaluation.metrics.documents import file_of, is_from


def citation_recall(item: Item, line: Line) -> float:
    cited = _cited(line)
    return share_of(any(is_from(citation, gold) for citation in cited) for gold in _gold(item)).value


def citation_precision(item: Item, line: Line) -> float:
    gold = _gold(item)
    if not gold:
        return nan
    return share_of(any(is_from(citation, each) for each in gold) for citation in _cited(line)).value


def _gold(item: Item) -> set[str]:
    return {evidence.doc for evidence in item.evidence}


def _cited(line: Line) -> Iterable[Mapping[str, Any]]:
    """A citation of each document that is cited."""
    return {file_of(str(citation.get("doc") or "")): citation for citation in citations_of(line)}.values()
