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
from math import isfinite, isnan
from pathlib import Path
from typing import Any

from corpus.document import Header
from rag.evaluation import labelling, run, scores, statistics
from rag.evaluation.compare import Cluster, clusters
from rag.evaluation.figures import Figure, as_numbers, figures, number, range_of
from rag.evaluation.items import Item
from rag.evaluation.judges import Lexical
from rag.evaluation.labelling import Agreement
from rag.evaluation.metrics import METRICS
from rag.evaluation.metrics.answered import Line, Share, citations_of, retrieved_of
from rag.evaluation.metrics.documents import file_of, same_document
from rag.evaluation.metrics.hit import judges_abstention
from rag.evaluation.metrics.latency import percentiles
from rag.evaluation.metrics.phrases import folded
from rag.evaluation.metrics.slices import slices, turn
from rag.evaluation.reasons import LOST, Lost, lost, reasons
from rag.evaluation.run import Run
from rag.evaluation.scores import Scores, Value, value

WORST = 20
WORST_BY = ("hit", "truthfulness", "grounded", "citation_precision", "citation_recall", "evidence_recall@10")
HEADLINES = ("hit", "evidence_recall@10", "citation_recall", "grounded", "abstention_recall", "false_refusals")
LENGTHS = ((5, "up to 5 words"), (10, "6 to 10 words"), (20, "11 to 20 words"))
LONGER = "over 20 words"
STATUSES = ("answered", "abstained", "incomplete", "error", "not asked")
ANSWERABLE = ("can be answered", "cannot be answered", "false premise", "not told")
_MOST_LABELS = 30  # a field with more tells questions apart, it does not group them
_ALWAYS = ("type", "answerable", "turn", "outlet", "year", "length")


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
class LaterTurns:
    """A metric over the questions that open a conversation and over those that go on with one.

    ``difference`` is later - first with its 95 % interval, conversations resampled whole. They are different
    questions: some of it may be that what is asked later is harder to answer for anybody.
    """

    first: Value
    later: Value
    difference: float
    low: float
    high: float
    by_rule: bool

    def to_json(self) -> dict[str, Any]:
        numbers = {name: number(getattr(self, name)) for name in ("difference", "low", "high")}
        return {
            "first": self.first.to_json(),
            "later": self.later.to_json(),
            **numbers,
            "by_rule_of_three": self.by_rule,
        }


@dataclass(frozen=True)
class Summary:
    """``left_out`` says which slices would not divide the set, and why. ``agreements`` are with a human, if any."""

    run: Run
    cluster: Cluster
    asked: tuple[Asked, ...]
    scores: Scores
    figures: Mapping[str, Figure]
    slices: tuple[Slice, ...]
    left_out: Mapping[str, str]
    later_turns: Mapping[str, LaterTurns]
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
                if isfinite(took):
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
                name: {key: number(value) for key, value in percentiles(self.known(name)).items()}
                for name in self.figures
                if name in METRICS and METRICS[name].kind == "cost"
            },
            "stages_ms": {stage: dict(spent) for stage, spent in self.stages.items()},
            "abstention": {row: dict(columns) for row, columns in self.abstention.items()},
            "slices": groups,
            "slices_left_out": dict(self.left_out),
            "later_turns": {name: each.to_json() for name, each in self.later_turns.items()},
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
    """The run in ``folder``, whole or not. ``headers`` tell outlet and year of documents that no answer found.

    Scores that were kept beside the run (``scores.FILE_NAME``) are taken with those of METRICS. Raises BadInput where
    the folder holds no run, or a file of it is damaged.
    """
    made = run.load(folder)
    all_scores = scores.of_run(made)
    owners = dict(zip((item.id for item in made.items), clusters(made.items, cluster), strict=True))

    def over(ids: Sequence[str]) -> dict[str, Figure]:
        return figures(all_scores, ids, owners, resamples=resamples, seed=seed)

    asked = asked_of(made, all_scores)
    divided, left_out = _divided(asked, _Known(headers, made.answers.values()))
    labels = labelling.read_labels(folder)
    return Summary(
        made,
        cluster,
        asked,
        all_scores,
        over([item.id for item in made.items]),
        tuple(
            Slice(name, label, tuple(ids), over(ids))
            for name, by_label in divided.items()
            for label, ids in by_label.items()
        ),
        left_out,
        later_turns(made.items, all_scores, owners, resamples=resamples, seed=seed),
        tuple(labelling.agreement(labelling.claims_of(made), labels, judges=[Lexical()])) if labels else (),
        resamples,
        seed,
    )


