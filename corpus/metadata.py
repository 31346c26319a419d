"""Title, outlet, byline, published date and url, as far as the text itself gives them.

Reads the head of a text, the short lines before its first long paragraph, and the notices around it. Unknown
stays unknown: a date in running text says when something happened, not when the text was published, and is not
taken; a date without a year gets one only from another date in the head or the url.

Each field says where it was read, in one of these words:

    first line         the headline, the first line of the head that can be one
    labelled line      "Title: …", "Author: …", "Source: …"
    line of its own    a date or the name of an outlet, alone or beside others like it
    byline             "By …", and what stands in that line
    dateline           "PORT ORM, March 3 (Valley Wire) —", before the first sentence
    url in the head    an address, alone on its line
    address            the date or the host that an address has in it, or at which readers signed up
    after the title    the outlet in "Headline | Outlet", where something else names it too
    imprint            "© …", "First published in …", "Support the …", before or after the text

What is told of names is their form: "The Vale Gazette" is named as newspapers are, and that is all that is known. A
name that other things have too, "Vale Lantern", wants a text that speaks as that paper: see masthead.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise

from corpus.dates import MONTH, date_in_address, published_date, written_date
from corpus.document import Field, Span
from corpus.masthead import OwnVoice, namings
from corpus.outlets import (
    NAME,
    could_own_rights,
    ends_like_an_outlet,
    is_label_of_news,
    is_named_like_an_outlet,
    is_named_like_nothing_but_a_paper,
    is_same_outlet,
    letters,
    outlet_alone,
    outlet_of_address,
    parts_of_address,
    title_and_outlet,
)
from corpus.sentences import paragraphs

ADDRESS = "address"
_BESIDE_ADDRESS = ("dateline", "imprint")  # an outlet read there may be another than that of the page

_HEAD_PARAGRAPHS = 16
_FOOT_PARAGRAPHS = 6
_SENTENCE_ENDS = '.!?…”"'
_BODY_CHARACTERS = 160  # a paragraph this long is running text
_NOTICE_CHARACTERS = 700
_FOOT_CHARACTERS = 300
_TITLE_CHARACTERS = 200
_HEADLINE_CHARACTERS = 100
_WORDS_OF_HEADLINE = 4
_SECTION = re.compile(r"^[A-Z]\w+ (?:&|and) [A-Z]\w+$")  # under a masthead: "Business & Harbour"

_EMPHASIZED = re.compile(r"^(?:#{1,3}[ \t]+)?(?P<sign>[*_]{0,3})(?P<words>[^\s#*_][^*_]*)(?P=sign)$")
_URL = re.compile(r"^<?(https?://[^\s<>]+)>?$", re.IGNORECASE)
_NO_ARTICLE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|avif|mp[34]|m4[av]|webm|mov|css|js)$", re.IGNORECASE)
_LABELLED = re.compile(r"^(?P<label>[A-Za-z][A-Za-z ]{1,20}?)\s?:\s+(?P<value>\S.*)$")
_LABELS = {
    "title": "title headline subject",
    "byline": "author authors byline writer reporter correspondent",
    "outlet": "outlet publication publisher newspaper magazine source site website",
    "url": "url link address permalink source website",
}
_NO_TITLE = re.compile(
    r"^(?:from|to|cc|sent|date|reply-to|topic|tags?|category|section|source|author|published|updated|posted)\s?:"
    r"|^(?:press|media|news) release$|^(?:for|not for) (?:immediate )?release\b",
    re.IGNORECASE,
)

_BYLINE = re.compile(
    r"^(?:(?:written|words|story|text|reported|report|analysis|opinion|comment|essay|interview)\s)?by(?::|(?=\s|$))\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_BY_AFTER = re.compile(r"\.\s[Bb]y\s(?P<rest>.+)$")
_BETWEEN = re.compile(r"\s*\|\s*|\s[-–—·•]\s")
_NAME_WORD = re.compile(r"^[^\W\d_][\w.'’-]*$")
_SMALL_NAME_WORDS = re.compile(r"^(?:and|van|von|der|den|de|da|del|della|di|du|la|le|al|bin|ibn|ter|ten|staff)$")
_NAME_WORDS = range(2, 9)
_AFTER_NAME = re.compile(r"\s(?:in|for|of|at|with)\s(?:(?-i:the)\s(?=[A-Z]))?|\s\(", re.IGNORECASE)
_SPECIAL = re.compile(r"^special (?:to|for) (?:(?-i:the) )?", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:editor|correspondent|writer|reporter|staff|columnist|journalist|producer|analyst|contributor|bureau|chief)\b",
    re.IGNORECASE,
)
_WHO_AND_WHEN = re.compile(r"^(?:by\s+)?(?P<who>[^,|]{3,60}?)(?:,|\s[-–—·•|])\s+(?P<when>.+)$", re.IGNORECASE)

_SIGNED = re.compile(rf"^(?P<who>[^,|]{{3,80}}), (?P<outlet>{NAME})(?:, (?P<when>[^|]{{6,60}}))?$")

_PLACE = r"(?P<place>[^\W\d_](?:[^\W\d_]|[ .'’/-]){1,50})(?:,\s[A-Z][\w.]*(?:\s[A-Z][\w.]*)?){0,2}?"
_DAY = rf"(?:(?:{MONTH})\.?\s+\d{{1,2}}|\d{{1,2}}\s+(?:{MONTH})\.?)(?!\d)"
_DATELINE = re.compile(
    rf"^{_PLACE}(?:,\s*(?P<day>{_DAY})(?:,?\s+(?P<year>\d{{4}}))?)?\s*"
    r"(?:\((?P<wire>[^()]{2,40})\)\s*)?(?:--|[-–—])"
)
_ABBREVIATED = re.compile(r"\b[A-Z]\.$")  # "the U.S." ends no sentence

_WRITTEN_DAY = rf"(?:(?:{MONTH})\.?\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+(?:{MONTH})\.?,?\s+\d{{4}})"
_FOOT_DATE = re.compile(rf"\b(?:published|posted)\s+(?:on\s+)?(?P<date>{_WRITTEN_DAY})", re.IGNORECASE)
_IMPRINT = re.compile(
    r"^(?:©|copyright\b|\(c\)|published\b|(?:this \w+ )?(?:was )?(?:first|originally) )", re.IGNORECASE
)
_PICTURE = re.compile(r"\b(?:photo|image|picture|illustration|graphic|getty)", re.IGNORECASE)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|\bcopyright\b)\s*(?:©\s*|\(c\)\s*)?(?P<years>\d{4}(?:\s?[-–]\s?\d{4})?)?,?\s*(?:by\s+)?"
    rf"(?P<outlet>(?-i:{NAME}))?",
    re.IGNORECASE,
)
_NOT_IN_NAME = re.compile(r"\s*(?:\ball rights\b.*|,?\s(?:LLC|Inc|Ltd|GmbH|plc|Co)\b.*)$", re.IGNORECASE)
_FIRST_APPEARED = re.compile(
    r"\b(?i:first|originally) (?:appeared|published|ran) (?:on|in|at|by|with) (?:the )?"
    rf"(?P<outlet>{NAME})"
    rf"(?:,? (?:on )?(?P<date>(?i:{_WRITTEN_DAY})))?(?:[.!,;)]|\s*$| on | under | and (?:is|was|has) )"
)


class _Rank(IntEnum):
    """How soon a claim is believed."""

    LABELLED = 0
    WRITTEN = 1  # in the head, for the reader to see
    NOTED = 2  # after the title, or at the foot: "Published …"
    OWNED = 3  # "© …"
    ADDRESSED = 4  # in a url
    HINTED = 5  # the wire of a dateline, the year of a copyright
    ELSEWHERE = 6  # of the text's first appearance


@dataclass(frozen=True)
class _Claim:
    """What one place says of one field."""

    field: str
    value: str
    origin: str
    rank: _Rank = _Rank.WRITTEN


@dataclass(frozen=True)
class _Masthead:
    """A line of the head with the ``name`` of what may be the text's outlet, and what else it says.

    ``is_sure`` where the text speaks as that outlet elsewhere.
    """

    block: Span
    line: str
    name: str
    is_sure: bool
    opens_text: bool
    stands_as_owner: bool = False
    claims: tuple[_Claim, ...] = ()


@dataclass(frozen=True)
class _Dateline:
    day: str | None
    year: str | None
    wire: str | None


def read_head(text: str, marked: Collection[Span]) -> tuple[dict[str, Field], tuple[Span, ...]]:
    """The fields of the header that a text gives, and the spans of its head that are header rather than text.

    The title is both: a headline may be all that says a thing. ``marked`` are the text's paragraphs that are furniture.
    """
    blocks = paragraphs(text)
    lines = {block: _bare(text[block.start : block.end]) for block in blocks[:_HEAD_PARAGRAPHS]}
    notices = {block: text[block.start : min(block.end, block.start + _NOTICE_CHARACTERS)] for block in marked}
    following = {block: lines[after] for block, after in pairwise(lines)}
    body = next((block for block, line in lines.items() if block not in marked and _is_body(line)), None)
    voice = OwnVoice(
        text,
        notices=(*notices.values(), *_short_lines_after(body, text, blocks[-_FOOT_PARAGRAPHS:])),
        place=_place(lines[body]) if body else None,
        furniture=tuple(notices.values()),
    )
    claims: list[_Claim] = []
    head: list[Span] = []
    mastheads: list[_Masthead] = []
    dateline = None
    expects_name = False
    for block, line in lines.items():
        if block in marked:
            claims += _of_marked_line(line)
            continue
        titled = any(claim.field == "title" for claim in claims)
        if not titled and following.get(block) and _BYLINE.match(following[block]) and _is_signed_headline(line):
            claims.append(_Claim("title", line, "first line"))
            continue
        if _is_body(line):
            dateline = _dateline(line)
            break
        masthead = _masthead(block, line, voice, titled=titled)
        if masthead:
            mastheads.append(masthead)
            claims += masthead.claims
            continue
        read = list(_of_line(line, titled=titled or bool(mastheads), expects_name=expects_name))
        byline = _BYLINE.match(line)
        expects_name = byline is not None and not byline["rest"].partition("|")[0].strip()
        is_section = mastheads and _SECTION.match(line) and _could_be_title(following.get(block, "") or "-")
        if not read and not expects_name and not titled and not is_section and _could_be_title(line):
            read = [_Claim("title", line, "first line")]
        elif expects_name or (read and not any(claim.field == "title" for claim in read)):
            head.append(block)
        claims += read
    claims, own = _with_masthead(claims, mastheads)
    head += own
    writer = _first(claims, "byline")
    for block in sorted({*marked, *_unmarked_notices(text, blocks)}):
        claims += _of_notice(text[block.start : min(block.end, block.start + _NOTICE_CHARACTERS)], writer)
    if asked_for := voice.names_itself():
        claims.append(_Claim("outlet", asked_for, "imprint", rank=_Rank.OWNED))
    elif host := voice.list_address():
        claims.append(_Claim("outlet", host, ADDRESS, rank=_Rank.ADDRESSED))
    return _settled(claims, dateline), tuple(sorted(head))


def _masthead(block: Span, line: str, voice: OwnVoice, *, titled: bool) -> _Masthead | None:
    """What a line of the head says that has the name of the text's outlet, or may have it."""
    if name := outlet_alone(line):
        return _Masthead(block, line, name, is_sure=voice.is_of(name), opens_text=not titled)
    is_byline = _BYLINE.match(line) is not None
    for naming in namings(line):
        if is_byline and line.startswith(naming.name):
            continue
        is_sure = voice.is_of(naming.name)
        is_paper = is_named_like_an_outlet(naming.name) and naming.stands_as_owner and not is_byline
        dated = [] if titled else [day for part in line.split("|") if (day := _date_beside(part, naming.name))]
        opens = not titled and is_named_like_nothing_but_a_paper(naming.name)
        if is_sure or is_paper or (opens and (dated or (naming.is_alone and voice.is_at_its_place(naming.name)))):
            further = [*_of_line(line, titled=True, expects_name=False)]
            claims = [claim for claim in further if claim.field != "outlet"]
            if not any(claim.field == "published" for claim in claims):
                claims += [_Claim("published", day, "line of its own") for day in dated[:1]]
            if naming.byline and _is_name(naming.byline):
                claims.append(_Claim("byline", naming.byline, "byline"))
            if not titled and _holds_headline(line, naming.name):
                claims.append(_Claim("title", line, "first line"))
            if not is_byline and (byline := _BY_AFTER.search(line)):
                claims += _of_byline(byline["rest"])
            return _Masthead(
                block,
                line,
                naming.name,
                is_sure=is_sure,
                opens_text=not titled,
                stands_as_owner=naming.stands_as_owner,
                claims=tuple(claims),
            )
    return None


