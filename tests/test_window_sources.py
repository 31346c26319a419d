"""The cards of the sources, the marked text in them, and what was found besides: values in, HTML out."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from corpus.document import Header, Page, Passage, Span, Voice
from rag.answer import Answer, Assumption, Citation
from rag.window.marking import Mark, marked
from rag.window.retrieved import numbers_of, ordinal, reasons, retrieved
from rag.window.sources import also_in, origin, sources, voices
from vectorstore.base import Hit, Stage

HEADER = Header("ferry.txt", "Ferry hits breakwater", "Courier", "Nora Quill", "2024-04-09")
TEXT = "The Heron struck the breakwater. 23 people were hurt. An inquiry opens."
PASSAGE = Passage(HEADER, 100, 100 + len(TEXT), TEXT)
HOSTILE = "\"><script>alert(1)</script> '><svg onload=alert(1)> </div></article> &lt;b&gt; [1] \u202etxt.exe\ud800"


class Seen(HTMLParser):
    """What a browser would make of some HTML."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def span(words: str, passage: Passage = PASSAGE) -> Span:
    start = passage.start + passage.text.index(words)
    return Span(start, start + len(words))


def cited(quote: str, marker: int = 1, passage: Passage = PASSAGE, **more: Any) -> Citation:
    at = span(quote, passage)
    return Citation(marker, passage, quote, at.start, at.end, "verbatim", **more)


def answer(*citations: Citation, **more: Any) -> Answer:
    given = Answer("What struck?", "It struck. [1]", "answered", "extractive", citations, (Hit(PASSAGE, 1.0),))
    return replace(given, **more)


def attributes(name: str, shown: str) -> list[str]:
    return re.findall(rf' {name}="([^"]*)"', shown)


# ---- marked text


def test_what_is_cited_is_marked_at_its_place_and_keeps_its_number_out_of_the_text() -> None:
    shown = marked(TEXT, 100, marks=[Mark(2, span("23 people were hurt."))])
    mark = '<mark data-at="133" data-marker="2" data-number="2">23 people were hurt.</mark>'
    assert shown == f"The Heron struck the breakwater. {mark} An inquiry opens."


def test_what_was_asked_for_is_bold_inside_of_one_mark() -> None:
    shown = marked(TEXT, 100, marks=[Mark(1, span("23 people were hurt."), asked=span("23 people"))])
    assert shown.count("<mark") == 1
    assert "><b>23 people</b> were hurt.</mark>" in shown


def test_where_marks_overlap_each_piece_has_all_their_numbers_and_only_a_beginning_shows_one() -> None:
    shown = marked(TEXT, 100, marks=[Mark(1, span("The Heron struck")), Mark(2, span("struck the breakwater"))])
    assert attributes("data-marker", shown) == ["1", "1 2", "2"]
    assert attributes("data-number", shown) == ["1", "2"]
    assert Seen(shown).text == TEXT


def test_furniture_is_set_back_also_inside_of_a_mark_and_what_sticks_out_is_cut() -> None:
    shown = marked(TEXT, 100, marks=[Mark(1, Span(90, 110))], furniture=[span("Heron"), Span(160, 900)])
    assert shown.startswith('<mark data-at="100" data-marker="1">The <span class="cd-furniture">Heron</span> </mark>')
    assert shown.endswith(f'<span class="cd-furniture">{TEXT[60:]}</span>')


def test_a_mark_of_no_citation_shows_no_number() -> None:
    assert attributes("data-number", marked(TEXT, 100, marks=[Mark(0, span("An inquiry"))])) == []


def test_marks_keep_their_places_where_the_text_needs_escaping_and_all_of_it_stays_text() -> None:
    shown = marked(f"{HOSTILE} end", 0, marks=[Mark(1, Span(2, 10)), Mark(2, Span(len(HOSTILE), len(HOSTILE) + 4))])
    assert Seen(shown).tags == {"mark"}
    assert "> end</mark>" in shown


def test_a_long_text_with_thousands_of_marks_and_stretches_of_furniture_is_marked_throughout() -> None:
    text = "word " * 20_000
    spans = [Span(at, at + 4) for at in range(0, len(text), 20)]
    shown = marked(text, 0, marks=[Mark(at % 40 + 1, each) for at, each in enumerate(spans)], furniture=spans)
    assert shown.count("<mark") == shown.count("cd-furniture") == len(spans)
    assert Seen(shown).text == text


# ---- cards


