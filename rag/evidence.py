"""The sentences of the hits, each with how well it seems to answer the question.

Knows sentences, words and vectors. Says nothing: what becomes of the best is the composer's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy

from corpus.dates import MONTH
from corpus.document import Passage, Span
from rag.question import Kind, Question
from vectorstore.base import Embedder, Hit
from vectorstore.lexical import terms
from vectorstore.view import View

_READ_CLOSELY = 5  # sentences, best by their words, that are compared by meaning too: each costs milliseconds
_WEIGHTS = {"coverage": 0.9, "similarity": 1.0, "kind": 0.15, "passage": 0.35}
_OWN = 0.7  # of coverage: the sentence's own words, the rest are its passage's

_LABEL_CHARACTERS = 60  # a line as short as this that ends like no sentence is none
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)\]]*$")
_LIST_ITEM = re.compile(r"(?:[-*•]|\d+[.)])\s")

_NUMBER_WORD = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|half|twice"
)
_SIGNS: dict[Kind, re.Pattern[str]] = {
    "who": re.compile(r"(?<![.!?“\"] )(?<!^)\b[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)+|\bsaid\b|\btold\b"),
    "when": re.compile(
        rf"\b(?:{MONTH})\b|\b\d{{4}}\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:yesterday|today|tomorrow)\b"
        r"|\b(?:last|next|this) (?:week|month|year|spring|summer|autumn|fall|winter)\b",
        re.I,
    ),
    "where": re.compile(r"\b(?:in|at|near|from|to|outside) (?:the )?[A-Z]\w+"),
    "number": re.compile(rf"\d|\b(?:{_NUMBER_WORD})\b", re.I),
}


@dataclass(frozen=True)
class Evidence:
    """A sentence of a hit's passage, at ``span`` of its document; a higher score answers better.

    ``coverage`` is the share of the question's words, by their rarity, that the sentence and its passage have;
    ``similarity`` the cosine of sentence and question.
    """

    passage: Passage
    span: Span
    text: str
    score: float
    coverage: float
    similarity: float


def gather(question: Question, hits: Sequence[Hit], view: View, embedder: Embedder) -> list[Evidence]:
    """The best sentences of the hits, best first, each once."""
    rarity = _rarity(question, view)
    top, bottom = (hits[0].score, hits[-1].score) if hits else (0.0, 0.0)
    found: dict[tuple[str, Span], Evidence] = {}
    for hit in hits:
        standing = (hit.score - bottom) / (top - bottom) if top > bottom else 1.0
        passage_terms = set(terms(hit.passage.embedded_text()))
        for span in hit.passage.sentences:
            text = hit.passage.slice(span)
            coverage = _OWN * _share(set(terms(text)), rarity) + (1 - _OWN) * _share(passage_terms, rarity)
            score = (
                _WEIGHTS["coverage"] * coverage
                + _WEIGHTS["passage"] * standing
                + _WEIGHTS["kind"] * _shows(question.kind, text)
            )
            evidence = Evidence(hit.passage, span, text, score, coverage, 0.0)
            known = found.get((hit.passage.document.name, span))
            if known is None or evidence.score > known.score:
                found[hit.passage.document.name, span] = evidence
    # A text of nothing but labels, a page of notes say, has to answer with them.
    statements = [e for e in found.values() if not is_label(e.text, e.passage)] or list(found.values())
    return _by_meaning(question, sorted(statements, key=lambda e: -e.score), view, embedder)


def is_label(text: str, passage: Passage) -> bool:
    """True for a title, a byline, a heading: it shares the question's words and says nothing of them."""
    if text.lstrip("# ") == passage.document.title:
        return True
    return len(text) < _LABEL_CHARACTERS and not _SENTENCE_END.search(text) and not _LIST_ITEM.match(text)


def _by_meaning(question: Question, ranked: list[Evidence], view: View, embedder: Embedder) -> list[Evidence]:
    close = ranked[:_READ_CLOSELY]
    if not close:
        return []
    similarities = embedder.embed_passages([e.text for e in close]) @ view.embed(question.search_text)
    scored = [
        Evidence(e.passage, e.span, e.text, e.score + _WEIGHTS["similarity"] * similarity, e.coverage, similarity)
        for e, similarity in zip(close, map(float, numpy.asarray(similarities)), strict=True)
    ]
    return sorted(scored, key=lambda e: -e.score)


def _rarity(question: Question, view: View) -> dict[str, float]:
    """Inverse document frequency of each of the question's terms, over the archive's passages."""
    _, passages = view.snapshot.counts()
    asked = dict.fromkeys(terms(question.keywords))
    return {term: log(1 + (passages + 1) / (view.frequency(term) + 0.5)) for term in asked}


def _share(present: set[str], rarity: dict[str, float]) -> float:
    total = sum(rarity.values())
    return sum(weight for term, weight in rarity.items() if term in present) / total if total else 0.0


def _shows(kind: Kind, text: str) -> float:
    sign = _SIGNS.get(kind)
    return 1.0 if sign and sign.search(text) else 0.0
