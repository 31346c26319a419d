"""Language models by name: ``PROVIDER:MODEL``, a table from provider to its file.

To add one, write a class with ``name``, ``context_tokens`` and ``stream`` and its line here, or register the
entry point group ``citedesk.providers``. Keys and addresses come from the environment only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol

from corpus.errors import BadInput, CiteDeskError


class ProviderError(CiteDeskError):
    """A model could not be reached, refused, or broke off; the message names no key."""


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def context_tokens(self) -> int:
        """How long prompt and reply may be together."""
        ...

    def stream(self, prompt: str, *, max_tokens: int) -> Iterator[str]:
        """The reply in pieces. Raises ProviderError, also after some pieces where the reply breaks off."""
        ...


PROVIDERS = {
    "openai": "rag.llm.openai:openai",
    "ollama": "rag.llm.openai:ollama",
}


def provider(name: str) -> Provider:
    """The model that ``PROVIDER:MODEL`` names. Raises BadInput where the name fits nothing."""
    kind, _, model = name.partition(":")
    registered = {point.name: point for point in entry_points(group="citedesk.providers")}
    if not model or (kind not in PROVIDERS and kind not in registered):
        known = ", ".join(f"{each}:MODEL" for each in [*PROVIDERS, *registered])
        raise BadInput(f"{name!r} names no model we can reach; write one of {known}")
    build: Callable[[str], Provider]
    if kind in PROVIDERS:
        module, _, function = PROVIDERS[kind].partition(":")
        build = getattr(import_module(module), function)  # imported when named: the SDK takes a second
    else:
        build = registered[kind].load()
    return build(model)
