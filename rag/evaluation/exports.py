"""A summary as other tools read it: summary.json, scores.csv for spreadsheets, junit.xml for build servers.

Each is written whole or not at all.
"""

from __future__ import annotations

import csv
import io
import json
import re
from math import isfinite, isnan
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rag.evaluation.metrics.slices import turn
from rag.evaluation.run import write_whole
from rag.evaluation.summary import Asked, Summary

SUMMARY, SCORES, JUNIT = "summary.json", "scores.csv", "junit.xml"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet computes a cell that begins so
# What XML 1.0 cannot hold, even as a reference.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(summary: Summary) -> list[Path]:
    """All three into the run's folder; gives their paths. Raises BadInput where one cannot be written."""
    contents = {SUMMARY: as_json(summary), SCORES: as_csv(summary), JUNIT: as_junit(summary)}
    paths = []
    for name, content in contents.items():
        paths.append(summary.run.folder / name)
        write_whole(paths[-1], content)
    return paths


def as_json(summary: Summary) -> bytes:
    text = json.dumps(summary.to_json(), ensure_ascii=False, indent=2, allow_nan=False)
    return _encoded(text + "\n")


def as_csv(summary: Summary) -> bytes:
    """A line for each question; what could not be measured is "NaN". A text that a spreadsheet would take for a
    formula has an apostrophe before it, by which spreadsheets know a text."""
    lines = io.StringIO()
    table = csv.writer(lines)
    columns = ("id", "type", "answerable", "turn", "status", "question", "answer", "failed because", "lost")
    table.writerow([_text_cell(name) for name in (*columns, *summary.figures)])
    for asked in summary.asked:
        item = asked.item
        answerable = "" if item.answerable is None else str(item.answerable).lower()
        answer = str(asked.line.get("answer") or "")
        texts = (item.id, item.type, answerable, str(turn(item)), asked.status, item.question, answer)
        values = ["NaN" if isnan(value) else repr(value) for value in (asked.values[name] for name in summary.figures)]
        cells = (*texts, "; ".join(asked.reasons), asked.lost or "")
        table.writerow([*map(_text_cell, cells), *values])
    return _encoded(lines.getvalue())


def as_junit(summary: Summary) -> bytes:
    """A test case for each question: an error where asking failed, a failure with its reasons, skipped where the set
    does not tell what a right answer is."""
    cases = [_case(asked) for asked in summary.asked]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": f"{sum(map(_seconds, summary.asked)):.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "citedesk eval", **counts})
    name = _in_xml(Path(str((summary.run.manifest.get("questions") or {}).get("file") or "questions")).stem)
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, **counts})
    suite.extend(cases)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(asked: Asked) -> ElementTree.Element:
    item = asked.item
    suite = f"citedesk.{item.type or 'question'}"
    case = ElementTree.Element(
        "testcase",
        {
            "classname": _in_xml(suite),
            "name": _in_xml(f"{item.id}: {item.question}"),
            "time": f"{_seconds(asked):.3f}",
        },
    )
    if asked.failed:
        what = "error" if asked.lost in ("asking failed", "not asked") else "failure"
        told: dict[str, Any] = {"message": _in_xml("; ".join(asked.reasons)), "type": str(asked.lost)}
        ElementTree.SubElement(case, what, told).text = _in_xml(str(asked.line.get("answer") or ""))
    elif isnan(asked.values["hit"]):
        ElementTree.SubElement(case, "skipped", {"message": "the set does not tell what a right answer is"})
    return case


def _seconds(asked: Asked) -> float:
    spent = float(asked.line.get("latency_ms") or 0) / 1000
    return spent if isfinite(spent) else 0.0


def _text_cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _in_xml(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def _encoded(text: str) -> bytes:
    """Half a surrogate pair, which no encoding has, becomes an escape."""
    return text.encode("utf-8", errors="backslashreplace")
