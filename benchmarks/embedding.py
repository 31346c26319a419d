"""What embedding costs: passages per CPU second of our onnxruntime engine against sentence-transformers in float32,
and against what the processor could do.

Both embed the same passages of public documents, in this process, in pairs of runs one right after the other, the
first of a pair taking turns; the ratio is that of each pair. CPU seconds count every thread, also while it waits
spinning, and hold on a busy machine where seconds do not. The agreement is the cosine of the two vectors of a passage.

The limit is counted in multiply-adds. A layer of width d over L tokens takes 12 d² L for its six matrices (four of
attention, two of the feed-forward part, which is 4 d wide) and 2 d L² for attention itself; word pieces, normalisation
and activations are not counted. What the processor does at best is timed in the same process: a product of two large
float32 matrices, on one core.

Does not show: bfloat16 (see benchmarks.ingest), batches of another size, a GPU, what loading an engine costs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy

from benchmarks import public
from benchmarks.record import command, record, table
from rag.keeping.splitting import split
from vectorstore.base import Vectors
from vectorstore.embedders.minilm import MiniLM, load_transformer

NOT_SHOWN = "Does not show: bfloat16; other batch sizes; a GPU; the cost of loading an engine."
LAYERS, WIDTH = 6, 384  # of MiniLM
_SQUARE = 2_048  # rows and columns of the matrices that the processor is timed with
MOST = 400  # from 500 on embed_passages may choose the other engine itself
OURS, THEIRS = "onnxruntime (ours)", "sentence-transformers float32"


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the CPU cost of two engines of the same model.")
    parser.add_argument("--passages", type=int, default=200, metavar="N", help=f"at most {MOST} (200)")
    parser.add_argument("--pairs", type=int, default=5, metavar="N")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()
    if not 1 <= options.passages <= MOST:
        parser.error(f"--passages must be between 1 and {MOST}")

    minilm = MiniLM()
    split_up = [passage for document in public.documents(options.passages) for passage in split(document, minilm)]
    texts = [passage.embedded_text() for passage in split_up[: options.passages]]
    lengths = [min(minilm.count_tokens(text), minilm.max_tokens) for text in texts]
    engines = {OURS: lambda: minilm.embed_passages(texts), THEIRS: _sentence_transformers(texts)}

    vectors = {name: embed() for name, embed in engines.items()}  # loads both and warms them
    cosines = (vectors[OURS] * vectors[THEIRS]).sum(axis=1)
    pairs = [_pair(engines, ours_first=number % 2 == 0) for number in range(options.pairs)]

    best = _multiply_adds_per_second()
    needed = sum(map(_multiply_adds, lengths)) / len(texts)
    ratios = [pair[THEIRS][0] / pair[OURS][0] for pair in pairs]
    lines = [
        *table(
            ("engine", "passages per CPU second", "range", "passages/s", "of the limit"),
            *(_row(name, [pair[name] for pair in pairs], len(texts), best / needed) for name in engines),
            ("ratio, ours to theirs", f"{median(ratios):.2f}", f"{min(ratios):.2f} - {max(ratios):.2f}", "", ""),
        ),
        "",
        f"{len(texts)} passages of {sum(lengths) / len(texts):.0f} word pieces on average, {options.pairs} pairs of"
        " runs; medians.",
        f"A passage takes {needed / 1e9:.2f} thousand million multiply-adds; a core does {best / 1e9:.1f} in a second"
        f" at best, {best / needed:.1f} passages.",
        f"Cosine of the two vectors: mean {cosines.mean():.6f}, least {cosines.min():.6f}.",
        "",
        NOT_SHOWN,
    ]
    print("\n".join(lines))
    if options.record:
        record("Embedding", command(), lines)


def _sentence_transformers(texts: list[str]) -> Callable[[], Vectors]:
    import torch

    model = load_transformer(dtype=torch.float32)

    def embed() -> Vectors:
        vectors: Vectors = model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        return vectors.astype(numpy.float32)

    return embed


def _pair(engines: dict[str, Callable[[], Vectors]], *, ours_first: bool) -> dict[str, tuple[float, float]]:
    """CPU seconds and seconds of one run of each."""
    used = {}
    for name in engines if ours_first else reversed(engines):
        start, cpu_start = time.perf_counter(), time.process_time()
        engines[name]()
        used[name] = (time.process_time() - cpu_start, time.perf_counter() - start)
    return used


def _multiply_adds(tokens: int) -> float:
    return LAYERS * (12.0 * WIDTH**2 * tokens + 2.0 * WIDTH * tokens**2)


def _multiply_adds_per_second() -> float:
    """By the quickest of several products of matrices, in CPU seconds."""
    matrix = numpy.random.default_rng(0).random((_SQUARE, _SQUARE), dtype=numpy.float32)
    used = []
    for _ in range(10):
        start = time.process_time()
        matrix @ matrix
        used.append(time.process_time() - start)
    return float(_SQUARE**3 / min(used))


def _row(name: str, used: list[tuple[float, float]], passages: int, limit: float) -> tuple[str, ...]:
    rates = [passages / cpu_s for cpu_s, _ in used]
    wall = median(passages / seconds for _, seconds in used)
    middle = median(rates)
    return name, f"{middle:.1f}", f"{min(rates):.1f} - {max(rates):.1f}", f"{wall:.1f}", f"{100 * middle / limit:.0f} %"


if __name__ == "__main__":
    main()
