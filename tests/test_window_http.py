"""The window over HTTP, as attackers, programs and two people at once would use it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import psutil
import pytest

from rag import Assistant
from rag.window import users
from rag.window.site import Site, routes
from tests.test_owner import citedesk
from tests.window_server import Visitor, called, read_all, window

ADA, BOB = "a pass word of Ada's", "Bob's is another"
QUESTION = "How many cars a day will the bridge carry?"
HAS_MCP = find_spec("mcp") is not None


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, Assistant]]:
    with window(tmp_path_factory.mktemp("open")) as opened:
        yield opened


@pytest.fixture
def visitor(served: tuple[Visitor, Assistant]) -> Visitor:
    return served[0]


@pytest.fixture(scope="module")
def ada_and_bob(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Visitor, Visitor]]:
    known = {"ada": users.hashed(ADA), "bob": users.hashed(BOB)}
    with window(tmp_path_factory.mktemp("closed"), users=known, has_mcp=HAS_MCP) as (visitor, _):
        yield visitor.as_("ada", ADA), visitor.as_("bob", BOB)


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """The address of another server on this machine, and what was asked of it."""
    asked: list[str] = []

    class Heard(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Heard) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


# --- files and addresses


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=..%2f..%2fetc%2fpasswd",
        "/gradio_api/file=%252e%252e/etc/passwd",
        "/gradio_api/file%3d/etc/passwd",
        "/file=/etc/passwd",
        "/static//etc/passwd",
        "/static/..%2f..%2f..%2fetc/passwd",
        "/static/%252e%252e/etc/passwd",
        "/assets/..%5c..%5cetc%5cpasswd",
        "/citedesk/../../etc/passwd",
        "/citedesk/window.js/..%2f..%2fui.py",
        "//etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/gradio_api/custom_component/x/client/component/..%2f..%2fetc/passwd",
        "/svelte/..%2f..%2fetc/passwd",
    ],
)
def test_no_file_of_this_machine_is_given_out(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status in (403, 404)
    assert b"root:" not in answer.body


def test_nothing_is_fetched_for_anybody(visitor: Visitor, elsewhere: tuple[str, list[str]]) -> None:
    address, asked = elsewhere
    for path in (f"/gradio_api/file={address}/a", f"/gradio_api/proxy={address}/a", f"/proxy={address}/a",
                 "/gradio_api/file=http://169.254.169.254/latest"):  # fmt: skip
        assert visitor.get(path).status in (403, 404)
    for file in ({"path": f"{address}/a"}, {"url": f"{address}/b", "path": "b"}, {"path": "/etc/passwd"}):
        file_data = {**file, "meta": {"_type": "gradio.FileData"}}
        for begun in (
            visitor.post("/gradio_api/call/ask", {"data": [file_data]}),
            visitor.post("/gradio_api/call/v2/ask", {"question": file_data}),
            visitor.post("/gradio_api/run/predict", {"data": [file_data], "fn_index": 0, "session_hash": "abc"}),
            visitor.post("/gradio_api/queue/join", {"data": [file_data], "fn_index": 0, "session_hash": "abc"}),
        ):
            assert begun.status == 403
        # Without the mark that makes a file of it for Gradio it is a value of the wrong kind.
        event, told = called(visitor, "ask", question=file)
        assert event == "error"
        assert "must be text" in json.dumps(told)
    assert asked == []


def test_gradio_takes_no_uploads(visitor: Visitor) -> None:
    part = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a"\r\n\r\na\r\n--x--\r\n'
    kind = "multipart/form-data; boundary=x"
    assert visitor.ask("POST", "/gradio_api/upload", part, content_type=kind).status in (404, 415)
    assert visitor.ask("POST", "/gradio_api/upload", part).status == 404


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/x.txt", "..\\..\\x.txt", "/abs.txt", "C:\\x.txt", "CON", "a" * 300 + ".txt", "x\0.txt", ""],
)
def test_an_upload_is_kept_in_the_archives_folder_whatever_its_name(
    served: tuple[Visitor, Assistant], name: str
) -> None:
    visitor, desk = served
    before = {path for path in desk.home.parent.rglob("*") if desk.home not in path.parents}
    begun = visitor.post("/citedesk/uploads", {"files": [{"name": name, "size": 11}]})
    assert begun.status in (200, 400), begun.text
    assert {path for path in desk.home.parent.rglob("*") if desk.home not in path.parents} == before
    assert not Path("/etc/cron.d/x.txt").exists()


# --- too much, too slow


def send_all(connection: socket.socket, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        connection.sendall(piece)


def test_two_gigabytes_are_refused_by_their_announcement(visitor: Visitor) -> None:
    for path in ("/citedesk/upload", "/citedesk/undo", "/gradio_api/queue/join", "/gradio_api/call/ask"):
        head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-citedesk: 1\r\ncontent-length: {2 << 30}\r\n\r\n"
        assert visitor.raw(head.encode()).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_end_is_refused_and_never_held_in_memory(visitor: Visitor) -> None:
    for path in ("/citedesk/upload", "/gradio_api/queue/join"):
        head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-citedesk: 1\r\ntransfer-encoding: chunked\r\n\r\n"
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        before = psutil.Process().memory_info().rss
        with socket.create_connection(("127.0.0.1", visitor.port), timeout=30) as connection:
            connection.sendall(head.encode())
            with pytest.raises(OSError, match=r"reset|[Bb]roken"):  # the window hangs up long before
                send_all(connection, [chunk] * 2048)
        assert psutil.Process().memory_info().rss - before < 100e6


def test_what_arrives_by_drops_is_cut_off(visitor: Visitor) -> None:
    """The heads and the bodies of requests, a byte a second; 25 at once, and others are answered meanwhile."""
    sent_so_far = [b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: ", b"", b"POST /citedesk/undo HTTP/1.1\r\n"
                   b"host: 127.0.0.1\r\nx-citedesk: 1\r\ncontent-length: 400\r\n\r\n",
                   b"POST /citedesk/upload HTTP/1.1\r\nhost: 127.0.0.1\r\nx-citedesk: 1\r\n"
                   b"content-length: 400000\r\n\r\n"]  # fmt: skip

    def drip(number: int) -> tuple[float, bytes]:
        start = time.monotonic()
        with socket.create_connection(("127.0.0.1", visitor.port), timeout=1) as connection:
            connection.sendall(sent_so_far[number % 4])
            while time.monotonic() < start + 60:
                try:
                    if not (got := connection.recv(65_536)):
                        return time.monotonic() - start, b""
                    return time.monotonic() - start, got + read_all(connection)
                except TimeoutError:
                    connection.sendall(b"x" if number % 4 != 1 else b"\r\n")
                except OSError:
                    return time.monotonic() - start, b""
        raise AssertionError("the window listens for ever")

    with ThreadPoolExecutor(25) as people:
        cut_off = [people.submit(drip, number) for number in range(25)]
        assert visitor.get("/citedesk/start").status == 200
        answers = [each.result()[1] for each in cut_off]
    assert {answer[:13] for answer in answers[2::4] + answers[3::4]} == {b"HTTP/1.1 408 "}


def test_a_head_without_end_is_cut_off(visitor: Visitor) -> None:
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n")
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):
            send_all(connection, [b"x-a: " + b"x" * 1000 + b"\r\n"] * 100_000)


def test_two_questions_on_one_connection_are_both_answered(visitor: Visitor) -> None:
    one = b"GET /citedesk/window.js HTTP/1.1\r\nhost: 127.0.0.1\r\n"
    answers = visitor.raw(one + b"\r\n" + one + b"x-last: 1\r\nconnection: close\r\n\r\n")
    assert answers.count(b"HTTP/1.1 200 OK") == 2


def test_ten_thousand_parts_of_a_form_are_refused(visitor: Visitor) -> None:
    part = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\na\r\n'
    for path in ("/gradio_api/upload", "/gradio_api/component_server", "/citedesk/upload"):
        answer = visitor.ask("POST", path, part * 5_000 + b"--x--", content_type="multipart/form-data; boundary=x")
        assert answer.status in (404, 413, 415)


def test_nonsense_is_answered_in_one_sentence_and_the_window_goes_on(visitor: Visitor) -> None:
    for body in (b"", b"{", b"[]", b"null", b"\xff", b'{"a":' * 10_000, b"[" * 100_000):
        answer = visitor.ask("POST", "/citedesk/undo", body, x_citedesk="1")
        assert answer.status == 400
        assert list(answer.json) == ["error"]
    assert visitor.get("/").status == 200


# --- other pages


def test_a_page_elsewhere_gets_nothing_and_changes_nothing(visitor: Visitor) -> None:
    for path in ("/", "/config", "/citedesk/start", "/gradio_api/info", "/citedesk/window.js"):
        assert visitor.get(path, host="evil.tld").status == 403
        assert visitor.get(path, host=f"evil.tld:{visitor.port}").status == 403
        for origin in ("null", "http://evil.tld", f"https://127.0.0.1:{visitor.port}"):
            answer = visitor.get(path, origin=origin)
            assert answer.status == 403
            assert "access-control-allow-origin" not in answer.headers
    assert visitor.post("/gradio_api/call/ask", {"data": [QUESTION]}, origin="null").status == 403
    preflight = visitor.ask("OPTIONS", "/gradio_api/queue/join", origin="http://evil.tld")
    assert preflight.status == 403
    assert "access-control-allow-origin" not in preflight.headers


def test_every_route_of_ours_that_changes_something_needs_our_header(served: tuple[Visitor, Assistant]) -> None:
    visitor, desk = served
    every = [route for route in routes(Site(desk, object())) if "POST" in (route.methods or ())]  # type: ignore[arg-type]
    assert len(every) > 10
    for route in every:
        path = re.sub(r"\{[^}]*\}", "1", route.path)
        answer = visitor.post(path, {}, x_citedesk="")
        assert (path, answer.status) == (path, 403)
        assert "x-citedesk" in answer.json["error"]


def test_a_link_with_markup_in_it_leads_to_a_page_without(visitor: Visitor) -> None:
    for query in ("?c=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "?__theme=%3Cscript%3E", "?deep_link=%3Cscript%3E"):
        page = visitor.get(f"/{query}")
        assert page.status == 200
        assert "alert(1)" not in page.text
        assert len(re.findall(r"<script(?! nonce=)", page.text)) == 0


class Alive(HTMLParser):
    """What in a piece of HTML would run, load or lead elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "img", "link", "base", "style", "math", "object", "embed", "meta", "video"):
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name.startswith("on") or name in ("src", "srcset", "style")]
        led_to = [str(value) for name, value in attrs if name in ("href", "action", "formaction", "xlink:href")]
        self.found += [where for where in led_to if not OURS.fullmatch(where)]


