"""Where paragraphs and sentences begin and end in a text, as exact spans.

Knows text only. syntok decides what ends a sentence; this file is its only home.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from corpus.document import Span

_LINE = re.compile(r"\S(?:[^\r\n]*\S)?")  # without the white space around it
_WRAP_COLUMNS = range(50, 101)  # the widths that people wrap text at
_ABBREVIATION = re.compile(  # before a name or a number, and unknown to syntok
    r"\b(?:Drs?|Mr|Mrs|Ms|Mme|Mlle|Messrs|Profs?|Sens?|Reps?|Govs?|Gens?|Col|Lt|Maj|Capt|Cmdr|Sgt|Cpl|Pvt|Adm|Brig|Revs?|Hon"
    r"|Pres|Sec|Supt|Insp|Det|Atty|Asst|Assoc|St|Ft|Mt|Nos)\.$"
)
_ABBREVIATION_CHARACTERS = 10
_WORD = re.compile(r"\S+")
_BLANK = re.compile(r"\s")


def paragraphs(text: str) -> list[Span]:
    """The paragraphs of ``text``, in order, without surrounding white space.

    A line is a paragraph of its own, unless the text is hard-wrapped: there a line break is a border only
    where the next word would still have fitted on the line, or a blank line follows.
    """
    lines = [Span(*line.span()) for line in _LINE.finditer(text)]
    width = _wrap_width(text, lines)
    if not width:
        return lines
    merged = lines[:1]
    for before, line in pairwise(lines):
        if _continues(text, before, line, width):
            merged[-1] = Span(merged[-1].start, line.end)
        else:
            merged.append(line)
    return merged


def sentences(text: str, within: Span | None = None) -> list[Span]:
    """The sentences of ``text[within]``, in order; every non-blank character lies in exactly one."""
    stretch = Span(0, len(text)) if within is None else within  # an empty span is false
    found: list[Span] = []
    for paragraph in paragraphs(text[stretch.start : stretch.end]):
        start = stretch.start + paragraph.start
        found.extend(_in_paragraph(text, Span(start, start + len(paragraph))))
    return found


def _in_paragraph(text: str, paragraph: Span) -> Iterator[Span]:
    starts = [paragraph.start]
    for start in _sentence_starts(text[paragraph.start : paragraph.end]):
        border = paragraph.start + start
        before = text[max(starts[-1], border - _ABBREVIATION_CHARACTERS) : border]
        if border > starts[-1] and not _ABBREVIATION.search(before.rstrip()):
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


def _wrap_width(text: str, lines: list[Span]) -> int:
    """The column that the text is wrapped at; 0 where hardly a sentence runs on from one full line to the next."""
    width = 0
    for line in lines:
        columns = _columns(text, line)
        if width < columns < _WRAP_COLUMNS.stop and _has_blank(text, line):
            width = columns
    if width not in _WRAP_COLUMNS:
        return 0
    run_on = sum(
        text[line.start].islower() and _continues(text, before, line, width) for before, line in pairwise(lines)
    )
    if not run_on:
        return 0
    adjacent = sum(_is_adjacent(text, before, line) for before, line in pairwise(lines))
    return width if 4 * run_on >= adjacent else 0


def _continues(text: str, before: Span, line: Span, width: int) -> bool:
    """True where ``before`` is a wrapped line that is too full for the first word of ``line``."""
    columns = _columns(text, before)
    if columns > width or not _has_blank(text, before) or not _is_adjacent(text, before, line):
        return False
    first_word = _WORD.match(text, line.start, line.end)
    return columns + 1 + (len(first_word.group()) if first_word else 0) > width


def _is_adjacent(text: str, before: Span, line: Span) -> bool:
    between = text[before.end : line.start]
    return between.count("\n") + between.count("\r") - between.count("\r\n") == 1


def _columns(text: str, line: Span) -> int:
    """The length of a line with its indentation; one too long to be wrapped is not measured to its end."""
    is_indented = line.start > 0 and text[line.start - 1] not in "\r\n"
    if not is_indented or len(line) >= _WRAP_COLUMNS.stop:
        return min(len(line), _WRAP_COLUMNS.stop)
    earliest = max(0, line.end - _WRAP_COLUMNS.stop)
    line_end = max(text.rfind("\n", earliest, line.end), text.rfind("\r", earliest, line.end))
    return line.end - (line_end + 1 if line_end >= 0 else earliest)


def _has_blank(text: str, line: Span) -> bool:
    """An address or a rule, which has none, is never wrapped text."""
    return _BLANK.search(text, line.start, line.end) is not None


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
