"""Embeddings from a server: what is sent, what is made of each answer, and what is said when there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy
import pytest

from corpus.errors import BadInput
from rag.llm.base import Limits
from rag.llm.embeddings import ATTEMPTS, Endpoint, endpoints
from rag.llm.server import Server
from tests.embeddings_server import KEY, MODEL, Exchange, Serve, Served, serving
from vectorstore.embedders.hashing import Hashing
from vectorstore.errors import ModelUnavailable

TEXTS = ["The ferry struck the wall.", "Apples ripen early in the vale.", "Short."]
PATIENT = Limits(connect_s=5.0, first_token_s=20.0, total_s=60.0)


@contextmanager
def asked(serve: Serve | None = None, limits: Limits = PATIENT) -> Iterator[tuple[Endpoint, Served, list[float]]]:
    """An endpoint, its server, and how long was waited between attempts."""
    waits: list[float] = []
    with serving(serve or Exchange.good) as served:
        server = Server(MODEL, served.base_url, KEY, "OPENAI_API_KEY", "OPENAI_BASE_URL")
        yield Endpoint(MODEL, lambda: server, limits, sleep=waits.append), served, waits


def at_first(times: int, serve: Serve) -> Serve:
    return lambda exchange: serve(exchange) if exchange.number <= times else exchange.good()


def changed(change: Callable[[list[dict[str, Any]]], object]) -> Serve:
    """A success whose rows were changed first, in place or for what ``change`` gives."""

    def serve(exchange: Exchange) -> None:
        rows = exchange.rows()
        exchange.answer({"data": change(rows) or rows})

    return serve


def refuses(status: int, body: object = "", **headers: str) -> Serve:
    return lambda exchange: exchange.answer(body, status, **headers)


def hangs(exchange: Exchange) -> None:
    exchange.stop.wait(20)


def hangs_up(exchange: Exchange) -> None:
    exchange.handler.close_connection = True


def hangs_up_half_way(exchange: Exchange) -> None:
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Length", "5000")
    exchange.handler.end_headers()
    exchange.handler.wfile.write(b'{"data": [')
    exchange.handler.close_connection = True


def test_vectors_are_made_units_and_the_request_says_no_more_than_it_must() -> None:
    with asked() as (endpoint, served, _):
        assert numpy.allclose(endpoint.embed_passages(TEXTS), Hashing().embed_passages(TEXTS), atol=1e-6)
        assert served.requests == [{"model": MODEL, "input": sorted(TEXTS, key=len), "path": "/v1/embeddings"}]
        assert served.keys == [f"Bearer {KEY}"]
        assert (endpoint.dimension, len(served.requests)) == (256, 1)  # known by now


def test_vectors_go_to_their_texts_by_index_whatever_their_order() -> None:
    with asked(changed(list.reverse)) as (endpoint, _, _):
        assert numpy.allclose(endpoint.embed_passages(TEXTS), Hashing().embed_passages(TEXTS), atol=1e-6)


def test_rows_without_an_index_are_in_the_order_of_the_texts() -> None:
    with asked(changed(lambda rows: [{"embedding": row["embedding"]} for row in rows])) as (endpoint, _, _):
        assert numpy.allclose(endpoint.embed_passages(TEXTS), Hashing().embed_passages(TEXTS), atol=1e-6)


def test_many_texts_go_in_several_requests() -> None:
    texts = [f"ferry {number}" for number in range(150)]
    with asked() as (endpoint, served, _):
        assert numpy.allclose(endpoint.embed_passages(texts), Hashing().embed_passages(texts), atol=1e-6)
        assert served.sizes == [64, 64, 22]


def test_a_server_that_takes_fewer_at_once_gets_fewer_from_then_on() -> None:
    def at_most_20(exchange: Exchange) -> None:
        if len(exchange.texts) > 20:
            exchange.answer({"error": "batch size 64 > maximum allowed batch size 20"}, 422)
        else:
            exchange.good()

    texts = [f"ferry {number}" for number in range(70)]
    with asked(at_most_20) as (endpoint, served, waits):
        assert numpy.allclose(endpoint.embed_passages(texts), Hashing().embed_passages(texts), atol=1e-6)
        assert served.sizes == [64, 32, 16, 16, 16, 16, 6]
        assert waits == []


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "This model's maximum context length is 64 tokens"), (500, "input is too large to process")],
)
def test_a_text_that_is_too_long_for_the_server_is_cut(status: int, words: str) -> None:
    def at_most_1000_characters(exchange: Exchange) -> None:
        if max(map(len, exchange.texts)) > 1000:
            exchange.answer({"error": {"message": words}}, status)
        else:
            exchange.good()

    text = "ferry " * 250
    with asked(at_most_1000_characters) as (endpoint, _, _):
        (vector,) = endpoint.embed_passages([text])
    assert numpy.allclose(vector, Hashing().embed_query("ferry"), atol=1e-6)


def test_a_long_question_is_cut_to_what_is_read_and_an_empty_one_is_a_dash() -> None:
    with asked() as (endpoint, served, _):
        endpoint.embed_query("word " * 2_000)
        endpoint.embed_query(" \0 ")
        long, blank = (request["input"][0] for request in served.requests)
        assert endpoint.count_tokens(long) <= endpoint.max_tokens < endpoint.count_tokens(long) * 1.1
        assert blank == "-"


def test_what_passes_is_tried_again_after_as_long_as_the_server_asks_for() -> None:
    with asked(at_first(2, refuses(429, Retry_After="7"))) as (endpoint, served, waits):
        assert endpoint.embed_query("ferry").shape == (256,)
        assert waits == [7.0, 7.0]
        assert len(served.requests) == 3


@pytest.mark.parametrize("serve", [refuses(500), refuses(503), hangs_up, hangs_up_half_way],
                         ids=("500", "503", "hangs up", "hangs up half way"))  # fmt: skip
def test_what_passes_is_tried_again_for_a_while(serve: Serve) -> None:
    with asked(at_first(1, serve)) as (endpoint, served, waits):
        assert endpoint.embed_query("ferry").shape == (256,)
        assert len(served.requests) == 2
        assert len(waits) == 1
    with asked(serve) as (endpoint, served, _), pytest.raises(ModelUnavailable, match="nothing stored is lost"):
        endpoint.embed_query("ferry")
    assert len(served.requests) == ATTEMPTS


ONE_MORE = {"index": 1, "embedding": [1.0] * 256}


@pytest.mark.parametrize(
    ("serve", "why"),
    [
        (refuses(401), rf"{MODEL}: the key in OPENAI_API_KEY was not accepted \(401\)"),
        (refuses(404), rf"no model {MODEL} at http://127.0.0.1:\d+/v1.* see OPENAI_BASE_URL"),
        (refuses(400, {"error": {"message": f"bad {KEY}"}}), r"answered 400 \(“bad …”\)"),
        (refuses(307, Location="http://elsewhere.example/v1"), "sends us on to elsewhere.example, where we do not"),
        (lambda exchange: exchange.answer(b"<html>Sign in</html>"), "did not answer with embeddings; see OPENAI"),
        (lambda exchange: exchange.answer(b"[" * 100_000), "did not answer with embeddings"),
        (lambda exchange: exchange.answer({"data": "many"}), "did not answer with embeddings"),
        (lambda exchange: exchange.answer([]), "did not answer with embeddings"),
        (changed(lambda rows: [*rows, ONE_MORE]), "gave 2 vectors for 1 texts"),
        (lambda exchange: exchange.answer({"data": []}), "gave 0 vectors for 1 texts"),
        (changed(lambda rows: [{**rows[0], "index": 5}]), "does not say which vector is of which text"),
        (changed(lambda rows: [{**rows[0], "index": "0"}]), "does not say which vector is of which text"),
        (changed(lambda rows: [{**rows[0], "embedding": [float("nan")] * 256}]), "is zero or no number"),
        (changed(lambda rows: [{**rows[0], "embedding": [1e39] * 256}]), "is zero or no number"),
        (changed(lambda rows: [{**rows[0], "embedding": [0.0] * 256}]), "is zero or no number"),
        (changed(lambda rows: [{**rows[0], "embedding": "AACAPwAAgD8="}]), "no rows of numbers"),
        (changed(lambda rows: [{**rows[0], "embedding": [[1.0], [2.0]]}]), "no rows of numbers"),
        (changed(lambda rows: [{**rows[0], "embedding": []}]), "no rows of numbers"),
        (changed(lambda rows: [{"index": 0}]), "no rows of numbers"),
    ],
)
def test_an_answer_that_cannot_be_used_says_what_is_wrong_and_is_not_asked_for_again(serve: Serve, why: str) -> None:
    with asked(serve) as (endpoint, served, waits), pytest.raises(ModelUnavailable, match=why) as raised:
        endpoint.embed_query("ferry")
    assert KEY not in str(raised.value)
    assert (len(served.requests), waits) == (1, [])


def test_vectors_of_two_lengths_in_one_answer_are_refused() -> None:
    shorter = changed(lambda rows: rows[0]["embedding"].pop() and None)
    with asked(shorter) as (endpoint, _, _), pytest.raises(ModelUnavailable, match="no rows of numbers, all of one"):
        endpoint.embed_passages(TEXTS)


def test_another_model_under_the_same_name_is_noticed() -> None:
    def other(exchange: Exchange) -> None:
        exchange.answer({"data": [{"index": 0, "embedding": [1.0] * (256 if exchange.number == 1 else 8)}]})

    with asked(other) as (endpoint, _, _):
        endpoint.embed_query("ferry")
        with pytest.raises(ModelUnavailable, match="vectors of 256 numbers before, and of 8 now"):
            endpoint.embed_query("ferry")


def test_silence_ends() -> None:
    with asked(hangs, Limits(first_token_s=0.3)) as (endpoint, served, _):
        with pytest.raises(ModelUnavailable, match=r"said nothing for 0\.3 s"):
            endpoint.embed_query("ferry")
        assert len(served.requests) == 1


def test_nobody_there_is_said_with_the_address() -> None:
    with serving() as served:
        pass  # gone by now
    server = Server(MODEL, served.base_url, "", "OPENAI_API_KEY", "OPENAI_BASE_URL")
    with pytest.raises(ModelUnavailable, match=rf"{re.escape(served.base_url)} cannot be reached: nothing listens"):
        Endpoint(MODEL, lambda: server, sleep=lambda seconds: None).embed_query("ferry")


def environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_EMBEDDINGS_BASE_URL", "OPENAI_EMBEDDINGS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_addresses_and_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as served:
        environment(monkeypatch, OPENAI_BASE_URL=served.base_url, OPENAI_API_KEY=KEY)
        endpoints()["openai"]("m").embed_query("ferry")
        monkeypatch.setenv("OLLAMA_HOST", served.base_url.removesuffix("/v1"))
        endpoints()["ollama"]("m").embed_query("ferry")
        assert served.keys == [f"Bearer {KEY}", None]


def test_a_server_for_embeddings_alone_does_not_get_the_key_of_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as served:
        environment(monkeypatch, OPENAI_API_KEY=KEY, OPENAI_EMBEDDINGS_BASE_URL=served.base_url)
        endpoints()["openai"]("m").embed_query("ferry")
        assert served.keys == [None]


def test_a_missing_key_is_said_when_the_embedder_is_used_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)
    endpoint = endpoints()["openai"]("m")
    assert endpoint.name == "m"
    with pytest.raises(BadInput, match="openai needs a key: set OPENAI_API_KEY"):
        endpoint.embed_query("ferry")


def test_the_fingerprint_tells_hosts_and_models_apart_and_names_no_host() -> None:
    def fingerprint(model: str, url: str) -> str:
        return Endpoint(model, lambda: Server(model, url, KEY, "", "")).fingerprint

    here, port = fingerprint("m", "http://127.0.0.1:8080/v1"), fingerprint("m", "http://localhost:1234/v1")
    far, other = fingerprint("m", "https://far.example/v1"), fingerprint("n", "https://far.example/v1")
    assert here == port
    assert len({here, far, other}) == 3
    assert "far.example" not in far
    assert KEY not in far
