"""Names in a sentence, and whether a source has them: capitals, and how English writes the same name in other ways.

A name is told by its capital, as no list of names could be long enough. Where every first word has one, the first
word of a sentence is taken for a name only where something more speaks for it. Knows spelling; does not know who is
meant, nor whether "Penn" is Ada or her brother. Scripts without capitals have no names here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from corpus.document import Span
from corpus.speech.names import NO_NAME
from corpus.speech.verbs import SAYS
from rag.checking.folding import plain
from vectorstore.lexical import terms

WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:'[^\W_]+)*'?")
_TITLE = re.compile(r"(?<![^\W_])[A-Z][a-z]+(?=\.? [A-Z])")  # before a name
_JOINT = re.compile(r" ?[&-] ?| |\. ")  # between two words of a run; a point only behind an initial
_STARTER = re.compile(r"(?:^|[.!?:;…(\[|]|(?:^|\s)[\"'-]|[\"(]['\"]?)[\s*\"'(#-]*$")
_POSSESSIVE = re.compile(r"'s?$")
_LOOK_BACK = 8
_LONGEST_JOINT = 4
_LONGEST_RUN = 8  # words
_COURTESY = frozenset("mr mrs ms miss mx dr doctor sir dame the i".split())
_COMMON_END = re.compile(  # how names of persons and places seldom end
    r"(?:[^s]s|ly|ing|ed|tion|sion|ment|ness|ity|ance|ence|ency|ship|hood|ism|ist|able|ible|ous|ful|less|ive|al|ic|ure|age"
    r"|people|men|women|men|folk|work|staff|fire)$"
)
_PEOPLE = re.compile(r"..(?:[ie]an|ese|ish)$")  # Austrian: where no article is before it seldom a common word
_IRREGULAR = [  # what shares too little to be told by its stem
    frozenset(pair.split("/"))
    for pair in """britain/british china/chinese cyprus/cypriot denmark/danish england/english finland/finnish
    france/french greece/greek iceland/icelandic ireland/irish netherlands/dutch norway/norwegian poland/polish
    portugal/portuguese scotland/scottish spain/spanish sweden/swedish switzerland/swiss thailand/thai turkey/turkish
    wales/welsh""".split()
]
_DERIVED = frozenset(["", *"a e i n s y an ans ia ic ns ean ese ian ish ist ite eans ians ists ites es er ers".split()])
_STEM = 5  # letters that a name and its adjective must share


@dataclass(frozen=True)
class Word:
    """A word with a capital; ``is_starter`` where any word would have one."""

    span: Span
    text: str
    is_starter: bool

    @property
    def key(self) -> str:
        return plain(self.text)


class Spellings:
    """The words of a source to look names up in."""

    def __init__(self, text: str) -> None:
        """``text`` is tidy."""
        self._words: set[str] = set()
        self._runs: dict[str, set[str]] = {}  # a capitalised word and all it ever shares a run with
        self._alone: set[str] = set()
        self._by_stem: dict[str, set[str]] = {}
        self._by_letter: dict[str, set[str]] = {}  # titles, or what stands where they do
        self._initials: set[str] = set()
        self._acronyms: set[str] = set()
        self.lower: set[str] = set()
        self.capital: set[str] = set()  # where a capital says something
        for word in set(WORD.findall(text)):
            key = plain(word)
            self._words.add(key)
            self._words.add(plain(word.rstrip("'")))
            if word[0].islower():
                self.lower.add(key)
        self._alone |= self.lower
        for run in runs(text):
            keys = [word.key for word in run]
            for word, key in zip(run, keys, strict=True):
                self._by_stem.setdefault(key[:_STEM], set()).add(key)
                self._runs.setdefault(key, set()).update(keys)
                if not word.is_starter:
                    self.capital.add(key)
                if word.text[:2].isupper() and len(key) > 1:
                    self._acronyms.add(key)
            if len(run) == 1:
                self._alone.update(keys)
            self.capital.update(keys if len(run) > 1 else ())
            self._initials.add("".join(key[:1] for key in keys))
        for key in {plain(word) for word in _TITLE.findall(text)}:
            self._by_letter.setdefault(key[:1], set()).add(key)
        self._text = text

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(terms(self._text))

    def have(self, word: Word) -> bool:
        key = word.key
        if not key or key in self._words:
            return True
        if any(key in pair and pair & self._words for pair in _IRREGULAR):
            return True
        if len(key) == 1:
            return any(key in initials for initials in self._initials)
        if len(key) >= _STEM and any(_is_derived(key, other) for other in self._by_stem.get(key[:_STEM], ())):
            return True
        if any(_is_short_for(one, key) or _is_short_for(key, one) for one in self._by_letter.get(key[0], ())):
            return True
        if word.text.replace(".", "").isupper() and len(key) <= 6 and any(key in each for each in self._initials):
            return True
        stems = terms(word.text)
        return bool(stems) and all(stem in self._stems for stem in stems)

    def have_acronym(self, run: Sequence[Word]) -> bool:
        """True where the source has the run's initials for it."""
        return len(run) > 1 and "".join(word.key[:1] for word in run) in self._acronyms

    def have_initial(self, word: Word, following: Word) -> bool:
        """True where the source has "A. Penn" for "Ada Penn"."""
        return word.key[:1] in self._runs.get(following.key, ())

    def part(self, one: Word, other: Word) -> bool:
        """True where both are parts of names in the source and never of the same: Ada Penn, Tilda Croft, Ada Croft.

        A name that stands alone may be anybody's; but where Croft does and Ada never does, she is not Ada Croft.
        """
        first, second = one.key, other.key
        if first not in self._runs or second not in self._runs or {first, second} & self.lower:
            return False
        is_free = first in self._alone or (second in self._alone and len(self._runs[second]) == 1)
        return not is_free and second not in self._runs[first]


