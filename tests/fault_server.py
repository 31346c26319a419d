"""A model's server on loopback that fails in every way we have heard of, over real sockets.

``FAULTS`` is the table: a name, what the server does, and what a reader must make of it. ``serving`` runs one of them.
It speaks OpenAI's chat completions; a test of another protocol gives a ``Fault`` of its own.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from select import select
from threading import Event, Thread
from typing import Any, Literal

from rag.llm.base import Limits, Prompt, ProviderError
from rag.llm.calling import Caller

KEY = "sk-canary-5d1f0a77c2"
PIECES = ("The bridge ", "opened ", "in May [1].")
WHOLE = "".join(PIECES)

Outcome = Literal["answered", "incomplete", "error"]

# What goes wrong at once ends at once, however slow the machine; only silence is waited for.
PATIENT = Limits(connect_s=5.0, first_token_s=20.0, gap_s=20.0, total_s=30.0)
# The first to ask in a process imports the SDK meanwhile, which is to end before the patience does.
NO_BEGINNING = Limits(connect_s=5.0, first_token_s=1.5, gap_s=20.0, total_s=30.0)
NO_GAP = Limits(connect_s=5.0, first_token_s=20.0, gap_s=0.6, total_s=30.0)
NO_END = Limits(connect_s=5.0, first_token_s=20.0, gap_s=20.0, total_s=2.0)


def read(caller: Caller, prompt: Prompt, *, max_tokens: int = 60) -> tuple[str, ProviderError | None]:
    """What came of a reply, and what went wrong after it."""
    said = ""
    try:
        for piece in caller.ask(prompt, max_tokens=max_tokens):
            said += piece
    except ProviderError as error:
        return said, error
    return said, None


class Exchange:
    """One request on its open connection. ``number`` counts the requests of this server from 1."""

    def __init__(self, connection: socket.socket, number: int, stop: Event, disconnected: Event) -> None:
        self.number = number
        self.headers: dict[str, str] = {}
        self.body: dict[str, Any] = {}
        self._connection = connection
        self._stop = stop
        self._disconnected = disconnected

    def read(self) -> bool:
        """False where the client hung up before it had asked anything."""
        received = b""
        while b"\r\n\r\n" not in received:
            part = self._connection.recv(65_536)
            if not part:
                return False
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        for line in head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        while len(body) < int(self.headers.get("content-length", "0")):
            body += self._connection.recv(65_536)
        self.body = json.loads(body)
        return True

    def send(self, data: bytes) -> bool:
        """False where nobody is there any more."""
        try:
            self._connection.sendall(data)
        except OSError:
            self._disconnected.set()
            return False
        return not self._stop.is_set()

    def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> bool:
        lines = [f"HTTP/1.1 {status} So", f"Content-Type: {kind}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return self.send("\r\n".join([*lines, "", ""]).encode())

    def refuse(self, status: int, body: object = "", kind: str = "application/json", **headers: str) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.head(status, kind, **{"Content-Length": str(len(data)), **headers})
        self.send(data)

    def good(self) -> None:
        """A whole reply, as it should be."""
        self.head()
        self.send(b"".join(text(piece) for piece in PIECES) + end("stop") + DONE)

    def hold(self, seconds: float | None = None) -> bool:
        """Say nothing, until the client hangs up (then False) or for some seconds."""
        waited = 0.0
        while not self._stop.is_set() and (seconds is None or waited < seconds):
            readable, _, _ = select([self._connection], [], [], 0.02)
            with suppress(OSError):
                if readable and self._connection.recv(1):
                    continue
            if readable:
                self._disconnected.set()
                return False
            waited += 0.02
        return not self._stop.is_set()

    def reset(self) -> None:
        """Break the connection off by force, so that the client sees a TCP reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()


