"""``python -m benchmarks.answering``: learn the built-in answer's weights and say what they are worth.

Learns from the sample's two development sets and ten archives, a quarter of them left out in turn to measure on; the
sample's test set and two archives are never learnt from. Beside them, queries of public sets whose relevant documents
were taken away teach what it looks like when nothing answers. Takes about a quarter of an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy
from sklearn.metrics import roc_auc_score

from benchmarks.answering.examples import HELD_OUT, LEARNT_FROM, Example, examples, of_public_set
from benchmarks.answering.learning import Learnt, absence_row, learn, learn_absence, ranked
from benchmarks.public import SETS
from benchmarks.record import record, table
from rag.answering.ranking import Ranked
from rag.answering.reading import Reader
from rag.answering.trained import ATTENTION, WEIGHTS, Linear, linear
from vectorstore.base import TokenEmbedder
from vectorstore.embedders.minilm import MiniLM

_QUERIES = 150  # of each public set
_FOLDS = 4
_WEIGHTS = {"asked": 1.0, "emptied": 0.1, "elsewhere": 0.2}  # what a question counts for absence
_PUBLIC = 0.1  # likewise a query of a public set
_FALSE_ALARMS = 0.08  # share of answerable questions that may be declined

NOT_SHOWN = "Does not show: the answers as they are worded; other authors' archives, as all of these are ours."

_Row = tuple[Example, Ranked, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answering", description=__doc__)
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep the public sets' archives here")
    parser.add_argument("--record", action="store_true", help="write the figures to benchmarks/RESULTS.md")
    options = parser.parse_args()
    model = MiniLM()
    own = {of.name: examples(of) for of in LEARNT_FROM}
    with tempfile.TemporaryDirectory() as temporary:
        public = [one for name in SETS for one in of_public_set(name, _QUERIES, options.work or Path(temporary))]

    left_out: dict[str, list[_Row]] = {}
    names = list(own)
    for fold in (names[at::_FOLDS] for at in range(_FOLDS)):
        fitted = learn([one for name in names if name not in fold for one in own[name]], model)
        left_out |= {name: _rows(own[name], fitted, model) for name in fold}
    learnt = learn([one for those in own.values() for one in those], model)
    of_public = _rows(public, learnt, model)

    figures = []
    for name, rows in left_out.items():
        by = _absence([row for other in left_out if other != name for row in left_out[other]], of_public)
        figures.append(_figures(f"{name} (left out)", rows, by))
    by = _absence([row for rows in left_out.values() for row in rows], of_public)
    figures += [_figures(of.name, _rows(examples(of), learnt, model), by) for of in HELD_OUT]
    head = ("set", "questions", "first answers", "of first three", "AUC", f"told of {_FALSE_ALARMS:.0%} false")
    lines = [*table(head, *figures), "", NOT_SHOWN]
    print("\n".join(lines))
    _write(learnt, by)
    if options.record:
        record("Which sentence answers, and whether any does", "python -m benchmarks.answering", lines)


def _rows(those: Sequence[Example], learnt: Learnt, model: TokenEmbedder) -> list[_Row]:
    reader = Reader(model, learnt.attention)
    found = [(one, ranked(one, learnt, reader)) for one in those if one.found]
    return [(one, sentences, absence_row(one, sentences)) for one, sentences in found]


def _absence(own: Sequence[_Row], public: Sequence[_Row]) -> Linear:
    """How well a question is answered is learnt from rankings that had not seen it."""
    usable = [(row, _WEIGHTS[row[0].made]) for row in own if row[0].is_answered is not None]
    usable += [(row, _PUBLIC) for row in public]
    return learn_absence(
        numpy.array([features for (_, _, features), _ in usable]),
        numpy.array([one.is_answered is False for (one, _, _), _ in usable]),
        numpy.array([weight for _, weight in usable]),
    )


def _figures(name: str, rows: Sequence[_Row], by: Linear) -> list[str]:
    asked = [row for row in rows if row[0].made == "asked"]
    with_evidence = [row for row in asked if row[0].item.evidence and row[0].item.answerable]
    first, three = ([_has_answer(one, found, n) for one, found, _ in with_evidence] for n in (1, 3))
    told = [row for row in asked if row[0].is_answered is not None]
    is_absent = numpy.array([one.is_answered is False for one, _, _ in told])
    odds = by.of(numpy.array([features for _, _, features in told]))
    bar = numpy.quantile(odds[~is_absent], 1 - _FALSE_ALARMS)
    return [
        name,
        str(len(asked)),
        f"{numpy.mean(first):.3f}",
        f"{numpy.mean(three):.3f}",
        f"{roc_auc_score(is_absent, odds):.3f}",
        f"{(odds[is_absent] > bar).mean():.2f}",
    ]


def _has_answer(one: Example, found: Ranked, first: int) -> bool:
    answering = {(c.document.name, c.span) for c, answers in zip(one.found, one.answering, strict=True) if answers}
    return any((c.document.name, c.span) in answering for c in found.sentences[:first])


def _write(learnt: Learnt, by: Linear) -> None:
    said = {
        "made by": f"python -m benchmarks.answering, {date.today().isoformat()}",
        "first": linear(learnt.first),
        "then": linear(learnt.then),
        "absence": linear(by),
        "attention": {"of_rarity": round(learnt.attention.of_rarity, 4), "bias": round(learnt.attention.bias, 4)},
    }
    WEIGHTS.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    half = {name: getattr(learnt.attention, name).astype(numpy.float16) for name in ("projection", "importance")}
    numpy.savez_compressed(ATTENTION, **half)


if __name__ == "__main__":
    main()
