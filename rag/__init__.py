"""Ask questions of an archive and get cited answers: ``from rag import Assistant``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpus.errors import BadInput, CiteDeskError
    from rag.answer import Answer, Assumption, Citation, Found, Sentence, Turn
    from rag.assistant import Assistant
    from rag.evaluation import evaluate
    from rag.keeping.report import Report
    from rag.llm.base import Limits, Piece, Prompt, Provider, ProviderError, Usage
    from rag.llm.scripted import Scripted
    from vectorstore.base import Hit

__all__ = [
    "Answer",
    "Assistant",
    "Assumption",
    "BadInput",
    "Citation",
    "CiteDeskError",
    "Found",
    "Hit",
    "Limits",
    "Piece",
    "Prompt",
    "Provider",
    "ProviderError",
    "Report",
    "Scripted",
    "Sentence",
    "Turn",
    "Usage",
    "evaluate",
]

_HOMES = {
    "Answer": "rag.answer",
    "Assistant": "rag.assistant",
    "Assumption": "rag.answer",
    "BadInput": "corpus.errors",
    "CiteDeskError": "corpus.errors",
    "Citation": "rag.answer",
    "Found": "rag.answer",
    "Hit": "vectorstore.base",
    "Limits": "rag.llm.base",
    "Piece": "rag.llm.base",
    "Prompt": "rag.llm.base",
    "Provider": "rag.llm.base",
    "ProviderError": "rag.llm.base",
    "Report": "rag.keeping.report",
    "Scripted": "rag.llm.scripted",
    "Sentence": "rag.answer",
    "Turn": "rag.answer",
    "Usage": "rag.llm.base",
    "evaluate": "rag.evaluation",
}


def __getattr__(name: str) -> Any:
    # Each name is imported when it is first used: "citedesk --help" needs none of them.
    if name not in _HOMES:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
