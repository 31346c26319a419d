"""The sentences of an answer, each with the numbers it cites, and whether it states anything at all.

Knows the answer's text only. A marker behind the full stop belongs to the sentence before it; a line, and so an item
of a list, never runs on into the next. What is "no claim" is told by form, and nothing with a number, a date, a
quotation or a name in it is: to take a claim for small talk is worse than the opposite.
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
_HEADING_WORDS = 6
_BLANKS = re.compile(r"\s+([.,;:!?]?)")
_WORD = re.compile(r"[^\W_]")
_LAST_SIGN = re.compile(r"[^\s*_`\"'”’)\]]")
_OPENINGS = (
    r"hello|hi|hey|sure|certainly|of course|okay|ok|good question|thank(?:s| you)|you are welcome|i hope (?:this|that)"
    r"|(?:i am )?happy|let me know|feel free|here (?:is|are)|below (?:is|are)|in summary|in short|to sum up"
    r"|(?:i am )?sorry|unfortunately"
)
_MORE = (
    r"there|again|so much|very much|for (?:your|the) question|for asking|helps|to (?:ask|help)"
    r"|what (?:i found|the \w+ says?)|the answers?|an? (?:short )?(?:answer|summary|overview)"
    r"|if you have (?:any )?(?:more|further|other)? ?questions"
    r"|about (?:that|this)|everyone"
)
_SMALL_TALK = re.compile(rf"(?:{_OPENINGS})(?:,? (?:{_MORE}))*[\s.!,:…-]*", re.IGNORECASE)
_MATERIAL = (
    r"(?:[a-z]+ )?(?:passages?|excerpts?|archive|documents?|sources?|articles?|texts?|material|context|extracts?)"
)
_TELL = (
    r"(?:say|mention|tell|state|give|contain|specify|answer|include|provide|name|explain|describe|discuss|address|cover"
    r"|offer|indicate|reveal|make clear)"
)
_NO_TELLING = (
    rf"(?:do not|does not|don't|doesn't|did not|didn't|never) {_TELL}",
    rf"{_TELL}s? (?:nothing|no information|no details)",
)
_ABSENCE = re.compile(
    r"(?:(?:unfortunately|however|but|beyond that|otherwise|on this),? )?(?:"
    rf"(?:(?:the|these|those) )?{_MATERIAL} (?:[a-z]+ )?(?:{'|'.join(_NO_TELLING)})\b"
    rf"|(?:no|none of the|neither of the|nothing in the) {_MATERIAL} (?:here |given |provided )?{_TELL}s?\b"
    r"|(?:this|that|it) (?:is|was) not (?:said|stated|mentioned|given)\b"
    r"|(?:there is|i (?:found|could find|can find)) (?:nothing|no information|no answer)(?: [a-z]+){0,4}"
    rf" in the {_MATERIAL}"
    r")",
    re.IGNORECASE,
)
_ADDS = re.compile(r"[,;:]| (?:that|but|because|although|though|and|so|while|whereas) ", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """The sentence at ``span`` of the answer; ``words`` is it without bullet and markers, ``quoted`` what it quotes.

    ``markers`` are the numbers behind it, each once. It ``is_heading`` where it is marked as one, or as a table's row,
    and is as short.
    """

    span: Span
    words: str
    markers: tuple[int, ...]
    quoted: tuple[str, ...]
    is_heading: bool = False


def statements(text: str) -> list[Statement]:
    """The sentences of an answer, in order."""
    marks = list(_MARKER.finditer(text))
    # Blank stretches of the same length, so that offsets stay.
    bare = _MARKER.sub(lambda mark: " " * len(mark.group()), text)
    quotations = marked(bare, paragraphs(bare))
    spans = _whole(
        [span for line in _LINE.finditer(bare) for span in sentences(bare, Span(*line.span()))], bare, quotations
    )
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
        is_marked = sign[:1] in ("#", "|") or (words.startswith("**") and words.endswith("**"))
        is_heading = is_marked and len(words.split()) <= _HEADING_WORDS and words[-1:] not in ".!"
        found.append(Statement(Span(start, end), words, markers, quoted, is_heading))
    return found


def says_nothing(words: str, *, has_fact: bool, is_heading: bool) -> bool:
    """True for what states nothing: a heading, a lead-in, a question, a greeting, that the passages do not say.

    ``has_fact`` is whether it has a number, a date, a quotation or a name in it.
    """
    if not _WORD.search(words):
        return True
    if has_fact or is_heading:
        return not has_fact
    signs = _LAST_SIGN.findall(words[-8:])
    if signs and signs[-1] in ":?":  # the text is tidy
        return True
    if _SMALL_TALK.fullmatch(words):
        return True
    absence = _ABSENCE.match(words)
    return absence is not None and not _ADDS.search(words, absence.end())


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
