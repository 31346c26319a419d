"""The segments of a page in the order of reading: column after column, and a box beside the text on its own.

Knows geometry. Cells of a table stand side by side too, but on common lines, and are short: they stay together.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from statistics import median

from corpus.loaders.rows import Segment

_CANDIDATES = 6  # left edges that are tried as that of a right-hand column
_COLUMN_LINES = 4  # each column has at least so many
_COLUMN_CHARACTERS = 15  # … of at least this median length: shorter ones are cells of a table
_COLUMN_FILL = 0.5  # … of which this share reaches the column's right edge
_COLUMN_DEPTH = 3  # how often a part of a page may be cut into two columns


def columns(segments: list[Segment], depth: int = 0) -> Iterator[list[Segment]]:
    """The segments in stretches that are each read from top to bottom, in the order of reading."""
    gutter = _gutter(segments) if depth < _COLUMN_DEPTH else None
    if gutter is None:
        if segments:
            yield segments
        return
    across: list[Segment] = []
    left: list[Segment] = []
    right: list[Segment] = []

    def band() -> Iterator[list[Segment]]:
        if left and right:
            if across:
                yield list(across)
                across.clear()
            yield from columns(list(left), depth + 1)
            yield from columns(list(right), depth + 1)
        else:  # a short line between long ones
            across.extend([*left, *right])
        left.clear()
        right.clear()

    for segment in segments:
        if segment.left < gutter < segment.right:
            yield from band()
            across.append(segment)
        elif segment.right <= gutter:
            left.append(segment)
        else:
            right.append(segment)
    yield from band()
    if across:
        yield across


def _gutter(segments: list[Segment]) -> float | None:
    """Where the right-hand column of running text begins, if there is one.

    Told by its left edge, at which many lines begin, by an empty strip before it, and by lines on both sides
    that are as long as those of running text and mostly full: cells of a table are not.
    """
    if len(segments) < 2 * _COLUMN_LINES:
        return None
    outer_left, outer_right = min(each.left for each in segments), max(each.right for each in segments)
    size = median(each.size for each in segments)
    edges = Counter(round(each.left / size) for each in segments)
    best, most = None, _COLUMN_LINES - 1
    for edge, _ in edges.most_common(_CANDIDATES):
        gutter = min(each.left for each in segments if round(each.left / size) == edge) - 0.05 * size
        if gutter - outer_left < 0.15 * (outer_right - outer_left):
            continue
        left = [each for each in segments if each.right <= gutter]
        right = [each for each in segments if each.left >= gutter]
        touching = sum(1 for each in left if each.right > gutter - 0.5 * size)
        if touching > 0.1 * len(left):
            continue
        are_full = _is_column(_nearest(left, size)) and _is_column(_beginning(right, size))
        if not are_full and not _stand_apart(left, right, gutter):
            continue
        beside = _side_by_side(segments, gutter)
        if beside > most:
            best, most = gutter, beside
    return best


def _stand_apart(left: list[Segment], right: list[Segment], gutter: float) -> bool:
    """True for text beside other text, such as a box at the side, most of whose lines are on no line of that.

    Cells of a table stand side by side. Lines of the two may be short, but not as short as cells.
    """
    top, foot = max(each.baseline for each in right), min(each.baseline for each in right)
    beside = [each for each in left if foot <= each.baseline <= top]
    if min(len(beside), len(right)) < _COLUMN_LINES:
        return False
    if min(median(len(each.text) for each in some) for some in (beside, right)) < _COLUMN_CHARACTERS:
        return False
    size = median(each.size for each in right)
    lines = sorted(each.baseline for each in beside)
    alone = sum(1 for each in right if _distance_to(lines, each.baseline) > 0.1 * size)
    return 2 * alone >= len(right) and all(each.right <= gutter - size for each in beside)


def _distance_to(places: list[float], place: float) -> float:
    """How far the nearest of these, which are sorted, is."""
    at = bisect(places, place)
    return min(abs(place - each) for each in places[max(0, at - 1) : at + 1])


def _nearest(segments: list[Segment], size: float) -> list[Segment]:
    """Of the segments left of a gutter those of the last column, if they are in several."""
    edges = Counter(round(each.left / size) for each in segments)
    common = [edge for edge, count in edges.items() if count >= _COLUMN_LINES]
    return [each for each in segments if round(each.left / size) >= max(common, default=0)]


def _beginning(segments: list[Segment], size: float) -> list[Segment]:
    """Of the segments right of a gutter those of the first column."""
    edge = min((each.left for each in segments), default=0)
    return [each for each in segments if each.left <= edge + 3 * size]


def _is_column(segments: list[Segment]) -> bool:
    if len(segments) < _COLUMN_LINES or median(len(each.text) for each in segments) < _COLUMN_CHARACTERS:
        return False
    edges = sorted(each.right for each in segments)
    edge = edges[int(0.9 * (len(edges) - 1))]
    width = edge - min(each.left for each in segments)
    return sum(1 for each in segments if each.right > edge - 0.2 * width) >= _COLUMN_FILL * len(segments)


def _side_by_side(segments: list[Segment], gutter: float) -> int:
    """How many lines stand beside others, between those that go across."""
    total = left = right = 0
    for segment in segments:
        if segment.left < gutter < segment.right:
            total += min(left, right)
            left = right = 0
        elif segment.right <= gutter:
            left += 1
        else:
            right += 1
    return total + min(left, right)