OURS = re.compile(r"#[\w-]+|\?c=[\w-]+|/citedesk/[\w/.?=&;%-]+")
HOSTILE = (
    "![x](http://evil.example/?q=1) [a][r] <http://evil.example> //evil.example/x.png <img src=x onerror=alert(1)> "
    '<svg onload=alert(1)> <iframe src="//evil.example"> <style>@import "//evil.example"</style> <base href="//evil">'
    "<form action=//evil.example> <math><mi//xlink:href=x> [click](javascript:alert(1)) [b](JaVa\tScRiPt:alert(1)) "
    "[c](data:text/html,x) [d](vbscript:x) \\href{javascript:alert(1)}{x} $\\url{x}$ </div></article>"
    "<script>alert(1)</script>"
)


def test_what_a_document_says_reaches_the_page_as_text(served: tuple[Visitor, Assistant], tmp_path: Path) -> None:
    visitor, desk = served
    name = '"><script>alert(1)<&script>.txt'
    title = "'\"><script>alert(1)</script>"
    text = f"{title}\n\nBy {title} | May 3, 2023 |\n\nWarden Quill counted 812 swans: {HOSTILE}.\n"
    (tmp_path / name).write_text(text)
    assert desk.ingest(tmp_path / name, outlet=title).added
    stored = desk.search("Warden Quill swans")[0].passage.document.name
    page = Page(visitor, "swans")
    shown = page.shown("How many swans did Warden Quill count?")
    pieces = [value for value in strings(shown) if "<" in value]
    assert any("812 swans" in piece for piece in pieces)
    kept = re.findall(r'data-conversation="([\w-]{10,})', "".join(pieces))[-1]
    for path in ("library", f"document?name={quote(stored)}", f"conversation?id={kept}", "conversations", "start",
                 "suggestions", "coverage", "library/room", "settings"):  # fmt: skip
        answer = visitor.get(f"/citedesk/{path}")
        if answer.headers["content-type"].startswith("text/html"):
            pieces.append(answer.text)
    assert len(pieces) > 4
    for piece in pieces:
        alive = Alive()
        alive.feed(piece)
        assert alive.found == []
    desk.remove([stored])


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(each)


