"""Draft a question set from an archive, to be read and edited by whoever knows what is in it.

From quotations, figures, dates and titles, in English, with no model: each question is made by form from one sentence
and its evidence is word for word what that document says. Precision over quantity: a small archive gives few. Some
are turned, by a name from another document, into questions that nothing in the archive answers.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

from corpus.dates import first_day, in_words, relative_dates, written_date
from corpus.document import Document, Quotation, Span
from corpus.errors import BadInput
from corpus.metadata import ADDRESS
from corpus.sentences import sentences
from corpus.speech.names import untitled
from rag.assistant import Assistant
from rag.checking.folding import plain, tidy, tokens
from rag.checking.names import runs
from rag.checking.numbers import Number
from rag.evaluation import phrasing
from rag.evaluation.items import Evidence, Item, as_lines
from rag.evaluation.phrasing import Phrased
from vectorstore.lexical import terms

COUNT = 40
MOST_DOCUMENTS = 500
NOTE = "a draft, made by form: read it, mend the answer, or remove it"
_UNANSWERABLE = 0.25  # of the set, where there are so many
_SURE = 0.8  # of a quotation: its speaker is named beside it
_QUOTED_WORDS = range(5, 26)
_TOPIC_LETTERS = 4
_EVIDENCE_CHARACTERS = 400
_SHORTEST = 25  # characters of a sentence that is turned into a question
_MONTH_DAY = re.compile(
    r"^(?:(?P<month>[A-Z][a-z]+)\.? (?P<day>\d{1,2})|(?P<first>\d{1,2}) (?P<second>[A-Z][a-z]+)\.?)$"
)
_WEAK = re.compile(
    r"^(?:would|could|should|rather|very|much|more|most|than|that|this|with|from|have|will|been)$|(?:ing|ly)$"
)
_INSIDE_QUOTES = re.compile(r"[\"“”«»„]")
_PLACED = re.compile(r"\b(?P<placing>in|at|near|from) (?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,2})(?=[ ?])")
_ASKING = frozenset(terms("when how many much did was were will does have has had there"))
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
).split()


@dataclass(frozen=True)
class _Text:
    """A document as questions are made from it: ``words`` are all of its, folded; ``stems`` those that are searched."""

    document: Document
    words: frozenset[str]
    stems: frozenset[str]
    folded: str
    names: Mapping[str, str] = field(hash=False)  # the full name that most often ends with a word, by that word

    @cached_property
    def quoted(self) -> tuple[tuple[Quotation, str, str], ...]:
        """The quotations with a named speaker, their words without the marks, and the speaker's full name."""
        return tuple(_quoted(self))


def questions(
    desk: Assistant,
    *,
    count: int = COUNT,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Item]:
    """At most ``count`` drafts from the archive's documents, the same for the same seed and archive.

    A text that several documents carry is read once, and of a large archive a random MOST_DOCUMENTS are read: what is
    unanswerable by these may be answered by others. ``on_progress`` hears of documents and their number.
    Raises BadInput where nothing in the archive has a form that a question can be made from.
    """
    if count < 1:
        raise BadInput(f"{count} questions cannot be drafted; it must be at least 1")
    documents = list(_each_once(desk, random.Random(seed)))  # noqa: S311 - a sample, no secret
    texts = [_text(document) for document in documents if document.header.language in (None, "en")]
    found = drafts(texts, on_progress)
    if not found:
        raise BadInput(
            f"nothing to draft from in {len(documents)} documents: they have no English sentence with a speaker, a"
            " figure or a date of a form that is sure; write questions by hand, one a line in a .txt file"
        )
    return _selected(found, texts, count, random.Random(seed))  # noqa: S311 - a sample, no secret


