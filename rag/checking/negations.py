"""A "not" that the source lacks: the smallest change that makes a sentence false, and one that no count of words sees.

Only a sentence that else says nearly word for word what its source says is asked, and only for a "not" of its own:
where the source denies, refuses or fails in any way near by, the two may well agree. The opposite, a "not" that the
sentence left out, is not told: sources say "not" of much that stands in the same sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.checking.folding import tidy
from rag.checking.support import Readable, content

_CLOSE = 0.7  # share of the sentence's words that two sentences of a source have
_LEAST_WORDS = 2

_NOT = re.compile(
    r"\b(?:(?:not|never)\b|(?<=n)'t\b|cannot\b|nobody\b|no one\b|none\b|neither\b)"
    r"(?! (?:yet )?(?:say|said|mention|state|specify|name|give|comment|elaborate|explain|clear|known|only|just))",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:not|never|no|nobody|none|nothing|neither|nor|without|cannot|hardly|barely|few|little|unable|unlikely|yet to"
    r"|rul(?:e[sd]?|ing) out|un\w+ed|(?:den[iy]|declin|refus|reject|fail|lack|dismiss|oppos|cancel|halt|prevent|avoid"
    r"|stop|absen|miss|against|escap|abandon|withdr|drop|contest|disput)\w*)\b|n't\b",
    re.IGNORECASE,
)


def added(words: str, sources: Sequence[Readable]) -> str | None:
    """The "not" of a sentence that none of its sources has where it says the same."""
    found = _NOT.search(words)
    if found is None:
        return None
    asked = content(_NOT.sub(" ", words))
    if len(asked) < _LEAST_WORDS:
        return None
    told = [list(zip(source.contents[1:], source.sentences, strict=True)) for source in sources]
    for window in (1, 2):  # two sentences together only where no single one says it
        close = [
            near
            for sentences in told
            for near in (sentences[at : at + window] for at in range(len(sentences)))
            if len(asked & frozenset().union(*(words for words, _ in near))) >= _CLOSE * len(asked)
        ]
        if close:
            is_denied = any(_DENIES.search(tidy(text)) for near in close for _, text in near)
            return None if is_denied else "not" if found.group().startswith("'") else found.group()
    return None
