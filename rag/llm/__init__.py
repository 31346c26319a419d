"""Language models by name: ``PROVIDER:MODEL``, a table from provider to its file.

To add one, write a class as ``rag/llm/base.py`` describes and a function that makes it, and its line here; or
register the function as an entry point in the group ``citedesk.providers`` (docs/providers.md). Keys and addresses
come from the environment only.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from corpus.errors import BadInput
from rag.llm.base import Limits, Provider

PROVIDERS = {
    "openai": "rag.llm.openai:openai",
    "ollama": "rag.llm.openai:ollama",
    "anthropic": "rag.llm.anthropic:anthropic",
    "transformers": "rag.llm.transformers:transformers",
    "scripted": "rag.llm.scripted:scripted",
}


def provider(name: str, limits: Limits | None = None) -> Provider:
    """The model that ``PROVIDER:MODEL`` names; nothing is asked of it yet.

    Raises BadInput where the name fits nothing, ProviderError where the provider lacks what it needs.
    """
    from importlib.metadata import entry_points

    kind, _, model = name.partition(":")
    registered = {point.name: point for point in entry_points(group="citedesk.providers")}
    if not model or (kind not in PROVIDERS and kind not in registered):
        known = ", ".join(f"{each}:MODEL" for each in [*PROVIDERS, *registered])
        raise BadInput(f"{name!r} names no model we can reach; write one of {known}")
    build: Callable[[str, Limits], Provider]
    if kind in PROVIDERS:
        module, _, function = PROVIDERS[kind].partition(":")
        build = getattr(import_module(module), function)  # imported when named: the SDK takes a second
    else:
        build = registered[kind].load()
    return build(model, limits or Limits())