def write(items: Iterable[Item], out: Path) -> None:
    """Write a set in our own form. Raises BadInput where a file is there already: it may have been edited."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("xb") as file:
            file.write(as_lines(items))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise BadInput(f"{out} is there already, perhaps with what you edited; name another with --out") from error
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}; name another with --out") from error


def drafts(texts: Sequence[_Text], on_progress: Callable[[int, int], None] = lambda done, total: None) -> list[Item]:
    """Every question that can be made, before any is chosen; each has the id of its document for now."""
    makers: tuple[Callable[[_Text, Sequence[_Text]], Iterator[Item]], ...] = (_who_said, _what_said, _figures, _titles)
    found: dict[str, Item] = {}
    for number, text in enumerate(texts, start=1):
        for make in makers:
            for item in make(text, texts):
                found.setdefault(item.question.casefold(), item)
        on_progress(number, len(texts))
    return list(found.values())


# --- from quotations


def _who_said(text: _Text, texts: Sequence[_Text]) -> Iterator[Item]:
    """Who said “…”?"""
    for quotation, words, speaker in text.quoted:
        if sum(_has_phrase(other, words) for other in texts) > 1:
            continue
        question = f"Who said “{words}”?"
        yield _item(text, "who_said", question, speaker, [[_last(speaker)]], _around(text.document, quotation))


def _what_said(text: _Text, texts: Sequence[_Text]) -> Iterator[Item]:
    """What did X say about …?, where X speaks of that only once in the archive."""
    spoken = [each for other in texts for each in other.quoted]
    for quotation, words, speaker in text.quoted:
        topic = next(_topics(text, words, speaker), None)
        if topic is None or speaker != text.names.get(plain(_last(speaker)), speaker):
            continue
        theirs = [said for _, said, who in spoken if plain(_last(who)) == plain(_last(speaker))]
        if sum(bool(set(terms(topic)) & set(terms(said))) for said in theirs) > 1:
            continue
        key_words = _telling(words, topic, texts)
        if len(key_words) < 2:
            continue
        question = f"What did {speaker} say about {topic}?"
        yield _item(text, "quote", question, f"“{words}”", [[w] for w in key_words], _around(text.document, quotation))


def _quoted(text: _Text) -> Iterator[tuple[Quotation, str, str]]:
    document = text.document
    for quotation in document.quotations:
        raw = document.text[quotation.span.start + 1 : quotation.span.end - 1]
        words = " ".join(raw.split()).rstrip(" ,.")
        speaker = _full_name(text, quotation.speaker)
        is_plain = not _INSIDE_QUOTES.search(words) and words[:1].isupper() and "[" not in words and "…" not in words
        if quotation.confidence >= _SURE and len(words.split()) in _QUOTED_WORDS and is_plain and speaker:
            yield quotation, words, speaker


def _topics(text: _Text, words: str, speaker: str) -> Iterator[str]:
    """What a quotation is about: a name in it, or a thing that the title names, too."""
    own = {plain(word) for word in speaker.split()}
    for run in runs(tidy(words)):
        name = " ".join(word.text for word in run)
        if not any(word.is_starter or word.key in own or len(word.key) < _TOPIC_LETTERS for word in run):
            yield f"the {name}" if f"the {name}" in tidy(words) else name
    titled = {plain(word) for word in (text.document.header.title or "").split()}
    for thing in re.findall(r"\b[Tt]he ([a-z]{4,})(?=[ ,.;!?]|$)", words):
        if thing in titled:
            yield f"the {thing}"


def _telling(words: str, topic: str, texts: Sequence[_Text]) -> list[str]:
    """The two words of a quotation that are in the fewest documents: an answer that gives it has them."""
    asked = set(terms(topic))
    candidates = [
        word
        for word in re.findall(r"\d[\d,]*\b|[A-Za-z]{4,}", words)
        if terms(word) and not set(terms(word)) & asked and not _WEAK.search(word)
    ]
    rare = sorted(dict.fromkeys(candidates), key=lambda word: (sum(plain(word) in t.words for t in texts), -len(word)))
    return rare[:2]


def _full_name(text: _Text, speaker: str) -> str:
    """The speaker as the document first names them in full; "" where it never does."""
    bare = untitled(speaker)
    if len(bare.split()) > 1:
        return bare if not bare.split()[0].endswith(".") else speaker
    return text.names.get(plain(bare), "")


def _around(document: Document, quotation: Quotation) -> str | None:
    """The stretch that has the quotation and its speaker; None where they are far apart."""
    start = min(quotation.span.start, quotation.speaker_span.start)
    end = max(quotation.span.end, quotation.speaker_span.end)
    return document.text[start:end] if end - start <= _EVIDENCE_CHARACTERS else None


# --- from figures and dates


def _figures(text: _Text, _: Sequence[_Text]) -> Iterator[Item]:
    """How many …? How much …? When …?"""
    document = text.document
    for span in _statements(document):
        raw = document.text[span.start : span.end]
        for phrased in phrasing.questions(tidy(raw).rstrip(".")):
            question = _standing_alone(phrased.question, document)
            if question is None:
                continue
            if phrased.number is not None:
                yield _item(text, "number", question, phrased.answer, [_spellings(phrased.number)], raw)
            elif dated := _dated(phrased, raw, document):
                kind, answer, right_dates = dated
                yield _item(text, kind, question, answer, [right_dates], raw)


def _statements(document: Document) -> Iterator[Span]:
    """The sentences that nobody else says and that are no furniture."""
    for span in sentences(document.text):
        raw = document.text[span.start : span.end]
        if (
            not _SHORTEST <= len(raw) <= phrasing.LONGEST
            or not raw.endswith(".")
            or not raw[0].isalnum()
            or "\n" in raw.strip("\n")
        ):
            continue
        if _INSIDE_QUOTES.search(raw) or any(each.overlaps(span) for each in document.furniture):
            continue
        if not any(quotation.span.overlaps(span) for quotation in document.quotations):
            yield span


def _standing_alone(question: str, document: Document) -> str | None:
    """The question, with the title of its document where it has no name that would tell what it is about."""
    if any(not word.is_starter for run in runs(question) for word in run):
        return question
    title = document.header.title
    if not title or _INSIDE_QUOTES.search(title):
        return None
    return f"According to “{title}”, {question[0].lower()}{question[1:]}"


def _spellings(number: Number) -> list[str]:
    """A number as it is written, and the other ways to write it."""
    found = [number.text]
    for value in number.values:
        if isinstance(value, Decimal) and value == value.to_integral_value():
            whole = int(value)
            found += [f"{whole:,}", str(whole), *(_SMALL[whole : whole + 1] if 0 < whole <= 20 else [])]
    return list(dict.fromkeys(found))


def _dated(phrased: Phrased, raw: str, document: Document) -> tuple[str, str, list[str]] | None:
    """The type of question, the date in words, and the ways to write it; None where the day cannot be told."""
    expression = phrased.date or ""
    if found := _MONTH_DAY.match(expression):  # first: to dateparser "December 28" is a month of 2028
        month, day = (found["month"], found["day"]) if found["month"] else (found["second"], found["first"])
        return "date", f"{day} {month}", [f"{month} {day}", f"{day} {month}"]
    if written := written_date(expression):
        return "date", in_words(written), _written(written)
    if document.header.published is None:
        return None
    resolved = [each for each in relative_dates(raw, document.header.published) if each.expression == expression]
    if len(resolved) != 1:
        return None
    return "relative_date", in_words(resolved[0].date), _written(resolved[0].date)


def _written(date: str) -> list[str]:
    """An ISO date the ways that people write it; the year may be left out with a day."""
    if len(date) < len("2022-01"):
        return [date]
    day = first_day(date)
    if len(date) < len("2022-01-06"):
        return [f"{day:%B %Y}", f"{day:%b} {day:%Y}", date]
    full, short = f"{day:%B}", f"{day:%b}"
    months = [full] if full == short else [full, short, f"{short}."]
    return [date, *(f"{month} {day.day}" for month in months), *(f"{day.day} {month}" for month in months)]


# --- from titles


def _titles(text: _Text, texts: Sequence[_Text]) -> Iterator[Item]:
    """What only a header knows. The evidence is the title: it shows which document is meant."""
    header = text.document.header
    title = header.title
    if not title or len(title.split()) < 3 or _INSIDE_QUOTES.search(title) or not _is_in_text(text.document, title):
        return
    if sum(other.document.header.title == title for other in texts) > 1:
        return
    if header.published and len(header.published) == len("2022-01-06"):
        question = f"When was the article “{title}” published?"
        answer = in_words(header.published)
        yield _item(text, "provenance", question, answer, [_written(header.published)], title)
    if header.outlet and text.document.origins.get("outlet") != ADDRESS:  # else it is only a site's name
        question = f"Who published the article “{title}”?"
        yield _item(text, "provenance", question, header.outlet, [[header.outlet]], title)


def _is_in_text(document: Document, title: str) -> bool:
    start = document.text.find(title)
    return start >= 0 and not any(each.overlaps(Span(start, start + len(title))) for each in document.furniture)


# --- what the archive does not answer


def _swapped(items: Sequence[Item], texts: Sequence[_Text], chance: random.Random) -> Iterator[Item]:
    """Questions with a name from another document in the place of their own, where no document has both."""
    speakers = sorted({item.answers[0] for item in items if item.type == "who_said"})
    places = sorted({found["name"] for item in items for found in _placed(item)})
    for item in items:
        if item.type == "quote":
            asked, _, topic = item.question.rstrip("?").partition(" say about ")
            own = asked.removeprefix("What did ")
            others = [name for name in speakers if name != own and not _together(texts, _last(name), topic, least=0.0)]
            if others:
                other = chance.choice(others)
                yield _unanswerable(item, f"What did {other} say about {topic}?", other)
        for found in _placed(item):
            start, end = found.span("name")
            rest = f"{item.question[:start]} {item.question[end:]}"
            others = [name for name in places if name not in item.question and not _together(texts, name, rest)]
            if others:
                other = chance.choice(others)
                yield _unanswerable(item, item.question[:start] + other + item.question[end:], other)
                break


def _placed(item: Item) -> Iterator[re.Match[str]]:
    """The names that stand behind "in", "at" and the like in a question about a figure or a date."""
    if item.type in ("number", "date", "relative_date") and "“" not in item.question:
        yield from _PLACED.finditer(item.question)


def _together(texts: Sequence[_Text], name: str, asked: str, *, least: float = 0.5) -> bool:
    """True where some document has all words of the name and more than ``least`` of those that are asked about."""
    named, stems = {plain(word) for word in name.split()}, set(terms(asked)) - _ASKING
    return any(named <= text.words and len(stems & text.stems) > least * len(stems) for text in texts)


def _unanswerable(item: Item, question: str, other: str) -> Item:
    note = f"{NOTE}; made from another question by putting in “{other}”: make sure that nothing answers it"
    return Item(item.id, question, type="unanswerable", answerable=False, fields={"draft": True, "note": note})


# --- choosing


def _selected(found: Sequence[Item], texts: Sequence[_Text], count: int, chance: random.Random) -> list[Item]:
    """Of every type alike, and of every document, as far as there are; numbered."""
    by_type: dict[str, list[Item]] = {}
    for item in found:
        by_type.setdefault(item.type, []).append(item)
    asked = {item.question for item in found}
    swapped = {item.question: item for item in _swapped(found, texts, chance) if item.question not in asked}
    unanswerable = _spread(list(swapped.values()), chance)[: round(count * _UNANSWERABLE)]
    queues = [_spread(items, chance) for _, items in sorted(by_type.items())]
    in_turn = [item for turn in zip_longest(*queues) for item in turn if item is not None]
    chosen = [*in_turn[: count - len(unanswerable)], *unanswerable]
    return [replace(item, id=f"q{number:03}") for number, item in enumerate(chosen, start=1)]


def _spread(items: Sequence[Item], chance: random.Random) -> list[Item]:
    """Shuffled, the first of each document before the second of any."""
    shuffled = list(items)
    chance.shuffle(shuffled)
    seen: dict[str, int] = {}
    turns = []
    for item in shuffled:
        seen[item.id] = seen.get(item.id, 0) + 1
        turns.append(seen[item.id])
    return [item for _, item in sorted(zip(turns, shuffled, strict=True), key=lambda pair: pair[0])]


# --- documents


def _item(
    text: _Text, kind: str, question: str, answer: str, must_include: Sequence[Sequence[str]], quote: str | None
) -> Item:
    name = text.document.header.name
    return Item(
        name,
        question,
        type=kind,
        answerable=True,
        answers=(answer,),
        must_include=tuple(map(tuple, must_include)),
        evidence=(Evidence(name, quote),) if quote else (),
        fields={"draft": True, "note": NOTE},
    )


def _each_once(desk: Assistant, chance: random.Random) -> Iterator[Document]:
    """The archive's documents, in order; of those that carry the same text only the first."""
    seen: set[str] = set()
    headers = desk.documents()
    if len(headers) > MOST_DOCUMENTS:
        headers = sorted(chance.sample(headers, MOST_DOCUMENTS), key=lambda header: header.name)
    for header in headers:
        if header.name not in seen:
            seen.update(other.name for other in desk.carriers(header.name))
            yield desk.document(header.name)


def _text(document: Document) -> _Text:
    folded = tidy(document.text)
    names: dict[str, dict[str, int]] = {}
    for run in runs(folded):
        raw = folded[run[0].span.start : run[-1].span.end]
        if raw.count(" ") == len(run) - 1 in (1, 2, 3) and not run[0].text.endswith("."):
            name = untitled(raw)
            last = names.setdefault(run[-1].key, {})
            last[name] = last.get(name, 0) + 1
    most = {last: max(full, key=lambda name: (full[name], -len(name))) for last, full in names.items()}
    full = {last: name for last, name in most.items() if len(name.split()) in (2, 3)}
    words = frozenset(plain(word) for word in re.findall(r"[\w'’.-]+", folded))
    return _Text(document, words, frozenset(terms(folded)), " ".join(tokens(document.text)), full)


def _has_phrase(text: _Text, words: str) -> bool:
    return " ".join(tokens(words)) in text.folded


def _last(name: str) -> str:
    return name.split()[-1]
