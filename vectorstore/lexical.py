"""BM25 in tantivy over passages and over whole articles: a derived index. The only home of tantivy.

Reading is safe while another process writes; writing is for one process at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby, product
from math import log
from pathlib import Path
from typing import Any

from vectorstore.base import Query, Record
from vectorstore.errors import IndexUnavailable
from vectorstore.words import normalised

_LAYOUT = "2"  # to be changed whenever equal text would be other words, or in other fields
_ANALYZER, _PLAIN = "english", "plain"
_HEAP_BYTES = 64_000_000
_LEAST = 1.0  # of a word's rarity: what an article gets at least for having it, however long it is
_WORD = "word"  # the field of words as they are written
_HEADER_BOOST = 0.5  # a header stands before every passage of its article and tells them apart little


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:  # tantivy raises no others
        raise IndexUnavailable(f"tantivy cannot be used ({error}); it is built again at the next start") from error


class LexicalIndex:
    """BM25 (k1 1.2, b .75) with English stemming, stop words and diacritics folded.

    Passages and articles are two tantivy indexes: tantivy takes the number of texts and their mean length over all of
    an index, so articles among passages would count as several times longer than they are.
    """

    @_translated()
    def __init__(self, folder: Path) -> None:
        """Raises IndexUnavailable where an earlier version, which had other words, wrote the folder."""
        mark = folder / "layout"
        if folder.is_dir() and any(folder.iterdir()) and not (mark.is_file() and mark.read_text() == _LAYOUT):
            raise IndexUnavailable(f"{folder} was written by an earlier version; it is built again")
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(_LAYOUT)
        self._passages = _Texts(folder / "passages", {"text": 1.0, "header": _HEADER_BOOST})
        self._articles = _Texts(folder / "articles", {"article": 1.0})

    @_translated()
    def add(self, records: Sequence[Record]) -> None:
        documents = {id_: list(group) for id_, group in groupby(records, key=lambda record: record.document_id)}
        # Articles first: a passage that is here says that its article is, too.
        with self._articles.changing() as articles:
            for document_id, group in documents.items():
                self._articles.remove(articles, "document_id", document_id)
                text = "\n".join([group[0].header, *(record.text for record in group)])
                self._articles.add(articles, document_id, document_id, {"article": text, _WORD: text})
        with self._passages.changing() as passages:
            for document_id, group in documents.items():
                self._passages.remove(passages, "document_id", document_id)
                for record in group:
                    self._passages.add(passages, record.passage_id, document_id, _fields(record))

    @_translated()
    def remove(self, document_ids: Sequence[int], passage_ids: Sequence[int]) -> None:
        with self._articles.changing() as articles:
            for document_id in document_ids:
                self._articles.remove(articles, "document_id", document_id)
        with self._passages.changing() as passages:
            for document_id in document_ids:
                self._passages.remove(passages, "document_id", document_id)
            for passage_id in passage_ids:
                self._passages.remove(passages, "id", passage_id)

    @_translated()
    def passage_ids(self) -> set[int]:
        """Raises IndexUnavailable where passages and articles are not of the same documents."""
        self.reload()
        if self._passages.values("document_id") != self._articles.values("document_id"):
            raise IndexUnavailable("tantivy holds passages without their article, or the other way round")
        return self._passages.values("id")

    def reload(self) -> None:
        """See what has been committed since, by this process or another."""
        self._articles.reload()
        self._passages.reload()

    @_translated()
    def search(self, query: Query, k: int, within: Sequence[int] | None) -> list[tuple[int, float]]:
        """A word that the query has twice counts twice."""
        return self._passages.search(query.text, k, within)

    @_translated()
    def search_articles(self, query: Query, k: int, within: Sequence[int] | None) -> list[tuple[int, float]]:
        """The same over whole articles: (document id, score) pairs."""
        return self._articles.search(query.text, k, within)

    @_translated()
    def scores(self, query: Query, passage_ids: Sequence[int]) -> dict[int, float]:
        """What ``search`` would give these passages; one that has none of the words is absent."""
        return self._passages.scores(query.text, passage_ids)

    @_translated()
    def article_scores(self, query: Query, document_ids: Sequence[int]) -> dict[int, float]:
        """By BM25+ (Lv and Zhai, 2011): as ``search_articles`` and, for each word that is there at all, a little more.

        ``search_articles`` goes without: tantivy then need not look at every article that has one of the words.
        """
        return self._articles.scores(query.text, document_ids, least=_LEAST)

    @_translated()
    def frequency(self, term: str) -> int:
        """In how many passages a term, as ``terms`` gives it, occurs."""
        return self._passages.frequency("text", term)

    @_translated()
    def words_beginning_with(self, letters: str) -> list[tuple[str, int]]:
        """The words of all articles, folded and not stemmed, and in how many articles each is."""
        return self._articles.words_beginning_with(letters)

    def close(self) -> None:
        """Nothing stays open between calls."""


class _Texts:
    """One tantivy index of texts, each with an id of its own and its document's; ``fields`` are their weights."""

    def __init__(self, folder: Path, fields: Mapping[str, float]) -> None:
        import tantivy

        self._tantivy = tantivy
        self._fields = fields
        builder = tantivy.SchemaBuilder()
        for name in ("id", "document_id"):
            builder.add_unsigned_field(name, stored=False, indexed=True, fast=True)
        for name in fields:
            builder.add_text_field(name, stored=False, tokenizer_name=_ANALYZER)
        builder.add_text_field(_WORD, stored=False, tokenizer_name=_PLAIN, index_option="basic")
        self._schema = builder.build()
        folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
        self._index.register_tokenizer(_ANALYZER, _analyzer())
        self._index.register_tokenizer(_PLAIN, _plain_analyzer())

    @contextmanager
    def changing(self) -> Iterator[Any]:
        """What is added and removed meanwhile is committed at the end, or not at all."""
        writer = self._index.writer(_HEAP_BYTES, 1)
        try:
            yield writer
            writer.commit()
        finally:
            writer.wait_merging_threads()  # it also lets go of tantivy's own lock
        self._index.reload()

    def add(self, writer: Any, id_: int, document_id: int, texts: Mapping[str, str]) -> None:
        document = self._tantivy.Document()
        document.add_unsigned("id", id_)
        document.add_unsigned("document_id", document_id)
        for field, text in texts.items():
            document.add_text(field, normalised(text))
        writer.add_document(document)

    def remove(self, writer: Any, field: str, value: int) -> None:
        writer.delete_documents_by_query(self._tantivy.Query.term_query(self._schema, field, value))

    def reload(self) -> None:
        self._index.reload()

    def values(self, field: str) -> set[int]:
        """Of a field of numbers, over all texts."""
        searcher = self._index.searcher()
        everything = searcher.search(self._tantivy.Query.all_query(), limit=max(searcher.num_docs, 1), count=False)
        return set(searcher.fast_field_values(field, [address for _, address in everything.hits]))

    def frequency(self, field: str, term: str) -> int:
        # Not doc_freq: it counts what was removed until tantivy next merges its segments.
        matching = self._tantivy.Query.term_query(self._schema, field, term)
        return int(self._index.searcher().search(matching, limit=1, count=True).count)

    def words_beginning_with(self, letters: str) -> list[tuple[str, int]]:
        return list(self._index.searcher().terms_with_prefix(_WORD, letters))

    def search(self, words: str, k: int, within: Sequence[int] | None) -> list[tuple[int, float]]:
        """At most ``k`` (id, score) pairs, best first, of the documents ``within``, None for all."""
        clauses = self._clauses(words)
        if not clauses or k == 0 or (within is not None and not within):
            return []  # nothing but stop words, or nowhere to look
        query, must = self._tantivy.Query, self._tantivy.Occur.Must
        matching = query.boolean_query(clauses)
        if within is not None:
            allowed = query.term_set_query(self._schema, "document_id", list(within))
            matching = query.boolean_query([(must, matching), (must, query.const_score_query(allowed, 0.0))])
        return self._best(matching, k)

    def scores(self, words: str, ids: Sequence[int], *, least: float = 0.0) -> dict[int, float]:
        """Of the texts of these ids that have one of the words; ``least`` is what a text has at least of the rarity
        of each word that is in it."""
        clauses = self._clauses(words, least)
        if not clauses or not ids:
            return {}
        query, occur = self._tantivy.Query, self._tantivy.Occur
        # For some hundred ids quicker than a set of terms, which goes through all ids there are.
        chosen = [query.term_query(self._schema, "id", id_) for id_ in ids]
        either = query.boolean_query([(occur.Should, query.const_score_query(each, 0.0)) for each in chosen])
        found = self._best(query.boolean_query([(occur.Must, either), *clauses]), len(ids))
        return {id_: score for id_, score in found if score > 0.0}

    def _clauses(self, words: str, least: float = 0.0) -> list[Any]:
        """What matches a text that has any of the words. No parser: no operator, no field name can be written."""
        query, should = self._tantivy.Query, self._tantivy.Occur.Should
        searcher = self._index.searcher()
        clauses = []
        for (term, count), (field, weight) in product(Counter(terms(words)).items(), self._fields.items()):
            has = query.term_query(self._schema, field, term)
            clauses.append((should, query.boost_query(has, count * weight)))
            if least:
                rarity = _rarity(searcher.doc_freq(field, term), searcher.num_docs)
                clauses.append((should, query.const_score_query(has, least * count * weight * rarity)))
        return clauses

    def _best(self, matching: Any, k: int) -> list[tuple[int, float]]:
        searcher = self._index.searcher()
        hits = searcher.search(matching, limit=k, count=False).hits
        ids = searcher.fast_field_values("id", [address for _, address in hits])
        return [(id_, score) for id_, (score, _) in zip(ids, hits, strict=True)]


def _rarity(texts_with: int, texts: int) -> float:
    """As in tantivy's BM25; what was removed may still be among ``texts_with``."""
    return log(1 + max(texts - texts_with + 0.5, 0.0) / (texts_with + 0.5))


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


@cache
def _plain_analyzer() -> Any:
    import tantivy

    filters = tantivy.Filter
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return builder.filter(filters.remove_long(30)).filter(filters.lowercase()).filter(filters.ascii_fold()).build()


def terms(text: str) -> list[str]:
    """The words of ``text`` as the index knows them: in one form, lower case, without stop words, stemmed."""
    return list(_analyzer().analyze(normalised(text)))
