"""A cited passage, read once for all that a sentence may be checked against.

It is its text, furniture and all, with what stands beside it: title, outlet, byline and date, whoever speaks in it,
its page, and who else carries it. Where a passage ends is our doing and not its author's, so that what stands around
it counts where an article says a thing once and means it all along: whole names, dates, and the rest of a quotation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from corpus.sentences import sentences
from rag.answer import Citation
from rag.checking import quotations
from rag.checking.days import Days, blotted, days, written
from rag.checking.folding import tidy, tokens
from rag.checking.names import Spellings
from rag.checking.numbers import Amounts, numbers, with_ellipses
from rag.checking.support import content


class Source:
    def __init__(self, citations: Sequence[Citation]) -> None:
        """``citations`` are all of one passage."""
        first = citations[0]
        self._passage, document = first.passage, first.document
        voices = [voice.source for voice in self._passage.voices]
        carriers = [header.called() for citation in citations for header in citation.carriers]
        dates = [header.published for citation in citations for header in citation.carriers if header.published]
        beside = [self._passage.line(), document.title, document.outlet, document.byline, *voices, *carriers, *dates]
        self.header = "\n".join(dict.fromkeys(filter(None, [*beside, document.name if not document.outlet else None])))
        self._pages = [str(page.number) for page in self._passage.pages]
        self._text = tidy(self._passage.text)

    @cached_property
    def tokens(self) -> str:
        """Header and text as ``quotations.has`` takes them; where furniture cuts the text, without it too."""
        texts = dict.fromkeys((self.header, self._passage.text, self._passage.indexed_text()))
        return "".join(map(quotations.joined, map(tokens, texts)))

    @cached_property
    def days(self) -> Days:
        return days(self._text, tidy(self.header), self._passage.document.published)

    @cached_property
    def amounts(self) -> Amounts:
        beside = tidy(" | ".join([self.header.replace("\n", " | "), *self._pages]))
        undated = [blotted(text, [date.span for date in written(text)]) for text in (self._text, beside)]
        return Amounts(number for text in undated for number in with_ellipses(text, numbers(text)))

    @cached_property
    def spellings(self) -> Spellings:
        return Spellings(
            f"{tidy(self.header.replace(chr(10), ' | '))} | {tidy(self._passage.text.replace(chr(10), ' | '))}"
        )

    @cached_property
    def sentences(self) -> list[str]:
        spans = self._passage.sentences
        if spans:
            return [self._passage.slice(span) for span in spans]
        return [self._passage.text[span.start : span.end] for span in sentences(self._passage.text)]

    @cached_property
    def contents(self) -> list[frozenset[str]]:
        """The words that say something: those of the header, then those of each sentence."""
        return [content(self.header), *map(content, self.sentences)]

    @cached_property
    def premise(self) -> str:
        """What a judge reads: the header line and the text."""
        return self._passage.embedded_text()
