"""A model that says what it is told: for tests of prompts and composers, with no server and no chance."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.errors import BadInput
from rag.llm.base import Limits, Piece, Prompt, ProviderError, Usage


@dataclass(frozen=True)
class Scripted:
    """Replies with ``pieces``, the same each time or made from the prompt.

    ``pause_s`` goes by before each piece. A ``failure`` is raised after the pieces; ``finish`` says how the reply
    ended, None that it just broke off. Every prompt it gets is kept in ``prompts``.
    """

    pieces: Sequence[str] | Callable[[Prompt], Sequence[str]]
    failure: ProviderError | None = None
    finish: str | None = "stop"
    usage: Usage | None = None
    pause_s: float = 0.0
    name: str = "scripted"
    context_tokens: int = 8_192
    is_local: bool = True
    prompts: list[Prompt] = field(default_factory=list)

    async def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncIterator[Piece]:
        self.prompts.append(prompt)
        for text in self.pieces(prompt) if callable(self.pieces) else self.pieces:
            await asyncio.sleep(self.pause_s)
            yield Piece(text)
        if self.failure:
            raise self.failure
        if self.finish:
            yield Piece(finish=self.finish, usage=self.usage)


def scripted(path: str, limits: Limits) -> Scripted:
    """Replies with the text of the file ``path``, word by word. Raises BadInput where it cannot be read."""
    try:
        reply = Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"scripted:{path}: its reply cannot be read from that file ({error})") from error
    context_tokens = limits.context_tokens or Scripted.context_tokens
    return Scripted(re.findall(r"\s*\S+", reply), context_tokens=context_tokens)
