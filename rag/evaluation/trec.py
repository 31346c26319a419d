"""TREC's formats: runs (``query Q0 document rank score tag``) and judgements (``query 0 document grade``), in and out.

trec_eval ignores the rank and orders equal scores by the document's name, so a run is written with scores that fall
strictly, in whole numbers: a ranking comes back as it was. Names cannot hold white space in these formats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import TypeVar

from corpus.errors import BadInput
from rag.evaluation.metrics.relevance import Relevance

Run = dict[str, dict[str, float]]  # query -> document -> score
Qrels = dict[str, dict[str, int]]  # query -> document -> grade

_Value = TypeVar("_Value", int, float)
_RUN_COLUMNS, _QRELS_COLUMNS = 6, 4


def read_run(path: Path) -> Run:
    """Raises BadInput, naming the line, where the file is no run or has a document twice for a query."""
    found: Run = {}
    for place, (query, _, document, _, score, _) in _rows(path, _RUN_COLUMNS, "query Q0 document rank score tag"):
        try:
            number = float(score)
        except ValueError:
            number = float("nan")
        if not isfinite(number):
            raise BadInput(f"{place}: the score must be a number, and is {score}")
        _put(found.setdefault(query, {}), document, number, place, query)
    return found


def write_run(path: Path, rankings: Mapping[str, Sequence[str]], *, tag: str) -> None:
    """One line for each document of each query's ranking; the first has the highest score, the last has 1."""
    _write(
        path,
        (
            (query, "Q0", document, str(rank), str(len(ranking) - rank + 1), tag)
            for query, ranking in rankings.items()
            for rank, document in enumerate(ranking, start=1)
        ),
    )


def read_qrels(path: Path) -> Qrels:
    """Raises BadInput, naming the line, where the file is none of judgements or judges a document twice."""
    found: Qrels = {}
    for place, (query, _, document, grade) in _rows(path, _QRELS_COLUMNS, "query 0 document grade"):
        try:
            number = int(grade)
        except ValueError:
            raise BadInput(f"{place}: the grade must be a whole number, and is {grade}") from None
        _put(found.setdefault(query, {}), document, number, place, query)
    return found


def write_qrels(path: Path, qrels: Mapping[str, Relevance]) -> None:
    _write(
        path,
        (
            (query, "0", document, str(grade))
            for query, relevance in qrels.items()
            for document, grade in relevance.items()
        ),
    )


def _rows(path: Path, columns: int, form: str) -> Iterator[tuple[str, list[str]]]:
    """Each line's place, for messages, and its columns."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                row = line.split()
                if not row:
                    continue
                place = f"{path}, line {number}"
                if len(row) != columns:
                    raise BadInput(f"{place}: has {len(row)} columns and needs {columns}: {form}")
                yield place, row
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def _put(documents: dict[str, _Value], document: str, value: _Value, place: str, query: str) -> None:
    if document in documents:
        raise BadInput(f"{place}: {document} is there twice for query {query}; keep one")
    documents[document] = value


def _write(path: Path, rows: Iterator[tuple[str, ...]]) -> None:
    try:
        with path.open("w", encoding="utf-8") as file:
            for row in rows:
                for value in row:
                    if not value or value.split() != [value]:
                        raise BadInput(f"{value!r} cannot be written to {path}: TREC's names hold no white space")
                file.write(" ".join(row) + "\n")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}") from error
