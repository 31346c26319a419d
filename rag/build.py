"""Where names become objects: the only place that takes a Config."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import chunking
from corpus.errors import BadInput
from rag.assistant import Assistant
from rag.composer import Composer
from rag.config import Config
from rag.copies import Once
from rag.extractive import Extractive
from rag.retrieval import hybrid
from rag.setup import Setup
from rag.templates import Templates
from vectorstore.embedders import embedder
from vectorstore.index import Index

if TYPE_CHECKING:
    from corpus.reading import Reader
    from rag.entailment import Entailment
    from rag.llm.base import Provider
    from rag.llm.calling import Caller

_log = logging.getLogger(__name__)


def assistant(config: Config, report: Callable[[str], None] = _log.warning, model: Provider | None = None) -> Assistant:
    """``report`` is told, in a line each, of repairs to the archive's indexes.

    ``model`` is asked in the place of the one that the settings name.
    """
    embeds = embedder(config.embedder)
    index = Index(config.home, embeds, chunking=chunking.settings(), report=report)
    composer: Composer = Extractive(embeds)
    rewriter = None
    called = caller(config, model)
    if called:
        from rag.prompted import Prompted
        from rag.rewriting import Rewriting

        composer = Prompted(called, composer, templates(config), embeds, judge(config))
        rewriter = Rewriting(called, templates(config))
    setup = Setup(config.shown(), called, templates(config))
    return Assistant(
        index, embeds, Once(hybrid()), composer, k=config.k, reader=_sandbox, rewriter=rewriter, setup=setup
    )


def _sandbox() -> Reader:
    from corpus.sandbox import Sandbox  # who only asks reads no file

    return Sandbox()


def caller(config: Config, model: Provider | None = None) -> Caller | None:
    """The language model that the settings name, with their limits; None for the built-in composer."""
    if model is None and not config.llm:
        return None
    from rag.llm import provider
    from rag.llm.calling import Caller

    if model is not None and not hasattr(model, "stream"):
        raise BadInput(f"llm must be a model with a method stream, or a name such as ollama:llama3.2, not {model!r}")
    return Caller(model or provider(config.llm, config.limits), config.limits)


def judge(config: Config) -> Entailment | None:
    """The model that tells whether a passage bears a sentence out, where the settings name one.

    Raises BadInput for a folder that none may be loaded from.
    """
    if not config.judge:
        return None
    from rag.entailment import Entailment

    return Entailment(config.judge)


def templates(config: Config) -> Templates:
    """The prompts in force. Raises BadInput for a folder or a prompt that cannot work."""
    return Templates(Path(config.prompts).expanduser() if config.prompts else None)
