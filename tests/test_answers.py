"""How answers come about: the sentence that answers, its quotation whole, its speaker, its dates, or none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.document import Header, Passage, Span
from corpus.sentences import sentences
from rag import Assistant
from rag.answering.asked import asked
from rag.answering.candidates import Candidate
from rag.answering.context import in_context
from rag.citation import cite
from vectorstore.base import Hit

Open = Callable[..., Assistant]


def candidate(text: str, sentence: str, start: int = 100) -> Candidate:
    """A sentence of a passage that begins at ``start`` of its document."""
    spans = tuple(Span(start + span.start, start + span.end) for span in sentences(text))
    passage = Passage(Header("a.txt"), start, start + len(text), text, spans)
    at = start + text.index(sentence)
    span = Span(at, at + len(sentence))
    return Candidate(Hit(passage, 1.0), 1.0, spans.index(span), span, sentence)


def context(question: str, text: str, sentence: str) -> str:
    span = in_context(asked(question).thing, candidate(text, sentence))
    return text[span.start - 100 : span.end - 100]


def test_a_plain_sentence_stands_for_itself() -> None:
    text = "The gate jammed. It took two days to free it. Nobody was hurt."
    assert context("How long did it take?", text, "It took two days to free it.") == "It took two days to free it."


def test_a_quotation_is_given_whole() -> None:
    text = "Penn said: “We waited. We saw nothing. We left.” Then it rained."
    whole = "Penn said: “We waited. We saw nothing. We left.”"
    assert context("What happened?", text, "We saw nothing.") == "We saw nothing."
    assert context("What happened?", text, "We left.”") == whole
    assert context("What happened?", text, "Penn said: “We waited.") == whole


def test_a_quotation_without_a_speaker_takes_the_sentence_before_it() -> None:
    text = "Ada Penn shook her head. “It will never float.”"
    assert context("What did she say?", text, "“It will never float.”") == text


def test_a_line_that_announces_a_quotation_with_a_colon_comes_along() -> None:
    text = "Ada Penn put it this way:\n\nIt will never float."
    assert context("Who doubted it?", text, "It will never float.") == text


def test_who_is_not_answered_by_a_pronoun_alone() -> None:
    text = "Mayor Tilda Croft cut the ribbon. Later she thanked the crew."
    assert context("Who thanked the crew?", text, "Later she thanked the crew.") == text
    assert context("Why the thanks?", text, "Later she thanked the crew.") == "Later she thanked the crew."


def test_a_citation_is_the_exact_slice() -> None:
    passage = Passage(Header("a.txt"), 10, 20, "0123456789")
    citation = cite(passage, Span(12, 15), 1)
    assert (citation.quote, citation.start, citation.end, citation.check) == ("234", 12, 15, "unverified")


def test_every_citation_of_an_answer_was_checked_against_its_document(sample_desk: Assistant) -> None:
    answer = sample_desk.ask("What did the two sides say about the river?")
    assert answer.citations
    for citation in answer.citations:
        text = sample_desk.document(citation.document.name).text
        assert citation.check == "verbatim"
        assert text[citation.start : citation.end] == citation.quote


def test_an_answer_names_outlet_and_date_and_quotes(sample_desk: Assistant) -> None:
    answer = sample_desk.ask("How much will Selmark pay Orlund?")
    assert answer.text.startswith("According to Coastal Wire (14 May 2024): “")
    assert "40 million crowns" in answer.text


def test_a_byline_or_a_headline_is_no_answer(small_desk: Open, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text(
        "Ada Penn wins the prize\n\nThe jury met for three hours on Monday. Ada Penn was its first choice.\n\n"
        "Ada Penn in Pell\n",
        encoding="utf-8",
    )
    desk = small_desk()
    desk.ingest(note)
    assert [citation.quote for citation in desk.ask("Who is Ada Penn?").citations] == ["Ada Penn was its first choice."]


def test_a_text_of_nothing_but_labels_answers_with_them(small_desk: Open, tmp_path: Path) -> None:
    note = tmp_path / "notes.txt"
    note.write_text("wall: 3 m\nferry 40 places\nbridge 9 m wide\n", encoding="utf-8")
    desk = small_desk()
    desk.ingest(note)
    assert "ferry 40 places" in desk.ask("How many places has the ferry?").text


def test_a_relative_date_is_resolved_beside_the_quotation(sample_desk: Assistant) -> None:
    answer = sample_desk.ask("When did the inquiry into the ferry Grey Heron open?")
    assert "[that is 17 April 2024]" in answer.text
    assert all("that is" not in citation.quote for citation in answer.citations)


@pytest.mark.parametrize(
    "question",
    ["What did Zebulon Quimby demand?", "How do I bake sourdough bread at home with rye flour?"],
)
def test_what_the_archive_does_not_know_is_not_answered(sample_desk: Assistant, question: str) -> None:
    answer = sample_desk.ask(question)
    assert (answer.status, answer.finding) == ("abstained", "near miss")
    opening = "Nothing in 16 documents (16 January 2024 – 14 May 2024) answers this; the nearest is: According to "
    assert answer.text.startswith(opening)
    assert [citation.check for citation in answer.citations] == ["verbatim"]
