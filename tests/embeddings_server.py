"""A server of embeddings on loopback that speaks /v1/embeddings, well or in one of the ways we have heard of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from vectorstore.embedders.hashing import Hashing

KEY = "sk-canary-8e41b7"
MODEL = "tiny-embed"


@dataclass
class Exchange:
    """One request: what was asked, and what is answered; ``number`` counts from 1."""

    number: int
    texts: list[str]
    handler: BaseHTTPRequestHandler
    stop: Event

    def answer(self, body: object, status: int = 200, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(data)

    def rows(self) -> list[dict[str, Any]]:
        """A good answer's rows, of vectors that are no units."""
        vectors = [3.0 * Hashing().embed_query(text) for text in self.texts]
        return [
            {"object": "embedding", "index": number, "embedding": vector.tolist()}
            for number, vector in enumerate(vectors)
        ]

    def good(self) -> None:
        self.answer({"object": "list", "data": self.rows(), "model": MODEL})


Serve = Callable[[Exchange], None]


@dataclass
class Served:
    base_url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    @property
    def sizes(self) -> list[int]:
        """How many texts each request had."""
        return [len(request["input"]) for request in self.requests]


def well(exchange: Exchange) -> None:
    exchange.good()


@contextmanager
def serving(serve: Serve = well) -> Iterator[Served]:
    stop, counting = Event(), Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with counting:
                served.requests.append({**body, "path": self.path})
                served.keys.append(self.headers.get("Authorization"))
                number = len(served.requests)
            serve(Exchange(number, body["input"], self, stop))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Served(f"http://127.0.0.1:{server.server_port}/v1")
    running = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    running.start()
    try:
        yield served
    finally:
        stop.set()
        server.shutdown()
        running.join()
        server.server_close()
