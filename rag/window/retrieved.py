"""What was found for a question, in its order and with the reasons, and how the question was understood.

Values in, HTML out. Knows nothing of requests or of how anything was found.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.document import Span
from rag.answer import Answer, Assumption
from rag.escaping import escape
from rag.window.chips import assumption_chip
from rag.window.counting import counted
from rag.window.marking import marked
from rag.window.sources import facts, facts_line, open_button
from vectorstore.base import Hit, Stage

# What a stage compared with the question, as its name stands in a line and as its score is told.
BESIDE = "Read beside what was found: it is furniture, and the question may be about the paper itself."
STAGES = {
    "meaning": "likeness in meaning, from −1 to 1",
    "words": "words of the passage (BM25)",
    "article": "words of the whole article (BM25)",
    "together": "all of these together",
    "reading": "sentences read for the answer: the chance of the best",
}
EXPLAINED = (
    "Each passage is compared with the question by its meaning, by its words and by those of its whole article. "
    "The places are those among all that were compared; the sentences of the most promising were then read."
)


def retrieved(answer: Answer, working: bool = False) -> str:
    """How the question was understood, and all that was found: what is cited in a line, the rest with its text."""
    if working:
        return '<p class="cd-none">Reading…</p>'
    return f"{_understood(answer.assumptions)}{_found(answer)}"


def reasons(stages: Sequence[Stage]) -> str:
    """Which place each way of looking gave a passage, in plain words: "words 3rd, meaning 1st, article 2nd"."""
    places = [
        f"{each.name} {ordinal(each.rank)}" for each in stages if each.rank is not None and each.name != "together"
    ]
    if silent := {each.name for each in stages if each.rank is None}:
        places.append("no word in common" if "article" in silent else "no word in the passage itself")
    return ", ".join(places)


def ordinal(number: int) -> str:
    """1 as "1st", 12 as "12th"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def numbers_of(answer: Answer, hit: Hit) -> list[int]:
    """The numbers of the citations that stand in the hit's passage."""
    whole = Span(hit.passage.start, hit.passage.end)
    cited = [
        each.marker
        for each in answer.citations
        if each.document.name == hit.passage.document.name and whole.overlaps(Span(each.start, each.end))
    ]
    return sorted(set(cited))


def _understood(assumptions: Sequence[Assumption]) -> str:
    if not assumptions:
        return '<h2>How the question was understood</h2><p class="cd-none">As it stands: nothing was read into it.</p>'
    chips = "".join(map(assumption_chip, assumptions))
    return f'<h2>How the question was understood</h2><ul class="cd-understood">{chips}</ul>'


def _found(answer: Answer) -> str:
    heading = "<h2>What was found</h2>"
    if not answer.retrieved:
        return f'{heading}<p class="cd-none">Nothing.</p>'
    used = [numbers_of(answer, hit) for hit in answer.retrieved]
    cited = sum(map(bool, used))
    told = f"{counted(len(used), 'passage')}, {cited or 'none'} of them cited. {EXPLAINED}"
    rows = "".join(
        _used(hit, at, numbers) if numbers else _unused(hit, at)
        for at, (hit, numbers) in enumerate(zip(answer.retrieved, used, strict=True), start=1)
    )
    return f'{heading}<p class="cd-told">{told}</p><ol class="cd-found">{rows}</ol>'


def _used(hit: Hit, place: int, numbers: Sequence[int]) -> str:
    chips = "".join(
        f'<button type="button" class="cd-number cd-cited" data-marker="{number}" aria-label="Source {number}">{number}'
        "</button>"
        for number in numbers
    )
    return (
        f'<li class="cd-used" value="{place}">{_head(hit, place)}<p class="cd-kept">Cited as {chips}</p>'
        f"{_stages(hit.stages)}</li>"
    )


def _unused(hit: Hit, place: int) -> str:
    passage = hit.passage
    text = marked(passage.text, passage.start, furniture=passage.furniture)
    return (
        f'<li value="{place}">{_head(hit, place)}{_stages(hit.stages)}'
        f'<div class="cd-passage" dir="auto" tabindex="0">{text}</div>'
        f"{open_button(passage.document, passage.start, passage.end)}</li>"
    )


def _head(hit: Hit, place: int) -> str:
    document = hit.passage.document
    return (
        f'<span class="cd-place" aria-hidden="true">{place}</span>'
        f'<h3 dir="auto" title="{escape(document.name)}">{escape(document.title or document.name)}</h3>'
        f"{facts_line(facts(document) or [document.name])}"
    )


def _stages(stages: Sequence[Stage]) -> str:
    """The places in words, and behind them each score."""
    if not stages:
        return ""
    beside = f'<p class="cd-told">{BESIDE}</p>' if all(each.name == "reading" for each in stages) else ""
    rows = "".join(
        f"<tr><th scope=row>{escape(STAGES.get(each.name, each.name))}</th>"
        f"<td>{ordinal(each.rank) if each.rank is not None else '–'}</td><td>{each.score:.2f}</td></tr>"
        for each in stages
    )
    return (
        f'{beside}<details class="cd-stages"><summary>{escape(reasons(stages))}</summary><table><thead><tr>'
        f"<th scope=col>Compared by</th><th scope=col>Place</th><th scope=col>Score</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></details>"
    )
