"""Dates in a sentence and in what it cites: written out to any precision, weekdays, and relative ones resolved.

Reads ``folding.tidy`` text. A date without a year is given one only in a source, whose day of publication is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from corpus.dates import MONTH, relative_dates
from corpus.document import Span

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_NAMED = rf"(?:{MONTH}|{MONTH.upper()})(?![^\W_])"  # "may" and "march" in lower case are none
_DAY = r"(?P<{0}>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\w%]|[.,:]\d)"
_TO = r" ?(?:-|to) ?"
_YEAR = r"(?P<{0}>[12]\d{{3}})(?![\w%]|[.,]\d)"
_DATE = re.compile(
    r"(?<![\w.,/])(?:"
    r"(?P<iso_year>\d{4})-(?P<iso_month>\d{2})-(?P<iso_day>\d{2})(?!\w)"
    r"|(?P<one>\d{1,2})(?P<sign>[./])(?P<two>\d{1,2})(?P=sign)(?P<num_year>[12]\d{3})(?!\w)"
    rf"|(?:{_DAY.format('day_from')}{_TO})?{_DAY.format('day')}(?: of)? (?P<month>{_NAMED})\.?"
    rf"(?:,? {_YEAR.format('year')})?"
    rf"|(?P<us_month>{_NAMED})\.? (?:{_DAY.format('us_from')}{_TO})?{_DAY.format('us_day')}"
    rf"(?:,? {_YEAR.format('us_year')})?"
    rf"|(?P<my_month>{_NAMED})\.?(?:,| of)? {_YEAR.format('my_year')}"
    rf"|(?P<weekday>{'|'.join(_WEEKDAYS)})s?(?![^\W_])"
    # A month alone: "in May", and not May Orme, nor the first word of a sentence.
    rf")|(?<=[a-z][ -])(?P<bare_month>{_NAMED})(?!\.? ?\d| [A-Z])"
)
_MONTH_NAME = re.compile(rf"(?<![^\W_]){_NAMED}")
_STEPPED_MONTH = re.compile(rf"(?<![^\W_])((?i:last|next)) ({_NAMED})")
_BARE_YEAR = re.compile(r"(?<![\w.,$£€])(?P<year>[12]\d{3})(?![\w%]|[.,]\d| ?%)")


@dataclass(frozen=True)
class Written:
    """A date at ``span`` of a tidy text, as far as it is told; ``weekday`` counts from Monday, 0.

    A numeric one that begins with either day or month has its ``other`` reading beside it.
    """

    span: Span
    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    other: Written | None = None


@dataclass(frozen=True)
class Days:
    """The dates that a source tells: (year, month, day), with None for what it leaves out."""

    dates: frozenset[tuple[int | None, int | None, int | None]] = frozenset()
    weekdays: frozenset[int] = field(default_factory=frozenset)

    def have(self, written: Written) -> bool:
        if written.weekday is not None:
            return written.weekday in self.weekdays
        asked = (written.year, written.month, written.day)
        is_there = any(
            all(mine is None or mine == theirs for mine, theirs in zip(asked, told, strict=True)) for told in self.dates
        )
        return is_there or (written.other is not None and self.have(written.other))

    def have_year(self, year: int) -> bool:
        return any(told[0] == year for told in self.dates)

    def have_day(self, day: int) -> bool:
        return any(told[2] == day for told in self.dates)


def written(text: str) -> list[Written]:
    """The dates of a tidy text, in order; a year alone is a number."""
    return [one for match in _DATE.finditer(text) for one in _read(match)]


def days(text: str, beside: str, published: str | None) -> Days:
    """The dates of a source's tidy text and of its header, ``beside``, and what its relative ones mean.

    Those of the header say no weekday: that a paper comes out on a Wednesday says nothing of what happened.
    """
    found = written(text)
    told: set[tuple[int | None, int | None, int | None]] = set()
    weekdays = {one.weekday for one in found if one.weekday is not None}
    year: int | None = None
    years = iter([*_years(text), (len(text), None)])
    following = next(years)
    reference = _parts(published) if published else None
    for one in found:
        while following[0] < one.span.start:
            year, following = following[1], next(years)
        for reading in (one, one.other):
            if reading is None or reading.weekday is not None:
                continue
            told.add((reading.year, reading.month, reading.day))
            if reading.year is None:
                nearest = _nearest_year(reading, reference)
                told.update((each, reading.month, reading.day) for each in (year, nearest) if each)
    told.update((each, None, None) for _, each in _years(text))
    for name in dict.fromkeys(_MONTH_NAME.findall(text)):  # "the May deadline"
        month = Written(Span(0, 0), name, month=_month(name))
        told.update((each, month.month, None) for each in (None, _nearest_year(month, reference)))
    if reference and reference[0] and reference[1]:
        for step, name in _STEPPED_MONTH.findall(text):
            told.add((_stepped_year(step, _month(name), reference[0], reference[1]), _month(name), None))
    if published and len(published) == len("2022-01-06"):
        told.update(_parts(resolved.date) for resolved in relative_dates(text, published))
    weekdays.update(day.weekday() for day in map(_calendar, told) if day)
    told.update((one.year, one.month, one.day) for one in written(beside) if one.weekday is None)
    told.update((year, None, None) for _, year in _years(beside))
    if reference:
        told.add(reference)
    return Days(frozenset(told), frozenset(weekdays))


def blotted(text: str, spans: list[Span]) -> str:
    """``text`` with the stretches blank, offsets unchanged."""
    borders = [Span(0, 0), *spans, Span(len(text), len(text))]
    pieces = [
        text[before.end : after.start] + " " * (after.end - max(after.start, before.end))
        for before, after in pairwise(borders)
    ]
    return "".join(pieces)


def _years(text: str) -> list[tuple[int, int]]:
    return [(match.start(), int(match["year"])) for match in _BARE_YEAR.finditer(text)]


def _read(match: re.Match[str]) -> Iterator[Written]:
    span, text = Span(*match.span()), match.group()
    if match["weekday"]:
        yield Written(span, text, weekday=_WEEKDAYS.index(match["weekday"]))
    elif match["iso_year"]:
        yield Written(span, text, int(match["iso_year"]), int(match["iso_month"]), int(match["iso_day"]))
    elif match["num_year"]:
        of, one, two = int(match["num_year"]), int(match["one"]), int(match["two"])
        yield Written(span, text, of, two, one, other=Written(span, text, of, one, two))
    elif match["bare_month"]:
        yield Written(span, text, month=_month(text))
    elif match["my_month"]:
        yield Written(span, text, int(match["my_year"]), _month(match["my_month"]))
    else:
        us = "us_" if match["us_month"] else ""
        month, year = _month(match[f"{us}month"]), match[f"{us}year"]
        for day in (match["us_from" if us else "day_from"], match[f"{us}day"]):
            if day:
                yield Written(span, text, int(year) if year else None, month, int(day))


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _parts(iso: str) -> tuple[int | None, int | None, int | None]:
    parts: list[int | None] = [int(part) for part in iso.split("-")]
    year, month, day = [*parts, None, None][:3]
    return year, month, day


def _calendar(told: tuple[int | None, int | None, int | None]) -> date | None:
    year, month, day = told
    if year is None or month is None or day is None:
        return None
    try:
        return date(year, month, day)
    except ValueError:  # 31 February, or the wrong reading of a numeric date
        return None


def _stepped_year(step: str, month: int, year: int, published: int) -> int:
    """The year of "next January" or "last June", read in a paper of a year and a month."""
    if step.lower() == "next":
        return year + (month <= published)
    return year - (month >= published)


def _nearest_year(one: Written, reference: tuple[int | None, int | None, int | None] | None) -> int | None:
    """The year in which a day and month lie nearest to the day of publication."""
    if reference is None or reference[0] is None or one.month is None:
        return None
    if reference[1] is None:
        return reference[0]
    ahead = one.month - reference[1]
    return reference[0] - 1 if ahead > 6 else reference[0] + 1 if ahead < -6 else reference[0]
