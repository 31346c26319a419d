"""``citedesk ui`` as a person starts it: the address, a page, documents added meanwhile, and a clean end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_owner import citedesk


def hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def window(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A window over a fresh archive of the sample, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "rag", "ui", "--sample", "--home", str(tmp_path / "home"), "--port", port]
    # A suite that a shell runs in the background has Ctrl-C ignored, and what it starts would inherit that.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def test_the_window_opens_takes_documents_and_closes(
    window: tuple[subprocess.Popen[str], str], tmp_path: Path, articles: Path
) -> None:
    process, address = window
    assert address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(address) as page:
        assert "CiteDesk" in page.read().decode()
    home = str(tmp_path / "home")
    assert citedesk("ingest", str(articles), "--home", home).stdout.endswith("3 added\n")
    assert "4,000" in citedesk("ask", "How many cars a day will the bridge carry?", "--home", home).stdout
    second = citedesk("ui", "--home", home)
    assert second.returncode == 1
    assert f"process {process.pid} (a chat window)" in second.stderr
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert citedesk("doctor", "--home", home).returncode == 0


def test_the_window_serves_this_machine_only(tmp_path: Path) -> None:
    refused = citedesk("ui", "--host", "0.0.0.0", "--home", str(tmp_path / "home"))
    assert refused.returncode == 2
    assert "needs a login" in refused.stderr
