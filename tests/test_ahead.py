"""Values made ahead of their use, in a thread: the same ones, in order, and never many."""

from __future__ import annotations

from collections.abc import Generator
from threading import Event, active_count

import pytest

from rag.keeping.ahead import ahead


def test_the_values_come_in_their_order() -> None:
    assert list(ahead((number for number in range(100)), most=3)) == list(range(100))


def test_an_exception_comes_in_its_turn() -> None:
    def failing() -> Generator[int, None, None]:
        yield 1
        raise ValueError("no more")

    values = ahead(failing(), most=3)
    assert next(values) == 1
    with pytest.raises(ValueError, match="no more"):
        next(values)


def test_only_so_many_are_made_ahead() -> None:
    made: list[int] = []
    enough = Event()

    def counting() -> Generator[int, None, None]:
        for number in range(100):
            made.append(number)
            if number == 4:
                enough.set()
            yield number

    values = ahead(counting(), most=3)
    assert next(values) == 0
    assert enough.wait(5)  # one is used, three wait, and the fifth waits to join them
    assert len(made) == 5
    values.close()


def test_one_value_may_wait_however_much_it_weighs() -> None:
    values = ahead((weight for weight in (2, 50, 3)), most=10, weigh=lambda weight: weight)
    assert list(values) == [2, 50, 3]


def test_who_stops_early_leaves_no_thread_behind() -> None:
    threads, closed, stopped = active_count(), Event(), Event()

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    values = ahead(endless(), most=3, on_stop=stopped.set)
    assert next(values) == 1
    values.close()
    assert closed.is_set()
    assert stopped.is_set()
    assert active_count() == threads
