"""Citations as a judge sees them: do the passages that a claim cites bear it out, and is each of them needed?

``cite_rec``: claims that what they cite, taken together, bears out / claims. ``cite_prec``: citations that are needed
/ citations written. One is needed where its claim is borne out and either it bears the claim out alone or the others
without it do not; those of claims that are not borne out and the markers that the model made up count among the
written. Gao et al., ALCE, EMNLP 2023, which leaves the made-up ones out.

``cite_wr`` and ``cite_wp`` weigh: a citation has 1 where its passage alone bears the claim out, 0.5 where it does so
in part, else 0. Recall is the mean over the claims of each one's best citation, precision the mean over the citations
written. Thakur et al., support evaluation of the TREC 2024 RAG track, SIGIR 2025, where people tell part from whole
and read a sentence's first citation; here half of the score that is enough is a part.

Range [0, 1]; NaN where nothing is claimed, for precision where nothing is cited, and where the judge could not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from math import isnan, nan
from typing import Any

from rag.evaluation.items import Item
from rag.evaluation.judges import Judge
from rag.evaluation.metrics.answered import Line, Share, citations_of, claims_of, passage_of
from rag.evaluation.metrics.phrases import one_spaced, uncited

_PART = 0.5  # of what is enough, and what it counts
_REMEMBERED = 4_096  # verdicts: the four metrics read one answer after the other

_Scored = Callable[[str, tuple[str, ...]], float]


def by_passage(judge: Judge) -> dict[str, Callable[[Item, Line], float]]:
    """The four metrics by name, as ``judge`` sees them; what it raises is raised."""

    @lru_cache(maxsize=_REMEMBERED)
    def scored(claim: str, passages: tuple[str, ...]) -> float:
        (alone,) = judge.scores([claim], ["\n".join(passages)])
        return alone

    def metric(counted: Callable[[Line, _Scored, float], Share]) -> Callable[[Item, Line], float]:
        return lambda item, line: counted(line, scored, judge.enough).value

    return {
        "cite_rec": metric(_recall),
        "cite_prec": metric(_precision),
        "cite_wr": metric(_weighted_recall),
        "cite_wp": metric(_weighted_precision),
    }


def _recall(line: Line, scored: _Scored, enough: float) -> Share:
    found = [_is_borne_out(claim, passages, scored, enough) for claim, passages in _cited(line)]
    return Share(sum(found), len(found))


def _precision(line: Line, scored: _Scored, enough: float) -> Share:
    needed = 0.0
    for claim, passages in _cited(line):
        is_borne_out = _is_borne_out(claim, passages, scored, enough)
        for at, passage in enumerate(passages):
            others = (*passages[:at], *passages[at + 1 :])
            if _reaches(scored(claim, (passage,)), enough):
                needed += is_borne_out
            elif is_borne_out:
                needed += 1.0 - _is_borne_out(claim, others, scored, enough)
    return Share(needed, _written(line))


def _weighted_recall(line: Line, scored: _Scored, enough: float) -> Share:
    best = [max(_weights(claim, passages, scored, enough), default=0.0) for claim, passages in _cited(line)]
    return Share(sum(best), len(best))


def _weighted_precision(line: Line, scored: _Scored, enough: float) -> Share:
    weights = [each for claim, passages in _cited(line) for each in _weights(claim, passages, scored, enough)]
    return Share(sum(weights), _written(line))


def _weights(claim: str, passages: tuple[str, ...], scored: _Scored, enough: float) -> list[float]:
    alone = [scored(claim, (passage,)) for passage in passages]
    return [nan if isnan(score) else 1.0 if score >= enough else _PART * (score >= _PART * enough) for score in alone]


def _is_borne_out(claim: str, passages: tuple[str, ...], scored: _Scored, enough: float) -> float:
    """1 where one passage, or all together, bear the claim out; NaN where the judge could not tell."""
    if not passages:
        return 0.0
    together = [passages] if len(passages) > 1 else []
    told = [_reaches(scored(claim, each), enough) for each in [*together, *((passage,) for passage in passages)]]
    return nan if any(map(isnan, told)) else max(told)


def _reaches(score: float, enough: float) -> float:
    return nan if isnan(score) else float(score >= enough)


def _cited(line: Line) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each claim without its markers, and the passages it cites, one for each citation."""
    by_marker: dict[int, Mapping[str, Any]] = {}
    for citation in citations_of(line):
        by_marker.setdefault(int(citation.get("marker") or 0), citation)
    for claim in claims_of(line):
        markers = dict.fromkeys(claim.get("citations") or ())
        passages = tuple(passage_of(by_marker[marker], line) for marker in markers if marker in by_marker)
        yield one_spaced(uncited(str(claim.get("text") or ""))), passages


def _written(line: Line) -> int:
    return sum(len(passages) for _, passages in _cited(line)) + int(line.get("invalid_markers") or 0)
