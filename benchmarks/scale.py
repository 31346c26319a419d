"""How long a search takes, and what an archive costs, at 1,000, 10,000 and 100,000 passages.

The archive is generated: documents of six passages in invented words as frequent as in language (Zipf), by twenty
outlets over twenty years; vectors are random around a thousand centres, the question's is the model's own. Storing and
indexing are timed without embedding. Then, in a fresh process that holds the archive open as the window does, warm:
each question is searched without a filter, with one that lets 5 % of the documents through, and with one of 80 %,
one right after the other, the first taking turns. Times include the embedding of the question. Cold: a fresh process
of ``citedesk search``, whole.

Does not show: how good what is found is (see Quality); questions at the same time; composing an answer; embedding.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy
import psutil

from benchmarks import child
from benchmarks.record import command, record, table
from corpus.document import Document, Header, Passage
from vectorstore.base import Vectors

NOT_SHOWN = "Does not show: how good what is found is; questions at the same time; composing an answer; embedding."
FILTERS = {"none": (None, None), "5 %": ("2010", "2010"), "80 %": ("2004", "2019")}
_QUESTIONS = 60
_WARM_UP = 10
_COLD = 5
_PASSAGES = 6  # of a document
_WORDS = 130  # of a passage
_KNOWN = 40_000  # words of the invented language
_CENTRES = 1_000
_OUTLETS = 20
_FUNCTION_WORDS = 50  # the most frequent, which no question is about
_AT_ONCE = 200  # documents in a transaction


def main() -> None:
    parser = argparse.ArgumentParser(description="Time searches over generated archives of several sizes.")
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="N")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep the archives here for the next time")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    parser.add_argument("--inside", nargs=3, metavar=("WHAT", "HOME", "PASSAGES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        what, home, passages = options.inside
        print(json.dumps({"build": _build, "search": _search}[what](Path(home), int(passages))))
        return

    searches: list[tuple[str, ...]] = []
    archives: list[tuple[str, ...]] = []
    with TemporaryDirectory() as temporary:
        for passages in options.passages:
            home = (options.work or Path(temporary)).absolute() / f"scale-{passages}"
            archives.append((f"{passages:,}", *_built(home, passages)))
            searches += [(f"{passages:,}", *row) for row in _searched(home, passages)]
    lines = [
        *table(("passages", "filter", "p50 ms", "p95 ms", "p50 to unfiltered", "resident MiB", "cold s"), *searches),
        "",
        *table(("passages", "stored s", "indexed s", "kB on disk per passage", "peak MiB"), *archives),
        "",
        f"{_QUESTIONS} questions each, warm; cold the median of {_COLD}.",
        "",
        NOT_SHOWN,
    ]
    print("\n".join(lines))
    if options.record:
        record("Scale", command(), lines)


def _inside(what: str, home: Path, passages: int) -> dict[str, object]:
    running = [sys.executable, "-m", "benchmarks.scale", "--inside", what, str(home), str(passages)]
    found: dict[str, object] = json.loads(child.run(*running).output)
    return found


def _built(home: Path, passages: int) -> tuple[str, ...]:
    """Seconds to store and to index, disk and memory; kept beside the archive, for the next time."""
    note = home / "built.json"
    if not note.is_file():
        home.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(_inside("build", home, passages)), encoding="utf-8")
    found = json.loads(note.read_text(encoding="utf-8"))
    return tuple(f"{found[name]:.1f}" for name in ("stored", "indexed", "disk", "peak"))


def _searched(home: Path, passages: int) -> Iterator[tuple[str, ...]]:
    found = _inside("search", home, passages)
    times: dict[str, list[float]] = found["times"]  # type: ignore[assignment]
    cold = median(_cold(home, question) for question in _questions(_COLD, seed=2))
    for name in FILTERS:
        ratio = median(a / b for a, b in zip(times[name], times["none"], strict=True))
        first = (f"{found['resident']:.0f}", f"{cold:.2f}") if name == "none" else ("", "")
        yield name, f"{_percentile(times[name], 50):.1f}", f"{_percentile(times[name], 95):.1f}", f"{ratio:.2f}", *first


def _cold(home: Path, question: str) -> float:
    return child.citedesk("search", question, "--home", str(home)).seconds


# --- in a process of its own


def _build(home: Path, passages: int) -> dict[str, float]:
    from corpus import chunking
    from vectorstore.embedders import embedder
    from vectorstore.index import Index

    index = Index(home, embedder(), chunking=chunking.settings())
    index.claim()
    start = time.perf_counter()
    chance = random.Random(0)
    language = _Language(chance)
    vectors = _vectors(numpy.random.default_rng(0), passages, index.embedder.dimension)
    count = ceil(passages / _PASSAGES)
    for first in range(0, count, _AT_ONCE):
        with index.transaction() as transaction:
            for number in range(first, min(first + _AT_ONCE, count)):
                rows = vectors[number * _PASSAGES : (number + 1) * _PASSAGES]
                document, split = _document(number, len(rows), language)
                name = document.header.name
                transaction.add(document, split, rows, source=name, file=name, sha256=f"{number:064x}")
    stored = time.perf_counter()
    index.catch_up()
    indexed = time.perf_counter()
    index.close()
    on_disk = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    return {
        "stored": stored - start,
        "indexed": indexed - stored,
        "disk": on_disk / passages / 1000,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _search(home: Path, passages: int) -> dict[str, object]:
    from rag import Assistant

    times: dict[str, list[float]] = {name: [] for name in FILTERS}
    names = list(FILTERS)
    with Assistant.open(home) as desk, desk.owning("is measured"):
        for question in _questions(_WARM_UP, seed=0):
            for since, until in FILTERS.values():
                desk.search(question, since=since, until=until)
        for number, question in enumerate(_questions(_QUESTIONS, seed=1)):
            turn = number % len(names)
            for name in names[turn:] + names[:turn]:
                since, until = FILTERS[name]
                start = time.perf_counter()
                found = desk.search(question, since=since, until=until)
                times[name].append((time.perf_counter() - start) * 1000)
                if not found:
                    raise SystemExit(f"nothing found among {passages} passages for {question!r}")
        resident = psutil.Process().memory_info().rss / 2**20
    return {"times": times, "resident": resident}


def _percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank, so that it is a time that was measured."""
    return sorted(values)[max(ceil(percent / 100 * len(values)), 1) - 1]


