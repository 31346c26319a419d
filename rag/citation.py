"""Citations: the exact stretch of a source behind a marker, and whether it really stands there.

Knows passages and the archive's view. Knows nothing of composers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.document import Passage, Span
from rag.answer import Check, Citation
from vectorstore.view import View


def cite(passage: Passage, span: Span, marker: int) -> Citation:
    """A citation of ``span``, in offsets of the document, which lies in the passage; not yet checked."""
    return Citation(marker, passage, passage.slice(span), span.start, span.end, "unverified")


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
