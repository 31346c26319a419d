"""Citation markers in a model's reply: understood in every form that models write, numbered by first use.

Knows keys and text. Knows nothing of passages, and not whether what is cited says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_LONGEST_GROUP = 80  # characters
_LONGEST_RANGE = 10
_LINE_LOOK_BACK = 40
_LONGEST_ASIDE = 40  # of what may become a marker in round brackets
_KEY = r"[a-z]\d[a-z]\d"
_NAMED = (
    r"(?:(?:see|cf|from|in|according to|passages?|sources?|keys?|refs?|references?|docs?|documents?)\b[\s:.#]{0,3})"
)
_AND = r"\s{0,3}(?:[,;&]|\band\b)\s{0,3}"
_MARKER = re.compile(
    r"[ \t]?(?:"
    rf"(?:\[\^?|【)(?P<group>[^\[\]【】\n]{{1,{_LONGEST_GROUP}}})[\]】]"
    rf"|\((?P<keys>{_NAMED}{{0,3}}{_KEY}(?:{_AND}{_NAMED}{{0,2}}{_KEY}){{0,9}})\)"
    rf"|\((?P<numbers>{_NAMED}{{1,3}}\d{{1,2}}(?:{_AND}{_NAMED}{{0,2}}\d{{1,2}}){{0,9}})\)"
    rf"|\b(?P<key>{_KEY})\b)(?P<colon>[ \t]?:(?=\s|$))?",
    re.IGNORECASE,
)
_KNOWN = re.compile(rf"\b{_KEY}\b", re.IGNORECASE)
_LINE_START = re.compile(r"(?:^|\n)[ \t>*•–-]{0,20}(?:\d{1,2}[.)][ \t]{0,5})?$")
_SEPARATOR = re.compile(r"[,;&]|\band\b|\s(?=\S)")
_LABEL = re.compile(
    r"^(?:(?:according to|from|in|see|cf|cite|passages?|sources?|keys?|refs?|references?|doc(?:ument)?s?)\b)?[\s:.#^]*",
    re.IGNORECASE,
)
_ITEM = re.compile(rf"^({_KEY}|\d{{1,3}})(?:[–—-]({_KEY}|\d{{1,3}}))?(?:†.*)?$", re.IGNORECASE)
_GARBLED = re.compile(r"^\d{1,3}[a-d]$", re.IGNORECASE)
# The end of a reply that the next piece may make into a marker.
_HALF_KEY = r"\b[a-z](?:\d(?:[a-z]\d?)?)?"
_UNSETTLED = re.compile(
    rf"[ \t]?(?:[\[【][^\[\]【】\n]{{0,{_LONGEST_GROUP}}}|\([\w\s,;:.&#]{{0,{_LONGEST_ASIDE}}}|(?:{_HALF_KEY})?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Marked:
    """A reply whose markers are ``[1]``, ``[2]`` by first use.

    ``sources[n - 1]`` says which of the keys marker n stands for, by its place; ``invalid`` counts what was cited
    and does not exist.
    """

    text: str
    sources: tuple[int, ...]
    invalid: int


def marked(reply: str, keys: Sequence[str], *, whole: bool = True) -> Marked:
    """Read a reply's markers. A number means the passage at that place; what means nothing is dropped.

    Where the reply is not ``whole`` yet, what may become a marker is held back at its end.
    """
    return _Reading(keys).of(reply if whole else _settled(reply))


def _settled(reply: str) -> str:
    tail = reply[-2 * _LONGEST_GROUP :]
    found = _UNSETTLED.search(tail)
    return reply[: len(reply) - len(tail) + found.start()] if found else reply


class _Reading:
    def __init__(self, keys: Sequence[str]) -> None:
        self._places = {key.casefold(): place for place, key in enumerate(keys)}
        self._markers: dict[int, int] = {}
        self._invalid = 0

    def of(self, reply: str) -> Marked:
        text = _MARKER.sub(self._numbered, reply).strip()
        return Marked(text, tuple(self._markers), self._invalid)

    def _numbered(self, match: re.Match[str]) -> str:
        if match["key"] and match["key"].casefold() not in self._places:
            return match[0]  # some word of that shape
        places = self._cited(match["group"] or match["keys"] or match["numbers"] or match["key"])
        if places is None:
            return match[0]
        # "[k3f9]: It opened." says no more than "[k3f9] It opened."
        before = match.string[max(0, match.start() - _LINE_LOOK_BACK) : match.start() + match[0][0].isspace()]
        colon = "" if _LINE_START.search(before) else match["colon"] or ""
        self._invalid += places.count(None)
        known = dict.fromkeys(place for place in places if place is not None)
        numbers = [self._markers.setdefault(place, len(self._markers) + 1) for place in known]
        before = match.string[match.start() - 1 : match.start()]
        apart = match[0][0] in " \t" or (before and not before.isspace() and before not in "]】")
        return " " * bool(apart and numbers) + "".join(f"[{number}]" for number in numbers) + colon

    def _cited(self, inside: str) -> list[int | None] | None:
        """The places that the inside of a marker names, None for each that does not exist; None for no marker."""
        inside = unicodedata.normalize("NFKC", inside).strip()
        if "".join(inside.split()).casefold() in self._places:  # "k3 f9"
            inside = "".join(inside.split())
        written = inside
        inside = _LABEL.sub("", inside, count=1)
        inside = re.sub(r"\s*([–—-])\s*", r"\1", inside.partition("†")[0])
        items = [_LABEL.sub("", item.strip(), count=1) for item in _SEPARATOR.split(inside) if item.strip()]
        places: list[int | None] = []
        for item in items:
            if found := _ITEM.match(item):
                places += self._between(self._place(found[1]), self._place(found[2] or found[1]))
            elif _GARBLED.match(item):
                places.append(None)
            else:  # "[k3f9, Vale Gazette]": whatever stands beside a key, the key is not shown
                return [
                    self._places[key] for key in map(str.casefold, _KNOWN.findall(written)) if key in self._places
                ] or None
        return places or None

    def _place(self, item: str) -> int | None:
        """Where a key or a number points to; below zero and past the end where a number points to nothing."""
        return int(item) - 1 if item.isdigit() else self._places.get(item.casefold())

    def _between(self, first: int | None, last: int | None) -> list[int | None]:
        if first is None or last is None:
            return [first, last] if first != last else [first]
        wanted = range(first, min(last, first + _LONGEST_RANGE - 1) + 1)
        return [place if 0 <= place < len(self._places) else None for place in wanted] or [None]
