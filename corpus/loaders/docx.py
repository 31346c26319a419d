"""Word documents: paragraphs and tables in their order, by python-docx; this file is its only home.

The body is walked element by element: python-docx's own iteration leaves out what stands in content controls
and in tracked insertions. Headers, footers, text boxes, notes and comments are not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from corpus.document import Document, Field, Span
from corpus.errors import UnreadableFile
from corpus.loaders.breaks import joined
from corpus.loaders.marked import understand_unmarked
from corpus.loaders.zipped import open_checked, unpacked

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # also what an encrypted .docx is wrapped in
_ENCODING = re.compile(rb"^<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w-]{1,40})[\"']")
_ENCODINGS = (b"utf-8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252")
_WITHOUT_TEXT = {  # moved away, deleted, drawn, or what a field is computed from
    f"{_W}{name}"
    for name in ("del", "moveFrom", "drawing", "pict", "object", "instrText", "delText", "pPr", "rPr", "sdtPr", "tblPr")
} | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"}
_COUNTED = {
    f"{_W}footnoteReference": "footnote",
    f"{_W}endnoteReference": "endnote",
    f"{_W}commentReference": "comment",
    f"{_W}altChunk": "embedded file",
}
_STYLE_DEPTH = 20
_TINY_HALF_POINTS = 4
_NAME_CHARACTERS = 40  # a column's name is no longer
_TITLE_PARAGRAPHS = 10  # where a title stands
_BYLINE_CHARACTERS = 1_500
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)\]]*$")
_NUMBER = re.compile(r"[\W\d]*\d[\W\d]*")


@dataclass(frozen=True)
class _Paragraph:
    text: str
    style: str = ""
    is_bold: bool = False


@dataclass(frozen=True)
class _Row:
    """The cells of a table's row by column, and whether they are marked to be names of columns."""

    cells: dict[int, tuple[_Paragraph, ...]]
    is_marked: bool

    def texts(self) -> dict[int, str]:
        joined = {column: " ".join(each.text for each in cell) for column, cell in self.cells.items()}
        return {column: " ".join(text.split()) for column, text in joined.items() if text.strip()}

    def is_bold(self) -> bool:
        return all(each.is_bold for cell in self.cells.values() for each in cell)


def load(data: bytes, name: str) -> Document:
    """The body's text as a reader sees it: one line per paragraph, one per row of a table.

    Raises UnreadableFile for a document that is locked, damaged or past the limits of an archive.
    """
    import docx

    if data.startswith(_OLD_OFFICE):
        raise UnreadableFile("is locked with a password, or an old Office document; save it as .docx without one")
    _check_xml(data)
    with _translating():
        word = docx.Document(BytesIO(data))
        reading = _Reading(word)
        paragraphs = [each for each in reading.paragraphs(word.element.body) if each.text]
        text, contents = _written(paragraphs)
        stated = _stated(word, paragraphs, text)
    return understand_unmarked(text, name, stated=stated, marked=contents, notes=reading.notes())


@contextmanager
def _translating() -> Iterator[None]:
    """python-docx meets damage with whatever its code stumbles over: every such exception becomes one of ours."""
    try:
        yield
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise UnreadableFile(f"is a damaged Word document ({reason}); open it in Word and save it anew") from error


def _check_xml(data: bytes) -> None:
    """Refuses what no Word document needs and a parser can be attacked with: entities, and odd encodings."""
    with open_checked(data) as archive:
        for member in archive.infolist():
            if not member.filename.lower().endswith((".xml", ".rels")):
                continue
            # Without its zero bytes UTF-16 shows the same signs.
            content = unpacked(archive, member).removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe").replace(b"\0", b"")
            encoding = _ENCODING.match(content)
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
                raise UnreadableFile(f"declares entities in {member.filename}, as no Word document does; save it anew")
            if content and not content.lstrip().startswith(b"<"):
                raise UnreadableFile(f"is a damaged Word document: {member.filename} is no XML; save it anew")
            if encoding and encoding[1].lower() not in _ENCODINGS:
                raise UnreadableFile(f"has {member.filename} in a strange encoding; save it anew")


