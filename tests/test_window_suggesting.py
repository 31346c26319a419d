"""Questions made from documents by their form, and kept only where the archive answers them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from corpus.document import Document, Header, Passage
from rag import Assistant
from rag.answer import Answer, Citation
from rag.window.suggesting import (
    FOLLOWING,
    LONGEST,
    READ,
    STARTERS,
    Made,
    Starters,
    answerable,
    following,
    made,
    spread,
)  # fmt: skip
from vectorstore.base import Hit

HEADER = Header("bridge.txt", "Ollerford bridge opens", "Vale Gazette", published="2023-05-03")


def questions(text: str, header: Header = HEADER) -> list[str]:
    return [each.question for each in made([Document(header, text)])]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("At least 23 people were hurt on the pier at Pell.", "How many people were hurt on the pier at Pell?"),
        ("Selmark will also pay Orlund 40 million crowns to dig.", "How much will Selmark pay Orlund to dig?"),
        ("The Pell council will spend $3m on the new pier.", "How much will the Pell council spend on the new pier?"),
        ("Orlund will send 200 engineers to the dam.", "How many engineers will Orlund send to the dam?"),
        ("The Pell council will vote on the plan on Monday.", "When will the Pell council vote on the plan?"),
    ],
)  # fmt: skip
def test_a_sentence_of_a_form_becomes_the_question_that_it_answers(sentence: str, question: str) -> None:
    assert questions(f"{sentence} Nothing else was said.", Header("a.txt")) == [question]


@pytest.mark.parametrize(
    "sentence",
    [
        "23 people were hurt when it struck the pier at Pell.",  # what struck?
        "Six of them will guide ships in the harbour at Pell.",
        "40 years ago were the times when Pell had a pier.",
        "Two months were lost before Pell had its pier.",
        "They will pay Orlund 40 million crowns.",
        "23 people were hurt when the ferry struck the pier.",  # which ferry?
    ],
)
def test_what_leans_on_its_surroundings_becomes_no_question(sentence: str) -> None:
    assert questions(sentence, Header("a.txt")) == []


def test_who_is_quoted_is_asked_about_the_name_in_the_headline_and_who_is_introduced_is_asked_for() -> None:
    text = (
        "The new bridge at Ollerford opened on Tuesday. Tilda Croft, the mayor of Pell, came too. "
        "Tilda Croft said: “Ollerford will not need its ferry any more.” Pell Manor, a hotel by the river, was full."
    )
    found = questions(text)
    assert "What did Tilda Croft say about Ollerford?" in found
    assert "Who is Tilda Croft?" in found
    assert "Who is Pell Manor?" not in found
    assert "What does Vale Gazette report about Ollerford?" in found


def test_two_outlets_with_one_name_in_their_headlines_are_compared() -> None:
    text = "The bridge at Ollerford opened on Tuesday with a band."
    other = Header("other.txt", "Ollerford has its bridge", "Orchard Weekly")
    found = [each.question for each in made([Document(HEADER, text), Document(other, text)])]
    assert "What do Vale Gazette and Orchard Weekly report about Ollerford?" in found


def test_each_document_has_its_turn_before_any_has_a_second_and_none_is_too_long() -> None:
    text = "The bridge at Ollerford opened. Tilda Croft said: “Ollerford will not need its ferry any more.”"
    documents = [Document(Header(f"{n}.txt", f"Ollerford {n}", f"Outlet {n}"), text) for n in range(4)]
    assert {each.document for each in made(documents)[:4]} == {"0.txt", "1.txt", "2.txt", "3.txt"}
    long = Header("a.txt", "Ollerford opens", "x" * 200)
    assert all(len(each) <= LONGEST for each in questions(text, long))


def test_furniture_makes_no_question() -> None:
    from corpus.document import Span

    text = "The Pell council will vote on the plan on Monday."
    document = Document(Header("a.txt"), text, furniture=(Span(0, len(text)),))
    assert made([document]) == []


def test_documents_are_taken_evenly_over_time() -> None:
    headers = [Header(f"{n}", published=f"20{n:02}") for n in range(99)]
    taken = spread(reversed(headers), READ)
    assert len(taken) == READ
    assert taken == sorted(taken, key=lambda header: header.published or "")
    assert spread(headers[:3], READ) == headers[:3]


class Answers:
    """Answers the questions it knows from the documents it says."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.asked: list[str] = []

    def ask(self, question: str) -> Answer:
        self.asked.append(question)
        if question not in self.known:
            return Answer(question, "Nothing.", "abstained", "x", finding="nothing")
        passage = Passage(Header(self.known[question]), 0, 1, "x")
        return Answer(question, "x [1]", "answered", "x", (Citation(1, passage, "x", 0, 1, "verbatim"),))