# --- what is generated


class _Language:
    """Words of three to five syllables, the n-th as frequent as 1/n of the first."""

    def __init__(self, chance: random.Random) -> None:
        shape = random.Random(7)  # the same words in every process
        consonants, vowels = "bdfgklmnprstvz", "aeiou"
        words: dict[str, None] = {}
        while len(words) < _KNOWN:
            syllables = [shape.choice(consonants) + shape.choice(vowels) for _ in range(shape.randint(3, 5))]
            words["".join(syllables)] = None
        self._words = list(words)
        self._weights = list(accumulate(1 / rank for rank in range(1, _KNOWN + 1)))
        self._chance = chance

    def words(self, count: int) -> list[str]:
        return self._chance.choices(self._words, cum_weights=self._weights, k=count)

    def telling(self, count: int) -> list[str]:
        """Words that a question may be about."""
        rest = slice(_FUNCTION_WORDS, None)
        return self._chance.choices(self._words[rest], cum_weights=self._weights[rest], k=count)


def _document(number: int, passages: int, language: _Language) -> tuple[Document, list[Passage]]:
    published = f"{2001 + number % 20}-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
    header = Header(
        f"{number:06d}.txt",
        title=" ".join(language.words(7)).capitalize(),
        outlet=f"The Herald of Town {number % _OUTLETS}",
        published=published,
    )
    parts = [f"{' '.join(language.words(_WORDS)).capitalize()}." for _ in range(passages)]
    document = Document(header, "\n\n".join(parts))
    found, start = [], 0
    for part in parts:
        found.append(Passage(header, start, start + len(part), part))
        start += len(part) + 2
    return document, found


def _vectors(chance: numpy.random.Generator, count: int, dimension: int) -> Vectors:
    """Unit rows around random centres, those of one document around one."""
    centres = chance.standard_normal((_CENTRES, dimension), dtype=numpy.float32)
    chosen = numpy.repeat(chance.integers(_CENTRES, size=ceil(count / _PASSAGES)), _PASSAGES)[:count]
    rows = centres[chosen] + chance.standard_normal((count, dimension), dtype=numpy.float32)
    unit: Vectors = rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _questions(count: int, *, seed: int) -> list[str]:
    language = _Language(random.Random(seed + 100))
    return [f"What did the {' '.join(language.telling(6))} say about it?" for _ in range(count)]


if __name__ == "__main__":
    main()
