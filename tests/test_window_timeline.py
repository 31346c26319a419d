"""The timeline of an answer and the histogram of an archive: dates in, SVG out; and the route of the latter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from corpus.document import Header, Passage
from rag import Assistant
from rag.answer import Answer, Citation
from rag.window import timeline_routes
from rag.window.conversations import Conversations
from rag.window.histogram import Bar, Coverage, coverage_of, histogram
from rag.window.site import Site
from rag.window.timeline import MOST_SHOWN, Scale, dots_of, picture, timeline
from tests.test_window_sources import HOSTILE, Seen
from vectorstore.base import Hit


def passage(name: str, published: str | None = None, outlet: str | None = "Courier") -> Passage:
    return Passage(Header(name, f"Title of {name}", outlet, published=published), 10, 20, "Some text.")


def answer(cited: list[Passage], found: list[Passage]) -> Answer:
    citations = tuple(Citation(at, each, each.text, 10, 20, "verbatim") for at, each in enumerate(cited, 1))
    return Answer("When?", "Then.", "answered", "extractive", citations, tuple(Hit(each, 1.0) for each in found))


def numbers(name: str, shown: str) -> list[float]:
    return [float(each) for each in re.findall(rf' {name}="([\d.]+)%?"', shown)]


def labels(shown: str) -> list[str]:
    return re.findall(r'class="cd-dot[^>]*aria-label="([^"]*)"', shown)


def rows(shown: str) -> list[str]:
    return re.findall(r'class="cd-outlet"[^>]*>([^<]*)<', shown)


# ---- the documents of an answer


def test_each_document_is_one_dot_the_cited_ones_first_with_all_their_numbers() -> None:
    a, b = passage("a", "2024-01-01"), passage("b", "2024-02-01")
    dots = dots_of(answer([b, a, b], [a, b, passage("c"), passage("c")]))
    assert [(dot.document.name, dot.numbers) for dot in dots] == [("b", (1, 3)), ("a", (2,)), ("c", ())]


def test_every_dot_has_a_name_that_says_all_and_leads_to_its_card_or_its_document() -> None:
    shown = timeline(answer([passage("a", "2024-03-12")], [passage("b", "2024-03", None), passage("c")]))
    assert labels(shown) == [
        "Outlet unknown, March 2024: Title of b. Found, not cited",
        "Courier, 12 March 2024: Title of a. Cited as 1",
        "Courier, no date: Title of c. Found, not cited",
    ]
    assert re.findall(r'data-marker="(\d*)"', shown) == ["", "1", ""]
    assert shown.count('role="button"') == 3
    assert 'aria-label="1 cited and 2 other documents, March 2024; arrow keys move"' in shown


def test_a_row_for_each_outlet_in_the_order_of_first_dates_and_the_undated_apart_at_the_end() -> None:
    found = [passage("c", "2024-03-01", "B"), passage("a", None, "A"), passage("b", "2024-01-01", "C"),
             passage("d", "2024-02-01", None)]  # fmt: skip
    assert rows(timeline(answer([], found))) == ["C", "Outlet unknown", "B", "Without a date"]


def test_days_stand_in_their_order_from_edge_to_edge() -> None:
    days = ["2024-01-01", "2024-01-02", "2024-06-15", "2024-12-31"]
    shown = picture(dots_of(answer([], [passage(day, day, day) for day in days])))
    across = [float(each) for each in re.findall(r'<circle cx="([\d.]+)%"', shown)]
    assert across == sorted(across)
    assert (across[0], across[-1]) == (3.5, 96.5)


def test_documents_of_one_day_stand_below_each_other() -> None:
    shown = picture(dots_of(answer([], [passage(f"{n}", "2024-01-01") for n in range(5)])))
    assert len(set(re.findall(r'<circle cx="[\d.]+%" cy="(\d+)"', shown))) == 5
    assert numbers("height", shown)[0] > 5 * 18


def test_a_date_known_to_the_year_is_drawn_over_the_year() -> None:
    found = [passage("a", "2020"), passage("b", "2024-05-01")]
    shown = picture(dots_of(answer([], found)))
    assert shown.count("cd-extent") == 1
    assert re.search(r'cd-extent" x1="3.50%" x2="2\d', shown)


@pytest.mark.parametrize("published", ["1924-02-29", "2024", "1000-01-01"])
def test_one_document_stands_in_the_middle_or_over_its_time(published: str) -> None:
    shown = timeline(answer([passage("a", published)], []))
    assert len(labels(shown)) == 1
    assert "NaN" not in shown


def test_where_no_document_has_a_date_there_is_no_axis() -> None:
    shown = timeline(answer([], [passage(f"{n}") for n in range(40)]))
    assert rows(shown) == ["Without a date"]
    assert "cd-tick" not in shown
    assert len(labels(shown)) == 40


def test_thirty_outlets_have_thirty_rows_below_each_other() -> None:
    found = [passage(f"{n}", f"20{n:02}-01-01", f"Outlet {n}") for n in range(30)]
    shown = picture(dots_of(answer([], found)))
    tops = [float(each) for each in re.findall(r'class="cd-outlet" x="0" y="(\d+)"', shown)]
    assert len(tops) == 30
    assert all(below - above >= 30 for above, below in pairwise(tops))
    assert numbers("height", shown)[0] > tops[-1]


def test_of_very_many_the_first_are_shown_and_it_is_said() -> None:
    found = [passage(f"{n}", f"2024-01-{n % 28 + 1:02}") for n in range(MOST_SHOWN + 40)]
    shown = timeline(answer([], found))
    assert len(labels(shown)) == MOST_SHOWN
    assert f"first {MOST_SHOWN} of {MOST_SHOWN + 40}" in shown


def test_a_long_name_of_an_outlet_is_cut_at_its_row_and_whole_at_its_dots() -> None:
    name = "The Quarterly Review of the Northern Ports and their Surroundings"
    shown = timeline(answer([], [passage("a", "2024-01-01", name)]))
    assert rows(shown) == ["The Quarterly Review of the Northern Ports …"]
    assert labels(shown) == [f"{name}, 1 January 2024: Title of a. Found, not cited"]


def test_nothing_found_is_said() -> None:
    assert "nothing was found" in timeline(answer([], []))
    assert len(timeline(answer([], [passage("a")]), working=True)) < 100


def test_hostile_titles_stay_text() -> None:
    hostile = Passage(Header(HOSTILE, HOSTILE, HOSTILE, published="2024-01-01"), 0, 3, "Abc")
    shown = timeline(answer([Passage(hostile.document, 10, 13, "Abc")], [passage("b")]))
    assert not Seen(shown).tags - {"h2", "p", "span", "svg", "g", "title", "text", "line", "circle"}


@pytest.mark.parametrize(("first", "last", "names"), [
    ("2024-03-12", "2024-03-12", ["12 March 2024"]),
    ("2024-03-12", "2024-03-13", ["12 March 2024", "13 March 2024"]),
    ("2023-12-20", "2024-01-05", ["20 Dec 2023", "24 Dec", "28 Dec", "1 Jan 2024", "5 Jan"]),
    ("2024-01-16", "2024-05-14", ["Feb 2024", "Mar 2024", "Apr 2024", "May 2024"]),
    ("2022-06-01", "2024-05-31", ["Jul 2022", "Jan 2023", "Jul 2023", "Jan 2024"]),
    ("1924-05-01", "2024-05-01", ["1925", "1950", "1975", "2000"]),
    ("1000-01-01", "2199-12-31", ["1000", "1500", "2000"]),
])  # fmt: skip
def test_the_axis_is_written_at_round_dates(first: str, last: str, names: list[str]) -> None:
    scale = Scale(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal())
    assert [name for _, name in scale.ticks()] == names


def test_any_stretch_of_time_has_few_dates_at_its_axis() -> None:
    begin = date(1900, 1, 1)
    for days in [*range(400), *range(400, 100_000, 331)]:
        ticks = Scale(begin.toordinal(), (begin + timedelta(days)).toordinal()).ticks()
        assert len(ticks) <= 6
        assert ticks or days > 60


# ---- the archive's dates


def test_an_archive_of_some_months_has_a_bar_for_each_month_also_for_empty_ones() -> None:
    periods = [
        (None, None, 3),
        ("2024-01-16", "2024-01-16", 2),
        ("2024-03-01", "2024-03-31", 1),
        ("2024-03-09", "2024-03-09", 4),
    ]
    assert coverage_of(periods) == Coverage(
        (Bar("2024-01", "2024-01", 2), Bar("2024-02", "2024-02", 0), Bar("2024-03", "2024-03", 5)), undated=3
    )


def test_what_is_dated_to_the_year_is_in_no_month_and_counted_apart() -> None:
    periods = [("2024-01-01", "2024-12-31", 2), ("2024-02-01", "2024-02-01", 4), ("2024-04-01", "2024-04-01", 3)]
    found = coverage_of(periods)
    assert ([bar.since for bar in found.bars], found.wide) == (["2024-02", "2024-03", "2024-04"], 2)
    assert "2 documents dated less precisely than a month" in histogram(found)


def test_where_most_is_dated_to_the_year_bars_are_years() -> None:
    periods = [("2023-01-01", "2023-12-31", 5), ("2024-02-01", "2024-02-01", 4)]
    assert coverage_of(periods).bars == (Bar("2023", "2023", 5), Bar("2024", "2024", 4))


@pytest.mark.parametrize(("first", "last", "bars", "step"), [
    ("2020-01-01", "2023-12-31", 48, 0), ("2020-01-01", "2024-01-31", 5, 1), ("1924-01-01", "2024-01-01", 21, 5),
    ("1000-01-01", "2200-01-01", 25, 50),
])  # fmt: skip
def test_a_long_time_has_no_more_bars_than_can_be_seen(first: str, last: str, bars: int, step: int) -> None:
    found = coverage_of([(first, first, 1), (last, last, 2)])
    assert len(found.bars) == bars
    assert sum(bar.count for bar in found.bars) == 3
    assert (found.bars[0].since[:4], found.bars[-1].until[:4]) == (first[:4], last[:4])
    assert not step or int(found.bars[1].until) - int(found.bars[1].since) == step - 1


def test_a_bar_holds_the_period_that_it_limits_questions_to() -> None:
    shown = histogram(coverage_of([("1924-05-01", "1924-05-01", 1), ("2024-05-01", "2024-05-01", 9)]))
    assert 'data-since="1924" data-until="1924" data-count="1" data-words="1924"' in shown
    assert 'data-since="1925" data-until="1929" data-count="0" data-words="1925 – 1929"' in shown
    assert shown.count('type="range"') == 2


def test_one_month_no_dates_and_no_documents_are_said_in_words() -> None:
    one = histogram(coverage_of([("2024-05-01", "2024-05-02", 1), (None, None, 2)]))
    assert "All dates are in May 2024: 1 document. 2 documents without a date." in one
    assert "<svg" not in one
    assert "None of the documents has a date." in histogram(coverage_of([(None, None, 7)]))
    assert "The archive is empty." in histogram(coverage_of([]))


def test_few_documents_beside_very_many_can_still_be_seen() -> None:
    shown = histogram(coverage_of([("2024-01-01", "2024-01-01", 1), ("2024-02-01", "2024-02-01", 90_000)]))
    assert min(numbers("height", shown)) >= 3
    assert "90,000 documents" in shown


@pytest.fixture
def desk(small_desk: Callable[..., Assistant]) -> Assistant:
    return small_desk()


def test_the_archives_periods_are_counted_and_follow_it(desk: Assistant, articles: Path) -> None:
    assert desk.periods() == []
    desk.ingest(articles)
    assert desk.periods() == [(day, day, 1) for day in ("2023-05-03", "2023-05-10", "2023-08-01")]
    desk.remove(["ferry.txt"])
    assert len(desk.periods()) == 2


def test_the_route_shows_them(desk: Assistant, articles: Path, tmp_path: Path) -> None:
    visitor = TestClient(Starlette(routes=timeline_routes.routes(Site(desk, Conversations(tmp_path / "home")))))
    assert "The archive is empty." in visitor.get("/citedesk/coverage").text
    desk.ingest(articles)
    shown = visitor.get("/citedesk/coverage").text
    assert re.findall(r'data-since="([\d-]+)"', shown) == ["2023-05", "2023-06", "2023-07", "2023-08"]
    assert re.findall(r'data-count="(\d+)"', shown) == ["2", "0", "0", "1"]
