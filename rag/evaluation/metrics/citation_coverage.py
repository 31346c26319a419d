"""Citation coverage: claims with a citation / claims.

A claim is a sentence of the answer that states something, as it was told when the answer was checked. Range [0, 1];
NaN where there is no claim. Liu, Zhang and Liang, Evaluating verifiability in generative search engines, 2023, ask
besides that the citation support it: for that read groundedness.
"""

from __future__ import annotations

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, claims_of, share_of


def citation_coverage(item: Item, line: Line) -> float:
    return share_of(bool(claim.get("citations")) for claim in claims_of(line)).value
