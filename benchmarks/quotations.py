"""Who said it: quotations and voices found in invented texts, against what their writer says is there.

A quotation is right when its words, marks and commas at the ends aside, and its speaker are as labelled; a voice when
its source, its first and its last words are. Everything found beyond the labels is wrong. The labels come in two parts:
methods may be fitted to "dev", never to "test".

Does not show: how often real articles take the forms that the writer of the labels thought of; the writer of the
labels and of the methods are the same.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.record import ROOT, command, record, table
from corpus.boilerplate import furniture
from corpus.speech.quotations import quotations
from corpus.speech.voices import voices

GOLD = ROOT / "tests" / "gold"
PARTS = ("dev", "test")
BANDS = ((0.9, 1.01), (0.7, 0.9), (0.0, 0.7))  # from, below
NOT_SHOWN = "Does not show: how often real articles take these forms; the writer of the labels wrote the methods too."
_ENDS = " \n\t,.;:!?…“”\"‘’'«»„—–-"
_WORDS = 6  # at each end of a voice

Key = tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """What was found, with its confidence, and what should have been: each by text and key."""

    found: Mapping[Key, float]
    wanted: frozenset[Key]

    def wrong(self) -> list[Key]:
        return sorted(self.found.keys() - self.wanted)

    def missed(self) -> list[Key]:
        return sorted(self.wanted - self.found.keys())

    def precision(self, low: float = 0.0, high: float = 1.01) -> float | None:
        """Right among those found with a confidence in [low, high); None where there are none."""
        band = [key for key, confidence in self.found.items() if low <= confidence < high]
        return sum(key in self.wanted for key in band) / len(band) if band else None

    def recall(self) -> float:
        return len(self.wanted & self.found.keys()) / len(self.wanted)


def score_quotations(part: str) -> Score:
    """Keys are text, words and speaker."""

    def found(text: str) -> Iterator[tuple[Key, float]]:
        for one in quotations(text, furniture=furniture(text)):
            yield (text[one.span.start : one.span.end].strip(_ENDS), one.speaker), one.confidence

    return _score(part, "quotations", found, lambda one: (one["words"].strip(_ENDS), one["speaker"]))


def score_voices(part: str) -> Score:
    """Keys are text, source, first words and last words."""

    def found(text: str) -> Iterator[tuple[Key, float]]:
        for one in voices(text, furniture=furniture(text)):
            words = text[one.span.start : one.span.end].split()
            yield (one.source, " ".join(words[:_WORDS]), " ".join(words[-_WORDS:])), 1.0

    return _score(part, "voices", found, lambda one: (one["source"], one["first"], one["last"]))


def labelled(name: str) -> list[dict[str, Any]]:
    """The labelled texts of ``tests/gold/NAME.jsonl``."""
    lines = (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _score(
    part: str, name: str, found: Callable[[str], Iterator[tuple[Key, float]]], key: Callable[[dict[str, str]], Key]
) -> Score:
    texts = [one for one in labelled(name) if one["part"] == part]
    return Score(
        {(one["id"], *what): confidence for one in texts for what, confidence in found(one["text"])},
        frozenset((one["id"], *key(label)) for one in texts for label in one[name]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Score quotations and voices against labelled texts.")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    scores = {(name, part): score(part) for name, score in _SCORES.items() for part in PARTS}
    bands = [f"{low:.2f}-{min(high, 1.0):.2f}" for low, high in BANDS]
    lines = table(
        ("set", "labelled", "found", "precision", "recall", *(f"precision at {band}" for band in bands)),
        *(_row(f"{name}, {part}", score) for (name, part), score in scores.items()),
    )
    for (name, part), score in scores.items():
        for word, keys in (("wrong", score.wrong()), ("missed", score.missed())):
            lines += (
                [
                    "",
                    *(
                        f"- {name}, {part}, {word}: {' | '.join(' '.join(what.split()) for what in key)}"
                        for key in keys
                    ),
                ]
                if keys
                else []
            )
    lines += ["", NOT_SHOWN]
    print("\n".join(lines))
    if options.record:
        record("Quotations", command(), lines)


def _row(name: str, score: Score) -> tuple[str, ...]:
    by_band = [score.precision(low, high) for low, high in BANDS]
    figures = [score.precision(), score.recall(), *by_band]
    return (name, str(len(score.wanted)), str(len(score.found)), *("-" if f is None else f"{f:.3f}" for f in figures))


_SCORES: dict[str, Callable[[str], Score]] = {"quotations": score_quotations, "voices": score_voices}

if __name__ == "__main__":
    main()
