"""Ask every question of a set and write the answers, one JSON line each, as they come."""

from __future__ import annotations

import json
import logging
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import BadInput, CiteDeskError
from rag.answer import Turn
from rag.assistant import Assistant

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Item:
    """One question of a set, with the conversation before it."""

    id: str
    question: str
    history: tuple[Turn, ...] = ()


def questions(
    desk: Assistant,
    path: Path,
    out: Path,
    *,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Write ``out/answers.jsonl`` and give a summary: counts by status, errors, median milliseconds.

    A question that cannot be answered is a line with status ``error``, never a hole. Raises BadInput for a set
    that cannot be read.
    """
    items = read_items(path)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{out} cannot be made a folder: {error.strerror}") from error
    statuses: Counter[str] = Counter()
    latencies = []
    with (out / "answers.jsonl").open("w", encoding="utf-8") as file:
        for number, item in enumerate(items):
            on_progress(number, len(items))
            line = _line(desk, item)
            statuses[line["status"]] += 1
            latencies.append(line["latency_ms"])
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
    on_progress(len(items), len(items))
    return {
        "questions": len(items),
        **{status: statuses[status] for status in ("answered", "abstained", "incomplete")},
        "errors": statuses["error"],
        "median_ms": round(statistics.median(latencies), 1) if latencies else None,
        "answers": str(out / "answers.jsonl"),
    }


def read_items(path: Path) -> list[Item]:
    """The questions of a JSONL file: ``id``, ``question`` and, for a follow-up, ``history`` of role and content."""
    try:
        with path.open(encoding="utf-8") as file:
            lines = list(file)  # not splitlines(): a question may hold a line separator of Unicode's
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    items = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            items.append(Item(str(row["id"]), str(row["question"]), _turns(row.get("history") or [])))
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(f"{path}, line {number}: needs an object with id and question ({error})") from error
    if not items:
        raise BadInput(f"{path} holds no question")
    if repeated := [id_ for id_, times in Counter(item.id for item in items).items() if times > 1]:
        raise BadInput(f"{path} has ids that occur twice: {', '.join(repeated)}")
    return items


def _turns(messages: Sequence[Mapping[str, str]]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for message in messages:
        if message["role"] == "user":
            turns.append(Turn(message["content"], ""))
        elif turns:
            turns[-1] = Turn(turns[-1].question, message["content"])
    return tuple(turns)


def _line(desk: Assistant, item: Item) -> dict[str, Any]:
    try:
        answer = desk.ask(item.question, history=item.history).to_json()
    except CiteDeskError as error:
        _log.warning("%s: %s", item.id, error)
        answer = {
            "question": item.question, "answer": "", "status": "error", "composer": "", "citations": [],
            "retrieved": [], "notes": [str(error)], "latency_ms": 0.0, "timings_ms": {},
        }  # fmt: skip
    return {"id": item.id, **answer, "abstained": answer["status"] == "abstained"}
