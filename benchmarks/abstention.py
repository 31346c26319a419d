"""``python -m benchmarks.abstention``: does the built-in answer decline what the conversations of mt-rag-un-pooled
mark as unanswerable?

Nothing was learnt from them. The last turn of each task is asked after the turns before it; tasks marked partial or
underspecified are left out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import closing
from pathlib import Path

import numpy
from sklearn.metrics import roc_auc_score

from benchmarks.public import FOLDER
from benchmarks.record import command, record, table
from corpus import chunking
from rag.answering import ABSTAIN_ABOVE
from rag.evaluation import beir
from rag.evaluation.retrieval import fill
from rag.extractive import Extractive
from rag.question import understand
from rag.retrieval import hybrid
from vectorstore.embedders.minilm import MiniLM
from vectorstore.index import Index

_SET = "mt-rag-un-pooled"
_HITS = 10
_FALSE_ALARMS = 0.08
NOT_SHOWN = (
    "Does not show: whether what is answered is right. These are questions about manuals and encyclopedias, and we are"
    " made for news."
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.abstention", description=__doc__)
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep the set's archive here")
    parser.add_argument("--record", action="store_true", help="write the figures to benchmarks/RESULTS.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        is_absent, chances = _asked((options.work or Path(temporary)) / _SET)
    bar = numpy.quantile(chances[~is_absent], 1 - _FALSE_ALARMS)
    rows: list[tuple[str, ...]] = [("declined above", "of the unanswerable", "of the answerable", "precision", "F1")]
    for threshold in (ABSTAIN_ABOVE, float(bar)):
        declined = chances > threshold
        right, wrong = (declined & is_absent).sum(), (declined & ~is_absent).sum()
        f1 = 2 * right / (declined.sum() + is_absent.sum())
        shares = (right / is_absent.sum(), wrong / (~is_absent).sum(), right / max(1, declined.sum()), f1)
        rows.append((f"{threshold:.2f}", *(f"{share:.2f}" for share in shares)))
    lines = [
        f"{is_absent.sum()} unanswerable tasks among {len(is_absent)}; area under the curve"
        f" {roc_auc_score(is_absent, chances):.3f}. The second threshold is the one that declines {_FALSE_ALARMS:.0%}"
        " of the answerable: it shows what a threshold of its own could do there.",
        "",
        *table(*rows),
        "",
        NOT_SHOWN,
    ]
    print("\n".join(lines))
    if options.record:
        record("Declining what has no answer: mt-rag", command(), lines)


def _asked(work: Path) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Which tasks are unanswerable, and the chance of absence that each was given."""
    given = beir.read(FOLDER / _SET)
    marked = {}
    with (FOLDER / _SET / "queries.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            marked[row["_id"]] = row["metadata"]["answerability"][0]
    model = MiniLM()
    composer = Extractive(model)
    is_absent, chances = [], []
    with closing(Index(work, model, chunking=chunking.settings())) as index:
        fill(index, given.documents, lambda done, total: None)
        for task, text in given.queries.items():
            if marked[task] in ("ANSWERABLE", "UNANSWERABLE"):
                question = understand(text, given.histories.get(task, ()))
                with index.read() as view:
                    found = composer.read(question, hybrid().retrieve(question, view, _HITS), view)
                    chances.append(composer.absence(found, view))
                is_absent.append(marked[task] == "UNANSWERABLE")
    return numpy.array(is_absent), numpy.array(chances)


if __name__ == "__main__":
    main()
