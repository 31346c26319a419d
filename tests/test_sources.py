"""Which outlets, authors and voices a question asks to hear, and which it only speaks of."""

from __future__ import annotations

import pytest

from rag.asking.known import Known
from rag.asking.sources import sources

KNOWN = Known.of(
    outlets=["The Vale Gazette", "Orm Daily News", "Nature", "penn.example", "Café d’Orland"],
    bylines=["Ada Penn", "By Ben Lund and Ida Wick"],
    voices=["Harbour Wire"],
)


def named(text: str) -> list[tuple[str, str, str]]:
    return [(each.kind, each.words, each.effect) for each in sources(text, KNOWN)]


@pytest.mark.parametrize(
    "text",
    [
        "What did the Vale Gazette report about the dam?",
        "what has the vale gazette written about the dam",
        "According to the Vale Gazette, who came?",
        "Who came, according to the story in The Vale Gazette?",
        "What is said in the Vale Gazette about the dam?",
        "What does the Vale Gazette’s article say?",
        "As the Vale Gazette reported, who came?",
        "What was published by the Vale Gazette?",
    ],
)
def test_an_outlet_that_is_asked_to_tell_is_a_filter(text: str) -> None:
    (only,) = sources(text, KNOWN)
    assert (only.kind, only.of("outlet"), only.effect) == ("outlet", ("The Vale Gazette",), "filter")


@pytest.mark.parametrize(
    "text",
    [
        "Who owns the Vale Gazette?",
        "Why did the Vale Gazette close?",
        "What happened in the Vale Gazette office?",
        "Who said that the Vale Gazette had lied?",
        "What lives in nature?",
        "What does nature say?",
        "What did the news say?",
        "Who is Ada Penn?",
        "Which river does the harbour wire cross?",
        "Who reported to Ida Wick?",
    ],
)
def test_one_that_is_only_spoken_of_is_none(text: str) -> None:
    assert named(text) == []


def test_names_are_compared_without_accents_apostrophes_and_the() -> None:
    assert named("What did Cafe d'Orland print?") == [("outlet", "Cafe d'Orland", "filter")]


def test_a_part_of_a_name_is_a_preference() -> None:
    assert named("What did the Gazette report?") == [("outlet", "Gazette", "preference")]
    assert named("What did Penn write?") == [("outlet", "Penn", "preference")]  # or the host penn.example


def test_a_part_that_may_be_anybody_is_nothing() -> None:
    many = Known.of(outlets=[f"{place} Gazette" for place in ("Vale", "Orm", "Pell", "Lund")])
    assert sources("What did the Gazette report?", many) == ()


def test_several_sources_are_heard_together() -> None:
    both = [("outlet", "Vale Gazette", "filter"), ("outlet", "Orm Daily News", "filter")]
    assert named("What did the Vale Gazette and the Orm Daily News report?") == both


@pytest.mark.parametrize(
    "text",
    [
        "Does the Vale Gazette's report differ from what others say?",
        "Who was sued over the article in the Vale Gazette?",
        "What do papers other than the Vale Gazette say, and what does the Vale Gazette say?",
        "What was not said in the Vale Gazette?",
    ],
)
def test_where_sources_are_weighed_the_others_are_needed_too(text: str) -> None:
    assert named(text)
    assert {effect for _, _, effect in named(text)} == {"preference"}


def test_an_author_is_one_of_those_in_the_byline() -> None:
    (only,) = sources("In Ida Wick's article, who came?", KNOWN)
    assert (only.kind, only.of("author"), only.effect) == ("author", ("By Ben Lund and Ida Wick",), "filter")


def test_the_source_of_a_republished_article_is_a_voice() -> None:
    assert named("According to the Harbour Wire, who came?") == [("voice", "Harbour Wire", "filter")]


def test_an_outlet_with_the_name_of_something_else_is_a_filter_only_where_it_publishes() -> None:
    assert named("What does Nature say about eels?") == [("outlet", "Nature", "preference")]
    assert named("What did Nature publish about eels?") == [("outlet", "Nature", "filter")]
