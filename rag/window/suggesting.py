"""Questions to begin with and to go on with, made by form from what the archive holds; none is made up.

Knows how English introduces a person, quotes one and counts something. A question to begin with is asked once,
unseen, and offered only where the archive answers it from the document that it was made of. Other languages get none.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from typing import TYPE_CHECKING

from corpus.dates import in_words
from corpus.document import Document, Header, Quotation
from corpus.sentences import sentences
from corpus.speech.quotations import quotations
from rag.answer import Answer
from rag.checking.folding import tidy
from rag.checking.names import runs

if TYPE_CHECKING:
    from rag.assistant import Assistant

STARTERS = 4
READ = 24  # documents, spread over the archive's time, that questions are made from
TRIED = 14  # questions that are asked to find STARTERS that are answered
FOLLOWING = 3
LONGEST = 110  # characters of a question
LONGEST_TEXT = 6_000  # characters of a document that are read

_SURE = 0.8  # confidence in who is quoted
_NUMBER = (
    r"(?:\d[\d,.]*(?: (?:million|billion|thousand))?"
    r"|(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    r"|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four|five|six|seven|eight|nine))?)"
)
_COUNTED = re.compile(  # "At least 23 people were hurt when …": the subject is counted, so "How many" can stand for it
    rf"^(?:(?:about|some|around|nearly|almost|over|more than|at least|up to) )?{_NUMBER} "
    r"(?P<what>(?!(?:of|per|and|in|to|or|on|at|by|a|the|for|with|years?|months?|weeks?|days?|hours?|minutes?)\b)"
    r"[a-z][a-z-]+(?: [a-z][a-z-]+)?) "
    r"(?P<verb>were|are|have|had|will|could|can|would|must|may) (?P<rest>[^.:;“”\"()]{12,90})[.]?$",
    re.IGNORECASE,
)
_WILL = re.compile(  # "Selmark will pay Orlund 40 million crowns to …": the figure can be asked for
    r"^(?P<who>(?:The )?[A-Z][\w'’-]++(?: [\w'’-]++){0,3}?) (?P<will>will|would|can|could|must|may)(?: also)? "
    r"(?P<do>[a-z]+(?: [\w'’-]+){0,3}?) (?:about |some |around |nearly |almost |over |more than |at least |up to )?"
    rf"(?:(?P<money>[£$€]\d[\d,.]*(?: ?(?:m|bn|million|billion))?)|{_NUMBER} (?P<what>[a-z][a-z-]+))"
    r"(?P<rest>(?: [^.:;“”\"()]{3,80})?)[.]?$"
)
_WHEN = re.compile(  # "The Pell council will vote on the plan on Monday"
    r"^(?P<who>(?:The )?[A-Z][\w'’-]++(?: [\w'’-]++){0,3}?) (?P<will>will|would) (?:also )?"
    r"(?P<do>[a-z]+ [^.,:;“”\"()]{4,70}?),? on "
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\d{1,2} [A-Z][a-z]+|[A-Z][a-z]+\.? \d{1,2})\b"
)
_SCALED = re.compile(r"(?:million|billion|thousand) [a-z-]+$")
_INTRODUCED = re.compile(  # "Ada Penn, the head of the union, said": who that is, is said there
    r"(?<!\w)(?P<name>[A-Z][\w'’-]++(?: [A-Z][\w'’.-]++){1,2}), "
    r"(?:the|a|an|who (?:is|was|has|had|leads|runs|chairs)|[a-z]+ (?:of|at)) [^.;:“”\"]{6,80}"
)
_LEANING = re.compile(  # what only makes sense beside the sentence before
    r"\b(?:it|its|he|she|they|their|his|her|them|him|this|that|these|those|there|here|also|such|then|so|i|we|you|my|our|your)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+)*")
_WITH_ARTICLE = frozenset(("US", "UK", "EU", "UN", "USA", "UAE", "Netherlands", "Philippines"))
_STARTING = frozenset(
    "the a an in on at for but and after before when while as if with from by to of this that".split()
)
_TITLES = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Lord|Lady|Rev)\.? ")


@dataclass(frozen=True)
class Made:
    """A question and the document that it was made of."""

    question: str
    document: str


class Starters:
    """The questions to begin with of one archive, made anew when its documents have changed."""

    def __init__(self, desk: Callable[[], Assistant]) -> None:
        """``desk`` gives the assistant whose built-in answers say which questions can be answered."""
        self._desk = desk
        self._lock = threading.Lock()
        self._of: tuple[Header, ...] | None = None
        self._questions: tuple[str, ...] = ()
        self._is_closing = threading.Event()

    def close(self) -> None:
        """End what is under way soon, and wait for it; nothing is asked any more."""
        self._is_closing.set()
        with self._lock:
            self._of = None

    def questions(self) -> tuple[str, ...]:
        """At most STARTERS, each of another form where there are enough. Takes seconds the first time."""
        with self._lock:
            if self._is_closing.is_set():
                return ()
            desk = self._desk()
            headers = tuple(desk.documents())
            if headers != self._of:
                candidates = takewhile(lambda _: not self._is_closing.is_set(), made(_read(desk, headers)))
                self._questions = tuple(answerable(candidates, desk))
                self._of = headers
            return self._questions


def _read(desk: Assistant, headers: Sequence[Header]) -> Iterator[Document]:
    for header in spread(headers, READ):
        yield desk.document(header.name)


def spread(headers: Iterable[Header], count: int) -> list[Header]:
    """Documents in the order of their dates, evenly taken out of all of them."""
    dated = sorted(headers, key=lambda header: (header.published or "", header.name))
    return [dated[at * len(dated) // count] for at in range(count)] if len(dated) > count else dated


def made(documents: Iterable[Document]) -> list[Made]:
    """Questions that the documents answer by their form, the forms in turn, each document once before any twice."""
    read = list(documents)
    makers = {
        "will": _will, "counted": _counted, "said": _said,
        "introduced": _introduced, "when": _when, "reported": _reported,
    }  # fmt: skip
    forms: dict[str, list[Made]] = {form: [] for form in (*makers, "compared")}
    for document in read:
        for form, make in makers.items():
            question = next((each for each in make(document) if len(each) <= LONGEST), None)
            if question:
                forms[form].append(Made(question, document.header.name))
    forms["compared"] = list(_compared(read))
    in_turn: dict[str, Made] = {}
    for row in zip_longest(*forms.values()):
        for each in filter(None, row):
            in_turn.setdefault(each.question, each)
    first: dict[str, Made] = {}
    for each in in_turn.values():
        first.setdefault(each.document, each)
    return list(dict.fromkeys((*first.values(), *in_turn.values())))


def answerable(candidates: Iterable[Made], desk: Assistant, count: int = STARTERS) -> list[str]:
    """The first ``count`` that are answered with a citation of the document that they were made of."""
    found: list[str] = []
    for at, candidate in enumerate(candidates):
        if len(found) == count or at == TRIED:
            break
        answer = desk.ask(candidate.question)
        cited = {name for each in answer.citations for name in (each.document.name, *(c.name for c in each.carriers))}
        if answer.status == "answered" and answer.finding == "answer" and candidate.document in cited:
            found.append(candidate.question)
    return found


def _sentences(document: Document) -> Iterator[str]:
    text = document.text[:LONGEST_TEXT]
    for span in sentences(text):
        if not any(span.overlaps(furniture) for furniture in document.furniture):
            yield tidy(" ".join(text[span.start : span.end].split()))


def _counted(document: Document) -> Iterator[str]:
    for sentence in _sentences(document):
        found = _COUNTED.match(sentence)
        if found and not _LEANING.search(sentence) and _is_named(found["rest"]):
            yield f"How many {found['what']} {found['verb']} {found['rest'].rstrip(' ,')}?"


def _will(document: Document) -> Iterator[str]:
    for sentence in _sentences(document):
        found = _WILL.match(sentence)
        if not found or _LEANING.search(sentence.replace(" also ", " ")) or not _is_named(found["who"]):
            continue
        rest = found["rest"].rstrip(" ,")
        figure = sentence[found.end("do") : found.start("rest")]
        if found["money"] or _SCALED.search(figure):
            yield f"How much {found['will']} {_inside(found['who'])} {found['do']}{rest}?"
        elif found["what"].endswith("s"):
            yield f"How many {found['what']} {found['will']} {_inside(found['who'])} {found['do']}{rest}?"


def _when(document: Document) -> Iterator[str]:
    for sentence in _sentences(document):
        found = _WHEN.match(sentence)
        if found and not _LEANING.search(found[0]) and (_is_named(found["do"]) or _is_named(found["who"])):
            yield f"When {found['will']} {_inside(found['who'])} {found['do']}?"


def _inside(words: str) -> str:
    """Words that began a sentence, inside of one."""
    return words[0].lower() + words[1:] if words.startswith("The ") else words


def _reported(document: Document) -> Iterator[str]:
    """What an outlet says, or was said on a day, about the name in the headline."""
    about, header = _topic(document), document.header
    if about and header.outlet:
        yield f"What does {header.outlet} report about {about}?"
    if about and header.published:
        yield f"What was reported about {about} {_at(header.published)}?"


def _at(published: str) -> str:
    """A date as it stands in a question: "on 6 March 2024", "in March 2024", "in 2024"."""
    day = in_words(published)
    return f"{'on' if day[0].isdigit() and ' ' in day else 'in'} {day}"


def _is_named(text: str) -> bool:
    """Whether something in it has a name, so that it means the same without what stands around it."""
    return any(True for _ in runs(f"x {text}"))


def _introduced(document: Document) -> Iterator[str]:
    people = {word for quotation in _quotations(document) for word in quotation.speaker.split()[-1:]}
    for sentence in _sentences(document):
        for found in _INTRODUCED.finditer(sentence):
            name = found["name"]  # of a person where somebody of that surname is quoted: a place never is
            if name.split()[-1] in people and not _TITLES.match(name) and name.split()[0].lower() not in _STARTING:
                yield f"Who is {name}?"


def _said(document: Document) -> Iterator[str]:
    """What one said who is quoted by full name, about something that the headline names."""
    about = _topic(document)
    for speaker in _speakers(document):
        if about and about not in speaker:
            yield f"What did {speaker} say about {about}?"


def _speakers(document: Document) -> Iterator[str]:
    """Whoever is quoted by full name."""
    for quotation in _quotations(document):
        speaker = " ".join(quotation.speaker.split())
        if quotation.confidence >= _SURE and _NAME.fullmatch(speaker):
            yield speaker


def _quotations(document: Document) -> Sequence[Quotation]:
    return document.quotations or quotations(document.text[:LONGEST_TEXT])


def _topic(document: Document) -> str:
    """The name that the text has most often, of those that its headline has too; empty where there is none."""
    title = set(re.findall(r"\w+", document.header.title or ""))
    counted: dict[str, int] = {}
    for line in document.text[:LONGEST_TEXT].splitlines():
        for run in runs(tidy(line)):
            name = " ".join(word.text.removesuffix("'s") for word in run)
            if not (run[0].is_starter and len(run) == 1) and set(name.split()) <= title:
                counted[name] = counted.get(name, 0) + 1
    name = max(counted, key=lambda name: (counted[name], len(name)), default="")
    return f"the {name}" if name in _WITH_ARTICLE else name


def _compared(documents: Sequence[Document]) -> Iterator[Made]:
    """What two outlets say about a name that the headlines of both have."""
    first: dict[str, Document] = {}
    for document in documents:
        topic, outlet = _topic(document), document.header.outlet
        if not topic or not outlet:
            continue
        other = first.setdefault(topic, document)
        if other.header.outlet and other.header.outlet != outlet:
            question = f"What do {other.header.outlet} and {outlet} report about {topic}?"
            if len(question) <= LONGEST:
                yield Made(question, document.header.name)


def following(answer: Answer) -> list[str]:
    """At most FOLLOWING questions that what was found for this answer, and not cited, may answer."""
    if answer.status == "error":
        return []
    cited = {citation.passage for citation in answer.citations}
    asked = answer.question.lower()
    found: list[str] = []
    outlets = {citation.document.outlet for citation in answer.citations}
    for hit in answer.retrieved:
        if len(found) >= FOLLOWING:
            break
        passage = hit.passage
        if passage in cited:
            continue
        text = passage.indexed_text()[:LONGEST_TEXT]
        part = Document(passage.document, text)
        made_of = [*_will(part), *_counted(part), *_who_said(part), *_introduced(part)]
        if passage.document.outlet not in outlets:
            made_of += _reported(part)
        question = next((q for q in made_of if len(q) <= LONGEST and q not in found and q.lower() != asked), None)
        if question and not _same_subject(question, found, asked):
            found.append(question)
    return found


def _who_said(document: Document) -> Iterator[str]:
    """As ``_said``; where there is no such name, what one said on the day."""
    published, about = document.header.published, _topic(document)
    for speaker in _speakers(document):
        if about and about not in speaker:
            yield f"What did {speaker} say about {about}?"
        elif published:
            yield f"What did {speaker} say {_at(published)}?"


def _same_subject(question: str, others: Iterable[str], asked: str) -> bool:
    """Whether the first name of it is asked after already."""
    about = next(iter(_NAME.findall(question.partition(" ")[2])), "").lower()
    return any(about in other.lower() for other in (*others, asked))