def _with_masthead(claims: list[_Claim], mastheads: Sequence[_Masthead]) -> tuple[list[_Claim], list[Span]]:
    """The claims with the outlet of the head's masthead, and the spans that are nothing but header by it.

    Of two names the one is it that the text speaks as. A text has a title before it has a masthead: where nothing
    else can be the title, such a line is.
    """
    sure = [each for each in mastheads if each.is_sure]
    names = {letters(each.name): each.name for each in sure or mastheads}
    opens = mastheads and mastheads[0].opens_text and mastheads[0].line.isupper()
    is_header = (
        bool(sure)
        or opens
        or any(each.stands_as_owner for each in mastheads)
        or any(claim.field in ("published", "byline", "url") for claim in claims)
    )
    has_title = any(claim.field == "title" for claim in claims)
    if is_header and has_title and len(names) == 1:
        name = next(iter(names.values()))
        return [*claims, _Claim("outlet", name, "line of its own")], [each.block for each in mastheads]
    if sure and not has_title and len(names) == 1:
        return [*claims, _Claim("outlet", sure[0].name, "line of its own")], [each.block for each in mastheads]
    if mastheads and not has_title:
        claims = [*claims, _Claim("title", mastheads[0].line, "first line")]
    return claims, []


def _bare(line: str) -> str:
    """A line of Markdown without the signs of a heading or of emphasis around all of it."""
    match = _EMPHASIZED.match(line)
    return match["words"] if match else line


