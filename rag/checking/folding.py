"""Texts made comparable: what two writers may write differently and mean alike is folded away.

Knows characters only. Folded text has other offsets than the text it was made from.
"""

from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile(r"\s+")
_FRACTIONS = {"½": "5", "¼": "25", "¾": "75"}
_FRACTION = re.compile(r"(\d?)([½¼¾])")
_SPACED_THOUSANDS = re.compile(r"(?<=\d)[\xa0\u2009\u202f](?=\d{3}(?!\d))")
_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛`´", "'") | dict.fromkeys("“”„‟«»", '"'))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:'[^\W_]+)*|-+|[^\w\s\"'*`]")
_UNCOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_WHOLE_PHRASES = str.maketrans({"\ufdfa": "\u0635", "\ufdfb": "\u062c"})  # one sign, 18 letters in compatibility form
_POSSESSIVE = re.compile(r"['’](?:s|S)?$")


def tidy(text: str) -> str:
    """One line in compatibility form, straight quotes and plain hyphens; ½ is .5. Case is kept."""
    text = _FRACTION.sub(lambda found: f"{found[1] or '0'}.{_FRACTIONS[found[2]]}", _SPACED_THOUSANDS.sub("", text))
    text = unicodedata.normalize("NFKC", text.translate(_WHOLE_PHRASES)).translate(_QUOTES).translate(_DASHES)
    return _BLANKS.sub(" ", text).strip()


def tokens(text: str) -> list[str]:
    """Words and signs in lower case, without white space, quotation marks and emphasis; a row of dashes is one."""
    return ["-" if token[0] == "-" else token for token in _TOKEN.findall(tidy(text).casefold())]


def plain(word: str) -> str:
    """A word without case, diacritics, points and possessive: "U.N.’s" is "un", "Orme’s" is "orme"."""
    if word.isascii() and word.isalnum():  # most words
        return word.lower()
    bare = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", word)).casefold().translate(_UNCOMPOSED)
    return "".join(sign for sign in bare if sign.isalnum())
