"""Have a language model make a follow-up stand alone; where it cannot, the question stays as it was understood.

Knows questions and prompts. Knows nothing of retrieval.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from rag.answer import Turn
from rag.llm.base import ProviderError
from rag.llm.calling import Caller
from rag.plain import plain
from rag.prompting import rewrite_prompt
from rag.question import Question
from rag.templates import Templates

_log = logging.getLogger(__name__)

_REPLY_TOKENS = 120
_MOST_CHARACTERS = 500


class Rewriter(Protocol):
    def rewrite(self, question: Question, history: Sequence[Turn]) -> Iterator[Question]:
        """The question several times a second; the last one stands alone."""
        ...


class Rewriting:
    def __init__(self, caller: Caller, templates: Templates) -> None:
        self._caller = caller
        self._templates = templates

    def rewrite(self, question: Question, history: Sequence[Turn]) -> Iterator[Question]:
        if not history:
            return
        reply = ""
        prompt = rewrite_prompt(question, history, self._templates)
        try:
            for piece in self._caller.ask(prompt, max_tokens=_REPLY_TOKENS, attempts=1):
                reply += piece
                yield question
        except ProviderError as error:
            # The answer is asked of the same model next, which says so to the reader.
            _log.warning("the follow-up was not rewritten: %s", error)
            return
        lines = plain(reply, known=()).strip().splitlines()
        if len(lines) == 1 and len(lines[0]) <= _MOST_CHARACTERS:
            yield replace(question, search_text=lines[0].strip('"“” '))
