"""Whether a clause tells of what was or of what is to come: "met on Friday", "will meet on Friday".

Reads the one verb that governs an expression of time: the nearest before it, or behind it where it opens the clause.
A closed list of forms, no parser; what a present tense, a habit or an infinitive leaves open stays open.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from corpus.document import Span
from corpus.speech.verbs import SAYS

Looking = Literal["back", "ahead"]

_REACH = 200  # characters looked at before and behind
_ABBREVIATED = (
    "".join(rf"(?<!\b{title})" for title in "Mr Ms Mrs Dr St Prof Gen Sen Rep Gov Col Rev Sgt No [A-Z]".split())
    + r"(?<!\.m)"
)
_STOP = re.compile(rf"[;:!?…](?!\w)|\s[—–-]\s|[“”\"\n]|{_ABBREVIATED}\.(?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*|,")
_LEADING = frozenset("on in since until till by before after from for late early".split())
_OPEN_ENDED = frozenset("until till by before after from for".split())  # what was may have been meant to be
_HABIT = frozenset(
    "every each always usually typically normally generally often sometimes traditionally annually yearly weekly"
    " regularly whenever daily monthly".split()
)
_AHEAD = frozenset("will shall won't must may might upcoming forthcoming".split())
_OPEN = frozenset("could should can can't cannot couldn't shouldn't wouldn't ought if unless".split())
_MODAL = _AHEAD | _OPEN | {"would", "did", "didn't", "do", "does", "don't", "doesn't"}
_WAS = frozenset("was were had did wasn't weren't hadn't didn't".split())
_IS = frozenset("is are am be being isn't aren't get gets".split())
_PRESENT = _IS | frozenset(
    "has have hasn't haven't do does don't doesn't face meet begin go come take hold appears begins brings closes comes"
    " continues decides ends expects expires faces falls flies gives goes heads holds hopes joins keeps launches leaves"
    " marks meets moves needs opens plans plays prepares presents publishes puts raises reopens resumes returns runs"
    " says seeks sees sends shows sits speaks stands starts stays takes tells travels tries turns unveils visits votes"
    " wants welcomes works arrives chairs hosts kicks lands sails serves remains lies lives gets makes".split()
)
_DETERMINERS = frozenset(
    "the a an this its their his her our my your some any no these those more most newly recently so-called".split()
)
_PLANNED = {
    "due": None, "scheduled": None, "slated": None, "expected": frozenset("for on to by in".split()),
    "planned": frozenset(("for", "on", "in")), "set": frozenset(("for", "to")),
}  # fmt: skip
_OF_WHAT_COMES = frozenset(  # "expected the vote on Thursday": the day is of the one or of the other
    "expected planned promised predicted forecast hoped feared threatened vowed urged demanded scheduled proposed"
    " awaited postponed delayed rescheduled announced called requested sought intended prepared convened"
    " invited backed".split()
)
_MEANING_TO = frozenset(
    "is are due plan plans hope hopes want wants aim aims intend intends need needs has have likely ready about going"
    " expects vows promises prepares preparing seeks scheduled slated expected set".split()
)
_OF_A_ROW = frozenset("first second third last latest only youngest oldest".split())
_NO_INFINITIVE = frozenset(  # what "to" leads to as to a place
    "court hospital work school power parliament office prison jail town police market church death life sea land shore"
    " port congress trial book account light bed home custody safety ground zero earth war peace government university"
    " college the a an his her its their our my this that these those them him it me you one two three".split()
)
_NOT_PAST = frozenset(
    "hundred sacred naked wicked rugged based known named aged owned entitled titled dubbed embed kindred"
    " bobsled shed sled".split()
)
_IRREGULAR = frozenset(
    "became began bit bled blew bought broke brought built burnt burst came caught chose clung crept dealt did drank"
    " drew drove dug fed fell felt fled flew forgot fought found froze gave got grew heard held hid hit hung hurt kept"
    " knew laid lay led left lent lit lost made meant met overtook overthrew paid quit ran rang rebuilt rode rose said"
    " sang sank sat saw sent shook shot shrank shut slept slid sold sought sped spent spilt spoke sprang spun stole"
    " stood struck stuck stung swam swept swore swung taught threw told took tore understood undertook went wept"
    " withdrew woke won wore wrote beaten begun broken chosen done drawn driven eaten fallen flown forgotten frozen"
    " given gone hidden risen seen shaken shown spoken stolen sworn taken thrown torn withdrawn written sunk".split()
)


class _Word(NamedTuple):
    text: str  # with straight apostrophes
    low: str


def looks(text: str, span: Span) -> Looking | None:
    """Where the clause around an expression of time at ``span`` looks; None where that is not sure."""
    before, behind = _clause(text, span)
    if not _HABIT.isdisjoint(word.low for word in (*before, *behind)):
        return None
    lead = before[-1].low if before and before[-1].low in _LEADING else ""
    while before and (before[-1].low in _LEADING or before[-1].low in ("and", "or")):
        before = before[:-1]
    if lead == "since":
        return "back"
    if before and lead in ("until", "till", "by") and before[-1].low in ("has", "have"):
        return "ahead"
    found = _before(before)
    if found == "none":
        found = _behind(before, behind)
    if found == "back" and lead in _OPEN_ENDED:
        return None
    return found if found in ("back", "ahead") else None


def is_past(word: str) -> bool:
    """True of "met" and "voted", which may be participles as well."""
    if word in _IRREGULAR:
        return True
    is_regular = len(word) > 3 and word.endswith("ed") and not word.endswith("eed")
    return is_regular and "-" not in word and word.islower() and word not in _NOT_PAST


_Found = Literal["back", "ahead", "open", "none"]


def _clause(text: str, span: Span) -> tuple[list[_Word], list[_Word]]:
    begin, end = max(0, span.start - _REACH), min(len(text), span.end + _REACH)
    for stop in _STOP.finditer(text, begin, span.start):
        begin = stop.end()
    closing = _STOP.search(text, span.end, end)
    return _words(text, begin, span.start), _words(text, span.end, closing.start() if closing else end)


def _words(text: str, start: int, end: int) -> list[_Word]:
    words = [word.replace("’", "'") for word in _WORD.findall(text, start, end)]
    return [_Word(word, word.lower()) for word in words]


def _before(words: list[_Word]) -> _Found:
    """What the nearest verb before says."""
    has_comma = bool(words) and words[-1].low == ","
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        previous = _previous(words, at)
        following = words[at + 1].low if at + 1 < len(words) else ""
        if previous in _DETERMINERS or word.low == ",":
            continue
        if word.low in _AHEAD and word.text != "May" and not (word.low == "might" and previous == "with"):
            return "ahead"
        if word.low.endswith("'ll"):
            return "ahead"
        if word.low == "would":
            said = any(each.low in SAYS for each in words[:at]) and not any(each.low == "had" for each in words[:at])
            return "ahead" if said and following not in ("have", "not") else "open"
        if word.low in _OPEN:
            return "open"
        if previous == "to" and word.text.islower() and _is_infinitive(word.low):
            return _meant(words, at)
        if previous in _MODAL or word.low == "be":
            if previous in ("did", "didn't"):
                return "back"
            continue  # "will shut", "will be held": the one before tells
        if word.low in _PLANNED:
            planned = _planned(words, at)
            if planned != "none":
                return planned
        if is_past(word.low) or word.low in _WAS:
            if word.low in SAYS and has_comma and at == len(words) - 2:
                return "open"  # "will open, she said, on Friday"
            if previous == "have" and _previous(words, at - 1) in ("would", "could", "should", "to"):
                return "open"
            if word.low in _OF_WHAT_COMES and following:
                return "open"
            if word.low in _WAS or previous not in _IS:
                return "back"
            if previous == "be":
                continue
            return "back" if previous == "being" and _previous(words, at - 1) in ("was", "were") else "open"
        if word.low in _PRESENT:
            return "open"
    return "none"


def _previous(words: list[_Word], at: int) -> str:
    """The word before, adverbs and "not" left out."""
    at -= 1
    while at > 0 and (words[at].low in ("not", "also", "then", "now", "never") or words[at].low.endswith("ly")):
        at -= 1
    return words[at].low if at >= 0 else ""


def _is_infinitive(word: str) -> bool:
    return word not in _NO_INFINITIVE and (not word.endswith("s") or word.endswith("ss"))


def _meant(words: list[_Word], at: int) -> _Found:
    """Of "to meet": ahead where it is planned now, open where it was."""
    governing = words[at - 2].low if at >= 2 else ""
    told = {word.low for word in words[:at]}
    if not told.isdisjoint(_OF_A_ROW) and not told.isdisjoint(("was", "were", "became")):
        return "back"  # "were the first people to be given it on Monday"
    if _previous(words, at - 2) in _DETERMINERS:
        return "open"  # "rejected the plan to close"
    if governing in _MEANING_TO:
        earlier = {word.low for word in words[max(0, at - 5) : at - 2]}
        return "open" if earlier & {"was", "were", "had", "been"} else "ahead"
    if words[at].low == "be" and governing and governing.isalpha() and not is_past(governing):
        return "open" if governing in _WAS else "ahead"
    return "open"


def _planned(words: list[_Word], at: int) -> _Found:
    following = words[at + 1].low if at + 1 < len(words) else "on"  # the preposition of the expression is cut off
    wanted = _PLANNED[words[at].low]
    if wanted is not None and following not in wanted and at + 1 < len(words):
        return "none"
    if wanted is not None and at + 1 == len(words) and words[at].low == "set":
        return "ahead" if _previous(words, at) in _IS else "open"
    earlier = {word.low for word in words[max(0, at - 3) : at]}
    return "open" if earlier & {"was", "were", "had"} else "ahead"


def _behind(before: list[_Word], behind: list[_Word]) -> _Found:
    """What the first verb behind says, where the expression opens its clause."""
    if len(before) > 6:
        return "none"
    words = behind[1:] if behind and behind[0].low == "," else behind
    for at, word in enumerate(words):
        if word.low == ",":
            break
        previous, following = _previous(words, at), words[at + 1].low if at + 1 < len(words) else ""
        if previous in _DETERMINERS:
            continue
        if word.low in _AHEAD and word.text != "May":
            return "ahead"
        if word.low in _OPEN or word.low == "would":
            return "open"
        if word.low in ("is", "are"):
            return "ahead" if following == "to" or following in _PLANNED else "open"
        if word.low in _WAS:
            return "open" if following == "to" or following in _PLANNED else "back"
        if word.low in _PRESENT:
            return "open"
        if is_past(word.low) and following != "by":
            return "back"
    return "none"
