"""Reading: how near the words of a sentence come to those of a question, with an embedder that knows only equality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy
import pytest

from corpus.document import Span
from rag.answering.reading import Read, Reader, rarities, unit
from rag.answering.trained import Attention
from vectorstore.base import Tokens
from vectorstore.embedders.hashing import Hashing

NONE = numpy.zeros(0, dtype=numpy.float32)
BY_RARITY = Attention(NONE.reshape(0, 0), NONE, of_rarity=1.0, bias=0.0)  # turns nothing

QUESTION = "Who mended the lock?"
WORDS = [Span(4, 10), Span(15, 19)]
RARITY = {"mend": 2.0, "lock": 1.0}


class Counting:
    """An embedder that notes what it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self._hashing = Hashing()

    def embed_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        self.given += texts
        return self._hashing.embed_tokens(texts)


class Silent:
    """An embedder to which no text says anything."""

    def embed_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        return [Tokens(numpy.zeros((0, 4), dtype=numpy.float32), ()) for _ in texts]


def read(
    *texts: str, question: str = QUESTION, words: Sequence[Span] = WORDS, rarity: Mapping[str, float] = RARITY
) -> list[Read]:
    return Reader(Hashing(), BY_RARITY).read(question, words, rarity, texts)


def test_the_same_word_is_as_near_as_can_be_and_another_is_not() -> None:
    both, one, neither = read("Orm mended the lock.", "The lock broke.", "It rained.")
    assert both.nearest.tolist() == pytest.approx([1.0, 1.0])
    assert one.nearest.tolist() == pytest.approx([0.0, 1.0])
    assert neither.nearest.tolist() == pytest.approx([0.0, 0.0])


def test_reads_come_in_the_order_of_the_texts() -> None:
    there, again = (read(*texts) for texts in (("Orm mended it.", "It rained."), ("It rained.", "Orm mended it.")))
    assert [each.similarity for each in there] == [each.similarity for each in reversed(again)]


def test_a_text_is_as_a_whole_most_like_itself() -> None:
    same, near, far = read(QUESTION, "Who mended the gate?", "It rained.")
    assert same.similarity == pytest.approx(1.0)
    assert 1.0 > near.similarity > far.similarity


def test_more_of_what_is_asked_is_attended_to_and_what_is_rare_counts_more() -> None:
    all_of_it, rare, common, none = read("Who mended the lock", "mended", "lock", "rain")
    assert 1.0 > all_of_it.attended > rare.attended > common.attended > none.attended
    assert none.attended == pytest.approx(0.0)


def test_a_question_of_which_nothing_counts_attends_to_little() -> None:
    faint = Attention(NONE.reshape(0, 0), NONE, of_rarity=1.0, bias=-20.0)
    (heard,) = Reader(Hashing(), faint).read(QUESTION, WORDS, {}, [QUESTION])
    assert 0.0 <= heard.attended < 0.01


def test_a_model_of_the_learnt_width_has_its_words_turned() -> None:
    apart = numpy.zeros((256, 1), dtype=numpy.float32)  # turned so, all words look alike
    apart[:, 0] = 1.0
    turning = Attention(apart, numpy.zeros(256, dtype=numpy.float32), of_rarity=1.0, bias=0.0)
    (found,) = Reader(Hashing(), turning).read(QUESTION, WORDS, RARITY, ["Rain fell."])
    (plain,) = read(QUESTION)
    assert found.attended == pytest.approx(plain.attended)
    assert found.nearest.tolist() == pytest.approx([0.0, 0.0])  # the words themselves are compared as they are


def test_what_was_read_lately_is_not_embedded_again() -> None:
    counting = Counting()
    reader = Reader(counting, BY_RARITY)
    first = reader.read(QUESTION, WORDS, RARITY, ["The lock broke.", "It rained."])
    again = reader.read(QUESTION, WORDS, RARITY, ["It rained.", "The lock broke.", "It froze."])
    assert counting.given == [QUESTION, "The lock broke.", "It rained.", "It froze."]
    assert [each.similarity for each in again[:2]] == [each.similarity for each in reversed(first)]


