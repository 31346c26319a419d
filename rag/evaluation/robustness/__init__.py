"""How an assistant bears what goes wrong around it: noise, falsehoods, a source that goes, other words, typos, copies.

Each probe changes one thing, either what the composer is given or how the question is put, and looks at what comes
back; one file each. The archive is only read. Everything random comes from one seed and the question's id, so that
a smaller set is asked the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf, isnan, nan
from pathlib import Path
from random import Random
from typing import Any

from corpus.errors import BadInput
from rag.assistant import Assistant
from rag.evaluation.compare import Cluster, clusters
from rag.evaluation.figures import Figure, figures
from rag.evaluation.items import Item, json_line
from rag.evaluation.metrics.answered import Line, Share
from rag.evaluation.robustness import copied, falsified, noise, replaced, stability
from rag.evaluation.robustness.material import Gathering, Material
from rag.evaluation.robustness.trials import ERROR, Probed, Trial, accuracy, ask, failed, told, trial

__all__ = ["FIGURES", "PROBES", "Figure", "Robustness", "Trial", "measure"]

PLAIN = "plain"
TRIALS_FILE, SUMMARY_FILE = "robustness.jsonl", "robustness.json"

_Probe = Callable[[Assistant, Item, Line, Material, Random], Probed]
PROBES: dict[str, _Probe] = {
    noise.NAME: noise.probe,
    falsified.NAME: lambda desk, item, plain, material, chance: falsified.probe(desk, item, plain, material),
    replaced.NAME: replaced.probe,
    copied.NAME: copied.probe,
    stability.REPEATED: lambda desk, item, plain, material, chance: stability.repeated(desk, item, plain),
    stability.PARAPHRASED: lambda desk, item, plain, material, chance: stability.paraphrased(desk, item, plain),
    stability.MISTYPED: lambda desk, item, plain, material, chance: stability.typed(desk, item, plain, chance),
}
FIGURES: dict[str, tuple[str, str]] = {  # the probe, and the figure in words
    "accuracy": (PLAIN, "right, nothing changed"),
    **{f"noise@{level:g}": (noise.NAME, f"right, {level:.0%} of the passages replaced") for level in noise.LEVELS},
    "noise_slope": (noise.NAME, "change of accuracy from no noise to all, along its line (0 is best)"),
    "noise_drop": (noise.NAME, "accuracy lost from no noise to 80% (0 is best)"),
    "neg_rej": (noise.NAME, "abstains where nothing given answers"),
    "cf_follows": (falsified.NAME, "says what the falsified passages say"),
    "cf_memory": (falsified.NAME, "says the true thing that no passage says (0 is best)"),
    "cf_det": (falsified.NAME, "flagged, of answers that say the false thing"),
    "cf_conflict": (falsified.NAME, "both said or flagged, where another document says the true thing"),
    "cf_cite": (replaced.NAME, "the claim goes, or is cited from elsewhere"),
    "copies_places": (copied.NAME, "cites at most two of five copies of a falsehood"),
    "copies_heard": (copied.NAME, "five copies do not outvote the true one"),
    **{
        f"{probe}_{name}": (probe, words)
        for probe in (stability.REPEATED, stability.PARAPHRASED, stability.MISTYPED)
        for name, words in (
            ("abstention", "abstains or answers as before"),
            ("documents", "share of the cited documents that are the same"),
            ("accuracy", "right"),
        )
    },
}  # fmt: skip
_RANGES = {"noise_slope": (-inf, inf), "noise_drop": (-1.0, 1.0)}  # of all others 0 to 1


@dataclass(frozen=True)
class Robustness:
    """What came of all the probes: ``figures`` by name, those of FIGURES whose probe was run, and every trial.

    ``questions`` is how many were put to the test, ``errors`` how many trials failed, by their message.
    """

    figures: Mapping[str, Figure]
    trials: tuple[Trial, ...]
    questions: int
    seed: int
    composers: tuple[str, ...]
    errors: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """All but the trials, which ``write`` puts in a file of their own; outcomes are counted by probe and level."""
        counted: dict[str, dict[str, int]] = {}
        for each in self.trials:
            outcomes = counted.setdefault(f"{each.probe} {each.level}".strip(), {})
            outcomes[each.outcome] = outcomes.get(each.outcome, 0) + 1
        return {
            "questions": self.questions,
            "seed": self.seed,
            "composers": list(self.composers),
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
            "outcomes": counted,
            "trials": len(self.trials),
            "errors": dict(self.errors),
        }

    def write(self, folder: Path) -> None:
        """``robustness.jsonl``, a line for each trial, and ``robustness.json``. Raises BadInput where it cannot."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / TRIALS_FILE).write_bytes(b"".join(json_line(each.to_json()) for each in self.trials))
            text = json.dumps(self.to_json(), ensure_ascii=False, indent=2) + "\n"
            (folder / SUMMARY_FILE).write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise BadInput(f"{folder} cannot be written: {error.strerror}; name another with --out") from error

    def table(self) -> str:
        """For the terminal: a line for each figure, those that nothing could be measured for said to be so."""
        rows = [("figure", "mean", "95 % interval", "n", "NaN", "")]
        for name, figure in self.figures.items():
            interval = "" if isnan(figure.low) else f"{figure.low:.3f} to {figure.high:.3f}{' †' * figure.by_rule}"
            of = figure.value
            mean = "-" if isnan(of.mean) else f"{of.mean:.3f}"
            rows.append((name, mean, interval, str(of.n), str(of.nans), FIGURES[name][1]))
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = []
        for name, mean, interval, n, nans, words in rows:
            numbers = f"{mean:>{widths[1]}}  {interval:{widths[2]}}  {n:>{widths[3]}}  {nans:>{widths[4]}}"
            lines.append(f"{name:{widths[0]}}  {numbers}  {words}".rstrip())
        lines.append(f"{self.questions} questions, {len(self.trials)} trials, {sum(self.errors.values())} errors")
        return "\n".join([*lines, *(f"{count} x {message}" for message, count in self.errors.items())])


