"""JSON Lines: one article per line, called after the line: ``file.jsonl#12``."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.decoding import decode
from corpus.loaders.member import Member


def members(data: bytes, name: str) -> Iterator[Member]:
    """A record per line that is not blank."""
    text, notes = decode(data)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield Member(f"{name}#{number}", ".json", line.encode(), notes=tuple(notes))
