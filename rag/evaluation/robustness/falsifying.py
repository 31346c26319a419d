"""Make a passage say something else: another number, date or name where the answer needs the true one.

What is put in is as long as what it replaces, so that everything else stands where it stood and only a citation of the
changed words disagrees with the stored document. Knows how figures, months and names are written; a figure in words
is replaced by one of the same length, a name by one with other letters that nobody has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.dates import MONTH
from corpus.document import Passage, Voice
from rag.evaluation.items import Item
from rag.evaluation.metrics.phrases import mentions_any

_ALIKE = (  # each may stand for another of its row: they are equally long
    "two six ten", "four five nine", "three seven eight", "eleven twelve", "twenty thirty eighty ninety",
    "forty fifty sixty", "fifteen sixteen", "thirteen fourteen eighteen nineteen",
    "march april", "june july", "january october", "february november december",
    "monday friday sunday", "thursday saturday",
)  # fmt: skip
_ROW = {word: row.split() for row in _ALIKE for word in row.split()}
_WORDS = re.compile(rf"(?<![^\W_])(?:{'|'.join(_ROW)})(?![^\W_])", re.IGNORECASE)
_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxz"
_NAME = re.compile(r"(?<![^\W_])[A-Z](?:[^\W_]|['’])+")
_NO_NAME = frozenset(
    "the a an of and for in on at to from by with tuesday wednesday may august september aug sept".split()
)
_DIGITS = re.compile(r"\d+")
_MONTH = re.compile(rf"(?<![^\W_])(?:{MONTH})(?![^\W_])", re.IGNORECASE)
_NUMERIC_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{4}")
_BETWEEN = r"[\s*_\-\u2010-\u2015\u2212]+"
_TURNS = 4  # other values tried before a phrase is given up
_VALUE = re.compile(r"\d(?:[\d,.]*\d)?|(?<![^\W_])[A-Z][^\W_]{2,}")  # of a reference answer


@dataclass(frozen=True)
class Falsehood:
    """``true`` are ways to say what a right answer says, ``false`` what stands in the place of those that occur."""

    true: tuple[str, ...]
    false: tuple[str, ...]
    turn: int

    def told_of(self, passage: Passage) -> Passage:
        """The passage with what is false in the place of what is true, in its title and voices too."""
        header = replace(passage.document, title=passage.document.title and self._changed(passage.document.title))
        voices = tuple(Voice(each.span, self._changed(each.source), each.relation) for each in passage.voices)
        return replace(passage, text=self._changed(passage.text), document=header, voices=voices)

    def is_true_in(self, text: str) -> bool:
        return mentions_any(text, self.true)

    def is_false_in(self, text: str) -> bool:
        return mentions_any(text, self.false)

    def _changed(self, text: str) -> str:
        for phrase in self.true:
            text = _pattern(phrase).sub(lambda match: _other(match.group(), self.turn) or match.group(), text)
        return text


def falsehood(item: Item, answer: str, evidence: Sequence[Passage], others: Sequence[Passage]) -> Falsehood | None:
    """What can be falsified: something a right answer needs, ``answer`` says and so does a passage of the ``evidence``.

    Figures come first, then dates, then names. ``others`` are what is given beside. None where nothing can be changed
    so that no passage says the true thing any more, or where what is put in is said already.
    """
    texts = [passage.embedded_text() for passage in (*evidence, *others)]
    proof = [passage.embedded_text() for passage in evidence]
    for group in sorted(_groups(item), key=_kind):
        used = tuple(phrase for phrase in group if any(mentions_any(text, [phrase]) for text in texts))
        if not mentions_any(answer, group) or not any(mentions_any(text, group) for text in proof):
            continue
        for turn in range(1, _TURNS + 1):
            made = [_other(phrase, turn) for phrase in used]
            false = tuple(phrase for phrase in made if phrase)
            if len(false) < len(used) or any(mentions_any(text, false) for text in texts):
                continue
            found = Falsehood(group, false, turn)
            after = [found.told_of(passage).embedded_text() for passage in (*evidence, *others)]
            if not any(map(found.is_true_in, after)) and any(map(found.is_false_in, after)):
                return found
    return None


def _groups(item: Item) -> list[tuple[str, ...]]:
    if item.must_include:
        return list(item.must_include)
    return [(value,) for answer in item.answers for value in dict.fromkeys(_VALUE.findall(answer))]


def _kind(group: Sequence[str]) -> int:
    if any(_MONTH.search(phrase) for phrase in group):
        return 1
    return 0 if any(_DIGITS.search(phrase) or _WORDS.search(phrase) for phrase in group) else 2


def _other(phrase: str, turn: int) -> str | None:
    """As long as ``phrase``, and the same for it wherever it stands; None for what is no figure, date or name."""
    if _DIGITS.search(phrase):
        return _DIGITS.sub(lambda match: _digits(match, turn), phrase, count=1)
    if _WORDS.search(phrase):
        return _WORDS.sub(lambda match: _word(match.group(), turn), phrase, count=1)
    changed = _NAME.sub(lambda match: _name(match.group(), turn), phrase)
    return changed if changed != phrase else None


def _digits(match: re.Match[str], turn: int) -> str:
    """A day stays a day, a year one of its decade."""
    digits, value = match.group(), int(match.group())
    is_day = _MONTH.search(match.string) or _NUMERIC_DATE.match(match.string, match.start())
    if len(digits) == 2 and is_day:
        return f"{(value - 1 + 4 * turn) % 27 + 1:02d}" if digits[0] == "0" else f"{(value - 10 + 4 * turn) % 19 + 10}"
    if len(digits) == 4 and digits[0] in "12":
        return f"{digits[:3]}{(int(digits[3]) + 2 * turn) % 10}"
    if digits[0] == "0":
        return digits[:-1] + str((int(digits[-1]) - 1 + turn) % 9 + 1)
    return str((int(digits[0]) - 1 + turn) % 9 + 1) + digits[1:]


def _word(word: str, turn: int) -> str:
    row = _ROW[word.lower()]
    other = row[(row.index(word.lower()) + 1 + (turn - 1) % (len(row) - 1)) % len(row)]
    return other.upper() if word.isupper() else other.title() if word[0].isupper() else other


def _name(name: str, turn: int) -> str:
    return name if name.lower() in _NO_NAME else "".join(_letter(letter, turn) for letter in name)


def _letter(letter: str, turn: int) -> str:
    """A vowel becomes another, a consonant another, so that it can still be read aloud."""
    for row in (_VOWELS, _CONSONANTS):
        at = row.find(letter.lower())
        if at >= 0:
            other = row[(at + turn) % len(row)]
            return other.upper() if letter.isupper() else other
    return letter


def _pattern(phrase: str) -> re.Pattern[str]:
    """Where ``phrases.mentions`` would find it."""
    words = [re.escape(word) for word in re.split(r"[\s\-\u2010-\u2015\u2212]+", phrase.strip()) if word]
    end = r"(?!\d)" if phrase[-1:].isdigit() else ""
    return re.compile(r"(?<!\w)" + _BETWEEN.join(words) + end, re.IGNORECASE)