# --- programs


def test_a_program_asks_and_searches(visitor: Visitor) -> None:
    event, [answer] = called(visitor, "ask", question=QUESTION)
    assert event == "complete"
    assert answer["status"] == "answered"
    assert "4,000" in answer["citations"][0]["quote"]
    event, [found] = called(visitor, "search", question="ferry crew", k=2)
    assert found["retrieved"][0]["doc"] == "ferry.txt"
    assert len(found["retrieved"]) == 2


def test_a_program_may_say_what_was_asked_before_and_limit_the_documents(visitor: Visitor) -> None:
    before = [{"question": "How many members of the ferry crew found new work?", "answer": "Eleven."}]
    _, [answer] = called(visitor, "ask", question="And who said so?", history=before)
    assert "union" in answer["answer"]
    limits = {"since": "2023-08-01", "until": "2023-08-31", "outlet": "Orchard Weekly"}
    _, [found] = called(visitor, "search", question="Pell", **limits)
    assert {hit["doc"] for hit in found["retrieved"]} == {"harvest.md"}


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"question": ""}, "empty"),
        ({"question": 5}, "question must be text"),
        ({"question": "x" * 9000}, "over the limit"),
        ({"k": 0}, "k is 0"),
        ({"k": "5"}, "whole number"),
        ({"since": "yesteryear"}, "not a date"),
        ({"history": "before"}, "history must be a list"),
        ({"history": [{"question": "a"}]}, "its answer must be text"),
        ({"history": [{"question": "a", "answer": "b"}] * 21}, "at most 20"),
        ({"history": [{"question": "a", "answer": "b" * 20_000}]}, "over 20,000"),
    ],
)
def test_what_a_program_cannot_ask_is_told_in_one_sentence(visitor: Visitor, values: Any, why: str) -> None:
    event, told = called(visitor, "ask", **{"question": "Who?", **values})
    assert event == "error"
    assert why in json.dumps(told)
    assert "Traceback" not in json.dumps(told)


