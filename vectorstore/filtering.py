"""Which documents count, told to SQLite; and how a filter that leaves most of them is applied after a search.

No index makes use of a filter that lets most through: each looks at what it leaves one by one, which takes several
times as long. So more is looked for than is wanted, and what the filter does not let through is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy
from numpy.typing import NDArray

from corpus.dates import first_day, last_day
from vectorstore.sql import marks

BROAD = 0.5  # the share of all that a filter has to leave for it to be applied afterwards
_SPARE = 1.5  # times as many as that share lets expect


@dataclass(frozen=True)
class Filter:
    """Which documents count: published in a period, by an outlet, of a name; None means any.

    ``outlets``, ``voices`` and ``bylines`` are as the archive has them: from one of these outlets, or with an article
    that is republished from one of these voices; and with one of these bylines. Empty means any.
    """

    since: str | None = None
    until: str | None = None
    outlet: str | None = None
    documents: tuple[str, ...] | None = None
    outlets: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filter()


def as_sql(condition: Filter) -> tuple[str, list[str]]:
    """A filter as SQL, but for the names of documents."""
    clauses, values = ["1"], []
    if condition.since:
        clauses.append("last_day >= ?")
        values.append(first_day(condition.since).isoformat())
    if condition.until:
        clauses.append("first_day <= ?")
        values.append(last_day(condition.until).isoformat())
    if condition.outlet:
        clauses.append("outlet = ? COLLATE NOCASE")
        values.append(condition.outlet)
    sources = [f"outlet IN ({marks(condition.outlets)})"] if condition.outlets else []
    if condition.voices:
        voice = f"json_extract(value, '$[2]') IN ({marks(condition.voices)})"
        voice += " AND json_extract(value, '$[3]') = 'republished'"
        sources.append(f"(voices <> '[]' AND EXISTS (SELECT 1 FROM json_each(documents.voices) WHERE {voice}))")
    if sources:
        clauses.append(f"({' OR '.join(sources)})")
        values.extend((*condition.outlets, *condition.voices))
    if condition.bylines:
        clauses.append(f"byline IN ({marks(condition.bylines)})")
        values.extend(condition.bylines)
    return " AND ".join(clauses), values


def spare(k: int, share: float) -> int:
    """How many to look for where a filter that leaves this ``share`` is to leave ``k``."""
    return ceil(_SPARE * k / share)


def enough(found: Sequence[tuple[int, float]], k: int, within: NDArray[numpy.int64]) -> list[tuple[int, float]] | None:
    """The first ``k`` (id, score) pairs of the ids ``within``; None where there may be more than are left of them."""
    is_within = numpy.isin([id_ for id_, _ in found], within)
    kept = [hit for hit, is_in in zip(found, is_within, strict=True) if is_in]
    return kept[:k] if len(kept) >= min(k, len(within)) else None
