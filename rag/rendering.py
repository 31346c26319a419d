"""Answers and their sources as HTML: values in, markup out, and every text in it escaped.

Questions, answers and passages are data: whatever they look like, they are shown and do nothing. Knows nothing
of gradio, of requests or of how answers are made.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from corpus.dates import in_words, period_in_words
from corpus.document import Header, Passage
from corpus.invisible import visible
from rag.answer import Answer, Citation
from rag.keeping.report import Report
from vectorstore.base import Hit

NEAREST_SHOWN = 5
BADGES = {
    "answered": "From the archive",
    "abstained": "Not in this archive",
    "incomplete": "Incomplete",
    "error": "No answer",
}

# Controls and lone surrogates cannot be shown or sent, and an override can make a file name read backwards.
_UNSHOWABLE = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(127, 160), 0x202D, 0x202E, *range(0xD800, 0xE000)), "\ufffd"
)
_MARKER = re.compile(r"\[([1-9][0-9]{0,2})\]")


def escape(text: str) -> str:
    """The text as HTML that shows it and does nothing else, in an element or in a quoted attribute."""
    return html.escape(visible(text.translate(_UNSHOWABLE)).text, quote=True)


def coverage(documents: int, first: str | None, last: str | None) -> str:
    """What the archive holds, in one line of plain text; dates in ISO 8601."""
    if not documents:
        return "The archive is empty"
    period = period_in_words(first, last)
    return f"{documents:,} document{'s' if documents > 1 else ''}" + (f", {period}" if period else "")


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
    others = dict.fromkeys(header.called() for header in carriers)
    return f"Also in: {', '.join(others)}" if others else ""


def answer_text(answer: Answer, turn: int) -> str:
    """The answer's text: each marker that has a citation as a chip, each sentence that was not verified flagged."""
    pieces, at = [], 0
    for sentence in answer.sentences:
        if sentence.check != "unverified":
            continue
        text = _with_chips(answer, turn, sentence.start, sentence.end)
        why = escape("; ".join(sentence.faults))
        flag = f' <span class="cd-flag" title="{why}">not verified<span class="cd-aside">: {why}</span></span>'
        pieces += [
            _with_chips(answer, turn, at, sentence.start),
            f'<span class="cd-unverified">{text}</span>{flag}',
        ]
        at = sentence.end
    return "".join([*pieces, _with_chips(answer, turn, at, len(answer.text))])


def _with_chips(answer: Answer, turn: int, start: int, end: int) -> str:
    cited = {citation.marker: citation for citation in reversed(answer.citations)}
    pieces, at = [], start
    for match in _MARKER.finditer(answer.text, start, end):
        marker = int(match[1])
        if marker not in cited or not _is_ours(answer, marker, match.start()):
            continue
        source = escape(origin(cited[marker].document, cited[marker], title=True))
        # The brackets are there for whoever copies the answer: not seen, but copied.
        chip = (
            f'<button type="button" class="cd-chip" data-turn="{turn}" data-marker="{marker}" title="{source}" '
            f'aria-label="Source {marker}: {source}"><i>[</i>{marker}<i>]</i></button>'
        )
        pieces += [escape(answer.text[at : match.start()]), chip]
        at = match.end()
    return "".join([*pieces, escape(answer.text[at:end])])


def _is_ours(answer: Answer, marker: int, at: int) -> bool:
    """False for a "[2]" that stands in what a sentence quotes and is none of its citations."""
    sentence = next((each for each in answer.sentences if each.start <= at < each.end), None)
    return sentence is None or marker in sentence.markers


def marked(passage: Passage, citations: Sequence[Citation]) -> str:
    """The passage's text with what is cited of it in ``<mark>``; a quote that is not in it exactly follows it."""
    spans, elsewhere, pieces, at = [], [], [], 0
    for citation in citations:
        start, end = citation.start - passage.start, citation.end - passage.start
        if start >= 0 and passage.text[start:end] == citation.quote:
            spans.append((start, end))
        else:
            elsewhere.append(f"<blockquote>{escape(citation.quote)}</blockquote>")
    for start, end in sorted(spans):
        if end > at:
            start = max(start, at)
            pieces += [faded(passage, at, start), f"<mark>{escape(passage.text[start:end])}</mark>"]
            at = end
    return "".join([*pieces, faded(passage, at, len(passage.text)), *elsewhere])


def faded(passage: Passage, start: int, end: int) -> str:
    """``passage.text[start:end]`` with its furniture, such as bylines and share bars, set back from the text."""
    pieces = []
    for furniture in passage.furniture:
        first, last = max(furniture.start - passage.start, start), min(furniture.end - passage.start, end)
        if first < last:
            aside = f'<span class="cd-furniture">{escape(passage.text[first:last])}</span>'
            pieces += [escape(passage.text[start:first]), aside]
            start = last
    return "".join([*pieces, escape(passage.text[start:end])])


