"""From words at places on pages to a text in reading order: lines, columns, paragraphs, furniture, pages.

Knows geometry and how text is set. Knows nothing of PDF: whoever reads a format with positions makes Runs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from corpus.document import Page, Span
from corpus.loaders.columns import columns
from corpus.loaders.rows import Run, Segment
from corpus.loaders.rows import rows as rows_of

_WIDE_GAP = 1.6  # of the size: a line with such a gap is a row of a table, no line of a paragraph
_PARAGRAPH_GAP = 1.3  # times the distance of lines
_INDENT = 0.7  # of the size
_HEADLINE = 1.15  # times the size of the page's text
_FULL = 0.12  # of the column's width: a line that ends this near its edge is full
_EDGE_ROWS = 3  # at the top and at the foot of a page: where running headers and page numbers stand
_SET_APART = 1.2  # times the usual distance of rows
_RETURNS = 0.3  # share of the pages on which a running header stands; left and right pages may have their own
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)\]]*$")
_HYPHENATED = re.compile(r"[^\W\d_][-\u00ad\u2010]$")
_COMPOUND = re.compile(r"[^\W\d_]+-[^\W\d_]+")
_LAST_PART = re.compile(r"[^\W\d_]+[-\u2010]$")
_FIRST_PART = re.compile(r"[^\W\d_]+")
_BULLET = re.compile(r"[•‣▪●○◦]\s")
_MAYBE_BULLET = re.compile(r"(?:[·*–—-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")  # a sentence may break before one as well
_LEADER = re.compile(r"(?:\. ?){5}")  # of a table of contents
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?:(?:page|p\.?|pg\.?)\s*)?[-–—|·\[(]*\s*(?P<number>\d{1,4}|[ivxl]{1,7}|[IVXL]{1,7})\s*[-–—|·\])]*"
    r"(?:\s*(?:of|/)\s*\d{1,4})?",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"(?:x{0,3}|xl|l)(?:ix|iv|v?i{0,3})", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """What stands on page ``number``, in any order, and ``aside`` what is printed across it."""

    number: int
    runs: tuple[Run, ...]
    aside: str = ""


@dataclass(frozen=True)
class Flow:
    """The text of all pages, one paragraph per line with a blank line between; spans lie in ``text``."""

    text: str
    pages: tuple[Page, ...]
    furniture: tuple[Span, ...]


@dataclass(frozen=True)
class _Line:
    """A line of one column: ``full`` where it reaches the right edge, ``indented`` where it begins inside."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool
    is_row: bool  # of a table
    full: bool
    indented: bool
    room: float  # between its end and the right edge
    width: float  # of the column


@dataclass
class _Paragraph:
    """Its text, line by line with the page of each, and its first and last line; furniture has no lines."""

    pieces: list[tuple[int, str]]
    first: _Line | None = None
    last: _Line | None = None


def flow(sheets: Sequence[Sheet]) -> Flow:
    """The text as it is read: columns from left to right, each paragraph on a line of its own.

    A paragraph that runs on to the next column or page stays whole: a running header or a page number that
    stands between its parts goes behind it, or before it, and is furniture. ``pages`` cover the text; one
    without text is not among them.
    """
    pages = [rows_of([run for run in sheet.runs if not run.artifact]) for sheet in sheets]
    compounds = {
        word for rows in pages for row in rows for segment in row for word in _COMPOUND.findall(segment.text.lower())
    }
    returning, distance = _returning(pages), _distance(pages)
    paragraphs: list[_Paragraph] = []
    for sheet, rows in zip(sheets, pages, strict=True):
        top, foot = _edges(rows, returning, distance)
        body = rows[len(top) : len(rows) - len(foot)]
        for row in rows_of([run for run in sheet.runs if run.artifact]):
            (top if not body or row[0].baseline > body[0][0].baseline else foot).append(row)
        above = [_Paragraph([(sheet.number, _row_text(row))]) for row in top]
        below = [_Paragraph([(sheet.number, _row_text(row))]) for row in foot]
        if sheet.aside:
            below.append(_Paragraph([(sheet.number, sheet.aside)]))
        found = _paragraphs(sheet.number, [segment for row in body for segment in row], compounds)
        if found and _goes_on_over_page(paragraphs, found[0], compounds):
            found.pop(0)
        paragraphs += [*above, *found, *below]
    return _written(paragraphs)


