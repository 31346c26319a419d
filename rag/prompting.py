"""Build a prompt: passages as data, under opaque keys, between lines that they cannot know, within a token budget.

Knows passages and budgets. The words are in prompts/; knows nothing of any model or of what comes back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from corpus.dates import in_words, relative_dates
from corpus.document import Passage, Span
from corpus.tokens import count_tokens
from rag.answer import Turn
from rag.conflicts import conflicts
from rag.llm.base import Prompt
from rag.question import Question
from rag.templates import Templates
from vectorstore.base import Hit

REFUSAL = "NOT_IN_THE_ARCHIVE"
_LETTERS, _DIGITS = "bcdfghjkmnpqrstvwxz", "23456789"  # no vowel makes a word, no letter looks like a digit
_FRAME_TOKENS = 64  # what a server puts around the messages, generously
_TURNS = 6
_ANSWER_CHARACTERS = 600  # of an earlier answer: enough to know what "it" was


@dataclass(frozen=True)
class AnswerPrompt:
    """What is asked of a model: ``sent`` are the hits that it was given, best first, ``keys`` theirs in that order.

    ``left_out`` is how many hits did not fit. ``boundary`` is the line around the material.
    """

    prompt: Prompt
    sent: tuple[Hit, ...]
    keys: tuple[str, ...]
    left_out: int
    boundary: str


def answer_prompt(question: Question, hits: Sequence[Hit], templates: Templates, *, budget_tokens: int) -> AnswerPrompt:
    """As many of the best hits as fit, each whole; none is ever cut."""
    boundary, keys = _boundary(), _keys(len(hits))

    blocks = [_block(hit.passage, key, templates) for hit, key in zip(hits, keys, strict=True)]

    def filled(count: int) -> Prompt:
        return templates.prompt(
            "answer",
            boundary=boundary,
            refusal=REFUSAL,
            passages="\n\n".join(blocks[:count]),
            conflicts=_conflicts([hit.passage for hit in hits[:count]], keys, templates),
            question=question.text,
            standalone=question.standalone,
            today=in_words(question.today or date.today().isoformat()),
        )

    ends = accumulate((count_tokens(block).tokens for block in blocks), initial=_tokens(filled(0)))
    count = sum(end <= budget_tokens for end in ends) - 1
    prompt = filled(count := max(count, 0))
    while count and _tokens(prompt) > budget_tokens:  # what disagrees is named, too
        prompt = filled(count := count - 1)
    return AnswerPrompt(prompt, tuple(hits[:count]), keys[:count], len(hits) - count, boundary)


def rewrite_prompt(question: Question, history: Sequence[Turn], templates: Templates) -> Prompt:
    """What asks a model to make a follow-up stand alone."""
    turns = [
        templates.fill("turn", question=turn.question, answer=" ".join(turn.answer.split())[:_ANSWER_CHARACTERS])
        for turn in history[-_TURNS:]
    ]
    return templates.prompt("rewrite", boundary=_boundary(), turns="\n\n".join(turns), question=question.text)


def _block(passage: Passage, key: str, templates: Templates) -> str:
    header = passage.document
    return templates.fill(
        "passage",
        key=key,
        title=header.title or "",
        outlet=header.outlet or "",
        published=in_words(header.published) if header.published else "",
        voice=_voice(passage),
        dates=_dates(passage),
        text=re.sub(r"\n{3,}", "\n\n", passage.indexed_text().strip()),  # where furniture was
    )


def _voice(passage: Passage) -> str:
    """Whoever speaks in all of the passage, and who else at length in parts of it."""
    whole = passage.source(Span(passage.start, passage.end))
    inside = [f"{voice.source} ({voice.relation})" for voice in passage.voices if voice.relation == "quoted"]
    return "; ".join(dict.fromkeys([*([whole] if whole and whole != passage.document.outlet else []), *inside]))


def _dates(passage: Passage) -> str:
    found = relative_dates(passage.indexed_text(), passage.document.published or "")
    return "; ".join(dict.fromkeys(f"“{each.expression}” is {in_words(each.date)}" for each in found))


def _conflicts(passages: Sequence[Passage], keys: Sequence[str], templates: Templates) -> str:
    return " ".join(
        templates.fill("conflict", first=keys[each.one.passage], second=keys[each.other.passage], what=each.what)
        for each in conflicts(passages)
    )


def _tokens(prompt: Prompt) -> int:
    return count_tokens(prompt.system).tokens + count_tokens(prompt.user).tokens + _FRAME_TOKENS


def _boundary() -> str:
    """A line that no document can hold: it is made for one request."""
    return f"=== {secrets.token_hex(8)} ==="


def _keys(count: int) -> tuple[str, ...]:
    """Keys such as ``k3f9``, each another, that say nothing of rank or number and stand in no text."""
    keys: dict[str, None] = {}
    while len(keys) < count:
        keys["".join(secrets.choice(pool) for pool in (_LETTERS, _DIGITS, _LETTERS, _DIGITS))] = None
    return tuple(keys)
