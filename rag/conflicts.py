"""Passages that disagree: two figures for the same count, two dates for the same event, two speakers of the same words.

Told by form. Two sentences of different documents that share most of what is rare in them are taken to be about the
same thing; they disagree where each gives one number of the same unit or noun, or one day, and these cannot both be
right. A conflict that is none confuses a reader more than one that is missed, so what is in doubt is left out. Does
not know which is right, nor whether something changed between the two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from math import log

from corpus.dates import in_words, relative_dates
from corpus.document import Passage, Span
from corpus.sentences import sentences
from corpus.speech.quotations import quotations
from corpus.speech.verbs import SAYS
from rag.checking.days import blotted, written
from rag.checking.folding import plain, tidy, tokens
from rag.checking.names import runs
from rag.checking.numbers import Number, numbers
from vectorstore.lexical import terms

_ALIKE = 0.5  # share of what is rare in the poorer of two sentences that the other has
_ALIKE_FOR_DATES = 0.6
_LEAST_SHARED = 3  # words
_CERTAIN_QUOTATION = 0.8
_LEAST_QUOTED_WORDS = 5
_NEAR = Decimal("0.1")  # of a figure: how far "about" reaches
_NOUN_WORDS = 3

_NOUN = re.compile(rf" ?-?([^\W\d_]+)((?:[ -][^\W\d_]+){{0,{_NOUN_WORDS - 1}}})")
_OVER = re.compile(
    r"\b(?:more than|over|at least|above|no fewer than|no less than|exceed(?:s|ed|ing)?) $", re.IGNORECASE
)
_UNDER = re.compile(r"\b(?:up to|under|below|less than|fewer than|at most|no more than) $", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:about|around|some|roughly|approximately|nearly|almost|close to|an estimated|estimated) $", re.IGNORECASE
)
_PART = re.compile(
    r"\b(?:another|other|further|additional|extra|first|last|next|every|each|per|than|from|of the) $", re.IGNORECASE
)
_NO_NOUN = SAYS | frozenset(
    "per each every apart when while later earlier ago away instead against during since".split()
)
_RATES = "per second minute hour day week month year"  # shared by what else has nothing in common
_LOOK_BACK = 24
_AROUND = 40  # characters
_WORD = re.compile(r"[^\W\d_]+")


_Said = tuple["Place", str, str]


@dataclass(frozen=True)
class Place:
    """A sentence, in its document's offsets, of the passage at index ``passage``."""

    passage: int
    span: Span


@dataclass(frozen=True)
class Conflict:
    """Two places that disagree, and ``what`` each says: "34 cubic metres / 36 cubic metres"."""

    one: Place
    other: Place
    what: str


@dataclass(frozen=True)
class _Figure:
    """A number with the stems of what it counts, for money and shares the unit, and of the words ``around`` it.

    It may mean any value from ``least`` to ``most``.
    """

    counted: tuple[str, ...]
    value: Decimal
    written: str
    around: frozenset[str]
    least: Decimal
    most: Decimal


@dataclass(frozen=True)
class _Sentence:
    place: Place
    words: frozenset[str]
    names: frozenset[str]
    figures: tuple[_Figure, ...]
    days: Mapping[str, str] = field(default_factory=dict)  # ISO days, in words


def conflicts(passages: Sequence[Passage]) -> list[Conflict]:
    """Where the passages disagree, in their order, each difference once."""
    found = [_read(index, passage) for index, passage in enumerate(passages)]
    rarity = _rarity([sentence for read in found for sentence in read])
    quoted = [list(_quotations(index, passage)) for index, passage in enumerate(passages)]
    result: dict[str, Conflict] = {}
    for first, second in combinations(range(len(passages)), 2):
        if passages[first].document.name == passages[second].document.name:
            continue
        for conflict in (
            *_of_sentences(found[first], found[second], rarity, passages),
            *_of_speakers(quoted[first], quoted[second]),
        ):
            result.setdefault(conflict.what, conflict)
    return list(result.values())


def _of_sentences(
    ours: Sequence[_Sentence], theirs: Sequence[_Sentence], rarity: Mapping[str, float], passages: Sequence[Passage]
) -> Iterator[Conflict]:
    for one in ours:
        for other in theirs:
            if not (one.figures and other.figures) and not (one.days and other.days):
                continue
            alike = _likeness(one, other, rarity)
            if alike >= _ALIKE:
                for figure, another in _differing(one, other, ours, theirs):
                    yield _conflict(one, other, figure.written, another.written, passages)
            if alike >= _ALIKE_FOR_DATES and len(one.days) == len(other.days) == 1 and one.days != other.days:
                (mine,), (yours,) = one.days.values(), other.days.values()
                yield _conflict(one, other, mine, yours, passages)


def _conflict(one: _Sentence, other: _Sentence, mine: str, yours: str, passages: Sequence[Passage]) -> Conflict:
    documents = [passages[each.place.passage].document for each in (one, other)]
    if documents[0].outlet and documents[0].outlet == documents[1].outlet:  # it may have learned more since
        mine, yours = (
            f"{said} ({in_words(document.published)})" if document.published else said
            for said, document in zip((mine, yours), documents, strict=True)
        )
    return Conflict(one.place, other.place, f"{mine} / {yours}")


def _differing(
    one: _Sentence, other: _Sentence, ours: Sequence[_Sentence], theirs: Sequence[_Sentence]
) -> Iterator[tuple[_Figure, _Figure]]:
    """Figures of the same thing, the only such in both sentences, that neither passage has both of."""
    for mine in one.figures:
        same = [figure for figure in other.figures if _same_thing(mine, figure)]
        if len(same) != 1 or sum(_same_thing(figure, same[0]) for figure in one.figures) != 1:
            continue
        (yours,) = same
        if mine.least <= yours.most and yours.least <= mine.most:
            continue
        shared = mine.around & yours.around
        if not shared.difference(mine.counted, yours.counted, one.names, other.names, terms(_RATES)):
            continue
        if not _is_told(mine, theirs) and not _is_told(yours, ours):
            yield mine, yours


