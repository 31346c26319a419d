"""Scores that are kept: judging goes on where it was left off, and judges anew what has changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.errors import BadInput
from rag.evaluation import scores
from rag.evaluation.items import Item
from rag.evaluation.metrics import METRICS, Metric
from rag.evaluation.metrics.answered import Line, Share

ITEMS = [Item(id_, "Who?") for id_ in "abc"]
LINES: dict[str, Line] = {id_: {"id": id_, "answer": "Croft."} for id_ in "abc"}


class Counting:
    """A metric that keeps what it was asked of; ``breaks_at`` is the question at which it is cut off."""

    def __init__(self, breaks_at: str = "") -> None:
        self.asked: list[str] = []
        self._breaks_at = breaks_at

    def __call__(self, item: Item, line: Line) -> float:
        if item.id == self._breaks_at:
            raise KeyboardInterrupt
        self.asked.append(item.id)
        return float(len(str(line.get("answer"))))


def keep(folder: Path, metric: Counting, lines: dict[str, Line] = LINES, **options: object) -> scores.Scores:
    metrics = {"grounded (counting)": Metric("groundedness", metric), "hit": METRICS["hit"]}
    return scores.keep(folder, ITEMS, lines, metrics, **options)  # type: ignore[arg-type]


def test_what_cannot_be_scored_from_the_answers_is_kept_and_read_again(tmp_path: Path) -> None:
    kept = keep(tmp_path, Counting())
    assert kept == {"grounded (counting)": {id_: Share(6.0, 1.0) for id_ in "abc"}}
    assert scores.read(tmp_path) == kept


def test_judging_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        keep(tmp_path, Counting(breaks_at="c"))
    assert set(scores.read(tmp_path)["grounded (counting)"]) == {"a", "b"}
    with (tmp_path / "scores.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "c", "sco')  # the power went
    later, heard = Counting(), list[tuple[int, int]]()
    kept = keep(tmp_path, later, on_progress=lambda done, total: heard.append((done, total)))
    assert later.asked == ["c"]
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert scores.read(tmp_path) == kept
    assert len((tmp_path / "scores.jsonl").read_text("utf-8").splitlines()) == 3


def test_an_answer_that_changed_is_judged_again_and_so_is_what_more_than_answers_decide(tmp_path: Path) -> None:
    keep(tmp_path, Counting())
    changed = Counting()
    found = keep(tmp_path, changed, LINES | {"b": {"id": "b", "answer": "Smith & Co."}})
    assert changed.asked == ["b"]
    assert found["grounded (counting)"]["b"] == Share(11.0, 1.0)
    anew = Counting()
    keep(tmp_path, anew, anew=("grounded (counting)",))
    assert anew.asked == ["a", "b", "c"]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "a"}', '{"id": "a", "scores": {"x": 1}}'])
def test_a_damaged_file_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "scores.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"scores\.jsonl cannot be read"):
        scores.read(tmp_path)


def test_figures_of_metrics_that_need_only_the_answers_are_never_taken_from_the_file(tmp_path: Path) -> None:
    row = json.dumps({"id": "a", "answer": None, "scores": {"hit": [1, 1]}})
    (tmp_path / "scores.jsonl").write_text(row + "\n", encoding="utf-8")
    assert keep(tmp_path, Counting()).keys() == {"grounded (counting)"}
