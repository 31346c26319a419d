"""The command line: ``citedesk COMMAND``. Exit 0 done, 1 the work failed, 2 bad usage or input.

One JSON document goes to stdout with ``--json``; progress and what happens on the way go to stderr. Nothing
heavy is imported before a command needs it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.evaluation import commands as evaluating

if TYPE_CHECKING:
    from rag.answer import Answer
    from rag.assistant import Assistant
    from vectorstore.index import Finding

INTERRUPTED = 130  # what shells give a command that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    signal.signal(signal.SIGTERM, _stop)
    options = _parser().parse_args(arguments)
    from corpus.errors import CiteDeskError
    from rag import console

    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except CiteDeskError as error:
        console.say(f"citedesk: {error}")
        return error.exit_status
    except KeyboardInterrupt:
        console.say("citedesk: stopped; what was reported as done is kept")
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has had enough
        return 1


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt


def _ingest(options: argparse.Namespace) -> int:
    from corpus import sample
    from corpus.errors import BadInput
    from rag import console

    paths = [*options.paths, *([sample.folder()] if options.sample else [])]
    if not paths:
        raise BadInput("nothing to ingest: name files or folders, or try --sample")
    with closing(_desk(options)) as desk, console.progress("ingesting") as update:
        lines = console.FileLines((lambda line: None) if options.json else console.show_meanwhile)
        report = desk.ingest(
            paths,
            outlet=options.outlet,
            published=options.published,
            prune=options.prune,
            on_outcome=lines.add,
            on_progress=update,
        )
        lines.finish()
    if options.json:
        for failure in report.failed:
            console.say(f"failed: {failure.path} {failure.reason}")
        console.show_json(report.to_json())
    else:
        console.show(console.report_text(report))
    return 1 if report.failed else 0


def _ask(options: argparse.Namespace) -> int:
    from rag import console

    with closing(_desk(options, must_exist=True)) as desk:
        if sys.stdout.isatty() and not options.json:
            answer = show_growing(desk.stream(_question(options), **_asking(options)))
            return 1 if answer.status == "error" else 0
        answer = desk.ask(_question(options), **_asking(options))
    if options.json:
        console.show_json(answer.to_json())
    else:
        console.show(console.answer_text(answer))
    return 1 if answer.status == "error" else 0


def show_growing(answers: Iterable[Answer]) -> Answer:
    """Show each line of an answer as soon as it is full, as a model may take minutes, and in the end the rest.

    All of it comes again where the end does not begin with what was shown.
    """
    from rag import console

    shown: list[str] = []
    for answer in answers:
        *full, _ = console.answer_text(replace(answer, notes=(), citations=(), sentences=(), assumptions=())).split(
            "\n"
        )
        if len(full) > len(shown) and full[: len(shown)] == shown:
            console.show("\n".join(full[len(shown) :]))
            shown = full
    lines = console.answer_text(answer).split("\n")
    begins_so = lines[: len(shown)] == shown
    console.show("\n".join(lines[len(shown) :] if begins_so else ["", *lines]))
    return answer


def _search(options: argparse.Namespace) -> int:
    from rag import console

    with closing(_desk(options, must_exist=True)) as desk:
        found = desk.search(_question(options), **_asking(options))
    if options.json:
        console.show_json(found.to_json())
    else:
        console.show(
            "\n\n".join(filter(None, [console.assumed_text(found.assumptions), console.hits_text(found)]))
            if found
            else "no passage matches"
        )
    return 0


def _ui(options: argparse.Namespace) -> int:
    from rag import console
    from rag.window import hosts, users

    home, known = _window_users(options)
    if options.add_user or options.remove_user:
        console.show(f"{', '.join(sorted(known)) or 'nobody'} may log in, as {users.write_users(home, known)} says")
        return 0
    hosts.check_host(options.host, has_users=bool(known))
    _check_window(options)
    console.say("opening the archive and the window; this takes some seconds")
    with closing(_desk(options)) as desk:
        if options.sample and not desk.status().documents:
            from corpus import sample

            console.say("the archive is empty: indexing the sample articles")
            desk.ingest([sample.folder()])
        with desk.owning("a chat window"):
            import ui

            ui.serve(
                desk,
                host=options.host,
                port=options.port,
                names=options.name,
                users=known,
                certificate=options.certificate,
                key=options.key,
                has_mcp=options.mcp,
                open_browser=options.open,
                announce=console.show,
            )
    return 0


def _window_users(options: argparse.Namespace) -> tuple[Path, dict[str, str]]:
    """The archive's folder, and who may log in to its window: those it keeps, and one for this time."""
    from corpus.errors import BadInput
    from rag import config
    from rag.window import users

    home = config.load(options.home).home
    known = users.read_users(home)
    if options.remove_user:
        if options.remove_user not in known:
            raise BadInput(f"nobody is called {options.remove_user!r} in {home / users.FILE}")
        del known[options.remove_user]
    for name in filter(None, [options.add_user, options.user]):
        if name == options.user and name in known and not (os.environ.get(users.PASSWORD) or options.password_file):
            continue
        known[users.check_name(name)] = users.hashed(users.password(name, options.password_file))
    os.environ.pop(users.PASSWORD, None)  # nothing that is started from here has any use for it
    return home, known


