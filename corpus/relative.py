"""What the relative dates of a text mean, where that is sure: "on Wednesday", "late last year", "two weeks ago".

Finds expressions with mentions.py, leaves out what is a name, a habit, a period up to now or of another story's time,
and reckons the rest from the day of publication; what is said in direct speech, or beside "said on Monday", only
where the day of speaking would give the same. An expression that people use for two days ("next Friday" on a
Wednesday) has no meaning here, and neither has "the 10th", which may be a hole or a floor.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from corpus.dates import MONTH, Days, days_in_words, first_day, in_words, last_day
from corpus.document import Span
from corpus.mentions import Expression, expressions, in_year, reckoned
from corpus.speech.verbs import SAYS, TELLS
from corpus.tense import Looking, is_past, looks

_NEAR = 40  # characters looked at before and behind an expression
_SPEECH_REACH = 150  # characters between direct speech and the day on which it was said
_NEIGHBOURS = 4  # expressions looked at on either side for the day of speaking
_OPENING = 40  # characters in which "In 1998" opens a sentence
_SPEECH_AGE = timedelta(days=3)  # how old what is quoted in news may well be
_FARTHEST_DAYS, _FARTHEST_MONTHS = 270, 9  # of a date without a year; farther, the other one is nearer
_EXACT_DAYS = 6  # "ten days ago" is about ten
_LONGEST_AGO = 99

_DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_OPENS = re.compile(r"(?:^|[.!?:;“”\"‘(—–\n-])\s*$")
_IN_MARKS = re.compile(r"[“\"‘'*_(]$")
_CLOSING_MARK = re.compile(r"[”\"’'*_)]")
_DETERMINED = re.compile(  # what makes of the words behind it a habit, another time, or a name
    r"(?:^|(?<!\w))(?:a|an|one|every|each|any|some|another|no|the|that|those|following|previous|preceding|same"
    r"|other|alternate|first|second|third|fourth|fifth|1st|2nd|3rd|4th|her|his|their|its|my|our|your|called|named"
    r"|entitled|titled|like|[^\W\d]+[’']s?)\s+$",
    re.IGNORECASE,
)
_CAN = re.compile(
    r"(?<!\w)(?:can|could|may|might|will|would|must|to|cannot|should|[^\W\d]+[’']ll)\s+(?:not\s+)?$", re.IGNORECASE
)
_MEASURED = re.compile(
    r"(?<!\w)(?:than|over|about|around|roughly|some|nearly|almost|under|least|most|to|or|every|[-–—\d])\s*$",
    re.IGNORECASE,
)
_UNIT_GOES_ON = re.compile(r"\s+(?:of|or\s+(?:two|so)|after\s+(?:week|month|year)|but\s+one|in\s+\w+\s+history)\b|-\w")
_OF_NOW = re.compile(r"(?<!of )(?:^|(?<=\s))(?:the|coming|current)\s+\S+(?:\s+\S+)?$", re.IGNORECASE)  # "the last week"
_OF_MONTH = re.compile(rf"\s+(?:of|in)\s+(?:the|each|every|{MONTH})\b")
_RANGE_BEHIND = re.compile(rf"\s*(?:[-–—/]|to\b|through\b|thru\b|until\b|till\b)\s*(?:{_DAY}|\d)|s\b", re.IGNORECASE)
_RANGE_BEFORE = re.compile(
    rf"(?:{_DAY}|\d|{MONTH})\s*(?:[-–—/]|to|through|until|till)\s*$|(?<!\w)between\s+$", re.IGNORECASE
)
_ENUMERATED_BEFORE = re.compile(r"\d(?:st|nd|rd|th)?\s*(?:,|and|or|,\s*and)\s*$")
_ENUMERATED_BEHIND = re.compile(r"\s*(?:,|and|or|,\s*and)\s*\d|\s*[-–—]\s*\d|\s*,?\s*[’']\d\d|\s+(?:BC|AD|BCE|CE)\b")
_DAY_OF = re.compile(rf"(?:{_DAY}s?|weekend|week)\s+(?:in|of)\s+$", re.IGNORECASE)  # "the first Monday in May"
_DAY_LED = re.compile(r"(?:^|(?<!\w))(?:on|since|until|till|by|before|after|from|for|late|early)\s+$", re.IGNORECASE)
_MONTH_LED = re.compile(r"(?:^|(?<!\w))(?:in|since|until|till|by|before|after|from|during)\s+$", re.IGNORECASE)
_OF_THE_DAY = re.compile(
    r"\s+(?:morning|afternoon|evening|night|lunchtime|noon|midnight|dawn)(?![\w’'])", re.IGNORECASE
)
_OTHER_WEEK = re.compile(r"\s+(?:week|fortnight|next|last|before|after\s+(?:next|that))(?!\w)", re.IGNORECASE)
_NEAREST = re.compile(r"(past)\s|coming\s", re.IGNORECASE)
_OF_WEEK = re.compile(r"\s+(?:of\s+)?(?:last|this|next)\s+week(?!\w)", re.IGNORECASE)
_NOT_A_DAY = re.compile(  # before "today", "yesterday" and "tomorrow" that stand for an age
    r"(?<!\w)(?:of|for|the|a|than|even|still|known|like|was|were|born|if|only|better|into|no|new|and|or|here|gone)\s+$",
    re.IGNORECASE,
)
_ON_THE_DAY = re.compile(r"(?<!\w)(?:earlier|later|will|told\s\w+)\s+$", re.IGNORECASE)
_ADJOINING = re.compile(r"\s*,?\s*(?:(?:on|in|of)\s+)?(?:the\s+)?")
_SENTENCE_END = re.compile(
    r"(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\bProf)(?<!\b[A-Z])(?<!\.m)[.!?…][”\"’')\]]{0,3}\s+|\n"
)
_AFTER_SAYING = re.compile(r"[^,;:.!?]{0,80}$")
_SAYING = re.compile(r"[^\W\d_]+")
_ANOTHER_CLAUSE = frozenset("who whom which whose that when where while because if after before since until".split())
_DOUBLE = re.compile(r"[“”\"]")
_SINGLE = re.compile(r"(?<!\w)[‘'](?=\w)|(?<=[.,!?…])[’'](?!\w)")
_FUNCTION = frozenset(  # what may follow a day without making a name or a kind of it: "on Friday the", "Friday prayers"
    """the a an this that these those its his her their our my he she it they we you i who which when where while as
    at in on by with for from to of and but or nor so yet after before because although though if unless until till
    since than over under near outside inside into during amid against between about around despite without within
    through across along following was were is are will would has have had did does do can could may might must should
    not no all both some many most more several two three four five six seven eight nine ten at just only even also
    nobody everybody everyone somebody someone anybody
    again alone instead too there here then now what how why whether because""".split()
)
_PARTS = {
    "early": "early ", "late": "late ", "mid": "mid-", "beginning": "the beginning of ", "start": "the start of ",
    "end": "the end of ", "first half": "the first half of ", "second half": "the second half of ",
}  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What the expression at ``span`` stands for: its ``days``, and what to call them, as "the week of 3 January 2022".

    ``date`` is the ISO date that ``days`` lie in, None where they are a week, a season or only about right.
    """

    span: Span
    expression: str
    days: Days
    words: str
    date: str | None = None


