"""What speaks for a sentence as the answer to a question, in numbers: its words, its meaning, its kind, its place.

Each number has a name, and both lists of names are the order of the columns; the weights that they get are learnt
(benchmarks/answering). Knows candidates, the question and how rare words are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from math import log

import numpy
from numpy.typing import NDArray

from corpus.document import Span
from rag.answering.asked import Asked, Thing, asked
from rag.answering.candidates import Candidate, is_label
from rag.answering.highlights import shows
from rag.answering.reading import Read
from rag.question import Question
from vectorstore.lexical import terms
from vectorstore.view import View

Matrix = NDArray[numpy.float64]

_THINGS: tuple[Thing, ...] = ("person", "group", "date", "number", "money", "place", "title", "reason", "words")
BY_WORDS = (
    "words", "words of the passage", "words of the header", "words with the sentence before",
    "words with the sentence after", "names", "names in the passage", "focus", "standing", "a label", "length",
    "short", "depth", "opens the passage", "quotation marks", "somebody quoted", "the speaker asked for",
    "another speaker than asked for", *(f"{way} {thing}" for thing in _THINGS for way in ("shows", "lacks")),
)  # fmt: skip
_NAMED: tuple[Thing, ...] = ("person", "group", "number", "money", "place", "title", "other")
BY_READING = (
    "attended", "aligned", "least aligned", "two least aligned", "focus aligned", "similarity",
    "highlight", "words around the highlight", "focus around the highlight",
    *(f"no highlight: {thing}" for thing in _THINGS), *(f"focus away: {thing}" for thing in _NAMED),
)  # fmt: skip

_LONG = 60  # words
_SHORT = 6  # words
_NEAR = 6  # words on either side of a highlight
_DEEP = 4_000  # characters
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_MARKS = re.compile(r"[“\"‘„«]")


@dataclass(frozen=True)
class Wanted:
    """A question as features see it: what it asks for, its telling words and how rare each of their terms is."""

    question: Question
    asked: Asked
    rarity: Mapping[str, float]

    @classmethod
    def of(cls, question: Question, view: View) -> Wanted:
        about = asked(question.meant)
        if about.topic:
            question = replace(question, text=about.topic, search_text=about.topic, corrections=())
        _, passages = view.snapshot.counts()
        of = dict.fromkeys(terms(question.keywords))
        rarity = {term: log(1 + (passages + 1) / (view.frequency(term) + 0.5)) for term in of}
        return cls(question, about, rarity)

    @cached_property
    def meant(self) -> str:
        """What was asked, as the archive spells it."""
        return self.question.meant

    @property
    def text(self) -> str:
        """The same with what a follow-up needs from the conversation."""
        return self.question.search_text

    @cached_property
    def words(self) -> list[Span]:
        """Where the words stand in ``text`` that say what it is about."""
        return [
            Span(*match.span())
            for match in _WORD.finditer(self.text)
            if any(term in self.rarity for term in terms(match.group()))
        ]

    @cached_property
    def weights(self) -> NDArray[numpy.float64]:
        """How rare each of ``words`` is, shape (words,)."""
        return numpy.array(
            [max(self.rarity.get(term, 0.0) for term in terms(self.text[w.start : w.end])) for w in self.words]
        )

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(term for name in self.question.names for term in terms(name))

    @cached_property
    def focus(self) -> frozenset[str]:
        return frozenset(terms(self.asked.focus))

    @cached_property
    def is_focus(self) -> NDArray[numpy.bool_]:
        """Which of ``words`` are of the focus."""
        return numpy.array(
            [not self.focus.isdisjoint(terms(self.text[w.start : w.end])) for w in self.words], dtype=numpy.bool_
        )

    def share(self, present: Set[str]) -> float:
        """Of what the question's words weigh, how much is present."""
        total = sum(self.rarity.values())
        return sum(weight for term, weight in self.rarity.items() if term in present) / total if total else 0.0


