"""The composer that prompts a language model; where the model fails, the built-in one takes over and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.document import Passage, Span
from corpus.sentences import sentences
from rag.abstention import nothing_found
from rag.answer import Citation, Status
from rag.citation import cite
from rag.composer import Composer, Draft
from rag.llm import Provider, ProviderError
from rag.prompting import REFUSAL, answer_prompt
from rag.question import Question
from vectorstore.base import Hit
from vectorstore.index import View
from vectorstore.lexical import terms

_REPLY_TOKENS = 800
_MARKER = re.compile(r"\s?[\[【]\^?(\d+(?:\s*[,–-]\s*\d+)*)[\]】]")
_UNFINISHED = re.compile(r"\s?[\[【][^\]】]{0,20}$")


class Prompted:
    def __init__(self, model: Provider, fallback: Composer) -> None:
        self._model = model
        self._fallback = fallback
        self.name = f"llm {model.name}"

    def compose(self, question: Question, hits: Sequence[Hit], view: View) -> Iterator[Draft]:
        if not hits:
            yield from self._fallback.compose(question, hits, view)
            return
        budget = self._model.context_tokens - _REPLY_TOKENS
        prompt, sent = answer_prompt(question, hits, budget_tokens=budget)
        reply = ""
        try:
            for piece in self._model.stream(prompt, max_tokens=_REPLY_TOKENS):
                reply += piece
                if not REFUSAL.startswith(reply.strip()[: len(REFUSAL)]):
                    yield self._draft(reply, sent, "incomplete")
        except ProviderError as error:
            yield from self._built_in(question, hits, view, str(error))
            return
        if reply.strip().startswith(REFUSAL):
            yield Draft(nothing_found(view), "abstained", composer=self.name)
            return
        whole = self._draft(reply, sent, "answered")
        if not whole.citations:
            yield from self._built_in(question, hits, view, f"{self._model.name} cited nothing")
            return
        yield whole

    def _draft(self, reply: str, sent: Sequence[Hit], status: Status) -> Draft:
        text, citations = _cited(_UNFINISHED.sub("", reply), sent)
        return Draft(text, status, citations, composer=self.name)

    def _built_in(self, question: Question, hits: Sequence[Hit], view: View, why: str) -> Iterator[Draft]:
        note = f"This is the built-in answer: {why}."
        for draft in self._fallback.compose(question, hits, view):
            yield Draft(draft.text, draft.status, draft.citations, (*draft.notes, note), draft.composer)


def _cited(reply: str, sent: Sequence[Hit]) -> tuple[str, tuple[Citation, ...]]:
    """The reply with its markers numbered by first use, and their citations; a marker of nothing is dropped."""
    citations: dict[int, Citation] = {}

    def renumbered(match: re.Match[str]) -> str:
        markers = []
        for key in _numbers(match[1]):
            if 1 <= key <= len(sent):
                passage = sent[key - 1].passage
                if key not in citations:
                    said = reply[reply.rfind("\n", 0, match.start()) + 1 : match.start()]
                    citations[key] = cite(passage, _support(said, passage), len(citations) + 1)
                markers.append(f"[{citations[key].marker}]")
        return f" {''.join(markers)}" if markers else ""

    return _MARKER.sub(renumbered, reply).strip(), tuple(citations.values())


def _numbers(inside: str) -> list[int]:
    """The numbers that "1, 3-5" stands for; none for a range nobody means."""
    numbers: list[int] = []
    for part in inside.split(","):
        first, *last = (int(each) for each in re.split(r"[–-]", part))
        numbers.extend(range(first, min(last[0], first + 9) + 1) if last else [first])
    return numbers


def _support(said: str, passage: Passage) -> Span:
    """The sentence of the passage that shares most words with what was said."""
    last = sentences(said)[-1:] or [Span(0, len(said))]
    wanted = set(terms(said[last[0].start : last[0].end]))
    return max(passage.sentences, key=lambda span: len(wanted.intersection(terms(passage.slice(span)))))
