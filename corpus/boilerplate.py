"""Which spans of a text are furniture: share bars, donation lines, credits, comment rules, rights notices.

Furniture is marked, never cut: it stays in the text and out of the passages. It is told by form (a short
line that is no sentence, a line that returns, an imperative to the reader, a licence) and a doubtful line
counts as text, because a lost sentence is worse than an indexed share bar.
"""

from __future__ import annotations

import re
from collections import Counter

from corpus.document import Span
from corpus.sentences import paragraphs

_SHORT_CHARACTERS = 120
_NOTICE_CHARACTERS = 700  # a licence or a set of comment rules is longer than a short line, but not than this
_AROUND_LINKS = 40  # a line with less text than this around its links is a list of links
_RETURNS = 3  # times that a line stands in a text before it is nobody's headline

_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)\]]*$")
_REPORTED = re.compile(
    r"[“\"]|\b(?:said|says|told|tells|asked|asks|wrote|writes|urged|urges|warned|warns|added|cried)\b"
)

_NETWORK = r"(?:facebook|twitter|x|whatsapp|linkedin|reddit|telegram|instagram|pinterest|youtube|bluesky|mastodon)"
_LABEL = (
    rf"(?:share(?: this(?: \w+)?)?|tweet|print|e-?mail|save|send|copy link|like this|{_NETWORK}|comments?|more"
    r"|subscribe|donate|sign ?up|sign in|log ?in|follow(?: us)?|advertisement|sponsored|read (?:more|also|next)"
    r"|see also|related(?: (?:articles|stories|posts|news|content|topics|coverage))?)"
)
_LABELS = re.compile(  # lines of nothing but labels, "5 min read", "Add new comment", "Sponsored by …"
    rf"^(?:{_LABEL}(?:\s*\(?\d+\)?)?\W*(?:\s|$))+$|^\d+[ -]?min(?:ute)?s?\.? read$"
    r"|^(?:add (?:a |your )?(?:new )?comment|leave a (?:comment|reply)|(?:view|show|read) (?:all )?(?:\d+ )?comments)\b"
    r"|^sponsored (?:content|by [^.,]+)$",
    re.IGNORECASE,
)
_POINTER = re.compile(  # to another text: "Related: …", "Read more about …", "Watch the full …"
    r"^(?:related(?: \w+)?|read (?:more|also|next)|see also|also read|more (?:from|on) [^.:]{2,40}|watch|listen"
    r"|sign ?up|advertisement|sponsored|share this|follow us)\s*[:|–—]"
    r"|^(?:read more|see also) (?:about|on|at|from|here)\b"
    r"|^(?:watch|listen to|hear|see|read) the (?:full|whole|complete) "
    r"(?:broadcast|episode|podcast|video|film|interview|show|programme|program|article|story|post)\b",
    re.IGNORECASE,
)
_INVITATION = re.compile(  # forms that no statement begins with: "Share prices fell." has none of them
    r"^(?:please )?(?:subscribe\b|sign ?up (?:for|to|now|today|here)\b|click (?:here|below|to|on)\b"
    r"|donate (?:now|today|here|to)\b|donate\b.*\b(?:we|us|our)\b"
    r"|support (?:(?:our|this|the|your|independent)\b|(?-i:[A-Z])).*(?:\b(?:we|us|our)\b|!$)"
    r"|support our (?:work|reporting|journalism)\b|(?:support|follow|join|help) us\b"
    r"|(?:get|download|join|read|see|visit|try) our\b"
    r"|(?:get|download) the (?:app|newsletter|podcast)\b|get\b.*\b(?:newsletter|inbox)\b"
    r"|join the (?:conversation|discussion)\b"
    rf"|(?:follow|like|find|join)\b.*\bon {_NETWORK}\b|share (?:on|via) (?:{_NETWORK}|e-?mail)\b"
    r"|(?:share|tweet|print|e-?mail|save) this (?:article|story|post|page|link)\b)",
    re.IGNORECASE,
)
_CREDIT = re.compile(  # "Photo: …", "Image by N. Name", "… Photo by N. Name.", "via Wikimedia Commons"
    r"^[*_(\[]*(?i:photo|photograph|image|picture|illustration|graphic)s?(?i: credits?| courtesy)?\s*"
    r"(?::|(?i:by|of) (?:the )?[A-Z])"
    r"|[.)|] [(*_]*(?:Photo|Photograph|Image|Picture|Illustration)s? by [A-Z][^.]*\.?[)*_]*$"
    r"|(?i:(?:via|/|\|)\s*(?:getty images|wikimedia commons)|getty images\s*/)"
)
_RIGHTS = re.compile(
    r"©|(?i:(?:^|[.|]\s*|copyright\s+)\(c\)\s*\d{4})|(?i:\ball rights reserved\W*$)"
    r"|(?i:\bthis (?:post|article|story|piece|column|essay|interview|text)\b[^.]{0,40}\b(?:first|originally) "
    r"(?:appeared|published|ran) (?:on|in|at|by|with)) (?:the |an? )?[A-Z]"
    r"|^(?i:first|originally) (?:appeared|published) (?:on|in|at|by|with) (?:the )?[A-Z][^,]*$"
    r"|(?i:\b(?:this|our|all) (?:\w+ )?(?:work|articles?|story|text|content|site|website)\b[^.]*\bcreative commons\b)"
)
_LICENCE = re.compile(r"\bCC[ -]BY\b|(?i:\b(?:under|licen[cs]ed)(?: under)? (?:an? |the )?creative commons\b)")
_REPUBLISHING = re.compile(
    r"(?=.*\brepublish)(?=.*\b(?:credit|attribution|back-?link|link back)\b)"
    r"(?=.*\b(?:you|anyone|free to|please|permission|welcome to)\b)",
    re.IGNORECASE,
)
_COMMENT_RULES = re.compile(r"^(?:our )?comment(?:s|ing)? (?:rules|policy|guidelines)\s*:", re.IGNORECASE)
_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()\[\]]*(?:\([^()\[\]]*\)[^()\[\]]*)*\)")


