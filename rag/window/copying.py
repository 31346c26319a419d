"""An answer as text to paste elsewhere, its citations with it. Pure: an Answer in, text out."""

from __future__ import annotations

import re

from corpus.dates import in_words
from rag.answer import Answer, Citation

FORMS = {"markdown": "Markdown", "plain": "Plain text", "references": "References (BibTeX)"}

_MARKDOWN = re.compile(r"([\\`*_<>#|~&])")
_BRACKETED = re.compile(r"\[(?![1-9][0-9]{0,2}\](?![(:\[]))")  # a marker stays as it is, where no link follows
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX_SPECIAL = re.compile(r"[\\{}%&#_$~^]")


def copied(answer: Answer, form: str) -> str:
    """The answer in one of FORMS."""
    if form == "markdown":
        return markdown(answer)
    return plain(answer) if form == "plain" else references(answer)


def plain(answer: Answer) -> str:
    """Question, answer and a numbered list of its sources."""
    sources = [f"[{marker}] {_source(citation)}: “{_line(citation.quote)}”" for marker, citation in _cited(answer)]
    return "\n\n".join(filter(None, (answer.question, answer.text, _listed("Sources", sources))))


def markdown(answer: Answer) -> str:
    """The same with the question as a heading; nothing in it is taken for Markdown that is not ours."""
    sources = [
        f"- \\[{marker}\\] {escaped(_source(citation))}: “{escaped(_line(citation.quote))}”"
        for marker, citation in _cited(answer)
    ]
    heading = f"### {escaped(_line(answer.question))}"
    text = "\n".join(escaped(line) for line in answer.text.splitlines())
    return "\n\n".join(filter(None, (heading, text, _listed("**Sources**\n", sources))))


def references(answer: Answer) -> str:
    """Each cited document once as a BibTeX entry, keyed by its first number."""
    entries: dict[str, str] = {}
    for marker, citation in _cited(answer):
        entries.setdefault(citation.document.name, _entry(marker, citation))
    return "\n\n".join(entries.values())


def _cited(answer: Answer) -> list[tuple[int, Citation]]:
    return sorted(((each.marker, each) for each in answer.citations), key=lambda pair: pair[0])


def _source(citation: Citation) -> str:
    document = citation.document
    date = in_words(document.published) if document.published else ""
    title = f"“{document.title}”" if document.title else document.name
    page = f"p. {citation.page}" if citation.page else ""
    return ", ".join(filter(None, (document.byline, title, citation.source, date, page)))


def _entry(marker: int, citation: Citation) -> str:
    document = citation.document
    year, month, day = [*(document.published or "").split("-"), "", ""][:3]
    fields = {
        "title": document.title or document.name,
        "author": document.byline or "",
        "journal": document.outlet or "",
        "year": year,
        "month": month,
        "day": day,
        "pages": str(citation.page or ""),
        "url": document.url or "",
        "note": f"“{_line(citation.quote)}”",
    }
    lines = [f"  {name} = {{{_tex(value)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@article{{source{marker},", *lines, "}"])


def _listed(heading: str, lines: list[str]) -> str:
    return "\n".join([heading, *lines]) if lines else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def escaped(text: str) -> str:
    """A line of text as Markdown that shows it, and makes no link, picture or HTML of it."""
    return _BRACKETED.sub(r"\\[", _MARKDOWN.sub(r"\\\1", text))


def _tex(text: str) -> str:
    return _TEX_SPECIAL.sub(lambda found: _TEX.get(found[0], f"\\{found[0]}"), _line(text))
