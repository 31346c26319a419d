"""What a run comes to: every metric with its interval, over all questions and by slice, and which questions failed.

Takes a run's folder, and what is known of the documents where somebody knows it. Every question is in it, asked or
not, and what could not be measured is NaN and counted. Knows nothing of how it is shown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy

from corpus.document import Header
from rag.evaluation import labelling, run, scores, statistics
from rag.evaluation.compare import Cluster, clusters
from rag.evaluation.items import Item
from rag.evaluation.labelling import Agreement
from rag.evaluation.metrics import METRICS
from rag.evaluation.metrics.answered import Line, Share, citations_of
from rag.evaluation.metrics.documents import file_of, same_document
from rag.evaluation.metrics.hit import judges_abstention
from rag.evaluation.metrics.latency import percentiles
from rag.evaluation.metrics.phrases import folded
from rag.evaluation.metrics.slices import slices
from rag.evaluation.reasons import Lost, lost, reasons
from rag.evaluation.run import Run
from rag.evaluation.scores import Scores, Value

WORST = 20
WORST_BY = ("hit", "truthfulness", "grounded", "citation_precision", "citation_recall", "evidence_recall@10")
LENGTHS = ((5, "up to 5 words"), (10, "6 to 10 words"), (20, "11 to 20 words"))
LONGER = "over 20 words"
STATUSES = ("answered", "abstained", "incomplete", "error", "not asked")
ANSWERABLE = ("can be answered", "cannot be answered", "false premise", "not told")
_MOST_LABELS = 30  # a field with more tells questions apart, it does not group them
_ALWAYS = ("type", "answerable", "turn", "outlet", "year", "length")


@dataclass(frozen=True)
class Figure:
    """``value`` with its 95 % interval, NaN where fewer than two ``clusters`` could be measured, or nothing varied.

    Of a share of which nothing varied no resampling can tell how it does: ``by_rule`` says that its interval is the
    rule of three's, which leaves 3 / clusters for what was not seen (Hanley and Lippman-Hand, JAMA 1983).
    """

    value: Value
    low: float
    high: float
    clusters: int
    by_rule: bool = False

    def to_json(self) -> dict[str, Any]:
        bounds = {"low": _number(self.low), "high": _number(self.high)}
        return {**self.value.to_json(), **bounds, "clusters": self.clusters, "by_rule_of_three": self.by_rule}


@dataclass(frozen=True)
class Asked:
    """A question, its line, empty where it was not asked, and what each metric gives; ``reasons`` where it failed."""

    item: Item
    line: Line
    values: Mapping[str, float]
    reasons: tuple[str, ...]

    @property
    def failed(self) -> bool:
        return bool(self.reasons)

    @property
    def status(self) -> str:
        return status_of(self.line)

    @property
    def lost(self) -> Lost | None:
        """Where it was lost; None where it did not fail."""
        return lost(self.item, self.line) if self.failed else None


@dataclass(frozen=True)
class Slice:
    """The questions whose ``name`` is ``label``: a question of two outlets is in both."""

    name: str
    label: str
    ids: tuple[str, ...]
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Summary:
    """``left_out`` says which slices would not divide the set, and why. ``agreements`` are with a human, if any."""

    run: Run
    cluster: Cluster
    asked: tuple[Asked, ...]
    figures: Mapping[str, Figure]
    slices: tuple[Slice, ...]
    left_out: Mapping[str, str]
    agreements: tuple[Agreement, ...]
    resamples: int
    seed: int

    @cached_property
    def by_id(self) -> Mapping[str, Asked]:
        return {asked.item.id: asked for asked in self.asked}

    @cached_property
    def failures(self) -> tuple[Asked, ...]:
        """In the set's order."""
        return tuple(asked for asked in self.asked if asked.failed)

    @cached_property
    def worst(self) -> tuple[Asked, ...]:
        """At most ``WORST``, the worst first, of those that WORST_BY finds any fault with."""
        faulty = [asked for asked in self.asked if asked.failed or any(map(_is_short, _badness(asked)))]
        return tuple(sorted(faulty, key=_badness)[:WORST])

    @cached_property
    def nans(self) -> Mapping[str, tuple[str, ...]]:
        """By metric the ids of the questions of which it could not be measured; every metric is there."""
        return {
            name: tuple(asked.item.id for asked in self.asked if isnan(asked.values[name])) for name in self.figures
        }

    @cached_property
    def abstention(self) -> Mapping[str, Mapping[str, int]]:
        """How many questions, by whether they can be answered and by status: ANSWERABLE by STATUSES, and any other."""
        counted = Counter((_answerability(asked.item), asked.status) for asked in self.asked)
        statuses = dict.fromkeys([*STATUSES, *(status for _, status in counted)])
        return {row: {status: counted[row, status] for status in statuses} for row in ANSWERABLE}

    @cached_property
    def statuses(self) -> Mapping[str, int]:
        return dict(Counter(asked.status for asked in self.asked).most_common())

    @cached_property
    def errors(self) -> Mapping[str, int]:
        """How often each error was met, the commonest first."""
        return dict(Counter(str(asked.line["error"]) for asked in self.asked if asked.line.get("error")).most_common())

    @cached_property
    def lost(self) -> Mapping[Lost, int]:
        """Where the failures were lost, the commonest first."""
        return dict(Counter(asked.lost for asked in self.asked if asked.lost).most_common())

    def known(self, metric: str) -> list[float]:
        """The values that could be measured."""
        return [asked.values[metric] for asked in self.asked if not isnan(asked.values[metric])]

    @cached_property
    def stages(self) -> Mapping[str, Mapping[str, float]]:
        """Percentiles of the milliseconds that each stage took, of the answers that went through it."""
        spent: dict[str, list[float]] = {}
        for asked in self.asked:
            for stage, took in (asked.line.get("timings_ms") or {}).items():
                spent.setdefault(str(stage), []).append(float(took))
        return {stage: percentiles(values) for stage, values in spent.items()}

    def to_json(self) -> dict[str, Any]:
        """The whole but the questions' texts and answers, which are in the run's own files. NaN is null."""
        groups: dict[str, dict[str, Any]] = {}
        for each in self.slices:
            figures = {name: figure.to_json() for name, figure in each.figures.items()}
            groups.setdefault(each.name, {})[each.label] = {"questions": len(each.ids), "metrics": figures}
        return {
            "citedesk_summary": 1,
            "complete": self.run.is_complete,
            "questions": len(self.asked),
            "interval": {
                "level": statistics.LEVEL,
                "method": "percentile bootstrap, rule of three where nothing varies",
                "clustered_by": self.cluster,
                "resamples": self.resamples,
                "seed": self.seed,
            },
            "statuses": dict(self.statuses),
            "errors": dict(self.errors),
            "metrics": {name: figure.to_json() for name, figure in self.figures.items()},
            "percentiles": {
                name: {key: _number(value) for key, value in percentiles(self.known(name)).items()}
                for name in self.figures
                if name in METRICS and METRICS[name].kind == "cost"
            },
            "stages_ms": {stage: dict(spent) for stage, spent in self.stages.items()},
            "abstention": {row: dict(columns) for row, columns in self.abstention.items()},
            "slices": groups,
            "slices_left_out": dict(self.left_out),
            "worst": [asked.item.id for asked in self.worst],
            "failures": [
                {"id": asked.item.id, "lost": asked.lost, "reasons": list(asked.reasons)} for asked in self.failures
            ],
            "lost": dict(self.lost),
            "not_measured": {name: list(ids) for name, ids in self.nans.items()},
            "agreement": [each.to_json() for each in self.agreements],
        }  # fmt: skip


