"""What every composer speaks: from a question and its hits to growing drafts of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.answer import Citation, Conflict, Finding, Sentence, Status
from rag.llm.base import Usage
from rag.question import Question
from vectorstore.base import Hit
from vectorstore.view import View


@dataclass(frozen=True)
class Draft:
    """An answer as far as it has come, and by whom; the last one of a composer is the whole, and checked.

    ``retrieved`` are the hits where the composer has put them into another order, best first.
    """

    text: str
    status: Status
    citations: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()
    composer: str = "extractive"
    sentences: tuple[Sentence, ...] = ()
    invalid_markers: int = 0
    usage: Usage | None = None
    retrieved: tuple[Hit, ...] = ()
    form: str = ""
    finding: Finding = "answer"
    conflicts: tuple[Conflict, ...] = ()
    absence: float | None = None


class Composer(Protocol):
    def compose(self, question: Question, hits: Sequence[Hit], view: View) -> Iterator[Draft]:
        """At least one draft, each the one before or more of it, several a second while somebody is waited for."""
        ...
