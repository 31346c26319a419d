"""HTML pages: their main text and metadata, by trafilatura; this file is its only home.

The date of publication is read here, from where the markup states it: trafilatura would take one from the
running text too, and fill up "March 2024" with a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from corpus.dates import date_in_address, published_date, written_date
from corpus.document import Document, Header
from corpus.errors import UnreadableFile
from corpus.loaders.decoding import decode
from corpus.loaders.text import document_from
from corpus.metadata import date_of_byline, outlet_of_address

_DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_HEAD_BYTES = 2048
_HIDDEN = [  # what no reader of the page sees, and might be told to a machine
    "//body//*[@hidden or @aria-hidden='true']",
    "//body//*[contains(translate(@style, 'DISPLAYNOE \t\r\n', 'displaynoe'), 'display:none')]",
    "//body//*[contains(translate(@style, 'VISBLTYHDEN \t\r\n', 'visbltyhden'), 'visibility:hidden')]",
    "//template",
]
_DATE_NAMES = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.issued",
    "dcterms.created",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "citation_publication_date",
    "parsely-pub-date",
    "sailthru.date",
)
_DATE_IN_JSON = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_DATE_ELEMENTS = (  # where a page shows its date, outside of its paragraphs and of links to other pages
    "//*[@itemprop='datePublished' or @pubdate]"
    "|//*[contains(@class, 'publish') or contains(@class, 'date') or contains(@class, 'byline')]"
    "|//time[not(ancestor::p)]"
)
_OF_SOMETHING_ELSE = (
    "ancestor-or-self::*[self::aside or self::nav or self::footer or self::li or self::a"
    " or contains(@class, 'updat') or contains(@class, 'modif')]"
)
_DATE_CHARACTERS = 120


def load(data: bytes, name: str) -> Document:
    """The page's main text, one line per paragraph: this text is what is kept, cut and cited."""
    declared = _DECLARED.search(data[:_HEAD_BYTES])
    markup, notes = decode(data, declared[1].decode("ascii") if declared else None)
    from trafilatura import bare_extraction, load_html

    tree = load_html(markup)
    page = None
    if tree is not None:
        published = next(_dates(tree), None)
        page = bare_extraction(
            tree,
            favor_recall=True,
            include_comments=False,
            include_tables=True,
            with_metadata=True,
            date_extraction_params={"extensive_search": False},
            prune_xpath=_HIDDEN,
        )
    if page is None or not (page.text or "").strip():
        raise UnreadableFile("holds no main text that we can tell from menus and scripts; save it as .txt")
    header = Header(
        name,
        title=page.title or None,
        outlet=page.sitename or (outlet_of_address(page.url) if page.url else None),
        byline=page.author or None,
        published=published or date_in_address(page.url or ""),
        url=page.url or None,
    )
    return document_from(page.text, header, notes=tuple(notes))


def _dates(tree: Any) -> Iterator[str]:
    """The dates that the page gives as its own, the most formal statement first."""
    stated = {
        (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower(): meta.get("content") or ""
        for meta in reversed(tree.xpath("//meta[@content]"))
    }
    written = [stated[name] for name in _DATE_NAMES if name in stated]
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        written += _DATE_IN_JSON.findall(script)
    yield from filter(None, map(written_date, written))
    for element in tree.xpath(_DATE_ELEMENTS):
        if element.xpath(_OF_SOMETHING_ELSE):
            continue
        if found := written_date(element.get("datetime") or element.get("content") or ""):
            yield found
        shown = ""
        for part in element.itertext():
            shown += part
            if len(shown) > _DATE_CHARACTERS:
                break
        shown = " ".join(shown.split())
        if found := published_date(shown) or date_of_byline(shown):
            yield found