def test_only_what_is_answered_from_its_own_document_is_offered() -> None:
    desk = Answers({"a?": "a", "b?": "another", "d?": "d"})
    candidates = [Made(f"{name}?", name) for name in "abcd"]
    assert answerable(candidates, cast(Assistant, desk)) == ["a?", "d?"]


def test_no_more_is_asked_than_is_offered() -> None:
    names = [f"{n}" for n in range(30)]
    desk = Answers({f"{name}?": name for name in names})
    assert len(answerable([Made(f"{name}?", name) for name in names], cast(Assistant, desk))) == STARTERS
    assert len(desk.asked) == STARTERS


def test_the_questions_of_an_archive_are_made_again_when_its_documents_change(
    small_desk: Callable[..., Assistant], articles: Path, tmp_path: Path
) -> None:
    desk = small_desk()
    starters = Starters(lambda: desk)
    assert starters.questions() == ()
    desk.ingest(articles)
    found = starters.questions()
    assert found
    assert all(desk.ask(question).status == "answered" for question in found)
    assert starters.questions() is found
    starters.close()
    assert starters.questions() == ()


def hit(text: str, name: str = "a.txt", title: str = "Ollerford opens its bridge", outlet: str = "Post") -> Hit:
    return Hit(Passage(Header(name, title, outlet, published="2023-05-03"), 0, len(text), text), 1.0)


def test_what_was_found_and_not_cited_leads_on() -> None:
    cited = hit("The Pell council will vote on the plan on Monday.", "cited.txt")
    other = hit("Orlund will send 200 engineers to the dam.", "b.txt")
    citation = Citation(1, cited.passage, "x", 0, 1, "verbatim")
    answer = Answer("What of Pell?", "x [1]", "answered", "x", (citation,), (cited, other))
    assert following(answer)[0] == "How many engineers will Orlund send to the dam?"
    assert not any("Pell council" in question for question in following(answer))


@pytest.mark.parametrize(
    ("published", "when"), [("2023-05-03", "on 3 May 2023"), ("2023-05", "in May 2023"), ("2023", "in 2023")]
)
def test_what_somebody_said_is_asked_for_at_its_time_as_far_as_that_is_known(published: str, when: str) -> None:
    text = "Tilda Croft said: “The pier will not be needed any more.”"
    found = Hit(Passage(Header("a.txt", "A pier", "Post", published=published), 0, len(text), text), 1.0)
    assert following(Answer("q", "x", "answered", "x", (), (found,))) == [f"What did Tilda Croft say {when}?"]


def test_no_more_than_a_few_follow_and_none_asks_what_was_asked() -> None:
    hits = tuple(hit(f"Orlund{n} will send {n}00 engineers to the dam.", f"{n}.txt") for n in range(1, 9))
    answer = Answer("How many engineers will Orlund1 send to the dam?", "x", "answered", "x", (), hits)
    found = following(answer)
    assert len(found) == FOLLOWING
    assert answer.question not in found
    assert following(Answer("q", "x", "error", "x", (), hits)) == []


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "A" * 100_000, "Aa " * 30_000, "1 " * 50_000, "will " * 20_000, "The A will " * 9_000]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    assert len(made([Document(Header("a.txt", "A a"), text)])) <= 3
    following(Answer("q", "x", "answered", "x", (), (hit(text),)))
