"""Where the sentences that were read for a question contradict each other: two figures, two days, two who did it.

Looks only at what was ranked for a question and only for the kind of thing asked. Two sentences of different sources
differ where each gives one such thing about the same matter and not both can be right. A difference that is none
confuses a reader more than one that is missed, so what is in doubt is left out: a plan beside what came of it, a count
that has since risen, a part beside the whole. Does not know which side is right. Where the question itself says that
there are different accounts, less has to speak for it, and a document may contradict itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

from corpus.dates import Days, days_of, in_words
from corpus.document import Span
from corpus.mentions import expressions, in_year
from corpus.relative import read
from corpus.speech.marks import marked
from corpus.speech.names import CAPITAL, RUN
from corpus.speech.verbs import SAYS
from rag.answering.candidates import Candidate, is_label
from rag.answering.features import Wanted
from rag.answering.ranking import Ranked
from rag.checking.folding import plain, tokens
from rag.checking.names import runs
from rag.checking.numbers import Number, numbers
from vectorstore.lexical import terms

_READ_CHARACTERS = 1_000  # of a sentence
_REACH = 2.5  # how far below the best a sentence may be ranked
_REACH_IF_ASKED = 3.5
_NEARLY_AS_GOOD = 1.0
_TELLING = 0.35  # share of what the question's words weigh that both sentences have
_TELLING_IF_ASKED = 0.1
_AS_GOOD = 2.0
_MOST_TOLD, _HARDLY_ALIKE = 0.6, 0.25  # where both tell nearly all of the question, they may be worded apart
_TELLING_WITHIN, _ALIKE_WITHIN = 0.15, 0.3  # of two sentences of one document, where it is asked about
_ALIKE = 0.4  # of the words of the shorter sentence, those that the other has
_LEAST_SHARED = 3  # words
_ALL_TOLD = 0.9
_ALIKE_BESIDE = 1 / 3  # of what both tell besides what is asked
_DAYS_APART = 3  # after which a story may well have gone on
_LEAST_QUOTED_WORDS = 5
_NOUN_WORDS = 3
_LOOK_BACK = 40  # characters

# One character for one, so that offsets stay.
_SAME_LENGTH = str.maketrans(
    dict.fromkeys("‘’‚‛`´", "'") | dict.fromkeys("“”„‟«»", '"') | dict.fromkeys("‐‑‒–—―−", "-") | {"\xa0": " "}
)


@dataclass(frozen=True)
class Side:
    """A sentence, where in it stands what the others contradict, and what that is, in words.

    Without a ``span`` it is the whole sentence that they contradict, and ``words`` say whose it is.
    """

    sentence: Candidate
    span: Span | None
    words: str


@dataclass(frozen=True)
class Difference:
    """What sides of different sources say, the best ranked first: "14 vessels / 16 ships".

    Where one may simply know more than another, as the same outlet later on, ``what`` says of when each is.
    """

    what: str
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class _Value:
    """What a sentence gives for what is asked.

    ``least`` and ``most`` bound a figure, a time of the day in minutes, or a day; ``names`` are the words of a name.
    ``counted`` are the stems of what a figure counts, ``kind`` is the dimension of a measure.
    """

    kind: str
    span: Span
    counted: tuple[str, ...] = ()
    least: float = 0.0
    most: float = 0.0
    names: frozenset[str] = frozenset()
    is_highlight: bool = False


class _Sentence:
    """A sentence that was read, as it is compared."""

    def __init__(self, candidate: Candidate, highlight: Span | None, score: float) -> None:
        self.candidate = candidate
        self.highlight = highlight
        self.score = score
        self.text = candidate.text[:_READ_CHARACTERS].translate(_SAME_LENGTH)

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(term for term in terms(self.text) if not term.isdigit())

    @cached_property
    def own_terms(self) -> frozenset[str]:
        """Without those of who says so, and of measures."""
        text = _unattributed(self.text)
        figures = [term for figure in self.figures for term in figure.counted]
        return frozenset(term for term in terms(text) if not term.isdigit() and term not in _stems(_MEASURES)) - {
            *figures
        }

    @cached_property
    def numbers(self) -> frozenset[float]:
        """All the numbers in it, whatever they count."""
        return frozenset(
            float(value) for number in numbers(self.text) for value in number.values if not isinstance(value, str)
        )

    @cached_property
    def figures(self) -> list[_Value]:
        return list(_figures(self.text, self.highlight))

    @cached_property
    def days(self) -> list[tuple[Span, Days]]:
        return list(_days(self.candidate.text[:_READ_CHARACTERS], self.candidate.document.published))

    @cached_property
    def moment(self) -> _Value | None:
        return _clock(self) or _day(self)

    @cached_property
    def names(self) -> frozenset[str]:
        """The words of the names in it, without those of who says so and of the place where it was written."""
        text = _without_sayers(_DATELINE.sub("", self.text))
        return frozenset(word.key for run in runs(text) for word in run if not (word.is_starter and len(run) == 1))

    @cached_property
    def outlook(self) -> str:
        """Whether it tells of what may be, of what is planned or asked for, of what is, or of what was."""
        text = _unattributed(self.text)
        for name, pattern in (("perhaps", _PERHAPS), ("ahead", _AHEAD), ("now", _NOW)):
            if pattern.search(text):
                return name
        return "back"

    def words(self, span: Span) -> str:
        return " ".join(self.candidate.text[span.start : span.end].split())


def differences(found: Ranked) -> list[Difference]:
    """Where the sentences read differ in what is asked; mostly none, seldom more than one."""
    asked = found.wanted.asked
    if not found.sentences or asked.form in ("quotation", "provenance", "development"):
        return []
    is_asked = asked.form == "disagreement"
    within = is_asked or _WITHIN.search(found.wanted.question.meant) is not None
    read_ones = found.sentences if within else ()
    told = frozenset(term for each in read_ones for term in terms(each.text[:_READ_CHARACTERS]))
    matter = _Matter(found.wanted, told, is_asked=is_asked, is_within=within)
    reach = _REACH_IF_ASKED if is_asked or within else _REACH
    top = float(found.scores[0])
    said = [
        _Sentence(candidate, highlight, float(score))
        for candidate, highlight, score in zip(found.sentences, found.highlights, found.scores, strict=True)
        if top - score <= (2 * reach if within and not is_asked else reach)
        and (within or not is_label(candidate.text, candidate.passage))
    ]
    for give in _ways(matter):
        if difference := _first(said, give, matter):
            return [difference]
    account = _accounts(said) if is_asked and asked.thing not in ("number", "money", "date") else None
    return [account] if account else []


_Gives = Callable[[_Sentence, _Sentence], "tuple[_Value, _Value] | None"]


@dataclass(frozen=True)
class _Matter:
    """A question, what of it the sentences read tell at all, and whether it says that accounts differ.

    ``is_within`` is true where those of one document may.
    """

    wanted: Wanted
    told: frozenset[str]
    is_asked: bool
    is_within: bool

    @property
    def is_loose(self) -> bool:
        return self.is_asked or self.is_within

    def is_one(self, one: _Sentence, other: _Sentence) -> bool:
        """True where two sentences tell of the same thing, of what the question asks, at the same time."""
        both = one.terms & other.terms
        shared = self.wanted.share(set(both))
        if one.candidate.document.name == other.candidate.document.name:
            return shared >= _TELLING_WITHIN and _likeness(one, other) >= _ALIKE_WITHIN
        if self.is_loose:
            # Of a question as people put it, much is about themselves and no sentence tells it.
            most = self.wanted.share(set(self.told - self.wanted.focus))
            shared = self.wanted.share(set(both - self.wanted.focus)) / most if most else 0.0
            is_as_good = abs(one.score - other.score) <= _AS_GOOD
            return shared >= (_TELLING_IF_ASKED if is_as_good else 2 * _TELLING_IF_ASKED)
        alike = _likeness(one, other)
        if not ((shared >= _TELLING and alike >= _ALIKE) or (shared >= _MOST_TOLD and alike >= _HARDLY_ALIKE)):
            return False
        return self.is_told_by_both(one, other) and not _is_another_stage(one, other)

    def is_told_by_both(self, one: _Sentence, other: _Sentence, *, but: str = "") -> bool:
        """True where of what the question says, both sentences have the same, and do not go on to other things.

        "The old bridge was opened" has not all that "the old bridge collapsed" has of "When did the old bridge
        collapse?", and "the roof of the hall" is more of "What did the hall cost?" than the hall. ``but`` are the
        words in which they are thought to differ.
        """
        asked, left = frozenset(self.wanted.rarity), frozenset(terms(but)) | self.wanted.focus
        if ((one.terms ^ other.terms) & asked) - self.wanted.focus - _stems(_LIGHT):
            return False
        names = frozenset(plain(word) for word in _WORD.findall(but))
        if one.names - other.names - names and other.names - one.names - names:
            return False
        if any(_is_of_a_part(here, there, asked) for here, there in ((one, other), (other, one))):
            return False
        if but and self.wanted.share(set(one.terms & other.terms)) >= _ALL_TOLD:
            return True
        beside = [each.own_terms - asked - left for each in (one, other)]
        return not all(beside) or len(beside[0] & beside[1]) >= _ALIKE_BESIDE * min(map(len, beside))


def _is_of_a_part(one: _Sentence, other: _Sentence, asked: frozenset[str]) -> bool:
    """True of "the roof of the hall", where the hall is asked about and the other sentence knows no roof."""
    return any(
        not other.terms.issuperset(terms(part["part"])) and not asked.isdisjoint(terms(part["whole"]))
        for part in _PART_OF.finditer(one.text)
    )


def _likeness(one: _Sentence, other: _Sentence) -> float:
    """The share of the shorter sentence's words that the other has; 0 where these are only a few."""
    shared = one.terms & other.terms
    return len(shared) / min(len(one.terms), len(other.terms)) if len(shared) >= _LEAST_SHARED else 0.0


