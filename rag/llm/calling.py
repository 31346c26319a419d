"""Ask a provider, with patience that ends: attempts, time limits, cancelling, and replies that go round in circles.

The provider runs on a loop of its own in a thread; whoever reads gets control back a few times a second, whatever
the provider does. Knows nothing of prompts or of what a reply means.
"""

from __future__ import annotations

import asyncio
import logging
import math
import queue
import random
import threading
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import cache

from rag.llm.base import Limits, Piece, Prompt, Provider, ProviderError, Unreachable, Usage
from rag.llm.thinking import Spoken

_log = logging.getLogger(__name__)

ATTEMPTS = 3
HEARTBEAT_S = 0.2
_FIRST_TOKEN_S, _FIRST_TOKEN_LOCAL_S = 30.0, 120.0
_BACKOFF_S, _LONGEST_BACKOFF_S = 0.5, 8.0
_AT_ONCE = 200  # characters of pieces that have piled up, given as one
_CHARACTERS_PER_TOKEN = 12  # more than any vocabulary has on average: past it the server ignores our limit
_REPEATS = 20
_LONGEST_PERIOD = 300  # characters of a stretch that may be said over and over
_SHORTEST_LOOP, _SHORTEST_RULE = 60, 400  # characters, with words in them or without: a row of dashes is no loop
_UNREACHED, _REST_S = 5, 30.0


