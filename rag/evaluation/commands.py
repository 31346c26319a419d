"""The commands ``citedesk eval …``: options in, one call each, figures out.

Nothing is imported before a command needs it. How an archive is opened is the command line's business.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
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

    run.add_argument(
        "--judge", metavar="PROVIDER:MODEL", action="append", default=[],
        help="a language model that tells of every claim whether its passages bear it out",
    )  # fmt: skip

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

    retrieval = command("retrieval", "Measure retrieval on a set in BEIR form, or a TREC run.", _retrieval,
                        among=among)  # fmt: skip
    retrieval.add_argument("folder", metavar="BEIR_DIR", type=Path, help="a set; with --run, TREC qrels too")
    retrieval.add_argument("--work", metavar="DIR", type=Path, help="keep the built archive here for the next time")
    retrieval.add_argument(
        "--runs", metavar="DIR", type=Path, help="write judgements and rankings there, as TREC has them"
    )
    retrieval.add_argument("--run", metavar="FILE", type=Path, dest="trec_run", help="measure this TREC run instead")


def _questions_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("questions", metavar="QUESTIONS", type=Path, help="a question set; see docs/evaluation.md")
    parser.add_argument("--limit", type=int, metavar="N", help="ask only so many")
    parser.add_argument("--seed", type=int, metavar="N", help="which ones: a random sample (else the first)")


def _chance_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cluster", choices=("conversation", "document"), default="conversation",
        help="what belongs together when chance is weighed (conversation)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the resampling (0)")


def _run(options: argparse.Namespace, open_desk: Open) -> int:
    from rag import console
    from rag.evaluation import evaluate, report, run

    judges = _judges(options)
    also = ["--docs", str(options.docs.absolute())] if options.docs else []
    also += [word for name in options.judge for word in ("--judge", name)]
    with closing(open_desk(options)) as desk, _progress("asking") as update:
        found = evaluate(
            desk, options.questions, options.out, judges=judges, limit=options.limit, seed=options.seed,
            workers=options.workers, fresh=options.fresh, docs=options.docs, also=also, on_progress=update,
        )  # fmt: skip
    figures = run.figures(list(found.run.answers.values()), options.out)
    figures["report"] = str(options.out / report.FILE_NAME)
    if options.json:
        console.show_json(figures)
    else:
        console.show("\n".join(f"{name}: {value}" for name, value in figures.items()))
    return 1 if figures["errors"] else 0


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
    from rag.evaluation import compare, gates, report, summary

    bars = gates.read(options.gates) if options.gates else ()
    found = compare.compare(
        options.a, options.b, cluster=options.cluster, metrics=options.metric, bars=bars, seed=options.seed
    )
    before, after = (summary.summarise(each, cluster=options.cluster) for each in (options.a, options.b))
    page = report.write(after, comparison=found, before=before)
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
    from rag import build, console
    from rag.evaluation import labelling

    # The claims go where the figures do not: what is read by a program has to be JSON alone.
    screen = sys.stderr if options.json else sys.stdout
    judge = build.judge(_settings(options))
    found = labelling.label(
        options.folder, read=sys.stdin, write=screen, count=options.count, seed=options.seed, judge=judge
    )
    if options.json:
        console.show_json([each.to_json() for each in found])
    return 0


def _retrieval(options: argparse.Namespace) -> int:
    from rag import console
    from rag.evaluation import retrieval

    if options.trec_run:
        figures = {options.trec_run.name: retrieval.measure_run(options.folder, options.trec_run)}
    else:
        with _progress("embedding", "document") as update:
            figures = retrieval.measure(options.folder, on_progress=update, work=options.work, runs=options.runs)
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
def _progress(what: str, unit: str = "question") -> Iterator[Callable[[int, int], None]]:
    from rag import console

    with console.progress(what, unit) as update:
        yield update
