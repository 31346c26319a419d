"""Embedders by name: a table, one file each, or the folder of a model.

To add one, write its file and its line here, or register the entry point group ``citedesk.embedders``; the
table is also the list that the embedders' contract test runs over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from corpus.errors import BadInput
from vectorstore.base import Embedder
from vectorstore.embedders import hashing, minilm
from vectorstore.embedders.prefixed import Prefixed
from vectorstore.embedders.sentence_model import SentenceModel

EMBEDDERS: dict[str, Callable[[], Embedder]] = {
    "minilm": minilm.MiniLM,
    "hashing": hashing.Hashing,
}
DEFAULT = "minilm"


@dataclass(frozen=True)
class Choice:
    """An embedder as people name it, and what is to stand before questions and passages."""

    name: str = DEFAULT
    query_prefix: str = ""
    passage_prefix: str = ""


def embedder(name: str = DEFAULT, elsewhere: Mapping[str, Callable[[str], Embedder]] | None = None) -> Embedder:
    """The embedder called ``name``; one whose name has a slash is a folder with a model.

    ``elsewhere`` makes those called ``KIND:MODEL``, by kind. Raises BadInput where there is none of that name; a
    folder is looked at when it is first used.
    """
    if name in EMBEDDERS:
        return EMBEDDERS[name]()
    kind, _, model = name.partition(":")
    if elsewhere and kind in elsewhere and model.strip() and model.isprintable():
        return elsewhere[kind](model)
    if is_folder(name):
        return SentenceModel(name)
    registered = {point.name: point for point in entry_points(group="citedesk.embedders")}
    if name not in registered:
        known = [*EMBEDDERS, *registered, *(f"{kind}:MODEL" for kind in elsewhere or ())]
        here = f"; for the folder of that name write ./{name}" if Path(name).is_dir() else ""
        raise BadInput(
            f"no embedder is called {name!r}; known: {', '.join(known)}, or a folder, written with a slash{here}"
        )
    build: Callable[[], Embedder] = registered[name].load()
    return build()


def chosen(choice: Choice, elsewhere: Mapping[str, Callable[[str], Embedder]] | None = None) -> Embedder:
    """The embedder of that name, with the prefixes where there are any. Raises BadInput likewise."""
    found = embedder(choice.name, elsewhere)
    if not choice.query_prefix and not choice.passage_prefix:
        return found
    return Prefixed(found, query=choice.query_prefix, passage=choice.passage_prefix)


def is_folder(name: str) -> bool:
    """True for a name that can only be a folder's: "./e5" or "/models/e5", not "e5" or "openai:maker/model"."""
    kind, colon, _ = name.partition(":")
    is_kind = bool(colon) and kind.isalnum() and len(kind) > 1  # and no drive letter
    return not is_kind and ("/" in name or os.sep in name or name.startswith("~"))
