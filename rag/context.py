"""How much of the text around a sentence it takes to understand it: a whole quotation, and who speaks.

Knows passages. Chooses nothing: the sentence is given.
"""

from __future__ import annotations

import re

from corpus.document import Span
from rag.evidence import Evidence
from rag.question import Question

_MOST_SENTENCES_AROUND = 3
_QUOTATION = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’")
_NAME = re.compile(r"(?:^|[^.!?\s]\s)(?:[A-Z][\w’'-]+\s+){1,3}[A-Z][\w’'-]+")
_PRONOUN = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)


def in_context(question: Question, evidence: Evidence) -> Span:
    """The evidence's sentence with what it needs, in offsets of the document; never beyond its passage."""
    passage = evidence.passage
    spans = passage.sentences
    first = last = spans.index(evidence.span)

    def text(start: int, end: int) -> str:
        return passage.slice(Span(spans[start].start, spans[end].end))

    for _ in range(_MOST_SENTENCES_AROUND):
        if _begins_inside_quotation(text(first, last)) and first > 0:
            first -= 1
        elif _ends_inside_quotation(text(first, last)) and last + 1 < len(spans):
            last += 1
    if first > 0 and (text(first - 1, first - 1).endswith(":") or _lacks_speaker(question, text(first, last))):
        first -= 1
    return Span(spans[first].start, spans[last].end)


def _begins_inside_quotation(text: str) -> bool:
    closing, opening = text.find("”"), text.find("“")
    return closing != -1 and (opening == -1 or closing < opening)


def _ends_inside_quotation(text: str) -> bool:
    return text.rfind("“") > text.rfind("”") or text.count('"') % 2 == 1


def _lacks_speaker(question: Question, text: str) -> bool:
    """True where a text is nothing but quotation, or where "who" is asked and it says only "she"."""
    outside = _QUOTATION.sub(" ", text)
    if not re.search(r"\w", outside):
        return True
    return question.kind == "who" and _NAME.search(outside) is None and _PRONOUN.search(outside) is not None