def test_citations_of_one_document_share_a_card_and_a_passage() -> None:
    shown = sources(answer(cited("An inquiry opens.", 3), cited("The Heron struck the breakwater.", 1)))
    assert shown.count("<article") == 1
    assert 'data-document="ferry.txt" data-markers="1 3" data-spans="100-132:1,154-171:3"' in shown
    assert shown.count("<mark") == 2
    assert Seen(shown).text.count(TEXT) == 1


def test_documents_stand_in_the_order_of_their_first_numbers() -> None:
    other = replace(PASSAGE, document=Header("other.txt"))
    shown = sources(answer(cited("An inquiry", 3), cited("23 people", 2, other), cited("The Heron", 1)))
    assert attributes("data-markers", shown) == ["1 3", "2"]


def test_passages_of_a_document_stand_in_its_order() -> None:
    later = Passage(HEADER, 300, 312, "Nobody swam.")
    shown = sources(answer(cited("Nobody swam.", 1, later), cited("The Heron", 2)))
    assert Seen(shown).text.index("The Heron") < Seen(shown).text.index("Nobody swam.")


def test_a_card_says_where_it_is_from_on_which_pages_and_who_carries_the_same() -> None:
    paged = replace(PASSAGE, pages=(Page(3, Span(0, 130)), Page(4, Span(130, 400))))
    carried = (Header("copy.txt", outlet="Gazette"), Header("bare.txt"))
    given = answer(cited("The Heron", 1, paged, carriers=carried), cited("An inquiry", 2, paged, carriers=carried))
    text = Seen(sources(given)).text
    assert "Courier · 9 April 2024 · Nora Quill · p. 3, 4" in text
    assert "Also in: Gazette, bare.txt" in text


def test_who_but_the_outlet_speaks_is_said_once_each() -> None:
    wire = replace(PASSAGE, voices=(Voice(Span(0, 400), "Ledger"), Voice(Span(130, 160), "Ada Penn", "quoted")))
    given = [
        cited("The Heron", 1, wire),
        cited("23 people", 2, wire),
        cited("An inquiry", 3, wire, speaker="Tilda Croft"),
    ]
    assert voices(given) == "Heard here: Ledger (republished), Ada Penn (quoted), Tilda Croft (quoted)"
    assert voices([cited("The Heron")]) == ""
    assert voices([cited("23 people", 1, wire, speaker="Ada Penn")]) == "Heard here: Ada Penn (quoted)"
    assert "Heard here" in sources(answer(*given))


def test_an_unverified_citation_says_so_in_words_with_its_number() -> None:
    doubted = replace(cited("23 people", 2), check="unverified")
    shown = sources(answer(cited("The Heron"), doubted))
    assert "[2] was not verified" in Seen(shown).text
    assert "[1] was not verified" not in shown
    assert shown.count("cd-doubted") == 1


def test_a_quote_that_is_not_in_its_passage_follows_it() -> None:
    shown = sources(answer(Citation(1, PASSAGE, "40 people swam.", 133, 148, "unverified")))
    assert f"{TEXT}<blockquote><mark" in shown
    assert "40 people swam.</mark></blockquote>" in shown


def test_every_card_opens_its_document_at_its_first_citation_and_leads_back() -> None:
    shown = sources(answer(cited("23 people", 2), cited("An inquiry", 5)))
    assert 'class="cd-quiet cd-read" data-document="ferry.txt" data-start="133" data-end="142"' in shown
    assert "Back to the answer" in shown


@pytest.mark.parametrize(("status", "heading"), [
    ("abstained", "Nearest passages (not an answer)"),
    ("answered", "Passages found (none is cited)"),
    ("error", "Passages found (none is cited)"),
])  # fmt: skip
def test_passages_that_nothing_cites_are_called_so_and_lead_nowhere_back(status: Any, heading: str) -> None:
    shown = sources(answer(status=status))
    assert f"<h2>{heading}</h2>" in shown
    assert TEXT in shown
    assert "Back to the answer" not in shown


def test_without_anything_the_panel_says_so() -> None:
    assert "There are none: no answer was given." in sources(answer(retrieved=()))
    assert "Reading…" in sources(answer(retrieved=()), working=True)
    assert TEXT not in sources(answer(), working=True)


def test_what_is_unknown_of_a_document_is_left_out() -> None:
    assert origin(HEADER) == "Courier · 9 April 2024 · Nora Quill"
    assert origin(Header("a.txt", published="2022-01")) == "January 2022"
    assert origin(Header("a.txt"), title=True) == "a.txt"
    assert also_in(()) == ""


