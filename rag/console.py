"""What the command line prints: plain text for people, JSON for programs, a progress bar for the impatient.

Knows values and a terminal. Starts nothing.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from corpus.dates import in_words
from corpus.document import Header
from rag.answer import Answer, Assumption, Citation
from rag.keeping.report import Outcome, Report
from vectorstore.base import Hit

_WIDTH = 100
_NOTES_SHOWN = 3  # of one file


def say(line: str) -> None:
    """A line about the work, on stderr."""
    print(clean(line), file=sys.stderr)


def show(text: str) -> None:
    """What was asked for, on stdout."""
    print(clean(text))


def show_meanwhile(text: str) -> None:
    """The same while a progress bar may be on the screen."""
    from tqdm import tqdm

    tqdm.write(clean(text), file=sys.stdout)


def show_json(value: Any) -> None:
    """What cannot be printed is written by its number: no document steers the terminal from inside a string."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    print("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text))


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
    """The answer, how the question was understood, notes, and where each marker leads."""
    parts = [_wrapped(answer.text), assumed_text(answer.assumptions), *answer.notes, *_doubts(answer)]
    parts = parts if parts[1] else [parts[0], *parts[2:]]
    if answer.citations:
        parts.append("\n".join(map(_citation_text, answer.citations)))
    return "\n\n".join(parts)


def assumed_text(assumptions: Iterable[Assumption]) -> str:
    """A line for each: what the question's words were taken to mean, and how to have it otherwise."""
    return "\n".join(f"({each.in_words}; take back with --without {each.kind})" for each in assumptions)


def _doubts(answer: Answer) -> list[str]:
    """The sentences that were not verified, each with why."""
    return [
        f"not verified: {answer.text[each.start : each.end]}\n    {'; '.join(each.faults)}"
        for each in answer.sentences
        if each.check == "unverified"
    ]


def hits_text(hits: Iterable[Hit]) -> str:
    """Passages, best first, each with its place and score."""
    return "\n\n".join(
        f"{rank}. {_named(hit.passage.document)}  (score {hit.score:.3f})\n"
        f"   {hit.passage.document.name}, characters {hit.passage.start}-{hit.passage.end}\n"
        + textwrap.indent(_wrapped(" ".join(hit.passage.text.split())), "   ")
        for rank, hit in enumerate(hits, start=1)
    )


class FileLines:
    """Says what became of each file, in a line of its own, as soon as the next one's turn has come."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._outcomes: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        if self._outcomes and self._outcomes[-1].file != outcome.file:
            self.finish()
        self._outcomes.append(outcome)

    def finish(self) -> None:
        """Say what is still to be said of the last file."""
        if self._outcomes:
            self._say(file_text(self._outcomes))
        self._outcomes = []


def file_text(outcomes: Sequence[Outcome]) -> str:
    """What became of one file and of the documents in it; what failed inside has lines of its own."""
    if len(outcomes) == 1:
        only = outcomes[0]
        detail = f"  ({only.detail})" if only.detail else ""
        return f"{only.change:<9}  {only.name}" + (f" {only.detail}" if only.change == "failed" else detail)
    failed = [f"  failed  {outcome.name} {outcome.detail}" for outcome in outcomes if outcome.change == "failed"]
    noted = [f"  note    {o.name} {o.detail}" for o in outcomes if o.detail and o.change in ("added", "updated")]
    if len(noted) > _NOTES_SHOWN:
        noted[_NOTES_SHOWN:] = [f"  and {len(noted) - _NOTES_SHOWN} more notes; --json gives them all"]
    return "\n".join([f"{outcomes[0].file}: {report_text(Report.of(outcomes))}", *failed, *noted])


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
            ("without their file (--prune removes them)", report.missing),
            ("failed", report.failed),
        )
        if names
    ]
    return ", ".join(counts) or "nothing to do"


def _citation_text(citation: Citation) -> str:
    page = f", p. {citation.page}" if citation.page else ""
    carriers = f"\n    also in {', '.join(header.name for header in citation.carriers)}" if citation.carriers else ""
    return (
        f"[{citation.marker}] {_named(citation.document, citation.source)}\n"
        f"    {citation.document.name}{page}, characters {citation.start}-{citation.end}{carriers}"
    )


def _named(header: Header, source: str | None = None) -> str:
    date = in_words(header.published) if header.published else None
    return " · ".join(part for part in (header.title or header.name, source or header.outlet, date) if part)


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, _WIDTH) for line in text.split("\n"))
