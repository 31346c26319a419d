"""Lines that say whose a text or a picture is: credits, hands, where it is filed, rights, licences, disclaimers.

Knows one line at a time. A sentence about a photographer, a licence or a novel that was first published in 1931 is
text, and so is a long paragraph whatever it holds.
"""

from __future__ import annotations

import re

from corpus.boilerplate.labels import SHORT_CHARACTERS, any_of, any_word_of, bare, ends_sentence

_NOTICE_CHARACTERS = 700  # a licence or a set of comment rules is longer than a short line, but not than this

REPORTED = re.compile(  # what somebody is quoted as saying is news; one or two words in quotes are a name
    r"^[‘'“\"]|[“\"][^“”\"]{25,}[”\"]"
    r"|\b(?:said|says|told|tells|asked|asks|wrote|writes|urged|urges|warned|warns|added|cried|according to)\b"
)
WORK = (  # what a publisher calls what it publishes
    r"(?:article|story|post|page|piece|column|essay|interview|conversation|report|recipe|review|episode|podcast|video"
    r"|transcript|newsletter|e-?mail|message|web ?site|site|content|text|document|work|translation)"
)
_NAMES = r"[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*){0,3}"
_PICTURE = r"(?i:photo|photograph|image|picture|illustration|composite|graphic|video)"
_CREDIT = re.compile(  # "Photo: …", "Image by N. Name", "(N. Name/Outlet)"
    "|".join(
        (
            r"^[*_(\[]*(?i:photo|image|picture) (?i:source|caption|credit|copyright)s?[,:]",
            rf"^[*_(\[]*{_PICTURE}s?(?i: credits?| courtesy)?\s*(?::|(?i:by|of|courtesy of) (?:the )?[A-Z])",
            r"^[*_(\[]*(?i:credits?\s*:|courtesy of)(?: ?the)? ?[A-Z]",
            rf"^\({_NAMES} ?[/|] ?{_NAMES}\)$",
            rf"^[A-Z][\w'’.-]* {_NAMES}/{_NAMES}$",
        )
    )
)
_PICTURE_AT_END = re.compile(  # "… Photo by N. Name."
    rf"[.)|] [(*_]*(?:(?:Staff|File|Handout) )?{_PICTURE}s?(?: by |: )[A-Z][^.]*\.?[)*_]*$"
)
_NAMES_AT_END = re.compile(rf"\. ?\({_NAMES} ?[/|] ?{_NAMES}\)$")  # "… (N. Name/Outlet)"
_AGENCY = any_of(r"(?:via|/|\|)\s*(?:getty images|wikimedia commons)|getty images\s*/")
_HANDS = any_of(  # who had a hand in a text, and what machine shows it
    r"^[*_(\[]*(?:with )?(?:additional |further )?(?:reporting|writing|editing|edited|translated|produced|research) "
    r"(?:in [^.]{2,30} )?by (?-i:[A-Z])[^.]*[.)\]*_]*$",
    rf"^this {WORK} (?:is|was) (?:produced|presented|hosted|mixed|edited) by (?-i:[A-Z])",
    rf"^this {WORK} (?:has been|was|is) (?:lightly )?(?:edited (?:and \w+ )?for|condensed|last (?:edited|modified))\b",
    rf"^(?:this {WORK} was )?last (?:edited|modified|updated)(?: on| at|:) .{{0,40}}$|^retrieved from\b",
    r"^support for (?:this|the) (?:podcast|programme|program|show|series) (?:comes|is)\b",
    r"^(?:proudly )?powered by (?-i:[A-Z])[^.]*(?:\. theme\b.*)?$|^theme(?: by|:) |^provided by (?-i:[A-Z])[^.,]*$",
)
_CONTRIBUTED = any_of(r"\bcontributed (?:reporting )?to this (?:report|story|article)\.?$")
_HASHTAGS = re.compile(r"^(?:#\w+[\s,]*){2,}$")
_FILED = any_of(  # "Tags: …", "Filed under Letters"
    r"^(?:tags?|tagged|topics|categor(?:y|ies)|keywords|filed (?:under|in)|posted in)\s*:\s*[^.]+$",
    r"^(?:filed under|posted in|tagged(?: with)?) (?-i:[A-Z])[^.]*$",
)
_SIGN_OF_RIGHTS = any_of(r"(?:^|[.|]\s*|copyright\s+)\(c\)\s*\d{4}")
_OPENS_RIGHTS = any_of(
    r"^copyright \d{4}\b",
    r"^(?:first|originally) (?:appeared|published) (?:on|in|at|by|with) (?:the )?(?:(?-i:[A-Z])|\w+\.\w)[^,]*$",
    r"^(?:content|text) is available under\b",
    r"^this is an? (?:[\w-]+ ){0,3}(?:article|work)\b[^.]*\bcreative commons\b",
)
_RIGHTS = any_word_of(
    r"all rights reserved\W*$",
    r"this (?:post|article|story|piece|column|essay|interview|text)\b[^.]{0,40}\b(?:first|originally) "
    r"(?:appeared|published|ran) (?:on|in|at|by|with) (?:the |an? )?(?-i:[A-Z])",
    r"(?:this|our|all) (?:\w+ )?(?:work|articles?|story|text|content|site|website)\b[^.]*\bcreative commons\b",
)
_LICENCE = any_word_of(r"(?-i:CC[ -]BY)\b|(?:under|licen[cs]ed)(?: under)? (?:an? |the )?creative commons\b")
_REPUBLISHING = any_of(
    r"(?=.*\brepublish)(?=.*\b(?:credit|attribution|back-?link|link back)\b)"
    r"(?=.*\b(?:you|anyone|free to|please|permission|welcome to)\b)"
)
_NOT_TO_BE_USED = any_of(
    r"(?=.*\b(?:this|our) (?:material|document|work|site|content|article))"
    r"(?=.*\b(?:republish|reproduc|redistribut|copyright|broadcast))"
    r"(?=.*\b(?:may not|can ?not|must not|no part|without .{0,20}permission))"
)
_DISCLAIMER = any_of(
    r"^(?:the )?(?:views|opinions) expressed\b.*\b(?:author|writer|contributor|speaker|interviewee)",
    r"^(?:this|the information in this) (?:e-?mail|message|communication)\b.*\b(?:confidential|privileged)\b",
    r"^transcripts are\b|^this is an automated\b|^sent from my \w+(?: \w+)?\.?$|^get \w+ for (?:ios|android)$",
    r"^(?:please )?(?:enable|turn on) javascript\b|^your browser does not support\b",
)