def _check_window(options: argparse.Namespace) -> None:
    from corpus.errors import BadInput
    from rag.window import hosts

    if os.environ.get("GRADIO_SHARE", "").strip().lower() not in ("", "0", "false", "no"):
        raise BadInput("GRADIO_SHARE would put the window on a server of others; it is never shared so: unset it")
    if options.key and not options.certificate:
        raise BadInput("--key goes with --certificate FILE")
    if not hosts.is_loopback(options.host) and not options.certificate:
        from rag import console

        console.say("without --certificate, passwords and answers cross the network as they are; use it among friends")


def _status(options: argparse.Namespace) -> int:
    from rag import console
    from rag.keeping import dossier

    if options.document:
        with closing(_desk(options, must_exist=True)) as desk:
            document, carriers = desk.document(options.document), desk.carriers(options.document)
        if options.json:
            console.show_json(dossier.as_json(document, carriers))
        else:
            console.show(dossier.as_text(document, carriers, furniture=options.furniture))
        return 0
    with closing(_desk(options, must_exist=True)) as desk:
        status, documents = desk.status(), desk.documents() if options.documents else []
    if options.json:
        console.show_json(status.to_json() | ({"list": [vars(d) for d in documents]} if options.documents else {}))
        return 0
    period = f"{status.first_published} to {status.last_published}" if status.first_published else "no dates known"
    console.show(f"{status.home}\n{status.documents} documents, {status.passages} passages, {period}")
    console.show(f"outlets: {', '.join(status.outlets) or 'none known'}\nembedder: {status.embedder}")
    for header in documents:
        console.show(f"{header.name}  {header.line()}")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from rag import console

    findings = []
    for finding in _findings(options):
        findings.append(finding)
        if not options.json:
            console.show(f"{'ok  ' if finding.sound else 'MEND'} {finding.subject}: {finding.detail}")
    if options.json:
        console.show_json([vars(finding) for finding in findings])
    return 0 if all(finding.sound for finding in findings) else 1


def _findings(options: argparse.Namespace) -> Iterator[Finding]:
    """One by one, as a model may take its time; whatever is wrong with one, the others are looked at."""
    from rag import build, checkup, config, console
    from vectorstore.index import Finding

    settings = build.settled(config.load(options.home, options={"llm": options.llm}))
    yield from checkup.settings(settings.shown(), os.environ)
    yield checkup.model(lambda: build.caller(settings), lambda: build.templates(settings), about_to_ask=console.say)
    if settings.judge:
        yield checkup.judge(lambda: build.judge(settings))
    if settings.reranker:
        yield checkup.reranker(lambda: build.reranker(settings))
    if (settings.home / "archive.db").is_file():
        with closing(build.assistant(replace(settings, llm=""), report=console.say)) as desk:
            yield from desk.examine()
    else:
        yield Finding("archive", False, f"there is none in {settings.home}; run: citedesk ingest PATH")


def _export(options: argparse.Namespace) -> int:
    from rag import console

    with closing(_desk(options, must_exist=True)) as desk:
        count = desk.export(options.folder)
    if options.json:
        console.show_json({"exported": count, "folder": str(options.folder)})
    else:
        console.show(f"{count} documents and their manifest.csv are in {options.folder}")
    return 0


