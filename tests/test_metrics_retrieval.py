"""Retrieval metrics by hand, and against ir_measures on random runs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from math import log2
from statistics import fmean

import ir_measures
import pytest
from ir_measures import AP, RR, Judged, P, R, ScoredDoc, Success, nDCG

from rag.evaluation.metrics.average_precision import average_precision
from rag.evaluation.metrics.judged import judged
from rag.evaluation.metrics.ndcg import ndcg
from rag.evaluation.metrics.precision import precision
from rag.evaluation.metrics.recall import recall
from rag.evaluation.metrics.reciprocal_rank import reciprocal_rank
from rag.evaluation.metrics.relevance import Relevance, ranked
from rag.evaluation.metrics.success import success

GRADES = {"a": 2, "b": 1, "c": 1, "d": 0}
Measure = Callable[[Sequence[str], Relevance], float]


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    # b at rank 1, a at rank 3; ideal: a, b, c.
    best = 2 + 1 / log2(3) + 1 / log2(4)
    assert ndcg(["b", "d", "a"], GRADES, 10) == pytest.approx((1 + 2 / log2(4)) / best)


def test_recall_is_the_share_of_the_relevant_found() -> None:
    assert recall(["b", "d", "a"], GRADES, 2) == pytest.approx(1 / 3)


def test_precision_is_the_share_of_the_places_that_hold_something_relevant() -> None:
    assert precision(["b", "d", "a"], GRADES, 2) == 1 / 2
    assert precision(["b", "d", "a"], GRADES, 5) == 2 / 5


def test_reciprocal_rank_looks_for_the_first_relevant() -> None:
    assert reciprocal_rank(["d", "x", "c"], GRADES, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(["d", "x", "c"], GRADES, 2) == 0.0


def test_average_precision_is_taken_at_each_relevant_document() -> None:
    # relevant at ranks 1 and 3, of three: (1/1 + 2/3) / 3
    assert average_precision(["b", "d", "a"], GRADES) == pytest.approx((1 / 1 + 2 / 3) / 3)


def test_success_asks_whether_anything_relevant_is_near_the_top() -> None:
    assert [success(["d", "x", "c"], GRADES, k) for k in (2, 3)] == [0.0, 1.0]


def test_judged_counts_what_was_judged_irrelevant_too() -> None:
    assert judged(["d", "x", "c"], GRADES, 2) == 1 / 2
    assert judged(["d", "x", "c"], GRADES, 10) == pytest.approx(2 / 3)  # of the three that there are


@pytest.mark.parametrize(
    "measure",
    [partial(ndcg, k=10), partial(recall, k=10), partial(precision, k=10), partial(reciprocal_rank, k=10),
     average_precision, partial(success, k=10), partial(judged, k=10)],
)  # fmt: skip
def test_nothing_found_or_nothing_relevant_is_zero(measure: Measure) -> None:
    assert [measure([], GRADES), measure(["x"], {}), measure([], {})] == [0.0, 0.0, 0.0]


def test_equal_scores_are_ranked_by_document_descending_in_32_bits_as_trec_eval_does() -> None:
    assert ranked({"a": 1.0, "c": 1.0, "b": 2.0}) == ["b", "c", "a"]
    assert ranked({"a": 1.0 + 1e-12, "b": 1.0}) == ["b", "a"]


# ir_measures leaves these to trec_eval, whose order of equal scores is ours; the others it orders the other way round.
BY_TREC_EVAL: dict[object, Measure] = {
    nDCG @ 10: partial(ndcg, k=10),
    nDCG @ 3: partial(ndcg, k=3),
    R @ 5: partial(recall, k=5),
    P @ 5: partial(precision, k=5),
    AP: average_precision,
    RR: partial(reciprocal_rank, k=10_000),
    Success @ 5: partial(success, k=5),
}
BY_OTHERS: dict[object, Measure] = {
    RR @ 10: partial(reciprocal_rank, k=10),
    RR @ 2: partial(reciprocal_rank, k=2),
    Judged @ 10: partial(judged, k=10),
}


def test_ours_equal_ir_measures_on_1000_random_runs_with_ties_empty_runs_and_missing_queries() -> None:
    chance = random.Random(7)
    ties = empty = missing = 0
    for _ in range(1000):
        qrels, run = _random_set(chance)
        rankings = {query: ranked(scores) for query, scores in run.items()}
        ties += any(len(set(scores.values())) < len(scores) for scores in run.values())
        empty += not run
        missing += bool(qrels.keys() - run.keys()) and bool(run)
        judgements = [ir_measures.Qrel(q, d, grade) for q, grades in qrels.items() for d, grade in grades.items()]
        scored = [ScoredDoc(q, d, score) for q, scores in run.items() for d, score in scores.items()]
        falling = [ScoredDoc(q, d, float(-at)) for q, ranking in rankings.items() for at, d in enumerate(ranking)]
        for measures, lines in ((BY_TREC_EVAL, scored), (BY_TREC_EVAL, falling), (BY_OTHERS, falling)):
            theirs = ir_measures.calc_aggregate(list(measures), judgements, lines)
            ours = {
                name: fmean(measure(rankings.get(query, []), grades) for query, grades in qrels.items())
                for name, measure in measures.items()
            }
            assert ours == pytest.approx(theirs, abs=1e-9)
    assert ties > 300  # the runs are as hard as the name of this test says
    assert empty > 10
    assert missing > 100


def _random_set(chance: random.Random) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]]:
    """Judgements and a scored run; scores are few, so that many are equal, or differ in less than 32 bits show."""
    names = [f"d{n}" for n in range(30)] + ["D1", "é", "d-1", "doc"]
    queries = [f"q{n}" for n in range(chance.randint(1, 4))]
    qrels = {
        query: {name: chance.choice([-1, 0, 0, 1, 1, 2, 3]) for name in chance.sample(names, chance.randint(1, 14))}
        for query in queries
    }
    kind = chance.choice(["ties", "near ties", "distinct"])
    run: dict[str, dict[str, float]] = {}
    for query in [*queries, "unjudged"]:
        if chance.random() < 0.25:
            continue
        found = chance.sample(names, chance.randint(1, 25))
        if kind == "ties":
            run[query] = {name: float(chance.randint(1, 4)) for name in found}
        elif kind == "near ties":
            run[query] = {name: 1 + chance.choice([0, 1e-10, 2e-10]) for name in found}
        else:
            run[query] = {name: float(-at) for at, name in enumerate(found)}
    return qrels, {} if chance.random() < 0.03 else run
