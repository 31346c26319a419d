"""Embedders by name: a table, one file each.

To add one, write its file and its line here, or register the entry point group ``citedesk.embedders``; the
table is also the list that the embedders' contract test runs over.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from corpus.errors import BadInput
from vectorstore.base import Embedder
from vectorstore.embedders import hashing, minilm

EMBEDDERS: dict[str, Callable[[], Embedder]] = {
    "minilm": minilm.MiniLM,
    "hashing": hashing.Hashing,
}
DEFAULT = "minilm"


def embedder(name: str = DEFAULT) -> Embedder:
    """The embedder called ``name``. Raises BadInput where there is none."""
    if name in EMBEDDERS:
        return EMBEDDERS[name]()
    registered = {point.name: point for point in entry_points(group="citedesk.embedders")}
    if name not in registered:
        raise BadInput(f"no embedder is called {name!r}; known: {', '.join([*EMBEDDERS, *registered])}")
    build: Callable[[], Embedder] = registered[name].load()
    return build()
