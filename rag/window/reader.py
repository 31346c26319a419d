"""One whole document as HTML: its text as it was kept, furniture set back, other voices named at the margin, marked.

The text is cut into blocks that a browser lays out only once they come into sight, so that a long document opens at
once. Values in, HTML out; knows nothing of requests.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.dates import in_words
from corpus.document import Document, Header, Page, Span, Voice
from rag.escaping import escape
from rag.window.icons import icon
from rag.window.marking import Mark, marked
from rag.window.sources import carried_by, facts, facts_line

BLOCK_CHARACTERS = 1_500  # about a screen on a telephone; a block ends at a line break, so it may be longer


@dataclass(frozen=True)
class Place:
    """Where a document lies: the ``file``'s path, and ``inside``, where in that file it stands, or empty."""

    file: str
    inside: str = ""


@dataclass(frozen=True)
class Block:
    """A stretch of the text that one ``voice``, or nobody but the outlet, speaks; ``page`` begins with it."""

    span: Span
    voice: Voice | None = None
    page: Page | None = None


def reader(
    document: Document,
    *,
    carriers: Sequence[Header] = (),
    place: Place | None = None,
    marks: Sequence[Mark] = (),
    at: Span | None = None,
) -> str:
    """The inside of the reading dialog; what is at ``at`` is marked, too, where no mark is there, and wears an id."""
    whole = Span(0, len(document.text))
    inside = [mark for mark in marks if mark.span.start < mark.span.end and whole.covers(mark.span)]
    found = next((mark for mark in inside if at is not None and mark.span == at), None)
    if at is not None and found is None and at.start < at.end and whole.covers(at):
        inside.append(Mark(0, at))
    return (
        f'<header class="cd-reader-head">{_head(document, carriers, place)}{_tools()}</header>'
        f'<div class="cd-reader-text" role="document" tabindex="0" lang="{escape(document.header.language or "")}" '
        f'data-start="{at.start if at else ""}" data-end="{at.end if at else ""}">'
        f"{''.join(_text(document, inside))}</div>"
    )


def blocks(document: Document) -> Iterator[Block]:
    """The whole text in pieces: each ends at a line break, or where a page or another voice begins."""
    text, pages = document.text, {page.span.start: page for page in document.pages}
    voices = sorted(document.voices, key=lambda voice: (voice.span.start, -len(voice.span)))
    of_voices = [edge for voice in voices for edge in (voice.span.start, voice.span.end)]
    edges = sorted({edge for edge in (0, len(text), *pages, *of_voices) if 0 <= edge <= len(text)})
    open_voices: list[Voice] = []
    next_voice = 0
    for start, end in pairwise(edges):
        while next_voice < len(voices) and voices[next_voice].span.start <= start:
            open_voices.append(voices[next_voice])
            next_voice += 1
        open_voices = [voice for voice in open_voices if voice.span.end > start]
        voice = min(open_voices, key=lambda voice: len(voice.span), default=None)
        page = pages.get(start)
        while start < end:
            cut = _cut(text, start, end)
            yield Block(Span(start, cut), voice, page)
            start, page = cut, None


def _cut(text: str, start: int, end: int) -> int:
    """Where a block that begins at ``start`` ends: after a paragraph where there is one near, else after a line."""
    least = start + BLOCK_CHARACTERS
    if least >= end:
        return end
    for separator, within in (("\n\n", BLOCK_CHARACTERS), ("\n", 4 * BLOCK_CHARACTERS)):
        if (at := text.find(separator, least, min(least + within, end))) >= 0:
            return at + len(separator)
    return end if end - least < BLOCK_CHARACTERS else _between_words(text, least, end)


def _between_words(text: str, least: int, end: int) -> int:
    """A line without end is cut at a space, or anywhere."""
    at = text.find(" ", least, min(least + BLOCK_CHARACTERS, end))
    return at + 1 if at >= 0 else min(least + BLOCK_CHARACTERS, end)


