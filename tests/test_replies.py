"""Replies as language models write them, over the sample: what is understood, what is caught, what nobody sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.replies import PARTS, Reading, labels, readings, score
from corpus.document import Header, Passage, Span
from corpus.sentences import sentences
from rag.answer import Citation
from rag.attribution import cite_marked
from rag.checking import check, declines
from rag.markers import marked
from rag.saying import Saying

BRIDGE = (
    "The bridge at Ollerford opened on Tuesday, and 4,000 cars crossed it. Mayor Tilda Croft had waited nine years. "
    "“It will outlive me,” she said. “It will outlive us all.” Tolls are 40 percent for locals and 60 for others. "
    "The ferry made its last crossing on 2 May."
)
FERRY = "Captain Joss Hale steered the ferry. Croft and Hale shook hands."
QUESTION = "Who opened the bridge at Ollerford?"


FITTED, OTHERS = PARTS[0], PARTS[1:]


@pytest.fixture(scope="module")
def everything(sample_home: Path) -> dict[str, list[Reading]]:
    """Of the replies that the methods were made with, which the benchmark reads whole, the refusals only."""
    chosen = {part: labels(part) for part in PARTS}
    chosen[FITTED] = [label for label in chosen[FITTED] if label["status"] != "answered"]
    return {part: list(readings(sample_home, replies)) for part, replies in chosen.items()}


def passage(name: str, text: str, start: int = 0, end: int | None = None) -> Passage:
    """``text[start:end]`` of a document."""
    cut = Passage(
        Header(name, "Bridge opens", "Vale Gazette", None, "2023-05-03"), start, end or len(text), text[start:end]
    )
    return replace(cut, sentences=tuple(sentences(text, Span(start, end or len(text)))))


def cited(*passages: Passage) -> list[Citation]:
    return [
        Citation(marker, each, each.text, each.start, each.end, "verbatim") for marker, each in enumerate(passages, 1)
    ]


def verdicts(text: str, *passages: Passage, asked: str = QUESTION) -> list[str]:
    return [sentence.check for sentence in check(text, cited(*passages), asked=asked)]


# --- the labelled replies


def test_there_are_many_replies_to_many_questions() -> None:
    every = [label for part in PARTS for label in labels(part)]
    assert len(every) >= 250
    assert len({label["question"] for label in every}) >= 40
    assert len({label["id"] for label in every}) == len(every)


@pytest.mark.parametrize("part", OTHERS)
def test_planted_faults_are_found_and_true_sentences_seldom_blamed(
    everything: dict[str, list[Reading]], part: str
) -> None:
    found = score(everything[part])
    assert found.caught >= 0.95 * found.planted, found.wrong
    # Where several passages hold the cited words, the first found is cited, which may not name who says them.
    assert found.alarms <= 0.08 * (found.true + found.idle), found.wrong


@pytest.mark.parametrize("part", PARTS)
def test_the_reader_sees_no_key_no_stray_sign_and_no_word_vanish(
    everything: dict[str, list[Reading]], part: str
) -> None:
    assert [(reading.label["id"], reading.ugly) for reading in everything[part] if reading.ugly] == []


@pytest.mark.parametrize("part", OTHERS)
def test_each_citation_quotes_the_sentence_that_says_it(everything: dict[str, list[Reading]], part: str) -> None:
    found = score(everything[part])
    assert found.quotes_right >= 0.95 * found.quotes, found.wrong
    assert found.quoted >= 0.95 * found.wanted, found.wrong
    assert found.long <= 0.2 * found.quotes, found.wrong  # a whole passage would always be right


@pytest.mark.parametrize("part", PARTS)
def test_a_reply_is_an_answer_an_abstention_or_incomplete(everything: dict[str, list[Reading]], part: str) -> None:
    found = score(everything[part])
    assert found.right_status >= 0.97 * found.replies, found.wrong
    assert found.abstained >= 0.9 * found.refusals, found.wrong


# --- stories


def test_a_refusal_in_the_models_own_words_stays_and_ours_stands_below(everything: dict[str, list[Reading]]) -> None:
    last = _of(everything, "refusal: cannot find").last
    mine, ours = last.text.split("\n\n")
    assert (last.status, mine) == ("abstained", "I cannot find this in the passages.")
    assert ours.startswith("Nothing in ")
    assert last.sentences[0].check == "no claim"


@pytest.mark.parametrize(
    "style", ["the word in backticks", "the word escaped", "the word with blanks", "the word in brackets"]
)
def test_the_word_of_a_refusal_is_never_shown(everything: dict[str, list[Reading]], style: str) -> None:
    answers = _of(everything, f"refusal: {style}").answers
    assert {answer.text for answer in answers[:-1]} == {""}
    assert answers[-1].text.startswith("Nothing in ")


def test_of_what_cites_nothing_itself_it_is_said_whether_the_next_citation_bears_it_out() -> None:
    text = (
        "Croft had waited nine years. She is 80. The ferry made its last crossing [1].\n\nCroft had waited nine years."
    )
    assert [sentence.faults for sentence in check(text, cited(passage("b.txt", BRIDGE)))] == [
        ("it cites nothing, though [1], cited further on in its paragraph, says so",),
        ("it cites nothing",),
        (),
        ("it cites nothing",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "I cannot find this in the passages.",
        "The passages do not say who opened the bridge at Ollerford.",
        "Based on the provided passages, there is no information about who opened the bridge.",
        "I'm sorry, but the given text does not mention it. Feel free to ask if you have other questions.",
        "That is not stated in the documents provided.",
        "Who opened the bridge at Ollerford?\n\nNone of the passages name anyone.",
    ],
)
def test_it_declines_where_it_says_no_more_than_that_nothing_is_said(text: str) -> None:
    assert declines(text, asked=QUESTION)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello!",
        "The mayor opened it.",
        "The passages do not say who did, but the mayor opened it.",
        "The passages do not say that the ferry sank.",
        "The passages do not say whether Ada Penn opened it.",
        "The passages do not say who. It was the mayor.",
        "The ferry does not appear in the harbour.",
        "I found the ferry in the harbour.",
    ],
)
def test_whatever_else_it_says_it_does_not_decline(text: str) -> None:
    assert not declines(text, asked=QUESTION)


@pytest.mark.parametrize(
    "text",
    [
        "Who opened the bridge at Ollerford?",
        "The sources disagree.",
        "Great question!",
        "Note: This answer is based only on the provided passages.",
        "If you need more details, feel free to ask!",
        "Sources:",
        "The passages do not say who opened the bridge at Ollerford.",
    ],
)
def test_talk_around_an_answer_is_no_claim(text: str) -> None:
    assert verdicts(text, passage("b.txt", BRIDGE)) == ["no claim"]


def test_a_short_line_above_what_belongs_to_it_is_a_heading() -> None:
    bridge = passage("b.txt", BRIDGE)
    assert verdicts("The opening\n\n- Traffic\n  - 4,000 cars crossed it [1]", bridge) == [
        "no claim",
        "no claim",
        "verified",
    ]
    assert verdicts("- Traffic\n- 4,000 cars crossed it [1]", bridge) == ["unverified", "verified"]
    assert verdicts("Nobody came in 1999\n\n4,000 cars crossed it [1].", bridge) == ["unverified", "verified"]


def test_a_lead_in_may_name_what_its_list_bears_out() -> None:
    bridge = passage("b.txt", BRIDGE)
    assert verdicts("Tilda Croft said of it:\n- “It will outlive me” [1]", bridge) == ["no claim", "verified"]
    assert verdicts("Ada Penn said of it:\n- “It will outlive me” [1]", bridge) == ["unverified", "verified"]


def test_a_list_of_sources_claims_nothing_and_cites_nothing_twice() -> None:
    bridge = passage("b.txt", BRIDGE)
    text = "4,000 cars crossed it [1].\n\nSources:\n- [1] Vale Gazette, 3 May 2023"
    assert verdicts(text, bridge) == ["verified", "no claim", "no claim"]
    assert [each.quote for each in cite_marked(marked(text, ["k3f9"]), [bridge])] == [bridge.slice(bridge.sentences[0])]
    below = "4,000 cars crossed it.\n\nSources:\n- [1] The mayor of Pell drowned."
    assert verdicts(below, bridge)[-1] == "unverified"


def test_lines_set_off_are_a_quotation() -> None:
    bridge = passage("b.txt", "Croft spoke. The ferry made its last crossing. It will be missed by all of us.")
    assert verdicts("> The ferry made its last crossing. It will be missed by all of us. [1]", bridge) == ["verified"]
    assert verdicts("> The ferry made its final crossing. It will be missed by all of us. [1]", bridge) == [
        "unverified"
    ]


def test_single_marks_quote_as_well() -> None:
    bridge = passage("b.txt", BRIDGE)
    assert verdicts("She said 'it will outlive me' on the bridge [1].", bridge) == ["verified"]
    assert verdicts("She said 'it will survive me' on the bridge [1].", bridge) == ["unverified"]


def test_what_only_another_passage_says_is_not_in_the_cited_one() -> None:
    cut = BRIDGE.index("“It will outlive us")
    second = passage("b.txt", BRIDGE, cut)
    assert verdicts("Tilda Croft said: “It will outlive me … It will outlive us all.” [1]", second) == ["unverified"]
    assert verdicts("On Ollerford bridge 4,000 cars pay tolls [1].", second) == ["unverified"]


def test_a_first_name_of_somebody_else_is_a_fault() -> None:
    assert verdicts("Joss Croft shook hands [1].", passage("f.txt", f"{FERRY} Tilda Croft smiled.")) == ["unverified"]


def test_a_bare_number_behind_a_percentage_is_one() -> None:
    text = passage("p.txt", "The poll gave Croft 38 percent, Hale 35 and Penn 17. They have 12 dogs.")
    assert verdicts("Hale had 35% and Penn 17% [1].", text) == ["verified"]
    assert verdicts("Dogs had 12% [1].", text) == ["unverified"]


@pytest.mark.parametrize(("month", "verdict"), [("January 2024", "verified"), ("January 2022", "unverified")])
def test_next_january_is_the_one_to_come(month: str, verdict: str) -> None:
    assert verdicts(f"Tolls rise in {month} [1].", passage("t.txt", "Tolls rise next January.")) == [verdict]


# --- what is quoted


@pytest.mark.parametrize(
    ("said", "quoted", "quote"),
    [
        ("The ferry's last crossing was on May 2.", (), "The ferry made its last crossing on 2 May."),
        (
            "4,000 cars came over the bridge.",
            (),
            "The bridge at Ollerford opened on Tuesday, and 4,000 cars crossed it.",
        ),
        ("She said “it will outlive us all”.", ("“it will outlive us all”",), "“It will outlive us all.”"),
        (
            "She said: “It will outlive me … It will outlive us all.”",
            ("“It will outlive me … It will outlive us all.”",),
            "“It will outlive me,” she said. “It will outlive us all.”",
        ),
    ],
)
def test_what_is_shown_is_where_the_passage_says_it(said: str, quoted: tuple[str, ...], quote: str) -> None:
    bridge = passage("b.txt", BRIDGE)
    assert bridge.slice(Saying(bridge).of(said, quoted)) == quote


def test_a_marker_stands_for_its_own_part_of_a_sentence() -> None:
    bridge = passage("b.txt", BRIDGE)
    reply = "Some 4,000 cars crossed it [k3f9], after the ferry had made its last crossing [k3f9]."
    found = cite_marked(marked(reply, ["k3f9"]), [bridge])
    assert [each.quote for each in found] == [bridge.slice(bridge.sentences[0]), bridge.slice(bridge.sentences[-1])]


def test_a_marker_that_opens_its_line_is_for_what_follows() -> None:
    bridge = passage("b.txt", BRIDGE)
    found = cite_marked(marked("[k3f9]: The ferry made its last crossing.", ["k3f9"]), [bridge])
    assert [each.quote for each in found] == [bridge.slice(bridge.sentences[-1])]


@pytest.mark.parametrize(
    "text",
    ["'a " * 33_000, "> " * 50_000, "the passages " * 8_000, "a " * 50_000 + "is not in",
     "[1] " * 2_000, "- x\n" * 3_000],
    ids=["marks", "lines", "passages", "words", "markers", "items"],
)  # fmt: skip
def test_a_reply_made_to_hang_is_checked_to_its_end(text: str) -> None:
    bridge = passage("b.txt", BRIDGE)
    check(text, cited(bridge), asked=text[:8_000])
    declines(text)
    cite_marked(marked(text, ["k3f9"]), [bridge])


def _of(everything: dict[str, list[Reading]], style: str) -> Reading:
    return next(reading for part in PARTS for reading in everything[part] if reading.label["style"] == style)
