"""The times that a question names, as periods of whole days: "in January", "before the 10th", "from 3 to 9 May 2022".

Where something is missing, as the year, it is looked for in what the archive covers, in the conversation and in what
"today" means; where none of them decides, nothing is assumed. Knows the question's words and dates; retrieves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from corpus.dates import Days
from corpus.document import Span
from corpus.mentions import DAY, RELATIVE, Expression, expressions, in_year, reckoned, weekday_before

Kind = Literal["event", "publication", "publication by"]


@dataclass(frozen=True)
class Period:
    """What the ``words`` at ``span`` of a question mean in days.

    ``kind`` is "publication" where they say when articles were published, "publication by" where they say when
    somebody named published something, and "event" where they may tell when anything happened.
    """

    days: Days
    words: str
    span: Span
    kind: Kind = "event"


@dataclass(frozen=True)
class Setting:
    """What a time with something missing is resolved against.

    ``covered`` is what the archive's articles were published in, None where no date is known; ``is_stated`` says that
    somebody set ``today``. ``earlier`` are the texts of the conversation, newest first.
    """

    today: date
    is_stated: bool = False
    covered: Days | None = None
    earlier: Sequence[str] = ()


_Said = tuple[Span, Days]

_FRESH = timedelta(days=7)  # an archive whose newest article is no older than this is about the present
_SHORTLY = timedelta(days=92)  # news tell of what comes, and of what was before
_NEAR = 60  # characters looked at before an expression
_A_DAY = timedelta(days=1)

_BARE = re.compile(  # "the 10th", with something before and behind that makes it a day
    r"(?<!\w)(?:on|by|before|after|since|until|till|from|to|and|between)\s+(?P<words>the\s+"
    r"(?P<day>(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th)))"
    r"(?=\s*(?:$|[?!.,;:)]|(?:in|at|about|and|or|to|until|till|by|with|for|who|what|when|where|why|how|which|did|does|was"
    r"|were|is|are|has|had)\b))",
    re.IGNORECASE,
)
_TO = r"\s*(?:\band\b|\bto\b|\buntil\b|\btill\b|\bthrough\b|[-–—])\s*"
_JOINING = re.compile(rf"{_TO}(?:the\s+)?", re.IGNORECASE)
_DAY_BEFORE = re.compile(rf"(?<!\w)(?:the\s+)?({DAY}){_TO}(?:the\s+)?$", re.IGNORECASE)
_DAY_BEHIND = re.compile(rf"{_TO}(?:the\s+)?({DAY})(?![\w%]|[.,:]\d)(?:,?\s(1[5-9]\d\d|20\d\d)(?!\w))?", re.IGNORECASE)
_FROM = re.compile(r"(?<!\w)(?:between|from)\s+(?:the\s+)?$", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?<!\w)(?:(?P<before>before|prior\s+to|earlier\s+than)|(?P<until>by|until|till|up\s+to|no\s+later\s+than)"
    r"|(?P<after>after|later\s+than)|(?P<since>since))\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_ON = re.compile(r"\s+(?:onwards?\b|on(?=\s*(?:$|[?!.,;:])))", re.IGNORECASE)
_MEASURED = re.compile(  # "two days after": what is meant is not the day that follows
    r"(?:days?|weeks?|months?|years?|hours?|long|shortly|soon|just|right|immediately|short)\s+(?:before|after)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_PIECES = r"(?:articles?|stor(?:y|ies)|news|coverage|headlines|editorials|newspapers?|press|reporting)"
_PUBLICATION = re.compile(
    rf"(?:(?<!\w)(?:news|newspapers?|headlines)\s+of|(?<!\w){_PIECES}"
    r"(?:\s+(?:in|by|from|of)\s+(?:the\s+)?(?:[A-Z][\w’'.-]*\s+){0,4}[A-Z][\w’'.-]*)?\s+"
    r"(?:(?:that|which)\s+(?:(?:was|were|had\s+been|have\s+been)\s+)?)?(?:(?:published|printed|written|dated|posted"
    r"|appeared|appearing)(?:\s+(?:in|on|from|during))?|from)"
    r"|(?<!\w)what\s+(?:was|were|has\s+been|had\s+been)\s+(?:published|printed)(?:\s+(?:in|on|from|during))?)"
    r"\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_PUBLISHED_BY = re.compile(
    r"(?<!\w)did\s+(?:the\s+)?(?:[A-Z][\w’'.-]*\s+){1,5}(?:publish|print)(?:\s+(?:in|on|during))?\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^\W*published(?:\s+(?:in|on|from|during))?\s+(?:the\s+)?$", re.IGNORECASE)
_ASKING = re.compile(r"\s*,\s*(?:what|who|which|how|when|where|why|is|are|did|does)\b", re.IGNORECASE)
_BY = re.compile(r"\s+by\b", re.IGNORECASE)


def may_name(text: str) -> bool:
    """True of every question that ``periods`` finds something in; it costs next to nothing."""
    return _BARE.search(text) is not None or next(expressions(text), None) is not None


def periods(text: str, setting: Setting) -> tuple[Period, ...]:
    """The periods that a question names, in order; of an expression that cannot be placed there is none."""
    found, said = [], [*expressions(text), *_bare_days(text)]
    said.sort(key=lambda each: each.span)
    month = _month_named(said, setting)
    at = 0
    while at < len(said):
        one, other = said[at], said[at + 1] if at + 1 < len(said) else None
        between = _JOINING.fullmatch(text, one.span.end, other.span.start) if other else None
        joined = _joined(text, one, other, setting, month) if other and between else None
        if joined:
            at += 1
        stretch = joined or _alone(text, one, setting, month)
        if stretch:
            span, days = stretch
            found.append(Period(days, text[span.start : span.end], span, _kind(text, span)))
        at += 1
    return tuple(found)


def _kind(text: str, span: Span) -> Kind:
    before, behind = text[max(0, span.start - _NEAR) : span.start], text[span.end : span.end + _NEAR]
    if _PUBLICATION.search(before) and not _BY.match(behind):
        return "publication"
    if _PUBLISHED_BY.search(before):
        return "publication by"
    return "publication" if _OPENING.search(text[: span.start]) and _ASKING.match(behind) else "event"


def _joined(text: str, one: Expression, other: Expression, setting: Setting, month: date | None) -> _Said | None:
    """A stretch with two ends: "from March to May", "between 6 January and 9 February 2022", "2014–2016"."""
    led = _FROM.search(text[max(0, one.span.start - _NEAR) : one.span.start])
    dashed = text[one.span.end : other.span.start].strip() in ("-", "–", "—")
    if not (led or dashed):
        return None
    end = _placed(other, setting, month)
    if end and one.year is None and other.form not in RELATIVE and one.form in ("day", "month", "season"):
        begin = in_year(_of_month(one, month), end.last.year)
        if begin and begin.first > end.first:
            begin = in_year(_of_month(one, month), end.last.year - 1)
    else:
        begin = _placed(one, setting, month)
    if begin and one.year and other.year is None and other.form in ("day", "month", "season"):
        end = in_year(_of_month(other, month), one.year)
        if end and end.last < begin.first:
            end = in_year(_of_month(other, month), one.year + 1)
    if begin is None or end is None or begin.first > end.last:
        return None
    start = one.span.start - (len(led.group()) if led else 0)
    return Span(start, other.span.end), Days(begin.first, end.last)


def _alone(text: str, one: Expression, setting: Setting, month: date | None) -> _Said | None:
    """One expression with the preposition that makes a limit of it, or with a day's number that makes it two ends."""
    start, end = one.span.start, one.span.end
    before = text[max(0, start - _NEAR) : start]
    if _MEASURED.search(before):
        return None
    if one.form == "day" and one.month is not None:
        first = _DAY_BEFORE.search(before)
        behind = None if first else _DAY_BEHIND.match(text, end)
        if behind and behind[2] and one.year is None:
            one = replace(one, year=int(behind[2]))
        days = _placed(one, setting, month)
        if days and first and _is_range(before[: first.start()], first.group()):
            led = _FROM.search(before[: first.start()])
            return _day_to_day(text, Span(start - len(before) + (led or first).start(), end), first[1], days, days.last)
        if days and behind and _is_range(before, behind.group()):
            led = _FROM.search(before)
            begin = start - (len(led.group()) if led else 0)
            return _day_to_day(text, Span(begin, behind.end()), behind[1], days, days.first)
    days = _placed(one, setting, month)
    if days is None:
        return None
    led, onwards = _FROM.search(before), _ON.match(text, end)
    limit = _LIMIT.search(before)
    if led and onwards:
        return Span(start - len(led.group()), onwards.end()), Days(days.first, date.max)
    if limit is None:
        return one.span, days
    start -= len(before) - limit.start()
    if limit["before"]:
        days = Days(date.min, days.last if one.part in ("end", "late") else days.first - _A_DAY)
    elif limit["until"]:
        days = Days(date.min, days.last)
    else:
        days = Days(days.last + _A_DAY if limit["after"] else days.first, date.max)
    return Span(start, end), days


