"""What the head and the foot of a plain text say about it."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest

from corpus.document import Header
from corpus.metadata import header_of, outlet_of_address

BODY = "The mill burned for three days, and nobody in the valley could say who had left the lamp on the stairs."
TITLED = Header("mill.txt", title="Mill burns for three days")


def read(*lines: str) -> tuple[Header, list[str]]:
    """The header of a text of these paragraphs and a body, and the lines that are header only."""
    text = "\n\n".join([*lines, BODY])
    header, spans = header_of(text, "mill.txt")
    return header, [text[span.start : span.end] for span in spans]


def test_a_text_of_sentences_only_has_no_header() -> None:
    assert read() == (Header("mill.txt"), [])
    assert header_of("", "mill.txt") == (Header("mill.txt"), ())


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


@pytest.mark.parametrize("line", ["mill burns", "Drought", "Mill burns.", "Where it began:", "By Staff", "20240306"])
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
    header, spans = header_of(text, "mill.txt")
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
    assert header_of(text, "mill.txt") == (replace(TITLED, outlet="Valley Wire", published=published), ())


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
    assert header_of(f"{TITLED.title}\n\n{BODY}\n\n{notice}", "mill.txt")[0] == replace(TITLED, **known)
    head = f"{TITLED.title}\n\nBy Ada Orm, Orm Courier\n\n1 May 2020\n\n{BODY}\n\n{notice}"
    assert header_of(head, "mill.txt")[0] == replace(
        TITLED, byline="Ada Orm", outlet="Orm Courier", published="2020-05-01"
    )


@pytest.mark.parametrize("notice", ["Photo: © Ada Orm", "© Getty Images", "Related: Minutes posted on 5 May 2020"])
def test_the_notice_of_a_picture_or_of_another_text_is_not_taken_for_this_one(notice: str) -> None:
    assert header_of(f"{TITLED.title}\n\n{BODY}\n\n{notice}", "mill.txt")[0] == TITLED


def test_what_the_markup_said_is_kept() -> None:
    known = Header("mill.txt", title="The mill", published="2024-03")
    header, _ = header_of(f"Mill burns for three days\n\nBy Ada Orm\n\n6 March 2024\n\n{BODY}", "mill.txt", known=known)
    assert header == replace(known, byline="Ada Orm")


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
def test_a_head_made_to_be_slow_is_read_in_a_moment(text: str) -> None:
    began = perf_counter()
    header_of(text, "mill.txt")
    assert perf_counter() - began < 2