def measure(
    desk: Assistant,
    items: Sequence[Item],
    *,
    probes: Sequence[str] = tuple(PROBES),
    limit: int | None = None,
    seed: int = 0,
    cluster: Cluster = "conversation",
    workers: int = 1,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Robustness:
    """Put the questions through the probes, all of them or those named.

    ``limit`` takes a random sample of so many, ``cluster`` is what the intervals resample, ``workers`` are asked at
    once, ``on_progress`` hears of questions done and their number. A question that cannot be asked is a trial with an
    error. Raises BadInput for an option that cannot be used.
    """
    if not items:
        raise BadInput("there is no question to ask; name a question set with at least one")
    if unknown := [name for name in probes if name not in PROBES]:
        raise BadInput(f"there is no probe {', '.join(unknown)}; there are {', '.join(PROBES)}")
    if limit is not None and limit < 1:
        raise BadInput(f"the limit is {limit}; it must be at least 1")
    if workers < 1:
        raise BadInput(f"{workers} questions at once cannot be asked; it must be at least 1")
    chosen = _sample(items, limit, seed)
    found: list[Probed] = []
    composers: dict[str, None] = {}
    on_progress(0, len(chosen))
    with ThreadPoolExecutor(workers, "citedesk-robustness") as pool:
        try:
            for composer, probed in pool.map(lambda item: _probed(desk, item, probes, seed), chosen):
                found.append(probed)
                composers[composer] = None
                on_progress(len(found), len(chosen))
        finally:
            pool.shutdown(cancel_futures=True)  # Ctrl-C leaves none waiting in a queue
    trials = tuple(each for probed in found for each in probed.trials)
    errors = Counter(each.error for each in trials if each.error is not None)
    owners = dict(zip((item.id for item in chosen), clusters(chosen, cluster), strict=True))
    scored = {item.id: probed.scores for item, probed in zip(chosen, found, strict=True)}
    found_figures = _figures(owners, scored, probes, seed)
    return Robustness(
        found_figures, trials, len(chosen), seed, tuple(filter(None, composers)), dict(errors.most_common())
    )


def _probed(desk: Assistant, item: Item, probes: Sequence[str], seed: int) -> tuple[str, Probed]:
    """Of one question its composer, and what all the probes made of it."""
    gathering = Gathering(desk.retriever, item)
    plain = ask(desk, item, gathering)
    right = accuracy(item, plain)
    trials = [trial(item, PLAIN, "", plain, told(right))]
    scores = {"accuracy": right}
    for name in probes:
        if failed(plain):  # nothing to compare with: said for each probe, so that none has a hole
            trials.append(trial(item, name, "", plain, ERROR))
            continue
        chance = Random(f"{seed} {item.id} {name}")  # noqa: S311 - a sample, no secret
        probed = PROBES[name](desk, item, plain, gathering.material, chance)
        trials += probed.trials
        scores.update(probed.scores)
    return str(plain["composer"]), Probed(tuple(trials), scores)


def _sample(items: Sequence[Item], limit: int | None, seed: int) -> list[Item]:
    """In the set's order; a smaller sample is part of a larger one."""
    if limit is None or limit >= len(items):
        return list(items)
    order = list(range(len(items)))
    Random(seed).shuffle(order)  # noqa: S311 - a sample, no secret
    return [items[at] for at in sorted(order[:limit])]


def _figures(
    owners: Mapping[str, str], scored: Mapping[str, Mapping[str, float]], probes: Sequence[str], seed: int
) -> dict[str, Figure]:
    """``owners`` name the cluster of each question, by id, ``scored`` has its own figures."""
    names = [name for name, (probe, _) in FIGURES.items() if probe in (PLAIN, *probes)]
    shares = {name: {id_: _share(of.get(name, nan)) for id_, of in scored.items()} for name in names}
    return figures(shares, list(scored), owners, seed=seed, ranges=_RANGES)


def _share(value: float) -> Share:
    return Share(0, 0) if isnan(value) else Share(value, 1)
