"""Who is found to say what, and where nobody is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quotations import labelled, score_quotations
from corpus.document import Span
from corpus.speech.quotations import quotations


def said(text: str) -> list[tuple[str, str, float]]:
    """Words with their marks, speaker and confidence."""
    return [(text[one.span.start : one.span.end], one.speaker, one.confidence) for one in quotations(text)]


@pytest.mark.parametrize(
    ("text", "speaker", "confidence"),
    [
        ("“It is dry,” said Ada Orm.", "Ada Orm", 0.95),
        ("“It is dry,” Ada Orm said.", "Ada Orm", 0.95),
        ("“Is it dry?” Ada Orm asked.", "Ada Orm", 0.95),
        ("“It is dry,” Ada Orm told the board.", "Ada Orm", 0.95),
        ("“It is dry”, Ada Orm said.", "Ada Orm", 0.95),
        ("“It is dry,” says Ada Orm, who keeps the well.", "Ada Orm", 0.95),
        ("“It is dry,” according to Ada Orm.", "Ada Orm", 0.95),
        ("“It is dry,” said the well’s owner, Ada Orm.", "Ada Orm", 0.95),
        ("“It is dry,” Ada Orm (Harbour Party) said.", "Ada Orm", 0.95),
        ("“It is dry,” said Mr. Orm.", "Mr. Orm", 0.95),
        ("“It is dry,” said Mayor Ada Orm of Lund.", "Mayor Ada Orm", 0.95),
        ("“It is dry,” said the harbour master Ada Orm.", "Ada Orm", 0.95),
        ("“It is dry,” said Anders van der Berg.", "Anders van der Berg", 0.95),
        ("“It is dry,” Ada Orm, who has kept the well since she was nineteen, said.", "Ada Orm", 0.9),
        ("Ada Orm said: “It is dry.”", "Ada Orm", 0.95),
        ("Ada Orm said, “It is dry.”", "Ada Orm", 0.95),
        ("Ada Orm said:\n\n“It is dry.”", "Ada Orm", 0.95),
        ("Ada Orm, the mayor of Lund, said “It is dry.”", "Ada Orm", 0.9),
        ("Ada Orm told Per Lund on Monday: “It is dry.”", "Ada Orm", 0.9),
        ("According to Ada Orm, “the well is dry”.", "Ada Orm", 0.95),
        ("In the words of Ada Orm, “the well is dry”.", "Ada Orm", 0.95),
        ("Asked by Per Lund, Ada Orm replied: “It is dry.”", "Ada Orm", 0.95),
        ("Ada Orm spoke for an hour, Secretary of State Per Lund said: “It is dry.”", "Per Lund", 0.95),
        ("Ada Orm said the rain was late, adding: “It is dry.”", "Ada Orm", 0.9),
        ("“It is dry.”\n— Ada Orm, well-keeper", "Ada Orm", 0.8),
        ("Ada Orm called the plan “a hole with a mayor”.", "Ada Orm", 0.7),
        ("Ada Orm said that the plan was “not a serious one”.", "Ada Orm", 0.7),
        ("The plan, Ada Orm said, was “not a serious one”.", "Ada Orm", 0.7),
        ("“It is dry,” the mayor said.", "the mayor", 0.75),
        ("“It is dry,” said a spokesman for the port.", "a spokesman for the port", 0.75),
        ("A spokesman for Ada Orm said: “It is dry.”", "A spokesman for Ada Orm", 0.75),
        ("Ada Orm’s lawyer said: “It is dry.”", "Ada Orm’s lawyer", 0.75),
        ("Ada Orm keeps the well. “It is dry,” she said.", "Ada Orm", 0.6),
    ],
)
def test_a_speaker_is_found_by_form(text: str, speaker: str, confidence: float) -> None:
    assert [(who, how_sure) for _, who, how_sure in said(text)] == [(speaker, confidence)]


@pytest.mark.parametrize(
    "text",
    [
        "The “green” plan was dropped, Ada Orm said.",
        "Ada Orm said the “clean river” label would go.",
        "His book “The Weir” was praised, said Ada Orm.",
        "Ada Orm said in her book “The Weir” that it rained.",
        "Per Lund added a chapter called “The Long Dry”.",
        "A third state, called “controlled dryness”, is reached in May.",
        "The report said: “It is dry.”",
        "Chapter Two says: “It is dry.”",
        "Ada Orm’s report said: “It is dry.”",
        "A letter from Ada Orm said: “It is dry.”",
        "“It is dry,” said the letter from Ada Orm.",
        "Ada Orm met Per Lund. “It is dry,” she said.",
        "Mr Lund waited. “It is dry,” she said.",
        "“It is dry,” he said.",
        "“It is dry,” said Ada Orm and Per Lund.",
        "Ada Orm and Per Lund said: “It is dry.”",
        "Ada Orm said Per Lund had told her: “It is dry.”",
        "Ada Orm was told: “It is dry.”",
        "Ada Orm never said “it is dry”.",
        "Ada Orm would say “it is dry”.",
        "If Ada Orm had said “it is dry”, it would be.",
        "The man who shot Ada Orm said: “I am not sorry.”",
        "“Is it dry?” Ada Orm said nothing.",
        "“It is dry,” Per Lund said Ada Orm had told him.",
        "After the auditors spoke of “grave disorder,” Per Lund said on Monday.",
        "Residents say it is “not fit for dogs”.",
        "Ada Orm said it is dry, and it is.",
        "“It is dry, said Ada Orm.",
    ],
)
def test_no_speaker_is_better_than_a_wrong_one(text: str) -> None:
    assert said(text) == []


def test_where_two_candidates_compete_there_is_no_quotation() -> None:
    assert said("Ada Orm said, “It is dry,” Per Lund replied.") == []


def test_the_second_part_of_a_quotation_is_the_same_speaker_s() -> None:
    assert said("“It is dry,” said Ada Orm. “It was dry last year.” A dog barked. “It will rain.”") == [
        ("“It is dry,”", "Ada Orm", 0.95),
        ("“It was dry last year.”", "Ada Orm", 0.85),
    ]
    assert said("“It is dry,” Orm said, “and it was dry last year.”") == [
        ("“It is dry,”", "Orm", 0.95),
        ("“and it was dry last year.”", "Orm", 0.95),
    ]


def test_each_of_two_speakers_keeps_their_own() -> None:
    assert said("“Is it dry?” Per Lund asked. “It is,” Ada Orm answered.") == [
        ("“Is it dry?”", "Per Lund", 0.95),
        ("“It is,”", "Ada Orm", 0.95),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"It\'s dry," said Ada Orm.', '"It\'s dry,"'),
        ("‘It’s the drivers’ well,’ said Ada Orm.", "‘It’s the drivers’ well,’"),
        ("'It's the drivers' well,' said Ada Orm.", "'It's the drivers' well,'"),
        ("« Il pleut », said Ada Orm.", "« Il pleut »"),
        ("“He said, ‘Run,’ and we ran,” said Ada Orm.", "“He said, ‘Run,’ and we ran,”"),
        ("“One.\n\n“Two.\n\n“Three,” said Ada Orm.", "“One.\n\n“Two.\n\n“Three,”"),
        ('The 12" pipe is mine. "It\'s dry," said Ada Orm.', '"It\'s dry,"'),
    ],
)
def test_marks_are_paired_and_apostrophes_close_nothing(text: str, words: str) -> None:
    assert said(text) == [(words, "Ada Orm", 0.95)]


def test_a_speaker_stands_where_the_span_says_and_as_it_was_written() -> None:
    text = (
        "The ferry company has been fined for the third time this year after a\n"
        "deckhand was left behind. “I waved, and they waved back,” said Rasmus\n"
        "Vik, who walked to the lighthouse and spent the night with the keeper\n"
        "and two dogs."
    )
    (one,) = quotations(text)
    assert one.speaker == "Rasmus Vik"
    assert text[one.speaker_span.start : one.speaker_span.end] == "Rasmus\nVik"


def test_furniture_says_nothing() -> None:
    text = "Ada Orm said: “It is dry.”\n\n“Read on,” said Per Lund."
    (one,) = quotations(text, furniture=[Span(28, len(text))])
    assert one.speaker == "Ada Orm"


def test_the_labelled_set_is_large_and_hard_enough() -> None:
    texts = labelled("quotations")
    for part in ("dev", "test"):
        of_part = [one for one in texts if one["part"] == part]
        assert len(of_part) >= 20
        assert sum(len(one["quotations"]) for one in of_part) >= 60
        assert sum(len(one["not"]) for one in of_part) >= 20
    for one in texts:
        for words in [*one["not"], *(label["words"] for label in one["quotations"])]:
            assert one["text"].count(words) == 1


@pytest.mark.parametrize("part", ["dev", "test"])
def test_the_labelled_set_is_read_with_a_precision_of_95_percent(part: str) -> None:
    score = score_quotations(part)
    precision = score.precision()
    assert precision is not None
    assert precision >= 0.95
    assert score.recall() >= 0.7


@pytest.mark.parametrize("unit", ["“", "”", '"', "‘", "’", "'", "«", "A", "a ", "A ", "“a” ", "“a,” said ", "“\n\n"])
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    assert quotations(unit * (100_000 // len(unit))) == ()


@given(st.text(alphabet="“”\"‘’'«»Aa ,.:\n—said", max_size=200))
def test_quotations_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = quotations(text)
    for one in found:
        assert 0 <= one.span.start < one.span.end <= len(text)
        assert " ".join(text[one.speaker_span.start : one.speaker_span.end].split()) == one.speaker != ""
        assert 0 < one.confidence <= 1
    for before, after in pairwise(found):
        assert before.span.end <= after.span.start
