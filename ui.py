"""The chat window: a page whose questions go through Gradio's queue to an Assistant, and come back as they grow.

What is drawn is in rag/window/, what happens in the browser in ui.js and in the scripts there, how it looks in ui.css
and in the styles there. Only ``build`` and ``serve`` touch gradio, and import it when called. Knows nothing of how
answers are made.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import update_wrapper
from importlib.util import find_spec
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from corpus.errors import INTERNAL_ERROR, BadInput, CiteDeskError
from rag.window.asking import Sent, Session, Stops, exchanges
from rag.window.endpoints import endpoints
from rag.window.exchange import refusal
from rag.window.frame import frame
from rag.window.hosts import Names, check_host

if TYPE_CHECKING:
    from rag import Assistant
    from rag.window.site import Site

MCP = "/gradio_api/mcp"
Made = TypeVar("Made")
logger = logging.getLogger(__name__)

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='8' fill='%230b5f6b'/%3E%3Cpath d='M12 8H9v16h3M20 8h3v16h-3M14 13l2-2v10' fill='none' stroke='%23fff' "
    "stroke-width='2.5'/%3E%3C/svg%3E"
)
ANSWERS_AT_ONCE = 32
# The wire: what the page sends comes in as an event with data, what it is to show goes out as the value.
WIRE = """
window.citedesk.wire({ ask: (data) => trigger('ask', data), stop: (data) => trigger('stop', data) });
watch('value', () => window.citedesk.arrived(props.value));
"""


def build(site: Site, *, has_mcp: bool = False) -> Any:
    """The page as a ``gradio.Blocks``; ``serve`` shows it with its styles, script and limits."""
    gr = _gradio()
    stops = Stops()

    def ask(session: Session, event: Any, request: Any) -> Iterator[dict[Any, Any]]:
        try:
            sent = Sent.of(event._data)
        except BadInput as error:
            yield {wire: refusal(str(error))}
            return
        user = site.user(request.request)
        for markup, after in exchanges(site.choices, site.conversations, stops, user=user, session=session, sent=sent):
            yield {wire: markup, said: gr.skip() if after is None else after}

    def stop(event: Any) -> None:
        if isinstance(event._data, str):
            stops.stop(event._data)

    # Gradio looks at the types to know what to hand over, and cannot see names that are imported when called.
    ask.__annotations__ = {"event": gr.EventData, "request": gr.Request}
    stop.__annotations__ = {"event": gr.EventData}
    plain = {"apply_default_css": False, "padding": False}
    with gr.Blocks(title="CiteDesk", analytics_enabled=False, fill_width=True, fill_height=True) as page:
        said = gr.State(Session())
        gr.HTML(frame(), js_on_load=None, elem_id="cd-frame", **plain)
        wire = gr.HTML("", html_template="", js_on_load=WIRE, elem_id="cd-wire", visible="hidden", **plain)
        quiet = {"api_visibility": "private", "show_progress": "hidden", "trigger_mode": "multiple"}
        wire.ask(ask, [said], [wire, said], api_name="page_ask", **quiet)
        wire.stop(stop, None, None, queue=False, api_name="page_stop", **quiet)
        for run in endpoints(site.desk):
            # As a tool, what is queued would be asked for by Gradio itself, over HTTP and without a login.
            gr.api(_callable(gr, run), api_name=run.__name__, queue=not has_mcp)
    # Most of the time a stream waits for a language model: as many may wait as Gradio has threads to spare.
    return page.queue(default_concurrency_limit=ANSWERS_AT_ONCE, api_open=False)


def _callable(gr: Any, run: Callable[..., Any]) -> Callable[..., Any]:
    """The same for Gradio: errors that it passes on to the caller, and for a model, which gets text, JSON."""

    def told(*values: Any) -> Any:
        *given, request = values
        try:
            reply = run(*given)
        except CiteDeskError as error:
            raise gr.Error(str(error), print_exception=False) from error
        except Exception as error:
            logger.exception("an endpoint of the window failed")
            raise gr.Error(INTERNAL_ERROR, print_exception=False) from error
        return json.dumps(reply, ensure_ascii=False) if request.url.path.startswith(MCP) else reply

    # Gradio reads names and types here, and hands over the request where one is asked for.
    own = signature(run, eval_str=True)
    request = Parameter("request", Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=gr.Request)
    update_wrapper(told, run)
    told.__signature__ = own.replace(parameters=[*own.parameters.values(), request])  # type: ignore[attr-defined]
    told.__annotations__ = {each.name: each.annotation for each in told.__signature__.parameters.values()}  # type: ignore[attr-defined]
    told.__annotations__["return"] = own.return_annotation
    return told


def serve(
    desk: Assistant,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    names: Sequence[str] = (),
    users: Mapping[str, str] | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
    has_mcp: bool = False,
    open_browser: bool = False,
    block: bool = True,
    announce: Callable[[str], None] | None = None,
) -> str:
    """Show the window at ``port``, or the next free one, and return its address; nothing is printed.

    ``names`` are what it may be called by besides its address, ``users`` names and hashed passwords: with some, it
    has a login. ``certificate`` and ``key`` are for TLS, ``has_mcp`` gives models ask and search as tools.
    ``announce`` gets the address once the page answers. With ``block`` the call returns after Ctrl-C, without it
    at once, and the server lives as long as the process. Raises BadInput where it cannot be shown like this: without
    users, it serves this machine only.
    """
    check_host(host, has_users=bool(users))
    from rag.window import login
    from rag.window.conversations import Conversations
    from rag.window.door import Door
    from rag.window.guard import Guard
    from rag.window.server import Server
    from rag.window.site import SCRIPT, Site

    site = Site(desk, Conversations(desk.home))
    page, app = _within_a_loop(lambda: _mounted(site, has_mcp=has_mcp))
    server = Server(host=host, port=port, certificate=certificate, key=key)
    door = Door(users, port=server.port, is_secret=server.is_secret) if users else None
    if door is not None:
        app.router.routes[:0] = login.routes(door)
    head = f'<link rel="icon" href="{ICON}"><script src="{SCRIPT}"></script>'
    server.start(Guard(app, names=Names.of(host, *names), door=door, has_mcp=has_mcp, head=head))
    page.server, page.is_running = server, True  # so that page.close() closes it
    url = server.address
    if announce is not None:
        announce(url)
    if open_browser:
        webbrowser.open(url)
    if block:
        # What the first question would wait for is loaded meanwhile: a few are asked to find some to begin with.
        warming = threading.Thread(target=site.starters.questions, name="warming", daemon=True)
        warming.start()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            page.close(verbose=False)
        site.close()
        warming.join()
    return url


def _mounted(site: Site, *, has_mcp: bool) -> tuple[Any, Any]:
    """The page, and the app that serves it beside the window's own routes."""
    gr = _gradio()
    from starlette.applications import Starlette

    from rag.window import assets
    from rag.window.site import routes

    if has_mcp and find_spec("mcp") is None:
        raise BadInput('the package "mcp" is not installed; run: pip install "citedesk[mcp]"')
    page, app = build(site, has_mcp=has_mcp), Starlette(routes=routes(site))
    off = dict.fromkeys(("show_error", "ssr_mode", "enable_monitoring", "run_history", "pwa"), False)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        **off,
        mcp_server=has_mcp,
        footer_links=[],
        max_file_size=1,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        css=assets.style(),
    )
    page.app = cast(Any, app.router.routes[-1]).app  # what page.close() tells that it ends
    return page, app


def _within_a_loop(make: Callable[[], Made]) -> Made:
    """Gradio begins an event loop for each of its locks where none runs, and ends none of them."""

    async def made() -> Made:
        return make()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, made()).result()


def _gradio() -> Any:
    # Read while gradio is imported: without them it looks up its makers' hosts.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import gradio

    return gradio
