"""Which of the ranked sentences an answer is made of, by the form that was asked for: as few as will do.

Knows ranked sentences. Words nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from corpus.dates import first_day
from corpus.document import Passage, Span
from rag.answering.asked import Form
from rag.answering.candidates import Candidate
from rag.answering.context import in_context
from rag.answering.differing import Difference
from rag.answering.ranking import Ranked
from vectorstore.lexical import terms

_FEW = 3  # sentences of an answer to a plain question
_MANY = 5  # lines of a list or a development
_ENOUGH = 0.7  # chance that the answer is among those taken
_OF_BEST = 0.35  # of the best sentence's chance: what a further one needs
_OF_BEST_ITEM = 0.1  # and what an item of a list
_OF_BEST_STAGE = 0.01  # and what a stage of a development, which its document may tell in quite other words
_OF_A_SIDE = 0.5  # of the words that name a side of a comparison: what a sentence has to have, to be of that side
_CREDITS = 2  # lines on where a document comes from
_DATELINE = re.compile(
    r"[A-Z][A-Z’'.-]++(?: +[A-Z][A-Z’'.-]++){0,3}(?:, ?[^.!?\n–—]{1,40}?)?(?: ?\([^()\n]{1,30}\))?"
    r"[ \t]+[-–—]{1,2}[ \t]+(?=[\w“\"‘])"
)
_DASHES = ("-", "–", "—")
_LABEL_WORDS = 10
_SAME = 0.7  # of the words of the shorter of two sentences


@dataclass(frozen=True)
class Chosen:
    """What is quoted of a passage around the sentence that answers: ``span``, whole sentences without a dateline, with
    what seems to be asked for at ``highlight``, both in the document's offsets."""

    candidate: Candidate
    span: Span
    highlight: Span | None

    @property
    def passage(self) -> Passage:
        return self.candidate.passage

    @property
    def pieces(self) -> list[Span]:
        """The span in stretches that stand unbroken in the document, as each paragraph does."""
        inside = [span for span in self.passage.sentences if span.overlaps(self.span)]
        borders = [(one.end, other.start) for one, other in pairwise(inside) if not _touch(one, other, self.passage)]
        starts, ends = [start for _, start in borders], [end for end, _ in borders]
        return [Span(*piece) for piece in zip([self.span.start, *starts], [*ends, self.span.end], strict=True)]


def chosen(found: Ranked) -> list[Chosen]:
    """At least one, in the order they are to be read."""
    indexes = _BY_FORM.get(found.wanted.asked.form, _answering)(found)
    return _joined([of_sentence(found, at) for at in indexes])


def of_sentence(found: Ranked, at: int) -> Chosen:
    """The sentence at this rank with what it needs to be understood."""
    return _quoted(found, found.sentences[at], found.highlights[at])


def of_sides(found: Ranked, difference: Difference) -> list[Chosen]:
    """What sources say that differ, each with the words that the others contradict as its highlight."""
    return [_quoted(found, side.sentence, side.span) for side in difference.sides]


def besides(parts: Sequence[Chosen], sides: Sequence[Chosen]) -> list[Chosen]:
    """The best part of an answer where the sides, which say all that is needed otherwise, have nothing of it."""
    return [part for part in parts[:1] if not any(_overlap(part, side) for side in sides)]


def together(parts: Sequence[Chosen], form: str) -> list[Chosen]:
    """What is said of one document by one speaker side by side, in the place of the best; lists, developments and
    sides keep their order."""
    if form in _BY_ORDER:
        return list(parts)
    first: dict[tuple[str, str], int] = {}
    for at, part in enumerate(parts):
        first.setdefault((part.candidate.document.name, part.candidate.speaker), at)
    return sorted(parts, key=lambda part: first[part.candidate.document.name, part.candidate.speaker])


def _quoted(found: Ranked, candidate: Candidate, highlight: Span | None) -> Chosen:
    """``highlight`` within the sentence."""
    start = candidate.span.start
    marked = Span(start + highlight.start, start + highlight.end) if highlight else None
    span = in_context(found.wanted.asked.thing, candidate)
    begin = _begin(candidate, span)
    span = Span(begin, span.end) if marked is None or begin <= marked.start else span
    return Chosen(candidate, span, marked)


def _begin(candidate: Candidate, span: Span) -> int:
    """Where ``span`` begins after what is none of the sentence: a dateline, or a label in a paragraph of its own."""
    passage, spans = candidate.passage, candidate.passage.sentences
    first = next(at for at, sentence in enumerate(spans) if sentence.start == span.start)
    # A dateline may be taken for a sentence up to its dash: TARN (KPA).
    is_cut = first > 0 and passage.slice(span).startswith(_DASHES)
    start = spans[first - 1].start if is_cut else span.start
    if dateline := _DATELINE.match(passage.slice(Span(start, span.end))):
        return max(span.start, start + dateline.end())
    if first < candidate.at and not _touch(spans[first], spans[first + 1], passage):
        after = spans[first + 1]
        return after.start if _is_label(passage.slice(spans[first]), passage.slice(after)) else span.start
    return span.start


def _is_label(text: str, after: str) -> bool:
    """True where the paragraph ``text`` only names what ``after`` begins; a quotation that it opens is no name."""
    is_open = text.count("“") > text.count("”") or text.count('"') % 2 == 1
    return len(text.split()) <= _LABEL_WORDS and text[-1:].isalnum() and after[:1].isupper() and not is_open


