"""Turn the bytes of a text file into a string, saying what was assumed.

Knows encodings. Knows nothing of formats or documents.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.errors import UnreadableFile

_SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a ZIP archive (a .docx or .epub, perhaps)",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x1f\x8b": "a gzip archive",
    b"\x7fELF": "a program",
    b"SQLite format 3\x00": "an SQLite database",
}
_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
MAX_DAMAGE = 0.01  # share of characters that may be unreadable before a file counts as no text at all
_DETECTION_BYTES = 100_000  # as much as charset-normalizer needs to make up its mind


def decode(data: bytes, declared: str | None = None) -> tuple[str, Sequence[str]]:
    """The text and notes on what was assumed.

    Order: a byte order mark, UTF-8, the ``declared`` encoding, windows-1252 where the text is mostly ASCII,
    UTF-8 with a few damaged characters, then a guess by charset-normalizer.
    Raises UnreadableFile where the bytes are no text.
    """
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            raise UnreadableFile(f"is {kind}, not text; convert it to .txt, .md or .html")
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return _checked(data.decode(encoding, errors="replace"), ())
    try:
        return _checked(data.decode("utf-8"), ())
    except UnicodeDecodeError:
        pass
    if declared:
        try:
            return _checked(data.decode(declared), (f"read as {declared}, as the file declares",))
        except (UnicodeDecodeError, LookupError):
            pass
    repaired = data.decode("utf-8", errors="replace")
    damaged = repaired.count("\ufffd")
    multibyte = sum(character > "\x7f" for character in repaired) - damaged
    if multibyte > damaged and damaged <= MAX_DAMAGE * len(repaired):
        return _checked(repaired, (f"{damaged} damaged characters (not UTF-8) are shown as \ufffd",))
    if sum(byte < 0x80 for byte in data) > 0.9 * len(data):
        try:
            return _checked(data.decode("cp1252"), ("not UTF-8: read as windows-1252",))
        except UnicodeDecodeError:
            pass
    return _guess(data)


def _guess(data: bytes) -> tuple[str, Sequence[str]]:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_DETECTION_BYTES]).best()
    if best is None:
        raise UnreadableFile("is not text in any encoding we know; save it as UTF-8")
    return _checked(data.decode(best.encoding, errors="replace"), (f"not UTF-8: read as {best.encoding}, a guess",))


def _checked(text: str, notes: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The same text, unless control characters or damage show that it never was one."""
    strange = sum(character < " " and character not in "\t\n\r\f\v\x1b" for character in text) + text.count("\ufffd")
    if strange > MAX_DAMAGE * len(text):
        raise UnreadableFile("is binary data, not text; ingest the document it was made from")
    return text, notes
