"""Groundedness: claims that the passages bear out / claims; and mean support.

``grounded`` takes what was found when the answer was checked against what it cites: a claim is borne out where its
check is "verified". ``support`` is the mean over the claims of how much of each its passages say, in [0, 1], 0 for
one that cites nothing. ``grounded_by`` has a judge read each claim beside all retrieved passages, whether cited or
not; it is known by the judge's name. Range [0, 1]; NaN where the answer states nothing, or the judge could not tell of
a claim.

Ours in form; the question is that of RAGAS' faithfulness (Es et al., EACL 2024) and ALCE (Gao et al., EMNLP 2023).
A check by the system itself is no independent witness: name a judge to compare systems whose checks differ.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isnan, nan

from rag.evaluation.items import Item
from rag.evaluation.judges import Judge
from rag.evaluation.metrics.answered import Line, claims_of, retrieved_of, share_of
from rag.evaluation.metrics.phrases import one_spaced, uncited


def grounded(item: Item, line: Line) -> float:
    return share_of(claim.get("check") == "verified" for claim in claims_of(line)).value


def support(item: Item, line: Line) -> float:
    supports = [float(claim.get("support") or 0.0) for claim in claims_of(line)]
    return sum(supports) / len(supports) if supports else nan


def grounded_by(judge: Judge) -> Callable[[Item, Line], float]:
    """Groundedness as ``judge`` sees it; what it raises is raised."""

    def by_judge(item: Item, line: Line) -> float:
        claims = [one_spaced(uncited(str(claim.get("text") or ""))) for claim in claims_of(line)]
        passages = [str(hit.get("text") or "") for hit in retrieved_of(line)]
        if not claims or not passages:
            return 0.0 if claims else nan
        scores = judge.scores(claims, passages)
        if any(map(isnan, scores)):
            return nan
        return share_of(score >= judge.enough for score in scores).value

    return by_judge
