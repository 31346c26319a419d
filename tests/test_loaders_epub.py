"""A book is read chapter by chapter in its own order, and nothing outside of its archive is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from corpus.document import Document
from corpus.errors import UnreadableFile
from corpus.loaders.epub import load

LAMP = "The mill burned for three days, and nobody in the valley could say who had left the lamp on the stairs."
VOTE = "The valley council meets on Friday to decide whether the mill is to be built again."
CONTAINER = (
    "<?xml version='1.0'?><container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
    "<rootfile full-path='OEBPS/book.opf' media-type='application/oebps-package+xml'/></rootfiles></container>"
)
METADATA = "<dc:title>Mill burns for three days</dc:title>"


def packed(members: Mapping[str, str | bytes]) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def package(chapters: Sequence[str], *, metadata: str = METADATA, nav: str = "") -> str:
    items = "".join(
        f"<item id='c{at}' href='{name}' media-type='application/xhtml+xml'"
        f"{' properties=' + chr(39) + 'nav' + chr(39) if name == nav else ''}/>"
        for at, name in enumerate(chapters)
    )
    spine = "".join(f"<itemref idref='c{at}'/>" for at in range(len(chapters)))
    return (
        "<?xml version='1.0'?><package xmlns='http://www.idpf.org/2007/opf' version='3.0'>"
        f"<metadata xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:opf='http://www.idpf.org/2007/opf'>{metadata}"
        f"</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )


def xhtml(body: str) -> str:
    return (
        "<?xml version='1.0' encoding='utf-8'?><!DOCTYPE html>"
        "<html xmlns='http://www.w3.org/1999/xhtml' xmlns:epub='http://www.idpf.org/2007/ops'>"
        f"<head><title>UNSEEN</title><style>p {{}}</style></head><body>{body}</body></html>"
    )


def chapters(bodies: Mapping[str, str | bytes], *, metadata: str = METADATA, nav: str = "") -> bytes:
    """A book of these bodies, in this order in its spine and in the other in the archive."""
    pages = {
        f"OEBPS/{name}": xhtml(body) if isinstance(body, str) else body for name, body in reversed(list(bodies.items()))
    }
    return packed(
        {
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": package(list(bodies), metadata=metadata, nav=nav),
            **pages,
        }
    )


def book(pages: Mapping[str, Sequence[str]]) -> bytes:
    return chapters({name: "".join(f"<p>{each}</p>" for each in texts) for name, texts in pages.items()})


def chapter(body: str | bytes) -> Document:
    return load(chapters({"one.xhtml": body}), "mill.epub")


# Text


def test_chapters_follow_each_other_as_the_spine_says() -> None:
    document = load(book({"z.xhtml": ["The fire", LAMP], "a.xhtml": ["The vote", VOTE]}), "mill.epub")
    assert document.text == f"The fire\n\n{LAMP}\n\nThe vote\n\n{VOTE}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<h1>The fire</h1><p>It burned.</p>", "The fire\n\nIt burned."),
        ("<div>It <em>did</em>\n <b>burn</b>.<p>So long.</p>And on.</div>", "It did burn.\n\nSo long.\n\nAnd on."),
        ("<ul><li>the mill</li><li><p>the weir</p></li></ul>", "the mill\n\nthe weir"),
        ("<p>Ada Orm<br/>Mill Lane 3</p><p>It burned<br/>for days.</p>", "Ada Orm\nMill Lane 3\n\nIt burned for days."),
        (
            "<table><tr><th>Ward</th><th>Yes</th></tr><tr><td>Upper valley</td><td>5</td></tr></table>",
            "Ward | Yes\n\nUpper valley | 5",
        ),
        ("<p>&#8220;The moon,&#8221; she said.</p>", "“The moon,” she said."),
        ("<p>The mill<!-- UNSEEN --> burned.<?x UNSEEN?></p>", "The mill burned."),
    ],
)  # fmt: skip
def test_a_block_is_a_paragraph(body: str, text: str) -> None:
    assert chapter(body).text == text


@pytest.mark.parametrize(
    "markup",
    [
        "<script>UNSEEN</script>",
        "<style>UNSEEN</style>",
        "<p hidden='hidden'>UNSEEN</p>",
        "<p style='DISPLAY : none'>UNSEEN</p>",
        "<p aria-hidden='true'>UNSEEN</p>",
        "<nav epub:type='toc'><ol><li>UNSEEN</li></ol></nav>",
        "<span epub:type='pagebreak' title='7'>UNSEEN</span>",
        "<a epub:type='noteref' href='#n1'>UNSEEN</a>",
        "<svg xmlns='http://www.w3.org/2000/svg'><text>UNSEEN</text></svg>",
        "<template><p>UNSEEN</p></template>",
    ],
)
def test_what_a_reader_does_not_see_is_left_out(markup: str) -> None:
    assert chapter(f"<div><p>{LAMP}</p>{markup}<p>{VOTE}</p></div>").text == f"{LAMP}\n\n{VOTE}"


def test_the_books_own_table_of_contents_is_left_out() -> None:
    data = chapters({"toc.xhtml": "<p>UNSEEN</p>", "one.xhtml": f"<p>{LAMP}</p>"}, nav="toc.xhtml")
    assert load(data, "mill.epub").text == LAMP


def test_a_page_that_is_no_xml_is_read_as_a_browser_would() -> None:
    broken = f"<html><body><p>The café &mdash; it burned<br>for days.<p>{LAMP}</body>".encode()
    assert chapter(broken).text == f"The café — it burned for days.\n\n{LAMP}"


def test_named_characters_of_an_old_book_are_read_without_its_dtd() -> None:
    page = (
        "<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.1//EN' "
        "'http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd'>"
        "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>The caf&eacute;&nbsp;burned.</p></body></html>"
    )
    assert chapter(page.encode()).text == "The café burned."


def test_a_deep_page_is_read_or_refused() -> None:
    deep = "<html><body>" + "<div>" * 20_000 + LAMP
    data = chapters({"one.xhtml": deep.encode(), "two.xhtml": f"<p>{VOTE}</p>"})
    try:
        found = load(data, "mill.epub").text
    except UnreadableFile:
        found = VOTE
    assert VOTE in found


# What the book says of itself


def test_the_package_file_gives_the_header() -> None:
    metadata = (
        "<dc:title>Mill burns</dc:title><dc:creator>Ada Orm</dc:creator><dc:creator>Bo Lund</dc:creator>"
        "<dc:publisher>Weir Press</dc:publisher><dc:date>2024-03-06T07:05:00Z</dc:date><dc:language>en-GB</dc:language>"
    )
    document = load(chapters({"one.xhtml": f"<p>{LAMP}</p><p>{VOTE}</p>"}, metadata=metadata), "mill.epub")
    header = document.header
    assert (header.title, header.outlet, header.byline) == ("Mill burns", "Weir Press", "Ada Orm, Bo Lund")
    assert (header.published, header.language) == ("2024-03-06", "en")
    assert set(document.origins.values()) == {"the book's package file"}


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        ("<dc:date>2024</dc:date>", "2024"),
        ("<dc:date opf:event='creation'>2023</dc:date><dc:date opf:event='publication'>2024-03</dc:date>", "2024-03"),
        ("<dc:date opf:event='modification'>2025-01-01</dc:date>", None),
        ("<dc:date>some day</dc:date>", None),
        ("<dc:date/>", None),
    ],
)  # fmt: skip
def test_the_date_is_that_of_publication(dates: str, published: str | None) -> None:
    data = chapters({"one.xhtml": f"<p>{LAMP}</p>"}, metadata=dates)
    assert load(data, "mill.epub").header.published == published


# What is refused


@pytest.mark.parametrize(
    "declarations",
    [
        "<!ENTITY e SYSTEM 'file:///etc/passwd'>",
        "<!ENTITY e 'ha'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'>",
        "<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p;",
    ],
)
@pytest.mark.parametrize("place", ["META-INF/container.xml", "OEBPS/book.opf", "OEBPS/one.xhtml"])
def test_a_book_that_declares_entities_is_refused(declarations: str, place: str) -> None:
    members: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": package(["one.xhtml"]),
        "OEBPS/one.xhtml": f"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><p>&e;{LAMP}</p></html>",
    }
    head, _, rest = str(members[place]).partition("?>")
    members[place] = f"{head}?><!DOCTYPE x [{declarations}]>{rest}"
    with pytest.raises(UnreadableFile, match=r"^declares entities in .*; it is not read$"):
        load(packed(members), "mill.epub")
    members[place] = str(members[place]).encode("utf-16")
    with pytest.raises(UnreadableFile, match=r"^declares entities in .*; it is not read$"):
        load(packed(members), "mill.epub")


@pytest.mark.parametrize(
    "href",
    ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/", "%2e%2e/%2e%2e/x", "no.xhtml", ""],
)
def test_a_chapter_outside_of_the_archive_is_not_read(href: str) -> None:
    data = packed(
        {
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": package([href, "one.xhtml"]),
            "OEBPS/one.xhtml": xhtml(f"<p>{LAMP}</p>"),
        }
    )
    document = load(data, "mill.epub")
    assert document.text == LAMP
    assert document.notes == (() if not href else ("1 of its chapters not in the archive",))


def test_a_chapter_with_an_escaped_name_is_found() -> None:
    data = packed(
        {
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": package(["text/../the%20fire.xhtml#start"]),
            "OEBPS/the fire.xhtml": xhtml(f"<p>{LAMP}</p>"),
        }
    )
    assert load(data, "mill.epub").text == LAMP


def encrypted(algorithm: str, path: str) -> bytes:
    return packed(
        {
            "META-INF/container.xml": CONTAINER,
            "META-INF/encryption.xml": (
                "<encryption xmlns='urn:oasis:names:tc:opendocument:xmlns:container' "
                "xmlns:enc='http://www.w3.org/2001/04/xmlenc#'><enc:EncryptedData>"
                f"<enc:EncryptionMethod Algorithm='{algorithm}'/><enc:CipherData><enc:CipherReference URI='{path}'/>"
                "</enc:CipherData></enc:EncryptedData></encryption>"
            ),
            "OEBPS/book.opf": package(["one.xhtml"]),
            "OEBPS/one.xhtml": xhtml(f"<p>{LAMP}</p>"),
        }
    )


def test_a_protected_book_is_refused_and_one_with_scrambled_fonts_read() -> None:
    with pytest.raises(UnreadableFile, match=r"^is protected against copying; ingest a copy without protection$"):
        load(encrypted("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/one.xhtml"), "mill.epub")
    assert load(encrypted("http://www.idpf.org/2008/embedding", "OEBPS/a.otf"), "mill.epub").text == LAMP


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "is no EPUB book"),
        ({"META-INF/container.xml": CONTAINER}, "is a damaged EPUB book: its package file is missing"),
        ({"META-INF/container.xml": "<container"}, "is a damaged EPUB book: META-INF/container.xml is no XML"),
        ({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": ""}, "is a damaged EPUB book: OEBPS/book.opf is no"),
        ({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": "<package/>"}, "holds no text"),
        (
            {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package(["a.xhtml"]), "OEBPS/a.xhtml": b""},
            "holds no text",
        ),
    ],
)  # fmt: skip
def test_a_book_without_its_parts_is_refused(members: dict[str, str | bytes], reason: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        load(packed(members), "mill.epub")
    assert str(refused.value).startswith(reason)


def test_a_zip_bomb_and_a_book_that_breaks_off_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="is pressed"):
        load(chapters({"one.xhtml": b" " * 60_000_000}), "mill.epub")
    data = book({"one.xhtml": [LAMP]})
    for kept in (4, len(data) // 2, len(data) - 30):
        with pytest.raises(UnreadableFile, match="is a damaged ZIP archive"):
            load(data[:kept], "mill.epub")
