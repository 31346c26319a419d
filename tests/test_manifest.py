"""What a person says of a file, in manifest.csv or on the command line, counts for more than what the file says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.document import Field, Header
from corpus.errors import BadInput
from corpus.manifest import Manifest, written
from rag import Assistant

Open = Callable[..., Assistant]


def test_a_row_gives_the_fields_of_a_file() -> None:
    manifest = Manifest.parse(
        b"\xef\xbb\xbfFile,Title,outlet,author,published,url\r\n"
        b'a/weir.txt,"Weir, again",Mill Post,Ada Orm,5 March 2024,https://millpost.example/1\r\n'
        b"b.txt,,,,2024,\r\n"
    )
    assert {name: field.value for name, field in manifest.fields_of("a/weir.txt").items()} == {
        "title": "Weir, again",
        "outlet": "Mill Post",
        "byline": "Ada Orm",
        "published": "2024-03-05",
        "url": "https://millpost.example/1",
    }
    assert manifest.fields_of("b.txt") == {"published": Field("2024", "manifest.csv")}
    assert manifest.fields_of("c.txt") == {}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"title,outlet\nx,y\n", "no column named file; it has: title, outlet"),
        (b"", "no column named file"),
        (b"file,colour\na.txt,red\n", "a column 'colour' that means nothing here"),
        (b"file,published\na.txt,someday\n", "gives 'a.txt' the date 'someday'"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_why(data: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        Manifest.parse(data)


def test_what_is_written_is_read_again() -> None:
    header = Header("x", title="=SUM(1)", outlet="Mill Post", published="2024-03", language="en")
    fields = Manifest.parse(written({"a.txt": header}).encode()).fields_of("a.txt")
    assert {name: field.value for name, field in fields.items()} == {
        "title": "=SUM(1)",
        "outlet": "Mill Post",
        "published": "2024-03",
        "language": "en",
    }


@pytest.fixture
def desk(small_desk: Open, articles: Path) -> Assistant:
    (articles / "manifest.csv").write_text("file,outlet,published\nferry.txt,Pell Observer,2023-05\n", "utf-8")
    opened = small_desk()
    opened.ingest(articles)
    return opened


def outlet(desk: Assistant, name: str) -> tuple[str | None, str | None]:
    document = desk.document(name)
    return document.header.outlet, document.origins.get("outlet")


def test_a_manifest_beside_the_files_overrides_what_they_say(desk: Assistant) -> None:
    header = desk.document("ferry.txt").header
    assert (header.outlet, header.published, header.title) == ("Pell Observer", "2023-05", "Ferry crew find new work")
    assert outlet(desk, "ferry.txt") == ("Pell Observer", "manifest.csv")
    assert "manifest.csv" not in {header.name for header in desk.documents()}


def test_a_changed_manifest_changes_the_documents_it_names(desk: Assistant, articles: Path) -> None:
    (articles / "manifest.csv").write_text("file,outlet\nferry.txt,Vale Gazette\n", "utf-8")
    report = desk.ingest(articles)
    assert (report.updated, report.unchanged) == (("ferry.txt",), ("bridge.txt", "harvest.md"))
    assert desk.document("ferry.txt").header.outlet == "Vale Gazette"
    (articles / "manifest.csv").unlink()
    assert desk.ingest(articles).updated == ("ferry.txt",)
    assert desk.document("ferry.txt").header.outlet != "Pell Observer"


def test_a_manifest_that_cannot_be_used_is_named_and_the_files_are_read(small_desk: Open, articles: Path) -> None:
    (articles / "manifest.csv").write_text("name\nferry.txt\n", encoding="utf-8")
    report = small_desk().ingest(articles)
    assert [failure.reason for failure in report.failed] == [
        "is not used: manifest.csv has no column named file; it has: name"
    ]
    assert len(report.added) == 3


def test_a_single_file_has_the_manifest_beside_it(small_desk: Open, articles: Path) -> None:
    (articles / "manifest.csv").write_text("file,outlet\nferry.txt,Pell Observer\n", "utf-8")
    desk = small_desk()
    desk.ingest(articles / "ferry.txt")
    assert outlet(desk, "ferry.txt") == ("Pell Observer", "manifest.csv")


def test_a_row_may_name_one_record_of_a_file_or_all(small_desk: Open, tmp_path: Path) -> None:
    records = '{"body": "The weir held on Sunday."}\n{"body": "The weir broke on Monday."}\n'
    (tmp_path / "news.jsonl").write_text(records, encoding="utf-8")
    rows = "file,outlet,published\nnews.jsonl,Mill Post,\nnews.jsonl#2,,2024-03-04\n"
    (tmp_path / "manifest.csv").write_text(rows, encoding="utf-8")
    desk = small_desk()
    desk.ingest(tmp_path / "news.jsonl")
    assert [(header.outlet, header.published) for header in desk.documents()] == [
        ("Mill Post", None),
        ("Mill Post", "2024-03-04"),
    ]
    (tmp_path / "manifest.csv").write_text(rows.replace("03-04", "03-05"), encoding="utf-8")
    report = desk.ingest(tmp_path / "news.jsonl")
    assert (report.updated, report.unchanged) == (("news.jsonl#2",), ("news.jsonl#1",))


def test_options_override_both_and_hold_on(desk: Assistant, articles: Path) -> None:
    report = desk.ingest(articles / "ferry.txt", outlet="Harbour Times", published="May 2023")
    assert report.updated == ("ferry.txt",)
    assert outlet(desk, "ferry.txt") == ("Harbour Times", "--outlet")
    assert desk.ingest(articles).unchanged == ("bridge.txt", "ferry.txt", "harvest.md")
    assert desk.document("ferry.txt").header.published == "2023-05"


def test_a_date_that_is_none_is_refused_before_anything_is_read(desk: Assistant, articles: Path) -> None:
    with pytest.raises(BadInput, match="'soon' is not a date"):
        desk.ingest(articles, published="soon")
