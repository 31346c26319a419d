"""How far a figure of a sample can be believed: intervals, and whether two runs over the same items differ.

``shares`` are numbers of shape (items, metrics, 2): part and whole of each item for each metric, 0 of 0 where it could
not be measured. A metric's figure is its sum of parts / its sum of wholes, a mean where every whole is 1. ``clusters``
names what each item belongs to, such as its conversation: items of one cluster are not independent, so clusters are
resampled and swapped whole (Miller, Adding error bars to evals, 2024). What is undefined is NaN. Every random choice
comes from ``seed``.

Does not show more than the sample is: questions that were never asked, or an archive of another kind.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

Numbers = NDArray[numpy.float64]

RESAMPLES = 10_000
LEVEL = 0.95
_AT_ONCE = 1_000  # resamples; more take memory and save no time
_EQUAL = 1e-12  # sums of the same numbers in another order differ by less


@dataclass(frozen=True)
class Tally:
    """Items in which the second run is better, worse or the same, of those measured in both."""

    wins: int
    losses: int
    ties: int


def figures(shares: Numbers) -> Numbers:
    """The figure of each metric, shape (metrics,)."""
    return _ratios(shares.sum(axis=0))


def intervals(
    shares: Numbers,
    clusters: Sequence[Hashable] | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    level: float = LEVEL,
) -> Numbers:
    """Low and high of each metric's figure, shape (metrics, 2): the percentile bootstrap of Efron (1979).

    Clusters are drawn with replacement, as many as there are. NaN where fewer than two clusters could be measured.
    """
    sums = _by_cluster(shares, clusters)
    return _percentiles(_resampled(sums, _ratios, resamples, seed), _measured(sums), level)


def difference_intervals(
    a: Numbers,
    b: Numbers,
    clusters: Sequence[Hashable] | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    level: float = LEVEL,
) -> Numbers:
    """Low and high of b - a, shape (metrics, 2), by the paired bootstrap: both runs on the same clusters drawn."""
    both = numpy.concatenate([_by_cluster(a, clusters), _by_cluster(b, clusters)], axis=1)
    metrics = a.shape[1]

    def differences(sums: Numbers) -> Numbers:
        return _ratios(sums[..., metrics:, :]) - _ratios(sums[..., :metrics, :])

    measured = numpy.minimum(_measured(both[:, :metrics]), _measured(both[:, metrics:]))
    return _percentiles(_resampled(both, differences, resamples, seed), measured, level)


def randomisation_p(
    a: Numbers,
    b: Numbers,
    clusters: Sequence[Hashable] | None = None,
    *,
    permutations: int = RESAMPLES,
    seed: int = 0,
) -> Numbers:
    """How likely a difference at least as large, of either sign, were if it were chance which run gave which answer.

    The two-sided paired randomisation test (Fisher 1935; for retrieval Smucker, Allan and Carterette, CIKM 2007): the
    runs are swapped in each cluster or not. All ways to do so are tried where there are no more than
    ``permutations``, p = extreme / ways; else so many at random, p = (extreme + 1) / (permutations + 1), which is
    never 0 (Phipson and Smyth 2010). Shape (metrics,).
    """
    sums_a, sums_b = _by_cluster(a, clusters), _by_cluster(b, clusters)
    return numpy.array(
        [_p(sums_a[:, metric], sums_b[:, metric], permutations, seed) for metric in range(a.shape[1])],
        dtype=numpy.float64,
    )


def holm(ps: Sequence[float]) -> list[float]:
    """The p values adjusted for there being several (Holm 1979), in the order given; a NaN is no test and stays.

    The i-th smallest of m becomes the largest of (m - j + 1) * p_j over j up to i, at most 1.
    """
    order = sorted((at for at, p in enumerate(ps) if not numpy.isnan(p)), key=lambda at: ps[at])
    adjusted = list(map(float, ps))
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * float(ps[at])))
        adjusted[at] = highest
    return adjusted


def tally(a: Sequence[float], b: Sequence[float], *, higher_is_better: bool = True) -> Tally:
    """Of the items' own values, NaN where one could not be measured."""
    pairs = [(one, other) for one, other in zip(a, b, strict=True) if not (numpy.isnan(one) or numpy.isnan(other))]
    ties = sum(abs(one - other) <= _EQUAL for one, other in pairs)
    higher = sum(other - one > _EQUAL for one, other in pairs)
    lower = len(pairs) - ties - higher
    return Tally(higher, lower, ties) if higher_is_better else Tally(lower, higher, ties)