def _written(paragraphs: Sequence[_Paragraph]) -> tuple[str, list[Span]]:
    """The text, and the lines of its table of contents."""
    parts, contents, length = [], [], 0
    for paragraph in paragraphs:
        if paragraph.style.startswith("toc "):
            contents.append(Span(length, length + len(paragraph.text)))
        parts.append(paragraph.text)
        length += len(paragraph.text) + 2
    return "\n\n".join(parts), contents


def _stated(word: WordDocument, paragraphs: Sequence[_Paragraph], text: str) -> dict[str, Field]:
    """The title that is set as one, or the one in the properties if it stands at the top; likewise the author."""
    stated = {}
    top = paragraphs[:_TITLE_PARAGRAPHS]
    styled = next((each.text for style in ("title", "heading 1") for each in top if each.style == style), None)
    properties = word.core_properties
    title = " ".join((properties.title or "").split())
    if styled and "\n" not in styled:
        stated["title"] = Field(styled, "the paragraph styled as title")
    elif title and any(" ".join(each.text.split()).casefold() == title.casefold() for each in top):
        stated["title"] = Field(title, "the document's properties")
    author = " ".join((properties.author or "").split())
    if " " in author and author in text[:_BYLINE_CHARACTERS]:
        stated["byline"] = Field(author, "the document's properties")
    return stated


