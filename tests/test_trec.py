"""TREC's and BEIR's formats, in and out, and runs of others measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ir_measures
import pytest

from corpus.errors import BadInput
from rag.evaluation import beir, trec
from rag.evaluation.beir import Beir, Text
from rag.evaluation.metrics.relevance import ranked
from rag.evaluation.retrieval import MEASURES, measure_run


def test_a_run_is_written_with_scores_that_fall_strictly(tmp_path: Path) -> None:
    trec.write_run(tmp_path / "a.run", {"q1": ["b", "z", "a"], "q2": [], "q3": ["z"]}, tag="mine")
    assert (tmp_path / "a.run").read_text(encoding="utf-8") == (
        "q1 Q0 b 1 3 mine\nq1 Q0 z 2 2 mine\nq1 Q0 a 3 1 mine\nq3 Q0 z 1 1 mine\n"
    )


def test_a_ranking_comes_back_as_it_was_however_deep_and_whatever_its_names(tmp_path: Path) -> None:
    ranking = [f"d{n % 7}-{n}" for n in range(5000)]  # in no order of names
    trec.write_run(tmp_path / "a.run", {"q": ranking}, tag="x")
    back = trec.read_run(tmp_path / "a.run")["q"]
    assert ranked(back) == ranking
    assert len(set(back.values())) == len(ranking)  # no two scores are equal
    theirs = [line.doc_id for line in ir_measures.read_trec_run(str(tmp_path / "a.run"))]
    assert theirs == ranking


def test_judgements_come_back_as_they_were(tmp_path: Path) -> None:
    qrels = {"q1": {"a": 2, "b": 0}, "q2": {"a": -1}}
    trec.write_qrels(tmp_path / "qrels", qrels)
    assert (tmp_path / "qrels").read_text(encoding="utf-8") == "q1 0 a 2\nq1 0 b 0\nq2 0 a -1\n"
    assert trec.read_qrels(tmp_path / "qrels") == qrels


def test_a_run_of_another_tool_is_read_with_its_tabs_and_its_exponents(tmp_path: Path) -> None:
    (tmp_path / "a.run").write_text("\ufeffq1\tQ0\tb\t7\t1e-3\tx\n\nq1 Q0  a 1 -2.5 x\n", encoding="utf-8")
    assert trec.read_run(tmp_path / "a.run") == {"q1": {"b": 0.001, "a": -2.5}}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("q1 Q0 a 1 3", "line 1: has 5 columns and needs 6: query Q0 document rank score tag"),
        ("q1 Q0 a 1 3 x\nq1 Q0 a b 2 3 x", "line 2: has 7 columns"),
        ("q1 Q0 a 1 high x", "line 1: the score must be a number, and is high"),
        ("q1 Q0 a 1 nan x", "the score must be a number, and is nan"),
        ("q1 Q0 a 1 3 x\nq1 Q0 a 2 2 x", "line 2: a is there twice for query q1"),
    ],
)
def test_a_broken_run_is_refused_by_line(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "a.run").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=why):
        trec.read_run(tmp_path / "a.run")


@pytest.mark.parametrize(
    ("content", "why"),
    [("q1 0 a", "has 3 columns"), ("q1 0 a 1.5", "whole number, and is 1.5"), ("q 0 a 1\nq 0 a 1", "is there twice")],
)
def test_broken_judgements_are_refused_by_line(tmp_path: Path, content: str, why: str) -> None:
    (tmp_path / "qrels").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=why):
        trec.read_qrels(tmp_path / "qrels")


def test_files_that_are_absent_or_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "absent", tmp_path / "bytes", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            trec.read_run(path)
    with pytest.raises(BadInput, match="cannot be written"):
        trec.write_run(tmp_path / "absent" / "a.run", {"q": ["a"]}, tag="x")


@pytest.mark.parametrize("name", ["a b", "", "a\u00a0b", "a\n"])
def test_a_name_that_would_break_the_columns_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="hold no white space"):
        trec.write_run(tmp_path / "a.run", {"q": [name]}, tag="x")


# --- BEIR

DOCUMENTS = [{"_id": "d1", "title": "Bridge", "text": "It opened."}, {"_id": "d2", "text": "", "metadata": {}}]
QUERIES = [{"_id": "q1", "text": "when?"}, {"_id": "q2", "text": "not judged"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td9\t1\n"


def a_set(folder: Path, *, documents: list[Any] = DOCUMENTS, queries: list[Any] = QUERIES, qrels: str = QRELS) -> Path:
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus.jsonl", documents), ("queries.jsonl", queries)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    return folder


def test_a_set_in_beir_form_is_read(tmp_path: Path) -> None:
    assert beir.read(a_set(tmp_path / "set")) == Beir(
        [Text("d1", "Bridge", "It opened."), Text("d2", "", "")],
        {"q1": "when?", "q2": "not judged"},
        {"q1": {"d1": 2, "d9": 1}},
    )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"documents": [{"title": "x"}]}, "corpus.jsonl, line 1: needs an object with _id and text"),
        ({"documents": [{"_id": "d1", "text": None}]}, "corpus.jsonl, line 1: .*text must be a string"),
        ({"documents": [{"_id": "d1", "text": ""}] * 2}, "documents of the same _id"),
        ({"documents": ["d1"]}, "corpus.jsonl, line 1: needs an object"),
        ({"queries": [{"_id": "q9", "text": "x"}]}, "queries.jsonl lacks: q1"),
        ({"qrels": "q1\td1\t1\n"}, "has no column query-id or corpus-id or score"),
        ({"qrels": "query-id\tcorpus-id\tscore\nq1\td1\thigh\n"}, "test.tsv, line 2: the score must be a whole"),
        ({"qrels": "query-id\tcorpus-id\tscore\nq1\td1\n"}, "test.tsv, line 2: the score must be a whole"),
        ({"qrels": "query-id\tcorpus-id\tscore\n"}, "judges nothing"),
    ],
)
def test_a_broken_set_is_refused_by_file_and_line(tmp_path: Path, given: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        beir.read(a_set(tmp_path / "set", **given))


def test_a_folder_that_is_no_set_is_told_what_one_has(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"corpus\.jsonl, queries\.jsonl and qrels/test\.tsv"):
        beir.read(tmp_path)


# --- runs of others

FIGURES = {  # of q1 alone: d9 of grade 1 at rank 2, d1 of grade 2 not found, d5 and d9 found
    "nDCG@10": (1 / 1.584962500721156) / (2 + 1 / 1.584962500721156),
    "R@5": 1 / 2, "R@10": 1 / 2, "RR@10": 1 / 2, "Success@5": 1.0, "Judged@10": 1 / 2,
}  # fmt: skip


def test_a_run_is_measured_against_a_set_or_against_judgements(tmp_path: Path) -> None:
    (tmp_path / "a.run").write_text("q1 Q0 d9 1 0.5 x\nq1 Q0 d5 2 0.9 x\nq7 Q0 d1 1 1 x\n", encoding="utf-8")
    trec.write_qrels(tmp_path / "qrels", {"q1": {"d1": 2, "d9": 1}})
    assert list(FIGURES) == list(MEASURES)
    assert measure_run(a_set(tmp_path / "set"), tmp_path / "a.run") == pytest.approx(FIGURES)
    assert measure_run(tmp_path / "qrels", tmp_path / "a.run") == pytest.approx(FIGURES)


def test_a_judged_query_that_a_run_lacks_counts_as_nothing_found(tmp_path: Path) -> None:
    (tmp_path / "a.run").write_text("q1 Q0 a 1 1 x\n", encoding="utf-8")
    trec.write_qrels(tmp_path / "qrels", {"q1": {"a": 1}, "q2": {"a": 1}})
    assert set(measure_run(tmp_path / "qrels", tmp_path / "a.run").values()) == {0.5}


def test_a_run_of_another_set_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.run").write_text("x1 Q0 a 1 1 x\n", encoding="utf-8")
    with pytest.raises(BadInput, match="none of the queries"):
        measure_run(a_set(tmp_path / "set"), tmp_path / "a.run")
