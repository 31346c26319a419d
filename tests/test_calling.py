"""Asking with patience that ends, of providers written here: no server, and a clock that the test moves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from rag.llm.base import Limits, Piece, Prompt, ProviderError, Unreachable, Usage
from rag.llm.calling import Caller, goes_in_circles

PROMPT = Prompt("Answer.", "When?")
BUSY = ProviderError("busy", transient=True)

Attempt = Callable[[], AsyncIterator[Piece]]


@dataclass
class Attempts:
    """A provider whose replies are given one by one; the last one serves for ever."""

    replies: list[Attempt]
    is_local: bool = False
    name: str = "m"
    context_tokens: int = 8_192
    asked: int = field(default=0, init=False)

    def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncIterator[Piece]:
        self.asked += 1
        return self.replies[min(self.asked, len(self.replies)) - 1]()


def says(*pieces: Piece, then: BaseException | None = None) -> Attempt:
    async def reply() -> AsyncIterator[Piece]:
        for piece in pieces:
            yield piece
        if then:
            raise then

    return reply


def fails(error: BaseException) -> Attempt:
    return says(then=error)


WHOLE = says(Piece("In May "), Piece("[1]."), Piece(finish="stop"))


async def nothing() -> AsyncIterator[Piece]:
    await asyncio.Event().wait()
    yield Piece()


def read(caller: Caller) -> tuple[str, str]:
    """What came, and the message of what went wrong."""
    said = ""
    try:
        for piece in caller.ask(PROMPT, max_tokens=100):
            said += piece
    except ProviderError as error:
        return said, str(error)
    return said, ""


def impatient(provider: Attempts, limits: Limits | None = None) -> Caller:
    return Caller(provider, limits, jitter=lambda: 0.0)


def test_a_reply_comes_in_its_pieces_and_returns_what_it_used() -> None:
    caller = Caller(Attempts([says(Piece("In May."), Piece(finish="stop", usage=Usage(7, 2)))]))
    used: list[Usage | None] = []

    def reply() -> Iterator[str]:
        used.append((yield from caller.ask(PROMPT, max_tokens=9)))

    assert "".join(reply()) == "In May."
    assert used == [Usage(7, 2)]


def test_pieces_that_piled_up_while_nobody_read_come_as_one() -> None:
    lines = [Piece(f"{number} ") for number in range(50)]
    pieces = Caller(Attempts([says(*lines, Piece(finish="stop"))])).ask(PROMPT, max_tokens=90)
    said = [next(pieces)]
    time.sleep(0.2)
    said += list(pieces)
    assert "".join(said) == "".join(line.text for line in lines)
    assert len(said) < 10


# --- attempts


def test_what_may_pass_is_asked_three_times_in_all() -> None:
    provider = Attempts([fails(BUSY), fails(BUSY), WHOLE])
    assert read(impatient(provider)) == ("In May [1].", "")
    provider = Attempts([fails(BUSY)])
    assert read(impatient(provider)) == ("", "busy")
    assert provider.asked == 3


def test_what_will_not_pass_is_asked_once() -> None:
    provider = Attempts([fails(ProviderError("no such model")), WHOLE])
    assert read(impatient(provider)) == ("", "no such model")
    assert provider.asked == 1


def test_nothing_is_asked_again_once_words_have_come() -> None:
    provider = Attempts([says(Piece("In "), then=BUSY), WHOLE])
    assert read(impatient(provider)) == ("In ", "busy")
    assert provider.asked == 1


def test_blanks_and_signs_of_life_are_no_words() -> None:
    provider = Attempts([says(Piece(), Piece(" \n"), then=BUSY), WHOLE])
    assert read(impatient(provider))[0].strip() == "In May [1]."


def test_the_wait_between_attempts_is_a_random_share_of_one_that_doubles() -> None:
    provider = Attempts([fails(BUSY), fails(BUSY), WHOLE])
    shares = iter([0.25, 0.1])
    clock = Ticking(0.05)
    caller = Caller(provider, clock=clock, jitter=lambda: next(shares))
    assert read(caller) == ("In May [1].", "")
    # 0.25 of one second, then 0.1 of two
    assert clock.now >= 0.45
    assert next(shares, None) is None


def test_the_server_says_how_long_to_wait() -> None:
    provider = Attempts([fails(ProviderError("busy", transient=True, retry_after_s=90.0)), WHOLE])
    clock = Ticking(30.0)  # three looks at the clock are ninety seconds
    caller = Caller(provider, Limits(first_token_s=10_000.0, gap_s=10_000.0, total_s=10_000.0), clock=clock)
    assert read(caller) == ("In May [1].", "")
    assert clock.now >= 90.0


def test_nobody_waits_longer_than_for_the_whole() -> None:
    provider = Attempts([fails(ProviderError("busy", transient=True, retry_after_s=600.0)), WHOLE])
    assert read(impatient(provider)) == ("", "busy")
    assert provider.asked == 1


# --- limits


class Ticking:
    """Each look at this clock takes some seconds."""

    def __init__(self, tick_s: float) -> None:
        self.now = 0.0
        self.tick_s = tick_s

    def __call__(self) -> float:
        self.now += self.tick_s
        return self.now


@dataclass
class Standing:
    """Stands still until it is moved."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("is_local", "patience"), [(False, "30 s"), (True, "120 s")])