@pytest.mark.parametrize("values", [{}, {"question": "Who?", "colour": "red"}, {"data": ["Who?"]}])
def test_a_program_that_names_what_is_not_there_is_told_where_to_look(visitor: Visitor, values: Any) -> None:
    begun = visitor.post("/gradio_api/call/v2/ask", values)
    assert begun.status == 400
    assert "/gradio_api/info" in begun.json["error"]


def test_only_the_two_endpoints_are_told_of(visitor: Visitor) -> None:
    info = visitor.get("/gradio_api/info").json
    assert sorted(info["named_endpoints"]) == ["/ask", "/search"]
    assert info["unnamed_endpoints"] == {}
    assert [each["parameter_name"] for each in info["named_endpoints"]["/ask"]["parameters"]] == [
        "question", "history", "k", "since", "until", "outlet",
    ]  # fmt: skip


def test_the_examples_of_the_page_about_the_window_work(ada_and_bob: tuple[Visitor, Visitor]) -> None:
    """Each with the address of this window in the place of the usual one."""
    ada, _ = ada_and_bob
    text = (Path(__file__).parents[1] / "docs" / "window.md").read_text("utf-8")
    examples = re.findall(r"^```(python|sh)\n(.*?)^```", text, re.M | re.S)
    ran = 0
    for language, code in examples:
        if "127.0.0.1:7860" not in code:
            continue
        code = code.replace("127.0.0.1:7860", f"127.0.0.1:{ada.port}").replace("PASSWORD", ADA)
        command = [sys.executable, "-c", code] if language == "python" else ["bash", "-ec", code]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{code}\n{done.stderr}"
        assert "Ollerford" in done.stdout, f"{code}\n{done.stdout}\n{done.stderr}"
        ran += 1
    assert ran >= 3


