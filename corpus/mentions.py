"""The days that a text names: "6 January 2022", "in May", "last spring", "two weeks ago", each as a stretch of days.

Knows English expressions of time by their form, and a day to reckon from. What only looks like one is left out: "the
2030 agenda", "may", "Theresa May", "after 2000 votes". Knows nothing of questions; it is quick enough to be asked of
every passage found. Expressions that a document's head spells out are the business of dates.py.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from corpus.dates import MONTH, WEEKDAYS, Days, first_day
from corpus.document import Span

Form = Literal[
    "day", "month", "season", "quarter", "year", "decade", "weekday", "named day", "unit", "count", "ago", "of month"
]
RELATIVE: frozenset[Form] = frozenset(("named day", "unit", "count", "ago"))  # reckoned from the day of speaking


@dataclass(frozen=True)
class Expression:
    """An expression of time at ``span``; what it does not say is None or empty.

    ``shift`` is -1, 0 or 1 for "last", "this" and "next", of what the form names; ``part`` says which part of it is
    meant, as "early" or "end".
    """

    span: Span
    form: Form
    year: int | None = None
    month: int | None = None
    day: int | None = None
    season: str = ""
    number: int | None = None
    weekday: int | None = None
    unit: str = ""
    shift: int | None = None
    year_shift: int | None = None
    part: str = ""


_MONTHS = {name.lower(): number for number, name in enumerate(MONTH.split("|")[:12], start=1)}
_MONTHS |= {"sept": 9} | {name[:3]: number for name, number in _MONTHS.items()}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}  # of the north: where they begin
_NUMBERS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
} | {"a": 1, "an": 1, "a couple of": 2}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4}
_SHIFTS = {"last": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1}  # "previous" is of another time
_DAYS_ON = {
    "the day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0, "tonight": 0, "this morning": 0,
    "this afternoon": 0, "this evening": 0, "tomorrow": 1,
}  # fmt: skip

_MONTH = rf"(?:{MONTH})(?![^\W\d_])(?:(?:(?<=\b\w{{3}})(?<!May)|(?<=\bSept))\.)?"  # "May." ends a sentence
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[5-9]\d\d|20\d\d)"
_COUNT = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|an?|a couple of)"
_PART = (
    r"(?:(?P<part>early|late|mid|(?:the )?(?:very )?(?:beginning|start|middle|end|first half|second half) of)"
    r"(?: |(?<=mid)-)(?:the )?)?"
)
_PARTS = re.compile(r"first half|second half|early|late|mid|beginning|start|end")
_SHIFT = r"(?P<shift>last|past|this|current|next|coming)"
_YEAR_AFTER = rf"(?:(?: ?,)? (?:of )?(?P<year>{_YEAR})| (?:of )?(?P<year_shift>last|this|next) year)?"
_FORMS: dict[str, str] = {  # of those that begin at one place the first counts
    "iso": r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
    "dotted": r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
    "day": rf"(?:the )?(?P<day>{DAY})(?: of)? (?P<named>{_MONTH}){_YEAR_AFTER}",
    "day_behind": rf"(?P<named>{_MONTH}) (?:the )?(?P<day>{DAY})(?![\d%]|[:.,]\d| ?(?:per|%)){_YEAR_AFTER}",
    "month": rf"{_PART}(?:{_SHIFT} )?(?P<named>{_MONTH}){_YEAR_AFTER}",
    "quarter": rf"(?:the )?(?P<ordinal>first|second|third|fourth|last|final) quarter of (?P<year>{_YEAR})",
    "q": rf"Q(?P<number>[1-4]) (?:of )?(?P<year>{_YEAR})",
    "season": rf"{_PART}(?:{_SHIFT} )?(?P<season>spring|summer|autumn|fall|winter){_YEAR_AFTER}",
    "decade": r"(?:the )?(?P<part>early |late |mid-?)?(?P<year>(?:1[5-9]|20)\d0)[’']?s",
    "count": rf"{_SHIFT} (?P<count>{_COUNT}) (?P<unit>day|week|month|year)s",
    "rolling": r"(?:the (?P<shift>last|past)|past) (?P<unit>week|month|year)",
    "unit": rf"(?:(?P<part>early|late|(?:the )?(?:beginning|start|end) of) )?(?:the )?{_SHIFT}"
    r" (?P<unit>week(?:end)?|month|quarter|year)",
    "weekday": rf"(?:{_SHIFT} )?(?P<weekday>{'|'.join(WEEKDAYS)})",
    "named_day": rf"(?P<named_day>{'|'.join(_DAYS_ON)})",
    "ago": rf"(?P<count>{_COUNT}) (?P<unit>day|week|month|year)s? ago",
    "year": rf"{_PART}(?P<year>{_YEAR})",
}
_FORMS = {name: pattern.replace(" ", r"\s") for name, pattern in _FORMS.items()}
_EACH = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _FORMS.items()}
_NAMELESS = {name: re.sub(r"\?P<\w+>", "?:", pattern) for name, pattern in _FORMS.items()}
_ANY = re.compile(
    r"(?<![\w$£€.,/])(?<!(?<!\d)-)(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _NAMELESS.items())
    + r")(?![\w%]|[.,/:]\d)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_UNITS = [unit + ending for unit in ("day", "week", "weekend", "month", "quarter", "year") for ending in ("", "s")]
_ALONE = frozenset(
    [*_MONTHS, *WEEKDAYS, *_SEASONS, *(name for name in _DAYS_ON if " " not in name), "q1", "q2", "q3", "q4"]
)
_OPENERS = frozenset(
    [*_SHIFTS, *_ORDINALS, *" ".join(_NUMBERS).split(), *"the early late mid very beginning start middle end".split()]
)
_FOLLOWERS = _ALONE | _OPENERS | {*_UNITS, "of", "half", "couple", "morning", "afternoon", "evening", "night"}
_NAMES: dict[str, Form] = {
    "iso": "day", "dotted": "day", "day_behind": "day", "q": "quarter", "rolling": "count", "named_day": "named day",
}  # fmt: skip

_PLACES = {  # of how many equal parts which one
    "early": (3, 0), "beginning": (3, 0), "start": (3, 0), "mid": (3, 1), "late": (3, 2), "end": (3, 2),
    "first half": (2, 0), "second half": (2, 1),
}  # fmt: skip

_NEAR = 40  # characters looked at before and behind an expression
_LEADING = re.compile(
    r"(?:^|(?<!\w))(?:in|on|since|during|until|till|by|before|after|from|between|and|to|through|throughout|of|for|or"
    r"|as of|early|mid|late|around|about|every|dated|prior to|up to|(?:earlier|later|older|newer) than)\s*(?:the\s+)?$"
    r"|\d\s?[-–—]\s?$",
    re.IGNORECASE,
)
_SURELY = re.compile(  # before "May" and the like
    rf"(?:^|(?<!\w))(?:in|during|throughout|until|till|(?:{MONTH})\s(?:and|or|to))\s+$", re.IGNORECASE
)
_PERSONS = (4, 5, 6, 8)  # months that are names of persons as well
_VERBS = (3, 5)  # and verbs
_COUNTED = re.compile(  # behind a number that is no year and no day
    r"\s(?!(?:was|has|is|does|his|as|its|this|us|besides|versus|across|news|talks|elections|sanctions|protests)\b)"
    r"(?:[a-z]+s|people|men|women|children|percent|per cent|million|billion|agenda|target|goal|plan|strategy|vision"
    r"|deal|law|act|treaty|agreement|accord|edition|model|census|season|report|budget)\b"
)
_FREE = re.compile(  # behind a month that might be a name: the end, or a word that no name is followed by
    r"\s*(?:$|[?!.,;:)”\"]|(?:in|on|at|of|about|to|and|or|with|for|the|by|who|what|when|where|why|how|which|did|does|do"
    r"|until|till)\b|[-–—])",
    re.IGNORECASE,
)
_OF_TITLE = re.compile(r"\s+[A-Z][a-z]|[’']")  # "Sunday Times", "Sunday's"
_NAMED_BY_DAY = re.compile(  # "on Friday Orme resigned", and not "on Friday Night Live"
    r"[’']|\s+(?:Times|Post|Telegraph|Mirror|Mail|Express|People|Herald|Star|Sun|Tribune|Independent|Night|Morning"
    r"|Afternoon|Evening|World|Mass|Service|Prayers?|Club|School|Review|Politics|Standard|Gazette|Business|Sport|Brunch"
    r"|League|Market|Mercury|News|Journal|Record|Chronicle|Echo|Observer|Magazine|Supplement|Show|Live|Edition|Group"
    r"|Movement|Agreement|Accords?|Association|Society|Afternoons|Nights|Mornings|Lunch|Concerts?|Lectures?)\b"
)
_SAID_ON = re.compile(
    r"(?<!\w)(?:said|says|told\s\w+|announced|died|opened|confirmed|reported|resigned|began|ended)\s$"
)
_PLACE_BEFORE = re.compile(
    r"(?:^|(?<!\w))(?:page|article|section|chapter|number|no\.?|group|size|level|phase|clause|rule|part|item|grade|class"
    r"|channel|flight|route|room|gate|line|platform|track|pier|dock|exit|least|most|than|over|nearly|only|about)\s+$",
    re.IGNORECASE,
)
_MODAL = re.compile(r"\s+(?:be|have|has|not|also|well|never|yet|need|become|soon|still|only)\b", re.IGNORECASE)
_AHEAD = re.compile(r"\b(?:will|to (?:meet|hold|take|begin|start)|scheduled|due|upcoming|are to|is to)\b")


def expressions(text: str) -> Iterator[Expression]:
    """The expressions of time in ``text``, in order and apart from each other."""
    words = [(word.start(), word.group().lower()) for word in _WORD.finditer(text)]
    end = 0
    for (start, word), (_, following) in pairwise([*words, (len(text), "")]):
        # One word and the next rule most places out: the pattern itself would take ten times as long.
        if start < end or not (word in _ALONE or word[0].isdigit() or (word in _OPENERS and _goes_on(following))):
            continue
        if word[0].isdigit() and not (_goes_on(following) or len(word) in (4, 5)):
            continue
        match = _ANY.match(text, start)
        if match is None:
            continue
        name = match.lastgroup or ""
        # What follows decided where the whole ended; the one form alone reads the same.
        parts = _EACH[name].fullmatch(match.group())
        if parts is not None and _is_meant(name, parts.groupdict(), text, match.start(), match.end()):
            yield _expression(_NAMES.get(name, name), parts.groupdict(), Span(*match.span()))  # type: ignore[arg-type]
            end = match.end()


def _goes_on(word: str) -> bool:
    return word in _FOLLOWERS or word[:1].isdigit()


def _expression(form: Form, said: dict[str, str | None], span: Span) -> Expression:
    def number(group: str) -> int | None:
        digits = re.match(r"\d+", said.get(group) or "")
        return int(digits.group()) if digits else None

    words = {name: " ".join(value.lower().split()) for name, value in said.items() if value}
    count = words.get("count")
    named_day = words.get("named_day")
    return Expression(
        span,
        form,
        year=number("year"),
        month=_MONTHS[words["named"].rstrip(".")] if "named" in words else number("month"),
        day=number("day"),
        season=words.get("season", ""),
        number=_ORDINALS.get(words.get("ordinal", "")) or number("number")
        or ((_NUMBERS.get(count) or int(count)) if count else None),
        weekday=WEEKDAYS.index(words["weekday"]) if "weekday" in words else None,
        unit=words.get("unit", "day" if named_day else ""),
        shift=_DAYS_ON[named_day] if named_day else _SHIFTS.get(words.get("shift", "")),
        year_shift=_SHIFTS.get(words.get("year_shift", "")),
        part=part.group() if (part := _PARTS.search(words.get("part", ""))) else "",
    )  # fmt: skip


def _is_meant(name: str, said: dict[str, str | None], text: str, start: int, end: int) -> bool:
    """False for what has the form of an expression of time and is none."""
    before, behind = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    is_led, is_dated = _LEADING.search(before) is not None, bool(said.get("year") or said.get("year_shift"))
    if name == "month":
        return _is_month(said, before, behind, is_led=is_led or bool(said["part"]), is_dated=is_dated)
    if name in ("day", "day_behind"):
        named, is_verb = said["named"] or "", _MONTHS[(said["named"] or "").lower().rstrip(".")] in _VERBS
        if is_dated:
            return True
        if (_COUNTED.match(behind) and not is_led) or (is_verb and _MODAL.match(behind)):
            return False
        return (named[0].isupper() or is_led) and not (name == "day" and _PLACE_BEFORE.search(before))
    if name == "year":
        if re.search(r"[-–—]\s?$", before) and not re.search(rf"(?<!\d){_YEAR}\s?.\s?$", before):
            return False
        return (is_led or bool(said["part"])) and not before.endswith("the ") and not _COUNTED.match(behind)
    if name == "season":
        if said["shift"] or is_dated:
            return True
        led = re.search(r"\b(?:in|during|since)\s+(the\s+)?$", before, re.IGNORECASE)
        if led is None or not re.match(r"\s*(?:$|[?!.,;:)])", behind):
            return False
        # "In the spring" and "in the fall" there may be water, and a wall.
        return not led[1] or bool(said["part"]) or said["season"] in ("summer", "autumn", "winter")
    if name == "weekday":
        is_of_time = re.match(r"\s+(?:morning|afternoon|evening|night)\b", behind)
        is_led = is_led or bool(said["shift"]) or _SAID_ON.search(before) is not None
        title = _NAMED_BY_DAY if re.search(r"(?<!\w)on\s+$", before, re.IGNORECASE) else _OF_TITLE
        return is_led and (bool(is_of_time) or not title.match(behind))
    if name == "named_day":
        return not re.search(r"\bthe\s$", before) and not _OF_TITLE.match(behind)
    return True


def _is_month(said: dict[str, str | None], before: str, behind: str, *, is_led: bool, is_dated: bool) -> bool:
    named = (said["named"] or "").rstrip(".")
    if is_dated:
        return True
    number, is_short = _MONTHS[named.lower()], len(named) < len("June") and named.lower() != "may"
    if is_short or not (is_led or said["shift"]):
        return False
    if number not in (*_PERSONS, *_VERBS):
        return True
    if said["shift"] or said["part"] or _SURELY.search(before):
        return not _OF_TITLE.match(behind)
    if number not in _PERSONS:
        return named[0].isupper() and not _OF_TITLE.match(behind)
    return named[0].isupper() and _FREE.match(behind) is not None


def in_year(expression: Expression, year: int) -> Days | None:
    """The days that a day, month, season, quarter, year or decade covers in ``year``; None for 30 February."""
    if expression.form == "day":
        return _day(year, expression.month or 0, expression.day or 0)
    if expression.form == "year":
        return _part(_months(year, 1, 12), expression.part)
    if expression.form == "decade":
        return _part(Days(date(year, 1, 1), date(year + 9, 12, 31)), expression.part)
    if expression.form == "quarter":
        return _months(year, 3 * (expression.number or 1) - 2, 3)
    if expression.form == "season":
        begins = _SEASONS[expression.season]
        # A winter is called by the year it ends in.
        return _part(_months(year - 1 if begins == 12 else year, begins, 3), expression.part)
    return _part(_months(year, expression.month or 1, 1), expression.part)


def reckoned(expression: Expression, today: date) -> Days | None:
    """The days that a relative expression means on the day ``today``; None for one that is not relative."""
    shift, unit, number = expression.shift or 0, expression.unit, expression.number or 1
    if expression.form == "ago":
        return _reckoned(today, unit, -number)
    if expression.form == "count":
        shift, days = expression.shift or -1, {"day": number, "week": 7 * number}.get(unit)
        other = today + timedelta(days=shift * days) if days else _shifted(today, shift * number * _months_of(unit))
        return Days(min(other, today), max(other, today))
    if expression.form in ("unit", "named day"):
        found = _reckoned(today, unit, shift)
        return _part(found, expression.part) if unit in ("month", "year") else found
    if expression.year_shift is not None:
        return in_year(expression, today.year + expression.year_shift)
    if expression.shift is None or expression.form not in ("month", "season"):
        return None
    if shift == 0:
        return in_year(expression, today.year)
    years = range(today.year + 1, today.year - 2, -1) if shift < 0 else range(today.year, today.year + 3)
    around = [days for days in (in_year(expression, year) for year in years) if days]
    return next((days for days in around if (days.last < today if shift < 0 else days.first > today)), None)


def weekday_before(expression: Expression, today: date, *, ahead: bool = False) -> Days:
    """The weekday of an expression on or before ``today``; "last" is before it, "next" and ``ahead`` behind it."""
    back = (today.weekday() - (expression.weekday or 0)) % 7
    shift = expression.shift
    if shift == 1 or (ahead and shift != -1):
        found = today - timedelta(days=back) + timedelta(days=7 if back or shift == 1 else 0)
    else:
        found = today - timedelta(days=back or (7 if shift == -1 else 0))
    return Days(found, found)


def mentioned(text: str, published: str | None) -> Iterator[Days]:
    """The days that a text names, as seen from its date of publication; without one, only what is written in full.

    Where the year is missing it is the one that is nearest.
    """
    reference = first_day(published) if published else None
    is_exact = published is not None and len(published) == len("2022-01-06")
    for expression in expressions(text):
        days: Days | None = None
        if expression.year is not None:
            days = in_year(expression, expression.year)
        elif reference is None or (not is_exact and (expression.form in RELATIVE or expression.form == "weekday")):
            continue
        elif expression.form == "weekday":
            clause = re.split(r"[.;:!?]\s", text[max(0, expression.span.start - 120) : expression.span.end])[-1]
            days = weekday_before(expression, reference, ahead=_AHEAD.search(clause) is not None)
        else:
            days = reckoned(expression, reference) or _nearest(expression, reference, is_year=len(published or "") == 4)
        if days:
            yield days


def _nearest(expression: Expression, reference: date, *, is_year: bool) -> Days | None:
    """The time of that name that is nearest, or the one in the year where that is all that is known."""
    if is_year:
        return in_year(expression, reference.year)
    around = [in_year(expression, reference.year + step) for step in (-1, 0, 1)]
    return min((days for days in around if days), key=lambda days: abs((days.first - reference).days), default=None)


def _day(year: int, month: int, day: int) -> Days | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return Days(found, found)


def _months(year: int, first: int, count: int) -> Days:
    """``count`` months from a month on, which may lie in the next year."""
    start = date(year, first, 1)
    end = _shifted(start, count - 1)
    return Days(start, end.replace(day=monthrange(end.year, end.month)[1]))


def _shifted(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    year, month = at // 12, at % 12 + 1
    if not date.min.year <= year <= date.max.year:
        return day
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _months_of(unit: str) -> int:
    return {"month": 1, "quarter": 3, "year": 12}.get(unit, 0)


def _reckoned(today: date, unit: str, step: int) -> Days:
    """The day, week, weekend, month, quarter or year that lies ``step`` of its kind from that of ``today``."""
    if unit == "day":
        found = today + timedelta(days=step)
        return Days(found, found)
    if unit in ("week", "weekend"):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return Days(monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6))
    other = _shifted(today, step * _months_of(unit))
    if unit == "year":
        return _months(other.year, 1, 12)
    first = other.month - (other.month - 1) % 3 if unit == "quarter" else other.month
    return _months(other.year, first, _months_of(unit))


def _part(days: Days, part: str) -> Days:
    """A third of a stretch, rounded to days; half of it for "first half"."""
    if not part:
        return days
    whole = (days.last - days.first).days + 1
    count, at = _PLACES[part]
    first = days.first + timedelta(days=round(whole * at / count))
    return Days(first, days.first + timedelta(days=round(whole * (at + 1) / count) - 1))
