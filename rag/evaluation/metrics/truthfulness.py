"""Truthfulness after CRAG: 1 for a right answer, 0 for a missing one, -1 for a wrong one, a hallucination.

The mean over n items is (right - wrong) / n = (2 * right + missing) / n - 1, range [-1, 1]. Right is a hit, so an
item that cannot be answered is right where the system abstained. Missing is any other abstention, or no answer at
all. ``missing`` and ``hallucinated`` are the shares of those, range [0, 1]. NaN where a hit is.
Yang et al., CRAG, NeurIPS 2024, without its grade between right and missing: a string rule cannot tell it.
"""

from __future__ import annotations

from math import isnan

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, abstained, text_of
from rag.evaluation.metrics.hit import hit


def truthfulness(item: Item, line: Line) -> float:
    right = hit(item, line)
    if isnan(right) or right:
        return right
    nothing_said = abstained(line) or not text_of(line).strip()
    return 0.0 if nothing_said else -1.0


def missing(item: Item, line: Line) -> float:
    value = truthfulness(item, line)
    return value if isnan(value) else float(value == 0)


def hallucinated(item: Item, line: Line) -> float:
    value = truthfulness(item, line)
    return value if isnan(value) else float(value < 0)
