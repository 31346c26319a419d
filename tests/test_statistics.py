"""Statistics by hand, in closed form, and against scipy."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from math import comb, inf, isnan, nan

import numpy
import pytest
from scipy import stats  # type: ignore[import-untyped]

from rag.evaluation.statistics import (
    Interval,
    Numbers,
    Tally,
    believed,
    difference_intervals,
    effect_size,
    figures,
    holm,
    intervals,
    measured,
    randomisation_p,
    tally,
)


def one(values: Sequence[float]) -> Numbers:
    """The shares of one metric that is a mean: NaN is 0 of 0."""
    return numpy.array([[[0, 0] if isnan(value) else [value, 1]] for value in values], dtype=numpy.float64)


def pooled(pairs: Sequence[tuple[float, float]]) -> Numbers:
    return numpy.array([[pair] for pair in pairs], dtype=numpy.float64)


def p(a: Numbers, b: Numbers, clusters: Sequence[str] | None = None, *, permutations: int = 10_000) -> float:
    return float(randomisation_p(a, b, clusters, permutations=permutations)[0])


# --- figures


def test_a_figure_is_parts_over_wholes_and_leaves_out_what_was_not_measured() -> None:
    assert figures(one([1, nan, 0.5]))[0] == 0.75
    assert figures(pooled([(1, 1), (0, 3)]))[0] == 0.25
    assert isnan(figures(one([nan]))[0])


# --- intervals


def test_an_interval_of_zeros_and_ones_is_the_binomials() -> None:
    # 30 of 100: resampled means are Binomial(100, 0.3) / 100
    low, high = intervals(one([1.0] * 30 + [0.0] * 70), seed=1)[0]
    expected = stats.binom(100, 0.3).ppf([0.025, 0.975]) / 100
    assert [low, high] == pytest.approx(expected, abs=0.011)


def test_an_interval_agrees_with_scipys_bootstrap() -> None:
    chance = numpy.random.default_rng(5)
    values = chance.normal(size=80)
    theirs = stats.bootstrap((values,), numpy.mean, method="percentile", rng=chance).confidence_interval
    assert list(intervals(one(list(values)))[0]) == pytest.approx([theirs.low, theirs.high], abs=0.02)


def test_clusters_are_drawn_whole_so_that_repeating_every_item_proves_nothing() -> None:
    chance = random.Random(2)
    values = [chance.random() for _ in range(40)]
    names = [str(at) for at in range(40)]
    alone = intervals(one(values))[0]
    repeated = intervals(one(values * 5), names * 5)[0]
    believed_independent = intervals(one(values * 5))[0]
    assert list(repeated) == pytest.approx(list(alone))
    assert numpy.ptp(believed_independent) < 0.6 * numpy.ptp(alone)  # about 1 / sqrt(5)


def test_a_pooled_figure_is_resampled_with_its_weights() -> None:
    # two clusters drawn twice: (0, 0), (0, 1) twice, (1, 1): 0 of 3, 1 of 4, 1 of 1
    low, high = intervals(pooled([(1, 1), (0, 3)]), level=0.4)[0]
    assert [low, high] == [0.25, 0.25]
    assert list(intervals(pooled([(1, 1), (0, 3)]))[0]) == [0.0, 1.0]


def test_one_cluster_has_no_interval() -> None:
    assert numpy.isnan(intervals(one([0, 1, 1]), ["a", "a", "a"])).all()
    assert numpy.isnan(intervals(one([1, nan, nan]))).all()  # one that was measured
    assert numpy.isnan(difference_intervals(one([0, 1]), one([1, nan]))).all()


def test_the_interval_of_a_difference_is_paired() -> None:
    # Every item gains exactly 0.1, however much the items differ.
    chance = random.Random(4)
    before = [chance.random() for _ in range(50)]
    after = [value + 0.1 for value in before]
    assert list(difference_intervals(one(before), one(after))[0]) == pytest.approx([0.1, 0.1])


def test_a_seed_makes_it_the_same_again_and_another_seed_does_not() -> None:
    chance = random.Random(6)
    values = one([chance.random() for _ in range(30)])
    assert (intervals(values, seed=1) == intervals(values, seed=1)).all()
    assert (intervals(values, seed=1) != intervals(values, seed=2)).any()


def test_many_metrics_are_each_done_as_if_alone() -> None:
    a, b = one([0, 1, 1, 0.5, 0.2]), one([1, 1, 0.3, 0.5, nan])
    both, swapped = numpy.concatenate([a, b], axis=1), numpy.concatenate([b, a], axis=1)
    assert intervals(both) == pytest.approx(numpy.concatenate([intervals(a), intervals(b)]))
    assert randomisation_p(both, swapped) == pytest.approx([p(a, b), p(b, a)])


# --- the randomisation test


def test_five_wins_of_five_have_two_of_thirty_two_ways() -> None:
    assert p(one([0, 0, 0, 0, 0]), one([1, 1, 1, 1, 1])) == 2 / 2**5


def test_items_that_do_not_differ_change_nothing() -> None:
    # 4 wins, 0 losses, 200 ties: exact all the same, 2 / 2^4
    assert p(one([0] * 4 + [1] * 200), one([1] * 4 + [1] * 200)) == 2 / 2**4


def test_wins_and_losses_of_one_size_are_the_sign_test() -> None:
    # 9 wins and 2 losses of 11: P(at least 9, or at most 2) of Binomial(11, 1/2)
    a, b = one([0] * 9 + [1] * 2), one([1] * 9 + [0] * 2)
    assert p(a, b) == pytest.approx(2 * sum(comb(11, k) for k in (0, 1, 2)) / 2**11)


def test_no_difference_at_all_is_no_surprise() -> None:
    assert p(one([0.3, 0.7]), one([0.3, 0.7])) == 1.0


def test_an_exact_p_is_that_of_every_way_by_hand() -> None:
    changes = [0.4, -0.1, 0.3, 0.2]
    sums = [
        sum(sign * change for sign, change in zip(signs, changes, strict=True)) for signs in product((1, -1), repeat=4)
    ]
    expected = sum(abs(each) >= 0.8 - 1e-9 for each in sums) / 16
    assert p(one([0] * 4), one(changes)) == pytest.approx(expected)


@pytest.mark.parametrize("size", [10, 60])  # every way, and 10,000 at random
def test_p_agrees_with_scipy(size: int) -> None:
    chance = numpy.random.default_rng(size)
    a = chance.normal(size=size)
    b = a + chance.normal(0.25, 1, size=size)
    theirs = stats.permutation_test(
        (b, a), lambda x, y: numpy.mean(x - y), permutation_type="samples", n_resamples=20_000, rng=chance
    ).pvalue
    assert p(one(list(a)), one(list(b))) == pytest.approx(theirs, abs=0 if size == 10 else 0.02)


def test_chance_never_proves_that_chance_is_impossible() -> None:
    assert p(one([0.0] * 100), one([1.0] * 100), permutations=999) == 1 / 1000


def test_p_is_seldom_small_where_there_is_nothing_to_find() -> None:
    chance = random.Random(8)
    found = [
        p(one([chance.random() for _ in range(12)]), one([chance.random() for _ in range(12)])) for _ in range(400)
    ]
    assert 0.02 <= sum(each <= 0.05 for each in found) / len(found) <= 0.08


def test_a_conversation_is_swapped_whole() -> None:
    # Three conversations of four turns, all won: 2 of 8 ways, not 2 of 4096.
    names = [name for name in "abc" for _ in range(4)]
    assert p(one([0] * 12), one([1] * 12), names) == 2 / 2**3


def test_a_metric_that_one_run_could_not_measure_at_all_has_no_p() -> None:
    assert isnan(p(one([0, 1]), one([nan, nan])))


def test_what_only_one_run_measured_counts_where_it_was_measured() -> None:
    # a: 0 and nothing; b: 1 and 1. Ways: as it is, 1 - 0; first swapped, 1 - ... both sides by hand:
    # none swapped 1 - 0 = 1; first: (0 + 1)/2 - 1 = -.5; second: 1 - (0 + 1)/2 = .5; both: 0 - 1 = -1
    assert p(one([0, nan]), one([1, 1])) == 2 / 4


# --- several tests, and counting


def test_holm_by_hand() -> None:
    # sorted .01 .02 .04: 3 * .01, then 2 * .02 = .04, then 1 * .04
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])


def test_holm_never_lets_a_larger_p_become_the_smaller_nor_passes_one() -> None:
    assert holm([0.03, 0.02, 0.9, 0.8]) == pytest.approx([0.09, 0.08, 1.0, 1.0])


def test_holm_does_not_count_what_was_not_tested() -> None:
    adjusted = holm([0.02, nan, 0.03])
    assert adjusted[0] == pytest.approx(0.04)
    assert isnan(adjusted[1])
    assert holm([]) == []


def test_wins_and_losses_are_those_of_the_second_run() -> None:
    a, b = [0.0, 1.0, 0.3, nan, 0.2], [1.0, 0.5, 0.1 + 0.2, 1.0, nan]
    assert tally(a, b) == Tally(wins=1, losses=1, ties=1)
    assert tally([3.0, 3.0], [1.0, 2.0], higher_is_better=False) == Tally(2, 0, 0)


# --- effect size, and where nothing varies


def test_an_effect_size_is_the_mean_of_the_differences_over_their_standard_deviation() -> None:
    # differences 1, 0, 0, 1: mean 0.5, variance (4 * 0.25) / 3
    assert effect_size([0, 1, 0, 0], [1, 1, 0, 1]) == pytest.approx(0.5 / (1 / 3) ** 0.5)
    assert effect_size([1, 1, 0, 1], [0, 1, 0, 0]) == pytest.approx(-0.5 / (1 / 3) ** 0.5)
    assert effect_size([0, 1, nan, 0, 0], [1, 1, 1, 0, 1]) == effect_size([0, 1, 0, 0], [1, 1, 0, 1])


def test_an_effect_size_is_zero_where_nothing_differs_and_undefined_where_all_differ_alike() -> None:
    assert effect_size([0.5, 1], [0.5, 1]) == 0.0
    assert isnan(effect_size([0.0, 0.5], [0.5, 1.0]))
    assert isnan(effect_size([0], [1]))


def test_nothing_seen_among_n_may_still_be_three_in_n() -> None:
    assert believed((0.0, 0.0), 300, (0, 1)) == Interval(0.0, 0.01, by_rule=True)
    assert believed((1.0, 1.0), 12, (0, 1)) == Interval(0.75, 1.0, by_rule=True)
    assert believed((0.5, 0.5), 6, (0, 1)) == Interval(0.25, 0.75, by_rule=True)  # half of what is asked may be else
    assert believed((0.0, 0.0), 2, (0, 1)) == Interval(0.0, 1.0, by_rule=True)  # never beyond an end
    assert believed((0.2, 0.4), 12, (0, 1)) == Interval(0.2, 0.4)


def test_no_rule_tells_of_what_has_no_ends_or_was_measured_once() -> None:
    endless = believed((7.0, 7.0), 12, (0, inf))
    assert (isnan(endless.low), isnan(endless.high), endless.by_rule) == (True, True, False)
    assert isnan(believed((nan, nan), 1, (0, 1)).low)


def test_clusters_are_counted_that_could_be_measured() -> None:
    assert measured(one([1, nan, 0, 1]), ["a", "b", "a", "c"]) == [2]


def test_many_clusters_are_drawn_in_parts() -> None:
    a, b = one([0.0, 1.0] * 2_000), one([1.0, 0.0] * 2_000)
    assert p(a, b, permutations=2_000) > 0.9  # as many won as lost
    assert p(a, one([1.0] * 4_000), permutations=2_000) == 1 / 2_001  # as often won as tied