@dataclass(frozen=True)
class Reading:
    """The relative dates of a text: what is ``resolved``, and how many are ``open`` for want of a day to reckon from.

    ``expressions`` counts all expressions of time, those written in full and those left out as well.
    """

    resolved: tuple[Meaning, ...]
    open: int
    expressions: int


@dataclass(frozen=True)
class _Candidate:
    one: Expression
    span: Span
    looking: Looking | None
    weekday: int | None = None  # that a date without a year has beside it: "Wednesday, 12 January"


@dataclass(frozen=True)
class _Found:
    days: Days
    words: str
    date: str | None = None


def read(text: str, published: str | None) -> Reading:
    """The relative dates of ``text`` as seen from its date of publication, of whatever precision."""
    found = [*expressions(text)]
    if not found:
        return Reading((), 0, 0)
    sentences = _Sentences(text)
    candidates = _candidates(text, found, sentences)
    if not candidates:
        return Reading((), 0, len(found))
    if published is None:
        return Reading((), len(candidates), len(found))
    first, last = first_day(published), last_day(published)
    page = _Page(text, sentences, found, candidates, first)
    resolved, unresolved = [], 0
    for candidate in candidates:
        anchors = page.anchors(candidate)
        if anchors is None:
            continue
        exact = {_on(candidate, day) for day in anchors}
        if len(exact) > 1 or None in exact:
            unresolved += first != last and exact != {None}
            continue
        if first != last and len(exact | {_on(candidate, last)}) > 1:
            unresolved += 1  # the month or the year of publication does not tell
            continue
        meant = exact.pop()
        assert meant is not None
        span = candidate.span
        resolved.append(Meaning(span, text[span.start : span.end], meant.days, meant.words, meant.date))
    return Reading(tuple(resolved), unresolved, len(found))


