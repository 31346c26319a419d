"""What fits the question's time, source or speaker comes forward; nothing is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from corpus.dates import Days
from corpus.document import Header, Passage, Span, Voice
from rag import Assistant
from rag.preferring import Preferring
from rag.question import Preference, Question, understand
from rag.retrieval import hybrid
from vectorstore.base import Hit
from vectorstore.view import View

MAY = Days(date(2023, 5, 1), date(2023, 5, 31))


def passage(name: str, text: str = "A text.", **header: str) -> Passage:
    return Passage(Header(name, **header), 0, len(text), text)


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


def preferred(view: View, wished: Preference, *passages: Passage, k: int = 10) -> list[str]:
    """The names, best first, of passages that were found in this order, all far before a last one."""
    hits = [*(Hit(each, -0.01 * rank) for rank, each in enumerate(passages)), Hit(passage("last"), -9.0)]
    question = replace(understand("Why?"), prefers=wished)
    ranked = Preferring(Fixed(hits)).retrieve(question, view, k)
    return [hit.passage.document.name for hit in ranked if hit.passage.document.name != "last"]


def test_without_a_wish_nothing_is_changed(view: View) -> None:
    hits = [Hit(passage("a"), 2.0), Hit(passage("b", published="2023-05-03"), 1.0)]
    assert Preferring(Fixed(hits)).retrieve(understand("Why?"), view, 2) == hits


def test_what_was_published_or_names_a_day_in_the_period_comes_forward(view: View) -> None:
    found = [
        passage("far", published="2022-05-03"),
        passage("open", published="2023"),  # may be of May, or not
        passage("named", "It froze last May.", published="2024-01-02"),
        passage("published", published="2023-05-03"),
        passage("both", "It was 3 May.", published="2023-05-04"),
    ]
    assert preferred(view, Preference(periods=(MAY,)), *found)[0] == "both"
    assert set(preferred(view, Preference(periods=(MAY,)), *found)) == {each.document.name for each in found}
    after = replace(MAY, last=date.max)
    assert preferred(view, Preference(periods=(after,)), *found[:3]) == ["named", "far", "open"]


def test_a_better_match_stays_before_one_that_only_fits_the_time(view: View) -> None:
    close, fits = passage("close"), passage("fits", published="2023-05-03")
    hits = [Hit(close, 9.0), Hit(fits, 1.0), *(Hit(passage(f"more{n}"), 1.0 - n / 10) for n in range(1, 9))]
    question = replace(understand("Why?"), prefers=Preference(periods=(MAY,)))
    ranked = Preferring(Fixed(hits)).retrieve(question, view, 10)
    assert [hit.passage.document.name for hit in ranked][:2] == ["close", "fits"]
    assert [hit.score for hit in ranked] == sorted((hit.score for hit in ranked), reverse=True)


def test_more_than_is_wanted_is_looked_at(view: View) -> None:
    found = [*(passage(f"{n}") for n in range(20)), passage("fits", outlet="Orm News")]
    assert preferred(view, Preference(outlets=("Orm News",)), *found, k=10)[0] == "fits"


def test_an_outlet_a_byline_and_what_is_republished_of_a_voice_come_forward(view: View) -> None:
    carried = replace(passage("carried"), voices=(Voice(Span(0, 7), "Harbour Wire"),))
    found = [passage("other"), passage("outlet", outlet="Orm News"), passage("byline", byline="Ada Penn"), carried]
    wished = Preference(outlets=("Orm News",), voices=("Harbour Wire",), bylines=("Ada Penn",))
    assert preferred(view, wished, *found) == ["outlet", "byline", "carried", "other"]


def test_the_words_of_a_speaker_come_forward(small_desk: Callable[..., Assistant], articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    question = understand("Growers expect to pick early in the vale at Pell")
    with desk._index.read() as view:
        plain = hybrid().retrieve(question, view, 10)
        wished = replace(question, prefers=Preference(speakers=("Mayor Tilda Croft",)))
        heard = Preferring(hybrid()).retrieve(wished, view, 10)
    names, ranked = ([hit.passage.document.name for hit in hits] for hits in (plain, heard))
    assert ranked.index("bridge.txt") < names.index("bridge.txt")
