"""Compare two runs over the same questions: did the second do worse, and is it more than chance?

For every metric both figures, the difference with its interval, the p value, and that adjusted for how many were
tested. A loss is a difference to the worse whose adjusted p is below ``ALPHA``. Milliseconds and tokens are shown and
not tested, unless they are asked for by name: they tell of the machine and of what else it did.

No significant loss is not the same as no loss: with few questions only a large one can be told from chance, and the
interval shows how large. Knows nothing of what was changed between the runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from pathlib import Path
from typing import Any, Literal

from corpus.errors import BadInput
from rag.evaluation import gates, run, scores, statistics
from rag.evaluation.figures import as_numbers, number, range_of
from rag.evaluation.gates import Failure, Gate
from rag.evaluation.items import Item
from rag.evaluation.metrics import METRICS, Direction
from rag.evaluation.run import Run
from rag.evaluation.scores import Scores, Value
from rag.evaluation.statistics import Tally

Finding = Literal["better", "worse", "no difference shown", "not tested"]
Verdict = Literal["no significant loss", "loss", "broken"]
Cluster = Literal["conversation", "document"]

ALPHA = 0.05
EXIT_STATUS: dict[Verdict, int] = {"no significant loss": 0, "loss": 1, "broken": 2}
_CONVERSATIONS = ("conversation", "conversation_id", "dialogue_id", "dialog_id", "session_id")
_SHOWN_IDS = 5


@dataclass(frozen=True)
class Row:
    """One metric of both runs; ``difference`` is b - a with its interval, ``adjusted`` is Holm's p. NaN: undefined.

    ``effect`` is the difference beside how much the questions differ in it, d_z (``statistics.effect_size``), and
    ``by_rule`` says that no question differed otherwise, so that the interval is the rule of three's.
    """

    metric: str
    direction: Direction
    a: Value
    b: Value
    difference: float
    low: float
    high: float
    p: float
    adjusted: float
    tally: Tally
    finding: Finding
    effect: float = nan
    by_rule: bool = False

    @property
    def has_moved(self) -> bool:
        """True where the runs differ, in a question or in what they could be measured of."""
        if self.tally.wins or self.tally.losses or (self.a.n == 0) != (self.b.n == 0):
            return True
        return abs(self.difference) > 0  # not of NaN

    @property
    def is_alike(self) -> bool:
        """True where some question was measured in both runs, and each of them gave the same."""
        return not self.has_moved and self.tally.ties > 0

    def to_json(self) -> dict[str, Any]:
        numbers = {name: getattr(self, name) for name in ("difference", "low", "high", "effect", "p", "adjusted")}
        return {
            "metric": self.metric,
            "direction": self.direction,
            "a": self.a.to_json(),
            "b": self.b.to_json(),
            **{name: number(of) for name, of in numbers.items()},
            "by_rule_of_three": self.by_rule,
            **vars(self.tally),
            "finding": self.finding,
        }


@dataclass(frozen=True)
class Comparison:
    """Two runs, ``a`` the one before and ``b`` the one after; ``problems`` say in plain words what is broken."""

    a: str
    b: str
    questions: int
    clusters: int
    cluster: Cluster
    resamples: int
    seed: int
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Also a loss where ``b`` does not go through a gate."""
        if self.problems:
            return "broken"
        return "loss" if self.failures or any(row.finding == "worse" for row in self.rows) else "no significant loss"

    @property
    def exit_status(self) -> int:
        """0 no significant loss, 1 a loss, 2 a broken or incomplete run."""
        return EXIT_STATUS[self.verdict]

    def to_json(self) -> dict[str, Any]:
        return {
            "a": self.a,
            "b": self.b,
            "verdict": self.verdict,
            "questions": self.questions,
            "clusters": self.clusters,
            "clustered_by": self.cluster,
            "resamples": self.resamples,
            "seed": self.seed,
            "alpha": ALPHA,
            "effect": "d_z: mean / standard deviation of the paired differences",
            "metrics": [row.to_json() for row in self.rows],
            "problems": list(self.problems),
            "gates_failed": [failure.to_json() for failure in self.failures],
        }


