"""The built-in composer: the sentences that answer, quoted word for word and cited; needs no model.

Every fact of its answers stands inside a quotation or comes from a document's header; the words between are
fixed. Where nothing found comes near the question, it abstains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.dates import in_words, relative_dates
from corpus.document import Header
from rag.abstention import is_far_off, nothing_found
from rag.answer import Citation, Sentence
from rag.citation import cite
from rag.composer import Draft
from rag.context import in_context
from rag.evidence import Evidence, gather
from rag.question import Question
from vectorstore.base import Embedder, Hit
from vectorstore.embedders.remembering import Remembering
from vectorstore.lexical import terms
from vectorstore.view import View

MOST_SENTENCES = 3
_CLOSE = 0.78  # of the best sentence's score: what a further sentence needs
_ENOUGH_WITHOUT_NAME = 0.6  # similarity, where the archive never mentions a name that the question is about


class Extractive:
    def __init__(self, embedder: Embedder) -> None:
        self._embedder = Remembering(embedder)

    def compose(self, question: Question, hits: Sequence[Hit], view: View) -> Iterator[Draft]:
        evidence = gather(question, hits, view, self._embedder)
        if not _answers(question, evidence, view):
            yield Draft(nothing_found(view), "abstained")
            return
        carriers = {hit.passage: hit.carriers for hit in hits}
        draft = Draft("", "answered")
        for chosen in _choose(evidence):
            citation = cite(chosen.passage, in_context(question, chosen), len(draft.citations) + 1)
            draft = _with_line(draft, _line(question, citation, carriers.get(chosen.passage, ())), citation)
            yield draft


def _answers(question: Question, evidence: Sequence[Evidence], view: View) -> bool:
    if is_far_off(evidence):
        return False
    similarity = max(each.similarity for each in evidence)
    unknown_name = any(not view.frequency(term) for name in question.names for term in terms(name))
    return similarity >= _ENOUGH_WITHOUT_NAME if unknown_name else True


def _choose(ranked: Sequence[Evidence]) -> list[Evidence]:
    """The best sentence and those that come close to it, none a copy of another."""
    best = ranked[0]
    chosen: list[Evidence] = []
    for evidence in ranked:
        near = evidence.score >= _CLOSE * best.score
        if near and all(_differs(evidence, other) for other in chosen):
            chosen.append(evidence)
        if len(chosen) == MOST_SENTENCES:
            break
    return chosen


def _differs(one: Evidence, other: Evidence) -> bool:
    ours, theirs = set(one.text.lower().split()), set(other.text.lower().split())
    return len(ours & theirs) < 0.7 * min(len(ours), len(theirs))


def _with_line(draft: Draft, line: str, citation: Citation) -> Draft:
    """The draft and one line more; it is verified by the way it was made, of a quotation and a header."""
    text = f"{draft.text}\n\n{line}" if draft.text else line
    said = Sentence(len(text) - len(line), len(text), (citation.marker,), "verified", 1.0)
    return replace(draft, text=text, citations=(*draft.citations, citation), sentences=(*draft.sentences, said))


def _line(question: Question, citation: Citation, carriers: Sequence[Header]) -> str:
    document = citation.document
    speaker = citation.source or document.called()
    page = f"p. {citation.page}" if citation.page else None
    source = ", ".join(part for part in (speaker, _date(citation), page, _also_in(citation, carriers)) if part)
    return f"{source}: {_quoted(citation.quote)}{_resolved(question, citation)} [{citation.marker}]"


def _date(citation: Citation) -> str | None:
    published = citation.document.published
    return in_words(published) if published else None


def _also_in(citation: Citation, carriers: Sequence[Header]) -> str | None:
    """The other outlets that carry the same text."""
    names = list(dict.fromkeys(header.called() for header in carriers if header.called() != citation.document.called()))
    if not names:
        return None
    return f"also in {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}"


def _quoted(quote: str) -> str:
    """The quotation on one line, in the marks it does not use itself."""
    text = " ".join(quote.split())
    return f"‘{text}’" if "“" in text or '"' in text else f"“{text}”"


def _resolved(question: Question, citation: Citation) -> str:
    """What a relative date of the quotation means, beside it and never inside."""
    if question.kind != "when" or citation.document.published is None:
        return ""
    found = relative_dates(citation.quote, citation.document.published)
    meanings = [f"“{each.expression}” here is {in_words(each.date)}" for each in found]
    return f" ({'; '.join(meanings)})" if meanings else ""
