"""The composer that prompts a language model, and believes nothing of its reply that was not checked.

Where the model fails, what came of its reply stays, as incomplete, and the built-in answer stands below it. Knows
nothing of how a model is reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.abstention import is_far_off, nothing_found
from rag.checking import Judge, check
from rag.citation import cite_marked, marker_count, renumbered
from rag.composer import Composer, Draft
from rag.evidence import gather
from rag.llm.base import ContextOverflow, ProviderError, Usage
from rag.llm.calling import ATTEMPTS, Caller
from rag.markers import Marked, marked
from rag.plain import plain, repeats, settled
from rag.prompting import REFUSAL, AnswerPrompt, answer_prompt
from rag.question import Question
from rag.templates import Templates
from vectorstore.base import Embedder, Hit
from vectorstore.embedders.remembering import Remembering
from vectorstore.index import View

_BUILT_IN = "The built-in answer:"


class Prompted:
    def __init__(
        self, caller: Caller, fallback: Composer, templates: Templates, embedder: Embedder, judge: Judge | None = None
    ) -> None:
        """``embedder`` and, where there is one, ``judge`` tell how far passages bear out a sentence."""
        self._caller = caller
        self._fallback = fallback
        self._templates = templates
        self._embedder = Remembering(embedder)
        self._judge = judge
        self.name = f"llm {caller.name}"

    def compose(self, question: Question, hits: Sequence[Hit], view: View) -> Iterator[Draft]:
        if is_far_off(gather(question, hits, view, self._embedder)):
            yield from self._fallback.compose(question, hits, view)
            return
        said = Draft("", "incomplete", composer=self.name)
        reply = None
        try:
            for reply in self._replies(question, hits):
                said = self._draft(reply, said) if reply.grew else said
                yield said
        except ProviderError as error:
            if said.text and reply:
                said = self._draft(replace(reply, state="broken off"), said)
            yield from self._built_in_below(said, str(error), question, hits, view)
            return
        if reply is None or _is_refusal(reply):
            yield Draft(nothing_found(view), "abstained", composer=self.name, usage=said.usage)
        elif not said.citations:
            why = f"{self._caller.name} cited nothing that it was given"
            yield from self._built_in_below(said, why, question, hits, view)
        else:
            yield self._checked(replace(said, status="answered"))

    # --- asking

    def _replies(self, question: Question, hits: Sequence[Hit]) -> Iterator[_Reply]:
        """The reply as it grows; the last one is whole."""
        asked = self._prompt(question, hits)
        try:
            yield from self._reply(asked, ATTEMPTS)
        except ContextOverflow:
            # The server counts otherwise than we do: once more, with one passage less.
            yield from self._reply(self._prompt(question, asked.sent[:-1]), 1)

    def _prompt(self, question: Question, hits: Sequence[Hit]) -> AnswerPrompt:
        room = self._caller.provider.context_tokens - self._caller.limits.reply_tokens
        asked = answer_prompt(question, hits, self._templates, budget_tokens=room)
        if not asked.sent:
            raise ProviderError(f"no passage fits into what {self._caller.name} takes, {room} tokens beside its reply")
        return asked

    def _reply(self, asked: AnswerPrompt, attempts: int) -> Iterator[_Reply]:
        text = ""
        call = self._caller.ask(asked.prompt, max_tokens=self._caller.limits.reply_tokens, attempts=attempts)
        while True:
            try:
                piece = next(call)
            except StopIteration as end:
                yield _Reply(asked, text, "whole", usage=end.value)
                return
            text += piece
            yield _Reply(asked, text, grew=bool(piece))

    # --- reading

    def _draft(self, reply: _Reply, before: Draft) -> Draft:
        """What may be shown of a reply, of which ``before`` was shown already.

        Raises ProviderError where it gives our instructions away.
        """
        if repeats(reply.text, reply.asked.prompt.system):
            raise ProviderError(f"{self._caller.name} repeated its instructions instead of answering")
        passages = [hit.passage for hit in reply.asked.sent]
        found = _read(reply)
        if REFUSAL.startswith(found.text):  # perhaps only its first letters have come
            found = replace(found, text="")
        elif REFUSAL in found.text:
            found = replace(found, text=found.text.partition(REFUSAL)[0].strip())
        notes: tuple[str, ...] = ()
        if reply.asked.left_out:
            notes = (f"{reply.asked.left_out} of the passages found did not fit and were not given to the model.",)
        # A citation depends on what stands before its marker, which does not change any more.
        has_more = marker_count(found.text) != marker_count(before.text)
        citations = cite_marked(found, passages) if has_more else before.citations
        return Draft(found.text, "incomplete", citations, notes, self.name, (), found.invalid, reply.usage)

    def _checked(self, draft: Draft) -> Draft:
        embed = self._embedder.embed_passages
        sentences = check(draft.text, draft.citations, embed=embed, judge=self._judge)
        return replace(draft, sentences=sentences)

    def _built_in_below(
        self, said: Draft, why: str, question: Question, hits: Sequence[Hit], view: View
    ) -> Iterator[Draft]:
        """What came of a reply, and the built-in answer below it."""
        note = (
            f"{why[0].upper()}{why[1:]}; " + ("below it stands" if said.text else "this is") + " the built-in answer."
        )
        last = max((citation.marker for citation in said.citations), default=0)
        below = None
        for below in self._fallback.compose(question, hits, view):
            text, citations = renumbered(below.text, below.citations, last)
            whole = f"{said.text}\n\n{_BUILT_IN}\n\n{text}" if said.text else text
            both = replace(
                said,
                text=whole,
                status="incomplete" if said.text else "error",
                citations=(*said.citations, *citations),
                notes=(*said.notes, note, *below.notes),
                composer=f"{self.name}, then {below.composer}",
            )
            yield both
        yield self._checked(both)


@dataclass(frozen=True)
class _Reply:
    """A model's reply as far as it has come, to what it was asked; ``grew`` since the one before."""

    asked: AnswerPrompt
    text: str
    state: Literal["growing", "broken off", "whole"] = "growing"
    grew: bool = True
    usage: Usage | None = None


def _read(reply: _Reply) -> Marked:
    text = reply.text.replace(reply.asked.boundary, "")
    known = [hit.passage.embedded_text() for hit in reply.asked.sent]
    text = plain(settled(text) if reply.state == "growing" else text, known=known)
    found = marked(text, reply.asked.keys, whole=reply.state == "whole")
    # A key may have become the label of a link: k3f9(address).
    return replace(found, text=plain(found.text, known=known))


def _is_refusal(reply: _Reply) -> bool:
    return REFUSAL in reply.text and not _read(reply).sources
