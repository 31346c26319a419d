"""Routes of the timeline: how the archive's documents lie in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rag.window.histogram import coverage_of, histogram
from rag.window.routing import fragment, get

if TYPE_CHECKING:
    from rag.window.site import Site


def routes(site: Site) -> list[Route]:
    def coverage(request: Request) -> Response:
        return fragment(histogram(coverage_of(site.desk.periods())))

    return [get("/citedesk/coverage", coverage)]
