"""Mend what a page's markup hides of its paragraphs, before its main text is sought.

Knows parsed elements by their tags and attributes, and no parser; changes the tree that it is given. Old pages and
newsletters set their text in tables and part it by breaks, others in bare ``div``: those become paragraphs. A banner
that asks for consent is taken out, and so are the figures that link to notes.
"""

from __future__ import annotations

import re
from typing import Any

from corpus.loaders.page_hidden import take_out
from corpus.loaders.page_text import is_note_sign, seen

BREAK = "\U0010fffd"  # stands for two breaks in a row: a character that no page has, and that no parser folds
_BREAKS = re.compile(rf"[ \t]*{BREAK}[{BREAK}\s]*")
_PARTS = frozenset("table tbody thead tfoot tr td th caption colgroup col".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BLOCKS = frozenset(
    "address article aside blockquote center details dl div fieldset figure footer form header main nav ol p pre"
    " section table ul iframe".split()
) | _HEADINGS | _PARTS  # fmt: skip
_CELL_CHARACTERS = 200  # of a cell that holds several paragraphs: an article, and no entry of a table
_BARE_CHARACTERS = 80  # of a block: less may be labels of buttons
_SENTENCE = re.compile(r"^\W*[A-ZÀ-ÞЀ-Я\d].{38,}[.!?…][\"'”’“»)\]]*$", re.DOTALL)
_CONSENT_NAME = re.compile(r"cookie|consent|gdpr|(?:^|\s)cmp(?:\s|$)", re.IGNORECASE)
_CONSENT = re.compile(
    r"\bconsent|\bpartner|personal data|privacy|accept all|personenbezogen|zustimm|akzeptier|privatsphäre|traceurs"
    r"|vie privée|consentement|accepter",
    re.IGNORECASE,
)
_BANNER_CHARACTERS = 5_000


def mend(tree: Any) -> None:
    """Changes the parsed page in place."""
    elements = [each for each in tree.iter() if isinstance(each.tag, str)]
    for element in elements:
        if is_note_sign(element) or _asks_for_consent(element):
            take_out(element)
    _unfold_tables(elements)
    for element in elements:
        if element.tag in ("div", "section", "article"):
            _set_in_paragraphs(element)
    for element in elements:
        if element.tag == "br" and not (element.tail or "").strip() and _is_break(element.getnext()):
            element.tail = BREAK
        elif element.tag in ("a", "button", "strong") and not element.tail and _is_link(element.getnext()):
            element.tail = " "  # set one under another by a style sheet
        elif element.tag in ("div", "section") and _is_paragraph(element):
            element.tag = "p"


def mended(text: str) -> str:
    """The text that was read from such a tree, its breaks as ends of lines."""
    return _BREAKS.sub("\n", seen(text)).strip("\n")


def _set_in_paragraphs(block: Any) -> None:
    """Gives bare text that stands among blocks, or is parted by breaks, paragraphs of its own."""
    children = list(block)
    bare = sum(len((each or "").strip()) for each in (block.text, *(child.tail for child in children)))
    borders = {child for child in children if child.tag in _BLOCKS or (child.tag == "br" and _is_doubled(child))}
    if bare < _BARE_CHARACTERS or not borders:
        return
    paragraph = block.makeelement("p")
    paragraph.text, block.text = block.text, None
    for child in children:
        block.remove(child)  # with its tail
    for child in children:
        tail, child.tail = child.tail, None
        if child not in borders:
            paragraph.append(child)
            child.tail = tail
            continue
        _close(paragraph, block)
        if child.tag != "br":
            block.append(child)
        paragraph = block.makeelement("p")
        paragraph.text = tail
    _close(paragraph, block)


def _close(paragraph: Any, block: Any) -> None:
    if len(paragraph) or (paragraph.text or "").strip():
        block.append(paragraph)


def _is_doubled(element: Any) -> bool:
    """True for a break beside another."""
    before = element.getprevious()
    is_second = before is not None and before.tag == "br" and not (before.tail or "").strip()
    return is_second or (not (element.tail or "").strip() and _is_break(element.getnext()))


def _is_break(element: Any) -> bool:
    return element is not None and element.tag == "br"


def _is_link(element: Any) -> bool:
    return element is not None and element.tag in ("a", "button")


def _is_paragraph(element: Any) -> bool:
    """True for a block that holds nothing but a sentence: what is shorter may be a button."""
    if any(each is not element and each.tag in _BLOCKS for each in element.iter()):
        return False
    return _SENTENCE.match(" ".join("".join(element.itertext()).split())) is not None


def _asks_for_consent(element: Any) -> bool:
    named = f"{element.get('id') or ''} {element.get('class') or ''}"
    if element.tag in ("html", "body", "main", "article") or not _CONSENT_NAME.search(named):
        return False
    if any(True for _ in element.iter("article", "main", "h1")):
        return False
    text = "".join(element.itertext())
    return len(text) <= _BANNER_CHARACTERS and _CONSENT.search(text) is not None


def _unfold_tables(elements: list[Any]) -> None:
    """Makes of a table that only arranges text what it is: one block under another."""
    table_of: dict[Any, Any] = {}  # of each element the innermost table that it is in
    layouts = set()
    for element in elements:
        parent = element.getparent()
        around = None if parent is None else parent if parent.tag == "table" else table_of.get(parent)
        table_of[element] = around
        if around is None:
            continue
        if element.tag == "table" or (element.tag == "td" and _holds_an_article(element)):
            layouts.add(around)
    rows: dict[Any, int] = {}
    for element in elements:
        if element.tag == "tr" and (table := table_of[element]) is not None:
            rows[table] = max(rows.get(table, 0), sum(1 for each in element if each.tag in ("td", "th")))
    layouts.update(table for table, cells in rows.items() if cells == 1)
    for element in elements:
        if element in layouts or (element.tag in _PARTS and element.tag != "table" and table_of[element] in layouts):
            element.tag = "div"


def _holds_an_article(cell: Any) -> bool:
    blocks = sum(1 for each in cell if each.tag in _BLOCKS)
    breaks = sum(1 for each in cell if each.tag == "br" and _is_break(each.getnext()))
    if blocks + breaks < 2:
        return False
    return len("".join(cell.itertext())) > _CELL_CHARACTERS
