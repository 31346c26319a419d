"""Every metric of every answer, and what they come to: a mean that says how many it is of.

NaN is counted, never averaged away: a ``Value`` has the mean of what could be measured, ``n`` answers, and how many
``nans`` could not be. Scores of metrics that take a corpus or a judge are kept in a run's scores.jsonl, so that two
runs can be compared without either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, isnan, nan
from pathlib import Path
from typing import Any

from corpus.errors import BadInput
from rag.evaluation.items import Item
from rag.evaluation.metrics import METRICS, Metric
from rag.evaluation.metrics.answered import Line, Share

FILE_NAME = "scores.jsonl"
Scores = dict[str, dict[str, Share]]  # by metric, then by the id of the item


@dataclass(frozen=True)
class Value:
    """``mean`` over the ``n`` answers that could be measured, NaN where none could; ``nans`` could not."""

    mean: float
    n: int
    nans: int

    def to_json(self) -> dict[str, Any]:
        return {"mean": None if isnan(self.mean) else self.mean, "n": self.n, "nans": self.nans}


def score(items: Iterable[Item], lines: Mapping[str, Line], metrics: Mapping[str, Metric] = METRICS) -> Scores:
    """An item without a line is scored as one that was answered with nothing."""
    listed = list(items)
    return {
        name: {item.id: metric.share(item, lines.get(item.id, {})) for item in listed}
        for name, metric in metrics.items()
    }


def value(shares: Iterable[Share]) -> Value:
    """What the shares come to: the sum of the parts / the sum of the wholes."""
    listed = list(shares)
    measured = [share for share in listed if share.whole]
    whole = fsum(share.whole for share in measured)
    mean = fsum(share.part for share in measured) / whole if whole else nan
    return Value(mean, len(measured), len(listed) - len(measured))


def summarise(scores: Scores, ids: Sequence[str] | None = None) -> dict[str, Value]:
    """By metric, over the items ``ids`` (None: over all)."""
    return {
        name: value(shares.values() if ids is None else [shares[id_] for id_ in ids]) for name, shares in scores.items()
    }


def write(folder: Path, scores: Scores) -> None:
    """Keep what cannot be scored again from the answers alone: every metric that is none of METRICS."""
    kept = {name: shares for name, shares in scores.items() if name not in METRICS}
    ids = dict.fromkeys(id_ for shares in kept.values() for id_ in shares)
    with (folder / FILE_NAME).open("w", encoding="utf-8") as file:
        for id_ in ids:
            row = {name: [shares[id_].part, shares[id_].whole] for name, shares in kept.items() if id_ in shares}
            file.write(json.dumps({"id": id_, "scores": row}, ensure_ascii=False) + "\n")


def read(folder: Path) -> Scores:
    """What ``write`` kept; nothing where it kept nothing. Raises BadInput where the file is damaged."""
    path = folder / FILE_NAME
    found: Scores = {}
    if not path.exists():
        return found
    try:
        with path.open(encoding="utf-8") as file:
            for row in map(json.loads, file):
                for name, (part, whole) in row["scores"].items():
                    found.setdefault(name, {})[str(row["id"])] = Share(float(part), float(whole))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} cannot be read ({error}); remove it, or score the run again") from error
    return found
