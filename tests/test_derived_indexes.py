"""What Chroma and tantivy share: the contract of a derived index; then what is each one's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from math import log
from pathlib import Path

import numpy
import pytest

from vectorstore.base import DerivedIndex, Query, Record, Vector
from vectorstore.chroma import ChromaIndex
from vectorstore.embedders.hashing import Hashing
from vectorstore.errors import IndexUnavailable
from vectorstore.examine import KINDS, examine
from vectorstore.lexical import LexicalIndex, terms

EMBED = Hashing()


def record(passage_id: int, document_id: int, text: str) -> Record:
    return Record(passage_id, document_id, "", text, EMBED.embed_query(text))


def query(text: str) -> Query:
    return Query(text, EMBED.embed_query(text))


FERRY = [record(1, 1, "The ferry struck the harbour wall."), record(2, 1, "Nobody on board was hurt.")]
HARVEST = [record(3, 2, "Apples ripen early in the vale.")]


@pytest.fixture(params=list(KINDS))
def build(request: pytest.FixtureRequest) -> Callable[[Path], DerivedIndex]:
    return KINDS[request.param]


def test_an_empty_index_finds_nothing(build: Callable[[Path], DerivedIndex], tmp_path: Path) -> None:
    index = build(tmp_path / "index")
    assert index.search(query("ferry"), 5, None) == []
    assert index.passage_ids() == set()
    index.close()


def test_the_passage_with_the_words_asked_for_comes_first(
    build: Callable[[Path], DerivedIndex], tmp_path: Path
) -> None:
    index = build(tmp_path / "index")
    index.add([*FERRY, *HARVEST])
    found = index.search(query("ferry struck harbour wall"), 5, None)
    assert found[0][0] == 1
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    index.close()


def test_adding_or_removing_twice_changes_nothing(build: Callable[[Path], DerivedIndex], tmp_path: Path) -> None:
    index = build(tmp_path / "index")
    index.add([*FERRY, *HARVEST])
    index.add(FERRY)
    assert index.passage_ids() == {1, 2, 3}
    index.remove([1], [1, 2])
    index.remove([1], [1, 2])
    assert index.passage_ids() == {3}
    assert [id_ for id_, _ in index.search(query("ferry wall apples"), 5, None)] == [3]
    index.close()


def test_what_was_added_is_there_when_it_is_opened_again(build: Callable[[Path], DerivedIndex], tmp_path: Path) -> None:
    index = build(tmp_path / "index")
    index.add(HARVEST)
    index.close()
    again = build(tmp_path / "index")
    assert examine(again, EMBED.dimension) == [3]
    again.close()


def test_chroma_gives_cosine_similarity(tmp_path: Path) -> None:
    index = ChromaIndex(tmp_path / "chroma")
    vector: Vector = numpy.zeros(4, dtype=numpy.float32)
    vector[0] = 1.0
    other: Vector = numpy.zeros(4, dtype=numpy.float32)
    other[:2] = 0.5**0.5
    index.add([Record(1, 1, "", "", vector), Record(2, 2, "", "", other)])
    found = index.search(Query("", vector), 2, None)
    assert [id_ for id_, _ in found] == [1, 2]
    assert [score for _, score in found] == pytest.approx([1.0, 0.5**0.5])
    index.close()


def test_words_are_stemmed_folded_and_stop_words_dropped() -> None:
    assert terms("The cafés were NEGOTIATING prices") == ["cafe", "were", "negoti", "price"]


def test_an_article_is_found_by_words_that_no_passage_has_together(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "tantivy")
    index.add([*FERRY, *HARVEST])
    assert index.search_articles(query("ferry hurt"), 5, None)[0][0] == 1


def test_chosen_passages_and_articles_have_the_scores_that_a_search_gives_them(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "tantivy")
    index.add([*FERRY, *HARVEST])
    asked = query("ferry apples wall")
    assert index.scores(asked, [1, 2, 3]) == pytest.approx(dict(index.search(asked, 5, None)))
    assert index.scores(asked, [2]) == {}  # it has none of the words
    found = dict(index.search_articles(asked, 5, None))
    raised = index.article_scores(asked, [1, 2])
    # Rarity of a word in one of two articles: log(1 + 1.5 / 1.5). The first has two of the words, the second one.
    assert raised == pytest.approx({1: found[1] + 2 * log(2), 2: found[2] + log(2)})


def test_a_word_given_twice_counts_twice(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "tantivy")
    index.add([*FERRY, *HARVEST])
    once, twice = (dict(index.search(query(text), 5, None)) for text in ("ferry apples", "ferry apples ferries"))
    assert twice == pytest.approx({1: 2 * once[1], 3: once[3]})


def test_how_long_articles_are_changes_nothing_for_passages(tmp_path: Path) -> None:
    """Were both in one index, two passages of an article would seem shorter than one: BM25 takes the mean over all."""
    scores = []
    for name, document_ids in {"one": (1, 1), "two": (1, 2)}.items():
        index = LexicalIndex(tmp_path / name)
        texts = ("The ferry left.", "The ferry struck the wall.")
        index.add(
            [record(n, document, text) for n, (document, text) in enumerate(zip(document_ids, texts, strict=True))]
        )
        scores.append(dict(index.search(query("ferry"), 5, None)))
    assert scores[0] == pytest.approx(scores[1])


def test_passages_without_their_article_are_no_whole_index(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "tantivy")
    index.add(FERRY)
    shutil.rmtree(tmp_path / "tantivy" / "articles")
    with pytest.raises(IndexUnavailable, match="without their article"):
        LexicalIndex(tmp_path / "tantivy").passage_ids()


def test_an_index_of_an_earlier_version_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "tantivy").mkdir()
    (tmp_path / "tantivy" / "meta.json").write_text("{}", encoding="utf-8")
    with pytest.raises(IndexUnavailable, match="earlier version"):
        LexicalIndex(tmp_path / "tantivy")


def test_a_removed_passage_no_longer_counts_in_the_frequency_of_its_words(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "tantivy")
    index.add([*FERRY, *HARVEST])
    assert (index.frequency("ferri"), index.frequency("appl"), index.frequency("unheard")) == (1, 1, 0)
    index.remove([1], [1, 2])
    assert (index.frequency("ferri"), index.frequency("appl")) == (0, 1)


def test_a_lexical_search_can_be_kept_to_some_documents(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "tantivy")
    index.add([*FERRY, *HARVEST])
    unfiltered = dict(index.search(query("ferry apples"), 5, None))
    assert dict(index.search(query("ferry apples"), 5, [2])) == {3: pytest.approx(unfiltered[3])}
    assert index.search(query("ferry"), 5, []) == []


@pytest.mark.parametrize("text", ['AND OR NOT "', "field:ferry", "(((", "+-!{}[]^~*?\\", "the of and", "", "ferry~9"])
def test_no_question_is_an_operator_to_the_lexical_index(tmp_path: Path, text: str) -> None:
    index = LexicalIndex(tmp_path / "tantivy")
    index.add(FERRY)
    assert {id_ for id_, _ in index.search(query(text), 5, None)} <= {1, 2}