def _text(document: Document, marks: Sequence[Mark]) -> Iterator[str]:
    furniture = sorted(document.furniture)
    furniture_ends = _reaches(furniture)
    marks = sorted(marks, key=lambda mark: mark.span)
    mark_starts, mark_ends = [mark.span.start for mark in marks], _reaches([mark.span for mark in marks])
    voice: Voice | None = None
    for block in blocks(document):
        span = block.span
        first, last = bisect_right(furniture_ends, span.start), bisect_left(furniture, Span(span.end, span.end))
        some = marks[bisect_right(mark_ends, span.start) : bisect_left(mark_starts, span.end)]
        shown = marked(document.text[span.start : span.end], span.start, marks=some, furniture=furniture[first:last])
        if block.page:
            yield (
                f'<p class="cd-page" role="separator" aria-label="Page {block.page.number}">'
                f"<span>Page {block.page.number}</span></p>"
            )
        if block.voice is not voice and block.voice:
            yield f'<p class="cd-voice">{escape(_called(block.voice))}</p>'
        voice = block.voice
        spoken = f' cd-spoken" title="{escape(_called(voice))}' if voice else ""
        yield f'<div class="cd-block{spoken}" dir="auto">{shown}</div>'


def _reaches(spans: Sequence[Span]) -> list[int]:
    """For each span, in their order, how far it and all before it reach: what reaches past a place is found in it."""
    reach, reaches = 0, []
    for span in spans:
        reach = max(reach, span.end)
        reaches.append(reach)
    return reaches


def _called(voice: Voice) -> str:
    return f"{voice.source}, {voice.relation}"


def _head(document: Document, carriers: Sequence[Header], place: Place | None) -> str:
    header, origins = document.header, document.origins

    def known(field: str, shown: str | None) -> str:
        if not shown:
            return ""
        where = origins.get(field)
        return f"{escape(shown)} <small>from {escape(where)}</small>" if where else escape(shown)

    rows = (
        ("Outlet", known("outlet", header.outlet)),
        ("Date", known("published", in_words(header.published)) if header.published else "not known"),
        ("By", known("byline", header.byline)),
        ("Copies", escape(carried_by(carriers))),
        ("Address", known("url", header.url)),
        ("File", f"{escape(place.file)}{f' <small>inside: {escape(place.inside)}</small>' if place.inside else ''}"
         if place else ""),
        ("Name", escape(header.name)),
        ("Notes", escape("; ".join(document.notes))),
    )  # fmt: skip
    shown = "".join(f'<div><dt>{label}</dt><dd dir="auto">{value}</dd></div>' for label, value in rows if value)
    title = escape(header.title or header.name)
    return (
        f'<div class="cd-reader-title"><h2 id="cd-reader-title" dir="auto" tabindex="-1">{title}</h2>'
        f'<button type="button" class="cd-quiet cd-close" aria-label="Close the document" title="Close (Esc)">'
        f"{icon('remove')}</button></div>"
        f"{facts_line(facts(header))}"
        f'<details class="cd-known"><summary>What is known of it</summary><dl>{shown}</dl></details>'
    )


def _tools() -> str:
    return (
        '<div class="cd-reader-tools"><div role="group" aria-label="Cited sentences" class="cd-marks">'
        '<button type="button" class="cd-button" data-go="-1" aria-label="Previous cited sentence">Previous</button>'
        '<span class="cd-at" role="status"></span>'
        '<button type="button" class="cd-button" data-go="1" aria-label="Next cited sentence">Next</button></div>'
        '<form class="cd-find" role="search"><input class="cd-field" type="search" aria-label="Find in this document" '
        'placeholder="Find in this document" autocomplete="off" spellcheck="false" maxlength="200">'
        '<span class="cd-count" role="status"></span>'
        '<button type="button" class="cd-button" data-find="-1" aria-label="Previous place found">Up</button>'
        '<button type="submit" class="cd-button" aria-label="Next place found">Down</button></form></div>'
    )
