"""Measure retrieval on a public set in BEIR form, or a run that any system made over one.

The set is indexed the way an archive is, with passages, and a document is ranked by its best passage. Figures are
means over the judged queries under the names of ir_measures, parameters and all; a query that a run lacks scores 0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from corpus import chunking
from corpus.document import Document, Header, Passage
from corpus.errors import BadInput
from rag.evaluation import beir, trec
from rag.evaluation.beir import Beir, Text
from rag.evaluation.metrics.judged import judged
from rag.evaluation.metrics.ndcg import ndcg
from rag.evaluation.metrics.recall import recall
from rag.evaluation.metrics.reciprocal_rank import reciprocal_rank
from rag.evaluation.metrics.relevance import Relevance, ranked
from rag.evaluation.metrics.success import success
from rag.keeping.splitting import split
from rag.question import understand
from rag.retrieval import Articles, Dense, Lexical, Retriever, hybrid
from vectorstore.base import Hit
from vectorstore.embedders import embedder
from vectorstore.index import Index

SYSTEMS: dict[str, Callable[[], Retriever]] = {
    "dense": Dense,
    "passages": Lexical,
    "articles": Articles,
    "hybrid": hybrid,
}
MEASURES: dict[str, Callable[[Sequence[str], Relevance], float]] = {
    "nDCG@10": partial(ndcg, k=10),
    "R@5": partial(recall, k=5),
    "R@10": partial(recall, k=10),
    "RR@10": partial(reciprocal_rank, k=10),
    "Success@5": partial(success, k=5),
    "Judged@10": partial(judged, k=10),
}
_DEPTH = 100  # passages asked for; ten documents are among them
_PASSAGES_AT_ONCE = 256


def measure(
    folder: Path,
    *,
    work: Path | None = None,
    runs: Path | None = None,
    history: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, dict[str, float]]:
    """Means over the judged queries, by system and by measure. ``work`` keeps the built archive between calls.

    ``runs`` is a folder for the judgements, ``qrels.txt``, and what each system found, ``SYSTEM.run``, in TREC's form.
    ``history``: a query is asked after the conversation that the set gives with it, else alone.
    Raises BadInput where the folder is no such set, has no conversations and they are asked for, or its names cannot be
    written in that form.
    """
    given = beir.read(folder)
    if history and not given.histories:
        raise BadInput(f"{folder / 'queries.jsonl'} has no conversations: no query has metadata.history")
    if runs is not None:
        try:
            runs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"{runs} cannot be made a folder: {error.strerror}") from error
        trec.write_qrels(runs / "qrels.txt", given.qrels)
    figures = {}
    with TemporaryDirectory() as temporary:
        index = Index(Path(work or temporary), embedder(), chunking=chunking.settings())
        try:
            fill(index, given.documents, on_progress)
            for name, build in SYSTEMS.items():
                rankings = _rankings(index, build(), given, history=history)
                if runs is not None:
                    trec.write_run(runs / f"{name}.run", rankings, tag=name)
                figures[name] = means(rankings, given.qrels)
        finally:
            index.close()
    return figures


def measure_run(judgements: Path, run: Path) -> dict[str, float]:
    """Means of a TREC run by measure; ``judgements`` is a set in BEIR form or a TREC file of judgements.

    Raises BadInput where either cannot be read, or the run has none of the judged queries.
    """
    qrels = beir.read_qrels(judgements) if judgements.is_dir() else trec.read_qrels(judgements)
    rankings = {query: ranked(scores) for query, scores in trec.read_run(run).items()}
    if not qrels.keys() & rankings.keys():
        raise BadInput(f"{run} has none of the queries that {judgements} judges; are they of the same set?")
    return means(rankings, qrels)


def means(rankings: Mapping[str, Sequence[str]], qrels: Mapping[str, Relevance]) -> dict[str, float]:
    """By measure, over the judged queries."""
    return {
        name: fmean(measured(rankings.get(query, ()), relevance) for query, relevance in qrels.items())
        for name, measured in MEASURES.items()
    }


def _rankings(index: Index, retriever: Retriever, given: Beir, *, history: bool) -> dict[str, list[str]]:
    """Of the judged queries."""
    found = {}
    for id_ in given.qrels:
        question = understand(given.queries[id_], given.histories.get(id_, ()) if history else ())
        with index.read() as view:
            found[id_] = _documents(retriever.retrieve(question, view, _DEPTH))
    return found


def _documents(hits: Iterable[Hit]) -> list[str]:
    """Each document once, where its best passage stands."""
    return list(dict.fromkeys(hit.passage.document.name for hit in hits))


def fill(index: Index, documents: Sequence[Text], on_progress: Callable[[int, int], None]) -> None:
    """Store what the index has not, under the documents' ids as names."""
    with index.writing("builds a test set"), index.snapshot() as snapshot:
        stored = {entry.source: entry.sha256 for entry in snapshot.entries()}
        index.claim()
        waiting: list[tuple[Document, list[Passage], str]] = []
        for number, text in enumerate(documents):
            on_progress(number, len(documents))
            digest = sha256(json.dumps(vars(text), sort_keys=True).encode()).hexdigest()
            if stored.get(text.id) == digest:
                continue
            document = Document(Header(text.id, title=text.title or None), text.text or text.id)
            waiting.append((document, split(document, index.embedder), digest))
            if sum(len(passages) for _, passages, _ in waiting) >= _PASSAGES_AT_ONCE:
                _store(index, waiting)
                waiting = []
        _store(index, waiting)
    index.catch_up()
    on_progress(len(documents), len(documents))


def _store(index: Index, waiting: list[tuple[Document, list[Passage], str]]) -> None:
    vectors = index.embedder.embed_passages([p.embedded_text() for _, passages, _ in waiting for p in passages])
    first = 0
    for document, passages, digest in waiting:
        rows = vectors[first : first + len(passages)]
        first += len(passages)
        name = document.header.name
        with index.transaction() as transaction:
            transaction.add(document, passages, rows, source=name, file=name, sha256=digest)
