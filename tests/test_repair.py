"""The indexes are caches: lost, truncated, filled with junk or left behind, they come back from the archive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rag import Assistant
from vectorstore import derived
from vectorstore.archive import Archive
from vectorstore.base import Query, Record
from vectorstore.derived import Derived
from vectorstore.errors import EmbedderMismatch, IndexUnavailable
from vectorstore.lexical import LexicalIndex

Open = Callable[..., Assistant]
QUESTION = "How many cars will the bridge carry?"


def delete(folder: Path) -> None:
    shutil.rmtree(folder)


def truncate(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            os.truncate(path, path.stat().st_size // 2)


def fill_with_junk(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"junk" * 2_000)


def replace_by_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")


@pytest.mark.parametrize("name", ["chroma", "tantivy"])
@pytest.mark.parametrize("damage", [delete, truncate, fill_with_junk, replace_by_a_file])
def test_a_damaged_index_is_built_again_at_the_next_start_and_said_in_one_line(
    small_desk: Open, articles: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    desk = small_desk()
    desk.ingest(articles)
    before = desk.ask(QUESTION)
    desk.close()
    damage(tmp_path / "home" / name)
    said: list[str] = []
    again = small_desk(said.append)
    after = again.ask(QUESTION)
    assert (after.text, after.citations, after.retrieved) == (before.text, before.citations, before.retrieved)
    assert len(said) == 1
    assert said[0].startswith(f"{name}: ")
    assert all(finding.sound for finding in again.examine())


def test_an_index_in_order_is_left_alone(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    desk.close()
    said: list[str] = []
    small_desk(said.append).ask(QUESTION)
    assert said == []


@pytest.mark.parametrize("name", ["chroma", "tantivy"])
def test_a_large_index_without_its_stamp_is_examined_in_a_child_and_kept(
    small_desk: Open, articles: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "_QUICKER_BUILT_THAN_CHECKED", 0)  # take three articles for a large archive
    desk = small_desk()
    desk.ingest(articles)
    desk.close()
    (tmp_path / "home" / name / "stamp.json").unlink()
    (articles / "bridge.txt").unlink()
    said: list[str] = []
    again = small_desk(said.append)
    assert again.ask(QUESTION).status == "answered"
    assert said == []


def test_a_large_damaged_index_does_not_pass_the_examination(
    small_desk: Open, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "_QUICKER_BUILT_THAN_CHECKED", 0)
    desk = small_desk()
    desk.ingest(articles)
    desk.close()
    fill_with_junk(tmp_path / "home" / "chroma")
    said: list[str] = []
    assert small_desk(said.append).ask(QUESTION).status == "answered"
    assert len(said) == 1


class FullDisk(LexicalIndex):
    """An index whose disk is full: nothing more can be written."""

    def add(self, records: Sequence[Record]) -> None:
        raise IndexUnavailable("tantivy cannot be used (no space left)")


def test_an_index_that_could_not_be_written_is_built_again_later(
    small_desk: Open, articles: Path, tmp_path: Path
) -> None:
    small_desk().ingest(articles)
    archive = Archive(tmp_path / "home" / "archive.db")

    def kept(build: Callable[[Path], LexicalIndex]) -> Derived[LexicalIndex]:
        return Derived(tmp_path, "tantivy", build, shared=True, report=print)

    with archive.read() as snapshot:
        full = kept(FullDisk)
        with pytest.raises(IndexUnavailable):
            full.in_step(snapshot)
        assert not full.is_sound(snapshot)
        index = kept(LexicalIndex).in_step(snapshot)
        assert index is not None
        assert index.passage_ids() == snapshot.passage_ids()


def test_questions_are_answered_where_chroma_breaks_under_the_window(
    small_desk: Open, articles: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    desk = small_desk(said.append)
    desk.ingest(articles)
    desk._index.warm()
    shutil.rmtree(tmp_path / "home" / "chroma")
    (articles / "harvest.md").unlink()
    desk.ingest(articles, prune=True)
    assert "4,000" in desk.ask(QUESTION).text
    assert "eleven" in desk.ask("How many members of the ferry crew found new work?").text


def test_an_index_that_is_behind_catches_up(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles / "bridge.txt")
    desk.close()
    late = small_desk()
    with late._index.writing("a process that is killed before its indexes catch up"):
        late._index.catch_up = lambda wait_s=0.0: None  # type: ignore[method-assign]
        late.ingest(articles)
    late.close()
    again = small_desk()
    assert "eleven" in again.ask("How many members of the ferry crew found new work?").text


def test_chroma_and_the_exact_scores_agree(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    with desk._index.read() as view:
        probe = Query("ferry crew", view.embed("ferry crew"))
        by_chroma = view.dense(probe, 10)
        exact = desk._index._exact.search(view.snapshot, probe.vector, 10, None)
    assert [hit.score for hit in by_chroma] == pytest.approx([score for _, score in exact], abs=1e-5)


def test_an_archive_of_another_embedder_is_refused_with_the_command_that_mends_it(
    small_desk: Open, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_desk().ingest(articles)
    monkeypatch.setenv("CITEDESK_EMBEDDER", "minilm")
    with Assistant.open(tmp_path / "home") as other, pytest.raises(EmbedderMismatch, match="citedesk rebuild --home"):
        other.ask(QUESTION)


def test_a_rebuild_embeds_again_where_the_embedder_changed(
    small_desk: Open, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = small_desk()
    desk.ingest(articles)
    desk.close()
    monkeypatch.setenv("CITEDESK_EMBEDDER", "minilm")
    with Assistant.open(tmp_path / "home") as other:
        other.rebuild()
        assert "4,000" in other.ask(QUESTION).text
        assert all(finding.sound for finding in other.examine())
