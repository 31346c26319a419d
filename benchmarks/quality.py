"""How good the answers and the retrieval are: our gold sets by the scorer, public sets by trec_eval's measures.

For each gold set: ``citedesk ingest`` of its documents into a fresh archive, ``citedesk eval run`` over its questions,
then shared/gold/score.py over the answers. For each folder given, a set in BEIR form: ``citedesk eval retrieval``.
What is absent is named and left out. The scorer reads files raw: where a quotation from an HTML page runs over a tag
or an entity, it counts there as unfaithful, exact as it is in the text that was read.

Does not show: that an answer is right beyond the strings a gold item asks for, nor that it reads well; how it does on
questions it was not built with (these sets are open to whoever builds it); answers by an LLM.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import child
from benchmarks.record import ROOT, command, record, table

SHARED = ROOT.parent / "shared"
SCORER = SHARED / "gold" / "score.py"
GOLD = {  # name -> questions, documents
    "sample": (ROOT / "tests" / "gold" / "sample.jsonl", ROOT / "corpus" / "sample"),
    "seeds": (SHARED / "gold" / "seeds_dev.jsonl", SHARED / "seeds"),
}
NOT_SHOWN = (
    "Does not show: rightness beyond the strings asked for; questions held out; answers by an LLM; the faithfulness of"
    " quotations that run over a tag or entity of an HTML page, which the scorer, reading raw files, calls unfaithful."
)
MAIN = (
    "n", "hit_rate", "hit_rate_answerable", "evidence_recall@1", "evidence_recall@5", "evidence_recall@10",
    "citation_recall", "citation_precision", "quote_faithfulness", "abstention_precision", "abstention_recall",
    "abstention_f1",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Score answers on the gold sets and retrieval on public ones.")
    parser.add_argument("sets", nargs="*", type=Path, metavar="BEIR_DIR", help="as ../shared/benchmarks/cranfield")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep the public sets' archives here")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    lines = _answers()
    if options.sets:
        lines += ["", *_retrieval(options.sets, options.work)]
    lines += ["", NOT_SHOWN]
    print("\n".join(lines))
    if options.record:
        record("Quality", command(), lines)


def _answers() -> list[str]:
    if not SCORER.is_file():
        return [f"Answers are not scored: {SCORER} is absent."]
    present = {name: paths for name, paths in GOLD.items() if all(path.exists() for path in paths)}
    totals = {name: _score(questions, documents) for name, (questions, documents) in present.items()}
    rows = [(measure, *(_figure(total[measure]) for total in totals.values())) for measure in MAIN]
    absent = [f"Absent, so not measured: {name}." for name in GOLD if name not in present]
    return [*table(("answers", *totals), *rows), *absent]


def _score(questions: Path, documents: Path) -> dict[str, float | None]:
    with TemporaryDirectory() as folder:
        home, out, report = str(Path(folder, "home")), Path(folder, "out"), Path(folder, "report.json")
        child.citedesk("ingest", str(documents), "--home", home)
        child.citedesk("eval", "run", str(questions), "--out", str(out), "--home", home)
        answers = str(out / "answers.jsonl")
        child.run(sys.executable, str(SCORER), str(questions), answers, "--docs", str(documents), "--json", str(report))
        total: dict[str, float | None] = json.loads(report.read_text(encoding="utf-8"))["total"]
        return total


def _retrieval(folders: list[Path], work: Path | None) -> list[str]:
    rows: list[tuple[str, ...]] = []
    measures: list[str] = []
    for folder in folders:
        keep = ["--work", str((work / folder.name).absolute())] if work else []
        finished = child.citedesk("eval", "retrieval", str(folder.absolute()), "--json", *keep)
        figures: dict[str, dict[str, Any]] = json.loads(finished.output)
        for system, values in figures.items():
            measures = list(values)
            rows.append((folder.resolve().name, system, *map(_figure, values.values())))
    return table(("retrieval", "system", *measures), *rows)


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


if __name__ == "__main__":
    main()