def runs(text: str) -> Iterator[list[Word]]:
    """The capitalised words of a tidy text, those side by side together, without words that are no name's."""
    run: list[Word] = []
    for match in WORD.finditer(text):
        word = match.group()
        if not word[0].isupper():
            continue
        is_full = len(run) == _LONGEST_RUN
        if run and (is_full or not _is_joint(text[run[-1].span.end : match.start()], run[-1].text)):
            yield from _kept(run)
            run = []
        is_starter = _STARTER.search(text[max(0, match.start() - _LOOK_BACK) : match.start()]) is not None
        run.append(Word(Span(*match.span()), word, is_starter))
    yield from _kept(run)


def named(text: str, everywhere: Sequence[Spellings], lower: Set[str]) -> list[list[Word]]:
    """The names of a sentence, a tidy text with its dates and numbers blotted out, courtesy aside.

    ``everywhere`` are all the sources of the answer, ``lower`` the words that the answer itself writes small.
    """
    found = []
    for run in runs(text):
        words = [word for word in run if word.key not in _COURTESY]
        if len(words) == 1 and words[0].is_starter and not _is_name(words[0], text, everywhere, lower):
            continue
        if len(words) > 2 and words[0].is_starter and _is_common(words[0], everywhere, lower):
            words = words[1:]  # "Shipwright Ada Penn" opens a sentence
        if words:
            found.append(words)
    return found


def is_in(words: Sequence[Word], sources: Sequence[Spellings]) -> bool:
    """True where a source has the name, or each its part of it, and not as parts of different names."""
    if is_in_one(words, sources) or any(source.have_acronym(words) for source in sources):
        return True
    for at, word in enumerate(words):
        is_known = any(source.have(word) for source in sources)
        if not is_known and not (
            at + 1 < len(words) and any(source.have_initial(word, words[at + 1]) for source in sources)
        ):
            return False
    having = [source for source in sources if all(map(source.have, words))]
    return not having


def is_in_one(words: Sequence[Word], sources: Sequence[Spellings]) -> bool:
    """True where one source has the whole name."""
    return any(all(map(source.have, words)) and not _parted(words, source) for source in sources)


def as_written(text: str, words: Sequence[Word]) -> str:
    return _POSSESSIVE.sub("", text[words[0].span.start : words[-1].span.end])


def _is_joint(between: str, before: str) -> bool:
    return (
        len(between) < _LONGEST_JOINT
        and _JOINT.fullmatch(between) is not None
        and (between != ". " or len(before) == 1)
    )


def _kept(run: list[Word]) -> Iterator[list[Word]]:
    kept = [word for word in run if word.text not in NO_NAME and word.text.split("'")[0] not in NO_NAME]
    if kept:
        yield kept


def _parted(words: Sequence[Word], source: Spellings) -> bool:
    return any(source.part(one, other) for one, other in pairwise(words))


def _is_common(word: Word, everywhere: Sequence[Spellings], lower: Set[str]) -> bool:
    key = word.key
    return key in lower or any(key in source.lower for source in everywhere) or not any(
        key in source.capital for source in everywhere
    )  # fmt: skip


def _is_name(word: Word, text: str, everywhere: Sequence[Spellings], lower: Set[str]) -> bool:
    """Whether the word that opens a sentence is one: known as a name, or possessed or speaking like one."""
    key = word.key
    if key in lower or any(key in source.lower for source in everywhere):
        return False
    if any(key in source.capital for source in everywhere):
        return True
    if (word.text[:2].isupper() and len(key) > 1) or _PEOPLE.search(key):
        return True
    if word.text.endswith(("'s", "'")):
        return not _COMMON_END.search(key)
    following = WORD.match(text, word.span.end + 1)
    return following is not None and following.group() in SAYS and not _COMMON_END.search(key)


def _is_short_for(short: str, long: str) -> bool:
    """True for a title and its abbreviation: "sgt" and "sergeant"."""
    if not 1 < len(short) <= 4 or len(long) < 6 or short in _COURTESY:
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def _is_derived(one: str, other: str) -> bool:
    """True for a country and its people: they share a stem, and all that differs are endings."""
    shared = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        shared += 1
    return any(one[cut:] in _DERIVED and other[cut:] in _DERIVED for cut in range(max(_STEM, shared - 1), shared + 1))
