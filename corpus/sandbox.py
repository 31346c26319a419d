"""Read files in a child process with limits: a bomb or a hang costs that file and nothing else.

The child lives on from file to file. Requests and replies are lines of JSON; nothing is unpickled. The child's
memory is limited by the system it runs on, its time by a clock here and an alarm there.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import asdict
from threading import Thread
from typing import IO, Any

from corpus.document import Document, Header, Page, Quotation, Span, Voice
from corpus.errors import UnreadableFile
from corpus.reading import Part, parts

MEMORY_BYTES = 1_000_000_000
SECONDS = 20.0  # for each document of a file
_START_SECONDS = 60.0  # for the interpreter and its imports
_CRASHED = "takes its reader down; it is damaged, or made to do harm"
_REPLIES_AHEAD = 8
_GIVE_UP = 3  # documents of one file that may hang or crash before the rest of it is given up


class Sandbox:
    """A child that reads; started when first asked, and again after it had to be stopped. For one thread."""

    def __init__(self, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._child: subprocess.Popen[bytes] | None = None
        self._replies: queue.Queue[bytes] = queue.Queue()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """Give up what is being read; for another thread than the one that reads."""
        if (child := self._child) is not None:
            child.kill()

    def close(self) -> None:
        """Stop the child, whatever it is doing."""
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        while self._replies.get():
            pass  # what it had still to say, up to the end of its output
        for pipe in (self._child.stdin, self._child.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()
        self._child = None

    def parts(self, data: bytes, name: str, *, known: Collection[str] = ()) -> Iterator[Part]:
        """As ``reading.parts``; a part that hangs, or takes the child down, is refused like any other."""
        done = failures = 0
        while True:
            begun = ""
            try:
                for reply in self._replies_to(data, name, known, skip=done):
                    if "begins" in reply:
                        begun = reply["begins"]
                        continue
                    yield _part(reply)
                    done += 1
                return
            except _Stopped as stopped:
                failures += 1
                if not begun or failures == _GIVE_UP:
                    raise UnreadableFile(str(stopped)) from stopped
                yield Part(begun, "", reason=str(stopped))
                done += 1

    def _replies_to(self, data: bytes, name: str, known: Collection[str], *, skip: int) -> Iterator[dict[str, Any]]:
        """What the child says up to the end of this file. Raises _Stopped where it is stopped before that."""
        whole = False
        try:
            self._ask({"name": name, "bytes": len(data), "known": list(known), "skip": skip}, data)
            while True:
                reply = self._reply()
                if "refused" in reply:
                    whole = True
                    raise UnreadableFile(reply["refused"])
                if "end" in reply:
                    whole = True
                    return
                yield reply
        finally:
            if not whole:
                self.close()  # what it would still say is for nobody

    def _ask(self, request: dict[str, Any], data: bytes) -> None:
        pipe = self._started().stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(request).encode() + b"\n")
            pipe.write(data)
            pipe.flush()
        except BrokenPipeError as error:
            raise _Stopped(_CRASHED) from error

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None:
            return self._child
        command = [sys.executable, "-P", "-m", "corpus.sandbox", str(self._memory_bytes), str(self._seconds)]
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")  # each costs address space
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # where parsers complain of every file
            env={**os.environ, **one_thread, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for us; the child goes when we close it, or when its input ends
        )
        self._replies = queue.Queue(maxsize=_REPLIES_AHEAD)
        Thread(target=_listen, args=(self._child.stdout, self._replies), name="sandbox", daemon=True).start()
        if "ready" not in self._reply(_START_SECONDS):
            raise _Stopped("cannot be read: the process that reads files did not start")
        return self._child

    def _reply(self, seconds: float | None = None) -> dict[str, Any]:
        seconds = seconds or self._seconds
        try:
            line = self._replies.get(timeout=seconds)
        except queue.Empty as error:
            raise _Stopped(f"takes over {seconds:g} seconds to read; split it, or convert it to .txt") from error
        if not line:
            self._replies.put(line)  # close() reads up to it
            raise _Stopped(_CRASHED)
        reply: dict[str, Any] = json.loads(line)
        return reply


class _Stopped(Exception):
    """The child is gone, or had to be stopped; the message says why."""


def _listen(pipe: IO[bytes], replies: queue.Queue[bytes]) -> None:
    for line in pipe:
        replies.put(line)
    replies.put(b"")


def _part(reply: dict[str, Any]) -> Part:
    document = None if reply["document"] is None else _document(reply["document"])
    return Part(reply["name"], reply["sha256"], document, reply["reason"], reply["stated"])


def _document(found: dict[str, Any]) -> Document:
    """The document that ``asdict`` took apart."""

    def span(given: dict[str, int]) -> Span:
        return Span(given["start"], given["end"])

    return Document(
        Header(**found["header"]),
        found["text"],
        furniture=tuple(span(each) for each in found["furniture"]),
        notes=tuple(found["notes"]),
        pages=tuple(Page(each["number"], span(each["span"])) for each in found["pages"]),
        voices=tuple(Voice(span(each["span"]), each["source"], each["relation"]) for each in found["voices"]),
        quotations=tuple(
            Quotation(span(each["span"]), each["speaker"], span(each["speaker_span"]), each["confidence"])
            for each in found["quotations"]
        ),
        origins=found["origins"],
    )


# --- in the child


def main() -> None:
    """Read one request after another until there are no more."""
    memory_bytes, seconds = int(sys.argv[1]), float(sys.argv[2])
    _limit_memory(memory_bytes)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a parser prints is no reply

    def say(reply: dict[str, Any]) -> None:
        _alarm_after(0)  # while nobody listens it may take its time
        out.write(json.dumps(reply).encode() + b"\n")
        out.flush()
        _alarm_after(2 * seconds)

    say({"ready": True})
    while request := _request():
        _alarm_after(2 * seconds)  # for the day when nobody is left to stop us
        data = sys.stdin.buffer.read(request["bytes"])
        try:
            for part in parts(
                data,
                request["name"],
                known=set(request["known"]),
                skip=request["skip"],
                on_begin=lambda name: say({"begins": name}),
            ):
                say(asdict(part))
            say({"end": True})
        except UnreadableFile as error:
            say({"refused": str(error)})
        _alarm_after(0)


def _request() -> dict[str, Any] | None:
    line = sys.stdin.buffer.readline()
    return json.loads(line) if line else None


def _limit_memory(memory_bytes: int) -> None:
    with suppress(ImportError, ValueError, OSError):  # a system without such a limit; the clock still holds
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _alarm_after(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()
