"""A figure of a set, with how far it can be believed: one form for runs, their slices and the probes.

Takes the shares of items by metric. Knows nothing of what was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan
from typing import Any

import numpy

from rag.evaluation import statistics
from rag.evaluation.metrics import METRICS
from rag.evaluation.scores import Scores, Value, value
from rag.evaluation.statistics import Numbers

_SHARE, _ENDLESS = (0.0, 1.0), (-inf, inf)


@dataclass(frozen=True)
class Figure:
    """``value`` with its 95 % interval, NaN where fewer than two ``clusters`` could be measured.

    Where nothing varied no resampling can tell how it does: ``by_rule`` says that the interval is the rule of three's
    (``statistics.believed``).
    """

    value: Value
    low: float
    high: float
    clusters: int
    by_rule: bool = False

    def to_json(self) -> dict[str, Any]:
        bounds = {"low": number(self.low), "high": number(self.high)}
        return {**self.value.to_json(), **bounds, "clusters": self.clusters, "by_rule_of_three": self.by_rule}


def figures(
    scores: Scores,
    ids: Sequence[str],
    owners: Mapping[str, str],
    *,
    resamples: int = statistics.RESAMPLES,
    seed: int = 0,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, Figure]:
    """By metric over the items ``ids``; ``owners`` names each one's cluster, ``ranges`` what ``range_of`` does not."""
    numbers = as_numbers(scores, list(scores), ids)
    groups = [owners[id_] for id_ in ids]
    bounds = statistics.intervals(numbers, groups, resamples=resamples, seed=seed)
    found = {}
    for name, count, bound in zip(scores, statistics.measured(numbers, groups), bounds, strict=True):
        interval = statistics.believed(bound, count, (ranges or {}).get(name) or range_of(name))
        mean = value(scores[name][id_] for id_ in ids)
        found[name] = Figure(mean, interval.low, interval.high, count, interval.by_rule)
    return found


def range_of(metric: str) -> tuple[float, float]:
    """Between what every value is; endless for what is pooled over a set, to which items bring unlike weights."""
    if metric not in METRICS:
        return _SHARE
    return METRICS[metric].range if METRICS[metric].shares is None else _ENDLESS


def as_numbers(scores: Scores, names: Sequence[str], ids: Sequence[str]) -> Numbers:
    """As ``statistics`` takes them, shape (items, metrics, 2)."""
    columns = [[(scores[name][id_].part, scores[name][id_].whole) for id_ in ids] for name in names]
    return numpy.array(columns, dtype=numpy.float64).reshape(len(names), len(ids), 2).transpose(1, 0, 2)


def number(value: float) -> float | None:
    """JSON has no NaN."""
    return None if isnan(value) else value
