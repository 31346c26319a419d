"""A thousand damaged files of every format, read in the sandbox: each is read or refused, and none gets out."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from corpus.document import Document
from corpus.errors import UnreadableFile
from corpus.loaders import CONTAINERS, LOADERS
from corpus.sandbox import Sandbox
from tests.test_containers import archive, article, jsonl
from tests.test_loaders import FILES

ROUNDS = 1_000
WHOLE = {
    **FILES,
    ".jsonl": jsonl(article(1), article(2)),
    ".csv": b"title,outlet,date,text\nWeir holds,Mill Post,2024-03-05,The weir held on Sunday.\n",
    ".mbox": b"From ada@mill.example Tue Mar  5 10:00:00 2024\n" + FILES[".eml"].replace(b"\r\n", b"\n") + b"\n\n",
    ".zip": archive(
        {"a.html": FILES[".html"], "b.jsonl": jsonl(article(1)), "manifest.csv": b"file,title\na.html,X\n"}
    ),
}


def damaged(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The bytes cut, flipped, repeated, overwritten, or with a piece of another file in them."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(changed) + 1)
        length = chance.choice((1, 2, 8, 64, 512))
        kind = chance.randrange(6)
        if kind == 0 and len(changed) > 20:
            del changed[at:]
        elif kind == 1:
            del changed[at : at + length]
        elif kind == 2:
            changed[at:at] = changed[at : at + length] * chance.randint(1, 50)
        elif kind == 3:
            changed[at : at + length] = chance.randbytes(length)
        elif kind == 4:
            start = chance.randrange(len(other))
            changed[at:at] = other[start : start + length]
        else:
            for index in range(at, min(at + length, len(changed))):
                changed[index] ^= 1 << chance.randrange(8)
    return bytes(changed)


def check(document: Document) -> None:
    """Whatever was read, its parts lie inside of it and its header holds text."""
    end = len(document.text)
    spans = [*document.furniture, *(page.span for page in document.pages)]
    spans += [voice.span for voice in document.voices] + [quotation.span for quotation in document.quotations]
    assert all(0 <= span.start <= span.end <= end for span in spans)
    document.text.encode()
    for value in vars(document.header).values():
        assert value is None or value.encode()


def test_every_format_is_among_those_that_are_damaged() -> None:
    alike = {".ndjson": ".jsonl", ".tsv": ".csv"}
    assert {alike.get(suffix, suffix) for suffix in (*LOADERS, *CONTAINERS)} == set(WHOLE)


@pytest.mark.parametrize("seed", [11])
def test_a_damaged_file_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    suffixes = sorted(WHOLE)
    fates: Counter[str] = Counter()
    with Sandbox() as sandbox:
        for number in range(ROUNDS):
            suffix = suffixes[number % len(suffixes)]
            data = damaged(WHOLE[suffix], WHOLE[chance.choice(suffixes)], chance)
            try:
                for part in sandbox.parts(data, f"{number}{suffix}"):
                    fates["refused inside" if part.reason else "read"] += 1
                    if part.document:
                        check(part.document)
            except UnreadableFile:
                fates["refused"] += 1
    assert fates["read"] > ROUNDS / 10
    assert fates["refused"] > ROUNDS / 10
