"""What became of the files of an ingest: an Outcome for each document, and all of them as a Report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Change = Literal["added", "updated", "unchanged", "duplicate", "removed", "missing", "failed"]


@dataclass(frozen=True)
class Outcome:
    """What became of one document, or of a ``file`` as a whole; ``detail`` says why, or what was assumed.

    ``file`` is as it was found: relative to the folder that was given. A ``missing`` document is one whose file is
    gone.
    """

    name: str
    change: Change
    detail: str = ""
    file: str = ""


@dataclass(frozen=True)
class Failure:
    path: str
    reason: str


@dataclass(frozen=True)
class Report:
    """What became of everything in an ingest, by document name."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Report:
        outcomes = list(outcomes)

        def named(change: Change) -> tuple[str, ...]:
            return tuple(outcome.name for outcome in outcomes if outcome.change == change)

        return cls(
            added=named("added"),
            updated=named("updated"),
            unchanged=named("unchanged"),
            duplicates=named("duplicate"),
            removed=named("removed"),
            missing=named("missing"),
            failed=tuple(Failure(o.name, o.detail) for o in outcomes if o.change == "failed"),
            notes=tuple(f"{o.name}: {o.detail}" for o in outcomes if o.detail and o.change != "failed"),
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
