"""What each marker of a text stands for: the sentence of its passage that says what is said before it.

Knows marked texts and passages. Does not know whether the passage bears it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.document import Passage, Span
from rag.answer import Citation
from rag.checking.statements import Statement, statements
from rag.checking.support import content
from rag.citation import cite
from rag.markers import Marked
from rag.saying import Saying

_MARKER = re.compile(r"\[(\d+)\]")
_MARKERS = re.compile(r"\[\d+\](?:[ \t]?\[\d+\]){0,20}")
_LEAST_WORDS = 2  # that say something: with fewer a part of a sentence cannot be looked for


def cite_marked(marked: Marked, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """For each marker of a text what its passage says of that, each once, by marker.

    A marker in a list of sources below the text is cited only where it stands nowhere else.
    """
    found: dict[tuple[int, Span], Citation] = {}
    read = {source: Saying(passages[source]) for source in marked.sources}
    known: set[int] = set()
    for statement in sorted(statements(marked.text), key=lambda statement: statement.is_reference):
        for marker, said, quoted in _said(marked.text, statement):
            if not 1 <= marker <= len(marked.sources) or (statement.is_reference and marker in known):
                continue
            source = marked.sources[marker - 1]
            span = read[source].of(said, quoted)
            found.setdefault((marker, span), cite(passages[source], span, marker))
            known.add(marker)
    return tuple(sorted(found.values(), key=lambda citation: (citation.marker, citation.start)))


def _said(text: str, statement: Statement) -> Iterator[tuple[int, str, list[str]]]:
    """Each marker of a sentence, with the part of it that it stands behind, and what that quotes.

    The last one's part goes on to the end; one that says too little by itself has all of the sentence.
    """
    start, end = statement.span.start, statement.span.end
    groups = list(_MARKERS.finditer(text, start, end))
    for at, group in enumerate(groups):
        said = _MARKER.sub(_blank, text[start : end if at + 1 == len(groups) else group.start()])
        if len(content(said)) < _LEAST_WORDS:
            said = statement.words
        quoted = [each for each in statement.quoted if each in said] if len(groups) > 1 else list(statement.quoted)
        yield from ((int(marker), said, quoted) for marker in _MARKER.findall(group[0]))
        start = group.end()


def _blank(marker: re.Match[str]) -> str:
    return " " * len(marker[0])


def renumbered(text: str, citations: Sequence[Citation], after: int) -> tuple[str, tuple[Citation, ...]]:
    """A text and its citations, to stand below another whose last marker is ``after``."""
    known = {citation.marker for citation in citations}
    text = _MARKER.sub(lambda match: f"[{int(match[1]) + after}]" if int(match[1]) in known else match[0], text)
    return text, tuple(replace(citation, marker=citation.marker + after) for citation in citations)
