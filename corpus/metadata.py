"""Title, outlet, byline, published date and url, as far as the text itself gives them.

Reads the head of a text: the short lines before its first long paragraph. Unknown stays unknown: a date in
running text says when something happened, not when the text was published, and is not taken.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from corpus.boilerplate import furniture
from corpus.dates import MONTH, date_in_address, published_date
from corpus.document import Header, Span
from corpus.sentences import paragraphs

_HEAD_PARAGRAPHS = 16
_BODY_CHARACTERS = 160  # a paragraph this long is running text
_TITLE_CHARACTERS = 200
_URL = re.compile(r"^https?://\S+$")
_BYLINE = re.compile(r"^by(?:\s+(?P<name>[^|]*?))?(?:\s*\|.*)?$", re.IGNORECASE)
_NAME_WORD = re.compile(r"^[^\W\d_][\w.'’-]*$")
_SMALL_NAME_WORDS = re.compile(r"^(?:and|van|von|der|den|de|da|del|della|di|du|la|le|al|bin|ibn|ter|ten|staff)$")
_NAME_WORDS = range(2, 9)
_ROLE = re.compile(
    r"\b(?:editor|correspondent|writer|reporter|staff|columnist|journalist|producer|analyst|contributor|bureau|chief)\b",
    re.IGNORECASE,
)
_WHO_AND_WHEN = re.compile(r"^(?:by\s+)?(?P<who>[^,|]{3,60}?)(?:,|\s[-–—·•])\s+(?P<when>.+)$", re.IGNORECASE)
_DATELINE = re.compile(
    rf"^(?P<place>[A-Z][A-Z .'’-]+)(?:,\s*(?P<date>(?:{MONTH})\.?\s+\d{{1,2}}(?:,?\s+\d{{4}})?))?\s*"
    r"\((?P<wire>[^()]{2,40})\)\s*[-–—]",
)
_ABBREVIATED = re.compile(r"\b[A-Z]\.$")  # "the U.S." ends no sentence
_FOOT_DATE = re.compile(
    rf"\b(?:published|posted)\s+(?:on\s+)?(?P<date>(?:{MONTH})\.?\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+(?:{MONTH})\.?\s+\d{{4}})",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\b(?:photo|image|picture|illustration|graphic|getty)", re.IGNORECASE)
_COPYRIGHT = re.compile(r"©\s*(?:\d{4}\s*)?(?P<outlet>[A-Z][\w'’&-]*(?:\s+[A-Z][\w'’&-]*){0,4})")
_FIRST_APPEARED = re.compile(
    r"\b(?:first|originally) (?:appeared|published) (?:on|in|at|by) (?:the )?"
    r"(?P<outlet>[A-Z][\w'’&. -]{1,60}?)[.!]?\s*$"
)


def header_of(text: str, name: str, *, known: Header | None = None) -> tuple[Header, tuple[Span, ...]]:
    """The header of a plain text, and the spans of its head that are header rather than text.

    The title is both: a headline may be all that says a thing. What ``known`` has from the file's markup is kept.
    """
    marked = set(furniture(text))
    blocks = paragraphs(text)
    found = Header(name)
    head: list[Span] = []
    expects_name = False
    for block in blocks[:_HEAD_PARAGRAPHS]:
        line = text[block.start : block.end]
        if block in marked:
            found = replace(found, published=found.published or published_date(line))  # "20240306" has no letters
            continue
        if _is_body(line):
            found = _with_dateline(found, line)
            break
        read = _read_head_line(found, line, expects_name=expects_name)
        byline = _BYLINE.match(line)
        expects_name = byline is not None and not byline["name"] and read.byline is None
        if expects_name or (read != found and read.title == found.title):
            head.append(block)
        found = read
    for block in sorted(marked):
        found = _with_imprint(found, text[block.start : block.end])
    return _prefer(known, found) if known else found, tuple(head)


def outlet_of_address(url: str) -> str | None:
    """The host of a url, without "www": who published it, as far as an address can say."""
    host = urlsplit(url).hostname
    return host.removeprefix("www.") if host else None


def _read_head_line(found: Header, line: str, *, expects_name: bool) -> Header:
    if _URL.match(line):
        return replace(
            found,
            url=found.url or line,
            outlet=found.outlet or outlet_of_address(line),
            published=found.published or date_in_address(line),
        )
    byline = _BYLINE.match(line)
    date = next((day for part in line.split("|") if (day := published_date(part))), None)
    if date is None and (byline or found.title):
        date = date_of_byline(line)
    if date:
        found = replace(found, published=found.published or date)
    if byline and byline["name"]:
        name, outlet = _name_and_outlet(byline["name"])
        if name:
            return replace(found, byline=found.byline or name, outlet=found.outlet or outlet)
    if expects_name and _is_name(line):
        return replace(found, byline=line)
    if not date and found.title is None and _could_be_title(line) and not (byline and len(line.split()) <= 2):
        return replace(found, title=line)
    return found


def date_of_byline(line: str) -> str | None:
    """The date of "By Ann Name, 3 May 2024": one after anything but a name may be of what the line tells."""
    match = _WHO_AND_WHEN.match(line)
    return published_date(match["when"]) if match and _is_name(match["who"]) else None


def _name_and_outlet(byline: str) -> tuple[str | None, str | None]:
    """What stands after "By": "Ann Name", "Ann Name, Outlet", "Ann Name, Bo Name and Cy Name"."""
    name, _, rest = (part.strip() for part in re.sub(r"\s[-–—·•]\s", ",", byline).partition(","))
    if not _is_name(name):
        return None, None
    last_names = rest.split(",")[-1].split(" and ")
    if len(last_names) == 2 and all(_is_name(each) for each in last_names):
        return f"{name}, {rest}", None
    return name, rest if _is_name(rest) and not _ROLE.search(rest) else None


def _is_name(value: str) -> bool:
    """Two words or more that begin with capitals; "the river" and "Monday night" are none."""
    words = value.split()
    return (
        len(words) in _NAME_WORDS
        and not words[0][0].islower()
        and all(_NAME_WORD.match(word) and (not word[0].islower() or _SMALL_NAME_WORDS.match(word)) for word in words)
    )


def _with_dateline(found: Header, line: str) -> Header:
    match = _DATELINE.match(line[:_BODY_CHARACTERS])
    if match is None:
        return found
    return replace(
        found,
        outlet=found.outlet or match["wire"].strip(),
        published=found.published or (published_date(match["date"]) if match["date"] else None),
    )


def _with_imprint(found: Header, line: str) -> Header:
    """What a notice around the text says: "first appeared on …", "Published …", "© …"."""
    outlet = _FIRST_APPEARED.search(line) or (None if _PICTURE.search(line) else _COPYRIGHT.search(line))
    date = _FOOT_DATE.search(line)
    if date and ":" in line[: date.start()]:  # "Related: Minutes posted on …" dates another text
        date = None
    return replace(
        found,
        outlet=found.outlet or (outlet["outlet"].strip() if outlet else None),
        published=found.published or (published_date(date["date"]) if date else None),
    )


def _could_be_title(line: str) -> bool:
    return (
        len(line.split()) >= 2
        and len(line) <= _TITLE_CHARACTERS
        and (line[-1] not in ".;:,|" or _ABBREVIATED.search(line) is not None)
        and (line[0].isupper() or line[0].isdigit() or line[0] in "\"'“‘")
    )


def _is_body(line: str) -> bool:
    is_sentence = line[-1] in '.”"' and len(line.split()) > 8 and not _ABBREVIATED.search(line)
    return len(line) >= _BODY_CHARACTERS or is_sentence or _DATELINE.match(line) is not None


def _prefer(known: Header, found: Header) -> Header:
    return Header(
        name=known.name,
        title=known.title or found.title,
        outlet=known.outlet or found.outlet,
        byline=known.byline or found.byline,
        published=known.published or found.published,
        url=known.url or found.url,
    )
