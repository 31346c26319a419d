"""A document's passages as the archive's embedder can read them whole."""

from __future__ import annotations

from corpus import chunking
from corpus.document import Document, Passage
from vectorstore.base import Embedder


def split(document: Document, embedder: Embedder) -> list[Passage]:
    """Passages within the embedder's limit, counted by its own tokenizer."""
    return chunking.split(document, count=embedder.count_tokens, budget=embedder.max_tokens)
