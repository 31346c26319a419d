"""The commands ``citedesk eval …``: options in, one call each, figures out.

Nothing is imported before a command needs it. How an archive is opened is the command line's business.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.evaluation.judges import Judge

Open = Callable[[argparse.Namespace], "Assistant"]
Add = Callable[..., argparse.ArgumentParser]


def add(command: Add, among: Any, composing: argparse.ArgumentParser, open_desk: Open) -> None:
    """Add every command to ``among``; ``command`` makes one, ``composing`` has the options of who answers."""

    def asks(work: Callable[[argparse.Namespace, Open], int]) -> Callable[[argparse.Namespace], int]:
        return lambda options: work(options, open_desk)

    run = command("run", "Ask every question of a set, and write answers and report.", asks(_run), composing,
                  among=among)  # fmt: skip
    _questions_of(run)
    run.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="answers, report.html and all else go there"
    )
    run.add_argument("--workers", type=int, metavar="N", help="questions asked at once (1 for a model on this machine)")
    run.add_argument("--fresh", action="store_true", help="ask again what the folder has answers to")
    run.add_argument(
        "--docs", metavar="DIR", type=Path, help="the files of the archive: quotations are looked up in them"
    )
    _judges_of(run)

    compare = command("compare", "Say whether one run is better than another, and whether to believe it.", _compare,
                      among=among)  # fmt: skip
    compare.add_argument("a", metavar="DIR_A", type=Path)
    compare.add_argument("b", metavar="DIR_B", type=Path, help="its report.html shows the comparison")
    compare.add_argument("--metric", action="append", default=[], metavar="NAME", help="test this one (else all)")
    compare.add_argument("--gates", metavar="FILE", type=Path, help="a TOML file of what DIR_B must reach at least")
    _chance_of(compare)

    robustness = command("robustness", "Ask with noise, falsified passages, other wordings and typos.",
                         asks(_robustness), composing, among=among)  # fmt: skip
    _questions_of(robustness)
    robustness.add_argument("--out", metavar="DIR", type=Path, help="keep every trial there")
    robustness.add_argument("--probe", action="append", default=[], metavar="NAME", help="only this one (else all)")
    robustness.add_argument("--workers", type=int, default=1, metavar="N", help="questions asked at once (1)")
    robustness.add_argument("--cluster", choices=("conversation", "document"), default="conversation")

    questions = command("questions", "Draft a question set from the archive, to edit.", asks(_questions), among=among)
    questions.add_argument("--count", type=int, default=40, metavar="N", help="how many, at most (40)")
    questions.add_argument("--seed", type=int, default=0, metavar="N", help="which ones (0)")
    questions.add_argument("--out", metavar="FILE", type=Path, help="write them there (else to the terminal)")

    label = command("label", "Judge a sample of a run's claims by hand, here.", _label, among=among)
    label.add_argument("folder", metavar="DIR", type=Path)
    label.add_argument("--count", type=int, default=50, metavar="N", help="how many claims (50)")
    label.add_argument("--seed", type=int, default=0, metavar="N", help="which ones (0)")
    _judges_of(label)

    export = command("export", "Write the archive and a question set in BEIR form, to measure retrieval anywhere.",
                     asks(_export), among=among)  # fmt: skip
    export.add_argument("questions", metavar="QUESTIONS", type=Path, help="a question set that names its evidence")
    export.add_argument("--out", metavar="DIR", type=Path, required=True, help="corpus, queries and qrels go there")

    retrieval = command("retrieval", "Measure retrieval on a set in BEIR form, or a TREC run.", _retrieval,
                        among=among)  # fmt: skip
    retrieval.add_argument("folder", metavar="BEIR_DIR", type=Path, help="a set; with --run, TREC qrels too")
    retrieval.add_argument("--work", metavar="DIR", type=Path, help="keep the built archive here for the next time")
    retrieval.add_argument(
        "--runs", metavar="DIR", type=Path, help="write judgements and rankings there, as TREC has them"
    )
    retrieval.add_argument("--history", action="store_true", help="ask each query after the conversation given with it")
    retrieval.add_argument("--run", metavar="FILE", type=Path, dest="trec_run", help="measure this TREC run instead")


def _questions_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("questions", metavar="QUESTIONS", type=Path, help="a question set; see docs/evaluation.md")
    parser.add_argument("--limit", type=int, metavar="N", help="ask only so many")
    parser.add_argument("--seed", type=int, metavar="N", help="which ones: a random sample (else the first)")


def _judges_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--judge", metavar="PROVIDER:MODEL", action="append", default=[],
        help="a language model that tells of every claim whether its passages bear it out",
    )  # fmt: skip


def _chance_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cluster", choices=("conversation", "document"), default="conversation",
        help="what belongs together when chance is weighed (conversation)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the resampling (0)")


def _run(options: argparse.Namespace, open_desk: Open) -> int:
    from rag import console
    from rag.evaluation import evaluate, report, run, summary

    judges = _judges(options)
    also = ["--docs", str(options.docs.absolute())] if options.docs else []
    also += [word for name in options.judge for word in ("--judge", name)]
    with closing(open_desk(options)) as desk, _progress_of("asking", "judging") as (asked, judged):
        found = evaluate(
            desk, options.questions, options.out, judges=judges, limit=options.limit, seed=options.seed,
            workers=options.workers, fresh=options.fresh, docs=options.docs, also=also, on_progress=asked,
            on_judged=judged,
        )  # fmt: skip
    figures = run.figures(list(found.run.answers.values()), options.out)
    page = str(options.out / report.FILE_NAME)
    if options.json:
        metrics = {name: figure.to_json() for name, figure in found.figures.items()}
        console.show_json({**figures, "metrics": metrics, "report": page})
    else:
        console.show("\n".join([summary.as_text(found), *_of_run(figures), f"report: {page}"]))
    return 1 if figures["errors"] else 0


def _of_run(figures: Mapping[str, Any]) -> Iterator[str]:
    """What a run comes to for the terminal; what is a percentile is in the report."""
    for name in ("questions", "answered", "abstained", "incomplete", "errors"):
        if figures[name] or name in ("questions", "errors"):
            yield f"{name}: {figures[name]}"
    if figures["errors"]:
        yield "asking failed for some: the report says why; the same command asks these again"


def _judges(options: argparse.Namespace) -> list[Judge]:
    """The encoder that the settings name, and the language models that the options do."""
    from rag import build
    from rag.evaluation.judges import Entailed, LanguageModel
    from rag.llm import provider
    from rag.llm.calling import Caller

    settings = _settings(options)
    encoder = build.judge(settings)
    found: list[Judge] = [] if encoder is None else [Entailed(encoder, name=encoder.name)]
    for name in options.judge:
        caller = Caller(provider(name, settings.limits), settings.limits)
        found.append(LanguageModel(caller, build.templates(settings)))
    return found


def _compare(options: argparse.Namespace) -> int:
    from rag import console
    from rag.evaluation import compare, gates, report, run, scores, summary

    bars = gates.read(options.gates) if options.gates else ()
    before = run.load(options.a)
    earlier = scores.of_run(before)
    whole = summary.summarise(options.b, cluster=options.cluster)
    found = compare.between(
        before, whole.run, earlier, whole.scores,
        cluster=options.cluster, metrics=options.metric, bars=bars, seed=options.seed,
    )  # fmt: skip
    page = report.write(whole, comparison=found, before=summary.asked_of(before, earlier))
    if options.json:
        console.show_json({**found.to_json(), "report": str(page)})
    else:
        console.show(f"{compare.as_text(found)}\n\nreport: {page}")
    return found.exit_status


def _robustness(options: argparse.Namespace, open_desk: Open) -> int:
    from rag import console
    from rag.evaluation.items import read_items
    from rag.evaluation.robustness import PROBES, measure

    items = read_items(options.questions)
    with closing(open_desk(options)) as desk, _progress("probing") as update:
        found = measure(
            desk, items, probes=options.probe or tuple(PROBES), limit=options.limit, seed=options.seed or 0,
            cluster=options.cluster, workers=options.workers, on_progress=update,
        )  # fmt: skip
    if options.out:
        found.write(options.out)
    if options.json:
        console.show_json(found.to_json())
    else:
        console.show(found.table())
    return 1 if found.errors else 0


def _questions(options: argparse.Namespace, open_desk: Open) -> int:
    from rag import console
    from rag.evaluation import drafting
    from rag.evaluation.items import as_lines

    with closing(open_desk(options)) as desk, _progress("reading", "document") as update:
        items = drafting.questions(desk, count=options.count, seed=options.seed, on_progress=update)
    if options.out:
        drafting.write(items, options.out)
        console.say(f"{len(items)} questions are in {options.out}; read and mend them before you believe a figure")
    else:
        console.show(as_lines(items).decode("utf-8").rstrip("\n"))
    return 0


def _label(options: argparse.Namespace) -> int:
    from rag import console
    from rag.evaluation import labelling
    from rag.evaluation.judges import Dense, Lexical
    from vectorstore.embedders import embedder

    # The claims go where the figures do not: what is read by a program has to be JSON alone.
    screen = sys.stderr if options.json else sys.stdout
    judges: list[Judge] = [Lexical(), Dense(embedder(_settings(options).embedder)), *_judges(options)]
    found = labelling.label(
        options.folder, read=sys.stdin, write=screen, count=options.count, seed=options.seed, judges=judges
    )
    if options.json:
        console.show_json([each.to_json() for each in found])
    return 0


def _export(options: argparse.Namespace, open_desk: Open) -> int:
    from rag import console
    from rag.evaluation import exporting
    from rag.evaluation.items import read_items

    items = read_items(options.questions)
    with closing(open_desk(options)) as desk, _progress("writing", "document") as update:
        found = exporting.export(desk, items, options.out, on_progress=update)
    if options.json:
        console.show_json({"folder": str(options.out), **vars(found)})
        return 0
    written = f"{found.documents} documents, {found.queries} queries and {found.judgements} judgements"
    console.show(f"{written} are in {options.out}")
    if found.without_evidence:
        console.say(f"left out, as they name no evidence: {_some(found.without_evidence)}")
    if found.unknown:
        console.say(f"evidence that is not in the archive, so that nothing can find it: {_some(found.unknown)}")
    console.say(f"measure it: citedesk eval retrieval {options.out}")
    return 0


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _retrieval(options: argparse.Namespace) -> int:
    from rag import console
    from rag.evaluation import retrieval

    if options.trec_run:
        figures = {options.trec_run.name: retrieval.measure_run(options.folder, options.trec_run)}
    else:
        with _progress("embedding", "document") as update:
            figures = retrieval.measure(
                options.folder, on_progress=update, work=options.work, runs=options.runs, history=options.history
            )
    if options.json:
        console.show_json(figures)
    else:
        for system, measures in figures.items():
            console.show(f"{system:10}  " + "  ".join(f"{name} {value:.4f}" for name, value in measures.items()))
    return 0


def _settings(options: argparse.Namespace) -> Any:
    """The settings in force, as the command line has them; only what builds things knows what they are."""
    from rag import config

    return config.load(options.home, options={"llm": getattr(options, "llm", None)})


@contextmanager
def _progress_of(*stages: str) -> Iterator[list[Callable[[int, int], None]]]:
    """A bar for each stage in turn: the one before goes when the next begins."""
    with ExitStack() as shown:
        bars: dict[str, Callable[[int, int], None]] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                shown.close()
                bars[stage] = shown.enter_context(_progress(stage))
            bars[stage](done, total)

        yield [partial(update, stage) for stage in stages]


@contextmanager
def _progress(what: str, unit: str = "question") -> Iterator[Callable[[int, int], None]]:
    from rag import console

    with console.progress(what, unit) as update:
        yield update
