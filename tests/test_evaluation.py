"""A public set in BEIR form, measured, and what the systems found; question sets."""

from __future__ import annotations

import json
from pathlib import Path

from rag.evaluation import retrieval


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
