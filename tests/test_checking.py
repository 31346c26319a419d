"""Whether the sentences of an answer are borne out by what they cite."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.checking import CAUGHT_BY_FORM, FALSE, PARTS, Score, labels, score
from corpus.document import Header, Page, Passage, Span, Voice
from rag.answer import Answer, Citation, Sentence
from rag.assistant import Assistant
from rag.checking import check
from rag.checking.days import written
from rag.checking.folding import tidy
from rag.checking.numbers import numbers
from vectorstore.base import Vectors

BRIDGE = (
    "The bridge at Ollerford opened on Tuesday after nine years of work. Mayor Tilda Croft said: “It will carry 4,000 "
    "cars a day.” It cost $40m, 12 per cent more than planned. The old ferry made its last crossing with a brass band "
    "on board. Between 30 and 35 per cent of drivers will pay. The U.N. envoy Åsa Brandt came from Germany."
)
FERRY = "All eleven members of the Ollerford ferry crew have found new work, Captain Joss Hale said on Wednesday."


def cited(
    marker: int, text: str, *, carriers: Sequence[Header] = (), voices: Sequence[Voice] = (), pages: Sequence[Page] = ()
) -> Citation:
    header = Header(f"{marker}.txt", "Bridge opens at last", "Vale Gazette", "Ada Penn", "2023-05-03")
    passage = Passage(header, 0, len(text), text, voices=tuple(voices), pages=tuple(pages))
    return Citation(marker, passage, text, 0, len(text), "verbatim", tuple(carriers))


CITED = (cited(1, BRIDGE), cited(2, FERRY))


def faults(text: str, citations: Sequence[Citation] = CITED) -> tuple[str, ...]:
    """Those of an answer of one sentence."""
    (sentence,) = check(text, citations)
    assert sentence.check == ("unverified" if sentence.faults else "verified")
    return sentence.faults


def cut(text: str) -> list[tuple[str, tuple[int, ...], str]]:
    return [(text[s.start : s.end], s.markers, s.check) for s in check(text, CITED)]


def test_a_sentence_is_verified_against_what_it_cites() -> None:
    text = "The Ollerford bridge opened. [1] Croft opened it in Pell [1]."
    assert check(text, CITED) == (
        Sentence(0, 32, (1,), "verified", 1.0),
        Sentence(33, len(text), (1,), "unverified", 2 / 3, ("Pell is not in [1]",)),
    )


@pytest.mark.parametrize(
    "text",
    [
        "The bridge opened. [1] The crew found work. [2]",
        "The bridge opened.[1] The crew found work.[2]",
        "The bridge opened [1]. The crew found work [2].",
        "The bridge opened. [1]\nThe crew found work. [2]",
        "- The bridge opened [1]\n- The crew found work [2]",
        "1. The bridge opened. [1]\n2. The crew found work. [2]",
        "[1] The bridge opened.\n[2] The crew found work.",
    ],
)
def test_a_marker_belongs_to_the_sentence_it_stands_behind(text: str) -> None:
    assert [(markers, verdict) for _, markers, verdict in cut(text)] == [((1,), "verified"), ((2,), "verified")]


def test_a_quotation_of_two_sentences_is_one_sentence_of_the_answer() -> None:
    text = "“It opened. It will carry 4,000 cars,” she said. [1] The crew found work [2]."
    assert [part for part, _, _ in cut(text)] == [text[:52], text[53:]]


def test_an_explanation_in_brackets_stays_with_its_sentence() -> None:
    text = "Vale Gazette: “The bridge at Ollerford opened on Tuesday.” (“on Tuesday” here is 2 May 2023) [1]"
    assert cut(text) == [(text, (1,), "verified")]


@pytest.mark.parametrize(
    "text",
    [
        "According to the passages:",
        "## In short",
        "### What is known",
        "**The cost**",
        "| Source | Figure |",
        "Hello!",
        "What do the passages say?",
        "The passages do not say when.",
        "The archive does not mention this.",
        "None of the documents mention the cost.",
        "I hope this helps!",
        "---",
    ],
)
def test_what_states_nothing_is_no_claim(text: str) -> None:
    assert [verdict for _, _, verdict in cut(text)] == ["no claim"]


@pytest.mark.parametrize(
    "text",
    [
        "The ferry sank.",
        "Yes.",
        "According to Ada Penn:",
        "## Ada Penn",
        "## The captain was asleep when the ferry sank",
        "It rose by 40:",
        "Was it “a waste of money”?",
        "The passages do not say that the ferry sank.",
        "The passages do not say when, but the ferry sank.",
        "The documents do not support the captain.",
    ],
)
def test_whatever_may_state_a_fact_needs_a_citation(text: str) -> None:
    assert faults(text) == ("it cites nothing",)


def test_a_marker_of_no_citation_counts_for_nothing() -> None:
    assert check("The bridge opened [7].", CITED) == (Sentence(0, 22, (), "unverified", None, ("it cites nothing",)),)
    assert check("The bridge opened [1][7].", CITED)[0].markers == (1,)


@pytest.mark.parametrize(
    "quoted",
    [
        "“It will carry 4,000 cars a day.”",
        '"it will carry 4,000 cars a day,"',
        "‘It will   carry 4,000 cars a day’",
        "«It will carry 4,000 cars a day»",
        "“It … 4,000 cars a day”",
        "“It will carry […] cars a day”",
        "“[The bridge] will carry 4,000 cars”",
        "“[i]t will carry 4,000 cars a day”",
        "“Mayor Tilda Croft said: ‘It will carry 4,000 cars a day.’”",
        "“no cars”",
    ],
)
def test_a_quotation_may_differ_in_marks_and_ends(quoted: str) -> None:
    assert faults(f"The mayor said {quoted} [1].") == ()


@pytest.mark.parametrize(
    ("quoted", "shown"),
    [
        ("“It may carry 4,000 cars a day.”", "“It may carry 4,000 cars…”"),
        ('"carry 4,000 cars"a"day, carry 4,000 trucks"', None),
        ("“It will carry 4,000 cars a”", None),
        ("“4,000 cars … It will carry”", "“4,000 cars … It will…”"),
        ("“will carry 4,000 car”", "“will carry 4,000 car”"),
        ("“It will carry 4,000 cars every day”", "“It will carry 4,000 cars…”"),
    ],
)
def test_a_quotation_is_verbatim_and_in_order(quoted: str, shown: str | None) -> None:
    found = faults(f"The mayor said {quoted} [1].")
    if shown:
        assert f"{shown} is not in [1]" in found
    else:
        assert not any("It will" in fault for fault in found)


def test_apostrophes_are_no_quotation() -> None:
    assert faults("The ferry's crew 'd found work, the crew's captain said [2].") == ()


def test_a_quotation_is_looked_for_in_each_cited_passage_alone() -> None:
    assert faults("“have found new work” [1][2]") == ()
    assert faults("Of it he said: “have found new work” [1].")[0] == "“have found new work” is not in [1]"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("4,200", [4200]),
        ("forty-two", [42]),
        ("two hundred and six", [206]),
        ("two and six", [2, 6]),
        ("a dozen", [12]),
        ("half a million", [500_000]),
        ("40 million", [40_000_000]),
        ("forty million", [40_000_000]),
        ("$3.5bn", [3_500_000_000]),
        ("21st", [21]),
        ("twenty-first", [21]),
        ("3½", [3.5]),
        ("12\u202f500", [12_500]),
        ("6.39 p.m.", ["6:39"]),
        ("18:39", ["6:39"]),
        ("B52", []),
    ],
)
def test_numbers_are_read_however_they_are_written(text: str, values: list[float | str]) -> None:
    assert [value for number in numbers(tidy(text)) for value in number.values] == values


@pytest.mark.parametrize(
    "text",
    [
        "It cost 40,000,000 dollars [1].",
        "It cost forty million dollars [1].",
        "The bridge cost 12% more than planned [1].",
        "Between 30% and 35% of drivers will pay [1].",
        "The 11 members of the ferry crew found work [2].",
        "The work took 9 years [1].",
        "One crew of the ferry found work [2].",
    ],
)
def test_a_number_may_be_written_otherwise(text: str) -> None:
    assert faults(text) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("The bridge will carry 4,200 cars a day [1].", "4,200 is not in [1]"),
        ("The bridge cost $40bn [1].", "$40bn is not in [1]"),
        ("The bridge cost £40m [1].", "£40m is not in [1]"),
        ("The bridge cost 9 per cent more than planned [1].", "9 per cent is not in [1]"),
        ("Twelve members of the ferry crew found work [2].", "Twelve is not in [2]"),
        ("The bridge will carry 400 cars a day [1][2].", "400 is not in [1] or [2]"),
    ],
)
def test_a_number_that_no_cited_passage_has_is_a_fault(text: str, fault: str) -> None:
    assert faults(text) == (fault,)


@pytest.mark.parametrize(
    "date",
    ["on Tuesday", "on 2 May 2023", "on May 2", "on May 2, 2023", "in May 2023", "in May", "on 2023-05-02", "in 2023"],
)
def test_a_relative_date_bears_out_the_day_it_means(date: str) -> None:
    assert faults(f"The bridge at Ollerford opened {date} [1].") == ()


@pytest.mark.parametrize("date", ["4 May 2023", "2 June 2023", "2 May 2022", "Wednesday", "June", "2021"])
def test_another_date_is_a_fault(date: str) -> None:
    assert faults(f"The bridge at Ollerford opened on {date} [1].") == (f"{date} is not in [1]",)


def test_a_month_is_no_verb_and_no_name() -> None:
    assert written("He may march on. May Orme left.") == []
    assert [date.month for date in written("It shut in May. By early March it was open.")] == [5, 3]


@pytest.mark.parametrize(
    "text",
    [
        "Tilda Croft is the mayor of Ollerford [1].",
        "According to Ms Croft, the bridge opened [1].",
        "Croft's bridge opened [1].",
        "The UN envoy Asa Brandt came [1].",
        "The United Nations envoy came on board [1].",
        "The German envoy came [1].",
        "Drivers will pay for the bridge [1].",
        "I think that the bridge opened [1].",
        "Capt. Hale said that the crew have found work [2].",
        "The Vale Gazette reported that the bridge opened [1].",
        "Ada Penn reports that the bridge opened [1].",
        "On 3 May 2023 it was reported that the bridge had opened [1].",
    ],
)
def test_a_name_may_be_written_otherwise_and_stand_in_the_header(text: str) -> None:
    assert faults(text) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("The bridge was opened by Tilda Hale [1].", "Tilda Hale is not in [1]"),
        ("Ada Croft opened the bridge [1].", "Ada Croft is not in [1]"),
        ("Hale said the bridge opened [1].", "Hale is not in [1]"),
        ("The bridge at Pell opened [1].", "Pell is not in [1]"),
        ("The NATO envoy came on board [1].", "NATO is not in [1]"),
        ("Austrian drivers will pay for the bridge [1].", "Austrian is not in [1]"),
    ],
)
def test_a_name_that_no_cited_passage_has_is_a_fault(text: str, fault: str) -> None:
    assert faults(text) == (fault,)


def test_what_stands_beside_a_passage_bears_out_its_source() -> None:
    carriers = [Header("c.txt", outlet="Pell Observer", published="2023-05-04")]
    voice = Voice(Span(0, len(FERRY)), "Harbour Ledger")
    citation = cited(1, FERRY, carriers=carriers, voices=[voice], pages=[Page(17, Span(0, len(FERRY)))])
    text = (
        "Harbour Ledger, republished by Vale Gazette, 3 May 2023, p. 17, also in Pell Observer: the crew found work [1]"
    )
    assert faults(text, [citation]) == ()


def test_several_citations_may_share_a_marker() -> None:
    shared = [cited(1, BRIDGE), Citation(1, cited(2, FERRY).passage, FERRY, 0, 5, "verbatim")]
    assert faults("Croft opened the bridge, and Hale's crew found work [1].", shared) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The bridge at Ollerford has not opened [1].", ("“not” is not in [1]",)),
        ("The ferry crew haven't found new work [2].", ("“not” is not in [2]",)),
        ("The ferry crew have never found new work [1][2].", ("“never” is not in [1] or [2]",)),
        ("The bridge at Ollerford opened [1].", ()),
        ("Croft did not say when the bridge opened [1].", ()),
        ("It is not on board that the band works on Tuesday [1].", ()),
    ],
)
def test_a_not_that_the_source_lacks_where_it_says_the_same_is_a_fault(text: str, told: tuple[str, ...]) -> None:
    assert faults(text) == told


def test_a_not_may_stand_for_a_denial() -> None:
    denial = [cited(1, "The union refused to meet the owner of the ferry. The band played.")]
    assert faults("The union did not meet the owner of the ferry [1].", denial) == ()


def test_what_has_hardly_a_word_in_common_is_a_fault() -> None:
    assert faults("Critics had mocked its ugly shape for decades [1].") == ("little of it is in [1]",)


class Stern:
    """Believes what it is told to."""

    def __init__(self, *given: float) -> None:
        self.given = list(given)
        self.asked: list[tuple[str, str]] = []

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.asked += pairs
        return self.given


def test_a_judge_alone_tells_the_support_in_one_call() -> None:
    judge = Stern(0.1, 0.9)
    found = check("The bridge did not open [1]. Critics mocked it [2]. Hello!", CITED, judge=judge)
    assert [(s.check, s.support, s.faults) for s in found] == [
        ("unverified", 0.1, ("[1] does not say so",)),
        ("verified", 0.9, ()),
        ("no claim", None, ()),
    ]
    assert [hypothesis for _, hypothesis in judge.asked] == ["The bridge did not open.", "Critics mocked it."]
    assert [premise.splitlines()[-1] for premise, _ in judge.asked] == [BRIDGE, FERRY]


def test_a_judge_reads_several_passages_apart_and_together() -> None:
    judge = Stern(0.1, 0.2, 0.8)
    (sentence,) = check("The bridge opened and the crew found work [1][2].", CITED, judge=judge)
    assert (sentence.support, len(judge.asked)) == (0.8, 3)


def test_meaning_counts_for_half_of_the_support() -> None:
    def embed(texts: Sequence[str]) -> Vectors:
        return numpy.array([[1.0, 0.0] if "crew" in text else [0.0, 1.0] for text in texts], dtype=numpy.float32)

    (alike,) = check("The crew rejoiced [2].", CITED, embed=embed)
    (unlike,) = check("The captain rejoiced [2].", CITED, embed=embed)
    # by words one of two each; by meaning all and nothing
    assert (alike.support, unlike.support) == (0.75, 0.25)


def test_an_empty_answer_has_no_sentences() -> None:
    assert check("", CITED) == () == check(" \n", ())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200) | st.lists(st.sampled_from(
    ["The bridge opened", ". ", "[1]", "[2] ", "“", "” ", "\n", "- ", "4,000 ", "…", "Ada Penn ", "2 May ", "½"]
), max_size=30).map("".join))  # fmt: skip
def test_sentences_are_in_order_and_apart_whatever_the_text(text: str) -> None:
    found = check(text, CITED)
    borders = [border for sentence in found for border in (sentence.start, sentence.end)]
    assert borders == sorted(borders)
    left = "".join(text[a:b] for a, b in zip([0, *borders[1::2]], [*borders[::2], len(text)], strict=True))
    assert not re.sub(r"\[\d+\]", "", left).strip()  # markers behind no sentence are nobody's


@pytest.mark.parametrize(
    "piece",
    ["A ", "“", '"', "'", "[1]", "[1] ", "1", "1,000,", "one and ", "A.", "- ", "…", "\n", "_", "ﷺ", "½", "May "],
)
def test_a_hostile_answer_and_passage_are_read_to_their_end(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    found = check(f"{text} [1]\n“{text[:50]} a b” [1]", [cited(1, text)])
    assert (found[-1].markers, found[-1].check) == ((1,), "unverified")


@pytest.fixture(scope="module")
def held_out() -> Score:
    return score("test")


def test_what_is_falsified_is_found_in_texts_that_no_method_was_fitted_to(held_out: Score) -> None:
    assert held_out.recall(CAUGHT_BY_FORM) >= 0.95


def test_true_sentences_are_seldom_called_unverified(held_out: Score) -> None:
    assert held_out.false_alarms() <= 0.05


@pytest.mark.parametrize("part", PARTS)
def test_every_kind_of_mistake_is_in_both_parts(part: str) -> None:
    assert set(FALSE) < {one["kind"] for group in labels(part) for one in group["sentences"]}


def test_quotations_of_the_built_in_composer_are_all_verified(sample_desk: Assistant) -> None:
    for question in (
        "Why did the dam gate get stuck in the flood?",
        "When did the pilots strike?",
        "Who is the mayor?",
    ):
        answer: Answer = sample_desk.ask(question)
        faults = [fault for s in check(answer.text, answer.citations) for fault in s.faults]
        # A marker stands behind the last sentence of a quotation; the one before it is borne out by it too.
        assert [fault for fault in faults if not fault.endswith("says so")] == []
