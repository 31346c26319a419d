"""HTML pages: their main text, and what their layout lets one guess, by trafilatura; this file is its only home.

What the markup states is read in ``page_metadata``. trafilatura's own reading of dates is not used: it would take
one from the running text too, and fill up "March 2024" with a day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

from corpus.decoding import decode
from corpus.document import Document, Field, Span
from corpus.errors import UnreadableFile
from corpus.invisible import visible
from corpus.loaders.page_foot import foot_of
from corpus.loaders.page_hidden import hidden_note, take_out_hidden
from corpus.loaders.page_metadata import stated_by
from corpus.loaders.page_shape import mend, mended
from corpus.loaders.page_text import paragraphs
from corpus.outlets import is_named_like_an_outlet, is_same_outlet, outlet_of_address, title_and_outlet
from corpus.understanding import understand

_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_HEAD_BYTES = 2048
_MARKUP = re.compile(
    r"</(?:p|div|span|a|b|i|em|strong|u|h[1-6]|ul|ol|li|table|tr|td|blockquote|section|article|figure|script|html)\s*>"
    r"|<br\s*/?>|<p(?:\s[^<>]{0,1000})?>",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"<(?:p|div|br|h[1-6]|ul|ol|li|table|tr|blockquote|section|article)\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n\s*")
_SITE_WORDS = 5
_TITLE_SIGNS = re.compile(r"\s[|–—-]\s")


def load(data: bytes, name: str) -> Document:
    """The page's main text, one line per paragraph, and below it what stands at its foot, which is furniture: this
    text is what is kept, cut and cited."""
    declared = _DECLARED.search(data[:_HEAD_BYTES])
    markup, notes = decode(data, declared[1].decode("ascii") if declared else None)
    from trafilatura import bare_extraction, load_html

    tree = load_html(markup)
    page = None
    foot: list[str] = []
    if tree is not None:
        stated, remarks = stated_by(tree)
        remarks = (*remarks, *_unseen(tree))
        stated |= _guessed(tree, stated)
        foot = list(foot_of(tree))
        mend(tree)
        page = bare_extraction(
            tree,
            favor_recall=True,
            include_comments=False,
            include_tables=True,
            with_metadata=False,
        )
    text = mended(page.text or "") if page is not None else ""
    if not text.strip():
        raise UnreadableFile("holds no main text that we can tell from menus and scripts; save it as .txt")
    whole = "\n".join([text, *(line for line in foot if line not in text)])
    marked = [Span(len(text) + 1, len(whole))] if len(whole) > len(text) else []
    return understand(whole, name, stated=stated, marked=marked, notes=(*notes, *remarks))


def whole_text(markup: str) -> tuple[str, Sequence[str]]:
    """All that a reader sees of a message or a piece of a page, one line per paragraph, and notes on what is hidden.

    The text is empty where there is nothing to see.
    """
    from trafilatura import load_html

    tree = load_html(markup if "<html" in markup[:_HEAD_BYTES].lower() else f"<html><body>{markup}</body></html>")
    if tree is None:
        return "", ()
    notes = hidden_note(take_out_hidden(tree))
    return "\n".join(paragraphs(tree)), notes


def _unseen(tree: Any) -> tuple[str, ...]:
    """Takes out what readers of the page do not see. The parser drops invisible characters: they are counted here."""
    notes = hidden_note(take_out_hidden(tree))
    body = tree.find(".//body")
    return (*notes, *visible("" if body is None else "".join(body.itertext("*"))).notes())


def plain(value: str) -> tuple[str, Sequence[str]]:
    """A field of a record as text: markup read as a page is, names of characters spelled out, once or twice escaped;
    and notes on what its markup hides.

    "a < b" is no markup, and a line's end in markup parts paragraphs only where it stands alone.
    """
    if _MARKUP.search(value) is None:
        spelled = unescape(value)
        if spelled == value or _MARKUP.search(spelled) is None:
            return spelled, ()
        value = spelled
    value = _BLANK_LINE.sub("<br><br>", value)
    return whole_text(value if _BLOCK.search(value) else value.replace("\n", "<br>"))


def _guessed(tree: Any, stated: dict[str, Field]) -> dict[str, Field]:
    """Title, outlet and byline from the layout, where nothing is stated; a title without its outlet in any case."""
    from trafilatura.metadata import extract_author, extract_title

    guessed: dict[str, Field] = {}
    in_head = _words(*tree.xpath("//head//title")[:1])
    known = [stated["outlet"].value] if "outlet" in stated else []
    if "url" in stated and (host := outlet_of_address(stated["url"].value)):
        known.append(host)
    ending = _TITLE_SIGNS.split(in_head)[-1]
    if ending != in_head and (is_named_like_an_outlet(ending) or _is_behind_heading(tree, in_head, ending)):
        known.append(ending)
    bare, outlet = title_and_outlet(in_head, known)
    if "outlet" not in stated and outlet:
        guessed["outlet"] = Field(outlet, "page title")
    if title := stated.get("title"):
        guessed["title"] = Field(title_and_outlet(title.value, known)[0], title.origin)
    elif heading := extract_title(tree):
        is_shown = heading not in in_head or heading in map(_words, tree.xpath("//h1"))
        if bare != in_head and (not is_shown or any(is_same_outlet(heading, each) for each in known)):
            heading, is_shown = bare, False
        guessed["title"] = Field(heading, "heading" if is_shown else "page title")
    if "byline" not in stated and (author := extract_author(tree)):
        guessed["byline"] = Field(", ".join(author.split("; ")), "byline on the page")
    return guessed


def _is_behind_heading(tree: Any, in_head: str, ending: str) -> bool:
    """True where a title is the page's one heading and a name behind it: the site's, as no section stands between."""
    before = in_head.removesuffix(ending).rstrip(" |–—-")
    return len(ending.split()) <= _SITE_WORDS and [before] == [_words(each) for each in tree.xpath("//h1")]


def _words(*elements: Any) -> str:
    return " ".join(word for element in elements for word in element.text_content().split())
