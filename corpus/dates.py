"""Dates in text and in questions: read where they are written out, resolved where they are relative.

A date is an ISO 8601 string at the precision known (``2022-01-06``, ``2022-01``, ``2022``), so that nothing
is made up to fill a field. dateparser reads written-out dates; this file is its only home.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from itertools import islice

from corpus.document import Span
from corpus.errors import BadInput

MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EARLIEST, _LATEST = 1000, 2200  # years outside are page numbers and the like

_WRITTEN = re.compile(
    rf"(?:(?:{MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{MONTH})\.?,?\s+\d{{4}}"
    rf"|(?:{MONTH})\.?,?\s+\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}}|(?<!\d)(?:\d{{4}}/\d{{1,2}}/\d{{1,2}}"
    r"|\d{1,2}([./-])\d{1,2}\1\d{4})(?!\d))",
    re.IGNORECASE,
)
_CHANGED = r"updated?|modified|edited|corrected|revised|amended"
_FRAME = re.compile(  # what may stand around a date in its line: words for publishing, weekdays, clock times, signs
    rf"^(?:(?i:first|originally|last|publish(?:ed)?|publication|posted|issued|created|{_CHANGED}|dated?|time|on|at|by|of"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?!\w)"
    r"|(?i:mon|tue|wed|thu|fri|sat|sun)(?!\w)\.?|T?\d{1,2}[:.]\d{2}(?::\d{2})?|\d{1,2}(?=\s?[ap]\.?m)|(?i:[ap]\.?m\.?)(?!\w)"
    r"|(?:UTC|[A-Z]{1,3}[DS]?T|Z)(?:[+-]\d{1,2})?(?!\w)|[+-]\d{2}:?\d{2}|[\s.,:;|/()*_·•–—-])*$"
)
_CHANGE = re.compile(rf"\b(?:{_CHANGED})\b", re.IGNORECASE)
_MARKED_YEAR = re.compile(r"^\W{0,3}(?:first |originally )?published:?\s+(?:in\s+)?(\d{4})\W{0,3}$", re.IGNORECASE)
_DATES_IN_LINE = 4
_EXPRESSION_CHARACTERS = 80  # dateparser takes long over what is longer
_COMPACT = re.compile(r"^\s*(\d{4})(\d{2})(\d{2})\s*$")
_ISO = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?$")
_DAY_OR_MONTH = re.compile(r"^0?(\d|1[0-2])[/-]0?(?!\1[/-])(?:\d|1[0-2])[/-]\d{4}\b")  # 5 June here, 6 May there
_DOTTED = re.compile(r"^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b")  # the day comes first wherever dots are written
_YEAR_FIRST = re.compile(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:[T ].*)?$")
_ADDRESS = re.compile(rf"/(\d{{4}})/(\d{{1,2}}|{MONTH})(?:/(\d{{1,2}})(?=/|$)|(?=/))", re.IGNORECASE)
_ADDRESS_IN_ONE = re.compile(r"/((?:19|20)\d{2})(-?)(\d{2})\2(\d{2})(?=[/_.-]|$)")


@dataclass(frozen=True)
class Days:
    """From the day ``first`` to the day ``last``, both among them; ``date.min`` and ``date.max`` leave a side open."""

    first: date
    last: date

    def within(self, other: Days) -> bool:
        """True where all of these days are days of ``other``."""
        return other.first <= self.first and self.last <= other.last

    def overlaps(self, other: Days) -> bool:
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Resolved:
    """A relative expression at ``span`` and the date it stands for."""

    span: Span
    expression: str
    date: str


def published_date(line: str) -> str | None:
    """The date that a short line consists of, bar a weekday, a time or a word like "Published".

    A date that is marked as that of a change ("Updated …") says nothing of publication; of two that are not, as in
    "6 March 2024 – 9 March 2024", neither does.
    A year alone is a date only where it is marked: "Published 2022".
    """
    if compact := _COMPACT.match(line):
        return _iso(*map(int, compact.groups()))
    if marked := _MARKED_YEAR.match(line):
        return _iso(int(marked[1]))
    dates = list(islice(_WRITTEN.finditer(line), _DATES_IN_LINE))
    starts, ends = [date.start() for date in dates], [date.end() for date in dates]
    around = [line[end:start] for end, start in zip([0, *ends], [*starts, len(line)], strict=True)]
    if not dates or not _FRAME.match(" ".join(around)):
        return None
    kept = [date.group() for date, before in zip(dates, around[:-1], strict=True) if not _CHANGE.search(before)]
    found = {written_date(date) for date in kept}
    return found.pop() if len(found) == 1 else None


def written_date(expression: str) -> str | None:
    """The date that an expression such as "10 Jan. 2022", "January 2022" or an ISO time stamp spells out."""
    if iso := _ISO.match(expression.strip()):
        return _iso(*(int(part) if part else None for part in iso.groups()))
    if _DAY_OR_MONTH.match(expression.strip()) or len(expression) > _EXPRESSION_CHARACTERS:
        return None
    if dotted := _DOTTED.match(expression.strip()):
        day, month, year = map(int, dotted.groups())
        return _iso(year, month, day)
    if year_first := _YEAR_FIRST.match(expression.strip()):
        return _iso(*map(int, year_first.groups()))
    from dateparser import parse

    for parts, form in ((["day", "month", "year"], "%Y-%m-%d"), (["month", "year"], "%Y-%m")):
        # Without REQUIRE_PARTS dateparser fills what is missing from today's date.
        found = parse(expression, languages=["en"], settings={"REQUIRE_PARTS": parts, "PARSERS": ["absolute-time"]})
        if found:
            return found.strftime(form) if _EARLIEST <= found.year <= _LATEST else None
    return None


def date_in_address(url: str) -> str | None:
    """The date that a url carries in its path, as in ``/2022/jan/6/``, ``/20220106/`` or ``/2022-01-06-slug``."""
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    if in_one := _ADDRESS_IN_ONE.search(path):
        return _iso(int(in_one[1]), int(in_one[3]), int(in_one[4]))
    match = _ADDRESS.search(path)
    if match is None:
        return None
    year, month, day = match.groups()
    if month.isdigit():
        return _iso(int(year), int(month), int(day) if day else None)
    return written_date(f"{day or ''} {month} {year}")


def user_date(value: str) -> str:
    """A date that a person typed as an option. Raises BadInput where it is none."""
    found = written_date(value)
    if found is None:
        raise BadInput(f"{value!r} is not a date; write it as 2022-01-06, 2022-01 or 2022")
    return found


def first_day(published: str) -> date:
    """The first day that a date of any precision covers."""
    year, month, day = (*map(int, published.split("-")), 1, 1)[:3]
    return date(year, month, day)


def last_day(published: str) -> date:
    """The last day that a date of any precision covers."""
    parts = [int(part) for part in published.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])


def in_words(published: str) -> str:
    """``2022-01-06`` as "6 January 2022", at the precision it has."""
    first = first_day(published)
    forms = {4: "{0:%Y}", 7: "{0:%B %Y}", 10: "{0.day} {0:%B %Y}"}
    return forms[len(published)].format(first)


def period_in_words(first: str | None, last: str | None) -> str:
    """Two dates as "6 January 2022 – 9 May 2024", the same date once, unknown ones not at all."""
    return " – ".join(dict.fromkeys(in_words(date) for date in (first, last) if date))


def days_of(published: str) -> Days:
    """All the days that a date of any precision covers."""
    return Days(first_day(published), last_day(published))


def days_in_words(days: Days) -> str:
    """A stretch of days as "1–31 January 2022", "up to 9 May 2022" or "from 1 March 2022 on"."""
    first, last = days.first, days.last
    if first == date.min:
        return "at any time" if last == date.max else f"up to {in_words(last.isoformat())}"
    if last == date.max:
        return f"from {in_words(first.isoformat())} on"
    if first == last:
        return in_words(first.isoformat())
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{in_words(last.isoformat())}"
    begin = f"{first.day} {first:%B}" if first.year == last.year else in_words(first.isoformat())
    return f"{begin} – {in_words(last.isoformat())}"


def relative_dates(text: str, reference: str) -> list[Resolved]:
    """The relative expressions of ``text`` that mean a day, a month or a year, as seen from a date of publication.

    What is not sure is left out: see relative.py, which knows weeks and seasons as well.
    """
    from corpus.relative import read  # it builds on this file

    resolved = read(text, reference or None).resolved
    return [Resolved(each.span, each.expression, each.date) for each in resolved if each.date]


def _iso(year: int | None, month: int | None = None, day: int | None = None) -> str | None:
    if year is None or not _EARLIEST <= year <= _LATEST:
        return None
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    parts = [f"{year:04d}", *(f"{part:02d}" for part in (month, day) if part)]
    return "-".join(parts)
