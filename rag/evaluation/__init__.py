"""Measure an archive's answers: run a question set, see what is wrong, change one thing, know whether it helped.

``evaluate`` is the whole of it for one run; the commands and the modules beside it are its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.evaluation.judges import Judge
    from rag.evaluation.summary import Summary

__all__ = ["evaluate"]


def evaluate(
    desk: Assistant,
    questions: str | Path,
    out: str | Path,
    *,
    limit: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    fresh: bool = False,
    docs: str | Path | None = None,
    judges: Sequence[Judge] = (),
    also: Sequence[str] = (),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
) -> Summary:
    """Ask every question of a set, and write answers, figures and ``report.html`` to the folder ``out``.

    ``docs`` is a folder of the archive's files, in which quotations are looked up; ``judges`` are asked of every
    claim beside words and meaning, which always are; ``on_judged`` hears of answers judged and their number, and what
    was judged is not judged again. The others are as ``run.questions`` describes them. Raises BadInput for a set or a
    folder that cannot be used.
    """
    from rag.evaluation import exports, report, run, scores, summary
    from rag.evaluation.judges import Dense, Lexical
    from rag.evaluation.metrics import QUOTES, documents, table

    folder = Path(out)
    known = None if docs is None else documents.Documents.read(Path(docs))  # before hours are spent on asking
    run.questions(
        desk, Path(questions), folder, limit=limit, seed=seed, workers=workers, fresh=fresh, also=also,
        on_progress=on_progress,
    )  # fmt: skip
    made = run.load(folder)
    metrics = table(documents=known, judges=[Lexical(), Dense(desk.embedder), *judges])
    # Files may change while the answers do not.
    scores.keep(folder, made.items, made.answers, metrics, anew=(QUOTES,), on_progress=on_judged)
    found = summary.summarise(folder, headers=desk.documents())
    exports.write(found)
    report.write(found)
    return found
