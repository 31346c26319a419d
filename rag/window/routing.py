"""How the window's own routes take what is sent, and how they answer.

A handler is a plain function that runs in a thread, gets what was sent, and answers with ``fragment`` or ``data``, or
raises one of our errors, which becomes one sentence in JSON. Who may ask at all is the Guard's concern.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from corpus.errors import INTERNAL_ERROR, BadInput, CiteDeskError
from rag.window.conversations import UnknownConversation
from vectorstore.errors import UnknownDocument

logger = logging.getLogger(__name__)

PRIVATE = {"cache-control": "no-store"}
GONE = 499  # what servers note for a visitor who left before the whole request was there; nobody reads it


def fragment(html: str) -> HTMLResponse:
    """HTML that was made, and escaped, by a rendering function."""
    return HTMLResponse(html, headers=PRIVATE)


def data(value: Any) -> JSONResponse:
    return JSONResponse(value, headers=PRIVATE)


def refused(sentence: str, status: int) -> JSONResponse:
    """One plain sentence on why not."""
    return JSONResponse({"error": sentence}, status, headers=PRIVATE)


def get(path: str, handler: Callable[[Request], Response]) -> Route:
    """A route that changes nothing."""

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(_told, lambda: handler(request))

    return Route(path, answer, methods=["GET"])


def post(path: str, handler: Callable[[Request, dict[str, Any]], Response]) -> Route:
    """A route that changes something as a JSON object says, which the handler gets."""

    async def answer(request: Request) -> Response:
        if not _is_from_our_page(request):
            return _not_ours()
        try:
            body = await request.body()  # the Guard lets no large one through
        except ClientDisconnect:
            return Response(status_code=GONE)
        return await run_in_threadpool(_told, lambda: handler(request, _json_object(body)))

    return Route(path, answer, methods=["POST"])


def receive(path: str, handler: Callable[[Request, Path], Response]) -> Route:
    """A route that takes a file as the raw body; the handler gets it as a temporary file, gone afterwards.

    The Guard knows its path, too: all others take no more than a small body.
    """

    async def answer(request: Request) -> Response:
        if not _is_from_our_page(request):
            return _not_ours()
        with tempfile.NamedTemporaryFile(prefix="citedesk-") as kept:
            try:
                async for piece in request.stream():
                    await run_in_threadpool(kept.write, piece)
            except ClientDisconnect:
                return Response(status_code=GONE)
            kept.flush()
            return await run_in_threadpool(_told, lambda: handler(request, Path(kept.name)))

    return Route(path, answer, methods=["POST"])


def _is_from_our_page(request: Request) -> bool:
    # A page elsewhere can send a form here, but no header of its own making.
    return request.headers.get("x-citedesk") == "1"


def _not_ours() -> JSONResponse:
    return refused("This changes something, so it needs the header x-citedesk: 1.", 403)


def _told(handle: Callable[[], Response]) -> Response:
    """What the handler answers, or why it does not."""
    try:
        return handle()
    except (UnknownDocument, UnknownConversation) as error:
        return refused(str(error), 404)
    except BadInput as error:
        return refused(str(error), 400)
    except CiteDeskError as error:
        return refused(str(error), 503)
    except Exception:
        logger.exception("a route of the window failed")
        return refused(INTERNAL_ERROR, 500)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput("what was sent is no JSON") from error
    if not isinstance(value, dict):
        raise BadInput("what was sent is no JSON object")
    return value
