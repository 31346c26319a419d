"""Where paragraphs and sentences begin and end in a text, as exact spans.

Knows text only. syntok decides what ends a sentence; this file is its only home.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.document import Span

_LINE = re.compile(r"[^\r\n]+")
_WRAP_COLUMNS = range(50, 101)  # a text whose longest line is in here may be hard-wrapped
_ABBREVIATION = re.compile(r"(?:^|\s)[A-Z][a-z]{0,3}\.$")  # "Dr." ends no sentence, whatever syntok says


def paragraphs(text: str) -> list[Span]:
    """The paragraphs of ``text``, in order, without surrounding white space.

    A line is a paragraph of its own, unless the text is hard-wrapped: there a line break is a border only
    where the next word would still have fitted on the line, or a blank line follows.
    """
    lines = [_trimmed(text, match.start(), match.end()) for match in _LINE.finditer(text)]
    lines = [line for line in lines if len(line)]
    width = max(map(len, lines), default=0)
    wrapped = width in _WRAP_COLUMNS
    merged: list[Span] = []
    for line in lines:
        if merged and wrapped and _continues(text, merged[-1], line, width):
            merged[-1] = Span(merged[-1].start, line.end)
        else:
            merged.append(line)
    return merged


def sentences(text: str, within: Span | None = None) -> list[Span]:
    """The sentences of ``text[within]``, in order; every non-blank character lies in exactly one."""
    stretch = within or Span(0, len(text))
    found: list[Span] = []
    for paragraph in paragraphs(text[stretch.start : stretch.end]):
        start = stretch.start + paragraph.start
        found.extend(_in_paragraph(text, Span(start, start + len(paragraph))))
    return found


def _in_paragraph(text: str, paragraph: Span) -> Iterator[Span]:
    starts = [paragraph.start]
    for start in _sentence_starts(text[paragraph.start : paragraph.end]):
        border = paragraph.start + start
        if border > starts[-1] and not _ABBREVIATION.search(text[starts[-1] : border].rstrip()):
            starts.append(border)
    for start, end in zip(starts, [*starts[1:], paragraph.end], strict=True):
        span = _trimmed(text, start, end)
        if len(span):
            yield span


def _sentence_starts(paragraph: str) -> Iterator[int]:
    from syntok import segmenter

    # A line separator inside a wrapped paragraph would make syntok count offsets anew.
    flat = re.sub(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", " ", paragraph)
    for block in segmenter.process(flat):
        for sentence in block:
            yield sentence[0].offset


def _continues(text: str, before: Span, line: Span, width: int) -> bool:
    between = text[before.end : line.start]
    if between.count("\n") + between.count("\r") - between.count("\r\n") > 1:
        return False
    last_line = text[max(text.rfind("\n", 0, before.end), text.rfind("\r", 0, before.end)) + 1 : before.end]
    first_word = text[line.start : line.end].split(maxsplit=1)[0]
    return len(last_line) + 1 + len(first_word) > width


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
