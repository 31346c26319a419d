"""How long an answer takes, in all and by stage."""

from __future__ import annotations

import time


class Clock:
    """Milliseconds since the start, and by stage."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._stages: dict[str, float] = {}

    def total_ms(self) -> float:
        return (time.perf_counter() - self._start) * 1000

    def lap(self, stage: str) -> None:
        self._stages = self.with_lap(stage)
        self._last = time.perf_counter()

    def with_lap(self, stage: str) -> dict[str, float]:
        return {**self._stages, stage: (time.perf_counter() - self._last) * 1000}
