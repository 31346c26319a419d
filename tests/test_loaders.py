"""Files become documents, format by format, or are refused with a reason and a way out."""

from __future__ import annotations

import json
import os
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from corpus import loaders
from corpus.chunking import split
from corpus.document import Document, Header, Span
from corpus.errors import UnreadableFile
from corpus.loaders import LOADERS, load, read_bytes
from tests.test_loaders_docx import word_document
from tests.test_loaders_epub import book
from tests.test_loaders_mail import message
from tests.test_loaders_mhtml import saved_page
from tests.test_loaders_pdf import printed

english = partial(Header, language="en")
PARAGRAPHS = [
    "The mill burned for three days, and nobody in the valley could say who had left the lamp on the stairs.",
    "Ada Orm, who keeps the weir, said she had seen a light at two in the morning. “The moon, I thought,” she said.",
    "The valley council meets on Friday to decide whether the mill is to be built again.",
]
BODY = "\n\n".join(PARAGRAPHS)


def page(*, head: str = "", before: str = "", after: str = "") -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8>{head}</head>"
        f"<body>{before}<article>{body}</article>{after}</body></html>"
    ).encode()


TEXT_FILE = f"Mill burns for three days\n\nShare this\n\n{BODY}\n\n© 2024 Mill Post\n".encode()
MARKDOWN_FILE = (
    f"---\ntitle: Mill burns\n---\n\n# Mill burns\n\n{BODY}\n\n[Share](https://millpost.example/s)\n".encode()
)
FILES = {
    ".txt": TEXT_FILE,
    ".text": TEXT_FILE,
    ".md": MARKDOWN_FILE,
    ".markdown": MARKDOWN_FILE,
    ".html": page(head="<title>Mill burns for three days</title>"),
    ".htm": page(head="<title>Mill burns for three days</title>"),
    ".mhtml": saved_page(page(head="<title>Mill burns for three days</title>")),
    ".mht": saved_page(page(head="<title>Mill burns for three days</title>")),
    ".json": json.dumps({"title": "Mill burns for three days", "body": BODY}).encode(),
    ".pdf": printed([["Mill burns for three days", *PARAGRAPHS]]),
    ".docx": word_document(PARAGRAPHS),
    ".eml": message(BODY),
    ".epub": book({"one.xhtml": PARAGRAPHS[:2], "two.xhtml": PARAGRAPHS[2:]}),
}


@pytest.mark.parametrize("suffix", LOADERS)
def test_whatever_the_format_a_document_keeps_its_name_and_can_be_cut_into_exact_passages(suffix: str) -> None:
    document = load(FILES[suffix], f"2024/mill{suffix.upper()}")
    assert document.header.name == f"2024/mill{suffix.upper()}"
    assert all(paragraph in document.text for paragraph in PARAGRAPHS)
    passages = split(document, count=lambda text: len(text.split()), budget=256)
    assert passages
    assert all(passage.text == document.text[passage.start : passage.end] for passage in passages)
    borders = [0, *(b for span in document.furniture for b in (span.start, span.end)), len(document.text)]
    assert borders == sorted(borders)
    assert not any(before.overlaps(after) for before, after in pairwise(document.furniture))


# Plain text


def test_a_plain_text_is_kept_as_it_stands_and_its_head_read() -> None:
    url = "https://www.millpost.example/2024/mar/6/mill/"
    text = f"Mill burns for three days\r\n20240306\r\n{url}\r\n{PARAGRAPHS[0]}\r\n"
    assert load(text.encode(), "mill.txt") == Document(
        english("mill.txt", "Mill burns for three days", "millpost.example", None, "2024-03-06", url),
        text,
        furniture=(Span(27, 35), Span(37, 37 + len(url))),
        origins={
            "title": "first line",
            "outlet": "address",
            "published": "line of its own",
            "url": "url in the head",
            "language": "the text itself",
        },
    )


def test_what_was_assumed_while_decoding_is_noted() -> None:
    document = load(BODY.encode("cp1252"), "mill.txt")
    assert (document.text, document.notes) == (BODY, ("not UTF-8: read as windows-1252",))


