"""PDF files are read column by column and paragraph by paragraph, and every page knows where it begins."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any, cast

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from corpus.chunking import split
from corpus.document import Document, Span
from corpus.errors import UnreadableFile
from corpus.loaders.pdf import MAX_PAGES, load

LEFT, RIGHT, TOP, LEADING, SIZE = 72, 520, 760, 14, 11
LAMP = (
    "The mill burned for three days, and nobody in the valley could say who had left the lamp on the stairs. "
    "The miller was away, and so was the boy who sweeps the floor when there is no corn to grind."
)
WEIR = (
    "Ada Orm, who keeps the weir, said she had seen a light at two in the morning, and had thought it was the moon. "
    "She told the valley council so at its meeting on Friday, and the clerk wrote it down."
)
VOTE = (
    "The council decided by nine votes to four that the mill is to be built again, of stone this time. "
    "Work on the new wheel begins in spring, once the ice has left the river and the road is dry."
)


def lines_of(paragraph: str, columns: int = 80) -> list[str]:
    return textwrap.wrap(paragraph, columns, break_on_hyphens=False)


def pdf(*pages: Callable[[Canvas], object], **properties: str) -> bytes:
    """A PDF with a page for each function, which draws it."""
    target = BytesIO()
    canvas = Canvas(target, invariant=True)
    for name, value in properties.items():
        getattr(canvas, f"set{name}")(value)
    for draw in pages:
        canvas.setFont("Times-Roman", SIZE)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def typed(
    lines: Sequence[str], *, left: float = LEFT, top: float = TOP, leading: float = LEADING
) -> Callable[[Canvas], None]:
    """Draws lines one under the other; an empty one leaves its room."""

    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(left, top - number * leading, line)

    return draw


def printed(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF of these paragraphs, page by page, an empty line between two."""
    return pdf(*(typed([line for paragraph in page for line in [*lines_of(paragraph), ""]]) for page in pages))


def together(*draws: Callable[[Canvas], object]) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for each in draws:
            each(canvas)

    return draw


def footer(text: str, y: float = 30) -> Callable[[Canvas], None]:
    return lambda canvas: canvas.drawCentredString(297, y, text)


def paragraphs(document: Document) -> list[str]:
    return document.text.split("\n\n")


def furniture(document: Document) -> list[str]:
    return [document.text[span.start : span.end] for span in document.furniture]


def page_texts(document: Document) -> dict[int, str]:
    return {page.number: document.text[page.span.start : page.span.end] for page in document.pages}


# Lines and paragraphs


def test_the_lines_of_a_paragraph_become_one() -> None:
    document = load(printed([["Mill burns for three days", LAMP, WEIR, VOTE]]), "mill.pdf")
    assert document.text == f"Mill burns for three days\n\n{LAMP}\n\n{WEIR}\n\n{VOTE}"
    assert document.header.title == "Mill burns for three days"


def test_paragraphs_are_told_by_an_indented_line() -> None:
    lines = [line for each in (LAMP, WEIR, VOTE) for line in lines_of(each)]
    firsts = {lines_of(each)[0] for each in (LAMP, WEIR, VOTE)}

    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(LEFT + (18 if line in firsts else 0), TOP - number * LEADING, line)

    assert paragraphs(load(pdf(draw), "mill.pdf")) == [LAMP, WEIR, VOTE]


def test_an_indented_paragraph_of_one_full_line_is_told_from_the_next() -> None:
    one = lines_of(LAMP)[0].rsplit(" ", 2)[0] + "."
    draw = together(typed([one, lines_of(WEIR)[0]], left=LEFT + 18), typed(lines_of(WEIR)[1:], top=TOP - 2 * LEADING))
    assert paragraphs(load(pdf(draw), "mill.pdf")) == [one, WEIR]


def test_paragraphs_are_told_by_a_short_last_line() -> None:
    lines = [line for each in (LAMP, WEIR, VOTE) for line in lines_of(each, 70)]
    assert paragraphs(load(pdf(typed(lines)), "mill.pdf")) == [LAMP, WEIR, VOTE]


