"""Saved web pages, a page with its pictures in one file: the page itself, read as HTML is."""

from __future__ import annotations

from email.message import EmailMessage

from corpus.dates import date_in_address
from corpus.document import Document, Field
from corpus.errors import UnreadableFile
from corpus.loaders import eml, html
from corpus.outlets import outlet_of_address

_UTF8_MARK = b"\xef\xbb\xbf"


def load(data: bytes, name: str) -> Document:
    """The main text of the page that was saved; the day on which it was saved is not that of publication.

    Raises UnreadableFile for a file without a page, and for a page without main text.
    """
    message = eml.parsed(data)
    if sum(1 for _ in message.walk()) > eml.MAX_PARTS:
        raise UnreadableFile(f"has over {eml.MAX_PARTS:,} parts; save the page as .html")
    page = _page(message)
    if page is None:
        raise UnreadableFile("holds no HTML page; save the page again, as .html")
    markup, _ = eml.decoded(page)
    document = html.load(_UTF8_MARK + markup.encode("utf-8", "replace"), name)
    return document.stating(
        {field: value for field, value in _stated(message, page).items() if getattr(document.header, field) is None}
    )


def _page(message: EmailMessage) -> EmailMessage | None:
    """The part that ``start`` names, or the first HTML page."""
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    root = message.get_param("start")
    named = (page for page in pages if isinstance(root, str) and eml.header(page, "Content-ID") == root)
    return next(named, pages[0] if pages else None)


def _stated(message: EmailMessage, page: EmailMessage) -> dict[str, Field]:
    """What the frame around the page says of it."""
    places = (eml.header(message, "Snapshot-Content-Location"), eml.header(page, "Content-Location"))
    url = next((place for place in places if place.startswith(("http://", "https://"))), None)
    values = {"title": eml.header(message, "Subject"), "url": url}
    if url:
        values |= {"outlet": outlet_of_address(url), "published": date_in_address(url)}
    return {field: Field(value, "the saved page's frame") for field, value in values.items() if value}
