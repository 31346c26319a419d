"""Whether what was found is far from the question, and what is said then: that there is nothing, and where one looked.

Knows evidence and the archive's extent. Knows nothing of composers.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.dates import period_in_words
from rag.evidence import Evidence
from vectorstore.view import View

_ENOUGH = 0.38  # similarity plus coverage of the best sentence; below it the archive does not answer
_NOTHING = "Nothing in this archive answers that."


def is_far_off(evidence: Sequence[Evidence]) -> bool:
    """True where even the best sentence found, the first, has little to do with the question."""
    return not evidence or evidence[0].similarity + evidence[0].coverage < _ENOUGH


def nothing_found(view: View) -> str:
    """One sentence, then how much was looked through."""
    documents, _ = view.snapshot.counts()
    if not documents:
        return "The archive is empty: add documents, then ask again."
    if not view.documents:
        return "No document of this archive is of the dates or the outlet asked for."
    if view.is_narrowed:
        return f"{_NOTHING} I looked through those asked for, {view.documents} of its {documents} documents."
    dates = period_in_words(*view.snapshot.coverage())
    period = f" ({dates})" if dates else ""
    return f"{_NOTHING} I looked through {documents} document{'s' if documents > 1 else ''}{period}."
