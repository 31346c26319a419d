"""An embedder without a model: words hashed into a vector. For tests and for trying things out.

Texts that share words are similar, nothing more; it is quick, needs no weights and is the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy

from corpus.document import Span
from vectorstore.base import Tokens, Vector, Vectors

_WORD = re.compile(r"\w+")


class Hashing:
    name = "hashing"
    dimension = 256
    max_tokens = 256
    fingerprint = "words crc32 256"

    def count_tokens(self, text: str) -> int:
        return len(_WORD.findall(text))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return numpy.stack([self.embed_query(text) for text in texts]) if texts else self._none()

    def embed_query(self, text: str) -> Vector:
        vector = numpy.zeros(self.dimension, dtype=numpy.float32)
        for word in _WORD.findall(text.lower()):
            vector[crc32(word.encode()) % self.dimension] += 1.0
        if not vector.any():
            vector[0] = 1.0  # a text without words still has a direction
        return vector / numpy.linalg.norm(vector)

    def embed_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Words, alike where they are the same."""
        found = [list(_WORD.finditer(text)) for text in texts]
        return [
            Tokens(self.embed_passages([word.group() for word in words]), tuple(Span(*word.span()) for word in words))
            for words in found
        ]

    def _none(self) -> Vectors:
        return numpy.zeros((0, self.dimension), dtype=numpy.float32)
