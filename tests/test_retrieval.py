"""Fusing lists: by z-score, each over its own, so that no list outvotes another by its scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from corpus.document import Header, Passage
from rag import Assistant
from rag.question import Question, understand
from rag.retrieval import Articles, Dense, Fused, Lexical
from vectorstore.base import Hit
from vectorstore.view import View

A, B, C = (Passage(Header(name), 0, 1, name) for name in "abc")


@dataclass(frozen=True)
class Fixed:
    """A retriever that always finds the same."""

    hits: Sequence[Hit]

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        return list(self.hits[:k])


@pytest.fixture
def view(small_desk: Callable[..., Assistant], articles: Path) -> View:
    desk = small_desk()
    desk.ingest(articles)
    with desk._index.read() as opened:
        return opened


def test_fused_scores_are_weighted_z_scores(view: View) -> None:
    wide = Fixed([Hit(A, 300.0), Hit(B, 100.0)])  # mean 200, spread 100: z = 1, -1
    narrow = Fixed([Hit(B, 0.4), Hit(A, 0.2), Hit(C, 0.0)])  # mean .2, spread .163: z = 1.22, 0, -1.22
    hits = Fused([(wide, 0.5), (narrow, 0.5)]).retrieve(understand("any"), view, 10)
    third = 1.5**0.5 / 2  # half of 1.2247
    # C is not in the wide list and counts there as its last, at -1.
    assert [hit.passage for hit in hits] == [A, B, C]
    assert [hit.score for hit in hits] == pytest.approx([0.5, -0.5 + third, -0.5 - third])


def test_a_list_whose_scores_are_all_alike_says_nothing(view: View) -> None:
    flat = Fixed([Hit(A, 2.0), Hit(B, 2.0)])
    steep = Fixed([Hit(B, 2.0), Hit(A, 1.0)])
    hits = Fused([(flat, 0.9), (steep, 0.1)]).retrieve(understand("any"), view, 1)
    assert [hit.passage for hit in hits] == [B]


def test_lists_that_found_nothing_give_nothing(view: View) -> None:
    assert Fused([(Fixed([]), 0.5), (Fixed([]), 0.5)]).retrieve(understand("any"), view, 5) == []


@pytest.mark.parametrize("retriever", [Dense(), Lexical(), Articles()], ids=["dense", "lexical", "articles"])
def test_every_retriever_finds_the_passage_with_the_words(
    small_desk: Callable[..., Assistant], articles: Path, retriever: Dense | Lexical | Articles
) -> None:
    desk = small_desk()
    desk.ingest(articles)
    with desk._index.read() as opened:
        hits = retriever.retrieve(understand("Growers expect to pick apples early"), opened, 5)
    assert hits[0].passage.document.name == "harvest.md"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
