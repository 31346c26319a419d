"""The OpenAI-compatible provider against a real HTTP server on loopback: streams, and what goes wrong in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from rag.llm import ProviderError, provider

Serve = Callable[[BaseHTTPRequestHandler], None]


def chunk(content: str | None, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content} if content else {}, "finish_reason": finish}
    event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(event)}\n\n".encode()


def stream(*parts: bytes) -> Serve:
    def serve(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.end_headers()
        for part in parts:
            request.wfile.write(part)

    return serve


def status(code: int) -> Serve:
    return lambda request: request.send_error(code)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Serve], list[str]]]:
    """Gives a function that starts a server, points the provider to it, and returns the prompts it will receive."""
    started: list[ThreadingHTTPServer] = []

    def start(serve: Serve) -> list[str]:
        prompts: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                prompts.append(body["messages"][0]["content"])
                serve(self)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        started.append(http)
        Thread(target=http.serve_forever, daemon=True).start()
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{http.server_port}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-1234")
        return prompts

    yield start
    for http in started:
        http.shutdown()
        http.server_close()


def reply() -> list[str]:
    return list(provider("openai:m").stream("the prompt", max_tokens=50))


def test_pieces_come_as_the_server_sends_them(server: Callable[[Serve], list[str]]) -> None:
    prompts = server(stream(chunk("It is "), chunk("so [1]."), chunk(None, "stop"), b"data: [DONE]\n\n"))
    assert reply() == ["It is ", "so [1]."]
    assert prompts == ["the prompt"]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([chunk("It is ")], "the stream ended early"),
        ([chunk("It is "), chunk(None, "length"), b"data: [DONE]\n\n"], "cut off (length)"),
        ([chunk("It is "), chunk(None, "content_filter"), b"data: [DONE]\n\n"], "cut off (content_filter)"),
    ],
)
def test_a_reply_that_is_not_whole_is_an_error_after_its_pieces(
    server: Callable[[Serve], list[str]], parts: list[bytes], why: str
) -> None:
    server(stream(*parts))
    pieces = provider("openai:m").stream("the prompt", max_tokens=50)
    assert next(iter(pieces)) == "It is "
    with pytest.raises(ProviderError) as raised:
        list(pieces)
    assert why in str(raised.value)


def test_a_refused_key_is_named_by_its_variable_and_never_shown(server: Callable[[Serve], list[str]]) -> None:
    server(status(401))
    with pytest.raises(ProviderError, match="OPENAI_API_KEY was not accepted") as raised:
        reply()
    assert "canary" not in str(raised.value)


def test_a_server_error_is_named_by_its_number(server: Callable[[Serve], list[str]]) -> None:
    server(status(404))
    with pytest.raises(ProviderError, match="the server answered 404"):
        reply()


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(ProviderError, match=r"llama at http://127\.0\.0\.1:9/v1 cannot be reached"):
        list(provider("ollama:llama").stream("the prompt", max_tokens=50))


def test_openai_needs_a_key_or_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ProviderError, match="set OPENAI_API_KEY"):
        provider("openai:m")
