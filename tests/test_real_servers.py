"""Real servers on real, if tiny, models: llama.cpp and ``transformers serve``, asked through the provider ``openai``.

Each runs in a child process that ends with us, on a free port of this machine, without a network.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from rag.llm import provider
from rag.llm.base import ContextOverflow, Limits, Piece, Prompt, Provider, ProviderError, Usage
from rag.llm.calling import Caller
from tests import tiny_models
from tests.tiny_models import SENTENCE, token_count

PROMPT = Prompt("Be brief.", "When does the ferry sail?")
RENDERED = "<|system|>Be brief.<|end|><|user|>When does the ferry sail?<|end|><|assistant|>"
REPLY_TOKENS = token_count(SENTENCE) + 1  # and the one that ends it
MANY = 90_000  # tokens: a minute and more of a model that never ends
ENDLESS_CONTEXT = 100_000
LIMITS = Limits(first_token_s=30, total_s=60)

# Both children end when their standard input does, and so with whoever started them.
LLAMA = """
import sys
import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path, parameters.n_ctx = sys.argv[1], int(sys.argv[2])
parameters.hostnames, parameters.port = ["127.0.0.1"], 0
parameters.n_parallel, parameters.cpuparams.n_threads, parameters.n_gpu_layers = 1, 1, 0
parameters.endpoint_slots, parameters.ui, parameters.fit_params = True, False, False
server = xllamacpp.Server(parameters)
print("running on", server.listening_address, file=sys.stderr, flush=True)
sys.stdin.read()
"""
SERVE = """
import os, sys, threading

threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from transformers.cli.transformers import main

main()
"""


@dataclass(frozen=True)
class Running:
    """A server that has begun to listen, and what its two models are called there."""

    url: str
    model: str
    endless: str
    endless_url: str


@contextmanager
def listening(script: str, *arguments: str, log: Path) -> Iterator[str]:
    """The address of a server in a child process."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(log.parent / "hub"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script, *arguments]
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, env=environment
        ) as child,
    ):
        try:
            yield address_in(log, child)
            child.communicate(timeout=30)  # closes its standard input
        finally:
            child.kill()


