"""A file's bytes as documents, one part after another; a part that cannot be read costs only itself.

Knows loaders and containers. Knows nothing of where the bytes come from; runs in a child process, see sandbox.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

from corpus.document import Document
from corpus.errors import UnreadableFile
from corpus.loaders import CONTAINERS, load_as, loaders, readable_suffix
from corpus.loaders.member import Member
from corpus.loaders.sniffing import suffix_to_read


@dataclass(frozen=True)
class Part:
    """One document of a file, or in ``reason`` why it is none; ``sha256`` is of the bytes it was read from.

    ``stated`` tells apart what the file says of it elsewhere than in those bytes; empty where it says nothing.
    One that the caller knows already has neither document nor reason.
    """

    name: str
    sha256: str
    document: Document | None = None
    reason: str = ""
    stated: str = ""


class Reader(Protocol):
    """Reads one file after another; a context that ends with the reading."""

    def __enter__(self) -> Reader: ...

    def __exit__(self, *_: object) -> None: ...

    def parts(self, data: bytes, name: str, *, known: Collection[str] = ()) -> Iterator[Part]: ...

    def stop(self) -> None:
        """Give up what is being read; for another thread than the one that reads."""
        ...


class Direct:
    """Reads in this process, without limits: for files that we made ourselves."""

    def __enter__(self) -> Direct:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""

    def parts(self, data: bytes, name: str, *, known: Collection[str] = ()) -> Iterator[Part]:
        return parts(data, name, known=known)

    def stop(self) -> None:
        """What is being read is soon read."""


def parts(
    data: bytes,
    name: str,
    *,
    known: Collection[str] = (),
    skip: int = 0,
    on_begin: Callable[[str], None] = lambda name: None,
) -> Iterator[Part]:
    """The documents of a file called ``name``, in order, but for the first ``skip``.

    Those whose ``sha256 + stated`` is ``known`` are not read again. ``on_begin`` hears the name of each before it is
    read.
    Raises UnreadableFile where the file as a whole cannot be read.
    """
    with _translated():
        suffix, note = suffix_to_read(data, readable_suffix(name))
        if suffix not in CONTAINERS:
            yield Part(name, _digest(data), load_as(data, name, suffix, note))
            return
        for number, member in enumerate(_told_apart(_members(Member(name, suffix, data)))):
            if number >= skip:
                yield _part(member, known, on_begin)


def _members(container: Member) -> Iterator[Member]:
    """The documents of a container and of the containers inside it, not yet read."""
    for member in CONTAINERS[container.suffix](container.data, container.name):
        if member.refusal:
            yield member
        elif member.suffix in CONTAINERS:
            try:
                for inside in _members(member):
                    yield replace(inside, stated={**inside.stated, **member.stated})
            except UnreadableFile as error:
                yield Member(member.name, member.suffix, refusal=str(error))
        elif member.suffix in loaders():  # a picture among the documents is passed over, as in a folder
            yield member


def _told_apart(members: Iterator[Member]) -> Iterator[Member]:
    """A ZIP archive may hold two members of one name."""
    names: set[str] = set()
    for member in members:
        name, number = member.name, 1
        while name in names:
            number += 1
            name = f"{member.name}({number})"
        names.add(name)
        yield member if name == member.name else replace(member, name=name)


def _part(member: Member, known: Collection[str], on_begin: Callable[[str], None]) -> Part:
    digest = _digest(member.data)
    stated = _digest(repr(sorted(member.stated.items())).encode()) if member.stated else ""
    if member.refusal or digest + stated in known:
        return Part(member.name, digest, reason=member.refusal, stated=stated)
    on_begin(member.name)
    try:
        with _translated():
            suffix, note = suffix_to_read(member.data, member.suffix)
            document = load_as(member.data, member.name, suffix, note).stating(member.stated)
            document = replace(document, notes=(*member.notes, *document.notes))
            return Part(member.name, digest, document, stated=stated)
    except UnreadableFile as error:
        return Part(member.name, digest, reason=str(error))


@contextmanager
def _translated() -> Iterator[None]:
    """Whatever a parser trips over, the file is at fault, not the run."""
    try:
        yield
    except UnreadableFile:
        raise
    except MemoryError as error:
        raise UnreadableFile("takes more memory to read than it may; split it, or convert it to .txt") from error
    except RecursionError as error:
        raise UnreadableFile("is nested too deeply to be read; convert it to .txt") from error
    except Exception as error:
        what = f"{type(error).__name__}: {error}"[:200]
        raise UnreadableFile(f"is damaged, or of a kind its parser does not know ({what})") from error


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
