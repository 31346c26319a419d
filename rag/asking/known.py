"""What the archive knows that a question may name: its time, its outlets and authors, and who is quoted in it.

A value read from a snapshot, each part when it is first needed and once for each state of the archive. Names are
compared without case, diacritics, apostrophes and "the". Knows no question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from corpus.dates import Days, first_day, last_day
from corpus.document import Span
from corpus.speech.names import is_titled, untitled
from vectorstore.kept import Kept
from vectorstore.snapshot import Snapshot

Kind = Literal["outlet", "author", "voice", "speaker"]

_WORD = re.compile(r"&|\w+(?:[.'’&-]\w+)*['’]?")
_APOSTROPHES = str.maketrans("", "", "'’`´")
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)
_AMONG = re.compile(r"\s*(?:,|;|\||/|\band\b|&|\bwith\b)\s*")
_HOST = re.compile(r"(?:\w[\w-]*\.)+[a-z]{2,}", re.IGNORECASE)
_PERSON_WORDS = range(2, 5)
_MOST_WORDS = 8


@dataclass(frozen=True)
class Parts:
    """What has to be known of an archive to understand a question."""

    times: bool
    sources: bool
    speakers: bool


@dataclass(frozen=True)
class Name:
    """``value`` as the archive has it; ``whole`` is False for a part that stands for it, as "Orm" for "Ada Orm"."""

    kind: Kind
    value: str
    whole: bool = True


@dataclass(frozen=True)
class Word:
    """A word of a text at ``span``, folded; ``owner`` is the same without a possessive "s"."""

    folded: str
    owner: str
    span: Span
    is_capital: bool


@dataclass(frozen=True)
class Known:
    """``covered`` is from the first to the last day of publication; ``sources`` and ``speakers`` give by folded words
    the names that they may mean. ``longest`` is how many words a name has at most."""

    covered: Days | None = None
    sources: Mapping[tuple[str, ...], tuple[Name, ...]] = field(default_factory=dict)
    speakers: Mapping[tuple[str, ...], tuple[Name, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        covered: Days | None = None,
        *,
        outlets: Iterable[str] = (),
        bylines: Iterable[str] = (),
        voices: Iterable[str] = (),
        speakers: Iterable[str] = (),
    ) -> Known:
        """``voices`` are sources of republished articles, ``speakers`` those of quotations, as they are written."""
        return cls(covered, _sources(outlets, bylines, voices), _speakers(speakers))


class Memory:
    """Reads what is known, and remembers it for as long as the archive stays as it is."""

    def __init__(self) -> None:
        self._covered = Kept(_covered)
        self._sources = Kept(lambda snapshot: _sources(*snapshot.sources()))
        self._speakers = Kept(lambda snapshot: _speakers(snapshot.speakers()))

    def known(self, snapshot: Snapshot, parts: Parts) -> Known:
        """The parts asked for; the others are empty."""
        return Known(
            self._covered.at(snapshot) if parts.times else None,
            self._sources.at(snapshot) if parts.sources else {},
            self._speakers.at(snapshot) if parts.speakers else {},
        )


def fold(text: str) -> str:
    """Without case, diacritics and apostrophes."""
    if text.isascii():
        return text.replace("'", "").replace("`", "").lower()
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[Word]:
    found = []
    for match in _WORD.finditer(text):
        owner = _POSSESSIVE.sub("", match.group())
        found.append(Word(fold(match.group()), fold(owner), Span(*match.span()), match.group()[0].isupper()))
    return found


def named(
    text: str, among: Mapping[tuple[str, ...], tuple[Name, ...]]
) -> Iterator[tuple[Span, tuple[Name, ...], bool]]:
    """Where ``text`` has names that are known, the longest first: its span without a possessive ending, the names
    that it may mean, and whether each of its words that the archive writes with a capital has one here."""
    said, at = words(text), 0
    while at < len(said):
        for count in range(min(_MOST_WORDS, len(said) - at), 0, -1):
            here = said[at : at + count]
            key = tuple(word.folded for word in here)
            owned = (*key[:-1], here[-1].owner)
            run = ("".join(owned),)  # a host is written without blanks
            found = among.get(key) or among.get(owned) or (among.get(run) if count > 1 else None)
            if found:
                end = here[-1].span.end
                if key not in among and here[-1].owner != here[-1].folded:
                    end -= len(_POSSESSIVE.search(text[here[-1].span.start : end]).group())  # type: ignore[union-attr]
                yield Span(here[0].span.start, end), found, here[0].is_capital
                at += count - 1
                break
        at += 1


def _covered(snapshot: Snapshot) -> Days | None:
    first, last = snapshot.coverage()
    return Days(first_day(first), last_day(last)) if first and last else None


def _sources(
    outlets: Iterable[str], bylines: Iterable[str], voices: Iterable[str]
) -> dict[tuple[str, ...], tuple[Name, ...]]:
    found: dict[tuple[str, ...], dict[Name, None]] = {}

    def add(key: tuple[str, ...], name: Name) -> None:
        key = key[1:] if len(key) > 1 and key[0] == "the" else key
        if key and len(key) <= _MOST_WORDS and Name(name.kind, name.value) not in found.get(key, {}):
            found.setdefault(key, {})[name] = None

    for kind, values in (("outlet", outlets), ("voice", voices)):
        for value in values:
            key = tuple(word.folded for word in words(value))
            add(key, Name(kind, value))  # type: ignore[arg-type]
            add(key[-1:], Name(kind, value, whole=False))  # type: ignore[arg-type]
            if _HOST.fullmatch(value):
                label = max(value.lower().split(".")[:-1], key=len)
                add((label,), Name(kind, value, whole=False))  # type: ignore[arg-type]
    for byline in bylines:
        for person in _AMONG.split(byline):
            key = tuple(word.folded for word in words(person))
            if len(key) in _PERSON_WORDS:
                add(key, Name("author", byline))
                add(key[-1:], Name("author", byline, whole=False))
    return {key: tuple(names) for key, names in found.items()}


def _speakers(written: Iterable[str]) -> dict[tuple[str, ...], tuple[Name, ...]]:
    """By full name and by surname; a surname alone in the archive is anybody of that name where there is only one."""
    found: dict[tuple[str, ...], dict[Name, None]] = {}
    full: dict[tuple[str, ...], set[tuple[str, ...]]] = {}  # by surname
    for value in written:
        key = _key_of_speaker(value)
        if not key or len(key) > _MOST_WORDS:
            continue
        found.setdefault(key, {})[Name("speaker", value)] = None
        if len(key) > 1 and value[0].isupper():
            found.setdefault(key[-1:], {})[Name("speaker", value, whole=False)] = None
            full.setdefault(key[-1:], set()).add(key)
    for surname, keys in full.items():
        alone = [name for name in found[surname] if name.whole]
        for key in keys if len(keys) == 1 else ():
            found[key].update(dict.fromkeys(alone))
    return {key: tuple(names) for key, names in found.items()}


def _key_of_speaker(value: str) -> tuple[str, ...]:
    """The words of a name without its title, or of a role without "the"; "an official" may be anybody."""
    bare = untitled(value)
    key = tuple(word.folded for word in words(bare))
    if not key or key[0] in ("a", "an", "one", "another"):
        return ()
    if key[0] == "the" or (len(key) == 2 and is_titled(bare, Span(0, len(bare)))):  # "Mr Orm" kept its title
        return key[1:]
    return key
