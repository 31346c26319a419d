"""Words at places on a page as rows: what stands on one line, joined where nothing but a space is between.

Knows geometry. A word gap that was not drawn becomes a space; a wide one parts cells, or columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

_SAME_LINE = 0.45  # of the size of the page's text: baselines this near are one line, a footnote's sign included
_WORD_GAP = 0.15  # of the size: a gap this wide is a space that was not drawn
_CELL_GAP = 0.8  # … and this wide parts what is joined only by standing side by side
_STRETCHED = 4.0  # … but no wider than this are those of words that were drawn apart until their line was full
_LIKE_GAP = 0.25  # which differ by no more than this


@dataclass(frozen=True)
class Run:
    """Words drawn in one go, upright: ``left`` to ``right`` on ``baseline``, which grows upwards, all in points.

    ``artifact`` where the file says that they are no part of the text.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool = False
    artifact: bool = False


@dataclass(frozen=True)
class Segment:
    """Runs of one ``row`` of the page without a wide gap between them."""

    row: int
    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool


def rows(runs: list[Run]) -> list[list[Segment]]:
    """The rows of a page from its top, each as segments from the left."""
    if not runs:
        return []
    runs = sorted(runs, key=lambda run: (-run.baseline, run.left))
    tolerance = _SAME_LINE * median(run.size for run in runs)
    grouped: list[list[Run]] = []
    for run in runs:
        if grouped and grouped[-1][0].baseline - run.baseline <= tolerance:
            grouped[-1].append(run)
        else:
            grouped.append([run])
    parted = [list(_segments(number, row)) for number, row in enumerate(grouped)]
    return [row for row in parted if row]


def _segments(number: int, row: list[Run]) -> Iterator[Segment]:
    row.sort(key=lambda run: run.left)
    parts: list[list[Run]] = []
    for run in row:
        if parts and run.text == parts[-1][-1].text and run.left - parts[-1][-1].left < 0.3 * (run.right - run.left):
            continue  # drawn twice, a hair apart, to look bold
        if not parts or run.left - parts[-1][-1].right > _CELL_GAP * max(run.size, parts[-1][-1].size):
            parts.append([])
        parts[-1].append(run)
    for together in _unstretched([part for part in parts if any(run.text.strip() for run in part)]):
        yield from _segment(number, together)


def _unstretched(parts: list[list[Run]]) -> Iterator[list[Run]]:
    """The same, but for words that were drawn apart until their line was full: those are one.

    Told by their gaps, which are alike, and by small letters, as cells of a table seldom have either.
    """
    start = 0
    while start < len(parts):
        end = start + 1
        gaps: list[float] = []
        while end < len(parts) and _is_word(parts[end - 1]) and _is_word(parts[end]):
            gap, size = parts[end][0].left - parts[end - 1][-1].right, parts[end][0].size
            if gap > _STRETCHED * size or abs(gap - (gaps[0] if gaps else gap)) > _LIKE_GAP * size:
                break
            gaps.append(gap)
            end += 1
        small = sum(1 for part in parts[start:end] if part[0].text.strip()[:1].islower())
        if len(gaps) > 1 and 3 * small >= end - start:
            yield [run for part in parts[start:end] for run in part]
        else:
            end = max(start + 1, end - 1)  # the last may be the first of others
            yield from parts[start:end]
        start = end


def _is_word(part: list[Run]) -> bool:
    is_close = all(after.left - before.right <= _WORD_GAP * after.size for before, after in pairwise(part))
    return is_close and len("".join(run.text for run in part).split()) == 1


def _segment(number: int, runs: list[Run]) -> Iterator[Segment]:
    text = ""
    for before, run in zip([None, *runs], runs, strict=False):
        gap = run.left - before.right if before else 0
        if text and gap > _WORD_GAP * run.size and not text[-1].isspace():
            text += " "
        text += run.text
    text = " ".join(text.split())
    if text:
        main = max(runs, key=lambda run: len(run.text))
        bold = sum(len(run.text) if run.bold else -len(run.text) for run in runs) > 0
        right = max(run.right for run in runs)
        yield Segment(number, text, runs[0].left, right, main.baseline, main.size, bold)
