"""Metrics by hand and against ir_measures; a public set in BEIR form, measured."""

from __future__ import annotations

import json
import random
from math import log2
from pathlib import Path

import ir_measures
import pytest
from ir_measures import RR, R, ScoredDoc, nDCG

from corpus.errors import BadInput
from rag.answer import Turn
from rag.evaluation import retrieval
from rag.evaluation.metrics import ndcg, recall, reciprocal_rank
from rag.evaluation.run import Item, read_items

GRADES = {"a": 2, "b": 1, "c": 1, "d": 0}


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    # b at rank 1, a at rank 3; ideal: a, b, c.
    best = 2 + 1 / log2(3) + 1 / log2(4)
    assert ndcg(["b", "d", "a"], GRADES, 10) == pytest.approx((1 + 2 / log2(4)) / best)


def test_recall_is_the_share_of_the_relevant_found() -> None:
    assert recall(["b", "d", "a"], GRADES, 2) == pytest.approx(1 / 3)


def test_reciprocal_rank_looks_for_the_first_relevant() -> None:
    assert reciprocal_rank(["d", "x", "c"], GRADES, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(["d", "x", "c"], GRADES, 2) == 0.0


def test_nothing_found_or_nothing_relevant_is_zero() -> None:
    assert [ndcg([], GRADES, 10), recall([], GRADES, 10), reciprocal_rank([], GRADES, 10)] == [0.0, 0.0, 0.0]
    assert [ndcg(["a"], {}, 10), recall(["a"], {"a": 0}, 10), reciprocal_rank(["a"], {}, 10)] == [0.0, 0.0, 0.0]


def test_ours_equal_ir_measures_on_random_runs() -> None:
    chance = random.Random(7)
    names = [f"d{n}" for n in range(30)]
    for _ in range(200):
        relevance = {name: chance.choice([0, 0, 1, 1, 2, 3]) for name in chance.sample(names, 12)}
        ranking = chance.sample(names, chance.randint(1, 25))
        run = [ScoredDoc("q", name, float(-rank)) for rank, name in enumerate(ranking)]
        qrels = [ir_measures.Qrel("q", name, grade) for name, grade in relevance.items()]
        theirs = ir_measures.calc_aggregate([nDCG @ 10, R @ 5, RR @ 10], qrels, run)
        ours = {
            nDCG @ 10: ndcg(ranking, relevance, 10),
            R @ 5: recall(ranking, relevance, 5),
            RR @ 10: reciprocal_rank(ranking, relevance, 10),
        }
        assert ours == pytest.approx(theirs, abs=1e-9)


def test_a_set_in_beir_form_is_measured_by_system(tmp_path: Path) -> None:
    documents = {"d1": "The ferry struck the harbour wall.", "d2": "Apples ripen early.", "d3": "A bridge was opened."}
    queries = {"q1": "ferry accident in the harbour", "q2": "when do apples ripen"}
    (tmp_path / "qrels").mkdir()
    rows = [json.dumps({"_id": id_, "title": "", "text": text}) for id_, text in documents.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(rows), encoding="utf-8")
    rows = [json.dumps({"_id": id_, "text": text}) for id_, text in queries.items()]
    (tmp_path / "queries.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n", encoding="utf-8")
    figures = retrieval.measure(tmp_path)
    assert list(figures) == ["dense", "passages", "articles", "hybrid"]
    assert figures["hybrid"] == {"nDCG@10": 1.0, "R@5": 1.0, "R@10": 1.0, "RR@10": 1.0}


def test_a_question_set_keeps_the_conversation(tmp_path: Path) -> None:
    history = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ada."}]
    (tmp_path / "q.jsonl").write_text(
        json.dumps({"id": "1", "question": "When?", "history": history}), encoding="utf-8"
    )
    assert read_items(tmp_path / "q.jsonl") == [Item("1", "When?", (Turn("Who?", "Ada."),))]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "holds no question"),
        ("not json", "line 1: needs an object"),
        ('{"id": "1"}', "line 1: needs an object"),
        ('{"id": "1", "question": "a"}\n{"id": "1", "question": "b"}', "ids that occur twice: 1"),
    ],
)
def test_a_question_set_that_cannot_be_read_is_refused(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "q.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=why):
        read_items(tmp_path / "q.jsonl")