def _is_another_stage(one: _Sentence, other: _Sentence) -> bool:
    """True where what changed between the two may be the world."""
    if one.outlook != other.outlook or _STAGE.search(one.text) or _STAGE.search(other.text):
        return True
    days = [each.candidate.document.published for each in (one, other)]
    if days[0] and days[1] and _apart(days_of(days[0]), days_of(days[1])) > _DAYS_APART:
        return True
    mine, yours = [each for _, each in one.days], [each for _, each in other.days]
    return bool(mine and yours) and not any(my.overlaps(your) for my in mine for your in yours)


def _apart(one: Days, other: Days) -> int:
    """The days between two stretches, 0 where they meet."""
    return max(0, (max(one.first, other.first) - min(one.last, other.last)).days)


def _ways(matter: _Matter) -> Iterator[_Gives]:
    """How two sentences may contradict each other, given what is asked."""
    asked = matter.wanted.asked
    yield _speakers
    if asked.thing in ("number", "money") or (matter.is_asked and asked.thing in ("other", "manner")):
        yield lambda one, other: _two_figures(one, other, matter)
    if asked.thing == "date":
        yield lambda one, other: _two_days(one, other, matter)
    if asked.thing in ("person", "group", "place") and asked.form != "list":
        yield lambda one, other: _two_names(one, other, matter)
    if asked.thing == "reason":
        yield lambda one, other: _two_causes(one, other, matter)


