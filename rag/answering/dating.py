"""What the relative dates of a quotation mean, to stand beside it and never inside: [that is 12 January 2022].

Knows a quotation and the date of its document; what an expression means is the business of corpus/relative.py.
"""

from __future__ import annotations

import re

from corpus.relative import Meaning, read

UNKNOWN = "[the date of the document is unknown]"

_MOST = 3
_LEADING = re.compile(r"(?<!\w)(?:on|in|earlier|later)\s+$", re.IGNORECASE)  # shown with the expression
_LONGEST_LEAD = 12


def in_brackets(quote: str, published: str | None) -> str:
    """The meanings of at most three relative dates of ``quote``, in order; "" where nothing is surely learned.

    ``published`` is an ISO date of any precision. Where it is missing or too coarse for all of them, the brackets say
    that the date is unknown. "Today" in the sense of these days and periods up to now ("the past two years") are no
    relative dates. The brackets hold no bare number, so that none of them is read as a marker.
    """
    reading = read(quote, published)
    meanings: dict[str, tuple[str, list[str]]] = {}
    for each in reading.resolved:
        phrase = _phrase(quote, each)
        meanings.setdefault(phrase.casefold(), (phrase, []))[1].append(each.words)
    # What means one thing here and another there, or nothing sure, cannot be told by naming it.
    line = " ".join(quote.casefold().split())
    said = [
        (phrase, words[0])
        for folded, (phrase, words) in meanings.items()
        if len(set(words)) == 1 and line.count(folded) <= len(words)
    ][:_MOST]
    if not said:
        return UNKNOWN if reading.open else ""
    if len(said) == 1 and reading.expressions == 1:
        return f"[that is {said[0][1]}]"
    return f"[{'; '.join(f'“{phrase}” is {words}' for phrase, words in said)}]"


def _phrase(quote: str, meaning: Meaning) -> str:
    start = meaning.span.start
    lead = _LEADING.search(quote, max(0, start - _LONGEST_LEAD), start)
    return " ".join(quote[lead.start() if lead else start : meaning.span.end].split())