def _is_range(before: str, joint: str) -> bool:
    return _FROM.search(before) is not None or any(dash in joint for dash in "-–—") or "to" in joint.lower().split()


def _day_to_day(text: str, span: Span, number: str, days: Days, other: date) -> _Said | None:
    """From the day ``number`` of the month of ``other`` to that day, or the other way round."""
    try:
        day = other.replace(day=int(re.sub(r"\D", "", number)))
    except ValueError:
        return None
    return (span, Days(min(day, other), max(day, other))) if day != other else (span, days)


def _bare_days(text: str) -> list[Expression]:
    return [
        Expression(Span(*match.span("words")), "day", day=int(match["day"][:-2]))
        for match in _BARE.finditer(text)
    ]  # fmt: skip


def _of_month(one: Expression, month: date | None) -> Expression:
    return one if one.month is not None or month is None or one.form != "day" else replace(one, month=month.month)


def _placed(one: Expression, setting: Setting, month: date | None) -> Days | None:
    """The days that an expression means; None where nothing says which."""
    if one.year is not None:
        return in_year(one, one.year)
    if one.form == "weekday":
        return _weekday(one, setting)
    if one.form == "day" and one.month is None:
        return in_year(_of_month(one, month), month.year) if month else None
    return reckoned(one, setting.today) or _most_recent(one, setting)


