"""What programs call over HTTP, and models as tools: ask and search, with plain values in and out.

The docstrings of the two are what callers read: Gradio shows them in its description of the endpoints, and hands them
to a model as the description of the tools. Knows nothing of Gradio, which carries the values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from corpus.errors import BadInput
from rag.answer import Turn

if TYPE_CHECKING:
    from rag.assistant import Assistant

MOST_TURNS = 20
MOST_CHARACTERS = 20_000  # of a question and its answer before this one

# Gradio reads these types to describe the endpoints, so they are of kinds that JSON has.
Texts = list[dict[str, str]]
Json = dict[str, Any]


def endpoints(desk: Assistant) -> tuple[Callable[..., Json], Callable[..., Json]]:
    """``ask`` and ``search`` of one archive; both raise BadInput for what cannot be used as given."""

    def ask(
        question: str,
        history: Texts | None = None,
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        outlet: str | None = None,
    ) -> Json:
        """Answers a question from the archive of documents. Each claim in the answer carries a number, which is that
        of a citation: the exact sentence of a document that it rests on. Where the archive does not say, the status
        is "abstained" and nothing is claimed.

        Args:
            question: The question, in plain words.
            history: What was asked and answered before, oldest first, as objects with "question" and "answer".
            k: How many passages to work from; 10 where nothing is said.
            since: Only documents published on or after this date, as 2022-01-06, 2022-01 or 2022.
            until: Only documents published on or before this date.
            outlet: Only documents of this outlet.

        Returns:
            The answer with its status, citations and notes, as `citedesk ask --json` prints it.
        """
        options = _options(k=k, since=since, until=until, outlet=outlet)
        return desk.ask(_text("question", question), history=_turns(history), **options).to_json()

    def search(
        question: str,
        k: int | None = None,
        since: str | None = None,
        until: str | None = None,
        outlet: str | None = None,
    ) -> Json:
        """Finds the passages of the archive that match a question or some words, best first, without an answer.

        Args:
            question: A question or some words.
            k: How many passages to give; 10 where nothing is said.
            since: Only documents published on or after this date, as 2022-01-06, 2022-01 or 2022.
            until: Only documents published on or before this date.
            outlet: Only documents of this outlet.

        Returns:
            The passages with their documents and scores, as `citedesk search --json` prints them.
        """
        options = _options(k=k, since=since, until=until, outlet=outlet)
        return desk.search(_text("question", question), **options).to_json()

    return ask, search


def _options(*, k: object, since: object, until: object, outlet: object) -> dict[str, Any]:
    if k is not None and (not isinstance(k, int) or isinstance(k, bool)):
        raise BadInput(f"k is {k!r}; it must be a whole number")
    texts = {"since": since, "until": until, "outlet": outlet}
    return {"k": k, **{name: _text(name, value) if value is not None else None for name, value in texts.items()}}


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{name} must be text")
    return value


def _turns(history: object) -> list[Turn]:
    if history is None:
        return []
    if not isinstance(history, list) or len(history) > MOST_TURNS:
        raise BadInput(f"history must be a list of at most {MOST_TURNS} questions with their answers")
    turns = []
    for each in history:
        said = each if isinstance(each, dict) else {}
        turn = Turn(_text("a question in history", said.get("question")), _text("its answer", said.get("answer")))
        if len(turn.question) + len(turn.answer) > MOST_CHARACTERS:
            raise BadInput(f"a question in history and its answer have over {MOST_CHARACTERS:,} characters")
        turns.append(turn)
    return turns
