"""Who a clause says is speaking: verbs of saying with the name or the role that is their subject.

Knows forms of English: a capital, a title, a comma, a closed list of verbs and roles. Knows no person, and does not
know whether a capital makes a person, a place or a company: a name is what stands where a speaker stands. Where the
form leaves two readings it answers None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from corpus.document import Span
from corpus.speech.names import (
    CAPITAL,
    CHAIN,
    DESCRIPTION_HERE,
    DESCRIPTION_LAST,
    GAP,
    OF_MEN,
    OF_WOMEN,
    OFFICE_LAST,
    ROLE_HERE,
    ROLE_LAST,
    RUN,
    is_office,
    is_titled,
    name_in,
)
from corpus.speech.verbs import NEVER_INVERTED, NOT_IN_PARENTHESIS, SAYS, TELLS, is_judging, verbs_of_saying


class Manner(Enum):
    """How a speaker is put in words."""

    NAME = "name"
    ROLE = "role"
    PRONOUN = "pronoun"


@dataclass(frozen=True)
class Saying:
    """``text[speaker]`` is the subject of the verb of saying ``text[verb]``."""

    speaker: Span
    manner: Manner
    verb: Span


_LONGEST_CLAUSE = 400  # characters; of what is longer only the end is read
_REACH = 200  # characters between a verb and a subject with a parenthesis behind it
_VERBS_BEFORE = 2  # verbs of saying before the last one that are looked at
_LONGEST_MEMORY = 1000  # characters in which one person is named for "he" to mean that person
_NEAR = 100  # characters that a speaker and its description take

_ACCORDING = re.compile(rf"\b(?:[Aa]ccording{GAP}to|[Ii]n{GAP}the{GAP}words{GAP}of){GAP}")
_BETWEEN = re.compile(  # what may stand between a subject and its verb
    rf"(?:(?<!\w)(?:has|have|had|also|then|later|once|recently|previously|first|finally|already|again|now|simply|just"
    rf"|even|often|still|famously|(?!family)[a-z]{{2,14}}ly),?{GAP}){{1,3}}$"
)
_UNSAID = re.compile(
    rf"(?:(?<!\w)(?:would|will|could|can|may|might|should|must|never|not|was|were|is|are|be|been|being|get|got|did|does"
    rf"|do|if|whether|who|cannot)|n[’']t){GAP}$"
)
_BRACKETED = re.compile(r"(?<=\w)\s\([^()]{1,30}\)\s*$")  # a party after a name
_PRONOUN = re.compile(r"(?<!\w)(?:[Hh]e|[Ss]he)$")
_MAY_PRECEDE = re.compile(  # what a subject may follow: the beginning of a clause
    r"(?:^|[,;:—–(”»’\"]|(?<!\w)(?:and|but|so|then|later|yesterday|today|ago|again|said|says|claimed|claims|which|what"
    r"|[Ww]hen|[Aa]s|[Ww]hile|[Tt]hat|[Bb]ecause|[Ww]here|[Aa]fter|[Bb]efore|[Aa]lthough|[Tt]hough|[Ss]ince"
    r"|But|And|So|Then|Yet|Still|Later|Yesterday|Today|Meanwhile|\w+day|Once|However|Even|Now)"
    r"|(?:^|[,;:—–”]\s)(?:[Tt]he\s)?(?:[Ff]ormer|[Rr]etired|[Aa]cting))\s*$"
)
_OF_PLACE = re.compile(rf"{GAP}(?:of|from){GAP}(?:{CAPITAL}{GAP}){{0,2}}{CAPITAL}\Z")
_JOINT_BEFORE = re.compile(rf"{CAPITAL},?{GAP}(?:and|or|&){GAP}$")
_JOINT_AFTER = re.compile(
    rf",?{GAP}(?:and|or|&){GAP}(?:the{GAP})?{CAPITAL}|,{GAP}(?:{CAPITAL}{GAP}){{1,3}}and{GAP}{CAPITAL}"
)
_PLACING = re.compile(rf"(?<!\w)(?:[Ii]n|[Aa]t|[Oo]f|[Ff]rom|[Nn]ear|[Ii]nto|[Tt]hrough|[Oo]n|[Tt]he){GAP}$")
_VERB_BEFORE = re.compile(rf"[”»’\"],?{GAP}([a-z]+){GAP}$")
_ENDS_ATTRIBUTION = re.compile(  # after "X said": not the beginning of what else X said
    r"\s*(?:[,.;:!?—–]|$)|\s(?:\w+ly|to|in|on|at|of|as|when|while|during|after|before|by|from|with|over|through|last|this"
    r"|next|late|early|later|again|yesterday|today|once|\w+day|outside|inside|following|upon)\b"
)
_PARENTHESIS = re.compile(  # between a subject and its verb: ", the mayor of Orm,"
    r",\s(?!(?:it|he|she|they|we|there|this|that|these|those|I|you|and|but|or)\b)[^.;:!?]{1,180},$"
)
_ENDS_PHRASE = re.compile(r"[,.;:!?—–)]|$")
_JOINED = re.compile(r"[,;:—–”]|\b(?:and|but)\b")
_ADDING = re.compile(
    r",\s(?:while\s|then\s|before\s)?(?:adding|saying|continuing|warning|noting|insisting|arguing|asking|explaining)\b"
)

_Found = tuple[Span, Manner]


def saying(text: str, clause: Span) -> Saying | None:
    """The verb of saying that governs the end of a clause, with its subject; None where that is not one speaker.

    ``clause`` begins where a sentence or a quotation before it does, or right behind a quotation that it follows.
    """
    start = max(clause.start, clause.end - _LONGEST_CLAUSE)
    verbs = verbs_of_saying(text, Span(start, clause.end))
    according = [match.end() for match in _ACCORDING.finditer(text, start, clause.end)]
    if according and (not verbs or according[-1] > verbs[-1].end):
        return _placed(speaker_at(text[according[-1] : clause.end]), according[-1], Span(according[-1], according[-1]))
    if not verbs:
        return None
    last = _said(text, Span(start, clause.end), verbs[-1])
    before = verbs[:-1][-_VERBS_BEFORE:]
    if last is None:  # ", adding": the subject is that of the verb before
        before = [verb for verb in before if _ADDING.search(text, verb.end, clause.end)]
        last = _said(text, Span(start, clause.end), before.pop()) if before else None
    if last is None or any(_competes(text, Span(start, clause.end), verb, last) for verb in before):
        return None
    return last


def attribution(text: str, clause: Span) -> Saying | None:
    """The first verb of saying in a clause that follows a quotation, with its subject: "said X", "X told Y"."""
    right = text[clause.start : min(clause.end, clause.start + _REACH)]
    begin = len(right) - len(right.lstrip(", \r\n\xa0"))
    if according := _ACCORDING.match(right, begin):
        return _placed(speaker_at(right[according.end() :]), clause.start + according.end(), clause)
    verbs = verbs_of_saying(right, Span(begin, len(right)))
    if not verbs or is_judging(right, verbs[0]):
        return None
    verb = verbs[0]
    said, where = right[verb.start : verb.end], Span(clause.start + verb.start, clause.start + verb.end)
    if verb.start == begin:
        after = verb.end + 1
        return None if said in NEVER_INVERTED else _placed(speaker_at(right[after:]), clause.start + after, where)
    left = right[begin : verb.start]
    found = _subject(left)
    if found is None or not (found[0].start == 0 or DESCRIPTION_HERE.fullmatch(left, 0, found[0].start)):
        return None
    is_open = said in TELLS or _ENDS_ATTRIBUTION.match(right, verb.end)
    return _placed(found, clause.start + begin, where) if is_open else None


def speaker_at(right: str) -> _Found | None:
    """The name or role that ``right`` begins with, alone: "the harbour master, Ada Orm, who …", "a spokesman for …"."""
    described = DESCRIPTION_HERE.match(right)
    for begin in (0, described.end() if described else 0):
        run = RUN.match(right, begin)
        name = name_in(right, Span(*run.span())) if run else None
        if name and _is_whole(right, name, begin):
            in_apposition = begin > 0 and described is not None and described["comma"]
            if not in_apposition or _ENDS_PHRASE.match(right, name.end):
                return name, Manner.NAME
    role = ROLE_HERE.match(right)
    if role and right[role.end() : role.end() + 1] not in ("’", "'") and not _JOINT_AFTER.match(right, role.end()):
        return Span(*role.span()), Manner.ROLE
    return None


def antecedent(text: str, stretches: Sequence[Span], *, pronoun: str) -> Span | None:
    """Whom "he" or "she" means: the only person named in the first of ``stretches`` that names any."""
    for stretch in stretches:
        low = max(stretch.start, stretch.end - _LONGEST_MEMORY)
        near = text[low : stretch.end]
        named = _persons(near)
        if named:
            surnames = {near[name.start : name.end].split()[-1] for name, _ in named}
            acting = [name for name, acts in named if acts]
            # One word with a capital because it is the first: it need not be a name.
            if len(surnames) > 1 or not acting or (acting[-1].start == 0 and near[: acting[-1].end] in surnames):
                return None
            other = OF_MEN if pronoun.lower() == "she" else OF_WOMEN
            is_other = other.match(near, acting[-1].start, acting[-1].end)
            return None if is_other else Span(low + acting[-1].start, low + acting[-1].end)
    return None


def _persons(text: str) -> list[tuple[Span, bool]]:
    """Names of what may be a person, each with whether it acts: the subject of a clause, or of "said X"."""
    found = []
    for run in RUN.finditer(text):
        before = text[max(0, run.start() - _REACH) : run.start()]
        name = name_in(text, Span(*run.span()))
        if name and not is_office(text, Span(*run.span())) and (not _PLACING.search(before) or CHAIN.search(before)):
            acts = _is_subject(text[max(0, name.start - _REACH) : name.start]) or _is_inverted(before)
            found.append((name, acts))
    return found


def _said(text: str, clause: Span, verb: Span) -> Saying | None:
    low = max(clause.start, verb.start - _REACH)
    # A window that begins inside of the clause does not begin with a subject.
    left = text[low : verb.start] if low == clause.start else "\0 " + text[low + 2 : verb.start]
    is_open = not left.strip() or left.rstrip()[-1] in '”»’",—–'
    found = _subject(left)
    if found:
        return _placed(found, low, verb)
    words = text[verb.start : verb.end]
    in_parenthesis = left.rstrip().endswith(",") and low < verb.start - 2
    if not is_open or words in NEVER_INVERTED or (in_parenthesis and words in NOT_IN_PARENTHESIS):
        return None
    begin = verb.end + 1
    return _placed(speaker_at(text[begin : min(clause.end, begin + _REACH)]), begin, verb)


def _placed(found: _Found | None, offset: int, verb: Span) -> Saying | None:
    if found is None:
        return None
    span, manner = found
    return Saying(Span(span.start + offset, span.end + offset), manner, verb)


def _competes(text: str, clause: Span, verb: Span, last: Saying) -> bool:
    """True where another reports what the last speaker said: "Orm said that Lund had said"."""
    if _JOINED.search(text, verb.end, last.speaker.start):
        return False
    other = _said(text, clause, verb)
    return (
        other is not None
        and text[other.speaker.start : other.speaker.end] != text[last.speaker.start : last.speaker.end]
    )


def _subject(left: str) -> _Found | None:
    """The subject of a verb that follows ``left``."""
    bare = _BRACKETED.sub(" ", _BETWEEN.sub("", left))
    if _UNSAID.search(left) or _UNSAID.search(bare):
        return None
    bare = bare.rstrip()
    if pronoun := _PRONOUN.search(bare):
        return Span(*pronoun.span()), Manner.PRONOUN
    return _before_parenthesis(bare) if bare.endswith(",") else _at_end(bare)


def _at_end(left: str) -> _Found | None:
    low = max(0, len(left) - _NEAR)
    runs = [Span(*run.span()) for run in RUN.finditer(left, low) if run.end() == len(left)]
    if runs and _JOINT_BEFORE.search(left[: runs[0].start]):
        return None
    name = name_in(left, runs[0]) if runs else None
    if name and _is_subject(left[: name.start]):
        return name, Manner.NAME
    for role in _endings([ROLE_LAST], left):
        if _MAY_PRECEDE.search(left[: role.start()]) and not _JOINT_BEFORE.search(left[: role.start()]):
            return Span(*role.span()), Manner.ROLE
    # "Senator Ada Orm of Orland"
    place = _OF_PLACE.search(left, low)
    named = _at_end(left[: place.start()]) if place else None
    return named if named and is_titled(left, named[0]) else None


def _before_parenthesis(left: str) -> _Found | None:
    """The subject before ", the mayor,": a name in the parenthesis of a role comes first."""
    named = _at_end(left[:-1])
    if named and _described(left[: named[0].start], comma=True):
        return named
    found: list[_Found] = [(name, Manner.NAME) for name, acts in _persons(left) if acts]
    found += [
        (Span(*role.span()), Manner.ROLE)
        for role in ROLE_HERE.finditer(left)
        if _MAY_PRECEDE.search(left[: role.start()])
    ]
    return min((one for one in found if _PARENTHESIS.match(left, one[0].end)), key=lambda one: one[0], default=None)


def _is_inverted(before: str) -> bool:
    said = _VERB_BEFORE.search(before)
    return said is not None and said[1] in SAYS


def _is_subject(before: str) -> bool:
    return _MAY_PRECEDE.search(before) is not None or _described(before)


def _described(before: str, *, comma: bool = False) -> bool:
    """True where ``before`` ends with what describes a speaker, "the harbour master ", and that begins a clause."""
    described = _endings([DESCRIPTION_LAST] if comma else [DESCRIPTION_LAST, OFFICE_LAST], before)
    return any(_MAY_PRECEDE.search(before[: found.start()]) for found in described if not comma or found["comma"])


def _endings(patterns: Sequence[re.Pattern[str]], text: str) -> Iterator[re.Match[str]]:
    """All that matches and is the end of ``text``, longest first; the patterns are tied to the end."""
    for pattern in patterns:
        found = pattern.search(text, max(0, len(text) - _NEAR))
        while found:
            yield found
            found = pattern.search(text, found.start() + 1)


def _is_whole(right: str, name: Span, begin: int) -> bool:
    possessed = right[name.end : name.end + 2] in ("’s", "'s") or right[name.end : name.end + 1] in ("’", "'")
    is_first = name.start == begin or DESCRIPTION_HERE.fullmatch(right, begin, name.start) is not None
    return is_first and not possessed and _JOINT_AFTER.match(right, name.end) is None