def _backup(options: argparse.Namespace) -> int:
    from rag import console

    with closing(_desk(options, must_exist=True)) as desk:
        desk.backup(options.file)
    if options.json:
        console.show_json({"backup": str(options.file)})
    else:
        console.show(f"saved to {options.file}")
    return 0


def _restore(options: argparse.Namespace) -> int:
    from rag import console

    with closing(_desk(options)) as desk:
        kept = desk.restore(options.file)
        documents = desk.status().documents
    if options.json:
        console.show_json({"documents": documents, "kept": str(kept) if kept.exists() else None})
    else:
        console.show(f"{documents} documents restored; what was there before is kept in {kept}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    from rag import console

    with closing(_desk(options, must_exist=True)) as desk:
        desk.remove(options.documents)
    if options.json:
        console.show_json({"removed": options.documents})
    else:
        console.show(f"{len(options.documents)} removed")
    return 0


def _rebuild(options: argparse.Namespace) -> int:
    from rag import console

    with closing(_desk(options, must_exist=True, mend=False)) as desk:
        with console.progress("embedding", "document") as update:
            desk.rebuild(on_progress=update)
        if options.json:
            console.show_json(desk.status().to_json())
    for line in _left_behind(options):
        console.say(line)
    return 0


def _left_behind(options: argparse.Namespace) -> list[str]:
    """What the settings say of an embedder that is not the archive's any more: the next question would be refused."""
    from rag import config
    from vectorstore.identity import remembered

    settings = config.load(options.home)
    origin, own = settings.origins.get("embedder"), remembered(settings.home / "archive.db")
    if origin is None or own is None or settings.embedder == own.name:
        return []
    return [f"{origin} still names the embedder {settings.embedder}: take it out, or name {own.name} there"]


def _desk(options: argparse.Namespace, *, must_exist: bool = False, mend: bool = True) -> Assistant:
    from corpus.errors import BadInput
    from rag import build, config, console

    # Where no answer is composed, no model is named: what is wrong with one must not keep anybody from ingesting.
    named = {key: getattr(options, key, None) for key in ("embedder", "query_prefix", "passage_prefix")}
    settings = config.load(options.home, options={"llm": getattr(options, "llm", config.BUILT_IN), **named})
    if must_exist and not (settings.home / "archive.db").is_file():
        raise BadInput(f"there is no archive in {settings.home}; run: citedesk ingest PATH --home {settings.home}")
    desk = build.assistant(settings, report=console.say)
    if mend:
        desk.mend()
    return desk


def _port(text: str) -> int:
    if text.isdecimal() and len(text) < 6 and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to 65535")


def _question(options: argparse.Namespace) -> str:
    return " ".join(options.question)


def _asking(options: argparse.Namespace) -> dict[str, Any]:
    return {key: getattr(options, key) for key in ("k", "since", "until", "outlet", "now", "without")}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="citedesk", description="Ask an archive of documents; every claim is cited.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--home", metavar="DIR", help="the archive's folder (else CITEDESK_HOME, else your data folder)"
    )
    shared.add_argument("--json", action="store_true", help="print one JSON document")

    asking = argparse.ArgumentParser(add_help=False)
    asking.add_argument("question", nargs="+", metavar="QUESTION")
    asking.add_argument("-k", type=int, metavar="N", help="how many passages to work from (10)")
    asking.add_argument("--since", metavar="DATE", help="only documents published on or after, as 2022-01-06 or 2022")
    asking.add_argument("--until", metavar="DATE", help="only documents published on or before")
    asking.add_argument("--outlet", metavar="NAME", help="only documents of this outlet")
    asking.add_argument("--now", metavar="DATE", help='what "today" means')
    asking.add_argument(
        "--without", metavar="KIND", action="append", default=[],
        help="do not assume a period, outlet, author, voice, speaker, follow-up or spelling; may be given again",
    )  # fmt: skip

    composing = argparse.ArgumentParser(add_help=False)
    composing.add_argument(
        "--llm", metavar="PROVIDER:MODEL", help="a language model to answer with, as ollama:NAME; none for no model"
    )

    def command(name: str, help_: str, run: Callable[[argparse.Namespace], int], *parents: argparse.ArgumentParser,
                among: Any = commands) -> argparse.ArgumentParser:  # fmt: skip
        added: argparse.ArgumentParser = among.add_parser(
            name, help=help_, description=help_, parents=[shared, *parents]
        )
        added.set_defaults(run=run)
        return added

    ingest = command("ingest", "Add files and folders to the archive; unchanged ones cost a look.", _ingest)
    ingest.add_argument("paths", nargs="*", metavar="PATH", type=Path)
    ingest.add_argument("--prune", action="store_true", help="remove documents of these folders whose files are gone")
    ingest.add_argument("--outlet", metavar="NAME", help="who published all of these, whatever they say themselves")
    ingest.add_argument("--published", metavar="DATE", help="when they were published, as 2022-01-06, 2022-01 or 2022")
    ingest.add_argument("--sample", action="store_true", help="add the sample articles that come with citedesk")

    command("ask", "Answer a question, with citations.", _ask, asking, composing)
    command("search", "Show the passages that match a question.", _search, asking)

    window = command("ui", "Open the chat window.", _ui, composing)
    window.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1); another needs a user")
    window.add_argument(
        "--port", type=_port, default=7860, metavar="N", help="port to listen on (7860), or the next free one"
    )
    window.add_argument(
        "--name", metavar="NAME", action="append", default=[],
        help="a name that the window may be called by, as desk.example.org; may be given again",
    )  # fmt: skip
    window.add_argument(
        "--user", metavar="NAME", help="who may log in; the password is in CITEDESK_PASSWORD, in a file, or asked for"
    )
    window.add_argument("--password-file", metavar="FILE", type=Path, help="the file whose first line is the password")
    window.add_argument("--add-user", metavar="NAME", help="keep a user, with a new password, and end")
    window.add_argument("--remove-user", metavar="NAME", help="keep a user no longer, and end")
    window.add_argument("--certificate", metavar="FILE", type=Path, help="serve https, with this certificate (PEM)")
    window.add_argument("--key", metavar="FILE", type=Path, help="the certificate's key, where it is in another file")
    window.add_argument("--mcp", action="store_true", help="give language models ask and search as tools (MCP)")
    window.add_argument("--open", action="store_true", help="open it in your browser")
    window.add_argument(
        "--sample", action="store_true", help="start with the sample articles where the archive is empty"
    )

    status = command("status", "Say what the archive holds.", _status)
    status.add_argument(
        "document", nargs="?", metavar="DOC", help="show one document, and where what is known of it is from"
    )
    status.add_argument("--furniture", action="store_true", help="show its lines that count as furniture, too")
    status.add_argument("--documents", action="store_true", help="list every document")
    command("doctor", "Say which settings are in force and what is wrong; changes nothing.", _doctor, composing)
    remove = command("remove", "Take documents out of the archive.", _remove)
    remove.add_argument("documents", nargs="+", metavar="DOC", help="as `citedesk status --documents` names it")
    export = command("export", "Write every document's text and what is known of it to a new folder.", _export)
    export.add_argument("folder", metavar="DIR", type=Path)
    backup = command("backup", "Copy the archive to one file, also while it is in use.", _backup)
    backup.add_argument("file", metavar="FILE", type=Path)
    restore = command("restore", "Put a backup in the archive's place, also while it is in use.", _restore)
    restore.add_argument("file", metavar="FILE", type=Path)
    rebuild = command("rebuild", "Build the indexes again, and embed again where the embedder changed.", _rebuild)
    rebuild.add_argument(
        "--embedder",
        metavar="NAME",
        help="embed with this from now on: minilm, a folder with a sentence-transformers model (./models/e5),"
        " openai:MODEL or ollama:MODEL; the old index answers until the new one is whole; what was stopped goes on",
    )
    rebuild.add_argument("--query-prefix", metavar="TEXT", help='what is put before a question, such as "query: "')
    rebuild.add_argument("--passage-prefix", metavar="TEXT", help='what is put before a passage, such as "passage: "')

    evaluation = commands.add_parser("eval", help="Measure answers and retrieval, and compare runs.").add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    evaluating.add(command, evaluation, composing, partial(_desk, must_exist=True))
    return parser


if __name__ == "__main__":
    sys.exit(main())
