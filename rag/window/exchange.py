"""One question and its answer as HTML, with all that the page shows of it elsewhere hidden inside.

Questions, answers and passages are data: whatever they look like, they are shown and do nothing. Knows nothing of
gradio, of requests or of how answers are made.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from corpus.document import Span
from rag.answer import Answer, Assumption, Citation
from rag.escaping import escape
from rag.window.chips import KINDS, assumption_chip, citation_chip
from rag.window.copying import FORMS, copied
from rag.window.differing_table import differing_table
from rag.window.icons import icon
from rag.window.opening import suggestions
from rag.window.retrieved import retrieved
from rag.window.sources import origin, sources
from rag.window.suggesting import following
from rag.window.timeline import timeline

BADGES = {
    "answered": "From the archive",
    "abstained": "Not in this archive",
    "near": "Not in this archive: what is nearest",
    "correction": "Put otherwise than asked",
    "incomplete": "Incomplete",
    "error": "No answer",
    "built-in": "Built-in answer",
}
PEEKS = 3  # sentences of one number that are shown where the pointer rests
REASONS = ("Wrong", "Not what I asked", "Sources do not say so", "Something is missing", "Old or outdated")

_MARKER = re.compile(r"\[([1-9][0-9]{0,2})\]")
_DIFFER = re.compile(r"^Sources differ: .*(?:\n+|$)", re.MULTILINE)


def exchange(
    answer: Answer,
    turn: int,
    *,
    working: bool = False,
    ask: str = "",
    conversation: str = "",
    without: Collection[str] = (),
    with_sources: bool = True,
    verdict: str = "",
) -> str:
    """``turn`` counts from 0. ``ask`` is the page's own name for this asking, ``conversation`` where it is kept.

    ``without`` are the kinds of assumptions that were not to be made, ``verdict`` is what the reader thought of it.
    While an answer is on its way, its sources may be left out where the page has them.
    """
    state = "working" if working else _state(answer)
    text = f'<div class="cd-text" dir="auto">{answer_text(answer, turn)}</div>'
    tables = "".join(differing_table(answer, conflict, turn) for conflict in answer.conflicts)
    notes = "".join(f"<li>{escape(note)}</li>" for note in answer.notes)
    below = "" if working else _tools(verdict) + _following(answer)
    return (
        f'<article class="cd-exchange cd-{state}" data-turn="{turn}" data-ask="{escape(ask)}" '
        f'data-conversation="{escape(conversation)}" data-without="{escape(" ".join(without))}" '
        f'aria-busy="{str(working).lower()}" aria-label="Question {turn + 1}">'
        f'<div class="cd-question" dir="auto"><span class="cd-aside">You asked: </span>{escape(answer.question)}</div>'
        f"{_understood(answer.assumptions, without)}"
        f'<div class="cd-answer">{_badge(answer, working=working)}{tables}{text}'
        f'<ul class="cd-notes">{notes}</ul>{below}</div>'
        f"{_hidden(answer, turn, working=working) if with_sources else ''}</article>"
    )


def refusal(why: str, ask: str = "") -> str:
    """Why a question was not taken, for the page to say beside the box it came from."""
    return f'<p class="cd-refusal" data-ask="{escape(ask)}">{escape(why)}</p>'


# ---- the answer's words


def answer_text(answer: Answer, turn: int) -> str:
    """The text: markers that have citations as chips, what was asked for in bold, each checked sentence flagged."""
    bold = _bold(answer)
    # The table says it with sources and dates.
    skipped = [Span(*match.span()) for match in _DIFFER.finditer(answer.text)] if answer.conflicts else []
    mixed = any(sentence.check == "unverified" for sentence in answer.sentences)
    pieces, at = [], 0

    def upto(end: int) -> str:
        shown, start = "", at
        for span in skipped:
            if start < span.end and span.start < end:
                shown += _with_chips(answer, turn, start, max(start, span.start), bold)
                start = min(span.end, end)
        return shown + _with_chips(answer, turn, start, end, bold)

    for sentence in answer.sentences if mixed else ():
        if sentence.check == "no claim":
            continue
        pieces.append(upto(sentence.start))
        at = sentence.start
        text = upto(sentence.end)
        at = sentence.end
        if not text:
            continue
        if sentence.check == "unverified":
            why = escape("; ".join(sentence.faults))
            flag = f'{icon("unverified")}not verified<span class="cd-aside">: {why}</span>'
            pieces.append(
                f'<span class="cd-unverified">{text}</span> <span class="cd-flag" title="{why}">{flag}</span>'
            )
        else:
            flag = f'{icon("check")}<span class="cd-aside">verified</span>'
            pieces.append(f'{text}<span class="cd-verified" title="verified">{flag}</span>')
    return "".join([*pieces, upto(len(answer.text))]).strip("\n")


def _with_chips(answer: Answer, turn: int, start: int, end: int, bold: Sequence[Span]) -> str:
    cited = {citation.marker: citation for citation in reversed(answer.citations)}
    pieces, at = [], start
    for match in _MARKER.finditer(answer.text, start, end):
        marker = int(match[1])
        if marker not in cited or not _is_ours(answer, marker, match.start()):
            continue
        about = origin(cited[marker].document, cited[marker], title=True)
        pieces += [_emphasised(answer.text, at, match.start(), bold), citation_chip(marker, turn, about)]
        at = match.end()
    return "".join([*pieces, _emphasised(answer.text, at, end, bold)])


def _is_ours(answer: Answer, marker: int, at: int) -> bool:
    """False for a "[2]" that stands in what a sentence quotes and is none of its citations."""
    sentence = next((each for each in answer.sentences if each.start <= at < each.end), None)
    return sentence is None or marker in sentence.markers


def _emphasised(text: str, start: int, end: int, bold: Sequence[Span]) -> str:
    pieces, at = [], start
    for span in bold:
        first, last = max(span.start, at), min(span.end, end)
        if first < last:
            pieces += [escape(text[at:first]), f"<strong>{escape(text[first:last])}</strong>"]
            at = last
    return "".join([*pieces, escape(text[at:end])])


def _bold(answer: Answer) -> list[Span]:
    """Where the answer quotes the very thing that was asked for, in order, none twice."""
    found: list[Span] = []
    at = 0
    for match in _MARKER.finditer(answer.text):
        for citation in answer.citations:
            if citation.marker == int(match[1]) and (span := _quoted(answer.text, at, match.start(), citation)):
                found.append(span)
        at = match.end()
    apart: list[Span] = []
    for span in sorted(found):
        if not apart or apart[-1].end <= span.start:
            apart.append(span)
    return apart


def _quoted(text: str, start: int, end: int, citation: Citation) -> Span | None:
    """Where ``text[start:end]`` quotes the citation's highlight; an answer has each quotation on one line."""
    span = _highlight(citation)
    if span is None:
        return None
    parts = citation.quote[: span.start], citation.quote[span.start : span.end]
    before, words = (" ".join(part.split()) for part in parts)
    whole = " ".join(citation.quote.split())
    stands = text.find(whole, start, end)
    at = text.find(words, stands + len(before) if stands >= 0 else start, end)
    if at < 0 or (stands < 0 and text.find(words, at + 1, end) >= 0):  # twice: which is meant cannot be told
        return None
    return Span(at, at + len(words))


