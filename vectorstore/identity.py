"""Which embedder and which chunking an archive belongs to, as its own notes say; and how to have that embedder again.

Knows the notes (``meta``) of an archive. Knows nothing of models.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from vectorstore.base import Embedder
from vectorstore.embedders import Choice

_CHOICE = "chosen"
_COMPARED = ("fingerprint", "dimension", "chunking")
_NAMED = {"all-MiniLM-L6-v2": "minilm", "hashing": "hashing"}  # in archives that only noted an embedder's own name


def notes(embedder: Embedder, chunking: str, choice: Choice | None) -> dict[str, str]:
    """What an archive of this embedder notes. Raises CiteDeskError where the embedder cannot be used."""
    found = {
        "embedder": embedder.name,
        "fingerprint": embedder.fingerprint,
        "dimension": str(embedder.dimension),
        "chunking": chunking,
    }
    return found | ({_CHOICE: json.dumps(asdict(choice))} if choice else {})


def difference(stored: Mapping[str, str | None], ours: Mapping[str, str]) -> str:
    """What an archive was built with that is not ours, in words; empty where nothing is."""
    differing = [key for key in _COMPARED if stored.get(key) not in (None, ours[key])]
    if stored.get("fingerprint") is None and stored.get("embedder") not in (None, ours["embedder"]):
        differing = ["embedder", *differing]
    if not differing:
        return ""
    # By name, where that tells the two apart: a fingerprint tells nobody anything.
    key = "embedder" if differing[0] != "chunking" and stored.get("embedder") != ours["embedder"] else differing[0]
    return f"{key} {stored.get(key)!r}, not {ours[key]!r}"


def belongs(stored: Mapping[str, str | None], ours: Mapping[str, str]) -> bool:
    """True where all that is compared is noted, and ours."""
    return all(stored.get(key) == ours[key] for key in _COMPARED)


def compared(found: Mapping[str, str]) -> dict[str, str]:
    """The notes that tell one embedder from another, and its name to show."""
    return {key: found[key] for key in ("embedder", *_COMPARED)}


def remembered(path: Path) -> Choice | None:
    """What the embedder of the archive in the file ``path`` is called; None where there is none, or it says nothing.

    Reads, and makes nothing: whatever else is wrong with the file is said by who opens it.
    """
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            stored = dict(connection.execute("SELECT key, value FROM meta"))
    except sqlite3.Error:
        return None
    return choice_of(stored)


def choice_of(stored: Mapping[str, str]) -> Choice | None:
    """What the notes of an archive call its embedder."""
    try:
        said = json.loads(stored[_CHOICE])
        return Choice(str(said["name"]), str(said["query_prefix"]), str(said["passage_prefix"]))
    except (KeyError, ValueError, TypeError):
        known = _NAMED.get(stored.get("embedder", ""))
        return Choice(known) if known else None
