"""A stretch of text as HTML: what is cited of it marked, what was asked for emboldened, its furniture set back.

Knows offsets and numbers of citations. Knows nothing of answers or of cards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from corpus.document import Span
from rag.escaping import escape


@dataclass(frozen=True)
class Mark:
    """What the citation ``number`` stands for, 0 for none, in the document's offsets.

    ``asked`` is what in it seems to be the very thing asked for; ``doubted`` where it was not verified.
    """

    number: int
    span: Span
    asked: Span | None = None
    doubted: bool = False


def marked(text: str, start: int, *, marks: Sequence[Mark] = (), furniture: Iterable[Span] = ()) -> str:
    """``text``, whose first character is the document's character ``start``, as HTML.

    Each mark names its place in the document and its numbers, where marks overlap all of them, and those that begin
    there. They are attributes and no text: what is copied from here is the document's.
    """
    end = start + len(text)
    layers: list[tuple[Span, Mark | str]] = [
        *((mark.span, mark) for mark in marks),
        *((mark.asked, "asked") for mark in marks if mark.asked),
        *((span, "furniture") for span in furniture),
    ]
    edges: dict[int, list[tuple[Mark | str, int]]] = {start: [], end: []}
    for span, layer in layers:
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            edges.setdefault(first, []).append((layer, 1))
            edges.setdefault(last, []).append((layer, -1))
    here: Counter[Mark | str] = Counter()
    pieces: list[tuple[tuple[Mark, ...], int, str]] = []
    for at, upto in pairwise(sorted(edges)):
        for layer, change in edges[at]:
            here[layer] += change
        layers_here = [layer for layer, times in here.items() if times > 0]
        found = sorted((each for each in layers_here if isinstance(each, Mark)), key=lambda mark: mark.number)
        shown = escape(text[at - start : upto - start])
        shown = f'<span class="cd-furniture">{shown}</span>' if "furniture" in layers_here else shown
        pieces.append((tuple(found), at, f"<b>{shown}</b>" if "asked" in layers_here else shown))
    runs = [(found, list(run)) for found, run in groupby(pieces, key=lambda piece: piece[0])]
    return "".join(_run(found, run[0][1], "".join(shown for _, _, shown in run)) for found, run in runs)


def _run(marks: Sequence[Mark], at: int, shown: str) -> str:
    if not marks:
        return shown
    numbers = " ".join(dict.fromkeys(str(mark.number) for mark in marks))
    begun = " ".join(dict.fromkeys(str(mark.number) for mark in marks if mark.span.start == at and mark.number))
    number = f' data-number="{begun}"' if begun else ""
    doubted = ' class="cd-doubted"' if any(mark.doubted for mark in marks) else ""
    return f'<mark data-at="{at}" data-marker="{numbers}"{number}{doubted}>{shown}</mark>'
