"""``manifest.csv``: what a person says of the files beside it, which counts for more than what they say themselves.

Columns: file, title, outlet, author, published, url; all but the first may be missing or empty.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from corpus.dates import written_date
from corpus.decoding import decode
from corpus.document import Field, Header
from corpus.errors import BadInput

FILE_NAME = "manifest.csv"
_COLUMNS = {
    "title": "title",
    "outlet": "outlet",
    "author": "byline",
    "published": "published",
    "url": "url",
    "language": "language",
}
_FORMULA = ("=", "+", "-", "@")  # how a cell begins that a spreadsheet would carry out


@dataclass(frozen=True)
class Manifest:
    """Fields of the header by file, as a path relative to the manifest's folder with forward slashes."""

    rows: Mapping[str, Mapping[str, Field]]

    @classmethod
    def parse(cls, data: bytes) -> Manifest:
        """Raises BadInput for a table without the column ``file``, with one we do not know, or with no date as date."""
        text, _ = decode(data)
        table = csv.DictReader(StringIO(text, newline=""), restkey="")
        names = [name.strip().lower() for name in table.fieldnames or []]
        if "file" not in names:
            raise BadInput(f"{FILE_NAME} has no column named file; it has: {', '.join(names) or 'nothing'}")
        if unknown := [name for name in names if name not in ("file", "", *_COLUMNS)]:
            known = ", ".join(("file", *_COLUMNS))
            raise BadInput(f"{FILE_NAME} has a column {unknown[0]!r} that means nothing here; known: {known}")
        rows = {}
        for row in table:
            values = {(key or "").strip().lower(): " ".join(value.split()) for key, value in row.items() if
                      isinstance(value, str)}  # fmt: skip
            if file := _unquoted(values.pop("file", "")):
                rows[file.removeprefix("./").replace("\\", "/")] = _fields(file, values)
        return cls(rows)

    def fields_of(self, file: str) -> Mapping[str, Field]:
        return self.rows.get(file, {})


def _fields(file: str, values: Mapping[str, str]) -> dict[str, Field]:
    fields = {}
    for column, field in _COLUMNS.items():
        value: str | None = _unquoted(values.get(column, ""))
        if column == "published" and value:
            given, value = value, written_date(value)
            if value is None:
                raise BadInput(f"{FILE_NAME} gives {file!r} the date {given!r}; write 2022-01-06, 2022-01 or 2022")
        if value:
            fields[field] = Field(value, FILE_NAME)
    return fields


def written(headers: Mapping[str, Header]) -> str:
    """The manifest of files and the headers of their documents, as ``parse`` reads it."""
    out = StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["file", *_COLUMNS])
    for file, header in headers.items():
        cells = [file, *(getattr(header, field) or "" for field in _COLUMNS.values())]
        table.writerow([_quoted(cell) for cell in cells])
    return out.getvalue()


def _quoted(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unquoted(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell
