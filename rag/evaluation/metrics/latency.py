"""Latency: milliseconds from question to whole answer or to its first words, and their percentiles.

A percentile is by nearest rank: the smallest value that at least so many per cent of the values do not exceed
(Hyndman and Fan 1996, definition 1; no value is made up between two). NaN where the line has no such time or asking
failed, since a failure is not a fast answer. Range [0, infinity).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan, nan

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line

PERCENTS = (50, 95, 99)


def latency_ms(item: Item, line: Line) -> float:
    return _spent(line, "latency_ms")


def first_words_ms(item: Item, line: Line) -> float:
    """Until there was something to read."""
    return _spent(line, "first_words_ms")


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 of the values that are known; NaN where none is."""
    known = sorted(value for value in values if not isnan(value))
    return {f"p{percent}": _nearest_rank(known, percent) for percent in PERCENTS}


def _nearest_rank(ordered: Sequence[float], percent: int) -> float:
    # In whole numbers, which round nothing.
    return ordered[max(-(-percent * len(ordered) // 100), 1) - 1] if ordered else nan


def _spent(line: Line, field: str) -> float:
    value = line.get(field)
    return nan if value is None or line.get("error") or not isfinite(value) else float(value)
