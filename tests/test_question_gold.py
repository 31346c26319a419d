"""The labelled questions: no filter that was not asked for, and everything else exactly as it is labelled."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from corpus.dates import Days, first_day, last_day
from rag.answer import Turn
from rag.asking.known import Known
from rag.question import Question, parts_named, understand
from vectorstore.filtering import Filter

LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parent / "gold" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]


def understood(item: dict[str, Any]) -> Question:
    first, last = item["covered"]
    parts, archive = parts_named(item["question"]), item["archive"]
    whole = Known.of(Days(first_day(first), last_day(last)), **archive)
    known = Known(
        whole.covered if parts.times else None,
        whole.sources if parts.sources else {},
        whole.speakers if parts.speakers else {},
    )
    history = [Turn(question, answer) for question, answer in item.get("history", [])]
    covered = Days(first_day(first), last_day(last))

    def is_there(within: Filter) -> bool:
        since, until = within.since or first, within.until or last
        return Days(first_day(since), last_day(until)).overlaps(covered)

    return understand(item["question"], history, today=item["today"], known=known, is_there=is_there)


def day(value: str) -> str | None:
    return None if date.fromisoformat(value) in (date.min, date.max) else value


def as_labelled(question: Question) -> dict[str, Any]:
    """What was understood, in the form of the labels."""
    by_kind: dict[str, list[dict[str, Any]]] = {"periods": [], "sources": [], "speakers": []}
    assumed = [each for each in question.assumptions if each.kind == "period"]
    days = question.prefers.periods or [
        Days(
            first_day(question.within.since) if question.within.since else date.min,
            last_day(question.within.until) if question.within.until else date.max,
        )
    ]
    for each, period in zip(assumed, days if assumed else [], strict=True):
        first, last = (day(end.isoformat()) for end in (period.first, period.last))
        by_kind["periods"].append({"words": each.words, "first": first, "last": last, "effect": each.effect})
    for each in question.assumptions:
        names = each.taken
        if each.kind in ("outlet", "author", "voice"):
            by_kind["sources"].append({"kind": each.kind, "words": each.words, "names": names, "effect": each.effect})
        if each.kind == "speaker":
            by_kind["speakers"].append({"words": each.words, "names": names})
    return by_kind


def expected(item: dict[str, Any]) -> dict[str, Any]:
    said = {"outlet": "from ", "author": "written by ", "voice": "republished from "}
    return {
        "periods": item["periods"],
        "sources": [each | {"names": said[each["kind"]] + " or ".join(each["names"])} for each in item["sources"]],
        "speakers": [each | {"names": "with words of " + " or ".join(each["names"])} for each in item["speakers"]],
    }


def filters(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for kind in ("periods", "sources") for each in found[kind] if each["effect"] == "filter"]


def test_there_are_enough_of_them() -> None:
    traps = [item for item in LABELLED if not (item["periods"] or item["sources"] or item["speakers"])]
    assert len(LABELLED) >= 120
    assert len(traps) >= 40


def test_no_question_is_narrowed_to_what_it_did_not_ask_for() -> None:
    wrong = []
    for item in LABELLED:
        asked = filters(expected(item))
        wrong += [(item["question"], each) for each in filters(as_labelled(understood(item))) if each not in asked]
    assert wrong == []


def test_everything_else_is_understood_as_it_is_labelled_but_for_what_is_known_to_be_missed() -> None:
    missed = {item["id"] for item in LABELLED if as_labelled(understood(item)) != expected(item)}
    assert missed == {item["id"] for item in LABELLED if "missed" in item}


def test_every_assumption_names_the_words_it_came_from() -> None:
    for item in LABELLED:
        for each in understood(item).assumptions:
            assert item["question"][each.span.start : each.span.end] == each.words
