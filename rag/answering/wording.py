"""The few fixed forms of words around quotations: who says it and when, and what stands beside it.

Every fact of a line stands inside a quotation or comes from a document's header; the words between are ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.dates import in_words
from corpus.document import Header
from rag.answer import Citation, Conflict
from rag.answering.candidates import Candidate
from rag.answering.dating import in_brackets

OTHERWISE = "The sources put it otherwise than the question:"
_MOST_OF = 0.5  # of a sentence: as much of it has to be quotation for it to be its speaker's


def line(citations: Sequence[Citation], candidate: Candidate, *, is_provenance: bool = False) -> str:
    """According to SPEAKER (OUTLET, DATE): “…” [1]

    Of citations of one document, as many as what is quoted has pieces.
    """
    return f"{introduction(citations[0], candidate, is_provenance=is_provenance)}: {quotations(citations)}"


def introduction(citation: Citation, candidate: Candidate, *, is_provenance: bool = False) -> str:
    """What stands before the quotations of one document: who speaks there and when, or where it comes from."""
    return _published(citation, candidate) if is_provenance else _according(citation, candidate)


def quotations(citations: Sequence[Citation]) -> str:
    return " ".join(map(quoted, citations))


def _according(citation: Citation, candidate: Candidate) -> str:
    speaker = _speaker(candidate)
    called = citation.source or _titled(citation.document)
    beside = [called] if speaker else []
    details = ", ".join([*beside, *_details(citation, candidate.hit.carriers)])
    return f"According to {speaker or called} ({details})"


def _published(citation: Citation, candidate: Candidate) -> str:
    """Where a document comes from, by its header."""
    document = citation.document
    parts = [
        f"Published by {citation.source}" if citation.source else f"In {document.name}",
        in_words(document.published) if document.published else "undated",
        f"written by {document.byline}" if document.byline else "",
        f"headline “{document.title}”" if document.title else "",
        _also_in(citation, candidate.hit.carriers),
    ]
    return ", ".join(filter(None, parts))


def differing(conflict: Conflict) -> str:
    """Sources differ: 14 vessels [1] / 16 ships [2]"""
    sides = (f"{said} [{marker}]" for said, marker in zip(conflict.what, conflict.markers, strict=True))
    return f"Sources differ: {' / '.join(sides)}"


def quoted(citation: Citation) -> str:
    """The quotation on one line, in the marks it does not use itself, what its relative dates mean, the marker."""
    text = " ".join(citation.quote.split())
    inside = f"‘{text}’" if any(mark in text for mark in '“”"') else f"“{text}”"
    dates = in_brackets(citation.quote, citation.document.published)
    return " ".join(filter(None, (inside, dates, f"[{citation.marker}]")))


def _details(citation: Citation, carriers: Sequence[Header]) -> list[str]:
    date = in_words(citation.document.published) if citation.document.published else "undated"
    page = f"p. {citation.page}" if citation.page else ""
    return list(filter(None, (date, page, _also_in(citation, carriers))))


def _also_in(citation: Citation, carriers: Sequence[Header]) -> str:
    """The other outlets that carry the same text."""
    names = list(dict.fromkeys(header.called() for header in carriers if header.called() != citation.document.called()))
    return f"also in {' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))}" if names else ""


def _speaker(candidate: Candidate) -> str:
    """Whose words a sentence is, where it is hardly anything else."""
    return candidate.speaker if candidate.speaker and candidate.said >= _MOST_OF else ""


def _titled(document: Header) -> str:
    return f"“{document.title}”" if document.title else document.name
