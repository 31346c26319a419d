"""A conversation as a file to take along: Markdown with its sources listed, or JSON with all that is known of it.

Nothing that was asked, answered or quoted becomes Markdown of its own: it is text there, too. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rag.window.conversations import Conversation, Feedback
from rag.window.copying import escaped, markdown
from rag.window.counting import counted

STATUSES = {
    "answered": "",
    "abstained": "Not in this archive.",
    "incomplete": "This answer is incomplete.",
    "error": "No answer was given.",
}
VERDICTS = {"up": "a good answer", "down": "a bad answer"}

_LONGEST_NAME = 60


def as_markdown(conversation: Conversation) -> str:
    """Title, then each question with its answer and the list of what it cites."""
    about = f"CiteDesk, {_day(conversation.began)}, {counted(len(conversation.answers), 'question')}"
    parts = [f"# {escaped(' '.join(conversation.title.split()))}", f"*{about}*"]
    for turn, answer in enumerate(conversation.answers):
        doubtful = sum(sentence.check == "unverified" for sentence in answer.sentences)
        unsure = f"Sentences that were not verified: {doubtful}." if doubtful else ""
        remarks = [STATUSES[answer.status], unsure, *answer.notes, _thought(conversation.feedback.get(turn))]
        parts.append(markdown(answer))
        parts += ["\n".join(f"> {escaped(' '.join(remark.split()))}" for remark in remarks if remark)]
    return "\n\n".join(filter(None, parts)) + "\n"


def as_json(conversation: Conversation) -> dict[str, Any]:
    """Each turn as ``citedesk ask --json`` prints it, with the feedback that it got."""
    return {
        "title": conversation.title,
        "began": _moment(conversation.began),
        "changed": _moment(conversation.changed),
        "turns": [
            {**answer.to_json(), "feedback": _feedback(conversation.feedback.get(turn))}
            for turn, answer in enumerate(conversation.answers)
        ],
    }


def rated(turns: Iterable[tuple[Conversation, int]]) -> Iterable[dict[str, Any]]:
    """Each answer that got feedback, with it, as one JSON object."""
    for conversation, turn in turns:
        place = {"conversation": conversation.id, "title": conversation.title, "turn": turn}
        given = _feedback(conversation.feedback[turn])
        yield {**place, "feedback": given, **conversation.answers[turn].to_json()}


def file_name(title: str, suffix: str) -> str:
    """A name for the file that every system takes: letters and digits of the title, and hyphens."""
    letters = unicodedata.normalize("NFC", title).casefold()
    name = re.sub(r"[\W_]+", "-", letters)[:_LONGEST_NAME].strip("-")
    return f"{name or 'conversation'}.{suffix}"


def _feedback(given: Feedback | None) -> dict[str, Any] | None:
    return {"verdict": given.verdict, "reason": given.reason, "given": _moment(given.given)} if given else None


def _thought(given: Feedback | None) -> str:
    if given is None:
        return ""
    return f"Your feedback: {VERDICTS[given.verdict]}" + (f": {given.reason}" if given.reason else ".")


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
