"""The narrow front: what ``from rag import …`` gives, and how it behaves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import rag
from rag import Assistant, BadInput, Turn
from vectorstore.errors import UnknownDocument

Open = Callable[..., Assistant]


def test_the_front_door_has_these_names() -> None:
    answers = {"Answer", "Assistant", "Assumption", "Citation", "Found", "Hit", "Report", "Sentence", "Turn"}
    models = {"Limits", "Piece", "Prompt", "Provider", "ProviderError", "Scripted", "Usage"}
    assert set(rag.__all__) == answers | models | {"BadInput", "CiteDeskError", "evaluate"}
    assert all(getattr(rag, name) for name in rag.__all__)


def test_a_model_is_named_or_given_and_nothing_else(tmp_path: Path) -> None:
    Assistant.open(tmp_path, llm=rag.Scripted(["Yes [1]."])).close()
    Assistant.open(tmp_path, llm="none").close()
    with pytest.raises(BadInput, match="not 5"):
        Assistant.open(tmp_path, llm=5)  # type: ignore[arg-type]


def test_an_archive_is_opened_filled_and_asked(tmp_path: Path, articles: Path) -> None:
    with Assistant.open(tmp_path / "my-archive") as desk:
        report = desk.ingest(articles)
        assert (report.added, report.failed) == (("bridge.txt", "ferry.txt", "harvest.md"), ())
        answer = desk.ask("How many cars a day will the bridge carry?")
        assert answer.status == "answered"
        assert answer.citations[0].document.title == "Bridge opens at Ollerford"
        assert "4,000 cars a day" in answer.citations[0].quote
        text = desk.document("bridge.txt").text
        assert text[answer.citations[0].start : answer.citations[0].end] == answer.citations[0].quote


def test_ask_is_the_last_value_of_stream(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    partial = list(desk.stream("Who found new work?"))
    whole = desk.ask("Who found new work?")
    assert (partial[-1].text, partial[-1].citations) == (whole.text, whole.citations)
    assert all(later.text.startswith(earlier.text) for earlier, later in pairwise(partial))


def test_a_follow_up_is_understood_from_the_turn_before(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    history = [Turn("How many members of the ferry crew found new work?", "Eleven.")]
    assert "eleven" in desk.ask("And who said so?", history=history).text


def test_a_search_is_a_sequence_of_hits_best_first(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    found = desk.search("ferry crew", k=2)
    assert len(found) == 2
    assert found[0].passage.document.name == "ferry.txt"
    assert found[0].score >= found[1].score


def test_an_empty_archive_abstains_and_says_why(small_desk: Open) -> None:
    answer = small_desk().ask("Who?")
    assert (answer.status, answer.text) == ("abstained", "The archive is empty: add documents, then ask again.")


def test_removed_documents_are_in_no_answer(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    desk.remove(["bridge.txt"])
    assert [document.name for document in desk.documents()] == ["ferry.txt", "harvest.md"]
    assert all(hit.passage.document.name != "bridge.txt" for hit in desk.search("bridge cars mayor"))


def test_removing_what_is_not_there_removes_nothing(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    with pytest.raises(UnknownDocument, match=r"not in the archive: none\.txt"):
        desk.remove(["bridge.txt", "none.txt"])
    assert desk.status().documents == 3


@pytest.mark.parametrize(
    ("question", "options", "why"),
    [
        ("", {}, "empty"),
        (" \n ", {}, "empty"),
        ("x" * 100_000, {}, "over the limit of 8,000"),
        ("who", {"k": 0}, "k is 0"),
        ("who", {"k": 1_001}, "k is 1001"),
        ("who", {"since": "yesteryear"}, "not a date"),
    ],
)
def test_what_cannot_be_asked_is_refused(small_desk: Open, question: str, options: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        small_desk().ask(question, **options)


def test_an_upload_is_kept_inside_the_archive_under_a_safe_name(
    small_desk: Open, articles: Path, tmp_path: Path
) -> None:
    desk = small_desk()
    report = desk.upload(articles / "bridge.txt", "../../etc/cron.d/bridge.txt")
    assert report.added == ("bridge.txt",)
    kept = [path for path in (tmp_path / "home" / "uploads").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == ["bridge.txt"]
    assert desk.upload(articles / "bridge.txt", "bridge.txt").unchanged == ("bridge.txt",)