def _first(said: Sequence[_Sentence], give: _Gives, matter: _Matter) -> Difference | None:
    """What the best ranked sentence that is contradicted says, beside all that contradict it and each other."""
    for at, one in enumerate(said):
        sides: list[tuple[_Sentence, _Value]] = []
        for other in said[at + 1 :]:
            if not _may_differ(one, other, matter) or any(_is_one_source(other, each) for each, _ in sides[1:]):
                continue
            given = give(one, other)
            if given is None or any(give(each, other) is None for each, _ in sides[1:]):
                continue
            sides = [*(sides or [(one, given[0])]), (other, given[1])]
        if sides:
            return _difference(sides)
    return None


def _may_differ(one: _Sentence, other: _Sentence, matter: _Matter) -> bool:
    if one.candidate.document.name == other.candidate.document.name:
        return matter.is_within
    return not _is_one_source(one, other)


def _is_one_source(one: _Sentence, other: _Sentence) -> bool:
    """True of one document, and of two that carry one text."""
    names = [each.candidate.document.name for each in (one, other)]
    carried = [{header.name for header in each.candidate.hit.carriers} for each in (one, other)]
    return names[0] == names[1] or names[0] in carried[1] or names[1] in carried[0]


def _difference(sides: Sequence[tuple[_Sentence, _Value]]) -> Difference:
    said = [sentence.words(value.span) for sentence, value in sides]
    documents = [sentence.candidate.document for sentence, _ in sides]
    days = [document.published for document in documents]
    apart = [_apart(days_of(one), days_of(other)) for one, other in pairwise(days) if one and other]
    outlets = [document.outlet for document in documents if document.outlet]
    if any(gap > _DAYS_APART for gap in apart) or (any(apart) and len(set(outlets)) < len(outlets)):
        said = [f"{words} ({in_words(day)})" if day else words for words, day in zip(said, days, strict=True)]
    return Difference(
        " / ".join(said),
        tuple(
            Side(sentence.candidate, value.span, words) for (sentence, value), words in zip(sides, said, strict=True)
        ),
    )


# Figures

