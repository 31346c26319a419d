"""What a run comes to: figures with intervals, slices, and what went wrong in which question."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from corpus.document import Header
from corpus.errors import BadInput
from rag.evaluation.labelling import claims_of
from rag.evaluation.reasons import LOST, Lost, lost, reasons
from rag.evaluation.run import load
from rag.evaluation.summary import Summary, as_text, summarise

Row = dict[str, Any]


def question(id_: str, *, answerable: bool | None = True, **more: Any) -> Row:
    """Asks who runs the mill, which "Ada Penn" answers."""
    row: Row = {"id": id_, "question": f"Who runs the mill of {id_}?", "history": []}
    if answerable is not None:
        row["answerable"] = answerable
    if answerable:
        row |= {"must_include": [["Ada Penn"]], "evidence": [{"doc": "mill.txt", "quote": "Ada Penn runs it"}]}
    return row | more


def line(id_: str, answer: str = "Ada Penn. [1]", **more: Any) -> Row:
    """Cites and has retrieved the passage with the evidence."""
    hit = {"doc": "mill.txt", "text": "The mill is old. Ada Penn runs it.", "start": 10, "end": 44, "score": 1.0,
           "title": "The mill", "outlet": "Vale Gazette", "published": "2023-05-03"}  # fmt: skip
    citation = {"doc": "mill.txt", "marker": 1,
                "title": "The mill", "outlet": "Vale Gazette", "published": "2023-05-03",
                "quote": "Ada Penn runs it.", "start": 27, "end": 44, "check": "verbatim", "source": "Vale Gazette",
                "page": None, "carriers": []}  # fmt: skip
    sentence = {"text": answer, "start": 0, "end": len(answer), "citations": [1], "check": "verified", "support": 0.9,
                "faults": []}  # fmt: skip
    made = {"id": id_, "question": "?", "answer": answer, "status": "answered", "abstained": False, "composer": "x",
            "citations": [citation], "retrieved": [hit], "notes": [], "latency_ms": 100.0, "first_words_ms": 50.0,
            "timings_ms": {"retrieve": 40.0, "compose": 60.0}, "sentences": [sentence], "invalid_markers": 0,
            "usage": None}  # fmt: skip
    return made | more


def nothing(id_: str, status: str, **more: Any) -> Row:
    """An answer that says nothing."""
    return line(id_, "", status=status, abstained=status == "abstained", citations=[], sentences=[], **more)


def write_run(folder: Path, asked: Sequence[Row], lines: Sequence[Row], /, **manifest: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked), "utf-8")
    (folder / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines), "utf-8")
    (folder / "manifest.json").write_text(json.dumps({"compared": {}, **manifest}), "utf-8")
    return folder


def summed_up(folder: Path, questions: Sequence[Row], lines: Sequence[Row], **options: Any) -> Summary:
    return summarise(write_run(folder, questions, lines), resamples=200, **options)


def test_a_figure_is_a_mean_with_its_interval_and_counts_what_it_is_not_of(tmp_path: Path) -> None:
    asked = [*(question(f"a{n}") for n in range(4)), question("b", answerable=None, must_include=[])]
    lines = [line("a0"), line("a1"), line("a2"), line("a3", "Tom Reed. [1]"), line("b")]
    asked[-1].pop("evidence", None)
    hit = summed_up(tmp_path, asked, lines).figures["hit"]
    assert (hit.value.mean, hit.value.n, hit.value.nans) == (0.75, 4, 1)  # 3 of 4 that the set judges
    assert 0 <= hit.low < 0.75 < hit.high <= 1
    assert not hit.by_rule


def test_where_nothing_varies_the_rule_of_three_says_how_far_to_believe_it(tmp_path: Path) -> None:
    asked = [question(f"a{n}") for n in range(12)]
    hit = summed_up(tmp_path, asked, [line(row["id"]) for row in asked]).figures["hit"]
    assert (hit.low, hit.high, hit.by_rule) == (1 - 3 / 12, 1.0, True)


def test_questions_of_one_conversation_count_once_where_nothing_varies(tmp_path: Path) -> None:
    asked = [question(f"a{n}", conversation=str(n % 6)) for n in range(12)]
    hit = summed_up(tmp_path, asked, [line(row["id"]) for row in asked]).figures["hit"]
    assert (hit.clusters, hit.low) == (6, 0.5)


def test_one_question_has_no_interval(tmp_path: Path) -> None:
    hit = summed_up(tmp_path, [question("a")], [line("a")]).figures["hit"]
    assert hit.value.mean == 1
    assert isnan(hit.low)
    assert isnan(hit.high)


def test_what_could_not_be_measured_is_listed_by_metric(tmp_path: Path) -> None:
    summary = summed_up(tmp_path, [question("a"), question("b", answerable=False)], [line("a"), line("b")])
    assert summary.nans["citation_recall"] == ("b",)
    assert summary.nans["prompt_tokens"] == ("a", "b")
    assert summary.nans["hit"] == ()
    assert isnan(summary.figures["prompt_tokens"].value.mean)


def test_slices_are_by_type_outlet_year_length_and_every_field_that_groups(tmp_path: Path) -> None:
    asked = [
        question("a", type="fact", desk="north"),
        question("b", type="fact", desk="south"),
        question("c", type="date", desk="south", evidence=[{"doc": "ferry", "quote": "the crossing"}]),
        question("d", type="date", desk="south", question="Who?", answerable=False, must_include=[], evidence=[]),
    ]
    lines = [line("a"), line("b"), line("c"), nothing("d", "abstained")]
    headers = [Header("2022/ferry.txt", outlet="Coast Times", published="2022-01")]
    summary = summed_up(tmp_path, asked, lines, headers=headers)
    labels = {(each.name, each.label): each.ids for each in summary.slices}
    assert labels == {
        ("type", "fact"): ("a", "b"),
        ("type", "date"): ("c", "d"),
        ("answerable", "true"): ("a", "b", "c"),
        ("answerable", "false"): ("d",),
        ("outlet", "Vale Gazette"): ("a", "b"),
        ("outlet", "Coast Times"): ("c",),
        ("outlet", "not known"): ("d",),
        ("year", "2022"): ("c",),
        ("year", "2023"): ("a", "b"),
        ("year", "not known"): ("d",),
        ("length", "up to 5 words"): ("d",),
        ("length", "6 to 10 words"): ("a", "b", "c"),
        ("desk", "south"): ("b", "c", "d"),
        ("desk", "north"): ("a",),
    }
    assert summary.left_out == {"turn": "4 of 4 are “1”, no other is known"}
    south = next(each for each in summary.slices if each.label == "south")
    assert south.figures["hit"].value.mean == 1


def test_a_field_that_tells_every_question_apart_groups_none(tmp_path: Path) -> None:
    asked = [question(f"a{n}", note=f"note {n}") for n in range(3)]
    summary = summed_up(tmp_path, asked, [line(row["id"]) for row in asked])
    assert "note" not in {each.name for each in summary.slices}
    assert summary.left_out["note"] == "3 different ones"


def test_the_abstention_matrix_counts_every_question_once(tmp_path: Path) -> None:
    asked = [
        question("a"), question("b"), question("c", answerable=False), question("d", answerable=False),
        question("e", type="false_premise"), question("f", answerable=None, must_include=[], evidence=[]),
        question("g"),
    ]  # fmt: skip
    lines = [line("a"), nothing("b", "abstained"), line("c"), nothing("d", "abstained"), line("e"), line("f")]
    matrix = summed_up(tmp_path, asked, lines).abstention
    assert {row: {status: n for status, n in counts.items() if n} for row, counts in matrix.items()} == {
        "can be answered": {"answered": 1, "abstained": 1, "not asked": 1},
        "cannot be answered": {"answered": 1, "abstained": 1},
        "false premise": {"answered": 1},
        "not told": {"answered": 1},
    }


OTHER = {"doc": "ferry.txt", "text": "The ferry is late.", "start": 0, "end": 18}
FAILURES: list[tuple[Row, Row, tuple[str, ...], Lost]] = [
    (question("q"), {}, ("not asked, or not answered yet",), "not asked"),
    (question("q"), nothing("q", "error", error="no server"), ("error: no server",), "asking failed"),
    (question("q"), nothing("q", "abstained"), ("abstains from what can be answered",), "found, not cited"),
    (question("q"), nothing("q", "answered"), ("the answer is empty",), "found, not cited"),
    (question("q"), line("q", "Tom Reed. [1]"), ("does not say “Ada Penn”",), "cited, not said"),
    (question("q"), line("q", "Tom Reed. [1]", retrieved=[OTHER]), ("does not say “Ada Penn”",), "evidence not found"),
    (question("q", must_not_include=["Tom"]), line("q", "Ada Penn or Tom. [1]"),
     ("says “Tom”, which a wrong answer says",), "cited, not said"),
    (question("q", answerable=False), line("q"), ("answers what the set holds for unanswerable",),
     "answered what it should not"),
    (question("q", answerable=None, must_include=[], evidence=[], answer="Ada"), line("q", "Tom Reed."),
     ("does not hold the expected answer “Ada”",), "no evidence to follow"),
    (question("q"), line("q", "Ada Penn", status="incomplete"), ("the answer broke off",), "cited, not said"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "given", "why", "where"), FAILURES, ids=[each[2][0] for each in FAILURES])
def test_a_failure_says_why_and_where_it_was_lost(
    tmp_path: Path, asked: Row, given: Row, why: tuple[str, ...], where: Lost
) -> None:
    summary = summed_up(tmp_path, [asked], [given] if given else [])
    assert [each.reasons for each in summary.failures] == [why]
    assert summary.lost == {where: 1}
    assert where in LOST


def test_evidence_found_in_part_is_told_from_none(tmp_path: Path) -> None:
    two = [{"doc": "mill.txt", "quote": "Ada Penn runs it"}, {"doc": "ferry.txt", "quote": "late"}]
    folder = write_run(tmp_path, [question("q", evidence=two)], [line("q", "Tom. [1]")])
    made = load(folder)
    assert lost(made.items[0], made.answers["q"]) == "evidence found in part"


def test_a_right_answer_has_no_reason_and_many_wordings_are_not_all_listed(tmp_path: Path) -> None:
    wordings = [["one", "two", "three", "four", "five", "six"]]
    made = load(write_run(tmp_path, [question("a"), question("b", must_include=wordings)], [line("a"), line("b")]))
    right, wrong = made.items
    assert reasons(right, made.answers["a"]) == ()
    assert reasons(wrong, made.answers["b"]) == (
        "does not say “one” or “two” or “three” or “four” or 2 other wordings",
    )


def test_the_worst_are_wrong_then_silent_then_badly_grounded(tmp_path: Path) -> None:
    asked = [question(id_) for id_ in ("fine", "silent", "loose", "wrong")]
    loose = line("loose")
    loose["sentences"] = [loose["sentences"][0] | {"check": "unverified", "faults": ["a number"]}]
    lines = [line("fine"), nothing("silent", "abstained"), loose, line("wrong", "Tom Reed. [1]")]
    summary = summed_up(tmp_path, asked, lines)
    assert [each.item.id for each in summary.worst] == ["wrong", "silent", "loose"]


def test_a_run_that_was_cut_off_is_summed_up_with_what_is_missing(tmp_path: Path) -> None:
    summary = summed_up(tmp_path, [question("a"), question("b")], [line("a")])
    assert summary.figures["hit"].value.mean == 0.5
    assert summary.to_json()["complete"] is False
    assert summary.statuses == {"answered": 1, "not asked": 1}


def test_labels_give_the_agreement_of_each_judge(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [question("a")], [line("a")])
    assert summarise(folder, resamples=10).agreements == ()
    claim = claims_of(load(folder))[0]
    (folder / "labels.jsonl").write_text(json.dumps({"claim": claim.key, "label": "yes"}) + "\n", "utf-8")
    assert [each.both_yes for each in summarise(folder, resamples=10).agreements] == [1, 1, 1, 1]


def test_scores_that_were_kept_are_summed_up_with_the_others(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [question("a"), question("b")], [line("a"), line("b")])
    (folder / "scores.jsonl").write_text('{"id": "a", "scores": {"grounded (nli)": [0.5, 1]}}\n', "utf-8")
    summary = summarise(folder, resamples=10)
    assert summary.figures["grounded (nli)"].value.to_json() == {"mean": 0.5, "n": 1, "nans": 1}


def test_the_same_seed_gives_the_same_summary(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [question("a"), question("b")], [line("a"), line("b", "Tom. [1]")])
    assert summarise(folder, resamples=50).to_json() == summarise(folder, resamples=50).to_json()


def test_later_turns_stand_beside_the_first_with_the_drop(tmp_path: Path) -> None:
    asked = [question(f"a{n}") for n in range(4)]
    asked += [question(f"b{n}", history=[{"role": "user", "content": f"Who is {n}?"}]) for n in range(4)]
    lines = [*(line(f"a{n}") for n in range(4)), line("b0"), *(line(f"b{n}", "Tom. [1]") for n in range(1, 4))]
    summary = summed_up(tmp_path, asked, lines)
    drop = summary.later_turns["hit"]
    assert (drop.first.mean, drop.first.n, drop.later.mean, drop.later.n) == (1.0, 4, 0.25, 4)
    assert drop.difference == -0.75
    assert -1.0 <= drop.low < -0.75 < drop.high < 0  # of four conversations one keeps the hit
    shown = summary.to_json()["later_turns"]["hit"]
    assert (shown["first"]["n"], shown["difference"], shown["by_rule_of_three"]) == (4, -0.75, False)
    assert "prompt_tokens" not in summary.later_turns  # nothing to measure in either


def test_a_set_of_first_turns_has_no_later_ones(tmp_path: Path) -> None:
    assert summed_up(tmp_path, [question("a")], [line("a")]).later_turns == {}


def test_the_terminal_gets_what_to_look_at_first(tmp_path: Path) -> None:
    asked = [question("a"), question("b")]
    text = as_text(summed_up(tmp_path, asked, [line("a"), line("b", "Tom. [1]")]))
    assert text.splitlines()[0].split() == ["hit", "0.500", "0.000", "to", "1.000", "n", "2"]
    assert "1 x cited, not said: the right document is cited" in text
    assert "abstention_recall" not in text  # nothing to measure


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no run"):
        summarise(tmp_path)
