"""Any endpoint that speaks OpenAI's protocol, by its SDK: OpenAI, Ollama, llama.cpp, vLLM, LM Studio.

This file is the only home of openai.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import openai as sdk

from rag.llm import ProviderError

_CONNECT_S, _SILENCE_S = 5.0, 120.0
_ATTEMPTS = 3
_CONTEXT_TOKENS = 8_192  # what the smallest models in use take; a setting when somebody needs another


@dataclass(frozen=True)
class OpenAI:
    model: str
    base_url: str | None
    key: str
    context_tokens: int = _CONTEXT_TOKENS

    @property
    def name(self) -> str:
        return self.model

    def stream(self, prompt: str, *, max_tokens: int) -> Iterator[str]:
        timeout = sdk.Timeout(_SILENCE_S, connect=_CONNECT_S)
        try:
            client = sdk.OpenAI(api_key=self.key, base_url=self.base_url, timeout=timeout, max_retries=_ATTEMPTS - 1)
            with (
                client,
                client.chat.completions.create(
                    model=self.model,
                    messages=[{"role": "user", "content": prompt}],
                    max_tokens=max_tokens,
                    temperature=0.0,
                    stream=True,
                ) as chunks,
            ):
                finish = None
                for chunk in chunks:
                    for choice in chunk.choices:
                        finish = choice.finish_reason or finish
                        if choice.delta.content:
                            yield choice.delta.content
        except sdk.AuthenticationError as error:
            raise ProviderError(f"{self.model}: the key in OPENAI_API_KEY was not accepted") from error
        except sdk.APIStatusError as error:
            raise ProviderError(f"{self.model}: the server answered {error.status_code}") from error
        except sdk.APIConnectionError as error:
            raise ProviderError(f"{self.model} at {self.base_url or 'api.openai.com'} cannot be reached") from error
        except sdk.OpenAIError as error:
            raise ProviderError(f"{self.model}: {type(error).__name__}") from error
        if finish != "stop":
            # The SDK takes a stream that just ends for a finished one.
            raise ProviderError(f"{self.model}: the reply was cut off ({finish or 'the stream ended early'})")


def openai(model: str) -> OpenAI:
    """Address and key from OPENAI_BASE_URL and OPENAI_API_KEY."""
    base_url = os.environ.get("OPENAI_BASE_URL")
    key = os.environ.get("OPENAI_API_KEY") or ("none" if base_url else "")
    if not key:
        raise ProviderError("openai needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own")
    return OpenAI(model, base_url, key)


def ollama(model: str) -> OpenAI:
    """Ollama on this machine, or where OLLAMA_HOST says."""
    host = os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434"
    return OpenAI(model, f"{host if '://' in host else f'http://{host}'}/v1", "none")
