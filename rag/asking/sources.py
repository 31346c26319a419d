"""Outlets, authors and republished voices that a question asks to hear: "what did the Vale Gazette report".

A name counts where it is the archive's own and stands as a source: "according to X", "what did X report", "X's
article", "the story in X". Whoever only has it for a subject, "Who owns the Vale Gazette?", asks for no source. A name
in full makes a filter; a part of one, and a question that weighs sources or asks what became of an article, only a
preference. Knows words and what is known; retrieves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.document import Span
from corpus.outlets import is_named_like_an_outlet
from rag.asking.known import Known, Name, named

Effect = Literal["filter", "preference"]


@dataclass(frozen=True)
class Source:
    """The words at ``span`` of a question, and the names in the archive that they stand for."""

    words: str
    span: Span
    names: tuple[Name, ...]
    effect: Effect

    @property
    def kind(self) -> Literal["outlet", "author", "voice"]:
        kinds = {name.kind for name in self.names}
        return "outlet" if "outlet" in kinds else "author" if "author" in kinds else "voice"

    def of(self, kind: str) -> tuple[str, ...]:
        """The names of one kind, as the archive has them."""
        return tuple(name.value for name in self.names if name.kind == kind)


@dataclass(frozen=True)
class _Group:
    """Names joined by "and": what stands before and behind is said of all of them."""

    start: int
    end: int
    found: tuple[tuple[Span, tuple[Name, ...], bool], ...]


_NEAR = 80  # characters looked at before and behind a name
_MOST_MEANT = 3  # outlets that a part of a name may stand for

_STRONG = r"report|write|publish|print"
_SOFT = r"say|claim|state|note|describe|mention|quote|explain|suggest|argue|have\s+to\s+say"
_WEAK = r"call|tell|give|put|list|think|cover|carry|run"  # what papers do beside reporting
_PAST = (
    r"reported|written|published|printed|covered|carried|said|claimed|stated|noted|called|described|told|mentioned"
    r"|given|quoted|listed|explained|suggested|argued"
)
_FINITE = (
    r"reports|reported|writes|wrote|published|publishes|printed|prints|says|said|claims|claimed|states|stated|notes|noted"
    r"|calls|called|describes|described|puts|put|quotes|quoted|explains|explained|suggests|suggested|argues|argued"
)
_PIECE = (
    r"(?:articles?|stor(?:y|ies)|pieces?|columns?|editorials?|essays?|dispatch(?:es)?|op-eds?|interviews?|coverage"
    r"|reporting)"
)
_PIECES = rf"(?:{_PIECE}|reports?|accounts?|versions?|pages?|headlines?)"
MAY_NAME = re.compile(  # true of every question that this file finds something in
    rf"(?i:according\s+to|\bper\b|\b(?:{_STRONG}|{_SOFT}|{_WEAK}|{_PAST}|{_FINITE}|{_PIECES}|read|appear(?:ed)?)\b)"
    r"|\b(?i:in|from|based\s+on)\s+(?:the\s+)?(?:[^\W\d_a-z]|[\w-]+\.[a-z])"
)
_ADVERB = r"(?:(?:\w+ly|first|also|each|both|ever|then|have|itself)\s+){0,2}"
_LEADING = (
    r"(?:what|who|whom|which|when|where|why|how|whose|did|does|do|is|are|was|were|has|have|had|in|on|of|about|and|or|for|by"
    r"|from|at|with|the|an?|there|that|this|if|during|after|before|since|until|between|published|printed|written|dated|says?|reports?|describes?)"
)

_ASKED = re.compile(r"(?<!\w)(?:did|does|do|has|have|had)\s+(?:the\s+)?$", re.IGNORECASE)
_REPORTS = re.compile(rf"\s+{_ADVERB}(?P<verb>{_STRONG}|{_SOFT}|{_WEAK}|{_PAST})\b", re.IGNORECASE)
_STRONG_VERB = re.compile(rf"(?:{_STRONG}|reported|written|published|printed)$", re.IGNORECASE)
_WEAK_VERB = re.compile(rf"(?:{_WEAK}|covered|carried|called|told|given|listed)$", re.IGNORECASE)
_WHY = re.compile(r"(?<!\w)why\s+\w+\s+(?:the\s+)?$", re.IGNORECASE)
_RELATING = re.compile(r"(?:(?<!\w)as|(?<!\w)what|(?<!\w)how)\s+(?:the\s+)?$", re.IGNORECASE)
_SAYS = re.compile(rf"\s+{_ADVERB}(?:{_FINITE})\b", re.IGNORECASE)
_ACCORDING = re.compile(
    rf"(?<!\w)(?:according\s+to|per)\s+(?:the\s+)?(?:(?:{_PIECES}|what)\s+(?:in|by|from|of|published\s+in)\s+(?:the\s+)?)?$",
    re.IGNORECASE,
)
_ITS_PIECE = re.compile(rf"(?:['’]s?)?\s+(?:[\w-]+\s+){{0,2}}?(?P<piece>{_PIECES})\b", re.IGNORECASE)
_THEREIN = re.compile(r"(?<!\w)(?:in|from|per|(?P<asked>does|do|did))\s+(?:the\s+)?$", re.IGNORECASE)
_PIECE_OF = re.compile(  # "the story in", "is said in", "did Orm say in": what is meant is to be read there
    rf"(?<!\w)(?:(?P<an>an?\s+(?:\w+\s+)?)?(?P<piece>{_PIECES})(?:\s+(?:published|printed|that\s+appeared))?"
    rf"|(?P<passive>(?:is|are|was|were|been|does\s+it|did\s+(?:[\w’'.-]+\s+){{1,5}}?)\s*)?"
    rf"(?:{_PAST}|says?|read|appear(?:ed)?)(?:\s+(?:about|of)\s+(?:the\s+)?\w+|\s+there)?)"
    r"\s+(?:in|by|from|on)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^\W*(?:in|from|per|based\s+on|as\s+per)\s+(?:the\s+)?$", re.IGNORECASE)
_PLACED = re.compile(r"(?<!\w)(?:in|from)\s+(?:the\s+)?$", re.IGNORECASE)
_CLOSED = re.compile(rf"\s*(?:$|[?!.,;:)”\"]|\s{_LEADING}\b)", re.IGNORECASE)
_JOINT = re.compile(r"\s*(?:,|\band\b|\bor\b|,\s*and\b|&)\s*(?:the\s+)?", re.IGNORECASE)
_WEIGHED = re.compile(  # sources against each other, or what became of an article: other documents tell as well
    r"\b(?:differ|differs|different|differently|difference|compare|compared|comparison|than|versus|vs|contradict\w*|disagree\w*"
    r"|conflict\w*|unlike|whereas|except|besides|apart\s+from|other\s+than|not|n[o']t|without|instead|agree|sue[sd]?|suing"
    r"|criticis\w*|criticiz\w*|complain\w*|respon[ds]\w*|react\w*|reply|replied|retract\w*|withdr[ae]w\w*|apologi\w*|correct\w*"
    r"|deny|denie[sd]|ban(?:ned)?|censor\w*|outrage\w*|reprint\w*|republish\w*|rejected?|dispute[sd]?)\b|n[’']t\b",
    re.IGNORECASE,
)


def sources(text: str, known: Known) -> tuple[Source, ...]:
    """The sources that a question asks for, in order."""
    if not known.sources or not MAY_NAME.search(text):
        return ()
    is_weighed = _WEIGHED.search(text) is not None
    found = []
    for group in _groups(text, known):
        effect = _effect(text, group)
        if effect is None:
            continue
        for span, names, is_capital in group.found:
            source = _source(text[span.start : span.end], span, names, effect, is_capital=is_capital)
            if source:
                found.append(replace(source, effect="preference") if is_weighed else source)
    return tuple(found)


def _groups(text: str, known: Known) -> Iterator[_Group]:
    held: list[tuple[Span, tuple[Name, ...], bool]] = []
    for one in named(text, known.sources):
        if held and not _JOINT.fullmatch(text, held[-1][0].end, one[0].start):
            yield _Group(held[0][0].start, held[-1][0].end, tuple(held))
            held = []
        held.append(one)
    if held:
        yield _Group(held[0][0].start, held[-1][0].end, tuple(held))


def _effect(text: str, group: _Group) -> Effect | None:
    """What the words around names make of them; None where they are no sources there."""
    before, behind = text[max(0, group.start - _NEAR) : group.start], text[group.end : group.end + _NEAR]
    names = [name for _, found, _ in group.found for name in found]
    are_papers = all(name.kind != "outlet" or _is_paper(name.value) for name in names)
    are_authors = _is_author(names)
    if len(group.found) > 1 and not are_authors and any(_is_author(found) for _, found, _ in group.found):
        return "preference"  # a paper and a person: alternatives that no filter can hold
    if _ASKED.search(before) and (verb := _REPORTS.match(behind)):
        if _WEAK_VERB.match(verb["verb"]) or _WHY.search(before):
            return "preference"
        strong = _STRONG_VERB.match(verb["verb"]) is not None
        return "filter" if strong or (are_papers and not are_authors) else "preference"
    if _RELATING.search(before) and _SAYS.match(behind):
        return "filter" if are_papers and not are_authors else "preference"
    if piece := _ITS_PIECE.match(behind):
        therein = _THEREIN.search(before)
        is_read = therein and (not therein["asked"] or _REPORTS.match(behind, piece.end()))
        is_article = not are_authors or re.fullmatch(_PIECE, piece["piece"], re.IGNORECASE)
        return "filter" if (is_read and is_article) or _ACCORDING.search(before) else "preference"
    told, is_closed = _PIECE_OF.search(before), _CLOSED.match(behind) is not None
    if _ACCORDING.search(before):
        return None if not is_closed else "preference" if are_authors else "filter"
    if told:
        is_sure = (told["piece"] and not told["an"]) or told["passive"]
        return "filter" if is_sure and is_closed else "preference"
    if not is_closed:
        return None
    if are_papers and not are_authors and (_OPENING.search(text[: group.start]) or _PLACED.search(before)):
        return "filter" if _OPENING.search(text[: group.start]) and behind.startswith(",") else "preference"
    return None


def _source(words: str, span: Span, names: Sequence[Name], effect: Effect, *, is_capital: bool) -> Source | None:
    whole = tuple(name for name in names if name.whole)
    papers = tuple(name for name in whole if name.kind != "author")  # "Coast Wire and our staff" names a paper
    whole = papers or whole
    is_word = " " not in words and "." not in words
    if is_word and not is_capital:
        return None  # "time" is no outlet, whatever "Time" is
    if whole:
        return Source(words, span, whole, effect)
    meant = tuple(dict.fromkeys(names))
    return Source(words, span, meant, "preference") if len(meant) <= _MOST_MEANT else None


def _is_author(names: Sequence[Name]) -> bool:
    return all(name.kind == "author" for name in names)


def _is_paper(outlet: str) -> bool:
    bare = re.sub(r"^the\s", "", outlet, flags=re.IGNORECASE)
    return "." in outlet or is_named_like_an_outlet(bare) or is_named_like_an_outlet(f"The {bare}")
