"""The login: passwords that are kept nowhere, sessions that end, guesses that wait, and a page without scripts."""

from __future__ import annotations

import asyncio
import http.client
import os
import ssl
import stat
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from corpus.errors import BadInput
from rag.window import users
from rag.window.asgi import Refused
from rag.window.door import IDLE_S, TRIES, TRIES_OF_AN_ADDRESS, WHOLE_S, WITHIN_S, Door
from rag.window.login import page
from rag.window.server import Server
from tests.window_server import Reply, Visitor, window

ADA, BOB = "a pass word of Ada's", "Bob's is another: ünïcode"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    return {"ada": users.hashed(ADA), "bob": users.hashed(BOB)}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(kept: dict[str, str], clock: Clock) -> Door:
    return Door(kept, port=7860, is_secret=False, clock=clock)


def entered(door: Door, name: str, password: str, address: str = "10.0.0.1") -> str:
    token = door.log_in(name, password, address)
    assert token is not None
    return token


# --- passwords


def test_a_password_is_known_by_what_is_kept_of_it_and_cannot_be_read_there() -> None:
    first, second = users.hashed(ADA), users.hashed(ADA)
    assert first != second  # salted
    assert ADA not in first
    assert users.is_password(ADA, first)
    assert users.is_password(ADA, second)
    assert not users.is_password(ADA + " ", first)
    assert not users.is_password("", first)


@pytest.mark.parametrize("line", ["", "plain", "scrypt:1:1:1:00:00", users.NOBODY, "scrypt:" + "9" * 9 + ":8:5:00:00"])
def test_a_line_that_is_none_lets_nobody_in(line: str) -> None:
    assert not users.is_password(ADA, line)


@pytest.mark.parametrize("password", ["", "short", "x" * 1001])
def test_a_password_has_a_length(password: str) -> None:
    with pytest.raises(BadInput, match="8 to 1,000"):
        users.hashed(password)


def test_users_are_kept_in_a_file_that_only_its_owner_reads(tmp_path: Path, kept: dict[str, str]) -> None:
    assert users.read_users(tmp_path / "home") == {}
    path = users.write_users(tmp_path / "home", kept)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert users.read_users(tmp_path / "home") == kept
    assert ADA not in path.read_text()
    assert [each.name for each in path.parent.iterdir()] == [users.FILE]


def test_a_file_of_users_that_was_damaged_is_refused_by_its_line(tmp_path: Path, kept: dict[str, str]) -> None:
    path = users.write_users(tmp_path, kept)
    path.write_text(f"# ours\n\n{path.read_text()}eve:password\n")
    with pytest.raises(BadInput, match="line 5"):
        users.read_users(tmp_path)


@pytest.mark.parametrize("name", ["", "a b", "../a", "a:b", ".a", "a" * 65, "ä", "a\n"])
def test_a_name_of_a_user_is_plain(name: str) -> None:
    with pytest.raises(BadInput, match="no name for a user"):
        users.check_name(name)


def test_a_password_is_read_from_the_first_line_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"from a file\r\nmore")
    assert users.password("ada", tmp_path / "secret") == "from a file"
    with pytest.raises(BadInput, match="cannot be read"):
        users.password("ada", tmp_path / "none")


# --- sessions


def test_a_session_is_its_users_until_it_ends(door: Door, clock: Clock) -> None:
    hers, his = entered(door, "ada", ADA), entered(door, "bob", BOB)
    assert len(hers) >= 43  # 256 bits
    assert (door.holder(hers), door.holder(his)) == ("ada", "bob")
    door.log_out(hers)
    assert (door.holder(hers), door.holder(his)) == (None, "bob")
    assert door.holder("") is None
    assert door.holder("x" * 43) is None


def test_a_session_ends_when_nobody_uses_it_and_after_a_week_at_any_rate(door: Door, clock: Clock) -> None:
    idle, used = entered(door, "ada", ADA), entered(door, "bob", BOB)
    began = clock.now
    while clock.now < began + WHOLE_S - IDLE_S:
        clock.now += IDLE_S - 1
        assert door.holder(used) == "bob"
    assert door.holder(idle) is None
    clock.now = began + WHOLE_S
    assert door.holder(used) is None


def test_a_wrong_name_or_password_gives_no_session(door: Door) -> None:
    assert door.log_in("ada", BOB, "10.0.0.1") is None
    assert door.log_in("eve", ADA, "10.0.0.1") is None
    assert door.log_in("", "", "10.0.0.1") is None