_UNITS = {  # of what is told in different measures: minutes, metres, kilograms
    word: (kind, factor)
    for kind, words in (
        ("time", "second 0.0167 minute 1 hour 60 day 1440 week 10080 fortnight 20160 month 43830 year 525960"),
        ("length", "millimetre 0.001 centimetre 0.01 metre 1 meter 1 kilometre 1000 kilometer 1000 km 1000 mile 1609"
         " foot 0.3048 feet 0.3048 yard 0.9144 m 1"),
        ("mass", "gram 0.001 kilo 1 kilogram 1 kilogramme 1 kg 1 tonne 1000 ton 1000"),
    )
    for word, factor in zip(words.split()[::2], map(float, words.split()[1::2]), strict=True)
}  # fmt: skip
_UNIT = re.compile(r"[ -]([^\W\d_]+?)s?(?![^\W_])")
_OF_THE = re.compile(r" of (?:the|its|their|her|his|all|our)(?: (?:first|nearly|almost|about))?(?: [\d,.]+)?(?= )")
_NOUN = re.compile(rf"[ -]([^\W\d_]+)((?:[ -][^\W\d_]+){{0,{_NOUN_WORDS - 1}}})")
_WORD = re.compile(r"[^\W\d_]+")
_NO_NOUN = SAYS | frozenset(
    """per each every apart when while later earlier ago away instead against during since from were was had has have
    did does would could should can may might must been being be about after before between out over under up down off
    above below than until till via within without which who whom whose what where how why because so very more less
    he she they we you i his her its our your my me him them us went came fell left got lost died took
    also""".split()
)
_PART = re.compile(
    r"(?:\b(?:another|other|further|additional|extra|first|last|next|every|each|per|than usual|of the|of its|of their"
    r"|of all|includ(?:es?|ed|ing)|among them|includ(?:es?|ed|ing) (?:some|about)|up by|down by|rose by|fell by|not|no)"
    r"|\b(?:No|Number)\.?) $",
    re.IGNORECASE,
)
_PART_BEHIND = re.compile(
    r" (?:more|fewer|others?|of (?:them|whom|which|those)|each|apiece|a (?:day|week|month|year))\b"
)
_OVER = re.compile(
    r"\b(?:more than|over|at least|above|no fewer than|no less than|exceed(?:s|ed|ing)?|well over|just over) $",
    re.IGNORECASE,
)
_UNDER = re.compile(
    r"\b(?:up to|under|below|less than|fewer than|at most|no more than|nearly|almost|just under) $", re.IGNORECASE
)
_CLOSELY = re.compile(r"\b(?:nearly|almost|just under|just over) $", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:about|around|some|roughly|approximately|close to|an estimated|estimated|as many as|perhaps|maybe) $",
    re.IGNORECASE,
)
_JOINED = re.compile(r",? (?:and )?$")
_RANGE = re.compile(r" ?(?:-|to|or) ?(?:some |about )?$")
_NEAR = 0.1  # of a figure: how far "about" reaches at most
_LEAST_NEAR = 0.02


def _figures(text: str, highlight: Span | None) -> Iterator[_Value]:
    """The figures that count or measure something, bar those of a part, of a change or of one more."""
    dates = [each.span for each in expressions(text) if each.form not in ("count", "ago")]
    pending: _Value | None = None
    for number in numbers(text):
        figure = None if any(span.overlaps(number.span) for span in dates) else _figure(text, number, highlight)
        if pending and figure and (joined := _as_one(text, pending, figure)):
            pending = joined
            continue
        if pending:
            yield pending
        pending = figure
    if pending:
        yield pending


def _figure(text: str, number: Number, highlight: Span | None) -> _Value | None:
    before = text[max(0, number.span.start - _LOOK_BACK) : number.span.start]
    values = [float(value) for value in number.values if not isinstance(value, str)]
    if len(values) != 1 or number.is_ordinal or _PART.search(before):
        return None
    kind, counted, end = _counted(text, number)
    is_highlight = highlight is not None and highlight.overlaps(number.span)
    if not kind and is_highlight:
        kind = "count"  # of what, the question says: "eleven were hurt"
    if not kind or (number.idiomatic and kind == "count") or _PART_BEHIND.match(text, end):
        return None
    factor = 1.0
    if kind in ("time", "length", "mass"):
        unit = _UNIT.match(text, number.span.end)
        factor = _UNITS[unit[1].lower()][1] if unit else 1.0
    (value,) = values
    near = _reach(value)
    least, most = value, value
    start = number.span.start
    if about := _ABOUT.search(before):
        least, most = value - near, value + near
    elif about := _OVER.search(before):
        most = float("inf") if not _CLOSELY.search(before) else value + near
    elif about := _UNDER.search(before):
        least = 0.0 if not _CLOSELY.search(before) else value - near
    if about:
        start -= len(about.group())
    return _Value(kind, Span(start, end), counted, least * factor, most * factor, is_highlight=is_highlight)


