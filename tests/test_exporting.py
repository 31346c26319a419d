"""An archive and a question set as a public set, and measured as one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import BadInput
from rag import Assistant
from rag.__main__ import main
from rag.evaluation import beir, exporting, retrieval
from rag.evaluation.items import Evidence, Item

Open = Callable[..., Assistant]

TEXTS = {
    "bridge 50%.txt": "Bridge opens at Ollerford\n\nThe new bridge at Ollerford opened on Tuesday after four years.\n",
    "ferry.txt": "Ferry crew find work\n\nThe crew of the last ferry were hired by the harbour at Pell.\n",
}
ITEMS = [
    Item("q 1", "When did the bridge\topen?", evidence=(Evidence("bridge 50%.txt", "opened on Tuesday"),)),
    Item("q2", "Who hired the crew?", evidence=(Evidence("ferry", "hired by"), Evidence("ferry.txt", "The crew"))),
    Item("q3", "Who paid?"),
    Item("q4", "Who sold it?", evidence=(Evidence("mill.txt", "sold"),)),
]


@pytest.fixture
def desk(small_desk: Open, tmp_path: Path) -> Assistant:
    (tmp_path / "texts").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "texts" / name).write_text(text, encoding="utf-8")
    found = small_desk()
    assert not found.ingest(tmp_path / "texts").failed
    return found


def test_documents_questions_and_evidence_become_a_set_that_is_read_again(desk: Assistant, tmp_path: Path) -> None:
    told = exporting.export(desk, ITEMS, tmp_path / "set")
    assert told == exporting.Exported(2, 3, 3, without_evidence=("q3",), unknown=("mill.txt",))
    found = beir.read(tmp_path / "set")
    assert [document.id for document in found.documents] == ["bridge%2050%25.txt", "ferry.txt"]
    assert found.documents[1].text == desk.document("ferry.txt").text
    assert found.queries == {"q%201": "When did the bridge\topen?", "q2": "Who hired the crew?", "q4": "Who sold it?"}
    assert found.qrels == {"q%201": {"bridge%2050%25.txt": 1}, "q2": {"ferry.txt": 1}, "q4": {"mill.txt": 1}}


def test_what_was_written_can_be_measured_and_kept_as_trec_has_it(desk: Assistant, tmp_path: Path) -> None:
    exporting.export(desk, ITEMS[:2], tmp_path / "set")
    figures = retrieval.measure(tmp_path / "set", runs=tmp_path / "runs")
    assert figures["hybrid"]["R@10"] == 1.0  # there are two documents
    assert retrieval.measure_run(tmp_path / "runs" / "qrels.txt", tmp_path / "runs" / "hybrid.run") == figures["hybrid"]


def test_evidence_by_title_is_the_document_of_that_title(desk: Assistant, tmp_path: Path) -> None:
    title = next(header.title for header in desk.documents() if header.name == "ferry.txt")
    assert title
    told = exporting.export(desk, [Item("q", "Who?", evidence=(Evidence(title, "hired"),))], tmp_path / "set")
    assert (told.unknown, beir.read_qrels(tmp_path / "set")) == ((), {"q": {"ferry.txt": 1}})


def test_a_set_without_evidence_is_refused(desk: Assistant, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no question of the set names its evidence"):
        exporting.export(desk, ITEMS[2:3], tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_a_folder_that_cannot_be_written_is_named(desk: Assistant, tmp_path: Path) -> None:
    (tmp_path / "set").write_text("a file", encoding="utf-8")
    with pytest.raises(BadInput, match="set cannot be written"):
        exporting.export(desk, ITEMS, tmp_path / "set")


def test_the_command_says_what_it_wrote_and_what_it_left_out(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "q.jsonl"
    rows = [
        {"id": "a", "question": "When?", "evidence": [{"doc": "hallam-wins-mayor-result.txt", "quote": "x"}]},
        {"id": "b", "question": "Who?"},
    ]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    asked = ["eval", "export", str(questions), "--out", str(tmp_path / "set"), "--home", str(sample_home)]
    assert main(asked) == 0
    printed = capsys.readouterr()
    assert "16 documents, 1 queries and 1 judgements" in printed.out
    assert "left out, as they name no evidence: b" in printed.err
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["without_evidence"] == ["b"]