def _short_lines_after(body: Span | None, text: str, blocks: Sequence[Span]) -> Iterator[str]:
    """What stands under the text; without running text all is head."""
    foot = (block for block in blocks if body and block.start > body.start and len(block) < _FOOT_CHARACTERS)
    return (text[block.start : block.end] for block in foot)


def _place(line: str) -> str | None:
    """The place of a dateline, whatever else it has: "PORT ORM" of "PORT ORM — Nobody knew"."""
    match = _DATELINE.match(line[:_BODY_CHARACTERS])
    return match["place"].strip() if match and match["place"].isupper() else None


def with_address(fields: Mapping[str, Field]) -> dict[str, Field]:
    """The same with what they tell of each other: a title goes without the outlet that stands after it.

    Of the url, the last resort, its date and its host for the outlet.
    """
    told = {}
    if "title" in fields and "outlet" in fields:
        title = fields["title"]
        told["title"] = Field(title_and_outlet(title.value, [fields["outlet"].value])[0], title.origin)
    if "url" not in fields:
        return {**fields, **told}
    url, outlet = fields["url"].value, fields.get("outlet")
    if "published" not in fields and (date := date_in_address(url)):
        told["published"] = Field(date, ADDRESS)
    host = outlet_of_address(url)
    is_doubtful = outlet and outlet.origin in _BESIDE_ADDRESS and not is_same_outlet(outlet.value, host or "")
    if host and (outlet is None or is_doubtful):
        told["outlet"] = Field(host, ADDRESS)
    return {**fields, **told}


