"""Tell what a file is from its first bytes, and compare that with what its name claims.

Knows signatures. Reads no format: a file that is what it claims may still be damaged.
"""

from __future__ import annotations

import re

from corpus.errors import UnreadableFile

_HEAD_BYTES = 4096
_SIGNATURES = {  # how a format begins -> its suffix, and its name
    b"%PDF-": (".pdf", "a PDF"),
    b"PK\x03\x04": (".zip", "a ZIP archive"),
    b"PK\x05\x06": (".zip", "an empty ZIP archive"),
    b"\x89PNG": ("", "a PNG image"),
    b"\xff\xd8\xff": ("", "a JPEG image"),
    b"GIF8": ("", "a GIF image"),
    b"\x1f\x8b": ("", "a gzip archive"),
    b"7z\xbc\xaf\x27\x1c": ("", "a 7z archive"),
    b"Rar!": ("", "a RAR archive"),
    b"\x7fELF": ("", "a program"),
    b"MZ\x90": ("", "a program"),
    b"SQLite format 3\x00": ("", "an SQLite database"),
    b"\xd0\xcf\x11\xe0": ("", "an old Office document; save it as .docx"),
    b"{\\rtf": ("", "an RTF document; save it as .docx"),
}
_PACKAGES = {  # a name that only this kind of ZIP archive holds -> its suffix, and its name
    b"word/document.xml": (".docx", "a Word document"),
    b"META-INF/container.xml": (".epub", "an EPUB book"),
    b"xl/workbook.xml": ("", "a spreadsheet; save its sheets as .csv"),
    b"ppt/presentation.xml": ("", "a presentation; save it as .pdf"),
}
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body)\b", re.I | re.S)
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]*\S")
_FOLDED = rb"(?:\r?\n[ \t][^\r\n]*)*"
_MAIL = re.compile(  # at least three header lines, those of mail among them
    rb"(?:[A-Za-z][A-Za-z0-9-]{1,60}:[^\r\n]*" + _FOLDED + rb"\r?\n){3,}"
)
_MAIL_FIELDS = re.compile(rb"^(?:From|To|Subject|Date|Message-ID|Received|MIME-Version|Return-Path):", re.I | re.M)
_MIME_PAGE = re.compile(rb"^Content-Type:\s*multipart/related\b", re.I | re.M)
_MAILBOX = re.compile(rb"From \S+ +[^\r\n]{10,60}\r?\n[A-Za-z][A-Za-z0-9-]{1,60}:")
_SEVERAL_RECORDS = re.compile(rb"\s*(?:\[|\{[^\r\n]*\}[ \t]*\r?\n\s*\{)")  # a list, or one to a line
_RECORD_BYTES = 1_000_000  # that the first of several may have
_ANYTHING = (".txt", ".text", "")  # names that promise text of whatever kind
_ALIKE = (  # suffixes whose content cannot, or need not, be told apart
    {".txt", ".text", ".md", ".markdown", ".csv", ".tsv", ".jsonl", ".ndjson"},
    {".html", ".htm"},
    {".mhtml", ".mht", ".eml"},
    {".mbox"},
)


def kind_of(data: bytes) -> tuple[str, str] | None:
    """The suffix of the format that the bytes show, empty for one that we cannot read, and its name in words.

    None for anything without a signature, such as plain text.
    """
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            if kind[0] == ".zip":
                return next((package for name, package in _PACKAGES.items() if name in data), kind)
            return kind
    head = data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")
    if b"%PDF-" in head[:1024]:
        return ".pdf", "a PDF"
    if _MAILBOX.match(head):
        return ".mbox", "a mailbox"
    if _HTML.match(head):
        return ".html", "an HTML page"
    mail = _MAIL.match(head)
    if mail and len(_MAIL_FIELDS.findall(mail.group())) >= 2:
        return (".mhtml", "a saved web page") if _MIME_PAGE.search(mail.group()) else (".eml", "a message")
    return None


def suffix_to_read(data: bytes, claimed: str) -> tuple[str, str]:
    """The suffix to read the bytes by, and a note where that is not the ``claimed`` one.

    A name that promises only text is believed less than its content. Raises UnreadableFile where the content is
    of a kind that we do not read, or of another than the name claims.
    """
    kind = kind_of(data)
    if kind is None:
        if claimed == ".json" and _SEVERAL_RECORDS.match(data[:_RECORD_BYTES].removeprefix(b"\xef\xbb\xbf")):
            return ".jsonl", ""
        if claimed in (".pdf", ".zip", ".docx", ".epub"):
            raise UnreadableFile(f"is no {claimed} file, whatever its name says; get it again, or rename it")
        return claimed, ""
    suffix, name = kind
    if not suffix:
        raise UnreadableFile(f"is {name}" if ";" in name else f"is {name}, not text")
    if suffix == claimed or any({suffix, claimed} <= alike for alike in _ALIKE):
        return claimed, ""
    if claimed in _ANYTHING:
        return suffix, f"is {name}, whatever its name says; read as such"
    if suffix in (".eml", ".mbox", ".html", ".mhtml") and claimed in (".md", ".markdown", ".html", ".htm"):
        return claimed, ""  # Markdown may begin with HTML, and a page with what looks like headers
    raise UnreadableFile(f"is {name}, not a {claimed} file; rename it to {suffix} to have it read as that")
