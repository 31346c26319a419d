"""Furniture that is told by its neighbours: menus, boxes of links, tag lists, contents, banners, contact blocks.

Knows lines in order, how many line breaks stand before each, and which are furniture alone. A box ends where a
sentence begins or where the gap between its lines grows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import groupby, takewhile

from corpus.boilerplate.labels import (
    bare,
    could_be_headline,
    could_be_label,
    ends_sentence,
    is_button,
    is_label,
    is_listed,
    opens_contents,
    opens_labels,
    opens_links,
)
from corpus.boilerplate.notices import addresses_readers, is_reach, opens_contact, speaks_of_consent

_LEAST_ENTRIES = 3  # known labels before a run of short lines is a menu
_ENTRY_WORDS = 2
_MOST_ITEMS = 15
_HEADING_WORDS = 4  # as long as most headings in a text are
_CONTACT_LINES = 7
_BETWEEN = 3  # lines in a row that may stand unknown in a foot
_NUMBER = re.compile(r"^[\d.\s]+")


def in_boxes(lines: Sequence[str], gaps: Sequence[int], alone: Set[int]) -> set[int]:
    """Indexes of the lines that stand in a box; ``gaps`` are the line breaks before each line."""
    found: set[int] = set()
    last_at = {bare(line): index for index, line in enumerate(lines) if could_be_headline(line)}
    for start, end in _runs(lines, gaps, alone):
        found.update(_menu(lines, range(start, end)))
    for index, line in enumerate(lines):
        if index in found:
            continue
        if opens_contents(line):
            found.update(_contents(lines, gaps, index, last_at))
        elif opens_links(line):
            found.update(_links(lines, gaps, index, alone))
        elif opens_labels(line):
            found.update(_labels(lines, gaps, index))
        elif index in alone and speaks_of_consent(line):
            found.update(_banner(lines, gaps, index))
        elif opens_contact(line):
            found.update(_contact_block(lines, index))
    return found


def at_foot(lines: Sequence[str], marked: Set[int]) -> Iterator[int]:
    """Lines between furniture, below the last sentence of the text, where a third or more is furniture.

    What speaks to the reader is no sentence of the text, if enough furniture stands above it and some below.
    """
    last = max((index for index, line in enumerate(lines) if index not in marked and _is_sentence(line)), default=None)
    first = min((index for index in marked if last is not None and index > last), default=len(lines))
    words = [index for index in range(first, len(lines)) if any(map(str.isalpha, lines[index]))]
    known = {index for index in words if index in marked or is_label(lines[index])}
    if len(known) < max(_LEAST_ENTRIES, len(words) / 3):
        return
    yield from known
    above = 0
    for is_known, group in groupby(words, key=known.__contains__):
        stretch = list(group)
        is_enclosed = above >= _LEAST_ENTRIES and stretch[-1] < words[-1]
        if is_known:
            above += len(stretch)
        elif len(stretch) <= _BETWEEN and (is_enclosed or not any(ends_sentence(lines[index]) for index in stretch)):
            yield from stretch


def _is_sentence(line: str) -> bool:
    return not could_be_headline(line) and not addresses_readers(line)


def _runs(lines: Sequence[str], gaps: Sequence[int], alone: Set[int]) -> Iterator[tuple[int, int]]:
    """Stretches of lines that could each be a label, where the gap between them does not grow."""
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _fits(lines, gaps, start, end, alone):
            end += 1
        if end - start >= _LEAST_ENTRIES:
            yield start, end
        start = max(end, start + 1)


def _fits(lines: Sequence[str], gaps: Sequence[int], start: int, index: int, alone: Set[int]) -> bool:
    if index > start + 1 and gaps[index] > gaps[start + 1]:
        return False
    return could_be_label(lines[index]) or (index in alone and is_button(lines[index]))


def _menu(lines: Sequence[str], run: range) -> Iterator[int]:
    """From the first label that is known to the last; a longer line between them may be the title."""
    words = [index for index in run if any(map(str.isalpha, lines[index]))]
    known = [index for index in words if is_label(lines[index])]
    if len(known) >= _LEAST_ENTRIES and 2 * len(known) >= len(words):
        for index in range(known[0], known[-1] + 1):
            if is_label(lines[index]) or len(lines[index].split()) <= _ENTRY_WORDS:
                yield index


def _items(lines: Sequence[str], gaps: Sequence[int], heading: int) -> Iterator[int]:
    """What stands under a heading as far as the gap does not grow."""
    for index in range(heading + 1, min(len(lines), heading + 1 + 2 * _MOST_ITEMS)):
        if (index > heading + 2 and gaps[index] > gaps[heading + 2]) or _opens_box(lines[index]):
            return
        yield index


def _opens_box(line: str) -> bool:
    return opens_links(line) or opens_labels(line) or opens_contents(line)


def _links(lines: Sequence[str], gaps: Sequence[int], heading: int, alone: Set[int]) -> list[int]:
    """Headlines under "Most read"; a short last one with a sentence under it is the heading of that."""
    within = list(_items(lines, gaps, heading))
    items = list(takewhile(lambda index: could_be_headline(lines[index]), within))
    titles = [index for index in items if any(map(str.isalpha, lines[index])) and index not in alone]
    if len(titles) < (1 if heading in alone else 2):
        return [heading] if {heading - 1, heading + 1} & alone and not titles else []
    last = lines[items[-1]]
    if len(items) < len(within) and not is_listed(last) and len(last.split()) <= _HEADING_WORDS:
        items.pop()
    return [heading, *items]


def _labels(lines: Sequence[str], gaps: Sequence[int], heading: int) -> list[int]:
    """Labels under "Topics"."""
    items = list(takewhile(lambda index: could_be_label(lines[index]), _items(lines, gaps, heading)))
    return [heading, *items] if len(items) > 1 else []


def _contents(lines: Sequence[str], gaps: Sequence[int], heading: int, last_at: Mapping[str, int]) -> list[int]:
    """The text's own headings, listed before it: at least half of them return below."""
    entries: dict[str, int] = {}
    for index in _items(lines, gaps, heading):
        entry = _NUMBER.sub("", bare(lines[index])) if could_be_headline(lines[index]) else ""
        if not entry or entry in entries:
            break  # the text has begun
        entries[entry] = index
    end = heading + 1 + len(entries)
    returning = sum(1 for entry in entries if last_at.get(entry, 0) >= end)
    return list(range(heading, end)) if returning > 1 and 2 * returning >= len(entries) else []


def _banner(lines: Sequence[str], gaps: Sequence[int], start: int) -> Iterator[int]:
    """What follows a line about cookies without a greater gap and speaks to the reader, or is a button."""
    for index in range(start + 1, len(lines)):
        if gaps[index] > gaps[start + 1] or not (addresses_readers(lines[index]) or is_label(lines[index])):
            return
        yield index


def _contact_block(lines: Sequence[str], heading: int) -> list[int]:
    """The names and addresses under "Media contact:", down to the last address."""
    last = heading
    for index in range(heading + 1, min(len(lines), heading + 1 + _CONTACT_LINES)):
        if ends_sentence(lines[index]):
            break
        if is_reach(lines[index]):
            last = index
    return list(range(heading, last + 1)) if last > heading else []