def _goes_on_over_page(before: list[_Paragraph], first: _Paragraph, compounds: Set[str]) -> bool:
    """Joins the ``first`` paragraph of a page to the last text before it, where that runs over; true if it did.

    The furniture between the two then stands before the whole, so that it stays on its own page, or behind it
    where the paragraph fills its page. That of the new page follows behind.
    """
    place = len(before) - 1
    while place >= 0 and before[place].last is None:
        place -= 1
    if place < 0 or not _runs_on(before[place], first):
        return False
    whole, between = before[place], before[place + 1 :]
    page = whole.pieces[0][0]
    _join(whole, first, compounds)
    before[place:] = [
        *(each for each in between if each.pieces[0][0] == page),
        whole,
        *(each for each in between if each.pieces[0][0] != page),
    ]
    return True


def _written(paragraphs: list[_Paragraph]) -> Flow:
    text: list[str] = []
    length = 0
    starts: dict[int, int] = {}
    latest = 0
    furniture = []
    for paragraph in paragraphs:
        if text:
            text.append("\n\n")
            length += 2
        begin = length
        for number, piece in paragraph.pieces:
            if number > latest:
                starts[number] = 0 if not starts else length
                latest = number
            text.append(piece)
            length += len(piece)
        if paragraph.last is None:
            furniture.append(Span(begin, length))
    ends = [*list(starts.values())[1:], length]
    pages = tuple(Page(number, Span(start, end)) for (number, start), end in zip(starts.items(), ends, strict=True))
    return Flow("".join(text), pages, tuple(furniture))


def _row_text(row: list[Segment]) -> str:
    return "  ".join(segment.text for segment in row)


# Furniture: what stands at the edge of one page as it does at that of others


def _returning(pages: list[list[list[Segment]]]) -> set[tuple[str, int]]:
    """The rows at the edges of pages, digits left out, that stand there on many."""
    times: Counter[tuple[str, int]] = Counter()
    for rows in pages:
        times.update({_form(row) for row in [*rows[:_EDGE_ROWS], *rows[-_EDGE_ROWS:]]})
    needed = max(2, _RETURNS * sum(1 for rows in pages if rows))
    return {form for form, count in times.items() if count >= needed}


def _form(row: list[Segment]) -> tuple[str, int]:
    """What is the same from page to page; a headline that the header repeats is larger than it."""
    return _DIGITS.sub("#", _row_text(row).casefold()), round(max(segment.size for segment in row))


def _edges(
    rows: list[list[Segment]], returning: Set[tuple[str, int]], distance: float
) -> tuple[list[list[Segment]], list[list[Segment]]]:
    """The rows at the top and at the foot of a page that are furniture, in order."""
    top = _outermost(rows, returning, distance)
    foot = _outermost(rows[top:][::-1], returning, distance)
    return rows[:top], rows[len(rows) - foot :]


def _outermost(rows: list[list[Segment]], returning: Set[tuple[str, int]], distance: float) -> int:
    """How many of the rows, seen from the edge, are furniture: they return, and a gap sets them apart."""
    found = 0
    for place, row in enumerate(rows[:_EDGE_ROWS]):
        is_number = _is_page_number(row)
        if not is_number and _form(row) not in returning:
            break
        if is_number:
            found = place + 1
        elif place + 1 == len(rows):
            found += found == place > 0  # a page with nothing but a header
        elif abs(row[0].baseline - rows[place + 1][0].baseline) > _SET_APART * distance:
            found = place + 1
    return found


def _distance(pages: list[list[list[Segment]]]) -> float:
    """The usual distance of a row to the next."""
    gaps = [above[0].baseline - row[0].baseline for rows in pages for above, row in pairwise(rows)]
    return median(gaps) if gaps else 0


def _is_page_number(row: list[Segment]) -> bool:
    found = _PAGE_NUMBER.fullmatch(_row_text(row))
    return found is not None and (found["number"].isdigit() or _ROMAN.fullmatch(found["number"]) is not None)


# Paragraphs


def _paragraphs(page: int, segments: list[Segment], compounds: Set[str]) -> list[_Paragraph]:
    found: list[_Paragraph] = []
    stretches = [_lines(stretch) for stretch in columns(segments)]
    spacing = _spacing(stretches)
    body_size = median(segment.size for segment in segments) if segments else 0
    for lines in stretches:
        begun = False
        for line in lines:
            single = _Paragraph([(page, line.text)], line, line)
            before = found[-1] if found else None
            if before is not None and (
                _runs_on(before, single) if not begun else not _begins(before.last, line, spacing, body_size)
            ):
                _join(before, single, compounds)
            else:
                found.append(single)
            begun = True
    return found


