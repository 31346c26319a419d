"""What the markup of a page states about it: JSON-LD, meta tags, links, the elements that show a date.

Knows a parsed page by its ``xpath``, and no parser. Of two statements the most formal one wins: JSON-LD, then a
meta tag, then an element of the page. For the address it is the canonical link, which is there for nothing else.
A date of change is never a date of publication.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from corpus.dates import published_date, written_date
from corpus.document import Field
from corpus.metadata import date_of_byline

JSON_LD = "JSON-LD"
BROKEN = "its JSON-LD is broken and was not read"

_LINKED_DATA = "//script[@type='application/ld+json']"
_AROUND_JSON = re.compile(r"^(?:<!--|(?:// ?)?<!\[CDATA\[)|(?:-->|(?:// ?)?\]\]>|;)$")
_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage")  # where a page puts what it is about
_ARTICLE_TYPES = re.compile(r"(?:^|/)(?:\w*Article|(?:Blog|LiveBlog|SocialMedia|DiscussionForum)Posting|Report)$")
_PAGE_TYPES = re.compile(r"(?:^|/)\w*Page$")
_SITE_TYPES = re.compile(r"(?:^|/)WebSite$")
_NODES = 2_000

_META = {  # the names of tags, the most formal first
    "title": "og:title citation_title dc.title dcterms.title headline parsely-title sailthru.title twitter:title",
    "outlet": "og:site_name citation_journal_title dc.publisher dcterms.publisher publisher copyright-holder"
    " application-name apple-mobile-web-app-title",
    "byline": "author article:author citation_author dc.creator dcterms.creator parsely-author sailthru.author byl"
    " og:author",
    "published": "article:published_time og:published_time og:article:published_time datepublished date dc.date"
    " dc.date.issued dcterms.date dcterms.issued dc.date.created dcterms.created pubdate publishdate publish-date"
    " publication_date publication-date citation_publication_date citation_online_date citation_date parsely-pub-date"
    " sailthru.date",
    "url": "og:url citation_public_url parsely-link twitter:url",
    "language": "og:locale dc.language dcterms.language citation_language content-language language",
}
_DATE_ELEMENTS = (  # where a page shows its date, outside of its paragraphs and of links to other pages
    "//*[@itemprop='datePublished' or @pubdate]"
    "|//*[contains(@class, 'publish') or contains(@class, 'date') or contains(@class, 'byline')]"
    "|//time[not(ancestor::p)]"
)
_OF_SOMETHING_ELSE = (
    "ancestor-or-self::*[self::aside or self::nav or self::footer or self::li or self::a"
    " or contains(@class, 'updat') or contains(@class, 'modif') or @itemprop='dateModified']"
)
_DATE_CHARACTERS = 120
_SHOWN_DATES = 200
_NAME_CHARACTERS = 200


def stated_by(tree: Any) -> tuple[dict[str, Field], tuple[str, ...]]:
    """The fields that a page states and where it does, and notes. Broken JSON-LD is taken out of the tree."""
    nodes, notes = _linked_data(tree)
    canonical = next((url for href in tree.xpath("//link[@rel='canonical']/@href") if (url := _address(href))), None)
    fields: dict[str, Field] = {"url": Field(canonical, "canonical link")} if canonical else {}
    titles = {_plain(title.text_content()) for title in tree.xpath("//title|//h1")}
    titles |= {_plain(content) for content in tree.xpath("//meta[@property='og:title']/@content")}
    for field, value in _of_nodes(nodes, canonical, titles):
        fields.setdefault(field, Field(value, JSON_LD))
    for field, given in _of_meta_tags(tree):
        fields.setdefault(field, given)
    if "published" not in fields and (shown := next(_dates_shown(tree), None)):
        fields["published"] = shown
    if "language" not in fields and (tag := next(iter(tree.xpath("/html/@lang")), "").strip()):
        fields["language"] = Field(tag, "html lang")
    return fields, notes


def _linked_data(tree: Any) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """The nodes that JSON-LD says the page is or is about; a reference in them is not followed yet."""
    found: list[Mapping[str, Any]] = []
    notes: tuple[str, ...] = ()
    for script in tree.xpath(_LINKED_DATA):
        try:
            data = json.loads(_AROUND_JSON.sub("", (script.text or "").strip()) or "[]", strict=False)
        except (ValueError, RecursionError):
            script.text = ""  # nor is anybody else to guess at it
            notes = (BROKEN,)
            continue
        waiting = deque([data])
        for _ in range(_NODES):
            each = waiting.popleft() if waiting else None
            if isinstance(each, list):
                waiting.extendleft(reversed(each[:_NODES]))
            elif isinstance(each, dict):
                found.append(each)
                waiting += [each[key] for key in _WITHIN if isinstance(each.get(key), dict | list)]
    return found, notes


def _of_nodes(nodes: list[Mapping[str, Any]], canonical: str | None, titles: set[str]) -> Iterator[tuple[str, str]]:
    by_id = {str(node["@id"]): node for node in reversed(nodes) if "@id" in node and len(node) > 1}
    article = _article([node for node in nodes if _is_article(node)], canonical, titles)
    pages = [node for node in nodes if _has_type(node, _PAGE_TYPES)]
    if article:
        yield from _given("title", _plain(article.get("headline") or article.get("name")))
        yield from _given("byline", ", ".join(_names(article.get("author"), by_id)))
        yield from _given("outlet", next(_names(article.get("publisher"), by_id), None))
    for node in [*([article] if article else []), *pages]:
        published = node.get("datePublished")
        yield from _given("published", written_date(published) if isinstance(published, str) else None)
        yield from _given("language", next(_languages(node.get("inLanguage")), None))
    if article:
        for value in (article.get("url"), article.get("mainEntityOfPage")):
            address = value.get("@id") or value.get("url") if isinstance(value, dict) else value
            yield from _given("url", _address(address))
    for node in nodes:
        if _has_type(node, _SITE_TYPES):
            yield from _given("outlet", next(_names(node, by_id), None))


def _article(articles: list[Mapping[str, Any]], canonical: str | None, titles: set[str]) -> Mapping[str, Any] | None:
    """The one article that the page is: of several that with its address or headline, rather none than any."""
    for article in articles:
        page = article.get("mainEntityOfPage")
        addresses = [article.get("url"), article.get("@id"), page.get("@id") if isinstance(page, dict) else page]
        if canonical and canonical in addresses:
            return article
    for article in articles:
        if _plain(article.get("headline")) in titles - {""}:
            return article
    return articles[0] if len(articles) == 1 else None


def _is_article(node: Mapping[str, Any]) -> bool:
    return _has_type(node, _ARTICLE_TYPES) or ("@type" not in node and ("headline" in node or "datePublished" in node))


def _has_type(node: Mapping[str, Any], types: re.Pattern[str]) -> bool:
    given = node.get("@type")
    return any(isinstance(each, str) and types.search(each) for each in (given if isinstance(given, list) else [given]))


def _names(value: object, by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The names of people or organizations, given as text, as nodes or as references to nodes."""
    for each in value if isinstance(value, list) else [value]:
        name: object = each
        if isinstance(each, dict):
            node = each if "name" in each else by_id.get(str(each.get("@id")), each)
            name = node.get("name")
            if isinstance(name, list):
                name = next(iter(name), None)
        if known := _name(name):
            yield known