class _Reading:
    """Reads the body, and counts what it leaves out."""

    def __init__(self, word: WordDocument) -> None:
        self._styles = {style.get(f"{_W}styleId"): style for style in word.styles.element.iter(f"{_W}style")}
        self._left_out: Counter[str] = Counter()

    def notes(self) -> list[str]:
        return [
            f"{count:,} {what} left out" if count == 1 else f"{count:,} {what}s left out"
            for what, count in self._left_out.items()
        ]

    def paragraphs(self, element: Any) -> Iterator[_Paragraph]:
        """What stands in the body, a cell or a content control, in order."""
        for child in element:
            if child.tag == f"{_W}p":
                yield self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif child.tag in _COUNTED:
                self._left_out[_COUNTED[child.tag]] += 1
            elif isinstance(child.tag, str) and child.tag not in _WITHOUT_TEXT:
                yield from self.paragraphs(child)

    def _paragraph(self, element: Any) -> _Paragraph:
        style = element.find(f"{_W}pPr/{_W}pStyle")
        styles = list(self._styles_of(style.get(f"{_W}val") if style is not None else None))
        hidden_by_style = any(_is_on(each.find(f"{_W}rPr/{_W}vanish")) for each in styles)
        named = styles[0].find(f"{_W}name") if styles else None
        lines = [""]
        bold = plain = 0
        for run in self._runs(element):
            text, is_bold = self._run(run, hidden_by_style)
            bold, plain = (bold + len(text.strip()), plain) if is_bold else (bold, plain + len(text.strip()))
            first, *rest = text.split("\n")
            lines[-1] += first
            lines += rest
        return _Paragraph(
            joined(lines), (named.get(f"{_W}val") or "").lower() if named is not None else "", bold > 0 == plain
        )

    def _styles_of(self, style_id: str | None) -> Iterator[Any]:
        """The style and those that it is based on."""
        for _ in range(_STYLE_DEPTH):
            style = self._styles.get(style_id)
            if style is None:
                return
            yield style
            based_on = style.find(f"{_W}basedOn")
            if based_on is None:
                return
            style_id = based_on.get(f"{_W}val")

    def _runs(self, element: Any) -> Iterator[Any]:
        for child in element:
            if child.tag == f"{_W}r":
                yield child
            elif isinstance(child.tag, str) and child.tag not in _WITHOUT_TEXT:
                yield from self._runs(child)

    def _run(self, run: Any, hidden: bool) -> tuple[str, bool]:
        """The text of a run, a break in it as a line's end, and whether it is bold; nothing where it is hidden."""
        text = ""
        for child in run:
            if child.tag == f"{_W}t":
                text += (child.text or "").replace("\u00ad", "")
            elif child.tag in (f"{_W}tab", f"{_W}ptab"):
                text += " "
            elif child.tag in (f"{_W}br", f"{_W}cr"):
                text += "\n"
            elif child.tag == f"{_W}noBreakHyphen":
                text += "-"
            elif child.tag in _COUNTED:
                self._left_out[_COUNTED[child.tag]] += 1
        own = run.find(f"{_W}rPr/{_W}rStyle")
        styles = list(self._styles_of(own.get(f"{_W}val"))) if own is not None else []
        settings = [run, *styles]
        vanish = next((found for each in settings if (found := each.find(f"{_W}rPr/{_W}vanish")) is not None), None)
        size = next((found for each in settings if (found := each.find(f"{_W}rPr/{_W}sz")) is not None), None)
        is_tiny = (
            size is not None
            and (size.get(f"{_W}val") or "").isdigit()
            and int(size.get(f"{_W}val")) < _TINY_HALF_POINTS
        )
        if is_tiny or (hidden if vanish is None else _is_on(vanish)):
            self._left_out["hidden character"] += len(text.strip())
            return "", False
        return text, _is_on(run.find(f"{_W}rPr/{_W}b"))

    def _table(self, table: Any) -> Iterator[_Paragraph]:
        """A line per row with the names of its columns; a table that only arranges text, as that text."""
        rows = [self._row(row) for row in _rows(table)]
        rows = [row for row in rows if row.cells]
        is_frame = all(len(row.cells) == 1 for row in rows) or any(
            True for _ in table.iterfind(f"{_W}tr/{_W}tc//{_W}tbl")
        )
        if is_frame:
            for row in rows:
                for cell in row.cells.values():
                    yield from cell
            return
        names = _names(rows)
        for row in rows[1:] if names and len(rows) > 1 else rows:
            cells = row.texts()
            if names and len(rows) > 1:
                yield _Paragraph(
                    "; ".join(f"{names[at]}: {cell}" if at in names else cell for at, cell in cells.items())
                )
            else:
                yield _Paragraph(" | ".join(cells.values()))

    def _row(self, row: Any) -> _Row:
        cells = {}
        column = 0
        for cell in _cells(row):
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            if merge is None or merge.get(f"{_W}val") == "restart":
                cells[column] = tuple(each for each in self.paragraphs(cell) if each.text)
            width = (span.get(f"{_W}val") or "") if span is not None else ""
            column += int(width) if width.isdigit() and len(width) < 4 else 1
        return _Row(cells, _is_on(row.find(f"{_W}trPr/{_W}tblHeader")))


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == f"{_W}tr":
            if child.find(f"{_W}trPr/{_W}del") is None:
                yield child
        elif isinstance(child.tag, str) and child.tag not in _WITHOUT_TEXT:  # a content control around rows
            yield from _rows(child)


def _cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == f"{_W}tc":
            yield child
        elif isinstance(child.tag, str) and child.tag not in _WITHOUT_TEXT:
            yield from _cells(child)


def _names(rows: Sequence[_Row]) -> dict[int, str]:
    """The names of the columns, where the first row is made of such: short, each another, and unlike the rest.

    Two columns are as often a name and its value in each row: there the first row must be marked, bold, or
    stand over numbers.
    """
    first, *rest = rows
    names = first.texts()
    is_name = all(len(text) <= _NAME_CHARACTERS and not _SENTENCE_END.search(text) for text in names.values())
    if len(names) < max(len(first.cells), 2) or len(set(names.values())) < len(names) or not is_name:
        return {}
    if first.is_marked:
        return names
    if any(_NUMBER.fullmatch(text) for text in names.values()):
        return {}
    below = [row.texts() for row in rest]
    over_numbers = any(below and all(_NUMBER.fullmatch(row.get(at, "")) for row in below) for at in names)
    is_set_apart = first.is_bold() and not any(row.is_bold() for row in rest)
    return names if len(names) > 2 or over_numbers or is_set_apart else {}


def _is_on(setting: Any) -> bool:
    return setting is not None and setting.get(f"{_W}val") not in ("0", "false", "off", "none")
