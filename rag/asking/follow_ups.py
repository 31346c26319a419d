"""A turn of a conversation made to stand alone by its form: what it leans on is joined to it, no model needed.

Knows closed classes of English words: what points back, what opens an afterthought, what a question is built with.
Knows nothing of the archive. A turn that leans on nothing, because it names a subject of its own, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from rag.answer import Turn

_NAMED_WORDS = 2  # content words that make a subject of a turn's own where a name among them is new
_WORDS = 4  # and where none is
_MOST_TOKENS = 100  # of a turn that are read: who pastes a page asks about the page, not with all of its words

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’.&-][^\W_]+)*|[.?!;:,]")
_ENDS = frozenset(".?!;:,")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BACK = _words(
    "he him his himself he's she her hers herself she's they them their theirs themselves they're it its itself it's "
    "these those"
)
_ALSO = _words("other others another else instead former latter both either neither same similar such too also besides")
_OPENERS = _words("and or but so then also plus")
_QUESTION_WORDS = _words("who whom whose what which when where why how")
_AUXILIARIES = _words(
    "is are was were be been being am do does did done doing has have had having can could will would shall should "
    "may might must isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't "
    "wouldn't shouldn't ain't"
)
_IMPERATIVES = _words("tell describe explain list show give compare find name summarize summarise discuss say define")
_PREPOSITIONS = _words(
    "about above across after against along among around as at before behind below beside between beyond by during "
    "for from in inside into like near of off on onto out outside over per since than through throughout to toward "
    "towards under until up upon versus via vs with within without"
)
_OTHERS = _words(
    "a an the this that there here i me my mine we us our ours you your yours and or but if so because while though "
    "although whether not no nor any some all each every many much more most few less least several own just only "
    "even ever never very really exactly please still yet now again then too also quite rather let lets let's want "
    "like know think see get got give given go going make made mean meant long often far old well thing things kind "
    "kinds sort type types need information details detail interested ones one s t re ve ll d m i'm i've i'd that's "
    "what's who's how's where's there's sorry"
)
_REPLIES = _words("yes yeah yep no nope sure agreed exactly maybe")
_EXCLAMATIONS = _words(
    "ok okay k thanks thank thx cheers great good fine nice cool right interesting wow oh ah hm hmm perfect awesome "
    "amazing excellent understood hello hi hey well now actually please"
)
_CHAT = _REPLIES | _EXCLAMATIONS | _words("you so very much a lot i see got it bye that's is that all for the helpful")
FUNCTION_WORDS = (
    _CHAT | _BACK | _ALSO | _OPENERS | _QUESTION_WORDS | _AUXILIARIES | _IMPERATIVES | _PREPOSITIONS | _OTHERS
)
_DETERMINERS = _words("a an the")
_BEING = _words("is are was were be been will would has have had isn't aren't wasn't weren't")
_UNITS = _words("year month week weekend morning afternoon evening spring summer autumn winter day season century")
_PICKING = _words("which this that other another new the first last next")
_EMPTY_VERBS = _words("take takes took cost costs mean means meant")
_ABOUT = _words("about for") | {""}  # "what about Norway?", "and for Norway?": as good as no preposition
_MONTHS = _words(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug"
    " sept sep oct nov dec"
)
_WEEKDAYS = _words("monday tuesday wednesday thursday friday saturday sunday")
_DATED = _MONTHS | _WEEKDAYS


@dataclass(frozen=True)
class FollowUp:
    """``search_text`` is the turn after what it leans on, or the turn alone; ``joined`` are the words that came in, in
    the order of the conversation, each once: those that say what it is about."""

    search_text: str
    joined: tuple[str, ...]
    is_follow_up: bool


@dataclass(frozen=True)
class _Word:
    """A word at ``start`` of its turn; ``lower`` has straight apostrophes. ``slot`` is the preposition before it, and
    ``clause`` tells the stretches between commas and the like apart."""

    text: str
    lower: str
    start: int
    slot: str
    clause: int

    @property
    def is_content(self) -> bool:
        if self.lower not in FUNCTION_WORDS:
            return True
        # Capitals make "US", "WHO" and, past the beginning, "May" other words than "us", "who" and "may".
        return (len(self.text) > 1 and self.text.isupper() and self.text != "OK") or (
            self.start > 0 and _is_month(self)
        )

    @property
    def is_name(self) -> bool:
        return self.text[0].isupper() and self.is_content and self.lower not in _DATED


@dataclass(frozen=True)
class _Said:
    """A turn as it is written, and its words."""

    text: str
    words: tuple[_Word, ...]

    @cached_property
    def content(self) -> list[_Word]:
        return [word for word in self.words if word.is_content]


def standing_alone(text: str, history: Sequence[Turn]) -> FollowUp:
    """``text`` with what it needs of ``history``, oldest first, so that it can be searched for by itself.

    That is the words of the last turn that had a subject of its own and of the turn before, less those that it puts
    others in the place of. Turns that only thank or agree are passed over.
    """
    turn = _read(text)
    earlier = [said for said in (_read(past.question) for past in history) if not _is_chat(said)]
    if not earlier or _is_chat(turn) or _has_own_subject(turn, _known(earlier)):
        return FollowUp(text, (), False)
    leant_on = list(dict.fromkeys((_subject(earlier), earlier[-1])))
    words = [word for said in leant_on for word in _kept(said, turn)]
    # Words alone, not whole turns: what else stands in a turn pulls its vector away from what is meant.
    carried = {word.lower: word.text for word in reversed(words)}
    own = {word.lower for word in turn.words}
    joined = tuple(reversed([word for lower, word in carried.items() if lower not in own]))
    return FollowUp(" ".join([*reversed(carried.values()), text]), joined, True)


def _known(earlier: Sequence[_Said]) -> set[str]:
    return {word.lower for said in earlier for word in said.words}


def _subject(earlier: Sequence[_Said]) -> _Said:
    """The last turn that a new subject came with."""
    known: set[str] = set()
    found = earlier[0]
    for said in earlier:
        if known and _has_own_subject(said, known):
            found = said
        known |= {word.lower for word in said.words}
    return found


def _read(text: str) -> _Said:
    words: list[_Word] = []
    slot, clause = "", 0
    shouted = text.isupper()
    for match in islice(_TOKEN.finditer(text), _MOST_TOKENS):
        token = match.group().lower() if shouted else match.group()
        if token in _ENDS:
            slot, clause = "", clause + 1
            continue
        lower = token.lower().replace("’", "'")
        words.append(_Word(token, lower, match.start(), slot, clause))
        if lower in _PREPOSITIONS:
            slot = lower
        elif lower not in _DETERMINERS and not token[0].isupper():
            slot = ""
    return _Said(text, tuple(words))


def _is_chat(said: _Said) -> bool:
    """True for "ok, thanks" and the like, and for nothing but signs."""
    return all(word.lower in _CHAT for word in said.words)


def _has_own_subject(turn: _Said, known: set[str]) -> bool:
    """``known`` are the words said before it."""
    if _leans(turn):
        return False
    content = len({word.lower for word in turn.content})
    # The first word of a sentence has its capital from there, so it is no sign of a name.
    new_name = any(word.is_name and word.lower not in known for word in turn.words if not _opens(word, turn))
    return content >= (_NAMED_WORDS if new_name else _WORDS)


def _opens(word: _Word, said: _Said) -> bool:
    return word is said.words[0]


def _leans(turn: _Said) -> bool:
    """True where a word points back, or the turn only adds to what was asked."""
    first, second = _opening(turn)
    if first in _OPENERS | _REPLIES or (first in ("what", "how") and second == "about"):
        return True
    return any(_points_back(at, turn) for at in range(len(turn.words)))


def _points_back(at: int, turn: _Said) -> bool:
    word = turn.words[at]
    if word.is_content:
        return False
    before = turn.words[at - 1].lower if at else ""
    after = turn.words[at + 1].lower if at + 1 < len(turn.words) else ""
    if word.lower in _BACK:
        return not _has_antecedent(at, turn) and not _is_empty_it(at, turn)
    if word.lower == "this":
        return after not in _UNITS
    if word.lower in ("that", "that's"):
        return at == 0 or not after or before in _AUXILIARIES | _PREPOSITIONS
    if word.lower == "there":
        return before not in _BEING and after not in _BEING
    if word.lower == "one":
        return not after or before in _PICKING
    return word.lower in _ALSO


def _has_antecedent(at: int, turn: _Said) -> bool:
    """True where the clause before, of the same turn, has something to point to."""
    return turn.content != [] and turn.content[0].clause < turn.words[at].clause


def _is_empty_it(at: int, turn: _Said) -> bool:
    """True for the "it" of "is it true that" and "how long does it take to"."""
    if turn.words[at].lower != "it":
        return False
    following = [word.lower for word in turn.words[at + 1 : at + 5]]
    before = turn.words[at - 1].lower if at else ""
    if following[:1] and following[0] in _EMPTY_VERBS:
        return "to" in following
    return before in _BEING and any(word in ("to", "that") for word in following[1:3])


def _kept(earlier: _Said, turn: _Said) -> list[_Word]:
    """The words of an earlier turn that say what it is about, less those that an afterthought replaces."""
    if not _is_afterthought(turn):
        return earlier.content
    gone: set[_Word] = set()
    for belongs in (_is_year, _is_month, _is_weekday):
        if any(belongs(word) for word in turn.words):
            gone |= {word for word in earlier.words if belongs(word)}
    named = [word for word in turn.words if word.is_name]
    slots = {word.slot for word in named} - _ABOUT
    names = [word for word in earlier.words if word.is_name and not _opens(word, earlier)]
    gone |= {word for word in names if word.slot in slots}
    if named and not slots and len(_runs(names, earlier)) == 1:
        gone |= set(names)
    return [word for word in earlier.content if word not in gone]


def _is_afterthought(turn: _Said) -> bool:
    """True for "and in May?" and "what about Norway?": what was asked, asked of something else."""
    first, second = _opening(turn)
    about = first in ("what", "how") and second == "about"
    return (about or first in _OPENERS | _PREPOSITIONS) and not any(
        word.lower in _AUXILIARIES and not word.is_content for word in turn.words
    )


def _opening(turn: _Said) -> tuple[str, str]:
    """The first two words after "ok" and the like, "" where there are none."""
    lowers = [word.lower for word in turn.words]
    while lowers and lowers[0] in _EXCLAMATIONS:
        lowers.pop(0)
    return (lowers[0] if lowers else "", lowers[1] if len(lowers) > 1 else "")


def _is_year(word: _Word) -> bool:
    return _YEAR.fullmatch(word.text) is not None


def _is_month(word: _Word) -> bool:
    return word.text[0].isupper() and word.lower in _MONTHS


def _is_weekday(word: _Word) -> bool:
    return word.lower in _WEEKDAYS


def _runs(names: Sequence[_Word], said: _Said) -> list[list[_Word]]:
    """Names that stand side by side, as those of one person do, together."""
    places = {word.start: at for at, word in enumerate(said.words)}
    runs: list[list[_Word]] = []
    for word in names:
        if runs and places[word.start] == places[runs[-1][-1].start] + 1:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs
