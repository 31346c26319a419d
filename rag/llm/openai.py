"""Any endpoint that speaks OpenAI's protocol, by its SDK: OpenAI, Ollama, llama.cpp, vLLM, LM Studio.

This file is the only home of openai. The SDK opens the request; the stream is read here, since the SDK takes one that
just ends for a finished one. No retries and no timers but the one on connecting: those are in rag/llm/calling.py.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corpus.errors import BadInput
from rag.llm.base import Limits, Piece, Prompt, ProviderError, Usage
from rag.llm.server import Refused, Server, address, count, secret, written

if TYPE_CHECKING:
    from openai import AsyncAPIResponse, AsyncOpenAI
    from openai.types.chat import ChatCompletionMessageParam

_URL = "https://api.openai.com/v1"
# What the smallest models in use take; a server of one's own is often started with less than its model could.
_CONTEXT_TOKENS = 8_192
# Ollama's own default on most machines, whatever the model could take; it cuts longer prompts without a word.
_OLLAMA_CONTEXT_TOKENS = 4_096
_OLLAMA_PORTS = {"http": 80, "https": 443}  # as Ollama's own client reads its variable
_OLLAMA_PORT = 11_434
# Some servers say how a reply ended and do not hang up; the usage comes at once or not at all.
_AFTER_FINISH_S, _AFTER_DONE_S = 1.0, 0.2
_WHOLE = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
# What is sent where no more than the protocol needs is to be; by the last the SDK tells that we read the stream.
_HEADERS = frozenset(
    "host connection accept accept-encoding content-type content-length user-agent x-stainless-raw-response".split()
)
# What a model or server may refuse, by what its refusal says; asked again without it, and never sent again.
_OPTIONAL = {
    "stream_options": re.compile(r"\b(?:stream_options|include_usage)\b"),
    "temperature": re.compile(r"\btemperature\b"),
    "max_tokens": re.compile(r"\bmax_tokens\b"),
    "system": re.compile(r"\bsystem (?:role|message|prompt)s?\b", re.IGNORECASE),
}


class OpenAI:
    """A model on one server. What it turned out not to understand is remembered."""

    def __init__(self, server: Server, *, context_tokens: int, connect_s: float, anonymous: bool = False) -> None:
        """``anonymous`` where nothing of the OPENAI_ variables is meant for the server; the SDK reads many of them."""
        self._server = server
        self._anonymous = anonymous
        self._context_tokens = context_tokens
        self._connect_s = connect_s
        self._refused: set[str] = set()

    @property
    def name(self) -> str:
        return self._server.model

    @property
    def context_tokens(self) -> int:
        return self._context_tokens

    @property
    def is_local(self) -> bool:
        return self._server.is_local

    async def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncIterator[Piece]:
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(self._client())
            response = await self._opened(stack, client, prompt, max_tokens)
            events = self._server.events(response.iter_bytes(), response.headers.get("content-type", ""))
            async with aclosing(events), aclosing(_pieces(events)) as pieces:
                async for piece in pieces:
                    yield piece

    def _client(self) -> AsyncOpenAI:
        import openai as sdk

        return sdk.AsyncOpenAI(
            api_key=self._server.key or "none",  # the SDK insists on one
            base_url=self._server.url,
            max_retries=0,
            timeout=sdk.Timeout(None, connect=self._connect_s),
            http_client=sdk.DefaultAsyncHttpxClient(
                verify=self._server.is_encrypted,  # 50 ms to read everybody's certificates
                trust_env=not self._server.is_local,  # a proxy cannot know what this machine calls itself
                follow_redirects=False,  # with our key and passages, to whom we do not know
                event_hooks={"request": [self._undressed], "response": [self._server.check]},
            ),
        )

    async def _undressed(self, request: Any) -> None:
        """Takes off what the SDK adds by itself: a key where there is none, and its user's other variables."""
        for name in list(request.headers):
            if (name == "authorization" and not self._server.key) or (self._anonymous and name not in _HEADERS):
                del request.headers[name]

    async def _opened(
        self, stack: AsyncExitStack, client: AsyncOpenAI, prompt: Prompt, max_tokens: int
    ) -> AsyncAPIResponse[Any]:
        """The response, once it is a success. Asks again where the server refused no more than an option of ours."""
        import openai as sdk

        while True:
            request = client.chat.completions.with_streaming_response.create(
                model=self._server.model,
                messages=self._messages(prompt),
                stream=True,
                extra_body=self._options(max_tokens),
                # As it comes: whoever packs a stream holds it back to do so.
                extra_headers={"Accept-Encoding": "identity"},
            )
            try:
                return await stack.enter_async_context(request)
            except Refused as refusal:
                if not self._learns_from(refusal):
                    raise
            except sdk.APIConnectionError as error:
                raise self._server.unreachable(error, self._connect_s) from error
            except sdk.OpenAIError as error:
                raise ProviderError(f"{self.name} cannot be asked ({type(error).__name__})") from error

    def _messages(self, prompt: Prompt) -> list[ChatCompletionMessageParam]:
        system, user = written(prompt.system), written(prompt.user)
        if not system:
            return [{"role": "user", "content": user}]
        if "system" in self._refused:
            return [{"role": "user", "content": f"{system}\n\n{user}"}]
        return [{"role": "system", "content": system}, {"role": "user", "content": user}]

    def _options(self, max_tokens: int) -> dict[str, object]:
        options: dict[str, object] = {
            "temperature": 0.0,
            "stream_options": {"include_usage": True},
            "max_tokens": max_tokens,
        }
        if "max_tokens" in self._refused:
            options["max_completion_tokens"] = max_tokens  # what newer models of OpenAI call it
        return {option: value for option, value in options.items() if option not in self._refused}

    def _learns_from(self, refusal: Refused) -> bool:
        if refusal.status not in (400, 422):
            return False
        for option, named in _OPTIONAL.items():
            if option not in self._refused and named.search(refusal.words):
                self._refused.add(option)
                return True
        return False


