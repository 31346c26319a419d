"""What the command line says: of an ingest a line for each file, as soon as all of it is known; JSON for programs."""

from __future__ import annotations

import json

import pytest

from rag.console import FileLines, file_text, show_json
from rag.keeping.report import Outcome


def said(*outcomes: Outcome) -> list[str]:
    lines: list[str] = []
    report = FileLines(lines.append)
    for outcome in outcomes:
        report.add(outcome)
    report.finish()
    return lines


def test_each_file_has_a_line_that_says_what_became_of_it() -> None:
    assert said(
        Outcome("weir.txt", "added", file="weir.txt"),
        Outcome("lock.txt", "updated", "not UTF-8: read as windows-1252", "lock.txt"),
        Outcome("copy.txt", "duplicate", "the same as weir.txt", "copy.txt"),
        Outcome("/x/photo.docx", "failed", "is a PNG image, not text", "photo.docx"),
    ) == [
        "added      weir.txt",
        "updated    lock.txt  (not UTF-8: read as windows-1252)",
        "duplicate  copy.txt  (the same as weir.txt)",
        "failed     /x/photo.docx is a PNG image, not text",
    ]


def test_a_file_of_several_documents_has_one_line_and_one_for_each_that_failed() -> None:
    assert said(
        Outcome("news.jsonl#1", "added", file="news.jsonl"),
        Outcome("news.jsonl#2", "failed", "has no text", "news.jsonl"),
        Outcome("news.jsonl#3", "unchanged", file="news.jsonl"),
        Outcome("weir.txt", "added", file="weir.txt"),
    ) == ["news.jsonl: 1 added, 1 unchanged, 1 failed\n  failed  news.jsonl#2 has no text", "added      weir.txt"]


def test_of_many_notes_on_one_file_the_first_are_shown() -> None:
    outcomes = [Outcome(f"news.jsonl#{n}", "added", "cut off by the archive", "news.jsonl") for n in range(1, 9)]
    assert file_text(outcomes).splitlines() == [
        "news.jsonl: 8 added",
        "  note    news.jsonl#1 cut off by the archive",
        "  note    news.jsonl#2 cut off by the archive",
        "  note    news.jsonl#3 cut off by the archive",
        "  and 5 more notes; --json gives them all",
    ]


def test_json_is_whole_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"text": "a\x1b[31m \x7f \x9b \u202e \u200b é “x”\n"}
    show_json(value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert "é “x”" in printed
    assert all(each.isprintable() or each == "\n" for each in printed)
