"""Which stretches of a text stand in quotation marks, and how it looks from outside of them.

Knows marks and paragraphs. Does not know whether somebody speaks: “green” is a pair of marks as well.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.document import Span
from corpus.sentences import paragraphs

_CLOSING = {"“": "”", "„": "“”", "«": "»", '"': '"', "‘": "’", "'": "'"}
_MARK = re.compile(r"[“”„«»\"‘’']")
_MAY_OPEN = re.compile(r"(?:^|[\s(\[/—–-])$")
_BORDER = re.compile(r"[.!?…][”)\]]*\s+(?=[^\sa-z])")
_ABBREVIATED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Sec|Sen|Rep|Gov|Gen|Capt|Col|Maj|Lt|Sgt|Adm|Cllr|Rev|Revd|St|[A-Z])\.$"
)


@dataclass(frozen=True)
class Page:
    """A text with its quotations found, and the same text with the words of each blotted out, offsets unchanged."""

    text: str
    outside: str
    paragraphs: list[Span]
    blocks: list[Span]  # the paragraphs that furniture does not touch
    borders: list[int]  # where sentences begin, as seen from outside of the quotations
    quoted: list[Span]

    def words(self, quoted: Span) -> str:
        return self.text[quoted.start + 1 : quoted.end - 1].strip()

    def block(self, position: int) -> int:
        """The index of the paragraph in which ``position`` lies."""
        return bisect_right(self.blocks, position, key=lambda block: block.start) - 1

    def before(self, position: int) -> tuple[Span, ...]:
        """The paragraph of ``position`` as far as that, and the one before it."""
        at = self.block(position)
        return Span(self.blocks[at].start, position), *self.blocks[max(0, at - 1) : at]

    def clause_before(self, end: int, block: Span) -> Span:
        at = bisect_right(self.borders, end) - 1
        return Span(max(block.start, self.borders[at] if at >= 0 else 0), end)

    def clause_after(self, start: int, block: Span) -> Span:
        # A border right behind the quotation is its own: “Why?” Orm asked.
        at = bisect_right(self.borders, start + 1)
        return Span(start, min(block.end, self.borders[at] if at < len(self.borders) else block.end))


def page(text: str, *, furniture: Sequence[Span] = ()) -> Page:
    """``text`` without the paragraphs that ``furniture`` touches, its quotations found."""
    whole = paragraphs(text)
    starts = [span.start for span in furniture]
    blocks = [block for block in whole if not _is_touched(block, furniture, starts)]
    quoted = marked(text, blocks)
    parts, end = [], 0
    for span in quoted:
        last = text[span.end - 2]
        blot = "_" * (len(span) - 3) + (last if not last.isalnum() else "_")
        parts += [text[end : span.start], "“", blot, "”"]
        end = span.end
    outside = "".join([*parts, text[end:]])
    borders = [
        border.end()
        for border in _BORDER.finditer(outside)
        if not _ABBREVIATED.search(outside, max(0, border.start() - 6), border.start() + 1)
    ]
    return Page(text, outside, whole, blocks, borders, quoted)


def marked(text: str, blocks: Sequence[Span]) -> list[Span]:
    """What stands in quotation marks inside of ``blocks``, marks included, outermost marks only.

    A quotation left open at the end of a paragraph goes on if the next one opens with the same mark.
    """
    found: list[Span] = []
    opened: int | None = None
    for index, block in enumerate(blocks):
        marks = [mark.start() for mark in _MARK.finditer(text, block.start, block.end)]
        at = 0 if opened is None else 1
        while at < len(marks) or opened is not None:
            if opened is None:
                # One that opens again at once is never closed; a row of such marks is quickly passed.
                opens_again = text[marks[at] : marks[at] + 2] in ("““", "««", "„„")
                if opens_again or not _opens(text, marks[at], block):
                    at += 1
                    continue
                opened, at = marks[at], at + 1
            closing, at = _closing(text, text[opened], marks, at, block)
            if closing is not None:
                found.append(Span(opened, closing + 1))
            elif at >= len(marks) and index + 1 < len(blocks) and text[blocks[index + 1].start] == text[opened]:
                break
            opened = None
    return [span for span in found if any(map(str.isalnum, text[span.start : span.end]))]


def _opens(text: str, position: int, block: Span) -> bool:
    mark, following = text[position], text[position + 1 : position + 2]
    if mark not in _CLOSING or position + 1 >= block.end:
        return False
    if mark in "“„«":
        return True
    if position > block.start and not _MAY_OPEN.search(text[position - 1]):
        return False
    return following.isalpha() if mark == "'" else not following.isspace() and not (mark == "‘" and following.isdigit())


def _closing(text: str, mark: str, marks: list[int], at: int, block: Span) -> tuple[int | None, int]:
    """Where what ``mark`` opened is closed before it opens again, if it is, and the next mark to look at."""
    apostrophes: list[int] = []  # indexes of single marks that may or may not close
    while at < len(marks) and not (text[marks[at]] == mark and _opens(text, marks[at], block)):
        before, behind = text[marks[at] - 1], text[marks[at] + 1 : marks[at] + 2]
        if text[marks[at]] in _CLOSING[mark] and (mark not in "‘'" or before in ",.?!…—–”"):
            return marks[at], at + 1
        if text[marks[at]] in _CLOSING[mark] and mark == "‘" and not behind.isalnum():
            apostrophes.append(at)
        at += 1
    # After an s it is more likely the workers’ than an end.
    for likely in (*(one for one in apostrophes if text[marks[one] - 1] != "s"), *apostrophes):
        return marks[likely], likely + 1
    return None, at


def _is_touched(block: Span, furniture: Sequence[Span], starts: Sequence[int]) -> bool:
    at = bisect_left(starts, block.end)
    return at > 0 and furniture[at - 1].end > block.start
