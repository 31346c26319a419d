"""Answers by a language model: streamed, cited, checked; and what a reader gets where the model fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import BadInput
from rag import Answer, Assistant, Turn
from rag.llm import provider
from rag.llm.base import ContextOverflow, Prompt, Provider, ProviderError, Usage
from rag.llm.calling import Caller
from rag.llm.scripted import Scripted
from rag.prompting import REFUSAL

Open = Callable[..., Assistant]
Ask = Callable[..., list[Answer]]

QUESTION = "How many cars will the bridge at Ollerford carry?"
QUOTE = "Mayor Tilda Croft said: “It will carry 4,000 cars a day.”"


@pytest.fixture
def ask(small_desk: Open, articles: Path) -> Ask:
    """Every answer of a stream, without those that only say that somebody is waited for."""

    def ask_(model: Provider, question: str = QUESTION, **options: object) -> list[Answer]:
        desk = small_desk(caller=Caller(model))
        desk.ingest(articles / "bridge.txt")
        answers: list[Answer] = []
        for answer in desk.stream(question, **options):  # type: ignore[arg-type]
            if not answers or (answer.status, answer.text) != (answers[-1].status, answers[-1].text):
                answers.append(answer)
            else:
                answers[-1] = answer
        return answers

    return ask_


def test_words_appear_as_they_come_and_keys_turn_into_numbers(ask: Ask) -> None:
    def reply(prompt: Prompt) -> list[str]:
        key = prompt.user.partition("\n[")[2][:4]
        return ["Mayor Croft says ", "4,000 cars a day [", key[:2], key[2:], "]", "."]

    answers = ask(Scripted(reply, pause_s=0.1))
    assert [(answer.status, answer.text) for answer in answers if answer.text] == [
        ("incomplete", "Mayor Croft says"),
        ("incomplete", "Mayor Croft says 4,000 cars a day"),
        ("incomplete", "Mayor Croft says 4,000 cars a day [1]."),
        ("answered", "Mayor Croft says 4,000 cars a day [1]."),
    ]
    last = answers[-1]
    assert [(each.quote, each.check) for each in last.citations] == [(QUOTE, "verbatim")]
    assert [(each.check, each.markers, each.faults) for each in last.sentences] == [("verified", (1,), ())]
    assert last.composer == "llm scripted"


def test_each_claim_is_cited_with_the_sentence_that_says_it(ask: Ask) -> None:
    reply = "It opened on Tuesday after nine years of work [1]. It will carry 4,000 cars a day [1]."
    last = ask(Scripted([reply]))[-1]
    assert [(each.marker, each.quote) for each in last.citations] == [
        (1, "The new bridge at Ollerford opened on Tuesday after nine years of work."),
        (1, QUOTE),
    ]


def test_a_sentence_that_its_source_does_not_bear_out_is_shown_as_unverified(ask: Ask) -> None:
    last = ask(Scripted(["It will carry 9,000 cars a day [1]. The old ferry made its last crossing [1]. It is red."]))[
        -1
    ]
    assert last.status == "answered"
    assert [(each.check, each.faults) for each in last.sentences] == [
        ("unverified", ("9,000 is not in [1]",)),
        ("verified", ()),
        ("unverified", ("it cites nothing",)),
    ]
    assert last.to_json()["sentences"][0]["check"] == "unverified"


def test_what_was_cited_and_never_given_is_dropped_and_counted(ask: Ask) -> None:
    last = ask(Scripted(["It will carry 4,000 cars a day [1][7][b9z9]."]))[-1]
    assert last.text == "It will carry 4,000 cars a day [1]."
    assert last.invalid_markers == 2


def test_a_models_refusal_is_an_abstention_and_never_shown(ask: Ask) -> None:
    answers = ask(Scripted([REFUSAL[:5], REFUSAL[5:], "."]))
    assert {answer.text for answer in answers[:-1]} <= {""}
    assert answers[-1].status == "abstained"
    assert answers[-1].text.startswith("Nothing in ")


def test_a_question_far_from_everything_is_not_put_to_the_model(ask: Ask) -> None:
    model = Scripted(["Anything [1]."])
    assert ask(model, "How do I bake sourdough with rye?")[-1].status == "abstained"
    assert model.prompts == []


def test_what_a_model_thinks_first_is_not_shown(ask: Ask) -> None:
    answers = ask(Scripted(["<think>Let me see, ", "the mayor…</think>\n", "It will carry 4,000 cars a day [1]."]))
    assert not [answer for answer in answers if "Let me see" in answer.text]
    assert answers[-1].text == "It will carry 4,000 cars a day [1]."


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (Scripted([], failure=ProviderError("the server is gone")), "The server is gone"),
        (Scripted([]), "The reply of scripted was empty"),
        (Scripted(["  \n"]), "The reply of scripted was empty"),
        (Scripted(["<think>Hm.</think>"]), "The reply of scripted was empty"),
        (Scripted(["[0][9]"]), "scripted cited nothing that it was given"),
    ],
)
def test_where_no_word_comes_the_built_in_answer_stands_there_and_a_line_says_why(
    ask: Ask, model: Scripted, why: str
) -> None:
    last = ask(model)[-1]
    assert last.status == "error"
    assert "“It will carry 4,000 cars a day.”" in last.text
    assert last.notes == (f"{why}; this is the built-in answer.",)
    assert [each.check for each in last.citations] == ["verbatim"] * len(last.citations)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (Scripted(["The bridge carries cars [1]."], failure=ProviderError("the line broke")), "The line broke"),
        (Scripted(["The bridge carries cars [1]."], finish=None), "The reply of scripted broke off before its end"),
        (Scripted(["The bridge carries cars [1]."], finish="length"), "The reply of scripted was cut off (length)"),
    ],
)
def test_where_a_reply_breaks_off_it_stays_and_the_built_in_answer_stands_below(
    ask: Ask, model: Scripted, why: str
) -> None:
    last = ask(model)[-1]
    assert last.status == "incomplete"
    assert last.text.startswith("The bridge carries cars [1].\n\nThe built-in answer:\n\n")
    assert last.notes == (f"{why}; below it stands the built-in answer.",)
    markers = [citation.marker for citation in last.citations]
    assert markers[0] == 1
    assert markers[1:] == list(range(2, len(markers) + 1))
    assert all(f"[{marker}]" in last.text for marker in markers)


def test_a_reply_that_cites_nothing_is_no_answer(ask: Ask) -> None:
    last = ask(Scripted(["It will carry 4,000 cars a day."]))[-1]
    assert last.status == "incomplete"
    assert last.text.startswith("It will carry 4,000 cars a day.\n\nThe built-in answer:")
    assert last.sentences[0].faults == ("it cites nothing",)


def test_on_an_overflow_the_lowest_passage_is_dropped_and_the_model_asked_once_more(
    small_desk: Open, articles: Path
) -> None:
    def reply(prompt: Prompt) -> list[str]:
        if prompt.user.count("\nText: ") == 3:
            raise ContextOverflow("too long")
        return ["It will carry 4,000 cars a day [1]."]

    model = Scripted(reply)
    desk = small_desk(caller=Caller(model))
    desk.ingest(articles)
    assert desk.ask(QUESTION).status == "answered"
    assert [prompt.user.count("\nText: ") for prompt in model.prompts] == [3, 2]


def test_an_overflow_that_stays_is_given_up_after_the_second_time(ask: Ask) -> None:
    model = Scripted([], failure=ContextOverflow("too long"))
    last = ask(model)[-1]
    assert last.status == "error"
    assert "4,000" in last.text
    assert len(model.prompts) <= 2


def test_a_model_that_takes_less_than_a_passage_is_not_asked(ask: Ask) -> None:
    model = Scripted(["Yes [1]."], context_tokens=900)
    last = ask(model)[-1]
    assert last.status == "error"
    assert last.notes[0].startswith("No passage fits into the 900 tokens of scripted")
    assert model.prompts == []


def test_a_follow_up_is_rewritten_and_what_it_was_taken_for_is_said(ask: Ask) -> None:
    def reply(prompt: Prompt) -> list[str]:
        return [QUESTION] if "last question" in prompt.user else ["It will carry 4,000 cars a day [1]."]

    model = Scripted(reply)
    last = ask(model, "And how many cars?", history=[Turn("Who opened the bridge?", "Mayor Croft did. [1]")])[-1]
    assert last.notes == (f"Understood as: {QUESTION}",)
    assert "In the light of the conversation it means: " + QUESTION in model.prompts[1].user


def test_a_follow_up_that_cannot_be_rewritten_is_joined_to_the_question_before(ask: Ask) -> None:
    def reply(prompt: Prompt) -> list[str]:
        return ["One line\nand another"] if "last question" in prompt.user else ["It opened on Tuesday [1]."]

    history = [Turn("Who opened the bridge at Ollerford?", "Mayor Croft did. [1]")]
    last = ask(Scripted(reply), "And when?", history=history)[-1]
    assert (last.status, last.notes) == ("answered", ())


def test_without_a_conversation_the_model_is_asked_once(ask: Ask) -> None:
    model = Scripted(["It will carry 4,000 cars a day [1]."])
    ask(model)
    assert len(model.prompts) == 1


def test_what_it_took_is_counted(ask: Ask) -> None:
    usage = Usage(prompt_tokens=812, reply_tokens=14)
    last = ask(Scripted(["It will carry 4,000 cars a day [1]."], usage=usage))[-1]
    assert last.usage == usage
    assert last.to_json()["usage"] == {"prompt_tokens": 812, "reply_tokens": 14}


@pytest.mark.parametrize("name", ["gpt", "openai:", "nobody:model", ":"])
def test_a_model_nobody_offers_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadInput, match="names no model we can reach"):
        provider(name)


def test_a_reply_can_be_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "reply.txt"
    file.write_text("It is so [1].", encoding="utf-8")
    model = provider(f"scripted:{file}")
    assert isinstance(model, Scripted)
    assert model.pieces == ["It", " is", " so", " [1]."]
    with pytest.raises(BadInput, match="cannot be read"):
        provider("scripted:nowhere.txt")
