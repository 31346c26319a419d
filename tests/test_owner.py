"""One writer at a time: a second one is told who writes, unless the owner takes its work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag import Assistant
from vectorstore.errors import ArchiveBusy

Open = Callable[..., Assistant]


def citedesk(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "rag", *arguments], capture_output=True, text=True, check=False)


@contextmanager
def another_writer(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes to the archive and takes no work; killed at the end."""
    script = (
        "import sys, time; from pathlib import Path; from vectorstore.lock import ProcessLock;"
        "lock = ProcessLock(Path(sys.argv[1]) / 'writer.lock'); lock.take(purpose='a test');"
        "print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_writer_exits_with_1_and_names_the_owner(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    small_desk().close()
    with another_writer(home) as owner:
        second = citedesk("ingest", str(articles), "--home", str(home))
        assert second.returncode == 1
        assert f"process {owner.pid}" in second.stderr


def test_a_killed_owner_leaves_no_lock_behind(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    with another_writer(tmp_path / "home"), pytest.raises(ArchiveBusy):
        desk.ingest(articles)
    assert len(desk.ingest(articles).added) == 3


def test_questions_are_answered_while_another_process_writes(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    with another_writer(tmp_path / "home"):
        assert "4,000" in desk.ask("How many cars will the bridge carry?").text


def test_the_owner_takes_documents_that_a_command_brings(sample_home: Path, tmp_path: Path, articles: Path) -> None:
    home = tmp_path / "owned"
    with Assistant.open(home) as desk, desk.owning("a chat window"):
        done = citedesk("ingest", str(articles), "--home", str(home))
        assert (done.returncode, done.stdout) == (
            0,
            "added      bridge.txt\nadded      ferry.txt\nadded      harvest.md\n3 added\n",
        )
        assert "4,000" in desk.ask("How many cars will the bridge carry?").text
        again = citedesk("ingest", str(articles), str(articles / "none.txt"), "--home", str(home))
        assert again.returncode == 1
        assert again.stdout.endswith("unchanged  harvest.md\n3 unchanged, 1 failed\n")
        assert "none.txt does not exist" in again.stdout
        assert citedesk("remove", "bridge.txt", "--home", str(home)).returncode == 0
        assert [document.name for document in desk.documents()] == ["ferry.txt", "harvest.md"]
        unknown = citedesk("remove", "bridge.txt", "--home", str(home))
        assert unknown.returncode == 2
        assert "not in the archive: bridge.txt" in unknown.stderr
