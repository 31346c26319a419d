"""How an archive's documents lie in time: a small histogram in which a period can be picked.

Counts in, SVG and form out. Knows nothing of requests or of where the counts come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from corpus.dates import in_words
from rag.escaping import escape
from rag.window.counting import counted

Period = tuple[str | None, str | None, int]  # first day, last day, and how many documents were published then

_MOST_BARS = 48
_YEAR_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_HEIGHT, _LEAST = 72, 3  # pixels
_SPACE = 0.12  # of a bar's place


@dataclass(frozen=True)
class Bar:
    """``count`` documents published from ``since`` to ``until``, ISO 8601 at the precision of the bars."""

    since: str
    until: str
    count: int

    @property
    def in_words(self) -> str:
        return in_words(self.since) if self.since == self.until else f"{in_words(self.since)} – {in_words(self.until)}"


@dataclass(frozen=True)
class Coverage:
    """``bars`` without a gap from the first date to the last; ``wide`` documents have a date less precise than a bar,
    ``undated`` have none."""

    bars: tuple[Bar, ...]
    wide: int = 0
    undated: int = 0


def coverage_of(periods: Iterable[Period]) -> Coverage:
    """Bars of a month each, or of as many years as it takes for them to be few.

    Where most dates are known to the year only, years are the finest.
    """
    undated, dated = 0, list[tuple[date, date, int]]()
    for first, last, count in periods:
        if first is None or last is None:
            undated += count
        else:
            dated.append((date.fromisoformat(first), date.fromisoformat(last), count))
    if not dated:
        return Coverage((), undated=undated)
    begin, end = min(first for first, _, _ in dated), max(last for _, last, _ in dated)
    vague = sum(count for first, last, count in dated if (first.year, first.month) != (last.year, last.month))
    total = sum(count for _, _, count in dated)
    precise = [first for first, last, _ in dated if (first.year, first.month) == (last.year, last.month)]
    months = 12 * (end.year - begin.year) + end.month - begin.month
    if precise and 2 * vague < total and months < _MOST_BARS:
        return Coverage(_by_month(dated, min(precise), max(precise)), vague, undated)
    return Coverage(_by_years(dated, begin, end), 0, undated)


def histogram(coverage: Coverage) -> str:
    """The picture, and two handles that pick a period from one bar to another."""
    heading = "<h2>Dates in the archive</h2>"
    bars = coverage.bars
    if not bars:
        none = "None of the documents has a date." if coverage.undated else "The archive is empty."
        return f'{heading}<p class="cd-none">{none}</p>'
    if len(bars) == 1:
        only = f"All dates are in {bars[0].in_words}: {counted(bars[0].count, 'document')}. {_told(coverage)}"
        return f'{heading}<p class="cd-told">{escape(only)}</p>'
    return (
        f"{heading}{_picture(bars)}{_handles(bars)}"
        f'<p class="cd-ends" aria-hidden="true"><span>{in_words(bars[0].since)}</span>'
        f"<span>{in_words(bars[-1].until)}</span></p>"
        f'<p class="cd-picked" role="status"></p>'
        f'<p class="cd-told">{escape(_told(coverage))}</p>'
    )


def _by_month(dated: Sequence[tuple[date, date, int]], begin: date, end: date) -> tuple[Bar, ...]:
    counts: dict[int, int] = {}
    for first, last, count in dated:
        if (first.year, first.month) == (last.year, last.month):
            month = 12 * first.year + first.month - 1
            counts[month] = counts.get(month, 0) + count
    months = range(12 * begin.year + begin.month - 1, 12 * end.year + end.month)
    names = [f"{month // 12:04}-{month % 12 + 1:02}" for month in months]
    return tuple(Bar(name, name, counts.get(month, 0)) for name, month in zip(names, months, strict=True))


def _by_years(dated: Sequence[tuple[date, date, int]], begin: date, end: date) -> tuple[Bar, ...]:
    step = next(each for each in _YEAR_STEPS if end.year // each - begin.year // each < _MOST_BARS)
    counts: dict[int, int] = {}
    for first, _, count in dated:
        counts[first.year // step] = counts.get(first.year // step, 0) + count
    return tuple(
        Bar(f"{max(at * step, begin.year):04}", f"{min(at * step + step - 1, end.year):04}", counts.get(at, 0))
        for at in range(begin.year // step, end.year // step + 1)
    )


def _picture(bars: Sequence[Bar]) -> str:
    most = max(bar.count for bar in bars)
    place = 100 / len(bars)
    pieces = []
    for at, bar in enumerate(bars):
        height = max(round(_HEIGHT * bar.count / most), _LEAST) if bar.count else 0
        told = escape(f"{bar.in_words}: {counted(bar.count, 'document')}")
        pieces.append(
            f'<g class="cd-bar" data-since="{bar.since}" data-until="{bar.until}" data-count="{bar.count}" '
            f'data-words="{escape(bar.in_words)}"><title>{told}</title>'
            f'<rect class="cd-reach" x="{at * place:.3f}%" y="0" width="{place:.3f}%" height="{_HEIGHT}"/>'
            f'<rect x="{(at + _SPACE / 2) * place:.3f}%" y="{_HEIGHT - height}" width="{(1 - _SPACE) * place:.3f}%" '
            f'height="{height}" rx="1"/></g>'
        )
    said = f"Documents by date, {bars[0].in_words.split(' – ')[0]} to {bars[-1].in_words.split(' – ')[-1]}"
    return (
        f'<svg class="cd-bars" role="img" aria-label="{escape(said)}" width="100%" height="{_HEIGHT}">'
        f"{''.join(pieces)}</svg>"
    )


def _handles(bars: Sequence[Bar]) -> str:
    last = len(bars) - 1
    return (
        '<div class="cd-handles" role="group" aria-label="Ask only documents from a period">'
        f'<input type="range" class="cd-from" aria-label="From" min="0" max="{last}" value="0" '
        f'aria-valuetext="{escape(in_words(bars[0].since))}">'
        f'<input type="range" class="cd-to" aria-label="To" min="0" max="{last}" value="{last}" '
        f'aria-valuetext="{escape(in_words(bars[-1].until))}"></div>'
    )


def _told(coverage: Coverage) -> str:
    lines = ["Drag over the bars or move the handles to ask only documents from a period."] if coverage.bars[1:] else []
    if coverage.wide:
        lines.append(f"Not in the picture: {counted(coverage.wide, 'document')} dated less precisely than a month.")
    if coverage.undated:
        lines.append(f"{counted(coverage.undated, 'document').capitalize()} without a date.")
    return " ".join(lines)