def _reach(value: float) -> float:
    """How far off an approximate figure may be: one of its last digit that is not zero, within bounds."""
    digits = f"{value:.10g}".split("e")[0]
    whole = digits.rstrip("0") if "." not in digits else digits
    last = 10.0 ** (len(digits) - len(whole)) if "." not in digits else 10.0 ** -len(digits.split(".")[1])
    return min(max(last, _LEAST_NEAR * value), _NEAR * value)


def _counted(text: str, number: Number) -> tuple[str, tuple[str, ...], int]:
    """The dimension, the stems of what is counted, and where its words end; no dimension where it cannot be told."""
    end = number.span.end
    if number.unit == "%":
        return "%", (), end
    if number.unit:
        return number.unit, (), end
    unit = _UNIT.match(text, end)
    if unit and unit[1].lower() in _UNITS:
        return _UNITS[unit[1].lower()][0], (), unit.end()
    whole = _OF_THE.match(text, end)
    noun = _NOUN.match(text, whole.end() if whole else end)
    counted: list[str] = []
    if noun:
        for word in _WORD.finditer(text, noun.start(), noun.end()):
            stems = terms(word.group())
            low = word.group().lower()
            if not stems or low in _NO_NOUN or (counted and low.endswith(("ed", "ly", "ing"))):
                break
            counted += stems
            end = word.end()
    return ("count" if counted else ""), tuple(counted), end


def _as_one(text: str, one: _Value, other: _Value) -> _Value | None:
    """A range as one figure, and "three hours and twenty minutes"."""
    between = text[one.span.end : other.span.start]
    span, is_highlight = Span(one.span.start, other.span.end), one.is_highlight or other.is_highlight
    if one.kind == other.kind == "time" and other.most < one.least and _JOINED.fullmatch(between):
        least, most = one.least + other.least, one.most + other.most
        return _Value("time", span, (), least, most, is_highlight=is_highlight)
    return None


def _two_figures(one: _Sentence, other: _Sentence, matter: _Matter) -> tuple[_Value, _Value] | None:
    for mine in one.figures:
        for yours in other.figures:
            if _agree(mine, yours) or not _same_thing(mine, yours, one, other, matter):
                continue
            if not _told(mine, other) and not _told(yours, one) and matter.is_one(one, other):
                return mine, yours
    return None


def _agree(one: _Value, other: _Value) -> bool:
    if one.least <= other.most and other.least <= one.most:
        return True
    if one.least != one.most or other.least != other.most:
        return False
    round_one, exact = sorted((one.least, other.least), key=_grain, reverse=True)
    grain = _grain(round_one)
    return round_one >= _ROUND and grain > _grain(exact) and abs(round_one - exact) <= grain / 2


_ROUND = 100.0  # from here on a figure that ends with zeros may be rounded


def _grain(value: float) -> float:
    """The place of the last digit that is not zero: 100 of 1,200."""
    whole = f"{value:.0f}"
    return 10.0 ** (len(whole) - len(whole.rstrip("0"))) if value == int(value) else 0.1


def _same_thing(mine: _Value, yours: _Value, one: _Sentence, other: _Sentence, matter: _Matter) -> bool:
    if mine.kind != yours.kind or not _is_dimension_asked(mine.kind, matter.wanted):
        return False
    if not matter.is_loose and not (mine.is_highlight and yours.is_highlight):
        return False
    if mine.kind != "count":
        both = [[each for each in said.figures if each.kind == mine.kind] for said in (one, other)]
        return (mine.is_highlight and yours.is_highlight) or all(len(each) == 1 for each in both)
    short, long = sorted((mine.counted, yours.counted), key=len)
    if not short:
        return matter.is_loose and mine.is_highlight and yours.is_highlight
    if long[: len(short)] == short or long[-len(short) :] == short:
        return True
    is_asked = bool(matter.wanted.focus & {*mine.counted, *yours.counted})
    return matter.is_loose and mine.is_highlight and yours.is_highlight and is_asked


_ASKS_TIME = re.compile(
    r"\b(?:how (?:long|old|late|soon|often)|length|duration|age|(?:second|minute|hour|day|week|month|year)s?|time"
    r"|last(?:ed)?|tak(?:e|es|en)|took)\b",
    re.IGNORECASE,
)


def _is_dimension_asked(kind: str, wanted: Wanted) -> bool:
    """False for hours where money is asked for, or the number of ships."""
    if wanted.asked.thing == "money":
        return kind not in ("time", "length", "mass", "%")
    return kind != "time" or _ASKS_TIME.search(wanted.question.meant) is not None


