"""The built-in answer as it is given, with the embedder that ships, over a small archive of invented articles."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from rag import Assistant
from rag.answer import Answer, Turn
from rag.answering.wording import OTHERWISE
from rag.extractive import Extractive
from vectorstore.embedders.minilm import MiniLM

WIRE = (
    "A barge loaded with salt ran aground below the weir at Pell early on Sunday, the harbour office said. "
    "Its crew of four waded ashore and nobody was hurt. "
    "Pilot Ines Falk told the office that fog had hidden the marker buoys. "
    "Two tugs will try to pull the barge free on the spring tide. "
    "The owner, a salt works in Orlow, put the value of the cargo at 90,000 crowns. "
    "The channel stays shut until the hull has been looked at by divers.\n"
)
ARTICLES = {
    "lock-mercury.md": (
        "---\ntitle: Old lock at Tarn gives way\noutlet: The Mercury\nauthor: Ada Orm\ndate: 2022-01-13\n---\n\n"
        "The upper gate of the lock at Tarn broke on Wednesday, and eleven barges are waiting below it. "
        "The gate broke because its hinges had rusted through, the canal inspector Tilda Croft said. "
        "“We asked for new hinges in 2019 and were given paint,” said Croft. "
        "Repairs will cost 2.4 million crowns and take nine weeks.\n\n"
        "A kiosk beside the lock has sold tea to the crews all day.\n"
    ),
    "lock-beacon.md": (
        "---\ntitle: Canal board answers its critics\noutlet: Beacon\ndate: 2022-01-20\n---\n\n"
        "The canal board rejects the charge that it neglected the lock at Tarn. "
        "“The hinges were sound when we looked at them,” said Piet Marlow, who chairs the board. "
        "Marlow blamed a barge that had rammed the gate in the autumn.\n"
    ),
    "lock-echo.md": (
        "---\ntitle: Tarn lock open again\noutlet: Echo\ndate: 2022-03-24\n---\n\n"
        "The lock at Tarn opened again on Tuesday after ten weeks. "
        "The first barge through it carried gravel for the new school at Pell.\n"
    ),
    "dyers.md": (
        "---\ntitle: Dyers and mill owners keep talking\noutlet: The Mercury\ndate: 2022-05-06\n---\n\n"
        "The wage talks between the dyers and the mill owners did not collapse, both sides said on Friday. "
        "They only paused so that the dyers could count their strike fund.\n"
    ),
    "market.txt": (
        "Notes from the market\n\n"
        "The goods sold on the market square are:\n\n- woollen socks\n- smoked eel\n- copper kettles\n- candles\n\n"
        "The market shuts at noon.\n"
    ),
    "barge-star.md": f"---\ntitle: Salt barge aground\noutlet: Star\ndate: 2022-06-12\n---\n\n{WIRE}",
    "barge-post.md": f"---\ntitle: Barge stuck at Pell\noutlet: Evening Post\ndate: 2022-06-13\n---\n\n{WIRE}",
}
QUESTIONS = [
    "Why did the gate of the lock at Tarn break?",
    "When did the upper gate of the lock break?",
    "How much will the repairs of the lock cost?",
    "Who chairs the canal board?",
    "What exactly did Piet Marlow say about the hinges?",
    "What goods are sold on the market square?",
    "How did the story of the lock at Tarn develop?",
    "Compare what Tilda Croft and Piet Marlow say about the hinges.",
    "Which newspaper published the article on the old lock?",
    "How many people were in the crew of the salt barge?",
    "Why did the wage talks between the dyers and the mill owners collapse?",
    "Did the lock open again?",
]
UNANSWERED = "Who won the tennis tournament in Zerbia?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("answers")
    folder = home / "articles"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with Assistant.open(home / "archive") as opened:
        assert not opened.ingest(folder).failed
    return home / "archive"


@pytest.fixture(scope="module")
def desk(home: Path) -> Iterator[Assistant]:
    with Assistant.open(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def willing(desk: Assistant) -> Assistant:
    """The same archive, asked so that it never declines: what was learnt of absence may change."""
    return desk.answering_with(Extractive(MiniLM(), abstain_above=1.0))


@pytest.fixture(scope="module")
def answers(willing: Assistant) -> dict[str, Answer]:
    return {question: willing.ask(question) for question in QUESTIONS}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Assistant]:
    with Assistant.open(tmp_path / "empty") as opened:
        yield opened


def faithful(desk: Assistant, answer: Answer) -> None:
    """Every quotation is where it is said to be, and what stands between marks in the text is in a document."""
    for citation in answer.citations:
        document = desk.document(citation.document.name).text
        assert citation.check == "verbatim"
        assert document[citation.start : citation.end] == citation.quote != ""
        on_one_line = " ".join(citation.quote.split())
        assert any(f"{opens}{on_one_line}{closes}" in answer.text for opens, closes in ("“”", "‘’"))
        if citation.highlight:
            assert citation.start <= citation.highlight.start < citation.highlight.end <= citation.end
    assert re.findall(r"\[(\d+)\]", answer.text) == [str(citation.marker) for citation in answer.citations]
    assert [citation.marker for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    for sentence in answer.sentences:
        assert 0 <= sentence.start < sentence.end <= len(answer.text)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_fact_is_a_quotation_that_stands_in_its_document(
    desk: Assistant, answers: dict[str, Answer], question: str
) -> None:
    answer = answers[question]
    assert answer.status == "answered"
    assert answer.citations
    faithful(desk, answer)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_words_between_the_quotations_are_of_a_few_fixed_forms(answers: dict[str, Answer], question: str) -> None:
    answer = answers[question]
    for sentence, line in zip(answer.sentences, answer.text.split("\n\n"), strict=True):
        assert answer.text[sentence.start : sentence.end] == line
        assert line == OTHERWISE or line.startswith(("According to ", "Published by "))
        assert sentence.check == ("no claim" if line == OTHERWISE else "verified")


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_the_same_as_json(answers: dict[str, Answer], question: str) -> None:
    answer = answers[question]
    said = json.loads(json.dumps(answer.to_json()))
    assert (said["form"], said["finding"], said["status"]) == (answer.form, answer.finding, answer.status)
    assert said["conflicts"] == [conflict.to_json() for conflict in answer.conflicts]
    assert 0.0 <= said["absence"] <= 1.0
    for citation in said["citations"]:
        marked = citation["highlight"]
        if marked:
            begin = marked["start"] - citation["start"]
            assert citation["quote"][begin : begin + len(marked["text"])] == marked["text"]
    assert {sentence["text"] for sentence in said["sentences"]} == set(answer.text.split("\n\n"))


@pytest.mark.parametrize(
    ("question", "has"),
    [
        (QUESTIONS[0], "hinges had rusted through"),
        (QUESTIONS[2], "2.4 million crowns"),
        (QUESTIONS[3], "Piet Marlow"),
        (QUESTIONS[4], "The hinges were sound"),
        (QUESTIONS[9], "crew of four"),
    ],
)
def test_a_plain_question_has_its_answer(answers: dict[str, Answer], question: str, has: str) -> None:
    assert has in answers[question].citations[0].quote


def test_what_was_asked_for_is_marked(answers: dict[str, Answer]) -> None:
    marked = answers[QUESTIONS[2]].to_json()["citations"][0]["highlight"]
    assert "2.4 million" in marked["text"]


def test_a_weekday_is_resolved_beside_the_quotation(answers: dict[str, Answer]) -> None:
    answer = answers[QUESTIONS[1]]
    assert "12 January 2022]" in answer.text
    assert all("[" not in citation.quote for citation in answer.citations)


def test_a_quotation_names_its_speaker(answers: dict[str, Answer]) -> None:
    citation = answers[QUESTIONS[4]].citations[0]
    assert (answers[QUESTIONS[4]].form, citation.speaker) == ("quotation", "Piet Marlow")
    assert "According to Piet Marlow (Beacon, 20 January 2022): " in answers[QUESTIONS[4]].text


def test_a_list_comes_with_its_items(answers: dict[str, Answer]) -> None:
    answer = answers[QUESTIONS[5]]
    assert answer.form == "list"
    assert all(item in answer.text for item in ("woollen socks", "smoked eel", "copper kettles", "candles"))


def test_a_development_is_told_in_the_order_of_time_a_document_at_a_time(answers: dict[str, Answer]) -> None:
    answer = answers[QUESTIONS[6]]
    days = [citation.document.published or "9999" for citation in answer.citations]
    assert answer.form == "development"
    assert len(days) > 1
    assert days == sorted(days)
    assert len({citation.document.name for citation in answer.citations}) == len(days)


def test_a_comparison_has_a_line_for_each_side(answers: dict[str, Answer]) -> None:
    answer = answers[QUESTIONS[7]]
    assert answer.form == "comparison"
    assert [citation.document.outlet for citation in answer.citations] == ["The Mercury", "Beacon"]


def test_provenance_is_told_from_the_header(answers: dict[str, Answer]) -> None:
    answer = answers[QUESTIONS[8]]
    assert answer.form == "provenance"
    expected = "Published by The Mercury, 13 January 2022, written by Ada Orm, headline “Old lock at Tarn gives way”: "
    assert expected in answer.text


def test_a_wire_text_is_one_source_that_names_who_else_carries_it(answers: dict[str, Answer]) -> None:
    answer = answers[QUESTIONS[9]]
    quotes = [citation.quote for citation in answer.citations]
    assert len(quotes) == len(set(quotes))
    assert len([quote for quote in quotes if "crew of four" in quote]) == 1
    assert re.search(r"According to Star \(12 June 2022, also in Evening Post\)|according to Evening Post "
                     r"\(13 June 2022, also in Star\)", answer.text, re.IGNORECASE)  # fmt: skip


def test_what_a_question_takes_for_granted_is_put_right(answers: dict[str, Answer]) -> None:
    answer = answers[QUESTIONS[10]]
    assert answer.finding == "correction"
    assert answer.text.startswith(f"{OTHERWISE}\n\nAccording to The Mercury (6 May 2022): ")
    assert "did not collapse" in answer.citations[0].quote


def test_an_answer_is_short(answers: dict[str, Answer]) -> None:
    assert all(len(answer.citations) <= 5 for answer in answers.values())


def test_the_passage_that_is_quoted_is_among_those_retrieved_which_come_best_first(answers: dict[str, Answer]) -> None:
    for answer in answers.values():
        scores = [hit.score for hit in answer.retrieved]
        assert scores == sorted(scores, reverse=True)
        assert {citation.passage for citation in answer.citations} <= {hit.passage for hit in answer.retrieved}


def test_an_answer_grows_line_by_line(willing: Assistant) -> None:
    drafts = list(willing.stream(QUESTIONS[6]))
    assert len(drafts) == len(drafts[-1].citations) > 1
    for one, next_ in pairwise(drafts):
        assert next_.text.startswith(one.text)


def test_a_follow_up_is_answered_from_the_conversation(willing: Assistant) -> None:
    turn = Turn(QUESTIONS[2], "It will cost 2.4 million crowns.")
    answer = willing.ask("And how long will they take?", history=[turn])
    assert "nine weeks" in answer.text


# --- when there is nothing


def test_what_is_far_from_everything_is_declined_with_what_was_looked_through_and_the_nearest(desk: Assistant) -> None:
    answer = desk.ask(UNANSWERED)
    assert (answer.status, answer.finding, len(answer.citations)) == ("abstained", "near miss", 1)
    opening = "Nothing in 7 documents (13 January 2022 – 13 June 2022) answers this; the nearest is: According to "
    assert answer.text.startswith(opening)
    assert len(answer.sentences) == 1
    faithful(desk, answer)


def test_what_the_archive_tells_is_more_surely_answered_than_what_it_does_not(
    willing: Assistant, answers: dict[str, Answer]
) -> None:
    absences = [answers[question].absence or 0.0 for question in QUESTIONS[:5]]
    assert max(absences) < (willing.ask(UNANSWERED).absence or 0.0)


def test_with_a_bar_of_one_nothing_is_declined(willing: Assistant) -> None:
    answer = willing.ask(UNANSWERED)
    assert (answer.status, answer.finding) == ("answered", "answer")


def test_with_a_tiny_bar_everything_is_declined(desk: Assistant) -> None:
    strict = desk.answering_with(Extractive(MiniLM(), abstain_above=1e-9))
    answers = [strict.ask(question) for question in QUESTIONS[:4]]
    assert {(answer.status, answer.finding) for answer in answers} == {("abstained", "near miss")}
    for answer in answers:
        faithful(desk, answer)


def test_the_bar_is_a_setting(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "archive")
    (tmp_path / "archive" / "citedesk.toml").write_text("abstain_above = 0.000001\n", encoding="utf-8")
    with Assistant.open(tmp_path / "archive") as strict:
        assert strict.ask(QUESTIONS[2]).status == "abstained"


def test_an_empty_archive_says_so(empty: Assistant) -> None:
    answer = empty.ask(QUESTIONS[0])
    assert answer.text == "The archive is empty: add documents, then ask again."
    assert (answer.status, answer.finding, answer.citations, answer.absence) == ("abstained", "nothing", (), 1.0)


def test_an_empty_archive_answers_nothing_whatever_the_bar(empty: Assistant) -> None:
    answer = empty.answering_with(Extractive(MiniLM(), abstain_above=1.0)).ask(QUESTIONS[0])
    assert (answer.status, answer.finding) == ("abstained", "nothing")


def test_where_no_document_is_of_the_time_or_outlet_asked_for_that_is_said(desk: Assistant) -> None:
    for answer in (desk.ask(QUESTIONS[0], since="2031-01-01"), desk.ask(QUESTIONS[0], outlet="Zephyr")):
        assert answer.text == "No document of this archive is of the dates or the outlet asked for."
        assert (answer.status, answer.finding, answer.citations) == ("abstained", "nothing", ())


def test_of_a_part_of_the_archive_only_that_part_is_said_to_be_looked_through(desk: Assistant) -> None:
    answer = desk.ask(UNANSWERED, outlet="The Mercury")
    assert answer.text.startswith("Nothing in those asked for, 2 of 7 documents, answers this; the nearest is: ")
    faithful(desk, answer)


@pytest.mark.parametrize(
    "question",
    [
        "who was it and what of the",
        "?",
        "“",
        '"',
        "[1]",
        "lock " * 1_600,
        "a" * 8_000,
        " ".join(f"w{number}" for number in range(1_300)),
        "\U0001f6a4\U0001f30a",
        "水門はなぜ壊れたのですか",
        "لماذا انكسرت البوابة؟",
        "Why\u202e did\u200b the\x00 gate break?",
        "<script>alert(1)</script> [1] [2]",
        "' OR 1=1 --",
    ],
)
def test_whatever_is_asked_there_is_an_answer_or_none_and_nothing_made_up(
    desk: Assistant, willing: Assistant, question: str
) -> None:
    for answer in (desk.ask(question), willing.ask(question)):
        assert answer.status in ("answered", "abstained")
        faithful(desk, answer)
        json.dumps(answer.to_json())
