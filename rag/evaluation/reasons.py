"""Why an answer counts as failed, in plain words, and how far it came before it did.

Reads what a hit reads, and says which of its rules was broken. Does not know whether the set is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, abstained, retrieved_of, text_of
from rag.evaluation.metrics.cited_documents import citation_recall
from rag.evaluation.metrics.evidence_recall import evidence_recall
from rag.evaluation.metrics.hit import hit, judges_abstention
from rag.evaluation.metrics.phrases import mentions, mentions_any

Lost = Literal[
    "not asked",
    "asking failed",
    "answered what it should not",
    "evidence not found",
    "evidence found in part",
    "found, not cited",
    "cited, not said",
    "no evidence to follow",
]
_SHOWN = 4  # wordings of one fact

LOST: dict[Lost, str] = {
    "not asked": "the run holds no line for it",
    "asking failed": "an error stood in the way of an answer",
    "answered what it should not": "the set says that the archive does not answer it",
    "evidence not found": "no passage with the evidence was retrieved: look at retrieval",
    "evidence found in part": "some of the evidence was retrieved: look at retrieval, or at how many passages are read",
    "found, not cited": "the evidence was retrieved, its document is not cited: look at composition, or at abstaining",
    "cited, not said": "the right document is cited, the answer does not say what it should: read the answer",
    "no evidence to follow": "the set names no evidence, so nothing tells where it was lost",
}


def reasons(item: Item, line: Line) -> tuple[str, ...]:
    """Empty where nothing shows that it failed. A sentence that was not verified is no failure of the answer."""
    return tuple(_reasons(item, line))


def lost(item: Item, line: Line) -> Lost:
    """The last step at which a question that failed was still right."""
    if not line:
        return "not asked"
    if _failed(line):
        return "asking failed"
    if item.answerable is False:
        return "answered what it should not"
    if not item.evidence:
        return "no evidence to follow"
    found = evidence_recall(item, line, k=len(retrieved_of(line)))
    if found < 1:
        return "evidence found in part" if found else "evidence not found"
    return "found, not cited" if citation_recall(item, line) < 1 else "cited, not said"


def _reasons(item: Item, line: Line) -> Iterator[str]:
    if not line:
        yield "not asked, or not answered yet"
        return
    if _failed(line):
        yield f"error: {line.get('error') or 'no answer'}"
        return
    if line.get("status") == "incomplete":
        yield "the answer broke off"
    if hit(item, line) != 0:
        return
    text = text_of(line)
    yield from (
        f"says “{phrase}”, which a wrong answer says" for phrase in item.must_not_include if mentions(text, phrase)
    )
    if item.answerable is False:
        if not abstained(line):
            yield "answers what the set holds for unanswerable"
        return
    if abstained(line) and judges_abstention(item):
        yield "abstains from what can be answered"
        return
    if not text.strip():
        yield "the answer is empty"
        return
    missing = [group for group in item.must_include if not mentions_any(text, group)]
    yield from (f"does not say {_either(group)}" for group in missing)
    if not item.must_include:
        yield f"does not hold the expected answer {_either(item.answers)}"


def _failed(line: Line) -> bool:
    return bool(line.get("error")) or line.get("status") == "error"


def _either(phrases: tuple[str, ...]) -> str:
    more = f" or {len(phrases) - _SHOWN} other wordings" if len(phrases) > _SHOWN else ""
    return " or ".join(f"“{phrase}”" for phrase in phrases[:_SHOWN]) + more