def _told(value: _Value, sentence: _Sentence) -> bool:
    """True where the other sentence has the figure, too: it knows of both."""
    return value.least in sentence.numbers or any(
        each.kind == value.kind and _agree(each, value) for each in sentence.figures
    )


# Times

_CLOCK_WITHIN = 5  # minutes
_NOT_AT = re.compile(
    r"\b(?:before|after|until|till|by|since|from|between|around|about|shortly|later than) $", re.IGNORECASE
)
_FROM = re.compile(r"(?P<hour>\d{1,2})[.:](?P<minute>\d\d)(?: [ap]\.?m\.?)? ?(?:and|to|-|or) ?$")


def _days(text: str, published: str | None) -> Iterator[tuple[Span, Days]]:
    """Where a sentence names a stretch of days that can be told, bar when somebody said it."""
    meant = [(each.span, each.days) for each in read(text, published).resolved]
    for each in expressions(text):
        days = in_year(each, each.year) if each.year else None
        if days is None:
            days = next((days for span, days in meant if span.overlaps(each.span)), None)
        if days and not _is_said(text[max(0, each.span.start - _LOOK_BACK) : each.span.start]):
            yield each.span, days


def _is_said(before: str) -> bool:
    words = ["", *_WORD.findall(before)[-4:]]
    return any(word in SAYS and ahead not in ("was", "were", "been", "is", "are") for ahead, word in pairwise(words))


def _two_days(one: _Sentence, other: _Sentence, matter: _Matter) -> tuple[_Value, _Value] | None:
    mine, yours = one.moment, other.moment
    if mine is None or yours is None or mine.kind != yours.kind:
        return None
    if mine.least <= yours.most and yours.least <= mine.most:
        return None
    if not matter.is_one(one, other) and matter.is_loose:
        return None
    if not matter.is_loose:
        around = [_around(each, value.span) for each, value in ((one, mine), (other, yours))]
        if matter.wanted.share(around[0] & around[1]) < _IN_CLAUSE or one.outlook != other.outlook:
            return None
        if not matter.is_told_by_both(one, other, but=_words(one, mine, other, yours)) or _NOT_AT.search(
            one.text[: mine.span.start][-_LOOK_BACK:]
        ):
            return None
        if _NOT_AT.search(other.text[: yours.span.start][-_LOOK_BACK:]):
            return None
    return mine, yours


_IN_CLAUSE = 0.5
_BORDER = re.compile(r"[,;:()]|(?<= )-(?= )|\b(?:and|but|while|after|before|when|who|which|because|as)\b")


def _around(sentence: _Sentence, span: Span) -> set[str]:
    """The terms of the clause around a span."""
    start = max((border.end() for border in _BORDER.finditer(sentence.text, 0, span.start)), default=0)
    border = _BORDER.search(sentence.text, span.end)
    return set(terms(sentence.text[start : border.start() if border else len(sentence.text)]))


def _clock(sentence: _Sentence) -> _Value | None:
    highlight = sentence.highlight
    if highlight is None:
        return None
    for number in numbers(sentence.text[: highlight.end]):
        hours = [str(value) for value in number.values if ":" in str(value)]
        if hours and number.span.overlaps(highlight):
            minutes = _minutes(hours[0], number.unit)
            first = _FROM.search(sentence.text[: number.span.start][-20:])
            start = number.span.start - len(first.group()) if first else number.span.start
            begin = _minutes(f"{first['hour']}:{first['minute']}", number.unit) if first else minutes
            least, most = begin - _CLOCK_WITHIN, minutes + _CLOCK_WITHIN
            return _Value("clock", Span(start, number.span.end), (), least, most)
    return None


def _minutes(clock: str, half: str) -> float:
    hour, minute = clock.split(":")
    return (int(hour) % 12 + 12 * (half == "pm")) * 60.0 + int(minute)


def _day(sentence: _Sentence) -> _Value | None:
    highlight = sentence.highlight
    found = [each for each in sentence.days if highlight and each[0].overlaps(highlight)]
    if highlight is None or not found:
        return None
    days = found[0][1]
    return _Value("day", highlight, (), float(days.first.toordinal()), float(days.last.toordinal()))


# Persons, places, speakers

_IT_WAS = re.compile(
    rf"\b[Ii]t (?:was|is) (?P<name>{CAPITAL}(?: {CAPITAL}){{0,3}})(?:,[^,]{{1,80}}){{0,2}},? (?:who|that|which)\b"
)
_ALIKE_FOR_NAMES = 0.5
_TELLING_FOR_NAMES = 0.6


