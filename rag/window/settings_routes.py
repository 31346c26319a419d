"""The routes of the settings: the page, and trying a model out. What a page chose stays in its browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rag.window.choices import choice, offers
from rag.window.routing import data, fragment, get, post
from rag.window.settings_page import settings_page

if TYPE_CHECKING:
    from rag.window.site import Site


def routes(site: Site) -> list[Route]:
    def page(request: Request) -> Response:
        return fragment(settings_page(site.desk.setup.settings, site.choices.configured, offers()))

    def test(request: Request, sent: dict[str, Any]) -> Response:
        """``{llm}``: asks it for a word, and tells what came."""
        trial = site.choices.try_out(choice({"llm": sent.get("llm")}))
        return data({"works": trial.works, "told": trial.told, "seconds": round(trial.seconds, 1)})

    return [get("/citedesk/settings", page), post("/citedesk/settings/test", test)]
