"""One question asked once more in another way: what it was, what came of it, and what that scores.

``Probed`` is what a probe makes of one question: a trial for each time it asked, and the question's own score for each
of the probe's figures, NaN where it has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, isnan, nan
from typing import Any

from rag.assistant import Assistant
from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, abstained, citations_of, text_of
from rag.evaluation.metrics.cited_documents import citation_recall
from rag.evaluation.metrics.hit import hit
from rag.evaluation.robustness.material import Material
from rag.evaluation.run import answered
from rag.retrieval import Retriever

ERROR = "error"


@dataclass(frozen=True)
class Trial:
    """``question`` as it was asked; ``changed`` says in plain words what was, ``outcome`` in one what came of it.

    ``status`` is the answer's, or "not asked" where it could not be put to the test, which ``outcome`` explains.
    """

    id: str
    question: str
    probe: str
    level: str
    status: str
    text: str
    cited: tuple[str, ...]
    outcome: str
    changed: str = ""
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        row = {**vars(self), "cited": list(self.cited)}
        return row if self.error is not None else {key: value for key, value in row.items() if key != "error"}


@dataclass(frozen=True)
class Probed:
    trials: tuple[Trial, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)


def ask(desk: Assistant, item: Item, retriever: Retriever | None = None) -> Line:
    """The line of the item's question; ``retriever`` finds the passages in the place of the assistant's own."""
    return answered(desk if retriever is None else desk.finding_with(retriever), item)


def trial(item: Item, probe: str, level: str, line: Line, outcome: str, changed: str = "") -> Trial:
    """What came of asking; ``outcome`` counts only where asking went well."""
    error = line.get("error")
    return Trial(
        item.id,
        item.question,
        probe,
        level,
        str(line["status"]),
        text_of(line),
        tuple(dict.fromkeys(str(citation["doc"]) for citation in citations_of(line))),
        ERROR if error is not None else outcome,
        changed,
        None if error is None else str(error),
    )


def not_asked(item: Item, probe: str, why: str) -> Trial:
    return Trial(item.id, item.question, probe, "", "not asked", "", (), why)


def unfit(item: Item, material: Material) -> str:
    """Why what the composer is given cannot be made better or worse for this item; empty where it can."""
    if item.answerable is False:
        return "the archive does not answer it"
    if not (item.evidence or item.must_include or item.answers):
        return "the question set does not say what answers it"
    return "" if material.evidence else "its evidence was not among the passages found"


def failed(line: Line) -> bool:
    return "error" in line


def accuracy(item: Item, line: Line) -> float:
    """The metric ``hit``; of an item that tells no right answer whether its evidence is cited. NaN for neither."""
    if failed(line):
        return nan
    value = hit(item, line)
    if not isnan(value):
        return value
    recall = citation_recall(item, line)
    return recall if isnan(recall) else float(recall > 0 and not abstained(line))


def mean(values: Sequence[float]) -> float:
    """Of those that are no NaN; NaN of none."""
    known = [value for value in values if not isnan(value)]
    return fsum(known) / len(known) if known else nan


def told(value: float) -> str:
    """What an accuracy is called."""
    return "right" if value == 1.0 else "wrong" if value == 0.0 else "not judged"
