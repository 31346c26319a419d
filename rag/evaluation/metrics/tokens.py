"""Tokens that a language model read and wrote for an answer, as its own server counted them.

NaN where no model was asked or its server does not count. Range [0, infinity).
"""

from __future__ import annotations

from math import nan

from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line


def prompt_tokens(item: Item, line: Line) -> float:
    return _used(line, "prompt_tokens")


def reply_tokens(item: Item, line: Line) -> float:
    return _used(line, "reply_tokens")


def _used(line: Line, field: str) -> float:
    value = (line.get("usage") or {}).get(field)
    return nan if value is None else float(value)
