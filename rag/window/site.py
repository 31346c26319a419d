"""What all of the window works with, and the list of its own routes, all below ``/citedesk/``.

Each room's routes are in a file of their own, ``NOUN_routes.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rag.keeping.jobs import Jobs
from rag.window import (
    assets,
    conversation_routes,
    history_routes,
    library_routes,
    reader_routes,
    settings_routes,
    timeline_routes,
)
from rag.window.choices import BUILT_IN, Choice, Choices
from rag.window.guard import USER
from rag.window.routing import data, get
from rag.window.suggesting import Starters

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.window.conversations import Conversations

SCRIPT = "/citedesk/window.js"


class Site:
    """One archive's window: its assistants, its conversations, the work on its archive, the questions to begin with."""

    def __init__(self, desk: Assistant, conversations: Conversations) -> None:
        """``desk`` is the assistant that the configuration makes."""
        self.desk = desk
        self.conversations = conversations
        self.choices = Choices(desk)
        self.jobs = Jobs()
        self.starters = Starters(lambda: self.choices.desk(Choice(llm=BUILT_IN)))

    def user(self, request: Request) -> str:
        """Who logged in, "" where there is no login."""
        return str(request.scope.get(USER, ""))

    def close(self) -> None:
        """End the work as soon as it may, and leave the conversations in order; the archive itself stays open."""
        self.starters.close()
        self.jobs.close()
        self.conversations.close()


def routes(site: Site) -> list[Route]:
    """The routes of every room, the window's own script, and who is at it."""
    rooms = (conversation_routes, history_routes, library_routes, reader_routes, settings_routes, timeline_routes)
    script = assets.script()

    def show_script(request: Request) -> Response:
        return Response(script, media_type="text/javascript", headers={"cache-control": "no-cache"})

    def show_name(request: Request) -> Response:
        return data({"name": site.user(request)})

    return [
        get(SCRIPT, show_script),
        get("/citedesk/name", show_name),
        *(route for room in rooms for route in room.routes(site)),
    ]
