"""Which line of a head is the masthead: told by what the text says of itself, and by nothing else."""

from __future__ import annotations

import pytest

from corpus.boilerplate import furniture
from corpus.masthead import OwnVoice, namings
from corpus.metadata import read_head

HEADLINE = "Weir at Calder Fold gives way"
BODY = (
    "The weir at Calder Fold gave way on Monday night, and nobody at the county could say on Tuesday who had last seen"
    " to the sluice or when."
)


def fields_of(*lines: str) -> dict[str, str]:
    text = "\n\n".join(lines)
    return {field: given.value for field, given in read_head(text, furniture(text))[0].items()}


def voice(*notices: str, text: str = BODY, place: str | None = None) -> OwnVoice:
    return OwnVoice(text, notices, place, notices)


@pytest.mark.parametrize(
    "notice",
    [
        "Letters to the Lantern must carry a name.",
        "The Lantern is printed every Friday and sold at nine shops.",
        "Enjoying the Lantern? Donate at the counter.",
        "Follow the Lantern | Weather | Tides",
        "Tip the newsroom: desk@calderlantern.example",
        "Write to newsroom@lantern.example",
        "Calder Lantern: your valley, your paper. Subscribe for 9 crowns a month.",
    ],
)
def test_a_text_that_speaks_as_the_paper_of_its_first_line_is_that_papers(notice: str) -> None:
    assert voice(notice).is_of("Calder Lantern")
    known = fields_of("Calder Lantern", HEADLINE, "By Ines Marlow", BODY, notice)
    assert known == {"outlet": "Calder Lantern", "title": HEADLINE, "byline": "Ines Marlow"}


@pytest.mark.parametrize(
    "notice",
    [
        "To book a table write to host@calderlantern.example",
        "Tickets for the Lantern from letters@calderlantern.example",
        "Letters to the Lantern Society must carry a name.",
        "“I told them so,” said a member who had asked for the Lantern’s minutes.",
        "Follow the Ledger",
        "write to newsroom@ledger.example",
    ],
)
def test_an_inn_a_society_and_another_paper_make_no_masthead(notice: str) -> None:
    assert not voice(notice).is_of("Calder Lantern")
    assert "outlet" not in fields_of("Calder Lantern", HEADLINE, "By Ines Marlow", BODY, notice)


def test_who_told_a_paper_something_makes_that_paper_the_outlet_only_with_its_name_in_the_head() -> None:
    told = BODY.replace("nobody at the county", "a miller told the Lantern that nobody")
    assert fields_of("The Calder Lantern", HEADLINE, "By Ines Marlow", told)["outlet"] == "The Calder Lantern"
    assert "outlet" not in fields_of(HEADLINE, "By Ines Marlow", told)
    assert "outlet" not in fields_of("The Calder Ledger", HEADLINE, "By Ines Marlow", told)


def test_a_paper_named_for_the_place_of_the_dateline_is_one_unless_the_text_is_about_the_thing() -> None:
    assert voice(place="CALDER").is_at_its_place("Calder Lantern")
    assert not voice(place="FOLD").is_at_its_place("Calder Lantern")
    assert not voice(text=f"{BODY} The lantern fell too.", place="CALDER").is_at_its_place("Calder Lantern")


def test_a_name_that_no_paper_need_have_wants_what_only_something_printed_has_said_of_it() -> None:
    assert voice("Subscribe to Rope and Anchor: 12 issues for 40 crowns.").is_of("Rope and Anchor")
    assert not voice("Support Rope and Anchor, write to letters@ropeandanchor.example").is_of("Rope and Anchor")


def test_a_letter_says_where_its_readers_signed_up() -> None:
    notice = "You get this mail because you signed up at calderledger.example. Unsubscribe"
    assert voice(notice).list_address() == "calderledger.example"
    assert voice("You get this mail because you asked for it.").list_address() is None


def test_a_headline_that_is_a_sentence_is_known_by_the_byline_under_it() -> None:
    headline = "The miller said run. Then the siren said it."
    assert fields_of(headline, "By Ines Marlow", BODY) == {"title": headline, "byline": "Ines Marlow"}
    assert "title" not in fields_of(headline, BODY)


def test_a_headline_may_end_in_the_words_of_somebody() -> None:
    headline = "The county chief of Calder warns in a letter of “a river with no brakes”"
    assert fields_of(headline, BODY) == {"title": headline}
    assert fields_of("“The river has no brakes,” she said, “and we have no second weir.”", BODY) == {}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Calder Lantern, 3 May 2022", ["Calder Lantern"]),
        ("Calder Lantern, Calder Fold", ["Calder Lantern"]),
        ("Calder Lantern, weekend pages", ["Calder Lantern"]),
        ("Daily Beacon | Tuesday, May 3, 2022 | 18:40", ["Daily Beacon"]),
        ("THE DAMP BENCH - notes from the towpath", ["THE DAMP BENCH"]),
        ("Calder Lantern staff", ["Calder Lantern"]),
        (HEADLINE, []),
        ("Calder " * 40, []),
    ],
)
def test_a_line_holds_a_name_alone_or_beside_a_date_a_place_or_a_slogan(line: str, names: list[str]) -> None:
    assert [naming.name for naming in namings(line)] == names


@pytest.mark.parametrize("end", ["x@" * 50_000, "told the " * 12_000, "Subscribe to " * 8_000, "A " * 50_000])
def test_a_text_made_to_be_slow_names_no_outlet(end: str) -> None:
    assert "outlet" not in fields_of(HEADLINE, "The Calder Lantern", "By Ines Marlow", BODY, end)
