"""How long a question takes from the shell: ``citedesk ask`` in a fresh process, from its start to its exit.

Builds the sample archive in a temporary folder, then starts one process after another. ``citedesk --help`` and a
Python that does nothing are timed between them, to tell our share. Once more, with a look at the imported modules:
torch, sentence_transformers and chromadb must not be among them; exit status 1 where one is.

Does not show: the first start after a boot, when nothing is in the file cache; a large archive (from 5,000
passages Chroma is opened); an answer by an LLM.
"""

from __future__ import annotations

import argparse
import sys
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import child
from benchmarks.record import command, record, table

NOT_SHOWN = "Does not show: a cold file cache; archives of over 5,000 passages (Chroma); answers by an LLM."


def main() -> int:
    parser = argparse.ArgumentParser(description="Time citedesk ask in fresh processes, on the sample archive.")
    parser.add_argument("--processes", type=int, default=9, metavar="N")
    parser.add_argument("--question", default="Why did the dam gate get stuck in the flood?")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    runs: dict[str, list[child.Finished]] = {"citedesk ask": [], "citedesk --help": [], "python -c pass": []}
    with TemporaryDirectory() as home:
        child.citedesk("ingest", "--sample", "--home", home)
        asking = ["ask", options.question, "--home", home]
        _, heavy = child.probed(*asking)  # reads every file once too
        for _ in range(options.processes):
            runs["citedesk ask"].append(child.citedesk(*asking))
            runs["citedesk --help"].append(child.citedesk("--help"))
            runs["python -c pass"].append(child.run(sys.executable, "-c", "pass"))

    lines = [
        *table(
            ("fresh process", "median s", "range s", "median CPU s", "peak MiB"),
            *(_row(name, finished) for name, finished in runs.items()),
        ),
        "",
        f"{options.processes} processes each, in turn. Imported by ask: {', '.join(heavy) or 'none'} of"
        f" {', '.join(child.HEAVY)}.",
        "",
        NOT_SHOWN,
    ]
    print("\n".join(lines))
    if options.record:
        record("A cold question", command(), lines)
    return 1 if heavy else 0


def _row(name: str, finished: list[child.Finished]) -> tuple[str, ...]:
    seconds = [each.seconds for each in finished]
    cpu, peak = median(each.cpu_s for each in finished), max(each.peak_mib for each in finished)
    return name, f"{median(seconds):.3f}", f"{min(seconds):.3f} - {max(seconds):.3f}", f"{cpu:.3f}", f"{peak:.0f}"


if __name__ == "__main__":
    sys.exit(main())