def furniture(text: str) -> tuple[Span, ...]:
    """Spans of whole paragraphs that are furniture, in order and apart from each other."""
    blocks = paragraphs(text)
    lines = [text[block.start : block.end] for block in blocks]
    times = Counter(line for line in lines if _may_return(line))
    seen: set[str] = set()
    found = []
    for block, line in zip(blocks, lines, strict=True):
        # A headline may stand over the text and once more in it: the first one stays.
        if line in seen or times[line] >= _RETURNS or _is_furniture(line):
            found.append(block)
        if times[line] > 1:
            seen.add(line)
    return tuple(found)


def _may_return(line: str) -> bool:
    """A short line that is no sentence: an answer "Yes." and the refrain of a speech are text each time."""
    return _is_short(line) and _SENTENCE_END.search(line) is None


def _is_furniture(line: str) -> bool:
    if len(line) == 1 or not any(character.isalpha() for character in line) or _is_list_of_links(line):
        return True
    if len(line) > _NOTICE_CHARACTERS:
        return False
    if _is_short(line) and (_LABELS.match(line) or _POINTER.match(line) or _is_invitation(line)):
        return True
    return _is_notice(line)


def _is_invitation(line: str) -> bool:
    """An imperative to the reader from those who publish, and not what somebody said."""
    return _INVITATION.match(line) is not None and _REPORTED.search(line) is None


def _is_notice(line: str) -> bool:
    """A credit, a licence, a statement of rights or the rules for comments."""
    is_sentence = _SENTENCE_END.search(line) is not None
    if _COMMENT_RULES.match(line) or ((_is_short(line) or not is_sentence) and _CREDIT.search(line)):
        return True
    if _REPORTED.search(line):
        return False
    if _REPUBLISHING.match(line) or (_LICENCE.search(line) and not is_sentence):
        return True
    return (_is_short(line) or not is_sentence) and _RIGHTS.search(line) is not None


def _is_list_of_links(line: str) -> bool:
    """Links with next to nothing between them; a heading or a short sentence that holds a link is text."""
    around = _LINK.sub("", line)
    if around == line or len(around) >= _AROUND_LINKS or line.startswith("#"):
        return False
    return not around.rstrip().endswith((".", "!", "?", "…"))


def _is_short(line: str) -> bool:
    return len(line) <= _SHORT_CHARACTERS