def event(data: object) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def chunk(delta: Mapping[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event({"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]})


def text(content: str) -> bytes:
    return chunk({"content": content})


def end(finish: str) -> bytes:
    return chunk({}, finish)


DONE = b"data: [DONE]\n\n"


def error(message: str, **more: object) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", **more}}


@dataclass(frozen=True)
class Fault:
    """What a server does with each request, and what is expected of a reader.

    "answered" where the reply is whole in the end, "incomplete" where some of its words came, "error" where none did.
    ``requests`` is how many the server must have got then, of a reader who asks once more with less after an overflow.
    """

    serve: Callable[[Exchange], object]
    outcome: Outcome
    requests: int = 1
    limits: Limits = PATIENT
    listens: bool = True
    accepts: bool = True


@dataclass
class Served:
    """A running server. ``requests`` are the bodies it got, ``disconnected`` is set once a client hung up on it."""

    base_url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    disconnected: Event = field(default_factory=Event)
    asked: Event = field(default_factory=Event)


@contextmanager
def serving(fault: Fault) -> Iterator[Served]:
    """The server of one fault, on a port of its own."""
    stop = Event()
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        address = listener.getsockname()
        served = Served(f"http://127.0.0.1:{address[1]}/v1")
        if not fault.listens:
            yield served
            return
        listener.listen(64 if fault.accepts else 0)
        if not fault.accepts:
            for _ in range(3):  # fill the queue of those who wait to be accepted
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(address)
            yield served
            return
        running: list[Thread] = []

        def handle(connection: socket.socket) -> None:
            with connection:
                exchange = Exchange(connection, 0, stop, served.disconnected)
                if not exchange.read():
                    return
                served.requests.append(exchange.body)
                served.headers.append(exchange.headers)
                exchange.number = len(served.requests)
                served.asked.set()
                fault.serve(exchange)

        def accept() -> None:
            while not stop.is_set():
                readable, _, _ = select([listener], [], [], 0.05)
                if readable:
                    connection, _ = listener.accept()
                    running.append(Thread(target=handle, args=(connection,), daemon=True))
                    running[-1].start()

        accepting = Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield served
        finally:
            stop.set()
            accepting.join()
            for thread in running:
                thread.join()


# --- what servers do

Serve = Callable[[Exchange], object]


def sends(*parts: bytes) -> Serve:
    """A success whose body is these bytes, then the end of the connection."""

    def serve(exchange: Exchange) -> None:
        exchange.head()
        for part in parts:
            exchange.send(part)

    return serve


def refuses(status: int, body: object = "", kind: str = "application/json", **headers: str) -> Serve:
    return lambda exchange: exchange.refuse(status, body, kind, **headers)


def at_first(times: int, serve: Serve) -> Serve:
    """Fails so many times, then answers."""
    return lambda exchange: serve(exchange) if exchange.number <= times else exchange.good()


def silent(*parts: bytes, head: bool = True) -> Serve:
    """Sends something, then nothing more, with the connection open."""

    def serve(exchange: Exchange) -> None:
        if head:
            exchange.head()
        for part in parts:
            exchange.send(part)
        exchange.hold()

    return serve


def drips(part: bytes, every_s: float, *, first: bytes = b"") -> Serve:
    def serve(exchange: Exchange) -> None:
        exchange.head()
        exchange.send(first)
        while exchange.send(part) and exchange.hold(every_s):
            pass

    return serve


def resets(*parts: bytes, head: bool = True) -> Serve:
    def serve(exchange: Exchange) -> None:
        if head:
            exchange.head()
        for part in parts:
            exchange.send(part)
        exchange.hold(0.1)  # a reset overtakes what was sent before it
        exchange.reset()

    return serve


def raw(data: bytes) -> Serve:
    return lambda exchange: exchange.send(data)


def late(exchange: Exchange) -> None:
    exchange.head()
    if exchange.hold(6.0):
        exchange.send(text(WHOLE) + end("stop") + DONE)


def silent_refusal(exchange: Exchange) -> None:
    exchange.head(400)
    exchange.hold()


def breaks_a_chunk_off(exchange: Exchange) -> None:
    exchange.head(Transfer_Encoding="chunked")
    whole = text(PIECES[0])
    exchange.send(f"{len(whole):x}\r\n".encode() + whole + b"\r\n" + b"400\r\n" + text(PIECES[1]))


def promises_more(exchange: Exchange) -> None:
    whole = text(PIECES[0])
    exchange.head(Content_Length=str(len(whole) + 5_000))
    exchange.send(whole)


def overflows(exchange: Exchange) -> None:
    message = "This model's maximum context length is 2048 tokens. However, your messages resulted in 3000 tokens."
    exchange.refuse(400, error(message, code="context_length_exceeded", param="messages"))


def without(option: str, words: str) -> Serve:
    """Refuses an option by name, and answers without it."""

    def serve(exchange: Exchange) -> None:
        if option in exchange.body:
            exchange.refuse(400, error(words, param=option, code="unsupported_parameter"))
        else:
            exchange.good()

    return serve


def redirects(location: str) -> Serve:
    return lambda exchange: exchange.refuse(307, "", Location=location)


def echoes_the_key(exchange: Exchange) -> None:
    exchange.refuse(400, error(f"bad header: {exchange.headers['authorization']} ({KEY})"))


def echoes_the_request(exchange: Exchange) -> None:
    wrong = {"loc": ["body", "model"], "msg": "not served here", "input": exchange.body}
    exchange.refuse(422, {"detail": [wrong]})


def a_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def plain(exchange: Exchange) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": WHOLE}, "finish_reason": "stop"}
    exchange.refuse(200, {"object": "chat.completion", "choices": [choice], "usage": {"prompt_tokens": 3}})


PAGE = "<!doctype html><html><title>Sign in</title><p>Welcome to the guest network</p></html>"
LOOP = b"".join(text("and so it went on and on ") for _ in range(200))
ODD = event(
    {
        "choices": [{"index": 0, "delta": {"content": WHOLE, "tool_calls": None, "mood": 1}, "logprobs": {"x": []}}],
        "system_fingerprint": None,
        "timings": {"predicted_ms": 1.5},
    }
)

FAULTS: Mapping[str, Fault] = {
    # --- no connection, or nothing said
    "connection refused": Fault(lambda exchange: None, "error", requests=0, listens=False),
    "connection never accepted": Fault(
        lambda exchange: None, "error", requests=0, accepts=False, limits=Limits(connect_s=0.3, first_token_s=20.0)
    ),
    "accepts and never answers": Fault(silent(head=False), "error", limits=NO_BEGINNING),
    "headers, then silence": Fault(silent(), "error", limits=NO_BEGINNING),
    "first token too late": Fault(late, "error", limits=NO_BEGINNING),
    "keep-alive comments only": Fault(drips(b": ping\n\n", 0.1), "error", limits=NO_BEGINNING),
    "a refusal whose words never come": Fault(
        lambda exchange: exchange.head(400) and silent(head=False)(exchange), "error"
    ),
    # --- the reply stops half-way
    "silence after some words": Fault(silent(text(PIECES[0])), "incomplete", limits=NO_GAP),
    "comments after some words": Fault(drips(b": ping\n\n", 0.1, first=text(PIECES[0])), "incomplete", limits=NO_GAP),
    "drips for ever": Fault(drips(text("word "), 0.2), "incomplete", limits=NO_END),
    "thinks for ever": Fault(drips(chunk({"reasoning_content": "hm "}), 0.2), "error", limits=NO_END),
    "reset before any header": Fault(resets(head=False), "error", requests=3),
    "reset before any header, once": Fault(at_first(1, resets(head=False)), "answered", requests=2),
    "hangs up before any header": Fault(raw(b""), "error", requests=3),
    "reset before the first word": Fault(resets(), "error", requests=3),
    "reset after some words": Fault(resets(text(PIECES[0])), "incomplete"),
    "closes within a chunk": Fault(breaks_a_chunk_off, "incomplete"),
    "promises more bytes than it sends": Fault(promises_more, "incomplete"),
    "ends without finish or [DONE]": Fault(sends(*map(text, PIECES)), "incomplete"),
    "ends at once": Fault(sends(), "error", requests=3),
    "ends at once, the first time": Fault(at_first(1, sends()), "answered", requests=2),
    "cut off at its length": Fault(sends(text(PIECES[0]), end("length"), DONE), "incomplete"),
    "cut off by a filter": Fault(sends(text(PIECES[0]), end("content_filter"), DONE), "incomplete"),
    "an error after some words": Fault(sends(text(PIECES[0]), event(error("out of memory"))), "incomplete"),
    "a malformed line after some words": Fault(sends(text(PIECES[0]), b'data: {"choices": [{"del\n\n'), "incomplete"),
    "half a line at the end": Fault(sends(text(PIECES[0]), text(PIECES[1])[:40]), "incomplete"),
    # --- refusals
    "400": Fault(refuses(400, error("messages must not be empty")), "error"),
    "400 that repeats the key": Fault(echoes_the_key, "error"),
    "422 that repeats the request": Fault(echoes_the_request, "error"),
    "401": Fault(refuses(401, error(f"Incorrect API key provided: {KEY}")), "error"),
    "403": Fault(refuses(403, error("not for you")), "error"),
    "404": Fault(refuses(404, error("The model `m` does not exist", code="model_not_found")), "error"),
    "408 once": Fault(at_first(1, refuses(408)), "answered", requests=2),
    "409 once": Fault(at_first(1, refuses(409)), "answered", requests=2),
    "overflow once": Fault(at_first(1, overflows), "answered", requests=2),
    "overflow always": Fault(overflows, "error", requests=2),
    "413": Fault(refuses(413, PAGE, "text/html"), "error", requests=2),
    "429 with Retry-After, then fine": Fault(at_first(1, refuses(429, Retry_After="1")), "answered", requests=2),
    "429 with a date, then fine": Fault(
        at_first(1, lambda exchange: exchange.refuse(429, Retry_After=a_date(1))), "answered", requests=2
    ),
    "429 always": Fault(refuses(429), "error", requests=3),
    "429 for ten minutes": Fault(refuses(429, Retry_After="600"), "error"),
    "429 for want of money": Fault(refuses(429, error("You are out of credit", code="insufficient_quota")), "error"),
    "500 twice, then fine": Fault(at_first(2, refuses(500)), "answered", requests=3),
    "500 always": Fault(refuses(500, error("boom")), "error", requests=3),
    "502 with a page": Fault(refuses(502, PAGE, "text/html"), "error", requests=3),
    "503 with nonsense in Retry-After": Fault(
        at_first(1, refuses(503, "loading model", "text/plain", Retry_After="soon")), "answered", requests=2
    ),
    "529 always": Fault(refuses(529, error("overloaded")), "error", requests=3),
    "redirect to another host": Fault(redirects("http://elsewhere.invalid/v1/chat/completions"), "error"),
    "redirect to itself": Fault(redirects("/v1/chat/completions"), "error"),
    # --- refused options, answered without them
    "temperature refused": Fault(
        without("temperature", "Unsupported value: 'temperature' does not support 0."), "answered", requests=2
    ),
    "stream_options refused": Fault(
        without("stream_options", "Extra inputs are not permitted: stream_options"), "answered", requests=2
    ),
    "max_tokens refused": Fault(
        without("max_tokens", "Use 'max_completion_tokens' instead of 'max_tokens'."), "answered", requests=2
    ),
    # --- a success that is none
    "a page with 200": Fault(refuses(200, PAGE, "text/html"), "error"),
    "a page that claims to be events": Fault(sends(PAGE.encode()), "error"),
    "a JSON error with 200": Fault(refuses(200, error("model not loaded")), "error"),
    "an error for an answer": Fault(sends(event(error("model not loaded")), DONE), "error"),
    "overloaded, in the stream, once": Fault(
        at_first(1, sends(event(error("try later", type="overloaded_error")))), "answered", requests=2
    ),
    "malformed JSON": Fault(sends(b"data: {so it goes\n\n"), "error"),
    "JSON nested without end": Fault(sends(b"data: " + b"[" * 200_000 + b"\n\n"), "error"),
    "no JSON object": Fault(sends(b"data: [1, 2]\n\n", DONE), "error"),
    "an empty reply": Fault(sends(end("stop"), DONE), "error", requests=3),
    "an empty reply, once": Fault(at_first(1, sends(end("stop"), DONE)), "answered", requests=2),
    "blanks only": Fault(sends(text("  \n"), text("\n "), end("stop"), DONE), "error", requests=3),
    "thoughts only": Fault(sends(text("<think>It may "), text("be.</think>"), end("stop"), DONE), "error", requests=3),
    "a line of two megabytes": Fault(sends(b"data: " + b"a" * 2_000_000 + b"\n\n"), "error"),
    "bytes without a line end": Fault(drips(b"x" * 65_536, 0.0), "error"),
    "no HTTP at all": Fault(raw(b"SSH-2.0-OpenSSH_9.7\r\n"), "error", requests=3),
    "gzip that is none": Fault(
        lambda exchange: exchange.head(Content_Encoding="gzip") and exchange.send(b"\x00garbage" * 50),
        "error",
        requests=3,
    ),
    "choices empty": Fault(sends(event({"choices": []}), DONE), "error", requests=3),
    "content null": Fault(sends(chunk({"content": None}), end("stop"), DONE), "error", requests=3),
    "every field of the wrong type": Fault(
        sends(event({"choices": [{"delta": {"content": 7}, "finish_reason": 3}], "usage": "x"}), event({"choices": 5})),
        "error",
        requests=3,
    ),
    # --- it never stops
    "says the same again and again": Fault(sends(LOOP, end("stop"), DONE), "incomplete"),
    "ignores how long it may be": Fault(
        lambda exchange: (
            exchange.head() and all(exchange.send(text(f"Line {number} of many more. ")) for number in range(100_000))
        ),
        "incomplete",
    ),
    # --- odd, and fine
    "a plain reply, not streamed": Fault(plain, "answered"),
    "fields nobody knows": Fault(sends(ODD, end("stop"), DONE), "answered"),
    "CRLF, and no space": Fault(
        sends(
            (text(WHOLE) + end("stop") + DONE).replace(b"data: ", b"data:").replace(b"\n", b"\r\n"),
        ),
        "answered",
    ),
    "finish without [DONE]": Fault(sends(text(WHOLE), end("stop")), "answered"),
    "finish, then it does not hang up": Fault(silent(text(WHOLE), end("stop")), "answered"),
    "finish, then chatter without end": Fault(
        drips(event({"choices": []}), 0.05, first=text(WHOLE) + end("stop")), "answered"
    ),
    "finish, then a reset": Fault(resets(text(WHOLE), end("stop")), "answered"),
    "[DONE] without finish": Fault(sends(text(WHOLE), DONE), "answered"),
    "no line end after [DONE]": Fault(sends(text(WHOLE), b"data: [DONE]"), "answered"),
    "comments between the words": Fault(
        sends(b": hello\n\n", text(WHOLE), b": still\n\n", end("stop"), DONE), "answered"
    ),
    "bytes that are not UTF-8": Fault(
        sends(text("Caf").replace(b"Caf", b"Caf\xe9 "), text(WHOLE), end("stop"), DONE), "answered"
    ),
    "half a surrogate pair": Fault(sends(text("\ud83d "), text(WHOLE), end("stop"), DONE), "answered"),
    "thoughts, then a reply": Fault(
        sends(text("<thi"), text("nk>Hm."), text("</think>\n" + WHOLE), end("stop")), "answered"
    ),
    "gzip, unasked": Fault(
        lambda exchange: (
            exchange.head(Content_Encoding="gzip") and exchange.send(gzip.compress(text(WHOLE) + end("stop") + DONE))
        ),
        "answered",
    ),
}
