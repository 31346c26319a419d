"""How good the answers and the retrieval are, by the commands that measure any archive.

For each gold set: ``citedesk ingest`` of its documents into a fresh archive, ``citedesk eval run`` over its questions
and, with ``--robustness``, ``citedesk eval robustness``. For each folder given, a set in BEIR form: ``citedesk eval
retrieval``. What is absent is named and left out. Quotations are looked up in the files as they are: where one from an
HTML page runs over a tag or an entity, it counts as unfaithful, exact as it is in the text that was read.

Does not show: that an answer is right beyond the strings a gold item asks for, nor that it reads well; how it does on
questions it was not built with (these sets are open to whoever builds it); answers by an LLM.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import child
from benchmarks.record import ROOT, command, record, table

SHARED = ROOT.parent / "shared"
GOLD = {  # name -> questions, documents
    "sample": (ROOT / "tests" / "gold" / "sample.jsonl", ROOT / "corpus" / "sample"),
    "sample_dev": (ROOT / "tests" / "gold" / "sample_dev.jsonl", ROOT / "corpus" / "sample"),
    "sample_test": (ROOT / "tests" / "gold" / "sample_test.jsonl", ROOT / "corpus" / "sample"),  # never tuned on
    "seeds": (SHARED / "gold" / "seeds_dev.jsonl", SHARED / "seeds"),
}
NOT_SHOWN = (
    "Means with 95 % intervals. Does not show: rightness beyond the strings asked for; questions held out; answers by"
    " an LLM; the faithfulness of quotations that run over a tag or entity of an HTML page, which count as unfaithful."
)
MAIN = (
    "hit", "hit_answerable", "evidence_recall@1", "evidence_recall@5", "evidence_recall@10", "citation_recall",
    "citation_precision", "quote_faithfulness", "numbers_ok", "citation_coverage", "abstention_precision",
    "abstention_recall", "abstention_f1", "false_refusals", "truthfulness", "hallucinated",
)  # fmt: skip

Figures = dict[str, dict[str, Any]]  # a mean with its interval, by name


def main() -> None:
    parser = argparse.ArgumentParser(description="Score answers on the gold sets and retrieval on public ones.")
    parser.add_argument("sets", nargs="*", type=Path, metavar="BEIR_DIR", help="as ../shared/benchmarks/cranfield")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep the public sets' archives here")
    parser.add_argument("--robustness", action="store_true", help="ask with noise, falsehoods, other wordings too")
    parser.add_argument("--record", action="store_true", help="keep the figures in RESULTS.md")
    options = parser.parse_args()

    lines = _answers(robustness=options.robustness)
    if options.sets:
        lines += ["", *_retrieval(options.sets, options.work)]
    lines += ["", NOT_SHOWN]
    print("\n".join(lines))
    if options.record:
        record("Quality", command(), lines)


def _answers(*, robustness: bool) -> list[str]:
    present = {name: paths for name, paths in GOLD.items() if all(path.exists() for path in paths)}
    lines = [f"Absent, so not measured: {name}." for name in GOLD if name not in present]
    measured = {name: _measured(*paths, robustness=robustness) for name, paths in present.items()}
    names = {name: f"{name} ({figures['hit']['n']} questions)" for name, (figures, _) in measured.items()}
    lines += _compared("answers", MAIN, {names[name]: figures for name, (figures, _) in measured.items()})
    if robustness:
        probed = {names[name]: figures for name, (_, figures) in measured.items()}
        lines += ["", *_compared("robustness", list(next(iter(probed.values()), {})), probed)]
    return lines


def _measured(questions: Path, documents: Path, *, robustness: bool) -> tuple[Figures, Figures]:
    """The figures of the answers, and those of robustness where they are asked for."""
    with TemporaryDirectory() as folder:
        home, out, probed = (str(Path(folder, name)) for name in ("home", "out", "probed"))
        asked = ["--home", home, "--out"]
        child.citedesk("ingest", str(documents), "--home", home)
        child.citedesk("eval", "run", str(questions), *asked, out, "--docs", str(documents))
        answers: Figures = json.loads(Path(out, "summary.json").read_text(encoding="utf-8"))["metrics"]
        if not robustness:
            return answers, {}
        child.citedesk("eval", "robustness", str(questions), *asked, probed)
        return answers, json.loads(Path(probed, "robustness.json").read_text(encoding="utf-8"))["figures"]


def _compared(title: str, names: tuple[str, ...] | list[str], figures: dict[str, Figures]) -> list[str]:
    rows = [(name, *(_with_interval(each.get(name, {})) for each in figures.values())) for name in names]
    return table((title, *figures), *rows)


def _retrieval(folders: list[Path], work: Path | None) -> list[str]:
    rows: list[tuple[str, ...]] = []
    measures: list[str] = []
    for folder in folders:
        keep = ["--work", str((work / folder.name).absolute())] if work else []
        for name, history in _ways(folder):
            finished = child.citedesk("eval", "retrieval", str(folder.absolute()), "--json", *keep, *history)
            figures: dict[str, dict[str, float]] = json.loads(finished.output)
            for system, values in figures.items():
                measures = list(values)
                rows.append((name, system, *(f"{value:.3f}" for value in values.values())))
    return table(("retrieval", "system", *measures), *rows)


def _ways(folder: Path) -> list[tuple[str, list[str]]]:
    """How a set is asked: where its queries are turns of conversations, also with what was said before."""
    name = folder.resolve().name
    rows = map(json.loads, (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines())
    in_conversations = any((row.get("metadata") or {}).get("history") for row in rows)
    return [(name, []), (f"{name}, with history", ["--history"])] if in_conversations else [(name, [])]


def _with_interval(figure: dict[str, Any]) -> str:
    if figure.get("mean") is None:
        return "-"
    if figure.get("low") is None:
        return f"{figure['mean']:.3f}"
    return f"{figure['mean']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


if __name__ == "__main__":
    main()
