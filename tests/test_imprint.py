"""Questions about a paper itself are answered from what it says of itself, which is furniture and never searched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.document import Span
from rag import Assistant
from tests.conftest import open_small

FOOT = (
    "<footer><p>© 2023 The Mercury, 3 Tanner Row, Pell. Chief editor: Ines Falk. Subscribe for 4 crowns a month.</p>"
    "<p>Photo credit: O. Brandt. Comments are closed after two days.</p>"
    '<ul><li><a href="/about">About us</a></li><li><a href="/jobs">Jobs</a></li></ul></footer>'
)
PAGE = (
    "<html><head><title>Old lock gives way - The Mercury</title></head><body><article><h1>Old lock gives way</h1>"
    "<p>The upper gate of the lock at Tarn broke on Wednesday, and eleven barges are waiting below it, the canal board"
    " said in the evening.</p><p>Repairs will cost 2.4 million crowns and take nine weeks, according to the board.</p>"
    f"</article>{FOOT}</body></html>"
)
COLUMN = """---
title: What the canal board hides
outlet: The Harbour Review
date: 2023-05-04
---

The canal board has much to explain, and little wish to do so before the summer.

(From the Evening Star, May 2, 2023, by Mirren Dowd)

The hinges of the gate at Tarn were painted over in 2019 and never replaced, three fitters told the Evening Star.
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("papers")
    (folder / "lock.html").write_text(PAGE, encoding="utf-8")
    (folder / "column.md").write_text(COLUMN, encoding="utf-8")
    with Assistant.open(folder / "home") as opened:
        report = opened.ingest([folder / "lock.html", folder / "column.md"])
        assert not report.failed
        yield opened


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Who edits The Mercury?", "Chief editor: Ines Falk."),
        ("What does a subscription to The Mercury cost?", "Subscribe for 4 crowns a month."),
        ("What is the street address of The Mercury?", "2023 The Mercury, 3 Tanner Row, Pell."),
        ("Who took the photos of the lock?", "Photo credit: O. Brandt."),
    ],
)
def test_a_question_about_the_paper_is_answered_from_its_imprint(desk: Assistant, question: str, told: str) -> None:
    answer = desk.ask(question)
    assert told in [citation.quote for citation in answer.citations]
    assert all(citation.check == "verbatim" for citation in answer.citations)
    assert told in {hit.passage.text for hit in answer.retrieved}


def test_a_question_about_the_news_never_is(desk: Assistant) -> None:
    answer = desk.ask("How much will the repairs of the lock cost?")
    assert "2.4 million crowns" in answer.text
    assert not any("crowns a month" in hit.passage.text for hit in answer.retrieved)


def test_where_an_article_comes_from_is_told_with_the_line_that_says_so(desk: Assistant) -> None:
    answer = desk.ask("Who wrote the article on the hinges of the gate at Tarn, and where did it first appear?")
    assert "(From the Evening Star, May 2, 2023, by Mirren Dowd)" in [citation.quote for citation in answer.citations]


def test_the_foot_of_a_page_is_kept_as_furniture_and_its_links_are_not(desk: Assistant) -> None:
    document = desk.document(next(header.name for header in desk.documents() if header.name.endswith("lock.html")))
    begin = document.text.index("© 2023 The Mercury")
    assert document.text.endswith("Comments are closed after two days.")
    assert all(any(f.covers(Span(at, at + 1)) for f in document.furniture) for at in (begin, len(document.text) - 1))
    assert "Jobs" not in document.text


def test_a_name_behind_the_only_heading_in_a_pages_title_is_its_outlet(desk: Assistant) -> None:
    assert "The Mercury" in {header.outlet for header in desk.documents()}


def test_lines_full_of_signs_are_read_in_no_time(tmp_path: Path) -> None:
    text = "The gate broke, the board said.\n\n" + "(" * 100_000 + "\n\nSubscribe to our newsletter (" * 50
    (tmp_path / "signs.txt").write_text(text, encoding="utf-8")
    with open_small(tmp_path / "home") as desk:
        desk.ingest(tmp_path / "signs.txt")
        assert desk.ask("How do I subscribe to the newsletter?").status in ("answered", "abstained")