def _unmarked_notices(text: str, blocks: Sequence[Span]) -> Iterator[Span]:
    """Notices at the foot, right under running text: under a headline of another text they are about that one."""
    for before, block in pairwise(blocks[-_FOOT_PARAGRAPHS - 1 :]):
        is_short = len(block) < _BODY_CHARACTERS and len(before) > len(block)
        if is_short and text[before.end - 1] in _SENTENCE_ENDS and _IMPRINT.match(text[block.start : block.end]):
            yield block


def date_of_byline(line: str) -> str | None:
    """The date of "By Ann Name, 3 May 2024": one after anything but a name may be of what the line tells."""
    match = _WHO_AND_WHEN.match(line)
    return published_date(match["when"]) if match and _is_name(match["who"]) else None


def _holds_headline(line: str, name: str) -> bool:
    """True for "Orm Lantern | Mill burns for three days"; a slogan after the name begins small."""
    rest = line.partition(" | ")[2]
    return (
        line.startswith(name)
        and len(rest.split()) >= _WORDS_OF_HEADLINE
        and not published_date(rest)
        and _could_be_title(rest)
    )


def _date_beside(part: str, name: str) -> str | None:
    """The date that stands beside ``name`` in a part of a line."""
    return published_date(part.strip().removeprefix(name).lstrip(" ,"))


