"""What every provider speaks: a prompt in, a reply in pieces out, and one kind of error.

Knows no protocol, no retries and no timers but the limits that others keep.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from corpus.errors import CiteDeskError


@dataclass(frozen=True)
class Prompt:
    """``system`` are our own instructions, ``user`` is the material and the question."""

    system: str
    user: str


@dataclass(frozen=True)
class Usage:
    """Tokens as the model's own server counts them."""

    prompt_tokens: int
    reply_tokens: int


@dataclass(frozen=True)
class Piece:
    """Some more of a reply.

    ``text`` may be empty, a sign of life from a model that is still thinking. The last piece has a ``finish``:
    "stop" where the model came to its end, else why it was cut off, such as "length". A reply that ends without
    one has broken off.
    """

    text: str = ""
    finish: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True)
class Limits:
    """How long to wait, in seconds, and how much may be said, in tokens.

    ``first_token_s`` of None is 30, or 120 for a model on this machine; ``context_tokens`` of None is what the
    provider knows of its model. ``total_s`` covers every attempt.
    """

    connect_s: float = 5.0
    first_token_s: float | None = None
    gap_s: float = 20.0
    total_s: float = 180.0
    context_tokens: int | None = None
    reply_tokens: int = 800


class ProviderError(CiteDeskError):
    """A model could not be reached, refused, or broke off; the message names no key.

    Where it is ``transient`` asking again may help, after ``retry_after_s`` where the server says so; ``attempts`` is
    how often it was tried.
    """

    def __init__(self, message: str, *, transient: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.transient = transient
        self.retry_after_s = retry_after_s
        self.attempts = 1


class Unreachable(ProviderError):
    """Nobody answered: no connection, or silence."""


class Forbidden(ProviderError):
    """The key was not accepted, or may not do this: asking again is no use."""


class ContextOverflow(ProviderError):
    """The prompt is longer than the model takes."""


class Provider(Protocol):
    @property
    def name(self) -> str:
        """What people call the model."""
        ...

    @property
    def context_tokens(self) -> int:
        """How long prompt and reply may be together."""
        ...

    @property
    def is_local(self) -> bool:
        """True where it runs on this machine, which may be slow to begin."""
        ...

    def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncIterator[Piece]:
        """The reply in pieces; one attempt, which ends at once when its task is cancelled.

        Raises ProviderError, also after some pieces where the reply breaks off.
        """
        ...
