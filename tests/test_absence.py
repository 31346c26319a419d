"""Whether anything answers: what tells, and that it becomes a chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from corpus.document import Header
from corpus.mentions import mentioned
from rag.answering.absence import NAMES, chance_of_none, features
from rag.answering.ranking import Ranked
from rag.question import Preference
from tests.test_ranking import rank, weights
from vectorstore.lexical import terms

TEXT = "Ada Orm mended the old lock at Tarn. It rained. Forty barges wait."


class Known:
    """An archive in which these words occur."""

    def __init__(self, text: str) -> None:
        self._terms = frozenset(terms(text))

    def frequency(self, term: str) -> int:
        return int(term in self._terms)


def told(found: Ranked, known: str = TEXT) -> Mapping[str, float]:
    return dict(zip(NAMES, features(found, Known(known)), strict=True))


def of_time(question: str, text: str = TEXT, published: str | None = None) -> float:
    """Whether a question that wishes for the first day it names finds no such time."""
    found = rank(question, text, headers=[Header("a", published=published)])
    asked = found.wanted.question
    wish = replace(asked, prefers=Preference(periods=tuple(mentioned(question, None))))
    return told(replace(found, wanted=replace(found.wanted, question=wish)))["a time not told of"]


def test_each_number_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len(features(rank("Who mended the lock?", TEXT), Known(TEXT))) == len(NAMES)
    assert len(features(rank("?", "Rain."), Known(""))) == len(NAMES)


def test_where_there_is_no_sentence_nothing_answers() -> None:
    assert chance_of_none(rank("Who mended the lock?"), Known(TEXT), weights(NAMES, {})) == 1.0


def test_what_tells_nothing_leaves_an_even_chance() -> None:
    assert chance_of_none(rank("Who mended the lock?", TEXT), Known(TEXT), weights(NAMES, {})) == 0.5


def test_the_chance_falls_with_the_score_of_the_best_sentence() -> None:
    by = weights(NAMES, {"score": -1.0})
    good, bad = (rank(question, TEXT) for question in ("Who mended the lock?", "Who sold the lock?"))
    assert 0.0 < chance_of_none(good, Known(TEXT), by) < chance_of_none(bad, Known(TEXT), by) < 1.0


def test_the_best_sentence_is_compared_with_the_next() -> None:
    found = rank("Who mended the old lock?", TEXT)
    assert told(found)["ahead"] == found.scores[0] - found.scores[1]
    assert told(found)["evidence"] > told(found)["score"] == found.scores[0]
    assert told(rank("Who mended the lock?", "It rained."))["ahead"] == 0.0


def test_words_that_the_archive_does_not_have_count_by_their_weight() -> None:
    assert told(rank("Who mended the lock?", TEXT))["unknown words"] == 0.0
    assert told(rank("Who mended the gondola?", TEXT))["unknown words"] == 0.5
    assert told(rank("?", TEXT))["unknown words"] == 0.0


def test_a_name_that_the_archive_does_not_have_is_noted() -> None:
    assert told(rank("Where is Ada Orm?", TEXT))["an unknown name"] == 0.0
    assert told(rank("Where is Zora Quill?", TEXT))["an unknown name"] == 1.0
    assert told(rank("Where is the gondola?", TEXT))["an unknown name"] == 0.0


def test_a_time_asked_about_is_told_of_in_the_text_or_by_its_date() -> None:
    asked = "Which lock broke in May 2021?"
    assert of_time("Which lock broke?") == 0.0
    assert of_time(asked) == 1.0
    assert of_time(asked, "The lock broke on 3 May 2021.") == 0.0
    assert of_time(asked, published="2021-05-30") == 0.0
    assert of_time(asked, published="2021-06-01") == 1.0
    assert of_time(asked, "The lock broke last month.", published="2021-06-01") == 0.0


def test_the_form_that_was_asked_for_is_the_only_one() -> None:
    forms = {name: value for name, value in told(rank("List all barges.", TEXT)).items() if name.startswith("form ")}
    assert [name for name, value in forms.items() if value] == ["form list"]


def test_words_asked_for_of_nobody_the_archive_quotes_are_noted() -> None:
    nobody = told(rank("What did the gardener say?", TEXT))
    somebody = told(rank("What did Ada Orm say?", TEXT, speakers=["Ada Orm"]))
    assert (nobody["words of nobody quoted"], somebody["words of nobody quoted"]) == (1.0, 0.0)
    assert (nobody["no speaker asked for"], somebody["no speaker asked for"]) == (0.0, 1.0)


def test_what_is_far_off_counts_the_more_the_farther() -> None:
    near, far = (told(rank(question, "The old lock broke.")) for question in ("Old lock?", "Who sings opera arias?"))
    assert near["far off"] == near["hardly aligned"] == 0.0
    assert far["far off"] > 0.0 < far["hardly aligned"]


@pytest.mark.parametrize("question", ["?", "“", "who was it", "\U0001f6a4", "a" * 8_000, "lock " * 1_600])
def test_any_question_has_a_chance(question: str) -> None:
    by = weights(NAMES, dict.fromkeys(NAMES, 0.1))
    assert 0.0 <= chance_of_none(rank(question, TEXT), Known(TEXT), by) <= 1.0
