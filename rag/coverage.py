"""How much was looked through without finding an answer, in words. Knows the archive's extent."""

from __future__ import annotations

from corpus.dates import period_in_words
from vectorstore.view import View

_EMPTY = "The archive is empty: add documents, then ask again."
_NONE_SUCH = "No document of this archive is of the dates or the outlet asked for."


def nothing_found(view: View) -> str:
    """One sentence."""
    documents, _ = view.snapshot.counts()
    if not documents:
        return _EMPTY
    return f"{looked_through(view)}." if view.documents else _NONE_SUCH


def looked_through(view: View) -> str:
    """That nothing in so many documents, of these dates, answers; without a full stop. Of a view with documents."""
    documents, _ = view.snapshot.counts()
    if view.is_narrowed:
        return f"Nothing in those asked for, {view.documents} of {documents} documents, answers this"
    dates = period_in_words(*view.snapshot.coverage())
    period = f" ({dates})" if dates else ""
    return f"Nothing in {documents} document{'s' if documents > 1 else ''}{period} answers this"
