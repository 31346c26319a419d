"""The whole text of a marked-up page, as a reader sees it: a block is a paragraph, a row of a table a line.

Knows parsed elements by their tags and attributes, and no parser. Knows nothing of what on a page is its main text:
for chapters of books, messages and fields of records, which have no menus around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice
from typing import Any

from corpus.loaders.breaks import joined
from corpus.loaders.page_hidden import is_hidden

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hgroup hr li main ol p pre section summary table tbody tfoot thead tr ul".split()
)
_CELLS = ("td", "th")
_UNSEEN = frozenset("head script style template nav svg audio video object iframe noscript rt rp".split())
_MARKS = ("pagebreak", "noteref", "toc")  # of a page's edge, of a note, of a table of contents
_NOTE_SIGN = re.compile(r"\s*[\[(]?(?:\d{1,3}|[a-z*†‡§])[\])]?\s*")
_UNSEEN_CHARACTERS = re.compile("[\u00ad\u200b\u2060\ufeff]")
_CELL_BORDER = "\x01"  # no white space to Python, and no character to XML


def paragraphs(page: Any) -> Iterator[str]:
    """The paragraphs of a page in order; two breaks by hand part them as well as a block does."""
    lines: list[str] = [""]
    for piece in _pieces(page):
        if piece is None or (piece == "\n" and len(lines) > 1 and not lines[-1].strip()):
            if text := _flat(lines):
                yield text
            lines = [""]
        elif piece == "\n":
            lines.append("")
        else:
            lines[-1] += piece
    if text := _flat(lines):
        yield text


def is_note_sign(element: Any) -> bool:
    """True for the raised figure that links to a note: glued to the last word it would hide the sentence's end."""
    tag = local_name(element.tag) if isinstance(element.tag, str) else ""
    if tag not in ("a", "sup"):
        return False
    within = list(islice(element.iter(), 4))
    return (
        len(within) < 4
        and any(_is_called(each, "sup") for each in within)
        and any("#" in (each.get("href") or "") for each in within)
        and _NOTE_SIGN.fullmatch("".join(element.itertext())) is not None
    )


def seen(text: str) -> str:
    """The text without the characters at which a word may be parted, and which nobody sees or types."""
    return _UNSEEN_CHARACTERS.sub("", text)


def local_name(tag: str) -> str:
    """The name of a tag or an attribute without its namespace."""
    return tag.rpartition("}")[2]


def _is_called(element: Any, name: str) -> bool:
    return isinstance(element.tag, str) and local_name(element.tag) == name


def _flat(lines: list[str]) -> str:
    text = joined(lines)
    if _CELL_BORDER not in text:
        return text
    return " | ".join(" ".join(cell.split()) for cell in text.split(_CELL_BORDER) if cell.strip())


def _pieces(element: Any) -> Iterator[str | None]:
    """The words in order, "\\n" for a break by hand, and None for the border of a block."""
    tag = local_name(element.tag) if isinstance(element.tag, str) else None
    if tag is None:  # a comment says nothing, a reference to a character does
        text = element.text or ""
        if text.startswith("&"):
            yield unescape(text) if unescape(text) != text else ""
        return
    if tag in _UNSEEN or is_hidden(element) or _is_apart(element) or is_note_sign(element):
        return
    if tag == "br":
        yield "\n"
        return
    if tag in _BLOCKS:
        yield None
    if element.text:
        yield _spaced(element.text)
    for child in element:
        yield from _pieces(child)
        if child.tail:
            yield _spaced(child.tail)
    if tag in _CELLS:
        yield _CELL_BORDER
    if tag in _BLOCKS:
        yield None


def _spaced(text: str) -> str:
    """A line's end in the markup is a space like any other; where a word may be parted there is nothing to see."""
    return re.sub(r"[\s\x01]+", " ", seen(text))


def _is_apart(element: Any) -> bool:
    """True for what is no part of the text where it stands, such as a note's sign."""
    marks = {value for key, value in element.attrib.items() if local_name(key) in ("type", "role")}
    return any(mark in kind.split() or f"doc-{mark}" in kind.split() for kind in marks for mark in _MARKS)
