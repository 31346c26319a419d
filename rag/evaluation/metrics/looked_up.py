"""Verbatim quotes and numbers: what of an answer can be looked up, and is there.

Verbatim quotes: quotations of three words or more that stand word for word in a passage their sentence cites /
such quotations; one in a sentence that cites nothing does not. Numbers ok: numbers and dates of the sentences with a
citation that stand in a passage the sentence cites / such numbers and dates. Range [0, 1]; NaN where there is none.
Ours; read the same way as an answer is checked before it is shown.

Looked up again in the passages that the line holds, not read off the faults that were found, so that answers of any
origin can be measured. The line does not hold a passage's byline, pages and voices: a number that stands only there
is not found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from corpus.document import Header, Passage
from rag.answer import Citation
from rag.checking import quotations
from rag.checking.claims import Asked, Claim, Setting
from rag.checking.sources import Source
from rag.checking.statements import Statement, statements
from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, Share, citations_of, retrieved_of, share_of, text_of


def verbatim_quotes(item: Item, line: Line) -> float:
    return share_of(
        any(quotations.has(source.tokens, wanted) for source in sources)
        for statement, sources in _cited(line)
        for quoted in statement.quoted
        if (wanted := quotations.stretches(quoted))
    ).value


def numbers_ok(item: Item, line: Line) -> float:
    setting = Setting((), frozenset(), Asked(item.question))
    weighed = [Claim(statement, sources, setting).weighed() for statement, sources in _cited(line) if sources]
    return Share(sum(each.borne_out for each in weighed), sum(each.counts for each in weighed)).value


def _cited(line: Line) -> Iterator[tuple[Statement, list[Source]]]:
    """The sentences of the answer, each with the passages behind its markers."""
    by_passage: dict[Passage, list[Citation]] = {}
    for citation in (_citation(raw, line) for raw in citations_of(line)):
        by_passage.setdefault(citation.passage, []).append(citation)
    sources = [(Source(same), {citation.marker for citation in same}) for same in by_passage.values()]
    for statement in _statements(text_of(line)):
        yield statement, [source for source, markers in sources if markers.intersection(statement.markers)]


@lru_cache(maxsize=1)  # the two metrics read one answer after the other
def _statements(text: str) -> tuple[Statement, ...]:
    return tuple(statements(text))


def _citation(raw: Mapping[str, Any], line: Line) -> Citation:
    """A citation as the line has it, with the retrieved passage it is from; of none, its quote is all there is."""
    name, quote = str(raw.get("doc") or ""), str(raw.get("quote") or "")
    start = int(raw.get("start") or 0)
    end = int(raw.get("end") or start + len(quote))
    around = (hit for hit in retrieved_of(line) if hit.get("doc") == name and _covers(hit, start, end, quote))
    hit: Mapping[str, Any] = next(around, {"start": start, "end": end, "text": quote})
    header = Header(name, title=raw.get("title"), outlet=raw.get("outlet"), published=raw.get("published"))
    passage = Passage(header, int(hit.get("start") or 0), int(hit.get("end") or 0), str(hit.get("text") or ""))
    return Citation(int(raw.get("marker") or 0), passage, quote, start, end, "unverified")


def _covers(hit: Mapping[str, Any], start: int, end: int, quote: str) -> bool:
    first, text = int(hit.get("start") or 0), str(hit.get("text") or "")
    return first <= start and text[start - first : end - first] == quote
