"""The rows of a question set's file, whatever form it has: JSONL, a JSON list, SQuAD's nesting, CSV, TSV, a plain list.

Knows files and where in them a row stands. Does not know what the columns of a row mean: ``rag/evaluation/items.py``.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import BadInput

_LISTS = ("data", "questions", "items", "examples", "rows")  # what an object calls the list of questions in it
_JSON_LINES, _TABLES, _PLAIN = (".jsonl", ".ndjson"), {".csv": ",", ".tsv": "\t"}, (".txt", ".md")
_KEY = re.compile(r"[\s-]+")


@dataclass(frozen=True)
class Row:
    """One row; ``place`` says where it stands, "line 3", ``values`` are its columns by name in small letters."""

    place: str
    values: Mapping[str, Any]


def read(path: Path) -> list[Row]:
    """The rows of a file, in order. The ending of its name tells the form, else its first character.

    Raises BadInput, naming file and place, for what cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}; name a question set in UTF-8") from error
    ending = path.suffix.lower()
    begins_like_json = text.lstrip()[:1] in ("{", "[")
    if ending in _TABLES:
        return list(_of_table(path, text, _TABLES[ending]))
    if ending in _JSON_LINES:
        return list(_of_lines(path, text))
    if ending == ".json" or begins_like_json:
        return _of_json(path, text)
    if ending in _PLAIN or not ending:
        lines = enumerate(text.split("\n"), start=1)
        return [Row(f"line {n}", {"question": line.strip()}) for n, line in lines if line.strip()]
    raise BadInput(f"{path} ends in {ending}; a question set is .jsonl, .json, .csv, .tsv, or .txt with one a line")


def _of_json(path: Path, text: str) -> list[Row]:
    """A document of JSON; where there are several, one on each line."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if len(text.split("\n", 2)) > 1 and text.lstrip()[:1] == "{":
            return list(_of_lines(path, text))
        raise BadInput(f"{path} is no JSON ({error}); mend it, or write one JSON object on each line") from error
    if isinstance(document, dict):
        named = next((name for name in _LISTS if isinstance(document.get(name), list)), None)
        if named is None:
            return [_row(path, "the only object", document)]
        document = document[named]
    if not isinstance(document, list):
        raise BadInput(f"{path} holds {kind_of(document)}; a question set is a list of objects, or an object with one")
    return [row for n, entry in enumerate(document, start=1) for row in _of_entry(path, f"entry {n}", entry)]


def _of_entry(path: Path, place: str, entry: Any) -> Iterator[Row]:
    if isinstance(entry, str):
        yield Row(place, {"question": entry})
        return
    row = _row(path, place, entry)
    paragraphs = row.values.get("paragraphs")
    if not isinstance(paragraphs, list):
        yield row
        return
    for p, paragraph in enumerate(paragraphs, start=1):  # SQuAD: articles of paragraphs of questions
        asked = paragraph.get("qas") if isinstance(paragraph, dict) else None
        if not isinstance(asked, list):
            raise BadInput(f"{path}, {place}, paragraph {p}: has no list qas; SQuAD's form needs one in each paragraph")
        for q, question in enumerate(asked, start=1):
            found = _row(path, f"{place}, paragraph {p}, question {q}", question)
            title = {"title": row.values["title"]} if row.values.get("title") else {}
            yield Row(found.place, {**title, **found.values})


def _of_lines(path: Path, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):  # not splitlines(): U+2028 may be in a question
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{path}, {place}: needs an object with a question, as JSON ({error})") from error
        yield _row(path, place, value)


def _of_table(path: Path, text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        head = next(reader, [])
        keys = [_KEY.sub("_", name.strip().lower()) for name in head]
        if repeated := sorted({key for key in keys if key and keys.count(key) > 1}):
            raise BadInput(f"{path}, line 1: has the column {repeated[0]} twice; rename one")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"line {reader.line_num}"
            if len(cells) > len(keys):
                what = f"has {len(cells)} cells, and the first line names {len(keys)} columns"
                raise BadInput(f"{path}, {place}: {what}; put cells that hold a separator in quotation marks")
            filled = {key: cell.strip() for key, cell in zip(keys, cells, strict=False) if key and cell.strip()}
            yield Row(place, {key: _of_cell(path, f"{place}, {key}", cell) for key, cell in filled.items()})
    except csv.Error as error:
        raise BadInput(f"{path}, line {reader.line_num}: is no row of a table ({error}); mend it") from error


def _of_cell(path: Path, place: str, cell: str) -> Any:
    """A cell with a list in it is JSON, as no other way to write one in a table is agreed on."""
    if not (cell.startswith("[") and cell.endswith("]")):
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise BadInput(f'{path}, {place}: looks like a list but is no JSON ({error}); write ["a", "b"]') from error


def _row(path: Path, place: str, value: Any) -> Row:
    if not isinstance(value, dict):
        raise BadInput(f"{path}, {place}: needs an object with a question, and is {kind_of(value)}")
    return Row(place, {_KEY.sub("_", key.strip().lower()): each for key, each in value.items()})


def kind_of(value: Any) -> str:
    """What JSON calls a value, for messages."""
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