def test_a_heading_is_a_paragraph_of_its_own() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 18)
        typed(["Mill burns for three days, and the", "Valley Council meets"], leading=22)(canvas)
        canvas.setFont("Times-Roman", SIZE)
        typed(lines_of(LAMP), top=TOP - 42)(canvas)
        canvas.setFont("Times-Bold", SIZE)
        typed(["What the weir keeper saw"], top=TOP - 42 - 3 * LEADING)(canvas)
        canvas.setFont("Times-Roman", SIZE)
        typed(lines_of(WEIR), top=TOP - 42 - 4 * LEADING)(canvas)

    document = load(pdf(draw), "mill.pdf")
    headline = "Mill burns for three days, and the Valley Council meets"
    assert paragraphs(document) == [headline, LAMP, "What the weir keeper saw", WEIR]
    assert document.header.title == headline


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("as everybody in the valley had said, it was an exam-", "ple to all of us.", "it was an example to"),
        ("as everybody in the valley had said, it was the Orm-", "Lund bridge.", "it was the Orm-Lund bridge"),
        ("the well-known weir, the one that everybody calls well-", "known.", "everybody calls well-known."),
        ("as everybody in the valley had said, it burned –", "for three days.", "it burned – for three"),
    ],
)
def test_a_word_that_is_parted_at_the_line_end_is_whole_again(before: str, after: str, whole: str) -> None:
    assert whole in load(pdf(typed([f"She knew that {before}", after])), "mill.pdf").text


def test_the_items_of_a_list_are_paragraphs_and_a_number_at_the_line_begin_is_none() -> None:
    items = [
        "1. The mill is built again, of stone this time, and the",
        "road is dry.",
        "2. The weir stays.",
        "• So does Ada.",
    ]
    assert paragraphs(load(pdf(typed(items)), "mill.pdf")) == [f"{items[0]} {items[1]}", *items[2:]]
    wrapped = [
        "The council decided by nine votes to four, and not by 3 to",
        "17. The rest had not made up their minds by then – and it is",
        "– who knows – not for them to say.",
    ]
    assert load(pdf(typed(wrapped)), "mill.pdf").text == " ".join(wrapped)


def test_words_drawn_one_by_one_are_parted_by_their_gaps() -> None:
    def draw(canvas: Canvas) -> None:
        x = float(LEFT)
        for word in LAMP[:60].split():
            canvas.drawString(x, TOP, word)
            x += canvas.stringWidth(word, "Times-Roman", SIZE) + 2.6

    assert load(pdf(draw), "mill.pdf").text == " ".join(LAMP[:60].split())


def test_letters_drawn_one_by_one_make_words() -> None:
    def draw(canvas: Canvas) -> None:
        x = float(LEFT)
        for letter in "The mill burned.":
            canvas.drawString(x, TOP, letter)
            x += canvas.stringWidth(letter, "Times-Roman", SIZE)

    assert load(pdf(draw), "mill.pdf").text == "The mill burned."


def test_the_rows_of_a_table_stay_rows() -> None:
    def draw(canvas: Canvas) -> None:
        for number, row in enumerate([("Ward", "Yes", "No"), ("Upper valley", "5", "1"), ("Lower valley", "4", "3")]):
            for x, cell in zip((72, 250, 400), row, strict=True):
                canvas.drawString(x, TOP - number * LEADING, cell)

    assert paragraphs(load(pdf(draw), "mill.pdf")) == ["Ward  Yes  No", "Upper valley  5  1", "Lower valley  4  3"]


def test_a_page_set_sideways_is_read_upright() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(500, 0)
        canvas.rotate(90)
        typed(lines_of(LAMP), top=300)(canvas)

    assert load(pdf(draw), "mill.pdf").text == LAMP


def test_text_in_a_form_is_read_where_the_form_is_drawn() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("paragraph")
        canvas.setFont("Times-Roman", SIZE)
        typed(lines_of(WEIR), top=0)(canvas)
        canvas.endForm()
        canvas.saveState()
        canvas.translate(0, TOP - 100)
        canvas.doForm("paragraph")
        canvas.restoreState()
        typed(lines_of(LAMP))(canvas)

    assert paragraphs(load(pdf(draw), "mill.pdf")) == [LAMP, WEIR]


# Columns


def side_by_side(
    *columns: str, lefts: Sequence[float] = (72, 310), top: float = 700, wide: int = 38
) -> Callable[[Canvas], None]:
    """Draws the columns row by row across all of them: the order in which no one reads."""
    wrapped = [lines_of(column, wide) for column in columns]

    def draw(canvas: Canvas) -> None:
        for row in range(max(map(len, wrapped))):
            for left, lines in zip(lefts, wrapped, strict=True):
                if row < len(lines):
                    canvas.drawString(left, top - row * LEADING, lines[row])

    return draw


