"""Citations: the exact stretch of a source behind a marker, and whether it really stands there.

Knows passages and the archive's view. Knows nothing of composers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.document import Passage, Span
from rag.answer import Citation
from vectorstore.index import View


def cite(passage: Passage, span: Span, marker: int) -> Citation:
    """A citation of ``span``, in offsets of the document, which lies in the passage; not yet checked."""
    return Citation(marker, passage, passage.slice(span), span.start, span.end, "unverified")


def checked(citations: Sequence[Citation], view: View) -> tuple[Citation, ...]:
    """The same citations, marked verbatim where the stored document has the quote at just that place."""
    texts: dict[str, str] = {}
    for name in {citation.document.name for citation in citations}:
        document = view.snapshot.document(name)
        texts[name] = document.text if document else ""
    return tuple(
        replace(citation, check="verbatim")
        if citation.quote and texts[citation.document.name][citation.start : citation.end] == citation.quote
        else replace(citation, check="unverified")
        for citation in citations
    )
