"""Judge a sample of a run's claims by hand, and see how far each automatic judge agrees with that.

A claim is a sentence of an answer with what it cites. The question is the one the judges are asked, too: do the cited
passages bear the sentence out? Knows a run's folder and two streams; whether they are a terminal is not its business.
"""

from __future__ import annotations

import json
import math
import os
import random
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TextIO

from corpus.errors import BadInput
from rag.checking.support import ENOUGH_FOR_A_JUDGE, ENOUGH_WITH_MEANING
from rag.console import clean
from rag.evaluation import run
from rag.evaluation.items import json_line
from rag.evaluation.judges import Judge
from rag.evaluation.metrics.answered import passage_of
from rag.evaluation.metrics.phrases import one_spaced, uncited

LABELS = "labels.jsonl"
COUNT = 50
_WIDTH = 100
_PASSAGE_CHARACTERS = 1_500  # shown of one passage, around what is cited

Label = Literal["yes", "no", "skip"]
_KEYS: Mapping[str, Label] = {"y": "yes", "yes": "yes", "n": "no", "no": "no", "s": "skip", "skip": "skip"}
_HELP = "y it does, n it does not, s skip, q quit"


@dataclass(frozen=True)
class Source:
    """What a marker of a claim leads to: ``passage`` holds ``quote``."""

    marker: int
    doc: str
    quote: str
    passage: str


@dataclass(frozen=True)
class Claim:
    """The sentence ``number`` of the answer to the question ``id``; ``check`` and ``support`` are our own verdicts."""

    id: str
    number: int
    question: str
    text: str
    sources: tuple[Source, ...]
    check: str
    support: float | None

    @property
    def key(self) -> str:
        """The same for the same sentence with the same citations, whichever run they are of."""
        cited = [[source.doc, source.quote] for source in self.sources]
        return sha256(json.dumps([self.id, self.text, cited]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Agreement:
    """How often a judge says what the human says.

    ``both_yes`` and its like count claims, the human's word first. ``exact`` is the share of equal verdicts, in
    [0, 1]; ``kappa`` is Cohen's (1960), in [-1, 1]: what is left of it beyond chance, NaN where both always say the
    same one thing and chance explains all.
    """

    judge: str
    both_yes: int
    yes_no: int
    no_yes: int
    both_no: int

    @property
    def claims(self) -> int:
        return self.both_yes + self.yes_no + self.no_yes + self.both_no

    @property
    def exact(self) -> float:
        return (self.both_yes + self.both_no) / self.claims if self.claims else math.nan

    @property
    def kappa(self) -> float:
        if not self.claims:
            return math.nan
        human, judge = self.both_yes + self.yes_no, self.both_yes + self.no_yes
        by_chance = (human * judge + (self.claims - human) * (self.claims - judge)) / self.claims**2
        return math.nan if by_chance == 1 else (self.exact - by_chance) / (1 - by_chance)

    def to_json(self) -> dict[str, Any]:
        """What is not defined is null, as JSON has no NaN."""
        figures = {"exact": self.exact, "kappa": self.kappa}
        return {
            **vars(self),
            "claims": self.claims,
            **{name: None if math.isnan(value) else round(value, 4) for name, value in figures.items()},
        }


def label(
    folder: Path,
    *,
    read: TextIO,
    write: TextIO,
    count: int = COUNT,
    seed: int = 0,
    judges: Sequence[Judge] = (),
) -> list[Agreement]:
    """Show ``count`` claims of the run, a random sample, and keep a verdict on each in ``folder/labels.jsonl``.

    A verdict is a line of ``read``: y, n, s to skip, q or the end to stop. Those given before are not asked for
    again. What is given back is about all of the run's claims that have one; ``judges`` are asked about these.
    Raises BadInput where the folder holds no run, or no claim.
    """
    claims = claims_of(run.load(folder))
    if not claims:
        raise BadInput(f"{folder} has no answer with a sentence that cites something; there is nothing to judge")
    labels = read_labels(folder)
    sample = _sample(claims, count, seed)
    left = [claim for claim in sample if claim.key not in labels]
    say = _Screen(write)
    say.line(
        f"{len(sample)} claims, {len(sample) - len(left)} of them judged already. Does what is cited say so? {_HELP}."
    )
    try:
        for number, claim in enumerate(left, start=len(sample) - len(left) + 1):
            say.claim(claim, number, len(sample))
            given = _verdict(read, say)
            if given is None:
                break
            _keep(folder / LABELS, claim, given)
            labels[claim.key] = given
    finally:
        agreements = agreement(claims, labels, judges=judges)
        say.agreements(agreements)
    return agreements


def claims_of(made: run.Run) -> list[Claim]:
    """The sentences that cite something, in the run's order; one that states nothing is no claim."""
    return [claim for line in made.answers.values() for claim in _claims(line)]


def read_labels(folder: Path) -> dict[str, Label]:
    """The verdicts kept in a run's folder, by claim. Raises BadInput for a line that is none."""
    path = folder / LABELS
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    labels: dict[str, Label] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            labels[str(row["claim"])] = _KEYS[row["label"]]
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f"{path}, line {number}: needs an object with claim and label, yes, no or skip ({error});"
                " mend or remove it"
            ) from error
    return labels


def agreement(claims: Sequence[Claim], labels: Mapping[str, Label], *, judges: Sequence[Judge] = ()) -> list[Agreement]:
    """How each automatic judge agrees with the labels: the check of sentences, its support alone, and ``judges``.

    A judge is asked what the human was, about what the claim cites; a claim of which it could not tell is not counted
    for it.
    """
    judged = [claim for claim in claims if labels.get(claim.key) in ("yes", "no")]
    verdicts: dict[str, Callable[[Claim], bool | None]] = {"sentence check": lambda claim: claim.check == "verified"}
    for enough in sorted({ENOUGH_WITH_MEANING, ENOUGH_FOR_A_JUDGE}):
        verdicts[f"support ≥ {enough:g}"] = _supported(enough)
    for judge in judges:
        verdicts[judge.name] = _judged(judge)
    found = []
    for name, said in verdicts.items():
        pairs = [(labels[claim.key] == "yes", verdict) for claim in judged if (verdict := said(claim)) is not None]
        found.append(counted(name, pairs))
    return found


def counted(judge: str, pairs: Iterable[tuple[bool, bool]]) -> Agreement:
    """``pairs`` are the human's word and the judge's."""
    found = list(pairs)
    return Agreement(
        judge, *(found.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False)))
    )


