"""Two runs compared, and gates that a run must go through."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import BadInput
from rag.answer import Turn
from rag.evaluation import gates
from rag.evaluation.compare import Comparison, as_text, clusters, compare
from rag.evaluation.gates import Gate
from rag.evaluation.items import Evidence, Item, as_lines
from rag.evaluation.metrics.answered import Share
from rag.evaluation.statistics import Tally

QUESTIONS = [
    Item(str(n), f"Who opened bridge {n}?", type="fact" if n % 2 else "list", answerable=True, answers=("Croft",))
    for n in range(20)
]
Answering = Callable[[int], str | None]  # None: asking failed


def a_run(
    folder: Path,
    answering: Answering,
    items: Sequence[Item] = QUESTIONS,
    *,
    leave_out: Sequence[str] = (),
    **given: Any,
) -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"compared": {}}), encoding="utf-8")
    (folder / "questions.jsonl").write_bytes(as_lines(items))
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as file:
        for number, item in enumerate(items):
            if item.id in leave_out:
                continue
            text = answering(number)
            line = {"id": item.id, "answer": text or "", "status": "answered", "abstained": False, **given}
            if text is None:
                line |= {"status": "error", "error": "the model did not answer"}
            file.write(json.dumps(line) + "\n")
    return folder


def right(number: int) -> str:
    return "Croft"


def wrong(number: int) -> str:
    return "Smith"


def right_up_to(count: int) -> Answering:
    return lambda number: "Croft" if number < count else "Smith"


def of(comparison: Comparison, metric: str) -> Any:
    return next(row for row in comparison.rows if row.metric == metric)


def test_a_loss_is_found_with_its_size_and_its_odds(tmp_path: Path) -> None:
    found = compare(a_run(tmp_path / "a", right), a_run(tmp_path / "b", right_up_to(8)), metrics=["hit"])
    row = of(found, "hit")
    assert [row.a.mean, row.b.mean, row.difference] == pytest.approx([1.0, 0.4, -0.6])
    assert row.low < -0.6 < row.high < 0  # 8 of 20 kept
    assert row.p == row.adjusted == pytest.approx(2 / 2**12)  # twelve losses; the eight ties decide nothing
    assert row.tally == Tally(wins=0, losses=12, ties=8)
    assert (found.verdict, found.exit_status) == ("loss", 1)


def test_a_gain_is_no_loss_and_neither_is_a_small_difference(tmp_path: Path) -> None:
    all_right, most, half = (
        a_run(tmp_path / name, right_up_to(count)) for name, count in (("a", 20), ("b", 19), ("c", 10))
    )
    gain = compare(half, all_right)
    assert (gain.verdict, gain.exit_status, of(gain, "hit").finding) == ("no significant loss", 0, "better")
    small = compare(all_right, most)
    assert (small.verdict, small.exit_status, of(small, "hit").finding) == (
        "no significant loss",
        0,
        "no difference shown",
    )
    assert of(small, "hit").p == 1.0  # one loss: 2 of 2 ways


def test_more_of_what_is_bad_is_a_loss(tmp_path: Path) -> None:
    found = compare(a_run(tmp_path / "a", right), a_run(tmp_path / "b", wrong), metrics=["hallucinated"])
    assert of(found, "hallucinated").difference == 1.0
    assert of(found, "hallucinated").finding == "worse"
    assert of(found, "hallucinated").tally == Tally(0, 20, 0)


def test_testing_more_metrics_asks_more_of_each(tmp_path: Path) -> None:
    a, b = a_run(tmp_path / "a", right), a_run(tmp_path / "b", right_up_to(14))
    one, five = (
        compare(a, b, metrics=["hit"]),
        compare(a, b, metrics=["hit", "f1", "exact_match", "hallucinated", "missing"]),
    )
    assert of(one, "hit").adjusted == 2 / 2**6
    assert (one.verdict, five.verdict) == ("loss", "no significant loss")
    assert of(five, "hit").adjusted == pytest.approx(5 * 2 / 2**6)


def test_time_is_shown_and_not_held_against_a_run_unless_asked(tmp_path: Path) -> None:
    a, b = a_run(tmp_path / "a", right, latency_ms=10.0), a_run(tmp_path / "b", right, latency_ms=900.0)
    found = compare(a, b)
    assert of(found, "latency_ms").difference == 890.0
    assert isnan(of(found, "latency_ms").p)
    assert (of(found, "latency_ms").finding, found.exit_status) == ("not tested", 0)
    assert compare(a, b, metrics=["latency_ms"]).exit_status == 1


def test_a_difference_has_its_effect_size(tmp_path: Path) -> None:
    found = compare(a_run(tmp_path / "a", right), a_run(tmp_path / "b", right_up_to(10)), metrics=["hit"])
    # ten differences of -1 and ten of 0: mean -0.5, variance 20 * 0.25 / 19
    assert of(found, "hit").effect == pytest.approx(-0.5 / (5 / 19) ** 0.5)
    row = found.to_json()["metrics"][0]
    assert row["effect"] == of(found, "hit").effect
    assert "-0.97" in next(line for line in as_text(found).splitlines() if line.startswith("hit "))


def test_where_no_question_differs_the_interval_is_not_of_no_width(tmp_path: Path) -> None:
    found = compare(a_run(tmp_path / "a", right), a_run(tmp_path / "b", right))
    row = of(found, "hit")
    assert (row.difference, row.low, row.high, row.by_rule) == (0.0, -3 / 20, 3 / 20, True)
    assert (row.effect, row.is_alike) == (0.0, True)
    assert "The same for every question: hit 1.000, " in as_text(found)


def test_where_every_question_differs_alike_the_interval_is_not_of_no_width_either(tmp_path: Path) -> None:
    found = compare(a_run(tmp_path / "a", wrong), a_run(tmp_path / "b", right), metrics=["hit"])
    row = of(found, "hit")
    assert (row.difference, row.low, row.high, row.by_rule) == (1.0, pytest.approx(1 - 2 * 3 / 20), 1.0, True)
    assert isnan(row.effect)
    assert found.to_json()["metrics"][0]["effect"] is None
    assert "†: every question differs alike" in as_text(found)


def test_what_could_not_be_measured_is_counted_on_both_sides(tmp_path: Path) -> None:
    items = [*QUESTIONS, Item("open", "What do you think?")]
    row = of(compare(a_run(tmp_path / "a", right, items), a_run(tmp_path / "b", right, items)), "hit")
    assert [(each.n, each.nans) for each in (row.a, row.b)] == [(20, 1), (20, 1)]


def test_a_run_that_is_not_whole_is_broken_and_compared_as_far_as_it_goes(tmp_path: Path) -> None:
    a = a_run(tmp_path / "a", right, leave_out=["3"])
    found = compare(a, a_run(tmp_path / "b", lambda number: None if number in (5, 6) else "Croft"))
    assert found.problems == (
        f"1 question (3) not answered in {tmp_path / 'a'}; run it again to go on",
        f"2 questions (5, 6) failed in {tmp_path / 'b'}; run it again to ask anew",
    )
    assert (found.verdict, found.exit_status, found.questions) == ("broken", 2, 20)
    assert [of(found, "hit").a.mean, of(found, "hit").b.mean] == [19 / 20, 18 / 20]


def test_runs_over_other_questions_are_broken_and_compared_over_the_same(tmp_path: Path) -> None:
    changed = Item("2", "Who closed it?", type="list", answerable=True, answers=("Croft",))
    noted = Item("4", QUESTIONS[4].question, type="list", answerable=True, answers=("Croft",), fields={"note": "new"})
    theirs = [QUESTIONS[1], QUESTIONS[2], QUESTIONS[3], QUESTIONS[4]]
    ours = [QUESTIONS[1], changed, noted, QUESTIONS[5]]
    found = compare(a_run(tmp_path / "a", right, theirs), a_run(tmp_path / "b", right, ours))
    assert found.questions == 2  # 1, and 4 with another note
    assert found.problems == (
        f"1 question (3) asked in {tmp_path / 'a'} only",
        f"1 question (5) asked in {tmp_path / 'b'} only",
        "1 question (2) changed between the runs, the question or what is held to be right",
    )
    assert found.exit_status == 2


def test_runs_with_nothing_in_common_and_folders_without_a_run_are_refused(tmp_path: Path) -> None:
    a = a_run(tmp_path / "a", right, QUESTIONS[:2])
    with pytest.raises(BadInput, match="no question in common"):
        compare(a, a_run(tmp_path / "b", right, QUESTIONS[2:]))
    with pytest.raises(BadInput, match="holds no run"):
        compare(a, tmp_path)
    with pytest.raises(BadInput, match="there is no metric beauty in both runs"):
        compare(a, a, metrics=["beauty"])


def test_kept_scores_of_judges_are_compared_where_both_runs_have_them(tmp_path: Path) -> None:
    a, b = a_run(tmp_path / "a", right), a_run(tmp_path / "b", right)
    for folder, value in ((a, 1.0), (b, 0.0)):
        kept = {item.id: Share(value, 1) for item in QUESTIONS[1:]} | {"0": Share(0, 0)}
        lines = (
            json.dumps({"id": id_, "scores": {"grounded (echo)": [share.part, share.whole], "hit": [1, 1]}}) + "\n"
            for id_, share in kept.items()
        )
        (folder / "scores.jsonl").write_text("".join(lines), encoding="utf-8")
    found = compare(a, b, metrics=["grounded (echo)"])
    assert of(found, "grounded (echo)").difference == -1.0
    assert (of(found, "grounded (echo)").a.n, of(found, "grounded (echo)").a.nans) == (19, 1)
    assert [of(found, "hit").a.n, of(found, "hit").tally.ties] == [20, 20]  # scored from the answers, not what was kept
    (b / "scores.jsonl").write_text("{\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"scores\.jsonl cannot be read"):
        compare(a, b)


def test_the_turns_of_a_conversation_are_one_cluster() -> None:
    history = (Turn("Who opened it?", "Croft."),)
    items = [
        Item("1", "Who opened  it?"),
        Item("2", "When?", history),
        Item("3", "Why?", (*history, Turn("When?", "Tuesday."))),
        Item("4", "Who paid?"),
        Item("5", "And then?", fields={"conversation_id": 7}),
        Item("6", "So?", fields={"conversation_id": 7}),
    ]
    groups = clusters(items, "conversation")
    assert [groups.index(group) for group in groups] == [0, 0, 0, 3, 4, 4]


def test_questions_about_one_document_are_one_cluster_where_asked() -> None:
    items = [Item(str(n), "?", evidence=(Evidence(doc, "x"),)) for n, doc in enumerate("aba")] + [
        Item("8", "?"),
        Item("9", "?"),
    ]
    groups = clusters(items, "document")
    assert [groups.index(group) for group in groups] == [0, 1, 0, 3, 4]


def test_clusters_make_a_difference_harder_to_believe(tmp_path: Path) -> None:
    items = [
        Item(str(n), f"Question {n}?", answerable=True, answers=("Croft",), fields={"conversation": f"c{n % 4}"})
        for n in range(20)
    ]
    found = compare(a_run(tmp_path / "a", right, items), a_run(tmp_path / "b", wrong, items), metrics=["hit"])
    assert (found.clusters, of(found, "hit").p) == (4, 2 / 2**4)


def test_a_comparison_is_a_table_and_a_document(tmp_path: Path) -> None:
    found = compare(a_run(tmp_path / "a", right), a_run(tmp_path / "b", right_up_to(8)), metrics=["hit", "f1"])
    lines = as_text(found).splitlines()
    hit = next(line for line in lines if line.startswith("hit "))
    assert hit.split()[1:4] == ["1.000", "0.400", "-0.600"]
    assert hit.split()[-4:] == ["0-12-8", "20", "0", "worse"]
    assert any(line.startswith("Nothing to measure: ") and "abstention_recall" in line for line in lines)
    assert lines[-1] == "Verdict: loss"
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert document["metrics"][0]["a"] == {"mean": 1.0, "n": 20, "nans": 0}
    assert [document["verdict"], document["questions"], document["clustered_by"]] == ["loss", 20, "conversation"]


# --- gates


def toml(tmp_path: Path, text: str) -> Path:
    (tmp_path / "gates.toml").write_text(text, encoding="utf-8")
    return tmp_path / "gates.toml"


def test_gates_are_read_for_all_and_for_slices(tmp_path: Path) -> None:
    text = 'hit = 0.8\nlatency_ms_p95 = 2000\n[type."near miss"]\nhit = 1\n[turn.2]\nf1 = 0.5\n'
    assert gates.read(toml(tmp_path, text)) == [
        Gate("hit", 0.8),
        Gate("latency_ms_p95", 2000.0),
        Gate("hit", 1.0, ("type", "near miss")),
        Gate("f1", 0.5, ("turn", "2")),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hit = ", "cannot be read as TOML"),
        ('hit = "high"', "hit must be a number, and is 'high'"),
        ("hit = true", "must be a number"),
        ("hit = nan", "must be a number"),
        ("[type]\nhit = 0.5", "needs a label"),
        ("", "states no gate"),
    ],
)
def test_gates_that_say_nothing_clear_are_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        gates.read(toml(tmp_path, text))


def test_a_gate_is_at_least_or_of_what_is_bad_at_most_and_nothing_measured_fails(tmp_path: Path) -> None:
    run = a_run(tmp_path / "b", right_up_to(10), latency_ms=50.0)
    text = """
        hit = 0.5
        hallucinated = 0.4
        abstention_f1 = 0.1
        latency_ms_p99 = 50
        [type.list]
        hit = 0.6
        [type.unheard-of]
        hit = 0
    """
    found = compare(run, run, bars=gates.read(toml(tmp_path, text)))
    assert list(map(str, found.failures)) == [
        "hallucinated is 0.5; it must be at most 0.4",
        "abstention_f1 could not be measured; it must be at least 0.1",
        "hit where type is list is 0.5; it must be at least 0.6",
        "hit where type is unheard-of could not be measured; it must be at least 0",
    ]
    assert (found.verdict, found.exit_status) == ("loss", 1)
    assert found.to_json()["gates_failed"][1] == {
        "metric": "abstention_f1", "slice": None, "bound": 0.1, "found": None
    }  # fmt: skip
    assert "Gate: hallucinated is 0.5; it must be at most 0.4" in as_text(found)


def test_a_gate_of_a_metric_that_is_not_is_refused(tmp_path: Path) -> None:
    run = a_run(tmp_path / "b", right)
    with pytest.raises(BadInput, match="there is no metric hits; there are hit, "):
        compare(run, run, bars=[Gate("hits", 0.5)])