def _p(a: Numbers, b: Numbers, permutations: int, seed: int) -> float:
    """``a`` and ``b`` are sums of shape (clusters, 2)."""
    observed = float(_ratios(b.sum(axis=0)) - _ratios(a.sum(axis=0)))
    if numpy.isnan(observed):
        return float("nan")
    change = (b - a)[(a != b).any(axis=1)]  # to swap what is the same changes nothing
    count = len(change)
    is_exact = 2**count <= permutations
    ways = 2**count if is_exact else permutations
    chance = numpy.random.default_rng(seed)
    extreme = 0
    for first in range(0, ways, _AT_ONCE):
        size = min(_AT_ONCE, ways - first)
        if is_exact:
            numbers = numpy.arange(first, first + size)[:, None]
            swapped = (numbers >> numpy.arange(count)) & 1
        else:
            swapped = chance.integers(0, 2, size=(size, count), dtype=numpy.int8)
        moved = swapped.astype(numpy.float64) @ change
        differences = _ratios(b.sum(axis=0) - moved) - _ratios(a.sum(axis=0) + moved)
        # A swap that leaves one run without anything measured says nothing against chance.
        extreme += int((numpy.isnan(differences) | (abs(differences) >= abs(observed) - _EQUAL)).sum())
    return extreme / ways if is_exact else (extreme + 1) / (ways + 1)


def _by_cluster(shares: Numbers, clusters: Sequence[Hashable] | None) -> Numbers:
    """The sums of each cluster's items, shape (clusters, metrics, 2), in order of first appearance."""
    if clusters is None:
        return shares
    places: dict[Hashable, int] = {}
    rows = [places.setdefault(cluster, len(places)) for cluster in clusters]
    sums = numpy.zeros((len(places), *shares.shape[1:]))
    numpy.add.at(sums, rows, shares)
    return sums


def _resampled(sums: Numbers, statistic: Callable[[Numbers], Numbers], resamples: int, seed: int) -> Numbers:
    """The statistic of each resample, shape (resamples, metrics)."""
    chance = numpy.random.default_rng(seed)
    count = len(sums)
    flat = sums.reshape(count, -1)
    found = []
    for first in range(0, resamples, _AT_ONCE):
        size = min(_AT_ONCE, resamples - first)
        drawn = chance.integers(0, count, size=(size, count)) + numpy.arange(size)[:, None] * count
        times = numpy.bincount(drawn.ravel(), minlength=size * count).reshape(size, count)
        found.append(statistic((times.astype(numpy.float64) @ flat).reshape(size, *sums.shape[1:])))
    return numpy.concatenate(found)


def _percentiles(values: Numbers, measured: NDArray[numpy.intp], level: float) -> Numbers:
    bounds = numpy.full((values.shape[1], 2), numpy.nan)
    for metric in range(values.shape[1]):
        known = values[~numpy.isnan(values[:, metric]), metric]
        if measured[metric] > 1 and len(known):
            bounds[metric] = numpy.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return bounds


def _measured(sums: Numbers) -> NDArray[numpy.intp]:
    """How many clusters could be measured, by metric."""
    counts: NDArray[numpy.intp] = (sums[..., 1] != 0).sum(axis=0)
    return counts


def _ratios(sums: Numbers) -> Numbers:
    """Part / whole over the last axis, NaN where the whole is 0."""
    part, whole = sums[..., 0], sums[..., 1]
    # Wholes that were added and taken away again may be a hair from 0.
    return numpy.divide(part, whole, out=numpy.full_like(part, numpy.nan), where=whole > _EQUAL)