def _supported(enough: float) -> Callable[[Claim], bool]:
    return lambda claim: claim.support is not None and claim.support >= enough


def _judged(judge: Judge) -> Callable[[Claim], bool | None]:
    """Whether one source of a claim bears it out, or all of them together do."""

    def verdict(claim: Claim) -> bool | None:
        passages = list(dict.fromkeys(source.passage for source in claim.sources))
        words = one_spaced(uncited(claim.text))
        scores = judge.scores([words], passages)
        if len(passages) > 1:
            scores += judge.scores([words], ["\n".join(passages)])
        return None if any(map(math.isnan, scores)) else max(scores) >= judge.enough

    return verdict


def _claims(line: Mapping[str, Any]) -> Iterator[Claim]:
    cited: dict[int, list[Source]] = {}
    for citation in line.get("citations") or ():
        cited.setdefault(citation["marker"], []).append(
            Source(citation["marker"], citation["doc"], citation["quote"], passage_of(citation, line))
        )
    for number, sentence in enumerate(line["sentences"]):
        sources = tuple(source for marker in sentence["citations"] for source in cited.get(marker, ()))
        if sources and sentence["check"] != "no claim":
            yield Claim(
                line["id"], number, line["question"], sentence["text"], sources, sentence["check"], sentence["support"]
            )  # fmt: skip


def _sample(claims: Sequence[Claim], count: int, seed: int) -> list[Claim]:
    """A larger sample of the same seed begins with the smaller one, so that more can be judged later."""
    shuffled = sorted(claims, key=lambda claim: claim.key)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - a sample, no secret
    return shuffled[:count]


def _verdict(read: TextIO, say: _Screen) -> Label | None:
    while True:
        say.prompt()
        line = read.readline()
        word = line.strip().lower()
        if not line or word in ("q", "quit"):
            return None
        if word in _KEYS:
            return _KEYS[word]
        say.line(f"{_HELP}.")


def _keep(path: Path, claim: Claim, given: Label) -> None:
    row = {"claim": claim.key, "id": claim.id, "sentence": claim.number, "text": claim.text, "label": given}
    try:
        with path.open("ab") as file:
            file.write(json_line(row))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}; what was kept before is kept") from error


class _Screen:
    """Where claims are shown; no document steers it."""

    def __init__(self, write: TextIO) -> None:
        self._write = write

    def line(self, text: str = "") -> None:
        print(clean(text), file=self._write)

    def prompt(self) -> None:
        print("Borne out? [y/n/s/q] ", end="", file=self._write, flush=True)

    def claim(self, claim: Claim, number: int, total: int) -> None:
        self.line(f"\n{'─' * 10} {number} of {total} {'─' * 10}")
        self.line(f"Question: {claim.question}")
        self.line(f"\nClaim:    {claim.text}\n")
        for source in dict.fromkeys(claim.sources):
            self.line(f"[{source.marker}] {source.doc}")
            self.line(textwrap.indent(textwrap.fill(_around(source), _WIDTH), "    ") + "\n")

    def agreements(self, found: Sequence[Agreement]) -> None:
        """A table; the human is "you"."""
        claims = found[0].claims
        self.line(f"\n{claims} claims judged by you.")
        if not claims:
            return
        self.line(f"{'judge':<16} {'exact':>6} {'kappa':>6}  you yes, it no  you no, it yes")
        for each in found:
            kappa = "none" if math.isnan(each.kappa) else f"{each.kappa:.2f}"
            self.line(f"{each.judge:<16} {each.exact:>6.2f} {kappa:>6}  {each.yes_no:>14}  {each.no_yes:>14}")


def _around(source: Source) -> str:
    """The passage, with the cited stretch between » and «; of a long one what is near."""
    before, quote, after = source.passage.partition(source.quote)
    if not quote:
        return " ".join(source.passage.split())[:_PASSAGE_CHARACTERS]
    room = max(0, _PASSAGE_CHARACTERS - len(quote)) // 2
    start, end = before[max(0, len(before) - room) :], after[:room]
    cut = "…" if len(start) < len(before) else "", "…" if len(end) < len(after) else ""
    return " ".join(f"{cut[0]}{start}»{quote}«{end}{cut[1]}".split())
