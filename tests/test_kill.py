"""SIGKILL at any moment, a hundred times, during ingest, ingest again and remove: nothing acknowledged is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_a_hundred_random_kills_lose_nothing_and_leave_nothing_twice(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.kill_loop", str(tmp_path), "100", "20221"],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    outcomes = json.loads(run.stdout.splitlines()[-1])
    assert outcomes["killed"] >= 50, "most workers finished before they were killed: shorten their lives"
    assert outcomes["acknowledged"] >= 20, "hardly anything was stored before the kills: lengthen the lives"
