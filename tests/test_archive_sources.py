"""What the archive tells of its sources and speakers, and the filters by them."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from corpus.document import Document, Header, Passage, Quotation, Span, Voice
from rag.asking.known import Memory, Parts
from vectorstore.archive import Archive
from vectorstore.filtering import Filter


def store(archive: Archive, document: Document) -> None:
    passage = Passage(document.header, 0, len(document.text), document.text)
    place = f"/{document.header.name}"
    vector = numpy.eye(1, 4, dtype=numpy.float32)
    with archive.write() as transaction:
        transaction.add(document, [passage], vector, source=place, file=place, sha256=document.text)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path / "archive.db")
    vale = Header("vale.txt", outlet="The Vale Gazette", byline="Ada Penn", published="2023-05-10")
    said = Quotation(Span(0, 4), "Captain Lund", Span(5, 9), 0.9)
    store(archive, Document(vale, "“Fog” said Captain Lund.", quotations=(said,)))
    carried = (Voice(Span(0, 5), "Harbour Wire"), Voice(Span(6, 9), "Ida Wick", "quoted"))
    store(archive, Document(Header("orm.txt", outlet="Orm News", published="2023-06"), "A wire text.", voices=carried))
    store(archive, Document(Header("note.txt"), "No source."))
    return archive


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (Filter(outlets=("The Vale Gazette",)), ["vale.txt"]),
        (Filter(voices=("Harbour Wire",)), ["orm.txt"]),
        (Filter(outlets=("The Vale Gazette",), voices=("Harbour Wire",)), ["orm.txt", "vale.txt"]),
        (Filter(voices=("Ida Wick",)), []),  # quoted, not republished
        (Filter(bylines=("Ada Penn",)), ["vale.txt"]),
        (Filter(bylines=("Ada Penn",), outlets=("Orm News",)), []),
        (Filter(outlets=("Orm News",), until="2023-05"), []),
        (Filter(outlets=("Orm News",), documents=("vale.txt",)), []),
    ],
)
def test_documents_are_filtered_by_outlet_voice_and_byline(
    archive: Archive, condition: Filter, names: list[str]
) -> None:
    with archive.read() as snapshot:
        ids = snapshot.documents_within(condition)
        assert [entry.header.name for entry in snapshot.entries() if entry.id in ids] == names
        assert snapshot.has_any_within(condition) == bool(names)


def test_sources_speakers_and_quotations_are_told_as_they_are_written(archive: Archive) -> None:
    with archive.read() as snapshot:
        assert snapshot.sources() == (["Orm News", "The Vale Gazette"], ["Ada Penn"], ["Harbour Wire"])
        assert snapshot.speakers() == ["Captain Lund", "Ida Wick"]
        assert snapshot.quoted(["vale.txt", "note.txt", "gone.txt"]) == {"vale.txt": [(Span(0, 4), "Captain Lund")]}


def test_what_is_known_is_read_once_for_each_state_of_the_archive(archive: Archive) -> None:
    memory, everything = Memory(), Parts(times=True, sources=True, speakers=True)
    with archive.read() as snapshot:
        known = memory.known(snapshot, everything)
        assert memory.known(snapshot, everything).sources is known.sources
        assert memory.known(snapshot, Parts(times=False, sources=False, speakers=True)).sources == {}
    store(archive, Document(Header("new.txt", outlet="Pell Post", published="2024-02-29"), "Something new."))
    with archive.read() as snapshot:
        later = memory.known(snapshot, everything)
    assert known.covered is not None
    assert later.covered is not None
    assert (known.covered.last.isoformat(), later.covered.last.isoformat()) == ("2023-06-30", "2024-02-29")
    assert set(later.sources) - set(known.sources) == {("pell", "post"), ("post",)}
