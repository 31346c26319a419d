"""What the command line prints: plain text for people, JSON for programs, a progress bar for the impatient.

Knows values and a terminal. Starts nothing.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from corpus.dates import in_words
from corpus.document import Header
from rag.answer import Answer
from rag.ingestion import Report
from vectorstore.base import Hit

_WIDTH = 100


def say(line: str) -> None:
    """A line about the work, on stderr."""
    print(clean(line), file=sys.stderr)


def show(text: str) -> None:
    """What was asked for, on stdout."""
    print(clean(text))


def show_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def clean(text: str) -> str:
    """Without control characters: a document must not steer the terminal it is shown on."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() or c == "\u00a0"))


@contextmanager
def progress(what: str, unit: str = "file") -> Iterator[Callable[[int, int], None]]:
    """A bar with rate and remaining time on stderr, and nothing where stderr is no terminal."""
    from tqdm import tqdm

    with tqdm(desc=what, unit=unit, disable=None, leave=False, file=sys.stderr) as bar:

        def update(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield update


def answer_text(answer: Answer) -> str:
    """The answer, its notes, and where each marker leads."""
    parts = [_wrapped(answer.text), *answer.notes]
    if answer.citations:
        lines = [
            f"[{c.marker}] {_named(c.document)}\n    {c.document.name}, characters {c.start}-{c.end}"
            for c in answer.citations
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def hits_text(hits: Iterable[Hit]) -> str:
    """Passages, best first, each with its place and score."""
    return "\n\n".join(
        f"{rank}. {_named(hit.passage.document)}  (score {hit.score:.3f})\n"
        f"   {hit.passage.document.name}, characters {hit.passage.start}-{hit.passage.end}\n"
        + textwrap.indent(_wrapped(" ".join(hit.passage.text.split())), "   ")
        for rank, hit in enumerate(hits, start=1)
    )


def report_text(report: Report) -> str:
    """One line of counts."""
    counts = [
        f"{len(names)} {what}"
        for what, names in (
            ("added", report.added),
            ("updated", report.updated),
            ("unchanged", report.unchanged),
            ("already there under another name", report.duplicates),
            ("removed", report.removed),
            ("failed", report.failed),
        )
        if names
    ]
    return ", ".join(counts) or "nothing to do"


def _named(header: Header) -> str:
    date = in_words(header.published) if header.published else None
    return " · ".join(part for part in (header.title or header.name, header.outlet, date) if part)


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, _WIDTH) for line in text.split("\n"))
