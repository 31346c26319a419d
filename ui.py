"""The chat window: asks an Assistant and shows its Answers, each claim with a chip that opens its sentence.

How an answer becomes HTML is in rag/rendering.py, what happens in the browser (a chip opens its card) in ui.js,
how it looks in ui.css. Only ``build`` and ``serve`` touch gradio, and import it when called. Knows nothing of how
answers are made.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.document import Header
from corpus.errors import BadInput, CiteDeskError
from corpus.limits import MAX_FILE_BYTES
from corpus.loaders import readable_suffixes
from rag.answer import Answer, Turn
from rag.rendering import coverage, escape, exchange, notice, outcome

if TYPE_CHECKING:
    from rag import Assistant

logger = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost")
HISTORY_TURNS = 20
PANEL = (
    '<section id="cd-panel" aria-label="Sources"></section>'
    '<p class="cd-none">The sentences that an answer rests on appear here.</p>'
)
INVITATION = "Ask a question: each claim in the answer carries a number that opens the exact sentence it rests on."
INVITATION_TO_ADD = "Add documents, then ask: each claim in an answer will open the exact sentence it rests on."
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='8' fill='%230b5f6b'/%3E%3Cpath d='M12 8H9v16h3M20 8h3v16h-3M14 13l2-2v10' fill='none' stroke='%23fff' "
    "stroke-width='2.5'/%3E%3C/svg%3E"
)
INTERNAL_ERROR = "CiteDesk ran into an error of its own; what happened is in its log."

# Gradio's page needs inline scripts and eval; nothing may be fetched from, sent to or framed by another host.
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def starting_questions(headers: Iterable[Header], count: int = 4) -> list[str]:
    """Questions to begin with, made from titles spread evenly over the archive's time."""
    dated = sorted((header.published or "", header.title) for header in headers if header.title)
    titles = list(dict.fromkeys(title for _, title in dated if len(title) <= 90))
    chosen = [titles[at * len(titles) // count] for at in range(count)] if len(titles) > count else titles
    return [f"What is reported in “{title}”?" for title in chosen]


def stopped(answer: Answer) -> Answer:
    """What is left of an answer when it is stopped here."""
    return replace(answer, status="incomplete", notes=(*answer.notes, "Stopped before it was finished."))


def history(answers: Sequence[Answer]) -> list[Turn]:
    """The last turns of a conversation that got some answer."""
    return [Turn(each.question, each.text) for each in answers if each.status != "error"][-HISTORY_TURNS:]


def paced(
    answers: Iterable[Answer], *, every_s: float = 0.05, clock: Callable[[], float] = time.monotonic
) -> Iterator[Answer]:
    """The answers at most one per ``every_s``; the last one always comes."""
    due, held = clock(), None
    for answer in answers:
        held = answer
        if clock() >= due:
            yield answer
            due, held = clock() + every_s, None
    if held is not None:
        yield held


class Guard:
    """ASGI middleware: answers this machine's own pages only, and sends HEADERS with every response.

    A page elsewhere can point its own host name at 127.0.0.1, so the Host and the Origin must be loopback names.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "")
        if host.rsplit(":", 1)[0] not in LOOPBACK or headers.get(b"origin", f"http://{host}") != f"http://{host}":
            if scope["type"] == "http":
                await send(
                    {"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]}
                )
                await send({"type": "http.response.body", "body": b"CiteDesk answers pages of this machine only."})
            else:
                await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def build(desk: Assistant) -> Any:
    """The page as a ``gradio.Blocks``; ``serve`` shows it with its styles, script and limits."""
    gr = _gradio()

    def opening() -> dict[Any, Any]:
        status = desk.status()
        questions = starting_questions(desk.documents(), len(starters))
        held = coverage(status.documents, status.first_published, status.last_published)
        return {
            header: f"<h1>CiteDesk</h1><p>{escape(held)}</p>",
            greeting: f"<p>{INVITATION if status.documents else INVITATION_TO_ADD}</p>",
            **{starter: gr.Button(visible=False) for starter in starters[len(questions) :]},
            **{starter: gr.Button(each, visible=True) for starter, each in zip(starters, questions, strict=False)},
        }

    def ask(question: str, answers: tuple[Answer, ...]) -> Iterator[dict[Any, Any]]:
        question, turn = question.strip(), len(answers)
        if not question:
            yield {message: notice([("plain", "Type a question first.")])}
            return
        answer = Answer(question, "", "incomplete", "")
        idle = {stop: gr.Button(visible=False)}
        try:
            yield {
                **{box: "", message: "", start: gr.Column(visible=False), stop: gr.Button(visible=True)},
                past: "".join(exchange(each, number) for number, each in enumerate(answers)),
                live: exchange(answer, turn, working=True),
                said: (*answers, stopped(answer)),
            }
            shown = ""
            for answer in paced(desk.stream(question, history=history(answers))):
                markup = exchange(answer, turn, working=True)
                # While a model is silent the same comes again, so that Stop is heard; the page has it already.
                yield {live: gr.skip() if markup == shown else markup, said: (*answers, stopped(answer))}
                shown = markup
        except BadInput as error:
            refusal = {box: question, message: notice([("bad", str(error))]), start: gr.Column(visible=not answers)}
            yield {**refusal, live: "", said: answers, **idle}
            return
        except CiteDeskError as error:
            answer = replace(answer, text=str(error), status="error")
        except Exception:
            logger.exception("the window could not answer a question")
            answer = replace(answer, text=INTERNAL_ERROR, status="error")
        yield {live: exchange(answer, turn), said: (*answers, answer), **idle}

    def halt(answers: tuple[Answer, ...]) -> dict[Any, Any]:
        return {live: exchange(answers[-1], len(answers) - 1) if answers else "", stop: gr.Button(visible=False)}

    def forget() -> dict[Any, Any]:
        cleared = {said: (), past: "", live: "", message: ""}
        return {**cleared, start: gr.Column(visible=True), stop: gr.Button(visible=False)}

    def add(paths: list[str]) -> Iterator[dict[Any, Any]]:
        lines: list[tuple[str, str]] = []
        for number, path in enumerate(map(Path, paths), start=1):
            yield {message: notice([*lines, ("plain", f"Reading {path.name}, {number} of {len(paths)}…")])}
            try:
                lines.append(outcome(path.name, desk.upload(path, path.name)))
            except CiteDeskError as error:
                lines.append(("bad", f"{path.name}: {error}"))
            except Exception:
                logger.exception("the window could not add a file")
                lines.append(("bad", f"{path.name}: {INTERNAL_ERROR}"))
            path.unlink(missing_ok=True)  # the archive keeps its own copy; gradio's would stay behind
        yield {message: notice(lines), **opening()}

    def text(elem_id: str, around: str = "${value}") -> Any:
        return gr.HTML(elem_id=elem_id, html_template=around, apply_default_css=False, js_on_load=None)

    def button(label: str, elem_id: str, **look: Any) -> Any:
        return gr.Button(label, elem_id=elem_id, size="sm", scale=0, **look)

    with gr.Blocks(title="CiteDesk", analytics_enabled=False, fill_width=True, fill_height=True) as page:
        said = gr.State(())  # the session's answers, oldest first
        with gr.Row(elem_id="cd-top"):
            header = text("cd-title")
            fresh = button("New conversation", "cd-fresh")
        with gr.Row(elem_id="cd-columns"):
            with gr.Column(elem_id="cd-chat"):
                with gr.Column(elem_id="cd-thread"):
                    with gr.Column(elem_id="cd-start") as start:
                        greeting = text("cd-greeting")
                        starters = [gr.Button("", visible=False, elem_classes="cd-starter") for _ in range(4)]
                    past = text("cd-past")
                    live = text("cd-live", '<div role="log" aria-label="Newest answer">${value}</div>')
                message = text("cd-notice", '<div role="status">${value}</div>')
                with gr.Column(elem_id="cd-composer"):
                    asking = {"label": "Your question", "placeholder": "Ask the archive a question", "autofocus": True}
                    box = gr.Textbox(**asking, show_label=False, container=False, max_lines=6, elem_id="cd-box")
                    with gr.Row(elem_id="cd-actions"):
                        files = {"file_count": "multiple", "file_types": readable_suffixes()}
                        upload = gr.UploadButton("Add documents", **files, size="sm", scale=0, elem_id="cd-upload")
                        stop = button("Stop", "cd-stop", visible=False)
                        send = button("Ask", "cd-send", variant="primary")
            with gr.Column(elem_id="cd-side"):
                text("cd-sources", PANEL)

        quiet = {"api_visibility": "private", "show_progress": "hidden"}
        answering = {"outputs": [box, message, start, past, live, said, stop], **quiet}
        running = [gr.on([box.submit, send.click], ask, [box, said], **answering)]
        running += [starter.click(ask, [starter, said], **answering) for starter in starters]
        # First cancelled, then shown as stopped: the other way round a late word would overwrite it.
        stop.click(None, cancels=running).then(halt, [said], [live, stop], **quiet)
        fresh.click(None, cancels=running).then(forget, None, [said, past, live, message, start, stop], **quiet)
        looks = [header, greeting, *starters]
        upload.upload(add, [upload], [message, *looks], concurrency_limit=1, **quiet)
        page.load(opening, None, looks, **quiet)
    return page.queue(default_concurrency_limit=8, api_open=False)


def serve(
    desk: Assistant,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    open_browser: bool = False,
    block: bool = True,
    announce: Callable[[str], None] | None = None,
) -> str:
    """Show the window at ``port``, or the next free one, and return its address; nothing is printed.

    ``announce`` gets the address once the page answers. With ``block`` the call returns after Ctrl-C, without it
    at once, and the server lives as long as the process. Raises BadInput for a host that is not this machine:
    the window has no login.
    """
    if host not in LOOPBACK:
        raise BadInput(f"the window has no login, so it serves this machine only: host {host!r} is not {LOOPBACK[0]}")
    gr = _gradio()
    from starlette.middleware import Middleware

    # Gradio asks itself for the page once; a proxy has no business there.
    direct = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = ",".join(filter(None, [direct, *LOOPBACK]))
    here = Path(__file__)
    page = build(desk)
    off = dict.fromkeys(("share", "ssr_mode", "mcp_server", "enable_monitoring", "run_history", "pwa"), False)
    _, url, _ = page.launch(
        **off,
        server_name=host,
        server_port=_free_port(port),
        inbrowser=open_browser,
        prevent_thread_lock=True,
        quiet=True,
        footer_links=[],
        max_file_size=MAX_FILE_BYTES,
        app_kwargs={"middleware": [Middleware(Guard)]},
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        css=here.with_suffix(".css").read_text("utf-8"),
        head=f'<link rel="icon" href="{ICON}"><script>{here.with_suffix(".js").read_text("utf-8")}</script>',
    )
    if announce is not None:
        announce(url)
    if block:
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            page.close(verbose=False)
    return str(url)


def _gradio() -> Any:
    # Read while gradio is imported: without them it looks up its makers' hosts.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import gradio

    return gradio


def _free_port(first: int) -> int:
    for port in range(first, min(first + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK[0], port))
            except OSError:
                continue
            return port
    raise BadInput(f"no free port from {first} on; name another with --port")
