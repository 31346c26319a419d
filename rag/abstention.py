"""What is said where the archive does not answer: that it does not, and what was looked through.

Knows the archive's extent. Decides nothing: a composer does.
"""

from __future__ import annotations

from corpus.dates import period_in_words
from vectorstore.index import View

_NOTHING = "Nothing in this archive answers that."


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
