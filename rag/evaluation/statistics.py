"""How far a figure of a sample can be believed: intervals, and whether two runs over the same items differ.

``shares`` are numbers of shape (items, metrics, 2): part and whole of each item for each metric, 0 of 0 where it could
not be measured. A metric's figure is its sum of parts / its sum of wholes, a mean where every whole is 1. ``clusters``
names what each item belongs to, such as its conversation: items of one cluster are not independent, so clusters are
resampled and swapped whole (Miller, Adding error bars to evals, 2024). What is undefined is NaN. Every random choice
comes from ``seed``.

Does not show more than the sample is: questions that were never asked, or an archive of another kind.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan, sqrt
from typing import Any

import numpy
from numpy.typing import NDArray

Numbers = NDArray[numpy.float64]

RESAMPLES = 10_000
LEVEL = 0.95
_AT_ONCE = 2_000_000  # draws, of all clusters in as many resamples; more take memory and save no time
_EQUAL = 1e-12  # sums of the same numbers in another order differ by less


@dataclass(frozen=True)
class Tally:
    """Items in which the second run is better, worse or the same, of those measured in both."""

    wins: int
    losses: int
    ties: int


@dataclass(frozen=True)
class Interval:
    """``low`` to ``high``, NaN where nothing can be said; ``by_rule`` where it is the rule of three's."""

    low: float
    high: float
    by_rule: bool = False


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


def believed(bounds: Sequence[float] | Numbers, clusters: int, ends: tuple[float, float]) -> Interval:
    """The bounds that resampling gave; where that gave one value only, the rule of three's.

    That nothing varied among n ``clusters`` does not show that nothing would: with 95 % confidence up to 3 / n of what
    was not asked is otherwise (Hanley and Lippman-Hand, JAMA 1983), and may lie at either of the ``ends`` between
    which every value is. Of a value without ends nothing can be said.
    """
    low, high = map(float, bounds)
    if isnan(low) or high - low > _EQUAL:
        return Interval(low, high)
    if not all(map(isfinite, ends)):
        return Interval(nan, nan)
    room = min(1.0, 3 / clusters)
    return Interval(low + room * (ends[0] - low), low + room * (ends[1] - low), by_rule=True)


def measured(shares: Numbers, clusters: Sequence[Hashable] | None = None) -> list[int]:
    """How many clusters could be measured, by metric."""
    return [int(count) for count in _measured(_by_cluster(shares, clusters))]


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
    change, total_a, total_b = sums_b - sums_a, sums_a.sum(axis=0), sums_b.sum(axis=0)
    changed = (change != 0).any(axis=2)  # to swap what is the same changes nothing
    is_exact = numpy.array([2 ** int(count) <= permutations for count in changed.sum(axis=0)], dtype=bool)
    found = numpy.full(a.shape[1], numpy.nan)
    for metric in numpy.flatnonzero(is_exact):
        one, rows = slice(metric, metric + 1), changed[:, metric]
        count = int(rows.sum())
        every = (numpy.arange(2**count)[:, None] >> numpy.arange(count)) & 1
        found[one] = _extreme(every, change[rows, one], total_a[one], total_b[one]) / 2**count
    if not is_exact.all():
        drawn, count = ~is_exact, len(change)
        extreme = numpy.zeros(int(drawn.sum()))
        chance = numpy.random.default_rng(seed)
        for size in _chunks(permutations, count):
            # A bit for each cluster; the same ones for every metric.
            octets = chance.integers(0, 256, size=(size, -(-count // 8)), dtype=numpy.uint8)
            bits = numpy.unpackbits(octets, axis=1, count=count)
            extreme += _extreme(bits, change[:, drawn], total_a[drawn], total_b[drawn])
        found[drawn] = (extreme + 1) / (permutations + 1)
    found[numpy.isnan(_ratios(total_b) - _ratios(total_a))] = numpy.nan
    return found


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


def effect_size(a: Sequence[float], b: Sequence[float]) -> float:
    """The standardised mean difference of pairs, d_z: mean / standard deviation of b - a, over what both measured.

    Cohen, Statistical power analysis, 1988; Lakens, Frontiers in Psychology 4:863, 2013. It says how large a
    difference is beside how much the differences vary from item to item: 0.2 is small, 0.5 medium and 0.8 large. 0
    where no item differs, NaN where all differ by the same, or fewer than two were measured in both.
    """
    pairs = numpy.array([a, b], dtype=numpy.float64)
    differences = (pairs[1] - pairs[0])[~numpy.isnan(pairs).any(axis=0)]
    if len(differences) < 2:
        return nan
    mean, variance = float(differences.mean()), float(differences.var(ddof=1))
    if variance <= _EQUAL:
        return 0.0 if abs(mean) <= _EQUAL else nan
    return mean / sqrt(variance)


def _extreme(ways: NDArray[Any], change: Numbers, total_a: Numbers, total_b: Numbers) -> Numbers:
    """In how many ways of swapping the difference is as large as it is unswapped, by metric.

    ``ways`` has shape (ways, clusters), 1 where a cluster is swapped; ``change`` is b - a of each cluster, shape
    (clusters, metrics, 2), and the totals are those of all clusters, shape (metrics, 2).
    """
    observed = abs(_ratios(total_b) - _ratios(total_a))
    moved = ways.astype(numpy.float64) @ change.reshape(len(change), total_a.size)
    moved = moved.reshape(len(ways), *total_a.shape)
    differences = _ratios(total_b - moved) - _ratios(total_a + moved)
    # A swap that leaves one run without anything measured says nothing against chance.
    counted: Numbers = (numpy.isnan(differences) | (abs(differences) >= observed - _EQUAL)).sum(axis=0)
    return counted


def _chunks(total: int, width: int) -> Iterator[int]:
    """``total`` rows of so many draws in parts that memory bears."""
    size = max(_AT_ONCE // max(width, 1), 1)
    yield from (min(size, total - first) for first in range(0, total, size))


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
    for size in _chunks(resamples, count):
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
