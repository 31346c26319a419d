"""The page to log in, which needs no script, and the way out."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from rag.escaping import escape
from rag.window import assets
from rag.window.asgi import Refused
from rag.window.door import Door, address_of
from rag.window.routing import GONE, post


def page(message: str = "", name: str = "") -> str:
    """The page, with what is to be said on it and a name that was tried."""
    said = f'<p class="cd-line cd-bad" role="alert">{escape(message)}</p>' if message else ""
    focus = ("", " autofocus") if name else (" autofocus", "")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CiteDesk: log in</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/citedesk/login.css">
</head>
<body class="cd-login">
<main>
<h1>CiteDesk</h1>
<p>Log in to ask this archive.</p>
{said}
<form method="post" action="/citedesk/login">
<label for="name">Name</label>
<input id="name" name="name" value="{escape(name[:64])}" autocomplete="username" required{focus[0]}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{focus[1]}>
<button type="submit">Log in</button>
</form>
</main>
</body>
</html>
"""


def routes(door: Door) -> list[Route]:
    """The login page, its style, and the way out."""
    style = _style()
    # With no-referrer a browser would send the form with the origin "null".
    own = {"referrer-policy": "same-origin"}

    def show(request: Request) -> Response:
        return HTMLResponse(page(), headers=own)

    def show_style(request: Request) -> Response:
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=300"})

    async def log_in(request: Request) -> Response:
        try:
            sent = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=8)
        except ClientDisconnect:
            return Response(status_code=GONE)
        except ValueError:
            sent = {}
        name, password = (sent.get(field, [""])[0] for field in ("name", "password"))
        try:
            token = await run_in_threadpool(door.log_in, name, password, address_of(request))
        except Refused as refusal:
            headers = own | refusal.headers
            return HTMLResponse(page(str(refusal), name), refusal.status, headers=headers)
        if token is None:
            return HTMLResponse(page("Name or password is wrong.", name), 401, headers=own)
        response = RedirectResponse("/", 303)
        door.set_cookie(response, token)
        return response

    def log_out(request: Request, _: object) -> Response:
        door.log_out(request.cookies.get(door.cookie, ""))
        response = Response(status_code=204)
        door.set_cookie(response, "")
        return response

    return [
        Route("/citedesk/login", show, methods=["GET"]),
        Route("/citedesk/login", log_in, methods=["POST"]),
        Route("/citedesk/login.css", show_style, methods=["GET"]),
        post("/citedesk/logout", log_out),
    ]


def _style() -> str:
    """The page's own, after the window's colours; what Gradio switches by a class a page without scripts leaves to
    the browser."""
    light, dark = (re.search(rf"^{name} {{(.*?)^}}", assets.style(), re.M | re.S) for name in (r":root", r"\.dark"))
    if light is None or dark is None:
        raise AssertionError("ui.css names the colours in :root and in .dark")
    own = Path(__file__).with_suffix(".css").read_text("utf-8")
    return f":root {{{light[1]}}}\n@media (prefers-color-scheme: dark) {{ :root {{{dark[1]}}} }}\n{own}"
