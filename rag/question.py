"""What is asked: the question as it stands alone, what it asks for, and what was assumed to understand it.

Here is the order of the steps; each has its file in asking/. Knows words and what the archive is said to know.
Knows nothing of retrieval or of models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, get_args

from corpus.dates import Days, days_in_words, first_day
from corpus.document import Span
from corpus.errors import BadInput
from rag.answer import Assumption, AssumptionKind, Turn
from rag.asking import follow_ups, periods, sources, speakers, spelling
from rag.asking.known import Known, Parts
from vectorstore.filtering import Filter
from vectorstore.vocabulary import Vocabulary
from vectorstore.words import normalised

MAX_CHARACTERS = 8_000
MAX_TURNS = 20
_READ_CHARACTERS = 1_000  # of a question, for times and names; what is longer is a text, and its dates are no wish
_EARLIER_CHARACTERS = 4_000  # of the conversation

Kind = Literal["who", "when", "where", "number", "other"]
KINDS: tuple[AssumptionKind, ...] = get_args(AssumptionKind)

_KINDS: dict[Kind, str] = {
    "number": r"\bhow (?:many|much|long|far|old|often|big|large|high|deep)\b"
    r"|\b(?:what|which) (?:number|share|percentage|figure|price|sum|amount)\b",
    "when": r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:date|day|month|year|week|time)\b",
    "where": r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:place|city|town|country|village|port|location|building)\b",
    "who": r"\bwho(?:m|se)?\b"
    r"|\b(?:what|which) (?:\w+ )?(?:person|official|politician|people|minister|author|man|woman)\b",
}


# What a question is built with, not about. In articles such words are rare, so BM25 would take them for telling.
_FUNCTION_WORDS = """
a about after again all also am an and any are as at be been before being between both but by can could did do
does doing done each ever exactly for from get give given had has have having he her here him his how i if in
into is it its just keep know like long many may me might mine more most much must my named no not of off on
one or other our out over own please really s said same say says shall she should show so some such t tell
than that the their them then there these they this those through to too under up us use very was we were what
when where whether which while who whom whose why will with would you your yours
"""
_SCAFFOLDING = frozenset(_FUNCTION_WORDS.split())
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|„[^“]*“|«[^»]*»|(?<!\w)‘[^’]*’(?!\w)|(?<!\w)'[^']*'(?!\w)")


@dataclass(frozen=True)
class Preference:
    """What passages are to be put forward: of articles published, or naming a date, in one of the periods; from one
    of the outlets, voices or bylines, as the archive has them; with words of one of the speakers."""

    periods: tuple[Days, ...] = ()
    outlets: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Preference()


@dataclass(frozen=True)
class Question:
    """``text`` as asked; ``search_text`` as the archive spells it, with what it needs from the conversation to be
    found. ``standalone`` says the same to a reader, and is empty where the text needs nothing. ``corrections`` say
    what was spelt otherwise, ``variants`` are words to look for beside it.

    ``within`` is where the answer is looked for, ``prefers`` what comes first there; ``assumptions`` say what of the
    two the question's own words were taken to mean.
    ``given_up`` says why no language model need be asked about it: one was, to understand it, and could not answer.
    """

    text: str
    search_text: str
    kind: Kind
    today: str | None = None
    given_up: str = ""
    within: Filter = field(default_factory=Filter)
    prefers: Preference = Preference()
    assumptions: tuple[Assumption, ...] = ()
    standalone: str = ""
    corrections: tuple[spelling.Correction, ...] = ()
    variants: tuple[str, ...] = ()

    @property
    def meant(self) -> str:
        """What was asked, as the archive spells it."""
        return spelling.corrected(self.text, self.corrections)

    @property
    def names(self) -> list[str]:
        """The words written with a capital, the first one aside."""
        return [word for word in re.findall(r"\w+", self.meant)[1:] if word[0].isupper()]

    @property
    def keywords(self) -> str:
        """The words of the search text that say what it is about; all of them where none does.

        The name of a source that everything looked through is from tells nothing apart."""
        text = self.search_text
        for each in self.assumptions:
            if each.effect == "filter" and each.kind in ("outlet", "author"):
                text = text.replace(each.words, " ", 1)
        words = [*re.findall(r"\w+", normalised(text)), *self.variants]
        return " ".join(word for word in words if word.lower() not in _SCAFFOLDING) or self.search_text


def understand(
    text: str,
    history: Sequence[Turn] = (),
    *,
    today: str | None = None,
    known: Known | None = None,
    within: Filter | None = None,
    is_there: Callable[[Filter], bool] = lambda within: True,
    without: Collection[str] = (),
) -> Question:
    """``today`` is what "today" means, None where that is the day of asking; ``known`` what the archive knows.

    ``within`` was asked for beside the question and goes before what its words say of the same; ``is_there`` tells
    whether a filter leaves anything, as one that does not is none. ``without`` are kinds of assumptions not to make.
    Raises BadInput where there is no question, more of one than anybody asks, or no such kind.
    """
    text, off = _clean(text), _kinds(without)
    known, within = known or Known(), within or Filter()
    if within.since or within.until:
        off |= {"period"}
    if within.outlet:
        off |= {"outlet", "voice"}
    earlier = history[-MAX_TURNS:] if "follow-up" not in off else ()
    question = _standing_alone(Question(text, text, _kind(text), today, within=within), earlier)
    read = _unquoted(text)
    named = [source for source in sources.sources(read, known) if source.kind not in off]
    question = _from_sources(question, named, is_there)
    if "period" not in off:
        question = _in_time(question, periods.periods(read, _setting(today, known, earlier)), known, is_there)
    if "speaker" not in off:
        taken = [source.span for source in named]
        asked = [one for one in speakers.speakers(read, known) if not any(one.span.overlaps(span) for span in taken)]
        question = _with_speakers(question, asked)
    return replace(question, assumptions=tuple(sorted(question.assumptions, key=lambda each: each.span.start)))


def as_spelt(
    question: Question, vocabulary: Vocabulary, is_known: Callable[[str], bool], is_word: Callable[[str], bool]
) -> Question:
    """The question with the archive's own words for those that it does not know; see ``spelling.corrections``."""
    found = spelling.corrections(question.search_text, vocabulary, is_known, is_word)
    assumed = [
        Assumption("spelling", each.written, Span(at, at + len(each.written)), each.taken, "preference")
        for each in found
        if (at := question.text.find(each.written)) >= 0
    ]
    return replace(
        question,
        search_text=spelling.corrected(question.search_text, found),
        corrections=found,
        variants=spelling.variants(question.search_text, found, is_known),
        assumptions=(*question.assumptions, *assumed),
    )