def is_imprint(line: str) -> bool:
    """True for a line about who made, owns, files or answers for what is on the page."""
    if len(line) > _NOTICE_CHARACTERS:
        return False
    plain = bare(line)
    is_sentence = ends_sentence(line)
    is_brief = len(line) <= SHORT_CHARACTERS or not is_sentence
    if is_brief and (_is_credit(line) or _names_hands(plain) or _FILED.match(plain) or _HASHTAGS.match(line)):
        return True
    states_terms = _DISCLAIMER.match(plain) or _REPUBLISHING.match(plain) or _NOT_TO_BE_USED.match(plain)
    if states_terms or (is_brief and _states_rights(line)) or (not is_sentence and _LICENCE.search(line)):
        return REPORTED.search(plain) is None
    return False


def _is_credit(line: str) -> bool:
    at_end = _PICTURE_AT_END.search(line) or _NAMES_AT_END.search(line)
    return (at_end or _CREDIT.match(line) or _AGENCY.search(line)) is not None


def _names_hands(plain: str) -> bool:
    return _HANDS.match(plain) is not None or _CONTRIBUTED.search(plain) is not None


def _states_rights(line: str) -> bool:
    if "©" in line or _OPENS_RIGHTS.match(line) or _RIGHTS.search(line):
        return True
    return ")" in line and _SIGN_OF_RIGHTS.search(line) is not None