def compare(
    a: Path,
    b: Path,
    *,
    cluster: Cluster = "conversation",
    metrics: Sequence[str] = (),
    bars: Sequence[Gate] = (),
    resamples: int = statistics.RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Two folders of runs; ``metrics`` are those to test, none named: all but the costs. ``bars`` are gates for ``b``.

    Where a run is broken the figures are of what both have. Raises BadInput where a folder holds no run, for a metric
    that is unknown, and where the runs have no question in common.
    """
    before, after = run.load(a), run.load(b)
    return between(
        before, after, scores.of_run(before), scores.of_run(after),
        cluster=cluster, metrics=metrics, bars=bars, resamples=resamples, seed=seed,
    )  # fmt: skip


def between(
    before: Run,
    after: Run,
    scores_before: Scores,
    scores_after: Scores,
    *,
    cluster: Cluster = "conversation",
    metrics: Sequence[str] = (),
    bars: Sequence[Gate] = (),
    resamples: int = statistics.RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """The same of runs that were scored already (``scores.of_run``), as a summary holds them."""
    a, b = before.folder, after.folder
    theirs = {item.id: item for item in before.items}
    items = [item for item in after.items if _is_same(item, theirs.get(item.id))]
    if not items:
        raise BadInput(f"{a} and {b} have no question in common; compare runs over the same questions")
    all_a, all_b = _of(items, scores_before), _of(items, scores_after)
    names = [name for name in all_b if name in all_a]
    if unknown := [name for name in metrics if name not in names]:
        raise BadInput(f"there is no metric {unknown[0]} in both runs; there are {', '.join(names)}")
    tested = set(metrics) or {name for name in names if name not in METRICS or METRICS[name].kind != "cost"}
    groups = clusters(items, cluster)
    return Comparison(
        str(a),
        str(b),
        len(items),
        len(set(groups)),
        cluster,
        resamples,
        seed,
        tuple(_rows(names, tested, all_a, all_b, groups, resamples, seed)),
        (*_differences(before, after), *_problems(before), *_problems(after)),
        tuple(gates.failures(bars, items, all_b)),
    )


def clusters(items: Sequence[Item], cluster: Cluster) -> list[str]:
    """What each item is resampled with.

    A conversation is told by the row's own name for it, else by its first question, which is also that of the item
    that opens it. A document is the first of the item's evidence; an item without evidence stands alone.
    """
    if cluster == "document":
        return [f"document {item.evidence[0].doc}" if item.evidence else f"item {item.id}" for item in items]
    return [_conversation(item) for item in items]


def as_text(comparison: Comparison) -> str:
    """A table for the terminal, and what follows from it."""
    head = ("metric", "A", "B", "B - A", "95 % interval", "p", "Holm", "d", "won-lost-tied", "n", "NaN", "")
    moved = [row for row in comparison.rows if row.has_moved]
    table = [head, *map(_cells, moved)]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    lines = [f"A: {comparison.a}", f"B: {comparison.b}", ""]
    for line in table:
        cells = [cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in
                 enumerate(zip(line[:-1], widths[:-1], strict=True))]  # fmt: skip
        lines.append("  ".join([*cells, line[-1]]).rstrip())
    alike = [f"{row.metric} {_cell(row.b.mean, _form(row))}" for row in comparison.rows if row.is_alike]
    lines += ["", f"The same for every question: {', '.join(alike)}"] if alike else []
    if empty := [row.metric for row in comparison.rows if not (row.has_moved or row.is_alike)]:
        lines += ["", f"Nothing to measure: {', '.join(empty)}"]
    lines += [
        "",
        f"{comparison.questions} questions, resampled by {comparison.cluster} ({comparison.clusters}), "
        f"{comparison.resamples:,} times, seed {comparison.seed}. Holm: p adjusted for the metrics tested. "
        "d: effect size, mean / standard deviation of the differences.",
    ]
    if any(row.by_rule for row in moved):
        lines.append("†: every question differs alike, so the interval is the rule of three's.")
    lines += [f"Broken: {problem}" for problem in comparison.problems]
    lines += [f"Gate: {failure}" for failure in comparison.failures]
    return "\n".join([*lines, f"Verdict: {comparison.verdict}"])


# --- the two runs


def _is_same(item: Item, other: Item | None) -> bool:
    """True where both were asked the same, and the same is held to be right; a note on the row may differ."""
    return other is not None and replace(item, fields={}) == replace(other, fields={})


def _differences(before: Run, after: Run) -> list[str]:
    theirs, ours = {item.id: item for item in before.items}, {item.id: item for item in after.items}
    changed = [id_ for id_, item in ours.items() if id_ in theirs and not _is_same(item, theirs[id_])]
    return [
        f"{_some(ids)} {what}"
        for ids, what in (
            ([id_ for id_ in theirs if id_ not in ours], f"asked in {before.folder} only"),
            ([id_ for id_ in ours if id_ not in theirs], f"asked in {after.folder} only"),
            (changed, "changed between the runs, the question or what is held to be right"),
        )
        if ids
    ]


def _problems(one: Run) -> list[str]:
    missing = [item.id for item in one.items if item.id not in one.answers]
    failed = [id_ for id_, line in one.answers.items() if line.get("error") or line.get("status") == "error"]
    found = [f"{_some(missing)} not answered in {one.folder}; run it again to go on"] if missing else []
    return found + ([f"{_some(failed)} failed in {one.folder}; run it again to ask anew"] if failed else [])


def _some(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:_SHOWN_IDS]) + (", …" if len(ids) > _SHOWN_IDS else "")
    return f"{len(ids)} question{'s' if len(ids) > 1 else ''} ({shown})"


def _of(items: Sequence[Item], scored: Scores) -> Scores:
    return {name: {item.id: shares[item.id] for item in items} for name, shares in scored.items()}


def _conversation(item: Item) -> str:
    named = next((str(item.fields[name]) for name in _CONVERSATIONS if item.fields.get(name)), None)
    return named or " ".join((item.history[0].question if item.history else item.question).casefold().split())


# --- the figures


def _rows(
    names: Sequence[str],
    tested: set[str],
    a: Scores,
    b: Scores,
    groups: Sequence[str],
    resamples: int,
    seed: int,
) -> list[Row]:
    ids = list(a[names[0]])
    shares_a, shares_b = as_numbers(a, names, ids), as_numbers(b, names, ids)
    intervals = statistics.difference_intervals(shares_a, shares_b, groups, resamples=resamples, seed=seed)
    counts = list(map(min, statistics.measured(shares_a, groups), statistics.measured(shares_b, groups)))
    all_ps = statistics.randomisation_p(shares_a, shares_b, groups, permutations=resamples, seed=seed)
    ps = [float(p) if name in tested else nan for name, p in zip(names, all_ps, strict=True)]
    rows = []
    for name, bounds, count, p, adjusted in zip(names, intervals, counts, ps, statistics.holm(ps), strict=True):
        direction: Direction = METRICS[name].direction if name in METRICS else "higher"
        one, other = scores.value(a[name].values()), scores.value(b[name].values())
        difference = other.mean - one.mean
        values = [[share.value for share in of[name].values()] for of in (a, b)]
        tally = statistics.tally(*values, higher_is_better=direction == "higher")
        least, most = range_of(name)
        interval = statistics.believed(bounds, count, (least - most, most - least))
        rows.append(
            Row(
                name, direction, one, other, difference, interval.low, interval.high, p, adjusted, tally,
                _finding(difference, adjusted, direction), statistics.effect_size(*values), interval.by_rule,
            )
        )  # fmt: skip
    return rows


def _finding(difference: float, adjusted: float, direction: Direction) -> Finding:
    if isnan(adjusted):
        return "not tested"
    if adjusted >= ALPHA:
        return "no difference shown"
    return "better" if (difference > 0) == (direction == "higher") else "worse"


def _cells(row: Row) -> tuple[str, ...]:
    form = _form(row)
    interval = "-" if isnan(row.low) else f"{row.low:+{form}} to {row.high:+{form}}{' †' if row.by_rule else ''}"
    return (
        row.metric,
        _cell(row.a.mean, form),
        _cell(row.b.mean, form),
        _cell(row.difference, f"+{form}"),
        interval,
        _cell(row.p, ".4f"),
        _cell(row.adjusted, ".4f"),
        _cell(row.effect, "+.2f"),
        f"{row.tally.wins}-{row.tally.losses}-{row.tally.ties}",
        _both(row.a.n, row.b.n),
        _both(row.a.nans, row.b.nans),
        row.finding if row.finding in ("better", "worse") else "",
    )


def _form(row: Row) -> str:
    return ".0f" if row.metric in METRICS and METRICS[row.metric].kind == "cost" else ".3f"


def _both(one: int, other: int) -> str:
    return str(one) if one == other else f"{one}/{other}"


def _cell(value: float, form: str) -> str:
    return "-" if isnan(value) else format(value, form)