def test_two_columns_that_are_drawn_row_by_row_are_read_one_after_the_other() -> None:
    document = load(pdf(side_by_side(f"{LAMP} {WEIR}", f"{VOTE} {LAMP}")), "mill.pdf")
    assert document.text == f"{LAMP} {WEIR}\n\n{VOTE} {LAMP}"


def test_columns_whose_lines_are_not_level_are_told_apart_too() -> None:
    left, right = lines_of(f"{LAMP} {WEIR}", 38), lines_of(f"{VOTE} {LAMP}", 38)
    draw = together(typed(right, left=310, top=697, leading=13), typed(left, left=72, top=700))
    assert load(pdf(draw), "mill.pdf").text == f"{LAMP} {WEIR}\n\n{VOTE} {LAMP}"


def test_three_columns_are_read_from_left_to_right() -> None:
    draw = side_by_side(f"{LAMP} {WEIR}", f"{VOTE} {LAMP}", f"{WEIR} {VOTE}", lefts=(50, 225, 400), wide=28)
    assert load(pdf(draw), "mill.pdf").text == f"{LAMP} {WEIR}\n\n{VOTE} {LAMP}\n\n{WEIR} {VOTE}"


def test_what_stands_across_both_columns_is_read_where_it_stands() -> None:
    def headline(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 20)
        canvas.drawCentredString(297, 770, "Mill burns for three days and nights on end")
        canvas.setFont("Times-Roman", SIZE)

    across = "A line that goes across both of the columns and parts what is above it from what is below it"
    draw = together(
        headline,
        side_by_side(LAMP, WEIR, top=730),
        typed([across], top=580),
        side_by_side(VOTE, LAMP, top=550),
    )
    expected = ["Mill burns for three days and nights on end", LAMP, WEIR, across, VOTE, LAMP]
    assert paragraphs(load(pdf(draw), "mill.pdf")) == expected


def test_a_sentence_that_goes_on_in_the_next_column_is_whole() -> None:
    words = f"{LAMP} {WEIR} {VOTE}"
    lines = lines_of(words, 38)
    half = len(lines) // 2
    draw = together(typed(lines[:half]), typed(lines[half:], left=310))
    assert not lines[half - 1].endswith(".")
    assert load(pdf(draw), "mill.pdf").text == words


# Pages and furniture


def report(*, pages: int = 4) -> bytes:
    """Pages with a running header and a page number; a paragraph runs over every border between two."""
    lines = [line for _ in range(3) for each in (LAMP, WEIR, VOTE) for line in lines_of(each, 70)]
    step = 5
    sheets = [lines[at : at + step] for at in range(0, step * pages, step)]
    return pdf(
        *(
            together(
                footer("Valley Council · Report on the mill", 810), typed(sheet), footer(f"Page {number} of {pages}")
            )
            for number, sheet in enumerate(sheets, start=1)
        )
    )


def test_running_headers_and_page_numbers_are_furniture() -> None:
    document = load(report(), "mill.pdf")
    assert sorted(furniture(document)) == sorted(
        [*["Valley Council · Report on the mill"] * 4, *(f"Page {number} of 4" for number in range(1, 5))]
    )
    assert document.header.title is None  # the running header is none


def test_pages_cover_the_text_and_say_where_each_word_stands() -> None:
    document = load(report(), "mill.pdf")
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    borders = [(page.span.start, page.span.end) for page in document.pages]
    assert (borders[0][0], borders[-1][1]) == (0, len(document.text))
    assert all(before[1] == after[0] for before, after in pairwise(borders))
    reader = PdfReader(BytesIO(report()))
    for page in document.pages:
        ours = document.text[page.span.start : page.span.end].split()
        assert sorted(ours) == sorted(reader.pages[page.number - 1].extract_text().split())


