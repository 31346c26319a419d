"""Make values ahead of their use, in a thread: whoever uses them need not wait for the next one."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
_POLL_S = 0.1


def ahead(
    values: Generator[T, None, None], *, most: int, on_stop: Callable[[], None] = lambda: None
) -> Generator[T, None, None]:
    """The same values in the same order, at most ``most`` of them waiting; an exception comes in its turn.

    Where the iteration ends early, ``on_stop`` is called so that a value in the making is given up, and the
    thread is waited for.
    """
    made: Queue[tuple[T | None, BaseException | None, bool]] = Queue(maxsize=most)
    stopped = Event()

    def put(value: T | None, error: BaseException | None = None, *, last: bool = False) -> None:
        while not stopped.is_set():
            try:
                made.put((value, error, last), timeout=_POLL_S)
                return
            except Full:
                continue

    def make() -> None:
        try:
            with closing(values):
                for value in values:
                    put(value)
                    if stopped.is_set():
                        return
        except BaseException as error:
            put(None, error)
        else:
            put(None, last=True)

    thread = Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            try:
                value, error, last = made.get(timeout=_POLL_S)
            except Empty:
                continue  # a wait without end would not hear Ctrl-C everywhere
            if error is not None:
                raise error
            if last:
                return
            yield value  # type: ignore[misc]
    finally:
        stopped.set()
        on_stop()
        thread.join()
