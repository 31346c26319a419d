"""Files made to do harm, each read in the sandbox: they are refused or read as what they are, and nothing else happens.

The numbers are those of our list of hostile inputs.
"""

from __future__ import annotations

import os
import socket
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import accumulate
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.errors import UnreadableFile
from corpus.sandbox import Sandbox
from rag import Assistant
from rag.keeping.files import safe_file_name

Open = Callable[..., Assistant]
SENTENCE = "The weir held back eleven tonnes of driftwood on the night of the storm."


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as opened:
        yield opened


def document(sandbox: Sandbox, data: bytes, name: str) -> Document:
    (part,) = sandbox.parts(data, name)
    assert part.document is not None, part.reason
    return part.document


def refusal(sandbox: Sandbox, data: bytes, name: str) -> str:
    """Why a file is refused; the sandbox reads the next one all the same."""
    with pytest.raises(UnreadableFile) as refused:
        list(sandbox.parts(data, name))
    assert document(sandbox, SENTENCE.encode(), "next.txt").text == SENTENCE
    return str(refused.value)


# --- names and places


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/cron.d/x.txt",
        "..\\..\\x.txt",
        "/abs.txt",
        "C:\\x.txt",
        "CON.txt",
        "n" * 300 + ".txt",
        "a\0b.txt",
    ],
)
def test_19_an_upload_stays_inside_whatever_it_is_called(
    small_desk: Open, articles: Path, tmp_path: Path, name: str
) -> None:
    report = small_desk().upload(articles / "bridge.txt", name)
    assert len(report.added) == 1
    outside = [path for path in tmp_path.rglob("*.txt") if path.parent != articles]
    (kept,) = (path for path in outside if path.is_relative_to(tmp_path / "home" / "uploads"))
    assert outside == [kept]
    assert safe_file_name(name).split(".")[0].upper() != "CON"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_20_links_and_devices_are_not_followed(small_desk: Open, articles: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "passwords.txt").write_text("The password of the weir is driftwood.", encoding="utf-8")
    (articles / "link.txt").symlink_to(secret / "passwords.txt")
    (articles / "folder").symlink_to(secret, target_is_directory=True)
    (articles / "loop").symlink_to(articles, target_is_directory=True)
    (articles / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(articles / "pipe.txt")
    os.link(articles / "bridge.txt", articles / "hard.txt")
    report = small_desk().ingest(articles)
    assert {Path(failure.path).name: failure.reason.split(";")[0] for failure in report.failed} == {
        "link.txt": "is a link",
        "zero.txt": "is a link",
        "pipe.txt": "is not a regular file",
    }
    assert report.added == ("bridge.txt", "ferry.txt", "harvest.md")
    assert report.duplicates == ("hard.txt",)


# --- archives


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def claiming(size: int, data: bytes) -> bytes:
    """The archive with every member's size said to be another one."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = changed.find(signature)
        while at >= 0:
            changed[at + offset : at + offset + 4] = size.to_bytes(4, "little")
            at = changed.find(signature, at + 4)
    return bytes(changed)


def overlapping() -> bytes:
    """Two directory entries for one and the same stretch."""
    data = zipped(("word/document.xml", SENTENCE.encode() * 3))
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry, tail = data[start:end], bytearray(data[end:])
    tail[8:12] = (2).to_bytes(2, "little") * 2
    tail[12:16] = (2 * len(entry)).to_bytes(4, "little")
    return data[:start] + entry + entry.replace(b"document", b"documens") + bytes(tail)


ZEROS = b"0" * 20_000_000


@pytest.mark.parametrize("name", ["bomb.docx", "bomb.epub", "bomb.zip"])
@pytest.mark.parametrize(
    ("inside", "why"),
    [
        (zipped(("word/document.xml", ZEROS), ("META-INF/container.xml", b"")), "pressed"),
        (claiming(4_000_000_000, zipped(("word/document.xml", b"x"), ("META-INF/container.xml", b""))), "unpacks to"),
        (b"PK\x03\x04word/document.xmlMETA-INF/container.xml" + b"PK\x01\x02" * 1_000_000, "holds over 2,000"),
        (overlapping() + b"META-INF/container.xml", "overlap|damaged"),
    ],
    ids=["4 GB", "a false size", "a million members", "overlapping"],
)  # fmt: skip
def test_24_a_bomb_is_refused_by_its_directory(sandbox: Sandbox, name: str, inside: bytes, why: str) -> None:
    if name == "bomb.epub":
        inside = inside.replace(b"word/document.xml", b"text/document.xml")
    elif name == "bomb.zip":
        inside = inside.replace(b"word/document.xml", b"text/document.txt").replace(
            b"META-INF/container", b"META-INF/containes"
        )
    assert any(each in refusal(sandbox, inside, name) for each in why.split("|"))


def test_24_an_archive_in_an_archive_is_not_opened(sandbox: Sandbox) -> None:
    quine = zipped(("again.zip", zipped(("again.zip", b"PK\x03\x04"))))
    (part,) = sandbox.parts(quine, "quine.zip")
    assert part.reason == "is an archive inside an archive; unpack it first"


@pytest.mark.parametrize("name", ["slip.docx", "slip.epub", "slip.zip"])
def test_25_names_that_lead_outside_write_nothing(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    target = tmp_path / "evil.txt"
    data = zipped((f"../../../../../../..{target}", b"evil"), (str(target), b"evil"), ("..\\..\\evil.txt", b"evil"))
    try:
        reasons = [part.reason for part in sandbox.parts(data, name)]
    except UnreadableFile as error:
        reasons = [str(error)]
    assert all(reasons)
    assert not target.exists()


# --- XML

ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY r SYSTEM "http://127.0.0.1:{port}/x">]>'
LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12))
)
QUADRATIC = f"<!DOCTYPE x [<!ENTITY a '{'ha' * 20_000}'>]>"
WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>'
    "{}</w:t></w:r></w:p></w:body></w:document>"
)
CHAPTER = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{}</p></body></html>"


def word_file(xml: str) -> bytes:
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/></Types>'
    )
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    )
    parts = {"[Content_Types].xml": types, "_rels/.rels": links, "word/document.xml": xml}
    return zipped(*((name, text.encode()) for name, text in parts.items()))


def book(chapter: str) -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="b.opf" '
        'media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="c" href="c.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>'
    )
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "b.opf": package}
    return zipped(*((name, text.encode()) for name, text in {**parts, "c.xhtml": chapter}.items()))


def test_the_plain_files_that_the_next_test_makes_harmful_are_read(sandbox: Sandbox) -> None:
    assert document(sandbox, word_file(WORD.format(SENTENCE)), "a.docx").text.strip() == SENTENCE
    assert document(sandbox, book(CHAPTER.format(SENTENCE)), "a.epub").text.strip() == SENTENCE


@pytest.mark.parametrize("name", ["a.docx", "a.epub"])
@pytest.mark.parametrize(
    ("prologue", "said"),
    [(ENTITY, "&e;&r;"), (LAUGHS, "&a11;"), (QUADRATIC, "&a;" * 20_000)],
    ids=["entities from outside", "a billion laughs", "quadratic growth"],
)
def test_26_entities_are_not_resolved(sandbox: Sandbox, name: str, prologue: str, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        prologue = prologue.replace("{port}", str(listener.getsockname()[1]))
        make, body = (word_file, WORD) if name == "a.docx" else (book, CHAPTER)
        data = make(prologue + body.format(f"{SENTENCE} {said}"))
        try:
            text = document(sandbox, data, name).text
        except (UnreadableFile, AssertionError):
            text = ""
        assert "root:" not in text
        assert len(text) < 200_000
        with pytest.raises(TimeoutError):
            listener.accept()


# --- PDF


def pdf(*objects: bytes, catalog: int = 1) -> bytes:
    """A PDF of these objects, numbered from 1, with a table that finds them."""
    pieces = [b"%PDF-1.7\n", *(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, start=1))]
    *offsets, table = accumulate(map(len, pieces))
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return b"".join([*pieces, head, entries]) + b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        catalog,
        table,
    )


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def page_pdf(content: bytes, *, catalog: bytes = b"", page: bytes = b"") -> bytes:
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources"
        b" << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> %s >> >>" % page,
        content,
    )


SHOWN = stream(b"BT /F1 12 Tf 50 700 Td (%s) Tj ET" % SENTENCE.encode())


def test_the_plain_pdf_that_the_next_tests_make_harmful_is_read(sandbox: Sandbox) -> None:
    assert SENTENCE in document(sandbox, page_pdf(SHOWN), "a.pdf").text


def nested(levels: int) -> bytes:
    data = b"0" * 100_000_000
    for _ in range(levels):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter [%s]" % (b"/FlateDecode " * levels))


@pytest.mark.parametrize(
    "data",
    [
        page_pdf(nested(2)),
        pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
        pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"),
        pdf(*[b"<< >>"] * 200_000),
        page_pdf(SHOWN)[:400],
        b"%PDF-1.7\n" + b"9" * 100_000,
        page_pdf(stream(b"\x97JB2" * 50, b"/Filter /JBIG2Decode")),
    ],
    ids=["nested streams", "a loop of pages", "no pages", "objects", "cut", "no structure", "JBIG2"],
)
def test_27_a_pdf_that_cannot_be_read_is_refused(sandbox: Sandbox, data: bytes) -> None:
    assert refusal(sandbox, data, "a.pdf")


def test_28_what_a_pdf_would_do_is_not_done(sandbox: Sandbox) -> None:
    catalog = (
        b"/OpenAction << /S /Launch /F (/bin/sh) >> /AA << /WC << /S /JavaScript /JS (app.alert(1)) >> >>"
        b" /Names << /JavaScript << /Names [(x) << /S /JavaScript /JS (this.exportDataObject(1)) >>] >> >>"
    )
    read = document(sandbox, page_pdf(SHOWN, catalog=catalog), "a.pdf")
    assert SENTENCE in read.text
    assert "app.alert" not in read.text


# --- pages and text


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body><p>" + b"The weir held. " * 3_300_000,
        b"<html><body>" + b"<div>" * 100_000 + SENTENCE.encode() + b"</div>" * 100_000,
        b"<html><body><p " + b"x='y' " * 2_000_000,
    ],
    ids=["one line of 50 MB", "nested elements", "attributes"],
)
def test_29_a_page_beyond_reason_is_refused_or_read(sandbox: Sandbox, data: bytes) -> None:
    try:
        (part,) = sandbox.parts(data, "a.html")
        said = part.reason
    except UnreadableFile as error:
        said = str(error)
    assert "RecursionError" not in said
    assert document(sandbox, SENTENCE.encode(), "next.txt").text == SENTENCE


@pytest.mark.parametrize(
    ("data", "kept", "said"),
    [
        (SENTENCE.encode("utf-16-le"), SENTENCE, "read as UTF-16"),
        (f"{SENTENCE} Café.".encode("latin-1"), f"{SENTENCE} Café.", "read as windows-1252"),
        (SENTENCE.encode() * 9 + b"\0", SENTENCE * 9 + "\ufffd", "1 NUL characters"),
        ("é".encode() * 9 + SENTENCE.encode() * 9 + b"\xff", "é" * 9 + SENTENCE * 9 + "\ufffd", "1 damaged characters"),
    ],
    ids=["UTF-16 unmarked", "latin-1", "NUL", "invalid UTF-8"],
)
def test_30_damaged_text_is_read_and_the_damage_counted(sandbox: Sandbox, data: bytes, kept: str, said: str) -> None:
    read = document(sandbox, data, "a.txt")
    assert read.text == kept
    assert said in "; ".join(read.notes)


def test_30_lone_surrogates_are_shown_as_damage_and_counted(sandbox: Sandbox, small_desk: Open, tmp_path: Path) -> None:
    record = b'{"title": "Weir \\ud83d holds", "body": "The weir \\udc00 held on Sunday, the council said."}'
    (part,) = sandbox.parts(record, "a.json")
    assert part.document is not None
    assert part.document.text == "The weir \ufffd held on Sunday, the council said."
    assert part.document.header.title == "Weir \ufffd holds"
    assert "1 characters that are no text are shown as \ufffd" in part.document.notes
    (tmp_path / "a.json").write_bytes(record)
    assert small_desk().ingest(tmp_path / "a.json").added == ("a.json",)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        (
            "a.pdf",
            b"<!doctype html><html><body><p>Please log in.</p></body></html>",
            "is an HTML page, not a .pdf file",
        ),
        ("a.docx", b"\x89PNG\r\n\x1a\n", "is a PNG image"),
        ("a.html", page_pdf(SHOWN), "is a PDF, not a .html file"),
    ],
)
def test_31_what_a_name_claims_must_be_so(sandbox: Sandbox, name: str, data: bytes, why: str) -> None:
    assert why in refusal(sandbox, data, name)


def test_31_a_pdf_that_is_called_text_is_read_as_a_pdf(sandbox: Sandbox) -> None:
    read = document(sandbox, page_pdf(SHOWN), "a.txt")
    assert SENTENCE in read.text
    assert "is a PDF, whatever its name says" in read.notes[0]
