"""What the doctor says of settings and of the language model."""

from __future__ import annotations

from rag import checkup
from rag.llm.base import ProviderError
from rag.llm.calling import Caller
from rag.llm.scripted import Scripted
from rag.templates import Templates
from vectorstore.index import Finding


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


def test_a_host_without_a_scheme_is_shown_as_it_is() -> None:
    (found,) = checkup.settings({}, {"OLLAMA_HOST": "127.0.0.1:11434"})
    assert found.detail == "127.0.0.1:11434"


def test_a_model_that_answers_is_in_order() -> None:
    model = Scripted(["ready"])
    found = checkup.model(Caller(model), Templates())
    assert found.sound
    assert found.detail.startswith("scripted answers, first word after ")
    assert len(model.prompts) == 1


def test_a_model_that_does_not_says_why_and_is_asked_once() -> None:
    model = Scripted([], failure=ProviderError("gone", transient=True))
    assert checkup.model(Caller(model), Templates()) == Finding("language model", False, "gone")
    assert len(model.prompts) == 1


def test_without_a_model_nothing_is_asked() -> None:
    assert checkup.model(None, Templates()).sound
