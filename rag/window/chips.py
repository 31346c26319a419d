"""The small buttons inside of a text that stand for something: a citation by its number, what was assumed."""

from __future__ import annotations

from rag.answer import Assumption
from rag.escaping import escape
from rag.window.icons import icon

KINDS = {
    "period": "When",
    "outlet": "Outlet",
    "author": "Author",
    "voice": "Voice",
    "speaker": "Speaker",
    "follow-up": "Follow-up",
    "spelling": "Spelling",
}


def citation_chip(marker: int, turn: int, source: str) -> str:
    """The number that stands for a citation; ``source`` is said of it in words."""
    # The brackets are there for whoever copies the answer by hand: not seen, but copied.
    return (
        f'<button type="button" class="cd-chip" data-turn="{turn}" data-marker="{marker}" '
        f'aria-label="Source {marker}: {escape(source)}"><i>[</i>{marker}<i>]</i></button>'
    )


def assumption_chip(assumption: Assumption) -> str:
    """What was read into a question, as an item of a list: asks again without it."""
    told = assumption.taken if assumption.kind == "follow-up" else assumption.in_words  # which begins with the kind
    return (
        f'<li><button type="button" class="cd-assumption" data-without="{assumption.kind}" '
        f'title="Ask again without this"><span class="cd-kind">{KINDS[assumption.kind]}</span> '
        f'<span dir="auto">{escape(told)}</span>'
        f'{icon("remove")}<span class="cd-aside"> Ask again without this</span></button></li>'
    )
