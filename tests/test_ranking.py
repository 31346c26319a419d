"""From hits to ranked sentences: a few are read, the best stands first, and passages profit from their sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy
import pytest

from corpus.document import Header, Span
from rag import Assistant
from rag.answering import absence
from rag.answering.candidates import Candidate, candidates
from rag.answering.features import BY_WORDS, by_words
from rag.answering.ranking import FEATURES, READ, READ_FOR_MANY, Ranked, by_reading_too, ranked, to_read, weighed
from rag.answering.reading import Reader
from rag.answering.trained import Linear, Trained
from rag.composer import Draft
from rag.question import Question
from tests.test_candidates import passage
from tests.test_features import wanted
from tests.test_reading import BY_RARITY
from vectorstore.base import Hit
from vectorstore.embedders.hashing import Hashing
from vectorstore.view import View

Open = Callable[..., Assistant]


def weights(names: Sequence[str], of: Mapping[str, float]) -> Linear:
    return Linear(tuple(names), numpy.array([of.get(name, 0.0) for name in names]))


BY_WORDS_ALONE = Trained(
    weights(BY_WORDS, {"words": 10.0}), weights(FEATURES, {"words": 10.0}), weights(absence.NAMES, {}), BY_RARITY
)


def rank(question: str, *texts: str, headers: Sequence[Header] = (), speakers: Sequence[str] = ()) -> Ranked:
    """The sentences of documents a, b, c, ranked by nothing but how many of the question's words they have."""
    of = headers or [Header(name) for name in "abcdefghijkl"]
    hits = [Hit(passage(text, header), 1.0) for text, header in zip(texts, of, strict=False)]
    asked = wanted(question, speakers=speakers)
    found = candidates(hits, {})
    return weighed(asked, found, by_words(asked, found), Reader(Hashing(), BY_RARITY), BY_WORDS_ALONE)


class Keeping:
    """A composer that answers nothing and keeps what was ranked for the last question."""

    last: Ranked | None = None

    def compose(self, question: Question, hits: Sequence[Hit], view: View) -> Iterator[Draft]:
        self.last = ranked(question, hits, view, Reader(Hashing(), BY_RARITY), BY_WORDS_ALONE)
        yield Draft("", "answered")


def asked_of(desk: Assistant, question: str) -> Ranked:
    keeping = Keeping()
    desk.answering_with(keeping).ask(question)
    assert keeping.last
    return keeping.last


