"""Who may ask the window for what: ASGI middleware around everything it serves.

A page elsewhere can point its own host name at this machine, so the Host must be a name that the window is called by,
and the Origin, where there is one, the window itself. Of Gradio's own routes only those are open that the window
uses: none that reads or takes a file, or fetches an address. Bodies are limited in size and in the time they take.
Where there is a login, the Guard asks it who this is, and keeps everybody to their own Gradio sessions.

Knows ASGI, and of Gradio the names of its routes and what its page looks like.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qs

from corpus.limits import MAX_FILE_BYTES
from rag.window.asgi import (
    App,
    Arriving,
    Message,
    Receive,
    Refused,
    Scope,
    Send,
    again,
    has_body,
    headers_of,
    read,
    refuse,
    uncompressed,
    whole,
    with_headers,
)
from rag.window.hosts import Names
from rag.window.owners import Owners

logger = logging.getLogger(__name__)

USER = "citedesk.user"  # in the scope of a request: who logged in, "" where there is no login

MOST_BYTES = 1_000_000  # of a body; a question has 8,000 characters, twenty turns before it some more
MOST_BYTES_AT = {"/citedesk/upload": MAX_FILE_BYTES}
# What the window uses of Gradio: its page, the questions and answers of it, and the two endpoints for programs.
_PAGE = "/"
_ENDPOINTS = r"/gradio_api/call/(?:v2/)?(?:ask|search)"
_JOIN = re.compile(rf"/gradio_api/(?:queue/join|run/predict)|{_ENDPOINTS}")
_ANSWERS = re.compile(rf"{_ENDPOINTS}/(?P<event>[0-9a-zA-Z_-]{{1,64}})")
_HEARTBEAT = re.compile(r"/gradio_api/heartbeat/(?P<session>[0-9a-zA-Z_-]{1,64})")
_QUEUE = "/gradio_api/queue/data"
_CANCEL = ("/gradio_api/cancel", "/gradio_api/reset")
_FILES = re.compile(r"/(?:assets|static)/[0-9a-zA-Z_./-]+|/theme\.css")
_TOLD = {_PAGE, "/config", "/gradio_api/info", _QUEUE}
_MCP = re.compile(r"/gradio_api/mcp/?")
_OURS = re.compile(r"/citedesk/[0-9a-zA-Z_./-]+")
_LOGIN = ("/citedesk/login", "/citedesk/login.css")
_MANIFEST = b'<link rel="manifest" href="/manifest.json" />'  # of an app to install, which this is not
_REPLACED = (b"content-length", b"content-security-policy")

# Scripts run only with the nonce of this very page, or where such a script adds them. Gradio's gr.HTML makes functions
# of its templates, which is eval, and its components style themselves inline: neither can be forbidden.
PAGE_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# Everything else is read by our scripts, but the login page, which has a style and a form.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Door(Protocol):
    """Who a request is from."""

    async def user(self, scope: Scope) -> str | None:
        """The name that logged in, None where nobody has. Raises Refused where that must not be tried again yet."""


class Guard:
    """ASGI middleware around the window; ``head`` is HTML that its page gets in the ``<head>``."""

    def __init__(
        self, app: App, *, names: Names, door: Door | None = None, has_mcp: bool = False, head: str = ""
    ) -> None:
        self.app = app
        self.names = names
        self.door = door
        self.has_mcp = has_mcp
        self.head = head
        self.owners = Owners()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        send = with_headers(send, HEADERS | {"content-security-policy": POLICY}, cached=_is_cached(scope["path"]))
        try:
            await self._admit(scope, receive, send)
        except Refused as refusal:
            await refuse(send, refusal)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        headers = headers_of(scope)
        self._check_sender(method, scope["scheme"], headers)
        if not self._is_open(method, path):
            raise Refused(404, "There is nothing here.")
        user = ""
        if self.door is not None and path not in _LOGIN:
            known = await self.door.user(scope)
            if known is None:
                raise _who_are_you(path)
            user = known
        scope = {**scope, USER: user}

        body = b""
        if has_body(headers):
            is_upload = method == "POST" and path in MOST_BYTES_AT
            most = MOST_BYTES_AT[path] if is_upload else MOST_BYTES if method in ("POST", "DELETE") else 0
            arriving = Arriving(receive, send, headers, most)
            if is_upload:
                receive, send = arriving, arriving.send
            else:
                body = await read(arriving)
                receive = again(body, receive)
        if path == _PAGE and method == "GET":
            await self._show_page(scope, receive, send)
        elif path.startswith("/gradio_api/"):
            await self._keep_apart(scope, receive, send, user, body)
        else:
            await self.app(scope, receive, send)

    def _check_sender(self, method: str, scheme: str, headers: Mapping[str, list[str]]) -> None:
        host = headers.get("host", [])
        if len(host) != 1 or not self.names.include(host[0]):
            raise Refused(403, "The window is not called by that name.")
        if any(origin.lower() != f"{scheme}://{host[0].lower()}" for origin in headers.get("origin", [])):
            raise Refused(403, "The window answers pages of its own only.")
        site, mode = (headers.get(f"sec-fetch-{name}", [""])[0] for name in ("site", "mode"))
        if site in ("cross-site", "same-site") and not (method == "GET" and mode == "navigate"):
            raise Refused(403, "The window answers pages of its own only.")
        if any(kind.lower().startswith("multipart/") for kind in headers.get("content-type", [])):
            raise Refused(415, "The window takes no forms in parts.")

    def _is_open(self, method: str, path: str) -> bool:
        if "//" in path or "/." in path:
            return False
        if self.has_mcp and _MCP.fullmatch(path):
            return method in ("GET", "POST", "DELETE")
        if _OURS.fullmatch(path):
            return method in ("GET", "HEAD", "POST")
        if method == "POST":
            return bool(_JOIN.fullmatch(path)) or path in _CANCEL
        if method in ("GET", "HEAD"):
            return path in _TOLD or any(each.fullmatch(path) for each in (_FILES, _HEARTBEAT, _ANSWERS))
        return False

    async def _show_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gradio's page with ours in its head, and a nonce on each script that it comes with."""
        nonce = secrets.token_urlsafe(16)

        def shown(start: Message, body: bytes) -> tuple[Message, bytes]:
            if start["status"] == HTTPStatus.OK:
                # Whatever else is in the page stands in it as JSON that has no "<".
                body = body.replace(b"<meta charset", self.head.encode() + b"<meta charset", 1)
                body = body.replace(_MANIFEST, b"").replace(b"<script", f'<script nonce="{nonce}"'.encode())
            headers = [(name, value) for name, value in start["headers"] if name not in _REPLACED]
            headers.append((b"content-security-policy", PAGE_POLICY.format(nonce=nonce).encode()))
            return {**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]}, body

        await self.app(uncompressed(scope), receive, whole(send, shown))

    async def _keep_apart(self, scope: Scope, receive: Receive, send: Send, user: str, body: bytes) -> None:
        """Gradio knows its sessions and jobs by names that a page makes up: everybody gets at their own only."""
        path = scope["path"]
        named: list[str] = []
        if _JOIN.fullmatch(path) or path in _CANCEL:
            sent = _json(body)
            if _names_a_file(sent):
                raise Refused(403, "The window takes no files this way.")
            named = [sent[name] for name in ("session_hash", "event_id") if isinstance(sent.get(name), str)]
        elif path == _QUEUE:
            named = _asked(scope["query_string"]).get("session_hash", [])
        elif found := _HEARTBEAT.fullmatch(path) or _ANSWERS.fullmatch(path):
            named = [found[1]]
        begins = bool(_JOIN.fullmatch(path) or _HEARTBEAT.fullmatch(path))
        if not all(self.owners.has(user, name, begins=begins) for name in named):
            raise Refused(404, "There is nothing here.")
        if not _JOIN.fullmatch(path):
            await self.app(scope, receive, send)
            return

        def noted(start: Message, answer: bytes) -> tuple[Message, bytes]:
            event = _json(answer).get("event_id") if start["status"] == HTTPStatus.OK else None
            if isinstance(event, str):
                self.owners.has(user, event, begins=True)
            if start["status"] == HTTPStatus.INTERNAL_SERVER_ERROR:
                logger.warning("Gradio failed on what was sent to %s: %r", path, sys.exception())
                raise Refused(400, "Nothing can be made of that; /gradio_api/info says what is taken.")
            return start, answer

        await self.app(uncompressed(scope), receive, whole(send, noted))


def _who_are_you(path: str) -> Refused:
    if path == _PAGE:
        return Refused(303, "Log in first.", location=_LOGIN[0])
    return Refused(401, "Log in first.")


def _is_cached(path: str) -> bool:
    """Whether it is the same for everybody, and may be kept."""
    return _FILES.fullmatch(path) is not None


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}  # Gradio says what is wrong with it
    return value if isinstance(value, dict) else {}


def _asked(query: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(query.decode("latin-1"), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise Refused(400, "That address has too many parts.") from error


def _names_a_file(value: Any) -> bool:
    """Whether Gradio would take something in it for a file: it would read the path, or fetch the address."""
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            meta = value.get("meta")
            if isinstance(meta, dict) and "_type" in meta:
                return True
            left += value.values()
        elif isinstance(value, list):
            left += value
    return False
