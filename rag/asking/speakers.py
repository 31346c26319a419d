"""Whose words a question asks for: "what did Ada Orm say about the gate", "President Orm's words on the strike".

A name counts where somebody of that name is quoted in the archive and stands as the one who speaks. "What did Ben say
about Orm?" asks for Ben's words. Knows words and what is known; retrieves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.document import Span
from corpus.speech.names import is_titled
from rag.asking.known import Known, named


@dataclass(frozen=True)
class Speaker:
    """The words at ``span`` of a question, and the speakers, as quotations in the archive name them."""

    words: str
    span: Span
    names: tuple[str, ...]


_NEAR = 80  # characters looked at before and behind a name

MAY_SPEAK = re.compile(  # cheap, and true of every question that this file finds something in
    r"\b(?:sa(?:y|id|ys)|tell|told|claim|argu|warn|think|thought|believ|mention|explain|describ|call|add|announce|promis"
    r"|demand|insist|suggest|predict|den[iy]|admit|complain|respon|repl|react|ask|propos|state|declar|note|remark|comment"
    r"|criticis|criticiz|prais|justif|put|feel|word|quot|view|opinion|position|according to|mean|defend|compar|view)",
    re.IGNORECASE,
)
_SPEAKS = (
    r"say|said|tell|told|claim(?:ed)?|argued?|warn(?:ed)?|think|thought|believed?|mention(?:ed)?|explain(?:ed)?|describe[ds]?"
    r"|call(?:ed)?|add(?:ed)?|announced?|promised?|demand(?:ed)?|insist(?:ed)?|suggest(?:ed)?|predict(?:ed)?|den(?:y|ied)"
    r"|admit(?:ted)?|complain(?:ed)?|respond(?:ed)?|repl(?:y|ied)|react(?:ed)?|ask(?:ed)?|proposed?|stated?|declared?|noted?"
    r"|remark(?:ed)?|comment(?:ed)?|criticis(?:e|ed)|criticiz(?:e|ed)|praised?|justif(?:y|ied)|put|feel|mean|defend(?:ed)?"
    r"|compared?|view|have\s+to\s+say"
)
_FINITE = (
    r"said|says|told|tells|claims|claimed|argues|argued|thinks|thought|warned|warns|described|describes|called|calls|wanted"
    r"|demanded|promised|suggested|suggests|explained|explains|denied|denies|admitted|insisted|replied|responded"
)
_WORDS = (
    r"(?:(?:own|exact|precise|first|last|latest|main|public|full)\s+){0,2}(?:words?|comments?|statements?|remarks?|quot(?:e|es|ation|ations)"
    r"|views?|opinions?|positions?|reactions?|responses?|reply|replies|warnings?|claims?|arguments?|explanations?|descriptions?"
    r"|speech|stance|take|testimony|account|answers?|assessment|criticism|promises?|demands?)"
)
_BETWEEN = (
    r"(?:(?!(?:who|whom|that|which|about|with|by|from|against|to|in|on|at|after|before|not|than)\b)[\w’'.-]+\s+){0,5}"
)
_ASKED = re.compile(rf"(?<!\w)(?:did|does|do|has|have|had|would|will|is|was)\s+(?P<between>{_BETWEEN})$", re.IGNORECASE)
_VERB = re.compile(
    rf"\s+(?:(?:\w+ly|each|both|also|then|first|ever|exactly|once)\s+){{0,2}}(?:{_SPEAKS})\b", re.IGNORECASE
)
_PARENTHESIS = re.compile(r",\s[^,?]{1,60},(?=\s)")
_WHAT = re.compile(rf"(?<!\w)(?:what|how|that|as|where)\s+(?P<between>{_BETWEEN})$", re.IGNORECASE)
_SAYS = re.compile(rf"\s+(?:(?:\w+ly|also|then|first|once)\s+){{0,2}}(?:{_FINITE})\b", re.IGNORECASE)
_OWNED = re.compile(rf"['’]s?\s+{_WORDS}\b", re.IGNORECASE)
_LED = re.compile(
    rf"(?:(?<!\w)according\s+to|(?<!\w)quote[ds]?|(?<!\w)(?:{_WORDS}|said|quoted|quotations?)\s+(?:of|by|from|is|are))\s+"
    rf"(?P<between>{_BETWEEN})$",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\s*(?:,|\band\b|\bor\b|,\s*and\b)\s*(?:the\s+)?", re.IGNORECASE)
_OF = re.compile(r"(?<!\w)(?:of|for)\s+(?:the\s+)?$", re.IGNORECASE)
_WORD_BEFORE = re.compile(r"([\w’'.-]+)\s+$")
_SMALL = frozenset("the a an did does do has have had to of and or by what how that as is was would will".split())


def speakers(text: str, known: Known) -> tuple[Speaker, ...]:
    """The speakers that a question asks for, in order."""
    if not known.speakers or not MAY_SPEAK.search(text):
        return ()
    found = [(span, names) for span, names, is_capital in named(text, known.speakers)]
    kept = []
    for at, (span, names) in enumerate(found):
        start, end = span.start, span.end
        first = last = at
        while first > 0 and _JOINT.fullmatch(text, found[first - 1][0].end, start):
            first -= 1
            start = found[first][0].start
        while last + 1 < len(found) and _JOINT.fullmatch(text, end, found[last + 1][0].start):
            last += 1
            end = found[last][0].end
        if _is_another(text, span) or not _speaks(text, start, end):
            continue
        start = _with_title(text, span)
        kept.append(Speaker(text[start : span.end], Span(start, span.end), tuple(name.value for name in names)))
    return tuple(kept)


def _speaks(text: str, start: int, end: int) -> bool:
    """True where the words around a name, or several, make it the one who speaks."""
    before, behind = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    if aside := _PARENTHESIS.match(behind):
        behind = behind[aside.end() :]
    if _OWNED.match(text[end : end + _NEAR]):
        return True
    if _OF.search(before) and not _LED.search(before):
        return False
    return bool(
        (_ASKED.search(before) and _VERB.match(behind))
        or (_WHAT.search(before) and _SAYS.match(behind))
        or (_LED.search(before) and not re.match(r"['’]s?\s", text[end : end + 3]))
    )


def _is_another(text: str, span: Span) -> bool:
    """True where a surname follows another first name than is known: "Ben Orm" where only Ada Orm is quoted."""
    if " " in text[span.start : span.end]:
        return False
    word = _WORD_BEFORE.search(text[max(0, span.start - _NEAR) : span.start])
    if word is None or word[1].lower() in _SMALL or not word[1][0].isupper():
        return False
    begin = span.start - len(word.group())
    return not (is_titled(text, Span(begin, span.end)) or begin == 0)


def _with_title(text: str, span: Span) -> int:
    word = _WORD_BEFORE.search(text[max(0, span.start - _NEAR) : span.start])
    begin = span.start - len(word.group()) if word else span.start
    return begin if word and is_titled(text, Span(begin, span.end)) else span.start