def test_a_paragraph_that_runs_over_a_page_is_whole_and_its_passages_know_both_pages() -> None:
    document = load(report(), "mill.pdf")
    kept = [each for each in paragraphs(document) if each not in furniture(document)]
    assert kept == [LAMP, WEIR, VOTE, LAMP, WEIR, VOTE, kept[-1]]
    # Lines 1 to 5 stand on page 1: the second line of the second paragraph is the last but one of them.
    passage = split(document, count=lambda text: len(text.split()), budget=256)[0]
    start = document.text.index(lines_of(WEIR, 70)[0])
    assert {page.number for page in document.pages if page.span.overlaps(Span(start, start + len(WEIR)))} == {1, 2}
    assert WEIR in passage.text


@pytest.mark.parametrize("form", ["{}", "- {} -", "– {} –", "Page {}", "{} / 3", "p. {}", "[{}]", "{} | Page"])
def test_page_numbers_come_in_many_forms(form: str) -> None:
    pages = [together(typed(lines_of(text)), footer(form.format(n))) for n, text in enumerate((LAMP, WEIR, VOTE), 1)]
    document = load(pdf(*pages), "mill.pdf")
    assert furniture(document) == [form.format(number) for number in (1, 2, 3)]
    assert [each for each in paragraphs(document) if each not in furniture(document)] == [LAMP, WEIR, VOTE]


def test_roman_page_numbers_are_furniture() -> None:
    pages = [together(typed(lines_of(text)), footer(n)) for n, text in (("i", LAMP), ("ii", WEIR), ("iv", VOTE))]
    assert furniture(load(pdf(*pages), "mill.pdf")) == ["i", "ii", "iv"]


def test_left_and_right_pages_have_running_headers_of_their_own() -> None:
    heads = ["The Valley Council", "Report on the mill"] * 3
    pages = [
        together(footer(head, 810), typed(lines_of(text)))
        for head, text in zip(heads, [LAMP, WEIR, VOTE] * 2, strict=True)
    ]
    assert furniture(load(pdf(*pages), "mill.pdf")) == heads


def test_a_line_of_text_that_returns_in_mid_page_is_text() -> None:
    pages = [
        typed([*lines_of(text), *["The bell rang"] * (n == 1), *lines_of(LAMP)]) for n, text in ((1, WEIR), (2, VOTE))
    ]
    assert furniture(load(pdf(*pages), "mill.pdf")) == []


def test_the_headline_that_the_running_header_repeats_is_text() -> None:
    def first(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 20)
        canvas.drawString(LEFT, TOP, "Report on the mill")
        canvas.setFont("Times-Roman", SIZE)
        typed(lines_of(LAMP), top=TOP - 40)(canvas)

    later = [together(footer("Report on the mill", 810), typed(lines_of(text))) for text in (WEIR, VOTE)]
    document = load(pdf(first, *later), "mill.pdf")
    assert document.header.title == "Report on the mill"
    assert furniture(document) == ["Report on the mill"] * 2
    assert document.furniture[0].start > document.text.index(LAMP)


