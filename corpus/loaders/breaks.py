"""Line breaks that somebody set by hand inside a paragraph, and what they part."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)\]]*$")


def joined(lines: Iterable[str]) -> str:
    """One paragraph of these lines: a break ends the line of an address or a verse, but not a sentence.

    Where the next line goes on in lower case the two become one.
    """
    parts: list[str] = []
    for line in lines:
        flat = " ".join(line.split())
        if not flat:
            continue
        if parts:
            parts.append(" " if flat[0].islower() and not _SENTENCE_END.search(parts[-1][-10:]) else "\n")
        parts.append(flat)
    return "".join(parts)
