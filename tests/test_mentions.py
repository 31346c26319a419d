"""The days that a text names, by the form of its words and a day to reckon from."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.dates import Days
from corpus.mentions import expressions, in_year, mentioned, reckoned

MONDAY = date(2024, 5, 20)


def found(text: str) -> list[str]:
    return [text[each.span.start : each.span.end] for each in expressions(text)]


def days(first: str, last: str | None = None) -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("on 6 January 2022", "2022-01-06", None),
        ("on the 6th of January, 2022", "2022-01-06", None),
        ("January 6th, 2022", "2022-01-06", None),
        ("Sept. 5, 2022", "2022-09-05", None),
        ("2022-01-06", "2022-01-06", None),
        ("6.1.2022", "2022-01-06", None),
        ("in January 2022", "2022-01-01", "2022-01-31"),
        ("in late February 2024", "2024-02-20", "2024-02-29"),
        ("by the end of April 2022", "2022-04-21", "2022-04-30"),
        ("in the first half of March 2022", "2022-03-01", "2022-03-16"),
        ("in spring 2022", "2022-03-01", "2022-05-31"),
        ("in the winter of 2022", "2021-12-01", "2022-02-28"),
        ("in the second quarter of 2022", "2022-04-01", "2022-06-30"),
        ("in Q4 2022", "2022-10-01", "2022-12-31"),
        ("since 2014", "2014-01-01", "2014-12-31"),
        ("in the 1990s", "1990-01-01", "1999-12-31"),
    ],
)
def test_what_is_written_in_full_means_the_same_on_any_day(text: str, first: str, last: str | None) -> None:
    (only,) = expressions(text)
    assert only.year is not None
    assert in_year(only, only.year) == days(first, last)
    assert list(mentioned(text, None)) == [days(first, last)]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("yesterday", "2024-05-19", None),
        ("the day before yesterday", "2024-05-18", None),
        ("last night", "2024-05-19", None),
        ("this morning", "2024-05-20", None),
        ("this week", "2024-05-20", "2024-05-26"),
        ("last week", "2024-05-13", "2024-05-19"),
        ("last weekend", "2024-05-18", "2024-05-19"),
        ("next month", "2024-06-01", "2024-06-30"),
        ("last quarter", "2024-01-01", "2024-03-31"),
        ("early this year", "2024-01-01", "2024-05-01"),
        ("the last year", "2023-05-20", "2024-05-20"),
        ("the past two weeks", "2024-05-06", "2024-05-20"),
        ("three days ago", "2024-05-17", None),
        ("two weeks ago", "2024-05-06", "2024-05-12"),
        ("a couple of months ago", "2024-03-01", "2024-03-31"),
        ("10 years ago", "2014-01-01", "2014-12-31"),
        ("last spring", "2023-03-01", "2023-05-31"),
        ("last January", "2024-01-01", "2024-01-31"),
        ("next January", "2025-01-01", "2025-01-31"),
        ("this May", "2024-05-01", "2024-05-31"),
        ("in March last year", "2023-03-01", "2023-03-31"),
    ],
)
def test_what_is_relative_is_reckoned_from_a_day(text: str, first: str, last: str | None) -> None:
    (only,) = expressions(text)
    assert reckoned(only, MONDAY) == days(first, last)


@pytest.mark.parametrize(
    "text",
    [
        "the 2030 agenda",
        "Article 5 of the treaty",
        "May he rest",
        "They may, and they march on",
        "Theresa May took office",
        "before May resigned",
        "since April left the house",
        "after 2000 votes were counted",
        "in 2021 dollars",
        "May 10 people come in?",
        "20 may have drowned",
        "page 5 May I ask",
        "Sunday's paper and the Sunday Times",
        "Black Friday",
        "at the fall of the wall",
        "water in the spring",
        "Maybe the Marrow",
        "the tonight show",
        "the last night of the fair",
        "on Friday Night Live",
        "the previous week",
        "call 555-2014",
        "version 1.10.2",
        "£2022",
    ],
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert found(text) == []


def test_expressions_stand_apart_and_in_order() -> None:
    assert found("From January 6 to 9 March 2022, and again last week.") == ["January 6", "9 March 2022", "last week"]


def test_a_full_stop_belongs_to_a_short_month_only() -> None:
    assert found("It burned in December. It fell on 5 May. It rose on 5 Sept. 2022.") == [
        "December",
        "5 May",
        "5 Sept. 2022",
    ]


def test_a_name_may_follow_a_day() -> None:
    assert found("On Friday Orme resigned; the mayor said Friday that she would not.") == ["Friday", "Friday"]


def test_a_passage_is_read_from_its_date_of_publication() -> None:
    text = "The gate jammed on Saturday. In October it had been oiled; on January 2 it froze. It will open on Tuesday."
    read = list(mentioned(text, "2024-02-19"))
    assert read == [days("2024-02-17"), days("2023-10-01", "2023-10-31"), days("2024-01-02"), days("2024-02-20")]


def test_where_only_the_year_of_publication_is_known_no_day_is_reckoned() -> None:
    assert list(mentioned("Yesterday, on Tuesday and in October.", "2024")) == [days("2024-10-01", "2024-10-31")]
    assert list(mentioned("Yesterday, on Tuesday and in October.", None)) == []


def test_a_day_that_no_calendar_has_is_none() -> None:
    assert list(mentioned("on 30 February 2022 and on 31.4.2022", "2022-05-01")) == []


@pytest.mark.parametrize(
    "piece", ["1", "the ", "May ", "the end of ", "2 ", " ", "a couple of ", "last ", "9/", "2022-"]
)
def test_a_text_made_to_be_slow_is_read_to_its_end(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + ". On 6 January 2022"
    assert found(text)[-1] == "6 January 2022"
