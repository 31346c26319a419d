"""Questions as people mistype them: slips of the fingers, and marks that a keyboard or a copy lost.

Knows letters and their places on an English keyboard. Numbers, in digits or words, months, weekdays and words of fewer
than four letters are never touched, so that a question still asks for the same.
"""

from __future__ import annotations

import re
import unicodedata
from random import Random

from corpus.dates import MONTH
from rag.checking.numbers import numbers

_ONE_IN = 8  # words
_WORD = re.compile(r"(?<![\w'’])[^\W\d_]{4,}(?![\w'’])")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    letter: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in _ROWS for at, letter in enumerate(row)
}
_DATED = re.compile(rf"(?:{MONTH}|(?:mon|tues|wednes|thurs|fri|satur|sun)day)s?", re.IGNORECASE)
_APOSTROPHES = re.compile(r"(?<=\w)['’](?=\w)")


def mistyped(text: str, chance: Random) -> str:
    """``text`` with a slip in one of eight words, at least in one; the same where no word is long enough.

    A slip swaps two letters, drops one, doubles one or hits the key beside it; a word keeps its first letter.
    """
    words = [match for match in _WORD.finditer(text) if not _tells_when_or_how_many(match.group())]
    count = min(len(words), max(1, len(text.split()) // _ONE_IN))
    for match in sorted(chance.sample(words, count), key=lambda match: -match.start()):
        text = text[: match.start()] + _slipped(match.group(), chance) + text[match.end() :]
    return text


def without_marks(text: str) -> str:
    """``text`` with the apostrophes inside its words and the signs above and below its letters lost."""
    plain = unicodedata.normalize("NFD", _APOSTROPHES.sub("", text))
    return unicodedata.normalize("NFC", "".join(sign for sign in plain if not unicodedata.combining(sign)))


def _tells_when_or_how_many(word: str) -> bool:
    return _DATED.fullmatch(word) is not None or bool(numbers(word.lower()))


def _slipped(word: str, chance: Random) -> str:
    at = chance.randrange(1, len(word))
    before, letter, after = word[:at], word[at], word[at + 1 :]
    ways = [before + after, before + letter + letter + after]
    if after and after[0] != letter:
        ways.append(before + after[0] + letter + after[1:])
    if beside := _NEIGHBOURS.get(letter.lower(), ""):
        key = chance.choice(beside)
        ways.append(before + (key.upper() if letter.isupper() else key) + after)
    return chance.choice(ways)