def test_a_watermark_across_the_page_is_furniture() -> None:
    def draft(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.translate(200, 400)
        canvas.rotate(45)
        canvas.drawString(0, 0, "DRAFT")
        canvas.restoreState()

    document = load(pdf(together(draft, typed(lines_of(LAMP)))), "mill.pdf")
    assert (paragraphs(document), furniture(document)) == ([LAMP, "DRAFT"], ["DRAFT"])


def test_what_the_file_marks_as_no_part_of_the_text_is_furniture() -> None:
    def head(canvas: Canvas) -> None:
        cast(Any, canvas)._code.append("/Artifact <</Type /Pagination>> BDC")
        canvas.drawString(LEFT, TOP + LEADING, "Valley Council")
        cast(Any, canvas)._code.append("EMC")

    document = load(pdf(together(head, typed(lines_of(LAMP)))), "mill.pdf")
    assert (paragraphs(document), furniture(document)) == (["Valley Council", LAMP], ["Valley Council"])


def test_an_empty_page_keeps_its_number() -> None:
    document = load(pdf(typed(lines_of(LAMP)), lambda canvas: None, typed(lines_of(VOTE))), "mill.pdf")
    assert page_texts(document) == {1: f"{LAMP}\n\n", 3: VOTE}


# What the file says of itself


def test_title_and_author_of_the_properties_count_where_the_first_page_has_them() -> None:
    page = typed(["Mill burns for three days", "", "by Ada Orm", "", *lines_of(LAMP)])
    document = load(pdf(page, Title="Mill burns for three days", Author="Ada Orm"), "mill.pdf")
    assert (document.header.title, document.header.byline) == ("Mill burns for three days", "Ada Orm")
    assert document.origins["title"] == document.origins["byline"] == "the PDF's properties"
    assert document.header.published is None  # the day of the file is not that of the text


@pytest.mark.parametrize(
    "title", ["Microsoft Word - mill.docx", "mill_final.pdf", "untitled", "Minutes of the weir board", "mill", "…"]
)
def test_a_title_that_a_program_made_up_is_none(title: str) -> None:
    page = typed(["Mill burns for three days", "", *lines_of(LAMP)])
    document = load(pdf(page, Title=title, Author="The office"), "mill.pdf")
    assert (document.header.title, document.header.byline) == ("Mill burns for three days", None)


def test_attachments_are_not_read_and_said_to_be_there() -> None:
    writer = PdfWriter(clone_from=BytesIO(printed([[LAMP]])))
    writer.add_attachment("votes.csv", b"UNSEEN")
    writer.add_open_action(JavaScript("app.alert('UNSEEN');"))
    target = BytesIO()
    writer.write(target)
    document = load(target.getvalue(), "mill.pdf")
    assert document.text == LAMP
    assert document.notes == ("1 attachment not read: votes.csv",)


# What nobody sees


def white(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(LEFT, 500, "UNSEEN")
    canvas.setFillColorRGB(0, 0, 0)


def tiny(canvas: Canvas) -> None:
    canvas.setFont("Times-Roman", 1)
    canvas.drawString(LEFT, 500, "UNSEEN")
    canvas.setFont("Times-Roman", SIZE)


def outside(canvas: Canvas) -> None:
    canvas.drawString(2_000, 500, "UNSEEN")


def clear(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setFillAlpha(0)
    canvas.drawString(LEFT, 500, "UNSEEN")
    canvas.restoreState()


def invisible(canvas: Canvas) -> None:
    canvas.saveState()
    words = canvas.beginText(LEFT, 500)
    words.setTextRenderMode(3)
    words.textOut("UNSEEN")
    canvas.drawText(words)
    canvas.restoreState()


@pytest.mark.parametrize("hide", [white, tiny, outside, clear, invisible])
def test_hidden_text_is_left_out_and_counted(hide: Callable[[Canvas], None]) -> None:
    document = load(pdf(together(hide, typed(lines_of(LAMP)))), "mill.pdf")
    assert (document.text, document.notes) == (LAMP, ("6 hidden characters left out",))


def test_white_text_on_a_dark_ground_is_seen() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0, 0, 0.4)
        canvas.rect(60, 690, 480, 40, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(LEFT, 700, "The Mill Post")
        canvas.setFillColorRGB(0, 0, 0)
        typed(lines_of(LAMP), top=650)(canvas)

    assert paragraphs(load(pdf(draw), "mill.pdf")) == ["The Mill Post", LAMP]


def picture() -> ImageReader:
    return ImageReader(BytesIO(b"P5 2 2 255\n" + bytes([200, 90, 90, 200])))


def test_the_text_layer_of_a_scan_is_read() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 0, 0, 595, 842)
        words = canvas.beginText(LEFT, TOP)
        words.setFont("Times-Roman", SIZE)
        words.setTextRenderMode(3)
        for line in lines_of(LAMP):
            words.textLine(line)
        canvas.drawText(words)

    stamp = together(draw, lambda canvas: canvas.drawString(LEFT, 500, "Received"))
    assert load(pdf(draw), "mill.pdf").text == LAMP
    assert "Received" in load(pdf(stamp), "mill.pdf").text
    assert LAMP in load(pdf(stamp), "mill.pdf").text


# What is refused


def unmapped(text: str) -> bytes:
    """A page in a font that gives no letters for its shapes, but a private number each."""
    writer = PdfWriter(clone_from=BytesIO(printed([[text]])))
    names = ArrayObject([NumberObject(32), *(NameObject(f"/uniE{code:03X}") for code in range(32, 127))])
    encoding = {NameObject("/Type"): NameObject("/Encoding"), NameObject("/Differences"): names}
    for each in cast(Any, writer.pages[0]["/Resources"])["/Font"].values():
        font = each.get_object()
        font[NameObject("/Encoding")] = DictionaryObject(encoding)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def test_a_file_that_does_not_know_its_letters_is_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"^does not say which letters its shapes are: run OCR on it"):
        load(unmapped(LAMP), "mill.pdf")


def test_a_scan_without_a_text_layer_is_refused_with_a_way_out() -> None:
    with pytest.raises(UnreadableFile, match=r"^holds no text layer: run OCR on it \(for example ocrmypdf\)"):
        load(pdf(lambda canvas: canvas.drawImage(picture(), 0, 0, 595, 842)), "mill.pdf")


def test_a_page_that_is_only_a_picture_is_noted() -> None:
    data = pdf(typed(lines_of(LAMP)), lambda canvas: canvas.drawImage(picture(), 0, 0, 595, 842))
    assert load(data, "mill.pdf").notes == ("pictures without a text layer, not read: page 2",)


def locked(password: str, algorithm: str) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(printed([[LAMP]])))
    writer.encrypt(user_password=password, owner_password="weir", algorithm=algorithm)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_locked_file_is_refused_and_one_with_an_empty_password_read(algorithm: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^is locked with a password; save it without one$"):
        load(locked("mill", algorithm), "mill.pdf")
    assert load(locked("", algorithm), "mill.pdf").text == LAMP


def test_a_file_without_pages_is_refused() -> None:
    target = BytesIO()
    PdfWriter().write(target)
    with pytest.raises(UnreadableFile, match=r"^has no pages; get it again$"):
        load(target.getvalue(), "mill.pdf")


def test_a_file_of_too_many_pages_is_refused() -> None:
    writer = PdfWriter()
    for _ in range(MAX_PAGES + 1):
        writer.add_blank_page(10, 10)
    target = BytesIO()
    writer.write(target)
    with pytest.raises(UnreadableFile, match=r"^has 2,001 pages, over the limit of 2,000; split it$"):
        load(target.getvalue(), "mill.pdf")


@pytest.mark.parametrize("kept", [5, 20, 200, 0.3, 0.6, 0.9])
def test_a_file_that_breaks_off_is_refused_or_read_in_part(kept: float) -> None:
    data = printed([[LAMP], [WEIR], [VOTE]])
    broken = data[: kept if isinstance(kept, int) else int(kept * len(data))]
    try:
        found = paragraphs(load(broken, "mill.pdf"))
    except UnreadableFile:
        found = []
    assert set(found) <= {LAMP, WEIR, VOTE}


@pytest.mark.parametrize(
    "junk", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"<<" * 50_000, b"%PDF-1.4\nxref\n0 99999999\ntrailer <<>>\n"]
)
def test_junk_after_a_true_beginning_is_refused(junk: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"^is a damaged PDF|^has no pages"):
        load(junk, "mill.pdf")


