"""What a file claims to be and what it is, compared before anything reads it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from corpus.errors import UnreadableFile
from corpus.loaders import load
from corpus.loaders.sniffing import kind_of, suffix_to_read

PAGE = b"<!-- saved --><!DOCTYPE html><html><body><p>The mill burned for three days.</p></body></html>"
MAIL = b"From: Ada Orm <ada@mill.example>\r\nTo: weir@mill.example\r\nSubject: The mill\r\n\r\nIt burned.\r\n"
MAILBOX = b"From ada@mill.example Tue Mar  5 10:00:00 2024\n" + MAIL
SAVED_PAGE = b"From: <Saved>\r\nSubject: Mill\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type=x\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"%PDF-1.7\n1 0 obj", ".pdf"),
        (b"\n\n%PDF-1.4", ".pdf"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"word/document.xml", ".docx"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"META-INF/container.xml", ".epub"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"mill.txt", ".zip"),
        (PAGE, ".html"),
        (b"\xef\xbb\xbf  <HTML lang=en>", ".html"),
        (MAIL, ".eml"),
        (MAILBOX, ".mbox"),
        (SAVED_PAGE, ".mhtml"),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"SQLite format 3\x00", ""),
    ],
)
def test_a_format_is_known_by_how_it_begins(data: bytes, suffix: str) -> None:
    kind = kind_of(data)
    assert kind is not None
    assert kind[0] == suffix


@pytest.mark.parametrize(
    "data",
    [
        b"The mill burned for three days.",
        b"From the weir one could see it: the mill burned.\nNobody came.",
        b"Title: The mill\nBy: Ada Orm\n\nIt burned for three days.",
        b"Note: this happened.\nWarning: so did that.\nResult: nothing.\n\nThe mill burned.",
        b'{"title": "The mill"}',
        b"",
    ],
)
def test_plain_text_is_of_no_kind(data: bytes) -> None:
    assert kind_of(data) is None


@pytest.mark.parametrize(
    ("data", "claimed", "read_by"),
    [
        (b"%PDF-1.7", ".pdf", ".pdf"),
        (b"%PDF-1.7", ".txt", ".pdf"),
        (PAGE, ".txt", ".html"),
        (PAGE, ".htm", ".htm"),
        (PAGE, ".md", ".md"),
        (MAIL, ".txt", ".eml"),
        (MAIL, ".md", ".md"),
        (SAVED_PAGE, ".eml", ".eml"),
        (b"The mill burned.", ".txt", ".txt"),
    ],
)
def test_a_name_that_promises_only_text_is_believed_less_than_the_content(
    data: bytes, claimed: str, read_by: str
) -> None:
    suffix, note = suffix_to_read(data, claimed)
    assert suffix == read_by
    assert bool(note) == (suffix != claimed)


@pytest.mark.parametrize(
    ("data", "claimed", "why"),
    [
        (b"\x89PNG\r\n\x1a\n", ".docx", "is a PNG image, not text"),
        (b"\x89PNG\r\n\x1a\n", ".txt", "is a PNG image, not text"),
        (PAGE, ".pdf", "is an HTML page, not a .pdf file; rename it to .html"),
        (b"%PDF-1.7", ".docx", "is a PDF, not a .docx file; rename it to .pdf"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"mill.txt", ".docx", "is a ZIP archive, not a .docx file"),
        (b"The mill burned.", ".pdf", "is no .pdf file, whatever its name says"),
        (b"\xd0\xcf\x11\xe0", ".docx", "save it as .docx"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"xl/workbook.xml", ".zip", "save its sheets as .csv"),
    ],
)
def test_a_name_that_claims_another_format_is_refused(data: bytes, claimed: str, why: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        suffix_to_read(data, claimed)
    assert why in str(refused.value)


def test_a_message_named_txt_is_read_as_a_message() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ada Orm <ada@mill.example>", "weir@mill.example", "The mill"
    message.set_content("The mill burned for three days.")
    document = load(message.as_bytes(), "mail.txt")
    assert document.header.title == "The mill"
    assert document.notes[0] == "is a message, whatever its name says; read as such"
