"""Every fault of a model's server, as who asks meets it: typed, said in a line, and answered all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag import Answer, Assistant
from rag.llm import provider
from rag.llm.calling import Caller
from tests.conftest import open_small, write_articles
from tests.fault_server import FAULTS, KEY, PIECES, Fault, serving

QUESTION = "When did the new bridge at Ollerford open?"

Ask = Callable[[Assistant], list[Answer]]


def by_ask(desk: Assistant) -> list[Answer]:
    return [desk.ask(QUESTION)]


def by_stream(desk: Assistant) -> list[Answer]:
    return list(desk.stream(QUESTION))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults")
    with open_small(folder / "home") as desk:
        desk.ingest(write_articles(folder / "articles"))
    return folder / "home"


@pytest.fixture
def desk_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Fault], Assistant]]:
    opened: list[Assistant] = []

    def make(base_url: str, fault: Fault) -> Assistant:
        monkeypatch.setenv("OPENAI_BASE_URL", base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        caller = Caller(provider("openai:m", fault.limits), fault.limits, jitter=lambda: 0.0)
        opened.append(open_small(home, caller=caller))
        return opened[-1]

    yield make
    for desk in opened:
        desk.close()


@pytest.mark.parametrize("asked", [by_ask, by_stream], ids=["ask", "stream"])
@pytest.mark.parametrize("name", FAULTS)
def test_whatever_the_server_does_there_is_an_answer_and_it_is_typed(
    name: str, asked: Ask, desk_for: Callable[[str, Fault], Assistant]
) -> None:
    fault = FAULTS[name]
    with serving(fault) as served:
        *before, last = asked(desk_for(served.base_url, fault))
        assert len(served.requests) == fault.requests
    assert last.status == fault.outcome
    assert {answer.status for answer in before} <= {"incomplete", "error"}
    assert [each.check for each in last.citations] == ["verbatim"] * len(last.citations)
    assert last.citations
    assert KEY not in str(last.to_json())
    if fault.outcome == "answered":
        assert last.text.endswith("".join(PIECES))
        left_out = ("1 of the passages found did not fit and were not given to the model.",)
        assert last.notes == (left_out if name == "overflow once" else ())
        return
    (note,) = last.notes
    assert "\n" not in note
    assert note.endswith("the built-in answer.")
    built_in = "“The new bridge at Ollerford opened on Tuesday after nine years of work.”"
    if fault.outcome == "incomplete":
        said, _, below = last.text.partition("\n\nThe built-in answer:\n\n")
        assert said
        assert built_in in below
        assert all(said.startswith(each.text) or each.text.startswith(said) for each in before)
    else:
        assert built_in in last.text
        assert "The built-in answer:" not in last.text
