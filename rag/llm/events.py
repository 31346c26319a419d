"""Server-sent events out of bytes, however a server writes them.

Knows lines and fields, not what is in them. Comments, by which servers keep a connection alive, yield nothing: the
time limits on a silent model are to run on. Lines end in LF or CRLF.
"""

from __future__ import annotations

from collections.abc import Iterator

LONGEST = 1_000_000  # bytes of a line, and of the lines of one event


class TooLong(ValueError):
    """A line or an event that no model sends."""


class Events:
    """Reads a stream as it comes: ``feed`` each chunk, then ``end``; both yield the data of whole events."""

    def __init__(self) -> None:
        self._unfinished = bytearray()  # the line that has not ended yet
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Raises TooLong, and keeps nothing that is longer."""
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            self._keep(line)
            whole = bytes(self._unfinished)
            self._unfinished.clear()
            yield from self._line(whole.removesuffix(b"\r"))
        self._keep(rest)

    def end(self) -> Iterator[str]:
        """What is left when the stream has ended, be its last line unfinished."""
        if self._unfinished:
            yield from self._line(bytes(self._unfinished).removesuffix(b"\r"))
            self._unfinished.clear()
        yield from self._line(b"")

    def _keep(self, part: bytes) -> None:
        if len(self._unfinished) + len(part) > LONGEST:
            raise TooLong(f"a line of more than {LONGEST:,} bytes")
        self._unfinished += part

    def _line(self, line: bytes) -> Iterator[str]:
        if not line:
            if self._data:
                yield "\n".join(self._data)
            self._data, self._size = [], 0
        elif line.startswith(b"data:"):
            self._size += len(line)
            if self._size > LONGEST:
                raise TooLong(f"an event of more than {LONGEST:,} bytes")
            self._data.append(line[5:].removeprefix(b" ").decode("utf-8", "replace"))
