"""BM25 in tantivy over passages and over whole articles: a derived index. The only home of tantivy.

Reading is safe while another process writes; writing is for one process at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from vectorstore.base import Query, Record
from vectorstore.errors import IndexUnavailable

_ANALYZER = "english"
_HEAP_BYTES = 64_000_000
_NOT_WORDS = re.compile(r"[^\w]+")
_HEADER_BOOST = 0.5  # a header stands before every passage of its article and tells them apart little


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:  # tantivy raises no others
        raise IndexUnavailable(f"tantivy cannot be used ({error}); it is built again at the next start") from error


class LexicalIndex:
    """BM25 (k1 1.2, b .75) with English stemming, stop words and diacritics folded."""

    @_translated()
    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy = tantivy
        builder = tantivy.SchemaBuilder()
        for field in ("passage_id", "document_id", "article_id"):
            builder.add_unsigned_field(field, stored=False, indexed=True, fast=True)
        for field in ("header", "text", "article"):
            builder.add_text_field(field, stored=False, tokenizer_name=_ANALYZER)
        self._schema = builder.build()
        folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
        self._index.register_tokenizer(_ANALYZER, _analyzer())

    @_translated()
    def add(self, records: Sequence[Record]) -> None:
        writer = self._index.writer(_HEAP_BYTES, 1)
        for document_id, group in groupby(records, key=lambda record: record.document_id):
            passages = list(group)
            self._delete_document(writer, document_id)
            for record in passages:
                self._add(writer, passage_id=record.passage_id, document_id=document_id, **_fields(record))
            article = "\n".join([passages[0].header, *(record.text for record in passages)])
            self._add(writer, article_id=document_id, document_id=document_id, article=article)
        self._commit(writer)

    @_translated()
    def remove(self, document_ids: Sequence[int], passage_ids: Sequence[int]) -> None:
        writer = self._index.writer(_HEAP_BYTES, 1)
        for document_id in document_ids:
            self._delete_document(writer, document_id)
        for passage_id in passage_ids:
            writer.delete_documents_by_query(self._term("passage_id", passage_id))
        self._commit(writer)

    @_translated()
    def passage_ids(self) -> set[int]:
        self._index.reload()
        searcher = self._index.searcher()
        everything = searcher.search(self._tantivy.Query.all_query(), limit=max(searcher.num_docs, 1), count=False)
        return {id_ for id_ in self._values(searcher, "passage_id", everything.hits) if id_ is not None}

    def reload(self) -> None:
        """See what has been committed since, by this process or another."""
        self._index.reload()

    def search(self, query: Query, k: int, within: Sequence[int] | None) -> list[tuple[int, float]]:
        return self._search(query, ["text", "header"], "passage_id", k, within)

    def search_articles(self, query: Query, k: int, within: Sequence[int] | None) -> list[tuple[int, float]]:
        """The same over whole articles: (document id, score) pairs."""
        return self._search(query, ["article"], "article_id", k, within)

    @_translated()
    def frequency(self, term: str) -> int:
        """In how many passages a term, as ``terms`` gives it, occurs."""
        # Not doc_freq: it counts what was removed until tantivy next merges its segments.
        matching = self._tantivy.Query.term_query(self._schema, "text", term)
        return int(self._index.searcher().search(matching, limit=1, count=True).count)

    def close(self) -> None:
        """Nothing stays open between calls."""

    @_translated()
    def _search(
        self, query: Query, fields: list[str], key: str, k: int, within: Sequence[int] | None
    ) -> list[tuple[int, float]]:
        # Only words go to the parser, in lower case: no operator, no field name, no quote can be written.
        words = _NOT_WORDS.sub(" ", query.text).lower().strip()
        if not terms(words) or k == 0 or (within is not None and not within):
            return []  # nothing but stop words, or nowhere to look
        matching = self._index.parse_query(words, fields, field_boosts={"header": _HEADER_BOOST})
        if within is not None:
            matching = self._narrowed(matching, within)
        searcher = self._index.searcher()
        hits = searcher.search(matching, limit=k, count=False).hits
        found = self._values(searcher, key, hits)
        return [(id_, score) for id_, (score, _) in zip(found, hits, strict=True) if id_ is not None]

    def _narrowed(self, matching: Any, within: Sequence[int]) -> Any:
        allowed = self._tantivy.Query.term_set_query(self._schema, "document_id", list(within))
        must = self._tantivy.Occur.Must
        silent = self._tantivy.Query.const_score_query(allowed, 0.0)
        return self._tantivy.Query.boolean_query([(must, matching), (must, silent)])

    def _values(self, searcher: Any, field: str, hits: Sequence[Any]) -> list[int | None]:
        return list(searcher.fast_field_values(field, [address for _, address in hits]))

    def _delete_document(self, writer: Any, document_id: int) -> None:
        writer.delete_documents_by_query(self._term("document_id", document_id))

    def _term(self, field: str, value: int) -> Any:
        return self._tantivy.Query.term_query(self._schema, field, value)

    def _add(self, writer: Any, **fields: int | str) -> None:
        document = self._tantivy.Document()
        for field, value in fields.items():
            if isinstance(value, int):
                document.add_unsigned(field, value)
            else:
                document.add_text(field, value)
        writer.add_document(document)

    def _commit(self, writer: Any) -> None:
        writer.commit()
        writer.wait_merging_threads()  # it also lets go of tantivy's own lock
        self._index.reload()


def _fields(record: Record) -> dict[str, str]:
    return {"header": record.header, "text": record.text}


@cache
def _analyzer() -> Any:
    import tantivy

    filters = tantivy.Filter
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(filters.remove_long(60))
        .filter(filters.lowercase())
        .filter(filters.ascii_fold())
        .filter(filters.stopword("english"))
        .filter(filters.stemmer("english"))
        .build()
    )


def terms(text: str) -> list[str]:
    """The words of ``text`` as the index knows them: lower case, without stop words, stemmed."""
    return list(_analyzer().analyze(text))
