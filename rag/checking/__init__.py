"""Whether an answer's sentences are borne out by what they cite: in code, sentence by sentence, before anyone reads it.

``check`` is what there is to ask for. A sentence that states something has a citation of its own; its quotations,
numbers, dates and names stand in a passage that it cites, enough of its words do, and no "not" is added to them. What
fails is marked and said in plain words, never taken out. It is about the passages, not about the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from corpus.document import Passage
from rag.answer import Citation, Sentence
from rag.checking import support
from rag.checking.claims import Asked, Claim, Setting
from rag.checking.folding import plain, tidy
from rag.checking.names import WORD
from rag.checking.sources import Source
from rag.checking.statements import Statement, statements
from rag.checking.support import Judge
from vectorstore.base import Vectors

__all__ = ["Judge", "check", "declines"]


def check(
    text: str,
    citations: Sequence[Citation],
    *,
    embed: Callable[[Sequence[str]], Vectors] | None = None,
    judge: Judge | None = None,
    asked: str = "",
) -> tuple[Sentence, ...]:
    """Every sentence of ``text``, an answer with markers such as [1], in order.

    A marker that is none of ``citations`` counts for nothing. ``embed`` gives unit rows. Where there is a ``judge`` it
    alone tells the support, in one call for the whole answer. To repeat what was ``asked`` is no claim.
    """
    cited = _by_marker(citations)
    claims = _claims(text, cited, asked)
    leading = _leading_in(claims)
    stating = [claim for claim in claims if not claim.states_nothing and id(claim) not in leading]
    cited_later = _cited_later(text, claims)
    weighed = [*(claim for claim in stating if claim.sources), *cited_later.values()]
    weights = [claim.weighed() for claim in weighed]
    values = support.judged(weights, judge) if judge else support.measured(weights, embed)
    supports = dict(zip(map(id, weighed), values, strict=True))
    enough = support.enough(embed=embed, judge=judge)

    def sentence(claim: Claim) -> Sentence:
        span = claim.statement.span
        markers = claim.statement.markers
        if claim.states_nothing or id(claim) in leading:
            return Sentence(span.start, span.end, markers, "no claim")
        if not markers:
            fault = "it cites nothing"
            later = cited_later.get(id(claim))
            if later and supports[id(later)] >= enough and not any(later.absent()):
                fault += f", though {_in_words(later.statement.markers)}, cited further on in its paragraph, says so"
            return Sentence(span.start, span.end, (), "unverified", None, (fault,))
        named = _in_words(markers)
        faults = [f"{what} is not in {named}" for what in dict.fromkeys(claim.absent())]
        value = supports[id(claim)]
        if value < enough:
            faults.append(f"{named} does not say so" if judge else f"little of it is in {named}")
        return Sentence(
            span.start, span.end, markers, "unverified" if faults else "verified", value, tuple(faults)
        )  # fmt: skip

    return tuple(map(sentence, claims))


def declines(text: str, *, asked: str = "") -> bool:
    """True where an answer states nothing but that the passages do not tell what was ``asked``."""
    claims = _claims(text, {}, asked)
    return all(claim.states_nothing for claim in claims) and any(claim.is_absence for claim in claims)


def _claims(text: str, cited: dict[int, list[Source]], asked: str) -> list[Claim]:
    everywhere = [source.spellings for source in _distinct(cited, tuple(cited))]
    lower = frozenset(plain(word) for word in WORD.findall(tidy(text)) if word[0].islower())
    setting = Setting(everywhere, lower, Asked(asked))

    def claim(statement: Statement) -> Claim:
        known = replace(statement, markers=tuple(marker for marker in statement.markers if marker in cited))
        sources = _distinct(cited, known.markers)
        return Claim(known, sources, setting)

    return [claim(statement) for statement in statements(text)]


def _leading_in(claims: Sequence[Claim]) -> set[int]:
    """The claims, by their identity, that end in a colon and say nothing that is not in what follows them."""
    return {
        id(claim)
        for claim, following in pairwise(claims)
        if claim.leads_in and not claim.sources and following.sources and not any(claim.citing(following).absent())
    }


def _cited_later(text: str, claims: Sequence[Claim]) -> dict[int, Claim]:
    """For the claims that cite nothing, by their identity, the same with what is cited next in their paragraph."""
    found: dict[int, Claim] = {}
    following: Claim | None = None
    for claim in reversed(claims):
        if following and "\n" in text[claim.statement.span.end : following.statement.span.start]:
            following = None
        if claim.sources:
            following = claim
        elif following and not claim.states_nothing:
            found[id(claim)] = claim.citing(following)
    return found


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
