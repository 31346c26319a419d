"""A run: every question gets its line, it goes on where it was left off, and it never mixes two things."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from corpus.errors import BadInput
from rag import Assistant
from rag.evaluation import run
from rag.evaluation.items import Item, read_items
from rag.llm.base import Prompt, ProviderError
from rag.llm.calling import Caller
from rag.llm.scripted import Scripted
from rag.prompting import REFUSAL
from rag.setup import Setup
from rag.templates import Templates
from tests.conftest import open_small
from vectorstore.lock import ProcessLock

Open = Callable[..., Assistant]
ROWS = [
    {"id": "a", "question": "What did Mayor Tilda Croft say of the bridge at Ollerford?", "answer": "4,000 cars"},
    {"id": "b", "question": "How many members of the ferry crew have found new work?", "type": "number"},
    {"id": "c", "question": "When does the cider press at Pell open?"},
    {"id": "d", "question": "Who was on board of the old ferry?"},
]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return written(tmp_path / "questions.jsonl", ROWS)


@pytest.fixture
def desk(small_desk: Open, articles: Path) -> Assistant:
    opened = small_desk()
    opened.ingest(articles)
    return opened


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return path


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "answers.jsonl").read_text("utf-8").splitlines()]


def ids(out: Path) -> list[str]:
    return [line["id"] for line in lines(out)]


def with_model(home: Path, pieces: Any, **options: Any) -> tuple[Assistant, Setup, Scripted]:
    """An archive that a scripted model answers from."""
    model = Scripted(pieces, **options)
    caller = Caller(model)
    return open_small(home, caller=caller), Setup(caller=caller), model


def test_every_question_gets_one_line_in_the_order_of_the_set(desk: Assistant, questions: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    summary = run.questions(desk, questions, tmp_path / "out", on_progress=lambda *now: seen.append(now))
    assert ids(tmp_path / "out") == ["a", "b", "c", "d"]
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert (summary["questions"], summary["errors"]) == (4, 0)
    assert sum(summary[status] for status in ("answered", "abstained", "incomplete")) == 4
    first = lines(tmp_path / "out")[0]
    assert "4,000 cars" in first["answer"]
    assert (first["abstained"], "error" in first) == (False, False)
    assert 0 < first["first_words_ms"] <= first["latency_ms"] + 1
    assert read_items(tmp_path / "out" / "questions.jsonl") == read_items(questions)


def test_the_folder_says_what_the_run_was_made_with(desk: Assistant, questions: Path, tmp_path: Path) -> None:
    setup = Setup({"k": ("5", "CITEDESK_K"), "llm": ("not set", "--llm"), "home": ("/x", "--home")})
    run.questions(desk, questions, tmp_path / "out", setup=setup, limit=2, seed=1, workers=2)
    made = run.load(tmp_path / "out")
    assert made.is_complete
    assert [item.id for item in made.items] == list(made.answers)
    about = made.manifest
    assert about["archive"]["documents"] == 3
    assert about["archive"]["embedder"] == "hashing"
    assert about["model"] == {"name": "built-in"}
    assert about["questions"]["count"] == 4
    assert about["questions"]["asked"] == 2
    assert about["settings"]["k"] == {"value": "5", "origin": "CITEDESK_K"}
    assert (about["complete"], about["errors"], sum(about["statuses"].values())) == (True, {}, 2)
    assert about["sessions"][0]["asked"] == 2
    assert about["packages"]["numpy"]
    assert about["python"].startswith("3.")
    home, out = tmp_path / "home", tmp_path / "out"
    assert about["command"] == (
        f"CITEDESK_K=5 citedesk eval run {questions} --home {home} --out {out}-again --workers 2 --limit 2 --seed 1"
        " --llm none"
    )


def test_an_error_is_a_line_and_is_asked_again(desk: Assistant, questions: Path, tmp_path: Path) -> None:
    with_bad = written(questions, [*ROWS, {"id": "e", "question": "x" * 9_000}])
    summary = run.questions(desk, with_bad, tmp_path / "out")
    last = lines(tmp_path / "out")[-1]
    assert (summary["errors"], last["id"], last["status"]) == (1, "e", "error")
    assert "over the limit of 8,000" in last["error"]
    seen: list[tuple[int, int]] = []
    run.questions(desk, with_bad, tmp_path / "out", on_progress=lambda *now: seen.append(now))
    assert seen == [(0, 1), (1, 1)]
    assert ids(tmp_path / "out") == ["a", "b", "c", "d", "e"]
    assert list(run.load(tmp_path / "out").manifest["errors"].values()) == [1]


def test_a_model_that_fails_is_an_error_and_one_that_is_back_is_asked_for_these_only(
    desk: Assistant, questions: Path, tmp_path: Path
) -> None:
    desk.close()
    broken, setup, _ = with_model(tmp_path / "home", [], failure=ProviderError("scripted has a cold"))
    with broken:
        summary = run.questions(broken, questions, tmp_path / "out", setup=setup)
    failed = {line["id"] for line in lines(tmp_path / "out") if "error" in line}
    assert summary["errors"] == len(failed) > 0
    assert "a cold" in next(line["error"] for line in lines(tmp_path / "out") if "error" in line)
    mended, setup, model = with_model(tmp_path / "home", [REFUSAL])
    with mended:
        summary = run.questions(mended, questions, tmp_path / "out", setup=setup)
    assert (summary["errors"], len(model.prompts)) == (0, len(failed))


def test_ctrl_c_leaves_a_folder_that_is_gone_on_with(desk: Assistant, questions: Path, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.questions(desk, questions, tmp_path / "out", workers=1, on_progress=interrupt)
    half = run.load(tmp_path / "out")
    assert not half.is_complete
    assert list(half.answers) == ["a", "b"]
    assert (half.manifest["complete"], half.manifest["sessions"][0]["asked"]) == (False, 2)
    before = lines(tmp_path / "out")
    run.questions(desk, questions, tmp_path / "out")
    assert ids(tmp_path / "out") == ["a", "b", "c", "d"]
    assert lines(tmp_path / "out")[:2] == before  # not asked again
    assert [session["asked"] for session in run.load(tmp_path / "out").manifest["sessions"]] == [2, 2]


def test_a_line_that_was_torn_by_a_crash_is_asked_again(desk: Assistant, questions: Path, tmp_path: Path) -> None:
    run.questions(desk, questions, tmp_path / "out")
    answers = tmp_path / "out" / "answers.jsonl"
    whole = answers.read_bytes()
    answers.write_bytes(whole[:-40])
    assert list(run.load(tmp_path / "out").answers) == ["a", "b", "c"]
    run.questions(desk, questions, tmp_path / "out")
    assert ids(tmp_path / "out") == ["a", "b", "c", "d"]
    answers.write_bytes(b"{}\n" + whole)
    with pytest.raises(BadInput, match=r"line 1: is no answer .* --fresh"):
        run.questions(desk, questions, tmp_path / "out")


def test_another_set_archive_setting_or_model_is_not_mixed_in(desk: Assistant, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run.questions(desk, questions, out, setup=Setup({"k": ("10", "default")}))
    other = written(tmp_path / "other.jsonl", ROWS[:3])
    with pytest.raises(BadInput, match=r"another run \(question set was .*, is .*\); name another folder .* --fresh"):
        run.questions(desk, other, out, setup=Setup({"k": ("10", "default")}))
    with pytest.raises(BadInput, match=r"\(setting k was 10, is 5\)"):
        run.questions(desk, questions, out, setup=Setup({"k": ("5", "CITEDESK_K")}))
    with pytest.raises(BadInput, match=r"\(model was built-in, is scripted\)"):
        run.questions(desk, questions, out, setup=Setup({"k": ("10", "default")}, Caller(Scripted([REFUSAL]))))
    own = tmp_path / "prompts"
    own.mkdir()
    (own / "hello.md").write_text("Say hello.\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"\(prompts was .*, is "):
        run.questions(desk, questions, out, setup=Setup({"k": ("10", "default")}, templates=Templates(own)))
    desk.remove(["ferry.txt"])
    with pytest.raises(BadInput, match=r"\(contents of the archive was \d+, is \d+\)"):
        run.questions(desk, questions, out, setup=Setup({"k": ("10", "default")}))
    assert ids(out) == ["a", "b", "c", "d"]  # nothing was lost by asking
    run.questions(desk, other, out, fresh=True)
    assert ids(out) == ["a", "b", "c"]


def test_answers_of_nobody_knows_what_are_left_alone(desk: Assistant, questions: Path, tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").write_text('{"id": "z"}\n', encoding="utf-8")
    with pytest.raises(BadInput, match="nothing says of what"):
        run.questions(desk, questions, tmp_path)
    assert ids(tmp_path) == ["z"]
    with pytest.raises(BadInput, match="holds no run"):
        run.load(tmp_path)


def test_a_sample_is_the_same_for_the_same_seed_and_part_of_a_larger_one(desk: Assistant, tmp_path: Path) -> None:
    many = written(tmp_path / "many.jsonl", [{"id": f"q{n:02}", "question": f"Who is number {n}?"} for n in range(30)])
    run.questions(desk, many, tmp_path / "first", limit=3)
    assert ids(tmp_path / "first") == ["q00", "q01", "q02"]
    run.questions(desk, many, tmp_path / "out", limit=3, seed=5)
    sample = ids(tmp_path / "out")
    assert sample == sorted(sample) != ["q00", "q01", "q02"]
    run.questions(desk, many, tmp_path / "again", limit=3, seed=5)
    assert ids(tmp_path / "again") == sample
    asked: list[tuple[int, int]] = []
    run.questions(desk, many, tmp_path / "out", limit=6, seed=5, on_progress=lambda *now: asked.append(now))
    assert asked[-1] == (3, 3)
    assert set(sample) < set(ids(tmp_path / "out"))
    with pytest.raises(BadInput, match="answers to other questions of the set"):
        run.questions(desk, many, tmp_path / "out", limit=3, seed=5)


def test_one_folder_is_written_by_one_run(desk: Assistant, questions: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    other = ProcessLock(tmp_path / "out" / "run.lock")
    assert other.take(purpose="asks questions")
    with pytest.raises(BadInput, match="is asking questions into"):
        run.questions(desk, questions, tmp_path / "out")
    other.release()
    run.questions(desk, questions, tmp_path / "out")


@pytest.mark.parametrize(("options", "why"), [({"limit": 0}, "limit is 0"), ({"workers": 0}, "0 questions at once")])
def test_numbers_that_make_no_sense_are_refused(
    desk: Assistant, questions: Path, tmp_path: Path, options: dict[str, int], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        run.questions(desk, questions, tmp_path / "out", limit=options.get("limit"), workers=options.get("workers"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("is_local", "workers"), [(True, 1), (False, run.WORKERS)])
def test_a_model_on_this_machine_is_asked_one_question_at_a_time(
    desk: Assistant, questions: Path, tmp_path: Path, is_local: bool, workers: int
) -> None:
    desk.close()
    asked, setup, _ = with_model(tmp_path / "home", [REFUSAL], is_local=is_local)
    with asked:
        run.questions(asked, questions, tmp_path / "out", setup=setup)
    about = run.load(tmp_path / "out").manifest
    assert (about["workers"], about["model"]["local"], about["model"]["name"]) == (workers, is_local, "scripted")


def test_a_question_that_is_given_up_hangs_up_on_the_model(desk: Assistant, tmp_path: Path) -> None:
    desk.close()
    stop = Event()

    def talking(prompt: Prompt) -> list[str]:
        stop.set()
        return ["word "] * 1_000

    asked, _, _ = with_model(tmp_path / "home", talking, pause_s=0.05)  # 50 s to its end
    with asked, pytest.raises(InterruptedError):
        run.answered(asked, Item("a", ROWS[0]["question"]), stop=stop)


def test_percentiles_are_by_nearest_rank() -> None:
    # ranks ceil(.5 * 4) = 2, ceil(.95 * 4) = 4
    assert [run.percentile([40.0, 10.0, 30.0, 20.0], percent) for percent in (50, 95, 99)] == [20.0, 40.0, 40.0]
    assert run.percentile([7.0], 50) == 7.0
