"""The page about evaluation is true: its commands and scripts run, and its tables name all there is."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from math import inf
from pathlib import Path

import pytest

from rag.__main__ import main
from rag.evaluation import compare, gates, items, retrieval
from rag.evaluation.items import read_items
from rag.evaluation.judges import Lexical
from rag.evaluation.metrics import METRICS
from rag.evaluation.metrics import table as table_of_metrics
from rag.evaluation.robustness import FIGURES, PROBES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
RANGES = {"0 to 1": (0, 1), "−1 to 1": (-1, 1), "0 and up": (0, inf)}


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each command of the page, with the lines that it is said to print."""
    for shown in re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        for each in re.split(r"^\$ ", shown, flags=re.MULTILINE)[1:]:
            command, *printed = each.splitlines()
            yield command, printed


def table(heading: str) -> list[list[str]]:
    """The rows of the table whose first line begins with ``heading``."""
    (rows,) = re.findall(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows.splitlines()]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def run(command: str, where: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CITEDESK_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, shell=True, cwd=where, env=environment, capture_output=True, text=True, input="y\nn\ns\n"
    )


def test_the_tutorial_runs_as_it_is_written(sample_home: Path, tmp_path: Path) -> None:
    (tmp_path / "gates.toml").write_text(block("toml"), encoding="utf-8")
    for command, printed in commands():
        done = run(re.sub(r"\bcitedesk\b", f"{shlex.quote(sys.executable)} -m rag", command), tmp_path, sample_home)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert [line for line in printed if line not in (done.stdout + done.stderr).splitlines()] == []

    (tmp_path / "my-archive").symlink_to(sample_home)
    example = block("python")
    (tmp_path / "example.py").write_text(example, encoding="utf-8")
    done = run(f"{shlex.quote(sys.executable)} example.py", tmp_path, sample_home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Value(mean=")
    script = shlex.quote(str(ROOT / "docs" / "evaluate.py"))
    done = run(f"{shlex.quote(sys.executable)} {script} mine.jsonl runs/d runs/c", tmp_path, sample_home)
    assert done.returncode == 0, done.stderr
    assert "Verdict: no significant loss" in done.stdout

    (tmp_path / "strict.toml").write_text("must_include = 1.5\n", encoding="utf-8")
    a, b, strict = (str(tmp_path / each) for each in ("runs/a", "runs/b", "strict.toml"))
    assert main(["eval", "compare", a, b, "--gates", strict]) == 1

    told = {name for row in table("file") for name in names(row[0])}
    assert told <= {path.name for path in (tmp_path / "runs" / "a").iterdir()}
    assert {path.name for path in (tmp_path / "runs" / "a").iterdir()} <= told


def test_a_comparison_ends_as_the_page_says() -> None:
    said = {int(row[0]): row[1] for row in table("exit status of `eval compare`")}
    assert said.keys() == set(compare.EXIT_STATUS.values())
    for verdict, status in compare.EXIT_STATUS.items():
        assert verdict.removeprefix("no significant ") in said[status]


def test_a_run_that_is_not_there_ends_a_comparison_with_2(tmp_path: Path) -> None:
    assert main(["eval", "compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 2


def test_every_metric_is_on_the_page_with_its_range_and_direction() -> None:
    rows = table("metric")
    assert [names(row[0]) for row in rows] == [[name] for name in METRICS]
    for (name, metric), (_, means, range_, better) in zip(METRICS.items(), rows, strict=True):
        assert (RANGES[range_], better) == (metric.range, metric.direction), name
        assert means


def test_every_metric_by_a_judge_is_on_the_page() -> None:
    judged = [name for name in table_of_metrics(judges=[Lexical()]) if name not in METRICS]
    assert [f"{name} (lexical)" for row in table("by a judge") for name in names(row[0])] == judged


def test_every_measure_of_retrieval_is_on_the_page() -> None:
    assert [names(row[0]) for row in table("measure")] == [[name] for name in retrieval.MEASURES]


def test_every_probe_is_on_the_page_with_its_figures() -> None:
    rows = {names(row[0])[0]: names(row[2]) for row in table("probe")}
    assert list(rows) == list(PROBES)
    assert rows == {probe: [name for name, (of, _) in FIGURES.items() if of == probe] for probe in PROBES}


def test_the_gates_of_the_page_are_read(tmp_path: Path) -> None:
    (tmp_path / "gates.toml").write_text(block("toml"), encoding="utf-8")
    found = gates.read(tmp_path / "gates.toml")
    assert {gate.metric for gate in found} <= METRICS.keys()
    assert [gate.slice for gate in found] == [None, None, None, ("type", "number")]


def test_every_form_of_question_on_the_page_is_read(tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text(block("jsonl"), encoding="utf-8")
    found = {item.id: item for item in read_items(tmp_path / "mine.jsonl")}
    assert list(found) == ["q1", "flash", "line-3", "squad", "talk<::>2"]
    assert found["q1"].evidence == (items.Evidence("bridge.txt", "opened on Tuesday"),)
    assert found["flash"].answers == ("Tilda Croft", "Mayor Croft")
    assert found["line-3"].evidence == (items.Evidence("Bridge opens", "opened on Tuesday"),)
    assert found["line-3"].type == "inference_query"
    assert found["squad"].answerable is False
    assert (found["talk<::>2"].question, found["talk<::>2"].history[0].answer) == ("When was that?", "Yes.")
    assert found["talk<::>2"].answers == ("In May.",)


def test_every_name_of_a_column_is_on_the_page() -> None:
    told = {row[0]: tuple(names(row[1])) for row in table("what")}
    read = (items._QUESTIONS, items._CONVERSATIONS, items._IDS, tuple(items._ANSWERS), items._TYPES,
            items._UNANSWERABLE, items._EVIDENCE, items._DOC, items._QUOTE, compare._CONVERSATIONS)  # fmt: skip
    assert tuple(told.values()) == read


def test_every_option_that_the_page_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    helped = ""
    for command in ("run", "compare", "robustness", "questions", "label", "export", "retrieval"):
        assert f"citedesk eval {command} " in PAGE
        with pytest.raises(SystemExit) as stopped:
            main(["eval", command, "--help"])
        assert stopped.value.code == 0
        helped += capsys.readouterr().out
    assert [option for option in re.findall(r"--[a-z]+", PAGE) if option not in helped] == []


def test_what_it_points_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert (ROOT / "docs" / target).is_file(), target


def test_every_sentence_has_a_line_of_its_own() -> None:
    prose = re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert not [found for found in prose.splitlines() if re.search(r"[a-z)`]\. [A-Z]", found)]