def summarise(
    folder: Path,
    *,
    headers: Iterable[Header] = (),
    cluster: Cluster = "conversation",
    resamples: int = statistics.RESAMPLES,
    seed: int = 0,
) -> Summary:
    """The run in ``folder``, whole or not. ``headers`` tell outlet and year of documents that no answer cites.

    Scores that were kept beside the run (``scores.FILE_NAME``) are taken with those of METRICS. Raises BadInput where
    the folder holds no run, or a file of it is damaged.
    """
    made = run.load(folder)
    all_scores = _scores(made)
    groups = dict(zip((item.id for item in made.items), clusters(made.items, cluster), strict=True))

    def figures(ids: Sequence[str]) -> dict[str, Figure]:
        return _figures(all_scores, ids, groups, resamples=resamples, seed=seed)

    asked = tuple(
        Asked(
            item,
            line := made.answers.get(item.id, {}),
            {name: shares[item.id].value for name, shares in all_scores.items()},
            reasons(item, line),
        )
        for item in made.items
    )
    divided, left_out = _divided(asked, _Known(headers, made.answers.values()))
    labels = labelling.read_labels(folder)
    return Summary(
        made,
        cluster,
        asked,
        figures([item.id for item in made.items]),
        tuple(
            Slice(name, label, tuple(ids), figures(ids))
            for name, by_label in divided.items()
            for label, ids in by_label.items()
        ),
        left_out,
        tuple(labelling.agreement(labelling.claims_of(made), labels)) if labels else (),
        resamples,
        seed,
    )


def status_of(line: Line) -> str:
    if line.get("error"):
        return "error"
    return str(line.get("status") or "answered") if line else "not asked"


# --- figures


def _scores(made: Run) -> Scores:
    kept = {
        name: {item.id: shares.get(item.id, Share(0, 0)) for item in made.items}
        for name, shares in scores.read(made.folder).items()
    }
    return scores.score(made.items, made.answers) | kept


def _figures(
    all_scores: Scores, ids: Sequence[str], groups: Mapping[str, str], *, resamples: int, seed: int
) -> dict[str, Figure]:
    shares = {name: [of[id_] for id_ in ids] for name, of in all_scores.items()}
    numbers = numpy.array(
        [[(share.part, share.whole) for share in of] for of in shares.values()], dtype=numpy.float64
    ).transpose(1, 0, 2)
    owners = [groups[id_] for id_ in ids]
    bounds = statistics.intervals(numbers, owners, resamples=resamples, seed=seed)
    found = {}
    for (name, of), (low, high) in zip(shares.items(), bounds, strict=True):
        measured = len({owner for owner, share in zip(owners, of, strict=True) if share.whole})
        figure = Figure(scores.value(of), float(low), float(high), measured)
        found[name] = figure if low < high else _unvaried(figure, name)
    return found