def _of_line(line: str, *, titled: bool, expects_name: bool) -> Iterator[_Claim]:
    """What a line of the head says, unless it is the headline."""
    if url := _URL.match(line):
        yield from _of_url(url[1], "url in the head")
        return
    if labelled := _LABELLED.match(line):
        claims = [*_of_label(labelled["label"].lower(), labelled["value"])]
        if claims:
            yield from claims
            return
    when, by, who = line.rpartition(" by ")
    if by and (date := published_date(when)) and _is_name(who):
        yield _Claim("published", date, "byline")
        yield _Claim("byline", who, "byline")
        return
    if byline := _BYLINE.match(line):
        claims = [*_of_byline(byline["rest"])]
        yield from claims
        if claims:
            return
    elif expects_name and _is_name(line):
        yield _Claim("byline", line, "byline")
        return
    if titled and (signed := _SIGNED.match(line)) and is_named_like_an_outlet(signed["outlet"]):
        names = re.split(r"\sand\s|,\s", signed["who"])
        day = published_date(signed["when"]) if signed["when"] else None
        if all(map(_is_name, names)) and (day or not signed["when"]):
            yield _Claim("byline", signed["who"], "byline")
            yield _Claim("outlet", signed["outlet"], "byline")
            if day:
                yield _Claim("published", day, "byline")
            return
    parts = [part for part in line.split("|") if part.strip()]
    dates = [day for part in parts if (day := published_date(part))]
    if not dates and titled and (day := date_of_byline(line)):
        dates = [day]
        parts = [line.partition(",")[0]]
    if dates:
        yield _Claim("published", dates[0], "line of its own")
        for name in filter(None, map(outlet_alone, parts)):
            yield _Claim("outlet", name, "line of its own")


def _of_url(url: str, origin: str) -> Iterator[_Claim]:
    parts = parts_of_address(url)
    if parts is None or not parts.hostname or _NO_ARTICLE.search(parts.path):
        return
    if parts.path.strip("/") or parts.query:  # what is left is the front page of a site
        yield _Claim("url", url, origin)
    if date := date_in_address(url):
        yield _Claim("published", date, ADDRESS, rank=_Rank.ADDRESSED)
    yield _Claim("outlet", parts.hostname.removeprefix("www."), ADDRESS, rank=_Rank.ADDRESSED)


def _of_label(label: str, value: str) -> Iterator[_Claim]:
    if url := _URL.match(value):
        if label in _LABELS["url"].split():
            yield from _of_url(url[1], "url in the head")
    elif label in _LABELS["title"].split():
        yield _Claim("title", value, "labelled line", rank=_Rank.LABELLED)
    elif label in _LABELS["byline"].split():
        if _is_name(value):
            yield _Claim("byline", value, "labelled line")
    elif label in _LABELS["outlet"].split() and (
        is_named_like_an_outlet(value) or (label not in ("source", "site", "website") and len(value) < 60)
    ):
        yield _Claim("outlet", value, "labelled line")


def _of_byline(rest: str) -> Iterator[_Claim]:
    """What stands after "By": "Ann Name | 3 May 2024", "Ann Name, Vale Gazette", "Ann Name, Bo Name and Cy Name"."""
    parts = [part for part in _BETWEEN.split(rest) if part]
    if not parts:
        return
    who, date = _without_date(parts[0])
    name, outlet = _name_and_outlet(who)
    if name is None and not date and not any(map(published_date, parts[1:])):
        return
    if name:
        yield _Claim("byline", name, "byline")
    dates = [date, *map(published_date, parts[1:])]
    if found := next(filter(None, dates), None):
        yield _Claim("published", found, "byline")
    outlets = [outlet, *(part for part in parts[1:] if ends_like_an_outlet(part))]
    if place := next(filter(None, outlets), None):
        yield _Claim("outlet", place, "byline")


