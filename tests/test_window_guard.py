"""The Guard alone, around an app of a few lines: who may ask, for what, how much, and what goes out with it."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from corpus.errors import BadInput
from rag.window.asgi import Refused
from rag.window.guard import MOST_BYTES, MOST_BYTES_AT, USER, Guard
from rag.window.hosts import Names, check_host
from rag.window.owners import MOST, Owners

HERE = Names.of("127.0.0.1")


class Echo:
    """Answers with what it was asked; as Gradio it would make up the same job for everybody."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.seen.append((scope["path"], scope[USER], body))
        page = b'<head><meta charset="utf-8"><script>1</script><script src="a.js"></script></head>'
        answer = page if scope["path"] == "/" else json.dumps({"event_id": f"job-of-{scope[USER]}"}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": answer})


class Named:
    """A door that believes whatever name a request brings."""

    async def user(self, scope: Any) -> str | None:
        name = dict(scope["headers"]).get(b"x-name", b"").decode()
        if name == "hasty":
            raise Refused(429, "Wait.", **{"retry-after": "7"})
        return name or None


def ask(
    guard: Guard,
    method: str,
    path: str,
    *pieces: bytes,
    query: str = "",
    scheme: str = "http",
    breaks_off: bool = False,
    **headers: Any,
) -> tuple[int, dict[str, str], bytes]:
    sent = {"host": "127.0.0.1:7860", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http", "method": method, "path": path, "scheme": scheme, "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }  # fmt: skip
    left = list(pieces)
    answered: list[Any] = []

    async def receive() -> Any:
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or breaks_off}
        return {"type": "http.disconnect" if pieces else "http.request"}

    async def send(message: Any) -> None:
        answered.append(message)

    asyncio.run(guard(scope, receive, send))
    start, *rest = answered
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], told, b"".join(message.get("body", b"") for message in rest)


def guarded(**options: Any) -> tuple[Guard, Echo]:
    app = Echo()
    return Guard(app, **{"names": HERE, **options}), app


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:7860", "localhost:7860", "LOCALHOST", "[::1]:7860"])
def test_this_machine_is_answered_by_any_of_its_names(host: str) -> None:
    guard, _ = guarded()
    assert ask(guard, "GET", "/config", host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.tld", "evil.tld:7860", "", "127.0.0.1.evil.tld", "localhost.", "127.0.0.1@evil.tld", "127.0.0.1:7860:1",
     "127.0.0.1:", "10.0.0.5", "0.0.0.0", "[::1", "::1", "127.0.0.1, evil.tld", "127.0.0.1 evil.tld"],
)  # fmt: skip
def test_a_name_that_was_pointed_here_is_refused(host: str) -> None:
    guard, app = guarded()
    assert ask(guard, "GET", "/config", host=host)[0] == 403
    assert app.seen == []


@pytest.mark.parametrize("origin", ["null", "http://evil.tld", "https://127.0.0.1:7860", "http://127.0.0.1:7861", ""])
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    guard, app = guarded()
    assert ask(guard, "POST", "/citedesk/undo", b"{}", content_length="2", origin=origin)[0] == 403
    assert app.seen == []


def test_the_windows_own_pages_are_answered() -> None:
    guard, _ = guarded()
    own: Any = {"origin": "http://127.0.0.1:7860", "sec_fetch_site": "same-origin", "sec_fetch_mode": "cors"}
    assert ask(guard, "POST", "/citedesk/undo", b"{}", content_length="2", **own)[0] == 200
    assert ask(guard, "GET", "/", scheme="https", origin="https://127.0.0.1:7860")[0] == 200


def test_a_link_elsewhere_may_lead_here_but_a_picture_or_script_there_may_not_load_from_here() -> None:
    guard, _ = guarded()
    assert ask(guard, "GET", "/", sec_fetch_site="cross-site", sec_fetch_mode="navigate")[0] == 200
    assert ask(guard, "GET", "/citedesk/start", sec_fetch_site="cross-site", sec_fetch_mode="no-cors")[0] == 403
    assert ask(guard, "POST", "/citedesk/undo", sec_fetch_site="same-site", sec_fetch_mode="navigate")[0] == 403


def test_an_address_that_others_reach_has_its_names_and_every_number_but_no_other_name() -> None:
    names = Names.of("0.0.0.0", "desk.example.org")
    assert all(map(names.include, ["192.168.1.7:7860", "[fe80::1]:7860", "Desk.Example.org", "localhost"]))
    assert not any(map(names.include, ["evil.tld", "example.org", "192.168.1.7.evil.tld", "[evil.tld]"]))
    assert Names.of("192.168.1.7").include("192.168.1.7:7860")
    assert not Names.of("192.168.1.7").include("192.168.1.8")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "desk.example.org", ""])
