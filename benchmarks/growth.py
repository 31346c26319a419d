"""Does memory grow with the archive, and does the embedder wait for text? 20,000 generated articles in one ingest.

The ingest runs in a fresh process, through the Python API, with the embedder wrapped in a clock. Resident memory is
read from the system ten times a second, of the process that embeds and stores and of the one that reads files, and
reported by how many documents were stored. The embedder's idle time is split: what passed between the end of one
batch and its last commit (storing), and from there to the start of the next batch (waiting for text).

Does not show: articles longer than a few sentences, formats that are slow to read, or what is kept resident while
questions are asked (Chroma keeps its vectors in memory, some 2 kB per passage).
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmarks.record import command, record, table
from vectorstore.base import Vector, Vectors

NOT_SHOWN = "Does not show: long articles; PDF and HTML; memory while questions are asked."
_SAMPLE_S = 0.1
_ROWS = 10
_PER_FOLDER = 1000
_WORDS = (
    "harbour council bridge vote ferry storm pilots union budget lock canal flood museum inquiry mayor survey repair"
    " crew engine valley treaty river delegation minister committee railway station grain market school hospital"
).split()


def main() -> None:
    parser = argparse.ArgumentParser(description="Ingest many generated articles and watch memory.")
    parser.add_argument("--documents", type=int, default=20_000, metavar="N")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    parser.add_argument("--inside", nargs=2, type=Path, metavar=("FOLDER", "HOME"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        _ingest(*options.inside)
        return

    with TemporaryDirectory() as folder:
        articles, home = Path(folder, "articles"), Path(folder, "home")
        write_articles(articles, options.documents)
        running = [sys.executable, "-m", "benchmarks.growth", "--inside", str(articles), str(home)]
        samples, said = _watched(running)
    lines = _report(samples, said, options.documents)
    print("\n".join(lines))
    if options.record:
        record(f"Memory over {options.documents} documents", command(), lines)


def write_articles(folder: Path, count: int) -> None:
    """Articles of some seventy words, no two alike, a thousand to a folder."""
    chance = random.Random(0)
    for number in range(count):
        if number % _PER_FOLDER == 0:
            (folder / f"{number // _PER_FOLDER:03d}").mkdir(parents=True)
        day = f"{2000 + number % 25}-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        body = " ".join(_sentence(chance, number) for _ in range(5))
        text = f"{_sentence(chance, number)[:-1]}\n\nBy Ada Orm | {day} |\n\n{body}\n"
        (folder / f"{number // _PER_FOLDER:03d}" / f"{number:06d}.txt").write_text(text, encoding="utf-8")


def _sentence(chance: random.Random, number: int) -> str:
    words = [*chance.choices(_WORDS, k=11), str(number + chance.randrange(1000))]
    return f"The {' '.join(words)}."


# --- in the process that is watched


class _Timed:
    """The embedder, and when each batch began and ended."""

    def __init__(self, embedder: Any) -> None:
        self._embedder = embedder
        self.batches: list[tuple[float, float]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedder, name)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        start = time.perf_counter()
        vectors: Vectors = self._embedder.embed_passages(texts)
        self.batches.append((start, time.perf_counter()))
        return vectors

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self._embedder.embed_query(text)
        return vector


def _ingest(folder: Path, home: Path) -> None:
    """Ingest, saying after every batch how much is stored; at the end where the embedder's time went."""
    from corpus import chunking
    from corpus.sandbox import Sandbox
    from rag.assistant import Assistant
    from rag.extractive import Extractive
    from rag.retrieval import hybrid
    from vectorstore.embedders import embedder
    from vectorstore.index import Index

    timed = _Timed(embedder("minilm"))
    desk = Assistant(
        Index(home, timed, chunking=chunking.settings()), timed, hybrid(), Extractive(timed), k=10, reader=Sandbox
    )
    stored_at: list[float] = []

    def note(_: object) -> None:
        stored_at.append(time.perf_counter())
        if len(stored_at) % 100 == 0:
            print(json.dumps({"stored": len(stored_at)}), flush=True)

    report = desk.ingest(folder, on_outcome=note)
    desk.close()
    spent = {"embedding": 0.0, "storing": 0.0, "waiting": 0.0}
    for (start, end), (following, _) in zip(timed.batches, timed.batches[1:], strict=False):
        committed = max((at for at in stored_at if end <= at <= following), default=end)
        spent["embedding"] += end - start
        spent["storing"] += committed - end
        spent["waiting"] += following - committed
    print(json.dumps({"spent": spent, "added": len(report.added), "failed": len(report.failed)}), flush=True)


# --- in the process that watches


def _watched(running: Sequence[str]) -> tuple[list[tuple[int, float, float]], dict[str, Any]]:
    """(documents stored, MiB of the ingest, MiB of its reader) over time, and what it said at its end."""
    samples: list[tuple[int, float, float]] = []
    said: dict[str, Any] = {"stored": 0}
    with TemporaryDirectory() as folder:
        path = Path(folder, "said")
        with path.open("wb") as out, path.open("rb") as lines:
            child = subprocess.Popen(running, stdout=out)
            watched = psutil.Process(child.pid)
            while child.poll() is None:
                for line in lines:
                    said |= json.loads(line)
                samples.append((said["stored"], *_resident_mib(watched)))
                time.sleep(_SAMPLE_S)
            for line in lines:
                said |= json.loads(line)
    if child.returncode:
        sys.exit(f"exit status {child.returncode} of {' '.join(running)}")
    return samples, said


def _resident_mib(process: psutil.Process) -> tuple[float, float]:
    def mib(each: psutil.Process) -> float:
        try:
            return float(each.memory_info().rss) / 2**20
        except psutil.Error:
            return 0.0  # it ended while we looked

    try:
        children = process.children()
    except psutil.Error:
        children = []
    return mib(process), sum(map(mib, children))


def _report(samples: Sequence[tuple[int, float, float]], said: dict[str, Any], documents: int) -> list[str]:
    step = documents // _ROWS
    rows = []
    for first in range(0, documents, step):
        within = [sample for sample in samples if first < sample[0] <= first + step]
        if within:
            most = [f"{max(sample[column] for sample in within):.0f}" for column in (1, 2)]
            rows.append((f"{first + step:,}", *most))
    whole = sum(said["spent"].values())
    shares = ", ".join(f"{name} {100 * seconds / whole:.1f} %" for name, seconds in said["spent"].items())
    return [
        *table(("documents stored, up to", "ingest, peak MiB", "reader of files, peak MiB"), *rows),
        "",
        f"{said['added']} added, {said['failed']} failed, in {whole:.0f} s between first and last batch.",
        f"Of that time: {shares} for text. Peak at the end, indexes caught up: {max(s[1] for s in samples):.0f} MiB.",
        "",
        NOT_SHOWN,
    ]


if __name__ == "__main__":
    main()
