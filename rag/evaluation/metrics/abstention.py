"""Abstention: does the system decline what cannot be answered, and only that?

Positives are the items that cannot be answered. Precision: right abstentions / abstentions. Recall: right abstentions
/ items that cannot be answered. F1: 2 * right / (abstentions + items that cannot be answered). False refusals:
abstentions / items that can be answered. Of one answer each is 1, 0 or NaN where it has no say; of a set the first,
second and last are the mean of those, and F1 is pooled. An item that does not say whether it can be answered, or is
of type "false_premise", has no say. Range [0, 1]. Song et al., Trust-Score, ICLR 2025, F1 of refusals.

Abstaining is a status of the answer, never a phrase in it.
"""

from __future__ import annotations

from math import nan

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, Share, abstained
from rag.evaluation.metrics.hit import judges_abstention


def abstention_precision(item: Item, line: Line) -> float:
    return float(item.answerable is False) if _counts(item) and abstained(line) else nan


def abstention_recall(item: Item, line: Line) -> float:
    return float(abstained(line)) if _counts(item) and item.answerable is False else nan


def abstention_f1(item: Item, line: Line) -> Share:
    if not _counts(item):
        return Share(0, 0)
    declined, wanted = abstained(line), item.answerable is False
    return Share(2 * (declined and wanted), declined + wanted)


def false_refusals(item: Item, line: Line) -> float:
    return float(abstained(line)) if _counts(item) and item.answerable is True else nan


def _counts(item: Item) -> bool:
    return item.answerable is not None and judges_abstention(item)
