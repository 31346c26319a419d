"""The order of the steps from hits to ranked sentences: all are weighed by their words, the best of these are read.

Reading costs milliseconds a sentence, so only a few are. Knows candidates, features and weights; says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy

from corpus.document import Passage, Span
from rag.answering.asked import Form
from rag.answering.candidates import Candidate, candidates
from rag.answering.features import BY_READING, BY_WORDS, Matrix, Wanted, by_reading, by_words
from rag.answering.highlights import highlight
from rag.answering.imprint import asides
from rag.answering.reading import Reader
from rag.answering.trained import Trained
from rag.question import Question
from vectorstore.base import Hit, Stage
from vectorstore.view import View

READ = 8  # sentences read for a question
READ_FOR_MANY = 14  # and for one that several sentences answer together

_OF_MANY: frozenset[Form] = frozenset(("list", "comparison", "development", "disagreement"))
READING = "reading"  # the stage, as hits name it
_FOR_ASIDES = 1.5  # added to the score of a line of furniture, which is there only where it is on what is asked
_OF_READING = 2.0  # of a passage's place: the share of its best sentence; its standing among the hits counts 1

FEATURES = (*BY_WORDS, *BY_READING)


@dataclass(frozen=True)
class Ranked:
    """The sentences that were read for a question, best first, with the features they were ranked by.

    ``highlights`` are the spans within the sentences that seem to be what is asked for. ``scores`` has shape
    (sentences,), ``features`` (sentences, len(FEATURES)).
    """

    wanted: Wanted
    sentences: tuple[Candidate, ...]
    highlights: tuple[Span | None, ...]
    scores: Matrix
    features: Matrix

    @property
    def shares(self) -> Matrix:
        """How likely each is to be the one that answers, if any does; together 1."""
        if not len(self.scores):
            return self.scores
        raised = numpy.exp(self.scores - self.scores.max())
        shares: Matrix = raised / raised.sum()
        return shares


def by_reading_too(hits: Sequence[Hit], found: Ranked) -> tuple[Hit, ...]:
    """The hits in the order that reading gives them together with how they were found, scored so, best first; with
    them what was read beside them, as furniture is."""
    if not hits:
        return ()
    top, bottom = hits[0].score, hits[-1].score

    def standing(hit: Hit) -> float:
        return (hit.score - bottom) / (top - bottom) if top > bottom else 1.0

    best: dict[Passage, float] = {}
    for candidate, share in zip(found.sentences, found.shares.tolist(), strict=True):
        best[candidate.passage] = max(best.get(candidate.passage, 0.0), share)
    order = sorted(best, key=lambda passage: -best[passage])
    read = {passage: (Stage(READING, rank, best[passage]),) for rank, passage in enumerate(order, 1)}
    beside = [Hit(passage, stages=read[passage], score=_OF_READING * best[passage]) for passage in order]
    among = {hit.passage for hit in hits}
    found_too = [
        replace(
            hit,
            score=standing(hit) + _OF_READING * best.get(hit.passage, 0.0),
            stages=(*hit.stages, *read.get(hit.passage, ())),
        )
        for hit in hits
    ]
    return tuple(sorted([*(hit for hit in beside if hit.passage not in among), *found_too], key=lambda hit: -hit.score))


def ranked(question: Question, hits: Sequence[Hit], view: View, reader: Reader, by: Trained) -> Ranked:
    wanted = Wanted.of(question, view)
    quoted = view.snapshot.quoted(list(dict.fromkeys(hit.passage.document.name for hit in hits)))
    found = candidates(hits, quoted)
    first, of_words = _best_by_words(wanted, found, by)
    if beside := asides(question, wanted.asked.form, hits, view):
        first_asides, of_asides = _best_by_words(wanted, beside, by)
        return weighed(wanted, [*first, *first_asides], numpy.vstack([of_words, of_asides]), reader, by)
    return weighed(wanted, first, of_words, reader, by)


def _best_by_words(wanted: Wanted, found: Sequence[Candidate], by: Trained) -> tuple[list[Candidate], Matrix]:
    """As many as are read, best first, and their features by words."""
    of_words = by_words(wanted, found)
    first = numpy.argsort(-by.first.of(of_words), kind="stable")[: to_read(wanted)]
    return [found[at] for at in first], of_words[first]


def to_read(wanted: Wanted) -> int:
    """How many sentences."""
    return READ_FOR_MANY if wanted.asked.form in _OF_MANY else READ


def weighed(wanted: Wanted, found: Sequence[Candidate], of_words: Matrix, reader: Reader, by: Trained) -> Ranked:
    """``found`` read and ranked; ``of_words`` are their features by words."""
    reads = reader.read(wanted.text, wanted.words, wanted.rarity, [each.text for each in found])
    spans = [highlight(wanted.asked, wanted.meant, c.text, c.document.published) for c in found]
    features = numpy.hstack([of_words, by_reading(wanted, found, reads, spans)])
    scores = by.then.of(features) + _FOR_ASIDES * numpy.array([each.is_aside for each in found])
    order = numpy.argsort(-scores, kind="stable")
    return Ranked(
        wanted, tuple(found[at] for at in order), tuple(spans[at] for at in order), scores[order], features[order]
    )
