"""The sentences of an answer, each with the numbers it cites.

Knows the answer's text only. A marker behind the full stop belongs to the sentence before it; a line, and so an item
of a list, never runs on into the next.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.document import Span
from corpus.sentences import paragraphs, sentences
from corpus.speech.marks import marked

_MARKER = re.compile(r"\[(\d{1,4})\]")
_LINE = re.compile(r"[^\r\n]+")
_BULLET = re.compile(
    r"[ \t]{0,20}(?:[-*•·–—+>]{1,3}[ \t]|\(?\d{1,3}[.)][ \t]|\(?[a-z][.)][ \t]|#{1,6}[ \t]|\|)[ \t]{0,20}"
)
_FOOTNOTE = re.compile(r"[ \t*•-]{0,20}(?:\d{1,2}[.)][ \t]{1,5})?\[\d{1,4}\]")
_SET_OFF = re.compile(r"^[ \t]{0,20}>[> \t]{0,20}(?=\S)([^\r\n]+)", re.MULTILINE)
_HEADING_WORDS = 6
_BLANKS = re.compile(r"\s+([.,;:!?]?)")
_WORD = re.compile(r"[^\W_]")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]*_]*$")
# Straight single marks around three words or more, which may have apostrophes in them.
_SINGLE = re.compile(
    r"(?<![\w'])'(?!(?:d|ll|m|re|s|t|ve|em|til|cause|n)\b)(?=\w)(?:[^'\n]|(?<=\w)'(?=\w)){3,600}'(?!\w)"
)
_LABEL_OF_SOURCES = re.compile(
    r"[\s*_#>-]*(?:(?:cited |the )?(?:sources?|references?|citations?|footnotes?|passages?)(?: (?:used|cited))?|cited)"
    r"[\s*_:.,;]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Statement:
    """The sentence at ``span`` of the answer; ``words`` is it without bullet and markers, ``quoted`` what it quotes.

    ``markers`` are the numbers behind it, each once. It ``is_heading`` where it is marked as one, or as a table's row,
    or stands above what belongs to it, and is as short. It ``is_reference`` where it stands in a list of sources, or
    begins with its marker like a footnote, and is no whole sentence.
    """

    span: Span
    words: str
    markers: tuple[int, ...]
    quoted: tuple[str, ...]
    is_heading: bool = False
    is_reference: bool = False


def statements(text: str) -> list[Statement]:
    """The sentences of an answer, in order."""
    marks = list(_MARKER.finditer(text))
    # Blank stretches of the same length, so that offsets stay.
    bare = _MARKER.sub(lambda mark: " " * len(mark.group()), text)
    quotations = _quotations(bare)
    spans = _whole(
        [span for line in _LINE.finditer(bare) for span in sentences(bare, Span(*line.span()))], bare, quotations
    )
    lines = _lines(text)
    owned: dict[int, list[re.Match[str]]] = {}
    for mark in marks:
        owned.setdefault(_owner(mark, text, spans), []).append(mark)
    found = []
    for at, span in enumerate(spans):
        own = owned.get(at, [])
        start = min([span.start, *(mark.start() for mark in own)])
        end = max([span.end, *(mark.end() for mark in own)])
        bullet = _BULLET.match(bare, span.start, span.end)
        words = _BLANKS.sub(_closed_up, bare[bullet.end() if bullet else span.start : span.end].strip())
        first = bisect_right(quotations, span.start, key=lambda quotation: quotation.end)
        last = bisect_left(quotations, span.end, key=lambda quotation: quotation.start)
        quoted = tuple(bare[max(q.start, span.start) : min(q.end, span.end)] for q in quotations[first:last])
        markers = tuple(dict.fromkeys(int(mark[1]) for mark in own))
        sign = bullet.group().strip() if bullet else ""
        line = lines.get(start)
        is_heading = (
            len(words.split()) <= _HEADING_WORDS
            and not _SENTENCE_END.search(words)
            and (
                sign[:1] in ("#", "|")
                or (words.startswith("**") and words.endswith("**"))
                or (line is not None and line.is_above and not own)
            )
        )
        is_reference = line is not None and line.is_source and not _SENTENCE_END.search(words)
        found.append(Statement(Span(start, end), words, markers, quoted, is_heading, is_reference))
    return found


@dataclass(frozen=True)
class _Line:
    """A line of an answer: whether it stands above what belongs to it, and whether it tells a source."""

    is_above: bool
    is_source: bool


def _lines(text: str) -> dict[int, _Line]:
    """The lines by where their first sign stands."""
    lines = list(_LINE.finditer(text))
    found: dict[int, _Line] = {}
    first_footnote = len(lines)
    while first_footnote and _FOOTNOTE.match(text, lines[first_footnote - 1].start(), lines[first_footnote - 1].end()):
        first_footnote -= 1
    below_label = False
    for at, line in enumerate(lines):
        bullet = _BULLET.match(text, line.start(), line.end())
        start = line.end() - len(line.group().lstrip())
        following = lines[at + 1] if at + 1 < len(lines) else None
        is_above = False
        if following is not None:
            next_bullet = _BULLET.match(text, following.start(), following.end())
            if bullet is None:
                is_apart = text.count("\n", line.end(), following.start()) > 1
                is_above = next_bullet is not None or is_apart
            else:
                is_above = next_bullet is not None and _indent(following.group()) > _indent(line.group())
        own = text[bullet.end() if bullet else start : line.end()]
        below_label = below_label or _LABEL_OF_SOURCES.fullmatch(_MARKER.sub("", own)) is not None
        found[start] = _Line(is_above, below_label or at >= first_footnote)
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _quotations(text: str) -> list[Span]:
    """What stands in quotation marks, and each line that is set off by ``>``."""
    found = marked(text, paragraphs(text))
    more = [Span(*match.span()) for match in _SINGLE.finditer(text) if match.group().count(" ") > 1]
    more += [Span(*match.span(1)) for match in _SET_OFF.finditer(text)]
    for span in more:
        at = bisect_right(found, span.start, key=lambda quotation: quotation.start)
        if (at == 0 or found[at - 1].end <= span.start) and (at == len(found) or found[at].start >= span.end):
            found.insert(at, span)
    return found


def _closed_up(blanks: re.Match[str]) -> str:
    """One blank, and none where a marker stood before a full stop."""
    return blanks[1] or " "


def _whole(spans: Sequence[Span], text: str, quotations: Sequence[Span]) -> list[Span]:
    """Sentences joined again where they part within a quotation, or before ``she said`` or a parenthesis."""
    joined: list[Span] = []
    for span in spans:
        if joined:
            before = joined[-1]
            at = bisect_right(quotations, before.end, key=lambda quotation: quotation.end)
            is_inside = at < len(quotations) and quotations[at].start < before.end and span.start < quotations[at].end
            is_one_line = "\n" not in text[before.end : span.start] and "\r" not in text[before.end : span.start]
            if is_one_line and (
                is_inside
                or text[span.start] == "("
                or (text[span.start].islower() and text[before.end - 1] in "”\"’'»")
            ):
                joined[-1] = Span(before.start, span.end)
                continue
            if is_one_line and not _WORD.search(text, span.start, span.end):  # a full stop alone
                joined[-1] = Span(before.start, span.end)
                continue
        joined.append(span)
    return joined


def _owner(mark: re.Match[str], text: str, spans: Sequence[Span]) -> int:
    """The index of the sentence that a marker stands in or behind; of the next one where it opens its line."""
    at = bisect_right(spans, mark.start(), key=lambda span: span.start) - 1
    following = at + 1
    if at < 0:
        return 0
    between = text[spans[at].end : mark.start()]
    if following < len(spans) and ("\n" in between or "\r" in between):
        ahead = text[mark.end() : spans[following].start]
        if "\n" not in ahead and "\r" not in ahead:
            return following
    return at