@pytest.mark.skipif(not HAS_MCP, reason='needs: pip install "citedesk[mcp]"')
def test_a_model_is_given_ask_and_search_and_nothing_else(ada_and_bob: tuple[Visitor, Visitor]) -> None:
    ada, _ = ada_and_bob
    script = f"""
import asyncio, json
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

async def main():
    async with streamablehttp_client("http://127.0.0.1:{ada.port}/gradio_api/mcp/", headers={dict(ada.headers)!r}) as (r, w, _):
        async with ClientSession(r, w) as session:
            await session.initialize()
            tools = (await session.list_tools()).tools
            answer = await session.call_tool("ask", {{"question": {QUESTION!r}}})
            found = await session.call_tool("search", {{"question": "ferry crew", "k": 1}})
            refused = await session.call_tool("ask", {{"question": ""}})
            other = [len((await session.list_resources()).resources), len((await session.list_prompts()).prompts)]
    print(json.dumps([[tool.name for tool in tools], tools[0].inputSchema["properties"]["since"]["description"],
                      answer.content[0].text, found.content[0].text, refused.isError, refused.content[0].text, other]))

asyncio.run(main())
"""  # noqa: E501
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    names, since, answer, found, is_error, refused, other = json.loads(done.stdout)
    assert names == ["ask", "search"]
    assert "2022-01" in since
    assert json.loads(answer)["status"] == "answered"
    assert json.loads(found)["retrieved"][0]["doc"] == "ferry.txt"
    assert (is_error, "empty" in refused) == (True, True)
    assert other == [0, 0]


def test_models_are_given_nothing_where_nobody_asked_for_it(visitor: Visitor) -> None:
    assert visitor.post("/gradio_api/mcp/", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).status == 404


# --- two people


def test_another_persons_conversation_and_question_are_not_there(ada_and_bob: tuple[Visitor, Visitor]) -> None:
    ada, bob = ada_and_bob
    asked = Page(ada, "hers0")
    conversation = asked.ask(QUESTION)
    assert ada.get(f"/citedesk/conversation?id={conversation}").status == 200
    for path in (f"/citedesk/conversation?id={conversation}", "/gradio_api/queue/data?session_hash=hers0",
                 "/gradio_api/heartbeat/hers0"):  # fmt: skip
        assert bob.get(path).status == 404
    assert bob.post("/citedesk/undo", {"conversation": conversation, "keep": 0}).status == 404
    cancel = {"session_hash": "hers0", "fn_index": 0, "event_id": "x"}
    assert bob.post("/gradio_api/cancel", cancel).status == 404
    assert bob.post("/gradio_api/queue/join", {**cancel, "data": []}).status == 404
    job = ada.post("/gradio_api/call/v2/ask", {"question": QUESTION}).json["event_id"]
    assert bob.get(f"/gradio_api/call/ask/{job}").status == 404
    assert "4,000" in ada.get(f"/gradio_api/call/ask/{job}").text
    refused = Page(bob, "his0").refused(QUESTION, conversation)
    assert "4,000" not in refused


class Page:
    """What a browser does with one page of the window, over Gradio's queue."""

    def __init__(self, visitor: Visitor, session: str) -> None:
        self.visitor = visitor
        self.session = session
        self.conversation: str | None = None
        self.asked = 0
        config = visitor.get("/config").json
        self.function = next(each["id"] for each in config["dependencies"] if each["api_name"] == "page_ask")
        self.names = Random(session)

    def shown(self, question: str) -> Any:
        """Everything that came back, as JSON."""
        sent = {"ask": f"{self.names.getrandbits(128):032x}", "question": question, "keep": self.asked,
                "conversation": self.conversation}  # fmt: skip
        begun = self.visitor.post("/gradio_api/queue/join", {
            "data": [None], "event_data": sent, "fn_index": self.function, "session_hash": self.session,
        })  # fmt: skip
        assert begun.status == 200, begun.text
        told = self.visitor.get(f"/gradio_api/queue/data?session_hash={self.session}").text
        messages = [json.loads(line.removeprefix("data: ")) for line in told.split("\n\n") if line]
        assert {message["event_id"] for message in messages if message.get("event_id")} == {begun.json["event_id"]}
        return [message.get("output") for message in messages]

    def ask(self, question: str) -> str:
        """The conversation's id, once the answer is whole."""
        kept = re.findall(r'data-conversation="([\w-]{10,})', "".join(strings(self.shown(question))))
        assert kept
        self.asked += 1
        self.conversation = kept[-1]
        return self.conversation

    def refused(self, question: str, conversation: str) -> str:
        self.conversation, self.asked = conversation, 1
        return "".join(strings(self.shown(question)))


