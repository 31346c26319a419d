"""Which spans of a text are furniture: menus, share bars, appeals, credits, comment rules, related links, reply chains.

Furniture is marked, never cut: it stays in the text and out of the passages. It is told by form and by repetition,
from a line alone (``labels``, ``imprint``, ``notices``), from its neighbours (``boxes``), from the message it is in
(``reply_chains``) and, here, from its return; a doubtful line counts as text, because a lost sentence is worse than
an indexed share bar.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from corpus.boilerplate.boxes import at_foot, in_boxes
from corpus.boilerplate.imprint import is_imprint
from corpus.boilerplate.labels import SHORT_CHARACTERS, ends_sentence, is_button
from corpus.boilerplate.notices import is_notice
from corpus.boilerplate.reply_chains import not_its_own
from corpus.document import Span
from corpus.sentences import paragraphs

_AROUND_LINKS = 40  # a line with less text than this around its links is a list of links
_RETURNS = 3  # times that a line stands in a text before it is nobody's headline
_HEAD_LINES = 10  # a byline stands in these
_NAME_WORDS = 5  # of a name with a title
_NOTE_CHARACTERS = 700
_FOOT_LINES = 10  # and a note on the author in these

_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()\[\]]*(?:\([^()\[\]]*\)[^()\[\]]*)*\)")
_ROW_OF_NUMBERS = re.compile(  # of a table: a year and what it brought; "1 | 2 | 3" leads to other pages
    r"^(?:\|\s)?[^\s|]{0,3}\d[\d.,:/%–-]{1,20}[^\s|\d]{0,3}(?:\s{0,9}\|\s{0,9}|\s{2,9}|\t)(?=[^|]{0,20}\d)"
)
_LINE = re.compile(r"[^\r\n]*[^\s][^\r\n]*")
_LINE_OF_MAIL = re.compile(r"^[ \t]*(?:>|(?:from|sent|to|cc|date|subject):\s)", re.IGNORECASE | re.MULTILINE)
_BYLINE = re.compile(r"^by:? (?P<names>[A-Z][^|]{3,80})", re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r",| and |[-–—]| {2}")
_ABOUT_AUTHOR = re.compile(  # a whole paragraph in italics may say anything of an author
    r"^(?:(?P<slant>[*_]{1,3})(?=.*[*_]$))?(?P<name>(?:[A-Z][\w.'’-]* ){2,4})"
    r"(?(slant)|(?:is|was|are|covers|writes|reports|edits|has|teaches|works|lives|hosts)\b)"
)
_AT_WORK = re.compile(
    r"^(?:\S+ ){2,4}?(?:writes (?:about|for|on)\b|covers .* for\b|reports (?:on|for)\b|is (?:an? |the |our )"
    r"(?:[\w-]+ ){0,6}(?:reporter|correspondent|columnist|journalist|writer|contributor|editor|author|critic)\b)"
)


def furniture(text: str) -> tuple[Span, ...]:
    """Spans of whole paragraphs, or of whole lines of a message, that are furniture, in order and apart."""
    blocks = list(_blocks(text))
    lines = [text[block.start : block.end] for block in blocks]
    alone = {index for index, line in enumerate(lines) if _is_furniture(line)}
    found = alone | in_boxes(lines, _gaps(text, blocks), alone) | not_its_own(lines)
    found.update(list(_about_authors(lines, found)))
    found.update(list(at_foot(lines, found)))
    found.update(list(_returning(lines, found)))
    return tuple(blocks[index] for index in sorted(found))


def _blocks(text: str) -> Iterator[Span]:
    """Paragraphs; one that holds lines of a message's head or of a quotation is taken line by line."""
    for block in paragraphs(text):
        inside = text[block.start : block.end]
        if not _LINE_OF_MAIL.search(inside):
            yield block
            continue
        for line in _LINE.finditer(text, block.start, block.end):
            start = line.start() + len(line.group()) - len(line.group().lstrip())
            yield Span(start, line.start() + len(line.group().rstrip()))


def _gaps(text: str, blocks: Sequence[Span]) -> list[int]:
    """How many line breaks stand before each block."""
    ends = [0, *(block.end for block in blocks)]
    between = [text[end : block.start] for end, block in zip(ends, blocks, strict=False)]
    return [gap.count("\n") + gap.count("\r") - gap.count("\r\n") for gap in between]


def _is_furniture(line: str) -> bool:
    if len(line) == 1 or not any(map(str.isalpha, line)):
        return not _ROW_OF_NUMBERS.match(line)
    return _is_list_of_links(line) or is_button(line) or is_imprint(line) or is_notice(line)


def _returning(lines: Sequence[str], marked: set[int]) -> Iterator[int]:
    """Short lines that are no sentences and return: an answer "Yes." and a refrain are text each time."""
    others = [index for index in range(len(lines)) if index not in marked and _may_return(lines[index])]
    times = Counter(lines[index] for index in others)
    seen: set[str] = set()
    for index in others:
        # A headline may stand over the text and once more in it: the first one stays.
        if lines[index] in seen or times[lines[index]] >= _RETURNS:
            yield index
        seen.add(lines[index])


def _may_return(line: str) -> bool:
    return len(line) <= SHORT_CHARACTERS and not ends_sentence(line)


def _about_authors(lines: Sequence[str], marked: set[int]) -> Iterator[int]:
    """Notes at the foot that begin with the name of the byline, or with one at work that the text does not have."""
    head = lines[1:_HEAD_LINES]  # the first line is the title, and a life has its subject's name there
    bylines = [match["names"] for line in lines[:_HEAD_LINES] if (match := _BYLINE.match(line))]
    authors = {name.strip().lower() for names in bylines for name in _BETWEEN_NAMES.split(names)}
    text = "\n".join(lines)
    for index in range(max(len(lines) // 2, len(lines) - _FOOT_LINES), len(lines)):
        match = _ABOUT_AUTHOR.match(lines[index]) if len(lines[index]) <= _NOTE_CHARACTERS else None
        if match is None or index in marked:
            continue
        name = match["name"].strip()
        others = text.count(name) - 1
        heads_text = others == 1 and any(line.endswith(name) and len(line.split()) <= _NAME_WORDS for line in head)
        is_at_work = others == 0 and (match["slant"] or _AT_WORK.match(lines[index]))
        if name.lower() in authors or heads_text or is_at_work:
            yield index


def _is_list_of_links(line: str) -> bool:
    """Links with next to nothing between them; a heading or a short sentence that holds a link is text."""
    around = _LINK.sub("", line) if "](" in line else line
    if around == line or len(around) >= _AROUND_LINKS or line.startswith("#"):
        return False
    return not around.rstrip().endswith((".", "!", "?", "…"))
