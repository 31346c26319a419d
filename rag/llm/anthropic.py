"""Claude, by Anthropic's SDK, which is an extra: ``pip install 'citedesk[anthropic]'``.

This file is the only home of anthropic. As with OpenAI's, the SDK opens the request and the stream is read here.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from corpus.errors import BadInput
from rag.llm.base import Limits, Piece, Prompt, ProviderError, Usage
from rag.llm.server import Server, address, count, secret, written

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_URL = "https://api.anthropic.com"
_CONTEXT_TOKENS = 200_000  # what every model of this protocol takes at least
_WHOLE = frozenset({"end_turn", "stop_sequence"})


class Anthropic:
    """A model of Anthropic's."""

    is_local = False

    def __init__(self, server: Server, *, context_tokens: int, connect_s: float) -> None:
        self._server = server
        self._context_tokens = context_tokens
        self._connect_s = connect_s

    @property
    def name(self) -> str:
        return self._server.model

    @property
    def context_tokens(self) -> int:
        return self._context_tokens

    async def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncIterator[Piece]:
        import anthropic as sdk

        try:
            async with (
                self._client() as client,
                client.messages.with_streaming_response.create(  # no temperature: the newer models refuse one
                    model=self._server.model,
                    system=written(prompt.system) or sdk.omit,
                    messages=[{"role": "user", "content": written(prompt.user)}],
                    max_tokens=max_tokens,
                    stream=True,
                    extra_headers={"Accept-Encoding": "identity"},
                ) as response,
            ):
                events = self._server.events(response.iter_bytes(), response.headers.get("content-type", ""))
                async with aclosing(events), aclosing(_pieces(events)) as pieces:
                    async for piece in pieces:
                        yield piece
        except sdk.APIConnectionError as error:
            # The SDK takes whatever is raised while it asks for a broken connection, our own refusals too.
            if isinstance(error.__cause__, ProviderError):
                raise error.__cause__ from None
            raise self._server.unreachable(error, self._connect_s) from error
        except sdk.AnthropicError as error:
            raise ProviderError(f"{self.name} cannot be asked ({type(error).__name__})") from error

    def _client(self) -> AsyncAnthropic:
        import anthropic as sdk

        # The SDK looks for proxies itself, whatever it is told of the environment: none is for this machine.
        direct: dict[str, Any] = {"mounts": dict.fromkeys(("http://", "https://", "all://"))}
        return sdk.AsyncAnthropic(
            api_key=self._server.key,
            base_url=self._server.url,
            max_retries=0,
            timeout=sdk.Timeout(None, connect=self._connect_s),
            http_client=sdk.DefaultAsyncHttpxClient(
                verify=self._server.is_encrypted,
                follow_redirects=False,  # with our key and passages, to whom we do not know
                event_hooks={"response": [self._server.check]},
                **(direct if self._server.is_local else {}),
            ),
        )


async def _pieces(events: AsyncIterator[dict[str, Any]]) -> AsyncGenerator[Piece, None]:
    """Pings yield nothing, as the limits on a silent model are to run on; thoughts are signs of life."""
    prompt_tokens, finish, usage = 0, "stop", None
    async for event in events:
        kind = event.get("type")
        if kind == "message_start":
            prompt_tokens = _tokens(event.get("message"), "input_tokens")
        elif kind == "content_block_delta":
            delta = event.get("delta")
            yield Piece(written(delta.get("text") if isinstance(delta, dict) else None))
        elif kind == "message_delta":
            finish = _finish(event.get("delta"))
            usage = Usage(_tokens(event, "input_tokens") or prompt_tokens, _tokens(event, "output_tokens"))
        elif kind == "message_stop":
            yield Piece(finish=finish, usage=usage)
            return
        elif kind == "message":  # the whole reply at once, of a server that does not stream
            blocks = event.get("content")
            for block in blocks if isinstance(blocks, list) else []:
                yield Piece(written(block.get("text") if isinstance(block, dict) else None))
            counted = Usage(_tokens(event, "input_tokens"), _tokens(event, "output_tokens"))
            yield Piece(finish=_finish(event), usage=counted)
            return


def _finish(holder: object) -> str:
    reason = holder.get("stop_reason") if isinstance(holder, dict) else None
    if not isinstance(reason, str) or reason in _WHOLE:
        return "stop"
    return "length" if reason == "max_tokens" else reason


def _tokens(holder: object, name: str) -> int:
    used = holder.get("usage") if isinstance(holder, dict) else None
    return count(used.get(name)) if isinstance(used, dict) else 0


def anthropic(model: str, limits: Limits) -> Anthropic:
    """Key from ANTHROPIC_API_KEY, and the address from ANTHROPIC_BASE_URL where another than theirs is set."""
    if find_spec("anthropic") is None:
        raise BadInput("anthropic is not installed: pip install 'citedesk[anthropic]'")
    key = secret(os.environ.get("ANTHROPIC_API_KEY", ""), "ANTHROPIC_API_KEY")
    if not key:
        raise BadInput("anthropic needs a key: set ANTHROPIC_API_KEY")
    url = address(os.environ.get("ANTHROPIC_BASE_URL", "").strip() or _URL, "ANTHROPIC_BASE_URL")
    server = Server(model, url, key, "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")
    return Anthropic(server, context_tokens=limits.context_tokens or _CONTEXT_TOKENS, connect_s=limits.connect_s)
