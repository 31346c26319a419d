"""The periods of a question, where something is missing: looked for in the archive, the conversation and today."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.dates import Days, days_in_words
from rag.asking.periods import Setting, periods


def days(first: str, last: str | None = None) -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(last or first))


def asked(text: str, setting: Setting) -> list[str]:
    return [days_in_words(period.days) for period in periods(text, setting)]


TODAY = date(2026, 11, 22)
OLD = days("2019-03-02", "2022-06-30")
MONTH = days("2022-01-03", "2022-01-28")


def test_a_month_without_a_year_is_the_newest_one_that_the_archive_covers() -> None:
    assert asked("Who came in May?", Setting(TODAY, covered=OLD)) == ["1–31 May 2022"]
    assert asked("Who came in July?", Setting(TODAY, covered=OLD)) == ["1–31 July 2021"]


def test_a_day_shortly_behind_or_before_what_the_archive_covers_is_near_to_it() -> None:
    assert asked("Who comes on 19 February?", Setting(TODAY, covered=MONTH)) == ["19 February 2022"]
    assert asked("Who came on 19 December?", Setting(TODAY, covered=MONTH)) == ["19 December 2021"]


def test_a_month_that_the_archive_does_not_cover_is_the_newest_before_today() -> None:
    assert asked("Who came in July?", Setting(TODAY, covered=MONTH)) == ["1–31 July 2026"]
    assert asked("Who came in July?", Setting(TODAY)) == ["1–31 July 2026"]


def test_what_lies_behind_today_is_not_meant_where_today_lies_within_the_archive() -> None:
    assert asked("Who came in May?", Setting(date(2021, 2, 1), covered=OLD)) == ["1–31 May 2020"]


def test_a_day_alone_takes_its_month_from_the_question_the_conversation_the_archive_or_today() -> None:
    text = "Who came on the 10th?"
    assert asked("In May, who came on the 10th?", Setting(TODAY, covered=OLD)) == ["1–31 May 2022", "10 May 2022"]
    told = ["Who came on 3 April 2020?", "Nobody in March [1]."]
    assert asked(text, Setting(TODAY, covered=OLD, earlier=told)) == ["10 April 2020"]
    assert asked(text, Setting(TODAY, covered=MONTH)) == ["10 January 2022"]
    assert asked(text, Setting(date(2022, 7, 2), covered=OLD)) == ["10 June 2022"]
    assert asked(text, Setting(date(2023, 7, 20), is_stated=True, covered=OLD)) == ["10 July 2023"]


@pytest.mark.parametrize("earlier", [[], ["Did it rain in March or in April 2020?"]])
def test_where_nothing_decides_nothing_is_assumed(earlier: list[str]) -> None:
    assert asked("Who came on the 10th?", Setting(TODAY, covered=OLD, earlier=earlier)) == []
    assert asked("Who came on Tuesday?", Setting(TODAY, covered=OLD, earlier=earlier)) == []


def test_a_weekday_is_the_only_one_of_a_week_or_the_last_one_before_today() -> None:
    week = days("2022-01-06", "2022-01-12")
    assert asked("Who came on Tuesday?", Setting(TODAY, covered=week)) == ["11 January 2022"]
    assert asked("Who came on Tuesday?", Setting(TODAY, is_stated=True, covered=week)) == ["17 November 2026"]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("before 10 May 2022", "up to 9 May 2022"),
        ("until 10 May 2022", "up to 10 May 2022"),
        ("by the end of May 2022", "up to 31 May 2022"),
        ("before the end of May 2022", "up to 31 May 2022"),
        ("after 10 May 2022", "from 11 May 2022 on"),
        ("since May 2022", "from 1 May 2022 on"),
        ("from May 2022 onwards", "from 1 May 2022 on"),
        ("from 3 to 9 May 2022", "3–9 May 2022"),
        ("between May 3 and 9, 2022", "3–9 May 2022"),
        ("3–9 May 2022", "3–9 May 2022"),
        ("from 28 December to 3 January 2022", "28 December 2021 – 3 January 2022"),
        ("from 28 December 2021 to 3 January", "28 December 2021 – 3 January 2022"),
        ("from November to February 2022", "1 November 2021 – 28 February 2022"),
        ("between the 3rd and the 9th", "3–9 January 2022"),
        ("between 2014 and 2016", "1 January 2014 – 31 December 2016"),
    ],
)
def test_a_limit_and_two_ends_make_one_period(text: str, period: str) -> None:
    assert asked(f"What happened {text}?", Setting(TODAY, covered=MONTH)) == [period]


def test_what_is_measured_from_a_day_is_not_that_day() -> None:
    assert asked("What happened two days after 3 May 2022?", Setting(TODAY)) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("What was published before 10 May 2022?", "publication"),
        ("Which articles from May 2022 are there?", "publication"),
        ("What do stories in the Vale Gazette published in May 2022 say?", "publication"),
        ("What did the Vale Gazette print in May 2022?", "publication by"),
        ("What did the Ministry of Ports publish in May 2022?", "publication by"),
        ("Published since May 2022, what is said of the dam?", "publication"),
        ("Published in May 2022, the memo blames whom?", "event"),
        ("What was published in May 2022 by the ministry?", "event"),
        ("What did the Vale Gazette report in May 2022?", "event"),
        ("What does the memo published in May 2022 say?", "event"),
        ("What do articles say about the memo published in May 2022?", "event"),
        ("Who left in May 2022?", "event"),
    ],
)
def test_only_words_for_publishing_articles_speak_of_their_date(text: str, kind: str) -> None:
    (only,) = periods(text, Setting(TODAY))
    assert only.kind == kind


def test_a_period_names_the_words_it_came_from() -> None:
    text = "Who came from 3 to 9 May 2022, and why?"
    (only,) = periods(text, Setting(TODAY))
    assert (only.words, text[only.span.start : only.span.end]) == ("from 3 to 9 May 2022",) * 2
