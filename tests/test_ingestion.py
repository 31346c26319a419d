"""Incremental by content: unchanged costs a look, changed replaces, moved is recognised, nothing doubles."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import Assistant
from rag.files import safe_file_name
from rag.report import Outcome

Open = Callable[..., Assistant]


def test_what_did_not_change_is_not_read_again(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    assert desk.ingest(articles).unchanged == ("bridge.txt", "ferry.txt", "harvest.md")


def test_a_changed_file_replaces_its_document(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    path = articles / "bridge.txt"
    path.write_text(path.read_text("utf-8").replace("4,000", "5,500"), encoding="utf-8")
    report = desk.ingest(articles)
    assert (report.updated, report.unchanged) == (("bridge.txt",), ("ferry.txt", "harvest.md"))
    answer = desk.ask("How many cars a day will the bridge carry?").text
    assert "5,500" in answer
    assert "4,000" not in answer


def test_a_moved_file_is_the_same_document(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    (articles / "2023").mkdir()
    (articles / "bridge.txt").rename(articles / "2023" / "bridge.txt")
    report = desk.ingest(articles)
    assert (report.added, set(report.unchanged)) == ((), {"bridge.txt", "ferry.txt", "harvest.md"})
    assert desk.status().documents == 3


def test_the_same_content_elsewhere_is_a_duplicate(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    copies = tmp_path / "copies"
    copies.mkdir()
    (copies / "bridge-copy.txt").write_bytes((articles / "bridge.txt").read_bytes())
    report = desk.ingest(copies)
    assert report.duplicates == ("bridge-copy.txt",)
    assert report.notes == ("bridge-copy.txt: the same as bridge.txt",)
    assert desk.status().documents == 3


def test_a_copy_of_what_a_changed_file_used_to_be_is_a_document_of_its_own(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    path = articles / "bridge.txt"
    (articles / "old-bridge.txt").write_bytes(path.read_bytes())
    path.write_text(path.read_text("utf-8").replace("4,000", "5,500"), encoding="utf-8")
    report = desk.ingest(articles)
    assert (report.updated, report.added) == (("bridge.txt",), ("old-bridge.txt",))


def test_copies_of_a_moved_file_are_duplicates(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    path = articles / "bridge.txt"
    for name in ("new-a.txt", "new-b.txt"):
        (articles / name).write_bytes(path.read_bytes())
    path.unlink()
    report = desk.ingest(articles)
    assert "bridge.txt" in report.unchanged
    assert report.duplicates == ("new-b.txt",)


def test_two_folders_may_hold_files_of_one_name(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    other = tmp_path / "other"
    other.mkdir()
    (other / "bridge.txt").write_text("Another bridge fell into another river on Sunday night.", encoding="utf-8")
    assert desk.ingest(other).added == ("other/bridge.txt",)
    assert desk.status().documents == 4


def test_documents_of_lost_files_stay_unless_they_are_pruned(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    (articles / "ferry.txt").unlink()
    report = desk.ingest(articles)
    assert (report.removed, report.missing) == ((), ("ferry.txt",))
    assert desk.status().documents == 3
    assert desk.ingest(articles, prune=True).removed == ("ferry.txt",)
    assert desk.status().documents == 2


def test_an_interrupted_ingest_goes_on_where_it_was(small_desk: Open, articles: Path) -> None:
    for number in range(200):
        text = f"Crossing {number} was made by the ferry at Ollerford in fair weather. " * 20
        (articles / f"crossing-{number:03d}.txt").write_text(text + f"It was crossing {number}.", encoding="utf-8")
    desk = small_desk()
    done: list[str] = []

    def until_the_fifth(outcome: Outcome) -> None:
        done.append(outcome.name)
        if len(done) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.ingest(articles, on_outcome=until_the_fifth)
    report = desk.ingest(articles)
    assert set(done) <= set(report.unchanged)
    assert len(report.unchanged) + len(report.added) == desk.status().documents == 203
    assert len(report.unchanged) < 203


def test_a_folder_under_another_path_does_not_double(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    (tmp_path / "link").symlink_to(articles, target_is_directory=True)
    assert len(desk.ingest(tmp_path / "link").unchanged) == 3
    shutil.copytree(articles, tmp_path / "copy")
    assert len(desk.ingest(tmp_path / "copy").duplicates) == 3
    articles.rename(tmp_path / "moved")
    assert len(desk.ingest(tmp_path / "moved").unchanged) == 3
    assert desk.status().documents == 3


def test_hidden_files_and_other_formats_are_passed_over(small_desk: Open, articles: Path) -> None:
    (articles / ".hidden.txt").write_text("Nobody should read this line of text.", encoding="utf-8")
    (articles / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    assert small_desk().ingest(articles).failed == ()


def test_a_failing_file_leaves_its_stored_document_alone(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    (articles / "bridge.txt").write_bytes(b"")
    assert [failure.reason for failure in desk.ingest(articles).failed] == ["is empty"]
    assert "4,000" in desk.ask("How many cars a day will the bridge carry?").text


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/cron.d/x", "x"),
        ("..\\..\\x.txt", "x.txt"),
        ("/abs/olute.md", "olute.md"),
        ("C:\\x.txt", "x.txt"),
        ("a\x00b\n.txt", "a_b_.txt"),
        ("..", "document"),
        ("", "document"),
        ("n" * 300 + ".txt", "n" * 100 + ".txt"),
        ("\u202egnp.txt", "_gnp.txt"),
    ],
)
def test_a_name_from_elsewhere_is_made_safe(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe
