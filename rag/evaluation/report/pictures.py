"""Small pictures as inline SVG: bars with their interval, histograms, a scatter. Numbers in, markup out.

Colours are classes that the report's style names. What a picture shows is said beside it, or in its label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isnan, log10, sqrt

from rag.escaping import escape

BINS = 10
_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)  # times a power of ten
_WIDTH, _HEIGHT = 160, 16
_SIDE, _MARGIN, _DOT, _LARGEST = 200, 14, 3.0, 12.0


@dataclass(frozen=True)
class Bin:
    """``count`` values from ``low`` up to ``high``, which only the last bin includes."""

    low: float
    high: float
    count: int


def bins(values: Sequence[float], low: float, high: float, number: int = BINS) -> list[Bin]:
    """``number`` bins of one width; what lies beyond an end is counted in the bin there."""
    width = (high - low) / number or 1.0
    places = Counter(min(max(floor((value - low) / width + 1e-9), 0), number - 1) for value in values)
    return [Bin(low + at * width, low + (at + 1) * width, places[at]) for at in range(number)]


def round_up(value: float) -> float:
    """The next round number: an end for an axis."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in _STEPS if value <= step * power * (1 + 1e-9))


def bar(value: float, low: float, high: float, ends: tuple[float, float] = (0.0, 1.0), *, width: int = _WIDTH) -> str:
    """A value on its range as a bar from 0, and its interval as a line; empty for NaN."""
    if isnan(value):
        return ""
    zero, at = _along(0.0, ends, width), _along(value, ends, width)
    middle = _HEIGHT / 2
    parts = [
        f'<rect class="track" y="4" width="{width}" height="8" rx="2"/>',
        f'<rect class="fill" x="{min(zero, at):.1f}" y="4" width="{abs(at - zero):.1f}" height="8" rx="2"/>',
    ]
    if ends[0] < 0:
        parts.append(f'<path class="zero" d="M{zero:.1f} 1V15"/>')
    if not isnan(low) and not isnan(high):
        parts.append(_whisker(_along(low, ends, width), _along(high, ends, width), middle))
    return _svg("bar", width, _HEIGHT, parts)


def difference(value: float, low: float, high: float, scale: float, finding: str) -> str:
    """A difference around 0 on an axis from -scale to scale; ``finding`` is a class."""
    if isnan(value):
        return ""
    ends = (-scale, scale)
    zero, at = _along(0.0, ends, _WIDTH), _along(value, ends, _WIDTH)
    parts = [f'<path class="axis" d="M0 8H{_WIDTH}"/>', f'<path class="zero" d="M{zero:.1f} 1V15"/>']
    if not isnan(low) and not isnan(high):
        parts.append(_whisker(_along(low, ends, _WIDTH), _along(high, ends, _WIDTH), 8))
    parts.append(f'<circle class="dot" cx="{at:.1f}" cy="8" r="4"/>')
    return _svg(f"difference {finding}", _WIDTH, _HEIGHT, parts)


def tally(wins: int, losses: int, ties: int) -> str:
    """Won, tied and lost as one strip."""
    total = wins + losses + ties
    if not total:
        return ""
    parts, at = [], 0.0
    for name, number in (("win", wins), ("tie", ties), ("loss", losses)):
        width = 90 * number / total
        parts.append(f'<rect class="{name}" x="{at:.1f}" y="4" width="{width:.1f}" height="8"/>')
        at += width
    return _svg("tally", 90, _HEIGHT, parts)


def strip(parts: Mapping[str, int]) -> str:
    """Shares of a whole side by side, by class; as wide as it may be."""
    total = sum(parts.values()) or 1
    drawn, at = [], 0.0
    for name, number in parts.items():
        width = 1000 * number / total
        drawn.append(f'<rect class="{name}" x="{at:.1f}" width="{max(width - 2, 1):.1f}" height="24"/>')
        at += width
    return _stretched("strip", 24, drawn)


