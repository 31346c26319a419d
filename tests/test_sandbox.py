"""Files are read in a child process: whatever they do there, they do to themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import psutil
import pytest

from corpus.errors import UnreadableFile
from corpus.reading import Direct
from corpus.sandbox import Sandbox

ARTICLE = (
    "Mill burns for three days\n\nBy Ada Orm | March 5, 2024 |\n\nThe mill burned. “The moon, I thought,” Orm said.\n"
)
LONG = "\n".join(f"“Word {i},” said Ada Orm of it." for i in range(300_000))  # takes half a minute to read


def test_a_document_comes_out_of_the_child_as_it_does_here() -> None:
    with Sandbox() as sandbox:
        assert list(sandbox.parts(ARTICLE.encode(), "mill.txt")) == list(Direct().parts(ARTICLE.encode(), "mill.txt"))


def test_one_child_reads_file_after_file() -> None:
    with Sandbox() as sandbox:
        read = [part.name for name in ("a.txt", "b.txt", "c.txt") for part in sandbox.parts(ARTICLE.encode(), name)]
    assert read == ["a.txt", "b.txt", "c.txt"]


def test_a_refusal_leaves_the_child_ready_for_the_next_file() -> None:
    with Sandbox() as sandbox:
        with pytest.raises(UnreadableFile, match="is a PNG image"):
            list(sandbox.parts(b"\x89PNG\r\n", "mill.docx"))
        assert len(list(sandbox.parts(ARTICLE.encode(), "mill.txt"))) == 1


def test_a_file_that_takes_too_long_is_refused_and_the_next_one_is_read() -> None:
    with Sandbox(seconds=4) as sandbox:
        with pytest.raises(UnreadableFile, match="takes over 4 seconds to read"):
            list(sandbox.parts(LONG.encode(), "long.txt"))
        assert len(list(sandbox.parts(ARTICLE.encode(), "mill.txt"))) == 1


def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_one_is_read() -> None:
    rows = json.dumps([["x"] * 1000] * 20_000).encode()
    with Sandbox(memory_bytes=300_000_000) as sandbox:
        with pytest.raises(UnreadableFile, match=r"memory|takes its reader down"):
            list(sandbox.parts(rows, "rows.json"))
        assert len(list(sandbox.parts(ARTICLE.encode(), "mill.txt"))) == 1


def test_a_child_that_is_gone_costs_the_file_and_another_one_is_started() -> None:
    with Sandbox() as sandbox:
        assert len(list(sandbox.parts(ARTICLE.encode(), "mill.txt"))) == 1
        sandbox.stop()
        with pytest.raises(UnreadableFile, match="takes its reader down"):
            list(sandbox.parts(ARTICLE.encode(), "mill.txt"))
        assert len(list(sandbox.parts(ARTICLE.encode(), "mill.txt"))) == 1


def test_records_after_one_that_hangs_are_read() -> None:
    long = json.dumps({"title": "Long", "body": LONG})
    short = json.dumps({"title": "Short", "body": "The mill burned."})
    data = "\n".join([short, long, short]).encode()
    with Sandbox(seconds=4) as sandbox:
        found = [(part.name, part.reason[:10]) for part in sandbox.parts(data, "mill.jsonl")]
    assert found == [("mill.jsonl#1", ""), ("mill.jsonl#2", "takes over"), ("mill.jsonl#3", "")]


def test_the_child_goes_when_its_parent_is_killed() -> None:
    script = (
        "import time; from corpus.sandbox import Sandbox; sandbox = Sandbox();"
        "list(sandbox.parts(b'The mill burned.', 'mill.txt')); print(sandbox._child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([child], timeout=10)[1] == []


def test_what_a_parser_prints_is_no_reply(tmp_path: Path) -> None:
    with Sandbox() as sandbox:  # pypdf complains of a broken PDF on stderr, and may print
        with pytest.raises(UnreadableFile):
            list(sandbox.parts(b"%PDF-1.7\n1 0 obj << /Type /Catalog >>\n%%EOF", "mill.pdf"))
        assert len(list(sandbox.parts(ARTICLE.encode(), "mill.txt"))) == 1


def test_known_records_are_not_read_again() -> None:
    data = json.dumps({"title": "Short", "body": "The mill burned."}).encode()
    with Sandbox() as sandbox:
        (first,) = sandbox.parts(data, "mill.jsonl")
        (again,) = sandbox.parts(data, "mill.jsonl", known=[first.sha256])
    assert first.document is not None
    assert (again.document, again.reason, again.sha256) == (None, "", first.sha256)


def test_the_child_imports_nothing_from_where_it_was_started(tmp_path: Path) -> None:
    (tmp_path / "csv.py").write_text("raise SystemExit('imported from a folder of documents')", encoding="utf-8")
    with chdir(tmp_path), Sandbox() as sandbox:
        assert len(list(sandbox.parts(ARTICLE.encode(), "mill.txt"))) == 1
