"""What is asked: the question as it stands alone, and what it asks for.

Knows words. Knows nothing of the archive, of retrieval or of models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.errors import BadInput
from rag.answer import Turn

MAX_CHARACTERS = 8_000
MAX_TURNS = 20

Kind = Literal["who", "when", "where", "number", "other"]

_KINDS: dict[Kind, str] = {
    "number": r"\bhow (?:many|much|long|far|old|often|big|large|high|deep)\b"
    r"|\b(?:what|which) (?:number|share|percentage|figure|price|sum|amount)\b",
    "when": r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:date|day|month|year|week|time)\b",
    "where": r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:place|city|town|country|village|port|location|building)\b",
    "who": r"\bwho(?:m|se)?\b"
    r"|\b(?:what|which) (?:\w+ )?(?:person|official|politician|people|minister|author|man|woman)\b",
}


@dataclass(frozen=True)
class Question:
    """``text`` as asked; ``search_text`` with what it needs from the conversation to stand alone."""

    text: str
    search_text: str
    kind: Kind
    today: str | None = None


def understand(text: str, history: Sequence[Turn] = (), *, today: str | None = None) -> Question:
    """``today`` is what "today" means, None where that is the day of asking.

    Raises BadInput where there is no question, or more of one than anybody asks."""
    text = " ".join(text.split())
    if not text:
        raise BadInput("the question is empty; ask something, for example: who said what, and when?")
    if len(text) > MAX_CHARACTERS:
        raise BadInput(f"the question has {len(text):,} characters, over the limit of {MAX_CHARACTERS:,}; shorten it")
    return Question(text, _standing_alone(text, history[-MAX_TURNS:]), _kind(text), today)


def _standing_alone(text: str, history: Sequence[Turn]) -> str:
    # The user's previous turn joined to this one finds more than all turns, or the last answer, joined.
    return f"{history[-1].question} {text}" if history else text


def _kind(text: str) -> Kind:
    return next((kind for kind, pattern in _KINDS.items() if re.search(pattern, text, re.IGNORECASE)), "other")
