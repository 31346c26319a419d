"""Gates: figures that a run must reach, from a TOML file that is kept beside the questions.

    hit = 0.8                  # at least; of a metric of which lower is better, such as false_refusals, at most
    latency_ms_p95 = 2000      # p50, p95 and p99 of milliseconds
    [type.followup]            # a slice: its name and label, such as turn.2, answerable.false or type."near miss"
    hit = 0.6

Nothing measured is a failure: a gate that nobody went through is no proof.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

from corpus.errors import BadInput
from rag.evaluation.items import Item
from rag.evaluation.metrics import METRICS
from rag.evaluation.metrics.latency import PERCENTS, percentiles
from rag.evaluation.metrics.slices import members
from rag.evaluation.scores import Scores, value

_PERCENTILES = {f"latency_ms_p{percent}": f"p{percent}" for percent in PERCENTS}


@dataclass(frozen=True)
class Gate:
    """``metric`` must be ``bound`` or better over the items of a slice, (name, label), or over all."""

    metric: str
    bound: float
    slice: tuple[str, str] | None = None


@dataclass(frozen=True)
class Failure:
    """A gate that ``found``, NaN where nothing was measured, does not go through."""

    gate: Gate
    found: float

    def __str__(self) -> str:
        where = f" where {self.gate.slice[0]} is {self.gate.slice[1]}" if self.gate.slice else ""
        limit = f"{'at most' if _lower_is_better(self.gate.metric) else 'at least'} {self.gate.bound:g}"
        found = "could not be measured" if isnan(self.found) else f"is {self.found:.4g}"
        return f"{self.gate.metric}{where} {found}; it must be {limit}"

    def to_json(self) -> dict[str, Any]:
        return {
            "metric": self.gate.metric,
            "slice": list(self.gate.slice) if self.gate.slice else None,
            "bound": self.gate.bound,
            "found": None if isnan(self.found) else self.found,
        }


def read(path: Path) -> list[Gate]:
    """Raises BadInput where the file cannot be read, or has something that is no number."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} cannot be read as TOML: {error}") from error
    found = []
    for name, stated in document.items():
        if not isinstance(stated, dict):
            found.append(Gate(name, _number(path, name, stated)))
            continue
        for label, bounds in stated.items():
            if not isinstance(bounds, dict):
                raise BadInput(f"{path}: [{name}] needs a label, as in [type.followup], before {label} = {bounds}")
            found += [Gate(metric, _number(path, metric, bound), (name, label)) for metric, bound in bounds.items()]
    if not found:
        raise BadInput(f"{path} states no gate; write lines such as hit = 0.8")
    return found


def failures(gates: Sequence[Gate], items: Sequence[Item], scores: Scores) -> list[Failure]:
    """The gates that the scores do not go through. Raises BadInput for a metric that was not scored."""
    by_id = {item.id: item for item in items}
    found = [Failure(gate, _figure(gate, by_id, scores)) for gate in gates]
    return [failure for failure in found if not _is_reached(failure)]


def _figure(gate: Gate, items: Mapping[str, Item], scores: Scores) -> float:
    _check(gate.metric, scores.keys())
    ids: Collection[str] = items.keys() if gate.slice is None else members(items, *gate.slice)
    if gate.metric in _PERCENTILES:
        spent = [scores["latency_ms"][id_].value for id_ in ids]
        return percentiles(spent)[_PERCENTILES[gate.metric]]
    return value(scores[gate.metric][id_] for id_ in ids).mean


def _check(metric: str, known: Collection[str]) -> None:
    if metric not in known and not (metric in _PERCENTILES and "latency_ms" in known):
        raise BadInput(f"there is no metric {metric}; there are {', '.join([*known, *_PERCENTILES])}")


def _is_reached(failure: Failure) -> bool:
    if _lower_is_better(failure.gate.metric):
        return failure.found <= failure.gate.bound
    return failure.found >= failure.gate.bound  # never of NaN


def _lower_is_better(metric: str) -> bool:
    return metric in _PERCENTILES or (metric in METRICS and METRICS[metric].direction == "lower")


def _number(path: Path, metric: str, stated: object) -> float:
    if isinstance(stated, bool) or not isinstance(stated, int | float) or isnan(stated):
        raise BadInput(f"{path}: {metric} must be a number, and is {stated!r}")
    return float(stated)