def test_others_reach_only_a_window_with_a_login(host: str) -> None:
    with pytest.raises(BadInput, match="needs a login"):
        check_host(host, has_users=False)
    check_host(host, has_users=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_this_machine_alone_needs_no_login(host: str) -> None:
    check_host(host, has_users=False)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/upload_progress"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file=http://169.254.169.254/"),
        ("GET", "/gradio_api/file/etc/passwd"),
        ("GET", "/gradio_api/proxy=http://169.254.169.254/"),
        ("GET", "/proxy=http://169.254.169.254/"),
        ("GET", "/file=/etc/passwd"),
        ("GET", "/static//etc/passwd"),
        ("GET", "/static/../../etc/passwd"),
        ("GET", "/static/%2e%2e/etc/passwd"),
        ("GET", "/assets/.env"),
        ("GET", "/gradio_api/stream/a/b/c/playlist.m3u8"),
        ("POST", "/gradio_api/stream/a"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/vibe-edit"),
        ("POST", "/gradio_api/api/ask"),
        ("POST", "/gradio_api/run/ask"),
        ("POST", "/gradio_api/call/page_ask"),
        ("GET", "/gradio_api/runs"),
        ("GET", "/gradio_api/deep_link"),
        ("GET", "/gradio_api/queue/status"),
        ("GET", "/gradio_api/mcp/"),
        ("GET", "/monitoring"),
        ("GET", "/monitoring/summary"),
        ("GET", "/custom_component/a/b/c/d"),
        ("GET", "/svelte/svelte.js"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/login"),
        ("POST", "/login"),
        ("GET", "/manifest.json"),
        ("OPTIONS", "/gradio_api/queue/join"),
        ("PUT", "/citedesk/undo"),
        ("TRACE", "/"),
    ],
)
def test_what_the_window_does_not_use_of_gradio_is_not_there(method: str, path: str) -> None:
    guard, app = guarded()
    assert ask(guard, method, path)[0] == 404
    assert app.seen == []


def test_tools_for_models_are_there_where_they_were_asked_for() -> None:
    guard, _ = guarded(has_mcp=True)
    assert ask(guard, "POST", "/gradio_api/mcp/", b"{}", content_length="2")[0] == 200
    assert ask(guard, "GET", "/gradio_api/mcp/schema")[0] == 404
    assert ask(guard, "GET", "/gradio_api/mcp/sse")[0] == 404


# --- how much


def test_a_body_is_refused_by_its_length_before_any_of_it_is_read() -> None:
    guard, app = guarded()
    status, headers, _ = ask(guard, "POST", "/citedesk/undo", b"x", content_length=str(2 << 30))
    assert (status, headers["connection"]) == (413, "close")
    assert (
        ask(guard, "POST", "/citedesk/upload", b"x", content_length=str(MOST_BYTES_AT["/citedesk/upload"] + 1))[0]
        == 413
    )
    assert ask(guard, "POST", "/citedesk/undo", b"x", content_length="-1")[0] == 413
    assert ask(guard, "GET", "/citedesk/start", b"x", content_length="1")[0] == 413
    assert app.seen == []


