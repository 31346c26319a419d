"""Sentences that state nothing: headings, lead-ins, greetings, and that the passages do not say something.

Told by form alone. Nothing that has a fact of its own in it is one: to take a claim for small talk is worse than the
opposite. Knows words; not what the passages say.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]")
_LAST_SIGN = re.compile(r"[^\s*_`\"'”’)\]]")
_OPENINGS = (
    r"hello|hi|hey|sure|certainly|of course|okay|ok|(?:a )?(?:good|great|excellent|interesting) question"
    r"|thank(?:s| you)|you are welcome|i hope (?:this|that)"
    r"|(?:i am |i'm )?happy|let me know|feel free|here(?:'s| is| are)|below (?:is|are)|in summary|in short|to sum up"
    r"|(?:i am |i'm )?(?:very )?sorry|(?:my )?apologies|i apologi[sz]e|unfortunately"
)
_MORE = (
    r"there|again|so much|very much|for (?:your|the) question|for asking|helps|to (?:ask|help)"
    r"|for (?:the|any|my) (?:confusion|inconvenience|misunderstanding|mistake|error)"
    r"|what (?:i found|the \w+ says?)|the answers?|an? (?:short )?(?:answer|summary|overview)"
    r"|if you have (?:any )?(?:more|further|other)? ?questions"
    r"|about (?:that|this)|everyone"
)
_SMALL_TALK = re.compile(rf"(?:{_OPENINGS})(?:,? (?:{_MORE}))*[\s.!,:…-]*", re.IGNORECASE)
_OFFER = re.compile(
    r"(?:if you (?:[a-z']+,? ){1,8})?(?:please )?"
    r"(?:feel free|let me know|(?:do not|don't) hesitate|i(?:'m| am|'d be| would be) (?:happy|glad))"
    r"(?: [a-z']+){0,8}[\s.!]*",
    re.IGNORECASE,
)
_MATERIAL = (
    r"(?:(?:the|these|those|this|any of the|all of the|your) )?(?:[a-z]+ )?"
    r"(?:passages?|excerpts?|archives?|documents?|sources?|articles?|texts?|materials?|context|extracts?|information)"
    r"(?: (?:given|provided|above|available|supplied|here|at hand|i (?:have|was given)|you (?:gave|provided)))?"
)
_NOT = r"(?:(?:do|does|did)(?: not|n't)|never|cannot|can(?: not|'t))"
_CLOSELY = r"(?: (?:explicitly|directly|specifically|clearly|actually|further|otherwise|itself|themselves))?"
_TELL = (
    r"(?:say|mention|tell|state|give|contain|specify|answer|include|provide|name|explain|describe|discuss|address|cover"
    r"|offer|quantify|report|note|record|elaborate|detail|indicate|reveal|identify|disclose|clarify|list|have"
    r"|make (?:it )?clear)"
)
_SILENT = (
    rf"{_NOT}{_CLOSELY} {_TELL}",
    rf"{_TELL}s?{_CLOSELY} (?:nothing|no)",
    r"(?:is|are) silent",
    r"lacks? (?:(?:any|the|more|further) )?(?:information|details|mention)",
)
_SAID = (
    r"(?:said|stated|mentioned|given|specified|provided|named|identified|described|disclosed|included|available|found"
    r"|answered|addressed|discussed|contained|present|clear)"
)
_LOOKED_FOR = r"(?:find|see|locate|have|provide|give|answer|determine|tell|identify|say|know)"
_BEFORE_ABSENCE = re.compile(  # an answer's first words, as often before a fact
    r"(?:(?:unfortunately|however|but|though|beyond (?:this|that)|otherwise|on this|also|therefore|so|as such|that said"
    r"|(?:final )?answer|(?:please )?note(?: that)?|(?:i am |i'm )(?:very )?(?:sorry|afraid)|i apologi[sz]e"
    rf"|(?:based on|according to|from|in) {_MATERIAL})(?:[,:;] ?|(?= but )| )(?:but )?){{0,3}}",
    re.IGNORECASE,
)
_ABSENCE = re.compile(
    rf"(?:{_MATERIAL} (?:[a-z]+ )?(?:{'|'.join(_SILENT)})\b"
    rf"|(?:no|none of the|neither of the|nothing in the) {_MATERIAL} (?:here |given |provided )?{_TELL}s?\b"
    rf"|(?:this|that|it) (?:is|was)(?: not|n't){_CLOSELY} (?:said|stated|mentioned|given)\b"
    rf"|i(?: {_NOT}| could(?: not|n't)|(?: was| am|'m) (?:not |un)able to){_CLOSELY} {_LOOKED_FOR}\b"
    r"(?: (?:that|this|it)(?= (?:from|in|with|based|using)\b|[.!]|$)"
    r"| (?:that|this|the|any|enough|sufficient) (?:[a-z]+ )?(?:information|answer|details?))?"
    r"|there (?:is|was)(?: not|n't)? (?:no|any|enough|sufficient|insufficient)(?: [a-z]+)? (?:information|answer)\b"
    r"|(?:there is|i (?:found|could find|can find)) (?:nothing|no (?:information|answer|mention|details))"
    rf"(?: [a-z']+){{0,6}} in {_MATERIAL}"
    rf"|it is (?:not possible|impossible) to (?:answer|say|tell|determine)(?: [a-z']+){{0,4}} (?:from|with) {_MATERIAL}"
    rf"|(?:[a-z']+ ){{1,12}}(?:(?:is|are|was|were)(?: not|n't){_CLOSELY}(?: {_SAID})?"
    r"|(?:cannot|can't|could not|couldn't) be (?:determined|found|established|answered|identified|known|told)"
    rf"|{_NOT} appear) (?:in|by|from|within|part of) {_MATERIAL}"
    r")",
    re.IGNORECASE,
)
_OF_ITSELF = re.compile(
    r"(?:(?:please )?note:? ?(?:that )?)?(?:this|the|my)(?: [a-z]+)? (?:answer|response|summary|information|reply)"
    rf" (?:is|was)(?: (?:based|drawn|taken|limited))?(?: (?:only|solely|entirely|strictly))? (?:on|from|to) {_MATERIAL}"
    r"[\s.!]*",
    re.IGNORECASE,
)
_DISAGREE = re.compile(
    r"(?:(?:however|but|note that),? )?(?:(?:the|these|their|its) )?(?:available )?(?:versions?|accounts?|sources?"
    r"|passages?|reports?|figures?|numbers?|outlets?|articles?|estimates?|counts?)"
    r" (?:differ|vary|disagree|conflict|diverge|(?:do not|don't) agree|contradict (?:each other|one another)"
    r"|(?:give|report|offer) (?:different|differing|conflicting|various) [a-z]+)"
    r"(?: on (?:this|that|it))?[\s.!:]*",
    re.IGNORECASE,
)
_ADDS = re.compile(r"[,;:]| (?:that|but|because|although|though|and|so|while|whereas) ", re.IGNORECASE)


def says_nothing(words: str, *, has_fact: bool, is_heading: bool) -> bool:
    """True for what states nothing: a heading, a lead-in, a question, a greeting, that the passages do not say.

    ``words`` is tidy; ``has_fact`` is whether it has a number, a date, a quotation or a name in it that the question
    has not.
    """
    if not _WORD.search(words):
        return True
    if has_fact or is_heading:
        return not has_fact
    signs = _LAST_SIGN.findall(words[-8:])
    if signs and signs[-1] in ":?":
        return True
    if any(form.fullmatch(words) for form in (_SMALL_TALK, _OFFER, _OF_ITSELF, _DISAGREE)):
        return True
    return is_absence(words)


def is_absence(words: str) -> bool:
    """True for a sentence that says no more than that the passages do not tell something."""
    start = _BEFORE_ABSENCE.match(words)
    absence = _ABSENCE.match(words, start.end() if start else 0)
    return absence is not None and not _ADDS.search(words, absence.end())
