"""Hit: 1 where the item was dealt with rightly, else 0, by strings alone.

An item that can be answered: there is an answer and not an abstention, it meets every must-include group, and it
mentions nothing of what a wrong one would. One that cannot: the system abstained, and mentioned nothing of that. A
"false_premise" may be rejected with or without abstaining, so its text alone counts.

Where an item has no groups, its answer must hold a short reference answer; one that does not say whether it can be
answered, but what to answer, can be. NaN where the item asks for nothing that could be looked up. Range {0, 1}. Ours,
after the containment that open-domain question answering is scored by (Mallen et al., ACL 2023).

A floor and no judge: right wordings are missed, and false claims beside the right string are not seen.
"""

from __future__ import annotations

from math import isnan, nan

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, abstained, text_of
from rag.evaluation.metrics.phrases import mentions_any
from rag.evaluation.metrics.short_answer import holds_answer


def hit(item: Item, line: Line) -> float:
    text = text_of(line)
    held = holds_answer(item, line)
    if item.answerable is not False and not item.must_include and not item.must_not_include and isnan(held):
        return nan
    if mentions_any(text, item.must_not_include):
        return 0.0
    if item.answerable is False:
        return float(abstained(line))
    if abstained(line) and judges_abstention(item):
        return 0.0
    if item.must_include or isnan(held):
        return float(bool(text.strip()) and all(mentions_any(text, group) for group in item.must_include))
    return held


def hit_answerable(item: Item, line: Line) -> float:
    """The hits among what can be answered; NaN for what cannot."""
    return nan if item.answerable is False else hit(item, line)


def judges_abstention(item: Item) -> bool:
    """False for a false premise, which is as well rejected by an answer."""
    return item.type != "false_premise"
