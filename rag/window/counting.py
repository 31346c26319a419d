"""Numbers of things in words."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """``what`` is one of them: 1 as "1 copy", 1200 as "1,200 copies"."""
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else plural}"