def _without_date(who: str) -> tuple[str, str | None]:
    """Such as "Ann Name, March 3, 2024" without its date, and that date."""
    parts = who.split(",")
    for count in range(1, len(parts)):
        if date := published_date(",".join(parts[count:])):
            return ",".join(parts[:count]), date
    return who, None


def _name_and_outlet(who: str) -> tuple[str | None, str | None]:
    """The names that a byline begins with, and an outlet after them; a place or a role is no outlet."""
    name, _, rest = (part.strip() for part in who.partition(","))
    if not _is_name(name):
        name, *further = _AFTER_NAME.split(name, maxsplit=1)
        if not _is_name(name):
            return None, None
        rest = further[0].strip(" )") if further and not rest else rest
    last_names = rest.split(",")[-1].split(" and ")
    if len(last_names) == 2 and all(_is_name(each) for each in last_names):
        return f"{name}, {rest}", None
    for part in (_SPECIAL.sub("", part.strip()) for part in rest.split(",")):
        if ends_like_an_outlet(part) and not _ROLE.search(part):
            return name, part
    return name, name if is_named_like_an_outlet(name) else None


def _is_name(value: str) -> bool:
    """Two words or more that begin with capitals; "the river" and "Monday night" are none."""
    words = value.split()
    return (
        len(words) in _NAME_WORDS
        and not words[0][0].islower()
        and all(_NAME_WORD.match(word) and (not word[0].islower() or _SMALL_NAME_WORDS.match(word)) for word in words)
    )


def _dateline(line: str) -> _Dateline | None:
    """What stands before the first sentence: "PORT ORM, March 3 (Valley Wire) —"."""
    match = _DATELINE.match(line[:_BODY_CHARACTERS])
    if match is None:
        return None
    place, day, wire = match["place"].strip(), match["day"], match["wire"]
    if wire and (not re.fullmatch(NAME, wire.strip()) or re.match(rf"(?:{MONTH})\b", wire.strip())):
        wire = None
    # "MILL BURNS - THREE HURT" has neither day nor wire; a place in small letters wants both.
    is_dateline = (day or wire) if place == place.upper() else (day and wire)
    return _Dateline(day, match["year"], wire.strip() if wire else None) if is_dateline else None


def _of_marked_line(line: str) -> Iterator[_Claim]:
    """What furniture of the head says: "20240306", "Source: …", and the year of "© 2024 Vale Gazette"."""
    if len(line) >= _BODY_CHARACTERS:
        return
    if url := _URL.match(line):
        yield from _of_url(url[1], "url in the head")
    if labelled := _LABELLED.match(line):
        yield from _of_label(labelled["label"].lower(), labelled["value"])
    if date := published_date(line):
        yield _Claim("published", date, "line of its own")
    rights = _COPYRIGHT.search(line)
    if rights and len(rights["years"] or "") == 4 and not _PICTURE.search(line):
        yield _Claim("published", rights["years"], "imprint", rank=_Rank.HINTED)


def _of_notice(line: str, writer: str | None) -> Iterator[_Claim]:
    """What a notice around the text says: "First appeared in …", "Published …", "© …".

    The year of a copyright at the foot is not taken: it is that of the site's template.
    """
    if appeared := _FIRST_APPEARED.search(line):
        # Where the text is known to be published elsewhere this is about another publication of it.
        yield _Claim("outlet", appeared["outlet"], "imprint", rank=_Rank.ELSEWHERE)
        if appeared["date"] and (date := written_date(appeared["date"])):
            yield _Claim("published", date, "imprint", rank=_Rank.ELSEWHERE)
        return
    rights = None if _PICTURE.search(line) else _COPYRIGHT.search(line)
    if rights and rights["outlet"]:
        name = _NOT_IN_NAME.sub("", rights["outlet"])
        if could_own_rights(name) and not (writer and letters(name) in letters(writer)):
            yield _Claim("outlet", name, "imprint", rank=_Rank.OWNED)
    shown = _FOOT_DATE.search(line)
    # "Related: Minutes posted on …" dates another text.
    if shown and ":" not in line[: shown.start()] and (date := written_date(shown["date"])):
        yield _Claim("published", date, "imprint", rank=_Rank.NOTED)


