"""Which names in the head of a text are that of its outlet, told by what the text says of itself elsewhere.

A line "Orm Lantern" may be a newspaper, a lamp or an inn. It is the outlet where the text speaks as it: "Letters to
the Lantern must carry a name", "write to newsroom@ormlantern.example", or where somebody "told the Lantern". One of
these without such a line in the head names some paper, and says nothing of whose the text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus.boilerplate.imprint import REPORTED
from corpus.dates import published_date
from corpus.outlets import (
    NAME,
    ends_like_an_outlet,
    is_in_form_a_name,
    is_named_like_an_outlet,
    is_named_like_nothing_but_a_paper,
    is_same_outlet,
)

_LINE_CHARACTERS = 120
_PARTS = re.compile(r"\s*\|\s*|\s[-–—·•]\s|\.\s(?=[Bb]y\s)")
_PLACE_OR_PAGES = re.compile(  # what stands after the name on its line
    r"(?P<name>[^,]{3,60}),\s(?:[A-Z][\w'’.-]*(?:\s[A-Z][\w'’.-]*){0,2}"
    r"|(?:[a-z]+\s)?(?:pages?|section|edition|magazine|supplement|desk|explainer))$"
)
_SERVANTS = re.compile(r"\s(?:staff|staff reporters?|staff writers?|reporters?|explainer|editorial)$")
_FROM_PAGES = re.compile(
    rf"^(?:[Ff]rom|(?P<translated>[Tt]ranslated for)) (?:the )?(?P<name>{NAME})"
    r"(?: (?:weekend|culture|science|sports|business|opinion|news)? ?(?:pages|section|desk))?"
    r"(?: from (?:the )?[A-Z][^,.]{2,60})?(?:,? by (?P<byline>[A-Z][^,|]{2,60}))?$"
)

_ADDRESS = re.compile(r"(?<![\w.-])(?:[\w.+-]{1,64}@|https?://)?(?P<host>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,4})\b")
_SIGNED_UP = re.compile(
    r"\byou (?:have )?(?:signed up|subscribed|registered) (?:at|on|via|with) (?:https?://)?"
    r"(?P<host>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,4})\b",
    re.IGNORECASE,
)
_OF_A_NEWSROOM = re.compile(
    r"\b(?:news ?room|news|desk|editors?|editorial|tips?|corrections?|letters?|rights|licen[cs]e|subscri\w+|unsubscribe"
    r"|signed up|sign up|comments?|reach (?:her|him|them|us)|write to|stor(?:y|ies)|journalis[mt]s?|reporters?"
    r"|complaints?|articles?|readers?|donate|member)\b",
    re.IGNORECASE,
)
_OF_READERS = re.compile(  # "Enjoying the Lantern? Donate at the counter"
    r"\b(?:donate|support|subscri\w+|member(?:ship)?|friend of|readers|reporting|newsletter|news ?desk|news ?room"
    r"|letters|advertis\w+|crossword|comments)\b",
    re.IGNORECASE,
)
_OF_A_HOUSE = re.compile(  # an inn has an address too, and a theatre has readers
    r"\b(?:bookings?|book (?:a|your)|to book|a table|tickets?|reserv\w+|admission|opening (?:hours|times)"
    r"|open (?:daily|from)|box office|venue|more information|further details)\b",
    re.IGNORECASE,
)

_ASKS = (
    r"(?:follow|support|donate to|give to|subscribe to|sign up (?:for|to)|get|join|advertise (?:in|with)|letters to"
    r"|tips to|write (?:to|for)|more from|also (?:on|in|from)|corrections to|download|read)"
)
_SAYS_OF_ITSELF = (
    r"(?:(?:is|was) (?:printed|published|edited|owned|funded|sold|delivered|free|made)\b"
    r"|(?:app|newsletter|website|newsroom|comment (?:rules|policy)|readers|subscribers|staff|community)\b"
    r"|comes out\b|does not share\b|adds:)"
)
_TOLD = (
    r"(?:told|tells|telling|seen by|shown to|obtained by|read by|reviewed by|heard by|interview with|letter to"
    r"|message to|mail to|covers [\w ]{2,40} for|writes (?:[\w ]{2,40} )?for|correspondent (?:for|of))"
)
_LEARNED = r"(?:has (?:seen|read|learned|learnt|heard|obtained|reviewed)|asked|understands|spoke to)\b"
_WORKS_FOR_ITSELF = (
    r"(?:\b(?:support|donate to|subscribe to|advertise (?:in|with)|letters to) (?:the )?"
    rf"(?P<asked>(?-i:{NAME})))"
    rf"|(?:^(?P<saying>(?-i:{NAME})) {_SAYS_OF_ITSELF})"
    rf"|(?:\b(?:those|views|opinions) of (?:the )?(?P<held>(?-i:{NAME})))"
    rf"|(?:\bif you (?:name|credit) (?:the )?(?P<credited>(?-i:{NAME})))"
)
_SELF = re.compile(_WORKS_FOR_ITSELF, re.IGNORECASE)
_FURTHER = re.compile(r"[’']s\b.*$")


@dataclass(frozen=True)
class Naming:
    """A name in a line of the head that may be an outlet's; ``is_alone`` where the line says nothing else.

    ``byline`` is who the same line says wrote the text; ``stands_as_owner`` where the line says whose it is: "From the
    Orm Lantern weekend pages", "Orm Lantern staff", "Orm Lantern, Ormsby".
    """

    name: str
    is_alone: bool
    byline: str | None = None
    stands_as_owner: bool = False


@dataclass(frozen=True)
class OwnVoice:
    """What a text says of itself: ``notices`` are its ``furniture`` and its foot, ``text`` is all of it.

    ``place`` is that of its dateline.
    """

    text: str
    notices: tuple[str, ...]
    place: str | None = None
    furniture: tuple[str, ...] = ()

    def is_of(self, name: str) -> bool:
        """True where the text speaks as the outlet of this name, which one of its head's lines has."""
        bare = _without_the(name)
        if not (ends_like_an_outlet(bare) or is_named_like_nothing_but_a_paper(bare)):
            # It may be a parade too, which one can join, support and write to.
            return any(_publishes(notice, bare) for notice in self.notices)
        last = bare.split()[-1].capitalize()
        hosts = [*self._hosts()]
        if any(is_same_outlet(bare, host) or _is_short_host(last, host) for host in hosts):
            return True
        return any(self._says(notice, bare) for notice in self.notices) or self._speaks_of(last)

    def is_at_its_place(self, name: str) -> bool:
        """True for the "Orm Lantern" of a text from ORM that says nothing of a lantern."""
        first, _, last = _without_the(name).rpartition(" ")
        if self.place is None or first.lower() != self.place.lower() or not is_named_like_nothing_but_a_paper(name):
            return False
        return re.search(rf"\b{re.escape(last.lower())}s?\b", self.text) is None

    def names_itself(self) -> str | None:
        """The one outlet that furniture asks to support, to follow or to credit; such a name must be a paper's."""
        found = {_without_the(name): name for notice in self.furniture for name in _asked_for(notice)}
        return next(iter(found.values())) if len(found) == 1 else None

    def list_address(self) -> str | None:
        """The host at which readers signed up for this letter."""
        found = (_SIGNED_UP.search(notice) for notice in self.furniture)
        return next((match["host"].lower().removeprefix("www.") for match in found if match), None)

    def _hosts(self) -> Iterator[str]:
        for notice in self.notices:
            if _OF_A_NEWSROOM.search(notice) and not _OF_A_HOUSE.search(notice):
                yield from (match["host"] for match in _ADDRESS.finditer(notice))

    def _says(self, notice: str, name: str) -> bool:
        whole, short = re.escape(name), re.escape(name.split()[-1].capitalize())
        of_it = rf"(?:(?:the )?(?i:{whole})|the (?-i:{short})|^(?-i:The {short}))(?![’']?\w| (?-i:[A-Z]))"
        if _OF_A_HOUSE.search(notice):
            return False
        if re.search(rf"\b{_ASKS} {of_it}|^{of_it}(?:[’']s)? {_SAYS_OF_ITSELF}", notice, re.IGNORECASE):
            return True
        own = rf"\b(?:[Tt]he {short}|{whole})(?:[’']?s)?\b(?! (?-i:[A-Z]))"
        if _OF_READERS.search(notice) and re.search(own, notice) and not REPORTED.search(notice):
            return True
        return any(is_same_outlet(each, name) for each in _own_names(notice))

    def _speaks_of(self, last: str) -> bool:
        """True where somebody told "the Lantern" something, or it has seen a letter."""
        short = re.escape(last)
        pattern = rf"\b{_TOLD} the {short}\b(?! [A-Z])|\b[Tt]he {short} {_LEARNED}"
        return re.search(pattern, self.text) is not None


