"""What every store and embedder speaks: Hit, and the protocols Embedder and DerivedIndex."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy
from numpy.typing import NDArray

from corpus.document import Header, Passage, Span

Vectors = NDArray[numpy.float32]  # shape (n, dimension), unit-length rows
Vector = NDArray[numpy.float32]  # shape (dimension,), unit length


@dataclass(frozen=True)
class Stage:
    """What one way of looking said of a passage: its ``rank`` from 1 among all that were compared, and its score.

    ``rank`` is None where that way says nothing of it, as words do of a passage that has none of them. Equals share
    the better rank. A score means something beside others of its stage only.
    """

    name: str
    rank: int | None
    score: float

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "rank": self.rank, "score": round(self.score, 4)}


@dataclass(frozen=True)
class Hit:
    """A passage that matches; a higher score is better, comparable within one result list only.

    ``carriers`` are the other documents that hold nearly the same text as the passage's own. ``stages`` say how it
    was found, in the order of the looking; a retriever that looks in one way only gives none.
    """

    passage: Passage
    score: float
    carriers: tuple[Header, ...] = ()
    stages: tuple[Stage, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "doc": self.passage.document.name,
            "text": self.passage.text,
            "start": self.passage.start,
            "end": self.passage.end,
            "score": round(self.score, 4),
            "carriers": [header.name for header in self.carriers],
            "title": self.passage.document.title,
            "outlet": self.passage.document.outlet,
            "published": self.passage.document.published,
            "stages": [stage.to_json() for stage in self.stages],
        }


class Embedder(Protocol):
    """Turns text into unit vectors whose dot product is their similarity."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """How many of its own tokens it reads of a text; the rest it would ignore."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever equal text might get another vector."""
        ...

    def count_tokens(self, text: str) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit-length float32 rows, shape (len(texts), dimension), in the order given."""
        ...

    def embed_query(self, text: str) -> Vector:
        """A unit-length float32 vector, shape (dimension,)."""
        ...


@dataclass(frozen=True)
class Tokens:
    """A text as a model reads it: unit-length rows, shape (n, dimension), and where in the text each token stands."""

    vectors: Vectors
    spans: tuple[Span, ...]


class TokenEmbedder(Protocol):
    """Gives each token of a text a vector of its own, in the light of the others."""

    def embed_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """In the order given. Of a text longer than the model reads, the first tokens."""
        ...


@dataclass(frozen=True)
class Record:
    """One passage as a derived index takes it; ``header`` is its document's header line."""

    passage_id: int
    document_id: int
    header: str
    text: str
    vector: Vector


@dataclass(frozen=True)
class Query:
    """What a derived index is asked: the words and their vector; each index reads the one it knows."""

    text: str
    vector: Vector


class DerivedIndex(Protocol):
    """A cache of the archive that finds passages; it can always be thrown away and built again.

    Adding what is there already and removing what is not are both harmless: catching up may repeat itself.
    """

    def add(self, records: Sequence[Record]) -> None:
        """Whole documents: all records of a document come in one call. Ids are never used twice."""
        ...

    def remove(self, document_ids: Sequence[int], passage_ids: Sequence[int]) -> None: ...

    def passage_ids(self) -> set[int]:
        """Every id the index holds. Raises, or takes the process down, where the index is damaged."""
        ...

    def search(self, query: Query, k: int, within: Sequence[int] | None) -> list[tuple[int, float]]:
        """At most ``k`` (passage id, score) pairs, best first, of the documents ``within`` (None: of all)."""
        ...

    def close(self) -> None: ...
