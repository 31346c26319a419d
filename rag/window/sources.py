"""What an answer rests on, as cards: one for each document, the cited sentences marked in their passages.

Values in, HTML out. Knows nothing of requests or of how answers are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from corpus.dates import in_words
from corpus.document import Header, Passage, Span
from rag.answer import Answer, Citation
from rag.escaping import escape
from rag.window.marking import Mark, marked
from vectorstore.base import Hit

NEAREST_SHOWN = 5
UNVERIFIED = "was not verified: these words are not in the document exactly as they are quoted."


def sources(answer: Answer, working: bool = False) -> str:
    """The sources of one answer: a card for each document that it cites, or the passages that came nearest."""
    of_document: dict[str, list[Citation]] = {}
    for citation in sorted(answer.citations, key=lambda each: each.marker):
        of_document.setdefault(citation.document.name, []).append(citation)
    cards = [_cited(citations) for citations in of_document.values()]
    abstained = answer.status == "abstained"
    heading = "Nearest passages (not an answer)" if abstained else "Sources"
    empty = "Reading…" if working else "There are none: no answer was given."
    if not cards and not working and answer.retrieved:
        heading = heading if abstained else "Passages found (none is cited)"
        cards = [_nearby(hit) for hit in answer.retrieved[:NEAREST_SHOWN]]
    body = "".join(cards) or f'<p class="cd-none">{empty}</p>'
    return f'<h2>{heading}</h2><p class="cd-for" dir="auto">{escape(answer.question)}</p>{body}'


def origin(document: Header, citation: Citation | None = None, *, title: bool = False) -> str:
    """Outlet, date and byline, or outlet, date and headline, in one line of plain text; unknown parts are left out.

    Of a citation the outlet is whoever speaks there, and its page follows.
    """
    outlet = citation.source if citation else document.outlet
    date = document.published and in_words(document.published)
    page = f"p. {citation.page}" if citation and citation.page else None
    last = (document.title or document.name) if title else document.byline
    return " · ".join(part for part in (outlet, date, page, last) if part)


def also_in(carriers: Sequence[Header]) -> str:
    """Who else carries the same text, in one line of plain text; empty where nobody does."""
    others = carried_by(carriers)
    return f"Also in: {others}" if others else ""


def carried_by(carriers: Sequence[Header]) -> str:
    """What these documents are called, each name once."""
    return ", ".join(dict.fromkeys(header.called() for header in carriers))


def voices(citations: Iterable[Citation]) -> str:
    """Who but the outlet speaks in what is cited, in one line of plain text; empty where nobody does."""
    heard: dict[str, None] = {}
    for citation in citations:
        span = Span(citation.start, citation.end)
        around = [voice for voice in citation.passage.voices if voice.span.covers(span)]
        if around:
            innermost = min(around, key=lambda voice: len(voice.span))
            heard[f"{innermost.source} ({innermost.relation})"] = None
        if citation.speaker and all(citation.speaker != voice.source for voice in around):
            heard[f"{citation.speaker} (quoted)"] = None
    return f"Heard here: {', '.join(heard)}" if heard else ""


def facts(document: Header) -> list[str]:
    """Outlet, date and byline, each in plain text; unknown ones are left out."""
    date = document.published and in_words(document.published)
    return [part for part in (document.outlet, date, document.byline) if part]


def facts_line(parts: Iterable[str]) -> str:
    """Facts as one line of HTML; each keeps its own direction, or a date beside an Arabic name would be torn apart."""
    return f'<p class="cd-origin">{" · ".join(f"<bdi>{escape(part)}</bdi>" for part in parts)}</p>'


def open_button(document: Header, start: int, end: int) -> str:
    """The button that shows the whole document, at this place."""
    name = escape(document.name)
    return (
        f'<button type="button" class="cd-quiet cd-read" data-document="{name}" data-start="{start}" data-end="{end}" '
        f'aria-label="Open document: {escape(document.title or document.name)}">Open document</button>'
    )


def _cited(citations: Sequence[Citation]) -> str:
    """The card of one document, by the citations of it."""
    document, first = citations[0].document, citations[0]
    passages = sorted({each.passage for each in citations}, key=lambda passage: passage.start)
    pages = dict.fromkeys(str(each.page) for each in citations if each.page)
    about = [*facts(document), *([f"p. {', '.join(pages)}"] if pages else [])]
    carriers = dict.fromkeys(header for each in citations for header in each.carriers)
    doubted = dict.fromkeys(each.marker for each in citations if each.check != "verbatim")
    lines = (
        ("cd-voices", voices(citations)),
        ("cd-carriers", also_in(list(carriers))),
        *(("cd-warning", f"[{marker}] {UNVERIFIED}") for marker in doubted),
    )
    numbers = list(dict.fromkeys(each.marker for each in citations))
    spans = ",".join(f"{each.start}-{each.end}:{each.marker}" for each in citations)
    return _card(
        document,
        about,
        lines,
        [_passage(passage, [each for each in citations if each.passage == passage]) for passage in passages],
        numbers=numbers,
        spans=spans,
        at=(first.start, first.end),
    )


def _nearby(hit: Hit) -> str:
    """The card of a passage that was found and is not cited."""
    passage = hit.passage
    document, lines = passage.document, (("cd-carriers", also_in(hit.carriers)),)
    text = marked(passage.text, passage.start, furniture=passage.furniture)
    return _card(document, facts(document), lines, [text], at=(passage.start, passage.end))


def _card(
    document: Header,
    about: Sequence[str],
    lines: Iterable[tuple[str, str]],
    passages: Iterable[str],
    *,
    numbers: Sequence[int] = (),
    spans: str = "",
    at: tuple[int, int],
) -> str:
    """One document: numbers, headline, what is known ``about`` it, lines of plain text each with its class, passages
    that are HTML already."""
    name, title = escape(document.name), escape(document.title or document.name)
    chips = "".join(
        f'<button type="button" class="cd-number" data-marker="{number}" aria-label="Sentence {number}">'
        f"{number}</button>"
        for number in numbers
    )
    shown = "".join(f'<p class="{kind}" dir="auto">{escape(text)}</p>' for kind, text in lines if text)
    texts = "".join(f'<div class="cd-passage" dir="auto" tabindex="0">{text}</div>' for text in passages)
    back = '<button type="button" class="cd-quiet cd-back">Back to the answer</button>' if numbers else ""
    return (
        f'<article class="cd-card" data-document="{name}" data-markers="{" ".join(map(str, numbers))}" '
        f'data-spans="{spans}" tabindex="-1"><header>{f"<span>{chips}</span>" if chips else ""}'
        f'<h3 dir="auto"><button type="button" class="cd-open" aria-expanded="false" title="{name}">{title}</button>'
        f"</h3></header>{facts_line(about or [document.name])}{shown}{texts}"
        f'<div class="cd-card-foot">{open_button(document, *at)}{back}</div></article>'
    )


def _passage(passage: Passage, citations: Sequence[Citation]) -> str:
    """The passage with what is cited of it marked; a quote that is not in it exactly follows it."""
    marks, elsewhere = [], []
    for each in citations:
        if each.start >= passage.start and passage.slice(Span(each.start, each.end)) == each.quote:
            marks.append(Mark(each.marker, Span(each.start, each.end), each.highlight, each.check != "verbatim"))
        else:
            number = f'data-marker="{each.marker}" data-number="{each.marker}"'
            quote = f'<mark {number} class="cd-doubted">{escape(each.quote)}</mark>'
            elsewhere.append(f"<blockquote>{quote}</blockquote>")
    text = marked(passage.text, passage.start, marks=marks, furniture=passage.furniture)
    return "".join([text, *elsewhere])
