"""Which settings are in force, and whether the language model answers: what the doctor says beside the archive.

Keys are never shown: only whether there is one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from rag.llm.base import ProviderError
from rag.llm.calling import Caller
from rag.templates import Templates
from vectorstore.index import Finding

_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
_ADDRESSES = ("OPENAI_BASE_URL", "OLLAMA_HOST", "ANTHROPIC_BASE_URL")
_REPLY_TOKENS = 200  # enough for a model that thinks first
_MODEL = "language model"


def settings(shown: Mapping[str, tuple[str, str]], environment: Mapping[str, str]) -> list[Finding]:
    """``shown`` is each setting's value and origin."""
    found = [Finding(f"setting {name}", True, f"{value} ({origin})") for name, (value, origin) in shown.items()]
    found += [Finding(f"environment {key}", True, "set, not shown") for key in _KEYS if environment.get(key)]
    for name in _ADDRESSES:
        if value := environment.get(name):
            found.append(Finding(f"environment {name}", True, _without_secrets(value)))
    return found


def model(caller: Caller | None, templates: Templates) -> Finding:
    """Asks the model for one word."""
    if caller is None:
        return Finding(_MODEL, True, "none is named; the built-in composer answers")
    start = time.monotonic()
    try:
        for piece in caller.ask(templates.prompt("hello"), max_tokens=_REPLY_TOKENS, attempts=1):
            if piece.strip():
                break
    except ProviderError as error:
        return Finding(_MODEL, False, str(error))
    return Finding(_MODEL, True, f"{caller.name} answers, first word after {time.monotonic() - start:.1f} s")


def _without_secrets(address: str) -> str:
    """An address without what may be a password in it."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme else host
