"""What a paper says about itself: who edits it, where to write, what it costs, whose photo that is.

Such lines are furniture, which is not searched; they are read only for a question about the paper. Knows how such
questions and lines are put in English. Weighs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from corpus.document import Document, Passage, Span
from corpus.sentences import paragraphs, sentences
from rag.answering.asked import Form
from rag.answering.candidates import Candidate
from rag.question import Question
from vectorstore.base import Hit
from vectorstore.filtering import Filter
from vectorstore.view import View

_EDITOR = r"editor|edit(?:s|ed)\b|editorial|publisher|publish(?:es|ed) by|copy ?desk|news ?desk|newsroom"
_JOINING = (
    r"news ?letter|mailing list|subscri|membership|paywall|sign(?:ing)?[ -]up|donat|\bfunded|supporters?\b|readers? pay"
)
_LEAVING = r"unsubscribe|\b(?:stop (?:getting|receiving)|get off|opt out)\b|\bleave th(?:e|is) (?:list|letter)|\bcancel"
_PLACE = r"\baddress|\be-?mail|\bphone|\btelephone|\bpostcode"
_WRITING = r"\bcorrections?\b|\bletters\b|\btips?\b|\bcomplaints?\b|\bcontact\b"
_PHOTO = r"\bphoto|\bpictures?\b|\bimages?\b"
_COMMENTS = r"\bcomment(?:s|ing|er|ers)?\b|\bhouse rules?\b"
_RIGHTS = r"copyright|©|licen[cs]e|republish|reprint|terms of use|cookies?\b|advertis"
_SUBJECTS: tuple[tuple[str, str], ...] = (  # how each is asked about, and what a line that tells has
    (rf"\b(?:who|whom) (?:owns|runs|founded|prints|produces|pays for|funds|finances)\b|{_EDITOR}",
     rf"{_EDITOR}|\bfounde[dr]|\bowned|\bowner|\bmade by|\bwritten by|\bprinted|\brun by|\bpaid for"),
    (rf"{_LEAVING}", rf"{_LEAVING}|\bleave\b|\breply\b|\banswer\b"),
    (rf"{_JOINING}", rf"{_JOINING}|\bjoin\b|\bsupport\b|\bmembers?\b"),
    (rf"{_PLACE}|\b(?:reach|write to|get in touch with) the\b", r"\w@\w|\d|\bwrite to\b"),
    (rf"\bsend (?:in )?(?:a |my |your )?(?:correction|letter|tip|comment)"
     rf"|(?:{_WRITING}) (?:to|go|be sent|desk|page|policy)",
     rf"\w@\w|{_WRITING}|\bwrite to\b"),
    (rf"\b(?:took|taken|shot|made|whose|credit\w*)\b[^?]{{0,30}}(?:{_PHOTO})|(?:{_PHOTO})[^?]{{0,20}}"
     r"\b(?:credit|by|taken|shot|come|comes|came|from)\b|\bphotographer\b",
     rf"{_PHOTO}|\bcamera\b"),
    (rf"(?:{_COMMENTS}) (?:rules?|polic|section|clos|open|moderat)|\bcommenting\b|\bcomments (?:are|stay|close|be)\b",
     rf"{_COMMENTS}"),
    (rf"{_RIGHTS}", rf"{_RIGHTS}|\brights\b"),
)  # fmt: skip
_ASKED = [re.compile(asked, re.IGNORECASE) for asked, _ in _SUBJECTS]
_TOLD = [re.compile(told, re.IGNORECASE) for _, told in _SUBJECTS]
_SET = r"(?:published|appeared|printed|ran|reprinted|republished)"
_CREDIT = re.compile(
    r"\W{0,3}(?:(?i:from|by|words by|text by|story by|photos? by|via|courtesy of)(?: the)? (?=[A-Z])"
    rf"|(?i:(?:additional |with )?reporting by|translated (?:by|from)|(?:first|originally|previously) {_SET}"
    rf"|(?:{_SET}|produced) (?:here )?(?:with|by|from|under)|carried (?:by|under|from)|used (?:with|by|under)"
    r"|(?:this|the(?: following)?) (?:article|post|piece|report|story|column|text|interview|dispatch)"
    rf" (?:is |was |has )?(?:first |originally |previously |also )?(?:{_SET}|appears|carried|taken|by|from)))"
)
_FIRST_WORD = re.compile(r"[\w“\"‘(\[]")
_CREDIT_CHARACTERS = 200
_DOCUMENTS = 40  # looked at of an outlet: what it says of itself it says often


def asides(question: Question, form: Form, hits: Sequence[Hit], view: View) -> list[Candidate]:
    """What may answer a question about a paper or about where an article comes from: lines of furniture on the same
    subject of the documents found and of those of the outlets that the question names, and lines that say whose an
    article is. None for any other question."""
    told = [told for asked, told in zip(_ASKED, _TOLD, strict=True) if asked.search(question.meant)]
    is_provenance = form == "provenance"
    if not told and not is_provenance:
        return []
    found: dict[str, Candidate] = {}
    for name in _documents(question, hits, view):
        document = view.snapshot.document(name)
        if document is None:
            continue
        for line in [*_furniture(document), *(_credits(document) if is_provenance else ())]:
            passage = _passage(document, line)
            is_credit = is_provenance and _CREDIT.match(passage.text)
            if is_credit or any(each.search(passage.text) for each in told):
                found.setdefault(" ".join(passage.text.split()), _aside(passage))
    return list(found.values())


def _documents(question: Question, hits: Sequence[Hit], view: View) -> Iterable[str]:
    names = [hit.passage.document.name for hit in hits]
    for outlet in question.prefers.outlets or filter(None, (question.within.outlet, *question.within.outlets)):
        names += view.snapshot.names_within(Filter(outlet=outlet), _DOCUMENTS)
    return dict.fromkeys(names)


def _furniture(document: Document) -> Iterator[Span]:
    """Each sentence of it that has letters, from its first word on."""
    for furniture in document.furniture:
        for span in sentences(document.text, furniture):
            begin = _FIRST_WORD.search(document.text, span.start, span.end)
            if begin and any(character.isalpha() for character in document.text[begin.start() : span.end]):
                yield Span(begin.start(), span.end)


def _credits(document: Document) -> Iterator[Span]:
    """The short paragraphs that say whose an article is."""
    for span in paragraphs(document.text):
        if len(span) <= _CREDIT_CHARACTERS and _CREDIT.match(document.text, span.start, span.end):
            yield span


def _passage(document: Document, line: Span) -> Passage:
    """The line as a passage of its own."""
    return Passage(
        document.header,
        line.start,
        line.end,
        document.text[line.start : line.end],
        (line,),
        voices=tuple(voice for voice in document.voices if voice.span.covers(line)),
        pages=tuple(page for page in document.pages if page.span.overlaps(line)),
    )


def _aside(passage: Passage) -> Candidate:
    return Candidate(Hit(passage, 0.0), 0.0, 0, passage.sentences[0], passage.text, is_aside=True)
