"""ASGI as the window uses it: a request that is refused, a body as it arrives, a response changed on its way out.

Knows messages. Knows nothing of who may ask for what.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_S = 8.0  # for a body to arrive, and a second more for each
BYTES_A_SECOND = 50_000


class Refused(Exception):
    """A request that gets ``status`` and one plain sentence."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers


def headers_of(scope: Scope) -> dict[str, list[str]]:
    """Every value of each header, by its name in lower case."""
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def has_body(headers: Mapping[str, list[str]]) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", ["0"]) != ["0"]


def uncompressed(scope: Scope) -> Scope:
    """The same request for a response that can be read and changed."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}


async def read(arriving: Arriving) -> bytes:
    """The whole body. Raises Refused where it breaks off."""
    body = bytearray()
    while True:
        message = await arriving()
        if message["type"] != "http.request":
            raise arriving.refusal or Refused(400, "That broke off.")
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def again(body: bytes, receive: Receive) -> Receive:
    """The body once more, whole, and after it whatever comes."""
    left = [body]

    async def receive_again() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return receive_again


class Arriving:
    """A body as it comes: where it is too much or too slow, the app sees it break off, the visitor why."""

    def __init__(self, receive: Receive, send: Send, headers: Mapping[str, list[str]], most: int) -> None:
        length = headers.get("content-length", ["0"])[0]
        if not length.isdecimal() or int(length) > most:
            raise _too_much(most)
        self.refusal: Refused | None = None
        self._receive = receive
        self._send = send
        self._most = most
        self._got = 0
        self._waited_s = 0.0
        self._is_whole = False

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(BODY_S + self._got / BYTES_A_SECOND - self._waited_s):
                message = await self._receive()
        except TimeoutError:
            self.refusal = Refused(408, "That took too long to arrive.")
            return {"type": "http.disconnect"}
        self._waited_s += clock() - began  # for the visitor, not for what takes the body in
        self._got += len(message.get("body", b""))
        self._is_whole = message["type"] == "http.request" and not message.get("more_body", False)
        if self._got > self._most:
            self.refusal = _too_much(self._most)
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if self.refusal is None:
            await self._send(message)
        elif message["type"] == "http.response.start":
            await refuse(self._send, self.refusal)


def _too_much(most: int) -> Refused:
    return Refused(413, f"That is more than the {most:,} bytes that are taken here.")


def whole(send: Send, changed: Callable[[Message, bytes], tuple[Message, bytes]]) -> Send:
    """Holds a short response back until it is whole, and sends what ``changed`` makes of it."""
    start: Message = {}
    body = bytearray()

    async def send_whole(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        body.extend(message.get("body", b""))
        if not message.get("more_body", False):
            first, rest = changed(start, bytes(body))
            await send(first)
            await send({"type": "http.response.body", "body": rest})

    return send_whole


def with_headers(send: Send, headers: Mapping[str, str], *, cached: bool) -> Send:
    """Each response gets the headers that it lacks; what is not cached is private."""
    wanted = {name.encode(): value.encode() for name, value in headers.items()}
    if not cached:
        wanted[b"cache-control"] = b"no-store"

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", []))
            has = {name.lower() for name, _ in own}
            message = {**message, "headers": [*own, *((name, wanted[name]) for name in wanted if name not in has)]}
        await send(message)

    return send_with_headers


async def refuse(send: Send, refusal: Refused) -> None:
    """The refusal as the response, its sentence in JSON."""
    body = json.dumps({"error": str(refusal)}).encode()
    headers = [(name.encode(), value.encode()) for name, value in refusal.headers.items()]
    # Closed, as a body may be on its way that nobody is going to read.
    headers += [(b"content-type", b"application/json"), (b"connection", b"close")]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
