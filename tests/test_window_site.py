"""What all of the window works with, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from rag import Assistant
from rag.keeping.jobs import OnOutcome, OnProgress
from rag.window.conversations import Conversations
from rag.window.site import Site


def test_a_window_that_closes_ends_its_work_and_leaves_the_archive_open(
    small_desk: Callable[..., Assistant], articles: Path, tmp_path: Path
) -> None:
    small = small_desk()
    small.ingest(articles)
    site, begun, ended = Site(small, Conversations(tmp_path / "home")), threading.Event(), threading.Event()

    def endless(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
        begun.set()
        try:
            while True:
                on_progress(1, 2)
        finally:
            ended.set()

    site.jobs.add("add", "x", "", endless)
    assert site.conversations.list("") == ()
    assert begun.wait(20)
    site.close()
    assert ended.is_set()
    assert not (tmp_path / "home" / "conversations.db-wal").exists()  # SQLite takes its log away where all is closed
    assert site.starters.questions() == ()
    assert small.held()[0] > 0
