"""Language models by name: ``PROVIDER:MODEL``, a table from provider to its file.

To add one, write a class as ``rag/llm/base.py`` describes and a function that makes it, and its line here; or
register the function as an entry point in the group ``citedesk.providers`` (docs/providers.md). Keys and addresses
come from the environment only.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from corpus.errors import BadInput, CiteDeskError
from rag.llm.base import Limits, Provider, ProviderError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

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
    # A name is shown and sent: a line break or half a character in it is a slip.
    if not (model.strip() and model.isprintable()) or (kind not in PROVIDERS and kind not in registered):
        known = ", ".join(f"{each}:MODEL" for each in [*PROVIDERS, *registered])
        raise BadInput(f"{name!r} names no model we can reach; write one of {known}")
    if kind not in PROVIDERS:
        return _of_others(registered[kind], model, limits or Limits())
    module, _, function = PROVIDERS[kind].partition(":")
    build: Callable[[str, Limits], Provider] = getattr(import_module(module), function)  # the SDK takes a second
    return build(model, limits or Limits())


def _of_others(registered: EntryPoint, model: str, limits: Limits) -> Provider:
    try:
        build: Callable[[str, Limits], Provider] = registered.load()
        return build(model, limits)
    except CiteDeskError:
        raise
    except ImportError as error:
        raise ProviderError(f"the provider {registered.name} cannot be imported: {error}") from error
    except Exception as error:  # whatever others wrote; its text may hold a key
        raise ProviderError(f"the provider {registered.name} cannot be made ({type(error).__name__})") from error
