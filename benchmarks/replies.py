"""How replies of language models are read and checked: `rag.prompted` on replies written in many models' manners.

Each line of ``tests/gold/replies.jsonl`` is a reply to a question about the sample, true or with faults planted in it,
with the sentences that are to be found unverified and those that state nothing; all others are to be verified. A letter
in braces stands for the key of the passage that holds the words given for it, and those are what should be quoted.

Does not show: how often which model writes what; the replies were written by who wrote the methods.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT, command, record, table
from corpus import sample
from rag import Answer, Assistant
from rag.answer import Citation
from rag.llm.base import Prompt
from rag.llm.scripted import Scripted

PARTS = ("dev", "test", "fresh")
LABELS = ROOT / "tests" / "gold" / "replies.jsonl"
NOT_SHOWN = "Does not show: how often which model writes what; the replies were written by who wrote the methods."

_PLACEHOLDER = re.compile(r"\{([a-h])(:[nK])?\}")
_BLOCK = re.compile(r"^\[([a-z]\d[a-z]\d)\]\n(.*?)(?=\n\n\[[a-z]\d[a-z]\d\]\n|\n\n===|\Z)", re.MULTILINE | re.DOTALL)
_UGLY = (
    ("double blank", re.compile(r"\S {2,}\S")),
    ("blank before a sign", re.compile(r"\w [.,;:!?](?:\s|$)")),
    ("empty brackets", re.compile(r"\(\s*\)|\[\s*\]|【|】|\(\s*\[\d+\]\s*\)")),
    ("half a marker", re.compile(r"\[(?!\d{1,2}\]|[^\W\d]|…)|(?<![\d\w…])\]|\^")),
    ("Markdown", re.compile(r"\*\*|`|^#{1,6} |^\[\d+\]:|\\_", re.MULTILINE)),
    ("the refusal's word", re.compile(r"NOT.?IN|_THE_|\bNOT\b")),
)


@dataclass(frozen=True)
class Reading:
    """What became of a labelled reply: every answer of the stream, and what is wrong with them, in words."""

    label: dict[str, Any]
    answers: tuple[Answer, ...]
    ugly: tuple[str, ...]

    @property
    def last(self) -> Answer:
        return self.answers[-1]


@dataclass
class Score:
    """Counts over all replies; ``wrong`` says what each was."""

    true: int = 0
    alarms: int = 0
    planted: int = 0
    caught: int = 0
    hard: int = 0
    hard_caught: int = 0
    idle: int = 0
    idle_seen: int = 0
    quotes: int = 0
    quotes_right: int = 0
    long: int = 0
    wanted: int = 0
    quoted: int = 0
    replies: int = 0
    right_status: int = 0
    refusals: int = 0
    abstained: int = 0
    ugly: int = 0
    wrong: list[str] = field(default_factory=list)


def labels(part: str) -> list[dict[str, Any]]:
    every = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return [label for label in every if label["part"] == part]


def readings(home: Path, replies: Sequence[dict[str, Any]], *, pause_s: float = 0.001) -> Iterator[Reading]:
    """Each reply through an Assistant over the sample in ``home``, in small pieces."""
    chosen: dict[str, Any] = {}
    keys: set[str] = set()

    def pieces(prompt: Prompt) -> list[str]:
        keys.update(key for key, _ in _BLOCK.findall(prompt.user))
        return torn(written(chosen, prompt), random.Random(chosen["id"]))

    with Assistant.open(home, llm=Scripted(pieces, pause_s=pause_s, context_tokens=32_000)) as desk:
        for label in replies:
            chosen.clear()
            chosen.update(label)
            keys.clear()
            answers = tuple(desk.stream(label["question"]))
            yield Reading(label, answers, tuple(dict.fromkeys(_ugly(answers, keys))))


def written(label: dict[str, Any], prompt: Prompt) -> str:
    """The reply with the keys of this request."""
    blocks = [(key, " ".join(text.split())) for key, text in _BLOCK.findall(prompt.user)]

    def key(match: re.Match[str]) -> str:
        quote = label["cited"][match[1]]
        place = next((at for at, (_, text) in enumerate(blocks) if quote in text), None)
        if place is None:
            raise ValueError(f"{label['id']}: no passage that was sent holds “{quote}”")
        found: str = blocks[place][0]
        return str(place + 1) if match[2] == ":n" else found.upper() if match[2] else found

    return _PLACEHOLDER.sub(key, label["reply"])


def torn(text: str, chance: random.Random) -> list[str]:
    """The text in pieces of one to nine characters."""
    pieces, at = [], 0
    while at < len(text):
        size = chance.randint(1, 9)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def score(found: Sequence[Reading]) -> Score:
    total = Score()
    for reading in found:
        _count(reading, total)
    return total


def _count(reading: Reading, total: Score) -> None:
    label, last = reading.label, reading.last
    own = last.text.partition("\n\nThe built-in answer:")[0]

    def wrong(what: str) -> None:
        total.wrong.append(f"{label['id']} ({label['style']}): {what}")

    total.replies += 1
    total.right_status += last.status == label["status"]
    total.refusals += label["status"] == "abstained"
    total.abstained += label["status"] == last.status == "abstained"
    if last.status != label["status"]:
        wrong(f"is {last.status}, not {label['status']}: {last.text[:80]!r} {last.notes}")
    total.ugly += len(reading.ugly) > 0
    for what in reading.ugly:
        wrong(f"UGLY {what}")
    if last.invalid_markers != label.get("invalid", 0):
        wrong(f"{last.invalid_markers} invalid markers")
    if label.get("lenient") or label["status"] == "abstained":
        return
    seen: set[str] = set()
    for sentence in last.sentences:
        if sentence.start >= len(own):
            break
        text = last.text[sentence.start : sentence.end]
        planted = next((part for part in label["unverified"] if part in text), None)
        idle = next((part for part in label["no_claim"] if part in text), None)
        told = f"{text!r} is {sentence.check} {sentence.support} {'; '.join(sentence.faults)}"
        if planted:
            seen.add(planted)
            is_caught = sentence.check == "unverified"
            if label.get("hard"):
                total.hard += 1
                total.hard_caught += is_caught
            else:
                total.planted += 1
                total.caught += is_caught
                if not is_caught:
                    wrong(f"MISSED {told}")
        elif idle:
            seen.add(idle)
            total.idle += 1
            total.idle_seen += sentence.check == "no claim"
            total.alarms += sentence.check == "unverified"
            if sentence.check != "no claim":
                wrong(f"NO CLAIM {told}")
        else:
            total.true += 1
            total.alarms += sentence.check == "unverified"
            if sentence.check != "verified":
                wrong(f"ALARM {told}")
    for part in {*label["unverified"], *label["no_claim"]} - seen:
        wrong(f"NOT THERE {part!r} in {own!r}")
    citations = [citation for citation in last.citations if f"[{citation.marker}]" in own]
    _count_quotes(label, citations, total, wrong)


def _count_quotes(label: dict[str, Any], citations: Sequence[Citation], total: Score, wrong: Any) -> None:
    if label["unverified"]:
        return  # what a false sentence should be beside is nobody's to say
    expected = [" ".join(text.split()) for text in label["cited"].values()]
    quotes = [" ".join(citation.quote.split()) for citation in citations]
    for citation, quote in zip(citations, quotes, strict=True):
        total.quotes += 1
        total.long += not any(s.start <= citation.start and citation.end <= s.end for s in citation.passage.sentences)
        is_right = citation.check == "verbatim" and any(want in quote or quote in want for want in expected)
        total.quotes_right += is_right
        if not is_right:
            wrong(f"QUOTE [{citation.marker}] {quote[:160]!r}")
    for want in expected:
        total.wanted += 1
        is_quoted = any(want in quote or quote in want for quote in quotes)
        total.quoted += is_quoted
        if not is_quoted:
            wrong(f"NOT QUOTED {want!r}")


def _ugly(answers: Sequence[Answer], keys: set[str]) -> Iterator[str]:
    """What nobody should see at any moment of a stream."""
    before = ""
    for answer in answers:
        text = answer.text.partition("\n\nThe built-in answer:")[0]
        if "looked through" in text:  # what we say of an abstention
            continue
        if not text.startswith(before):
            yield f"SHRINKS from {before[-60:]!r} to {text[-60:]!r}"
        before = text
        for what, pattern in _UGLY:
            if found := pattern.search(text):
                yield f"{what}: {text[max(0, found.start() - 20) : found.end() + 20]!r}"
        for key in keys:
            if re.search(rf"{key}|\[{key[:2]}|{key[:3]}$", text, re.IGNORECASE):
                yield f"a key: {text[-60:]!r}"


def _rows(*scores: Score) -> Iterator[tuple[Any, ...]]:
    yield "false alarms among true sentences", *((s.alarms, s.true + s.idle) for s in scores)
    yield "planted faults caught", *((s.caught, s.planted) for s in scores)
    yield "faults that only a judge could see, caught", *((s.hard_caught, s.hard) for s in scores)
    yield "what states nothing, taken for that", *((s.idle_seen, s.idle) for s in scores)
    yield "citations whose quote is the right sentence", *((s.quotes_right, s.quotes) for s in scores)
    yield "right sentences that are quoted", *((s.quoted, s.wanted) for s in scores)
    yield "quotes longer than one sentence", *((s.long, s.quotes) for s in scores)
    yield "status as labelled", *((s.right_status, s.replies) for s in scores)
    yield "refusals typed as abstained", *((s.abstained, s.refusals) for s in scores)
    yield "replies with something ugly at any moment", *((s.ugly, s.replies) for s in scores)


def main() -> None:
    parser = argparse.ArgumentParser(description="Score the reading and checking of replies against labelled ones.")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with Assistant.open(home) as desk:
            desk.ingest(sample.folder())
        scores = {part: score(list(readings(home, labels(part)))) for part in PARTS}
    lines = table(
        ("what", *PARTS),
        *((what, *(f"{got} of {all_}" for got, all_ in pairs)) for what, *pairs in _rows(*scores.values())),
    )
    lines += ["", *(f"- {part}, {one}" for part, total in scores.items() for one in total.wrong), "", NOT_SHOWN]
    print("\n".join(lines))
    if options.record:
        record("Replies of language models", command(), lines)


if __name__ == "__main__":
    main()
