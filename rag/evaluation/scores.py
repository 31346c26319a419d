"""Every metric of every answer, and what they come to: a mean that says how many it is of.

NaN is counted, never averaged away: a ``Value`` has the mean of what could be measured, ``n`` answers, and how many
``nans`` could not be. Scores of metrics that take a corpus or a judge are kept in a run's scores.jsonl, so that two
runs can be compared without either.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import fsum, isfinite, isnan, nan
from pathlib import Path
from typing import Any

from corpus.errors import BadInput
from rag.evaluation.items import Item, json_line
from rag.evaluation.metrics import METRICS, Metric
from rag.evaluation.metrics.answered import Line, Share
from rag.evaluation.run import Run, drop_torn_line, write_whole

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
    found: Scores = {name: {} for name in metrics}
    for item in items:  # all metrics of one answer, before the next is read
        line = lines.get(item.id, {})
        for name, metric in metrics.items():
            found[name][item.id] = metric.share(item, line)
    return found


def of_run(made: Run) -> Scores:
    """Of METRICS, and what was kept of metrics that take more than the answers."""
    kept = {
        name: {item.id: shares.get(item.id, Share(0, 0)) for item in made.items}
        for name, shares in read(made.folder).items()
        if name not in METRICS
    }
    return score(made.items, made.answers) | kept


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


def keep(
    folder: Path,
    items: Sequence[Item],
    lines: Mapping[str, Line],
    metrics: Mapping[str, Metric],
    *,
    anew: Collection[str] = (),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Scores:
    """Score what cannot be scored again from the answers alone, every metric that is none of METRICS, and keep it.

    Each question is kept as it is done, so that who was stopped goes on; of an answer that is the same as it was only
    the metrics ``anew`` are scored again. Raises BadInput where what was kept cannot be read or written.
    """
    wanted = {name: metric for name, metric in metrics.items() if name not in METRICS}
    drop_torn_line(folder / FILE_NAME)
    before = _rows(folder / FILE_NAME)
    found: Scores = {name: {} for name in wanted}
    rows = []
    on_progress(0, len(items))
    try:
        with (folder / FILE_NAME).open("ab") as file:
            for done, item in enumerate(items, start=1):
                line = lines.get(item.id, {})
                digest = sha256(json.dumps(line, sort_keys=True).encode()).hexdigest()[:16]
                kept = before.get(item.id, {})
                known = kept["scores"] if kept.get("answer") == digest else {}
                for name, metric in wanted.items():
                    is_known = name in known and name not in anew
                    found[name][item.id] = Share(*known[name]) if is_known else metric.share(item, line)
                row = {name: (shares[item.id].part, shares[item.id].whole) for name, shares in found.items()}
                rows.append(json_line({"id": item.id, "answer": digest, "scores": row}))
                if row != known:
                    file.write(rows[-1])
                    file.flush()
                on_progress(done, len(items))
    except OSError as error:
        raise BadInput(f"{folder / FILE_NAME} cannot be written: {error.strerror}; make room") from error
    write_whole(folder / FILE_NAME, b"".join(rows))
    return found


def read(folder: Path) -> Scores:
    """What was kept; nothing where nothing was. Raises BadInput where the file is damaged."""
    found: Scores = {}
    for id_, row in _rows(folder / FILE_NAME).items():
        for name, share in row["scores"].items():
            found.setdefault(name, {})[id_] = Share(*share)
    return found


def _known(part: float, whole: float) -> tuple[float, float]:
    """What another tool wrote as NaN could not be measured."""
    return (part, whole) if isfinite(part) and isfinite(whole) else (0.0, 0.0)


def _rows(path: Path) -> dict[str, dict[str, Any]]:
    """What is kept of each question, by id; of one scored twice the later. A line that is not whole yet is none."""
    found: dict[str, dict[str, Any]] = {}
    try:
        for row in map(json.loads, path.read_text(encoding="utf-8").split("\n")[:-1]):
            scores = {name: _known(float(part), float(whole)) for name, (part, whole) in row["scores"].items()}
            found[str(row["id"])] = {"answer": row.get("answer"), "scores": scores}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} cannot be read ({error}); remove it, or score the run again") from error
    return found