def _most_recent(one: Expression, setting: Setting) -> Days | None:
    """The newest time of that name in what the archive covers, else one shortly behind or before, else before today."""
    covered, today = setting.covered, setting.today
    if covered:
        newest = min(covered.last, today) if today >= covered.first else covered.last
        years = range(newest.year + 1, covered.first.year - 2, -1)
        around = [days for days in (in_year(one, year) for year in years) if days]
        for days in around:
            if days.first <= newest and days.last >= covered.first:
                return days
        near = [days for days in around if _gap(days, covered) <= _SHORTLY]
        if near:
            return min(near, key=lambda days: _gap(days, covered))
    ever = (in_year(one, year) for year in range(today.year + 1, today.year - 9, -1))  # 29 February may take eight
    return next((days for days in ever if days and days.first <= today), None)


def _gap(days: Days, covered: Days) -> timedelta:
    return max(days.first - covered.last, covered.first - days.last)


def _weekday(one: Expression, setting: Setting) -> Days | None:
    days, covered = weekday_before(one, setting.today), setting.covered
    if setting.is_stated or one.shift is not None or covered is None or _is_fresh(setting):
        return days
    last = weekday_before(one, covered.last)
    # In an archive of one week every weekday is there once; in a longer one nobody can tell which is meant.
    return last if last.first >= covered.first > last.first - timedelta(days=7) else None


def _is_fresh(setting: Setting) -> bool:
    covered = setting.covered
    return covered is not None and covered.first <= setting.today <= covered.last + _FRESH


def _month_named(said: Sequence[Expression], setting: Setting) -> date | None:
    """The month, as its first day, that "the 10th" is of: named beside it, in the conversation, or the only one."""
    here = _months(said, setting)
    if here:
        return here.pop() if len(here) == 1 else None
    for text in setting.earlier:
        there = _months([*expressions(text)], setting)
        if there:
            return there.pop() if len(there) == 1 else None
    covered = setting.covered
    if covered and covered.first.replace(day=1) == covered.last.replace(day=1):
        return covered.first.replace(day=1)
    days = [one.day for one in said if one.day is not None and one.month is None]
    if days and (setting.is_stated or _is_fresh(setting)):
        this, last = setting.today.replace(day=1), (setting.today.replace(day=1) - _A_DAY).replace(day=1)
        return this if max(days) <= setting.today.day else last
    return None


def _months(said: Sequence[Expression], setting: Setting) -> set[date]:
    placed = [_placed(one, setting, None) for one in said if one.month is not None]
    return {days.first.replace(day=1) for days in placed if days}