def _unvaried(figure: Figure, name: str) -> Figure:
    """The same figure with what can be said where every resample gives the same."""
    mean = figure.value.mean
    is_share = name not in METRICS or (METRICS[name].range == (0.0, 1.0) and METRICS[name].shares is None)
    if not is_share or mean not in (0, 1) or figure.clusters < 2:
        return Figure(figure.value, nan, nan, figure.clusters)
    room = 3 / max(figure.clusters, 3)
    low, high = (1 - room, 1.0) if mean == 1 else (0.0, room)
    return Figure(figure.value, low, high, figure.clusters, by_rule=True)


def _badness(asked: Asked) -> tuple[float, ...]:
    """Less is worse. Where a hit cannot be told it is neither; where another cannot, nothing speaks against it."""
    return tuple(
        (0.5 if name == "hit" else 1.0) if isnan(asked.values[name]) else asked.values[name] for name in WORST_BY
    )


def _is_short(value: float) -> bool:
    return value < 1


def _number(value: float) -> float | None:
    return None if isnan(value) else value


# --- slices


class _Known:
    """Outlet and year of documents, by whatever name a set gives them."""

    def __init__(self, headers: Iterable[Header], lines: Iterable[Line]) -> None:
        found: dict[str, tuple[str, str]] = {}
        titles: dict[str, str] = {}
        for line in lines:
            for citation in citations_of(line):
                file = file_of(str(citation.get("doc") or ""))
                found[file] = (str(citation.get("outlet") or ""), str(citation.get("published") or "")[:4])
                titles[folded(str(citation.get("title") or ""))] = file
        for header in headers:
            file = file_of(header.name)
            found[file] = (header.outlet or "", (header.published or "")[:4])
            titles[folded(header.title or "")] = file
        titles.pop("", None)
        self._found, self._titles, self._files = found, titles, sorted(found)

    def of(self, item: Item, line: Line) -> list[tuple[str, str]]:
        """Of the documents that hold the evidence; where the set names none that is known, of those cited."""
        files = [file for evidence in item.evidence if (file := self._file(evidence.doc)) is not None]
        files = files or [file_of(str(citation.get("doc") or "")) for citation in citations_of(line)]
        return [self._found[file] for file in dict.fromkeys(files)]

    def _file(self, name: str) -> str | None:
        file = file_of(name)
        if file in self._found:
            return file
        at = bisect_left(self._files, file)
        while at < len(self._files) and self._files[at].startswith(file):
            if file and same_document(self._files[at], file):
                return self._files[at]
            at += 1
        return self._titles.get(folded(name))


def _divided(asked: Iterable[Asked], known: _Known) -> tuple[dict[str, dict[str, list[str]]], dict[str, str]]:
    """The ids by slice and label, and the slices that divide nothing with the reason."""
    listed = list(asked)
    found: dict[str, dict[str, list[str]]] = {name: {} for name in _ALWAYS}
    for each in listed:
        for name, label in _labels(each, known):
            ids = found.setdefault(name, {}).setdefault(label, [])
            if each.item.id not in ids[-1:]:
                ids.append(each.item.id)
    left_out: dict[str, str] = {}
    for name, by_label in list(found.items()):
        longest = max(map(len, by_label.values()), default=0)
        if not by_label:
            why = "no question has one"
        elif len(by_label) == 1:
            label, ids = next(iter(by_label.items()))
            why = f"{len(ids)} of {len(listed)} are “{label}”, no other is known"
        elif name not in _ALWAYS and (longest == 1 or len(by_label) > _MOST_LABELS):
            why = f"{len(by_label)} different ones"
        else:
            found[name] = dict(sorted(by_label.items(), key=_place))
            continue
        left_out[name] = why
        del found[name]
    return found, left_out


def _labels(asked: Asked, known: _Known) -> Iterator[tuple[str, str]]:
    stated = slices(asked.item)
    yield from stated.items()
    documents = known.of(asked.item, asked.line)
    if "outlet" not in stated:
        yield from (("outlet", outlet or "not known") for outlet, _ in documents or [("", "")])
    if "year" not in stated:
        yield from (("year", year or "not known") for _, year in documents or [("", "")])
    if "length" not in stated:
        words = len(asked.item.question.split())
        yield "length", next((name for most, name in LENGTHS if words <= most), LONGER)


def _place(entry: tuple[str, list[str]]) -> tuple[float, float, str]:
    """Numbers and lengths by size, what is not known last, all else by how many questions it has."""
    label, ids = entry
    lengths = [name for _, name in LENGTHS] + [LONGER]
    if label.isdecimal():
        return 0, float(label), label
    if label in lengths:
        return 0, lengths.index(label), label
    return 1 + (label == "not known"), -len(ids), label


def _answerability(item: Item) -> str:
    if not judges_abstention(item):
        return "false premise"
    return "not told" if item.answerable is None else "can be answered" if item.answerable else "cannot be answered"
