"""Whose words a question asks for, among those who are quoted."""

from __future__ import annotations

import pytest

from rag.asking.known import Known
from rag.asking.speakers import speakers

KNOWN = Known.of(
    speakers=["President Ada Orm", "Orm", "Capt. Lund", "the harbour master", "Zoë Penn", "Ida Penn", "Penn"]
)


def heard(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.words, each.names) for each in speakers(text, KNOWN)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What did Ada Orm say about the gate?", "Ada Orm"),
        ("what did orm say about the gate", "orm"),
        ("How did President Orm describe the gate?", "President Orm"),
        ("What were President Ada Orm's words on the gate?", "President Ada Orm"),
        ("Quote Orm on the gate.", "Orm"),
        ("According to Orm, what failed?", "Orm"),
        ("What Orm said about the gate is what I want to know.", "Orm"),
        ("What did Orm, who was there, say?", "Orm"),
    ],
)
def test_one_who_is_asked_to_speak_is_known_by_any_form_of_the_name(text: str, words: str) -> None:
    assert heard(text) == [(words, ("President Ada Orm", "Orm"))]


@pytest.mark.parametrize(
    "text",
    [
        "What did people say about Orm?",
        "Who spoke against Orm?",
        "What did the wife of Orm say?",
        "What did Ben Orm say?",
        "Where was Orm born?",
        "What did the report say?",
        "What did the master say?",
    ],
)
def test_one_who_is_spoken_of_is_not_heard(text: str) -> None:
    assert heard(text) == []


def test_a_surname_stands_for_everybody_of_that_name_and_a_full_name_for_one() -> None:
    assert heard("What did Penn say?") == [("Penn", ("Zoë Penn", "Ida Penn", "Penn"))]
    assert heard("What did Zoe Penn say?") == [("Zoe Penn", ("Zoë Penn",))]


def test_a_role_and_a_title_make_a_speaker_too() -> None:
    assert heard("What did the harbour master warn of?") == [("harbour master", ("the harbour master",))]
    assert heard("What did Captain Lund and Orm say?") == [
        ("Captain Lund", ("Capt. Lund",)),
        ("Orm", ("President Ada Orm", "Orm")),
    ]
