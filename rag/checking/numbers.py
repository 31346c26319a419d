"""Numbers as people write them, read for what they are: 4,200, forty-two, $3.5bn, 40 per cent, 6.39 p.m., 21st.

Reads ``folding.tidy`` text. Knows no fractions in words ("a third") and no vague ones ("dozens"); does not know what
is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from corpus.document import Span

_ONES = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen""".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
    fifteenth sixteenth seventeenth eighteenth nineteenth""".split()
_VALUES = (
    {word: number for number, word in enumerate(_ONES, 1)}
    | {word: 10 * number for number, word in enumerate(_TENS, 2)}
    | {word: number for number, word in enumerate(_ORDINALS, 1)}
    | {word[:-1] + "ieth": 10 * number for number, word in enumerate(_TENS, 2)}
)
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
_SHORT_SCALES = {"k": 1000, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "tn": 10**12}
_CURRENCIES = {"$": "$", "dollar": "$", "£": "£", "pound": "£", "€": "€", "euro": "€", "¥": "¥", "yen": "¥"}
_ORDINAL_WORDS = frozenset(_ORDINALS) | {word[:-1] + "ieth" for word in _TENS}
_LARGE = 1000
_IDIOMATIC = frozenset(("one", "first", "second", "a"))  # more often no number than one
_COUNTED_UP = re.compile(r"\b(?:[Tt]he|[Tt]hese|[Tt]hose|[Bb]etween|[Aa]ll|[Aa]ny|[Oo]ther) $")  # "the two sides"

_SCALE = "|".join(_SCALES)
_WORD = "|".join(sorted({*_VALUES, *_SCALES, "half"}, key=len, reverse=True))
_PERCENT = r"(?P<percent> ?%| ?-?(?:per ?cent|percent|percentage points?|pct)(?![^\W_]))"
_NUMBER = re.compile(
    r"(?P<time>(?<![\w.])(?:(?P<hour>\d{1,2})[.:](?P<minute>\d{2})|(?P<full_hour>\d{1,2}))(?::\d\d)?"
    r" ?(?P<half>[ap])\.? ?m(?![^\W_])\.?"
    r"|(?<![\w.:])(?P<clock_hour>\d{1,2}):(?P<clock_minute>\d{2})(?![\w:]))"
    r"|(?P<before>[$£€¥] ?)?(?<![^\W_])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?(?!\d)"
    r"|\d{1,18}(?:\.\d{1,9})?)"
    rf"(?:(?P<ordinal>st|nd|rd|th)(?![^\W_])|[ -]?(?P<scale>(?:{_SCALE})(?: (?:{_SCALE}))?|(?i:k|mn?|bn?|tn))"
    r"(?![^\W_]))?"
    rf"(?:{_PERCENT}|[ -](?P<after>(?i:dollar|pound|euro|yen))s?(?![^\W_]))?"
    rf"|(?<![^\W_])(?P<words>(?:(?:[Aa]|[Hh]alf a) (?=(?:{_SCALE})(?![^\W_])))?(?i:{_WORD})(?![^\W_])"
    rf"(?:(?: and |[ -])(?:{_WORD})(?![^\W_]))*)(?:{_PERCENT.replace('percent>', 'of_words>')})?"
)
_RANGE = re.compile(r" ?(?:-|to|and|or) ?$")
_BARE = re.compile(r"[.,;:)]|$| (?:and|or|to|from|but|while|by)\b")
_ELLIPSIS = 100  # characters
_SEPARATOR = re.compile(r"( and |[ -])")


@dataclass(frozen=True)
class Number:
    """A number at ``span`` of a tidy text.

    ``values`` are what it may be, more than one where "40m" may be metres; of a time they are "6:39". ``unit`` is
    "%", a currency's sign, "am", "pm" or empty. An ``idiomatic`` one ("one", "the two") may count nothing that the
    source counts.
    """

    span: Span
    text: str
    values: frozenset[Decimal | str]
    unit: str = ""
    is_ordinal: bool = False
    idiomatic: bool = False


def numbers(text: str) -> list[Number]:
    """The numbers of a tidy text, in order."""
    found = [number for match in _NUMBER.finditer(text) for number in _read(match)]
    # "30 to 40 per cent": both are.
    for at in range(len(found) - 2, -1, -1):
        one, following = found[at], found[at + 1]
        between = text[one.span.end : following.span.start]
        if following.unit == "%" and not one.unit and len(between) < 6 and _RANGE.match(between):
            found[at] = Number(one.span, one.text, one.values, "%")
    return found


def with_ellipses(text: str, found: Sequence[Number]) -> list[Number]:
    """The numbers of a source, and once more as per cent those that it leaves bare behind one: "38 percent and 35"."""
    more = []
    last_end = -_ELLIPSIS
    for number in found:
        if number.unit == "%":
            last_end = number.span.end
        elif not number.unit and number.span.start - last_end < _ELLIPSIS and _BARE.match(text, number.span.end):
            more.append(replace(number, unit="%"))
    return [*found, *more]


class Amounts:
    """Numbers to look others up in."""

    def __init__(self, found: Iterable[Number]) -> None:
        self._units: dict[Decimal | str, set[str]] = {}
        for number in found:
            for value in number.values:
                self._units.setdefault(value, set()).add(number.unit)

    def have(self, number: Number) -> bool:
        """True where one of them is ``number``, in the same unit or with none told.

        That it is per cent is always told, and of what is not large so is the currency.
        """
        for value in number.values:
            units = self._units.get(value, set())
            is_large = not isinstance(value, str) and value >= _LARGE
            is_clock = isinstance(value, str)
            if number.unit in units or (units and not number.unit) or ("" in units and (is_large or is_clock)):
                return number.unit != "%" or "%" in units
        return False


def _read(match: re.Match[str]) -> Iterator[Number]:
    if match["time"]:
        yield _time(match)
    elif match["digits"]:
        yield _in_digits(match)
    else:
        yield from _in_words(match)


def _time(match: re.Match[str]) -> Number:
    hour = int(match["hour"] or match["full_hour"] or match["clock_hour"])
    minute = match["minute"] or match["clock_minute"] or "00"
    half = f"{match['half']}m" if match["half"] else "pm" if hour > 12 else ""
    return Number(Span(*match.span()), match.group(), frozenset({f"{hour % 12}:{minute}"}), half)


def _in_digits(match: re.Match[str]) -> Number:
    value = Decimal(match["digits"].replace(",", "")).normalize()
    values: set[Decimal | str] = {value}
    sign = (match["before"] or "").strip()
    if scale := (match["scale"] or "").lower():
        factor = _SHORT_SCALES.get(scale, 1)
        for word in scale.split():
            factor *= _SCALES.get(word, 1)
        # Without a currency "40m" and "40 b" may be of anything.
        values = {(value * factor).normalize(), *([value] if scale in ("k", "m", "b") and not sign else [])}
    unit = "%" if match["percent"] else _CURRENCIES.get(sign or (match["after"] or "").lower(), "")
    text = match.group()
    return Number(Span(*match.span()), text.strip(), frozenset(values), unit, match["ordinal"] is not None)


def _in_words(match: re.Match[str]) -> Iterator[Number]:
    """The numbers of a run of number words: "two hundred and six" is one, "two and six" are two."""
    parts = _SEPARATOR.split(match["words"])
    at = match.start()
    total, current, start, end = Decimal(0), Decimal(0), at, at
    last = ""
    words: list[str] = []
    for index in range(0, len(parts), 2):
        word = parts[index].lower()
        separator = parts[index - 1] if index else ""
        at += len(separator)
        if words and not _goes_on(last, word, separator):
            yield from _number(match, total + current, Span(start, end), words)
            total, current, start, words = Decimal(0), Decimal(0), at, []
        start = at if not words else start
        words.append(word)
        if word in ("a", "half"):
            current = current or Decimal(1) if word == "a" else Decimal("0.5")
        elif word in _SCALES:
            current = (current or Decimal(1)) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, current = total + current, Decimal(0)
        else:
            current += _VALUES[word]
        at += len(parts[index])
        last, end = word, at
    if words:
        yield from _number(match, total + current, Span(start, end), words)


def _goes_on(last: str, word: str, separator: str) -> bool:
    """True where ``word`` is part of the number that ``last`` ends so far."""
    if word in _SCALES or "half" in (last, word):
        return last in ("a", "half") or (
            (last in _SCALES or last in _VALUES) and separator != " and " and word != "half"
        )
    if last in _SCALES:
        return last != "dozen"
    return last in _TENS and _VALUES[word] < 10 and separator != " and "


def _number(match: re.Match[str], value: Decimal, span: Span, words: list[str]) -> Iterator[Number]:
    if words == ["half"]:
        return
    text = match.string[span.start : span.end]
    unit = "%" if match["of_words"] and span.end == match.end("words") else ""
    counted_up = value == 2 and _COUNTED_UP.search(match.string[max(0, span.start - 10) : span.start]) is not None
    idiomatic = not unit and ((len(words) == 1 and words[0] in _IDIOMATIC) or counted_up)
    yield Number(span, text, frozenset({value.normalize()}), unit, words[-1] in _ORDINAL_WORDS, idiomatic)
