"""The reader: a whole document as HTML, in blocks, with furniture, voices, pages and marks; and its route."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from corpus.document import Document, Header, Page, Span, Voice
from corpus.errors import BadInput
from rag import Assistant
from rag.window import reader_routes
from rag.window.conversations import Conversations
from rag.window.marking import Mark
from rag.window.reader import BLOCK_CHARACTERS, Place, blocks, reader
from rag.window.site import Site
from tests.test_window_sources import HOSTILE, Seen

HEADER = Header("ferry.txt", "Ferry hits breakwater", "Courier", "Nora Quill", "2024-04", "https://a.example/1", "en")
LINES = [f"Line {n} of the report.\n" for n in range(400)]
TEXT = "".join(LINES)


def document(text: str = TEXT, **more: object) -> Document:
    return replace(Document(HEADER, text), **more)  # type: ignore[arg-type]


def text_of(shown: str) -> str:
    """What stands in the blocks."""
    return "".join(Seen(each).text for each in re.findall(r'<div class="cd-block[^>]*>(.*?)</div>', shown, re.DOTALL))


def spans(document: Document) -> list[tuple[int, int]]:
    return [(block.span.start, block.span.end) for block in blocks(document)]


def test_the_blocks_are_the_whole_text_and_end_with_lines() -> None:
    found = spans(document())
    assert [start for start, _ in found] == [0, *(end for _, end in found[:-1])]
    assert found[-1][1] == len(TEXT)
    assert all(TEXT[end - 1] == "\n" for _, end in found)
    assert all(end - start <= 2 * BLOCK_CHARACTERS for start, end in found)
    assert text_of(reader(document())) == TEXT


@pytest.mark.parametrize("text", ["", "x", "x" * 40_000, "\n" * 9_000, "two words " * 5_000, "\n\n", "é\u202e" * 4_000])
def test_any_text_comes_in_blocks_of_a_bounded_size(text: str) -> None:
    found = spans(document(text))
    assert "".join(text[start:end] for start, end in found) == text
    assert all(end - start <= 6 * BLOCK_CHARACTERS for start, end in found)


def test_a_page_begins_a_block_and_is_numbered_at_its_border() -> None:
    third = TEXT.index("Line 30 ")
    paged = document(pages=(Page(1, Span(0, third)), Page(2, Span(third, len(TEXT)))))
    assert [(block.span.start, block.page.number) for block in blocks(paged) if block.page] == [(0, 1), (third, 2)]
    shown = reader(paged)
    assert re.findall(r"<span>(Page \d)</span>", shown) == ["Page 1", "Page 2"]
    assert text_of(shown) == TEXT


def test_another_voice_is_named_at_the_margin_where_it_begins_and_an_inner_one_inside_of_it() -> None:
    outer = Voice(Span(TEXT.index("Line 10 "), TEXT.index("Line 200 ")), "Ledger")
    inner = Voice(Span(TEXT.index("Line 50 "), TEXT.index("Line 52 ")), "Tilda Croft", "quoted")
    spoken = document(voices=(inner, outer))
    assert [block.voice and block.voice.source for block in blocks(spoken) if block.span.start in (
        0, outer.span.start, inner.span.start, inner.span.end, outer.span.end)
    ] == [None, "Ledger", "Tilda Croft", "Ledger", None]  # fmt: skip
    shown = reader(spoken)
    assert re.findall(r'<p class="cd-voice">([^<]*)</p>', shown) == [
        "Ledger, republished", "Tilda Croft, quoted", "Ledger, republished",
    ]  # fmt: skip
    assert text_of(shown) == TEXT


def test_furniture_is_set_back_wherever_it_stands_and_however_it_overlaps() -> None:
    everywhere = tuple(Span(at, at + 9) for at in range(0, len(TEXT) - 9, 6))
    shown = reader(document(furniture=(Span(0, len(TEXT)), *everywhere)))
    assert text_of(shown) == TEXT
    inside = re.findall(r'<span class="cd-furniture">(.*?)</span>', shown, re.DOTALL)
    assert "".join(Seen(each).text for each in inside) == TEXT


def test_every_cited_stretch_is_marked_also_across_blocks() -> None:
    first, last = TEXT.index("Line 2 "), TEXT.index("Line 300 ")
    shown = reader(document(), marks=[Mark(1, Span(first, last)), Mark(2, Span(last, last + 8))])
    marked = re.findall(r'<mark data-at="\d+" data-marker="(\d)"( data-number)?[^>]*>(.*?)</mark>', shown, re.DOTALL)
    assert "".join(Seen(text).text for number, _, text in marked if number == "1") == TEXT[first:last]
    assert sum(bool(begins) for _, begins, _ in marked) == 2
    assert [text for number, _, text in marked if number == "2"] == ["Line 300"]


def test_where_it_is_opened_is_marked_though_nothing_cites_it() -> None:
    at = Span(TEXT.index("Line 7 "), TEXT.index("Line 8 "))
    shown = reader(document(), at=at)
    assert f'<mark data-at="{at.start}" data-marker="0">Line 7 of the report.' in shown
    assert "data-marker" not in reader(document(), at=Span(0, len(TEXT) + 1))  # of another state of the document
    assert 'data-marker="0"' not in reader(document(), at=at, marks=[Mark(3, at)])


def test_the_head_says_what_is_known_from_where_and_where_the_file_lies() -> None:
    shown = reader(
        document(origins={"published": "first line", "outlet": "meta tag"}, notes=("read as cp1252",)),
        carriers=(Header("b.txt", outlet="Gazette"),),
        place=Place("/home/ada/archive.zip", "/inside/ferry.txt"),
    )
    text = Seen(shown).text
    for part in (
        "Ferry hits breakwater", "Courier from meta tag", "April 2024 from first line", "Nora Quill", "Gazette",
        "/home/ada/archive.zip inside: /inside/ferry.txt", "https://a.example/1", "ferry.txt", "read as cp1252",
    ):  # fmt: skip
        assert part in text
    assert "<a " not in shown  # an address is shown, not followed


def test_a_document_of_which_nothing_is_known_says_so() -> None:
    text = Seen(reader(Document(Header("bare.txt"), "Text."))).text
    assert text.startswith("bare.txt")
    assert "not known" in text


def test_a_hostile_document_stays_text() -> None:
    header = Header(HOSTILE, HOSTILE, HOSTILE, HOSTILE, None, "javascript:alert(1)", '"><script>')
    hostile = Document(
        header, HOSTILE, (Span(0, 5),), (HOSTILE,), (), (Voice(Span(0, len(HOSTILE)), HOSTILE),), (), {"title": HOSTILE}
    )
    shown = reader(hostile, carriers=(header,), place=Place(HOSTILE, HOSTILE), marks=[Mark(1, Span(1, 9))])
    assert not Seen(shown).tags & {"script", "img", "a", "iframe", "style"}
    assert Seen(shown).tags >= {"mark", "div", "button", "input"}
    shown.encode("utf-8")


# ---- the route


def test_places_and_marks_are_read_from_an_address_and_nothing_else_is() -> None:
    assert reader_routes.place_of("", "") is None
    assert reader_routes.place_of("3", "9") == Span(3, 9)
    assert reader_routes.marks_of("") == []
    assert reader_routes.marks_of("3-9:1,20-40:12") == [Mark(1, Span(3, 9)), Mark(12, Span(20, 40))]
    for start, end in (("9", "3"), ("-1", "3"), ("3", ""), ("a", "b"), ("٣", "٩"), ("9" * 40, "9" * 41)):
        with pytest.raises(BadInput, match="start and end must be"):
            reader_routes.place_of(start, end)
    for given in ("1-2", "1-2:", "1-2:a", "1-2:3,", "1-2:3;4-5:6", "<b>"):
        with pytest.raises(BadInput, match="spans must be written as"):
            reader_routes.marks_of(given)
    with pytest.raises(BadInput, match="more than 1,000 places"):
        reader_routes.marks_of(",".join(["1-2:3"] * 1_001))


@pytest.fixture
def visitor(small_desk: Callable[..., Assistant], articles: Path, tmp_path: Path) -> TestClient:
    desk = small_desk()
    desk.ingest(articles)
    return TestClient(Starlette(routes=reader_routes.routes(Site(desk, Conversations(tmp_path / "home")))))


def test_a_document_comes_whole_with_its_file_and_its_marks(visitor: TestClient, articles: Path) -> None:
    asked = {"name": "bridge.txt", "start": "0", "end": "6", "spans": "0-6:4"}
    answer = visitor.get("/citedesk/document", params=asked)
    assert answer.status_code == 200
    assert str(articles / "bridge.txt") in answer.text
    assert '<mark data-at="0" data-marker="4" data-number="4">Bridge</mark>' in answer.text
    assert text_of(answer.text) == (articles / "bridge.txt").read_text("utf-8")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("asked", "status", "sentence"), [
    ({"name": "no such.txt"}, 404, "not in the archive: no such.txt"),
    ({"name": "../../etc/passwd"}, 404, "not in the archive"),
    ({}, 400, "say which document"),
    ({"name": "bridge.txt", "start": "x", "end": "4"}, 400, "start and end must be"),
    ({"name": "bridge.txt", "spans": "all"}, 400, "spans must be written"),
])  # fmt: skip
def test_what_cannot_be_shown_is_said_in_a_sentence(
    visitor: TestClient, asked: dict[str, str], status: int, sentence: str
) -> None:
    answer = visitor.get("/citedesk/document", params=asked)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]
