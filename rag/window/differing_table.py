"""Where the cited sources cannot all be right, as a small table: what each says, whose it is, its number."""

from __future__ import annotations

from corpus.dates import in_words
from rag.answer import Answer, Conflict
from rag.escaping import escape
from rag.window.chips import citation_chip
from rag.window.icons import icon


def differing_table(answer: Answer, conflict: Conflict, turn: int) -> str:
    """A row for each side whose citation the answer has, in the order of the conflict."""
    cited = {citation.marker: citation for citation in reversed(answer.citations)}
    rows = []
    for what, marker in zip(conflict.what, conflict.markers, strict=True):
        citation = cited.get(marker)
        source = date = number = ""
        if citation:
            source = citation.source or citation.document.called()
            date = in_words(citation.document.published) if citation.document.published else "undated"
            number = citation_chip(marker, turn, f"{source} · {date}")
        about = f'{escape(source)}<span class="cd-date">{escape(date)}</span>'
        rows.append(f'<tr><th scope="row" dir="auto">{escape(what)}</th><td>{about}</td><td>{number}</td></tr>')
    return (
        f'<table class="cd-differing"><caption>{icon("differ")}Sources differ</caption>'
        '<thead class="cd-aside"><tr><th scope="col">What it says</th>'
        '<th scope="col">Source and date</th><th scope="col">Citation</th></tr>'
        "</thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
