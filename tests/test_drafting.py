"""Questions drafted from sentences by their form, and whole sets drafted from an archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import BadInput
from rag import Assistant
from rag.evaluation import drafting, phrasing
from rag.evaluation.items import Item, read_items

Open = Callable[..., Assistant]


@pytest.mark.parametrize(
    ("statement", "question", "answer"),
    [
        (
            "Eleven people were injured in the crash near Pell",
            "How many people were injured in the crash near Pell?",
            "Eleven people",
        ),
        (
            "More than 4,000 cars crossed the bridge at Ollerford on Tuesday",
            "How many cars crossed the bridge at Ollerford?",
            "4,000 cars",
        ),
        (
            "In May, the harbour at Pell employed 300 people, most of them pilots",
            "How many people did the harbour at Pell employ?",
            "300 people",
        ),
        ("The ferry can carry 200 passengers", "How many passengers can the ferry carry?", "200 passengers"),
        (
            "There were 14 houses under water in Ollerford",
            "How many houses were there under water in Ollerford?",
            "14 houses",
        ),
        (
            "The new bridge at Ollerford cost £4.2 million, the council said",
            "How much did the new bridge at Ollerford cost?",
            "£4.2 million",
        ),
        (
            "The union at Pell raised $3 million for the pilots",
            "How much money did the union at Pell raise for the pilots?",
            "$3 million",
        ),
        (
            "The council said that 40 per cent of voters in Pell backed the plan",
            "What share of voters in Pell backed the plan?",
            "40 per cent",
        ),
        (
            "About 40 per cent of voters in Pell rejected the plan",
            "What share of voters in Pell rejected the plan?",
            "40 per cent",
        ),
        ("The statue is insured for 350,000 crowns", "How many crowns is the statue insured for?", "350,000 crowns"),
        ("The strike at Pell lasted nine days", "How long did the strike at Pell last?", "nine days"),
        (
            "Tilda Croft, the mayor of Ollerford, opened the bridge on 2 May 2023",
            "When did Tilda Croft open the bridge?",
            "2 May 2023",
        ),
        ("The treaty was signed on Tuesday in Ollerford", "When was the treaty signed in Ollerford?", "Tuesday"),
        ("The mill at Pell was finished in 1968 and supplies the town", "When was the mill at Pell finished?", "1968"),
        ("Ada Penn will be sworn in on June 3", "When will Ada Penn be sworn in?", "June 3"),
    ],
)
def test_a_statement_of_a_sure_form_becomes_the_question_that_it_answers(
    statement: str, question: str, answer: str
) -> None:
    assert [(found.question, found.answer) for found in phrasing.questions(statement)] == [(question, answer)]


@pytest.mark.parametrize(
    "statement",
    [
        "She sold 300 boats in Pell",  # who is she?
        "The union agreed to meet the port at Pell on Friday",  # agreed, or meet?
        "It has 46 of them",
        "The talks at Pell went on until Tuesday",
        "The bridge is 300 metres long",
        "The first ferry left Pell",
        "One man left Pell",
        "Gate 3 (one of five) opened in 2019",
        "The price rose from 4 to 5 crowns in Pell",
        "The board met in Pell at 7.30 p.m",
    ],
)
def test_a_statement_that_could_be_misread_becomes_none(statement: str) -> None:
    assert list(phrasing.questions(statement)) == []


@pytest.mark.parametrize("sign", ["a", "A ", "1", "1,", " and", "The 4 cars in ", "was on May 2 ", "(", "said "])
def test_a_hostile_sentence_costs_no_time(sign: str) -> None:
    for _ in phrasing.questions(f"The 40 boats {sign * 100_000}"):
        pass


def desk_with(open_small: Open, folder: Path, texts: dict[str, str]) -> Assistant:
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    desk = open_small()
    assert not desk.ingest(folder).failed
    return desk


TWO = {
    "bridge.txt": (
        "Bridge opens at Ollerford\n\nThe Vale Gazette\n\n3 May 2023\n\n"
        "The new bridge at Ollerford opened on Tuesday after nine years of work. "
        "Mayor Tilda Croft said: “The bridge will bring lorries back to Ollerford for good.” "
        "More than 4,000 cars crossed the river at Ollerford in one morning.\n"
    ),
    "press.txt": (
        "Cider press opens at Pell\n\nThe Pell Gazette\n\n1 August 2023\n\n"
        "“The press needs a roof before the Orchard Feast,” said Wilf Garrand, who owns the press. "
        "The growers moved 60 barrels to the hall at Pell on Monday.\n"
    ),
}


def test_a_set_is_drafted_from_quotations_figures_dates_and_titles(small_desk: Open, tmp_path: Path) -> None:
    items = drafting.questions(desk_with(small_desk, tmp_path / "texts", TWO), count=50)
    said = {item.question: item for item in items}
    assert {question: item.type for question, item in said.items() if item.answerable} == {
        "Who said “The bridge will bring lorries back to Ollerford for good”?": "who_said",
        "Who said “The press needs a roof before the Orchard Feast”?": "who_said",
        "What did Tilda Croft say about Ollerford?": "quote",
        "What did Wilf Garrand say about the Orchard Feast?": "quote",
        "How many cars crossed the river at Ollerford in one morning?": "number",
        "How many barrels did the growers move to the hall at Pell?": "number",
        "When did the new bridge at Ollerford open?": "relative_date",
        "When did the growers move 60 barrels to the hall at Pell?": "relative_date",
        "When was the article “Bridge opens at Ollerford” published?": "provenance",
        "When was the article “Cider press opens at Pell” published?": "provenance",
        "Who published the article “Bridge opens at Ollerford”?": "provenance",
        "Who published the article “Cider press opens at Pell”?": "provenance",
    }
    opened = said["When did the new bridge at Ollerford open?"]
    assert opened.answers == ("2 May 2023",)  # the Tuesday before Wednesday, 3 May 2023
    assert opened.must_include == (("2023-05-02", "May 2", "2 May"),)
    assert said["How many cars crossed the river at Ollerford in one morning?"].must_include == (("4,000", "4000"),)
    assert {item.question for item in items if item.answerable is False} == {
        "What did Wilf Garrand say about Ollerford?",
        "What did Tilda Croft say about the Orchard Feast?",
        "How many cars crossed the river at Pell in one morning?",
        "How many barrels did the growers move to the hall at Ollerford?",
        "When did the new bridge at Pell open?",
        "When did the growers move 60 barrels to the hall at Ollerford?",
    }


def test_every_draft_says_that_it_is_one_and_quotes_its_document_word_for_word(
    small_desk: Open, tmp_path: Path
) -> None:
    desk = desk_with(small_desk, tmp_path / "texts", TWO)
    items = drafting.questions(desk)
    assert [item.id for item in items] == [f"q{number:03}" for number in range(1, len(items) + 1)]
    for item in items:
        assert item.fields["draft"] is True
        assert "draft" in item.fields["note"]
        assert bool(item.evidence) == bool(item.must_include) == bool(item.answers) == item.answerable
        assert all(each.quote in desk.document(each.doc).text for each in item.evidence)


def test_the_same_seed_gives_the_same_set_and_no_more_than_asked(small_desk: Open, tmp_path: Path) -> None:
    desk = desk_with(small_desk, tmp_path / "texts", TWO)
    assert drafting.questions(desk, count=8, seed=3) == drafting.questions(desk, count=8, seed=3)
    few = drafting.questions(desk, count=8, seed=3)
    assert len(few) == 8
    assert sum(item.answerable is False for item in few) == 2  # a quarter
    assert len({item.type for item in few if item.answerable}) == 5
    assert [item.question for item in few] != [item.question for item in drafting.questions(desk, count=8, seed=4)]


def test_what_two_documents_carry_is_asked_once_and_what_both_say_is_not_asked(
    small_desk: Open, tmp_path: Path
) -> None:
    same = "“The press needs a roof before the Orchard Feast,” said Ada Penn of Pell."
    texts = {**TWO, "copy.txt": TWO["bridge.txt"].replace("Gazette", "Herald"), "other.txt": f"Roofs\n\n{same}\n"}
    asked = [item.question for item in drafting.questions(desk_with(small_desk, tmp_path / "texts", texts), count=90)]
    assert sum("cars crossed" in question and "Ollerford" in question for question in asked) == 1
    assert not [question for question in asked if question.startswith("Who said “The press")]


def test_an_archive_with_nothing_to_ask_about_says_so(small_desk: Open, tmp_path: Path) -> None:
    desk = desk_with(small_desk, tmp_path / "texts", {"note.txt": "nothing here\n\nonly some words\n"})
    with pytest.raises(BadInput, match="nothing to draft from in 1 documents"):
        drafting.questions(desk)
    with pytest.raises(BadInput, match="0 questions cannot be drafted"):
        drafting.questions(desk, count=0)


def test_a_draft_is_written_in_our_form_and_never_over_an_edited_one(tmp_path: Path) -> None:
    items = [Item("q001", "Who said “No”?", type="who_said", answerable=True, answers=("Ada",), fields={"draft": True})]
    drafting.write(items, tmp_path / "sets" / "q.jsonl")
    assert read_items(tmp_path / "sets" / "q.jsonl") == items
    assert json.loads((tmp_path / "sets" / "q.jsonl").read_text("utf-8"))["draft"] is True
    with pytest.raises(BadInput, match="is there already"):
        drafting.write(items, tmp_path / "sets" / "q.jsonl")