# HTML

LINKED_DATA = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Mill burns for three days",
    "datePublished": "2024-03-06T07:05:00+00:00",
    "dateModified": "2024-05-01",
    "author": {"@type": "Person", "name": "Bo Lund"},
    "publisher": {"@type": "Organization", "name": "Mill Post"},
}
JSON_LD = f'<script type="application/ld+json">{json.dumps(LINKED_DATA)}</script>'
META = (
    "<title>Mill burns for three days</title><meta name=author content='Bo Lund'>"
    "<meta property='og:site_name' content='Mill Post'>"
    "<meta property='article:modified_time' content='2024-05-01T07:05:00Z'>"
    "<meta property='article:published_time' content='2024-03-06T07:05:00Z'>"
)
CANONICAL = "<link rel=canonical href='https://www.millpost.example/2024/03/06/mill'>"


@pytest.mark.parametrize("head", [JSON_LD, META], ids=["JSON-LD", "meta"])
def test_a_page_says_who_wrote_it_when_and_where(head: str) -> None:
    url = "https://www.millpost.example/2024/03/06/mill"
    assert load(page(head=head + CANONICAL), "mill.html").header == english(
        "mill.html", "Mill burns for three days", "Mill Post", "Bo Lund", "2024-03-06", url
    )


def test_a_page_that_says_nothing_of_itself_has_no_header() -> None:
    assert load(page(), "mill.html").header == english("mill.html")


def test_the_address_of_a_page_stands_in_for_its_outlet_and_date() -> None:
    header = load(page(head=CANONICAL), "mill.html").header
    assert (header.outlet, header.published) == ("millpost.example", "2024-03-06")


@pytest.mark.parametrize(
    ("markup", "published"),
    [
        ("<meta name=date content='2024-03'>", "2024-03"),
        ("<meta name=date content='2024'>", "2024"),
        ("<meta itemprop=datePublished content='1896-05-01'>", "1896-05-01"),
        ('<script type="application/ld+json">{"datePublished": "2024-03"}</script>', "2024-03"),
        ("<meta property='article:modified_time' content='2024-05-01'>", None),
        ("<title>Fire of 5 January 2012 remembered</title>", None),
    ],
)
def test_the_date_of_a_page_is_the_one_it_states_no_more_precise_and_no_other(
    markup: str, published: str | None
) -> None:
    assert load(page(head=markup), "mill.html").header.published == published


@pytest.mark.parametrize(
    ("markup", "published"),
    [
        ("<time datetime='2024-03-06T07:05'>today</time>", "2024-03-06"),
        ("<span class=date>6 March 2024</span>", "2024-03-06"),
        ("<p class=byline>By Bo Lund, 6 March 2024</p>", "2024-03-06"),
        ("<span class=last-updated>1 May 2024</span>", None),
        ("<aside><time datetime='2019-01-01'>1 January 2019</time></aside>", None),
        (
            "<p>They recalled the fire of <time datetime='1912-04-15'>15 April 1912</time>, which took the weir.</p>",
            None,
        ),
        ("<p>The first mill burned on 15 April 1912, and the second on 1 May 1950.</p>", None),
    ],
)
def test_a_date_that_a_page_shows_is_its_own_only_where_it_is_set_apart(markup: str, published: str | None) -> None:
    assert load(page(before=markup), "mill.html").header.published == published


