"""The five articles it all started from, where they are at hand: ingested as files, asked, scored."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import GOLD, SEEDS


@pytest.fixture(scope="module")
def totals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not SEEDS.is_dir() or not GOLD.is_dir():
        pytest.skip(f"the seed articles are not at {SEEDS}")
    folder = tmp_path_factory.mktemp("seeds")
    for arguments in (
        ["-m", "rag", "ingest", SEEDS, "--home", folder / "home"],
        ["-m", "rag", "eval", "run", GOLD / "seeds_dev.jsonl", "--out", folder, "--home", folder / "home"],
        [
            GOLD / "score.py",
            GOLD / "seeds_dev.jsonl",
            folder / "answers.jsonl",
            "--docs",
            SEEDS,
            "--json",
            folder / "s",
        ],
    ):
        subprocess.run([sys.executable, *map(str, arguments)], check=True, capture_output=True)
    report: dict[str, Any] = json.loads((folder / "s").read_text(encoding="utf-8"))
    return dict(report["total"])


@pytest.mark.parametrize(
    ("measure", "least"),
    [("quote_faithfulness", 1.0), ("evidence_recall@5", 0.75), ("hit_rate", 0.45), ("citation_precision", 0.65)],
)
def test_the_first_question_set_is_answered_well_enough(totals: dict[str, Any], measure: str, least: float) -> None:
    assert totals[measure] >= least


def test_nothing_of_the_articles_is_in_the_project() -> None:
    if not SEEDS.is_dir():
        pytest.skip(f"the seed articles are not at {SEEDS}")
    root = Path(__file__).parents[1]
    tracked = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout.split()
    ours = " ".join((root / name).read_text("utf-8", "ignore") for name in tracked if not name.endswith(".png"))
    ours = " ".join(ours.split())
    for path in SEEDS.glob("*.txt"):
        words = path.read_text(encoding="utf-8").split()
        runs = (" ".join(words[i : i + 8]) for i in range(len(words) - 7))
        assert not [run for run in runs if run in ours]
