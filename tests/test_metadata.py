"""What the head and the foot of a plain text say about it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.boilerplate import furniture
from corpus.document import Field, Header, Span
from corpus.metadata import read_head
from corpus.outlets import is_same_outlet, outlet_of_address

BODY = "The mill burned for three days, and nobody in the valley could say who had left the lamp on the stairs."
TITLED = Header("mill.txt", title="Mill burns for three days")


def head_of(text: str) -> tuple[dict[str, Field], tuple[Span, ...]]:
    return read_head(text, furniture(text))


def header_of(text: str) -> tuple[Header, tuple[Span, ...]]:
    """The header that a text alone gives, and the spans of its head that are header only."""
    fields, spans = head_of(text)
    return Header("mill.txt", **{field: given.value for field, given in fields.items()}), spans


def read(*lines: str) -> tuple[Header, list[str]]:
    """The header of a text of these paragraphs and a body, and the lines that are header only."""
    text = "\n\n".join([*lines, BODY])
    header, spans = header_of(text)
    return header, [text[span.start : span.end] for span in spans]


def test_a_text_of_sentences_only_has_no_header() -> None:
    assert read() == (Header("mill.txt"), [])
    assert header_of("") == (Header("mill.txt"), ())


@pytest.mark.parametrize(
    "title",
    [
        "Mill burns for three days",
        "Who left the lamp?",
        "“Nobody knew”",
        "2 hurt as mill burns",
        "Mill talks with the U.S.",
        "By land and water, the valley leaves",
        "By Monday night the river had fallen",
        "Support for the weir falls",
        "Valley of 6 March 2024 remembered",
    ],
)
def test_the_first_line_that_can_be_a_headline_is_the_title_and_stays_in_the_text(title: str) -> None:
    assert read(title) == (Header("mill.txt", title=title), [])


@pytest.mark.parametrize(
    "line",
    [
        "mill burns",
        "Drought",
        "From: Ada Orm",
        "PRESS RELEASE",
        "For immediate release",
        "Mill burns.",
        "Where it began:",
        "By Staff",
        "20240306",
    ],
)
def test_a_line_that_is_no_headline_is_not_made_one(line: str) -> None:
    assert read(line)[0].title is None


def test_a_headline_after_a_share_bar_and_a_long_plea_is_found() -> None:
    plea = "Donate 5 crowns and we will post you a calendar with the mill on it, as it was before."
    assert read("Share this", plea, "Mill burns for three days", "March 6, 2024") == (
        replace(TITLED, published="2024-03-06"),
        ["March 6, 2024"],
    )


def test_a_headline_that_is_printed_twice_is_still_the_title() -> None:
    assert read("Mill burns for three days", "Mill burns for three days")[0] == TITLED


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("By Ada Orm", {"byline": "Ada Orm"}),
        ("BY ADA ORM", {"byline": "ADA ORM"}),
        ("By Ada Orm and Bo Lund", {"byline": "Ada Orm and Bo Lund"}),
        ("By Ada Orm, Bo Lund and Cy Dell", {"byline": "Ada Orm, Bo Lund and Cy Dell"}),
        ("By A. J. van der Orm-Lund", {"byline": "A. J. van der Orm-Lund"}),
        ("By Mill Post staff", {"byline": "Mill Post staff"}),
        ("By Ada Orm | March 6, 2024 |", {"byline": "Ada Orm", "published": "2024-03-06"}),
        ("By Ada Orm, March 6, 2024", {"byline": "Ada Orm", "published": "2024-03-06"}),
        ("By Ada Orm - 6 March 2024", {"byline": "Ada Orm", "published": "2024-03-06"}),
        ("By Ada Orm, Mill Post", {"byline": "Ada Orm", "outlet": "Mill Post"}),
        ("By Ada Orm, Political Editor", {"byline": "Ada Orm"}),
        ("Mill Post, 6 March 2024", {"published": "2024-03-06"}),
        ("Mill Post | Ada Orm | 6 March 2024", {"published": "2024-03-06"}),
        ("Published: 6 March 2024 at 10:30", {"published": "2024-03-06"}),
        ("March 2024", {"published": "2024-03"}),
    ],
)
def test_a_line_under_the_title_names_writer_outlet_and_date(line: str, known: dict[str, str]) -> None:
    assert read("Mill burns for three days", line) == (replace(TITLED, **known), [line])


def test_the_name_may_stand_on_the_line_after_by() -> None:
    assert read("Mill burns for three days", "By ", "Ada Orm", "|\nMarch 6, 2024") == (
        replace(TITLED, byline="Ada Orm", published="2024-03-06"),
        ["By", "Ada Orm", "March 6, 2024"],
    )


def test_a_headline_that_begins_with_by_does_not_make_the_next_line_a_name() -> None:
    header, head = read("By law, the mill must stand", "The Long Valley")
    assert (header, head) == (Header("mill.txt", title="By law, the mill must stand"), [])


def test_a_bare_date_and_an_address_under_the_title_are_read_from_single_line_breaks() -> None:
    url = "https://www.millpost.example:443/2024/mar/7/mill-burns/"
    text = f"Mill burns for three days\n20240306\n{url}\n{BODY}"
    header, spans = header_of(text)
    assert header == replace(TITLED, outlet="millpost.example", published="2024-03-06", url=url)
    assert [text[span.start : span.end] for span in spans] == [url]


def test_an_address_alone_gives_outlet_and_date() -> None:
    url = "https://millpost.example/2024/mar/7/mill-burns/"
    assert read(url)[0] == Header("mill.txt", outlet="millpost.example", published="2024-03-07", url=url)


@pytest.mark.parametrize(
    ("dateline", "published"),
    [
        ("ORMSBY, March 6 (Valley Wire) - ", None),
        ("ORMSBY, March 6, 2024 (Valley Wire) — ", "2024-03-06"),
        ("ST. ORM'S (Valley Wire) - ", None),
    ],
)
def test_a_dateline_names_the_wire_and_only_a_whole_date(dateline: str, published: str | None) -> None:
    text = f"Mill burns for three days\n\n{dateline}{BODY}"
    assert header_of(text) == (replace(TITLED, outlet="Valley Wire", published=published), ())


@pytest.mark.parametrize(
    "line",
    [
        "The mill burned on March 6, 2024",
        "Mill burned March 6, 2024",
        "The mill burned on March 6, 2024.",
        "The mill burned, as mills do, on March 6, 2024",
        f"On March 6, 2024 the lamp was lit. {BODY}",
    ],
)
def test_a_date_in_running_text_says_nothing_of_publication(line: str) -> None:
    assert read("Mill burns for three days", line)[0] == TITLED


@pytest.mark.parametrize(
    ("notice", "known"),
    [
        ("This post first appeared on the Valley Review.", {"outlet": "Valley Review"}),
        ("© 2024 Mill Post. All rights reserved.", {"outlet": "Mill Post"}),
        ("Published 6 March 2024. © Mill Post", {"outlet": "Mill Post", "published": "2024-03-06"}),
    ],
)
def test_a_notice_at_the_foot_fills_what_the_head_left_open(notice: str, known: dict[str, str]) -> None:
    assert header_of(f"{TITLED.title}\n\n{BODY}\n\n{notice}")[0] == replace(TITLED, **known)
    head = f"{TITLED.title}\n\nBy Ada Orm, Orm Courier\n\n1 May 2020\n\n{BODY}\n\n{notice}"
    assert header_of(head)[0] == replace(TITLED, byline="Ada Orm", outlet="Orm Courier", published="2020-05-01")


@pytest.mark.parametrize("notice", ["Photo: © Ada Orm", "© Getty Images", "Related: Minutes posted on 5 May 2020"])
def test_the_notice_of_a_picture_or_of_another_text_is_not_taken_for_this_one(notice: str) -> None:
    assert header_of(f"{TITLED.title}\n\n{BODY}\n\n{notice}")[0] == TITLED


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://www.millpost.example:443/a", "millpost.example"),
        ("http://news.orm.example/", "news.orm.example"),
        ("mill", None),
    ],
)
def test_the_outlet_of_an_address_is_its_host(url: str, outlet: str | None) -> None:
    assert outlet_of_address(url) == outlet


@pytest.mark.parametrize("text", ["ORM" + " " * 200_000 + "x", "By " + "Ada " * 50_000, "© " * 100_000])
def test_a_head_made_to_be_slow_says_nothing(text: str) -> None:
    assert header_of(text) == (Header("mill.txt"), ())


# Where each field is from


@pytest.mark.parametrize(
    ("lines", "origins"),
    [
        (["Mill burns for three days"], {"title": "first line"}),
        (
            ["Title: Mill burns", "Author: Ada Orm", "Source: The Vale Gazette"],
            dict.fromkeys(("title", "byline", "outlet"), "labelled line"),
        ),
        (
            ["Mill burns", "By Ada Orm, Vale Gazette | 6 March 2024"],
            {"title": "first line"} | dict.fromkeys(("byline", "outlet", "published"), "byline"),
        ),
        (
            ["Mill burns", "The Vale Gazette", "20240306"],
            {"title": "first line", "outlet": "line of its own", "published": "line of its own"},
        ),
        (
            ["Mill burns", "https://valegazette.example/2024/03/06/mill"],
            {"title": "first line", "url": "url in the head", "outlet": "address", "published": "address"},
        ),
        (
            ["Mill burns | Vale Gazette", "https://valegazette.example/mill"],
            {"title": "first line", "url": "url in the head", "outlet": "after the title"},
        ),
        (
            ["Mill burns", "© 2024 Vale Gazette"],
            {"title": "first line", "outlet": "imprint", "published": "imprint"},
        ),
    ],
    ids="title labels byline own-line address suffix imprint".split(),
)
def test_each_field_says_where_it_was_read(lines: list[str], origins: dict[str, str]) -> None:
    fields, _ = head_of("\n\n".join([*lines, BODY]))
    assert {field: given.origin for field, given in fields.items()} == origins


def test_a_dateline_gives_the_wire_and_the_day() -> None:
    fields, _ = head_of(f"Mill burns\n\nORMSBY, March 6, 2024 (Valley Wire) — {BODY}")
    assert fields == {
        "title": Field("Mill burns", "first line"),
        "outlet": Field("Valley Wire", "dateline"),
        "published": Field("2024-03-06", "dateline"),
    }


@pytest.mark.parametrize(
    ("dateline", "outlet"),
    [
        ("PORT ORM, 6 March — ", None),
        ("PORT ORM, Vale, March 6 (Valley Wire) -- ", "Valley Wire"),
        ("ÖRMSBY, 6 March 2024 (VW) – ", "VW"),
        ("Ormsby, March 6 (Valley Wire) - ", "Valley Wire"),
        ("ORMSBY (March) - ", None),
    ],
)
def test_a_dateline_takes_its_year_from_another_date_and_else_gives_none(dateline: str, outlet: str | None) -> None:
    whole = "2024" in dateline
    bare, _ = head_of(f"Mill burns\n\n{dateline}{BODY}")
    assert bare.get("published") == (Field("2024-03-06", "dateline") if whole else None)
    assert (bare["outlet"].value if "outlet" in bare else None) == outlet
    if "6" in dateline:
        dated, _ = head_of(f"Mill burns\n\nMarch 2024\n\n{dateline}{BODY}")
        assert dated["published"] == Field("2024-03-06", "dateline")
    other, _ = head_of(f"Mill burns\n\nApril 2024\n\n{dateline}{BODY}")
    assert other["published"] == Field("2024-04", "line of its own")


def test_a_dateline_does_not_overrule_a_whole_date() -> None:
    fields, _ = head_of(f"Mill burns\n\n7 March 2024\n\nORMSBY, March 6 (Valley Wire) - {BODY}")
    assert fields["published"] == Field("2024-03-07", "line of its own")


def test_a_dateline_of_the_years_last_night_may_be_of_the_year_before() -> None:
    fields, _ = head_of(f"Mill burns\n\nPublished 2024\n\nORMSBY, 31 December — {BODY}")
    assert fields["published"] == Field("2024", "line of its own")


@pytest.mark.parametrize(
    "line", ["ORMSBY-BASED mill burns", "MILL BURNS - THREE HURT", "Ada Orm (Valley Wire) - a note"]
)
def test_what_only_looks_like_a_dateline_is_none(line: str) -> None:
    assert read(line)[0] == Header("mill.txt", title=line)


def test_a_month_in_the_head_and_the_day_in_the_address_are_one_date() -> None:
    fields, _ = head_of(f"Mill burns\n\nMarch 2024\n\nhttps://valegazette.example/2024/03/06/mill\n\n{BODY}")
    assert fields["published"] == Field("2024-03-06", "address")


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("2024-03-06T07:00:00Z", "2024-03-06"),
        ("March 2024", "2024-03"),
        ("Published 2024", "2024"),
        ("© 2024", "2024"),
        ("2024", None),
        ("© 2019-2024 Mill Post", None),
        ("Updated: 8 March 2024", None),
        ("05/06/2024", None),
        ("6 March – 9 March 2024", None),
        ("6 March 2024 – 9 March 2024", None),
    ],
)
def test_a_date_has_the_precision_that_is_written_and_no_other(line: str, published: str | None) -> None:
    assert read("Mill burns for three days", line)[0].published == published


def test_a_year_of_copyright_at_the_foot_is_that_of_a_template() -> None:
    assert header_of(f"{TITLED.title}\n\n{BODY}\n\n© 2024 Mill Post")[0] == replace(TITLED, outlet="Mill Post")


def test_of_two_lines_the_one_that_says_published_is_the_date() -> None:
    header, _ = read("Mill burns for three days", "Updated: 8 March 2024", "Published: 6 March 2024")
    assert header == replace(TITLED, published="2024-03-06")


def test_a_labelled_title_stays_in_the_text() -> None:
    header, head = read("Title: Mill burns", "Author: Ada Orm")
    assert (header, head) == (Header("mill.txt", title="Mill burns", byline="Ada Orm"), ["Author: Ada Orm"])


def test_a_date_at_the_foot_is_of_the_text_that_it_stands_under() -> None:
    dated = replace(TITLED, published="2024-03-06")
    assert header_of(f"{TITLED.title}\n\n{BODY}\n\nPublished 6 March 2024")[0] == dated
    teaser = f"{TITLED.title}\n\n{BODY}\n\nValley council meets again\n\nPublished 6 March 2024"
    assert header_of(teaser)[0] == TITLED


def test_two_dates_and_their_times_are_no_sentence_of_the_text() -> None:
    line = "PUBLISHED: March 6, 2024 at 6:00 a.m. | UPDATED: March 9, 2024 at 7:00 a.m."
    assert read("Mill burns for three days", line) == (replace(TITLED, published="2024-03-06"), [line])


# Outlets


@pytest.mark.parametrize(
    "name", ["Vale Gazette", "The Vale Gazette", "The Orm Times", "Orm Daily News", "Daily Orm Post", "VALE GAZETTE"]
)
def test_a_line_named_as_papers_are_is_the_outlet_of_a_text_with_a_header(name: str) -> None:
    assert read("Mill burns for three days", name, "6 March 2024")[0] == replace(
        TITLED, outlet=name, published="2024-03-06"
    )
    assert read(name, "Mill burns for three days", "By Ada Orm")[0] == replace(TITLED, outlet=name, byline="Ada Orm")


@pytest.mark.parametrize(
    "line",
    [
        "Hard Times",
        "The Last Post",
        "Latest News",
        "World News",
        "The Best of Times",
        "Ada Orm",
        "Mill burns the Herald",
    ],
)
def test_a_line_that_may_be_anything_else_is_no_outlet(line: str) -> None:
    assert read("Mill burns for three days", line, "6 March 2024")[0].outlet is None


def test_without_any_other_sign_of_a_header_the_name_of_a_paper_is_a_title() -> None:
    assert read("The Vale Gazette") == (Header("mill.txt", title="The Vale Gazette"), [])


def test_two_papers_in_one_head_are_one_too_many() -> None:
    assert read("Mill burns for three days", "Vale Gazette", "Orm Courier", "6 March 2024")[0].outlet is None


def test_an_outlet_after_a_title_is_one_where_something_else_names_it() -> None:
    title = "Mill burns for three days - Vale Gazette"
    assert read(title, "By Ada Orm")[0] == Header("mill.txt", title=title, byline="Ada Orm")
    named = header_of(f"{title}\n\n{BODY}\n\n© 2024 The Vale Gazette")[0]
    assert named == replace(TITLED, outlet="Vale Gazette")


def test_a_notice_of_first_appearance_does_not_take_a_text_from_its_address() -> None:
    notice = "This article first appeared in The Orm Courier on 1 May 2020."
    alone = header_of(f"{TITLED.title}\n\n{BODY}\n\n{notice}")[0]
    assert alone == replace(TITLED, outlet="The Orm Courier", published="2020-05-01")
    url = "https://valegazette.example/mill"
    elsewhere = header_of(f"{TITLED.title}\n\n{url}\n\n{BODY}\n\n{notice}")[0]
    assert elsewhere == replace(TITLED, outlet="valegazette.example", url=url)


def test_a_date_of_first_appearance_elsewhere_is_not_that_of_the_owners_text() -> None:
    notices = "First published in The Orm Courier on 1 May 2020.\n\n© 2024 Vale Gazette"
    assert header_of(f"{TITLED.title}\n\n{BODY}\n\n{notices}")[0] == replace(TITLED, outlet="Vale Gazette")


@pytest.mark.parametrize(
    ("notice", "outlet"),
    [
        ("© 2024 Ada Orm", None),
        ("© 2024 Bo Lund", None),
        ("© 2024 WORM", "WORM"),
        ("Copyright 2024 The Vale. All rights reserved.", "The Vale"),
        ("© 2024 Vale Gazette LLC All Rights Reserved", "Vale Gazette"),
        ("© 2024 Harbour Syndicate", "Harbour Syndicate"),
        ("First published in the Valley Review, and is republished here with thanks", "Valley Review"),
        ("It was first published in spring, and is republished here", None),
        ("This story was first published by Valley Review and is republished with permission.", "Valley Review"),
    ],
)
def test_the_owner_that_a_notice_names_is_an_outlet_and_not_the_writer(notice: str, outlet: str | None) -> None:
    header, _ = header_of(f"{TITLED.title}\n\nBy Ada Orm\n\n{BODY}\n\n{notice}")
    assert header == replace(TITLED, byline="Ada Orm", outlet=outlet)


@pytest.mark.parametrize(
    ("line", "byline", "outlet"),
    [
        ("By Ada Orm in Ormsby", "Ada Orm", None),
        ("By Ada Orm, Port Ellery", "Ada Orm", None),
        ("By Ada Orm for The Vale Gazette", "Ada Orm", "The Vale Gazette"),
        ("By Ada Orm, special to the Vale Gazette", "Ada Orm", "Vale Gazette"),
        ("By Ada Orm and Bo Lund, Vale Gazette", "Ada Orm and Bo Lund", "Vale Gazette"),
        ("Written by Ada Orm", "Ada Orm", None),
        ("By: Ada Orm", "Ada Orm", None),
        ("By Ada Orm | Vale Gazette | 5 min read", "Ada Orm", "Vale Gazette"),
        ("By the river", None, None),
        ("By noon", None, None),
    ],
)
def test_a_byline_gives_a_name_and_what_else_has_the_form_of_an_outlet(
    line: str, byline: str | None, outlet: str | None
) -> None:
    header, _ = read("Mill burns for three days", line)
    assert (header.byline, header.outlet) == (byline, outlet)


@pytest.mark.parametrize(
    ("line", "url", "outlet"),
    [
        ("<https://valegazette.example/mill>", "https://valegazette.example/mill", "valegazette.example"),
        ("URL: https://valegazette.example/mill", "https://valegazette.example/mill", "valegazette.example"),
        ("https://valegazette.example/", None, "valegazette.example"),
        ("https://valegazette.example/mill.jpg", None, None),
        ("Read it at https://valegazette.example/mill", None, None),
        ("https://[", None, None),
    ],
)
def test_an_address_is_the_texts_own_only_alone_on_its_line(line: str, url: str | None, outlet: str | None) -> None:
    header, _ = read("Mill burns for three days", line)
    assert (header.url, header.outlet) == (url, outlet)


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("The Vale Gazette", "valegazette.example", True),
        ("Vale Gazette", "www.the-vale-gazette.example", True),
        ("Vale Gazette", "the vale gazette", True),
        ("Orm River Post", "news.orp.example", True),
        ("Vale Gazette", "ormcourier.example", False),
        ("Example", "valegazette.example", False),
        ("", "valegazette.example", False),
    ],
)
def test_a_name_and_a_host_may_be_of_one_outlet(name: str, other: str, same: bool) -> None:
    assert is_same_outlet(name, other) == same


# A table of heads, each with all that a careful reader would know from it

TABLE = Path(__file__).parent / "gold" / "heads.jsonl"
FIELDS = ("title", "outlet", "byline", "published", "url")
RUNNING_TEXT = (
    "The ferry to Ellery has carried post and people since the war, and nobody in the harbour could say on Friday when"
    " it would be back."
)


def test_of_a_table_of_heads_nothing_is_read_wrongly_and_little_is_missed() -> None:
    known, read_rightly = Counter[str](), Counter[str]()
    rows = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
    wrong = []
    for row in rows:
        body = [*row.get("body", []), RUNNING_TEXT, RUNNING_TEXT.replace("ferry", "boat")]
        fields, _ = head_of("\n\n".join([*row["head"], *body, *row.get("foot", [])]))
        for field in FIELDS:
            given, right = fields[field].value if field in fields else None, row.get(field)
            known[field] += right is not None
            read_rightly[field] += right is not None and given == right
            if given not in (None, right):
                wrong.append((row["head"], field, given))
    assert wrong == []
    assert len(rows) >= 180
    assert all(read_rightly[field] >= 0.9 * known[field] for field in FIELDS)
