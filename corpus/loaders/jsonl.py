"""JSON Lines: one article per line, called after the line: ``file.jsonl#12``; or a list of them, counted from 1."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from corpus.decoding import decode
from corpus.errors import UnreadableFile
from corpus.loaders import record
from corpus.loaders.member import Member


def members(data: bytes, name: str) -> Iterator[Member]:
    """A record per line that is not blank, or per entry where the whole is a list.

    Raises UnreadableFile for a list that is no JSON.
    """
    text, notes = decode(data)
    if text.lstrip()[:1] == "[":
        entries = record.parsed(text)
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries], start=1):
            yield _member(f"{name}#{number}", json.dumps(entry), notes)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _member(f"{name}#{number}", line, notes)


def _member(name: str, line: str, notes: Sequence[str]) -> Member:
    if line.lstrip()[0] != "[":
        return Member(name, ".json", line.encode(), notes=tuple(notes))
    try:  # as a file of its own this would be a list of records
        record.parsed(line)
    except UnreadableFile as error:
        return Member(name, ".json", refusal=str(error))
    return Member(name, ".json", refusal=record.NO_RECORD)