def test_a_page_of_forms_that_draw_forms_without_end_is_left_out() -> None:
    def bomb(canvas: Canvas) -> None:
        for level in range(9):
            canvas.beginForm(f"form{level}")
            canvas.setFont("Times-Roman", SIZE)
            canvas.drawString(LEFT, 500, "UNSEEN")
            for _ in range(10 if level else 0):
                canvas.doForm(f"form{level - 1}")
            canvas.endForm()
        canvas.doForm("form8")

    document = load(pdf(typed(lines_of(LAMP)), bomb), "mill.pdf")
    assert (document.text, document.notes) == (LAMP, ("damaged and left out: page 2",))


@pytest.mark.parametrize(
    "operators", ["q " * 20_000, "/Artifact BMC " * 20_000, "0 0 m 1 1 l " * 20_000, "( " * 20_000]
)
def test_operators_without_end_do_not_keep_a_page_from_being_read(operators: str) -> None:
    def draw(canvas: Canvas) -> None:
        typed(lines_of(LAMP))(canvas)
        cast(Any, canvas)._code.append(operators)

    assert load(pdf(draw, typed(lines_of(VOTE))), "mill.pdf").text.endswith(VOTE)


def test_a_page_whose_stream_is_damaged_leaves_the_others() -> None:
    writer = PdfWriter(clone_from=BytesIO(printed([[LAMP], [WEIR]])))
    damaged = StreamObject()
    damaged.set_data(b"not compressed at all")
    damaged[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(damaged)
    target = BytesIO()
    writer.write(target)
    document = load(target.getvalue(), "mill.pdf")
    assert page_texts(document) == {2: WEIR}
