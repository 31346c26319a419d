"""Vectors from a server that speaks OpenAI's protocol for embeddings: ``openai:MODEL`` or ``ollama:MODEL``.

An embedder as ``vectorstore/base.py`` describes; it stands here, where addresses, keys and refusals are known. They
come from the environment, and no message, archive or log gets a key. The home of httpx.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy

from corpus.errors import BadInput
from corpus.tokens import count_tokens
from rag.llm.base import ContextOverflow, Limits, ProviderError, Unreachable
from rag.llm.openai import ollama_url
from rag.llm.server import Refused, Server, address, secret, written
from vectorstore.base import Vector, Vectors
from vectorstore.errors import ModelUnavailable

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger(__name__)
ATTEMPTS = 4
_URL = "https://api.openai.com/v1"
_BACKOFF_S, _LONGEST_BACKOFF_S = 0.5, 8.0
_ANSWER_S, _ANSWER_LOCAL_S = 30.0, 120.0  # a server on this machine may have to load the model first
_TEXTS, _CHARACTERS = 64, 100_000  # in one request
_MAX_TOKENS = 512  # what the smallest models in use read; our passages are shorter
_LONGEST_ANSWER = 64 << 20  # bytes: 64 texts, each with many thousand numbers
_REFUSAL_BYTES = 65_536
_BLANK = "-"  # in the place of a text of nothing, which OpenAI refuses
_PROBE = "ferry"
_TOO_LARGE = re.compile(r"too large to process", re.IGNORECASE)  # llama.cpp says so with a status of 500
_ASK_FOR_LESS = (400, 413, 422)


class Endpoint:
    """A model of one server. Safe to use from several threads."""

    def __init__(
        self,
        model: str,
        server: Callable[[], Server],
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``server`` is asked for when it is needed: a missing key keeps nobody from what needs no embedder."""
        self.name = model
        self.max_tokens = _MAX_TOKENS
        self._made = server
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._dimension = 0
        self._at_once = _TEXTS
        self._guard = Lock()

    @property
    def fingerprint(self) -> str:
        """Of its model and host, which is not told by it."""
        host = urlsplit(self._server.url).hostname or ""
        place = "this machine" if self._server.is_local else sha256(host.encode()).hexdigest()[:12]
        return f"endpoint at {place}, {self.name}"

    @property
    def dimension(self) -> int:
        """Asks the server once, where nothing has been embedded yet."""
        if not self._dimension:
            self.embed_query(_PROBE)
        return self._dimension

    def count_tokens(self, text: str) -> int:
        return count_tokens(text).tokens

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return numpy.zeros((0, self.dimension), dtype=numpy.float32)
        prepared = [self._prepared(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda row: len(prepared[row]))  # texts of like length: little is padded
        rows: dict[int, Vector] = {}
        while order:
            batch = self._batch(order, prepared)
            rows.update(zip(batch, self._asked([prepared[row] for row in batch]), strict=False))
            order = [row for row in order if row not in rows]
        return numpy.stack([rows[row] for row in range(len(texts))])

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self._asked([self._prepared(text)])[0]
        return vector

    def _batch(self, order: Sequence[int], texts: Sequence[str]) -> list[int]:
        batch: list[int] = []
        characters = 0
        for row in order[: self._at_once]:
            characters += len(texts[row])
            if batch and characters > _CHARACTERS:
                break
            batch.append(row)
        return batch

    def _prepared(self, text: str) -> str:
        """As it can be sent: some text, and no more of it than is read."""
        text = written(text)
        while (tokens := self.count_tokens(text)) > self.max_tokens:
            text = text[: max(1, int(len(text) * self.max_tokens / tokens * 0.98))]
        return text if text.strip("\0 \t\r\n") else _BLANK

    def _asked(self, texts: list[str]) -> Vectors:
        """The vectors of these texts, or of the first of them where the server takes no more at once."""
        try:
            vectors = self._patiently(texts)
        except ProviderError as error:
            if len(texts) > 1 and _wants_less(error):
                self._at_once = max(1, len(texts) // 2)
                return self._asked(texts[: self._at_once])
            if len(texts[0]) < 2 or not _wants_shorter(error):
                raise ModelUnavailable(f"{error}; nothing stored is lost") from error
            _log.warning("%s takes no text of %d characters: its second half is left out", self.name, len(texts[0]))
            return self._asked([texts[0][: len(texts[0]) // 2]])
        with self._guard:
            self._dimension = self._dimension or vectors.shape[1]
        if vectors.shape[1] != self._dimension:
            raise ModelUnavailable(
                f"{self.name} gave vectors of {self._dimension} numbers before, and of {vectors.shape[1]} now:"
                " another model answers under its name"
            )
        return vectors

    def _patiently(self, texts: list[str]) -> Vectors:
        deadline = self._clock() + self._limits.total_s
        attempt = 1
        while True:
            try:
                return self._vectors(self._posted(texts, deadline), len(texts))
            except ProviderError as error:
                wait_s = error.retry_after_s
                if wait_s is None:
                    wait_s = random.uniform(0.5, 1.0) * min(_BACKOFF_S * 2.0**attempt, _LONGEST_BACKOFF_S)  # noqa: S311
                late = self._clock() + wait_s > deadline
                if not error.transient or attempt == ATTEMPTS or late or _wants_less(error):
                    raise
            self._sleep(wait_s)
            attempt += 1

    def _posted(self, texts: list[str], deadline: float) -> bytes:
        """The body of a success. Raises ProviderError."""
        import httpx

        server, body = self._server, bytearray()
        patience_s = self._limits.first_token_s or (_ANSWER_LOCAL_S if server.is_local else _ANSWER_S)
        patience_s = min(patience_s, max(0.01, deadline - self._clock()))
        try:
            with self._client.stream(
                "POST",
                f"{server.url}/embeddings",
                json={"model": server.model, "input": texts},
                timeout=httpx.Timeout(patience_s, connect=self._limits.connect_s),
            ) as response:
                success = 200 <= response.status_code < 300
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > (_LONGEST_ANSWER if success else _REFUSAL_BYTES):
                        break
                    if self._clock() > deadline:
                        raise ProviderError(f"{self.name} took longer than {self._limits.total_s:g} s")
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise server.unreachable(error, self._limits.connect_s) from error
        except httpx.TimeoutException as error:
            raise Unreachable(f"{self.name} at {server.url} said nothing for {patience_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderError(f"the connection to {self.name} broke off", transient=True) from error
        if not success:
            raise server.refusal(response.status_code, response.headers, bytes(body))
        if len(body) > _LONGEST_ANSWER:
            raise ProviderError(f"{self.name} sent more than {_LONGEST_ANSWER >> 20} MB for {len(texts)} texts")
        return bytes(body)

    def _vectors(self, body: bytes, texts: int) -> Vectors:
        """Unit rows in the order of the texts. Raises ProviderError for anything else than that many of one length."""
        rows = _rows(body)
        if rows is None:
            raise ProviderError(f"{self._server.url} did not answer with embeddings; see {self._server.url_variable}")
        if len(rows) != texts:
            raise ProviderError(f"{self.name} gave {len(rows)} vectors for {texts} texts")
        places = [row.get("index", number) for number, row in enumerate(rows)]
        if sorted(place if type(place) is int else -1 for place in places) != list(range(texts)):
            raise ProviderError(f"{self.name} does not say which vector is of which text")
        found: list[Any] = [None] * texts
        for place, row in zip(places, rows, strict=True):
            found[place] = row.get("embedding")
        try:
            with numpy.errstate(over="ignore"):
                vectors = numpy.array(found, dtype=numpy.float32)
        except (ValueError, TypeError, OverflowError):
            vectors = numpy.zeros(0, dtype=numpy.float32)
        if vectors.ndim != 2 or vectors.shape[1] == 0:
            raise ProviderError(f"{self.name} gave vectors that are no rows of numbers, all of one length")
        with numpy.errstate(all="ignore"):
            norms = numpy.linalg.norm(vectors.astype(numpy.float64), axis=1, keepdims=True)
        if not (numpy.isfinite(norms).all() and (norms > 0).all()):
            raise ProviderError(f"{self.name} gave a vector that is zero or no number")
        unit: Vectors = (vectors / norms).astype(numpy.float32)
        return unit

    @cached_property
    def _server(self) -> Server:
        return self._made()

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        server = self._server
        return httpx.Client(
            headers={"Authorization": f"Bearer {server.key}"} if server.key else {},
            verify=server.is_encrypted,
            trust_env=not server.is_local,  # a proxy cannot know what this machine calls itself
            follow_redirects=False,  # with our key and passages, to whom we do not know
        )


def _wants_less(error: ProviderError) -> bool:
    """True where fewer texts at once may be taken."""
    return _wants_shorter(error) or (isinstance(error, Refused) and error.status in _ASK_FOR_LESS)


def _wants_shorter(error: ProviderError) -> bool:
    """True where a shorter text may be taken."""
    too_large = isinstance(error, Refused) and _TOO_LARGE.search(error.words) is not None
    return too_large or isinstance(error, ContextOverflow)


def _rows(body: bytes) -> list[dict[str, Any]] | None:

    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    rows = found.get("data") if isinstance(found, dict) else None
    return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else None


def _openai(model: str) -> Server:
    """A server for embeddings alone has variables of its own: a model that writes often runs on another one."""
    for prefix in ("OPENAI_EMBEDDINGS_", "OPENAI_"):
        url_variable, key_variable = f"{prefix}BASE_URL", f"{prefix}API_KEY"
        base_url = os.environ.get(url_variable, "").strip()
        key = secret(os.environ.get(key_variable, ""), key_variable)
        if base_url or key:  # the key of one server is never sent to another
            return Server(model, address(base_url or _URL, url_variable), key, key_variable, url_variable)
    raise BadInput("openai needs a key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own")


def _ollama(model: str) -> Server:
    url = ollama_url(os.environ.get("OLLAMA_HOST", ""))
    return Server(model, url, "", "OPENAI_API_KEY and OPENAI_BASE_URL, and write openai: for ollama:", "OLLAMA_HOST")


_SERVERS: Mapping[str, Callable[[str], Server]] = {"openai": _openai, "ollama": _ollama}


def endpoints(limits: Limits | None = None) -> dict[str, Callable[[str], Endpoint]]:
    """What makes the embedder ``KIND:MODEL``, by kind."""

    def making(server: Callable[[str], Server]) -> Callable[[str], Endpoint]:
        return lambda model: Endpoint(model, lambda: server(model), limits)

    return {kind: making(server) for kind, server in _SERVERS.items()}
