"""The HTTP server of the window: uvicorn in a thread, with limits on how a request may arrive.

uvicorn waits for the end of a request's head as long as the visitor likes, and takes as much of it as he sends; both
end here. Knows nothing of what is served.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import threading
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from corpus.errors import BadInput, CiteDeskError
from rag.window.asgi import App
from rag.window.hosts import ANYWHERE

HEAD_S = 8.0
HEAD_BYTES = 65_536
CONNECTIONS = 800  # a browser keeps up to six of them
LAST_WORDS_S = 1  # for answers under way when the window closes
PORTS_TRIED = 100


class Timely(HttpToolsProtocol):
    """Closes a connection where a request's head is not whole after HEAD_S, or is longer than HEAD_BYTES."""

    _due: asyncio.TimerHandle | None = None
    _in_head = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES:
            self._close()

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        if self._due is None:  # one that comes while the one before is being answered
            self._await_head()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # else it trails a body, and nobody here reads those
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        if not self.pipeline:
            self._await_head()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._stop_waiting()
        self._due = self.loop.call_later(HEAD_S, self._close)

    def _stop_waiting(self) -> None:
        if self._due:
            self._due.cancel()
            self._due = None

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


class Server:
    """Serves an ASGI app at ``host``, at ``port`` or the next free one, from ``start`` until ``close``."""

    def __init__(self, *, host: str, port: int, certificate: Path | None = None, key: Path | None = None) -> None:
        """Raises BadInput for an address, port, certificate or key that cannot be used."""
        self.host = host
        self.is_secret = certificate is not None
        self._certificate, self._key = certificate, key
        if certificate is not None:
            _check_pair(certificate, key)
        self._socket = _bound(host, port)
        self.port = int(self._socket.getsockname()[1])

    @property
    def address(self) -> str:
        """Where a browser on this machine finds it."""
        name = ANYWHERE.get(self.host, self.host)
        name = f"[{name}]" if ":" in name else name
        return f"{'https' if self.is_secret else 'http'}://{name}:{self.port}/"

    def start(self, app: App) -> None:
        """Returns once requests are answered."""
        self._server = uvicorn.Server(_config(app, self._certificate, self._key))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            if not self._thread.is_alive():
                raise CiteDeskError("the window's server ended while it started; what happened is in the log")

    def close(self) -> None:
        """Answers under way get LAST_WORDS_S to end."""
        self._server.should_exit = True
        self._thread.join(LAST_WORDS_S + 5)
        self._socket.close()


def _config(app: App, certificate: Path | None, key: Path | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Timely,
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=LAST_WORDS_S,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


def _check_pair(certificate: Path, key: Path | None) -> None:
    try:
        # A locked key would have its password asked for on the terminal.
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ssl.SSLError) as error:
        raise BadInput(f"the certificate {certificate} and its key cannot be used: {error}") from error


def _bound(host: str, first: int) -> socket.socket:
    try:
        family, kind, protocol, _, _ = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise BadInput(f"{host!r} is no address of this machine: {error.strerror}") from error
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen(2_048)
        except PermissionError as error:
            bound.close()
            raise BadInput(f"port {port} needs rights that this process lacks; name another with --port") from error
        except OSError as error:
            bound.close()
            if error.errno != errno.EADDRINUSE:
                raise BadInput(f"{host!r} is no address of this machine: {error.strerror}") from error
            continue
        return bound
    raise BadInput(f"no free port from {first} on; name another with --port")
