"""PDF files: their text with page numbers, by pypdf; this folder is its only home.

pypdf parses the file and knows its fonts; ``canvas`` computes where each word stands, and ``layout`` makes lines,
columns and paragraphs of it. Pictures, scripts, forms and attachments are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from corpus.document import Document, Field
from corpus.errors import UnreadableFile
from corpus.loaders.layout import Sheet, flow
from corpus.loaders.marked import understand_unmarked
from corpus.loaders.pdf.canvas import Canvas, DrawnFont

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PAGES = 2_000
_UNREADABLE = 0.3  # share of characters without a meaning from which a text layer is none
_NO_TEXT = "holds no text layer: run OCR on it (for example ocrmypdf) and ingest the result"
_WORD = re.compile(r"\w+")
_NO_TITLE = re.compile(  # what programs write where a title should be
    r"^(?:untitled|document|microsoft \w+ - |powerpoint|presentation|slide)\b|\.[a-z]{2,5}$|^\W*$", re.IGNORECASE
)


def load(data: bytes, name: str) -> Document:
    """The text of all pages in reading order, running headers and page numbers marked as furniture.

    Raises UnreadableFile for a file that is locked, damaged, too long, or a scan without text.
    """
    with _translating("is a damaged PDF"):
        reader = _opened(data)
        attachments = _attachments(reader)
    sheets, notes = _sheets(reader)
    notes += _check_text(sheets)
    found = flow(sheets)
    first_page = found.text[: found.pages[0].span.end] if found.pages else ""
    with _translating("is a damaged PDF"):
        stated = _stated(reader, first_page)
    if attachments:
        notes.append(f"{_counted(len(attachments), 'attachment')} not read: {', '.join(attachments[:5])}")
    return understand_unmarked(found.text, name, stated=stated, marked=found.furniture, pages=found.pages, notes=notes)


@contextmanager
def _translating(what: str) -> Iterator[None]:
    """pypdf meets damage with whatever its code stumbles over: every such exception becomes one of ours."""
    try:
        yield
    except (UnreadableFile, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise UnreadableFile(f"{what} ({_reason(error)}); get it again, or print it to a new PDF") from error


def _reason(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _opened(data: bytes) -> PdfReader:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableFile("is locked with a password; save it without one")
    pages = len(reader.pages)
    if not pages:
        raise UnreadableFile("has no pages; get it again")
    if pages > MAX_PAGES:
        raise UnreadableFile(f"has {pages:,} pages, over the limit of {MAX_PAGES:,}; split it")
    return reader


def _attachments(reader: PdfReader) -> list[str]:
    return [attachment.name for attachment in reader.attachment_list]


def _sheets(reader: PdfReader) -> tuple[list[Sheet], list[str]]:
    """What stands on each page, and notes on what could not be read or cannot be seen."""
    sheets, hidden, lost = [], 0, 0
    empty: list[int] = []
    broken: list[int] = []
    fonts: dict[int, DrawnFont] = {}
    damage: UnreadableFile | None = None
    for number in range(1, len(reader.pages) + 1):
        try:
            with _translating("is a damaged PDF"):
                canvas = Canvas(reader, fonts)
                canvas.draw_page(reader.pages[number - 1])
        except UnreadableFile as error:
            broken.append(number)
            damage = error
            continue
        sheet, left_out = canvas.sheet(number)
        hidden += left_out
        lost += canvas.lost
        if not sheet.runs and canvas.has_pictures:
            empty.append(number)
        sheets.append(sheet)
    if damage is not None and not any(sheet.runs for sheet in sheets):
        raise damage
    notes = []
    if broken:
        notes.append(f"damaged and left out: {_page_list(broken)}")
    if empty and any(sheet.runs for sheet in sheets):
        notes.append(f"pictures without a text layer, not read: {_page_list(empty)}")
    if hidden:
        notes.append(f"{_counted(hidden, 'hidden character')} left out")
    if lost:
        notes.append(f"{_counted(lost, 'character')} in fonts that cannot be read left out")
    return sheets, notes


def _page_list(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
    return f"page {shown}" if len(numbers) == 1 else f"pages {shown}"


def _check_text(sheets: Sequence[Sheet]) -> list[str]:
    """Refuses pages without text, or with one that is no text; a note on characters that are none."""
    characters = sum(len(run.text) for sheet in sheets for run in sheet.runs)
    if not characters:
        raise UnreadableFile(_NO_TEXT)
    strange = sum(run.text.count("\ufffd") for sheet in sheets for run in sheet.runs)
    if strange > _UNREADABLE * characters:
        raise UnreadableFile(
            "does not say which letters its shapes are: run OCR on it (for example ocrmypdf --force-ocr) and "
            "ingest the result"
        )
    return [f"{_counted(strange, 'character')} without a meaning shown as \ufffd"] if strange else []


def _stated(reader: PdfReader, first_page: str) -> dict[str, Field]:
    """Title and author of the PDF's properties, where they stand on the first page too."""
    properties = reader.metadata
    if properties is None:
        return {}
    words = {word.casefold() for word in _WORD.findall(first_page)}
    stated = {}
    for name, value in (("title", properties.title), ("byline", properties.author)):
        given = " ".join(value.split()) if isinstance(value, str) else ""
        parts = {word.casefold() for word in _WORD.findall(given)}
        if len(parts) >= 2 and parts <= words and len(given) <= 300 and not _NO_TITLE.search(given):
            stated[name] = Field(given, "the PDF's properties")
    return stated
