"""Where names become objects: the only place that takes a Config."""

from __future__ import annotations

import logging
from collections.abc import Callable

from corpus import chunking
from corpus.sandbox import Sandbox
from rag.assistant import Assistant
from rag.composer import Composer
from rag.config import Config
from rag.copies import Once
from rag.extractive import Extractive
from rag.retrieval import hybrid
from vectorstore.base import Embedder
from vectorstore.embedders import embedder
from vectorstore.index import Index

_log = logging.getLogger(__name__)


def assistant(config: Config, report: Callable[[str], None] = _log.warning) -> Assistant:
    """``report`` is told, in a line each, of repairs to the archive's indexes."""
    model = embedder(config.embedder)
    index = Index(config.home, model, chunking=chunking.settings(), report=report)
    return Assistant(index, model, Once(hybrid()), composer(config.llm, model), k=config.k, reader=Sandbox)


def composer(llm: str, model: Embedder) -> Composer:
    """The composer for ``PROVIDER:MODEL``; the built-in one for an empty name."""
    built_in = Extractive(model)
    if not llm:
        return built_in
    from rag.llm import provider
    from rag.prompted import Prompted

    return Prompted(provider(llm), built_in)