def as_text(summary: Summary) -> str:
    """The few figures to look at first, for the terminal."""
    names = [name for name in HEADLINES if summary.figures[name].value.n]
    lines = []
    for name in names:
        figure = summary.figures[name]
        interval = "" if isnan(figure.low) else f"  {figure.low:.3f} to {figure.high:.3f}{' †' * figure.by_rule}"
        lines.append(f"{name:<20}{figure.value.mean:.3f}{interval or '  no interval':<20}  n {figure.value.n}")
    if any(summary.figures[name].by_rule for name in names):
        lines.append("†: nothing varied, so the interval is the rule of three's")
    lines += [f"{number} x {where}: {LOST[where]}" for where, number in summary.lost.items()]
    return "\n".join(lines)


def asked_of(made: Run, of: Scores) -> tuple[Asked, ...]:
    """Every question of a run with its own figures, in the set's order."""
    return tuple(
        Asked(
            item,
            line := made.answers.get(item.id, {}),
            {name: shares[item.id].value for name, shares in of.items()},
            reasons(item, line),
        )
        for item in made.items
    )


def status_of(line: Line) -> str:
    if line.get("error"):
        return "error"
    return str(line.get("status") or "answered") if line else "not asked"


def later_turns(
    items: Sequence[Item], of: Scores, owners: Mapping[str, str], *, resamples: int, seed: int
) -> dict[str, LaterTurns]:
    """By metric, of those that could be measured of both; empty where the set has no first or no later turns."""
    ids = [item.id for item in items]
    is_first = {item.id: turn(item) == 1 for item in items}
    if len(set(is_first.values())) < 2:
        return {}
    first, later = (
        {
            name: {id_: share if is_first[id_] is wanted else Share(0, 0) for id_, share in shares.items()}
            for name, shares in of.items()
        }
        for wanted in (True, False)
    )
    one, other = as_numbers(first, list(of), ids), as_numbers(later, list(of), ids)
    groups = [owners[id_] for id_ in ids]
    bounds = statistics.difference_intervals(one, other, groups, resamples=resamples, seed=seed)
    counts = map(min, statistics.measured(one, groups), statistics.measured(other, groups))
    found = {}
    for name, bound, count in zip(of, bounds, counts, strict=True):
        low, high = range_of(name)
        interval = statistics.believed(bound, count, (low - high, high - low))
        opening, going_on = (
            value(share for id_, share in of[name].items() if is_first[id_] is wanted) for wanted in (True, False)
        )
        difference = going_on.mean - opening.mean
        if not isnan(difference):
            found[name] = LaterTurns(opening, going_on, difference, interval.low, interval.high, interval.by_rule)
    return found


# --- how bad a question is


def _badness(asked: Asked) -> tuple[float, ...]:
    """Less is worse. Where a hit cannot be told it is neither; where another cannot, nothing speaks against it."""
    return tuple(
        (0.5 if name == "hit" else 1.0) if isnan(asked.values[name]) else asked.values[name] for name in WORST_BY
    )


def _is_short(value: float) -> bool:
    return value < 1


# --- slices


class _Known:
    """Outlet and year of documents, by whatever name a set gives them."""

    def __init__(self, headers: Iterable[Header], lines: Iterable[Line]) -> None:
        found: dict[str, tuple[str, str]] = {}
        titles: dict[str, str] = {}
        made = list(lines)
        retrieved = (hit for line in made for hit in retrieved_of(line))
        for seen in (*retrieved, *(citation for line in made for citation in citations_of(line))):
            file = file_of(str(seen.get("doc") or ""))
            found[file] = (str(seen.get("outlet") or ""), str(seen.get("published") or "")[:4])
            titles[folded(str(seen.get("title") or ""))] = file
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
