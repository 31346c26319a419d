"""No network: everything works without one, and nothing so much as tries."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WHOLE_DAY = """
import json, sys
attempts = []

def watch(event, arguments):
    # AF_UNIX addresses are strings or bytes: those stay on this machine.
    if event in ("socket.getaddrinfo", "socket.gethostbyname") or (
        event == "socket.connect" and not isinstance(arguments[1], (str, bytes))
    ):
        attempts.append([event, str(arguments[1:])])

sys.addaudithook(watch)
from corpus.tokens import count_tokens
from rag import Assistant
from corpus import sample

with Assistant.open(sys.argv[1]) as desk:
    report = desk.ingest(sample.folder())
    desk._index.warm()
    answer = desk.ask("How many people were evacuated in the Harrowgate flood?")
    desk.search("pilots")
    desk.rebuild()
count_tokens("a prompt")
print(json.dumps({"attempts": attempts, "status": answer.status, "added": len(report.added)}))
"""


def test_a_whole_day_makes_no_attempt_to_reach_anything(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WHOLE_DAY, str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert json.loads(done.stdout.splitlines()[-1]) == {"attempts": [], "status": "answered", "added": 16}


def test_a_whole_day_works_in_a_namespace_without_a_network(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("this system lets us make no network namespace")
    command = ["unshare", "-rn", sys.executable, "-c", WHOLE_DAY, str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "answered"