def test_a_name_that_nobody_has_costs_the_same_work() -> None:
    assert users.NOBODY.split(":")[1:4] == users.hashed(ADA).split(":")[1:4]


# --- guesses


def test_the_sixth_guess_within_a_minute_waits_even_if_it_is_right(door: Door, clock: Clock) -> None:
    for _ in range(TRIES):
        assert door.log_in("ada", "a wrong one", "10.0.0.1") is None
    with pytest.raises(Refused) as refused:
        door.log_in("ada", ADA, "10.0.0.1")
    assert refused.value.status == 429
    assert 0 < int(refused.value.headers["retry-after"]) <= WITHIN_S + 1
    assert door.log_in("ada", ADA, "10.0.0.2")  # who guesses there locks nobody out here
    assert door.log_in("bob", BOB, "10.0.0.1")
    clock.now += WITHIN_S
    assert door.log_in("ada", ADA, "10.0.0.1")


def test_many_names_from_one_address_wait_too(door: Door) -> None:
    for number in range(TRIES_OF_AN_ADDRESS):
        assert door.log_in(f"name{number}", "x" * 8, "10.0.0.1") is None
    with pytest.raises(Refused):
        door.log_in("ada", ADA, "10.0.0.1")


def request(cookie: str = "", authorization: str = "") -> dict[str, Any]:
    headers = [(b"cookie", cookie.encode()), (b"authorization", authorization.encode())]
    return {"type": "http", "headers": [each for each in headers if each[1]], "client": ("10.0.0.1", 5)}


def basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def test_a_program_may_say_name_and_password_with_each_request(door: Door) -> None:
    for _ in range(TRIES + 1):  # no guesses: the first of them was right
        assert asyncio.run(door.user(request(authorization=basic("bob", BOB)))) == "bob"
    for wrong in [basic("bob", ADA), "Basic !", "Basic", "Bearer x", basic("bob", ""), ""]:
        assert asyncio.run(door.user(request(authorization=wrong))) is None


def test_guesses_with_each_request_are_counted_like_those_on_the_page(door: Door) -> None:
    for number in range(TRIES):
        assert asyncio.run(door.user(request(authorization=basic("bob", f"wrong {number}")))) is None
    with pytest.raises(Refused):
        asyncio.run(door.user(request(authorization=basic("bob", BOB))))


def test_a_cookie_of_another_window_is_none(door: Door) -> None:
    token = entered(door, "ada", ADA)
    assert asyncio.run(door.user(request(cookie=f"citedesk-7860={token}"))) == "ada"
    assert asyncio.run(door.user(request(cookie=f"citedesk-7861={token}"))) is None
    assert asyncio.run(door.user(request(cookie="citedesk-7860=x"))) is None


def test_over_tls_the_cookie_is_for_tls_and_this_very_host_only(kept: dict[str, str]) -> None:
    from starlette.responses import Response

    response = Response()
    Door(kept, port=7860, is_secret=True).set_cookie(response, "token")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-citedesk-7860=token;")
    assert "Secure" in cookie.split("; ")


# --- the page


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_login_page_shows_what_was_typed_and_runs_none_of_it() -> None:
    elements = Elements()
    elements.feed(page('<script>"x"</script>', '"><script>alert(1)</script>'))
    assert "script" not in [tag for tag, _ in elements.found]
    assert [each["value"] for tag, each in elements.found if each.get("id") == "name"] == [
        '"><script>alert(1)</script>'
    ]


# --- all of it, over HTTP


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, kept: dict[str, str]) -> Iterator[Visitor]:
    with window(tmp_path_factory.mktemp("window"), users=kept) as (visitor, _):
        yield visitor


def logged_in(visitor: Visitor, name: str, password: str) -> Reply:
    form = urlencode({"name": name, "password": password}).encode()
    own = {"content_type": "application/x-www-form-urlencoded", "origin": f"http://127.0.0.1:{visitor.port}"}
    return visitor.ask("POST", "/citedesk/login", form, **own)


