"""Read the best of what was found once more, question and passage together, and put the better ones first.

A cross-encoder tells better than vectors whether a passage answers, and takes milliseconds for each. Knows hits and a
scorer of pairs. Knows nothing of how the hits were found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy

from corpus.errors import BadInput
from rag.llm.base import ProviderError
from rag.pairs import PairEncoder
from rag.question import Question
from rag.retrieval import Retriever
from vectorstore.base import Hit
from vectorstore.view import View

POOL = 50  # passages read once more for a question
_DECIMALS = 4  # past which a score depends on what it was computed beside


class Scorer(Protocol):
    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """One for each passage, in their order; a higher one answers the question better."""
        ...


class CrossEncoder:
    """A model in a folder, as sentence-transformers saves a CrossEncoder: one number for question and passage."""

    def __init__(self, folder: str) -> None:
        """Nothing is read yet: a folder that was moved keeps nobody from what needs no reranker."""
        self._folder = folder
        self.name = Path(folder).name

    @cached_property
    def _encoder(self) -> PairEncoder:
        encoder = PairEncoder(self._folder)
        if encoder.labels != 1:
            raise BadInput(
                f"{self._folder} is no reranker: it sorts pairs of texts into {encoder.labels} kinds, and does not give"
                " one number for a question and a passage; name a folder with a CrossEncoder of sentence-transformers"
            )
        return encoder

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """Raises BadInput where none may be loaded from the folder, ProviderError where the model fails.

        A passage that is too long loses its end.
        """
        found = self._encoder.numbers([(question, passage) for passage in passages], cut="longer")
        if not numpy.isfinite(found).all():
            raise ProviderError(f"{self.name} gives scores that are no numbers; take another reranker")
        scores: list[float] = found[:, 0].round(_DECIMALS).tolist()
        return scores


@dataclass(frozen=True)
class Reranked:
    """The hits of another retriever, the best ``pool`` of them in the order of a scorer.

    Of equals the first stays first. Those after the pool keep their order below it.
    """

    among: Retriever
    scorer: Scorer
    pool: int = POOL

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        found = self.among.retrieve(question, view, max(k, self.pool))
        pool, rest = found[: self.pool], found[self.pool :]
        scores = self.scorer.scores(question.search_text, [hit.passage.embedded_text() for hit in pool])
        order = sorted(range(len(pool)), key=lambda at: -scores[at])
        best = [replace(pool[at], score=scores[at]) for at in order]
        below = min(scores, default=0.0)
        return [*best, *(replace(hit, score=below - 1.0 - at) for at, hit in enumerate(rest))][:k]