def histogram(values: Sequence[float], ends: tuple[float, float], label: str) -> str:
    """Ten columns; ``label`` says what is counted."""
    if not values:
        return ""
    found = bins(values, *ends)
    most = max(each.count for each in found)
    parts = ['<path class="axis" d="M0 27.5H100"/>']
    for at, each in enumerate(found):
        if each.count:
            height = max(26 * each.count / most, 1.5)
            parts.append(
                f'<rect class="fill" x="{at * 10 + 0.5}" y="{27 - height:.1f}" width="9" height="{height:.1f}"/>'
            )
    said = "; ".join(f"{each.low:g} to {each.high:g}: {each.count}" for each in found if each.count)
    return _svg("spread", 100, 28, parts, label=f"{label}. {said}")


def distribution(found: Sequence[Bin], lines: Mapping[str, float], label: str) -> str:
    """A large histogram as wide as it may be; ``lines`` are upright ones, by class, at a value each."""
    low, high = found[0].low, found[-1].high
    most = max(each.count for each in found) or 1
    parts = []
    for at, each in enumerate(found):
        if each.count:
            width, height = 1000 / len(found), max(116 * each.count / most, 1)
            parts.append(
                f'<rect class="fill" x="{at * width + 2:.1f}" y="{120 - height:.1f}" width="{width - 4:.1f}" '
                f'height="{height:.1f}"/>'
            )
    for name, value in lines.items():
        if not isnan(value):
            x = 1000 * (value - low) / ((high - low) or 1)
            parts.append(f'<path class="{name}" vector-effect="non-scaling-stroke" d="M{x:.1f} 0V120"/>')
    said = "; ".join(f"{each.low:g} to {each.high:g}: {each.count}" for each in found if each.count)
    return _stretched("distribution", 120, parts, label=f"{label}. {said}")


def scatter(pairs: Sequence[tuple[float, float]], end: float, low: float, label: str, *, lower_is_better: bool) -> str:
    """Pairs on a square from ``low`` to ``end``, the first across and the second up; equal ones are one larger dot."""
    counted = Counter((round(one, 6), round(other, 6)) for one, other in pairs)
    inner = _SIDE - 2 * _MARGIN

    def place(value: float) -> float:
        return inner * (value - low) / ((end - low) or 1)

    near, far = _MARGIN, _SIDE - _MARGIN
    parts = [
        f'<rect class="track" x="{near}" y="{near}" width="{inner}" height="{inner}" rx="3"/>',
        f'<path class="axis" d="M{near} {far}L{far} {near}"/>',
    ]
    for (one, other), number in sorted(counted.items(), key=lambda entry: -entry[1]):
        name = "tie" if one == other else "loss" if (other > one) == lower_is_better else "win"
        radius = min(_DOT * sqrt(number), _LARGEST)
        parts.append(
            f'<circle class="{name}" cx="{near + place(one):.1f}" cy="{far - place(other):.1f}" r="{radius:.1f}">'
            f"<title>{one:g} to {other:g}: {number}</title></circle>"
        )
    return _svg("scatter", _SIDE, _SIDE, parts, label=label)


def columns(values: Sequence[float]) -> tuple[list[Bin], float]:
    """Bins for a large histogram of values from 0 up, and the end of its axis."""
    end = round_up(max(values, default=1.0))
    return bins(values, 0.0, end, min(max(ceil(2 * sqrt(len(values))), 10), 40)), end


def _along(value: float, ends: tuple[float, float], width: float) -> float:
    low, high = ends
    return width * (min(max(value, low), high) - low) / (high - low)


def _whisker(low: float, high: float, middle: float) -> str:
    caps = f"M{low:.1f} {middle - 4:g}v8M{high:.1f} {middle - 4:g}v8"
    return f'<path class="whisker" d="M{low:.1f} {middle:g}H{high:.1f}{caps}"/>'


def _svg(name: str, width: int, height: int, parts: Sequence[str], *, label: str = "") -> str:
    return (
        f'<svg class="{name}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" {_role(label)}>'
        f"{''.join(parts)}</svg>"
    )


def _stretched(name: str, height: int, parts: Sequence[str], *, label: str = "") -> str:
    return (
        f'<svg class="{name}" viewBox="0 0 1000 {height}" preserveAspectRatio="none" {_role(label)}>'
        f"{''.join(parts)}</svg>"
    )


def _role(label: str) -> str:
    return f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