def test_a_body_without_a_length_is_refused_once_it_is_too_long() -> None:
    guard, app = guarded()
    piece = b"x" * (MOST_BYTES // 4)
    assert ask(guard, "POST", "/citedesk/undo", *[piece] * 4, transfer_encoding="chunked")[0] == 200
    assert ask(guard, "POST", "/citedesk/undo", *[piece] * 4, b"x", transfer_encoding="chunked")[0] == 413
    assert [len(body) for _, _, body in app.seen] == [MOST_BYTES]


def test_a_file_may_be_larger_and_breaks_off_for_the_app_where_it_is_too_large() -> None:
    guard, app = guarded()
    most = MOST_BYTES_AT["/citedesk/upload"]
    piece = b"x" * (most // 4)
    assert ask(guard, "POST", "/citedesk/upload", *[piece] * 4, content_length=str(most))[0] == 200
    status, _, body = ask(guard, "POST", "/citedesk/upload", *[piece] * 5, transfer_encoding="chunked")
    assert status == 413
    assert "50,000,000" in json.loads(body)["error"]
    assert [len(body) for _, _, body in app.seen] == [most, most]


def test_a_body_that_breaks_off_reaches_nobody() -> None:
    guard, app = guarded()
    assert ask(guard, "POST", "/citedesk/undo", b"{", content_length="2", breaks_off=True)[0] == 400
    assert app.seen == []


def test_forms_in_parts_are_refused() -> None:
    guard, app = guarded()
    kind = "multipart/form-data; boundary=x"
    for path in ("/gradio_api/queue/join", "/citedesk/upload", "/citedesk/login"):
        assert ask(guard, "POST", path, b"--x--", content_length="5", content_type=kind)[0] == 415
    assert app.seen == []


@pytest.mark.parametrize(
    "value",
    [
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
        {"url": "http://169.254.169.254/", "meta": {"_type": "gradio.FileData"}},
        [[{"deep": {"path": "a", "meta": {"_type": "gradio.FileData"}}}]],
        {"path": "a", "meta": {"_type": None}},
    ],
)
def test_gradio_is_handed_nothing_that_it_would_take_for_a_file(value: Any) -> None:
    guard, app = guarded()
    body = json.dumps({"data": [value], "session_hash": "a"}).encode()
    for path in (
        "/gradio_api/call/ask",
        "/gradio_api/call/v2/ask",
        "/gradio_api/queue/join",
        "/gradio_api/run/predict",
    ):
        assert ask(guard, "POST", path, body, content_length=str(len(body)))[0] == 403
    assert app.seen == []


# --- what goes out


def test_the_page_runs_scripts_with_its_own_nonce_only() -> None:
    guard, _ = guarded(head='<script src="/ours.js"></script>')
    _, headers, body = ask(guard, "GET", "/", accept_encoding="br")
    policy = headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([^']{20,})' 'strict-dynamic' 'unsafe-eval';", policy)
    assert nonce
    assert body.count(b"<script") == body.count(f'<script nonce="{nonce[1]}"'.encode()) == 3
    assert body.index(b"/ours.js") < body.index(b"a.js")
    assert headers["content-length"] == str(len(body))
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert nonce[1] not in ask(guard, "GET", "/")[1]["content-security-policy"]


def test_every_answer_says_what_a_browser_must_not_do_with_it() -> None:
    guard, _ = guarded()
    refused = {"host": "evil.tld"}
    every: list[tuple[str, Any]] = [("/", {}), ("/citedesk/start", {}), ("/nowhere", {}), ("/config", refused)]
    for path, more in every:
        _, headers, _ = ask(guard, "GET", path, **more)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "camera=()" in headers["permissions-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
    assert "cache-control" not in ask(guard, "GET", "/assets/index.js")[1]


# --- whose


def test_who_has_not_logged_in_is_led_to_the_login_and_to_nothing_else() -> None:
    guard, app = guarded(door=Named())
    status, headers, _ = ask(guard, "GET", "/")
    assert (status, headers["location"]) == (303, "/citedesk/login")
    for method, path in [("GET", "/config"), ("GET", "/assets/index.js"), ("GET", "/citedesk/start"),
                         ("POST", "/gradio_api/queue/join"), ("POST", "/citedesk/logout")]:  # fmt: skip
        assert ask(guard, method, path)[0] == 401
    assert app.seen == []
    assert ask(guard, "GET", "/citedesk/login")[0] == 200
    assert ask(guard, "GET", "/citedesk/start", x_name="ada")[0] == 200
    status, headers, _ = ask(guard, "GET", "/citedesk/start", x_name="hasty")
    assert (status, headers["retry-after"]) == (429, "7")


def test_nobody_gets_at_anothers_session_or_job_though_its_name_is_known() -> None:
    guard, app = guarded(door=Named())

    def send(name: str, path: str, **value: Any) -> int:
        body = json.dumps(value).encode()
        return ask(guard, "POST", path, body, content_length=str(len(body)), x_name=name)[0]

    def listen(name: str, path: str, query: str = "") -> int:
        return ask(guard, "GET", path, query=query, x_name=name)[0]

    assert send("ada", "/gradio_api/queue/join", session_hash="hers", data=[]) == 200
    assert send("ada", "/gradio_api/call/ask", data=[]) == 200
    seen = len(app.seen)
    assert send("bob", "/gradio_api/queue/join", session_hash="hers", data=[]) == 404
    assert send("bob", "/gradio_api/run/predict", session_hash="hers", data=[]) == 404
    assert send("bob", "/gradio_api/cancel", session_hash="hers", fn_index=0, event_id="x") == 404
    assert send("bob", "/gradio_api/cancel", session_hash="his", fn_index=0, event_id="job-of-ada") == 404
    assert send("bob", "/gradio_api/reset", event_id="job-of-ada") == 404
    assert listen("bob", "/gradio_api/queue/data", "session_hash=hers") == 404
    assert listen("bob", "/gradio_api/queue/data", "session_hash=his&session_hash=hers") == 404
    assert listen("bob", "/gradio_api/heartbeat/hers") == 404
    assert listen("bob", "/gradio_api/call/ask/job-of-ada") == 404
    assert listen("bob", "/gradio_api/call/ask/never-was") == 404
    assert len(app.seen) == seen
    assert listen("ada", "/gradio_api/queue/data", "session_hash=hers") == 200
    assert listen("ada", "/gradio_api/call/ask/job-of-ada") == 200
    assert send("ada", "/gradio_api/cancel", session_hash="hers", fn_index=0, event_id="job-of-ada") == 200
    assert {name for _, name, _ in app.seen} == {"ada"}


def test_an_address_with_ten_thousand_parts_is_refused() -> None:
    guard, app = guarded()
    assert ask(guard, "GET", "/gradio_api/queue/data", query="&".join(["session_hash=a"] * 10_000))[0] == 400
    assert app.seen == []


def test_owners_forget_who_was_there_longest_ago_and_give_nothing_away_for_it() -> None:
    owners = Owners()
    assert owners.has("ada", "first", begins=True)
    for number in range(MOST):
        assert owners.has("bob", f"s{number}", begins=True)
    assert not owners.has("ada", "first")
    assert not owners.has("bob", "first")
    assert owners.has("bob", "s1")
