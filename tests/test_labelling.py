"""Judging claims by hand, with streams in the place of a terminal, and how far the judges agree with it."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import BadInput
from rag import Assistant
from rag.evaluation import labelling, run
from rag.evaluation.judges import Entailed, Lexical
from rag.evaluation.labelling import Agreement, Claim, agreement, counted


def sentence(text: str, *citations: int, check: str = "verified", support: float | None = 0.4) -> dict[str, Any]:
    return {"text": text, "citations": list(citations), "check": check, "support": support, "faults": []}


def answer(id_: str, *sentences: dict[str, Any]) -> dict[str, Any]:
    """A line of answers that cites [1] the bridge and [2] the ferry."""
    passages = {"bridge.txt": "The bridge opened. It cost 4 crowns.\x1b[2J", "ferry.txt": "The ferry stopped."}
    cited = [(1, "bridge.txt", "The bridge opened."), (2, "ferry.txt", "The ferry stopped.")]
    return {
        "id": id_,
        "question": f"What of {id_}?",
        "sentences": list(sentences),
        "citations": [
            {"marker": marker, "doc": doc, "quote": quote, "start": 0, "end": len(quote)}
            for marker, doc, quote in cited
        ],
        "retrieved": [{"doc": doc, "text": text, "start": 0, "end": len(text)} for doc, text in passages.items()],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of four claims, of which two are verified."""
    lines = [
        answer("a", sentence("It opened [1].", 1), sentence("Hello.", check="no claim", support=None)),
        answer("b", sentence("It cost 4 crowns [1].", 1, support=0.6), sentence("So there.", check="unverified")),
        answer("c", sentence("It sank [1][2].", 1, 2, check="unverified", support=0.2)),
        answer("d", sentence("It stopped [2].", 2, check="unverified", support=0.9)),
    ]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    rows = [{"id": line["id"], "question": line["question"]} for line in lines]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "manifest.json").write_text('{"compared": {}}', encoding="utf-8")
    return tmp_path


def typed(folder: Path, keys: str, **options: Any) -> tuple[list[Agreement], str]:
    """The agreements and what was on the screen after these lines were typed."""
    screen = io.StringIO()
    found = labelling.label(folder, read=io.StringIO("\n".join(keys.split()) + "\n"), write=screen, **options)
    return found, screen.getvalue()


class Always:
    """A judge that says the same of everything, and keeps what it was asked."""

    def __init__(self, score: float) -> None:
        self._score = score
        self.asked: list[tuple[str, str]] = []

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.asked += pairs
        return [self._score] * len(pairs)


def test_the_claims_are_the_sentences_that_cite_something(folder: Path) -> None:
    claims = labelling.claims_of(run.load(folder))
    assert [(claim.id, claim.number, claim.text) for claim in claims] == [
        ("a", 0, "It opened [1]."),
        ("b", 0, "It cost 4 crowns [1]."),
        ("c", 0, "It sank [1][2]."),
        ("d", 0, "It stopped [2]."),
    ]
    assert [source.doc for source in claims[2].sources] == ["bridge.txt", "ferry.txt"]
    assert claims[0].sources[0].passage.startswith("The bridge opened. It cost")


def test_a_claim_is_shown_with_what_it_cites_and_no_document_steers_the_terminal(folder: Path) -> None:
    _, screen = typed(folder, "y y y y")
    assert "Question: What of a?" in screen
    assert "Claim:    It opened [1]." in screen
    assert "»The bridge opened.« It cost 4 crowns." in screen
    assert "\x1b" not in screen
    assert "4 claims judged by you." in screen


def test_verdicts_are_kept_as_they_come_and_not_asked_for_again(folder: Path) -> None:
    _, screen = typed(folder, "y what n q")
    assert screen.count("Claim:") == 3  # the third was shown, and left with q
    assert screen.count("y it does, n it does not") == 2  # at the beginning, and after a key that is none
    kept = [json.loads(line)["label"] for line in (folder / "labels.jsonl").read_text("utf-8").splitlines()]
    assert kept == ["yes", "no"]
    _, screen = typed(folder, "s s")
    assert "4 claims, 2 of them judged already" in screen
    assert (screen.count("Claim:"), "3 of 4" in screen, "2 claims judged by you" in screen) == (2, True, True)
    _, screen = typed(folder, "")
    assert screen.count("Claim:") == 0


def test_a_sample_is_seeded_and_a_larger_one_goes_on(folder: Path) -> None:
    typed(folder, "y y y y", count=2, seed=1)
    assert len(labelling.read_labels(folder)) == 2
    _, screen = typed(folder, "y y y y", count=3, seed=1)
    assert "3 claims, 2 of them judged already" in screen
    assert len(labelling.read_labels(folder)) == 3


def test_the_end_of_the_input_ends_it(folder: Path) -> None:
    screen = io.StringIO()
    found = labelling.label(folder, read=io.StringIO(""), write=screen)
    assert [each.claims for each in found] == [0, 0, 0]
    assert "0 claims judged by you" in screen.getvalue()


def test_each_judge_is_held_against_the_human(folder: Path) -> None:
    claims = labelling.claims_of(run.load(folder))
    opened, cost, sank, stopped = claims
    labels: dict[str, labelling.Label] = {opened.key: "yes", cost.key: "yes", sank.key: "no", stopped.key: "yes"}
    judge = Always(0.7)
    assert agreement(claims, labels, judges=[Lexical(), Entailed(judge, name="always")]) == [
        Agreement("sentence check", both_yes=2, yes_no=1, no_yes=0, both_no=1),
        Agreement("support ≥ 0.3", both_yes=3, yes_no=0, no_yes=0, both_no=1),
        Agreement("support ≥ 0.5", both_yes=2, yes_no=1, no_yes=0, both_no=1),
        Agreement("lexical", both_yes=3, yes_no=0, no_yes=0, both_no=1),
        Agreement("always", both_yes=3, yes_no=0, no_yes=1, both_no=0),
    ]
    # Each source of a claim alone, and where there are two, both.
    assert [hypothesis for _, hypothesis in judge.asked].count("It sank .") == 3
    assert agreement(claims, {**labels, stopped.key: "skip"})[0].claims == 3


def test_kappa_is_what_is_left_of_agreement_beyond_chance() -> None:
    found = Agreement("it", both_yes=20, yes_no=5, no_yes=10, both_no=15)
    # exact (20 + 15) / 50 = .7; by chance .5 * .6 + .5 * .4 = .5; (.7 - .5) / (1 - .5)
    assert found.exact == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert found.to_json() == {
        "judge": "it", "both_yes": 20, "yes_no": 5, "no_yes": 10, "both_no": 15, "claims": 50, "exact": 0.7,
        "kappa": 0.4,
    }  # fmt: skip


def test_full_disagreement_is_minus_one_and_what_chance_explains_wholly_is_not_defined() -> None:
    assert counted("it", [(True, False), (False, True)]).kappa == pytest.approx(-1.0)
    same = counted("it", [(True, True), (True, True)])
    assert (same.exact, math.isnan(same.kappa), same.to_json()["kappa"]) == (1.0, True, None)
    assert (counted("it", []).to_json()["exact"], counted("it", []).claims) == (None, 0)


def test_a_claim_has_the_same_key_in_another_run_only_with_the_same_words_and_citations(folder: Path) -> None:
    first, second, *_ = labelling.claims_of(run.load(folder))
    again = Claim(first.id, 7, first.question, first.text, first.sources, "unverified", None)
    assert again.key == first.key != second.key
    assert Claim(first.id, 0, "", first.text, second.sources[:0], "verified", None).key != first.key


@pytest.mark.parametrize("line", ["no json", "{}", '{"claim": "x", "label": "perhaps"}', '{"claim": "x", "label": []}'])
def test_labels_that_cannot_be_read_are_refused(folder: Path, line: str) -> None:
    (folder / "labels.jsonl").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"labels\.jsonl, line 1: needs an object with claim and label"):
        typed(folder, "y")


def test_a_run_with_nothing_to_judge_and_a_folder_without_a_run_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "answers.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="nothing to judge"):
        typed(folder, "y")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="holds no run"):
        typed(tmp_path / "empty", "y")


def test_a_real_run_can_be_judged(small_desk: Callable[..., Assistant], articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    questions = tmp_path / "q.txt"
    questions.write_text("What did Mayor Tilda Croft say of the bridge at Ollerford?\n", encoding="utf-8")
    run.questions(desk, questions, tmp_path / "out")
    _, screen = typed(tmp_path / "out", "y " * 20)
    assert "Claim:" in screen
    assert "»" in screen
