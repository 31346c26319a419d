"""Mailboxes: one message after the other, called after its place: ``file.mbox#12``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.errors import UnreadableFile
from corpus.loaders.member import Member

# "From ada@weir.example Wed Mar  6 07:05:00 2024" at the beginning or after a blank line, and a header below it.
_SEPARATOR = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]{1,1000}\r?\n(?=(?:>?From |[!-9;-~]{1,80}:))")
_ESCAPED = re.compile(rb"^>(?=>*From )", re.MULTILINE)


def members(data: bytes, name: str) -> Iterator[Member]:
    """A message per separator line; message 1 is the first. Raises UnreadableFile where there is none."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    borders = list(_SEPARATOR.finditer(data))
    if not borders:
        raise UnreadableFile('is no mailbox: no line begins with "From " and has a message under it')
    ends = [*(border.start() for border in borders[1:]), len(data)]
    for number, (border, end) in enumerate(zip(borders, ends, strict=True), start=1):
        # A line of text that begins with "From " has been given a ">" to tell it from a separator.
        yield Member(f"{name}#{number}", ".eml", _ESCAPED.sub(b"", data[border.end() : end]))
