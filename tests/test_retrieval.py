"""Meaning and words together: every list's say of all candidates, feedback, follow-ups, archives of all sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import pytest

from corpus import chunking
from corpus.document import Document, Header, Passage, Span
from rag import Assistant
from rag.answer import Turn
from rag.question import Question, understand
from rag.retrieval import Articles, Dense, Hybrid, Lexical, Retriever, hybrid
from vectorstore.base import Query, Vectors
from vectorstore.embedders.hashing import Hashing
from vectorstore.filtering import Filter
from vectorstore.index import Index
from vectorstore.lock import ProcessLock

RETRIEVERS = [Dense(), Lexical(), Articles(), Hybrid()]
NAMES = ["dense", "lexical", "articles", "hybrid"]


@pytest.fixture
def desk(small_desk: Callable[..., Assistant], articles: Path) -> Assistant:
    opened = small_desk()
    opened.ingest(articles)
    return opened


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path / "home", Hashing(), chunking=chunking.settings())
    opened.claim()
    yield opened
    opened.close()


def store(index: Index, name: str, *texts: str, vectors: Vectors | None = None) -> None:
    """A document with a passage for each text."""
    whole = "\n".join(texts)
    passages = []
    for text in texts:
        start = whole.index(text)
        passages.append(Passage(Header(name), start, start + len(text), text, (Span(start, start + len(text)),)))
    rows = index.embedder.embed_passages(texts) if vectors is None else vectors
    with index.transaction() as transaction:
        transaction.add(Document(Header(name), whole), passages, rows, source=name, file=name, sha256=name)


def found(index: Index, retriever: Retriever, question: Question, k: int = 10) -> list[str]:
    with index.read() as view:
        return [hit.passage.text for hit in retriever.retrieve(question, view, k)]


@pytest.mark.parametrize("retriever", RETRIEVERS, ids=NAMES)
def test_every_retriever_finds_the_passage_with_the_words(desk: Assistant, retriever: Retriever) -> None:
    with desk._index.read() as view:
        hits = retriever.retrieve(understand("Growers expect to pick apples early"), view, 5)
    assert hits[0].passage.document.name == "harvest.md"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.passage for hit in hits}) == len(hits)


@pytest.mark.parametrize("retriever", RETRIEVERS, ids=NAMES)
def test_in_an_empty_archive_nothing_is_found(index: Index, retriever: Retriever) -> None:
    assert found(index, retriever, understand("Who opened the bridge?")) == []


@pytest.mark.parametrize("retriever", RETRIEVERS, ids=NAMES)
def test_nothing_is_found_outside_of_the_filter(desk: Assistant, retriever: Retriever) -> None:
    question = understand("Growers expect to pick apples early")
    with desk._index.read(Filter(documents=("bridge.txt",))) as view:
        assert {hit.passage.document.name for hit in retriever.retrieve(question, view, 5)} <= {"bridge.txt"}
    with desk._index.read(Filter(documents=("no such.txt",))) as view:
        assert retriever.retrieve(question, view, 5) == []


def test_an_archive_of_one_passage_gives_it_whatever_is_asked(index: Index) -> None:
    store(index, "a", "The ferry struck the wall.")
    assert found(index, hybrid(), understand("Who grows apples?")) == ["The ferry struck the wall."]


def test_asked_again_the_same_comes_in_the_same_order_and_a_shorter_list_is_its_beginning(index: Index) -> None:
    for name in "abcdef":
        store(index, name, f"Ferry number {name} left the harbour.", "Nothing was said of the weather.")
    question = understand("Which ferry left the harbour?")
    ten = found(index, hybrid(), question)
    assert ten == found(index, hybrid(), question)
    assert found(index, hybrid(), question, k=3) == ten[:3]


def test_passages_that_are_equal_in_all_come_in_the_order_in_which_they_were_stored(index: Index) -> None:
    for name in ("second", "first", "third"):
        store(index, name, "The mayor spoke.")
    with index.read() as view:
        hits = hybrid().retrieve(understand("Who spoke?"), view, 3)
    assert [hit.passage.document.name for hit in hits] == ["second", "first", "third"]


def test_a_candidate_is_scored_by_every_list_whichever_found_it(index: Index) -> None:
    near, far = numpy.eye(2, index.embedder.dimension, dtype=numpy.float32)
    store(index, "near", "Nothing in common.", vectors=near[None])
    store(index, "far", "The harbour burns.", vectors=far[None])
    with index.read() as view:
        pool = view.candidates(Query("harbour", near), 1)
    assert pool.vectors @ near == pytest.approx([1.0, 0.0])
    assert pool.words[0] == pool.article_words[0] == 0.0
    assert 0.0 < pool.words[1] < pool.article_words[1]  # of an article, that it has the word counts too


def test_a_hit_says_what_every_list_made_of_it(index: Index) -> None:
    near, far = numpy.eye(2, index.embedder.dimension, dtype=numpy.float32)
    store(index, "near", "Nothing in common.", vectors=near[None])
    store(index, "far", "The harbour burns.", vectors=far[None])
    store(index, "between", "Nothing either.", vectors=(0.6 * near + 0.8 * far)[None])
    with index.read() as view:
        view._embedded["Which harbour?"] = near
        by_name = {hit.passage.document.name: hit for hit in hybrid().retrieve(understand("Which harbour?"), view, 3)}
    stages = {name: {stage.name: stage for stage in hit.stages} for name, hit in by_name.items()}
    assert {name: [(stage.name, stage.rank) for stage in hit.stages] for name, hit in by_name.items()} == {
        "near": [("meaning", 1), ("words", None), ("article", None), ("together", 1)],
        "far": [("meaning", 3), ("words", 1), ("article", 1), ("together", 2)],
        "between": [("meaning", 2), ("words", None), ("article", None), ("together", 3)],
    }
    assert [stages[name]["meaning"].score for name in ("near", "far", "between")] == pytest.approx([1.0, 0.0, 0.6])
    assert stages["far"]["words"].score > stages["near"]["words"].score == 0.0
    assert by_name["far"].score == stages["far"]["together"].score
    assert by_name["far"].to_json()["stages"][0] == {"name": "meaning", "rank": 3, "score": 0.0}


def test_passages_that_are_equal_in_a_list_share_the_better_rank(index: Index) -> None:
    for name in ("a", "b", "c"):
        store(index, name, "The mayor spoke." if name < "c" else "Nobody.")
    with index.read() as view:
        hits = hybrid().retrieve(understand("Who spoke, the mayor?"), view, 3)
    assert [[stage.rank for stage in hit.stages if stage.name == "words"] for hit in hits] == [[1], [1], [None]]


def test_how_a_passage_was_found_stays_with_it_when_copies_are_counted_once(desk: Assistant) -> None:
    hits = desk.ask("Which bridge opened at Ollerford?").retrieved
    assert hits
    found = ("meaning", "words", "article", "together")
    assert {tuple(stage.name for stage in hit.stages) for hit in hits} <= {found, (*found, "reading")}


def test_a_passage_that_is_like_the_best_one_rises_though_it_has_none_of_the_words(index: Index) -> None:
    asked = index.embedder.embed_query("harbour")
    fire, sky, other = [row for row in numpy.eye(4, len(asked), dtype=numpy.float32) if row @ asked == 0.0][:3]
    toward = 0.6 * asked + 0.8 * fire
    alike, unlike = (
        0.5 * asked + 0.75**0.5 * fire,
        0.5 * asked + 0.75**0.5 * sky,
    )  # as near to the question as each other
    store(index, "unlike", "The weather held.", vectors=unlike[None])
    store(index, "alike", "Smoke rose over the quay.", vectors=alike[None])
    store(index, "best", "The harbour burns.", vectors=toward[None])
    for number in range(9):
        store(index, f"other {number}", f"Report {number}.", vectors=other[None])
    assert found(index, hybrid(), understand("harbour"), k=3) == [
        "The harbour burns.", "Smoke rose over the quay.", "The weather held.",
    ]  # fmt: skip


def test_where_nearly_every_document_is_a_candidate_none_draws_the_question_to_itself(index: Index) -> None:
    asked = index.embedder.embed_query("harbour")
    fire, sky = [row for row in numpy.eye(3, len(asked), dtype=numpy.float32) if row @ asked == 0.0][:2]
    store(index, "best", "The harbour burns.", vectors=(0.6 * asked + 0.8 * fire)[None])
    store(index, "alike", "Smoke rose over the quay.", vectors=(0.5 * asked + 0.75**0.5 * fire)[None])
    store(index, "nearer", "The weather held.", vectors=(0.52 * asked + (1 - 0.52**2) ** 0.5 * sky)[None])
    assert found(index, hybrid(), understand("harbour"), k=2) == ["The harbour burns.", "The weather held."]


def test_in_a_follow_up_what_is_asked_now_counts_more_than_what_is_known_from_before(index: Index) -> None:
    store(index, "before", "The ferry to Ollerford was late.")
    store(index, "now", "The bridge to Ollerford was late.")
    question = understand("And the bridge?", [Turn("Was the ferry to Ollerford late?", "Yes.")])
    assert [found(index, each, question)[0] for each in (Dense(), Lexical(), Articles(), hybrid())] == [
        "The bridge to Ollerford was late."
    ] * 4


def test_a_follow_up_of_nothing_but_small_words_is_found_by_what_was_asked_before(index: Index) -> None:
    store(index, "a", "When and why is a song of theirs.")
    store(index, "b", "The ferry to Ollerford was late.")
    question = understand("And when?", [Turn("Was the ferry to Ollerford late?", "Yes.")])
    assert found(index, Lexical(), question)[0] == "The ferry to Ollerford was late."


def test_while_another_has_the_index_of_words_meaning_alone_decides(index: Index) -> None:
    for name, text in {"a": "The ferry struck the wall.", "b": "Apples ripen early."}.items():
        store(index, name, text)
    busy = ProcessLock(index.home / "tantivy.lock")
    assert busy.take(purpose="builds it")
    try:
        assert found(index, Lexical(), understand("When do apples ripen?")) == []
        assert found(index, hybrid(), understand("When do apples ripen?"))[0] == "Apples ripen early."
    finally:
        busy.release()
