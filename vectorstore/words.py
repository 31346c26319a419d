"""Words as the index of words has them: one form for what is written in several ways.

Knows characters. Knows nothing of tantivy or of questions.
"""

from __future__ import annotations

import re
import unicodedata

# In lower case these would be words that no search is made for. "US" is what "U.S.", "USA" and "U.S.A." are, too.
_ABBREVIATIONS = {"US": "usa", "IT": "itcaps", "WHO": "whocaps"}
_PREFIXES = frozenset("anti bi co counter de e inter mid multi non over post pre re semi sub ultra un under".split())

_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_APOSTROPHE = re.compile("[‘’ʼ′`´]")
_HYPHEN = re.compile("[\u2010\u2011]")
_POINTED = re.compile(r"(?<![\w.])[^\W\d_]\.(?:[^\W\d_]\.)+(?:[^\W\d_](?!\w))?")
_ABBREVIATION = re.compile(rf"\b(?:{'|'.join(_ABBREVIATIONS)})\b")
# Each begins with a sign that is rare: an expression that begins by looking back is ten times slower.
_POSSESSIVE = re.compile(r"'(?<=\w')[sS]\b")
_NOT = re.compile(r"n't\b")
_IRISH = re.compile(r"O'(?=[A-Z])")
_HYPHENED = re.compile(r"\b([^\W\d_]{1,7})-([^\W\d_]{3,})\b(?!-)")
_SHOUTED_WORDS = 3  # a line of more, all in capitals, is a headline: its capitals say nothing

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ß": "ss"}
)


def normalised(text: str) -> str:
    """``text`` with one form for what is written in several, for indexing and for searching alike.

    Invisible characters, possessives and the apostrophes of "don't" and "O'Hare" are gone, "U.S." is "usa" and "U.N."
    "UN", "co-operate" is "cooperate operate", so that "cooperate" finds it and so does the word after a prefix.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
        text = _HYPHEN.sub("-", _APOSTROPHE.sub("'", text))
    if "." in text:
        text = _POINTED.sub(_unpointed, text)
    if "'" in text:
        text = _IRISH.sub("O", _NOT.sub("nt", _POSSESSIVE.sub("", text)))
    if "-" in text:
        text = _HYPHENED.sub(_with_prefix, text)
    if _ABBREVIATION.search(text):
        text = "\n".join(line if _is_shouted(line) else _ABBREVIATION.sub(_spelt, line) for line in text.split("\n"))
    return text


def folded(word: str) -> str:
    """A word in lower case, without diacritics."""
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFKD", word.lower().translate(_LETTERS))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _unpointed(found: re.Match[str]) -> str:
    glued = found.end() < len(found.string) and found.string[found.end()].isalnum()  # "J.K.Orme"
    return found.group().replace(".", "") + (" " if glued else "")


def _spelt(found: re.Match[str]) -> str:
    return _ABBREVIATIONS[found.group()]


def _with_prefix(found: re.Match[str]) -> str:
    prefix, rest = found.groups()
    return f"{prefix}{rest} {rest}" if prefix.lower() in _PREFIXES else found.group()


def _is_shouted(line: str) -> bool:
    return line.isupper() and len(line.split(maxsplit=_SHOUTED_WORDS)) > _SHOUTED_WORDS
