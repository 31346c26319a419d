"""The composer that prompts a language model, and believes nothing of its reply that was not checked.

Where the model fails, what came of its reply stays, as incomplete, and the built-in answer stands below it. Knows
nothing of how a model is reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.errors import CiteDeskError
from rag.attribution import cite_marked, renumbered
from rag.checking import Judge, check, declines
from rag.composer import Draft
from rag.coverage import nothing_found
from rag.extractive import Extractive
from rag.llm.base import ContextOverflow, ProviderError
from rag.llm.calling import ATTEMPTS, Caller
from rag.prompting import AnswerPrompt, answer_prompt
from rag.question import Question
from rag.reply import Reply
from rag.templates import Templates
from vectorstore.base import Embedder, Hit
from vectorstore.embedders.remembering import Remembering
from vectorstore.view import View

_BUILT_IN = "The built-in answer:"


class Prompted:
    def __init__(
        self, caller: Caller, fallback: Extractive, templates: Templates, embedder: Embedder, judge: Judge | None = None
    ) -> None:
        """``embedder`` and, where there is one, ``judge`` tell how far passages bear out a sentence."""
        self._caller = caller
        self._fallback = fallback
        self._templates = templates
        self._embedder = Remembering(embedder)
        self._judge = judge
        self.name = f"llm {caller.name}"

    def compose(self, question: Question, hits: Sequence[Hit], view: View) -> Iterator[Draft]:
        if self._fallback.is_far_off(question, hits, view):
            yield from self._fallback.compose(question, hits, view)
            return
        said = Draft("", "incomplete", composer=self.name)
        if question.given_up:
            yield from self._built_in_below(said, question.given_up, question, hits, view)
            return
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
        if reply is None or reply.refuses or declines(said.text, asked=question.search_text):
            yield self._abstained(said, question, view)
        elif not said.citations:
            why = f"{self._caller.name} cited nothing that it was given"
            yield from self._built_in_below(said, why, question, hits, view)
        else:
            yield self._checked(replace(said, status="answered"), question)

    # --- asking

    def _replies(self, question: Question, hits: Sequence[Hit]) -> Iterator[Reply]:
        """The reply as it grows; the last one is whole."""
        clock, total_s = self._caller.clock, self._caller.limits.total_s
        begun = clock()
        asked = self._prompt(question, hits)
        try:
            yield from self._reply(asked, ATTEMPTS, total_s)
        except ContextOverflow as overflow:
            # The server counts otherwise than we do: once more, with one passage less.
            left = ATTEMPTS - overflow.attempts
            if not left:
                raise
            again = self._prompt(question, asked.sent[:-1])
            again = replace(again, left_out=len(hits) - len(again.sent))
            yield from self._reply(again, left, total_s - (clock() - begun))

    def _prompt(self, question: Question, hits: Sequence[Hit]) -> AnswerPrompt:
        room = self._caller.provider.context_tokens - self._caller.limits.reply_tokens
        asked = answer_prompt(question, hits, self._templates, budget_tokens=room)
        if not asked.sent:
            takes = f"the {self._caller.provider.context_tokens} tokens of {self._caller.name}"
            raise ProviderError(f"no passage fits into {takes} beside {self._caller.limits.reply_tokens} for its reply")
        return asked

    def _reply(self, asked: AnswerPrompt, attempts: int, within_s: float) -> Iterator[Reply]:
        text = ""
        most = self._caller.limits.reply_tokens
        call = self._caller.ask(asked.prompt, max_tokens=most, attempts=attempts, within_s=within_s)
        while True:
            try:
                piece = next(call)
            except StopIteration as end:
                yield Reply(asked, text, "whole", usage=end.value)
                return
            text += piece
            yield Reply(asked, text, grew=bool(piece))

    # --- reading

    def _draft(self, reply: Reply, before: Draft) -> Draft:
        """What may be shown of a reply, of which ``before`` was shown already.

        Raises ProviderError where it gives our instructions away.
        """
        if reply.gives_us_away:
            raise ProviderError(f"{self._caller.name} repeated its instructions instead of answering")
        is_growing = reply.state == "growing"
        found = reply.shown
        if is_growing and before.text.startswith(found.text):
            return before  # its last word has become something that may still change
        notes: tuple[str, ...] = ()
        if reply.asked.left_out:
            notes = (f"{reply.asked.left_out} of the passages found did not fit and were not given to the model.",)
        citations = before.citations
        # While it grows, each passage once, as soon as it is cited; where else it is cited can wait.
        if not is_growing or len(found.sources) > len({citation.marker for citation in citations}):
            carriers = {hit.passage: hit.carriers for hit in reply.asked.sent}
            cited = cite_marked(found, list(carriers))
            citations = tuple(replace(each, carriers=carriers[each.passage]) for each in cited)
        return Draft(found.text, "incomplete", citations, notes, self.name, (), found.invalid, reply.usage)

    def _checked(self, draft: Draft, question: Question) -> Draft:
        embed, asked = self._embedder.embed_passages, question.search_text
        try:
            sentences = check(draft.text, draft.citations, embed=embed, judge=self._judge, asked=asked)
        except CiteDeskError as error:  # the answer is there; it must not be lost for want of a judge
            sentences = check(draft.text, draft.citations, embed=embed, asked=asked)
            draft = replace(draft, notes=(*draft.notes, f"The judge could not be asked: {error}."))
        return replace(draft, sentences=sentences)

    def _abstained(self, said: Draft, question: Question, view: View) -> Draft:
        """What a model said of its finding nothing, if it said any more than we asked for, and ours below it."""
        ours = nothing_found(view)
        text = f"{said.text}\n\n{ours}" if said.text else ours
        abstained = replace(said, text=text, status="abstained")
        return self._checked(abstained, question) if said.text else abstained

    def _built_in_below(
        self, said: Draft, why: str, question: Question, hits: Sequence[Hit], view: View
    ) -> Iterator[Draft]:
        """What came of a reply, and the built-in answer below it."""
        # A name or an address stays as it is written.
        first = why if why.startswith((self._caller.name, "http")) else f"{why[0].upper()}{why[1:]}"
        note = f"{first}; {'below it stands' if said.text else 'this is'} the built-in answer."
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
        yield self._checked(both, question)
