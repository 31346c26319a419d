"""What was read of the archive once, for as long as it stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from vectorstore.snapshot import Snapshot

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """What was read of one state of the archive, read anew when the archive has moved on."""

    def __init__(self, read: Callable[[Snapshot], Value]) -> None:
        self._read = read
        self._kept: tuple[tuple[str, int], Value] | None = None
        self._guard = Lock()

    def at(self, snapshot: Snapshot) -> Value:
        state = (snapshot.id(), snapshot.head())
        with self._guard:
            if self._kept is None or self._kept[0] != state:
                self._kept = (state, self._read(snapshot))
            return self._kept[1]
