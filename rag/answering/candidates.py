"""The sentences of the hits: what may answer a question, each with where it stands and who is quoted in it.

Knows passages and hits. Weighs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.document import Header, Passage, Span
from vectorstore.base import Hit

_LABEL_CHARACTERS = 60  # a line as short as this that ends like no sentence is none
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)\]]*$")
_LIST_ITEM = re.compile(r"(?:[-*•]|\d+[.)])\s")


@dataclass(frozen=True)
class Candidate:
    """The sentence ``text`` at ``span`` of its document, the one at index ``at`` of the passage of ``hit``.

    ``standing`` is 1 for a sentence of the best hit and 0 for one of the last; ``speaker`` is whose words stand in
    it, as written, or empty, and ``said`` the share of it that is these words. ``is_aside`` where it is furniture.
    """

    hit: Hit
    standing: float
    at: int
    span: Span
    text: str
    speaker: str = ""
    said: float = 0.0
    is_aside: bool = False

    @property
    def passage(self) -> Passage:
        return self.hit.passage

    @property
    def document(self) -> Header:
        return self.hit.passage.document

    def beside(self, step: int) -> str:
        """The sentence before (-1) or after (1) in the passage, "" where there is none."""
        at = self.at + step
        spans = self.passage.sentences
        return self.passage.slice(spans[at]) if 0 <= at < len(spans) else ""


def candidates(hits: Sequence[Hit], quoted: Mapping[str, Sequence[tuple[Span, str]]]) -> list[Candidate]:
    """Every sentence of the hits, each once, in their order; ``quoted`` are the quotations by document name."""
    top, bottom = (hits[0].score, hits[-1].score) if hits else (0.0, 0.0)
    found: dict[tuple[str, Span], Candidate] = {}
    for hit in hits:
        standing = (hit.score - bottom) / (top - bottom) if top > bottom else 1.0
        name = hit.passage.document.name
        for at, span in enumerate(hit.passage.sentences):
            if (name, span) not in found:
                speaker, said = _spoken(span, quoted.get(name, ()))
                found[name, span] = Candidate(hit, standing, at, span, hit.passage.slice(span), speaker, said)
    return list(found.values())


def _spoken(span: Span, quoted: Sequence[tuple[Span, str]]) -> tuple[str, float]:
    """Who speaks in a sentence, the first where there are several, and the share of it that they say."""
    inside = [(where, who) for where, who in quoted if where.overlaps(span)]
    if not inside:
        return "", 0.0
    speaker = inside[0][1]
    said = sum(min(where.end, span.end) - max(where.start, span.start) for where, who in inside if who == speaker)
    return speaker, said / len(span)


def is_label(text: str, passage: Passage) -> bool:
    """True for a title, a byline, a heading: it shares the question's words and says nothing of them."""
    if text.lstrip("# ") == passage.document.title:
        return True
    return len(text) < _LABEL_CHARACTERS and not _SENTENCE_END.search(text) and not _LIST_ITEM.match(text)
