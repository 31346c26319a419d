"""How a question is understood from beginning to end: filters and preferences, what is said of them, and without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.document import Span
from rag import Assistant, BadInput, Turn
from rag.answer import Assumption
from rag.asking.known import Known
from rag.console import answer_text, assumed_text
from rag.preferring import Preferring
from rag.question import Preference, understand
from rag.retrieval import hybrid
from vectorstore.filtering import Filter

Open = Callable[..., Assistant]

TODAY = "2023-09-01"


@pytest.fixture
def desk(small_desk: Open, articles: Path) -> Assistant:
    desk = small_desk()
    desk.ingest(articles)
    return desk.finding_with(Preferring(hybrid()))


def found(desk: Assistant, question: str, **options: str) -> set[str]:
    return {hit.passage.document.name for hit in desk.search(question, now=TODAY, **options)}  # type: ignore[arg-type]


def test_a_named_outlet_narrows_the_search_and_the_answer_says_so(desk: Assistant) -> None:
    question = "What did the Vale Gazette report about Pell?"
    assert found(desk, question) == {"ferry.txt"}
    answer = desk.ask(question)
    (assumed,) = answer.assumptions
    assert assumed == Assumption("outlet", "Vale Gazette", Span(13, 25), "from The Vale Gazette", "filter")
    assert answer.to_json()["assumptions"] == [
        {
            "kind": "outlet", "words": "Vale Gazette", "start": 13, "end": 25, "taken": "from The Vale Gazette",
            "effect": "filter",
        }
    ]  # fmt: skip
    assert {hit.passage.document.name for hit in answer.retrieved} == {"ferry.txt"}


def test_what_is_assumed_can_be_switched_off(desk: Assistant) -> None:
    question = "What did the Vale Gazette report about Pell?"
    everything = {"bridge.txt", "ferry.txt", "harvest.md"}
    assert {hit.passage.document.name for hit in desk.search(question, without=["outlet"])} == everything
    assert desk.ask(question, without=["outlet", "period"]).assumptions == ()


def test_a_time_puts_forward_and_leaves_nothing_out(desk: Assistant) -> None:
    hits = desk.search("What opens at Pell in August?", now=TODAY)
    assert {hit.passage.document.name for hit in hits} == {"bridge.txt", "ferry.txt", "harvest.md"}
    assert hits[0].passage.document.name == "harvest.md"
    (assumed,) = hits.assumptions
    assert (assumed.words, assumed.taken) == ("August", "published or mentioning 1–31 August 2023")


def test_a_time_of_publication_leaves_out_the_rest(desk: Assistant) -> None:
    assert found(desk, "Which articles published before 5 May 2023 name Pell?") == {"bridge.txt"}


def test_a_filter_that_leaves_nothing_is_none(desk: Assistant) -> None:
    hits = desk.search("Which articles published before 2001 name Pell?", now=TODAY)
    assert len(hits) == 3
    assert [(each.effect, each.taken) for each in hits.assumptions] == [
        ("preference", "published or mentioning up to 31 December 2000 (no article here is dated so)")
    ]


def test_an_option_goes_before_what_the_words_say(desk: Assistant) -> None:
    question = "What did the Vale Gazette report before 5 May 2023?"
    hits = desk.search(question, since="2023-08", outlet="Orchard Weekly")
    assert [hit.passage.document.name for hit in hits] == ["harvest.md"]
    assert hits.assumptions == ()


def test_the_name_of_the_only_source_is_not_searched_for() -> None:
    known = Known.of(outlets=["Vale Gazette"], voices=["Vale Gazette"])
    told = understand("What did the Vale Gazette report about the Vale?", known=known)
    assert told.keywords == "report Vale"
    assert told.assumptions[0].taken == "from Vale Gazette, or republished from there"
    weighed = understand("Does the Vale Gazette report differ?", known=known)
    assert weighed.keywords == "Vale Gazette report differ"


def test_an_author_and_an_outlet_hold_both_or_the_first_alone() -> None:
    known = Known.of(outlets=["Vale Gazette"], bylines=["Ada Penn"])
    question = "What did the Vale Gazette report in Ada Penn's article?"
    both = understand(question, known=known)
    assert (both.within, both.prefers) == (Filter(outlets=("Vale Gazette",), bylines=("Ada Penn",)), Preference())
    first = understand(question, known=known, is_there=lambda within: not within.bylines)
    assert (first.within, first.prefers) == (Filter(outlets=("Vale Gazette",)), Preference(bylines=("Ada Penn",)))
    assert [each.effect for each in first.assumptions] == ["filter", "preference"]


def test_a_speaker_is_a_preference(desk: Assistant) -> None:
    (assumed,) = desk.search("What did Croft say about cars?").assumptions
    assert (assumed.kind, assumed.taken, assumed.effect) == ("speaker", "with words of Mayor Tilda Croft", "preference")


def test_a_follow_up_says_what_it_was_asked_after_and_may_stand_alone(desk: Assistant) -> None:
    history = [Turn("Who found new work?", "The crew [1].")]
    (assumed,) = desk.ask("And where?", history=history).assumptions
    assert (assumed.kind, assumed.taken) == ("follow-up", "asked about found new work")
    assert understand("And where?", history, without=["follow-up"]).search_text == "And where?"


def test_a_kind_that_there_is_not_is_refused_with_those_that_there_are(desk: Assistant) -> None:
    with pytest.raises(BadInput, match=r"'dates' is nothing that is assumed.*period, outlet, author, voice, speaker"):
        desk.ask("Why?", without=["dates"])


def test_words_in_quotation_marks_are_somebody_elses() -> None:
    assert understand("What is reported in “The affair of 3 May 2023”?").assumptions == ()


def test_the_dates_of_a_long_text_are_no_wish() -> None:
    assert understand(f"Is this right? {'So it goes. ' * 100} It was on 3 May 2023.").assumptions == ()


def test_the_command_line_has_a_line_for_each_assumption(desk: Assistant) -> None:
    answer = desk.ask("What did the Vale Gazette report in May?", now=TODAY)
    lines = assumed_text(answer.assumptions).splitlines()
    assert lines == [
        "(“Vale Gazette”: only passages from The Vale Gazette; take back with --without outlet)",
        "(“May”: first passages published or mentioning 1–31 May 2023; take back with --without period)",
    ]
    assert "\n".join(lines) in answer_text(answer)
