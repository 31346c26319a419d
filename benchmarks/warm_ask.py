"""How long a question takes in a process that is warm, and where the time goes: ``Assistant.ask``, stage by stage.

Asks the sample's gold questions, with their history, over the sample archive, after a warm-up with other questions,
on subjects that the sample does not touch. Each is asked twice in a row: first when the process has not seen it, then
repeated, so that both meet the same load of the machine; CPU time, of all threads, holds on a busy one.
``--documents N`` adds N public documents to the archive; the warm-up's questions find those.

Does not show: questions at the same time, the chat window (which keeps Chroma open), an answer by an LLM. The
sample is small: its questions meet the same sentences again and again, unseen questions among them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import child, public
from benchmarks.record import ROOT, command, record, table
from rag import Assistant
from rag.evaluation.run import Item, read_items

GOLD = ROOT / "tests" / "gold" / "sample.jsonl"
NOT_SHOWN = "Does not show: concurrent questions; the chat window, which keeps Chroma open; answers by an LLM."
PARTS = ("whole", "understand", "retrieve", "compose", "whole, CPU")
WARM_UP = (
    "How does heat transfer change along a flat plate in hypersonic flow?",
    "What makes the boundary layer of a wing separate?",
    "Which tests tell the two kinds of hepatitis apart?",
    "Do growth hormone levels rise during sleep?",
    "Who first described the buckling of thin cylindrical shells?",
    "When should antibiotics be given after surgery?",
    "How many patients responded to the drug, and after how many weeks?",
    "Where in the cell is the receptor found?",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time Assistant.ask in a warm process, stage by stage.")
    parser.add_argument("--documents", type=int, default=0, metavar="N", help="public documents beside the sample (0)")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    items = read_items(GOLD)
    with TemporaryDirectory() as folder:
        home = Path(folder, "home")
        more = [str(public.write(public.documents(options.documents), Path(folder, "public")))]
        child.citedesk("ingest", "--sample", *(more if options.documents else []), "--home", str(home))
        with Assistant.open(home) as desk:
            status = desk.status()
            for question in WARM_UP:
                _ask(desk, Item(question, question))
            pairs = [(_ask(desk, item), _ask(desk, item)) for item in items]

    rows = [
        (name, part, f"{_percentile(values, 50):.1f}", f"{_percentile(values, 95):.1f}", f"{max(values):.1f}")
        for name, timings in zip(("not seen before", "repeated"), zip(*pairs, strict=True), strict=True)
        for part in PARTS
        for values in [[each[part] for each in timings]]
    ]
    lines = [
        *table(("question", "part", "p50 ms", "p95 ms", "most ms"), *rows),
        "",
        f"{len(items)} questions of tests/gold/sample.jsonl, {status.documents} documents, {status.passages} passages.",
        "",
        NOT_SHOWN,
    ]
    print("\n".join(lines))
    if options.record:
        record(f"A warm question, {options.documents} public documents", command(), lines)


def _ask(desk: Assistant, item: Item) -> dict[str, float]:
    """Milliseconds: the whole call, the CPU time it took, and each stage as the answer reports it."""
    start, cpu_start = time.perf_counter(), time.process_time()
    answer = desk.ask(item.question, history=item.history)
    whole_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu_start
    return {"whole": whole_s * 1000, "whole, CPU": cpu_s * 1000, **answer.timings_ms}


def _percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank, so that it is a time that was measured."""
    return sorted(values)[max(ceil(percent / 100 * len(values)), 1) - 1]


if __name__ == "__main__":
    main()
