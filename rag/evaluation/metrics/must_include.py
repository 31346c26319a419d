"""Must-include groups: groups of which the answer mentions an alternative / groups.

Range [0, 1]; NaN where the item asks for none. The rules of matching are those of phrases.py. Ours, after the nuggets
of TREC (Voorhees, 2003): every group is a fact that a right answer holds, in one wording or another.
"""

from __future__ import annotations

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, share_of, text_of
from rag.evaluation.metrics.phrases import mentions_any


def must_include(item: Item, line: Line) -> float:
    return share_of(mentions_any(text_of(line), group) for group in item.must_include).value
