"""Passages that disagree, and those that only seem to."""

from __future__ import annotations

import pytest

from corpus.document import Header, Passage, Span
from corpus.sentences import sentences
from rag.assistant import Assistant
from rag.conflicts import Conflict, Place, conflicts


def passage(name: str, text: str, *, outlet: str | None = None, published: str | None = "2023-05-04") -> Passage:
    header = Header(name, outlet=outlet or name.title(), published=published)
    return Passage(header, 0, len(text), text, tuple(sentences(text)))


def differences(*texts: str) -> list[str]:
    """What passages of different outlets disagree in."""
    return [one.what for one in conflicts([passage(f"paper {at}", text) for at, text in enumerate(texts)])]


STRIKE = "Rail guards at Ollerford walked out on Tuesday, leaving 34 trains at the platforms of the Vale Line."


def test_two_figures_for_the_same_thing_are_a_conflict_between_two_places() -> None:
    other = "It rained. On Tuesday rail guards at Ollerford walked out and left 36 trains at Vale Line platforms."
    assert conflicts([passage("courier", STRIKE), passage("echo", other)]) == [
        Conflict(Place(0, Span(0, len(STRIKE))), Place(1, Span(11, len(other))), "34 trains / 36 trains")
    ]


def test_what_three_papers_say_is_told_once_each() -> None:
    other = STRIKE.replace("34", "36")
    assert differences(STRIKE, other, other) == ["34 trains / 36 trains"]


@pytest.mark.parametrize(
    "other",
    [
        STRIKE,
        STRIKE.replace("34", "thirty-four"),
        STRIKE.replace("34", "more than 30"),
        STRIKE.replace("34", "about 35"),
        STRIKE.replace("34", "up to 40"),
        STRIKE.replace("34 trains", "36 drivers"),
        STRIKE.replace("34", "another 12"),
        STRIKE.replace("34", "36") + " Earlier reports of rail guards spoke of 34 trains on the Vale Line.",
        STRIKE.replace("34 trains at", "between 30 trains and 40 trains at"),
        "Rail guards at Ollerford were paid for 36 trains last winter, when snow lay on the Vale Line for a month.",
        "The harbour of Pell sold 36 trains of salt.",
    ],
)
def test_figures_that_agree_or_count_something_else_are_none(other: str) -> None:
    assert differences(STRIKE, other) == []


def test_shares_and_sums_of_money_differ_by_their_unit() -> None:
    one = "The council of Ollerford will raise the Vale Line fare by 4 per cent in autumn, Mayor Croft said."
    other = "Mayor Croft said the council of Ollerford will raise the Vale Line fare by 14 per cent in autumn."
    assert differences(one, other) == ["4 per cent / 14 per cent"]
    assert differences(one.replace("4 per cent", "$4"), other.replace("14 per cent", "$14m")) == ["$4 / $14m"]
    assert differences(one, other.replace("14 per cent", "$14")) == []


def test_two_days_for_the_same_event_are_a_conflict() -> None:
    one = "The new bridge at Ollerford was opened by Mayor Croft on 2 May 2023 with a brass band."
    other = "Mayor Croft opened the new bridge at Ollerford on Wednesday with a brass band."
    assert differences(one, other) == ["2 May 2023 / 3 May 2023"]
    assert differences(one, other.replace("Wednesday", "Tuesday")) == []
    assert differences(one, other.replace("on Wednesday", "in May 2023")) == []


def test_the_day_on_which_somebody_spoke_is_no_date_of_the_event() -> None:
    one = "Mayor Croft said on 2 May 2023 that the bridge at Ollerford would be opened with a brass band."
    other = "Mayor Croft said on 3 May 2023 that the bridge at Ollerford would be opened with a brass band."
    assert differences(one, other) == []


def test_an_outlet_that_updates_itself_disagrees_with_dates() -> None:
    first = passage("a.txt", STRIKE, outlet="Gazette", published="2023-05-03")
    second = passage("b.txt", STRIKE.replace("34", "36"), outlet="Gazette", published="2023-05-04")
    assert [one.what for one in conflicts([first, second])] == ["34 trains (3 May 2023) / 36 trains (4 May 2023)"]


def test_a_document_does_not_disagree_with_itself() -> None:
    assert conflicts([passage("a.txt", STRIKE), passage("a.txt", STRIKE.replace("34", "36"))]) == []


def test_the_same_words_of_two_speakers_are_a_conflict() -> None:
    one = "“Nobody will walk to work in the rain again,” said Tilda Croft. The bridge opened."
    assert differences(one, one.replace("Tilda Croft", "Joss Hale")) == ["Tilda Croft said / Joss Hale said"]
    assert differences(one, one.replace("Tilda Croft", "Mayor Croft")) == []
    assert differences(one, one.replace("Tilda Croft", "the mayor")) == []
    assert differences(one, "“Nobody will swim,” said Joss Hale.") == []


def test_offsets_are_those_of_the_document() -> None:
    other = Passage(
        Header("echo", outlet="Echo"),
        500,
        500 + len(STRIKE),
        STRIKE.replace("34", "36"),
        (Span(500, 500 + len(STRIKE)),),
    )
    assert [one.other for one in conflicts([passage("courier", STRIKE), other])] == [
        Place(1, Span(500, 500 + len(STRIKE)))
    ]


def test_nothing_and_one_passage_have_no_conflicts() -> None:
    assert conflicts([]) == [] == conflicts([passage("courier", STRIKE), passage("blank", "")])


def test_in_the_sample_only_what_differs_is_found(sample_desk: Assistant) -> None:
    questions = (
        "How many ships were stuck outside the port on the first day of the strike?",
        "How much water was promised in the Tessel treaty?",
        "How many people were hurt on the ferry?",
        "Why did the dam gate get stuck in the flood?",
    )
    found = [conflicts([hit.passage for hit in sample_desk.search(question)]) for question in questions]
    assert [[sorted(one.what.split(" / ")) for one in each] for each in found] == [
        [["14 vessels", "16 vessels"]],
        [],
        [],
        [],
    ]


@pytest.mark.parametrize("piece", ["A ", "“", "1 ", "34 trains ", "12:", ". ", "X said ", "\n"])
def test_hostile_passages_are_read_to_their_end(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    assert conflicts([passage("one", text), passage("two", text)]) == []