def namings(line: str) -> tuple[Naming, ...]:
    """The names in a short line of the head that have the form of an outlet's, whatever else they may be."""
    if len(line) > _LINE_CHARACTERS:
        return ()
    if (match := _FROM_PAGES.match(line)) and match["name"] != line:
        writer = None if match["translated"] else match["byline"]
        return (Naming(match["name"], is_alone=False, byline=writer, stands_as_owner=True),)
    parts = [part for part in _PARTS.split(line) if part]
    found = list(_in_parts(parts))
    return tuple(
        Naming(name, is_alone=name == line, stands_as_owner=len(parts) == 1 and name != line and "," not in name)
        for name in found
    )


def _in_parts(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        name = _SERVANTS.sub("", part)
        if not is_in_form_a_name(name):
            before, comma, after = part.partition(", ")
            place = _PLACE_OR_PAGES.match(part)
            if comma and published_date(after):
                name = before
            elif place:
                name = place["name"]
        if is_in_form_a_name(name):
            yield name


def _own_names(notice: str) -> Iterator[str]:
    for match in _SELF.finditer(notice):
        yield from (_FURTHER.sub("", name) for name in match.groups() if name)


def _publishes(notice: str, name: str) -> bool:
    """What only something printed has said of it: one can subscribe to it, and credit it."""
    whole = rf"(?:the )?{re.escape(name)}(?![’']?\w| (?-i:[A-Z]))"
    return (
        re.search(
            rf"\b(?:subscribe to|if you (?:name|credit)) {whole}|^{whole} (?:is|was) (?:printed|published|edited)\b",
            notice,
            re.IGNORECASE,
        )
        is not None
    )


def _asked_for(notice: str) -> Iterator[str]:
    for name in _own_names(notice):
        if is_named_like_an_outlet(name) or is_named_like_an_outlet(f"The {name}"):
            yield name


def _is_short_host(last: str, host: str) -> bool:
    """True for "Lantern" and "lantern.example", not for "news" of "news.orm.example"."""
    return last.lower() in host.split(".")[-2:-1]


def _without_the(name: str) -> str:
    return re.sub(r"^the\s", "", name, flags=re.IGNORECASE)