def parts_named(text: str) -> Parts:
    """What ``understand`` has to know of the archive; for most questions nothing."""
    text = _unquoted(" ".join(text.split()))
    may_speak = speakers.MAY_SPEAK.search(text) is not None
    return Parts(periods.may_name(text), sources.MAY_NAME.search(text) is not None, may_speak)


def _clean(text: str) -> str:
    text = " ".join(text.encode("utf-8", errors="replace").decode().split())  # no lone surrogates from a terminal
    if not text:
        raise BadInput("the question is empty; ask something, for example: who said what, and when?")
    if len(text) > MAX_CHARACTERS:
        raise BadInput(f"the question has {len(text):,} characters, over the limit of {MAX_CHARACTERS:,}; shorten it")
    return text


def _kinds(without: Collection[str]) -> set[str]:
    unknown = [kind for kind in without if kind not in KINDS]
    if unknown:
        raise BadInput(f"{unknown[0]!r} is nothing that is assumed of a question; there are: {', '.join(KINDS)}")
    return set(without)


def _standing_alone(question: Question, earlier: Sequence[Turn]) -> Question:
    found = follow_ups.standing_alone(question.text, earlier)
    if not found.is_follow_up:
        return question
    question = replace(question, search_text=found.search_text)
    if not found.joined:
        return question
    text, about = question.text, f"asked about {' '.join(found.joined)}"
    assumed = Assumption("follow-up", text, Span(0, len(text)), about, "preference")
    return replace(question, standalone=f"{text} ({about})", assumptions=(assumed,))


