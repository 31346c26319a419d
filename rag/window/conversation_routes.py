"""Routes of the conversation: what to start with, a conversation that was kept, and one question fewer of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from corpus.errors import BadInput
from rag.window.exchange import exchange
from rag.window.opening import opening, suggestions
from rag.window.routing import data, fragment, get, post

if TYPE_CHECKING:
    from rag.window.site import Site


def routes(site: Site) -> list[Route]:
    def begin(request: Request) -> Response:
        return fragment(opening(site.desk.status()))

    def suggest(request: Request) -> Response:
        return fragment(suggestions(site.starters.questions()))

    def kept(request: Request) -> Response:
        found = site.conversations.load(site.user(request), request.query_params.get("id", ""))
        shown = (
            exchange(answer, turn, conversation=found.id, verdict=judged.verdict if judged else "")
            for turn, answer in enumerate(found.answers)
            for judged in [found.feedback.get(turn)]
        )
        return fragment("".join(shown))

    def undo(request: Request, sent: dict[str, object]) -> Response:
        conversation, keep = sent.get("conversation"), sent.get("keep")
        if not isinstance(conversation, str) or not isinstance(keep, int) or keep < 0:
            raise BadInput("to take a question back, say of which conversation and how many to keep")
        user = site.user(request)
        found = site.conversations.load(user, conversation)
        site.conversations.save(user, conversation, found.answers[:keep])
        return data({"kept": min(keep, len(found.answers))})

    return [
        get("/citedesk/start", begin),
        get("/citedesk/suggestions", suggest),
        get("/citedesk/conversation", kept),
        post("/citedesk/undo", undo),
    ]
