"""The SQLite file: one transaction per document, a log of changes, exact slices, filters by date."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from corpus.document import Document, Header, Passage, Span
from vectorstore.archive import Archive
from vectorstore.base import Vectors
from vectorstore.errors import ArchiveDamaged
from vectorstore.filtering import Filter


def vectors(count: int) -> Vectors:
    return numpy.eye(count, 4, dtype=numpy.float32)


def store(archive: Archive, name: str, text: str, *, published: str | None = None, outlet: str | None = None) -> None:
    header = Header(name, published=published, outlet=outlet)
    passages = [Passage(header, 0, len(text), text)]
    with archive.write() as transaction:
        transaction.add(Document(header, text), passages, vectors(1), source=f"/{name}", file=f"/{name}", sha256=text)


def names_within(archive: Archive, condition: Filter) -> list[str]:
    with archive.read() as snapshot:
        ids = snapshot.documents_within(condition)
        return [entry.header.name for entry in snapshot.entries() if entry.id in ids]


def test_what_was_stored_comes_back_whole(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.db")
    header = Header("a.txt", "A title", "The Gazette", "Ada Penn", "2023-05", "https://gazette.example/a")
    document = Document(header, "Share\nOne thing. Another\u00a0thing. \u2028End", (Span(0, 5),), ("a note",))
    passage = Passage(header, 0, 16, "Share\nOne thing.", (Span(6, 16),), (Span(0, 5),))
    with archive.write() as transaction:
        transaction.add(document, [passage], vectors(1), source="/a.txt", file="/a.txt", sha256="1")
    with archive.read() as snapshot:
        assert snapshot.document("a.txt") == document
        assert snapshot.passages([1, 2]) == {1: passage}
        assert [record.text for record in snapshot.records()] == ["\nOne thing."]  # furniture is not searched


def test_a_passage_that_is_no_slice_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.db")
    header = Header("a.txt")
    with pytest.raises(ValueError, match="no slice"), archive.write() as transaction:
        transaction.add(
            Document(header, "text"), [Passage(header, 0, 4, "test")], vectors(1), source="/a", file="/a", sha256="1"
        )
    with archive.read() as snapshot:
        assert snapshot.counts() == (0, 0)
        assert snapshot.head() == 0


def test_a_document_read_again_replaces_itself_and_ids_are_never_used_twice(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.db")
    store(archive, "a.txt", "first")
    store(archive, "a.txt", "second")
    with archive.read() as snapshot:
        assert snapshot.passage_ids() == {2}
        assert [(change.kind, list(change.passage_ids)) for change in snapshot.changes_after(0)] == [
            ("add", [1]),
            ("remove", [1]),
            ("add", [2]),
        ]


def test_a_reader_sees_one_state_whatever_is_written_meanwhile(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive.db")
    store(archive, "a.txt", "first")
    with archive.read() as snapshot:
        before = snapshot.counts()
        store(archive, "b.txt", "second")
        assert snapshot.counts() == before == (1, 1)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Filter(), ["day", "month", "none", "year"]),
        (Filter(since="2023-05-11"), ["month", "year"]),  # a month or a year may reach past the day
        (Filter(until="2023-05-09"), ["month", "year"]),
        (Filter(since="2023-05-10", until="2023-05-10"), ["day", "month", "year"]),
        (Filter(since="2024"), []),
        (Filter(until="2023-04"), ["year"]),
        (Filter(outlet="the gazette"), ["day"]),
        (Filter(documents=("none",)), ["none"]),
    ],
)
def test_a_filter_lets_through_what_may_fall_into_its_period(
    tmp_path: Path, condition: Filter, expected: list[str]
) -> None:
    archive = Archive(tmp_path / "archive.db")
    store(archive, "day", "one", published="2023-05-10", outlet="The Gazette")
    store(archive, "month", "two", published="2023-05")
    store(archive, "year", "three", published="2023")
    store(archive, "none", "four")
    assert names_within(archive, condition) == expected


def test_a_file_that_is_no_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"not a database, by any means" * 100)
    with pytest.raises(ArchiveDamaged, match=r"archive\.db cannot be used .* backup"):
        Archive(tmp_path / "archive.db")
