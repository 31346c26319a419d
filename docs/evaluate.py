"""Measure an archive from Python, and say whether it got better: ``python docs/evaluate.py QUESTIONS OUT [BEFORE]``.

The archive is that of ``CITEDESK_HOME``. BEFORE is the folder of an earlier run over the same questions.
"""

from __future__ import annotations

import sys
from pathlib import Path

from rag import Assistant, evaluate
from rag.evaluation.compare import as_text, compare


def main(questions: Path, out: Path, before: Path | None = None) -> int:
    with Assistant.open() as desk:
        found = evaluate(desk, questions, out)

    for name, figure in found.figures.items():
        if figure.value.n:
            print(f"{name:22}{figure.value.mean:9.3f}  {figure.low:.3f} to {figure.high:.3f}  of {figure.value.n}")
    for asked in found.failures:
        print(f"{asked.item.id}: {asked.item.question}\n    {'; '.join(asked.reasons)} ({asked.lost})")
    print(f"report: {found.run.folder / 'report.html'}")

    if before is None:
        return 0
    comparison = compare(before, out)
    print(as_text(comparison))
    return comparison.exit_status


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
