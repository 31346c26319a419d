"""Turn the bytes of a text file into a string, saying what was assumed.

Knows encodings. Knows nothing of formats or documents.
"""

from __future__ import annotations

import re
from codecs import lookup
from collections.abc import Sequence

from corpus.errors import UnreadableFile

_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
MAX_DAMAGE = 0.01  # share of characters that may be unreadable before a file counts as no text at all
_MOSTLY = 0.8  # share of NULs among every other byte that only UTF-16 has
_DETECTION_BYTES = 100_000  # as much as charset-normalizer needs to make up its mind
_STRANGE = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x80-\x84\x86-\x9f\ufffd]")
_HIGH_BYTES = bytes(range(0x80, 0x100))
_DECLARATION = b'<meta charset="x-1"> \\n +AGE- ~{ ~}'  # in UTF-16, EBCDIC, UTF-7, HZ or escapes it says something else


def decode(data: bytes, declared: str | None = None) -> tuple[str, Sequence[str]]:
    """The text and notes on what was assumed.

    Order: a byte order mark, UTF-8, the ``declared`` encoding, UTF-8 with a few damaged characters, windows-1252
    where the text is mostly ASCII, then a guess by charset-normalizer.
    Raises UnreadableFile where the bytes are no text.
    """
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return _checked(data.decode(encoding, errors="replace"), ())
    if wide := _wide_encoding(data):
        return _checked(data.decode(wide, errors="replace"), ("read as UTF-16, which the file does not mark",))
    try:
        return _checked(data.decode("utf-8"), ())
    except UnicodeDecodeError:
        pass
    if declared and (codec := _declarable(declared)):
        try:
            return _checked(data.decode(codec), (f"read as {declared}, as the file declares",))
        except UnicodeError:
            pass
    repaired = data.decode("utf-8", errors="replace")
    damaged = repaired.count("\ufffd")
    multibyte = len(repaired) - len(repaired.encode("ascii", errors="ignore")) - damaged
    if multibyte > damaged and damaged <= MAX_DAMAGE * len(repaired):
        return _checked(repaired, (f"{damaged} damaged characters (not UTF-8) are shown as \ufffd",))
    if len(data.translate(None, delete=_HIGH_BYTES)) > 0.9 * len(data):
        try:
            return _checked(data.decode("cp1252"), ("not UTF-8: read as windows-1252",))
        except UnicodeDecodeError:
            pass
    return _guess(data)


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without its mark: text of western letters has a NUL in every other byte."""
    head = data[:_DETECTION_BYTES]
    first, second = head[::2].count(0), head[1::2].count(0)
    if not head or max(first, second) < _MOSTLY * len(head) / 2 or min(first, second) > MAX_DAMAGE * len(head):
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _declarable(name: str) -> str | None:
    """The codec for a declared encoding; None for one in which the declaration itself could not be read."""
    try:
        codec = lookup(name).name
        if _DECLARATION.decode(codec) != _DECLARATION.decode("ascii"):
            return None
    except (LookupError, UnicodeError):
        return None
    return "cp1252" if codec in ("iso8859-1", "ascii") else codec  # who says latin-1 has curly quotes all the same


def _guess(data: bytes) -> tuple[str, Sequence[str]]:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_DETECTION_BYTES]).best()
    if best is None:
        raise UnreadableFile("is not text in any encoding we know; save it as UTF-8")
    return _checked(data.decode(best.encoding, errors="replace"), (f"not UTF-8: read as {best.encoding}, a guess",))


def _checked(text: str, notes: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The same text, unless control characters or damage show that it never was one."""
    nuls = text.count("\x00")
    if nuls > MAX_DAMAGE * len(text):
        raise UnreadableFile("holds NUL bytes: it is binary data, or in an encoding we do not know; save it as UTF-8")
    if nuls:
        text, notes = text.replace("\x00", "\ufffd"), (*notes, f"{nuls} NUL characters are shown as \ufffd")
    strange = sum(1 for _ in _STRANGE.finditer(text))
    if strange > MAX_DAMAGE * len(text):
        raise UnreadableFile("is binary data, not text; ingest the document it was made from")
    return text, notes