def test_a_model_on_this_machine_may_take_longer_to_begin(is_local: bool, patience: str) -> None:
    caller = Caller(Attempts([nothing], is_local=is_local), clock=Ticking(20.0), jitter=lambda: 0.0)
    with pytest.raises(Unreachable, match=f"m said nothing for {patience}"):
        list(caller.ask(PROMPT, max_tokens=9))


def test_silence_after_some_words_ends_at_the_limit_for_gaps() -> None:
    async def stops() -> AsyncIterator[Piece]:
        yield Piece("In ")
        await asyncio.Event().wait()

    caller = Caller(Attempts([stops]), Limits(first_token_s=1_000.0, gap_s=50.0, total_s=1_000.0), clock=Ticking(20.0))
    assert read(caller) == ("In ", "m said nothing for 50 s")


def test_a_reply_that_goes_on_and_on_ends_at_the_limit_for_all() -> None:
    clock = Standing()

    async def slow() -> AsyncIterator[Piece]:
        for number in count():
            clock.now += 40.0
            yield Piece(f"{number} ")
            await asyncio.sleep(0)

    said, error = read(Caller(Attempts([slow]), Limits(gap_s=1_000.0, first_token_s=1_000.0), clock=clock))
    assert error == "m took longer than 180 s"
    assert "0 1 2 3 4 5".startswith(said.strip())


def test_who_has_less_time_than_the_limit_says_so() -> None:
    caller = Caller(Attempts([nothing]), clock=Ticking(1.0), jitter=lambda: 0.0)
    with pytest.raises(ProviderError, match="m took longer than 10 s"):
        list(caller.ask(PROMPT, max_tokens=9, within_s=10.0))
    caller = Caller(Attempts([nothing]), Limits(total_s=5.0), clock=Ticking(1.0), jitter=lambda: 0.0)
    with pytest.raises(ProviderError, match="m took longer than 5 s"):
        list(caller.ask(PROMPT, max_tokens=9, within_s=10.0))


def test_silence_gives_the_reader_control_all_the_while() -> None:
    pieces = Caller(Attempts([nothing])).ask(PROMPT, max_tokens=9)
    assert [next(pieces) for _ in range(3)] == ["", "", ""]
    pieces.close()


def test_closing_cancels_what_the_provider_does() -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def waits() -> AsyncIterator[Piece]:
        try:
            yield Piece("In ")
            begun.set()
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    provider = Attempts([waits, WHOLE])
    caller = Caller(provider)
    pieces = caller.ask(PROMPT, max_tokens=9)
    while not begun.is_set():
        next(pieces)
    pieces.close()
    # The next question runs on the same loop, after what was cancelled there.
    assert read(caller) == ("In May [1].", "")
    assert cancelled.is_set()


# --- replies that are not whole


@pytest.mark.parametrize(
    ("attempt", "said", "error", "asked"),
    [
        (says(Piece("In ")), "In ", "the reply of m broke off before its end", 1),
        (says(), "", "the reply of m broke off before its end", 3),
        (says(Piece("In "), Piece(finish="length")), "In ", "the reply of m was cut off (length)", 1),
        (says(Piece(finish="refusal")), "", "the reply of m was cut off (refusal)", 1),
        (says(Piece("  "), Piece(finish="stop")), "", "the reply of m was empty", 3),
    ],
)
def test_a_reply_that_is_not_whole_is_an_error_after_its_words(
    attempt: Attempt, said: str, error: str, asked: int
) -> None:
    provider = Attempts([attempt])
    found, message = read(impatient(provider))
    assert (found.strip(), message, provider.asked) == (said.strip(), error, asked)


