"""BEIR's form of a public set: corpus.jsonl, queries.jsonl and the judgements in qrels/test.tsv."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from corpus.errors import BadInput
from rag.answer import Turn
from rag.evaluation.trec import Qrels

_FORM = "a set in BEIR form is a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv"
_Row = TypeVar("_Row")
_COLUMNS = ("query-id", "corpus-id", "score")


@dataclass(frozen=True)
class Text:
    """A document of the corpus; ``title`` may be empty, and so may ``text``."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Beir:
    """The documents in their order, each query's text by its id, and the grades of what was judged.

    ``histories`` are the conversations in which queries were asked, oldest turn first, for those that have one.
    """

    documents: list[Text]
    queries: dict[str, str]
    qrels: Qrels
    histories: dict[str, list[Turn]] = field(default_factory=dict)


def read(folder: Path) -> Beir:
    """Raises BadInput, naming the file and line, where something is missing or cannot be understood.

    Judgements of documents that the corpus lacks are kept: a system cannot find those, and that counts.
    """
    documents = list(_rows(folder / "corpus.jsonl", _text))
    queries: dict[str, str] = {}
    histories: dict[str, list[Turn]] = {}
    for query, text, history in _rows(folder / "queries.jsonl", _query):
        queries[query] = text
        if history:
            histories[query] = history
    qrels = _qrels(folder / "qrels" / "test.tsv")
    if len({document.id for document in documents}) < len(documents):
        raise BadInput(f"{folder / 'corpus.jsonl'} has documents of the same _id; each needs one of its own")
    if missing := qrels.keys() - queries.keys():
        raise BadInput(f"{folder}: qrels judge queries that queries.jsonl lacks: {', '.join(sorted(missing)[:3])}")
    return Beir(documents, queries, qrels, histories)


def read_qrels(folder: Path) -> Qrels:
    """The judgements alone."""
    return _qrels(folder / "qrels" / "test.tsv")


def _qrels(path: Path) -> Qrels:
    found: Qrels = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if absent := [column for column in _COLUMNS if column not in (rows.fieldnames or ())]:
                raise BadInput(f"{path} has no column {' or '.join(absent)}; its first line must name them")
            for row in rows:
                query, document, grade = (row[column] for column in _COLUMNS)
                try:
                    found.setdefault(query, {})[document] = int(grade)
                except (TypeError, ValueError):
                    raise BadInput(f"{path}, line {rows.line_num}: the score must be a whole number") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read ({error}); {_FORM}") from error
    if not found:
        raise BadInput(f"{path} judges nothing")
    return found


def _rows(path: Path, read_row: Callable[[dict[str, Any]], _Row]) -> Iterator[_Row]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    yield read_row(json.loads(line))
                except (ValueError, KeyError, TypeError, AttributeError) as error:  # also json.JSONDecodeError
                    raise BadInput(f"{path}, line {number}: needs an object with _id and text ({error})") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read ({error}); {_FORM}") from error


def _text(row: dict[str, Any]) -> Text:
    return Text(_string(row, "_id"), str(row.get("title") or ""), _string(row, "text"))


def _query(row: dict[str, Any]) -> tuple[str, str, list[Turn]]:
    return _string(row, "_id"), _string(row, "text"), _turns((row.get("metadata") or {}).get("history") or [])


def _turns(history: list[Any]) -> list[Turn]:
    """From pairs such as ["user", "Where?"]; whatever another says after the user is the answer."""
    turns: list[Turn] = []
    for speaker, text in history:
        if not isinstance(text, str):
            raise TypeError("metadata.history must be a list of pairs: who speaks, and what")
        if speaker == "user":
            turns.append(Turn(text, ""))
        elif turns:
            turns[-1] = Turn(turns[-1].question, f"{turns[-1].answer} {text}".strip())
    return turns


def _string(row: dict[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} must be a string")
    return value
