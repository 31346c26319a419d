"""The built-in composer: the sentences that answer, quoted word for word and cited; needs no language model.

Here is the order of its steps; each has its file in answering/. Every fact of its answers stands inside a quotation
or comes from a document's header; the words between are fixed. Where the chance is too high that nothing found
answers the question, it abstains and quotes what is nearest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.answer import Citation, Conflict, Sentence
from rag.answering import ABSTAIN_ABOVE, FAR_OFF, wording
from rag.answering.absence import chance_of_none
from rag.answering.choosing import Chosen, besides, chosen, of_sentence, of_sides, together
from rag.answering.differing import Difference, differences
from rag.answering.premise import is_put_otherwise
from rag.answering.ranking import Ranked, by_reading_too, ranked
from rag.answering.reading import Reader
from rag.answering.trained import trained
from rag.citation import cite
from rag.composer import Draft
from rag.coverage import looked_through, nothing_found
from rag.question import Question
from vectorstore.base import Hit, TokenEmbedder
from vectorstore.view import View

_BETWEEN = "\n\n"


class Extractive:
    def __init__(self, model: TokenEmbedder, *, abstain_above: float = ABSTAIN_ABOVE) -> None:
        """``model`` reads sentences; above the chance ``abstain_above`` that none answers, nothing is answered."""
        self._reader = Reader(model, trained().attention)
        self._abstain_above = abstain_above

    def compose(self, question: Question, hits: Sequence[Hit], view: View) -> Iterator[Draft]:
        found = self.read(question, hits, view)
        absence = self.absence(found, view)
        retrieved = by_reading_too(hits, found)
        begun = Draft("", "answered", retrieved=retrieved, form=found.wanted.asked.form, absence=absence)
        if not found.sentences or absence > self._abstain_above:
            yield _nearest(replace(begun, status="abstained"), found, view)
            return
        yield from _answer(begun, found)

    def is_far_off(self, question: Question, hits: Sequence[Hit], view: View) -> bool:
        """True where what was found has so little to do with the question that a language model need not be asked."""
        return self.absence(self.read(question, hits, view), view) > max(FAR_OFF, self._abstain_above)

    def read(self, question: Question, hits: Sequence[Hit], view: View) -> Ranked:
        """The sentences of the hits that may answer, best first."""
        return ranked(question, hits, view, self._reader, trained())

    def absence(self, found: Ranked, view: View) -> float:
        """The chance that none of them does."""
        return chance_of_none(found, view, trained().absence)


def _answer(draft: Draft, found: Ranked) -> Iterator[Draft]:
    parts = chosen(found)
    if is_put_otherwise(found, parts[0]):
        draft = _saying(replace(draft, finding="correction"), wording.OTHERWISE)
    for difference in differences(found):
        sides = of_sides(found, difference)
        draft = _differing(draft, difference, sides)
        parts = sides if draft.form == "disagreement" else [*sides, *besides(parts, sides)]
    is_provenance = draft.form == "provenance"
    before = ""
    for part in together(parts, draft.form):
        citations = _cited(part, len(draft.citations) + 1)
        introduction = wording.introduction(citations[0], part.candidate, is_provenance=is_provenance)
        draft = _with_quotations(draft, citations, introduction, goes_on=introduction == before)
        before = introduction
        yield draft


def _differing(draft: Draft, difference: Difference, sides: Sequence[Chosen]) -> Draft:
    """The draft and a line that sets side by side what the next citations say."""
    markers, after = [], len(draft.citations)
    for side in sides:  # of its pieces the one that holds what differs
        held = [at for at, piece in enumerate(side.pieces, 1) if side.highlight and piece.covers(side.highlight)]
        markers.append(after + (held[0] if held else len(side.pieces)))
        after += len(side.pieces)
    conflict = Conflict(tuple(side.words for side in difference.sides), tuple(markers))
    saying = _saying(draft, wording.differing(conflict), conflict.markers)
    return replace(saying, conflicts=(*draft.conflicts, conflict))


def _nearest(draft: Draft, found: Ranked, view: View) -> Draft:
    """That there is nothing, how much was looked through, and what comes nearest, as a quotation too."""
    if not found.sentences:
        return replace(draft, text=nothing_found(view), finding="nothing")
    nearest = of_sentence(found, 0)
    citations = _cited(nearest, 1)
    text = f"{looked_through(view)}; the nearest is: {wording.line(citations, nearest.candidate)}"
    said = Sentence(0, len(text), tuple(citation.marker for citation in citations), "verified", 1.0)
    return replace(draft, text=text, citations=citations, sentences=(said,), finding="near miss")


def _with_quotations(draft: Draft, citations: tuple[Citation, ...], introduction: str, *, goes_on: bool) -> Draft:
    """The draft and what is quoted of one document, in a line of its own or at the end of the last; it is verified by
    the way it was made, of a quotation and a header."""
    quotations = wording.quotations(citations)
    text = quotations if goes_on else f"{introduction}: {quotations}"
    between = "" if not draft.text else " " if goes_on else _BETWEEN
    start = len(draft.text) + len(between)
    said = Sentence(start, start + len(text), tuple(each.marker for each in citations), "verified", 1.0)
    whole = f"{draft.text}{between}{text}"
    return replace(draft, text=whole, citations=(*draft.citations, *citations), sentences=(*draft.sentences, said))


def _saying(draft: Draft, text: str, markers: tuple[int, ...] = ()) -> Draft:
    """The draft and words of ours, which claim nothing but what the sources ``markers`` say."""
    start = len(draft.text) + len(_BETWEEN) if draft.text else 0
    said = Sentence(start, start + len(text), markers, "verified" if markers else "no claim", 1.0 if markers else None)
    whole = f"{draft.text}{_BETWEEN}{text}" if draft.text else text
    return replace(draft, text=whole, sentences=(*draft.sentences, said))


def _cited(part: Chosen, first: int) -> tuple[Citation, ...]:
    """A citation for each piece, numbered from ``first``."""
    return tuple(
        replace(
            cite(part.passage, piece, marker),
            highlight=part.highlight if part.highlight and piece.covers(part.highlight) else None,
            speaker=part.candidate.speaker,
        )
        for marker, piece in enumerate(part.pieces, first)
    )
