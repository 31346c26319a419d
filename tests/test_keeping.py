"""Nothing is locked in and nothing is lost: export, backup and restore, also while the archive is in use."""

from __future__ import annotations

import csv
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import BadInput
from rag import Assistant
from rag.keeping.report import Outcome
from vectorstore.errors import ArchiveUnavailable

Open = Callable[..., Assistant]
QUESTION = "How many cars a day will the bridge carry?"


def test_an_export_ingested_elsewhere_makes_the_same_documents(
    small_desk: Open, articles: Path, tmp_path: Path
) -> None:
    (articles / "old").mkdir()
    (articles / "old" / "news.jsonl").write_text('{"title": "=1+1", "body": "The weir held on Sunday."}\n', "utf-8")
    desk = small_desk()
    desk.ingest(articles, outlet="Vale Gazette")
    assert desk.export(tmp_path / "out") == 4
    before = {header.name: (header, desk.document(header.name).text) for header in desk.documents()}
    desk.remove(list(before))
    assert desk.ingest(tmp_path / "out").failed == ()
    after = {header.name.removesuffix(".txt"): header for header in desk.documents()}
    assert set(after) == {"bridge", "ferry", "harvest.md", "old/news.jsonl#1"}
    for name, (header, text) in before.items():
        again = after[name.removesuffix(".txt")]
        known = ("title", "outlet", "byline", "published", "url", "language")
        assert [getattr(again, field) for field in known] == [getattr(header, field) for field in known]
        assert desk.document(again.name).text == text


def test_an_exported_manifest_holds_no_formula(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    (articles / "sum.md").write_text("---\ntitle: =HYPERLINK(1)\n---\nThe weir held on Sunday.\n", encoding="utf-8")
    desk = small_desk()
    desk.ingest(articles / "sum.md")
    desk.export(tmp_path / "out")
    with (tmp_path / "out" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        assert [row["title"] for row in csv.DictReader(file)] == ["'=HYPERLINK(1)"]


def test_an_export_overwrites_nothing(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    with pytest.raises(BadInput, match="is not empty; name a new folder"):
        desk.export(articles)


def test_a_restored_archive_answers_the_same(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    answer, found = desk.ask(QUESTION), desk.search(QUESTION)
    desk.backup(tmp_path / "kept.db")
    desk.remove(["bridge.txt", "ferry.txt"])
    assert "4,000" not in desk.ask(QUESTION).text
    desk.restore(tmp_path / "kept.db")
    again = desk.ask(QUESTION)
    assert (again.text, again.citations) == (answer.text, answer.citations)
    assert list(desk.search(QUESTION)) == list(found)
    assert all(finding.sound for finding in desk.examine())


def test_what_a_restored_backup_replaced_is_kept(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles / "bridge.txt")
    desk.backup(tmp_path / "kept.db")
    desk.ingest(articles)
    kept = desk.restore(tmp_path / "kept.db")
    assert len(desk.documents()) == 1
    desk.restore(kept)
    assert len(desk.documents()) == 3


def test_a_reader_that_is_open_sees_the_restored_archive(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    desk.backup(tmp_path / "kept.db")
    desk.remove(["bridge.txt"])
    reader = small_desk()
    assert "4,000" not in reader.ask(QUESTION).text
    desk.restore(tmp_path / "kept.db")
    assert "4,000" in reader.ask(QUESTION).text


def test_a_backup_may_replace_a_backup_and_nothing_else(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles / "bridge.txt")
    desk.backup(tmp_path / "kept.db")
    desk.ingest(articles)
    desk.backup(tmp_path / "kept.db")
    assert [path.name for path in tmp_path.glob("kept.db*")] == ["kept.db"]
    with pytest.raises(BadInput, match=r"is no backup of an archive"):
        desk.backup(articles / "bridge.txt")
    assert (articles / "bridge.txt").read_text("utf-8").startswith("Bridge opens")


def test_what_is_no_backup_is_not_restored(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    desk.backup(tmp_path / "cut.db")
    whole = (tmp_path / "cut.db").read_bytes()
    (tmp_path / "cut.db").write_bytes(whole[: len(whole) // 2])
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE meta (key, value)")
    connection.close()
    for name in ("cut.db", "other.db", "none.db", "articles/bridge.txt"):
        with pytest.raises(BadInput, match=r"is no backup of an archive|does not exist|is damaged"):
            desk.restore(tmp_path / name)
    assert len(desk.documents()) == 3
    assert "4,000" in desk.ask(QUESTION).text


def test_backup_and_restore_work_while_a_window_owns_the_archive(tmp_path: Path, articles: Path) -> None:
    def citedesk(*arguments: object) -> str:
        command = [sys.executable, "-m", "rag", *map(str, arguments), "--home", str(tmp_path / "owned")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with Assistant.open(tmp_path / "owned") as desk, desk.owning("a chat window"):
        desk.ingest(articles)
        assert "saved to" in citedesk("backup", tmp_path / "kept.db")
        desk.remove(["bridge.txt"])
        assert "3 documents restored" in citedesk("restore", tmp_path / "kept.db")
        assert "4,000" in desk.ask(QUESTION).text


def test_the_archive_is_no_backup_of_itself(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    for keep in (desk.backup, desk.restore):
        with pytest.raises(BadInput, match="is the archive itself"):
            keep(tmp_path / "home" / "archive.db")
    assert "4,000" in desk.ask(QUESTION).text


def test_a_backup_that_cannot_be_written_says_so_and_leaves_nothing(
    small_desk: Open, articles: Path, tmp_path: Path
) -> None:
    desk = small_desk()
    desk.ingest(articles)
    with pytest.raises(BadInput, match="is there already and no file"):
        desk.backup(articles)
    with pytest.raises(ArchiveUnavailable, match=r"none/kept\.db cannot be written"):
        desk.backup(tmp_path / "none" / "kept.db")
    assert not list(tmp_path.rglob("*.new"))
    assert "4,000" in desk.ask(QUESTION).text


def test_a_backup_made_in_the_middle_of_an_ingest_holds_what_was_reported_by_then(
    small_desk: Open, articles: Path, tmp_path: Path
) -> None:
    desk, reported = small_desk(), []

    def save_after_the_second(outcome: Outcome) -> None:
        reported.append(outcome.name)
        if len(reported) == 2:
            desk.backup(tmp_path / "kept.db")

    desk.ingest(articles, on_outcome=save_after_the_second)
    desk.restore(tmp_path / "kept.db")
    assert [header.name for header in desk.documents()] == reported[:2]
    assert "4,000" in desk.ask(QUESTION).text
    assert len(desk.ingest(articles).added) == 1
