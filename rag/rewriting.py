"""Have a language model make a follow-up stand alone; where it cannot, the question stays as it was understood.

Knows questions and prompts. Knows nothing of retrieval.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from corpus.tokens import count_tokens
from rag.answer import Turn
from rag.llm.base import ContextOverflow, Forbidden, Prompt, ProviderError, Unreachable
from rag.llm.calling import Caller
from rag.plain import plain
from rag.prompting import rewrite_prompt
from rag.question import Question
from rag.templates import Templates

_log = logging.getLogger(__name__)

_MOST_CHARACTERS = 500
_MOST_TURNS = 6
_AROUND = '"“”„« »'
_SHARE = 1 / 3  # of the time for an answer: a model that hangs is to hang twice for no longer than it must
_MARGIN_TOKENS = 64  # what a server puts around the messages


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
        # A model may think at length before it says its one line.
        room = self._caller.limits.reply_tokens
        within_s = self._caller.limits.total_s * _SHARE
        try:
            prompt = self._prompt(question, history)
            for piece in self._caller.ask(prompt, max_tokens=room, attempts=1, within_s=within_s):
                reply += piece
                if len(reply) > _MOST_CHARACTERS:
                    return  # no question, whatever else it is
                yield question
        except (Unreachable, Forbidden) as error:
            yield replace(question, given_up=str(error))
            return
        except ProviderError as error:
            # The answer is asked of the same model next, which says so to the reader.
            _log.warning("the follow-up was not rewritten: %s", error)
            return
        lines = [line.strip(_AROUND) for line in plain(reply, known=()).splitlines() if line.strip(_AROUND)]
        if len(lines) == 1:
            yield replace(question, search_text=lines[0], standalone=lines[0] if lines[0] != question.text else "")

    def _prompt(self, question: Question, history: Sequence[Turn]) -> Prompt:
        """With as many of the last turns as the model takes. Raises ContextOverflow where that is not even one."""
        room = self._caller.provider.context_tokens - self._caller.limits.reply_tokens - _MARGIN_TOKENS
        for count in range(min(len(history), _MOST_TURNS), 0, -1):
            prompt = rewrite_prompt(question, history[-count:], self._templates)
            if count_tokens(prompt.system).tokens + count_tokens(prompt.user).tokens <= room:
                return prompt
        raise ContextOverflow(f"the turn before is longer than {self._caller.name} takes")
