"""What stands on the page before the first question: what the archive holds, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.dates import period_in_words
from rag.escaping import escape
from rag.keeping.status import ArchiveStatus
from rag.window.counting import counted
from rag.window.frame import INVITATION

INVITATION_TO_ADD = "Add documents, then ask: each claim in an answer will open the exact sentence it rests on."


def coverage(documents: int, first: str | None, last: str | None) -> str:
    """What the archive holds, in one line of plain text; dates in ISO 8601."""
    if not documents:
        return "The archive is empty"
    period = period_in_words(first, last)
    return counted(documents, "document") + (f", {period}" if period else "")


def opening(status: ArchiveStatus) -> str:
    """The line under the name, and the invitation."""
    held = coverage(status.documents, status.first_published, status.last_published)
    invitation = INVITATION if status.documents else INVITATION_TO_ADD
    return f'<p class="cd-coverage">{escape(held)}</p><p class="cd-greeting">{escape(invitation)}</p>'


def suggestions(questions: Iterable[str]) -> str:
    """Questions as buttons that ask them."""
    return "".join(
        f'<button type="button" class="cd-ask" dir="auto">{escape(question)}</button>' for question in questions
    )
