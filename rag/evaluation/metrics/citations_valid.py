"""Citations valid: citations of something that was there to cite / citations written.

valid / (valid + invalid), where invalid counts the markers that the model made up; they were taken out before anybody
saw the answer. Range [0, 1]; NaN where nothing was cited. The format check of ALCE (Gao et al., EMNLP 2023).
"""

from __future__ import annotations

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, Share, citations_of


def citations_valid(item: Item, line: Line) -> float:
    valid = len(citations_of(line))
    return Share(valid, valid + int(line.get("invalid_markers") or 0)).value
