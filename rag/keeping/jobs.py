"""Work on the archive that takes its time: one piece after another in a thread of its own, and what became of each.

Knows outcomes and how to stop. What the work is, its caller says. Kept for as long as the process lives.
"""

from __future__ import annotations

import atexit
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from threading import Condition, Thread
from typing import Literal

from corpus.errors import INTERNAL_ERROR, BadInput, CiteDeskError
from rag.keeping.report import Outcome

logger = logging.getLogger(__name__)

Kind = Literal["add", "again", "remove", "put back", "rebuild"]
State = Literal["waiting", "running", "done", "stopped", "failed"]
OnOutcome = Callable[[Outcome], None]
OnProgress = Callable[[int, int], None]
Work = Callable[[OnOutcome, OnProgress], None]

MAX_WAITING = 100
CLOSES_WITHIN_S = 15.0
KEPT = 30  # jobs that have ended
KEPT_FAILED = 300  # with those before in which something failed


@dataclass(frozen=True)
class Job:
    """A piece of work as it stands. ``done`` of ``total`` files, or documents; ``error`` says why it failed."""

    number: int
    kind: Kind
    title: str
    user: str
    asked: datetime
    state: State = "waiting"
    done: int = 0
    total: int = 0
    outcomes: tuple[Outcome, ...] = ()
    error: str = ""
    ended: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.state not in ("waiting", "running")


@dataclass
class _Piece:
    job: Job
    work: Work
    afterwards: Callable[[], None]
    outcomes: list[Outcome] = field(default_factory=list)
    to_stop: bool = False


class _Stopped(Exception):
    """The work was asked to stop, and has reached a place where it may."""


class Jobs:
    """A queue of work. Safe to use from several threads; the thread that works begins with the first piece."""

    def __init__(self) -> None:
        self._pieces: dict[int, _Piece] = {}
        self._waiting: deque[_Piece] = deque()
        self._changed = Condition()
        self._numbers = count(1)
        self._thread: Thread | None = None
        self._version = 0
        self._closing = False

    @property
    def version(self) -> int:
        """Rises with every change that somebody may want to see."""
        return self._version

    def add(
        self, kind: Kind, title: str, user: str, work: Work, *, afterwards: Callable[[], None] = lambda: None
    ) -> Job:
        """Have work done when its turn comes; ``afterwards`` follows it however it ends, even before it began.

        ``work`` tells of its outcomes and its progress; there it is stopped if it is to be.
        """
        with self._changed:
            if len(self._waiting) >= MAX_WAITING:
                raise BadInput(f"{MAX_WAITING} pieces of work are waiting already; wait for some to end")
            job = Job(next(self._numbers), kind, title, user, datetime.now(UTC))
            piece = _Piece(job, work, afterwards)
            self._pieces[job.number] = piece
            self._waiting.append(piece)
            if self._thread is None:
                self._thread = Thread(target=self._work, name="jobs", daemon=True)
                self._thread.start()
                atexit.register(self.close)  # a model that is at work when the interpreter goes takes it down
            self._version += 1
            self._changed.notify_all()
            return job

    def all(self) -> list[Job]:
        """Every job that is known still, the newest first."""
        with self._changed:
            return [self._seen(piece) for piece in reversed(self._pieces.values())]

    def wait(self, number: int, timeout_s: float) -> Job:
        """The job once it is over, or as it stands after that many seconds. Raises BadInput where there is none."""
        with self._changed:
            if number not in self._pieces:
                raise BadInput(f"there is no job {number}")
            piece = self._pieces[number]
            self._changed.wait_for(lambda: piece.job.is_over, timeout_s)
            return self._seen(piece)

    def stop(self, number: int, user: str) -> None:
        """Have a job of this user end soon: what it has stored stays. Raises BadInput where there is none."""
        with self._changed:
            piece = self._pieces.get(number)
            if piece is None or piece.job.user != user:
                raise BadInput(f"you have no job {number}")
            piece.to_stop = True
            if piece not in self._waiting:
                return
            self._waiting.remove(piece)
            self._end(piece, "stopped")
        piece.afterwards()

    def forget_failures(self, user: str) -> None:
        """This user knows what failed."""
        with self._changed:
            for piece in self._pieces.values():
                if piece.job.user == user and piece.job.is_over:
                    piece.outcomes = [outcome for outcome in piece.outcomes if outcome.change != "failed"]
            self._version += 1

    def close(self) -> None:
        """Stop what is being done, as soon as it may be, and begin nothing more."""
        with self._changed:
            self._closing = True
            for piece in self._pieces.values():
                piece.to_stop = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(CLOSES_WITHIN_S)
            atexit.unregister(self.close)

    def _seen(self, piece: _Piece) -> Job:
        return replace(piece.job, outcomes=tuple(piece.outcomes))

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if self._closing:
                    return
                piece = self._waiting.popleft()
                piece.job = replace(piece.job, state="running")
                self._version += 1
            state, error = self._carry_out(piece)
            if self._closing:
                return  # the archive may be closed already
            try:
                piece.afterwards()
            except Exception:
                logger.exception("could not tidy up after job %d", piece.job.number)
            with self._changed:
                self._end(piece, state, error)

    def _carry_out(self, piece: _Piece) -> tuple[State, str]:
        def on_outcome(outcome: Outcome) -> None:
            with self._changed:
                piece.outcomes.append(outcome)
                self._version += 1
            look_up()

        def on_progress(done: int, total: int) -> None:
            with self._changed:
                piece.job = replace(piece.job, done=done, total=total)
                self._version += 1
            look_up()

        def look_up() -> None:
            if piece.to_stop:
                raise _Stopped

        try:
            piece.work(on_outcome, on_progress)
        except _Stopped:
            return "stopped", ""
        except CiteDeskError as error:
            return "failed", str(error)
        except Exception:
            logger.exception("job %d failed", piece.job.number)
            return "failed", INTERNAL_ERROR
        return "done", ""

    def _end(self, piece: _Piece, state: State, error: str = "") -> None:
        piece.job = replace(piece.job, state=state, error=error, ended=datetime.now(UTC))
        piece.work = lambda on_outcome, on_progress: None  # what it held on to may go
        self._version += 1
        over = [each for each in self._pieces.values() if each.job.is_over]
        for each in over[:-KEPT]:  # of those before, only what failed is of interest
            each.outcomes = [outcome for outcome in each.outcomes if outcome.change == "failed"]
            if not each.outcomes or len(over) > KEPT_FAILED:
                del self._pieces[each.job.number]
                over.remove(each)
        self._changed.notify_all()


def failures(jobs: Sequence[Job]) -> list[tuple[Job, Outcome]]:
    """What failed and was not looked at again since, each with the job it failed in; newest first."""
    settled: set[tuple[str, str]] = set()
    found = []
    for job in jobs:
        found += [
            (job, outcome)
            for outcome in job.outcomes
            if outcome.change == "failed" and (job.user, outcome.file) not in settled
        ]
        settled |= {(job.user, outcome.file) for outcome in job.outcomes}
    return found
