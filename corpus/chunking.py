"""Split a document into passages on sentence borders within a token budget.

Knows text and a token counter. Knows nothing of embeddings or stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from corpus.document import Document, Passage, Span
from corpus.sentences import sentences

MINIMUM_TOKENS = 120
LIMIT_TOKENS = 220
OVERLAP_TOKENS = 40
_FURNITURE_CHARACTERS = 500  # as much of it as a passage may hold between two sentences
_CHARACTERS_PER_TOKEN = 12  # at most: to a word-piece vocabulary a word of a thousand letters is one unknown token

Count = Callable[[str], int]


def settings() -> str:
    """What decides where passages begin and end; an archive split by other settings is another archive."""
    return f"2 sentences minimum={MINIMUM_TOKENS} limit={LIMIT_TOKENS} overlap={OVERLAP_TOKENS}"


def split(document: Document, *, count: Count, budget: int) -> list[Passage]:
    """Passages of about 120 to 220 tokens, as ``count`` counts them, in order of their start.

    ``budget`` is what header line and text may have together: a long header leaves less for the text. Each
    passage starts and ends on a sentence border; a sentence over the limit is cut between words. Neighbours
    share their last or first sentence where it is short. Furniture counts for nothing: a little of it may lie
    between the sentences of a passage, more of it parts them.
    """
    special = count("")  # what the tokenizer adds to every text
    header = document.header.line()
    limit = min(LIMIT_TOKENS, budget - special - (count(header) - special if header else 0))
    if limit < 1:
        raise ValueError(f"{document.header.name}: its header alone fills the budget of {budget} tokens")

    def tokens(piece: Span) -> int:
        return count(document.text[piece.start : piece.end]) - special

    passages = []
    for run in _runs_of_text(document):
        pieces = [piece for sentence in run for piece in _fitting(document.text, sentence, tokens, limit)]
        for group in _groups(pieces, [tokens(piece) for piece in pieces], limit):
            span = Span(group[0].start, group[-1].end)
            inside = tuple(each for each in sorted(document.furniture) if each.overlaps(span))
            passages.append(
                Passage(document.header, span.start, span.end, document.text[span.start : span.end], inside)
            )
    return passages


def _runs_of_text(document: Document) -> Iterator[list[Span]]:
    """Sentences with little or no furniture between them; where there is much, a new run begins."""
    run: list[Span] = []
    start = 0
    for furniture in [*sorted(document.furniture), Span(len(document.text), len(document.text))]:
        between = sentences(document.text, Span(start, max(furniture.start, start)))
        if run and between and between[0].start - run[-1].end > _FURNITURE_CHARACTERS:
            yield run
            run = []
        run = run + between
        start = max(start, furniture.end)
    if run:
        yield run


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
    gap = max(text.rfind(blank, rest.start, low) for blank in " \n\u00a0")
    return gap if gap > rest.start else low


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
