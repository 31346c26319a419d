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
_AROUND_LINKS = 40  # a line with less text than this around its links is a list of links
_INVITATION = re.compile(
    r"^(?:please\s+)?(?:support|subscribe|sign\s?up|donate|follow|share|join|click|read (?:more|also|next)|"
    r"(?:see|watch|listen)\s+(?:also|the full|more|below)|get (?:the|our)|download|comment|add (?:a )?(?:new )?comment|"
    r"related|advertisement|sponsored|like this|tweet|print|email|view (?:all )?comments|leave a (?:comment|reply))\b",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"©|\(c\)\s*\d{4}|all rights reserved|creative commons|wikimedia commons|getty images"
    r"|photo(?:graph)? by|(?:image|photo)(?: credit)?:"
    r"|\b(?:first|originally) (?:appeared|published) (?:on|in|at|by)\b|\brepublish\b.*\bcredit\b",
    re.IGNORECASE,
)
_LINKS = re.compile(r"!?\[[^\]]*\]\([^)]*\)")
_READING_TIME = re.compile(r"^\d+\s*min(?:ute)?s?\s+read$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)\]]*$")


def furniture(text: str) -> tuple[Span, ...]:
    """Spans of whole paragraphs that are furniture, in order and apart from each other."""
    blocks = paragraphs(text)
    lines = [text[block.start : block.end] for block in blocks]
    repeated = {line for line, times in Counter(lines).items() if times > 1 and _is_short(line)}
    return tuple(block for block, line in zip(blocks, lines, strict=True) if line in repeated or _is_furniture(line))


def _is_furniture(line: str) -> bool:
    if _READING_TIME.match(line) or not any(character.isalpha() for character in line):
        return True
    if len(line) == 1 or (_LINKS.search(line) and len(_LINKS.sub("", line)) < _AROUND_LINKS):
        return True
    if _RIGHTS.search(line) and (_is_short(line) or not _SENTENCE_END.search(line) or "republish" in line.lower()):
        return True
    return _is_short(line) and bool(_INVITATION.match(line))


def _is_short(line: str) -> bool:
    return len(line) <= _SHORT_CHARACTERS
