"""What a question takes for granted and its answer denies is put right; what it denies besides is left alone."""

from __future__ import annotations

import pytest

from rag.answering.choosing import of_sentence
from rag.answering.premise import is_put_otherwise
from tests.test_ranking import rank


def denied(question: str, sentence: str) -> bool:
    found = rank(question, sentence)
    return is_put_otherwise(found, of_sentence(found, 0))


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Why did the talks at Tarn fail?", "The talks did not fail; both sides signed on Friday."),
        ("Why did the talks at Tarn fail?", "It isn’t true that the talks failed."),
        ("Why did the talks at Tarn fail?", "The board denied that the talks had failed."),
        ("When did the keeper resign from the lock?", "The keeper never resigned, and the lock stayed open."),
        ("How did the Petrel sink off Pell?", "Nobody saw the Petrel sink."),
        ("By how much did the toll rise at the lock?", "There was no rise of the toll this year."),
        ("What made the keeper leave the lock?", "She ruled out leaving the lock."),
    ],
)
def test_a_denial_of_what_is_supposed_is_a_correction(question: str, sentence: str) -> None:
    assert denied(question, sentence)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Why did the talks at Tarn fail?", "The talks failed because nobody brought a map."),
        ("Why did the talks at Tarn fail?", "The talks failed as the board did not want to pay."),
        ("When did the keeper resign from the lock?", "The keeper resigned in May, not in March."),
        ("How did the Petrel sink off Pell?", "The Petrel sank off Pell without a sound."),
        ("Why did the talks at Tarn fail?", "It rained at Tarn."),
    ],
)
def test_a_denial_of_something_else_is_none(question: str, sentence: str) -> None:
    assert not denied(question, sentence)


def test_a_word_too_far_behind_a_denial_is_not_denied() -> None:
    sentence = "Not one of the nine members of the old board of Pell said why the talks failed."
    assert not denied("Why did the talks at Tarn fail?", sentence)


def test_a_question_that_denies_is_answered_by_a_denial() -> None:
    assert not denied("Why did the talks at Tarn not fail?", "The talks did not fail since both sides were tired.")
    assert not denied("Why didn't the talks fail?", "The talks did not fail since both sides were tired.")


@pytest.mark.parametrize(
    "question",
    [
        "Did the talks at Tarn fail?",
        "Who says that the talks failed?",
        "How many talks failed?",
        "How long did the talks fail?",
        "What failed at the talks?",
    ],
)
def test_a_question_that_supposes_nothing_is_not_corrected(question: str) -> None:
    assert not denied(question, "The talks did not fail.")


def test_only_the_sentence_that_answers_denies_not_the_one_beside_it() -> None:
    found = rank("Why did the talks at Tarn fail?", "The talks at Tarn failed. The bridge talks did not fail.")
    assert found.sentences[0].text == "The talks at Tarn failed."
    assert not is_put_otherwise(found, of_sentence(found, 0))


def test_a_denial_in_what_somebody_else_is_quoted_with_is_not_the_sources() -> None:
    assert not denied(
        "Why did the talks at Tarn fail?", "“Nobody saw the talks fail,” said Orm, but all had gone home."
    )


@pytest.mark.parametrize("sign", ["a", "no ", "not ", "n't ", "far ", "ruled ", "’t", "never\n"])
def test_a_sentence_without_end_denies_or_not(sign: str) -> None:
    assert not denied("Why did the talks at Tarn fail?", sign * 5_000)
