"""Stability: the same question again, in other words, and mistyped; does the same come back?

Nothing but the question is changed, and passages are searched for anew. ``*_abstention`` is the share of askings that
abstain where the first did and answer where it did; ``*_documents`` how much of the cited documents is the same, shared
/ all of both, 1 where neither cites any, a wire copy counting as what it copies; ``*_accuracy`` the accuracy of what
was asked otherwise, to be read beside ``accuracy``, that of the questions as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import nan
from random import Random

from rag.assistant import Assistant
from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, abstained, citations_of
from rag.evaluation.paraphrasing import paraphrases
from rag.evaluation.robustness.trials import Probed, accuracy, ask, failed, mean, not_asked, told, trial
from rag.evaluation.typos import mistyped, without_marks

REPEATED, PARAPHRASED, MISTYPED = "repeated", "paraphrased", "mistyped"
_MORE = 2  # times: three with the first


def repeated(desk: Assistant, item: Item, plain: Line) -> Probed:
    return _compared(desk, item, plain, REPEATED, [(f"time {n}", item.question) for n in range(2, _MORE + 2)])


def paraphrased(desk: Assistant, item: Item, plain: Line) -> Probed:
    asked = [(f"wording {n}", text) for n, text in enumerate(paraphrases(item.question), start=1)]
    return _compared(desk, item, plain, PARAPHRASED, asked)


def typed(desk: Assistant, item: Item, plain: Line, chance: Random) -> Probed:
    asked = [("typos", mistyped(item.question, chance)), ("lost marks", without_marks(item.question))]
    return _compared(desk, item, plain, MISTYPED, [each for each in asked if each[1] != item.question])


def _compared(desk: Assistant, item: Item, plain: Line, probe: str, asked: Sequence[tuple[str, str]]) -> Probed:
    if not asked:
        return Probed((not_asked(item, probe, "its form leaves no other way to ask it"),))
    trials, same, shared, right = [], [], [], []
    for level, text in asked:
        other = replace(item, question=text)
        line = ask(desk, other)
        right.append(accuracy(item, line))
        if failed(line):
            trials.append(trial(other, probe, level, line, ""))
            continue
        same.append(float(abstained(line) == abstained(plain)))
        shared.append(_shared(plain, line))
        outcome = "agrees" if same[-1] == shared[-1] == 1.0 else "differs"
        trials.append(trial(other, probe, level, line, f"{outcome}, {told(right[-1])}"))
    agreement = {f"{probe}_abstention": mean(same), f"{probe}_documents": mean(shared)}
    return Probed(tuple(trials), agreement | {f"{probe}_accuracy": mean(right) if right else nan})


def _shared(one: Line, other: Line) -> float:
    ours, theirs = _cited(one), _cited(other)
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0


def _cited(line: Line) -> set[str]:
    """The documents cited, each group of copies by one name."""
    return {min(str(c["doc"]), *map(str, c.get("carriers") or ()), str(c["doc"])) for c in citations_of(line)}