def _kind(text: str) -> Kind:
    return next((kind for kind, pattern in _KINDS.items() if re.search(pattern, text, re.IGNORECASE)), "other")


def _unquoted(text: str) -> str:
    """The text, its quotations blotted out: a date in a title asks for no time."""
    return _QUOTED.sub(lambda match: "_" * len(match.group()), text[:_READ_CHARACTERS])


def _setting(today: str | None, known: Known, earlier: Sequence[Turn]) -> periods.Setting:
    turns = [words[:_EARLIER_CHARACTERS] for turn in reversed(earlier) for words in (turn.question, turn.answer)]
    day = first_day(today) if today else date.today()
    return periods.Setting(day, today is not None, known.covered, turns)


def _in_time(
    question: Question, found: Sequence[periods.Period], known: Known, is_there: Callable[[Filter], bool]
) -> Question:
    narrower = question.within
    # Of what others publish, articles tell later.
    is_from_source = any(assumption.effect == "filter" for assumption in question.assumptions)
    of_articles = ("publication", "publication by") if is_from_source else ("publication",)
    if len(found) == 1 and found[0].kind in of_articles:
        first, last = found[0].days.first, found[0].days.last
        since, until = None if first == date.min else first.isoformat(), None if last == date.max else last.isoformat()
        narrower = replace(narrower, since=since, until=until)
    is_filter = narrower != question.within and is_there(narrower)
    assumed = []
    for period in found:
        taken = f"published {'' if is_filter else 'or mentioning '}{days_in_words(period.days)}"
        if known.covered and not known.covered.overlaps(period.days):
            taken += " (no article here is dated so)"
        effect: Literal["filter", "preference"] = "filter" if is_filter else "preference"
        assumed.append(Assumption("period", period.words, period.span, taken, effect))
    prefers = question.prefers if is_filter else replace(question.prefers, periods=tuple(each.days for each in found))
    return replace(
        question,
        within=narrower if is_filter else question.within,
        prefers=prefers,
        assumptions=(*question.assumptions, *assumed),
    )


def _from_sources(question: Question, found: Sequence[sources.Source], is_there: Callable[[Filter], bool]) -> Question:
    """Outlets and voices are alternatives, as an article may be republished; an author is one thing more."""
    within, filtering = question.within, set()
    for kinds in (("outlet", "voice"), ("author",)):
        here = [source for source in found if source.kind in kinds]
        if any(source.effect == "filter" for source in here):
            narrower = within
            if kinds == ("author",):
                narrower = replace(within, bylines=_all(here, "author"))
            else:
                narrower = replace(within, outlets=_all(here, "outlet"), voices=_all(here, "voice"))
            if is_there(narrower):
                within = narrower
                filtering.update(here)
    assumed = [
        Assumption(
            source.kind,
            source.words,
            source.span,
            _of_source(source),
            "filter" if source in filtering else "preference",
        )
        for source in found
    ]
    wished = [source for source in found if source not in filtering]
    prefers = replace(
        question.prefers,
        outlets=_all(wished, "outlet"),
        voices=_all(found, "voice"),  # of an article that carries another's, that other's part
        bylines=_all(wished, "author"),
    )
    return replace(question, within=within, prefers=prefers, assumptions=(*question.assumptions, *assumed))


def _all(found: Sequence[sources.Source], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for source in found for name in source.of(kind)))


def _of_source(source: sources.Source) -> str:
    outlets, voices, authors = (_or(source.of(kind)) for kind in ("outlet", "voice", "author"))
    if voices == outlets != "":
        return f"from {outlets}, or republished from there"
    parts = [f"from {outlets}" if outlets else "", f"republished from {voices}" if voices else ""]
    return " or ".join(filter(None, [*parts, f"written by {authors}" if authors else ""]))


def _with_speakers(question: Question, found: Sequence[speakers.Speaker]) -> Question:
    assumed = [
        Assumption("speaker", one.words, one.span, f"with words of {_or(one.names)}", "preference") for one in found
    ]
    names = tuple(dict.fromkeys(name for one in found for name in one.names))
    prefers = replace(question.prefers, speakers=names)
    return replace(question, prefers=prefers, assumptions=(*question.assumptions, *assumed))


def _or(names: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
