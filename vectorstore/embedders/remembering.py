"""An embedder that remembers: wraps another and keeps the vectors of the texts it saw last.

The sentences of an archive come up again and again in a conversation; embedding one costs milliseconds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy

from vectorstore.base import Embedder, Vector, Vectors
from vectorstore.embedders.around import Around

_TEXTS = 20_000  # about 30 MB of vectors at 384 dimensions


class Remembering(Around):
    """The same vectors as ``embedder``, sooner where a text was seen before. Safe to use from several threads."""

    def __init__(self, embedder: Embedder, texts: int = _TEXTS) -> None:
        super().__init__(embedder)
        self._texts = texts
        self._vectors: OrderedDict[str, Vector] = OrderedDict()
        self._guard = Lock()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        with self._guard:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known |= dict(zip(missing, self._embedder.embed_passages(missing), strict=True))
        self._remember(known)
        if not texts:
            return self._embedder.embed_passages([])
        return numpy.stack([known[text] for text in texts])

    def _remember(self, vectors: dict[str, Vector]) -> None:
        with self._guard:
            for text, vector in vectors.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._texts:
                self._vectors.popitem(last=False)
