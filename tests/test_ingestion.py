"""Incremental by content: unchanged costs a look, changed replaces, moved is recognised, nothing doubles."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import Assistant
from rag.keeping.files import safe_file_name
from rag.keeping.report import Outcome

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


# --- files that change between ingests, and what they hold in common


def text_of(number: int) -> str:
    return f"The ferry at Ollerford made crossing {number} in fair weather. Nobody on board was sick."


def write(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def stored(desk: Assistant) -> list[str]:
    return sorted(desk.document(header.name).text for header in desk.documents())


def test_a_copy_found_long_after_its_original_was_stored_is_a_duplicate(small_desk: Open, tmp_path: Path) -> None:
    desk, folder = small_desk(), tmp_path / "crossings"
    write(folder, {f"{number:03d}.txt": text_of(number) for number in range(300)})
    write(folder, {"last.txt": text_of(0)})
    report = desk.ingest(folder)
    assert report.duplicates == ("last.txt",)
    assert desk.status().documents == 300


def test_a_file_that_takes_over_the_content_of_a_changed_one_is_stored_whatever_its_name(
    small_desk: Open, tmp_path: Path
) -> None:
    desk, folder = small_desk(), tmp_path / "crossings"
    write(folder, {"b.txt": text_of(1)})
    desk.ingest(folder)
    write(folder, {"a.txt": text_of(1), "b.txt": text_of(2)})
    desk.ingest(folder)
    assert stored(desk) == [text_of(1), text_of(2)]


def test_a_file_changed_into_a_copy_is_a_duplicate_and_its_old_text_goes(small_desk: Open, tmp_path: Path) -> None:
    desk, folder = small_desk(), tmp_path / "crossings"
    write(folder, {"a.txt": text_of(1), "b.txt": text_of(2)})
    desk.ingest(folder)
    write(folder, {"b.txt": text_of(1)})
    assert desk.ingest(folder).duplicates == ("b.txt",)
    assert stored(desk) == [text_of(1)]


def test_a_copy_of_a_file_that_cannot_be_read_fails_like_it(small_desk: Open, tmp_path: Path) -> None:
    folder = tmp_path / "menus"
    write(folder, {"a.docx": "This is no Word document.", "b.docx": "This is no Word document."})
    report = small_desk().ingest(folder)
    assert [Path(failure.path).name for failure in report.failed] == ["a.docx", "b.docx"]


def test_a_file_that_holds_nothing_but_furniture_fails_each_time(small_desk: Open, tmp_path: Path) -> None:
    desk, folder = small_desk(), tmp_path / "menus"
    write(folder, {"a.txt": "***\n"})
    first = desk.ingest(folder)
    assert len(first.failed) == 1
    assert desk.ingest(folder) == first


def test_a_file_that_moves_to_a_folder_with_a_manifest_is_as_the_manifest_says(
    small_desk: Open, articles: Path, tmp_path: Path
) -> None:
    desk = small_desk()
    desk.ingest(articles)
    write(tmp_path / "other", {"manifest.csv": "file,outlet\nferry.txt,Pell Observer\n"})
    (articles / "ferry.txt").rename(tmp_path / "other" / "ferry.txt")
    assert desk.ingest(tmp_path / "other").updated == ("ferry.txt",)
    assert desk.document("ferry.txt").header.outlet == "Pell Observer"
    assert desk.ingest(tmp_path / "other").unchanged == ("ferry.txt",)


def test_a_file_given_twice_is_read_once(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(articles, target_is_directory=True)
    report = small_desk().ingest([articles, tmp_path / "link"])
    assert (len(report.added), report.duplicates) == (3, ())


def test_a_name_that_is_not_utf_8_costs_only_its_file(small_desk: Open, articles: Path) -> None:
    with open(os.fsencode(articles) + b"/caf\xe9.txt", "w", encoding="utf-8") as file:
        file.write("The café at Ollerford opened on Monday.")
    report = small_desk().ingest(articles)
    assert len(report.added) == 3
    (failure,) = report.failed
    assert failure.reason == "has a name that is not UTF-8; rename it"
    assert failure.path.endswith("caf�.txt")


def test_an_archive_unpacked_in_its_own_place_is_not_doubled(small_desk: Open, tmp_path: Path) -> None:
    desk, folder = small_desk(), tmp_path / "crossings"
    folder.mkdir()
    with zipfile.ZipFile(folder / "old.zip", "w") as file:
        file.writestr("a.txt", text_of(1))
        file.writestr("b.txt", text_of(2))
    desk.ingest(folder)
    (folder / "old.zip").unlink()
    write(folder / "old.zip", {"a.txt": text_of(1), "b.txt": text_of(3)})
    report = desk.ingest(folder, prune=True)
    assert stored(desk) == [text_of(1), text_of(3)]
    assert desk.ingest(folder).unchanged == tuple(sorted({*report.added, *report.updated, *report.unchanged}))


@pytest.mark.parametrize("path", ["x" * 5000, "a\0b.txt", "none.txt/inside.txt"])
def test_a_path_that_cannot_even_be_looked_at_costs_only_itself(small_desk: Open, articles: Path, path: str) -> None:
    (articles / "none.txt").write_text("There is a file where a folder was expected.", encoding="utf-8")
    report = small_desk().ingest([articles / path, articles / "ferry.txt"])
    assert (len(report.failed), report.added) == (1, ("ferry.txt",))


def test_a_document_whose_archive_has_become_a_folder_is_offered_for_removal(small_desk: Open, tmp_path: Path) -> None:
    desk, folder = small_desk(), tmp_path / "crossings"
    folder.mkdir()
    with zipfile.ZipFile(folder / "old.zip", "w") as file:
        file.writestr("a.txt", text_of(1))
    desk.ingest(folder)
    (folder / "old.zip").unlink()
    write(folder / "old.zip", {"b.txt": text_of(2)})
    assert desk.ingest(folder).missing == ("old.zip/a.txt",)
