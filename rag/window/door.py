"""Who is at the window: sessions that live here and not in the browser, and passwords that are tried.

A session is a random token in a cookie that no script reads and no other site sends; what it stands for is kept in
this process alone, so a restart logs everybody out. Programs may send name and password with each request instead.
Guessing is slow: whoever is wrong five times within a minute waits, and a name that does not exist takes as long to
refuse as one that does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from rag.window.asgi import Refused, Scope
from rag.window.users import NOBODY, is_password

IDLE_S, WHOLE_S = 12 * 3600, 7 * 24 * 3600
TRIES, TRIES_OF_AN_ADDRESS, WITHIN_S = 5, 30, 60.0
REMEMBERED_S = 300.0
MOST_REMEMBERED = 10_000


@dataclass
class _Session:
    user: str
    began: float
    seen: float


class Tries:
    """How often something was tried within the last minute, and whether once more is too often."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._times: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def wait_s(self, key: Hashable) -> float:
        """How long ``key`` has to wait, 0 where it need not, and has used one more try."""
        now = self._clock()
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        while times and times[0] <= now - WITHIN_S:
            times.popleft()
        if len(self._times) > MOST_REMEMBERED:
            self._times.popitem(last=False)
        if len(times) >= self._most:
            return times[0] + WITHIN_S - now
        times.append(now)
        return 0.0

    def forget(self, key: Hashable) -> None:
        self._times.pop(key, None)


class Door:
    """Lets in whoever has a password, and knows them again. Safe to use from several threads."""

    def __init__(
        self, users: Mapping[str, str], *, port: int, is_secret: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``users`` are names and hashed passwords; ``is_secret`` says that the window is served over TLS."""
        self._users = dict(users)
        self._is_secret = is_secret
        self._clock = clock
        # A browser sends the cookies of all ports alike: two windows must not take each other's.
        self.cookie = f"{'__Host-' if is_secret else ''}citedesk-{port}"
        self._sessions: dict[bytes, _Session] = {}
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._secret = secrets.token_bytes(32)
        self._by_name = Tries(TRIES, clock)
        self._by_address = Tries(TRIES_OF_AN_ADDRESS, clock)
        self._lock = threading.Lock()
        self._hashing = threading.Semaphore(2)  # each takes 16 MB and a core

    def log_in(self, name: str, password: str, address: str) -> str | None:
        """The token of a new session, None where name or password is wrong. Raises Refused where it was tried too
        often."""
        if not self._is_right(name, password, address):
            return None
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._sessions = {key: each for key, each in self._sessions.items() if self._is_fresh(each, now)}
            self._sessions[_digest(token)] = _Session(name, now, now)
        return token

    def log_out(self, token: str) -> None:
        """The session is over, whoever still has its token."""
        with self._lock:
            self._sessions.pop(_digest(token), None)

    def holder(self, token: str) -> str | None:
        """Whose session it is, None where it is none or over."""
        now = self._clock()
        with self._lock:
            session = self._sessions.get(_digest(token))
            if session is None or not self._is_fresh(session, now):
                return None
            session.seen = now
            return session.user

    async def user(self, scope: Scope) -> str | None:
        """The name that logged in, by cookie or with this very request. Raises Refused where it was tried too often."""
        request = Request(scope)
        if token := request.cookies.get(self.cookie):
            return self.holder(token)
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "basic":
            return None
        known = hmac.digest(self._secret, value.encode(), "sha256")
        with self._lock:
            name, until = self._known.get(known, ("", 0.0))
        if self._clock() < until:
            return name
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return None
        if not await run_in_threadpool(self._is_right, name, password, address_of(request)):
            return None
        with self._lock:
            self._known[known] = name, self._clock() + REMEMBERED_S
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return name

    def set_cookie(self, response: Response, token: str) -> None:
        """Have the browser keep the token, or, where it is empty, forget it."""
        age = WHOLE_S if token else 0
        response.set_cookie(
            self.cookie, token, max_age=age, path="/", httponly=True, samesite="strict", secure=self._is_secret
        )

    def _is_right(self, name: str, password: str, address: str) -> bool:
        with self._lock:
            wait_s = max(self._by_name.wait_s((address, name)), self._by_address.wait_s(address))
        if wait_s:
            raise Refused(429, "That was tried too often; wait a minute.", **{"retry-after": str(int(wait_s) + 1)})
        with self._hashing:
            is_right = is_password(password, self._users.get(name, NOBODY)) and name in self._users
        if is_right:
            with self._lock:
                self._by_name.forget((address, name))
        return is_right

    def _is_fresh(self, session: _Session, now: float) -> bool:
        return now < session.seen + IDLE_S and now < session.began + WHOLE_S


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def address_of(request: Request) -> str:
    """Where a request comes from, empty where that is not known."""
    return request.client.host if request.client else ""
