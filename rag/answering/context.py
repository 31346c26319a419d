"""How much of the text around a sentence it takes to understand it: a whole quotation, and who speaks.

Knows passages. Chooses nothing: the sentence is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from corpus.document import Span
from rag.answering.asked import Thing
from rag.answering.candidates import Candidate

_MOST_SENTENCES_AROUND = 3
_QUOTATION = re.compile(r"“[^“”]*”|\"[^\"]*\"|‘[^‘’]*’")
_NAME = re.compile(r"(?:^|[^.!?\s]\s)(?:[A-Z][\w’'-]+\s+){1,3}[A-Z][\w’'-]+")
_ITEM = re.compile(r"(?:[-–—*•>]|\(?\d{1,2}[.)]|\(?[a-z]\))\s")
_MOST_ITEMS = 8
_PRONOUN = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)


def in_context(thing: Thing, candidate: Candidate) -> Span:
    """The sentence with what it needs, in offsets of the document; never beyond its passage.

    ``thing`` is what was asked for: a person is not told by a pronoun.
    """
    passage = candidate.passage
    spans = passage.sentences
    first = last = candidate.at

    def text(start: int, end: int) -> str:
        return passage.slice(Span(spans[start].start, spans[end].end))

    for _ in range(_MOST_SENTENCES_AROUND):
        if _begins_inside_quotation(text(first, last)) and first > 0:
            first -= 1
        elif _ends_inside_quotation(text(first, last)) and last + 1 < len(spans):
            last += 1
    if first > 0 and text(first - 1, first - 1).endswith(":"):
        first -= 1
    if thing == "person" or _is_quotation_only(text(first, last)):
        named = _with_name(first, last, text)
        first = first if named is None else named
    if text(last, last).endswith(":"):
        while last + 1 < len(spans) and last - first < _MOST_ITEMS and _ITEM.match(text(last + 1, last + 1)):
            last += 1
    return Span(spans[first].start, spans[last].end)


def _with_name(first: int, last: int, text: Callable[[int, int], str]) -> int | None:
    """Where to begin for a name to stand outside of the quotations; None where none is near or none is lacking."""
    for begin in range(first, max(-1, first - _MOST_SENTENCES_AROUND - 1), -1):
        outside = _QUOTATION.sub(" ", text(begin, last))
        is_named = _NAME.search(outside) is not None
        if begin == first and (is_named or (_PRONOUN.search(outside) is None and re.search(r"\w", outside))):
            return None
        if is_named:
            return begin
    return first - 1 if first > 0 and _is_quotation_only(text(first, last)) else None


def _begins_inside_quotation(text: str) -> bool:
    closing, opening = text.find("”"), text.find("“")
    return closing != -1 and (opening == -1 or closing < opening)


def _ends_inside_quotation(text: str) -> bool:
    return text.rfind("“") > text.rfind("”") or text.count('"') % 2 == 1


def _is_quotation_only(text: str) -> bool:
    return re.search(r"\w", _QUOTATION.sub(" ", text)) is None
