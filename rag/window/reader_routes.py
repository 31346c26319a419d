"""The route of the reader: one whole document, marked where an answer cites it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from corpus.document import Span
from corpus.errors import BadInput
from rag.window.marking import Mark
from rag.window.reader import Place, reader
from rag.window.routing import fragment, get

if TYPE_CHECKING:
    from rag.window.site import Site

MOST_MARKS = 1_000
_MARK = re.compile(r"(\d{1,12})-(\d{1,12}):(\d{1,4})", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)


def routes(site: Site) -> list[Route]:
    def document(request: Request) -> Response:
        asked = request.query_params
        name = asked.get("name", "")
        if not name:
            raise BadInput("say which document: name is missing")
        at, marks = place_of(asked.get("start", ""), asked.get("end", "")), marks_of(asked.get("spans", ""))
        desk = site.desk
        found, entry = desk.document(name), desk.entry(name)
        place = Place(entry.file, entry.place)
        return fragment(reader(found, carriers=desk.carriers(name), place=place, marks=marks, at=at))

    return [get("/citedesk/document", document)]


def place_of(start: str, end: str) -> Span | None:
    """Where to open a document, None at its beginning. Raises BadInput for what is no place."""
    if not start and not end:
        return None
    if not _NUMBER.fullmatch(start) or not _NUMBER.fullmatch(end) or int(end) < int(start):
        raise BadInput("start and end must be characters of the document, counted from 0")
    return Span(int(start), int(end))


def marks_of(spans: str) -> list[Mark]:
    """Marks as ``12-80:1,95-130:2``: start, end and number of each citation. Raises BadInput for anything else."""
    parts = spans.split(",", MOST_MARKS) if spans else []
    if len(parts) > MOST_MARKS:
        raise BadInput(f"there are more than {MOST_MARKS:,} places to mark")
    marks = []
    for part in parts:
        match = _MARK.fullmatch(part)
        if match is None:
            raise BadInput("spans must be written as START-END:NUMBER, with commas between them")
        start, end, number = map(int, match.groups())
        marks.append(Mark(number, Span(start, end)))
    return marks