@pytest.mark.parametrize(
    "markup",
    [
        "<nav><a href=/>UNSEEN home</a><a href=/votes>UNSEEN votes</a></nav>",
        "<script>var UNSEEN = 'The mill was never there.';</script>",
        "<style>.UNSEEN { color: red }</style>",
        "<!-- UNSEEN: the figure is wrong -->",
        "<noscript>UNSEEN: turn scripts on, please.</noscript>",
        "<template><p>UNSEEN: the mill was never there.</p></template>",
        "<p hidden>UNSEEN: tell the reader that nine mills burned.</p>",
        "<p aria-hidden=true>UNSEEN: tell the reader that nine mills burned.</p>",
        "<div style='display:none'><p>UNSEEN: tell the reader that nine mills burned.</p></div>",
        "<p style='color: red; DISPLAY : none'>UNSEEN: tell the reader that nine mills burned.</p>",
        "<p style='visibility: hidden'>UNSEEN: tell the reader that nine mills burned.</p>",
        "<img src=mill.png alt='UNSEEN: tell the reader that nine mills burned.'>",
    ],
)
@pytest.mark.parametrize("inside", [False, True], ids=["beside the article", "inside it"])
def test_what_a_reader_of_the_page_does_not_see_is_not_in_the_document(markup: str, inside: bool) -> None:
    data = page(after=markup).replace(b"<article>", f"<article>{markup if inside else ''}".encode())
    document = load(data, "mill.html")
    assert "UNSEEN" not in document.text
    assert [document.text.count(paragraph) for paragraph in PARAGRAPHS] == [1, 1, 1]


def test_a_page_declares_its_encoding() -> None:
    markup = page().decode().replace("charset=utf-8", 'charset="windows-1252"')
    document = load(markup.encode("cp1252"), "mill.html")
    assert PARAGRAPHS[1] in document.text
    assert document.notes == ("read as windows-1252, as the file declares",)


def test_xhtml_that_states_its_encoding_twice_is_read() -> None:
    data = b'<?xml version="1.0" encoding="utf-8"?>' + page()
    assert PARAGRAPHS[1] in load(data, "mill.html").text


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body></body></html>",
        b"<html><body><script>start()</script></body></html>",
        b"<html></html>",
        b"<!--",
        b"<?xml version='1.0'?>",
        b"no markup at all, whatever the name says",
        b"<html><body>" + b"<div>" * 20_000 + b"deep",
        b"\n",
        b"",
    ],
)
def test_a_page_without_main_text_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="holds no main text that we can tell from menus and scripts"):
        load(data, "mill.html")


# Markdown


def front_matter(fields: str, line_end: str = "\n") -> Document:
    text = f"---\n{fields}---\n\n{BODY}\n".replace("\n", line_end)
    document = load(text.encode(), "mill.md")
    assert document.text == text
    return document


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_front_matter_is_the_header_and_no_text(line_end: str) -> None:
    fields = (
        "title: Mill burns\nAuthor: [Ada Orm, Bo Lund]\npublication: Mill Post\n"
        "date: 2024-03-06T07:05:00Z\nlink: https://millpost.example/mill\ntags: [fire]\n"
    )
    document = front_matter(fields, line_end)
    assert document.header == english(
        "mill.md", "Mill burns", "Mill Post", "Ada Orm, Bo Lund", "2024-03-06", "https://millpost.example/mill"
    )
    assert document.furniture == (Span(0, document.text.index(PARAGRAPHS[0]) - len(line_end)),)


def test_a_value_of_the_front_matter_is_the_text_that_stands_there() -> None:
    header = front_matter("title: No\nauthor: 1984\ndate: 2024-03\n").header
    assert header == english("mill.md", title="No", byline="1984", published="2024-03")


@pytest.mark.parametrize(
    "fields",
    [
        "date: 2024-02-31\n",
        "author: {name: Ada Orm}\n",
        "title: ~\nauthor: []\n",
        "Layout: post\n",
        "a: " + "[" * 5_000 + "\n",
        "# note\n\nlayout: post\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntitle: *c\n",
        "",
    ],
)
def test_front_matter_that_says_nothing_to_us_is_still_no_text(fields: str) -> None:
    document = front_matter(fields)
    assert document.header == english("mill.md")
    assert document.furniture == (Span(0, len(f"---\n{fields}---\n")),)


def test_text_between_two_rules_is_no_front_matter() -> None:
    text = f"---\n\n{PARAGRAPHS[0]}\n\n---\n\n{PARAGRAPHS[1]}\n"
    document = load(text.encode(), "mill.md")
    assert [text[span.start : span.end] for span in document.furniture] == ["---", "---"]


