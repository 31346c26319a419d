"""What answers the questions of an assistant, beside its archive: for those who write down how a figure was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.templates import Templates

if TYPE_CHECKING:
    from rag.composer import Composer
    from rag.llm.calling import Caller
    from rag.rewriting import Rewriter


@dataclass(frozen=True)
class Answering:
    """What makes answers of passages: a composer, what makes a follow-up stand alone, and the language model of both.
    The built-in answers have no such model and need no such help."""

    composer: Composer
    rewriter: Rewriter | None = None
    caller: Caller | None = None


@dataclass(frozen=True)
class Setup:
    """``settings`` are value and origin by name; ``caller`` is the language model, None for the built-in answers.

    ``another`` gives what answers where the settings name another model, "" for the built-in answers."""

    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    caller: Caller | None = None
    templates: Templates = field(default_factory=Templates)
    another: Callable[[str], Answering] | None = None

    @property
    def is_local(self) -> bool:
        """True where this machine answers, by a model on it or by none: one question at a time."""
        return self.caller is None or self.caller.provider.is_local
