"""How well furniture is told from text: precision and recall of lines on the labelled set in tests/gold/furniture.

Each document of the set is given to ``corpus.boilerplate.furniture`` whole. A line counts as marked if a letter or
sign of it lies in a span of furniture. Precision is the part of the marked lines that are furniture: what is missing
from 1 are sentences lost. Recall is the part of the furniture that is marked. Every error is listed. The rules were
written with dev/ at hand; test/ was written before them and only counted.

Does not show: pages of the wild, for the set is invented, by those who wrote the rules; other languages than English;
the header lines (byline, date, greeting), which are labelled H and not counted; HTML, whose menus another step drops.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.record import ROOT, command, record, table
from corpus.boilerplate import furniture
from corpus.document import Span

GOLD = ROOT / "tests" / "gold" / "furniture"
PARTS = ("dev", "test")
MARKS = {"F": "furniture", "T": "text", "H": "header"}
NOT_SHOWN = (
    "Does not show: pages of the wild, for the set is invented, by those who wrote the rules; other languages than"
    " English; header lines (byline, date, greeting), which are not counted; HTML, whose menus another step drops."
)
_NEXT = "=== "


@dataclass(frozen=True)
class Line:
    """A line with letters or signs in it: where it is from, ``F``, ``T`` or ``H``, and where it stands in the text."""

    source: str
    mark: str
    span: Span


@dataclass(frozen=True)
class Labelled:
    """A document of the set, without its marks."""

    name: str
    text: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Outcome:
    """What furniture and text of some documents were taken for; header lines are in none."""

    found: tuple[str, ...]
    missed: tuple[str, ...]
    lost: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def precision(self) -> float:
        return len(self.found) / (len(self.found) + len(self.lost))

    @property
    def recall(self) -> float:
        return len(self.found) / (len(self.found) + len(self.missed))


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the lines that are marked as furniture, rightly and wrongly.")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    documents = {part: read(GOLD / part) for part in PARTS}
    outcomes = {part: judge(documents[part]) for part in PARTS}
    heading = ("part", "documents", "furniture", "text", "precision", "recall", "sentences lost", "furniture missed")
    lines = table(heading, *(_row(part, len(documents[part]), outcomes[part]) for part in PARTS))
    for part, outcome in outcomes.items():
        for wrong, what in ((outcome.lost, "text marked as furniture"), (outcome.missed, "furniture taken for text")):
            lines += ["", f"{part}, {what}: {len(wrong)}", *(f"- {line}" for line in wrong)]
    lines += ["", NOT_SHOWN]
    print("\n".join(lines))
    if options.record:
        record("Furniture", command(), lines)


def read(folder: Path) -> list[Labelled]:
    """The labelled documents of a folder's files; ValueError names a line that has no mark."""
    return [document for path in sorted(folder.glob("*.txt")) for document in _documents(path)]


def judge(documents: Sequence[Labelled]) -> Outcome:
    """What ``furniture`` makes of each line."""
    lines: dict[tuple[str, bool], list[str]] = {}
    for document in documents:
        spans = furniture(document.text)
        for line in document.lines:
            marked = any(line.span.overlaps(span) for span in spans)
            shown = f"{line.source}: {document.text[line.span.start : line.span.end]}"
            lines.setdefault((line.mark, marked), []).append(shown)
    return Outcome(
        found=tuple(lines.get(("F", True), ())),
        missed=tuple(lines.get(("F", False), ())),
        lost=tuple(lines.get(("T", True), ())),
        kept=tuple(lines.get(("T", False), ())),
    )


def _documents(path: Path) -> Iterator[Labelled]:
    first, *parts = ("\n" + path.read_text(encoding="utf-8")).split("\n" + _NEXT)
    if first.strip():
        raise ValueError(f"{path} begins with lines of no document; its first line must be '{_NEXT}NAME'")
    number = 1
    for part in parts:
        name, *marked = part.split("\n")
        yield _labelled(f"{path.parent.name}/{path.stem}", name, marked, first_number=number + 1)
        number += 1 + len(marked)


def _labelled(source: str, name: str, marked: Sequence[str], *, first_number: int) -> Labelled:
    text = ""
    lines: list[Line] = []
    for number, line in enumerate(marked, first_number):
        mark, content = line[:1], line[2:]
        if line and (mark not in MARKS or line[1:2] != " " or not content.strip()):
            raise ValueError(f"{source}.txt:{number}: {line!r} has no mark; begin it with one of {', '.join(MARKS)}")
        if line:
            lines.append(Line(f"{name} ({source}.txt:{number})", mark, Span(len(text), len(text) + len(content))))
        text += content + "\n"
    return Labelled(name, text, tuple(lines))


def _row(part: str, documents: int, outcome: Outcome) -> tuple[str, ...]:
    of_furniture, of_text = len(outcome.found) + len(outcome.missed), len(outcome.lost) + len(outcome.kept)
    counts = (str(documents), str(of_furniture), str(of_text))
    figures = (f"{outcome.precision:.3f}", f"{outcome.recall:.3f}")
    return (part, *counts, *figures, f"{len(outcome.lost)}", f"{len(outcome.missed)}")


if __name__ == "__main__":
    main()