async def _pieces(events: AsyncIterator[dict[str, Any]]) -> AsyncGenerator[Piece, None]:
    finish, usage, done = None, None, False
    now = asyncio.get_running_loop().time
    until: float | None = None
    while until is None or now() < until:
        try:
            async with asyncio.timeout_at(until):
                event = await anext(events)
        except StopAsyncIteration:
            break
        except (ProviderError, TimeoutError):
            if until is None:
                raise
            break  # nothing is missing
        usage = _usage(event) or usage
        choice = _choice(event)
        said, thinks = _said(choice)
        ended = choice.get("finish_reason")
        if isinstance(ended, str) and ended:
            finish = "stop" if ended in _WHOLE else ended
            until = now() + _AFTER_FINISH_S
        if not event and not done:
            done, until = True, now() + _AFTER_DONE_S
        if said or thinks:
            yield Piece(said)
    if finish or done:
        yield Piece(finish=finish or "stop", usage=usage)


def _choice(event: dict[str, Any]) -> dict[str, Any]:
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _said(choice: dict[str, Any]) -> tuple[str, bool]:
    """What a choice adds to the reply, and whether its model thinks. A server that does not stream sends a message."""
    delta: dict[str, Any] = next((choice[key] for key in ("delta", "message") if isinstance(choice.get(key), dict)), {})
    content = delta.get("content") or delta.get("refusal")
    thinks = any(delta.get(key) for key in _THOUGHTS)
    if isinstance(content, list):  # parts, of which some are thoughts
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(written(text) for text in texts), True
    return written(content), thinks


def _usage(event: dict[str, Any]) -> Usage | None:
    found = event.get("usage")
    if not isinstance(found, dict):
        return None
    return Usage(count(found.get("prompt_tokens")), count(found.get("completion_tokens")))


def openai(model: str, limits: Limits) -> OpenAI:
    """Address and key from OPENAI_BASE_URL and OPENAI_API_KEY; a server of one's own may need no key."""
    base_url = os.environ.get("OPENAI_BASE_URL", "").strip()
    key = secret(os.environ.get("OPENAI_API_KEY", ""), "OPENAI_API_KEY")
    if not key and not base_url:
        raise BadInput("openai needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own")
    server = Server(model, address(base_url or _URL, "OPENAI_BASE_URL"), key, "OPENAI_API_KEY", "OPENAI_BASE_URL")
    return OpenAI(server, context_tokens=limits.context_tokens or _CONTEXT_TOKENS, connect_s=limits.connect_s)


def ollama(model: str, limits: Limits) -> OpenAI:
    """Ollama on this machine, or where OLLAMA_HOST says; it gets no key."""
    url = ollama_url(os.environ.get("OLLAMA_HOST", ""))
    advice = "OPENAI_API_KEY and OPENAI_BASE_URL, and write openai: for ollama:"
    server = Server(model, url, "", advice, "OLLAMA_HOST")
    context_tokens = limits.context_tokens or _OLLAMA_CONTEXT_TOKENS
    return OpenAI(server, context_tokens=context_tokens, connect_s=limits.connect_s, anonymous=True)


def ollama_url(host: str) -> str:
    """OLLAMA_HOST as Ollama reads it: with or without scheme and port. An address to listen on becomes one to call."""
    host = host.strip().strip("\"'")
    scheme, _, rest = host.rpartition("://")
    if rest.count(":") > 1 and "[" not in rest:
        rest = f"[{rest}]"  # a bare IPv6 address
    try:
        parts = urlsplit(f"{scheme or 'http'}://{rest}")
        port = parts.port
    except ValueError as error:
        raise BadInput("OLLAMA_HOST is no address such as 127.0.0.1:11434") from error
    name = {None: "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(parts.hostname, parts.hostname)  # noqa: S104
    name = f"[{name}]" if name and ":" in name else name
    port = port or _OLLAMA_PORTS.get(scheme, _OLLAMA_PORT)
    user, at, _ = parts.netloc.rpartition("@")
    return address(f"{parts.scheme}://{user}{at}{name}:{port}{parts.path.rstrip('/')}/v1", "OLLAMA_HOST")
