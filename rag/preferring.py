"""Put forward what fits the time, the source or the speaker that a question names: a retriever around another.

Knows hits and what is preferred. Nothing is left out: a wrong preference costs a place or two, no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import pstdev

from corpus.dates import Days, days_of
from corpus.document import Passage, Span
from corpus.mentions import mentioned
from rag.question import Preference, Question
from rag.retrieval import Retriever
from vectorstore.base import Hit
from vectorstore.view import View

_POOL = 50  # how many hits are looked at
# In standard deviations of the pool's scores.
_PUBLISHED = 0.5
_MENTIONED = 0.25
_SOURCE = 1.5
_SPEAKER = 0.7


@dataclass(frozen=True)
class Preferring:
    """The hits of another retriever, with a bonus for each wish of the question that they fulfil."""

    among: Retriever

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        wished = question.prefers
        if not wished:
            return self.among.retrieve(question, view, k)
        found = self.among.retrieve(question, view, max(k, _POOL))
        spread = pstdev([hit.score for hit in found]) if found else 0.0
        names = list(dict.fromkeys(hit.passage.document.name for hit in found)) if wished.speakers else []
        quoted = view.snapshot.quoted(names)
        lifted = [
            replace(hit, score=hit.score + (spread or 1.0) * _bonus(hit.passage, wished, quoted)) for hit in found
        ]
        return sorted(lifted, key=lambda hit: -hit.score)[:k]


def _bonus(passage: Passage, wished: Preference, quoted: Mapping[str, Sequence[tuple[Span, str]]]) -> float:
    return (
        _of_time(passage, wished.periods)
        + _SOURCE * _is_from(passage, wished)
        + _SPEAKER * _speaks(passage, wished.speakers, quoted.get(passage.document.name, ()))
    )


def _of_time(passage: Passage, periods: Sequence[Days]) -> float:
    if not periods:
        return 0.0
    published = passage.document.published
    was_published = published is not None and any(days_of(published).within(period) for period in periods)
    named = _mentioned(passage.indexed_text(), published)
    is_mentioned = any(days.within(period) for days in named for period in periods)
    return _PUBLISHED * was_published + _MENTIONED * is_mentioned


@lru_cache(maxsize=2048)
def _mentioned(text: str, published: str | None) -> tuple[Days, ...]:
    # A third of a millisecond for each passage, and in a conversation the same ones come again.
    return tuple(mentioned(text, published))


def _is_from(passage: Passage, wished: Preference) -> bool:
    is_republished = any(voice.source in wished.voices for voice in passage.voices if voice.relation == "republished")
    return is_republished or passage.document.outlet in wished.outlets or passage.document.byline in wished.bylines


def _speaks(passage: Passage, speakers: Sequence[str], quoted: Sequence[tuple[Span, str]]) -> bool:
    whole = Span(passage.start, passage.end)
    return any(speaker in speakers and span.overlaps(whole) for span, speaker in quoted) or any(
        voice.source in speakers and voice.relation == "quoted" for voice in passage.voices
    )
