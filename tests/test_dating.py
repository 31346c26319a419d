"""What stands in brackets beside a quotation with relative dates, and that nothing wrong ever does."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpus.relative import read
from rag.answering.dating import UNKNOWN, in_brackets
from rag.markers import marked

GOLD = Path(__file__).parent / "gold" / "dating.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
WEDNESDAY = "2022-01-12"


def resolved(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each.expression, each.words) for each in read(row["quote"], row["published"]).resolved]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["quote"][:50])
def test_every_labelled_date_is_resolved_but_those_known_as_missed(row: dict[str, Any]) -> None:
    labelled = [(expression, words) for expression, words in row["dates"] if expression not in row.get("missed", ())]
    assert resolved(row) == labelled


def test_the_set_is_large_half_traps_and_few_are_missed() -> None:
    count = Counter(bool(row.get("trap")) for row in ROWS)
    assert count[False] >= 80
    assert count[True] >= 80
    assert sum(len(row.get("missed", ())) for row in ROWS) <= 0.2 * sum(len(row["dates"]) for row in ROWS)


def test_one_date_is_meant_without_saying_which() -> None:
    assert in_brackets("The bridge fell on Wednesday.", WEDNESDAY) == "[that is 12 January 2022]"


def test_several_are_named_in_order_and_once() -> None:
    quote = "It fell on Wednesday. It was repaired last year. On Wednesday nobody was on it; last year many were."
    assert in_brackets(quote, WEDNESDAY) == "[“on Wednesday” is 12 January 2022; “last year” is 2021]"


def test_a_date_beside_one_written_in_full_is_named() -> None:
    quote = "The bridge, which was opened on 5 May 1989, fell on Tuesday."
    assert in_brackets(quote, WEDNESDAY) == "[“on Tuesday” is 11 January 2022]"


def test_no_more_than_three_are_named() -> None:
    quote = "It fell on Monday. It burned last year. It was bought last month. It sank in November."
    expected = "[“on Monday” is 10 January 2022; “last year” is 2021; “last month” is December 2021]"
    assert in_brackets(quote, WEDNESDAY) == expected


def test_an_expression_that_means_two_days_is_not_named() -> None:
    quote = "“He left yesterday,” she said on Monday. “He came back yesterday,” she said on Tuesday."
    assert in_brackets(quote, WEDNESDAY) == "[“on Monday” is 10 January 2022; “on Tuesday” is 11 January 2022]"


@pytest.mark.parametrize("published", [None, "2022-01", "2022"])
def test_where_the_day_of_the_document_is_unknown_it_says_so(published: str | None) -> None:
    assert in_brackets("The bridge fell on Wednesday.", published) == UNKNOWN


def test_what_a_month_tells_is_told() -> None:
    assert in_brackets("The bridge was built last year.", "2022-01") == "[that is 2021]"
    assert in_brackets("It was built last year and fell on Wednesday.", "2022-01") == "[“last year” is 2021]"


@pytest.mark.parametrize("published", [None, "2022-01", WEDNESDAY])
@pytest.mark.parametrize(
    "quote",
    [
        "The bridge fell.",
        "The bridge fell on 5 January 2022.",
        "The Sunday Times praised it.",
        "Today, most bridges hold.",
    ],
)
def test_where_nothing_is_learned_there_are_no_brackets(quote: str, published: str | None) -> None:
    assert in_brackets(quote, published) == ""


def test_what_is_not_sure_is_not_unknown_for_want_of_a_date() -> None:
    assert in_brackets("“We will reopen tomorrow,” the owner said.", WEDNESDAY) == ""


def test_brackets_are_never_read_as_markers() -> None:
    keys = ["k3f9", "b2c4", "d5e6"]
    for row in ROWS:
        brackets = in_brackets(row["quote"], row["published"])
        read_back = marked(f"“It fell.” {brackets} it was said [k3f9]", keys)
        assert read_back.text == f"“It fell.” {brackets} it was said [1]"
        assert read_back.invalid == 0


@pytest.mark.parametrize(
    "piece",
    [
        "on Friday ",
        "“on Friday” ",
        "“on Friday,” said on Monday ",
        "on Friday and ",
        "“",
        '"',
        "‘",
        "1",
        " ",
        "the ",
        "last year ",
        "May ",
        "In 1998 ",
        "today ",
        ",",
        ". ",
        "said ",
    ],
)
def test_a_text_made_to_be_slow_is_read_to_its_end(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + "\nThe bridge fell last month."
    assert [each.words for each in read(text, WEDNESDAY).resolved if each.expression == "last month"] in (
        ["December 2021"],
        [],  # a mark before it was never closed, and a month may have ended since somebody spoke
    )
