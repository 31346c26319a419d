"""Many values in one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

Id = TypeVar("Id", int, str)
_BATCH = 500  # ids in one statement; SQLite takes 32,766


def batches(ids: Sequence[Id]) -> Iterator[list[Id]]:
    for start in range(0, len(ids), _BATCH):
        yield list(ids[start : start + _BATCH])


def marks(batch: Collection[object]) -> str:
    return ", ".join("?" * len(batch))
