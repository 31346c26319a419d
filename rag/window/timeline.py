"""The documents of an answer over time, as a picture: a row for each outlet, cited ones filled, others hollow.

Values in, SVG out; no size in it but heights, so that it is as wide as its place. Knows nothing of requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from corpus.dates import first_day, in_words, last_day, period_in_words
from corpus.document import Header
from rag.answer import Answer
from rag.escaping import escape

MOST_SHOWN = 200  # documents; somebody asked for more than anyone can look at
UNKNOWN_OUTLET = "Outlet unknown"
UNDATED = "Without a date"
_LEFT, _RIGHT = 3.5, 96.5  # per cent of the width: where the first and the last day stand
_GAP = 5.5  # per cent between dots that do not touch, where the picture is as narrow as on a telephone
_LANE, _LABEL, _BELOW, _AXIS = 18, 18, 8, 20  # pixels: of a line of dots, an outlet's name, below a row, of the axis
_NAME_CHARACTERS = 44  # of an outlet, at the head of its row
_TICKS = 4
_MONTH_STEPS, _YEAR_STEPS = (1, 2, 3, 6), (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)


@dataclass(frozen=True)
class Dot:
    """A document: ``numbers`` of its citations, none where it was only found; ``start`` and ``end`` of what was."""

    document: Header
    numbers: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Placed:
    """A dot at ``at`` per cent of the width, in a lane from 0; its date may cover all from ``first`` to ``last``."""

    dot: Dot
    lane: int
    at: float
    first: float
    last: float


def timeline(answer: Answer, working: bool = False) -> str:
    """The picture of one answer's documents, and a word on what it shows."""
    if working:
        return '<p class="cd-none">Reading…</p>'
    dots = dots_of(answer)
    if not dots:
        return '<p class="cd-none">There are no documents to show: nothing was found.</p>'
    shown = dots[:MOST_SHOWN]
    cited = sum(bool(dot.numbers) for dot in shown)
    more = f" These are the first {MOST_SHOWN} of {len(dots):,}." if len(dots) > MOST_SHOWN else ""
    kinds = (("cd-filled", cited, "cited"), ("cd-hollow", len(shown) - cited, "also found"))
    counted = "".join(f'<span class="{kind}">{count} {words}</span>' for kind, count, words in kinds if count)
    legend = f'<p class="cd-legend">{counted}{more}</p>'
    question = f'<p class="cd-for" dir="auto">{escape(answer.question)}</p>'
    return f"<h2>Documents over time</h2>{question}{legend}{picture(shown)}"


def dots_of(answer: Answer) -> list[Dot]:
    """The documents that an answer cites and those that were found beside them, each once; cited ones first."""
    numbers: dict[str, dict[int, None]] = {}
    for citation in answer.citations:
        numbers.setdefault(citation.document.name, {})[citation.marker] = None
    dots: dict[str, Dot] = {}
    for citation in answer.citations:
        name = citation.document.name
        dots.setdefault(name, Dot(citation.document, tuple(numbers[name]), citation.start, citation.end))
    for hit in answer.retrieved:
        document = hit.passage.document
        dots.setdefault(document.name, Dot(document, (), hit.passage.start, hit.passage.end))
    return list(dots.values())


def picture(dots: Sequence[Dot]) -> str:
    """The SVG: rows in the order of their first dates, below them what has no date."""
    dated = [dot for dot in dots if dot.document.published]
    undated = [dot for dot in dots if not dot.document.published]
    days = [day for dot in dated for day in _days(dot)]
    scale = Scale(min(days), max(days)) if days else None
    rows: dict[str, list[Dot]] = {}
    for dot in sorted(dated, key=_days):
        rows.setdefault(dot.document.outlet or UNKNOWN_OUTLET, []).append(dot)
    y, pieces = 0, []
    if scale:
        for outlet, members in rows.items():
            placed = _in_time(members, scale)
            pieces.append(_row(outlet, placed, y))
            y += _height(placed)
        pieces.insert(0, scale.axis(y))
        y += _AXIS + _BELOW
    if undated:
        placed = _in_order(undated)
        pieces.append(_row(UNDATED, placed, y, is_apart=True))
        y += _height(placed)
    period = period_in_words(*_ends(dated))
    cited = sum(bool(dot.numbers) for dot in dots)
    said = f"{cited} cited and {len(dots) - cited} other documents{f', {period}' if period else ''}; arrow keys move"
    named = f'role="group" aria-label="{escape(said)}"'
    return f'<svg class="cd-times" {named} width="100%" height="{y}">{"".join(pieces)}</svg>'


