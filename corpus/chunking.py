"""Split a document into passages on sentence borders within a token budget.

Knows text and a token counter. Knows nothing of embeddings or stores.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil

from corpus.document import Document, Passage, Span
from corpus.sentences import sentences

MINIMUM_TOKENS = 120
LIMIT_TOKENS = 220
OVERLAP_TOKENS = 40
_FURNITURE_CHARACTERS = 500  # as much of it as a passage may hold between two sentences
_CHARACTERS_PER_TOKEN = 12  # at most: to a word-piece vocabulary a word of a thousand letters is one unknown token
_WORD_END = re.compile(r"(?<=\S)\s")

Count = Callable[[str], int]


def settings() -> str:
    """What decides where passages begin and end; an archive split by other settings is another archive."""
    return f"5 sentences minimum={MINIMUM_TOKENS} limit={LIMIT_TOKENS} overlap={OVERLAP_TOKENS}"


def split(document: Document, *, count: Count, budget: int) -> list[Passage]:
    """Passages of about 120 to 220 tokens, as ``count`` counts them, in order of their start.

    ``budget`` is what header line and text may have together: a long header leaves less for the text. Each
    passage starts and ends on a sentence border; a sentence over the limit is cut between words. Neighbours
    share their last or first sentence where it is short. Furniture counts for nothing: a little of it may lie
    between the sentences of a passage, more of it parts them.
    """
    special = count("")  # what the tokenizer adds to every text
    header = _longest_line(document)
    limit = min(LIMIT_TOKENS, budget - special - (count(header) - special if header else 0))
    if limit < 1:
        raise ValueError(f"{document.header.name}: its header alone fills the budget of {budget} tokens")

    def tokens(piece: Span) -> int:
        return max(count(document.text[piece.start : piece.end]) - special, ceil(len(piece) / _CHARACTERS_PER_TOKEN))

    passages = []
    furniture = _apart(document.furniture)
    for run in _runs_of_text(document, furniture):
        pieces: list[Span] = []
        sizes: list[int] = []
        for sentence in run:
            *cut_off, rest = _fitting(document.text, sentence, tokens, limit)
            pieces += [*cut_off, rest]
            sizes += [*(limit for _ in cut_off), tokens(rest)]  # what was cut off is full: nothing goes with it
        for group in _groups(pieces, sizes, limit):
            start, end = group[0].start, group[-1].end
            inside = furniture[bisect_left(furniture, Span(start, start)) : bisect_left(furniture, Span(end, end))]
            passages.append(_passage(document, Span(start, end), group, inside))
    return passages


def _passage(document: Document, span: Span, sentences: Sequence[Span], furniture: Sequence[Span]) -> Passage:
    return Passage(
        document.header,
        span.start,
        span.end,
        document.text[span.start : span.end],
        tuple(sentences),
        tuple(furniture),
        tuple(voice for voice in document.voices if voice.span.overlaps(span)),
        tuple(page for page in document.pages if page.span.overlaps(span)),
    )


def _longest_line(document: Document) -> str:
    """The most that may stand before a passage: the header's line, and the outlet of a republished article."""
    everything = Span(0, len(document.text))
    lines = [document.header.line()]
    for voice in document.voices:
        if voice.relation == "republished":
            whole = replace(voice, span=everything)
            lines.append(Passage(document.header, 0, len(document.text), "", voices=(whole,)).line())
    return max(lines, key=len)


def _apart(furniture: Iterable[Span]) -> list[Span]:
    """The same stretches in order, where some overlap or are empty."""
    merged: list[Span] = []
    for span in sorted(span for span in furniture if len(span) > 0):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _runs_of_text(document: Document, furniture: list[Span]) -> Iterator[list[Span]]:
    """Sentences of one voice with little or no furniture between them; where there is much, a new run begins."""
    text = document.text
    borders = _borders(document)
    gaps = sorted([*furniture, *(Span(border, border) for border in borders), Span(len(text), len(text))])
    run: list[Span] = []
    start = 0
    for gap in gaps:
        between = sentences(text, Span(start, gap.start)) if gap.start > start else []
        if run and between and between[0].start - run[-1].end > _FURNITURE_CHARACTERS:
            yield run
            run = []
        run.extend(between)
        if run and any(gap.start <= border <= gap.end for border in borders):
            yield run
            run = []
        start = max(start, gap.end)
    if run:
        yield run


def _borders(document: Document) -> set[int]:
    """Where another article begins or ends inside this one: no passage is of both."""
    return {
        border
        for voice in document.voices
        if voice.relation == "republished"
        for border in (voice.span.start, voice.span.end)
    }


def _fitting(text: str, sentence: Span, tokens: Callable[[Span], int], limit: int) -> Iterator[Span]:
    """The sentence itself, or pieces of it that each fit the limit, cut between words where there are any."""
    start = sentence.start
    while sentence.end - start > _CHARACTERS_PER_TOKEN * limit or tokens(Span(start, sentence.end)) > limit:
        end = _longest_fit(text, Span(start, sentence.end), tokens, limit)
        yield Span(start, end)
        start = end
        while start < sentence.end and text[start].isspace():
            start += 1
    if start < sentence.end:
        yield Span(start, sentence.end)


def _longest_fit(text: str, rest: Span, tokens: Callable[[Span], int], limit: int) -> int:
    low, high = rest.start + 1, min(rest.end, rest.start + _CHARACTERS_PER_TOKEN * limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens(Span(rest.start, middle)) <= limit else (low, middle - 1)
    word_ends = [match.start() for match in _WORD_END.finditer(text, rest.start, low + 1)]
    return word_ends[-1] if word_ends else low


def _groups(pieces: list[Span], tokens: list[int], limit: int) -> Iterator[list[Span]]:
    """Neighbouring pieces packed up to the limit, the last group filled up to the minimum from before it."""
    first = 0
    while first < len(pieces):
        last, total = first, tokens[first]
        while last + 1 < len(pieces) and total + tokens[last + 1] <= limit:
            last += 1
            total += tokens[last]
        if last + 1 == len(pieces):
            while first > 0 and total < MINIMUM_TOKENS and total + tokens[first - 1] <= limit:
                first -= 1
                total += tokens[first]
        yield pieces[first : last + 1]
        overlaps = last > first and last + 1 < len(pieces) and tokens[last] <= OVERLAP_TOKENS
        first = last if overlaps and tokens[last] + tokens[last + 1] <= limit else last + 1
