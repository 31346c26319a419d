"""One document inside a file that holds several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from corpus.document import Field


@dataclass(frozen=True)
class Member:
    """A document's name, its bytes and the suffix whose loader reads them; or, in ``refusal``, why it is none.

    ``stated`` are fields of its header that stand elsewhere in the file, ``notes`` what was assumed while taking it
    out of there.
    """

    name: str
    suffix: str
    data: bytes = b""
    refusal: str = ""
    stated: Mapping[str, Field] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