def address_in(log: Path, child: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        said = log.read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"running on (http://\S+)\s", said):
            return found[1]
        assert child.poll() is None, said[-2_000:]
        time.sleep(0.05)
    raise AssertionError(f"the server did not begin: {said[-2_000:]}")


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server a model: llama.cpp holds a single one."""
    folder = tmp_path_factory.mktemp("llama")
    tiny = tiny_models.write_gguf(folder / "tiny.gguf")
    endless = tiny_models.write_gguf(folder / "endless.gguf", ends=False, context_tokens=ENDLESS_CONTEXT)
    with (
        listening(LLAMA, str(tiny), "512", log=folder / "tiny.log") as url,
        listening(LLAMA, str(endless), str(ENDLESS_CONTEXT), log=folder / "endless.log") as endless_url,
    ):
        yield Running(url, "tiny", "endless", endless_url)


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serve")
    tiny = tiny_models.write_llm(folder / "tiny")
    endless = tiny_models.write_llm(folder / "endless", ends=False, context_tokens=ENDLESS_CONTEXT)
    where = ("--host", "127.0.0.1", "--port", "0", "--device", "cpu")
    with listening(SERVE, "serve", *where, log=folder / "serve.log") as url:
        yield Running(url, str(tiny), str(endless), url)


@pytest.fixture(params=["llama", "serve"])
def running(request: pytest.FixtureRequest) -> Running:
    found: Running = request.getfixturevalue(request.param)
    return found


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def model_at(url: str, model: str, monkeypatch: pytest.MonkeyPatch) -> Provider:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
    return provider(f"openai:{model}", LIMITS)


def pieces(model: Provider, prompt: Prompt = PROMPT, *, max_tokens: int = 60) -> list[Piece]:
    async def read() -> list[Piece]:
        return [piece async for piece in model.stream(prompt, max_tokens=max_tokens)]

    return asyncio.run(asyncio.wait_for(read(), timeout=60))


def whole(model: Provider, prompt: Prompt = PROMPT, *, max_tokens: int = 60) -> tuple[list[str], Usage | None]:
    """What a caller hears, and the usage it gets at the end."""
    asked, heard = Caller(model, LIMITS).ask(prompt, max_tokens=max_tokens, attempts=1), []
    while True:
        try:
            heard.append(next(asked))
        except StopIteration as end:
            return heard, end.value


def test_the_reply_streams_in_pieces_and_its_tokens_are_counted(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, usage = whole(model_at(running.url, running.model, monkeypatch))
    assert "".join(heard) == SENTENCE
    assert len([text for text in heard if text]) >= 2  # those that pile up come as one
    assert "\ufffd" not in "".join(heard)  # the ship is four tokens, never shown in halves
    assert usage == Usage(token_count(RENDERED), REPLY_TOKENS)


def test_a_reply_cut_off_at_the_tokens_asked_for_says_so(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_at(running.url, running.model, monkeypatch)
    read = pieces(model, max_tokens=3)
    assert "".join(piece.text for piece in read) == "The ferry to"
    assert read[-1] == Piece("", "length", Usage(token_count(RENDERED), 3))
    with pytest.raises(ProviderError, match=r"was cut off \(length\)$"):
        whole(model, max_tokens=3)


def test_several_questions_at_once_all_get_the_whole_reply(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_at(running.url, running.model, monkeypatch)

    async def one() -> str:
        return "".join([piece.text async for piece in model.stream(PROMPT, max_tokens=60)])

    async def three() -> list[str]:
        return list(await asyncio.gather(one(), one(), one()))

    assert asyncio.run(asyncio.wait_for(three(), timeout=60)) == [SENTENCE] * 3


def test_llama_cpp_refuses_an_overlong_prompt(llama: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_at(llama.url, llama.model, monkeypatch)
    with pytest.raises(ContextOverflow, match="the prompt is longer than tiny takes"):
        whole(model, Prompt("Be brief.", "ferry " * 600))
    assert "".join(whole(model)[0]) == SENTENCE  # and goes on


def test_transformers_serve_takes_an_overlong_prompt_without_a_word(
    serve: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, usage = whole(model_at(serve.url, serve.model, monkeypatch), Prompt("Be brief.", "ferry " * 600))
    assert "".join(heard) == SENTENCE
    assert usage is not None
    assert usage.prompt_tokens > 600  # of a model of 512


def test_llama_cpp_answers_under_any_name(llama: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "".join(whole(model_at(llama.url, "no-such-model", monkeypatch))[0]) == SENTENCE


def test_transformers_serve_has_an_error_for_an_unknown_model_which_we_name(
    serve: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProviderError, match="no-such-model") as raised:
        whole(model_at(serve.url, "/nowhere/no-such-model", monkeypatch))
    assert not isinstance(raised.value, ContextOverflow)
    assert "".join(whole(model_at(serve.url, serve.model, monkeypatch))[0]) == SENTENCE  # and goes on


def test_closing_the_callers_generator_frees_the_server_for_the_next(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each server answers one question at a time of a model: the next one waits until the first has stopped.
    model = model_at(running.endless_url, running.endless, monkeypatch)
    asked = Caller(model, LIMITS).ask(PROMPT, max_tokens=MANY)
    while "Ollerford" not in next(asked):
        pass
    asked.close()
    assert pieces(model, max_tokens=2)[-1].finish == "length"


def test_llama_cpp_works_on_a_question_until_it_is_cancelled(llama: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_at(llama.endless_url, llama.endless, monkeypatch)

    async def read() -> None:
        reply = model.stream(PROMPT, max_tokens=MANY)
        await anext(reply)
        assert await asyncio.to_thread(is_working, llama.endless_url)
        await reply.aclose()  # type: ignore[attr-defined]

    asyncio.run(asyncio.wait_for(read(), timeout=60))
    deadline = time.monotonic() + 20
    while is_working(llama.endless_url):
        assert time.monotonic() < deadline, "it goes on for nobody"
        time.sleep(0.02)


def is_working(url: str) -> bool:
    with urlopen(f"{url}/slots", timeout=20) as response:
        slots: list[dict[str, Any]] = json.load(response)
    return any(slot["is_processing"] for slot in slots)


def test_a_server_that_is_gone_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tiny_models.write_gguf(tmp_path / "tiny.gguf")
    with listening(LLAMA, str(file), "512", log=tmp_path / "log") as url:
        model = model_at(url, "tiny", monkeypatch)
        assert "".join(whole(model)[0]) == SENTENCE
    with pytest.raises(ProviderError, match=f"tiny at {url}/v1 cannot be reached: nothing listens there"):
        whole(model)
