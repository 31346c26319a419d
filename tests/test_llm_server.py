"""What comes over the wire: events out of bytes, thoughts apart from words, refusals by their wording."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.base import ContextOverflow, ProviderError
from rag.llm.events import LONGEST, Events, TooLong
from rag.llm.server import Server
from rag.llm.thinking import Spoken

SERVER = Server("m", "http://127.0.0.1:8080/v1", "sk-canary-1", "OPENAI_API_KEY", "OPENAI_BASE_URL")


# --- events


def read(*chunks: bytes) -> list[str]:
    events = Events()
    return [data for chunk in chunks for data in events.feed(chunk)] + list(events.end())


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data:a\r\n\r\ndata:b\r\n\r\n", ["a", "b"]),
        (b"data:  a\n\n", [" a"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b": ping\n\n:\n\nevent: x\nid: 7\ndata: a\nretry: 3\n\n", ["a"]),
        (b"data: a\n\ndata: b", ["a", "b"]),
        (b"data: a\n\n\n\n\n", ["a"]),
        (b"nothing of the kind\n\n", []),
        (b"data: caf\xe9\n\n", ["caf\N{REPLACEMENT CHARACTER}"]),
        (b"", []),
    ],
)
def test_events_are_read_however_they_are_written(stream: bytes, data: list[str]) -> None:
    assert read(stream) == data


@given(
    st.lists(st.sampled_from([b"data: x\n", b"\n", b"data:\xe2\x82\xac\r\n", b"\r\n", b": c\n", b"data"])), st.data()
)
def test_where_a_stream_is_cut_does_not_matter(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    parts = [whole[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert read(*parts) == read(whole)


@pytest.mark.parametrize("stream", [[b"x" * 1_000] * 1_001, [b"data: " + b"x" * 1_000 + b"\n"] * 1_001])
def test_a_line_or_an_event_without_end_is_not_kept(stream: list[bytes]) -> None:
    with pytest.raises(TooLong, match=f"{LONGEST:,} bytes"):
        read(*stream)


# --- thoughts


def spoken(*pieces: str) -> str:
    mouth = Spoken()
    return "".join(map(mouth.hear, pieces)) + mouth.end()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("In May.", "In May."),
        ("<think>Hm.</think>\n\nIn May.", "In May."),
        ("\n<think>\nHm.\n</think>In May.", "In May."),
        ("<think>Hm.", ""),
        ("<thin", "<thin"),
        ("<think></think>", ""),
        ("  ", "  "),
        ("1 < 2 and <think> is a tag.", "1 < 2 and <think> is a tag."),
        ("<b>In May.</b>", "<b>In May.</b>"),
    ],
)
def test_thoughts_are_not_said_whole_or_letter_by_letter(reply: str, said: str) -> None:
    assert spoken(reply) == spoken(*reply) == said


def test_thoughts_without_end_take_no_room_and_no_time() -> None:
    assert spoken("<think>", *["hm " * 1_000] * 1_000) == ""


# --- refusals

OVERFLOWS = {
    "OpenAI": (400, {"error": {"message": "Too much.", "code": "context_length_exceeded", "param": "messages"}}),
    "OpenAI's message": (400, {"error": {"message": "This model's maximum context length is 8192 tokens."}}),
    "llama.cpp": (
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size, try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 900,
                "n_ctx": 512,
            }
        },
    ),
    "llama.cpp while it speaks": (500, {"error": {"code": 500, "message": "Context size has been exceeded."}}),
    "vLLM": (
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 512 tokens. However, you requested 900 tokens.",
            "type": "BadRequestError",
            "code": 400,
        },
    ),
    "vLLM's engine": (
        400,
        {"error": {"message": "The decoder prompt (length 900) is longer than the maximum model length of 512."}},
    ),
    "LM Studio": (
        400,
        {
            "error": "Trying to keep the first 900 tokens when context the overflows. However, the model is loaded "
            "with context length of only 512 tokens, which is not enough."
        },
    ),
    "Ollama": (400, {"error": {"message": "the input length exceeds the context length", "type": "api_error"}}),
    "Ollama's runner": (500, {"error": "prompt too long; exceeded max context length by 400 tokens"}),
    "Anthropic": (
        400,
        {
            "type": "error",
            "error": {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"},
        },
    ),
    "a proxy": (413, None),
}


@pytest.mark.parametrize("who", OVERFLOWS)
def test_an_overflow_is_known_in_everybodys_words(who: str) -> None:
    status, body = OVERFLOWS[who]
    assert isinstance(SERVER.refusal(status, {}, json.dumps(body).encode()), ContextOverflow)
    if who != "a proxy":
        with pytest.raises(ContextOverflow):
            events(f"data: {json.dumps(body)}\n\n".encode())


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"message": "temperature must be at most 2", "param": "temperature"}}),
        (429, {"error": {"message": "Rate limit reached: tokens per minute, not the context length"}}),
        (401, {"error": {"message": "no key for a model of this context length"}}),
        (500, {"error": {"message": "out of memory"}}),
    ],
)
def test_other_refusals_are_no_overflow(status: int, body: object) -> None:
    assert not isinstance(SERVER.refusal(status, {}, json.dumps(body).encode()), ContextOverflow)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_in_every_form(headers: dict[str, str], wait_s: float | None) -> None:
    assert SERVER.refusal(429, headers, b"").retry_after_s == wait_s


def test_a_date_to_come_is_a_wait() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    wait_s = SERVER.refusal(503, {"retry-after": date}, b"").retry_after_s
    assert wait_s is not None
    assert 3_000 < wait_s <= 3_600


@pytest.mark.parametrize(
    ("status", "transient"),
    [(400, False), (401, False), (403, False), (404, False), (408, True), (409, True), (422, False), (425, True),
     (429, True), (500, True), (502, True), (503, True), (529, True), (302, False)],
)  # fmt: skip
def test_only_what_may_pass_is_transient(status: int, transient: bool) -> None:
    assert SERVER.refusal(status, {}, b"").transient is transient


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"error": {"message": "two\\nlines\\u001b[31m and \\u202ea trick"}}', "(“two lines [31m and a trick”)"),
        (b'{"error": "key sk-canary-1 is odd, so is sk-proj-12345678***abcd"}', "(“key … is odd, so is …”)"),
        (b'{"message": "Authorization: Bearer abc.def"}', "(“Authorization: …”)"),
        (b'{"detail": "not\tnow"}', "answered 400"),  # a raw tab makes it no JSON, and then it is text
        (b"<html>so sorry</html>", "answered 400"),
        (b"\xff\xfe", "answered 400"),
        (b"[" * 60_000, "answered 400"),
        (b'{"error": {"message": {"a": 1}}}', "answered 400"),
        (json.dumps({"error": "x" * 5_000}).encode(), "x" * 199 + "…”)"),
    ],
)
def test_a_servers_words_are_shown_in_one_line_without_keys(body: bytes, shown: str) -> None:
    message = str(SERVER.refusal(400, {}, body))
    assert shown in message
    assert message.isprintable()
    assert len(message) < 300
    assert "canary" not in message


# --- a success


def events(*chunks: bytes, content_type: str = "text/event-stream") -> list[dict[str, Any]]:
    async def sent(parts: Sequence[bytes]) -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    async def collect() -> list[dict[str, Any]]:
        return [event async for event in SERVER.events(sent(chunks), content_type)]

    return asyncio.run(collect())


def test_the_first_character_tells_json_from_events_whatever_the_header_says() -> None:
    assert events(b'data: {"a": 1}\n\ndata: [DONE]\n\n', content_type="application/json") == [{"a": 1}, {}]
    assert events(b"\xef\xbb\xbf\n", b' {"a":\n', b" 1}\n") == [{"a": 1}]
    for page in ([b" \n", b"<!doctype html>"], [b"<p>"]):
        with pytest.raises(ProviderError, match="is a page and not a model; see OPENAI_BASE_URL"):
            events(*page)
    with pytest.raises(ProviderError, match="is a page"):
        events(b"data: {}\n\n", content_type="Text/HTML; charset=utf-8")


def test_a_plain_reply_has_its_limit_too() -> None:
    with pytest.raises(ProviderError, match="m sent a reply of more than 1,000,000 bytes"):
        events(b'{"a": "', *[b"x" * 100_000] * 11)


@pytest.mark.parametrize("sent", [b"data: {", b"data: 7\n\n", b"data: " + b"[" * 100_000, b'{"a": ', b"data: \n\n"])
def test_what_is_no_json_object_cannot_be_understood(sent: bytes) -> None:
    with pytest.raises(ProviderError, match="m sent what cannot be understood"):
        events(sent)


@pytest.mark.parametrize(
    ("body", "message", "transient"),
    [
        ({"error": {"message": "no memory", "type": "server_error"}}, "m failed (“no memory”)", True),
        ({"error": "no memory"}, "m failed (“no memory”)", False),
        ({"object": "error", "message": "no memory", "code": 503}, "the server of m answered 503 (“no memory”)", True),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "later"}}, "m failed (“later”)", True),
        (
            {"error": {"code": 401, "message": "sk-canary-1"}},
            "m: the key in OPENAI_API_KEY was not accepted (401)",
            False,
        ),
        ({"error": {}, "type": "error"}, "m failed", False),
    ],
)
def test_an_error_in_the_place_of_an_answer_is_typed(body: object, message: str, transient: bool) -> None:
    with pytest.raises(ProviderError) as raised:
        events(f"data: {json.dumps(body)}\n\n".encode())
    assert (str(raised.value), raised.value.transient) == (message, transient)
