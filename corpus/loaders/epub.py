"""EPUB books: the chapters in reading order, by zipfile and lxml; this file is lxml's only home.

Pictures, styles, scripts and the book's own table of contents are not read. Nothing outside of the archive is
opened and no entity of a document's own is expanded.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote

from corpus.dates import written_date
from corpus.document import Document, Field
from corpus.errors import UnreadableFile
from corpus.loaders.page_hidden import hidden_note, take_out_hidden
from corpus.loaders.page_text import local_name, paragraphs
from corpus.loaders.zipped import open_checked, unpacked
from corpus.understanding import understand

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")  # of no matter to the text
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def load(data: bytes, name: str) -> Document:
    """The text of all chapters, one line per paragraph, with the header that the package file gives.

    Raises UnreadableFile for a book that is protected, damaged, or past the limits of an archive.
    """
    with open_checked(data) as archive:
        members = {member.filename: member for member in archive.infolist()}
        _refuse_protected(archive, members)
        place = _package_place(archive, members)
        package = _parsed(archive, members, place)
        parts: list[str] = []
        missing = hidden = 0
        for path in _spine(package, place):
            if path is None or path not in members:
                missing += 1
                continue
            page = _parsed(archive, members, path, is_page=True)
            hidden += take_out_hidden(page)
            parts += paragraphs(page)
    notes = [f"{missing:,} of its chapters not in the archive"] if missing else []
    notes += hidden_note(hidden)
    return understand("\n\n".join(parts), name, stated=_stated(package), notes=notes)


def _refuse_protected(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
    if _ENCRYPTION not in members:
        return
    for encrypted in _all(_parsed(archive, members, _ENCRYPTION), "EncryptedData"):
        method = next(_all(encrypted, "EncryptionMethod"), None)
        if method is None or method.get("Algorithm") not in _FONT_SCRAMBLING:
            raise UnreadableFile("is protected against copying; ingest a copy without protection")


def _package_place(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> str:
    if _CONTAINER not in members:
        raise UnreadableFile(f"is no EPUB book: it has no {_CONTAINER}; get it again")
    found = (str(root.get("full-path")) for root in _all(_parsed(archive, members, _CONTAINER), "rootfile"))
    place = next((path for path in found if path in members), None)
    if place is None:
        raise UnreadableFile("is a damaged EPUB book: its package file is missing; get it again")
    return place


def _parsed(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], path: str, *, is_page: bool = False) -> Any:
    """The root of an XML member; a page that is no XML is read as a browser would."""
    from lxml import etree

    content = unpacked(archive, members[path])
    if b"<!ENTITY" in content.replace(b"\0", b""):
        raise UnreadableFile(f"declares entities in {path}, as no book needs to; it is not read")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if not is_page:
            raise UnreadableFile(f"is a damaged EPUB book: {path} is no XML ({error}); get it again") from error
        broken = error
    try:
        page = etree.fromstring(
            content, etree.HTMLParser(no_network=True, huge_tree=False, encoding=_encoding(content))
        )
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile(f"is a damaged EPUB book: {path} cannot be read ({error}); get it again") from broken
    return etree.Element("html") if page is None else page


def _encoding(content: bytes) -> str | None:
    """UTF-8 where the bytes are that: the HTML parser would take them for Latin-1."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _spine(package: Any, place: str) -> Iterator[str | None]:
    """The paths of the chapters in reading order; None for one outside of the archive."""
    items = {}
    for item in _all(package, "item"):
        is_contents = "nav" in (item.get("properties") or "").split()
        if item.get("media-type") in _PAGES and not is_contents:
            items[item.get("id")] = item.get("href") or ""
    contents = {
        _path(place, reference.get("href") or "")
        for reference in _all(package, "reference")
        if reference.get("type") == "toc"
    }
    seen = contents
    for reference in _all(package, "itemref"):
        href = items.get(reference.get("idref"))
        if not href:
            continue
        path = _path(place, href)
        if path is None or path not in seen:
            seen.add(path)
            yield path


def _path(place: str, href: str) -> str | None:
    """Where in the archive ``href`` leads from the package file; None for a way out of it."""
    target = unquote(href.partition("#")[0])
    if ":" in target or target.startswith("/"):
        return None
    path = normpath(join(dirname(place), target))
    return None if path.startswith("../") or path == ".." else path


def _stated(package: Any) -> dict[str, Field]:
    def values(name: str) -> list[str]:
        found = (" ".join("".join(element.itertext()).split()) for element in _all(package, name))
        return [value for value in found if value]

    dates = [date for date in _all(package, "date") if (date.text or "").strip()]
    events = {local_name(key): value for date in dates for key, value in date.attrib.items()}
    if "event" in events:
        dates = [date for date in dates if "publication" in date.attrib.values()]
    known: dict[str, str | None] = {
        "title": next(iter(values("title")), None),
        "byline": ", ".join(values("creator")) or None,
        "outlet": next(iter(values("publisher")), None),
        "published": written_date(dates[0].text) if dates else None,
        "language": next(iter(values("language")), None),
    }
    return {field: Field(value, "the book's package file") for field, value in known.items() if value}


def _all(element: Any, name: str) -> Iterator[Any]:
    """The elements called ``name`` in any namespace."""
    return (each for each in element.iter() if isinstance(each.tag, str) and local_name(each.tag) == name)
