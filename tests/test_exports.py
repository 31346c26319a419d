"""What a run's summary is for other tools: JSON, a table, and test results for build servers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from corpus.errors import BadInput
from rag.evaluation import exports, run
from rag.evaluation.summary import Summary, summarise
from tests.test_summary import Row, line, nothing, question, write_run


@pytest.fixture
def summary(tmp_path: Path) -> Summary:
    """A right answer, a wrong one, an error, one that is not judged and one that was not asked."""
    asked = [question(id_, type="fact") for id_ in "abc"]
    asked += [question("d", answerable=None, must_include=[], evidence=[]), question("e")]
    lines = [line("a"), line("b", "Tom. [1]"), nothing("c", "error", error="no server"), line("d")]
    return summarise(write_run(tmp_path / "run", asked, lines, questions={"file": "/sets/mill.jsonl"}), resamples=50)


def of_one(folder: Path, asked: Row, given: Row) -> Summary:
    return summarise(write_run(folder, [asked], [given]), resamples=10)


def table(summary: Summary) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exports.as_csv(summary).decode("utf-8"), newline="")))


def test_the_three_files_are_written_beside_the_run(summary: Summary) -> None:
    paths = exports.write(summary)
    assert [path.name for path in paths] == ["summary.json", "scores.csv", "junit.xml"]
    assert {path.name for path in summary.run.folder.iterdir()} == {
        "questions.jsonl", "answers.jsonl", "manifest.json", "summary.json", "scores.csv", "junit.xml"
    }  # fmt: skip


def test_the_json_is_json_without_nan(summary: Summary) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    made = json.loads(exports.as_json(summary), parse_constant=refuse)
    assert made == summary.to_json()
    assert made["metrics"]["prompt_tokens"] == {
        "mean": None, "n": 0, "nans": 5, "low": None, "high": None, "clusters": 0, "by_rule_of_three": False
    }  # fmt: skip
    assert made["failures"] == [
        {"id": "b", "lost": "cited, not said", "reasons": ["does not say “Ada Penn”"]},
        {"id": "c", "lost": "asking failed", "reasons": ["error: no server"]},
        {"id": "e", "lost": "not asked", "reasons": ["not asked, or not answered yet"]},
    ]


def test_the_table_has_a_line_for_each_question_and_says_nan(summary: Summary) -> None:
    rows = table(summary)
    assert [(row["id"], row["status"], row["hit"]) for row in rows] == [
        ("a", "answered", "1.0"), ("b", "answered", "0.0"), ("c", "error", "0.0"), ("d", "answered", "NaN"),
        ("e", "not asked", "0.0"),
    ]  # fmt: skip
    assert (rows[1]["failed because"], rows[1]["lost"]) == ("does not say “Ada Penn”", "cited, not said")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_text_of_the_table_is_a_formula(tmp_path: Path, start: str) -> None:
    evil = f'{start}HYPERLINK("http://evil.example";"x")'
    asked = question("-1+1", question=evil, type=evil, must_include=[["x"]])
    row = table(of_one(tmp_path, asked, line("-1+1", evil)))[0]
    assert (row["id"], row["question"], row["answer"]) == ("'-1+1", f"'{evil}", f"'{evil}")
    assert row["type"].startswith("'")


def test_a_negative_number_of_the_table_stays_a_number(tmp_path: Path) -> None:
    assert table(of_one(tmp_path, question("a"), line("a", "Tom.")))[0]["truthfulness"] == "-1.0"


def test_junit_has_a_case_for_each_question_and_the_reason_of_each_failure(summary: Summary) -> None:
    suites = ElementTree.fromstring(exports.as_junit(summary))
    suite = suites[0]
    counts = {"tests": "5", "failures": "1", "errors": "2", "skipped": "1", "time": "0.400"}
    assert suite.attrib == {"name": "mill", **counts}
    assert suites.attrib == {"name": "citedesk eval", **counts}
    found = {str(case.get("name"))[0]: [(each.tag, each.get("message")) for each in case] for case in suite}
    assert found == {
        "a": [],
        "b": [("failure", "does not say “Ada Penn”")],
        "c": [("error", "error: no server")],
        "d": [("skipped", "the set does not tell what a right answer is")],
        "e": [("error", "not asked, or not answered yet")],
    }
    assert suite[1].attrib == {
        "classname": "citedesk.fact", "name": "b: Who runs the mill of b?", "time": "0.100"
    }  # fmt: skip
    assert suite[1][0].text == "Tom. [1]"


def test_junit_can_be_parsed_whatever_a_question_holds(tmp_path: Path) -> None:
    evil = "]]><x/>&amp;\x00\x0b\ud800\ufffe<!--"
    summary = of_one(tmp_path, question("a", question=evil, type=evil), line("a", evil))
    case = ElementTree.fromstring(exports.as_junit(summary))[0][0]
    safe = "]]><x/>&amp;\ufffd\ufffd\ufffd\ufffd<!--"
    assert (case.get("name"), case[0].text) == (f"a: {safe}", safe)
    assert json.loads(exports.as_json(summary))["failures"][0]["id"] == "a"
    assert exports.as_csv(summary)


def test_times_and_scores_that_are_no_numbers_are_not_measured(tmp_path: Path) -> None:
    given = line("a", latency_ms=float("nan"), first_words_ms=float("inf"), timings_ms={"search": float("nan")})
    folder = write_run(tmp_path, [question("a")], [given])
    (folder / "scores.jsonl").write_text('{"id": "a", "scores": {"grounded (x)": [NaN, 1]}}\n', "utf-8")
    summary = summarise(folder, resamples=10)
    assert [summary.figures[name].value.n for name in ("latency_ms", "first_words_ms", "grounded (x)")] == [0, 0, 0]
    assert json.loads(exports.as_json(summary))["stages_ms"] == {}
    assert ElementTree.fromstring(exports.as_junit(summary)).get("time") == "0.000"
    assert table(summary)[0]["grounded (x)"] == "NaN"


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    path.write_text("old", "utf-8")
    (tmp_path / "summary.json.new").mkdir()
    with pytest.raises(BadInput, match=r"summary\.json cannot be written"):
        run.write_whole(path, b"new")
    assert path.read_text("utf-8") == "old"
