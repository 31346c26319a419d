"""Every fault of the table through the real provider: typed, in time, with few requests, and without the key."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from rag.llm import provider
from rag.llm.base import ContextOverflow, Limits, Prompt, ProviderError, Unreachable
from rag.llm.calling import Caller
from tests.fault_server import FAULTS, KEY, PIECES, WHOLE, Fault, Served, read, serving, silent, text

PROMPT = Prompt("You answer from passages.", "When did the bridge open?")


def ask(caller: Caller) -> tuple[str, ProviderError | None]:
    """What came and what went wrong after it; a prompt that is too long is tried once more, as if made shorter."""
    said, error = read(caller, PROMPT)
    return read(caller, PROMPT) if isinstance(error, ContextOverflow) else (said, error)


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """The SDK, in whose import a short patience would run out."""
    with serving(FAULTS["finish without [DONE]"]) as served, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_BASE_URL", served.base_url)
        list(Caller(provider("openai:m")).ask(PROMPT, max_tokens=60))


@pytest.fixture
def calling(monkeypatch: pytest.MonkeyPatch) -> Callable[[Served, Limits], Caller]:
    """A caller of the provider for a server, with a canary for its key and no chance in its waiting."""

    def make(served: Served, limits: Limits) -> Caller:
        monkeypatch.setenv("OPENAI_BASE_URL", served.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # whoever uses it for loopback reaches nothing
        return Caller(provider("openai:m", limits), limits, jitter=lambda: 0.0)

    return make


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_typed_and_in_time_and_never_shows_the_key(
    name: str, calling: Callable[[Served, Limits], Caller], caplog: pytest.LogCaptureFixture
) -> None:
    fault = FAULTS[name]
    caplog.set_level(logging.DEBUG)
    with serving(fault) as served:
        caller = calling(served, fault.limits)
        started_at = caller.clock()
        said, error = ask(caller)
        took_s = caller.clock() - started_at
    if fault.outcome == "answered":
        assert error is None
        assert said.endswith(WHOLE)
    else:
        assert error is not None
        assert bool(said.strip()) == (fault.outcome == "incomplete")
    assert took_s < fault.limits.total_s + 5  # no more than a loaded machine adds
    assert len(served.requests) == fault.requests
    assert KEY not in f"{error!s} {error!r} {caplog.text}"
    assert "\n" not in str(error)


def test_the_table_is_long_enough_and_has_every_outcome() -> None:
    assert len(FAULTS) >= 34
    assert {fault.outcome for fault in FAULTS.values()} == {"answered", "incomplete", "error"}


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("connection refused", Unreachable, "nothing listens there"),
        ("connection never accepted", Unreachable, "no connection within 0.3 s"),
        ("accepts and never answers", Unreachable, "m said nothing for 1.5 s"),
        ("reset after some words", ProviderError, "the connection to m broke off"),
        ("ends without finish or [DONE]", ProviderError, "the reply of m broke off before its end"),
        ("cut off at its length", ProviderError, "was cut off (length)"),
        ("400", ProviderError, "answered 400 (“messages must not be empty”)"),
        ("400 that repeats the key", ProviderError, "(“bad header: … (…)”)"),
        ("422 that repeats the request", ProviderError, "(“['body', 'model'] not served here”)"),
        ("401", ProviderError, "the key in OPENAI_API_KEY was not accepted (401)"),
        ("403", ProviderError, "the key in OPENAI_API_KEY may not use m (403)"),
        ("404", ProviderError, "(“The model `m` does not exist”); see OPENAI_BASE_URL"),
        ("overflow always", ContextOverflow, "longer than m takes"),
        ("413", ContextOverflow, "longer than m takes"),
        ("502 with a page", ProviderError, "the server of m answered 502"),
        ("redirect to another host", ProviderError, "sends us on to elsewhere.invalid, where we do not follow"),
        ("a page with 200", ProviderError, "is a page and not a model; see OPENAI_BASE_URL"),
        ("a JSON error with 200", ProviderError, "m failed (“model not loaded”)"),
        ("malformed JSON", ProviderError, "m sent what cannot be understood"),
        ("a line of two megabytes", ProviderError, "m sent a line of more than 1,000,000 bytes"),
        ("an empty reply", ProviderError, "the reply of m was empty"),
        ("says the same again and again", ProviderError, "the reply of m repeats itself"),
        ("ignores how long it may be", ProviderError, "went past the 60 tokens asked for"),
    ],
)
def test_the_message_says_what_happened(
    name: str, kind: type[ProviderError], says: str, calling: Callable[[Served, Limits], Caller]
) -> None:
    with serving(FAULTS[name]) as served:
        _, error = ask(calling(served, FAULTS[name].limits))
    assert type(error) is kind or kind is ProviderError
    assert isinstance(error, kind)
    assert says in str(error)


@pytest.mark.parametrize(
    ("serve", "heard"),
    [
        pytest.param(silent(head=False), [], id="before any header"),
        pytest.param(silent(), [], id="before the first word"),
        pytest.param(silent(text(PIECES[0])), [PIECES[0]], id="after some words"),
    ],
)
def test_to_close_is_to_hang_up_within_a_second(
    serve: Callable[..., None], heard: list[str], calling: Callable[[Served, Limits], Caller]
) -> None:
    fault = Fault(serve, "error")
    with serving(fault) as served:
        pieces = calling(served, fault.limits).ask(PROMPT, max_tokens=60)
        assert _until(pieces, heard, served) == heard
        pieces.close()
        assert served.disconnected.wait(1.0)


def _until(pieces: Iterator[str], heard: list[str], served: Served) -> list[str]:
    said: list[str] = []
    while said != heard or not served.asked.is_set():
        if piece := next(pieces):
            said.append(piece)
    return said
