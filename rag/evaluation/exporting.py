"""An archive and a question set as a public set in BEIR form, so that retrieval can be measured, here or elsewhere.

Writes ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/test.tsv``, which ``beir.read`` reads. The judgements are the
documents that a question's evidence names, of grade 1; nobody judged the others. BEIR has no conversations: of a
later turn only the question itself is written. Knows nothing of what retrieval makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from corpus.document import Header
from corpus.errors import BadInput
from rag.assistant import Assistant
from rag.evaluation import trec
from rag.evaluation.items import Item, json_line
from rag.evaluation.metrics.documents import is_from
from rag.evaluation.run import write_whole

_NOT_IN_A_NAME = re.compile(r"[\s%\x00-\x1f\x7f]")  # TREC's columns are told apart by white space


@dataclass(frozen=True)
class Exported:
    """How much was written. ``without_evidence`` are the ids of questions that nothing judges, so that they are left
    out; ``unknown`` the names of evidence that stand for no document of the archive."""

    documents: int
    queries: int
    judgements: int
    without_evidence: tuple[str, ...]
    unknown: tuple[str, ...]


def export(
    desk: Assistant,
    items: Sequence[Item],
    folder: Path,
    *,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Exported:
    """Write the archive and the questions into ``folder``; white space and % in names become %20 and the like.

    Evidence that names no document of the archive is judged under its own name: no system can find it, and that
    counts. Raises BadInput where no question has evidence, or the folder cannot be written.
    """
    headers = desk.documents()
    named = {doc: _names(doc, headers) for item in items for doc in (each.doc for each in item.evidence)}
    qrels = {
        safe(item.id): {safe(name): 1 for each in item.evidence for name in named[each.doc] or [each.doc]}
        for item in items
        if item.evidence
    }
    if not qrels:
        raise BadInput("no question of the set names its evidence; without it nothing says what should be found")
    judged = [item for item in items if item.evidence]
    try:
        (folder / "qrels").mkdir(parents=True, exist_ok=True)
        with (folder / "corpus.jsonl").open("wb") as file:
            for done, header in enumerate(headers):
                on_progress(done, len(headers))
                text = desk.document(header.name).text
                file.write(json_line({"_id": safe(header.name), "title": header.title or "", "text": text}))
        on_progress(len(headers), len(headers))
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error.strerror}; name another with --out") from error
    queries = (json_line({"_id": safe(item.id), "text": item.question}) for item in judged)
    write_whole(folder / "queries.jsonl", b"".join(queries))
    write_whole(folder / "qrels" / "test.tsv", "".join(_table(qrels)).encode("utf-8"))
    return Exported(
        len(headers),
        len(judged),
        sum(map(len, qrels.values())),
        tuple(item.id for item in items if not item.evidence),
        tuple(doc for doc, names in named.items() if not names),
    )


def safe(name: str) -> str:
    """A name that BEIR's table and TREC's columns can hold."""
    return _NOT_IN_A_NAME.sub(lambda sign: quote(sign.group()), name)


def _names(gold: str, headers: Sequence[Header]) -> list[str]:
    """The documents that a set means by ``gold``."""
    return [header.name for header in headers if is_from({"doc": header.name, "title": header.title}, gold)]


def _table(qrels: trec.Qrels) -> Iterator[str]:
    yield "query-id\tcorpus-id\tscore\n"
    for query, relevance in qrels.items():
        for document, grade in relevance.items():
            yield f"{query}\t{document}\t{grade}\n"
