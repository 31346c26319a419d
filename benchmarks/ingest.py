"""How fast documents become an archive, and what that costs in memory and on disk: ``citedesk ingest`` in a child.

Writes N documents of the public sets as .txt files into a temporary folder and ingests them in a fresh process, then
again, unchanged, in another. Seconds run from the process's start to its exit, loading the model included; CPU seconds
count all threads. Peak memory is the kernel's figure for the largest process. The engine is told from what the child
had imported at its exit. A first ingest of the sample, not counted, prepares the model where this machine has not.

Does not show: other formats (PDF and HTML parse slower), long documents (these are abstracts of one or two passages),
a slow disk, an archive that grows to hundreds of thousands of passages.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import child, public
from benchmarks.record import command, record, table

BFLOAT16_FLAGS = ("amx_bf16", "avx512_bf16")  # those that vectorstore/embedders/minilm.py goes by
NOT_SHOWN = "Does not show: PDF and HTML; long documents; slow disks; archives of hundreds of thousands of passages."


def main() -> None:
    parser = argparse.ArgumentParser(description="Ingest public documents in a fresh process, twice.")
    parser.add_argument("--documents", type=int, default=2000, metavar="N")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    documents = public.documents(options.documents)
    with TemporaryDirectory() as folder:
        texts, home = public.write(documents, Path(folder, "texts")), Path(folder, "home")
        child.citedesk("ingest", "--sample", "--home", str(Path(folder, "prepared")))
        ingesting = ["ingest", str(texts), "--home", str(home), "--json"]
        first, heavy = child.probed(*ingesting)
        again, _ = child.probed(*ingesting)
        status: dict[str, Any] = json.loads(child.citedesk("status", "--home", str(home), "--json").output)
        sizes = {name: _bytes(home, name) for name in ("archive.db", "chroma", "tantivy")}

    passages = status["passages"]
    lines = [
        *table(
            ("measure", "first", "again, unchanged"),
            ("seconds", f"{first.seconds:.1f}", f"{again.seconds:.2f}"),
            ("CPU seconds", f"{first.cpu_s:.1f}", f"{again.cpu_s:.2f}"),
            ("passages/s", f"{passages / first.seconds:.1f}", ""),
            ("passages per CPU second", f"{passages / first.cpu_s:.1f}", ""),
            ("peak MiB", f"{first.peak_mib:.0f}", f"{again.peak_mib:.0f}"),
            *((f"{name}, bytes per passage", f"{size / passages:.0f}", "") for name, size in sizes.items()),
            ("all, bytes per passage", f"{sum(sizes.values()) / passages:.0f}", ""),
        ),
        "",
        f"{len(documents)} documents, {passages} passages. First: {_counts(first)}; again: {_counts(again)}.",
        f"Embedded by {_engine(heavy)}; of the processor's flags that decide, {', '.join(BFLOAT16_FLAGS)}, it has"
        f" {', '.join(_flags()) or 'none'}.",
        "",
        NOT_SHOWN,
    ]
    print("\n".join(lines))
    if options.record:
        record(f"Ingest of {len(documents)} documents", command(), lines)


def _bytes(home: Path, name: str) -> int:
    """Of the file or folder ``name`` and what SQLite keeps beside it."""
    files = [file for part in home.glob(f"{name}*") for file in [part, *part.rglob("*")] if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _counts(ingest: child.Finished) -> str:
    report: dict[str, list[Any]] = json.loads(ingest.output)
    return ", ".join(f"{len(report[k])} {k}" for k in ("added", "unchanged", "duplicates", "failed") if report[k])


def _engine(heavy: list[str]) -> str:
    if "sentence_transformers" in heavy:
        return "sentence-transformers in bfloat16 (small batches by onnxruntime in float32)"
    return "onnxruntime in float32 (sentence-transformers was not imported)"


def _flags() -> list[str]:
    try:
        known = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return []
    return [flag for flag in BFLOAT16_FLAGS if flag in known]


if __name__ == "__main__":
    main()
