"""A window on a small archive, served for real, and requests to it as a person, a page or an attacker sends them."""

from __future__ import annotations

import http.client
import json
import socket
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ui
from rag import Assistant
from tests.conftest import open_small, write_articles


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Visitor:
    """Sends requests to a window; ``headers`` go with each."""

    port: int
    headers: Mapping[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: Any) -> Reply:
        """``headers`` have underlines for dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {**self.headers, **named})
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: Any) -> Reply:
        return self.ask("GET", path, **headers)

    def post(self, path: str, value: Any, **headers: Any) -> Reply:
        sent: dict[str, Any] = {"content_type": "application/json", "x_citedesk": "1", **headers}
        return self.ask("POST", path, json.dumps(value).encode(), **sent)

    def as_(self, name: str, password: str) -> Visitor:
        """The same who says name and password with each request."""
        said = b64encode(f"{name}:{password}".encode()).decode()
        return Visitor(self.port, {**self.headers, "authorization": f"Basic {said}"})

    def with_cookie(self, cookie: str) -> Visitor:
        return Visitor(self.port, {**self.headers, "cookie": cookie})

    def raw(self, request: bytes) -> bytes:
        """What comes back for exactly these bytes, until the window closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    got = b""
    try:
        while piece := connection.recv(65_536):
            got += piece
    except ConnectionResetError:  # what the window had not read is thrown away with the connection
        pass
    return got


def called(visitor: Visitor, name: str, **values: Any) -> tuple[str, Any]:
    """How a call of an endpoint ended and with what, as ``curl`` would see it."""
    begun = visitor.post(f"/gradio_api/call/v2/{name}", values)
    assert begun.status == 200, begun.text
    told = visitor.get(f"/gradio_api/call/{name}/{begun.json['event_id']}")
    *_, last = told.text.strip().split("\n\n")
    event, _, value = last.partition("\ndata: ")
    return event.removeprefix("event: "), json.loads(value)


@contextmanager
def window(folder: Path, **options: Any) -> Iterator[tuple[Visitor, Assistant]]:
    """A window on three short articles, and its archive; ``options`` as ``ui.serve`` has them."""
    desk = open_small(folder / "home", report=lambda line: None)
    desk.ingest(write_articles(folder / "articles"))
    try:
        address = ui.serve(desk, port=free_port(), block=False, **options)
        yield Visitor(int(urlsplit(address).port or 0)), desk
    finally:
        import gradio

        gradio.close_all(verbose=False)
        desk.close()