# ---- what stands around it


def _state(answer: Answer) -> str:
    """The class of a finished exchange."""
    if answer.status == "error":
        return "built-in" if answer.citations else "error"
    if answer.finding == "near miss" and answer.citations:
        return "near"
    if answer.status == "answered" and answer.finding == "correction":
        return "correction"
    return answer.status


def _badge(answer: Answer, *, working: bool) -> str:
    if working:
        model = answer.composer.removeprefix("llm ")
        waiting = f"Waiting for {escape(model)}…" if model != answer.composer else "Searching…"
        return f'<p class="cd-badge">{icon("working")}{"Answering…" if answer.text else waiting}</p>'
    state = _state(answer)
    doubtful = sum(sentence.check == "unverified" for sentence in answer.sentences)
    claims = sum(sentence.check != "no claim" for sentence in answer.sentences)
    checked = ""
    if doubtful:
        checked = f'<span class="cd-doubt">{icon("unverified")}{doubtful} of {claims} sentences not verified</span>'
    elif claims and answer.citations and answer.status != "abstained":  # true, but it would look like an answer
        checked = (
            f'<span class="cd-sure">{icon("check")}{"Every sentence" if claims > 1 else "Sentence"} verified</span>'
        )
    return f'<p class="cd-badge">{icon(state)}{BADGES[state]}</p>{checked}'