def _two_names(one: _Sentence, other: _Sentence, matter: _Matter) -> tuple[_Value, _Value] | None:
    mine, yours = _name(one), _name(other)
    if mine is None or yours is None or mine.names & yours.names:
        return None
    if _is_in(mine, other) or _is_in(yours, one):
        return None if mine.kind != "doer" or yours.kind != "doer" else (mine, yours)
    if mine.kind == yours.kind == "doer":
        return mine, yours
    if matter.is_loose:
        is_one = matter.is_one(one, other) and matter.wanted.share(set(one.terms & other.terms)) >= _TELLING
        return (mine, yours) if is_one else None
    shared = set(one.terms & other.terms)
    if matter.wanted.share(shared) < _TELLING_FOR_NAMES or _likeness(one, other) < _ALIKE_FOR_NAMES:
        return None
    if (
        '"' in one.text
        or '"' in other.text
        or not matter.is_told_by_both(one, other, but=_words(one, mine, other, yours))
    ):
        return None
    return None if _is_another_stage(one, other) else (mine, yours)


def _words(one: _Sentence, mine: _Value, other: _Sentence, yours: _Value) -> str:
    return f"{one.words(mine.span)} {other.words(yours.span)}"


def _is_in(value: _Value, sentence: _Sentence) -> bool:
    return not value.names.isdisjoint(plain(word) for word in _WORD.findall(sentence.text))


def _name(sentence: _Sentence) -> _Value | None:
    """Who or what a sentence names as what is asked, by "It was X who", else by the highlight."""
    if emphatic := _IT_WAS.search(sentence.text):
        span = Span(*emphatic.span("name"))
    elif (
        sentence.highlight
        and not _is_dateline(sentence)
        and RUN.search(sentence.text, sentence.highlight.start, sentence.highlight.end)
    ):
        span = sentence.highlight
    else:
        return None
    names = frozenset(plain(word) for word in _WORD.findall(sentence.text[span.start : span.end]) if len(word) > 2)
    return _Value("doer" if emphatic else "name", span, names=names) if names else None


def _is_dateline(sentence: _Sentence) -> bool:
    dateline = _DATELINE.match(sentence.text)
    return dateline is not None and sentence.highlight is not None and sentence.highlight.start < dateline.end()


def _speakers(one: _Sentence, other: _Sentence) -> tuple[_Value, _Value] | None:
    """Two to whom the same words are ascribed."""
    speakers = [each.candidate.speaker for each in (one, other)]
    if not all(speaker[:1].isupper() for speaker in speakers):
        return None
    names = [{plain(word) for word in speaker.split()} for speaker in speakers]
    quoted = [set(_quotations(each.text)) for each in (one, other)]
    places = [each.text.find(speaker) for each, speaker in zip((one, other), speakers, strict=True)]
    if names[0] & names[1] or not quoted[0] & quoted[1] or min(places) < 0:
        return None
    spans = [Span(place, place + len(speaker)) for place, speaker in zip(places, speakers, strict=True)]
    return _Value("speaker", spans[0]), _Value("speaker", spans[1])


def _quotations(text: str) -> Iterator[str]:
    for span in marked(text, [Span(0, len(text))]):
        words = [word for word in tokens(text[span.start : span.end]) if word[0].isalnum()]
        if len(words) >= _LEAST_QUOTED_WORDS:
            yield " ".join(words)


# Causes, and whole accounts

_CAUSED = re.compile(
    r"\b(?:caused|triggered|set off|brought about|started) by\b|\bblamed on\b|\bthe cause (?:was|is)\b|\bput down to\b"
)


def _two_causes(one: _Sentence, other: _Sentence, matter: _Matter) -> tuple[_Value, _Value] | None:
    if one.highlight is None or other.highlight is None:
        return None
    told = [set(terms(each.text[each.highlight.start : each.highlight.end])) for each in (one, other) if each.highlight]
    if told[0] & told[1] or not all(told):
        return None
    if matter.is_asked:
        return _cause(one, one.highlight), _cause(other, other.highlight)
    if not (_CAUSED.search(one.text) and _CAUSED.search(other.text)) or not matter.is_one(one, other):
        return None
    return _cause(one, one.highlight), _cause(other, other.highlight)


def _cause(sentence: _Sentence, highlight: Span) -> _Value:
    said = len(_unattributed(sentence.text[highlight.start : highlight.end]).rstrip(" ,."))
    return _Value("cause", Span(highlight.start, highlight.start + said))