def card(
    document: Header,
    passages: Iterable[str],
    *,
    key: str,
    about: str,
    carriers: Sequence[Header] = (),
    marker: int | None = None,
    unverified: bool = False,
) -> str:
    """One source: number, headline, what is known ``about`` it, who else carries it, and its passages.

    The passages are HTML already; ``key`` tells this card from others.
    """
    number = f'<span class="cd-number">{marker}</span>' if marker is not None else ""
    warning = '<p class="cd-warning">These words were not verified against the source.</p>' if unverified else ""
    back = '<button type="button" class="cd-back">Back to the answer</button>' if marker is not None else ""
    others = f'<p class="cd-carriers">{escape(also_in(carriers))}</p>' if carriers else ""
    texts = "".join(f'<div class="cd-passage" tabindex="0">{text}</div>' for text in passages)
    return (
        f'<article class="cd-card" data-card="{key}" tabindex="-1"><header>{number}<h3><button type="button" '
        f'class="cd-open" aria-expanded="false" title="{escape(document.name)}">'
        f"{escape(document.title or document.name)}</button></h3></header>"
        f'<p class="cd-origin">{escape(about or document.name)}</p>{others}{warning}{texts}{back}</article>'
    )


def sources(answer: Answer, *, working: bool = False) -> str:
    """The sources panel of one answer: a card for each marker, or the passages that came nearest."""
    cited: dict[int, list[Citation]] = {}
    for citation in answer.citations:
        cited.setdefault(citation.marker, []).append(citation)
    cards = []
    for marker, group in sorted(cited.items()):
        passages = dict.fromkeys(citation.passage for citation in group)
        texts = [marked(passage, [each for each in group if each.passage == passage]) for passage in passages]
        unverified = any(citation.check != "verbatim" for citation in group)
        first, about = group[0], origin(group[0].document, group[0])
        cards.append(
            card(
                first.document,
                texts,
                key=str(marker),
                about=about,
                carriers=first.carriers,
                marker=marker,
                unverified=unverified,
            )
        )
    abstained = answer.status == "abstained"
    heading = "Nearest passages (not an answer)" if abstained else "Sources"
    empty = "Reading…" if working else "There are none: no answer was given."
    if not cited and not working and answer.retrieved:
        heading = heading if abstained else "Passages found (none is cited)"
        cards = [nearby(hit, key=f"near-{at}") for at, hit in enumerate(answer.retrieved[:NEAREST_SHOWN])]
    body = "".join(cards) or f'<p class="cd-none">{empty}</p>'
    return f'<h2>{heading}</h2><p class="cd-for">{escape(answer.question)}</p>{body}'


def nearby(hit: Hit, *, key: str) -> str:
    """A passage that was found and is not cited."""
    passage = hit.passage
    text = faded(passage, 0, len(passage.text))
    return card(passage.document, [text], key=key, about=origin(passage.document), carriers=hit.carriers)


def exchange(answer: Answer, turn: int, *, working: bool = False) -> str:
    """One question and its answer, with its sources hidden inside: the browser shows them in the panel."""
    status = "working" if working else answer.status
    badge = _badge_meanwhile(answer) if working else _badge(answer)
    assumed = [f"{assumption.in_words}." for assumption in answer.assumptions]
    notes = "".join(f"<li>{escape(note)}</li>" for note in (*assumed, *answer.notes))
    return (
        f'<article class="cd-exchange cd-{status}" data-turn="{turn}" aria-busy="{str(working).lower()}">'
        f'<div class="cd-question"><span class="cd-aside">You asked: </span>{escape(answer.question)}</div>'
        f'<div class="cd-answer"><p class="cd-badge">{badge}</p><div class="cd-text">{answer_text(answer, turn)}</div>'
        f'<ul class="cd-notes">{notes}</ul></div>'
        f'<div class="cd-sources" hidden>{sources(answer, working=working)}</div></article>'
    )


def _badge_meanwhile(answer: Answer) -> str:
    if answer.text:
        return "Answering…"
    model = answer.composer.removeprefix("llm ")
    return f"Waiting for {escape(model)}…" if model != answer.composer else "Searching…"


def _badge(answer: Answer) -> str:
    if answer.status == "error" and answer.citations:
        return "Built-in answer"
    doubtful = sum(sentence.check == "unverified" for sentence in answer.sentences)
    claims = sum(sentence.check != "no claim" for sentence in answer.sentences)
    return BADGES[answer.status] + (f" · {doubtful} of {claims} sentences not verified" if doubtful else "")


def notice(lines: Iterable[tuple[str, str]]) -> str:
    """Short messages, each with its kind: ``good``, ``plain`` or ``bad``."""
    return "".join(f'<p class="cd-line cd-{kind}">{escape(text)}</p>' for kind, text in lines)


def outcome(name: str, report: Report) -> tuple[str, str]:
    """What became of one uploaded file, as a kind and a line for ``notice``."""
    stored = len(report.added) + len(report.updated)
    if report.failed and stored:
        first = report.failed[0]
        why = f"{first.path.removeprefix(name)} {first.reason}"
        return "bad", f"{name}: {stored} added, {len(report.failed)} not, among them {why}"
    if report.failed:
        return "bad", f"{name}: not added, it {report.failed[0].reason}"
    if stored > 1:
        return "good", f"{name}: {stored} added"
    detail = "".join(f" ({note.partition(': ')[2]})" for note in report.notes)
    if report.added or report.updated:
        return "good", f"{name}: {'added' if report.added else 'updated'}{detail}"
    return "plain", f"{name}: already there{detail}"
