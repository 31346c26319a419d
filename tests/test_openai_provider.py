"""The OpenAI-compatible provider: what it asks, what it understands, and where it finds its server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from corpus.errors import BadInput
from rag.llm import provider
from rag.llm.base import ContextOverflow, Limits, Piece, Prompt, Provider, ProviderError, Unreachable, Usage
from rag.llm.openai import ollama_url
from tests.fault_server import (
    DONE,
    FAULTS,
    KEY,
    WHOLE,
    Exchange,
    Fault,
    Served,
    chunk,
    end,
    error,
    event,
    refuses,
    sends,
    serving,
    text,
    without,
)

PROMPT = Prompt("You answer from passages.", "When did the bridge open?")


def pieces(model: Provider, prompt: Prompt = PROMPT) -> list[Piece]:
    async def collect() -> list[Piece]:
        return [piece async for piece in model.stream(prompt, max_tokens=60)]

    return asyncio.run(collect())


def said(model: Provider) -> str:
    return "".join(piece.text for piece in pieces(model))


@pytest.fixture
def reaching(monkeypatch: pytest.MonkeyPatch) -> Callable[[Served], Provider]:
    def make(served: Served) -> Provider:
        monkeypatch.setenv("OPENAI_BASE_URL", served.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        return provider("openai:m")

    return make


Reaching = Callable[[Served], Provider]


def good(exchange: Exchange) -> None:
    exchange.good()


# --- what it asks


def test_the_request_is_one_of_the_protocol(reaching: Reaching) -> None:
    with serving(Fault(good, "answered")) as served:
        assert said(reaching(served)) == WHOLE
    assert served.requests == [
        {
            "model": "m",
            "messages": [
                {"role": "system", "content": "You answer from passages."},
                {"role": "user", "content": "When did the bridge open?"},
            ],
            "stream": True,
            "temperature": 0.0,
            "stream_options": {"include_usage": True},
            "max_tokens": 60,
        }
    ]
    assert served.headers[0]["authorization"] == f"Bearer {KEY}"
    assert served.headers[0]["accept-encoding"] == "identity"


def test_without_instructions_there_is_no_system_message(reaching: Reaching) -> None:
    with serving(Fault(good, "answered")) as served:
        pieces(reaching(served), Prompt("", "When?"))
    assert served.requests[0]["messages"] == [{"role": "user", "content": "When?"}]


@pytest.mark.parametrize(
    ("option", "words", "instead"),
    [
        ("temperature", "Unsupported value: 'temperature' does not support 0 with this model.", {}),
        ("stream_options", "Unknown parameter: stream_options", {}),
        (
            "max_tokens",
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            {"max_completion_tokens": 60},
        ),
    ],
)
def test_an_option_that_is_refused_by_name_is_not_sent_again(
    option: str, words: str, instead: dict[str, int], reaching: Reaching
) -> None:
    with serving(Fault(without(option, words), "answered")) as served:
        model = reaching(served)
        assert [said(model), said(model)] == [WHOLE, WHOLE]
    first, second, third = served.requests
    assert second == third == {name: value for name, value in first.items() if name != option} | instead


def test_a_model_that_takes_no_instructions_gets_them_with_the_question(reaching: Reaching) -> None:
    def serve(exchange: Exchange) -> None:
        if exchange.body["messages"][0]["role"] == "system":
            exchange.refuse(400, error("System role not supported by the chat template"))
        else:
            exchange.good()

    with serving(Fault(serve, "answered")) as served:
        assert said(reaching(served)) == WHOLE
    asked = f"{PROMPT.system}\n\n{PROMPT.user}"
    assert served.requests[1]["messages"] == [{"role": "user", "content": asked}]


def test_a_server_that_refuses_everything_is_not_asked_for_ever(reaching: Reaching) -> None:
    words = "temperature, stream_options, max_tokens, the system role: none of it"
    with serving(Fault(refuses(400, error(words)), "error")) as served:
        model = reaching(served)
        with pytest.raises(ProviderError, match="answered 400"):
            pieces(model)
        assert len(served.requests) == 5
        with pytest.raises(ProviderError, match="answered 400"):
            pieces(model)
        assert len(served.requests) == 6


# --- what it understands


def test_the_last_piece_tells_how_it_ended_and_what_it_used(reaching: Reaching) -> None:
    usage = event({"choices": [], "usage": {"prompt_tokens": 21, "completion_tokens": 5, "total_tokens": 26}})
    with serving(Fault(sends(text("In "), text("May [1]."), end("stop"), usage, DONE), "answered")) as served:
        found = pieces(reaching(served))
    assert found == [Piece("In "), Piece("May [1]."), Piece(finish="stop", usage=Usage(21, 5))]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_thoughts_are_signs_of_life_and_no_words(field: str, reaching: Reaching) -> None:
    with serving(Fault(sends(chunk({field: "Hm."}), text("In May."), end("stop"), DONE), "answered")) as served:
        assert pieces(reaching(served)) == [Piece(), Piece("In May."), Piece(finish="stop")]


def test_a_reply_in_parts_is_their_text(reaching: Reaching) -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "In May."}]
    with serving(Fault(sends(chunk({"content": parts}), end("stop"), DONE), "answered")) as served:
        assert said(reaching(served)) == "In May."


def test_a_plain_reply_has_its_usage_too(reaching: Reaching) -> None:
    with serving(FAULTS["a plain reply, not streamed"]) as served:
        assert pieces(reaching(served)) == [Piece(WHOLE), Piece(finish="stop", usage=Usage(3, 0))]


def test_bytes_that_are_no_text_are_replaced(reaching: Reaching) -> None:
    with serving(FAULTS["bytes that are not UTF-8"]) as served:
        assert said(reaching(served)) == f"Caf\N{REPLACEMENT CHARACTER} {WHOLE}"
    with serving(FAULTS["half a surrogate pair"]) as served:
        assert said(reaching(served)) == f"\N{REPLACEMENT CHARACTER} {WHOLE}"


def test_a_question_that_is_no_text_is_sent_as_one(reaching: Reaching) -> None:
    with serving(Fault(good, "answered")) as served:
        assert said(reaching(served)) == WHOLE
        pieces(reaching(served), Prompt("", "half a pair \ud83d"))
    assert served.requests[1]["messages"][0]["content"] == "half a pair \N{REPLACEMENT CHARACTER}"


# --- where it finds its server


@pytest.mark.parametrize("name", ["openai:", "openai: ", "openai:a\nb", "openai:\x1b[2Jm", "openai:\udcff"])
def test_a_name_that_cannot_be_shown_in_a_line_is_none(name: str) -> None:
    with pytest.raises(BadInput, match="names no model we can reach") as raised:
        provider(name)
    assert str(raised.value).isprintable()


def test_the_key_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(BadInput, match="set OPENAI_API_KEY"):
        provider("openai:m")


def test_a_server_of_ones_own_needs_no_key_until_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving(Fault(refuses(401), "error")) as served:
        monkeypatch.setenv("OPENAI_BASE_URL", served.base_url)
        with pytest.raises(ProviderError, match=r"wants a key \(401\): set OPENAI_API_KEY"):
            pieces(provider("openai:m"))


@pytest.mark.parametrize("key", ["sk-canary\nHost: elsewhere", "sk-canary-é", "sk canary"])
def test_a_key_that_cannot_be_one_is_refused_unseen(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(BadInput, match="OPENAI_API_KEY holds characters that no key has") as raised:
        provider("openai:m")
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080", "ftp://there/v1", "http://", "http://[::1/v1", "http://there:port", "http://u:canary@there/v1",
     "http://there/v1?key=canary", "http://there/v1#canary"],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused_unseen(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(BadInput, match="OPENAI_BASE_URL") as raised:
        provider("openai:m")
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://localhost:8080/v1", True),
        ("http://127.0.0.1/v1", True),
        ("http://127.8.0.1/v1", True),
        ("http://[::1]:8080/v1", True),
        ("http://llm.localhost/v1", True),
        ("http://192.168.1.7/v1", False),
        ("http://localhost.example/v1", False),
        ("", False),
    ],
)
def test_only_this_machine_is_local(url: str, is_local: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    assert provider("openai:m").is_local is is_local


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434/v1"),
        ("127.0.0.1", "http://127.0.0.1:11434/v1"),
        ("127.0.0.1:9999", "http://127.0.0.1:9999/v1"),
        (":9999", "http://127.0.0.1:9999/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0:80", "http://127.0.0.1:80/v1"),
        ("http://box", "http://box:80/v1"),
        ("https://box", "https://box:443/v1"),
        ("https://box:8443/ollama/", "https://box:8443/ollama/v1"),
        ("box.example:1/", "http://box.example:1/v1"),
        ("::", "http://[::1]:11434/v1"),
        ("[::1]:9999", "http://[::1]:9999/v1"),
        ("fd00::7", "http://[fd00::7]:11434/v1"),
        ('"box"', "http://box:11434/v1"),
    ],
)
def test_ollamas_variable_is_read_as_ollama_reads_it(host: str, url: str) -> None:
    assert ollama_url(host) == url


@pytest.mark.parametrize("host", ["ftp://box", "box:port", "box:99999", "[::1", "http://user:canary@box"])
def test_an_ollama_host_that_cannot_be_used_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    with pytest.raises(BadInput, match="OLLAMA_HOST") as raised:
        provider("ollama:m")
    assert "canary" not in str(raised.value)


def test_a_server_without_a_key_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving(Fault(good, "answered")) as served:
        monkeypatch.setenv("OPENAI_BASE_URL", served.base_url)
        assert said(provider("openai:m")) == WHOLE
    assert "authorization" not in served.headers[0]


def test_ollama_gets_nothing_of_openais_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(variable, KEY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Gateway: {KEY}")
    with serving(Fault(good, "answered")) as served:
        monkeypatch.setenv("OLLAMA_HOST", served.base_url.removesuffix("/v1"))
        model = provider("ollama:llama3.2:1b")
        assert said(model) == WHOLE
    assert (model.name, model.context_tokens, model.is_local) == ("llama3.2:1b", 4_096, True)
    assert served.requests[0]["model"] == "llama3.2:1b"
    needed = "host connection accept accept-encoding content-type content-length user-agent"
    assert served.headers[0].keys() == {*needed.split(), "x-stainless-raw-response"}
    assert KEY not in str(served.headers)


def test_how_long_a_prompt_may_be_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert provider("openai:m").context_tokens == 8_192
    for name in ("openai:m", "ollama:m"):
        assert provider(name, Limits(context_tokens=32_000)).context_tokens == 32_000


def test_a_host_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://nowhere.invalid/v1")
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(Unreachable, match=r"m at http://nowhere\.invalid/v1 cannot be reached: ") as raised:
        pieces(provider("openai:m"))
    assert not raised.value.transient


def test_a_server_without_encryption_is_not_taken_for_one_with(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Fault(good, "answered")) as served:
        monkeypatch.setenv("OPENAI_BASE_URL", served.base_url.replace("http:", "https:"))
        with pytest.raises(Unreachable):
            pieces(provider("openai:m", Limits(connect_s=0.5)))


@pytest.mark.parametrize("name", ["overflow always", "413"])
def test_an_overflow_is_typed(name: str, reaching: Reaching) -> None:
    with serving(FAULTS[name]) as served, pytest.raises(ContextOverflow):
        pieces(reaching(served))


def test_leaving_the_stream_early_hangs_up(reaching: Reaching) -> None:
    async def first(stream: AsyncIterator[Piece]) -> Piece:
        return await anext(stream)

    with serving(FAULTS["drips for ever"]) as served:
        model = reaching(served)
        assert asyncio.run(first(model.stream(PROMPT, max_tokens=60))) == Piece("word ")
        assert served.disconnected.wait(1.0)
