"""What a composer is given for a question, and what of the same archive could be put in its place.

Passages are values: others are handed on, nothing stored is changed. Knows where the evidence is by the question set:
a gold document's quotation, or where a set names no evidence, the words of a right answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.document import Header, Passage
from rag.evaluation.items import Item
from rag.evaluation.metrics.documents import is_from
from rag.evaluation.metrics.phrases import mentions_any, one_spaced
from rag.evaluation.metrics.short_answer import holds_answer
from rag.question import Question
from rag.retrieval import Retriever
from vectorstore.base import Hit, Query
from vectorstore.view import View

_NEAR = 100  # passages looked through for distractors
_FAR = 200  # of which the farther half is neutral


@dataclass(frozen=True)
class Given:
    """A retriever that finds just these hits, whatever is asked."""

    hits: tuple[Hit, ...]

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        return list(self.hits)


@dataclass(frozen=True)
class Material:
    """``given`` are the hits as they were found; ``evidence`` the places of those that hold the evidence, ``gold`` of
    those from its documents or their wire copies.

    ``distractors`` are further passages near the question, nearest first, ``neutral`` ones are far from it, farthest
    first; neither is from those documents, nor says what a right answer does.
    """

    given: tuple[Hit, ...]
    evidence: tuple[int, ...] = ()
    gold: tuple[int, ...] = ()
    distractors: tuple[Hit, ...] = ()
    neutral: tuple[Hit, ...] = ()


class Gathering:
    """Finds what another retriever finds, and keeps it with what could replace it in ``material``."""

    def __init__(self, among: Retriever, item: Item) -> None:
        self._among = among
        self._item = item
        self.material = Material(())

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        found = self._among.retrieve(question, view, k)
        near = self._among.retrieve(question, view, k + _NEAR)
        far = view.dense(Query(question.keywords, view.embed(question.search_text)), _FAR)
        self.material = _material(self._item, found, near, far, view)
        return found


def replaced(hit: Hit, by: Hit) -> Hit:
    """Another passage in the place and with the score of a hit."""
    return replace(hit, passage=by.passage, carriers=by.carriers)


def says_all(item: Item, text: str) -> bool:
    """True where a text says what a right answer must."""
    if item.must_include:
        return all(mentions_any(text, group) for group in item.must_include)
    return holds_answer(item, {"answer": text}) == 1.0


def _material(item: Item, found: Sequence[Hit], near: Sequence[Hit], far: Sequence[Hit], view: View) -> Material:
    names = list(dict.fromkeys(hit.passage.document.name for hit in (*found, *near, *far)))
    groups = view.snapshot.copies(names)

    def is_gold(header: Header) -> bool:
        among = (header, *groups.get(header.name, ()))
        return any(
            is_from({"doc": each.name, "title": each.title}, evidence.doc)
            for each in among
            for evidence in item.evidence
        )

    def holds(passage: Passage) -> bool:
        text = one_spaced(passage.text)
        quoted = any(one_spaced(evidence.quote) in text for evidence in item.evidence if evidence.quote.strip())
        return (quoted or says_all(item, text)) if is_gold(passage.document) or not item.evidence else False

    def useless(hits: Iterable[Hit]) -> list[Hit]:
        known = {hit.passage for hit in found}
        return [
            hit
            for hit in hits
            if hit.passage not in known
            and not is_gold(hit.passage.document)
            and not says_all(item, hit.passage.embedded_text())
        ]

    evidence = tuple(place for place, hit in enumerate(found) if holds(hit.passage))
    gold = tuple(place for place, hit in enumerate(found) if place in evidence or is_gold(hit.passage.document))
    return Material(tuple(found), evidence, gold, tuple(useless(near)), tuple(useless(far[len(far) // 2 :])[::-1]))
