"""A model that says what it is told: for tests of composers, with no server and no chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.llm import ProviderError


@dataclass(frozen=True)
class Scripted:
    """Replies with ``pieces``; then, where ``failure`` is given, breaks off with it."""

    pieces: Sequence[str]
    failure: str = ""
    name: str = "scripted"
    context_tokens: int = 8_192

    def stream(self, prompt: str, *, max_tokens: int) -> Iterator[str]:
        yield from self.pieces
        if self.failure:
            raise ProviderError(self.failure)
