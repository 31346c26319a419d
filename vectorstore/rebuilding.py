"""Give an archive to another embedder while the old one goes on answering.

Three steps, each of which may be killed: embed everything into a staging file, build new indexes beside the old ones,
and exchange all of it at once. Whoever asks meanwhile sees the old state or the new one, never a mixture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from corpus.document import Document, Passage
from corpus.errors import BadInput
from vectorstore.archive import Archive
from vectorstore.base import Embedder, Record
from vectorstore.derived import Derived
from vectorstore.errors import ArchiveUnavailable
from vectorstore.staging import Staging
from vectorstore.stored import Entry

_PASSAGES_AT_ONCE = 128  # embedded together and kept together: so much is lost to a kill

Split = Callable[[Document], list[Passage]]
Progress = Callable[[int, int], None]


def embed(
    archive: Archive, staging: Staging, embedder: Embedder, split: Split, on_progress: Progress
) -> Sequence[Entry]:
    """Make passages and vectors of every document that has none in the staging file yet; all the documents.

    ``on_progress`` hears of documents done and their number. Raises BadInput where the embedder reads too little for
    a document's header.
    """
    with archive.read() as snapshot:
        entries = sorted(snapshot.entries(), key=lambda entry: entry.id)
        staging.keep(entry.id for entry in entries)
        done = staging.done()
        on_progress(len(done), len(entries))
        waiting: list[tuple[int, list[Passage]]] = []
        for entry in entries:
            if entry.id in done:
                continue
            document = snapshot.document(entry.header.name)
            assert document is not None
            waiting.append((entry.id, _split(document, split, embedder)))
            if sum(len(passages) for _, passages in waiting) >= _PASSAGES_AT_ONCE:
                _keep(waiting, staging, embedder)
                done.update(id_ for id_, _ in waiting)
                on_progress(len(done), len(entries))
                waiting = []
        if waiting:
            _keep(waiting, staging, embedder)
            on_progress(len(entries), len(entries))
    return entries


def exchange(
    archive: Archive,
    staging: Staging,
    entries: Sequence[Entry],
    notes: Mapping[str, str],
    indexes: Sequence[Derived[Any]],
) -> None:
    """Put what the staging file holds of ``entries`` in the place of the archive's passages, vectors and indexes."""
    with archive.read() as snapshot:
        last = snapshot.last_passage_id()
    for index in indexes:
        index.build_beside(_records(staging, entries, last))
    with archive.write() as transaction:
        if transaction.last_passage_id() != last or len(transaction.entries()) != len(entries):
            raise ArchiveUnavailable(f"{archive.path} was changed while it was being rebuilt; run the command again")
        for entry, passages, vectors in staging.read(entries):
            transaction.replace_passages(entry, passages, vectors)
        transaction.set_meta(notes)
    with archive.read() as snapshot:
        for index in indexes:
            index.release_beside(snapshot)
    staging.discard()


def _split(document: Document, split: Split, embedder: Embedder) -> list[Passage]:
    try:
        return split(document)
    except ValueError as error:
        raise BadInput(f"{embedder.name} reads too little of a text: {error}; take another embedder") from error


def _keep(waiting: Sequence[tuple[int, list[Passage]]], staging: Staging, embedder: Embedder) -> None:
    vectors = embedder.embed_passages([passage.embedded_text() for _, passages in waiting for passage in passages])
    made, first = [], 0
    for document_id, passages in waiting:
        made.append((document_id, passages, vectors[first : first + len(passages)]))
        first += len(passages)
    staging.put(made)


def _records(staging: Staging, entries: Sequence[Entry], last: int) -> Iterator[Record]:
    """As the indexes will hold them, under the numbers that the passages will get."""
    for entry, passages, vectors in staging.read(entries):
        for passage, vector in zip(passages, vectors, strict=True):
            last += 1
            yield Record(last, entry.id, passage.line(), passage.indexed_text(), vector)
