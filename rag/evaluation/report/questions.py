"""One question in full: what was asked and expected, the answer sentence by sentence, and what it cites.

Takes a line of answers.jsonl as anybody may have written it: what is absent is empty. Gives HTML in which every text
is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan
from typing import Any

from corpus.dates import in_words
from rag.escaping import escape
from rag.evaluation.items import Evidence
from rag.evaluation.metrics.answered import Line, citations_of, retrieved_of, text_of
from rag.evaluation.metrics.documents import is_from
from rag.evaluation.metrics.phrases import mentions, mentions_any, one_spaced
from rag.evaluation.report import words
from rag.evaluation.summary import WORST_BY, Asked

_MARKER = re.compile(r"\[([1-9][0-9]{0,2})\]")
_SHOWN = 400  # characters of a passage that is not cited
_CHECKS = {
    "verified": ("verified", "Verified"),
    "unverified": ("unverified", "Not verified"),
    "no claim": ("no-claim", "No claim"),
}


def question(asked: Asked, *, rank: int, key: str, is_open: bool) -> str:
    """An ``<article>`` that folds; ``key`` begins the anchors of its passages."""
    item, line = asked.item, asked.line
    tags = [item.id, *filter(None, [item.type]), asked.status, *(["failed"] if asked.failed else [])]
    shown = "".join(f'<span class="tag tag-{escape(_slug(tag))}">{escape(tag)}</span>' for tag in tags)
    return (
        f'<article class="question"><details{" open" if is_open else ""}><summary><span class="rank">{rank}</span>'
        f'<h3>{escape(item.question)}</h3><span class="tags">{shown}</span></summary>'
        f"{_why(asked)}{_before(asked)}"
        f'<div class="pair"><section><h4>The answer</h4>{_answer(line, key)}</section>'
        f"<section><h4>What is expected</h4>{_expected(asked)}</section></div>"
        f"{_passages(asked, key)}{_retrieved(line)}{_figures(asked)}</details></article>"
    )


def _why(asked: Asked) -> str:
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in asked.reasons)
    return f'<ul class="reasons">{reasons}</ul>' if reasons else ""


def _before(asked: Asked) -> str:
    turns = "".join(
        f"<dt>{escape(turn.question)}</dt><dd>{escape(turn.answer) or '(no answer)'}</dd>"
        for turn in asked.item.history
    )
    return f'<details class="inner"><summary>Said before</summary><dl>{turns}</dl></details>' if turns else ""


# --- the answer


def _answer(line: Line, key: str) -> str:
    text = text_of(line)
    numbers = {number for number, _ in _cited(line)}
    if not text.strip():
        return '<p class="none">Nothing was said.</p>'
    pieces, at = [], 0
    for sentence in line.get("sentences") or ():
        start, end = int(sentence.get("start") or 0), int(sentence.get("end") or 0)
        pieces += [_unchecked(text[at:start], numbers, key), _sentence(sentence, text[start:end], numbers, key)]
        at = max(at, end)
    pieces.append(_unchecked(text[at:], numbers, key))
    notes = "".join(f'<p class="note">{escape(str(note))}</p>' for note in line.get("notes") or ())
    return f'<ol class="sentences">{"".join(pieces)}</ol>{notes}'


def _sentence(sentence: Mapping[str, Any], text: str, numbers: set[int], key: str) -> str:
    name, said = _CHECKS.get(str(sentence.get("check")), ("unchecked", "Not checked"))
    faults = "; ".join(map(str, sentence.get("faults") or ()))
    support = sentence.get("support")
    more = [f": {faults}"] if faults else []
    if isinstance(support, int | float) and name != "no-claim":
        more.append(f" · support {support:.2f}")
    return (
        f'<li class="{name}"><p>{_linked(text, numbers, key)}</p>'
        f'<p class="check"><strong>{said}</strong>{escape("".join(more))}</p></li>'
    )


def _unchecked(text: str, numbers: set[int], key: str) -> str:
    """What stands between the sentences that were checked."""
    if not text.strip():
        return ""
    linked = _linked(text.strip(), numbers, key)
    return f'<li class="unchecked"><p>{linked}</p><p class="check"><strong>Not checked</strong></p></li>'


def _linked(text: str, numbers: set[int], key: str) -> str:
    pieces, at = [], 0
    for match in _MARKER.finditer(text):
        if int(match[1]) in numbers:
            link = f'<a class="marker" href="#{key}-{match[1]}" aria-label="Source {match[1]}">[{match[1]}]</a>'
            pieces += [escape(text[at : match.start()]), link]
            at = match.end()
    return "".join([*pieces, escape(text[at:])])


# --- what is expected


def _expected(asked: Asked) -> str:
    item, text = asked.item, text_of(asked.line)
    parts = []
    if item.answerable is False:
        parts.append("<p>The set holds that the archive does not answer this: to abstain is right.</p>")
    parts += [f"<p>{escape(answer)}</p>" for answer in item.answers]
    said = [_fact(mentions_any(text, group), "said", "not said", " / ".join(group)) for group in item.must_include]
    said += [
        _fact(not mentions(text, phrase), "not said, rightly", "said, wrongly", phrase)
        for phrase in item.must_not_include
    ]
    if said:
        parts.append(f'<ul class="facts">{"".join(said)}</ul>')
    if item.evidence:
        found = "".join(f"<li>{_evidence(evidence, asked.line)}</li>" for evidence in item.evidence)
        parts.append(f'<h5>Evidence</h5><ul class="evidence">{found}</ul>')
    return "".join(parts) or '<p class="none">The set does not tell.</p>'


def _fact(good: bool, yes: str, no: str, text: str) -> str:
    name, word = ("good", yes) if good else ("bad", no)
    return f'<li class="{name}"><strong>{word}:</strong> {escape(text)}</li>'


def _evidence(evidence: Evidence, line: Line) -> str:
    wanted = one_spaced(evidence.quote)
    rank = next(
        (
            at
            for at, hit in enumerate(retrieved_of(line), start=1)
            if is_from(hit, evidence.doc) and wanted in one_spaced(str(hit.get("text") or ""))
        ),
        None,
    )
    cited = any(is_from(citation, evidence.doc) for citation in citations_of(line))
    found = f"retrieved at rank {rank}" if rank else "not retrieved"
    told = f"{found}; its document is {'cited' if cited else 'not cited'}"
    name = "good" if rank and cited else "bad"
    return (
        f'<q>{escape(evidence.quote)}</q> <span class="doc">{escape(evidence.doc)}</span> '
        f'<strong class="{name}">{told}</strong>'
    )


# --- passages


def _passages(asked: Asked, key: str) -> str:
    cited: dict[int, list[Mapping[str, Any]]] = {}
    for number, citation in _cited(asked.line):
        cited.setdefault(number, []).append(citation)
    cards = "".join(_card(number, citations, asked, key) for number, citations in sorted(cited.items()))
    return f'<section class="passages"><h4>What it cites</h4>{cards}</section>' if cards else ""


def _card(number: int, citations: Sequence[Mapping[str, Any]], asked: Asked, key: str) -> str:
    first = citations[0]
    is_gold = any(is_from(first, evidence.doc) for evidence in asked.item.evidence)
    about = [_text(first, "source") or _text(first, "outlet"), _day(_text(first, "published")), _text(first, "doc")]
    gold = ' <span class="tag tag-evidence">has the evidence</span>' if is_gold else ""
    unverified = (
        '<p class="warning">These words were not found in the document.</p>'
        if any(citation.get("check") not in (None, "verbatim") for citation in citations)
        else ""
    )
    texts = "".join(f'<blockquote class="passage">{text}</blockquote>' for text in _marked(citations, asked.line))
    return (
        f'<div class="card" id="{key}-{number}"><h5><span class="number">{number}</span> '
        f"{escape(_text(first, 'title') or _text(first, 'doc'))}{gold}</h5>"
        f'<p class="about">{escape(" · ".join(filter(None, about)))}</p>{unverified}{texts}</div>'
    )


def _marked(citations: Iterable[Mapping[str, Any]], line: Line) -> Iterator[str]:
    """Each passage that is cited with what is cited of it in ``<mark>``; a quote found in none stands alone."""
    spans: dict[int, list[tuple[int, int]]] = {}
    hits = retrieved_of(line)
    alone = []
    for citation in citations:
        quote, start, end = _text(citation, "quote"), int(citation.get("start") or 0), int(citation.get("end") or 0)
        for at, hit in enumerate(hits):
            first = int(hit.get("start") or 0)
            here = first <= start and hit.get("doc") == citation.get("doc")
            if here and quote and _text(hit, "text")[start - first : end - first] == quote:
                spans.setdefault(at, []).append((start - first, end - first))
                break
        else:
            alone.append(f"<mark>{escape(quote)}</mark>")
    for at, marked in spans.items():
        yield _with_marks(_text(hits[at], "text"), marked)
    yield from dict.fromkeys(alone)


def _with_marks(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            start = max(start, at)
            pieces += [escape(text[at:start]), f"<mark>{escape(text[start:end])}</mark>"]
            at = end
    return "".join([*pieces, escape(text[at:])])


def _retrieved(line: Line) -> str:
    hits = retrieved_of(line)
    rows = "".join(
        f'<li><span class="doc">{escape(_text(hit, "doc"))}</span> {escape(_shortened(_text(hit, "text")))}</li>'
        for hit in hits
    )
    if not rows:
        return ""
    summary = f"{words.count(len(hits), 'passage')} retrieved, the nearest first"
    return f'<details class="inner"><summary>{summary}</summary><ol class="retrieved">{rows}</ol></details>'


def _figures(asked: Asked) -> str:
    shown = [
        f"{escape(words.words_of(name).title)} {words.figure(name, asked.values[name])}"
        for name in dict.fromkeys([*WORST_BY, "latency_ms"])
        if name in asked.values and not isnan(asked.values[name])
    ]
    return f'<p class="figures">{" · ".join(shown)}</p>' if shown else ""


def _cited(line: Line) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for citation in citations_of(line):
        yield int(citation.get("marker") or 0), citation


def _text(of: Mapping[str, Any], key: str) -> str:
    return str(of.get(key) or "")


def _day(published: str) -> str:
    """In words; as it stands where it is no date of ours."""
    try:
        return in_words(published) if published else ""
    except (ValueError, KeyError):
        return published


def _shortened(text: str) -> str:
    whole = one_spaced(text)
    return whole if len(whole) <= _SHOWN else whole[:_SHOWN] + "…"


def _slug(tag: str) -> str:
    return re.sub(r"[^a-z]+", "-", tag.lower())
