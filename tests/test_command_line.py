"""The command line as people and other tools use it: JSON, exit codes, and what bad input gets."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.__main__ import show_growing
from rag.answer import Answer


def citedesk(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rag", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def printed(*arguments: str | Path) -> Any:
    done = citedesk(*arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_ask_prints_one_answer_of_the_agreed_form(sample_home: Path) -> None:
    answer = printed("ask", "How many people were evacuated in the Harrowgate flood?", "--home", sample_home, "--json")
    assert list(answer) == [
        "question", "answer", "status", "composer", "citations", "retrieved", "notes", "latency_ms", "timings_ms",
        "sentences", "invalid_markers", "usage", "assumptions", "form", "finding", "conflicts", "absence",
    ]  # fmt: skip
    assert (answer["status"], answer["composer"]) == ("answered", "extractive")
    assert list(answer["citations"][0]) == [
        "marker", "doc", "title", "outlet", "published", "quote", "start", "end", "check", "source",
        "page", "carriers", "highlight", "speaker",
    ]  # fmt: skip
    assert {citation["check"] for citation in answer["citations"]} == {"verbatim"}
    assert list(answer["retrieved"][0]) == [
        "doc", "text", "start", "end", "score", "carriers", "title", "outlet", "published", "stages",
    ]  # fmt: skip
    stages = [stage["name"] for stage in answer["retrieved"][0]["stages"]]
    assert stages == ["meaning", "words", "article", "together", "reading"]
    assert list(answer["retrieved"][0]["stages"][0]) == ["name", "rank", "score"]
    assert list(answer["timings_ms"]) == ["understand", "retrieve", "compose"]
    assert all(f"[{citation['marker']}]" in answer["answer"] for citation in answer["citations"])


def test_on_a_terminal_each_line_of_an_answer_is_shown_once_it_is_full(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[str] = []

    def grows() -> Iterator[Answer]:
        for words in (10, 25, 25, 60):
            yield Answer("Why?", "word " * words, "incomplete", "m")
            seen.append(capsys.readouterr().out)
        yield Answer("Why?", "word " * 60, "answered", "m", notes=("One more thing.",))

    line = " ".join(["word"] * 20)
    show_growing(grows())
    assert seen == ["", f"{line}\n", "", f"{line}\n"]
    assert capsys.readouterr().out == f"{line}\n\nOne more thing.\n"


def test_on_a_terminal_an_answer_that_turned_out_otherwise_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    show_growing([Answer("Why?", "word " * 30, "incomplete", "m"), Answer("Why?", "Nothing.", "abstained", "m")])
    assert capsys.readouterr().out == f"{' '.join(['word'] * 20)}\n\nNothing.\n"


def test_search_prints_the_same_without_answer_and_citations(sample_home: Path) -> None:
    found = printed("search", "dam gate", "-k", "3", "--home", sample_home, "--json")
    assert list(found) == ["question", "retrieved", "latency_ms", "timings_ms", "assumptions"]
    assert len(found["retrieved"]) == 3


def test_options_narrow_what_is_searched(sample_home: Path) -> None:
    def documents(*options: str) -> set[str]:
        found = printed("search", "pilots strike", *options, "--home", sample_home, "--json")
        return {hit["doc"] for hit in found["retrieved"]}

    assert documents("--outlet", "harrowgate gazette") == {
        "hallam-wins-mayor-result.txt",
        "harrowgate-flood-valley-empties.html",
        "pilots-strike-gazette.html",
    }
    assert documents("--since", "2024-05") >= {"tessel-treaty-initialled-third-round.html"}
    assert documents("--until", "2024-01-31") == {"2024-01-16-tessel-water-talks-first-round.txt"}
    assert documents("--outlet", "No Such Paper") == set()


def test_status_doctor_ingest_and_remove_report_as_json(tmp_path: Path, articles: Path) -> None:
    home = ["--home", str(tmp_path / "home"), "--json"]
    report = printed("ingest", articles, *home)
    assert report["added"] == ["bridge.txt", "ferry.txt", "harvest.md"]
    assert printed("ingest", articles, *home)["unchanged"] == ["bridge.txt", "ferry.txt", "harvest.md"]
    status = printed("status", *home)
    assert (status["documents"], status["first_published"], status["last_published"]) == (3, "2023-05-03", "2023-08-01")
    assert printed("remove", "ferry.txt", *home) == {"removed": ["ferry.txt"]}
    assert all(finding["sound"] for finding in printed("doctor", *home))
    assert citedesk("rebuild", "--home", tmp_path / "home").returncode == 0
    assert printed("status", *home)["documents"] == 2


def test_a_judge_that_is_named_has_its_figure_and_its_place_in_the_command(sample_home: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("When did the harbour pilots stop work?\n", encoding="utf-8")
    (tmp_path / "no.txt").write_text("No.", encoding="utf-8")
    judge = f"scripted:{tmp_path / 'no.txt'}"
    out = tmp_path / "run"
    printed("eval", "run", tmp_path / "mine.txt", "--out", out, "--judge", judge, "--home", sample_home, "--json")
    figures = json.loads((out / "summary.json").read_text("utf-8"))["metrics"]
    (named,) = [name for name in figures if name.startswith("grounded (scripted, prompt ")]
    assert figures[named]["mean"] == 0.0
    assert figures["grounded (lexical)"]["mean"] > 0.5
    assert f"--judge {judge}" in json.loads((out / "manifest.json").read_text("utf-8"))["command"]


def test_eval_run_writes_what_scorers_read(sample_home: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    history = [{"role": "user", "content": "Who won the election?"}, {"role": "assistant", "content": "Hallam."}]
    rows = [
        {"id": "q1", "question": "How much will Selmark pay Orlund?"},
        {"id": "q2", "question": "How many votes were cast?", "history": history},
        {"id": "q3", "question": ""},
    ]
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    done = citedesk("eval", "run", questions, "--out", tmp_path / "out", "--home", sample_home, "--json")
    assert done.returncode == 1  # one question could not be asked
    assert json.loads(done.stdout)["errors"] == 1
    answers = [json.loads(line) for line in (tmp_path / "out" / "answers.jsonl").read_text("utf-8").splitlines()]
    assert [(answer["id"], answer["status"], answer["abstained"]) for answer in answers] == [
        ("q1", "answered", False),
        ("q2", "answered", False),
        ("q3", "error", False),
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["ask", ""], 2, "the question is empty"),
        (["ask", "x" * 100_000], 2, "100,000 characters"),
        (["ask", "why", "-k", "0"], 2, "k is 0"),
        (["ask", "why", "-k", "many"], 2, "invalid int value"),
        (["ask", "why", "--since", "soon"], 2, "'soon' is not a date"),
        (["ask", "why", "--now", "2024-13-01"], 2, "is not a date"),
        (["ask", "why", "--without", "weather"], 2, "there are: period, outlet, author, voice, speaker"),
        (["search", "why", "--without", "period", "--without", "mood"], 2, "'mood' is nothing that is assumed"),
        (["remove", "nothing.txt"], 2, "not in the archive: nothing.txt"),
        (["ingest"], 2, "nothing to ingest"),
        (["eval", "run", "none.jsonl", "--out", "x"], 2, "none.jsonl cannot be read"),
        (["ask", "why \udcff\udcfe"], 0, ""),
        (["eval", "retrieval", "nowhere"], 2, "a set in BEIR form is a folder with"),
        (["frobnicate"], 2, "invalid choice"),
        ([], 2, "required"),
    ],
)  # fmt: skip
def test_bad_usage_and_input_get_a_clear_line_and_exit_2(
    sample_home: Path, arguments: list[str], status: int, said: str
) -> None:
    done = citedesk(*arguments, CITEDESK_HOME=str(sample_home))
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_there_is_nothing_to_ask_where_there_is_no_archive(tmp_path: Path) -> None:
    done = citedesk("ask", "why", "--home", tmp_path / "none")
    assert done.returncode == 2
    assert "run: citedesk ingest PATH --home" in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_home_that_cannot_be_one_is_named(tmp_path: Path, articles: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = citedesk("ingest", articles, "--home", tmp_path / "file")
    assert done.returncode == 1
    assert "file cannot be an archive's folder" in done.stderr


def test_a_filter_that_leaves_nothing_is_said(sample_home: Path) -> None:
    def answer(*options: str) -> str:
        return str(
            printed("ask", "Who won the chess tournament in Lisbon?", *options, "--home", sample_home, "--json")[
                "answer"
            ]
        )

    assert answer("--outlet", "No Such Paper") == "No document of this archive is of the dates or the outlet asked for."
    narrowed = "Nothing in those asked for, 1 of 16 documents, answers this; the nearest is: "
    assert answer("--until", "2024-01-31").startswith(narrowed)


def test_a_settings_file_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    (tmp_path / "citedesk.toml").write_text("llm = ollama", encoding="utf-8")
    done = citedesk("status", "--home", tmp_path)
    assert done.returncode == 2
    assert "citedesk.toml cannot be understood" in done.stderr
    (tmp_path / "citedesk.toml").write_text("colour = 'red'", encoding="utf-8")
    assert "sets colour, which is no setting" in citedesk("status", "--home", tmp_path).stderr


@pytest.mark.parametrize("named", [{"CITEDESK_LLM": "nobody:m"}, {"CITEDESK_LLM": "openai:m", "OPENAI_API_KEY": ""}])
def test_a_model_that_cannot_be_used_keeps_nobody_from_what_needs_none(
    named: dict[str, str], tmp_path: Path, articles: Path
) -> None:
    home = ["--home", str(tmp_path / "home")]
    for command in (["ingest", str(articles)], ["search", "bridge"], ["status"], ["backup", str(tmp_path / "saved")]):
        done = citedesk(*command, *home, **named, OPENAI_BASE_URL="")
        assert (done.returncode, done.stderr) == (0, "")
    done = citedesk("ask", "When did the bridge open?", *home, **named, OPENAI_BASE_URL="")
    assert done.returncode == 2
    assert citedesk("ask", "When did the bridge open?", "--llm", "none", *home, **named).returncode == 0


def test_the_doctor_says_all_it_finds_whatever_is_wrong(sample_home: Path) -> None:
    wrong = {
        "CITEDESK_LLM": "openai:m",
        "OPENAI_BASE_URL": "http://[::1",
        "OPENAI_API_KEY": "sk-canary-3",
        "CITEDESK_JUDGE": "/nowhere",
        "CITEDESK_LMM": "none",
    }
    done = citedesk("doctor", "--home", sample_home, **wrong)
    assert (done.returncode, done.stderr) == (1, "")
    assert "sk-canary-3" not in done.stdout
    mend = [line.split(": ")[0] for line in done.stdout.splitlines() if line.startswith("MEND")]
    assert mend == ["MEND environment CITEDESK_LMM", "MEND language model", "MEND judge"]
    assert "ok   archive.db: 16 documents" in done.stdout


def test_each_bad_file_gets_its_line_and_the_rest_is_ingested(tmp_path: Path, articles: Path) -> None:
    (articles / "empty.txt").write_bytes(b"")
    (articles / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (articles / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (articles / "latin.txt").write_bytes(
        "The café at Pell opened on 4 May. Its owner came from the coast.".encode("cp1252")
    )
    (articles / "line.txt").write_bytes(b"word " * 10_000_000)
    (articles / "link.txt").symlink_to(articles / "bridge.txt")
    (tmp_path / "bare").mkdir()
    done = citedesk("ingest", articles, tmp_path / "bare", tmp_path / "gone.txt", "--home", tmp_path / "home", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["added"] == ["bridge.txt", "ferry.txt", "harvest.md", "latin.txt"]
    reasons = {Path(failure["path"]).name: failure["reason"] for failure in report["failed"]}
    assert {name: reason.split(";")[0].split(",")[0] for name, reason in reasons.items()} == {
        "bare": "holds no file we can read",
        "gone.txt": "does not exist",
        "binary.txt": "is not text in any encoding we know",
        "empty.txt": "is empty",
        "image.txt": "is a PNG image",
        "line.txt": "has over 20",
        "link.txt": "is a link",
    }
    assert report["notes"] == ["latin.txt: not UTF-8: read as windows-1252"]
    for name in reasons:
        assert sum(name in line for line in done.stderr.splitlines()) == 1


def test_documents_cannot_steer_the_terminal(tmp_path: Path) -> None:
    page = tmp_path / "steer.txt"
    page.write_text("The lamp \x1b[2Jat Pell was lit on Monday by the keeper of the lighthouse.\n", encoding="utf-8")
    home = tmp_path / "home"
    assert citedesk("ingest", page, "--home", home).returncode == 0
    assert "\x1b" not in citedesk("ask", "Who lit the lamp at Pell?", "--home", home).stdout


def test_progress_is_shown_on_a_terminal_and_nowhere_else(tmp_path: Path, articles: Path) -> None:
    assert citedesk("ingest", articles, "--home", tmp_path / "quiet").stderr == ""
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 100))  # a new one has no rows, where tqdm shows nothing
    command = [sys.executable, "-m", "rag", "ingest", str(articles), "--home", str(tmp_path / "shown")]
    with subprocess.Popen(command, stderr=follower, stdout=subprocess.DEVNULL) as process:
        os.close(follower)
        shown = b""
        while process.poll() is None or not shown:
            try:
                shown += os.read(leader, 4096)
            except OSError:
                break
    os.close(leader)
    assert b"ingesting" in shown
    assert b"file/s" in shown


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from rag.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'chromadb', 'gradio', 'numpy', 'onnxruntime', 'tantivy', 'sentence_transformers'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_cold_ask_does_not_import_torch(sample_home: Path) -> None:
    script = (
        "import sys; from rag.__main__ import main\n"
        f"main(['ask', 'Where was the astrolabe found?', '--home', {str(sample_home)!r}])\n"
        "print(sorted({'torch', 'sentence_transformers', 'transformers', 'gradio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
