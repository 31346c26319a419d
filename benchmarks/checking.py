"""Is a sentence borne out by what it cites: `rag.checking` on invented answers, true ones and ones made false.

Each sentence of ``tests/gold/checks.jsonl`` stands beside passages about the same invented event and has a kind, which
says whether it should pass. The labels come in two parts, about different events: methods and thresholds may be fitted
to "dev", never to "test".

Does not show: how often models make which mistake, and how they word what is true; the writer of the labels wrote the
methods too.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.record import ROOT, command, record, table
from corpus.document import Header, Passage
from corpus.sentences import sentences
from corpus.speech.voices import voices
from rag.answer import Citation, Sentence
from rag.checking import Judge, check
from vectorstore.base import Vectors

LABELS = ROOT / "tests" / "gold" / "checks.jsonl"
PARTS = ("dev", "test")
CAUGHT_BY_FORM = ("number", "name", "date", "misquote", "uncited")  # falsified in what can be looked up
FALSE = (*CAUGHT_BY_FORM, "wrong passage", "invention", "negation", "facts swapped")
NOT_SHOWN = "Does not show: which mistakes models make; the writer of the labels wrote the methods too."

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class Score:
    """By kind, how many sentences there are and how many were marked unverified; and which ones were marked wrongly."""

    labelled: Mapping[str, int]
    marked: Mapping[str, int]
    wrong: tuple[str, ...] = field(default=())

    def recall(self, kinds: Sequence[str] = FALSE) -> float:
        """The share of the false sentences of these kinds that are marked unverified."""
        return _share(self.marked, self.labelled, kinds)

    def false_alarms(self) -> float:
        """The share of the true claims that are."""
        return _share(self.marked, self.labelled, [kind for kind in self.labelled if is_true(kind)])

    def precision(self) -> float:
        """The share of false ones among the claims marked unverified."""
        return sum(self.marked[kind] for kind in FALSE) / sum(self.marked.values())


def is_true(kind: str) -> bool:
    return kind not in FALSE and kind != "no claim"


def score(part: str, *, embed: Embed | None = None, judge: Judge | None = None) -> Score:
    labelled: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    wrong = []
    for kind, text, sentence in checked(part, embed=embed, judge=judge):
        labelled[kind] += 1
        marked[kind] += sentence.check == "unverified"
        wanted = "no claim" if kind == "no claim" else "unverified" if kind in FALSE else "verified"
        if sentence.check != wanted:
            told = "; ".join(sentence.faults) or f"{sentence.check}, support {sentence.support}"
            wrong.append(f"{kind}: {text} ({told})")
    return Score(labelled, marked, tuple(wrong))


def checked(
    part: str, *, embed: Embed | None = None, judge: Judge | None = None
) -> Iterator[tuple[str, str, Sentence]]:
    """Each labelled sentence with its kind and what was found; each is an answer of its own."""
    for group in labels(part):
        citations = [cited(passage, marker) for marker, passage in enumerate(group["passages"], 1)]
        for one in group["sentences"]:
            (sentence,) = check(one["text"], citations, embed=embed, judge=judge)
            yield one["kind"], one["text"], sentence


def labels(part: str) -> list[dict[str, Any]]:
    groups = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return [group for group in groups if group["part"] == part]


def cited(passage: Mapping[str, str], marker: int) -> Citation:
    """A citation of a whole labelled passage."""
    text = passage["text"]
    header = Header(f"{marker}.txt", **{name: value for name, value in passage.items() if name != "text"})
    cut = Passage(header, 0, len(text), text, tuple(sentences(text)), voices=voices(text))
    return Citation(marker, cut, text, 0, len(text), "verbatim")


def _share(marked: Mapping[str, int], labelled: Mapping[str, int], kinds: Sequence[str]) -> float:
    return sum(marked[kind] for kind in kinds) / sum(labelled[kind] for kind in kinds)


def main() -> None:
    parser = argparse.ArgumentParser(description="Score the checking of sentences against labelled ones.")
    parser.add_argument("--embedder", action="store_true", help="weigh meaning too, with the default embedder")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    embed = _embedder() if options.embedder else None
    scores = {part: score(part, embed=embed) for part in PARTS}
    kinds = dict.fromkeys([*scores["dev"].labelled, *scores["test"].labelled])
    order = sorted(kinds, key=lambda kind: (kind in FALSE, kind == "no claim"))
    lines = table(
        ("kind", "should be", *(f"marked unverified, {part}" for part in PARTS)),
        *(
            (
                kind,
                "unverified" if kind in FALSE else "no claim" if kind == "no claim" else "verified",
                *(f"{scores[part].marked[kind]} of {scores[part].labelled[kind]}" for part in PARTS),
            )
            for kind in order
        ),
    )
    lines += ["", *table(
        ("part", "precision", "recall", "recall of what can be looked up", "false alarms"),
        *((part, f"{s.precision():.3f}", f"{s.recall():.3f}", f"{s.recall(CAUGHT_BY_FORM):.3f}",
           f"{s.false_alarms():.3f}") for part, s in scores.items()),
    )]  # fmt: skip
    lines += [f"- {part}, {one}" for part in PARTS for one in ("", *scores[part].wrong) if one]
    lines += [
        "",
        f"An answer of five sentences and three passages takes {_milliseconds():.1f} ms of processor time.",
        "",
        NOT_SHOWN,
    ]
    print("\n".join(lines))
    if options.record:
        record("Checking of sentences" + (", with meaning" if embed else ""), command(), lines)


def _embedder() -> Embed:
    from vectorstore.embedders.minilm import MiniLM

    return MiniLM().embed_passages


def _milliseconds() -> float:
    """The best of some runs over a typical answer, without an embedder."""
    group, other = labels("dev")[:2]
    passages = [*group["passages"], other["passages"][0]]
    citations = [cited(passage, marker) for marker, passage in enumerate(passages, 1)]
    text = " ".join(one["text"] for one in group["sentences"][:5])
    spent = []
    for _ in range(20):
        start = time.process_time()
        check(text, citations)
        spent.append(time.process_time() - start)
    return 1000 * min(spent)


if __name__ == "__main__":
    main()