@pytest.fixture
def many(small_desk: Open, tmp_path: Path) -> Assistant:
    """Twenty articles of three sentences, each of which names the lock."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(20):
        lines = " ".join(f"The lock at Tarn held barge {number}{letter} back in the storm." for letter in "abc")
        (folder / f"{number}.txt").write_text(f"{lines}\n", encoding="utf-8")
    desk = small_desk()
    desk.ingest(folder)
    return desk


def test_only_a_few_sentences_are_read_and_more_for_what_takes_several(many: Assistant) -> None:
    assert len(asked_of(many, "Which barge did the lock hold back?").sentences) == READ
    assert len(asked_of(many, "List all barges that the lock held back.").sentences) == READ_FOR_MANY > READ


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("Who broke the lock?", READ),
        ("Where does the figure of forty barges come from?", READ),
        ("List all barges.", READ_FOR_MANY),
        ("Compare the lock at Tarn with the lock at Pell.", READ_FOR_MANY),
        ("How did the dispute over the lock develop?", READ_FOR_MANY),
        ("Do the papers disagree on the number of barges?", READ_FOR_MANY),
    ],
)
def test_how_much_is_read_goes_by_the_form_of_the_question(question: str, count: int) -> None:
    assert to_read(wanted(question)) == count


def test_what_stands_in_quotations_of_the_archive_has_its_speaker(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    found = asked_of(desk, "How many cars will the bridge carry?")
    (said,) = [each for each in found.sentences if "4,000 cars" in each.text]
    assert "Croft" in said.speaker
    assert 0.0 < said.said < 1.0


def test_the_sentences_to_read_are_those_with_the_most_words_of_the_question(many: Assistant) -> None:
    assert (
        asked_of(many, "Did the lock hold barge 7b back?")
        .sentences[0]
        .text.startswith("The lock at Tarn held barge 7b")
    )


def test_sentences_are_in_the_order_of_their_scores() -> None:
    found = rank("Who mended the old lock?", "It rained. A lock broke. The old lock was mended. The old lock broke.")
    assert [each.text for each in found.sentences] == [
        "The old lock was mended.",
        "The old lock broke.",
        "A lock broke.",
        "It rained.",
    ]
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)


def test_features_and_highlights_stay_with_their_sentences() -> None:
    found = rank("When did the lock break?", "It rained. On 3 May the lock broke. It was mended on 5 May.")
    texts = [each.text for each in found.sentences]
    assert texts[0] == "On 3 May the lock broke."
    assert found.features.shape == (3, len(FEATURES))
    assert found.features[:, FEATURES.index("words")].tolist() == [0.5, 0.0, 0.0]
    marked = [text[span.start : span.end] if span else "" for text, span in zip(texts, found.highlights, strict=True)]
    assert "3 May" in marked[0]
    assert marked[texts.index("It rained.")] == ""


def test_sentences_of_one_score_stay_in_the_order_they_were_found() -> None:
    texts = [f"Lock {letter} broke." for letter in "defg"]
    assert [each.text for each in rank("Who?", " ".join(texts)).sentences] == texts


def test_shares_of_the_chance_fall_with_the_score_and_sum_to_one() -> None:
    found = rank("Who mended the old lock?", "It rained. A lock broke. The old lock was mended.")
    shares = found.shares.tolist()
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0)
    assert rank("Who mended the lock?", "It rained.").shares.tolist() == [1.0]


def test_shares_of_huge_scores_are_numbers_still() -> None:
    found = rank("Who?", "One. Two.")
    huge = Ranked(found.wanted, found.sentences, found.highlights, numpy.array([1e6, -1e6]), found.features)
    assert huge.shares.tolist() == [1.0, 0.0]


def test_without_hits_nothing_is_ranked(small_desk: Open) -> None:
    found = asked_of(small_desk(), "Who mended the lock?")
    assert (found.sentences, found.highlights, found.shares.tolist()) == ((), (), [])
    assert found.features.shape == (0, len(FEATURES))
    assert by_reading_too([], found) == ()


def hits_and_found(texts: Sequence[str], scores: Sequence[float], read: Sequence[int]) -> tuple[list[Hit], Ranked]:
    """Hits of one sentence each; only those at ``read`` were read."""
    hits = [
        Hit(passage(text, Header(str(at))), score) for at, (text, score) in enumerate(zip(texts, scores, strict=True))
    ]
    question = wanted("Who mended the lock?")
    found = [each for each in candidates(hits, {}) if int(each.document.name) in read]
    return hits, weighed(question, found, by_words(question, found), Reader(Hashing(), BY_RARITY), BY_WORDS_ALONE)


def test_a_passage_with_the_sentence_that_answers_comes_first_and_none_is_lost() -> None:
    hits, found = hits_and_found(["It rained.", "It froze.", "Orm mended the lock."], [3.0, 2.0, 1.0], [0, 1, 2])
    again = by_reading_too(hits, found)
    assert [hit.passage.text for hit in again] == ["Orm mended the lock.", "It rained.", "It froze."]
    assert [hit.score for hit in again] == sorted((hit.score for hit in again), reverse=True)


def test_hits_of_which_nothing_was_read_keep_their_order_behind() -> None:
    hits, found = hits_and_found(["Orm mended the lock.", "It rained.", "It froze.", "It thawed."], [4, 3, 2, 1], [0])
    assert [hit.passage for hit in by_reading_too(hits, found)] == [hit.passage for hit in hits]


def test_hits_of_one_score_are_parted_by_reading_alone() -> None:
    hits, found = hits_and_found(["It rained.", "Orm mended the lock."], [0.5, 0.5], [0, 1])
    assert [hit.passage.text for hit in by_reading_too(hits, found)] == ["Orm mended the lock.", "It rained."]


def test_carriers_stay_with_their_hits() -> None:
    hits, found = hits_and_found(["Orm mended the lock."], [1.0], [0])
    carried = [Hit(hits[0].passage, 1.0, (Header("copy"),))]
    assert [hit.carriers for hit in by_reading_too(carried, found)] == [(Header("copy"),)]


def test_a_question_without_content_words_ranks_all_the_same() -> None:
    found = rank("Who was it?", "The lock broke. It rained.")
    assert len(found.sentences) == 2
    assert numpy.isfinite(found.features).all()


def test_a_sentence_without_end_is_ranked() -> None:
    text = "barge " * 3_000
    whole = Span(0, len(text))
    only = Candidate(Hit(passage(text), 1.0), 1.0, 0, whole, text)
    question = wanted("Which barge?")
    found = weighed(question, [only], by_words(question, [only]), Reader(Hashing(), BY_RARITY), BY_WORDS_ALONE)
    assert found.sentences == (only,)