def test_a_text_given_twice_is_embedded_once_and_read_twice() -> None:
    counting = Counting()
    one, other = Reader(counting, BY_RARITY).read(QUESTION, WORDS, RARITY, ["The lock broke.", "The lock broke."])
    assert counting.given == [QUESTION, "The lock broke."]
    assert one.similarity == other.similarity


def test_what_was_read_long_ago_is_forgotten_and_read_again() -> None:
    counting = Counting()
    reader = Reader(counting, BY_RARITY)
    reader.read(QUESTION, WORDS, RARITY, ["The lock broke."])
    many = [f"barge {number}" for number in range(5_000)]
    assert len(reader.seen(many)) == len(many)
    counting.given.clear()
    reader.seen([many[-1], "The lock broke."])
    assert counting.given == ["The lock broke."]


def test_more_texts_at_once_than_are_remembered_are_all_seen() -> None:
    texts = [f"barge {number}" for number in range(5_001)]
    assert len(Reader(Hashing(), BY_RARITY).seen(texts)) == len(texts)


def test_no_texts_are_read_to_nothing() -> None:
    assert read() == []


@pytest.mark.parametrize("text", ["", "…", "“”", "\U0001f6a4\U0001f6a4"])
def test_a_text_without_words_is_near_to_nothing(text: str) -> None:
    nothing, something = read(text, "The lock broke.")
    assert nothing.nearest.tolist() == [0.0, 0.0]
    assert (nothing.similarity, nothing.attended) == (0.0, 0.0)
    assert something.attended > 0.0


def test_a_question_without_words_hears_nothing() -> None:
    (found,) = read("The lock broke.", question="?!", words=[], rarity={})
    assert (found.nearest.tolist(), found.similarity, found.attended) == ([], 0.0, 0.0)


def test_a_question_of_which_no_word_tells_anything_is_still_compared_as_a_whole() -> None:
    (found,) = read("Who was that?", question="Who was it?", words=[], rarity={})
    assert found.nearest.shape == (0,)
    assert 0.0 < found.similarity < 1.0


def test_a_model_that_reads_nothing_finds_nothing() -> None:
    (found,) = Reader(Silent(), BY_RARITY).read(QUESTION, WORDS, RARITY, ["The lock broke."])
    assert (found.nearest.tolist(), found.similarity, found.attended) == ([0.0, 0.0], 0.0, 0.0)


def test_a_word_beyond_what_the_model_reads_is_near_to_nothing() -> None:
    (found,) = read("The lock broke.", words=[*WORDS, Span(90, 95)])
    assert found.nearest.tolist() == pytest.approx([0.0, 1.0, 0.0])


def test_a_piece_of_a_word_is_as_rare_as_the_word() -> None:
    pieces = [Span(0, 3), Span(4, 6), Span(6, 10), Span(11, 14)]
    assert rarities("Who mended the lock?", pieces, RARITY).tolist() == [0.0, 2.0, 2.0, 0.0]


def test_rows_have_unit_length_and_a_row_of_zeros_stays_one() -> None:
    rows = unit(numpy.array([[3.0, 4.0], [0.0, 0.0]], dtype=numpy.float32))
    assert rows.ravel().tolist() == pytest.approx([0.6, 0.8, 0.0, 0.0])


@pytest.mark.parametrize("text", ["a" * 100_000, "?" * 100_000, " " * 100_000, "\u0301" * 100_000, "a-" * 5_000])
def test_texts_without_end_are_read(text: str) -> None:
    (found,) = read(text)
    assert -1.0 <= found.similarity <= 1.0
    (found,) = read("The lock broke.", question=text)
    assert found.similarity == pytest.approx(0.0)
