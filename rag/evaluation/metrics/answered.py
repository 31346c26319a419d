"""What answer metrics read and give: a line of answers.jsonl, and a share that may be undefined.

A line is ``Answer.to_json()`` with ``id``, ``abstained`` and, where asking failed, ``error``. A field that is absent
is empty, so that a question without a line can be measured as one that was answered with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Share:
    """``part`` of ``whole``: a figure that can be pooled, part by part, over many answers."""

    part: float
    whole: float

    @property
    def value(self) -> float:
        """NaN where there is nothing to be a part of."""
        return self.part / self.whole if self.whole else nan


def share_of(flags: Iterable[bool]) -> Share:
    """How many of the flags are set."""
    values = list(flags)
    return Share(sum(values), len(values))


def text_of(line: Line) -> str:
    return str(line.get("answer") or "")


def abstained(line: Line) -> bool:
    return line.get("abstained") is True


def citations_of(line: Line) -> list[Mapping[str, Any]]:
    return list(line.get("citations") or ())


def retrieved_of(line: Line) -> list[Mapping[str, Any]]:
    """Best first."""
    return list(line.get("retrieved") or ())


def claims_of(line: Line) -> list[Mapping[str, Any]]:
    """The checked sentences of the answer that state something."""
    return [sentence for sentence in line.get("sentences") or () if sentence.get("check") != "no claim"]


def passage_of(citation: Mapping[str, Any], line: Line) -> str:
    """The retrieved passage that a citation's quote stands in, else the quote itself."""
    quote = str(citation.get("quote") or "")
    texts = [str(hit.get("text") or "") for hit in retrieved_of(line) if hit.get("doc") == citation.get("doc")]
    return next((text for text in texts if quote in text), quote)
