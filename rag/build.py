"""Where names become objects: the only place that takes a Config."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import chunking
from corpus.errors import BadInput
from rag.assistant import Assistant
from rag.config import OPTION, Config
from rag.copies import Once
from rag.extractive import Extractive
from rag.preferring import Preferring
from rag.retrieval import Retriever, hybrid
from rag.setup import Answering, Setup
from rag.templates import Templates
from vectorstore.embedders import Choice, chosen
from vectorstore.embedders.hashing import Hashing
from vectorstore.embedders.minilm import MiniLM
from vectorstore.identity import remembered
from vectorstore.index import Index

if TYPE_CHECKING:
    from corpus.reading import Reader
    from rag.entailment import Entailment
    from rag.llm.base import Provider
    from rag.llm.calling import Caller
    from rag.reranking import CrossEncoder
    from vectorstore.base import Embedder, TokenEmbedder

_log = logging.getLogger(__name__)


def assistant(config: Config, report: Callable[[str], None] = _log.warning, model: Provider | None = None) -> Assistant:
    """``report`` is told, in a line each, of repairs to the archive's indexes.

    ``model`` is asked in the place of the one that the settings name.
    """
    config = settled(config)
    choice = _choice(config)
    embeds = chosen(choice, _endpoints(config))
    index = Index(config.home, embeds, chunking=chunking.settings(), choice=choice, report=report)
    built_in = Extractive(_reading(embeds), abstain_above=config.abstain_above)
    answers = _answering(config, built_in, embeds, model)

    def another(llm: str) -> Answering:
        return _answering(replace(config, llm=llm), built_in, embeds)

    setup = Setup(config.shown(), answers.caller, templates(config), another)
    return Assistant(
        index,
        embeds,
        Once(Preferring(_retriever(config))),
        answers.composer,
        k=config.k,
        reader=_sandbox,
        rewriter=answers.rewriter,
        setup=setup,
    )


def _answering(config: Config, built_in: Extractive, embeds: Embedder, model: Provider | None = None) -> Answering:
    called = caller(config, model)
    if called is None:
        return Answering(built_in)
    from rag.prompted import Prompted
    from rag.rewriting import Rewriting

    words = templates(config)
    return Answering(Prompted(called, built_in, words, embeds, judge(config)), Rewriting(called, words), called)


def settled(config: Config) -> Config:
    """The same with the embedder that the archive belongs to, where no setting names one."""
    known = remembered(config.home / "archive.db")
    named = config.origins.get("embedder")
    if known is None or named == OPTION or (named and config.embedder != known.name):
        return config
    follows = {name: value for name, value in asdict(known).items() if name != "name" and name not in config.origins}
    follows = {name: value for name, value in follows.items() if value}
    if not named:
        follows["embedder"] = known.name
    return replace(config, **follows, origins={**config.origins, **dict.fromkeys(follows, "the archive")})


def _choice(config: Config) -> Choice:
    return Choice(config.embedder, config.query_prefix, config.passage_prefix)


def _endpoints(config: Config) -> dict[str, Callable[[str], Embedder]]:
    from rag.llm.embeddings import endpoints

    return {**endpoints(config.limits)}


def _reading(embeds: Embedder) -> TokenEmbedder:
    """What sentences are read with: the embedder where it can, else the model that ships with us."""
    return embeds if isinstance(embeds, MiniLM | Hashing) else MiniLM()


def _retriever(config: Config) -> Retriever:
    scorer = reranker(config)
    if scorer is None:
        return hybrid()
    from rag.reranking import Reranked

    return Reranked(hybrid(), scorer)


def reranker(config: Config) -> CrossEncoder | None:
    """The model that reads the best passages once more, where the settings name one; its folder is looked at later."""
    if not config.reranker:
        return None
    from rag.reranking import CrossEncoder

    return CrossEncoder(config.reranker)


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