def _settled(claims: list[_Claim], dateline: _Dateline | None) -> dict[str, Field]:
    if dateline and dateline.wire:
        claims = [*claims, _Claim("outlet", dateline.wire, "dateline", rank=_Rank.HINTED)]
    claims = sorted(claims, key=lambda claim: claim.rank)  # stable: of equals the first in the text
    of: dict[str, list[_Claim]] = {field: [] for field in ("title", "outlet", "byline", "published", "url")}
    for claim in claims:
        of[claim.field].append(claim)
    best = {field: given[0] for field, given in of.items() if given and field not in ("outlet", "published")}
    if title := best.get("title"):
        bare, outlet = title_and_outlet(title.value, [each.value for each in of["outlet"]])
        best["title"] = replace(title, value=bare)
        if outlet:
            of["outlet"].append(_Claim("outlet", outlet, "after the title", rank=_Rank.NOTED))
    if publisher := _publisher(of["outlet"]):
        best["outlet"] = publisher
        if publisher.rank != _Rank.ELSEWHERE:
            of["published"] = [claim for claim in of["published"] if claim.rank != _Rank.ELSEWHERE]
    fields = {field: Field(claim.value, claim.origin) for field, claim in best.items()}
    published = _published(of["published"], dateline)
    return fields | {"published": published} if published else fields


def _publisher(outlets: list[_Claim]) -> _Claim | None:
    """The best of these; one that owns the rights and is not at the text's address may only have sold it."""
    host = next((claim.value for claim in outlets if claim.rank == _Rank.ADDRESSED), None)
    for claim in sorted(outlets, key=lambda claim: claim.rank):
        if claim.rank != _Rank.OWNED or host is None or is_same_outlet(claim.value, host):
            return claim
    return None


def _published(dates: list[_Claim], dateline: _Dateline | None) -> Field | None:
    """The first of these, best first, at the precision that any other which agrees with it knows."""
    found = Field(dates[0].value, dates[0].origin) if dates else None
    for claim in dates[1:]:
        if found and claim.value.startswith(f"{found.value}-"):
            found = Field(claim.value, claim.origin)
    if dateline is None or dateline.day is None:
        return found
    year = dateline.year or (found.value[:4] if found else None)
    day = written_date(f"{dateline.day} {year}") if year else None
    if day is None or (found and not day.startswith(f"{found.value}-")):
        return found
    # The story of the year's last night may be published, and its year be stated, on the next day.
    return found if not dateline.year and day.endswith(("12-30", "12-31")) else Field(day, "dateline")


def _could_be_title(line: str) -> bool:
    words = line.split()
    return (
        len(words) >= 2
        and len(line) <= _TITLE_CHARACTERS
        and (line[-1] not in ".;:,|" or _ABBREVIATED.search(line) is not None)
        and (line[0].isupper() or line[0].isdigit() or line[0] in "\"'“‘")
        and not (_BYLINE.match(line) and len(words) <= 2)
        and not _NO_TITLE.match(line)
        and not is_label_of_news(line)
    )


def _is_signed_headline(line: str) -> bool:
    """A headline may be a sentence, or two: "The mayor said so. Then the council did.", and by whom."""
    return line.endswith(".") and len(line) <= _HEADLINE_CHARACTERS and _could_be_title(line.rstrip("."))


def _is_body(line: str) -> bool:
    if len(line) >= _BODY_CHARACTERS or _dateline(line) is not None:
        return True
    ends = line[-1] == "." or (line[-1] in '”"' and line[-2:-1] in _SENTENCE_ENDS)  # a headline may end in a quote
    is_sentence = ends and len(line.split()) > 8 and not _ABBREVIATED.search(line)
    return is_sentence and not any(map(published_date, line.split("|")))  # "… 6:00 a.m."


def _first(claims: Iterable[_Claim], field: str) -> str | None:
    return next((claim.value for claim in claims if claim.field == field), None)
