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


# What a question is built with, not about. In articles such words are rare, so BM25 would take them for telling.
_FUNCTION_WORDS = """
a about after again all also am an and any are as at be been before being between both but by can could did do
does doing done each ever exactly for from get give given had has have having he her here him his how i if in
into is it its just keep know like long many may me might mine more most much must my named no not of off on
one or other our out over own please really s said same say says shall she should show so some such t tell
than that the their them then there these they this those through to too under up us use very was we were what
when where whether which while who whom whose why will with would you your yours
"""
_SCAFFOLDING = frozenset(_FUNCTION_WORDS.split())


@dataclass(frozen=True)
class Question:
    """``text`` as asked; ``search_text`` with what it needs from the conversation to stand alone.

    ``given_up`` says why no language model need be asked about it: one was, to understand it, and could not answer.
    """

    text: str
    search_text: str
    kind: Kind
    today: str | None = None
    given_up: str = ""

    @property
    def names(self) -> list[str]:
        """The words written with a capital, the first one aside."""
        return [word for word in re.findall(r"\w+", self.text)[1:] if word[0].isupper()]

    @property
    def keywords(self) -> str:
        """The words of the search text that say what it is about; all of them where none does."""
        words = re.findall(r"\w+", self.search_text)
        return " ".join(word for word in words if word.lower() not in _SCAFFOLDING) or self.search_text


def understand(text: str, history: Sequence[Turn] = (), *, today: str | None = None) -> Question:
    """``today`` is what "today" means, None where that is the day of asking.

    Raises BadInput where there is no question, or more of one than anybody asks."""
    text = " ".join(text.encode("utf-8", errors="replace").decode().split())  # no lone surrogates from a terminal
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