class Caller:
    """One provider and its limits. Safe to use from several threads."""

    def __init__(
        self,
        provider: Provider,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """``jitter`` gives numbers in [0, 1)."""
        self.provider = provider
        self.limits = limits or Limits()
        self.clock = clock
        self._jitter = jitter
        self._unreached: list[float] = []  # when each of the last questions in a row got no answer at all

    @property
    def name(self) -> str:
        return self.provider.name

    @property
    def first_token_s(self) -> float:
        if self.limits.first_token_s is not None:
            return self.limits.first_token_s
        return _FIRST_TOKEN_LOCAL_S if self.provider.is_local else _FIRST_TOKEN_S

    def ask(
        self, prompt: Prompt, *, max_tokens: int, attempts: int = ATTEMPTS, within_s: float = math.inf
    ) -> Generator[str, None, Usage | None]:
        """The reply in pieces, an empty one every HEARTBEAT_S of silence; returns what it used, where that is known.

        Asked again, up to ``attempts`` times in all, only while nothing has come. Closing the generator cancels the
        request. ``within_s`` is for who has less time than ``total_s``. Raises ProviderError, after the pieces that
        came, for every reply that is not whole.
        """
        self._refuse_while_resting()
        total_s = min(within_s, self.limits.total_s)
        deadline = self.clock() + total_s
        attempt = 1
        while True:
            call = _Call(self, prompt, max_tokens, deadline, total_s)
            try:
                usage = yield from call.pieces()
            except ProviderError as error:
                wait_s = self._wait_s(attempt, error)
                worth_it = error.transient and not call.said.strip() and attempt < attempts
                if not worth_it or self.clock() + wait_s > deadline:
                    self._note(error)
                    error.attempts = attempt
                    raise
            else:
                self._note(None)
                return usage
            yield from self._silence(wait_s)
            attempt += 1

    def _wait_s(self, attempt: int, error: ProviderError) -> float:
        """What the server asks for, else a random share of a time that doubles."""
        if error.retry_after_s is not None:
            return error.retry_after_s
        return self._jitter() * min(_BACKOFF_S * 2.0**attempt, _LONGEST_BACKOFF_S)

    def _silence(self, seconds: float) -> Generator[str, None, None]:
        end = self.clock() + seconds
        while (left := end - self.clock()) > 0:
            time.sleep(min(left, HEARTBEAT_S))
            yield ""

    def _note(self, error: ProviderError | None) -> None:
        self._unreached = [*self._unreached, self.clock()] if isinstance(error, Unreachable) else []

    def _refuse_while_resting(self) -> None:
        """A model that is not there is left alone for a while: a batch must not wait for it at each question."""
        if len(self._unreached) < _UNREACHED:
            return
        left_s = self._unreached[-1] + _REST_S - self.clock()
        if left_s > 0:
            times = len(self._unreached)
            raise ProviderError(f"{self.name} could not be reached {times} times; it is tried again in {left_s:.0f} s")


class _Call:
    """One attempt; ``said`` is what has come of it."""

    def __init__(self, caller: Caller, prompt: Prompt, max_tokens: int, deadline: float, total_s: float) -> None:
        self.said = ""
        self._caller = caller
        self._prompt = prompt
        self._max_tokens = max_tokens
        self._deadline = deadline
        self._total_s = total_s
        self._arrived: queue.SimpleQueue[Piece | BaseException | None] = queue.SimpleQueue()
        self._kept: list[BaseException | None] = []

    def pieces(self) -> Generator[str, None, Usage | None]:
        task = asyncio.run_coroutine_threadsafe(self._pump(), _loop())
        try:
            return (yield from self._read())
        finally:
            task.cancel()

    async def _pump(self) -> None:
        spoken = Spoken()
        try:
            async for piece in self._caller.provider.stream(self._prompt, max_tokens=self._max_tokens):
                text = spoken.hear(piece.text) + (spoken.end() if piece.finish else "")
                self._arrived.put(replace(piece, text=text))
        except BaseException as error:  # raised where the reply is read; a SystemExit would end the loop's thread
            self._arrived.put(error)
            if isinstance(error, asyncio.CancelledError):
                raise
        else:
            self._arrived.put(None)

    def _read(self) -> Generator[str, None, Usage | None]:
        name, clock = self._caller.name, self._caller.clock
        heard_at, patience_s = clock(), self._caller.first_token_s
        last = Piece()
        while True:
            try:
                arrived = self._next()
            except queue.Empty:
                arrived = Piece()
            else:
                heard_at, patience_s = clock(), self._caller.limits.gap_s
            if clock() > self._deadline:
                raise ProviderError(f"{name} took longer than {self._total_s:g} s")
            if clock() - heard_at > patience_s:
                silent = f"{name} said nothing for {patience_s:g} s"
                raise ProviderError(silent) if self.said else Unreachable(silent)
            if arrived is None or (isinstance(arrived, BaseException) and last.finish):
                break
            if isinstance(arrived, BaseException):
                raise _translated(arrived, name)
            if arrived.finish or arrived.usage:
                last = Piece(finish=arrived.finish or last.finish, usage=arrived.usage or last.usage)
            self.said += arrived.text
            yield arrived.text
            self._check_sense()
        if last.finish != "stop":
            how = f"was cut off ({last.finish})" if last.finish else "broke off before its end"
            raise ProviderError(f"the reply of {name} {how}", transient=not last.finish)
        if not self.said.strip():
            raise ProviderError(f"the reply of {name} was empty", transient=True)
        return last.usage

    def _next(self) -> Piece | BaseException | None:
        """What arrived next, pieces that have piled up as one: who reads slowly must not fall behind."""
        arrived = self._kept.pop() if self._kept else self._arrived.get(timeout=HEARTBEAT_S)
        while (
            isinstance(arrived, Piece)
            and not arrived.finish
            and len(arrived.text) < _AT_ONCE
            and not self._arrived.empty()
        ):
            following = self._arrived.get()
            if not isinstance(following, Piece):
                self._kept.append(following)
                break
            usage = following.usage or arrived.usage
            arrived = Piece(arrived.text + following.text, following.finish, usage)
        return arrived

    def _check_sense(self) -> None:
        if goes_in_circles(self.said):
            raise ProviderError(f"the reply of {self._caller.name} repeats itself")
        if len(self.said) > self._max_tokens * _CHARACTERS_PER_TOKEN:
            raise ProviderError(f"the reply of {self._caller.name} went past the {self._max_tokens} tokens asked for")


def goes_in_circles(text: str) -> bool:
    """True where a text ends in the same stretch twenty times over."""
    for period in range(1, min(_LONGEST_PERIOD, len(text) // _REPEATS) + 1):
        stretch = text[-period:]
        shortest = _SHORTEST_LOOP if any(map(str.isalnum, stretch)) else _SHORTEST_RULE
        if text.endswith(stretch * max(_REPEATS, math.ceil(shortest / period))) and stretch.strip():
            return True
    return False


def _translated(error: BaseException, name: str) -> ProviderError:
    if isinstance(error, ProviderError):
        return error
    # Where, and not what it says: that may hold a key.
    places = traceback.format_tb(error.__traceback__)
    _log.error("the provider of %s failed with %s%s", name, type(error).__name__, _indented(places[-1:]))
    _log.debug("all of the way there:%s", _indented(places))
    found = ProviderError(f"{name} failed inside its provider ({type(error).__name__})")
    found.__cause__ = error
    return found


def _indented(places: Sequence[str]) -> str:
    return "".join(f"\n{place.rstrip()}" for place in places)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The loop on which every provider of this process runs, in a thread of its own."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="citedesk-llm", daemon=True).start()
    return loop
