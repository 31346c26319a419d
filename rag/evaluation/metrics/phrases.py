"""Whether an answer mentions a phrase, however it is written.

Case, spacing, the style of quotation marks, bold and italic marks and citation marks such as [1] do not matter, and a
dash is a space. A phrase must begin where a word does and may end inside one ("sanction" finds "sanctions"); one that
ends in a digit may not go on with a digit ("January 10" is not in "January 101").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_CITATION = re.compile(r"\[\^?\d{1,2}(?:\s*,\s*\d{1,2})*\]")
_SIGNS = {
    **dict.fromkeys("‘’‛", "'"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("-\u2010\u2011\u2012\u2013\u2014\u2212", " "),
    **dict.fromkeys("*_`", ""),
}
_FOLDED = str.maketrans(_SIGNS)


def uncited(text: str) -> str:
    """The text with a blank for each citation mark."""
    return _CITATION.sub(" ", text)


def folded(text: str) -> str:
    return one_spaced(uncited(text).casefold().translate(_FOLDED))


def one_spaced(text: str) -> str:
    """The text with one blank for every run of white space, no-break spaces included."""
    return " ".join(text.split())


def mentions(text: str, phrase: str) -> bool:
    """False for a phrase of nothing but signs."""
    wanted = folded(phrase)
    if not wanted:
        return False
    end = r"(?!\d)" if wanted[-1].isdigit() else ""
    return re.search(r"(?<!\w)" + re.escape(wanted) + end, folded(text)) is not None


def mentions_any(text: str, phrases: Iterable[str]) -> bool:
    return any(mentions(text, phrase) for phrase in phrases)
