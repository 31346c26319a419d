"""Citations: the exact stretch of a source behind a marker, and whether it really stands there.

Knows passages and the archive's view. Knows nothing of composers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.document import Passage, Span
from corpus.sentences import sentences
from rag.answer import Check, Citation
from rag.evidence import is_label
from rag.markers import Marked
from vectorstore.index import View
from vectorstore.lexical import terms

_MARKER = re.compile(r"\[(\d+)\]")


def cite(passage: Passage, span: Span, marker: int) -> Citation:
    """A citation of ``span``, in offsets of the document, which lies in the passage; not yet checked."""
    return Citation(marker, passage, passage.slice(span), span.start, span.end, "unverified")


def cite_marked(marked: Marked, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """For each marker of a text the sentences of its passage that say what is said before it, each once, by marker."""
    found: dict[tuple[int, Span], Citation] = {}
    starts = [span.start for span in sentences(marked.text)]
    for match in _MARKER.finditer(marked.text):
        marker = int(match[1])
        if not 1 <= marker <= len(marked.sources):
            continue
        passage = passages[marked.sources[marker - 1]]
        said = marked.text[max((start for start in starts if start < match.start()), default=0) : match.start()]
        span = _support(_MARKER.sub("", said), passage)
        found.setdefault((marker, span), cite(passage, span, marker))
    return tuple(sorted(found.values(), key=lambda citation: (citation.marker, citation.start)))


def marker_count(text: str) -> int:
    return len(_MARKER.findall(text))


def _support(said: str, passage: Passage) -> Span:
    """The sentence of the passage that shares most words with what was said; all of it where it has none."""
    wanted = set(terms(said))
    statements = [span for span in passage.sentences if not is_label(passage.slice(span), passage)]
    spans = statements or passage.sentences or (Span(passage.start, passage.end),)
    return max(spans, key=lambda span: len(wanted.intersection(terms(passage.slice(span)))))


def renumbered(text: str, citations: Sequence[Citation], after: int) -> tuple[str, tuple[Citation, ...]]:
    """A text and its citations, to stand below another whose last marker is ``after``."""
    known = {citation.marker for citation in citations}
    text = _MARKER.sub(lambda match: f"[{int(match[1]) + after}]" if int(match[1]) in known else match[0], text)
    return text, tuple(replace(citation, marker=citation.marker + after) for citation in citations)


def checked(citations: Sequence[Citation], view: View) -> tuple[Citation, ...]:
    """The same citations, marked verbatim where the stored document has the quote at just that place.

    Each names the other documents that carry its text.
    """
    names = list(dict.fromkeys(citation.document.name for citation in citations))
    documents = {name: view.snapshot.document(name) for name in names}
    texts = {name: document.text if document else "" for name, document in documents.items()}
    copies = view.snapshot.copies(names)

    def check(citation: Citation) -> Citation:
        name = citation.document.name
        found = texts[name][citation.start : citation.end]
        carriers = tuple(header for header in copies.get(name, ()) if header.name != name)
        verdict: Check = "verbatim" if citation.quote and found == citation.quote else "unverified"
        return replace(citation, check=verdict, carriers=carriers)

    return tuple(check(citation) for citation in citations)
