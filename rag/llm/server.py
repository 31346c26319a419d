"""A model's server at the other end of HTTP: what its refusals mean, and the events it streams.

Knows status codes, headers and bodies as the makers of such servers write them; not the protocol inside the events,
and no SDK. What a server says is shown as one short line without the key, should it repeat it to us.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import socket
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

from corpus.errors import BadInput
from rag.llm.base import ContextOverflow, Forbidden, ProviderError, Unreachable
from rag.llm.events import LONGEST, Events, TooLong

_LONGEST_WORDS = 200
_REFUSAL_BYTES, _REFUSAL_S = 65_536, 2.0
_PASSING = frozenset({408, 409, 425, 429})
_PASSING_KINDS = frozenset({"overloaded_error", "rate_limit_error", "api_error", "server_error", "timeout_error"})
# OpenAI, llama.cpp, vLLM and LM Studio, Ollama, Mistral, Anthropic, in this order where they differ.
_OVERFLOW = re.compile(
    r"context[ _-](?:length|size|window|limit|overflow)|exceed_context_size|maximum (?:model|prompt) length"
    r"|context the overflows|prompt (?:is )?too long|input length|too large for model|input token count"
    r"|request_too_large",
    re.IGNORECASE,
)
_SECRET = re.compile(r"\bBearer\s+\S+|\b(?:sk|pk|key)-[\w*.-]{6,}", re.IGNORECASE)


class Refused(ProviderError):
    """A server answered with a status that is no success; ``words`` are what it said of the reason, in one line."""

    def __init__(self, message: str, *, status: int, words: str, transient: bool, retry_after_s: float | None) -> None:
        super().__init__(message, transient=transient, retry_after_s=retry_after_s)
        self.status = status
        self.words = words


class Response(Protocol):
    """What we need of the SDKs' responses."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def aiter_bytes(self) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True)
class Server:
    """Where ``model`` runs. ``key`` is empty where none is sent; the variables are those that a user may set."""

    model: str
    url: str
    key: str
    key_variable: str
    url_variable: str

    @property
    def is_local(self) -> bool:
        """True for this machine's own addresses only: from any other, if next door, passages leave the machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    @property
    def is_encrypted(self) -> bool:
        """False for plain HTTP to this machine, by no proxy: nobody's certificate will be looked at."""
        return not (self.is_local and self.url.startswith("http:"))

    async def check(self, response: Response) -> None:
        """Raises what a response other than a success means; reads no more of it than a refusal needs."""
        if 200 <= response.status_code < 300:
            return
        body = bytearray()
        # Whatever keeps us from its words, its status is known.
        with suppress(Exception):
            async with asyncio.timeout(_REFUSAL_S):
                async for chunk in response.aiter_bytes():
                    body += chunk[:_REFUSAL_BYTES]
                    if len(body) >= _REFUSAL_BYTES:
                        break
        raise self.refusal(response.status_code, response.headers, bytes(body))

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        said, tags = _error_of(body)
        words = self._shown(said)
        if status in (401, 403):
            return Forbidden(self._about_key(status))
        if status == 413 or (status != 429 and status >= 400 and _OVERFLOW.search(f"{said} {tags}")):
            return ContextOverflow(f"the prompt is longer than {self.model} takes{_quoted(words)}")
        if 300 <= status < 400:
            where = self._shown(urlsplit(headers.get("location", "")).netloc) or "somewhere else"
            message = f"{self.url} sends us on to {where}, where we do not follow; set {self.url_variable}"
        elif status == 404:
            message = f"no model {self.model} at {self.url}{_quoted(words)}; see {self.url_variable}"
        else:
            message = f"the server of {self.model} answered {status}{_quoted(words)}"
        transient = (status in _PASSING or status >= 500) and "insufficient_quota" not in tags
        words = self._shown(f"{tags} {said}")
        return Refused(message, status=status, words=words, transient=transient, retry_after_s=_retry_after_s(headers))

    def _about_key(self, status: int) -> str:
        if not self.key:
            return f"{self.url} wants a key ({status}): set {self.key_variable}"
        why = "was not accepted" if status == 401 else f"may not use {self.model}"
        return f"{self.model}: the key in {self.key_variable} {why} ({status})"

    def unreachable(self, error: BaseException, connect_s: float) -> Unreachable:
        """What kept a request from any answer; ``error`` is an SDK's, and its causes tell."""
        causes = list(_causes(error))
        transient = False
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            why = "its certificate or encryption was not accepted"
        elif any(isinstance(cause, socket.gaierror) for cause in causes):
            why = "there is no such host"
        elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            why, transient = "nothing listens there", True
        elif any("Timeout" in type(cause).__name__ for cause in causes):
            why = f"no connection within {connect_s:g} s"
        else:
            why, transient = "the connection broke before any answer", True
        return Unreachable(f"{self.model} at {self.url} cannot be reached: {why}", transient=transient)

    async def events(
        self, chunks: AsyncIterator[bytes], content_type: str = ""
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The JSON objects of a stream of events, or of a body that is one JSON object; "[DONE]" is an empty one.

        Raises ProviderError where it breaks, cannot be understood, or holds an error.
        """
        body = _Body()
        try:
            if "html" in content_type.lower():
                raise _NoModel
            more = True
            while more:
                chunk = await self._next(chunks)
                more = bool(chunk)
                for text in body.feed(chunk) if chunk else body.end():
                    event = {} if text.strip() == "[DONE]" else _parsed(text)
                    if event.get("error") or "error" in (event.get("object"), event.get("type")):
                        raise self._failure(event)
                    yield event
        except _NoModel as error:
            raise ProviderError(f"{self.url} is a page and not a model; see {self.url_variable}") from error
        except TooLong as error:
            raise ProviderError(f"{self.model} sent {error}") from error
        except (ValueError, RecursionError) as error:
            raise ProviderError(f"{self.model} sent what cannot be understood") from error
        finally:
            # Now and in order: left to the garbage collector, the SDK's generators end in any order, in any thread.
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes:
        """The next bytes; none at the end."""
        try:
            while not (chunk := await anext(chunks)):
                pass
        except StopAsyncIteration:
            return b""
        except Exception as error:  # which it is depends on the HTTP library below the SDK; each means no more comes
            raise ProviderError(f"the connection to {self.model} broke off", transient=True) from error
        return chunk

    def _failure(self, event: dict[str, Any]) -> ProviderError:
        """An error in the place of an answer, where the status was a success."""
        inner = event["error"] if isinstance(event.get("error"), dict) else event
        code = next((inner[key] for key in ("code", "status") if isinstance(inner.get(key), int)), 0)
        body = json.dumps(event).encode()
        if code >= 400:
            return self.refusal(code, {}, body)
        said, tags = _error_of(body)
        words = _quoted(self._shown(said))
        if _OVERFLOW.search(f"{said} {tags}"):
            return ContextOverflow(f"the prompt is longer than {self.model} takes{words}")
        return ProviderError(f"{self.model} failed{words}", transient=inner.get("type") in _PASSING_KINDS)

    def _shown(self, said: str) -> str:
        """In one line, without control characters, any key, or what is too long to read."""
        if self.key:
            said = said.replace(self.key, "…")
        said = _SECRET.sub("…", said)
        line = " ".join("".join(character if character.isprintable() else " " for character in said).split())
        return line if len(line) <= _LONGEST_WORDS else line[: _LONGEST_WORDS - 1] + "…"


def address(value: str, variable: str) -> str:
    """A base URL as it is used and shown. Raises BadInput, naming its variable and not repeating what may be secret."""
    try:
        parts = urlsplit(value.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise BadInput(f"{variable} is no address such as http://127.0.0.1:8080/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadInput(f"{variable} must be an address alone, without a name, a password, or anything after ? or #")
    return parts.geturl().rstrip("/")


def secret(value: str, variable: str) -> str:
    """A key as it is sent. Raises BadInput where it cannot be one: an HTTP library would show it in its complaint."""
    key = value.strip()
    if not all("!" <= character <= "~" for character in key):
        raise BadInput(f"{variable} holds characters that no key has")
    return key


def written(text: object) -> str:
    """Text as it may be sent, stored and shown; empty for what is none.

    Half a surrogate pair, which JSON can hold and nothing else can, becomes a replacement character.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(text, str) else ""


def count(value: object) -> int:
    """A number of tokens; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


class _NoModel(ValueError):
    """HTML in the place of a reply: a login page, a proxy, a router."""


class _Body:
    """A body as it comes. Its first character says what it is, since servers' content types are often wrong: a page,
    one JSON object, or events."""

    def __init__(self) -> None:
        self._events = Events()
        self._start = b""
        self._whole = bytearray()

    def feed(self, chunk: bytes) -> Iterator[str]:
        if not self._start:
            self._start = chunk.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if self._start == b"<":
            raise _NoModel
        if self._start != b"{":
            yield from self._events.feed(chunk)
            return
        self._whole += chunk
        if len(self._whole) > LONGEST:
            raise TooLong(f"a reply of more than {LONGEST:,} bytes")

    def end(self) -> Iterator[str]:
        if self._whole:
            yield self._whole.decode("utf-8-sig", "replace")
        else:
            yield from self._events.end()


def _parsed(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _error_of(body: bytes) -> tuple[str, str]:
    """The words of a refusal, wherever its server puts them; and its kind, with the option it is about."""
    text = body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ("" if text.lstrip().startswith("<") else text), ""
    inner = (found.get("error") or found) if isinstance(found, dict) else found
    if not isinstance(inner, dict):
        return (inner if isinstance(inner, str) else ""), ""
    words = inner.get("message") or _details(inner.get("detail"))
    tags = [tag for key in ("param", "code", "type") if isinstance(tag := inner.get(key), str)]
    return (words if isinstance(words, str) else ""), " ".join(tags)


def _details(detail: object) -> object:
    """FastAPI's list of what is wrong with a request, without the request that it repeats."""
    if not isinstance(detail, list):
        return detail
    return "; ".join(f"{each.get('loc')} {each.get('msg')}" for each in detail if isinstance(each, dict))


def _quoted(words: str) -> str:
    return f" (“{words}”)" if words else ""


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long a server asks us to wait: milliseconds, seconds or a date."""
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "")
        with suppress(ValueError):
            seconds = float(value) * unit_s
            return seconds if math.isfinite(seconds) and seconds >= 0 else None
    with suppress(ValueError, TypeError, OverflowError):
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time())
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _causes(inner)
        error = error.__cause__ or error.__context__