class _Sentences:
    """Where the sentences of a text begin."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(each.end() for each in _SENTENCE_END.finditer(text))]

    def of(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1

    def start(self, number: int) -> int:
        return self._starts[number]


def _candidates(text: str, found: Sequence[Expression], sentences: _Sentences) -> list[_Candidate]:
    """The expressions that are relative, and surely so."""
    dropped = _dropped(text, found)
    dated = {sentences.of(one.span.start) for one in found if one.year is not None}
    told_of_then = {  # "In 1998, workers struck on Monday"
        sentences.of(one.span.start)
        for one in found
        if one.year is not None and _opens(text, sentences.start(sentences.of(one.span.start)), one.span.start)
    }
    candidates: list[_Candidate] = []
    before: _Candidate | None = None
    for at, one in enumerate(found):
        sentence, previous = sentences.of(one.span.start), before
        before = None
        if at in dropped or one.year is not None or sentence in told_of_then:
            continue
        span, weekday = one.span, None
        if one.form in ("day", "month") and one.shift is None and one.year_shift is None and sentence in dated:
            continue
        if one.form == "day" and at and found[at - 1].form == "weekday" and _joins(text, found[at - 1], one):
            weekday = found[at - 1].weekday
        if one.form == "weekday" and (of_week := _OF_WEEK.match(text, one.span.end)):
            if one.shift is not None or at + 1 == len(found) or found[at + 1].span.end != of_week.end():
                continue
            shift = found[at + 1].shift
            one = Expression(one.span, "weekday", weekday=one.weekday, unit="week", shift=shift)
            span = Span(span.start, of_week.end())
        elif not _is_relative(text, one, follows=previous, is_dated=weekday is not None):
            continue
        if one.form == "weekday" and (nearest := _NEAREST.match(text, span.start)):
            looking: Looking | None = "back" if nearest[1] else "ahead"
            one = replace(one, shift=0)  # and not today
        else:
            looking = looks(text, span) if _needs_tense(one) else None
        if looking is None and _needs_tense(one) and not _is_today(one):
            continue
        if one.form == "named day" and one.shift == 0 and not _is_this_day(text, one, looking):
            continue
        before = _Candidate(one, span, looking, weekday)
        candidates.append(before)
    return candidates


def _opens(text: str, start: int, at: int) -> bool:
    """True where fewer than four words of the sentence stand before."""
    return at - start <= _OPENING and len(text[start:at].split()) < 4


def _dropped(text: str, found: Sequence[Expression]) -> set[int]:
    """Those that stand side by side and so mean another day together: "two years ago today", "last week on Friday"."""
    dropped: set[int] = set()
    for at, (one, other) in enumerate(pairwise(found)):
        if not _joins(text, one, other):
            continue
        if one.form == "weekday":
            if other.form == "day":
                dropped.add(at)
            elif other.form == "unit" and _OF_WEEK.fullmatch(text, one.span.end, other.span.end):
                dropped.add(at + 1)
            else:
                dropped |= {at, at + 1}
        elif not (one.form == "named day" and other.form == "weekday" and "," in text[one.span.end : other.span.start]):
            dropped |= {at, at + 1}
    return dropped


def _joins(text: str, one: Expression, other: Expression) -> bool:
    return _ADJOINING.fullmatch(text, one.span.end, other.span.start) is not None


def _needs_tense(one: Expression) -> bool:
    if one.form == "weekday":
        return one.unit == "" and one.shift in (None, 0)
    if one.form == "named day":
        return one.shift == 0
    if one.form == "unit":
        return one.unit == "weekend" and one.shift == 0
    return one.form in ("day", "month") and one.shift is None and one.year_shift is None


def _is_today(one: Expression) -> bool:
    return one.form == "named day"


def _is_relative(text: str, one: Expression, *, follows: _Candidate | None, is_dated: bool) -> bool:
    """False for what is no relative date, by what stands around it."""
    start, end = one.span.start, one.span.end
    words = text[start:end]
    before, behind = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    if _IN_MARKS.search(before) and _CLOSING_MARK.match(behind):
        return False  # a title
    capitals = [word[0].isupper() for word in words.split()]
    opens = _OPENS.search(before) is not None
    if (
        one.form not in ("day", "month")
        and capitals[0]
        and not opens
        and words.split()[0].lower() not in _WEEKDAY_NAMES
    ):
        return False
    if one.form in ("unit", "named day", "ago", "season", "count") and any(capitals[1:]):
        return False
    if one.form == "weekday":
        return _is_weekday(one, words, before, behind, follows)
    if _DETERMINED.search(before):
        return False
    if one.form == "named day":
        return not _NOT_A_DAY.search(before) and not re.match(r"[’']s?\b", behind)
    if one.form == "unit":
        if one.unit == "quarter" or _OF_NOW.search(words):
            return False
        return not _UNIT_GOES_ON.match(behind) and not (one.shift == -1 and _CAN.search(before) and not one.part)
    if one.form == "ago":
        return not _MEASURED.search(before) and (one.number or 1) <= _LONGEST_AGO
    if one.form == "season":
        if one.shift is None and one.year_shift is None:
            return False
        if one.season == "fall" and not re.match(r"\s*(?:$|[.,;:!?)”\"])", behind):
            return False
        return _is_free(behind) and not _CAN.search(before) and not words.lower().startswith("the ")
    if one.form not in ("day", "month"):
        return False
    if one.year_shift is not None:
        return True
    if one.form == "month":
        if one.shift is not None:
            return _is_free(behind) and not words.lower().startswith("the ")
        is_led = (bool(one.part) or _MONTH_LED.search(before) is not None) and not _DAY_OF.search(before)
        return is_led and _is_free(behind) and not _RANGE_BEFORE.search(before) and not _RANGE_BEHIND.match(behind)
    if _RANGE_BEFORE.search(before) or _RANGE_BEHIND.match(behind):
        return False
    if _ENUMERATED_BEFORE.search(before) or _ENUMERATED_BEHIND.match(behind):
        return False
    return (is_dated or _DAY_LED.search(before) is not None) and _is_free(behind, may_be_name=True)


def _is_weekday(one: Expression, words: str, before: str, behind: str, follows: _Candidate | None) -> bool:
    is_coming = re.match(r"coming\b", words, re.IGNORECASE) is not None and re.search(r"\bthe\s+$", before) is not None
    if _DETERMINED.search(before) and not is_coming:
        return False
    if _RANGE_BEHIND.match(behind) or _RANGE_BEFORE.search(before) or _OTHER_WEEK.match(behind):
        return False
    if one.shift is not None:
        return not _OF_MONTH.match(behind)
    is_led = _DAY_LED.search(before) is not None
    if re.search(r"(?<!\w)(?:and|or)\s+$", before):
        is_led = follows is not None and follows.one.form == "weekday"
    elif not is_led:
        last = re.search(r"([^\W\d_]+)\s+$", before)
        is_led = last is not None and is_past(last[1])
    if of_the_day := _OF_THE_DAY.match(behind):
        return is_led and _is_free(behind[of_the_day.end() :], may_be_name=True)
    return is_led and _is_free(behind, may_be_name=True)


_WEEKDAY_NAMES = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())


def _is_free(behind: str, *, may_be_name: bool = False) -> bool:
    """True where what follows does not make a kind of thing of the day: "Friday prayers", "July 4 celebrations"."""
    following = re.match(r"\s*([^\W\d_]+)", behind)
    if following is None:
        return not re.match(r"[-–’']\w", behind)
    word = following[1]
    if not word.islower():
        return may_be_name
    return word in _FUNCTION or is_past(word) or word.endswith("ly") or word in SAYS


def _is_this_day(text: str, one: Expression, looking: Looking | None) -> bool:
    """False for "today" in the sense of these days."""
    words = text[one.span.start : one.span.end].lower()
    if words != "today":
        return True
    if looking is None:
        return False
    before, behind = text[max(0, one.span.start - _NEAR) : one.span.start], text[one.span.end : one.span.end + _NEAR]
    if looking == "ahead" or _ON_THE_DAY.search(before) or _OPENS.search(before):
        return True
    last, following = re.search(r"([^\W\d_]+)\s+$", before), re.match(r"\s+([^\W\d_]+)", behind)
    return any(each is not None and (is_past(each[1]) or each[1] in SAYS) for each in (last, following))


# --- the day to reckon from


class _Page:
    """A text with its expressions and its direct speech, asked for the days that a candidate is reckoned from."""

    def __init__(
        self,
        text: str,
        sentences: _Sentences,
        found: Sequence[Expression],
        candidates: Sequence[_Candidate],
        today: date,
    ) -> None:
        self._text, self._sentences, self._found, self._today = text, sentences, found, today
        self._starts = [one.span.start for one in found]
        self._candidates = {each.one.span: each for each in candidates}
        self._speech = _speech(text)
        self._speech_starts = [each.start for each in self._speech]

    def anchors(self, candidate: _Candidate) -> list[date] | None:
        """The days from which a candidate is reckoned; all must agree. None where nobody can tell."""
        inside = self._holding(candidate.span)
        if inside is None:
            said = self._said_on(candidate)
            return [self._today, said] if said else [self._today]
        around = [one for one in self._beside(inside) if self._frames(inside, one.span)]
        if not around:
            return [self._today, self._today - _SPEECH_AGE]
        for one in around:
            day = self._day_of(one) if self._is_said(one.span, inside) else None
            if day:
                return [day]
        return None

    def _day_of(self, one: Expression) -> date | None:
        """The one day that an expression means."""
        if one.year is not None:
            days = in_year(one, one.year)
        else:
            candidate = self._candidates.get(one.span)
            meant = _on(candidate, self._today) if candidate else None
            days = meant.days if meant else None
        return days.first if days and days.first == days.last else None

    def _said_on(self, candidate: _Candidate) -> date | None:
        """The day on which somebody said what the sentence reports, where another candidate names it."""
        if candidate.one.form == "named day":
            return None
        number = self._sentences.of(candidate.span.start)
        for one in self._beside(candidate.span):
            if one.form not in ("weekday", "named day") or self._sentences.of(one.span.start) != number:
                continue
            if self._holding(one.span) is None and self._is_said(one.span, None) and (day := self._day_of(one)):
                return day
        return None

    def _beside(self, span: Span) -> Iterator[Expression]:
        """The few expressions before and behind a stretch."""
        first, behind = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        yield from self._found[max(0, first - _NEIGHBOURS) : first]
        yield from self._found[behind : behind + _NEIGHBOURS]

    def _holding(self, span: Span) -> Span | None:
        """The direct speech that a stretch lies in."""
        at = bisect_right(self._speech_starts, span.start) - 1
        return self._speech[at] if at >= 0 and span.end <= self._speech[at].end else None

    def _frames(self, speech: Span, span: Span) -> bool:
        """True where an expression stands in the sentence around direct speech."""
        start, end = (speech.end, span.start) if span.start >= speech.end else (span.end, speech.start)
        if end < start or end - start > _SPEECH_REACH or self._holding(span) is not None:
            return False
        return _SENTENCE_END.search(self._text, start, end) is None  # the end of the speech's own sentence is inside

    def _is_said(self, span: Span, speech: Span | None) -> bool:
        """True for the day behind a verb of saying: "told the court in Marrow on Monday"."""
        start = self._sentences.start(self._sentences.of(span.start))
        if speech is not None and start < speech.end <= span.start:
            start = speech.end
        before = _AFTER_SAYING.search(self._text, max(start, span.start - 80), span.start)
        words = [word.group() for word in _SAYING.finditer(before.group())] if before else []
        at = next((at for at in range(len(words) - 1, -1, -1) if words[at] in SAYS or words[at] in TELLS), None)
        return at is not None and not _ANOTHER_CLAUSE & set(words[at:])


def _speech(text: str) -> list[Span]:
    """The stretches in quotation marks, in order; a mark that is missing stands at the border of the text."""
    spans: list[Span] = []
    opened: int | None = None
    for mark in _DOUBLE.finditer(text):
        is_opening = mark.group() == "“" or (mark.group() == '"' and opened is None)
        if is_opening:
            opened = mark.start() if opened is None else opened
        else:
            if opened is not None or not spans:
                spans.append(Span(opened or 0, mark.end()))
            opened = None
    if opened is not None:
        spans.append(Span(opened, len(text)))
    if spans:
        return spans
    for mark in _SINGLE.finditer(text):
        if mark.group() in "‘'" and (mark.start() == 0 or text[mark.start() - 1] not in ".,!?…"):
            opened = mark.start() if opened is None else opened
        elif opened is not None:
            spans.append(Span(opened, mark.end()))
            opened = None
    return spans


# --- what is meant, seen from one day


def _on(candidate: _Candidate, today: date) -> _Found | None:
    """What a candidate means on a day; None where people would mean one thing or another."""
    one, looking = candidate.one, candidate.looking
    if one.form == "weekday":
        found = _weekday(one, today, looking)
        return _day(found) if found else None
    if one.form == "named day":
        return _day(today + timedelta(days=one.shift or 0))
    if one.form == "ago":
        return _ago(one, today)
    if one.form == "unit":
        return _unit(one, today, looking)
    if one.form == "season":
        return _season(one, today)
    if one.form == "day":
        return _date(candidate, today)
    return _month(one, today, looking)


def _day(day: date) -> _Found:
    return _Found(Days(day, day), in_words(day.isoformat()), day.isoformat())


def _weekday(one: Expression, today: date, looking: Looking | None) -> date | None:
    wanted = one.weekday or 0
    if one.unit == "week":  # "on Friday last week"
        if today.weekday() == 6:
            return None
        return today - timedelta(days=today.weekday()) + timedelta(weeks=one.shift or 0, days=wanted)
    back, ahead = (today.weekday() - wanted) % 7, (wanted - today.weekday()) % 7
    if one.shift == -1:
        # "Last Monday" on a Wednesday is that of this week or of the one before.
        return None if 0 < back <= today.weekday() and back > 1 else today - timedelta(days=back or 7)
    if one.shift == 1:
        return None if ahead and (wanted > today.weekday() or ahead == 1) else today + timedelta(days=ahead or 7)
    if one.shift == 0 and not back:
        return None
    return today - timedelta(days=back) if looking == "back" else today + timedelta(days=ahead)


def _ago(one: Expression, today: date) -> _Found | None:
    number, unit = one.number or 1, one.unit
    days = reckoned(one, today)
    if days is None:
        return None
    if unit == "day":
        if number <= _EXACT_DAYS:
            return _day(days.first)
        around = Days(days.first - timedelta(days=1), days.last + timedelta(days=1))
        return _Found(around, f"about {in_words(days.first.isoformat())}")
    if unit == "week":
        day = today - timedelta(weeks=number)
        return _Found(Days(day - timedelta(days=3), day + timedelta(days=3)), f"about {in_words(day.isoformat())}")
    if unit == "year" and number > 1:
        return _Found(days, f"about {days.first.year}")
    if unit == "year":
        month = in_year(Expression(one.span, "month", month=today.month), today.year - 1)
        return _Found(month, f"about {month.first:%B %Y}") if month else None
    return _Found(days, f"about {days.first:%B %Y}")


def _unit(one: Expression, today: date, looking: Looking | None) -> _Found | None:
    days = reckoned(one, today)
    if days is None:
        return None
    part = _PARTS.get(one.part, "")
    if one.unit == "year":
        return _Found(days, f"{part}{days.first.year}", f"{days.first.year:04d}")
    if one.unit == "month":
        return _Found(days, f"{part}{days.first:%B %Y}", f"{days.first:%Y-%m}")
    if today.weekday() == 6:
        return None  # a week begins on Sunday for some, on Monday for others
    if one.unit == "week":
        return _Found(days, f"the week of {in_words(days.first.isoformat())}")
    if one.shift == 0 and looking == "back" and today.weekday() < 5:
        return None
    if one.shift != 0 and (today.weekday() >= 5 or one.shift == 1):
        return None
    return _Found(days, days_in_words(days))


def _season(one: Expression, today: date) -> _Found | None:
    """Where this year has had its spring, "last spring" may be that one or the one before; a winter is told better."""
    if one.year_shift is not None and one.season != "winter":
        year = today.year + one.year_shift
    elif one.season == "winter":
        if one.year_shift is not None or (one.shift == 0 and 3 <= today.month <= 8) or one.shift == 1:
            return None
        year = today.year + (today.month >= 9 if one.shift == 0 else -(today.month <= 2))
        days = in_year(one, year)
        return _Found(days, f"{_PARTS.get(one.part, '')}winter {year - 1}–{year % 100:02d}") if days else None
    else:
        year = today.year + (one.shift or 0)
        this = in_year(Expression(one.span, "season", season=one.season), today.year)
        if this is None or (one.shift == -1 and this.last < today) or (one.shift == 1 and this.first > today):
            return None
    days = in_year(one, year)
    return _Found(days, f"{_PARTS.get(one.part, '')}{one.season} {year}") if days else None


def _month(one: Expression, today: date, looking: Looking | None) -> _Found | None:
    month = one.month or 1
    if one.year_shift is not None:
        year = today.year + one.year_shift
    elif one.shift is not None:
        # "Last March" in November is that of this year or of the one before.
        if (one.shift == -1 and month <= today.month) or (one.shift == 1 and month >= today.month):
            return None
        year = today.year + one.shift
    else:
        gap = (today.month - month) % 12 if looking == "back" else (month - today.month) % 12
        if not 0 < gap <= _FARTHEST_MONTHS:
            return None
        year = today.year - (month > today.month) if looking == "back" else today.year + (month < today.month)
    days = in_year(one, year)
    if days is None:
        return None
    return _Found(days, f"{_PARTS.get(one.part, '')}{days.first:%B} {year}", f"{year:04d}-{month:02d}")


def _date(candidate: _Candidate, today: date) -> _Found | None:
    """A day and a month without a year: the nearest such day on the side to which the clause looks."""
    one, looking = candidate.one, candidate.looking
    if one.year_shift is not None:
        days = in_year(one, today.year + one.year_shift)
        return _day(days.first) if days else None
    years = range(today.year - 1, today.year + 2)
    around = [days.first for days in (in_year(one, year) for year in years) if days]
    if looking == "back":
        day = max((day for day in around if day <= today), default=None)
    else:
        day = min((day for day in around if day >= today), default=None)
    if day is None or abs((day - today).days) > _FARTHEST_DAYS:
        return None
    return _day(day) if candidate.weekday in (None, day.weekday()) else None