@dataclass(frozen=True)
class Scale:
    """From days, as their ordinals, to per cent of the width."""

    first: int
    last: int

    def at(self, day: float) -> float:
        if self.first == self.last:
            return 50.0
        return _LEFT + (_RIGHT - _LEFT) * (day - self.first) / (self.last - self.first)

    def ticks(self) -> list[tuple[int, str]]:
        """At most five days of the axis and what is written there, at the finest of days, months and years."""
        first, last = date.fromordinal(self.first), date.fromordinal(self.last)
        if self.last - self.first <= 1:
            return [
                (day, in_words(date.fromordinal(day).isoformat())) for day in dict.fromkeys((self.first, self.last))
            ]
        months = 12 * (last.year - first.year) + last.month - first.month
        if months < 3:
            step = -(-(self.last - self.first) // _TICKS)
            return _named(range(self.first, self.last + 1, step))
        if months <= _MONTH_STEPS[-1] * _TICKS:
            step = next(each for each in _MONTH_STEPS if months <= each * _TICKS)
            begins = [date(at // 12, at % 12 + 1, 1) for at in range(12 * first.year, 12 * last.year + 12, step)]
            named = [(day.toordinal(), f"{day:%b} {day.year}") for day in begins]
        else:
            years = last.year - first.year
            step = next(each for each in _YEAR_STEPS if years <= each * _TICKS)
            begun = -(-first.year // step) * step
            named = [(date(year, 1, 1).toordinal(), str(year)) for year in range(begun, last.year + 1, step)]
        return [(day, name) for day, name in named if self.first <= day <= self.last]

    def axis(self, height: int) -> str:
        """Lines over the whole height and dates below them."""
        pieces = []
        for day, name in self.ticks():
            at = self.at(day)
            anchor = "start" if at < 12 else "end" if at > 88 else "middle"
            x = 0 if at < 12 else 100 if at > 88 else at
            pieces.append(f'<line class="cd-grid" x1="{at:.2f}%" x2="{at:.2f}%" y1="0" y2="{height}"/>')
            pieces.append(f'<text class="cd-tick" x="{x:.2f}%" y="{height + 14}" text-anchor="{anchor}">{name}</text>')
        return f'<g aria-hidden="true">{"".join(pieces)}</g>'


def _named(days: Sequence[int]) -> list[tuple[int, str]]:
    """Days as "6 Mar 2024", "22 Mar": the year where it is another than before."""
    named, year = [], 0
    for ordinal in days:
        day = date.fromordinal(ordinal)
        named.append((ordinal, f"{day.day} {day:%b}{f' {day.year}' if day.year != year else ''}"))
        year = day.year
    return named


def _days(dot: Dot) -> tuple[int, int]:
    published = dot.document.published or ""
    return first_day(published).toordinal(), last_day(published).toordinal()


def _ends(dated: Sequence[Dot]) -> tuple[str | None, str | None]:
    """The earliest and the latest date, at the precision known."""
    if not dated:
        return None, None
    return min(dated, key=_days).document.published, max(dated, key=lambda dot: _days(dot)[::-1]).document.published


def _in_time(members: Sequence[Dot], scale: Scale) -> list[Placed]:
    """Each at the middle of its days, in the first lane in which it touches none before it."""
    placed, ends = [], list[float]()
    for dot in sorted(members, key=lambda each: sum(_days(each))):
        first, last = _days(dot)
        at = scale.at((first + last) / 2)
        lane = next((lane for lane, end in enumerate(ends) if at - end >= _GAP), len(ends))
        ends[lane:] = [at, *ends[lane + 1 :]]
        placed.append(Placed(dot, lane, at, scale.at(first), scale.at(last)))
    return placed


def _in_order(members: Sequence[Dot]) -> list[Placed]:
    """Side by side, in as many lanes as it takes."""
    in_lane = int((_RIGHT - _LEFT) // _GAP) + 1
    placed = []
    for number, dot in enumerate(members):
        lane, column = divmod(number, in_lane)
        at = _LEFT + column * _GAP
        placed.append(Placed(dot, lane, at, at, at))
    return placed


def _height(placed: Sequence[Placed]) -> int:
    return _LABEL + _LANE * (1 + max(each.lane for each in placed)) + _BELOW


def _row(name: str, placed: Sequence[Placed], y: int, *, is_apart: bool = False) -> str:
    middle = y + _LABEL + _LANE // 2
    line = "" if is_apart else f'<line class="cd-row" x1="0" x2="100%" y1="{middle}" y2="{middle}"/>'
    dots = "".join(_dot(each, middle + _LANE * each.lane) for each in placed)
    shown = name if len(name) <= _NAME_CHARACTERS else f"{name[: _NAME_CHARACTERS - 1]}…"  # each dot has it whole
    return f'<text class="cd-outlet" x="0" y="{y + 13}">{escape(shown)}</text>{line}{dots}'


def _dot(placed: Placed, y: int) -> str:
    dot, at = placed.dot, f"{placed.at:.2f}%"
    document = dot.document
    when = in_words(document.published) if document.published else "no date"
    said = f"{document.outlet or UNKNOWN_OUTLET}, {when}: {document.title or document.name}"
    told = escape(f"{said}. {'Cited as ' + ', '.join(map(str, dot.numbers)) if dot.numbers else 'Found, not cited'}")
    extent = ""
    if placed.last - placed.first > _GAP:  # the date is known to the month or the year only
        x1, x2 = f"{placed.first:.2f}%", f"{placed.last:.2f}%"
        extent = f'<line class="cd-extent" x1="{x1}" x2="{x2}" y1="{y}" y2="{y}"/>'
    number = f'<text x="{at}" y="{y + 3.5}" text-anchor="middle">{dot.numbers[0]}</text>' if dot.numbers else ""
    return (
        f'<g class="cd-dot {"cd-filled" if dot.numbers else "cd-hollow"}" role="button" tabindex="-1" '
        f'data-document="{escape(document.name)}" data-marker="{dot.numbers[0] if dot.numbers else ""}" '
        f'data-start="{dot.start}" data-end="{dot.end}" aria-label="{told}"><title>{told}</title>{extent}'
        f'<circle class="cd-reach" cx="{at}" cy="{y}" r="9"/>'
        f'<circle cx="{at}" cy="{y}" r="{7.5 if dot.numbers else 5}"/>{number}</g>'
    )