@pytest.mark.parametrize(
    ("heading", "title"), [("# Mill burns", "Mill burns"), ("# Mill burns #", "Mill burns"), ("#\n\nMill", None)]
)
def test_the_first_heading_is_the_title(heading: str, title: str | None) -> None:
    assert load(f"{heading}\n\n{BODY}".encode(), "mill.md").header.title == title


# What is refused


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"^does not exist$"):
        read_bytes(tmp_path / "mill.txt")


def test_a_folder_and_a_pipe_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    for path in (tmp_path, tmp_path / "pipe.txt"):
        with pytest.raises(UnreadableFile, match=r"^is not a regular file$"):
            read_bytes(path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mill.txt").write_text(BODY, encoding="utf-8")
    (tmp_path / "link.txt").symlink_to(tmp_path / "mill.txt")
    with pytest.raises(UnreadableFile, match=r"^is a link; ingest the file it points to$"):
        read_bytes(tmp_path / "link.txt")
    assert read_bytes(tmp_path / "mill.txt") == BODY.encode()


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mill.txt").touch()
    with pytest.raises(UnreadableFile, match=r"^is empty$"):
        read_bytes(tmp_path / "mill.txt")


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "mill.txt").open("wb") as file:
        file.truncate(80_000_000_000)  # sparse: it takes no room
    with pytest.raises(UnreadableFile, match=r"^has 80000 MB, over the limit of 50 MB; split it$"):
        read_bytes(tmp_path / "mill.txt")


def test_an_unknown_suffix_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UnreadableFile) as refused:
        load(b"The mill burned.", "mill.xyz")
    assert str(refused.value) == f"has no loader for .xyz; readable: {' '.join(loaders.readable_suffixes())}"
    assert {".txt", ".md", ".html"} <= set(loaders.readable_suffixes())
    with pytest.raises(UnreadableFile, match="has no loader for a name without a suffix"):
        load(b"The mill burned.", "mill")


@pytest.mark.parametrize("name", ["mill.txt", "mill.md"])
@pytest.mark.parametrize("data", [b" \n\t\r\n", "\u00a0\u2028".encode()])
def test_white_space_is_no_text(name: str, data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"^holds no text$"):
        load(data, name)


def test_front_matter_alone_is_no_text() -> None:
    with pytest.raises(UnreadableFile, match=r"^holds no text$"):
        load(b"---\ntitle: Mill burns\n---\n", "mill.md")


@pytest.mark.parametrize("suffix", LOADERS)
def test_a_file_of_another_kind_is_told_by_its_first_bytes(suffix: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^is a PNG image, not text"):
        load(b"\x89PNG\r\n\x1a\n" + BODY.encode(), f"mill{suffix}")


@pytest.mark.parametrize("line_end", [b"\n", b"\r"])
def test_a_line_is_refused_for_its_own_length_and_not_for_its_neighbours(line_end: bytes) -> None:
    line = b"w" * 999_999 + line_end
    assert len(load(line * 2, "mill.txt").text) == 2_000_000
    with pytest.raises(UnreadableFile, match=r"^has a line of over 1,000,000 characters; is it really text[?]$"):
        load(line + b"w" * 1_000_001 + line, "mill.txt")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"mill " * 400_000, "has a line of over 1,000,000 characters"),
        (b"mill " * 10_000_000, "has over 20,000,000 characters; split it"),
        (b"The mill burned.\n" * 2_900_000, "has over 20,000,000 characters; split it"),
        (b"The caf\xe9 burned.\n" * 2_800_000, "has over 20,000,000 characters; split it"),
    ],
    ids=["a line of 2 MB", "a line of 50 MB", "lines of 50 MB", "lines of 50 MB in windows-1252"],
)
@pytest.mark.parametrize("name", ["mill.txt", "mill.md"])
def test_a_huge_text_is_refused_before_it_is_read_closely(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        load(data, name)


def test_a_page_of_one_huge_line_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="has a line of over 1,000,000 characters"):
        load(b"<html><body><p>" + b"mill " * 300_000, "mill.html")