def _same_thing(one: _Figure, other: _Figure) -> bool:
    short, long = sorted((one.counted, other.counted), key=len)
    return bool(short) and (long[: len(short)] == short or long[-len(short) :] == short)


def _is_told(figure: _Figure, by: Sequence[_Sentence]) -> bool:
    return any(each.value == figure.value and _same_thing(figure, each) for other in by for each in other.figures)


def _likeness(one: _Sentence, other: _Sentence, rarity: Mapping[str, float]) -> float:
    shared = one.words & other.words
    if len(shared) < _LEAST_SHARED or not one.names & other.names:
        return 0.0
    poorer = min(sum(rarity[word] for word in sentence.words) for sentence in (one, other))
    return sum(rarity[word] for word in shared) / poorer if poorer else 0.0


def _rarity(found: Sequence[_Sentence]) -> dict[str, float]:
    frequency = Counter(word for sentence in found for word in sentence.words)
    return {word: log(1 + (len(found) + 1) / (count + 0.5)) for word, count in frequency.items()}


def _read(index: int, passage: Passage) -> list[_Sentence]:
    spans = passage.sentences or [
        Span(passage.start + span.start, passage.start + span.end) for span in sentences(passage.text)
    ]
    return [_sentence(Place(index, span), tidy(passage.slice(span)), passage.document.published) for span in spans]


def _sentence(place: Place, text: str, published: str | None) -> _Sentence:
    dates = written(text)
    counted = numbers(blotted(text, [date.span for date in dates]))
    words = frozenset(term for term in terms(blotted(text, [number.span for number in counted])) if not term.isdigit())
    names = frozenset(word.key for run in runs(text) for word in run if not (word.is_starter and len(run) == 1))
    figures = tuple(figure for number in counted if (figure := _figure(number, text)))
    return _Sentence(place, words, names, figures, _days(text, published))


def _figure(number: Number, text: str) -> _Figure | None:
    """None for what counts nothing that can be told, and for a share of something or one more of it."""
    before = text[max(0, number.span.start - _LOOK_BACK) : number.span.start]
    values = [value for value in number.values if isinstance(value, Decimal)]
    if len(values) != 1 or number.is_ordinal or number.idiomatic or _PART.search(before):
        return None
    (value,) = values
    noun = _NOUN.match(text, number.span.end)
    counted: list[str] = []
    end = number.span.end
    if noun:
        for word in _WORD.finditer(text, noun.start(), noun.end()):
            stems = terms(word.group())
            if not stems or word.group().lower() in _NO_NOUN:
                break
            counted += stems
            end = word.end()
    if number.unit:
        counted, end = [number.unit], number.span.end
    if not counted:
        return None
    around = text[max(0, number.span.start - _AROUND) : number.span.start] + text[number.span.end :][:_AROUND]
    about = _ABOUT.search(before) is not None
    least = value if not about else value * (1 - _NEAR)
    most = value if not about else value * (1 + _NEAR)
    if _OVER.search(before):
        most = Decimal("Infinity")
    if _UNDER.search(before):
        least = Decimal(0)
    return _Figure(tuple(counted), value, text[number.span.start : end].strip(), frozenset(terms(around)), least, most)


def _days(text: str, published: str | None) -> dict[str, str]:
    """The days that a sentence names, bar that on which somebody said it."""
    found: dict[str, int] = {}
    for date in written(text):
        if date.year and date.month and date.day and not date.other:
            found[f"{date.year:04d}-{date.month:02d}-{date.day:02d}"] = date.span.start
    for resolved in relative_dates(text, published or ""):
        if len(resolved.date) == len("2022-01-06"):
            found.setdefault(resolved.date, resolved.span.start)
    return {day: in_words(day) for day, start in found.items() if not _is_said(text[:start])}


def _is_said(before: str) -> bool:
    return any(word in SAYS for word in _WORD.findall(before[-_LOOK_BACK:])[-3:])


def _quotations(index: int, passage: Passage) -> Iterator[_Said]:
    """Place, folded words and speaker of the direct speech of a passage."""
    for one in quotations(passage.text):
        words = tokens(passage.text[one.span.start : one.span.end])
        said = [word for word in words if word[0].isalnum()]
        if len(said) >= _LEAST_QUOTED_WORDS and one.confidence >= _CERTAIN_QUOTATION:
            span = Span(passage.start + one.span.start, passage.start + one.span.end)
            yield Place(index, _around(passage, span)), " ".join(said), " ".join(one.speaker.split())


def _around(passage: Passage, span: Span) -> Span:
    """The sentences that a quotation touches."""
    touched = [sentence for sentence in passage.sentences if sentence.overlaps(span)]
    return Span(min(span.start, touched[0].start), max(span.end, touched[-1].end)) if touched else span


def _of_speakers(ours: Sequence[_Said], theirs: Sequence[_Said]) -> Iterator[Conflict]:
    for place, words, speaker in ours:
        for other_place, other_words, other in theirs:
            if words == other_words and not _may_be_one(speaker, other):
                yield Conflict(place, other_place, f"{speaker} said / {other} said")


def _may_be_one(one: str, other: str) -> bool:
    """True where two speakers share a name, or either is called by a role."""
    ours, theirs = ({plain(word) for word in name.split()} for name in (one, other))
    return bool(ours & theirs) or not (one[:1].isupper() and other[:1].isupper())
