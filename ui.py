"""The chat window: asks an Assistant and shows its Answers, each claim with a chip that opens its sentence.

The rendering functions are pure: values in, HTML out, and every text in it escaped, since questions, answers
and passages are data. Only ``build`` and ``serve`` touch gradio, and import it when called. What happens in the
browser (a chip opens its card) is in ui.js, how it looks in ui.css. Knows nothing of how answers are made.
"""

from __future__ import annotations

import html
import logging
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.dates import in_words
from corpus.document import Header, Passage
from corpus.errors import BadInput, CiteDeskError
from corpus.loaders import MAX_FILE_BYTES, readable_suffixes
from rag.answer import Answer, Citation, Turn

if TYPE_CHECKING:
    from rag import Assistant, Report

logger = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost")
HISTORY_TURNS = 20
NEAREST_SHOWN = 5
CITING = ("answered", "incomplete")
BADGES = {
    "answered": "From the archive",
    "abstained": "Not in this archive",
    "incomplete": "Incomplete",
    "error": "No answer",
}
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

# Controls and lone surrogates cannot be shown or sent, and an override can make a file name read backwards.
_UNSHOWABLE = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(127, 160), 0x202D, 0x202E, *range(0xD800, 0xE000)), "\ufffd"
)
_MARKER = re.compile(r"\[([1-9][0-9]{0,2})\]")


def escape(text: str) -> str:
    """The text as HTML that shows it and does nothing else, in an element or in a quoted attribute."""
    return html.escape(text.translate(_UNSHOWABLE), quote=True)


def coverage(documents: int, first: str | None, last: str | None) -> str:
    """What the archive holds, in one line of plain text; dates in ISO 8601."""
    if not documents:
        return "The archive is empty"
    period = " – ".join(dict.fromkeys(in_words(date) for date in (first, last) if date))
    return f"{documents:,} document{'s' if documents > 1 else ''}" + (f", {period}" if period else "")


