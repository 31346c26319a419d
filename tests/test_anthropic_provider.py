"""Claude's provider against a server on loopback that speaks its protocol."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable

import pytest

from corpus.errors import BadInput
from rag.llm import provider
from rag.llm.base import ContextOverflow, Limits, Piece, Prompt, Provider, ProviderError, Unreachable, Usage
from rag.llm.calling import Caller
from tests.fault_server import (
    FAULTS,
    Fault,
    Serve,
    Served,
    drips,
    read,
    redirects,
    refuses,
    resets,
    sends,
    serving,
    silent,
)

pytest.importorskip("anthropic")

KEY = "sk-ant-canary-77"
PROMPT = Prompt("You answer from passages.", "When did the bridge open?")


def event(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def text(words: str) -> bytes:
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": words})


def thought(words: str) -> bytes:
    return event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": words})


def ends(reason: str) -> bytes:
    ended = event("message_delta", delta={"stop_reason": reason}, usage={"output_tokens": 5})
    return ended + event("message_stop")


def failure(kind: str, message: str) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}}


START = event("message_start", message={"id": "1", "usage": {"input_tokens": 21, "output_tokens": 1}})
PING = event("ping")
GOOD = (START, PING, text("In May "), text("[1]."), ends("end_turn"))


@pytest.fixture
def reaching(monkeypatch: pytest.MonkeyPatch) -> Callable[[Served], Provider]:
    def make(served: Served) -> Provider:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", served.base_url.removesuffix("/v1"))
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # whoever uses it for loopback reaches nothing
        return provider("anthropic:claude-x", Limits(connect_s=5.0))

    return make


Reaching = Callable[[Served], Provider]


def pieces(model: Provider) -> list[Piece]:
    async def collect() -> list[Piece]:
        return [piece async for piece in model.stream(PROMPT, max_tokens=60)]

    return asyncio.run(collect())


def test_the_request_is_one_of_the_protocol_and_the_reply_comes_in_pieces(reaching: Reaching) -> None:
    with serving(Fault(sends(*GOOD), "answered")) as served:
        model = reaching(served)
        found = pieces(model)
    assert found == [Piece("In May "), Piece("[1]."), Piece(finish="stop", usage=Usage(21, 5))]
    assert served.requests == [
        {
            "model": "claude-x",
            "system": "You answer from passages.",
            "messages": [{"role": "user", "content": "When did the bridge open?"}],
            "max_tokens": 60,
            "stream": True,
        }
    ]
    assert KEY in " ".join(served.headers[0].values())  # in which header is the SDK's affair
    assert (model.name, model.context_tokens, model.is_local) == ("claude-x", 200_000, False)


def test_thoughts_are_signs_of_life_and_no_words(reaching: Reaching) -> None:
    with serving(Fault(sends(START, thought("Hm."), text("In May."), ends("stop_sequence")), "answered")) as served:
        assert pieces(reaching(served))[:-1] == [Piece(), Piece("In May.")]


@pytest.mark.parametrize(
    ("reason", "finish"), [("max_tokens", "length"), ("refusal", "refusal"), ("tool_use", "tool_use")]
)
def test_another_end_than_the_models_own_is_named(reason: str, finish: str, reaching: Reaching) -> None:
    with serving(Fault(sends(START, text("In "), ends(reason)), "incomplete")) as served:
        assert pieces(reaching(served))[-1].finish == finish


def test_a_reply_that_was_not_streamed_is_understood(reaching: Reaching) -> None:
    whole = {
        "type": "message",
        "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "In May."}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 21, "output_tokens": 3},
    }
    with serving(Fault(refuses(200, whole), "answered")) as served:
        assert pieces(reaching(served)) == [Piece(), Piece("In May."), Piece(finish="stop", usage=Usage(21, 3))]


PATIENT = Limits(connect_s=5.0, first_token_s=20.0, gap_s=20.0, total_s=30.0)
NO_BEGINNING = Limits(first_token_s=1.5)
OVERLOADED = failure("overloaded_error", "Overloaded")


@pytest.mark.parametrize(
    ("serve", "limits", "said", "kind", "says", "requests"),
    [
        (sends(START, text("In ")), PATIENT, "In ", ProviderError, "broke off before its end", 1),
        (sends(START, text("In "), ends("max_tokens")), PATIENT, "In ", ProviderError, "was cut off (length)", 1),
        (resets(START, text("In ")), PATIENT, "In ", ProviderError, "the connection to claude-x broke off", 1),
        (resets(head=False), PATIENT, "", Unreachable, "the connection broke before any answer", 3),
        (silent(START), NO_BEGINNING, "", Unreachable, "said nothing for 1.5 s", 1),
        (drips(PING, 0.1, first=START), NO_BEGINNING, "", Unreachable, "said nothing for 1.5 s", 1),
        (sends(START, event("error", error=OVERLOADED["error"])), PATIENT, "", ProviderError, "(“Overloaded”)", 3),
        (refuses(529, OVERLOADED), PATIENT, "", ProviderError, "the server of claude-x answered 529", 3),
        (refuses(401, failure("authentication_error", f"invalid x-api-key {KEY}")), PATIENT, "", ProviderError,
         "the key in ANTHROPIC_API_KEY was not accepted (401)", 1),
        (refuses(400, failure("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum")), PATIENT, "",
         ContextOverflow, "the prompt is longer than claude-x takes", 1),
        (refuses(404, failure("not_found_error", "model: claude-x")), PATIENT, "", ProviderError,
         "no model claude-x at ", 1),
        (refuses(400, failure("invalid_request_error", f"credit balance too low for {KEY}")), PATIENT, "",
         ProviderError, "(“credit balance too low for …”)", 1),
        (redirects("http://elsewhere.invalid/v1/messages"), PATIENT, "", ProviderError, "sends us on to elsewhere", 1),
        (refuses(200, "<html>Welcome</html>", "text/html"), PATIENT, "", ProviderError, "see ANTHROPIC_BASE_URL", 1),
        (sends(b"data: {\n\n"), PATIENT, "", ProviderError, "cannot be understood", 1),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_typed_and_never_shows_the_key(
    serve: Serve,
    limits: Limits,
    said: str,
    kind: type[ProviderError],
    says: str,
    requests: int,
    reaching: Reaching,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(Fault(serve, "error")) as served:
        found, error = read(Caller(reaching(served), limits, jitter=lambda: 0.0), PROMPT)
    assert found == said
    assert isinstance(error, kind)
    assert says in str(error)
    assert len(served.requests) == requests
    assert "canary" not in f"{error!r} {caplog.text}"


def test_nobody_there_is_unreachable(reaching: Reaching) -> None:
    with serving(Fault(sends(), "error", listens=False)) as served, pytest.raises(Unreachable, match="nothing listens"):
        pieces(reaching(served))


def test_a_connection_has_its_limit(reaching: Reaching) -> None:
    with serving(FAULTS["connection never accepted"]) as served:
        reaching(served)
        model = provider("anthropic:claude-x", Limits(connect_s=0.3))
        with pytest.raises(Unreachable, match=r"no connection within 0\.3 s"):
            pieces(model)


@pytest.mark.parametrize("serve", [silent(head=False), silent(), silent(START)])
def test_to_close_is_to_hang_up_within_a_second(serve: Serve, reaching: Reaching) -> None:
    with serving(Fault(serve, "error")) as served:
        asked = Caller(reaching(served), PATIENT).ask(PROMPT, max_tokens=60)
        while not served.asked.is_set():
            next(asked)
        asked.close()
        assert served.disconnected.wait(1.0)


def test_the_key_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(BadInput, match="set ANTHROPIC_API_KEY"):
        provider("anthropic:claude-x")


def test_how_long_a_prompt_may_be_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert provider("anthropic:claude-x", Limits(context_tokens=5_000)).context_tokens == 5_000
