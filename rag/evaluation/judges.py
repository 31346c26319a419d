"""Who can say whether passages bear out a claim: words, words and meaning, an encoder, or a language model.

A judge has a ``name``, which stands beside every figure that it made. None of them knows whether a claim is true.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from math import nan
from typing import Protocol

import numpy

from corpus.sentences import sentences
from rag.checking import Judge as Pairwise
from rag.checking import support
from rag.checking.support import Claimed
from rag.llm.base import ProviderError
from rag.llm.calling import Caller
from rag.templates import Templates
from vectorstore.base import Embedder, Vector, Vectors

_log = logging.getLogger(__name__)

_MOST_KEPT = 50_000  # vectors; 80 MB of 384 dimensions
_MOST_PREMISES = 4_000  # passages with their sentences; some 40 MB
_REPLY_TOKENS = 400  # a model may think aloud first
_VERDICT = re.compile(r"\b(yes|no)\b", re.IGNORECASE)


class Judge(Protocol):
    """``enough`` is the score from which on a claim is borne out."""

    @property
    def name(self) -> str: ...
    @property
    def enough(self) -> float: ...
    def scores(self, claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        """For each claim how far the passages, of which there is one at least, bear it out, in [0, 1].

        NaN where it could not tell.
        """
        ...


class Lexical:
    """The share of a claim's words that a passage has, half of it anywhere and half close together; of the best."""

    name = "lexical"
    enough = support.ENOUGH_BY_WORDS

    def scores(self, claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        return _best(claims, passages, lambda pairs: _measured(pairs, None))


class Dense:
    """The mean of what ``Lexical`` says and of the likeness of meaning, by the vectors of ``embedder``.

    The sentences of passages are met in answer after answer, so their vectors are kept.
    """

    enough = support.ENOUGH_WITH_MEANING

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: dict[str, Vector] = {}

    @property
    def name(self) -> str:
        return f"dense, {self._embedder.name}"

    def scores(self, claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        return _best(claims, passages, lambda pairs: _measured(pairs, self._embed))

    def _embed(self, texts: Sequence[str]) -> Vectors:
        if len(self._kept) > _MOST_KEPT:
            self._kept.clear()
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if new:
            self._kept.update(zip(new, self._embedder.embed_passages(new), strict=True))
        return numpy.stack([self._kept[text] for text in texts])


class Entailed:
    """Whatever a passage entails rather than not, as an encoder sees it: ``rag.entailment.Entailment``."""

    enough = support.ENOUGH_FOR_A_JUDGE

    def __init__(self, encoder: Pairwise, *, name: str) -> None:
        self._encoder = encoder
        self.name = name

    def scores(self, claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        return _best(claims, passages, self._encoder.scores)


class LanguageModel:
    """Whatever a language model says yes to, with all passages before it; one request for each claim.

    Its name tells the model and the prompt, for another prompt is another judge. What it cannot be asked, or answers
    with neither yes nor no, is a NaN.
    """

    enough = support.ENOUGH_FOR_A_JUDGE

    def __init__(self, caller: Caller, templates: Templates | None = None) -> None:
        self._caller = caller
        self._templates = templates or Templates()

    @property
    def name(self) -> str:
        prompt = self._templates.prompt("judge", boundary="-", passages="-", claim="-")
        return f"{self._caller.name}, prompt {sha256(f'{prompt.system}{prompt.user}'.encode()).hexdigest()[:8]}"

    def scores(self, claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        return [self._score(claim, "\n\n".join(passages)) for claim in claims]

    def _score(self, claim: str, passages: str) -> float:
        boundary = f"=== {secrets.token_hex(8)} ==="  # made for one request: no passage can hold it
        prompt = self._templates.prompt("judge", boundary=boundary, passages=passages, claim=claim)
        try:
            reply = "".join(self._caller.ask(prompt, max_tokens=_REPLY_TOKENS))
        except ProviderError as error:
            _log.warning("a claim was not judged: %s", error)
            return nan
        verdicts = {verdict.lower() for verdict in _VERDICT.findall(reply)}
        return float("yes" in verdicts) if len(verdicts) == 1 else nan


@dataclass(frozen=True)
class _Premise:
    """A text as ``rag.checking.support`` weighs one."""

    premise: str
    header = ""

    @cached_property
    def sentences(self) -> list[str]:
        return [self.premise[span.start : span.end] for span in sentences(self.premise)]

    @cached_property
    def contents(self) -> list[frozenset[str]]:
        return [frozenset(), *map(support.content, self.sentences)]


def _best(
    claims: Sequence[str],
    passages: Sequence[str],
    scored: Callable[[Sequence[tuple[str, str]]], Sequence[float]],
) -> list[float]:
    """Of each claim the score beside the passage that has it highest, all in one call."""
    scores = scored([(passage, claim) for claim in claims for passage in passages])
    each = len(passages)
    return [min(max(scores[at * each : (at + 1) * each]), 1.0) for at in range(len(claims))]


def _measured(pairs: Sequence[tuple[str, str]], embed: Callable[[Sequence[str]], Vectors] | None) -> list[float]:
    return support.measured([Claimed(claim, claim, 0, 0, [_premise(premise)]) for premise, claim in pairs], embed)


@lru_cache(maxsize=_MOST_PREMISES)  # a passage is met in answer after answer, and by each judge
def _premise(text: str) -> _Premise:
    return _Premise(text)
