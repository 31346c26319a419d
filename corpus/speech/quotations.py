"""Direct speech in a text, with who said it.

Quotation marks are paired within their paragraph, or over several that each open anew; then the clause before a
quotation and the one behind it are asked for a verb of saying and its subject. Two speakers, a document for a speaker,
a title or a scare quote: no quotation, for a wrong speaker is worse than none. Confidence:

- .95 a name beside its verb: “…,” said X; X said: “…”; according to X, “…”
- .9  a name with words between: X told Y on Monday: “…”; “…,” X, who has the mill, said
- .85 the second part: “…,” said X. “…”     .8 a name under a quotation: — X
- .7  a fragment in reported speech: X said that the plan was “…”; X called it “…”
- .2 less for a role (the mayor), and at most .6 for "he" or "she" where only one person has been named

Does not know what is true, who "he" is beyond that, or where speech ends that has no marks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from corpus.document import Quotation, Span
from corpus.speech import marks
from corpus.speech.marks import Page
from corpus.speech.speakers import Manner, Saying, antecedent, attribution, saying, speaker_at
from corpus.speech.verbs import is_judging

_BESIDE, _APART, _SECOND_PART, _SIGNED, _FRAGMENT = 0.95, 0.9, 0.85, 0.8, 0.7
_LESS_FOR_A_ROLE = 0.2
_MOST_FOR_A_PRONOUN = 0.6

_UNENDED = re.compile(r"[,?!…—–-]$")  # what ends a quotation that its speaker follows
_LONGEST_TAIL = 200  # characters between a verb of saying and what was said

_LIMP = re.compile(r"^\s*(?:that|simply|only|just|again|back)?[\s,:]*$")  # nothing of weight between verb and quotation
_ATTRIBUTIVE = re.compile(  # “green” plan
    r"^\s(?!(?:and|or|but|nor|in|on|at|for|to|as|by|with|from|if|when|because|while|after|before|until|during|since|over"
    r"|under|about|that|than|unless|without|rather|last|yesterday|this)\b)\w"
)
_NAMING = re.compile(  # the word “fair”, a book “The Weir”, called “Ada”
    r"\b(?:so-called|titled|entitled|headed|headlined|named|known as|dubbed|marked|words?|phrases?|terms?|slogans?"
    r"|titles?|books?|films?|songs?|novels?|poems?|plays?|albums?|shows?|memoirs?|pamphlets?|articles?|columns?"
    r"|called|calls)[\s,]*$"
)
_OF_A_DOCUMENT = re.compile(
    r"\b(?:reads?|reading|speaks? of|spoke of|mentions?|mentioned|refers? to|contains?|report|treaty|law|letter"
    r"|contract|document|paper|leaflet|sign|banner|label|chart|book|film|song|slogan|headline|manual|constitution)\b"
    r"|[’'](?:s\s)?(?:view|claims?|description|phrase|words|demand)\b"
)
_COORDINATED = re.compile(r"^,?\s*(?:(?:and|or|but|that)\b.{0,60}|\w+\s|:\s*)?$", re.DOTALL)
_ANEW = re.compile(r"[,;—–]\s*(?:and|but|while|whereas|then)\s*$")  # another clause begins, and another may speak
_SUBORDINATED = re.compile(
    r"^\s*(?:After|When|While|Although|Though|Despite|Because|Since|If|Before|Unless|Until|Once|As|Whereas)\b"
)
_SIGNATURE = re.compile(r"\s*[—–]\s?|\s*--?\s")
_SHORT_SIGNATURE = 80
_SHORT_OBJECT = 40  # characters: "told the inquiry"


def quotations(text: str, *, furniture: Sequence[Span] = ()) -> tuple[Quotation, ...]:
    """The quotations whose speaker the form tells, in order; nothing inside of ``furniture`` counts."""
    return of_page(marks.page(text, furniture=furniture))


def of_page(page: Page) -> tuple[Quotation, ...]:
    """The same, of a text whose quotation marks have been paired."""
    found: list[Quotation] = []
    before: Quotation | None = None
    for index in range(len(page.quoted)):
        before = _attributed(page, index, before)
        if before:
            speaker = " ".join(page.text[before.speaker_span.start : before.speaker_span.end].split())
            found.append(replace(before, speaker=speaker))
    return tuple(found)


def _attributed(page: Page, index: int, before: Quotation | None) -> Quotation | None:
    """The quotation of this index with its speaker; ``before`` is the one before it, if that has a speaker."""
    readings = [
        reading for reading in (_introduced(page, index), _followed(page, index)) if reading and reading.confidence
    ]
    speakers = {page.outside[reading.speaker_span.start : reading.speaker_span.end] for reading in readings}
    if len(speakers) > 1:
        return None
    if readings:
        return max(readings, key=lambda reading: reading.confidence)
    return _signed(page, index) or _second_part(page, index, before)


def _introduced(page: Page, index: int) -> Quotation | None:
    """X said: “…”, X told Y on Monday, “…”, X said that the plan was “…”."""
    quoted = page.quoted[index]
    at = page.block(quoted.start)
    end, block = quoted.start, page.blocks[at]
    if end == block.start:  # introduced by the paragraph before
        if at == 0 or page.outside[page.blocks[at - 1].end - 1] != ":":
            return None
        block = page.blocks[at - 1]
        end = block.end
    clause = page.clause_before(end, block)
    said = saying(page.outside, clause)
    if said is None:
        return None
    tail = page.outside[max(said.verb.end, said.speaker.end) : end]
    return _quotation(page, quoted, said, _confidence_after(page, quoted, said, tail))


def _confidence_after(page: Page, quoted: Span, said: Saying, tail: str) -> float:
    """How sure it is that ``quoted`` is what was said, by the words between; 0 for not at all."""
    words = page.words(quoted)
    if len(tail) > _LONGEST_TAIL or _ANEW.search(tail):
        return 0
    if "”" in tail and not _COORDINATED.match(tail.rpartition("”")[2]):
        return 0
    if is_judging(page.outside, said.verb) and not tail.strip() and said.verb.start - said.speaker.end > 1:
        return 0  # a state, called “…”
    if tail.rstrip().endswith("”:"):
        return _APART
    if not is_judging(page.outside, said.verb) and "”" not in tail:
        if tail.rstrip().endswith(":") or (_LIMP.match(tail) and tail.strip()):
            return _BESIDE if _LIMP.match(tail) else _APART
        if tail.rstrip().endswith(",") and words[-1:] in ".,?!…—":
            return _APART
        is_sentence = words[:1].isupper() and words[-1:] in ".,?!…—"
        if not _is_title(words) and (not tail.strip() or (is_sentence and len(tail) < _SHORT_OBJECT)):
            return _APART
    if _is_scare(words, tail, page.outside[quoted.end : quoted.end + 20]):
        return 0
    return _FRAGMENT


def _followed(page: Page, index: int) -> Quotation | None:
    """“…,” said X; “…,” X told Y."""
    quoted = page.quoted[index]
    block = page.blocks[page.block(quoted.end - 1)]
    clause = page.clause_after(quoted.end, block)
    if index + 1 < len(page.quoted):
        clause = Span(clause.start, max(clause.start, min(clause.end, page.quoted[index + 1].start)))
    said = attribution(page.outside, clause)
    if said is None:
        return None
    words, is_inverted = page.words(quoted), said.verb.start < said.speaker.start
    if not (_UNENDED.search(words) or page.outside[quoted.end] == "," or (words.endswith(".") and is_inverted)):
        return None
    before = page.outside[page.clause_before(quoted.start, page.blocks[page.block(quoted.start)]).start : quoted.start]
    if _SUBORDINATED.match(before) or _NAMING.search(before):
        return None
    if before.strip() and before.rstrip()[-1] not in ",:;—–":
        is_word = len(words.split()) < 2 or _is_title(words.rstrip(","))
        return None if is_word else _quotation(page, quoted, said, _FRAGMENT)
    is_apart = said.verb.start - said.speaker.end > _SHORT_OBJECT
    return _quotation(page, quoted, said, _APART if is_apart else _BESIDE)


def _signed(page: Page, index: int) -> Quotation | None:
    """“…” — X, on the same line or on the next."""
    quoted = page.quoted[index]
    at = page.block(quoted.end - 1)
    if page.blocks[at].end == quoted.end and at + 1 < len(page.blocks):
        at += 1
    line = Span(max(quoted.end, page.blocks[at].start), page.blocks[at].end)
    dash = _SIGNATURE.match(page.outside, line.start, line.end)
    if dash is None or len(line) > _SHORT_SIGNATURE or line.end < dash.end():
        return None
    found = speaker_at(page.outside[dash.end() : line.end])
    rest = page.outside[dash.end() + found[0].end : line.end] if found else ""
    if found is None or found[1] is not Manner.NAME or not (not rest or rest.startswith((",", " ("))):
        return None
    name = Span(dash.end() + found[0].start, dash.end() + found[0].end)
    return _quotation(page, quoted, Saying(name, Manner.NAME, name), _SIGNED)


def _second_part(page: Page, index: int, before: Quotation | None) -> Quotation | None:
    """“…,” said X. “…”: the same speaker goes on behind the sentence that names X."""
    quoted = page.quoted[index]
    if before is None or page.block(before.span.end - 1) != page.block(quoted.start):
        return None
    between = bisect_right(page.borders, quoted.start) - bisect_right(page.borders, before.span.end + 1)
    if between != 1 or page.outside[before.span.end : quoted.start].strip() == "":
        return None
    begins_sentence = page.clause_before(quoted.start, page.blocks[page.block(quoted.start)]).start == quoted.start
    if not begins_sentence or not attribution(page.outside, Span(before.span.end, quoted.start)):
        return None
    confidence = min(before.confidence - (_BESIDE - _SECOND_PART), _SECOND_PART)
    return replace(before, span=quoted, confidence=round(confidence, 2))


def _quotation(page: Page, quoted: Span, said: Saying, confidence: float) -> Quotation | None:
    speaker = said.speaker
    if said.manner is Manner.ROLE:
        confidence -= _LESS_FOR_A_ROLE
    if said.manner is Manner.PRONOUN:
        pronoun = page.outside[speaker.start : speaker.end]
        person = antecedent(page.outside, page.before(speaker.start), pronoun=pronoun)
        if person is None or confidence < _APART:
            return None
        speaker, confidence = person, _MOST_FOR_A_PRONOUN
    return Quotation(quoted, "", speaker, round(confidence, 2)) if confidence > 0 else None


def _is_scare(words: str, tail: str, behind: str) -> bool:
    """True for a scare quote, a title, or a document's words: no fragment of what somebody said."""
    return (
        len(words.split()) < 2
        or _is_title(words)
        or (words[-1:].isalnum() and _ATTRIBUTIVE.match(behind) is not None)
        or _NAMING.search(tail) is not None
        or _OF_A_DOCUMENT.search(tail) is not None
    )


def _is_title(words: str) -> bool:
    """“A Crossing for All”: every longer word with a capital, and no end of a sentence."""
    longer = [word for word in words.split() if len(word) > 3]
    return words[-1:].isalnum() and len(longer) > 0 and len(words.split()) <= 10 and all(w[0].isupper() for w in longer)