def _answering(found: Ranked) -> list[int]:
    """The best, and others as long as the answer may well not be among those taken."""
    shares = found.shares
    taken: list[int] = []
    for at in _distinct(found, range(len(shares))):
        if taken and (shares[at] < _OF_BEST * shares[0] or sum(shares[taken]) >= _ENOUGH):
            break
        taken.append(at)
        if len(taken) == _FEW:
            break
    return taken


def _items(found: Ranked) -> list[int]:
    """The best sentences in the order of time, then as they stand in their documents."""
    taken = list(islice(_distinct(found, _worth(found, _OF_BEST_ITEM)), _MANY if found.shares[0] < _ENOUGH else _FEW))
    return sorted(taken, key=lambda at: _place(found.sentences[at]))


def _stages(found: Ranked) -> list[int]:
    """The best sentence of each document, in the order of time."""
    first: dict[str, int] = {}
    for at in _distinct(found, _worth(found, _OF_BEST_STAGE)):
        first.setdefault(found.sentences[at].document.name, at)
    return sorted(islice(first.values(), _MANY), key=lambda at: _place(found.sentences[at]))


def _sides(found: Ranked) -> list[int]:
    """For each side that is compared the best sentence that has it; where they are not told, of each source one."""
    taken: list[int] = []
    sides = [frozenset(terms(side)) for side in found.wanted.asked.sides]
    for side in sides:
        elsewhere = frozenset[str]().union(*(other for other in sides if other != side))
        of_side = [
            (_has(side - elsewhere or side, each), -at) for at, each in enumerate(found.sentences) if at not in taken
        ]
        share, at = max(of_side, default=(0.0, 0))
        taken += [-at] if share >= _OF_A_SIDE else []
    if len(taken) > 1:
        return taken
    others = list(_distinct(found, range(len(found.sentences))))
    of_sources = {_source(found, at): at for at in reversed(others)}  # of each the best
    return list(dict.fromkeys([*taken, *sorted(of_sources.values()), *others]))[:_FEW]


def _credited(found: Ranked) -> list[int]:
    """The sentences that answer, after the best of them what its document says of where it comes from."""
    taken = [at for at in _answering(found) if not found.sentences[at].is_aside]
    best = taken[:1] or [at for at, each in enumerate(found.sentences) if not each.is_aside][:1]
    names = {found.sentences[at].document.name for at in best}
    said = [at for at, each in enumerate(found.sentences) if each.is_aside and each.document.name in names]
    return [*best, *said[:_CREDITS], *taken[1:]] or _answering(found)


_BY_ORDER = ("list", "development", "comparison", "disagreement")
_BY_FORM: dict[Form, Callable[[Ranked], list[int]]] = {
    "provenance": _credited,
    "list": _items,
    "development": _stages,
    "comparison": _sides,
    "disagreement": _sides,
}


def _worth(found: Ranked, of_best: float) -> list[int]:
    return [at for at, share in enumerate(found.shares) if share >= of_best * found.shares[0]]


def _distinct(found: Ranked, indexes: Iterable[int]) -> Iterable[int]:
    """Without those that say nearly what one before them says."""
    said: list[set[str]] = []
    for at in indexes:
        words = set(terms(found.sentences[at].text))
        if all(len(words & other) < _SAME * min(len(words), len(other)) for other in said):
            said.append(words)
            yield at


def _has(side: frozenset[str], candidate: Candidate) -> float:
    """The share of a side's terms in a sentence, its speaker and its document's header."""
    said = set(terms(f"{candidate.text} {candidate.speaker} {candidate.passage.line()}"))
    return len(side & said) / len(side) if side else 0.0


def _source(found: Ranked, at: int) -> tuple[str, str]:
    candidate = found.sentences[at]
    return (candidate.document.name, candidate.speaker)


def _place(candidate: Candidate) -> tuple[str, str, int]:
    """Undated documents last."""
    published = candidate.document.published
    return (first_day(published).isoformat() if published else "9999", candidate.document.name, candidate.span.start)


def _joined(parts: Sequence[Chosen]) -> list[Chosen]:
    """Stretches that touch in one paragraph as one, in the place of the first that was chosen of them."""
    joined: list[Chosen] = []
    for part in parts:
        near = [other for other in joined if _are_one(other, part)]
        place = joined.index(near[0]) if near else len(joined)
        joined = [other for other in joined if other not in near]
        joined.insert(place, _whole([*near, part]))
    return joined


def _are_one(one: Chosen, other: Chosen) -> bool:
    """Nothing is quoted twice; else what different people say stays apart, for a quotation has one speaker."""
    if one.passage != other.passage:
        return False
    is_of_one = one.candidate.speaker == other.candidate.speaker
    return one.span.overlaps(other.span) or (is_of_one and _touch(one.span, other.span, one.passage))


def _whole(parts: Sequence[Chosen]) -> Chosen:
    """All that they span, as an answer of the first; of nobody where several people say it."""
    span = Span(min(part.span.start for part in parts), max(part.span.end for part in parts))
    candidate = parts[0].candidate
    if len({part.candidate.speaker for part in parts} - {""}) > 1:
        candidate = replace(candidate, speaker="", said=0.0)
    return Chosen(candidate, span, next((part.highlight for part in parts if part.highlight), None))


def _overlap(one: Chosen, other: Chosen) -> bool:
    return one.passage.document.name == other.passage.document.name and one.span.overlaps(other.span)


def _touch(one: Span, other: Span, passage: Passage) -> bool:
    first, second = sorted((one, other))
    return first.end >= second.start or passage.slice(Span(first.end, second.start)) == " "
