"""Tables of articles, comma or tab separated: one article per row, called after the row: ``file.csv#12``."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator

from corpus.decoding import decode
from corpus.errors import UnreadableFile
from corpus.limits import MAX_CHARACTERS
from corpus.loaders import record
from corpus.loaders.member import Member

_SEPARATORS = ",;\t|"
_NAMED_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?\s*$', re.IGNORECASE)  # a first line that only Excel knows


def members(data: bytes, name: str) -> Iterator[Member]:
    """A record per row under the header row; row 1 is the first under it.

    Raises UnreadableFile for a table without a column that holds text.
    """
    text, notes = decode(data)
    lines = text.splitlines(keepends=True)
    named = _NAMED_SEPARATOR.match(lines[0]) if lines else None
    if named:
        del lines[0]
    head = lines[0] if lines else ""
    separator = named[1] if named else max(_SEPARATORS, key=head.count)
    csv.field_size_limit(MAX_CHARACTERS)
    rows = csv.DictReader(lines, delimiter=separator, restkey="")
    names = list(rows.fieldnames or [])
    if not record.has_text_field(names):
        raise UnreadableFile(
            f"has no column of text; name one body or text (its columns: {', '.join(n for n in names if n) or 'none'})"
        )
    try:
        for number, row in enumerate(rows, start=1):
            values = {key: value for key, value in row.items() if key}
            row_data = json.dumps(values, ensure_ascii=False).encode()
            yield Member(f"{name}#{number}", ".json", row_data, notes=tuple(notes))
    except csv.Error as error:
        raise UnreadableFile(f"is no table that can be read, at line {rows.line_num}: {error}") from error
