"""On the same files our figures are exactly those of the scorer that our gold sets come with."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from rag.evaluation.items import read_items
from rag.evaluation.metrics import table
from rag.evaluation.metrics.documents import Documents
from rag.evaluation.metrics.latency import percentiles
from rag.evaluation.scores import score, summarise
from tests.conftest import GOLD

SCORER = GOLD / "score.py"
BOTH = {  # ours -> theirs
    "hit": "hit_rate",
    "hit_answerable": "hit_rate_answerable",
    **{f"evidence_recall@{k}": f"evidence_recall@{k}" for k in (1, 3, 5, 10)},
    **{
        name: name
        for name in (
            "citation_recall", "citation_precision", "quote_faithfulness", "abstention_precision", "abstention_recall",
            "abstention_f1",
        )
    },
}  # fmt: skip

pytestmark = pytest.mark.skipif(not SCORER.exists(), reason=f"{SCORER} is absent")

TEXTS = {
    "000_bridge.txt": "The new bridge at Ollerford\nopened on Tuesday, May 2, 2023. Mayor Croft\u00a0cut the ribbon.",
    "001_ferry.txt": "All eleven members of the ferry crew have found new work, the union said. “It’s a relief.”",
    "0010_harvest.txt": "Apples ripen three weeks early. A hard-won crop, growers said.",
    "002_press.jsonl": "The cider press opens in September.",
}
QUOTES = {
    "000": ["bridge at Ollerford\nopened on Tuesday", "Croft\u00a0cut the ribbon"],
    "001": ["ferry crew have found new work", "It’s a relief"],
    "0010": ["three weeks early"],
    "002": ["cider press opens in September"],
}
PHRASES = ["May 2", "2", "Croft", "ribbon", "eleven", "three weeks", "hard won", "It's a relief", "early", "Tuesday"]
SAID = [
    "It opened on May 2 [1].", "on May 21", "**Croft** did [1, 2]", "A ribbon-cutting.", "eleven\u00a0of them",
    "Hard\u2011won", "“It’s a relief”", "threeweeks", "Tuesdays", "pearly", "", "   ", "[2]", "ELEVEN 2nd",
    "the 2 of them", "_three_ weeks",
]  # fmt: skip
TYPES = ["fact", "multi_doc", "unanswerable", "false_premise", "followup"]


def test_ours_are_exactly_the_scorers_on_messy_answers(tmp_path: Path) -> None:
    chance = random.Random(3)
    texts = tmp_path / "texts"
    texts.mkdir()
    for name, text in TEXTS.items():
        (texts / name).write_text(text, encoding="utf-8")
    for round_ in range(6):
        gold = [_gold(chance, number) for number in range(120)]
        answers = [_answer(chance, row["id"]) for row in gold if chance.random() < 0.9]
        lines = _written(tmp_path / "answers.jsonl", answers)
        figures = _agree(_written(tmp_path / f"gold{round_}.jsonl", gold), lines, texts)
        assert all(figure is not None and 0 < figure < 1 for figure in figures)  # nothing agrees by being empty


def test_where_there_is_nothing_to_measure_ours_say_so_like_the_scorer(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    gold = [
        {**_gold(random.Random(1), 1), "type": "false_premise", "answerable": False, "must_include": [], "evidence": []}
    ]
    lines = _written(tmp_path / "answers.jsonl", [])
    figures = _agree(_written(tmp_path / "gold.jsonl", gold), lines, tmp_path / "texts")
    assert figures.count(None) == len(BOTH) - 1  # the hit rate alone, for the abstention is not judged


def _agree(gold: Path, answers: Path, texts: Path) -> list[float | None]:
    """Our figures, which are theirs."""
    report = gold.with_suffix(".json")
    arguments = [str(SCORER), str(gold), str(answers), "--docs", str(texts), "--json", str(report)]
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    theirs = json.loads(report.read_text(encoding="utf-8"))["total"]
    items = read_items(gold)
    rows = [json.loads(row) for row in answers.read_text(encoding="utf-8").splitlines()]
    lines = {line["id"]: line for line in rows}
    found = score(items, lines, table(documents=Documents.read(texts)))
    ours = summarise(found)
    assert {name: _or_none(ours[name].mean) for name in BOTH} == {name: theirs[other] for name, other in BOTH.items()}
    spent = percentiles([share.value for share in found["latency_ms"].values()])
    assert _or_none(spent["p95"]) == theirs["latency_ms_p95"]
    assert len(items) == theirs["n"]
    return [_or_none(ours[name].mean) for name in BOTH]


def _or_none(value: float) -> float | None:
    return None if isnan(value) else value


def _gold(chance: random.Random, number: int) -> dict[str, Any]:
    """As a gold set must be: what can be answered has evidence and groups, what cannot has neither."""
    type_ = chance.choice(TYPES)
    answerable = type_ != "unanswerable" and chance.random() < 0.8
    docs = chance.sample(list(QUOTES), chance.randint(1, 3))
    evidence = [{"doc": doc, "quote": quote} for doc in docs for quote in chance.sample(QUOTES[doc], 1)]
    groups = [chance.sample(PHRASES, chance.randint(1, 3)) for _ in range(chance.randint(1, 2))]
    return {
        "id": f"g{number}", "type": type_, "question": "What of it?", "answer": "Croft.", "answerable": answerable,
        "history": [{"role": "user", "content": "Who?"}] if type_ == "followup" else [],
        "must_include": groups if answerable else [], "evidence": evidence if answerable else [],
        "must_not_include": chance.sample(PHRASES, 1) if chance.random() < 0.2 else [],
    }  # fmt: skip


def _answer(chance: random.Random, id_: str) -> dict[str, Any]:
    said = " ".join(chance.sample(SAID, chance.randint(0, 4)))
    text = chance.choice([said.upper(), said.strip(), said])
    passages = [(_name(chance), _text(chance) + _text(chance)) for _ in range(chance.randint(0, 12))]
    row = {
        "id": id_, "answer": chance.choice([text, text, text, None]), "abstained": chance.random() < 0.3,
        "citations": [{"doc": _name(chance), "quote": _text(chance)} for _ in range(chance.randint(0, 4))],
        "retrieved": [{"doc": doc, "text": text} for doc, text in passages],
        "latency_ms": chance.choice([None, chance.random() * 1000, chance.randint(1, 9)]),
    }  # fmt: skip
    return {key: value for key, value in row.items() if key == "id" or chance.random() < 0.95}


def _name(chance: random.Random) -> str:
    name = chance.choice([*TEXTS, *QUOTES, "00", "0", "999", "", "002_press.jsonl#7"])
    return chance.choice(["", "/archive/x/"]) + name if name else name


def _text(chance: random.Random) -> str:
    text = chance.choice([*TEXTS.values(), *(quote for quotes in QUOTES.values() for quote in quotes), " ", "made up"])
    return chance.choice([text, text.replace(" ", "\n "), text[: len(text) // 2]])


def _written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
