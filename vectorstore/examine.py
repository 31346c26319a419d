"""Read a derived index through, in a process of its own: ``python -m vectorstore.examine NAME FOLDER DIMENSION``.

Prints the ids it holds as a JSON list. A damaged index may raise, hang or crash: that is the answer then.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy

from vectorstore.base import DerivedIndex, Query
from vectorstore.chroma import ChromaIndex
from vectorstore.lexical import LexicalIndex

KINDS: dict[str, type[ChromaIndex] | type[LexicalIndex]] = {"chroma": ChromaIndex, "tantivy": LexicalIndex}
_NEIGHBOURS = 10


def examine(index: DerivedIndex, dimension: int) -> list[int]:
    """Every id, after a search has touched the part that holds no ids. Raises where that finds too little."""
    ids = index.passage_ids()
    probe = numpy.full(dimension, dimension**-0.5, dtype=numpy.float32)
    found = index.search(Query("the a of probe", probe), _NEIGHBOURS, None)
    if isinstance(index, ChromaIndex) and len(found) < min(_NEIGHBOURS, len(ids)):
        raise ValueError(f"holds {len(ids)} ids and finds {len(found)} neighbours")
    return sorted(ids)


if __name__ == "__main__":
    name, folder, dimension = sys.argv[1:4]
    json.dump(examine(KINDS[name](Path(folder)), int(dimension)), sys.stdout)
