"""An exchange as HTML: its words, its states, and that whatever comes in it stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from corpus.document import Header, Passage, Span
from rag.answer import Answer, Assumption, Citation, Conflict, Sentence, Status
from rag.window.exchange import answer_text, exchange, refusal
from tests.staged import STAGED, cited, source
from tests.test_ui_rendering import OUR_ATTRIBUTES, OUR_TAGS, Seen
from vectorstore.base import Hit

HOSTILE = (
    "![x](http://evil.example/a.png) <img src=x onerror=alert(1)> [a](javascript:alert(1)) "
    "$\\href{javascript:alert(1)}{x}$ `code` # heading <https://evil.example> ${alert(1)} {{value}} "
    "\"><script>alert(1)</script> '><svg onload=alert(1)> </div></article> &lt;b&gt; [1]"
)
HEADER = Header("ferry.txt", "Ferry hits breakwater", "Courier", "Nora Quill", "2024-04-09")
TEXT = "The Heron struck the breakwater. 23 people were hurt. An inquiry opens."
PASSAGE = Passage(HEADER, 100, 100 + len(TEXT), TEXT)


def quoting(quote: str, marker: int = 1, highlight: str = "") -> Citation:
    start = PASSAGE.start + PASSAGE.text.index(quote)
    at = PASSAGE.start + PASSAGE.text.index(highlight)
    span = Span(at, at + len(highlight)) if highlight else None
    return Citation(marker, PASSAGE, quote, start, start + len(quote), "verbatim", highlight=span)


def answer(text: str = "It struck. [1]", status: Status = "answered", *citations: Citation, **more: Any) -> Answer:
    return Answer("What struck?", text, status, "extractive", citations, (Hit(PASSAGE, 1.0),), **more)


def staged(name: str) -> Answer:
    *_, last = STAGED[name](name)
    return last


@pytest.mark.parametrize("status", ["answered", "abstained", "incomplete", "error"])
def test_hostile_text_stays_text_wherever_it_stands(status: Status) -> None:
    header = Header(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "2024-04-09")
    passage = Passage(header, 0, len(HOSTILE), HOSTILE)
    citation = Citation(1, passage, HOSTILE, 0, len(HOSTILE), "verbatim", speaker=HOSTILE, highlight=Span(3, 40))
    shown = Answer(
        HOSTILE, HOSTILE, status, "x", (citation,), (Hit(passage, 1.0),), (HOSTILE,),
        assumptions=(Assumption("period", HOSTILE, Span(0, 3), HOSTILE, "filter"),),
        conflicts=(Conflict((HOSTILE, HOSTILE), (1, 1)),),
        sentences=(Sentence(0, 40, (1,), "unverified", 0.1, (HOSTILE,)),),
    )  # fmt: skip
    for working in (False, True):
        seen = Seen(exchange(shown, 0, working=working, ask='"><b>', conversation='"><b>', without=('"><b>',)))
        assert seen.tags <= OUR_TAGS
        assert {name for name in seen.attributes if not name.startswith(("data-", "aria-"))} <= OUR_ATTRIBUTES
        assert seen.text.count(HOSTILE) >= 3  # the question, the assumption and the note
    assert Seen(refusal(HOSTILE)).tags == {"p"}


def test_a_marker_with_a_citation_is_a_chip_that_names_its_source() -> None:
    assert answer_text(answer("It struck. [1]", "answered", quoting("The Heron struck the breakwater.")), 3) == (
        'It struck. <button type="button" class="cd-chip" data-turn="3" data-marker="1" '
        'aria-label="Source 1: Courier · 9 April 2024 · Ferry hits breakwater"><i>[</i>1<i>]</i></button>'
    )


def test_a_marker_without_a_citation_is_plain_text() -> None:
    text = "So [2], [01], [１] and [1999]."
    assert answer_text(answer(text, "answered", quoting("The Heron")), 0) == text


def test_what_was_asked_for_is_bold_where_the_answer_quotes_it_and_nowhere_else() -> None:
    text = "Of 23 cases: “23 people were hurt.” [1] And 23 more."
    shown = answer_text(answer(text, "answered", quoting("23 people were hurt.", highlight="23 people")), 0)
    assert shown.startswith("Of 23 cases: “<strong>23 people</strong> were hurt.” <button")
    assert shown.endswith("</button> And 23 more.")


@pytest.mark.parametrize("text", ["It was 23 people. And “23 people”. [1]", "Some were hurt. [1]"])
def test_what_cannot_be_told_apart_or_is_not_quoted_is_not_bold(text: str) -> None:
    given = answer(text, "answered", quoting("23 people were hurt.", highlight="23 people"))
    assert "<strong>" not in answer_text(given, 0)


def test_a_quotation_over_several_lines_is_found_on_its_one_line() -> None:
    lines = "Sold for\n40  crowns\nin May."
    passage = Passage(HEADER, 0, len(lines), lines)
    at = lines.index("40")
    citation = Citation(1, passage, lines, 0, len(lines), "verbatim", highlight=Span(at, lines.index("\nin")))
    assert "<strong>40 crowns</strong>" in answer_text(
        answer("“Sold for 40 crowns in May.” [1]", "answered", citation), 0
    )


@pytest.mark.parametrize(
    ("name", "state", "badge"),
    [
        ("differing", "answered", "From the archive"),
        ("nearly", "near", "Not in this archive: what is nearest"),
        ("nothing", "abstained", "Not in this archive"),
        ("correcting", "correction", "Put otherwise than asked"),
    ],
)
def test_every_outcome_has_its_word_and_its_class(name: str, state: str, badge: str) -> None:
    shown = exchange(staged(name), 0)
    assert f'class="cd-exchange cd-{state}"' in shown
    assert re.search(rf'class="cd-badge"><svg class="cd-icon cd-icon-{state}".*?</svg>{badge}<', shown)


def test_an_answer_cut_short_and_one_that_failed_differ_from_all_others() -> None:
    assert 'cd-icon-incomplete"' in exchange(answer(status="incomplete"), 0)
    assert 'cd-icon-error"' in exchange(answer(status="error"), 0)


def test_a_model_that_failed_leaves_the_built_in_answer_with_its_chips_and_says_so() -> None:
    notes = ("The model is gone; this is the built-in answer.",)
    shown = exchange(answer("It struck. [1]", "error", quoting("The Heron"), notes=notes), 0)
    assert "</svg>Built-in answer</p>" in shown
    assert "cd-chip" in shown
    assert f"<li>{notes[0]}</li>" in shown


def test_a_sentence_that_was_not_verified_is_flagged_with_the_reason_and_the_others_checked() -> None:
    seen = Seen(exchange(staged("doubtful"), 0))
    assert "1 of 2 sentences not verified" in seen.text
    assert "It cost 40 million. [1] not verified: 40 million is not in [1]" in seen.text
    assert "The bridge opened in May. [1]verified" in seen.text
    assert "That is a lot.Copy" in seen.text  # states no fact: neither


def test_where_every_sentence_is_verified_one_word_says_so_for_all() -> None:
    sentences = (Sentence(0, 14, (1,), "verified", 0.9),)
    seen = Seen(exchange(answer("It struck. [1]", "answered", quoting("The Heron"), sentences=sentences), 0))
    assert "Sentence verified" in seen.text
    assert "not verified" not in seen.text


def test_sources_that_differ_stand_in_a_table_in_place_of_their_line() -> None:
    shown = exchange(staged("differing"), 2)
    table = Seen(shown[shown.index("<table") : shown.index("</table>")])
    assert "14 vesselsHarbour Post5 March 2024[1]" in table.text
    assert "Sixteen shipsCourier and Gazette of the Northern Ports7 March 2024[2]" in table.text
    assert "Sources differ: 14" not in Seen(shown[: shown.index('class="cd-copies"')]).text
    assert "According to Harbour Post (March 2024)" in answer_text(staged("differing"), 2)


def test_a_conflict_of_what_is_not_cited_any_more_still_shows_what_each_says() -> None:
    shown = exchange(answer("x", conflicts=(Conflict(("1", "2"), (7, 8)),)), 0)
    assert '<th scope="row" dir="auto">1</th><td><span class="cd-date"></span></td><td></td>' in shown


def test_how_the_question_was_understood_is_a_chip_each_and_what_was_taken_away_another() -> None:
    shown = exchange(staged("assuming"), 0, without=("spelling",))
    assert re.findall(r'cd-assumption" data-without="([\w-]+)"', shown)[:2] == ["period", "outlet"]
    assert 'data-with="spelling"' in shown
    assert 'data-without="spelling"' in shown  # of the exchange itself, for asking again


def test_a_number_has_a_small_card_with_outlet_date_headline_and_the_sentence() -> None:
    shown = exchange(answer("x [1]", "answered", quoting("23 people were hurt.", highlight="23 people")), 0)
    assert (
        '<div data-marker="1"><p class="cd-origin">Courier · 9 April 2024 · Nora Quill</p>'
        '<p class="cd-headline" dir="auto">Ferry hits breakwater</p>'
        '<blockquote dir="auto"><strong>23 people</strong> were hurt.</blockquote></div>'
    ) in shown


def test_who_is_waited_for_is_said_and_there_is_nothing_to_do_with_it_yet() -> None:
    waiting = answer("", "incomplete")
    assert "Searching…" in exchange(waiting, 0, working=True)
    assert "Waiting for llama…" in exchange(replace(waiting, composer="llm llama"), 0, working=True)
    assert "cd-tools" not in exchange(waiting, 0, working=True)


def test_sources_are_left_out_where_the_page_has_them() -> None:
    assert "cd-sources" not in exchange(answer(), 0, working=True, with_sources=False)
    assert 'class="cd-sources" hidden' in exchange(answer(), 0, working=True)


def test_notes_are_lines_of_their_own() -> None:
    assert '<ul class="cd-notes"><li>“Tuesday” is 9 April.</li><li>b</li></ul>' in exchange(
        answer(notes=("“Tuesday” is 9 April.", "b")), 0
    )


def test_a_judgement_that_was_given_stands_pressed() -> None:
    assert re.findall(r'data-verdict="(\w+)"[^>]*aria-pressed="(\w+)"', exchange(answer(), 0, verdict="down")) == [
        ("up", "false"),
        ("down", "true"),
    ]


def test_forty_citations_are_forty_chips() -> None:
    passages = [source(at, f"Ship {at} left.") for at in range(1, 41)]
    text = " ".join(f"Ship {at} left. [{at}]" for at in range(1, 41))
    given = Answer("q", text, "answered", "x", tuple(cited(at, each) for at, each in enumerate(passages, 1)))
    assert answer_text(given, 0).count("cd-chip") == 40