def _languages(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        tag = each.get("alternateName") or each.get("name") if isinstance(each, dict) else each
        if isinstance(tag, str) and tag.strip():
            yield tag.strip()


def _of_meta_tags(tree: Any) -> Iterator[tuple[str, Field]]:
    stated: dict[str, list[str]] = {}
    for meta in tree.xpath("//meta[@content]"):
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            for name in (meta.get(attribute) or "").lower().split()[:3]:
                stated.setdefault(name, []).append(meta.get("content"))
    for field, names in _META.items():
        for name in names.split():
            for value in _read_as(field, stated.get(name, ())):
                yield field, Field(value, f"meta tag {name}")


def _read_as(field: str, contents: Iterable[str]) -> Iterator[str]:
    if field == "byline":  # one tag for each writer
        if names := [*dict.fromkeys(filter(None, map(_name, contents)))]:
            yield ", ".join(names)
        return
    read = {"published": written_date, "url": _address, "outlet": _name}.get(field, _plain)
    yield from filter(None, map(read, contents))


def _dates_shown(tree: Any) -> Iterator[Field]:
    for element in islice(tree.xpath(_DATE_ELEMENTS), _SHOWN_DATES):
        if element.xpath(_OF_SOMETHING_ELSE):
            continue
        shown = ""
        for part in element.itertext():
            shown += part
            if len(shown) > _DATE_CHARACTERS:
                break
        shown = " ".join(shown[: 4 * _DATE_CHARACTERS].split())
        if _is_marked_as_change(shown):
            continue
        origin = "time element" if element.tag == "time" else "date shown on the page"
        formal = written_date(element.get("datetime") or element.get("content") or "")
        if found := formal or published_date(shown) or date_of_byline(shown):
            yield Field(found, origin)


def _is_marked_as_change(shown: str) -> bool:
    return re.match(r"(?:last\s+)?(?:updated?|modified|edited|corrected|revised)\b", shown, re.IGNORECASE) is not None


def _given(field: str, value: str | None) -> Iterator[tuple[str, str]]:
    if value:
        yield field, value


def _name(value: object) -> str | None:
    """A name, and neither an address nor a handle."""
    name = _plain(value)
    return None if "://" in name or name.startswith("@") or len(name) > _NAME_CHARACTERS else name or None


def _plain(value: object) -> str:
    return " ".join(unescape(value).split()) if isinstance(value, str) else ""


def _address(value: object) -> str | None:
    """A whole http address, or None."""
    address = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(address)
        return address if parts.scheme in ("http", "https") and parts.hostname and " " not in address else None
    except ValueError:
        return None