def starting_questions(headers: Iterable[Header], count: int = 4) -> list[str]:
    """Questions to begin with, made from titles spread evenly over the archive's time."""
    dated = sorted((header.published or "", header.title) for header in headers if header.title)
    titles = list(dict.fromkeys(title for _, title in dated if len(title) <= 90))
    chosen = [titles[at * len(titles) // count] for at in range(count)] if len(titles) > count else titles
    return [f"What is reported in “{title}”?" for title in chosen]


def origin(document: Header, *, title: bool = False) -> str:
    """Outlet, date and byline, or outlet, date and headline, in one line of plain text; unknown parts are left out."""
    last = (document.title or document.name) if title else document.byline
    return " · ".join(
        part for part in (document.outlet, document.published and in_words(document.published), last) if part
    )


def answer_text(answer: Answer, turn: int) -> str:
    """The answer's text, each marker that has a citation as a chip; an abstention or error has no chips."""
    documents = {citation.marker: citation.document for citation in answer.citations}
    pieces, at = [], 0
    for match in _MARKER.finditer(answer.text):
        marker = int(match[1])
        if marker not in documents or answer.status not in CITING:
            continue
        source = escape(origin(documents[marker], title=True))
        # The brackets are there for whoever copies the answer: not seen, but copied.
        chip = (
            f'<button type="button" class="cd-chip" data-turn="{turn}" data-marker="{marker}" title="{source}" '
            f'aria-label="Source {marker}: {source}"><i>[</i>{marker}<i>]</i></button>'
        )
        pieces += [escape(answer.text[at : match.start()]), chip]
        at = match.end()
    return "".join([*pieces, escape(answer.text[at:])])


def marked(passage: Passage, citations: Sequence[Citation]) -> str:
    """The passage's text with what is cited of it in ``<mark>``; a quote that is not in it exactly follows it."""
    spans, elsewhere, pieces, at = [], [], [], 0
    for citation in citations:
        start, end = citation.start - passage.start, citation.end - passage.start
        if start >= 0 and passage.text[start:end] == citation.quote:
            spans.append((start, end))
        else:
            elsewhere.append(f"<blockquote>{escape(citation.quote)}</blockquote>")
    for start, end in sorted(spans):
        if end > at:
            start = max(start, at)
            pieces += [faded(passage, at, start), f"<mark>{escape(passage.text[start:end])}</mark>"]
            at = end
    return "".join([*pieces, faded(passage, at, len(passage.text)), *elsewhere])


def faded(passage: Passage, start: int, end: int) -> str:
    """``passage.text[start:end]`` with its furniture, such as bylines and share bars, set back from the text."""
    pieces = []
    for furniture in passage.furniture:
        first, last = max(furniture.start - passage.start, start), min(furniture.end - passage.start, end)
        if first < last:
            aside = f'<span class="cd-furniture">{escape(passage.text[first:last])}</span>'
            pieces += [escape(passage.text[start:first]), aside]
            start = last
    return "".join([*pieces, escape(passage.text[start:end])])


def card(
    document: Header, passages: Iterable[str], *, key: str, marker: int | None = None, unverified: bool = False
) -> str:
    """One source: number, headline, origin and its passages, which are HTML already; ``key`` tells it from others."""
    number = f'<span class="cd-number">{marker}</span>' if marker is not None else ""
    warning = '<p class="cd-warning">These words were not verified against the source.</p>' if unverified else ""
    back = '<button type="button" class="cd-back">Back to the answer</button>' if marker is not None else ""
    texts = "".join(f'<div class="cd-passage" tabindex="0">{text}</div>' for text in passages)
    return (
        f'<article class="cd-card" data-card="{key}" tabindex="-1"><header>{number}<h3><button type="button" '
        f'class="cd-open" aria-expanded="false" title="{escape(document.name)}">'
        f"{escape(document.title or document.name)}</button></h3></header>"
        f'<p class="cd-origin">{escape(origin(document) or document.name)}</p>{warning}{texts}{back}</article>'
    )


def sources(answer: Answer, *, working: bool = False) -> str:
    """The sources panel of one answer: a card for each marker, or the passages that came nearest."""
    cited: dict[int, list[Citation]] = {}
    for citation in answer.citations if answer.status in CITING else ():
        cited.setdefault(citation.marker, []).append(citation)
    cards = []
    for marker, group in sorted(cited.items()):
        passages = dict.fromkeys(citation.passage for citation in group)
        texts = [marked(passage, [each for each in group if each.passage == passage]) for passage in passages]
        unverified = any(citation.check != "verbatim" for citation in group)
        cards.append(card(group[0].document, texts, key=str(marker), marker=marker, unverified=unverified))
    heading, empty = "Sources", "Reading…" if working else "There are none: no answer was given."
    if not cited and not working and answer.retrieved:
        abstained = answer.status == "abstained"
        heading = "Nearest passages (not an answer)" if abstained else "Passages found (none is cited)"
        nearest = enumerate(hit.passage for hit in answer.retrieved[:NEAREST_SHOWN])
        cards = [card(each.document, [faded(each, 0, len(each.text))], key=f"near-{at}") for at, each in nearest]
    body = "".join(cards) or f'<p class="cd-none">{empty}</p>'
    return f'<h2>{heading}</h2><p class="cd-for">{escape(answer.question)}</p>{body}'


def exchange(answer: Answer, turn: int, *, working: bool = False) -> str:
    """One question and its answer, with its sources hidden inside: the browser shows them in the panel."""
    status = "working" if working else answer.status
    badge = ("Answering…" if answer.text else "Searching…") if working else BADGES[answer.status]
    notes = "".join(f"<li>{escape(note)}</li>" for note in answer.notes)
    return (
        f'<article class="cd-exchange cd-{status}" data-turn="{turn}" aria-busy="{str(working).lower()}">'
        f'<div class="cd-question"><span class="cd-aside">You asked: </span>{escape(answer.question)}</div>'
        f'<div class="cd-answer"><p class="cd-badge">{badge}</p><div class="cd-text">{answer_text(answer, turn)}</div>'
        f'<ul class="cd-notes">{notes}</ul></div>'
        f'<div class="cd-sources" hidden>{sources(answer, working=working)}</div></article>'
    )


def notice(lines: Iterable[tuple[str, str]]) -> str:
    """Short messages, each with its kind: ``good``, ``plain`` or ``bad``."""
    return "".join(f'<p class="cd-line cd-{kind}">{escape(text)}</p>' for kind, text in lines)


def outcome(name: str, report: Report) -> tuple[str, str]:
    """What became of one uploaded file, as a kind and a line for ``notice``."""
    if report.failed:
        return "bad", f"{name}: not added, it {report.failed[0].reason}"
    detail = "".join(f" ({note.partition(': ')[2]})" for note in report.notes)
    if report.added or report.updated:
        return "good", f"{name}: {'added' if report.added else 'updated'}{detail}"
    return "plain", f"{name}: already there{detail}"


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
            for answer in paced(desk.stream(question, history=history(answers))):
                yield {live: exchange(answer, turn, working=True), said: (*answers, stopped(answer))}
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