def test_a_person_logs_in_asks_and_logs_out(guarded: Visitor) -> None:
    assert guarded.get("/").headers["location"] == "/citedesk/login"
    shown = guarded.get("/citedesk/login")
    assert shown.status == 200
    assert "<script" not in shown.text
    assert "script-src" not in shown.headers["content-security-policy"]  # so default-src, which is 'none'
    assert shown.headers["referrer-policy"] == "same-origin"  # else a browser says that the form is from "null"
    assert "--cd-accent" in guarded.get("/citedesk/login.css").text

    wrong = logged_in(guarded, "ada", BOB)
    assert wrong.status == 401
    assert "Name or password is wrong." in wrong.text
    assert "set-cookie" not in wrong.headers

    right = logged_in(guarded, "ada", ADA)
    assert (right.status, right.headers["location"]) == (303, "/")
    cookie, *flags = right.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(flags)

    ada = guarded.with_cookie(cookie)
    assert "gradio" in ada.get("/").text
    assert ada.get("/citedesk/name").json == {"name": "ada"}
    assert ada.post("/citedesk/logout", {}, x_citedesk="").status == 403
    assert ada.get("/config").status == 200
    assert ada.post("/citedesk/logout", {}).status == 204
    assert ada.get("/config").status == 401
    assert ada.get("/").status == 303


def test_guessing_over_http_is_told_to_wait(guarded: Visitor) -> None:
    statuses = [logged_in(guarded, "eve", f"guess number {number}").status for number in range(TRIES + 2)]
    assert statuses == [401] * TRIES + [429] * 2


def test_a_form_of_another_page_cannot_log_anybody_in(guarded: Visitor) -> None:
    form = urlencode({"name": "ada", "password": ADA}).encode()
    kind = "application/x-www-form-urlencoded"
    for origin in ("null", "http://evil.tld"):
        assert guarded.ask("POST", "/citedesk/login", form, content_type=kind, origin=origin).status == 403


def test_a_form_with_ten_thousand_fields_is_no_login(guarded: Visitor) -> None:
    form = urlencode([("name", "ada"), ("password", ADA)] + [(f"f{number}", "x") for number in range(10_000)]).encode()
    kind = "application/x-www-form-urlencoded"
    assert guarded.ask("POST", "/citedesk/login", form, content_type=kind).status == 401


def test_nothing_of_the_archive_is_there_for_who_has_not_logged_in(guarded: Visitor) -> None:
    ours = ["start", "library", "document?name=bridge.txt", "coverage", "conversations", "settings", "window.js"]
    theirs = ["/config", "/theme.css", "/gradio_api/info", "/gradio_api/heartbeat/abc"]
    for path in [*(f"/citedesk/{each}" for each in ours), *theirs]:
        answer = guarded.get(path)
        assert answer.status == 401, path
        assert "Ollerford" not in answer.text
    assert guarded.post("/gradio_api/call/ask", {"data": ["Who?"]}).status == 401


def test_the_password_is_in_no_list_of_processes_and_in_no_answer(guarded: Visitor) -> None:
    assert ADA not in Path(f"/proc/{os.getpid()}/cmdline").read_text()
    assert ADA not in guarded.as_("ada", ADA).get("/config").text


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine that nobody signed but its key, and that key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today, number = datetime.now(UTC), x509.random_serial_number()
    made = x509.CertificateBuilder(name, name, key.public_key(), number, today, today + timedelta(1))
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "desk.pem", folder / "desk.key"
    files[0].write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(*plain))
    return files


def test_over_tls_a_login_is_for_tls_only(tmp_path: Path, kept: dict[str, str], pair: tuple[Path, Path]) -> None:
    with window(tmp_path, users=kept, certificate=pair[0], key=pair[1], host="localhost") as (visitor, _):
        context = ssl.create_default_context(cafile=str(pair[0]))
        context.check_hostname = False
        connection = http.client.HTTPSConnection("localhost", visitor.port, context=context, timeout=30)
        own = {"origin": f"https://localhost:{visitor.port}", "content-type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/citedesk/login", urlencode({"name": "ada", "password": ADA}), own)
        answer = connection.getresponse()
        assert answer.status == 303
        cookie = str(answer.getheader("set-cookie"))
        assert cookie.startswith(f"__Host-citedesk-{visitor.port}=")
        assert {"Secure", "HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
        connection.close()
        with pytest.raises(OSError, match=r"reset|closed|aborted|without response"):
            visitor.get("/")  # in plain text


def test_a_certificate_that_is_none_is_refused(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    (tmp_path / "none.pem").write_text("nothing")
    for certificate, key in [
        (tmp_path / "gone.pem", None),
        (tmp_path / "none.pem", None),
        (pair[0], tmp_path / "none.pem"),
    ]:
        with pytest.raises(BadInput, match="cannot be used"):
            Server(host="127.0.0.1", port=7860, certificate=certificate, key=key)


def test_an_address_that_is_not_of_this_machine_is_refused() -> None:
    for host in ("203.0.113.9", "no.such.host.invalid"):
        with pytest.raises(BadInput, match="no address of this machine"):
            Server(host=host, port=7860)
