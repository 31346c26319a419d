"""A model's reply as it grows: what of it may be shown, what it cites, and whether it refuses.

Knows the prompt it answers and text. Knows nothing of how a model is reached, and not whether what it says is so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from rag.llm.base import Usage
from rag.markers import Marked, marked
from rag.plain import plain, repeats, settled
from rag.prompting import REFUSAL, AnswerPrompt

# The word of a refusal as models write it: in brackets, with blanks, with its underscores escaped.
_SPELLED = (r"[\s\\_]{1,3}".join(REFUSAL.split("_")), "(?i:" + r"\\?_".join(REFUSAL.split("_")) + ")")
_REFUSED = re.compile(rf"[\[(\"'“‘]?\b(?:{'|'.join(_SPELLED)})\b")
_REFUSAL_START = re.compile(rf"[\[(\"'“‘]?\b{REFUSAL[0]}")
_LONGEST_REFUSAL = 2 * len(REFUSAL)
_OPENINGS = ("answer:", "final answer:")
_OPENING = re.compile(rf"\A\s*(?:{'|'.join(_OPENINGS)})\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """What has come of a reply to ``asked``; ``grew`` since the one before."""

    asked: AnswerPrompt
    text: str
    state: Literal["growing", "broken off", "whole"] = "growing"
    grew: bool = True
    usage: Usage | None = None

    @cached_property
    def shown(self) -> Marked:
        """The reply as it may be shown: plain, its markers numbered, without the word by which it refuses."""
        text = self.text.replace(self.asked.boundary, "")
        known = [hit.passage.embedded_text() for hit in self.asked.sent]
        is_growing = self.state == "growing"
        text = plain(settled(text) if is_growing else text, known=known)
        text = _OPENING.sub("", text, count=1)
        if refused := _REFUSED.search(text):
            text = text[: refused.start()].rstrip()
        elif is_growing:
            text = text[: _coming(text)]
        found = marked(text, self.asked.keys, whole=self.state == "whole")
        # A key may have become the label of a link: k3f9(address).
        return replace(found, text=plain(found.text, known=known))

    @property
    def refuses(self) -> bool:
        """True where it has the word for it, and does not cite anything before."""
        return not self.shown.sources and _REFUSED.search(plain(self.text, known=())) is not None

    @property
    def gives_us_away(self) -> bool:
        """True where it repeats our instructions at length."""
        return repeats(self.text, self.asked.prompt.system)


def _coming(text: str) -> int:
    """Where the end of a growing reply begins that may become its opening or a refusal."""
    begun = text.strip().casefold()
    if any(opening.startswith(begun) for opening in _OPENINGS):
        return 0
    for start in _REFUSAL_START.finditer(text, max(0, len(text) - _LONGEST_REFUSAL)):
        if REFUSAL.startswith(re.sub(r"[\s\\_]+", "_", text[start.end() - 1 :])):
            return start.start()
    return len(text)
