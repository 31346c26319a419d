"""What an archive holds, in a few figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ArchiveStatus:
    """What an archive holds; dates at the precision known."""

    home: Path
    documents: int
    passages: int
    first_published: str | None
    last_published: str | None
    outlets: tuple[str, ...]
    embedder: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"home": str(self.home)}