def _lines(stretch: list[Segment]) -> list[_Line]:
    rows: dict[int, list[Segment]] = {}
    for segment in stretch:
        rows.setdefault(segment.row, []).append(segment)
    merged = []
    for row in rows.values():
        row.sort(key=lambda each: each.left)
        gaps = [after.left - before.right for before, after in pairwise(row)]
        main = max(row, key=lambda each: len(each.text))
        is_row = any(gap > _WIDE_GAP * main.size for gap in gaps)
        text = ("  " if is_row else " ").join(each.text for each in row)
        is_row = is_row or _LEADER.search(text) is not None
        bold = all(each.bold for each in row)
        merged.append((text, row[0].left, row[-1].right, main.baseline, main.size, bold, is_row))
    edges: dict[int, tuple[list[float], list[float]]] = {}
    for _, left, right, _, size, _, _ in merged:
        lefts, rights = edges.setdefault(round(size), ([], []))
        lefts.append(left)
        rights.append(right)
    margins = {size: (min(lefts), _right_margin(rights)) for size, (lefts, rights) in edges.items()}
    lines = []
    for text, left, right, baseline, size, bold, is_row in merged:
        near, far = margins[round(size)]
        lines.append(
            _Line(
                text,
                left,
                right,
                baseline,
                size,
                bold,
                is_row,
                full=right >= far - _FULL * (far - near),
                indented=left > near + _INDENT * size,
                room=far - right,
                width=far - near,
            )
        )
    return lines


def _right_margin(rights: list[float]) -> float:
    """Where lines end; among many, the few that stick out do not count."""
    rights.sort()
    return rights[int(0.9 * (len(rights) - 1))] if len(rights) >= 10 else rights[-1]


def _spacing(stretches: list[list[_Line]]) -> float:
    """The usual distance of two lines of a paragraph, in sizes of their letters."""
    distances = sorted(
        (before.baseline - line.baseline) / line.size
        for lines in stretches
        for before, line in pairwise(lines)
        if _is_same_size(before, line) and before.baseline > line.baseline
    )
    return min(3.0, max(0.9, distances[int(0.3 * len(distances))])) if distances else 1.2


def _begins(before: _Line | None, line: _Line, spacing: float, body_size: float) -> bool:
    """True where ``line`` begins a paragraph below the line ``before`` in the same column."""
    if before is None or before.is_row or line.is_row or not _is_same_size(before, line):
        return True
    if before.baseline - line.baseline > _PARAGRAPH_GAP * spacing * line.size or _BULLET.match(line.text):
        return True
    is_sentence_end = _SENTENCE_END.search(before.text) is not None
    if _MAYBE_BULLET.match(line.text) and (is_sentence_end or not before.full):
        return True
    if before.bold != line.bold:
        return is_sentence_end or not before.full
    if line.size > _HEADLINE * body_size or (line.text[0].islower() and not is_sentence_end):
        return False
    if line.left - before.left > _INDENT * line.size and not _is_item(before):
        return True
    if line.indented and before.indented and is_sentence_end:
        return True  # a paragraph of one line, and the next
    first_word = line.text.split(maxsplit=1)[0]
    width = (line.right - line.left) * len(first_word) / len(line.text)
    return before.room > width + line.size  # it would have fitted on the line before


def _is_item(line: _Line) -> bool:
    """True for a line after which those of the same item are indented."""
    return _BULLET.match(line.text) is not None or _MAYBE_BULLET.match(line.text) is not None


def _runs_on(before: _Paragraph, after: _Paragraph) -> bool:
    """True where a paragraph goes on at the top of the next column or page."""
    last, first = before.last, after.first
    if last is None or first is None or last.is_row or first.is_row:
        return False
    if last.bold != first.bold or not _is_same_size(last, first):
        return False
    if _SENTENCE_END.search(last.text) or _BULLET.match(first.text):
        return False
    if first.text[0].islower():
        return True
    return last.full and not first.indented and abs(last.width - first.width) < 0.2 * max(last.width, first.width)


def _is_same_size(one: _Line, other: _Line) -> bool:
    return abs(one.size - other.size) <= 0.06 * max(one.size, other.size)


def _join(before: _Paragraph, after: _Paragraph, compounds: Set[str]) -> None:
    """Appends ``after`` to ``before``: a word parted at the line's end becomes whole again."""
    page, text = before.pieces[-1]
    following = after.pieces[0][1]
    if not _HYPHENATED.search(text[-2:]):
        text += " "
    elif following[0].islower() and not _is_compound(text, following, compounds):
        text = text[:-1]
    before.pieces[-1:] = [(page, text), *after.pieces]
    before.last = after.last


def _is_compound(text: str, following: str, compounds: Set[str]) -> bool:
    """True for a word that has its hyphen in the middle of a line too."""
    start = _LAST_PART.search(text[-40:])
    end = _FIRST_PART.match(following)
    return start is not None and end is not None and f"{start.group()[:-1]}-{end.group()}".lower() in compounds
