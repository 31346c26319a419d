"""What may answer: every sentence of the hits once, with where it stands, whose words it has and what is beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from corpus.document import Header, Passage, Span
from corpus.sentences import sentences
from rag.answering.asked import asked
from rag.answering.candidates import Candidate, candidates, is_label
from rag.answering.context import in_context
from vectorstore.base import Hit

TEXT = "The lock at Tarn broke. Ada Orm said: “It was old.” Barges wait outside."


def passage(text: str, header: Header | None = None, start: int = 0) -> Passage:
    """The whole of a document but for its first ``start`` characters."""
    spans = tuple(Span(start + span.start, start + span.end) for span in sentences(text))
    return Passage(header or Header("a.txt"), start, start + len(text), text, spans)


def found_in(*texts: str, quoted: Mapping[str, Sequence[tuple[Span, str]]] | None = None) -> list[Candidate]:
    """The sentences of documents a, b, c, the first of which was found best."""
    hits = [Hit(passage(text, Header("abc"[at])), float(len(texts) - at)) for at, text in enumerate(texts)]
    return candidates(hits, quoted or {})


def context(question: str, text: str, sentence: str) -> str:
    """What of a text is quoted to answer with one of its sentences."""
    (each,) = [each for each in found_in(text) if each.text == sentence]
    return each.passage.slice(in_context(asked(question).thing, each))


# --- candidates


def test_every_sentence_is_one_in_the_order_of_the_hits() -> None:
    found = found_in(TEXT, "A ferry sank.")
    assert [(each.document.name, each.text) for each in found] == [
        ("a", "The lock at Tarn broke."),
        ("a", "Ada Orm said: “It was old.”"),
        ("a", "Barges wait outside."),
        ("b", "A ferry sank."),
    ]


def test_a_sentence_of_two_overlapping_passages_is_there_once_for_the_better() -> None:
    whole = passage(TEXT)
    second = Passage(whole.document, 24, len(TEXT), TEXT[24:], whole.sentences[1:])
    found = candidates([Hit(second, 2.0), Hit(whole, 1.0)], {})
    assert [(each.text, each.standing) for each in found] == [
        ("Ada Orm said: “It was old.”", 1.0),
        ("Barges wait outside.", 1.0),
        ("The lock at Tarn broke.", 0.0),
    ]


def test_the_same_words_in_two_documents_are_two_sentences() -> None:
    assert len(found_in("A ferry sank.", "A ferry sank.")) == 2


def test_a_sentence_stands_between_the_best_hit_and_the_last() -> None:
    assert [each.standing for each in found_in("One sank.", "Two sank.", "Three sank.")] == [1.0, 0.5, 0.0]


def test_hits_of_one_score_all_stand_high() -> None:
    hits = [Hit(passage("One sank.", Header("a")), 0.3), Hit(passage("Two sank.", Header("b")), 0.3)]
    assert [each.standing for each in candidates(hits, {})] == [1.0, 1.0]


def test_without_hits_there_is_nothing() -> None:
    assert candidates([], {}) == []


def test_whose_words_stand_in_a_sentence_and_how_much_of_it_they_are() -> None:
    words = "“It was old.”"
    start = TEXT.index(words)
    first, second, third = found_in(TEXT, quoted={"a": [(Span(start, start + len(words)), "Ada Orm")]})
    assert (second.speaker, second.said) == ("Ada Orm", len(words) / len("Ada Orm said: “It was old.”"))
    assert [(each.speaker, each.said) for each in (first, third)] == [("", 0.0), ("", 0.0)]


def test_of_two_speakers_the_first_has_the_sentence_and_only_his_share() -> None:
    text = "“Up,” said Orm, and “down,” said Penn."
    spans = [
        (Span(text.index(words), text.index(words) + 5), who) for words, who in (("“Up,”", "Orm"), ("“down", "Penn"))
    ]
    (only,) = found_in(text, quoted={"a": spans})
    assert (only.speaker, only.said) == ("Orm", 5 / len(text))


def test_a_quotation_over_two_sentences_counts_in_each_with_its_part() -> None:
    text = "“We waited. We left.”"
    first, second = found_in(text, quoted={"a": [(Span(0, len(text)), "Ada Orm")]})
    assert (first.speaker, first.said, second.speaker, second.said) == ("Ada Orm", 1.0, "Ada Orm", 1.0)


def test_a_quotation_of_another_document_is_none_of_this_one() -> None:
    found = found_in("One sank.", "Two sank.", quoted={"b": [(Span(0, 9), "Ada Orm")]})
    assert [each.speaker for each in found] == ["", "Ada Orm"]


def test_the_sentences_beside_one_are_those_of_its_passage() -> None:
    first, second, third = found_in(TEXT)
    assert (second.beside(-1), second.beside(1)) == (first.text, third.text)
    assert (first.beside(-1), third.beside(1)) == ("", "")


@pytest.mark.parametrize(
    "text", ["# Lock breaks at Tarn", "Lock breaks at Tarn", "By Ada Orm", "Traffic", "12 May 2022"]
)
def test_a_title_a_byline_and_a_heading_are_labels(text: str) -> None:
    assert is_label(text, passage("The lock broke.", Header("a", title="Lock breaks at Tarn")))


@pytest.mark.parametrize(
    "text",
    [
        "The lock broke.",
        "Who broke it?",
        "She said: “It was old.”",
        "(It was old.)",
        "- three barges",
        "2) nine crates of salt",
        "The lock at Tarn broke on the first evening of the fair and nobody has mended it yet",
    ],
)
def test_a_sentence_an_item_of_a_list_and_a_long_line_are_no_labels(text: str) -> None:
    assert not is_label(text, passage("The lock broke.", Header("a", title="Lock breaks at Tarn")))


def test_a_long_title_is_a_label_though_it_ends_like_a_sentence() -> None:
    title = "The lock at Tarn broke on the first evening of the fair, and nobody has mended it since then."
    assert is_label(title, passage(title, Header("a", title=title)))


@pytest.mark.parametrize("sign", ["a", ".", "”", " ", "- "])
def test_a_label_is_told_of_a_line_without_end(sign: str) -> None:
    assert not is_label("Tarn" + sign * 100_000, passage("The lock broke."))


# --- context


LIST = "The lock carries:\n\n- barges\n- rowing boats\n- swans\n\nIt is closed at night."


def test_the_items_behind_a_colon_come_along() -> None:
    whole = "The lock carries:\n\n- barges\n- rowing boats\n- swans"
    assert context("What does the lock carry?", LIST, "The lock carries:") == whole


def test_an_item_brings_the_line_that_announces_it_when_it_is_the_first() -> None:
    assert context("What does the lock carry?", LIST, "- barges") == "The lock carries:\n\n- barges"
    assert context("What does the lock carry?", LIST, "- swans") == "- swans"


def test_of_a_list_without_end_only_so_much_comes_along() -> None:
    text = "The lock carries:\n\n" + "\n".join(f"- barge {number}" for number in range(50))
    quoted = context("What does the lock carry?", text, "The lock carries:")
    assert quoted.startswith("The lock carries:\n\n- barge 0\n")
    assert "- barge 20" not in quoted


def test_a_sentence_behind_a_colon_is_no_item() -> None:
    text = "One thing was clear:\n\nThe lock was old. Nobody had looked at it."
    assert context("What was clear?", text, "One thing was clear:") == "One thing was clear:"


def test_a_person_is_told_by_the_sentence_that_names_her() -> None:
    text = "It rained. The keeper was Ada Orm. She opened the gates. He thanked her."
    expected = "The keeper was Ada Orm. She opened the gates. He thanked her."
    assert context("Who thanked her?", text, "He thanked her.") == expected


def test_a_name_too_far_before_is_not_fetched() -> None:
    text = "Ada Orm kept the lock. It rained. It snowed. It froze. It thawed. She left."
    assert context("Who left?", text, "She left.") == "She left."


def test_a_quotation_is_no_name_for_its_speaker() -> None:
    text = "The keeper was Ada Orm. “Tilda Croft Penn will never float,” she said."
    assert context("Who said so?", text, "“Tilda Croft Penn will never float,” she said.") == text


def test_a_long_quotation_is_followed_for_three_sentences_and_not_beyond_its_passage() -> None:
    text = "Orm said: “One. Two. Three. Four. Five. Six.”"
    assert context("What happened?", text, "Orm said: “One.") == "Orm said: “One. Two. Three. Four."
    assert context("What happened?", "We left.” Then it rained.", "We left.”") == "We left.”"


def test_straight_marks_open_and_close_a_quotation_too() -> None:
    text = 'Orm said: "We waited. We left." Then it rained.'
    assert context("What happened?", text, 'Orm said: "We waited.') == 'Orm said: "We waited. We left."'


@pytest.mark.parametrize("sign", ["“", "”", '"', "A ", "Aa ", "he ", ":", "‘"])
def test_hostile_passages_are_read_to_the_end(sign: str) -> None:
    text = sign * 100_000
    whole = Span(0, len(text))
    only = Candidate(Hit(Passage(Header("a"), 0, len(text), text, (whole,)), 1.0), 1.0, 0, whole, text)
    assert in_context("person", only) == whole