def _accounts(said: Sequence[_Sentence]) -> Difference | None:
    """The two best sentences of different sources, where the question says that these differ."""
    if not said:
        return None
    best = said[0]
    for other in said[1:]:
        if best.score - other.score > _NEARLY_AS_GOOD:
            return None
        if not _is_one_source(best, other) and best.candidate.document.called() != other.candidate.document.called():
            sides = [Side(each.candidate, None, each.candidate.document.called()) for each in (best, other)]
            return Difference(" / ".join(side.words for side in sides), tuple(sides))
    return None


# Words

_WITHIN = re.compile(
    r"\b(?:sub-?title|headline|sub-?heading|heading|standfirst)\b.{1,80}\b(?:article|text|body|page|piece|story|below"
    r"|beneath)\b|\b(?:article|text|body|page|piece|story)\b.{1,80}\b(?:sub-?title|headline|sub-?heading|heading"
    r"|standfirst)\b",
    re.IGNORECASE,
)
_PERHAPS = re.compile(
    r"\b(?:may|might|could|fear(?:s|ed)?|threaten(?:s|ed)?|if|unless|perhaps|rumours?|alleged(?:ly)?)\b", re.IGNORECASE
)
_AHEAD = re.compile(
    r"\b(?:will|would|won't|should|must|is to|are to|was to|were to|plan(?:s|ned)?|expect(?:s|ed)?|hopes?|hoped"
    r"|wants?|wanted|demand(?:s|ed)?|ask(?:s|ed) for|call(?:s|ed) for|seek(?:s|ing)?|sought|propos(?:es|ed|al)"
    r"|promis(?:es|ed)|aim(?:s|ed)?|target|forecast|predict(?:s|ed)?|estimate[sd]?|due|scheduled|offer(?:s|ed)?"
    r"|budget(?:ed)?|intend(?:s|ed)?)\b",
    re.IGNORECASE,
)
_NOW = re.compile(r"\b(?:is|are|has|have|does|do)\b(?! (?:been|\w+ed|\w+en)\b)", re.IGNORECASE)
_STAGE = re.compile(
    r"\b(?:so far|by now|now|rose|risen|rises|rising|grew|grown|climbed|fell to|fallen|dropped|increased|decreased"
    r"|stands? at|stood at|up from|down from|at first|at the time|initially|originally|first given|earlier|previously"
    r"|revised|corrected|correction|updated|since then|until then|by then|still|already|reached|passed|to date"
    r"|provisional|preliminary|final|finally|total|in all|altogether|last year|the year before|a year ago|this year)\b",
    re.IGNORECASE,
)
_DATELINE = re.compile(r"^[*>#\s]*[A-Z][A-Z'. ]+(?:, [^()-]{1,30})?(?: ?\([^)]{1,30}\))? ?- ")
_NAMED = re.compile(rf"(?<!\w){CAPITAL}(?: {CAPITAL}){{0,3}}")
_LAST_WORDS = re.compile(r"([^\W\d_]+) (?:the )?$")
_NEXT_WORD = re.compile(r" ([^\W\d_]+)")
_COMMA_PARTS = re.compile(r"[,;][^,;]*|[^,;]+")
_ACCORDING = re.compile(r"\baccording to [^,.;]{1,80}", re.IGNORECASE)
_LONGEST_ATTRIBUTION = 12  # words


def _without_sayers(text: str) -> str:
    """The text with the names blank of those who say something, or according to whom it is so."""
    text = _ACCORDING.sub("", text)
    pieces, end = [], 0
    for name in _NAMED.finditer(text):
        before = _LAST_WORDS.search(text[max(0, name.start() - _LOOK_BACK) : name.start()])
        behind = _NEXT_WORD.match(text, name.end())
        if (before and before[1] in SAYS) or (behind and behind[1] in SAYS):
            pieces.append(text[end : name.start()])
            end = name.end()
    return "".join([*pieces, text[end:]])


def _unattributed(text: str) -> str:
    """The text without ", the council said" and "according to the council"."""
    parts = _COMMA_PARTS.findall(_ACCORDING.sub("", text))
    return "".join(
        part
        for at, part in enumerate(parts)
        if at == 0 or len(words := _WORD.findall(part)) > _LONGEST_ATTRIBUTION or SAYS.isdisjoint(words)
    )


_PART_OF = re.compile(r"\b(?P<part>[a-z]+) of (?:the|its|his|her|their|an?) (?P<whole>\w+(?: \w+){0,2})")
_MEASURES = "per cent percent percentage say said second minute hour metre kilometre tonne"
_LIGHT = (  # what English inflects beyond a stem, or says in many ways
    "left leave leaving made make took take taken got get gave give given put went go became become"
)


@cache
def _stems(words: str) -> frozenset[str]:
    return frozenset(terms(words))
