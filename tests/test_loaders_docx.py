"""Word documents are read in order, tables row by row, and what was deleted or hidden is not there."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from corpus.document import Document
from corpus.errors import UnreadableFile
from corpus.loaders.docx import load

LAMP = "The mill burned for three days, and nobody in the valley could say who had left the lamp on the stairs."
VOTE = "The valley council meets on Friday to decide whether the mill is to be built again."


def written(write: Callable[[WordDocument], object]) -> bytes:
    word = docx.Document()
    write(word)
    target = BytesIO()
    word.save(target)
    return target.getvalue()


def word_document(paragraphs: Sequence[str]) -> bytes:
    def write(word: WordDocument) -> None:
        for paragraph in paragraphs:
            word.add_paragraph(paragraph)

    return written(write)


def with_body(markup: str) -> bytes:
    """A document whose body holds this markup."""

    def write(word: WordDocument) -> None:
        for element in parse_xml(f"<w:body {nsdecls('w')}>{markup}</w:body>"):
            word.element.body.insert(len(word.element.body) - 1, element)

    return written(write)


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """The archive with a member of that name in place of the one it had, if any."""
    target = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return target.getvalue()


def member(data: bytes, name: str) -> bytes:
    with ZipFile(BytesIO(data)) as archive:
        return archive.read(name)


def paragraphs(document: Document) -> list[str]:
    return document.text.split("\n\n")


def table(rows: Sequence[Sequence[str]]) -> Callable[[WordDocument], None]:
    def write(word: WordDocument) -> None:
        made = word.add_table(rows=len(rows), cols=len(rows[0]))
        for row, cells in zip(made.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text

    return write


# Paragraphs


def test_headings_paragraphs_and_tables_stand_in_their_order() -> None:
    def write(word: WordDocument) -> None:
        word.add_heading("Mill burns for three days", level=1)
        word.add_paragraph(LAMP)
        table([["Ward", "Yes", "No"], ["Upper valley", "5", "1"]])(word)
        word.add_heading("What comes next", level=2)
        word.add_paragraph(VOTE)

    document = load(written(write), "mill.docx")
    row = "Ward: Upper valley; Yes: 5; No: 1"
    assert paragraphs(document) == ["Mill burns for three days", LAMP, row, "What comes next", VOTE]
    assert document.header.title == "Mill burns for three days"
    assert document.origins["title"] == "the paragraph styled as title"


def test_tracked_insertions_are_text_and_deletions_are_not() -> None:
    document = load(
        with_body(
            "<w:p><w:r><w:t xml:space='preserve'>The mill </w:t></w:r>"
            "<w:del w:author='x'><w:r><w:delText>UNSEEN</w:delText></w:r></w:del>"
            "<w:moveFrom w:author='x'><w:r><w:t>UNSEEN</w:t></w:r></w:moveFrom>"
            "<w:ins w:author='x'><w:r><w:t>burned for three days.</w:t></w:r></w:ins></w:p>"
        ),
        "mill.docx",
    )
    assert document.text == "The mill burned for three days."


def test_text_in_links_controls_and_fields_is_text_and_what_a_field_is_computed_from_is_not() -> None:
    document = load(
        with_body(
            "<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>The mill burned.</w:t></w:r></w:p>"
            "</w:sdtContent></w:sdt>"
            "<w:p><w:hyperlink><w:r><w:t>The weir</w:t></w:r></w:hyperlink><w:r><w:tab/></w:r>"
            "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>UNSEEN</w:instrText></w:r>"
            "<w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:t>did not.</w:t></w:r>"
            "<w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>"
        ),
        "mill.docx",
    )
    assert document.text == "The mill burned.\n\nThe weir did not."


@pytest.mark.parametrize(
    "properties",
    ["<w:vanish/>", "<w:vanish w:val='true'/>", "<w:sz w:val='2'/>"],
)
def test_hidden_text_is_left_out_and_counted(properties: str) -> None:
    markup = f"<w:p><w:r><w:t>Seen.</w:t></w:r><w:r><w:rPr>{properties}</w:rPr><w:t>UNSEEN</w:t></w:r></w:p>"
    document = load(with_body(markup), "mill.docx")
    assert (document.text, document.notes) == ("Seen.", ("6 hidden characters left out",))


def test_text_hidden_by_its_style_is_left_out_unless_the_run_says_otherwise() -> None:
    data = with_body(
        "<w:p><w:pPr><w:pStyle w:val='Secret'/></w:pPr><w:r><w:t>UNSEEN</w:t></w:r>"
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>Seen.</w:t></w:r></w:p>"
    )
    style = (
        b"<w:style w:type='paragraph' w:styleId='Base'><w:name w:val='Base'/><w:rPr><w:vanish/></w:rPr></w:style>"
        b"<w:style w:type='paragraph' w:styleId='Secret'><w:name w:val='Secret'/><w:basedOn w:val='Base'/></w:style>"
    )
    styles = member(data, "word/styles.xml").replace(b"</w:styles>", style + b"</w:styles>")
    assert load(with_member(data, "word/styles.xml", styles), "mill.docx").text == "Seen."


def test_a_break_by_hand_ends_the_line_of_an_address_but_no_sentence() -> None:
    markup = (
        "<w:p><w:r><w:t>Ada Orm</w:t><w:br/><w:t>Mill Lane 3</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>The mill burned</w:t><w:br/><w:t>for three days.</w:t></w:r></w:p>"
    )
    text = load(with_body(markup), "mill.docx").text
    assert text == "Ada Orm\nMill Lane 3\n\nThe mill burned for three days."


def test_headers_footers_and_comments_are_left_out() -> None:
    def write(word: WordDocument) -> None:
        run = word.add_paragraph(LAMP).runs[0]
        word.add_comment(run, text="UNSEEN", author="x")
        word.sections[0].header.paragraphs[0].text = "UNSEEN"
        word.sections[0].footer.paragraphs[0].text = "UNSEEN"

    document = load(written(write), "mill.docx")
    assert (document.text, document.notes) == (LAMP, ("1 comment left out",))


def test_footnotes_are_left_out_with_a_note() -> None:
    markup = "<w:p><w:r><w:t>The mill burned.</w:t></w:r>" + "<w:r><w:footnoteReference w:id='2'/></w:r>" * 2 + "</w:p>"
    document = load(with_body(markup), "mill.docx")
    assert (document.text, document.notes) == ("The mill burned.", ("2 footnotes left out",))


def test_a_table_of_contents_is_furniture() -> None:
    def write(word: WordDocument) -> None:
        word.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
        word.add_paragraph("The fire\t1", style="toc 1")
        word.add_paragraph(LAMP)

    document = load(written(write), "mill.docx")
    assert [document.text[span.start : span.end] for span in document.furniture] == ["The fire 1"]


# Tables


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (
            [["Ward", "Yes", "No"], ["Upper valley", "5", "1"], ["Lower valley", "4", ""]],
            ["Ward: Upper valley; Yes: 5; No: 1", "Ward: Lower valley; Yes: 4"],
        ),
        ([["Ward", "Votes"], ["Upper valley", "6"]], ["Ward: Upper valley; Votes: 6"]),
        ([["Name", "Ada Orm"], ["Post", "weir keeper"]], ["Name | Ada Orm", "Post | weir keeper"]),
        ([["Ada Orm", "3", "4"], ["Bo Lund", "5", "6"]], ["Ada Orm | 3 | 4", "Bo Lund | 5 | 6"]),
        ([["Yes", "Yes", "No"], ["1", "2", "3"]], ["Yes | Yes | No", "1 | 2 | 3"]),
        ([["Ward", "", "No"], ["Upper valley", "5", "1"]], ["Ward | No", "Upper valley | 5 | 1"]),
        ([["Ward", "Yes", "No"]], ["Ward | Yes | No"]),
    ],
)
def test_a_row_names_its_columns_where_the_first_row_does(rows: list[list[str]], lines: list[str]) -> None:
    assert paragraphs(load(written(table(rows)), "mill.docx")) == lines


def test_a_first_row_that_is_marked_or_bold_names_two_columns_of_words() -> None:
    def bold(word: WordDocument) -> None:
        table([["Name", "Post"], ["Ada Orm", "weir keeper"]])(word)
        for cell in word.tables[0].rows[0].cells:
            cell.paragraphs[0].runs[0].bold = True

    def marked(word: WordDocument) -> None:
        table([["Name", "Post"], ["Ada Orm", "weir keeper"]])(word)
        word.tables[0].rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))

    assert load(written(bold), "mill.docx").text == "Name: Ada Orm; Post: weir keeper"
    assert load(written(marked), "mill.docx").text == "Name: Ada Orm; Post: weir keeper"


def test_a_merged_cell_is_read_once_and_moves_no_column() -> None:
    def write(word: WordDocument) -> None:
        table([["Ward", "Yes", "No"], ["Upper valley", "", "1"], ["Lower valley", "4", "3"]])(word)
        cells = word.tables[0]
        cells.cell(1, 0).merge(cells.cell(1, 1))
        cells.cell(1, 2).text = "1"

    assert paragraphs(load(written(write), "mill.docx")) == [
        "Ward: Upper valley; No: 1",
        "Ward: Lower valley; Yes: 4; No: 3",
    ]


def test_a_cell_merged_over_rows_is_read_once() -> None:
    def write(word: WordDocument) -> None:
        table([["Ward", "Yes", "No"], ["Upper valley", "5", "1"], ["", "4", "3"]])(word)
        word.tables[0].cell(1, 0).merge(word.tables[0].cell(2, 0))

    assert paragraphs(load(written(write), "mill.docx")) == ["Ward: Upper valley; Yes: 5; No: 1", "Yes: 4; No: 3"]


def test_a_table_that_only_arranges_text_is_read_as_that_text() -> None:
    def write(word: WordDocument) -> None:
        frame = word.add_table(rows=1, cols=1).cell(0, 0)
        frame.paragraphs[0].text = LAMP
        inner = frame.add_table(rows=2, cols=2)
        for at, text in enumerate(["Ward", "Votes", "Upper valley", "6"]):
            inner.cell(at // 2, at % 2).text = text
        frame.add_paragraph(VOTE)

    assert paragraphs(load(written(write), "mill.docx")) == [LAMP, "Ward: Upper valley; Votes: 6", VOTE]


# What the file says of itself


def described(title: str, author: str, first: str) -> Document:
    def write(word: WordDocument) -> None:
        word.core_properties.title = title
        word.core_properties.author = author
        word.add_paragraph(first)
        word.add_paragraph("by Ada Orm, Mill Post")
        word.add_paragraph(LAMP)

    return load(written(write), "mill.docx")


def test_title_and_author_of_the_properties_count_where_the_text_has_them() -> None:
    document = described("Mill burns: three days of it.", "Ada Orm", "Mill burns: three days of it.")
    assert (document.header.title, document.header.byline) == ("Mill burns: three days of it.", "Ada Orm")
    assert document.origins["title"] == document.origins["byline"] == "the document's properties"


def test_properties_that_the_text_does_not_bear_out_say_nothing() -> None:
    document = described("Letter template", "The Office", "Mill burns for three days")
    assert (document.header.title, document.header.byline) == ("Mill burns for three days", "Ada Orm")
    assert document.header.published is None


# What is refused

ENTITY = b"<?xml version='1.0'?><!DOCTYPE w [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
LAUGHS = b"<?xml version='1.0'?><!DOCTYPE w [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"


@pytest.mark.parametrize("declaration", [ENTITY, LAUGHS])
@pytest.mark.parametrize(
    "name", ["word/document.xml", "word/styles.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"]
)
def test_a_document_that_declares_entities_is_refused_whole(declaration: bytes, name: str) -> None:
    data = word_document([LAMP])
    content = member(data, name).partition(b"?>")[2]
    with pytest.raises(UnreadableFile, match=r"^declares entities in .*, as no Word document does; save it anew$"):
        load(with_member(data, name, declaration + content), "mill.docx")


def test_entities_in_another_encoding_are_found_too() -> None:
    content = ENTITY.decode() + member(word_document([LAMP]), "word/document.xml").decode().partition("?>")[2]
    for encoding, reason in (("utf-16", "declares entities"), ("cp037", "is no XML"), ("utf-32", "declares entities")):
        with pytest.raises(UnreadableFile, match=reason):
            load(with_member(word_document([LAMP]), "word/document.xml", content.encode(encoding)), "mill.docx")
    strange = b'<?xml version="1.0" encoding="UTF-7"?>' + content.encode("utf-7")
    with pytest.raises(UnreadableFile, match=r"declares entities|strange encoding"):
        load(with_member(word_document([LAMP]), "word/document.xml", strange), "mill.docx")


def test_a_zip_bomb_is_refused_unopened() -> None:
    data = with_member(word_document([LAMP]), "word/media/image.bmp", bytes(60_000_000))
    with pytest.raises(UnreadableFile, match="is pressed"):
        load(data, "mill.docx")


def test_a_locked_document_is_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"^is locked with a password, or an old Office document"):
        load(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "mill.docx")


def test_a_document_that_breaks_off_is_refused() -> None:
    data = word_document([LAMP])
    for kept in (4, 100, len(data) // 2, len(data) - 30):
        with pytest.raises(UnreadableFile, match="is a damaged ZIP archive"):
            load(data[:kept], "mill.docx")


@pytest.mark.parametrize("name", ["word/document.xml", "[Content_Types].xml", "_rels/.rels"])
@pytest.mark.parametrize("content", [b"", b"<w:document", b"<x/>"])
def test_a_document_with_a_damaged_part_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"^is a damaged Word document .*; open it in Word and save it anew$"):
        load(with_member(word_document([LAMP]), name, content), "mill.docx")


def test_a_document_without_words_is_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"^holds no text$"):
        load(word_document(["", " "]), "mill.docx")


def test_a_path_out_of_the_archive_is_written_nowhere_and_an_ordinary_zip_is_no_document() -> None:
    document = load(with_member(word_document([LAMP]), "../../outside.xml", b"<x/>"), "mill.docx")
    assert document.text == LAMP
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mill.txt", LAMP)
    with pytest.raises(UnreadableFile, match="is a damaged Word document"):
        load(target.getvalue(), "mill.docx")
