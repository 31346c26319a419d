"""What answers the questions of an assistant, beside its archive: for those who write down how a figure was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.templates import Templates

if TYPE_CHECKING:
    from rag.llm.calling import Caller


@dataclass(frozen=True)
class Setup:
    """``settings`` are value and origin by name; ``caller`` is the language model, None for the built-in answers."""

    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    caller: Caller | None = None
    templates: Templates = field(default_factory=Templates)

    @property
    def is_local(self) -> bool:
        """True where this machine answers, by a model on it or by none: one question at a time."""
        return self.caller is None or self.caller.provider.is_local
