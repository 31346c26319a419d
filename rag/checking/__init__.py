"""Whether an answer's sentences are borne out by what they cite: in code, sentence by sentence, before anyone reads it.

``check`` is what there is to ask for. A sentence that states something has a citation of its own; its quotations,
numbers, dates and names stand in a passage that it cites, enough of its words do, and no "not" is added to them. What
fails is marked and said in plain words, never taken out. It is about the passages, not about the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from corpus.document import Passage
from rag.answer import Citation, Sentence
from rag.checking import support
from rag.checking.claims import Claim
from rag.checking.folding import plain, tidy
from rag.checking.names import WORD
from rag.checking.sources import Source
from rag.checking.statements import statements
from rag.checking.support import Judge
from vectorstore.base import Vectors

__all__ = ["Judge", "check"]


def check(
    text: str,
    citations: Sequence[Citation],
    *,
    embed: Callable[[Sequence[str]], Vectors] | None = None,
    judge: Judge | None = None,
) -> tuple[Sentence, ...]:
    """Every sentence of ``text``, an answer with markers such as [1], in order.

    A marker that is none of ``citations`` counts for nothing. ``embed`` gives unit rows. Where there is a ``judge`` it
    alone tells the support, in one call for the whole answer.
    """
    cited = _by_marker(citations)
    everywhere = [source.spellings for source in _distinct(cited, tuple(cited))]
    lower = {plain(word) for word in WORD.findall(tidy(text)) if word[0].islower()}
    claims = [
        Claim(statement, _distinct(cited, statement.markers), everywhere, lower) for statement in statements(text)
    ]
    stating = [claim for claim in claims if not claim.states_nothing]
    weighed = [claim for claim in stating if claim.sources]
    weights = [claim.weighed() for claim in weighed]
    values = support.judged(weights, judge) if judge else support.measured(weights, embed)
    supports = dict(zip(map(id, weighed), values, strict=True))
    enough = support.enough(embed=embed, judge=judge)

    def sentence(claim: Claim) -> Sentence:
        span = claim.statement.span
        markers = tuple(marker for marker in claim.statement.markers if marker in cited)
        if claim.states_nothing:
            return Sentence(span.start, span.end, markers, "no claim")
        if not markers:
            return Sentence(span.start, span.end, (), "unverified", None, ("it cites nothing",))
        named = _in_words(markers)
        faults = [f"{what} is not in {named}" for what in dict.fromkeys(claim.absent())]
        value = supports[id(claim)]
        if value < enough:
            faults.append(f"{named} does not say so" if judge else f"little of it is in {named}")
        return Sentence(
            span.start, span.end, markers, "unverified" if faults else "verified", value, tuple(faults)
        )  # fmt: skip

    return tuple(map(sentence, claims))


def _by_marker(citations: Sequence[Citation]) -> dict[int, list[Source]]:
    """The passages behind each marker, each passage read once."""
    of_passage: dict[Passage, list[Citation]] = {}
    for citation in citations:
        of_passage.setdefault(citation.passage, []).append(citation)
    sources = {passage: Source(same) for passage, same in of_passage.items()}
    found: dict[int, list[Source]] = {}
    for citation in citations:
        found.setdefault(citation.marker, []).append(sources[citation.passage])
    return found


def _distinct(cited: dict[int, list[Source]], markers: Sequence[int]) -> list[Source]:
    return list({id(source): source for marker in markers for source in cited.get(marker, ())}.values())


def _in_words(markers: Sequence[int]) -> str:
    *first, last = (f"[{marker}]" for marker in markers)
    return f"{', '.join(first)} or {last}" if first else last
