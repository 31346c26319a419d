"""Dates read where they are written out, and resolved where they are relative."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.dates import (
    Resolved,
    date_in_address,
    first_day,
    in_words,
    last_day,
    published_date,
    relative_dates,
    user_date,
    written_date,
)
from corpus.document import Span
from corpus.errors import BadInput


def resolved(text: str, reference: str) -> list[tuple[str, str]]:
    return [(each.expression, each.date) for each in relative_dates(text, reference)]


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("20240306", "2024-03-06"),
        ("2024-03-06", "2024-03-06"),
        ("2024-03-06T10:00:00+01:00", "2024-03-06"),
        ("March 6, 2024", "2024-03-06"),
        ("6th March 2024", "2024-03-06"),
        ("Wednesday 6 March 2024", "2024-03-06"),
        ("Published: Wed., Mar. 6, 2024 at 6.40 p.m. ET", "2024-03-06"),
        ("Posted on 6 March 2024, 10:05 CEST", "2024-03-06"),
        ("10 Jan 2022 14:05 GMT", "2022-01-10"),
        ("Monday, 10 January 2022 14:05 (UTC+1)", "2022-01-10"),
        ("2022/5/6", "2022-05-06"),
        ("Date: 13/01/2022", "2022-01-13"),
        ("13.01.2022", "2022-01-13"),
        ("5.6.2022", "2022-06-05"),
        ("Published 2022", "2022"),
        ("First published March 6, 2024; last updated March 7, 2024, 10:05", "2024-03-06"),
        ("Updated: 7 March 2024 / Published: 6 March 2024", "2024-03-06"),
        ("*March 2024*", "2024-03"),
    ],
)
def test_a_line_that_is_a_date_gives_it(line: str, published: str) -> None:
    assert published_date(line) == published


@pytest.mark.parametrize(
    "line",
    [
        "The mill burned on March 6, 2024",
        "Mill burns March 6, 2024",
        "6 March 2024 was cold",
        "Page 3 March 2024",
        "The mill",
        "20241306",
        "31 February 2024",
        "2024",
        "Updated on 6 March 2024, 10:05 CEST",
        "Last modified: 2024-03-06",
        "6 March 2024 – 9 March 2024",
        "05/06/2022",
        "Published 9999",
        "March",
        "",
    ],
)
def test_a_line_that_says_more_than_a_date_gives_none(line: str) -> None:
    assert published_date(line) is None


def test_a_date_behind_a_line_made_to_be_slow_is_not_taken() -> None:
    assert published_date("A" * 10_000 + "1 6 March 2024") is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("2022-01-06", "2022-01-06"),
        ("2022-01-06T23:30:00-05:00", "2022-01-06"),
        ("2022-01-06 10:00", "2022-01-06"),
        ("2022-01", "2022-01"),
        ("2022", "2022"),
        ("10 Jan. 2022", "2022-01-10"),
        ("Sept. 3, 2022", "2022-09-03"),
        ("January 2022", "2022-01"),
        ("2022 January 6", "2022-01-06"),
        ("Thu, 06 Jan 2022 10:00:00 GMT", "2022-01-06"),
        ("13.01.2022", "2022-01-13"),
        ("5.6.2022", "2022-06-05"),
        ("2022/5/6", "2022-05-06"),
        ("06/06/2022", "2022-06-06"),
    ],
)
def test_a_written_date_is_read_at_the_precision_it_has(expression: str, expected: str) -> None:
    assert written_date(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "May",
        "6",
        "Jan. 6",
        "yesterday",
        "2022 or so",
        "2022-02-30",
        "2022-13",
        "2022/13/01",
        "6 January 2022 " + "or so " * 20,
        "0999",
        "2201",
        "05/06/2022",
    ],
)
def test_what_would_have_to_be_guessed_is_no_date(expression: str) -> None:
    assert written_date(expression) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://millpost.example/2022/jan/6/mill-burns/", "2022-01-06"),
        ("https://millpost.example/news/2022/01/06/mill-burns", "2022-01-06"),
        ("https://millpost.example/2022/01/06", "2022-01-06"),
        ("https://millpost.example/2022/1/mill-burns", "2022-01"),
        ("https://millpost.example/2022/13/06/mill-burns", None),
        ("https://millpost.example/2022/01/32/mill-burns", None),
        ("https://millpost.example/1234/56/", None),
        ("https://millpost.example/20220106/mill-burns", "2022-01-06"),
        ("https://millpost.example/2022-01-06-mill-burns", "2022-01-06"),
        ("https://millpost.example/2022-01-06.html", "2022-01-06"),
        ("https://millpost.example/20221306/mill-burns", None),
        ("https://millpost.example/20220106123/mill-burns", None),
        ("https://millpost.example/mill?since=/2012/05/06/", None),
        ("https://millpost.example/mill-burns", None),
    ],
)
def test_the_date_in_an_address_is_the_one_in_its_path(url: str, expected: str | None) -> None:
    assert date_in_address(url) == expected


def test_a_user_may_type_a_date_in_words() -> None:
    assert user_date("6 January 2022") == "2022-01-06"


@pytest.mark.parametrize("value", ["soon", "2022-99", "05/06/2022", ""])
def test_what_a_user_types_for_a_date_and_is_none_is_refused_with_the_forms(value: str) -> None:
    with pytest.raises(BadInput) as refused:
        user_date(value)
    assert str(refused.value) == f"{value!r} is not a date; write it as 2022-01-06, 2022-01 or 2022"


@pytest.mark.parametrize(
    ("published", "first", "last", "words"),
    [
        ("2024-03-06", date(2024, 3, 6), date(2024, 3, 6), "6 March 2024"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        ("2024", date(2024, 1, 1), date(2024, 12, 31), "2024"),
    ],
)
def test_a_date_of_any_precision_covers_its_days_and_reads_in_words(
    published: str, first: date, last: date, words: str
) -> None:
    assert (first_day(published), last_day(published), in_words(published)) == (first, last, words)


# 2024-03-06 is a Wednesday.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It burned on Tuesday.", ("Tuesday", "2024-03-05")),
        ("It burned on Wednesday.", ("Wednesday", "2024-03-06")),
        ("It burned on Thursday.", ("Thursday", "2024-02-29")),
        ("It burned last Wednesday.", ("last Wednesday", "2024-02-28")),
        ("They vote next Tuesday.", ("next Tuesday", "2024-03-12")),
        ("They vote next Wednesday.", ("next Wednesday", "2024-03-13")),
        ("The vote of the coming Friday.", ("coming Friday", "2024-03-08")),
        ("They will vote on Wednesday.", ("Wednesday", "2024-03-06")),
        ("They will vote on Thursday.", ("Thursday", "2024-03-07")),
        ("They are to meet on Tuesday.", ("Tuesday", "2024-03-12")),
        ("She will rue what she did this past Tuesday.", ("past Tuesday", "2024-03-05")),
        ("They will vote. It burned on Tuesday.", ("Tuesday", "2024-03-05")),
        ("It burned yesterday.", ("yesterday", "2024-03-05")),
        ("It burns tonight.", ("tonight", "2024-03-06")),
        ("It opens tomorrow.", ("tomorrow", "2024-03-07")),
        ("It burned last year.", ("last year", "2023")),
        ("It opens next year.", ("next year", "2025")),
        ("It burned last month.", ("last month", "2024-02")),
        ("It opens next month.", ("next month", "2024-04")),
    ],
)
def test_a_relative_date_is_seen_from_the_day_of_publication(text: str, expected: tuple[str, str]) -> None:
    assert resolved(text, "2024-03-06") == [expected]


def test_last_month_in_january_and_next_month_in_december_are_in_another_year() -> None:
    assert resolved("It burned last month.", "2024-01-31") == [("last month", "2023-12")]
    assert resolved("It opens next month.", "2023-12-31") == [("next month", "2024-01")]


def test_each_relative_date_comes_with_its_place() -> None:
    assert relative_dates("Yesterday, not last year.", "2024-03-01") == [
        Resolved(Span(0, 9), "Yesterday", "2024-02-29"),
        Resolved(Span(15, 24), "last year", "2023"),
    ]


@pytest.mark.parametrize(("reference", "expected"), [("2024-03", ["last year"]), ("2024", ["last year"]), ("", [])])
def test_without_a_day_to_look_from_no_day_is_resolved(reference: str, expected: list[str]) -> None:
    found = relative_dates("It burned yesterday, or on Tuesday, or last year.", reference)
    assert [each.expression for each in found] == expected


def test_a_week_or_a_season_has_no_date_of_one_precision() -> None:
    assert relative_dates("It burned last week, and was bought last spring.", "2024-03-06") == []


def test_a_weekday_as_a_habit_is_no_date() -> None:
    assert relative_dates("It is shut on Mondays.", "2024-03-06") == []
