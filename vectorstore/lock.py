"""One process at a time: an operating-system lock on a file, with a note of who holds it.

The lock goes with its process, however that ends, so it is never stale. This file is the only home of
filelock.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from threading import RLock

from filelock import FileLock, Timeout

from vectorstore.errors import ArchiveUnavailable


class ProcessLock:
    """Held by at most one process; within the process it may be taken again and is counted."""

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path, thread_local=False)
        self._note = path.with_suffix(".owner")
        self._threads = RLock()

    @property
    def held(self) -> bool:
        """True where this object holds the lock."""
        return self._lock.is_locked

    @property
    def ever_taken(self) -> bool:
        """True where some process, now or before, has held the lock."""
        return self._note.exists()

    def take(self, *, purpose: str, wait_s: float = 0.0) -> bool:
        """Take the lock, waiting at most ``wait_s`` seconds; False where another holds it."""
        with self._threads:
            held = self.held
            try:
                self._lock.acquire(timeout=wait_s, poll_interval=0.02)
            except Timeout:
                return False
            except OSError as error:
                raise ArchiveUnavailable(f"{self._note.parent} cannot be written: {error.strerror}") from error
            if not held:  # the first purpose is the one that holds it
                with suppress(OSError):  # on a full disk the lock holds all the same; its owner has no name then
                    self._note.write_text(json.dumps({"pid": os.getpid(), "purpose": purpose}), encoding="utf-8")
            return True

    def release(self) -> None:
        with self._threads:
            self._lock.release()

    def owner(self) -> tuple[int, str]:
        """Process id and purpose of who took the lock last; (0, "") where that is not known."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return int(note["pid"]), str(note["purpose"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, ""  # the owner is between taking the lock and writing its note
