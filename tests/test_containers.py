"""Files that hold several documents: tables, JSON Lines, ZIP archives; each document is a document of its own."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from corpus.errors import UnreadableFile
from corpus.loaders import zipped
from corpus.reading import Part, parts
from rag import Assistant
from rag.keeping.report import Outcome

Open = Callable[..., Assistant]


def article(number: int, **fields: object) -> dict[str, object]:
    return {
        "title": f"Weir report {number}",
        "source": "Mill Post",
        "author": "Ada Orm",
        "published_at": f"2024-03-{number:02d}T08:00:00Z",
        "url": f"https://millpost.example/{number}",
        "category": "local",
        "body": f"The weir held back {number * 11} tonnes of driftwood on the night of the storm, the council said.",
        **fields,
    }


def jsonl(*articles: dict[str, object]) -> bytes:
    return "\n".join(map(json.dumps, articles)).encode()


def archive(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def read(data: bytes, name: str) -> dict[str, Part]:
    return {part.name: part for part in parts(data, name)}


def test_each_line_of_json_lines_is_a_document_named_after_it() -> None:
    found = read(jsonl(article(1)) + b"\n\n" + jsonl(article(2)), "news.jsonl")
    assert list(found) == ["news.jsonl#1", "news.jsonl#3"]
    document = found["news.jsonl#3"].document
    assert document is not None
    header = document.header
    assert (header.title, header.outlet, header.byline) == ("Weir report 2", "Mill Post", "Ada Orm")
    assert (header.published, header.url) == ("2024-03-02", "https://millpost.example/2")
    assert document.text == article(2)["body"]
    assert document.origins["outlet"] == "the record's field source"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_each_row_of_a_table_is_a_document(separator: str) -> None:
    rows = [
        ["headline", "newspaper", "date", "text"],
        ["Weir, again", "Mill Post", "March 2024", "It held.\nThen not."],
    ]
    table = "\n".join(separator.join(f'"{cell}"' for cell in row) for row in rows)
    (part,) = parts(table.encode(), "news.csv")
    assert part.name == "news.csv#1"
    assert part.document is not None
    assert (part.document.header.title, part.document.header.published) == ("Weir, again", "2024-03")
    assert part.document.text == "It held.\nThen not."


@pytest.mark.parametrize("name", ["news.csv", "news.jsonl"])
def test_what_was_assumed_of_the_file_is_noted_of_each_record(name: str) -> None:
    rows = 'title,text\n"Weir","The café by the weir held."\n' if name == "news.csv" else '{"text": "The café held."}'
    (part,) = parts(rows.encode("latin-1"), name)
    assert part.document is not None
    assert part.document.notes == ("not UTF-8: read as windows-1252",)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{not json", "is not JSON"),
        ("[1, 2]", "is no record"),
        ('{"title": "No text"}', "has no text: none of the fields body, text"),
        ('{"body": "   "}', "has no text"),
        ("[" * 100_000, "is JSON nested too deeply"),
    ],
)
def test_a_record_that_is_none_costs_only_itself(line: str, why: str) -> None:
    found = read(jsonl(article(1)) + f"\n{line}\n".encode() + jsonl(article(2)), "news.jsonl")
    assert found["news.jsonl#2"].reason.startswith(why)
    assert found["news.jsonl#1"].document
    assert found["news.jsonl#3"].document


def test_a_table_without_text_says_which_columns_it_has() -> None:
    with pytest.raises(UnreadableFile, match=r"no column of text.*its columns: year, tonnes"):
        list(parts(b"year,tonnes\n2024,11\n", "driftwood.csv"))


def test_an_archive_holds_documents_of_any_format_and_a_manifest_for_them() -> None:
    data = archive(
        {
            "a/weir.txt": b"Weir holds\n\nThe weir held on Sunday, the council said.",
            "b/news.jsonl": jsonl(article(1), article(2)),
            "photo.jpg": b"\xff\xd8\xff",
            "manifest.csv": b"file,title,outlet,author,published,url\na/weir.txt,,Mill Post,,2024-03-05,\n",
        }
    )
    found = read(data, "old.zip")
    assert list(found) == ["old.zip/a/weir.txt", "old.zip/b/news.jsonl#1", "old.zip/b/news.jsonl#2"]
    weir = found["old.zip/a/weir.txt"].document
    assert weir is not None
    assert (weir.header.title, weir.header.outlet, weir.header.published) == ("Weir holds", "Mill Post", "2024-03-05")
    assert weir.origins["outlet"] == "manifest.csv"


def test_what_cannot_be_read_inside_an_archive_costs_only_itself() -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("../../etc/cron.d/x.txt", "Out.")
        file.writestr("/abs.txt", "Out.")
        file.writestr(link, "/etc/passwd")
        file.writestr("inner.zip", archive({"a.txt": b"Inside."}))
        file.writestr("picture.docx", b"\x89PNG\r\n")
        file.writestr("weir.txt", "The weir held on Sunday.")
    found = read(out.getvalue(), "old.zip")
    assert {name: part.reason.split(";")[0] for name, part in found.items()} == {
        "old.zip/etc/cron.d/x.txt": "has a path that leads out of its archive",
        "old.zip/abs.txt": "has a path that leads out of its archive",
        "old.zip/link.txt": "is a link inside an archive",
        "old.zip/inner.zip": "is an archive inside an archive",
        "old.zip/picture.docx": "is a PNG image, not text",
        "old.zip/weir.txt": "",
    }


def locked() -> bytes:
    data = bytearray(archive({"weir.txt": b"The weir held on Sunday."}))
    for signature, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + flags_at] |= 1
    return bytes(data)


def test_a_locked_member_says_so() -> None:
    (part,) = parts(locked(), "old.zip")
    assert part.reason == "is locked with a password; unpack it and ingest the folder"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (archive({"zeros.txt": b"0" * 40_000_000}), r"pressed [\d,]+ to 1, over the limit of 100 to 1"),
        (archive({f"{i}.txt": b"x" for i in range(zipped.MAX_MEMBERS + 1)}), "holds over 2,000 members"),
        (archive({"a.txt": b"The weir held."})[:-30], "is a damaged ZIP archive"),
    ],
    ids=["bomb", "members", "cut"],
)
def test_an_archive_past_the_limits_is_refused_before_anything_is_unpacked(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        list(parts(data, "old.zip"))


# --- ingested


def ingested(desk: Assistant, path: Path, *articles: dict[str, object]) -> dict[str, tuple[str, ...]]:
    path.write_bytes(jsonl(*articles))
    report = desk.ingest(path)
    return {
        change: tuple(name.removeprefix("news.jsonl") for name in getattr(report, change))
        for change in ("added", "updated", "unchanged", "duplicates", "removed")
        if getattr(report, change)
    }


def test_a_file_of_records_that_grows_costs_only_the_new_ones(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    one, two, three = article(1), article(2), article(3)
    assert ingested(desk, path, one, two) == {"added": ("#1", "#2")}
    assert ingested(desk, path, one, two) == {"unchanged": ("",)}
    assert ingested(desk, path, one, two, three) == {"added": ("#3",), "unchanged": ("#1", "#2")}
    assert ingested(desk, path, three, one, two) == {"unchanged": ("#1", "#2", "#3")}
    titles = {header.name: header.title for header in desk.documents()}
    assert titles == {
        "news.jsonl#1": "Weir report 3",
        "news.jsonl#2": "Weir report 1",
        "news.jsonl#3": "Weir report 2",
    }


def test_a_record_put_first_moves_the_others_on(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    ingested(desk, path, article(1), article(2))
    assert ingested(desk, path, article(9), article(1), article(2)) == {
        "updated": ("#1",),
        "unchanged": ("#2", "#3"),
    }
    assert [header.title for header in desk.documents()] == ["Weir report 9", "Weir report 1", "Weir report 2"]
    assert desk.status().documents == 3


def test_a_changed_record_replaces_its_document_and_a_missing_one_takes_it_out(
    small_desk: Open, tmp_path: Path
) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    ingested(desk, path, article(1), article(2), article(3))
    changed = article(2, body="The weir broke at last, and the driftwood went down to the sea.")
    assert ingested(desk, path, article(1), changed) == {
        "updated": ("#2",),
        "unchanged": ("#1",),
        "removed": ("#3",),
    }
    assert "sea" in desk.document("news.jsonl#2").text
    assert desk.status().documents == 2


def test_a_record_that_is_there_twice_is_stored_once(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    assert ingested(desk, path, article(1), article(1)) == {"added": ("#1",), "duplicates": ("#2",)}
    assert ingested(desk, path, article(1), article(1)) == {"unchanged": ("#1",), "duplicates": ("#2",)}


def test_a_file_of_records_that_moved_is_the_same_documents(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    ingested(desk, path, article(1), article(2))
    path.rename(tmp_path / "archive.jsonl")
    report = desk.ingest(tmp_path / "archive.jsonl")
    assert (report.added, report.unchanged) == ((), ("archive.jsonl",))
    assert desk.ingest(tmp_path / "archive.jsonl").unchanged == ("archive.jsonl",)
    assert desk.status().documents == 2


def test_an_answer_cites_the_record(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    ingested(desk, path, article(1), article(7))
    answer = desk.ask("Who said the weir held back 77 tonnes of driftwood?")
    assert answer.citations[0].document.name == "news.jsonl#2"
    assert answer.citations[0].check == "verbatim"


def texts(desk: Assistant) -> list[str]:
    return sorted(desk.document(header.name).text.split()[4] for header in desk.documents())


def test_a_file_that_is_changed_back_after_an_interruption_is_as_it_was(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    ingested(desk, path, article(1), article(2))
    before = texts(desk)

    def until_the_first(outcome: Outcome) -> None:
        raise KeyboardInterrupt

    path.write_bytes(jsonl(article(9), article(1), article(2)))
    with pytest.raises(KeyboardInterrupt):
        desk.ingest(path, on_outcome=until_the_first)
    ingested(desk, path, article(1), article(2))
    assert texts(desk) == before
    assert [header.name for header in desk.documents()] == ["news.jsonl#1", "news.jsonl#2"]


def test_an_interrupted_file_with_a_manifest_goes_on_where_it_was(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    path.write_bytes(jsonl(*(article(1, body=f"Ship {n} passed the weir on Sunday.") for n in range(200))))
    (tmp_path / "manifest.csv").write_text("file,outlet\nnews.jsonl,Pell Observer\n", encoding="utf-8")

    def until_the_tenth(outcome: Outcome) -> None:
        if outcome.name == "news.jsonl#10":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.ingest(path, on_outcome=until_the_tenth)
    report = desk.ingest(path)
    assert set(report.unchanged) >= {f"news.jsonl#{n}" for n in range(1, 11)}
    assert report.updated == ()
    assert len(report.added) + len(report.unchanged) == 200


def test_a_file_with_a_broken_record_and_a_manifest_is_not_read_as_changed_each_time(
    small_desk: Open, tmp_path: Path
) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    path.write_bytes(jsonl(article(1)) + b"\n{broken\n")
    (tmp_path / "manifest.csv").write_text("file,outlet\nnews.jsonl,Pell Observer\n", encoding="utf-8")
    assert desk.ingest(path).added == ("news.jsonl#1",)
    report = desk.ingest(path)
    assert (report.updated, report.unchanged) == ((), ("news.jsonl#1",))


def test_an_option_holds_on_for_a_file_with_a_broken_record(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    path.write_bytes(jsonl(article(1)) + b"\n{broken\n")
    desk.ingest(path, outlet="Pell Observer")
    path.write_bytes(jsonl(article(1)) + b"\n{broken\n" + jsonl(article(2)))
    assert desk.ingest(path).added == ("news.jsonl#3",)
    assert {header.outlet for header in desk.documents()} == {"Pell Observer"}


def test_an_option_counts_for_more_than_a_row_for_one_record(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    path.write_bytes(jsonl(article(1), article(2)))
    (tmp_path / "manifest.csv").write_text("file,outlet\nnews.jsonl#2,Pell Observer\n", encoding="utf-8")
    desk.ingest(path, outlet="Harbour Times")
    assert {header.outlet for header in desk.documents()} == {"Harbour Times"}


def test_a_row_for_a_record_is_for_whatever_stands_there(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    (tmp_path / "manifest.csv").write_text("file,outlet\nnews.jsonl#2,Pell Observer\n", encoding="utf-8")
    ingested(desk, path, article(1), article(2))
    ingested(desk, path, article(2), article(1))
    found = {header.name: (header.title, header.outlet) for header in desk.documents()}
    assert found == {
        "news.jsonl#1": ("Weir report 2", "Mill Post"),
        "news.jsonl#2": ("Weir report 1", "Pell Observer"),
    }


def test_a_moved_file_with_a_broken_record_is_the_same_documents(small_desk: Open, tmp_path: Path) -> None:
    desk, folder = small_desk(), tmp_path / "old"
    folder.mkdir()
    (folder / "news.jsonl").write_bytes(jsonl(article(1)) + b"\n{broken\n" + jsonl(article(2)))
    desk.ingest(folder)
    folder.rename(tmp_path / "new")
    report = desk.ingest(tmp_path, prune=True)
    assert (report.unchanged, report.duplicates, report.removed) == (("news.jsonl#1", "news.jsonl#3"), (), ())
    assert desk.status().documents == 2


def test_records_that_went_to_another_file_are_kept(small_desk: Open, tmp_path: Path) -> None:
    desk = small_desk()
    (tmp_path / "b.jsonl").write_bytes(jsonl(article(1), article(2)))
    desk.ingest(tmp_path)
    before = texts(desk)
    (tmp_path / "a.jsonl").write_bytes(jsonl(article(2)))
    (tmp_path / "b.jsonl").write_bytes(jsonl(article(1)))
    report = desk.ingest(tmp_path)
    assert texts(desk) == before
    assert report.duplicates == ()
    (tmp_path / "b.jsonl").rename(tmp_path / "c.jsonl")
    (tmp_path / "c.jsonl").write_bytes(jsonl(article(3), article(1)))
    desk.ingest(tmp_path, prune=True)
    assert len(texts(desk)) == 3


def test_a_record_changed_into_a_copy_of_another_leaves_no_text_behind(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    ingested(desk, path, article(1), article(2))
    assert ingested(desk, path, article(1), article(1)) == {"unchanged": ("#1",), "duplicates": ("#2",)}
    assert [header.title for header in desk.documents()] == ["Weir report 1"]


def test_a_record_that_is_in_a_file_that_grew_is_a_duplicate_elsewhere(small_desk: Open, tmp_path: Path) -> None:
    desk = small_desk()
    (tmp_path / "a.jsonl").write_bytes(jsonl(article(1)))
    desk.ingest(tmp_path)
    (tmp_path / "a.jsonl").write_bytes(jsonl(article(1), article(2)))
    (tmp_path / "b.jsonl").write_bytes(jsonl(article(1)) + b"\n")
    assert desk.ingest(tmp_path).duplicates == ("b.jsonl#1",)
    assert desk.status().documents == 2


def test_a_name_that_a_file_has_no_more_is_reported_as_removed(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    ingested(desk, path, article(1), article(2), article(3))
    assert ingested(desk, path, article(2), article(3)) == {"unchanged": ("#1", "#2"), "removed": ("#3",)}
    assert [header.title for header in desk.documents()] == ["Weir report 2", "Weir report 3"]


def test_a_text_that_was_stored_from_an_archive_is_not_stored_again(small_desk: Open, tmp_path: Path) -> None:
    desk = small_desk()
    (tmp_path / "a.zip").write_bytes(archive({"weir.txt": b"The weir held on Sunday, the council said."}))
    (tmp_path / "weir.txt").write_bytes(b"The weir held on Sunday, the council said.")
    report = desk.ingest(tmp_path)
    assert (report.added, report.duplicates) == (("a.zip/weir.txt",), ("weir.txt",))


def test_a_changed_manifest_inside_an_archive_changes_its_documents(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "old.zip"
    members = {"weir.txt": b"The weir held on Sunday, the council said.", "news.jsonl": jsonl(article(1))}
    for outlet in ("Pell Observer", "Vale Gazette"):
        rows = f"file,outlet\nweir.txt,{outlet}\nnews.jsonl,{outlet}\n".encode()
        path.write_bytes(archive({**members, "manifest.csv": rows}))
        desk.ingest(path)
        assert {header.outlet for header in desk.documents()} == {outlet}
    assert desk.status().documents == 2


def test_two_members_of_one_name_are_two_documents(small_desk: Open, tmp_path: Path) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("weir.txt", "The weir held on Sunday.")
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("weir.txt", "The weir broke on Monday.")
    (tmp_path / "old.zip").write_bytes(out.getvalue())
    assert small_desk().ingest(tmp_path).added == ("old.zip/weir.txt", "old.zip/weir.txt(2)")


def test_what_stood_where_a_record_is_broken_now_goes_if_it_stands_elsewhere(small_desk: Open, tmp_path: Path) -> None:
    desk, path = small_desk(), tmp_path / "news.jsonl"
    ingested(desk, path, article(1))
    (tmp_path / "manifest.csv").write_text("file,outlet\nnews.jsonl,Pell Observer\n", encoding="utf-8")
    path.write_bytes(b"{broken\n" + jsonl(article(1)))
    desk.ingest(path)
    assert [(header.name, header.outlet) for header in desk.documents()] == [("news.jsonl#2", "Pell Observer")]