def test_two_people_who_ask_at_once_have_each_their_own_conversation(ada_and_bob: tuple[Visitor, Visitor]) -> None:
    """200 questions of two people in two windows each, all at once, in an order that chance decides."""
    ada, bob = ada_and_bob
    pages = [
        (name, Page(visitor, f"{name}-{number}")) for name, visitor in (("ada", ada), ("bob", bob)) for number in (1, 2)
    ]

    def talk(name: str, page: Page) -> list[str]:
        waits, asked = Random(page.session), []
        for number in range(50):
            asked.append(f"What did {name} {page.session} say {number} of the bridge?")
            page.ask(asked[-1])
            time.sleep(waits.random() * 0.01)
        return asked

    with ThreadPoolExecutor(4) as at_once:
        talks = [at_once.submit(talk, name, page) for name, page in pages]
        said = [each.result() for each in talks]
    for (_, page), asked in zip(pages, said, strict=True):
        kept = page.visitor.get(f"/citedesk/conversation?id={page.conversation}").text
        assert re.findall(r"What did (?:ada|bob) [\w-]+ say \d+ of the bridge\?(?=</)", kept)[: len(asked)]
        for question in asked:
            assert question in kept
        others = {session for _, each in pages if (session := each.session) != page.session}
        assert not any(other in kept for other in others)


# --- the command


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.77.1"])
def test_the_command_serves_nobody_elsewhere_without_a_user(tmp_path: Path, host: str) -> None:
    refused = citedesk("ui", "--host", host, "--home", str(tmp_path / "home"))
    assert refused.returncode == 2
    assert "needs a login" in refused.stderr


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--user", "ada"], "no password"),
        (["--user", "../ada", "--password-file", "{secret}"], "no name for a user"),
        (["--user", "ada", "--password-file", "{none}"], "cannot be read"),
        (["--key", "{secret}"], "--certificate"),
        (["--remove-user", "eve"], "nobody is called"),
        (["--port", "70000"], "no port"),
        (["--port", "x"], "no port"),
    ],
)
def test_what_the_command_cannot_do_is_told_in_one_sentence(tmp_path: Path, options: list[str], why: str) -> None:
    (tmp_path / "secret").write_text("long enough\n")
    named = [option.format(secret=tmp_path / "secret", none=tmp_path / "none") for option in options]
    refused = citedesk("ui", *named, "--home", str(tmp_path / "home"))
    assert refused.returncode == 2
    assert why in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_window_is_never_shared_through_a_server_of_others(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "citedesk.toml").write_text("share = true\n")
    refused = citedesk("ui", "--home", str(home))
    assert refused.returncode == 2
    assert "share" in refused.stderr


def test_users_are_added_and_removed_by_the_command(tmp_path: Path) -> None:
    home, secret = str(tmp_path / "home"), tmp_path / "secret"
    secret.write_text("long enough\n")
    for name in ("ada", "bob"):
        assert citedesk("ui", "--add-user", name, "--password-file", str(secret), "--home", home).returncode == 0
    assert sorted(users.read_users(tmp_path / "home")) == ["ada", "bob"]
    assert citedesk("ui", "--remove-user", "ada", "--home", home).returncode == 0
    kept = users.read_users(tmp_path / "home")
    assert list(kept) == ["bob"]
    assert users.is_password("long enough", kept["bob"])
