"""A public set in BEIR form, measured, and what the systems found; question sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.errors import BadInput
from rag.answer import Turn
from rag.evaluation import beir, retrieval


def test_a_set_in_beir_form_is_measured_by_system_and_what_each_found_can_be_measured_again(tmp_path: Path) -> None:
    documents = {"d1": "The ferry struck the harbour wall.", "d2": "Apples ripen early.", "d3": "A bridge was opened."}
    queries = {"q1": "ferry accident in the harbour", "q2": "when do apples ripen", "q3": "nobody judged this"}
    given = tmp_path / "set"
    (given / "qrels").mkdir(parents=True)
    rows = [json.dumps({"_id": id_, "title": "", "text": text}) for id_, text in documents.items()]
    (given / "corpus.jsonl").write_text("\n".join(rows), encoding="utf-8")
    rows = [json.dumps({"_id": id_, "text": text}) for id_, text in queries.items()]
    (given / "queries.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (given / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\n", encoding="utf-8")
    figures = retrieval.measure(given, runs=tmp_path / "runs")
    assert list(figures) == ["dense", "passages", "articles", "hybrid"]
    found = figures["hybrid"]
    assert list(found) == ["nDCG@10", "R@5", "R@10", "RR@10", "Success@5", "Judged@10"]
    assert [found[name] for name in ("nDCG@10", "R@5", "R@10", "RR@10", "Success@5")] == [1.0] * 5
    assert 1 / 3 <= found["Judged@10"] <= 1.0  # one document of up to three that were found
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == sorted(
        ["qrels.txt", *(f"{name}.run" for name in figures)]
    )
    for system, values in figures.items():
        for judgements in (given, tmp_path / "runs" / "qrels.txt"):
            assert retrieval.measure_run(judgements, tmp_path / "runs" / f"{system}.run") == values


def a_set_of_conversations(folder: Path, *, history: object) -> Path:
    (folder / "qrels").mkdir(parents=True)
    texts = {"late": "The ferry to Ollerford was late.", "closed": "The bridge to Ollerford was closed."}
    rows = [json.dumps({"_id": id_, "title": "", "text": text}) for id_, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(rows), encoding="utf-8")
    query = {"_id": "q", "text": "And was it closed?", "metadata": {"history": history}}
    (folder / "queries.jsonl").write_text(json.dumps(query), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tlate\t1\n", encoding="utf-8")
    return folder


def test_queries_are_asked_alone_or_after_their_conversation(tmp_path: Path) -> None:
    said = [["user", "Was the ferry late, the ferry?"], ["agent", "Yes."], ["agent", "By an hour."]]
    given = a_set_of_conversations(tmp_path / "set", history=said)
    assert beir.read(given).histories == {"q": [Turn("Was the ferry late, the ferry?", "Yes. By an hour.")]}
    alone, after = (retrieval.measure(given, history=history)["passages"]["RR@10"] for history in (False, True))
    assert (alone, after) == (0.0, 1.0)  # alone, only the other has one of its words


def test_a_set_without_conversations_cannot_be_asked_after_them(tmp_path: Path) -> None:
    given = a_set_of_conversations(tmp_path / "set", history=[])
    with pytest.raises(BadInput, match="has no conversations"):
        retrieval.measure(given, history=True)


def test_a_conversation_in_another_form_is_refused_by_line(tmp_path: Path) -> None:
    given = a_set_of_conversations(tmp_path / "set", history=[["user", 7]])
    with pytest.raises(BadInput, match=r"queries.jsonl, line 1: .* a list of pairs"):
        beir.read(given)