def _understood(assumptions: Sequence[Assumption], without: Collection[str]) -> str:
    """How the question was understood, each part a chip that asks again without it."""
    chips = [assumption_chip(each) for each in assumptions]
    chips += [
        f'<li><button type="button" class="cd-assumption cd-off" data-with="{escape(kind)}" '
        f'title="Ask again with this"><span class="cd-kind">{KINDS.get(kind, "")}</span> '
        f"<span>not assumed</span>{icon('again')}"
        '<span class="cd-aside"> Ask again with this</span></button></li>'
        for kind in without
    ]
    return f'<ul class="cd-understood" aria-label="How the question was understood">{"".join(chips)}</ul>'


def _tools(verdict: str) -> str:
    forms = "".join(f'<button type="button" data-copy="{form}">{label}</button>' for form, label in FORMS.items())
    reasons = "".join(
        f'<button type="button" class="cd-quiet" data-reason="{each}">{each}</button>' for each in REASONS
    )
    thumbs = "".join(
        f'<button type="button" class="cd-quiet" data-verdict="{name}" aria-label="{label}" title="{label}" '
        f'aria-pressed="{str(verdict == name).lower()}">{icon(name)}</button>'
        for name, label in (("up", "A good answer"), ("down", "A bad answer"))
    )
    return (
        '<div class="cd-tools" role="group" aria-label="What to do with this answer">'
        f'<details class="cd-copy"><summary class="cd-quiet">{icon("copy")}Copy</summary><div>{forms}</div></details>'
        f'<button type="button" class="cd-quiet" data-do="again">{icon("again")}Ask again</button>'
        f'<button type="button" class="cd-quiet" data-do="edit">{icon("edit")}Edit question</button>'
        f'<button type="button" class="cd-quiet" data-do="undo">{icon("undo")}Undo</button>{thumbs}</div>'
        '<form class="cd-why" hidden><p>What is wrong with it?</p>'
        f'<div class="cd-reasons">{reasons}</div><input class="cd-field" aria-label="What is wrong, in your words" '
        'placeholder="Or in your words" maxlength="500"><button type="submit" class="cd-button">Send</button></form>'
    )


def _following(answer: Answer) -> str:
    questions = suggestions(following(answer))
    if not questions:
        return ""
    return f'<div class="cd-following" role="group" aria-label="Ask next"><h3>Ask next</h3>{questions}</div>'


# ---- what is shown elsewhere


def _hidden(answer: Answer, turn: int, *, working: bool) -> str:
    copies = (
        "" if working else "".join(f'<pre data-copy="{form}">{escape(copied(answer, form))}</pre>' for form in FORMS)
    )
    return (
        f'<div class="cd-peeks" hidden>{_peeks(answer)}</div><div class="cd-copies" hidden>{copies}</div>'
        f'<div class="cd-sources" hidden>{sources(answer, working=working)}</div>'
        f'<div class="cd-retrieved" hidden>{retrieved(answer, working=working)}</div>'
        f'<div class="cd-timeline" hidden>{timeline(answer, working=working)}</div>'
    )


def _peeks(answer: Answer) -> str:
    """For each number the small card that a pointer or the focus on it brings up."""
    cited: dict[int, list[Citation]] = {}
    for citation in answer.citations:
        cited.setdefault(citation.marker, []).append(citation)
    return "".join(_peek(marker, group) for marker, group in cited.items())


def _peek(marker: int, group: Sequence[Citation]) -> str:
    first = group[0]
    quotes = "".join(f'<blockquote dir="auto">{_highlighted(each)}</blockquote>' for each in group[:PEEKS])
    unsure = any(each.check != "verbatim" for each in group)
    warning = f'<p class="cd-doubt">{icon("unverified")}Not found word for word</p>' if unsure else ""
    return (
        f'<div data-marker="{marker}"><p class="cd-origin">{escape(origin(first.document, first))}</p>'
        f'<p class="cd-headline" dir="auto">{escape(first.document.title or first.document.name)}</p>'
        f"{quotes}{warning}</div>"
    )


def _highlighted(citation: Citation) -> str:
    quote, span = citation.quote, _highlight(citation)
    if span is None:
        return escape(quote)
    inside = escape(quote[span.start : span.end])
    return f"{escape(quote[: span.start])}<strong>{inside}</strong>{escape(quote[span.end :])}"


def _highlight(citation: Citation) -> Span | None:
    """What was asked for, in the offsets of the quote; None where that is not known, or not in it."""
    if citation.highlight is None:
        return None
    start, end = citation.highlight.start - citation.start, citation.highlight.end - citation.start
    return Span(start, end) if 0 <= start < end <= len(citation.quote) else None
