"""Build a prompt: read its template from prompts/, number the passages, fit them into a token budget.

Knows templates and budgets. Knows nothing of any model or of what comes back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from corpus.tokens import count_tokens
from rag.question import Question
from vectorstore.base import Hit

REFUSAL = "NOT_IN_THE_ARCHIVE"
_VARIABLE = re.compile(r"\{\{(\w+)\}\}")


@cache
def template(name: str) -> str:
    return (files("prompts") / f"{name}.md").read_text(encoding="utf-8")


def answer_prompt(question: Question, hits: Sequence[Hit], *, budget_tokens: int) -> tuple[str, Sequence[Hit]]:
    """The prompt, and the hits whose passages are in it, numbered from 1: as many of the best as fit, each whole."""
    boundary = f"=== {secrets.token_hex(8)} ==="  # a passage cannot close what it cannot guess
    room = budget_tokens - count_tokens(_filled(question, "", boundary)).tokens
    sent: list[Hit] = []
    blocks: list[str] = []
    for hit in hits:
        block = f"[{len(sent) + 1}] {hit.passage.line()}\n{hit.passage.indexed_text()}"
        room -= count_tokens(block).tokens + 2
        if room < 0:
            break
        sent.append(hit)
        blocks.append(block)
    return _filled(question, "\n\n".join(blocks), boundary), sent


def _filled(question: Question, passages: str, boundary: str) -> str:
    earlier = question.search_text.removesuffix(question.text).strip()
    values = {
        "refusal": REFUSAL,
        "boundary": boundary,
        "passages": passages,
        "conversation": f"Asked before: {earlier}\n" if earlier else "",
        "question": question.text,
    }
    # One pass: what a passage or a question looks like is never filled in again.
    return _VARIABLE.sub(lambda match: values[match[1]], template("answer"))
