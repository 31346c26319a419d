"""Make values ahead of their use, in a thread: whoever uses them need not wait for the next one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from threading import Condition, Thread
from typing import TypeVar

T = TypeVar("T")
_POLL_S = 0.1  # a wait without end would not hear Ctrl-C everywhere


def ahead(
    values: Generator[T, None, None],
    *,
    most: int,
    weigh: Callable[[T], int] = lambda value: 1,
    on_stop: Callable[[], None] = lambda: None,
) -> Generator[T, None, None]:
    """The same values in the same order; an exception comes in its turn.

    At most ``most`` of them wait, or of what they ``weigh`` together; one may always wait, whatever it weighs.
    Where the iteration ends early, ``on_stop`` is called so that a value in the making is given up, and the
    thread is waited for.
    """
    made: deque[T] = deque()
    changed = Condition()
    weight, stopped = 0, False
    end: list[BaseException | None] = []  # how the making ended: None where all went well

    def make() -> None:
        nonlocal weight
        try:
            with closing(values):
                for value in values:
                    with changed:
                        changed.wait_for(lambda: stopped or not made or weight + weigh(value) <= most)  # noqa: B023
                        if stopped:
                            return
                        made.append(value)
                        weight += weigh(value)
                        changed.notify_all()
        except BaseException as error:
            end.append(error)
        else:
            end.append(None)
        finally:
            with changed:
                changed.notify_all()

    thread = Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            with changed:
                while not made and not end:
                    changed.wait(_POLL_S)
                value = made.popleft() if made else None
                if value is not None:
                    weight -= weigh(value)
                    changed.notify_all()
            if value is None:
                if end[0] is not None:
                    raise end[0]
                return
            yield value
    finally:
        with changed:
            stopped = True
            changed.notify_all()
        on_stop()
        thread.join()
