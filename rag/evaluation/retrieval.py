"""Measure retrieval on a public set in BEIR form: corpus.jsonl, queries.jsonl, qrels/test.tsv.

The set is indexed the way an archive is, with passages, and a document is ranked by its best passage.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

from corpus import chunking
from corpus.document import Document, Header, Passage
from corpus.errors import BadInput
from rag.evaluation.metrics import Relevance, ndcg, recall, reciprocal_rank
from rag.question import understand
from rag.retrieval import Articles, Dense, Lexical, Retriever, hybrid
from rag.splitting import split
from vectorstore.base import Hit
from vectorstore.embedders import embedder
from vectorstore.index import Index

SYSTEMS: dict[str, Callable[[], Retriever]] = {
    "dense": Dense,
    "passages": Lexical,
    "articles": Articles,
    "hybrid": hybrid,
}
_DEPTH = 100  # passages asked for; ten documents are among them
_PASSAGES_AT_ONCE = 256


def measure(
    folder: Path, *, work: Path | None = None, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, dict[str, float]]:
    """Means over the judged queries, by system and by measure. ``work`` keeps the built archive between calls.

    Raises BadInput where the folder is no such set.
    """
    documents, queries, qrels = _read(folder)
    with TemporaryDirectory() as temporary:
        index = Index(Path(work or temporary), embedder(), chunking=chunking.settings())
        try:
            _fill(index, documents, on_progress)
            return {name: _means(index, build(), queries, qrels) for name, build in SYSTEMS.items()}
        finally:
            index.close()


def _means(
    index: Index, retriever: Retriever, queries: Mapping[str, str], qrels: Mapping[str, Relevance]
) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for id_, relevance in qrels.items():
        with index.read() as view:
            ranking = _documents(retriever.retrieve(understand(queries[id_]), view, _DEPTH))
        for name, value in (
            ("nDCG@10", ndcg(ranking, relevance, 10)),
            ("R@5", recall(ranking, relevance, 5)),
            ("R@10", recall(ranking, relevance, 10)),
            ("RR@10", reciprocal_rank(ranking, relevance, 10)),
        ):
            values.setdefault(name, []).append(value)
    return {name: fmean(each) for name, each in values.items()}


def _documents(hits: Iterable[Hit]) -> list[str]:
    """Each document once, where its best passage stands."""
    return list(dict.fromkeys(hit.passage.document.name for hit in hits))


def _fill(index: Index, documents: list[dict[str, Any]], on_progress: Callable[[int, int], None]) -> None:
    with index.writing("builds a test set"), index.snapshot() as snapshot:
        stored = {entry.source: entry.sha256 for entry in snapshot.entries()}
        index.claim()
        waiting: list[tuple[Document, list[Passage], str]] = []
        for number, row in enumerate(documents):
            on_progress(number, len(documents))
            digest = sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
            if stored.get(row["_id"]) == digest:
                continue
            document = Document(Header(row["_id"], title=row.get("title") or None), row["text"] or row["_id"])
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


def _read(folder: Path) -> tuple[list[dict[str, Any]], dict[str, str], dict[str, dict[str, int]]]:
    try:
        documents = list(_rows(folder / "corpus.jsonl"))
        queries = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
        qrels: dict[str, dict[str, int]] = {}
        with (folder / "qrels" / "test.tsv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                qrels.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    except (OSError, json.JSONDecodeError, KeyError, ValueError) as error:
        raise BadInput(
            f"{folder} is no set in BEIR form (corpus.jsonl, queries.jsonl, qrels/test.tsv): {error}"
        ) from error
    if missing := qrels.keys() - queries.keys():
        raise BadInput(f"{folder}: qrels judge queries that queries.jsonl lacks: {', '.join(sorted(missing)[:3])}")
    return documents, queries, qrels


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
