"""Statements turned into the questions that they answer: how many, how much, when.

Knows forms of English: where a number or a date stands, a closed list of verbs, what makes a clause hard to turn.
Precision over quantity: what does not fit a form gives nothing. Knows no document and nothing that happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.dates import MONTH
from rag.checking.numbers import Number, numbers

LONGEST = 260  # characters of a sentence: in a longer one too much is between its parts

_PAST = dict(
    pair.split("/")
    for pair in """
    abandoned/abandon accepted/accept acquired/acquire added/add adopted/adopt announced/announce
    appointed/appoint approved/approve arrested/arrest arrived/arrive asked/ask attacked/attack attended/attend
    attracted/attract awarded/award backed/back banned/ban began/begin bought/buy broke/break brought/bring built/build
    burned/burn cancelled/cancel captured/capture carried/carry caught/catch caused/cause charged/charge
    chose/choose claimed/claim closed/close collapsed/collapse collected/collect completed/complete
    confirmed/confirm contained/contain counted/count created/create crossed/cross cut/cut damaged/damage
    delivered/deliver deployed/deploy destroyed/destroy detained/detain died/die discovered/discover
    dismissed/dismiss displaced/displace donated/donate drew/draw dropped/drop earned/earn ejected/eject
    elected/elect employed/employ ended/end escaped/escape evacuated/evacuate expelled/expel exported/export
    fell/fall filed/file fined/fine finished/finish fired/fire flew/fly flooded/flood found/find founded/found
    gained/gain gave/give grew/grow held/hold hired/hire hit/hit hosted/host imported/import imposed/impose
    included/include injured/injure inspected/inspect installed/install interviewed/interview
    introduced/introduce invested/invest invited/invite issued/issue joined/join killed/kill launched/launch
    left/leave lent/lend lost/lose made/make married/marry met/meet moved/move named/name needed/need
    offered/offer opened/open ordered/order owned/own paid/pay passed/pass planted/plant played/play
    pledged/pledge printed/print produced/produce published/publish pulled/pull purchased/purchase
    questioned/question raised/raise ran/run reached/reach received/receive recorded/record recovered/recover
    recruited/recruit rejected/reject released/release removed/remove renewed/renew repaired/repair
    replaced/replace rescued/rescue resigned/resign resumed/resume retired/retire returned/return sank/sink
    scored/score seized/seize sent/send served/serve shut/shut signed/sign sold/sell spent/spend started/start
    stole/steal stopped/stop stored/store struck/strike supplied/supply surveyed/survey suspended/suspend
    tested/test took/take trained/train treated/treat turned/turn visited/visit voted/vote walked/walk
    wanted/want withdrew/withdraw won/win wounded/wound wrote/write
    """.split()
)
_PAID_WITH = "pay paid spent raised received donated earned lost won offered pledged owed gave invested".split()
_VERB = "|".join(sorted(_PAST, key=len, reverse=True))
_MODAL = "will|would|can|could|must|should|may|has|have|had"
_BE = "is|are|was|were"

_HARD = re.compile(r"[\"();:*#_|\[\]…<>@/]|--| - |\.\.|'(?!s\b|t\b|re\b|ve\b|ll\b|d\b|\s)|(?<!s)'\s|https?")
_POINTING = re.compile(  # who or what is meant stands somewhere else
    r"\b(?:he|she|it|they|we|i|you|him|her|them|us|his|hers|its|their|our|my|your|this|that|these|those|which|who|whom"
    r"|whose|latter|former|others?|another|such|there|here|then|same|both|either|neither|himself|herself|itself"
    r"|themselves|if|because|although|though|unless|not|never|n't|what|how|why)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:However|Meanwhile|Also|But|And|So|Still|Yet|Later|Then|Instead|Separately|In all|In total|Overall),? "
    r"|(?:In|On|At|By|After|Before|During|For|Since|With|From|Under|Over|Until|Last|Earlier|According)\b[^,]{1,70}, )+"
)
_REPORTED = re.compile(  # ", the union said on Wednesday", ", according to the mayor"
    r",? (?:according to [^,]{1,80}|(?:[^,]{1,60} )?(?:said|says|reported|reports|announced|added|told)"
    r"(?: (?:on|in|at|to|the|last|this|reporters|yesterday)\b[^,]{0,50})?)$"
)
_SAID_THAT = re.compile(
    r"^[^,]{1,90}? (?:said|says|reported|announced|found|estimated|confirmed|told [^,]{1,40}) that "
)
_APPOSITION = re.compile(  # "Ada Penn, the mayor of Orm, " before a verb
    rf"^(?P<name>[A-Z][\w.'-]*(?: [\w.'-]+){{0,4}}), (?:an?|the|who|which|[A-Z])\b[^,]{{1,90}},"
    rf" (?=(?:{_BE}|{_MODAL}|{_VERB})\b)"
)
_TAIL = re.compile(r" (?:after|when|while|because|since|until|before|as|so that|if|although|though|where)\b.*$")
_WHEN_AT_END = re.compile(
    r",? (?:(?:on|last|next|this) )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today|tonight|tomorrow"
    r"|(?:last|next|this) (?:week|month|year|spring|summer|autumn|fall|winter))"
    r"(?: (?:morning|afternoon|evening|night))?$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today|tonight|tomorrow"
    r"|(?:last|next|this) (?:week|month|year|spring|summer|autumn|fall|winter))\b",
    re.IGNORECASE,
)
_ABOUT = (
    r"(?:(?:at least|more than|fewer than|less than|about|around|some|nearly|almost|over|up to|roughly|only|all"
    r"|as many as|an estimated|just over|just under|another|a total of|the|its|their|his|her) )?"
)
_AT_CLAUSE_START = re.compile(rf"^{_ABOUT}$", re.IGNORECASE)
_NOUN = (  # what is counted: at most two words before a plural
    r"(?P<noun>(?:(?!(?:of|in|on|at|to|for|and|or|by|from|with|than|as|per|the|a|an)\b)[A-Za-z][a-z'-]+ ){0,2}?"
    r"(?:[a-z][a-z-]{2,}(?<![sui])s|people|men|women|children|police|cattle|sheep|fish|staff))(?![\w'-])"
)
_NO_COUNT = re.compile(  # "16 years old", "three times": another question
    r"(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|times|points?|miles|metres|meters|kilometres|kilometers"
    r"|feet|inches|degrees|percent|pounds|dollars|euros|decades|centuries"
    r"|millions|billions|thousands|hundreds|dozens|was|has|does|always|perhaps|sides|others|ones|things|ways|hands"
    r"|states|terms|knots)$"
)
_SUBJECT = (
    r"(?P<subject>[A-Z][\w'&.-]*"
    r"(?: (?!(?:and (?![A-Z])|(?:but|or|to|as|when|while|where|after|before)\b))[\w'&.-]+){0,10}?)(?: [a-z]+ly)?"
)
_REST = r"(?P<rest>(?: [^,]{0,90})?)"
_DATE = (
    rf"(?:(?:on )?(?P<day>(?:{MONTH})\.? \d{{1,2}}(?:,? \d{{4}})?|\d{{1,2}} (?:{MONTH})\.?(?: \d{{4}})?)"
    rf"|in (?P<month>(?:{MONTH})\.? \d{{4}}|(?<!\d)(?:1[6-9]|20)\d\d(?!\d))"
    r"|(?:on )?(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)|(?P<near>yesterday))"
    r"(?: (?:morning|afternoon|evening|night))?(?![\w-])"
)
_FEW_WORDS = range(4, 23)

_THERE = re.compile(rf"^there (?P<be>{_BE}) {_ABOUT}$", re.IGNORECASE)
_DID = re.compile(rf"^{_SUBJECT} (?P<verb>{_VERB}) {_ABOUT}$")
_WOULD = re.compile(rf"^{_SUBJECT} (?P<aux>{_MODAL}) (?P<middle>(?:[a-z-]+ ){{1,3}}?){_ABOUT}$")
_LASTED = re.compile(rf"^{_SUBJECT} lasted {_ABOUT}$")
_HELD_FOR = re.compile(rf"^{_SUBJECT} (?P<aux>has|have) (?P<middle>(?:[\w'-]+ ){{1,6}}?)for {_ABOUT}$")
_INSURED = re.compile(rf"^{_SUBJECT} (?P<aux>{_BE}) (?P<middle>[a-z]+ed (?:for|by|at|with|in|on)) {_ABOUT}$")
_TIME = re.compile(r"^[ -](?:seconds|minutes|hours|days|weeks|months|years|decades)$")
_COST = re.compile(rf"^{_SUBJECT} (?:(?P<aux>will|would) )?(?P<cost>costs?) {_ABOUT}$")
_COUNTED = re.compile(rf"^[ -]?{_NOUN}{_REST}$")
_ACTING = re.compile(
    rf"^[ -]?{_NOUN}(?P<of>(?: (?:of|from|in|at|on|aboard|near) [^,]{{1,50}}?)?)"
    rf" (?P<rest>(?:{_BE}|{_MODAL}|{_VERB})\b[^,]{{0,110}})$"
)
_SHARE = re.compile(rf"^ (?P<of>of [^,]{{2,50}}?) (?P<rest>(?:{_BE}|{_MODAL}|{_VERB})\b[^,]{{0,110}})$")
_HAPPENED = re.compile(
    rf"^{_SUBJECT} (?P<aux>{_BE}|will be|has been) (?P<middle>(?:[\w'&.-]+ ){{1,8}}?){_DATE}{_REST}$"
)
_DID_ON = re.compile(rf"^{_SUBJECT} (?P<verb>{_VERB}) (?P<middle>(?:[\w'&.-]+ ){{0,8}}?){_DATE}{_REST}$")


@dataclass(frozen=True)
class Phrased:
    """A question and what answers it: ``answer`` as the statement has it, ``noun`` what is counted.

    ``number`` is the number asked for; ``date`` is the expression asked for. One of them is None.
    """

    question: str
    answer: str
    noun: str = ""
    number: Number | None = None
    date: str | None = None


def questions(sentence: str) -> Iterator[Phrased]:
    """The questions that a sentence, tidy and without its point, answers; none where its form is not sure, or where
    it is long."""
    if len(sentence) > LONGEST or _HARD.search(sentence):
        return
    for clause in _clauses(sentence):
        yield from _how_many(clause)
        yield from _when(clause)


def _clauses(sentence: str) -> Iterator[str]:
    """The statement itself, without who reports it and what opens it."""
    said = _SAID_THAT.sub("", sentence)
    stated = _OPENING.sub("", said)
    for part in re.split(r", (?:and|but|while) ", stated):
        part = _APPOSITION.sub(r"\g<name> ", part[:1].upper() + part[1:])
        if clause := _REPORTED.sub("", part).partition(", ")[0].strip(" ,"):
            yield clause


def _how_many(clause: str) -> Iterator[Phrased]:
    dated = _WHEN_AT_END.sub("", _TAIL.sub("", clause))
    if _RELATIVE.search(dated):
        return
    for number in numbers(dated):
        if number.is_ordinal or number.idiomatic or number.unit in ("am", "pm") or ":" in number.text:
            continue
        if re.fullmatch(r"\d{4}", number.text):  # a year
            continue
        before, after = dated[: number.span.start], dated[number.span.end :]
        for phrased in _asked(before, after, number):
            if _is_fit(phrased.question, number.text):
                yield phrased
                return


def _asked(before: str, after: str, number: Number) -> Iterator[Phrased]:
    if number.unit == "%":
        share = _SHARE.match(after)
        if share and _AT_CLAUSE_START.match(before):
            yield Phrased(f"What share {share['of']} {share['rest']}?", number.text, number=number)
        return
    if number.unit:
        yield from _how_much(before, after, number)
        return
    if _TIME.match(after):
        if lasted := _LASTED.match(before):
            yield Phrased(f"How long did {_inside(lasted['subject'])} last?", number.text + after, number=number)
        elif held := _HELD_FOR.match(before):
            question = f"How long {held['aux']} {_inside(held['subject'])} {held['middle'].strip()}?"
            yield Phrased(question, number.text + after, number=number)
    counted = _COUNTED.match(after)
    if counted is None or _NO_COUNT.search(counted["noun"]):
        return
    acting = _ACTING.match(after)
    if acting and _AT_CLAUSE_START.match(before) and not _NO_COUNT.search(acting["noun"]):
        question = f"How many {acting['noun']}{acting['of']} {acting['rest']}?"
        yield Phrased(question, f"{number.text} {acting['noun']}", acting["noun"], number)
    noun, rest = counted["noun"], counted["rest"]
    answer = f"{number.text} {noun}"
    if there := _THERE.match(before):
        yield Phrased(f"How many {noun} {there['be'].lower()} there{rest}?", answer, noun, number)
    elif did := _DID.match(before):
        question = f"How many {noun} did {_inside(did['subject'])} {_PAST[did['verb']]}{rest}?"
        yield Phrased(question, answer, noun, number)
    elif not rest and (insured := _INSURED.match(before)):
        question = f"How many {noun} {insured['aux']} {_inside(insured['subject'])} {insured['middle']}?"
        yield Phrased(question, answer, noun, number)
    elif would := _WOULD.match(before):
        question = f"How many {noun} {would['aux']} {_inside(would['subject'])} {would['middle'].strip()}{rest}?"
        yield Phrased(question, answer, noun, number)


def _how_much(before: str, after: str, number: Number) -> Iterator[Phrased]:
    rest = after if re.fullmatch(r"(?: [^,]{0,90})?", after) else None
    if rest is None:
        return
    if cost := _COST.match(before):
        aux = cost["aux"] or ("does" if cost["cost"] == "costs" else "did")
        yield Phrased(f"How much {aux} {_inside(cost['subject'])} cost{rest}?", number.text, number=number)
    elif (did := _DID.match(before)) and did["verb"] in _PAID_WITH:
        yield Phrased(
            f"How much money did {_inside(did['subject'])} {_PAST[did['verb']]}{rest}?", number.text, number=number
        )


def _when(clause: str) -> Iterator[Phrased]:
    happened, did = _HAPPENED.match(clause), _DID_ON.match(clause)
    found = happened or did
    if found is None:
        return
    middle, rest = found["middle"].strip(), found["rest"].strip()
    if re.search(r"\b(?:by|since|until|till|from|before|after|between|to|of|and|through|than|for|about|near)$", middle):
        return
    if re.search(r"\bto (?!the\b|an?\b|[A-Z])", middle):  # agreed to meet on Friday: the one or the other
        return
    if _RELATIVE.search(f"{middle} {rest}") or re.search(rf"\b(?:{MONTH})\b|\d{{4}}", rest):
        return
    tail = f" {rest}" if rest and len(rest.split()) <= 6 else ""
    if re.match(r"\s(?:and|but|or|to|when|while|where|after|before|with|as|than|at \d|\d)\b", tail):
        tail = ""
    words = f" {middle}" if middle else ""
    if happened:
        aux, *more = happened["aux"].split()
        words = " ".join(["", *more]) + words
        question = f"When {aux} {_inside(happened['subject'])}{words}{tail}?"
    else:
        question = f"When did {_inside(found['subject'])} {_PAST[found['verb']]}{words}{tail}?"
    expression = found["day"] or found["month"] or found["weekday"] or found["near"]
    if _is_fit(question, expression):
        yield Phrased(question, expression, date=expression)


def _inside(subject: str) -> str:
    """A subject as it is written inside of a sentence."""
    first, space, rest = subject.partition(" ")
    is_plural = first.endswith("s") and re.match(r"(?:of|in|from|at|on) ", rest) is not None  # "Members of the union"
    return first.lower() + space + rest if first in ("The", "A", "An") or is_plural else subject


def _is_fit(question: str, answer: str) -> bool:
    """True for a question that stands alone in length and in what it points to, and does not give itself away."""
    words = question.split()
    asked = question.partition(" ")[2].replace("How", "").replace("When", "")
    pointing = _POINTING.search(re.sub(r"^(?:many|much|share)\b|\b(?:were|are|was|is) there\b", "", asked))
    return len(words) in _FEW_WORDS and not pointing and answer.lower() not in question.lower()