def test_a_break_after_the_end_is_none() -> None:
    provider = Attempts([says(Piece("In May."), Piece(finish="stop"), then=BUSY)])
    assert read(impatient(provider)) == ("In May.", "")


def test_more_than_was_asked_for_is_cut_off() -> None:
    lines = [Piece(f"{number} and then the next. ") for number in range(200)]
    said, error = read(impatient(Attempts([says(*lines, Piece(finish="stop"))])))
    assert error == "the reply of m went past the 100 tokens asked for"
    assert len(said) < 1_450  # twelve characters a token and the piece that went past


def test_a_reply_that_goes_in_circles_is_cut_off() -> None:
    said, error = read(impatient(Attempts([says(*[Piece("no, ")] * 600, Piece(finish="stop"))])))
    assert error == "the reply of m repeats itself"
    assert len("no, ") * 20 <= len(said) < 400


@pytest.mark.parametrize(
    "text",
    [
        "the cat sat and " * 20,
        "A line.\nAnd one more.\n" * 20,
        "ha" * 30,
        "- yes\n" * 20,
        "-" * 400,
        "。" * 400,
    ],
)
def test_the_same_twenty_times_over_is_a_circle(text: str) -> None:
    assert goes_in_circles(f"It begins well. {text}")
    assert not goes_in_circles(f"{text} and it ends well.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It opened in May [1].",
        "-" * 120,
        "| --- " * 24 + "|",
        "|:---:" * 24 + "|",
        "=" * 80 + "\n" + "=" * 80,
        "." * 200,
        "- yes\n" * 12,
        "| 0 | 0 | 0 |\n" * 8,
        "".join(f"{number}. Pell\n" for number in range(1, 60)),
        " " * 500,
    ],
)
def test_rules_tables_and_short_lists_are_no_circles(text: str) -> None:
    assert not any(goes_in_circles(text[:length]) for length in range(len(text) + 1))


# --- a model that is not there


def test_after_five_questions_in_vain_a_model_is_left_alone_for_a_while() -> None:
    clock = Standing()
    provider = Attempts([fails(Unreachable("nobody there"))])
    caller = Caller(provider, clock=clock)
    assert [read(caller) for _ in range(5)] == [("", "nobody there")] * 5
    clock.now = 10.0
    assert read(caller) == ("", "m could not be reached 5 times; it is tried again in 20 s")
    assert provider.asked == 5
    clock.now = 30.0
    assert read(caller) == ("", "nobody there")
    assert read(caller)[1] == "m could not be reached 6 times; it is tried again in 30 s"
    assert provider.asked == 6


def test_one_answer_or_any_other_failure_ends_the_count() -> None:
    there, gone = WHOLE, fails(Unreachable("nobody there"))
    caller = Caller(Attempts([gone] * 4 + [there] + [gone] * 4 + [fails(ProviderError("no"))] + [gone] * 5))
    messages = [read(caller)[1] for _ in range(15)]
    assert messages == ["nobody there"] * 4 + [""] + ["nobody there"] * 4 + ["no"] + ["nobody there"] * 5


# --- providers of somebody else


class Strange(Exception):
    pass


def test_a_strange_exception_becomes_one_of_ours_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    said, error = read(impatient(Attempts([says(Piece("In "), then=Strange("the secret inside"))])))
    assert (said, error) == ("In ", "m failed inside its provider (Strange)")
    (record,) = caplog.records
    assert (record.levelno, record.exc_info) == (logging.ERROR, None)


def test_the_log_says_where_a_provider_failed_and_never_with_what_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    read(impatient(Attempts([fails(Strange("Bearer sk-canary-9"))])))
    assert "the provider of m failed with Strange" in caplog.text
    assert "test_calling.py" in caplog.text
    assert "sk-canary-9" not in caplog.text


def test_a_provider_that_is_none_is_an_error_too(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> AsyncIterator[Piece]:
        raise Strange

    assert read(impatient(Attempts([broken])))[1] == "m failed inside its provider (Strange)"
    assert caplog.records


@pytest.mark.parametrize("exception", [SystemExit, asyncio.CancelledError])
def test_a_provider_that_ends_its_task_ends_no_more_than_that(exception: type[BaseException]) -> None:
    provider = Attempts([fails(exception()), WHOLE])
    assert read(impatient(provider))[1] == f"m failed inside its provider ({exception.__name__})"
    assert read(impatient(provider)) == ("In May [1].", "")