def by_words(wanted: Wanted, candidates: Sequence[Candidate]) -> Matrix:
    """Shape (candidates, len(BY_WORDS)); quick enough for every sentence of the hits."""
    of: dict[str, frozenset[str]] = {"": frozenset()}

    def words(text: str) -> frozenset[str]:
        if text not in of:
            of[text] = frozenset(terms(text))
        return of[text]

    rows = [_of_words(wanted, each, words) for each in candidates]
    return numpy.array(rows).reshape(len(rows), len(BY_WORDS))


def _of_words(wanted: Wanted, candidate: Candidate, words: Callable[[str], frozenset[str]]) -> list[float]:
    own, of_passage = words(candidate.text), words(candidate.passage.embedded_text())
    share = wanted.share(own)
    count = len(candidate.text.split())
    speakers = wanted.question.prefers.speakers
    is_asked_for = candidate.speaker in speakers if speakers else False
    is_shown = shows(wanted.asked, wanted.meant, candidate.text)
    things = [float(wanted.asked.thing == thing and is_shown is way) for thing in _THINGS for way in (True, False)]
    return [
        share,
        wanted.share(of_passage),
        wanted.share(words(candidate.passage.line())),
        wanted.share(own | words(candidate.beside(-1))) - share,
        wanted.share(own | words(candidate.beside(1))) - share,
        _part(wanted.names, own),
        _part(wanted.names, of_passage),
        _part(wanted.focus, own),
        candidate.standing,
        float(not candidate.is_aside and is_label(candidate.text, candidate.passage)),
        min(count, _LONG) / _LONG,
        float(count < _SHORT),
        min(candidate.span.start, _DEEP) / _DEEP,
        float(candidate.at == 0),
        float(_MARKS.search(candidate.text) is not None),
        float(bool(candidate.speaker)),
        float(is_asked_for),
        float(bool(speakers) and bool(candidate.speaker) and not is_asked_for),
        *things,
    ]


def by_reading(
    wanted: Wanted, candidates: Sequence[Candidate], reads: Sequence[Read], highlights: Sequence[Span | None]
) -> Matrix:
    """Shape (reads, len(BY_READING)); ``highlights`` are the spans of the sentences that seem to be the answer."""
    rows = [
        [*_of_meaning(wanted, read), *_of_highlight(wanted, candidate, highlight)]
        for candidate, read, highlight in zip(candidates, reads, highlights, strict=True)
    ]
    return numpy.array(rows).reshape(len(rows), len(BY_READING))


def _of_meaning(wanted: Wanted, read: Read) -> list[float]:
    near = read.nearest.astype(numpy.float64)
    if not len(near):
        return [read.attended, 0.0, 0.0, 0.0, 0.0, read.similarity]
    weights, is_focus = wanted.weights, wanted.is_focus
    aligned = float((near * weights).sum() / (weights.sum() or 1.0))
    of_focus = float(near[is_focus].mean()) if is_focus.any() else aligned
    least = numpy.sort(near)[:2]
    return [read.attended, aligned, float(least[0]), float(least.mean()), of_focus, read.similarity]


def _of_highlight(wanted: Wanted, candidate: Candidate, highlight: Span | None) -> list[float]:
    around: set[str] = set()
    if highlight:
        before, after = candidate.text[: highlight.start], candidate.text[highlight.end :]
        near = [*_WORD.findall(before)[-_NEAR:], candidate.text[highlight.start : highlight.end]]
        around = set(terms(" ".join([*near, *_WORD.findall(after)[:_NEAR]])))
    here = set(terms(f"{candidate.beside(-1)} {candidate.text} {candidate.beside(1)}"))
    is_told = _part(wanted.focus, here) if wanted.focus else 1.0
    return [
        float(highlight is not None),
        wanted.share(around),
        _part(wanted.focus, around) if highlight else 0.0,
        *(float(wanted.asked.thing == thing and highlight is None) for thing in _THINGS),
        *(float(wanted.asked.thing == thing) * (1.0 - is_told) for thing in _NAMED),
    ]


def _part(wanted: frozenset[str], present: Set[str]) -> float:
    """The share of what is wanted that is present; a half where nothing is."""
    return len(wanted & present) / len(wanted) if wanted else 0.5
