"""A broad filter applied after a search: look for more than is wanted, and drop what it does not let through.

No index makes use of a filter that lets most through: each looks at what it leaves one by one, which takes several
times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy
from numpy.typing import NDArray

BROAD = 0.5  # the share of all that a filter has to leave for it to be applied afterwards
_SPARE = 1.5  # times as many as that share lets expect


def spare(k: int, share: float) -> int:
    """How many to look for where a filter that leaves this ``share`` is to leave ``k``."""
    return ceil(_SPARE * k / share)


def enough(found: Sequence[tuple[int, float]], k: int, within: NDArray[numpy.int64]) -> list[tuple[int, float]] | None:
    """The first ``k`` (id, score) pairs of the ids ``within``; None where there may be more than are left of them."""
    is_within = numpy.isin([id_ for id_, _ in found], within)
    kept = [hit for hit, is_in in zip(found, is_within, strict=True) if is_in]
    return kept[:k] if len(kept) >= min(k, len(within)) else None