def test_facts_of_several_scripts_keep_their_own_direction() -> None:
    arabic = replace(PASSAGE, document=Header("a.txt", outlet="جريدة الميناء", published="2024-03-12"))
    line = '<p class="cd-origin"><bdi>جريدة الميناء</bdi> · <bdi>12 March 2024</bdi></p>'
    assert line in sources(answer(cited("The Heron", 1, arabic)))
    assert line in retrieved(answer(retrieved=(Hit(arabic, 1.0),)))


def test_hostile_texts_stay_text_in_every_panel() -> None:
    header = Header(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    passage = Passage(header, 0, len(HOSTILE), HOSTILE, voices=(Voice(Span(0, len(HOSTILE)), HOSTILE),))
    citation = cited(HOSTILE, 1, passage, speaker=HOSTILE, carriers=(header,))
    hit = Hit(Passage(header, 500, 503, "Abc"), 1.0, (header,), (Stage(HOSTILE, 1, 1.0),))
    assumed = (Assumption("outlet", HOSTILE, Span(0, 1), HOSTILE, "filter"),)
    given = answer(citation, question=HOSTILE, retrieved=(hit,), assumptions=assumed)
    for shown in (sources(given), sources(replace(given, citations=())), retrieved(given)):
        assert not Seen(shown).tags & {"script", "img", "a", "style", "iframe", "form"}
        assert "alert(1)" not in "".join(re.findall(r"<[^>]*>", re.sub(r'"[^"]*"', "", shown)))
        assert "\u202e" not in shown
        shown.encode("utf-8")


# ---- what was found


STAGES = (Stage("meaning", 1, 0.61), Stage("words", 3, 8.4), Stage("article", 2, 9.0), Stage("together", 1, 2.2))


def test_why_a_passage_was_found_is_said_in_places() -> None:
    assert reasons(STAGES) == "meaning 1st, words 3rd, article 2nd"
    assert reasons([Stage("meaning", 12, 0.2), Stage("words", None, 0), Stage("article", 21, 1.0)]) == (
        "meaning 12th, article 21st, no word in the passage itself"
    )
    assert reasons([Stage("meaning", 111, 0.2), Stage("words", None, 0), Stage("article", None, 0.0)]) == (
        "meaning 111th, no word in common"
    )
    assert reasons(()) == ""


def test_ordinals() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111, 1001)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "103rd", "111th", "1,001st",
    ]  # fmt: skip


def test_a_passage_counts_as_cited_where_a_citation_stands_in_it() -> None:
    given = answer(cited("23 people", 4), cited("The Heron", 2), cited("23 people", 4))
    assert numbers_of(given, Hit(PASSAGE, 1.0)) == [2, 4]
    assert numbers_of(given, Hit(replace(PASSAGE, start=500, end=571), 1.0)) == []
    assert numbers_of(given, Hit(replace(PASSAGE, document=Header("other.txt")), 1.0)) == []


def test_what_was_found_stands_in_its_order_the_cited_in_a_line_the_rest_with_its_text_and_scores() -> None:
    unused = Passage(Header("b.txt", "Fog again"), 0, 9, "Only fog.")
    hits = (Hit(unused, 2.0, (), STAGES), Hit(PASSAGE, 1.0, (), STAGES))
    shown = retrieved(answer(cited("The Heron", 7), retrieved=hits))
    first, second = shown.split("<li ")[1:]
    assert "Fog again" in first
    assert "Only fog." in first
    assert "Open document" in first
    assert "<td>3rd</td><td>8.40</td>" in first
    assert "Cited as" in second
    assert 'data-marker="7"' in second
    assert TEXT not in second
    assert "2 passages, 1 of them cited." in shown


def test_each_assumption_is_a_chip_that_can_be_taken_away() -> None:
    assumed = (
        Assumption("period", "in May", Span(0, 6), "published in May 2024", "filter"),
        Assumption("follow-up", "And then?", Span(0, 9), "asked about the ferry", "preference"),
    )
    shown = retrieved(answer(assumptions=assumed))
    assert attributes("data-without", shown) == ["period", "follow-up"]
    assert "“in May”: only passages published in May 2024" in shown
    assert "As it stands" not in shown
    assert "As it stands" in retrieved(answer())


def test_nothing_found_is_said_and_while_an_answer_is_on_its_way_little_is_sent() -> None:
    assert "Nothing." in retrieved(answer(retrieved=()))
    assert len(retrieved(answer(), working=True)) < 100
