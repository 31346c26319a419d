"""Noise: does the answer stay right where more and more of the passages given have nothing to do with it?

Of the k passages a share r is replaced, one for one, by distractors: passages near the question, of documents that do
not hold the evidence and are no copies of those. What holds the evidence is replaced last, so that below r = 1 some of
it is there; at r = 1 none is, and nothing but abstaining is right. More is replaced at a higher r, never other.

``noise@r`` is accuracy at r; ``noise_slope`` the slope of its least-squares line over r = 0 to 0.8, in accuracy per
unit of r; ``noise_drop`` accuracy at 0 less that at 0.8; ``neg_rej`` the share that abstains at r = 1 (Chen et al.,
RGB, AAAI 2024). Measured where the evidence is among the passages found: what was not retrieved noise cannot hide.
"""

from __future__ import annotations

from math import isnan, nan
from random import Random
from statistics import linear_regression

from rag.assistant import Assistant
from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, abstained
from rag.evaluation.robustness.material import Given, Material, replaced
from rag.evaluation.robustness.trials import Probed, accuracy, ask, failed, not_asked, told, trial, unfit
from vectorstore.base import Hit

NAME = "noise"
LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_POOL = 2  # times as many of the nearest distractors as are needed are drawn from


def probe(desk: Assistant, item: Item, plain: Line, material: Material, chance: Random) -> Probed:
    """``plain`` is the answer with nothing changed."""
    if why := unfit(item, material):
        return Probed((not_asked(item, NAME, why),))
    trials, right, rejected = [], {}, nan
    seed = chance.random()
    for level in LEVELS:
        hits = with_noise(material, level, Random(seed))  # noqa: S311 - the same order at every level
        if not hits:
            trials.append(not_asked(item, NAME, "the archive has no other passages"))
            continue
        line = plain if hits == material.given else ask(desk, item, Given(hits))
        right[level] = accuracy(item, line)
        outcome = told(right[level])
        if level == 1.0:
            outcome = "abstained" if abstained(line) else "answered without evidence"
            rejected = nan if failed(line) else float(abstained(line))
        count = sum(hit.passage not in {each.passage for each in material.given} for hit in hits)
        trials.append(trial(item, NAME, f"{level:g}", line, outcome, f"{count} of {len(hits)} passages are others"))
    kept = [level for level in LEVELS if level < 1.0 and not isnan(right.get(level, nan))]
    slope = linear_regression(kept, [right[level] for level in kept]).slope if len(kept) == len(LEVELS) - 1 else nan
    scores = {f"noise@{level:g}": right.get(level, nan) for level in LEVELS}
    drop = right.get(0.0, nan) - right.get(0.8, nan)
    return Probed(tuple(trials), scores | {"noise_slope": slope, "noise_drop": drop, "neg_rej": rejected})


def with_noise(material: Material, share: float, chance: Random) -> tuple[Hit, ...]:
    """The hits given with so large a share of them replaced, in their places and with their scores.

    Where the archive has too few others, a passage that is none of the evidence's documents stays, and one that is
    goes.
    """
    given = list(material.given)
    spare = [place for place in range(len(given)) if place not in material.evidence]
    evidence = list(material.evidence)
    chance.shuffle(spare)
    chance.shuffle(evidence)
    others = list(material.distractors[: _POOL * len(given)])
    chance.shuffle(others)
    gone = set()
    for at, place in enumerate([*spare, *evidence][: int(share * len(given) + 0.5)]):
        if at < len(others):
            given[place] = replaced(given[place], others[at])
        elif place in material.gold:
            gone.add(place)
    return tuple(hit for place, hit in enumerate(given) if place not in gone)
