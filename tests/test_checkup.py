"""What the doctor says of settings and of the models that they name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from corpus.errors import BadInput
from rag import checkup
from rag.llm.base import Limits, ProviderError
from rag.llm.calling import Caller
from rag.llm.scripted import Scripted
from rag.templates import Templates
from vectorstore.index import Finding


def model(asked: Scripted | None, limits: Limits | None = None, told: list[str] | None = None) -> Finding:
    def about(line: str) -> None:
        if told is not None:
            told.append(line)

    return checkup.model(lambda: Caller(asked, limits) if asked else None, Templates, about_to_ask=about)


def test_settings_name_their_origin_and_keys_are_never_shown() -> None:
    environment = {
        "OPENAI_API_KEY": "sk-canary-1",
        "OPENAI_BASE_URL": "http://me:sk-canary-2@127.0.0.1:1/v1?k=sk-canary-3",
    }
    found = checkup.settings({"llm": ("openai:m", "--llm")}, environment)
    assert found == [
        Finding("setting llm", True, "openai:m (--llm)"),
        Finding("environment OPENAI_API_KEY", True, "set, not shown"),
        Finding("environment OPENAI_BASE_URL", True, "http://127.0.0.1:1/v1"),
    ]


def test_the_server_of_embeddings_is_shown_likewise() -> None:
    environment = {"OPENAI_EMBEDDINGS_API_KEY": "sk-canary-5", "OPENAI_EMBEDDINGS_BASE_URL": "http://127.0.0.1:1/v1"}
    found = [(finding.subject, finding.detail) for finding in checkup.settings({}, environment)]
    assert found == [
        ("environment OPENAI_EMBEDDINGS_API_KEY", "set, not shown"),
        ("environment OPENAI_EMBEDDINGS_BASE_URL", "http://127.0.0.1:1/v1"),
    ]


def test_a_host_without_a_scheme_is_shown_as_it_is() -> None:
    (found,) = checkup.settings({}, {"OLLAMA_HOST": "127.0.0.1:11434"})
    assert found.detail == "127.0.0.1:11434"


def test_what_is_no_address_ends_nothing() -> None:
    (found,) = checkup.settings({}, {"OPENAI_BASE_URL": "http://[::1"})
    assert found.detail == "set, but no address"


def test_a_variable_that_only_looks_like_a_setting_is_named_without_its_value() -> None:
    (found,) = checkup.settings({}, {"CITEDESK_LLM_TOTAL": "sk-canary-4", "CITEDESK_K": "5", "CITEDESK_HOME": "x"})
    assert found == Finding("environment CITEDESK_LLM_TOTAL", False, "no setting has that name")


def test_a_model_that_answers_is_in_order_and_one_hears_of_the_waiting_before() -> None:
    asked, told = Scripted(["ready"]), list[str]()
    found = model(asked, told=told)
    assert found.sound
    assert found.detail.startswith("scripted answers, first word after ")
    assert len(asked.prompts) == 1
    assert told == ["asking scripted, for 120 s at most"]


def test_a_model_that_thinks_first_is_in_order() -> None:
    thoughts = ["<think>", *["hm "] * 700, "</think>", "ready"]
    assert model(Scripted(thoughts)).sound


def test_a_model_that_does_not_says_why_and_is_asked_once() -> None:
    asked = Scripted([], failure=ProviderError("gone", transient=True))
    assert model(asked) == Finding("language model", False, "gone")
    assert len(asked.prompts) == 1


def test_a_model_without_room_for_passages_is_not_in_order() -> None:
    asked = Scripted(["ready"], context_tokens=1_500)
    detail = (
        "scripted takes 1,500 tokens, 800 of them for its reply, which leaves no room for passages;"
        " see llm_context_tokens and llm_reply_tokens"
    )
    assert model(asked) == Finding("language model", False, detail)
    assert model(asked, Limits(reply_tokens=100)).sound


def test_a_model_that_cannot_be_made_is_a_finding() -> None:
    def fails() -> Caller:
        raise BadInput("no such model")

    found = checkup.model(fails, Templates, about_to_ask=print)
    assert found == Finding("language model", False, "no such model")


def test_without_a_model_nothing_is_asked() -> None:
    assert model(None).sound


class Always:
    """A judge of one opinion."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        if self._error:
            raise self._error
        return [0.5] * len(pairs)


def test_a_judge_is_tried_out() -> None:
    assert checkup.judge(Always) == Finding("judge", True, "it answers")
    failed = checkup.judge(lambda: Always(ProviderError("out of memory")))
    assert failed == Finding("judge", False, "out of memory")


@pytest.mark.parametrize("error", [BadInput("no folder"), ProviderError("out of memory")])
def test_a_judge_that_cannot_be_made_is_a_finding(error: Exception) -> None:
    def fails() -> Always:
        raise error

    assert checkup.judge(fails) == Finding("judge", False, str(error))
