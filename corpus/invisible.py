"""Take out of a text what nobody sees and a machine reads: invisible letters, marks of direction, fillers.

Such characters can carry a message past every reader to a language model, or make a name read as another. Those that
a script or an emoji needs where they stand stay. Knows characters. Knows nothing of files.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from corpus.document import Span

_KINDS = {
    "Unicode tags": "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff",
    "marks of direction": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
    "variation selectors": "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef",
    "soft hyphens": "\u00ad",
    "characters without width": "\u034f\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a",
    "fillers": "\u115f\u1160\u17b4\u17b5\u3164\uffa0",
}
_ANY = "".join(_KINDS.values())
_RUN = re.compile(f"[{_ANY}]+")
_OF_KIND = {kind: re.compile(f"[{characters}]") for kind, characters in _KINDS.items()}

_PICTOGRAPHS = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_BLACK_FLAG = "\U0001f3f4"
_FLAGS = tuple(  # England, Scotland and Wales: the only ones that are spelled in tags and shown anywhere
    "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f" for region in ("gbeng", "gbsct", "gbwls")
)
_JOINING = re.compile(  # scripts in which a joiner says how a letter is shaped
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua8ff\uaa60-\uaa7f\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010aff\U00010d00-\U00010d3f\U00011000-\U00011fff\U0001e900-\U0001e95f]"
)
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\uaa60-\uaa7f]")
_MONGOLIAN = re.compile("[\u1800-\u180a\u1810-\u18af]")
_JAMO = re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
_IDEOGRAPHS = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_VARIED = re.compile(  # has a form that VS1, VS2 or VS3 asks for: signs of mathematics, of East Asia, of some scripts
    "[0\u1000-\u109f\u2190-\u22ff\u2a00-\u2aff\u2018-\u201d\u3000-\u303f\ua840-\ua877\uaa60-\uaa7f\uff00-\uffef"
    "\U00010ac0-\U00010aff]"
)
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_NEARBY = 8  # characters from a mark of direction in which there is something for it to turn


@dataclass(frozen=True)
class Visible:
    """A text without what is invisible in it; ``removed`` counts that by its kind."""

    text: str
    removed: Mapping[str, int] = field(default_factory=dict)
    _ends: tuple[int, ...] = ()  # of each stretch that was taken out, in the text as it was
    _gone: tuple[int, ...] = (0,)  # characters taken out up to each of them

    def place(self, offset: int) -> int:
        """Where a border of the text as it was lies now; one inside of what was taken out lies where that was."""
        done = bisect_right(self._ends, offset)
        here = self._gone[done]
        if done < len(self._ends):
            start = self._ends[done] - (self._gone[done + 1] - here)
            here += max(0, offset - start)
        return offset - here

    def span(self, span: Span) -> Span:
        return Span(self.place(span.start), self.place(span.end))

    def notes(self) -> tuple[str, ...]:
        """One line on what was taken out; none where that is nothing."""
        total = sum(self.removed.values())
        if not total:
            return ()
        what = ", ".join(
            f"{kind} ({count:,})" if len(self.removed) > 1 else kind for kind, count in self.removed.items()
        )
        return (f"{total:,} invisible character{' was' if total == 1 else 's were'} taken out: {what}",)


def visible(text: str) -> Visible:
    """The text as its readers see it. Done twice it changes nothing more."""
    if text.isascii():
        return Visible(text)
    kept: list[str] = []
    ends: list[int] = []
    lengths: list[int] = []
    removed: Counter[str] = Counter()
    at = 0
    for match in _RUN.finditer(text):
        run, start, end = match.group(), match.start(), match.end()
        first, last = _needed(run, text, start, end)
        for gone_from, gone_to in ((start, start + first), (start + last, end)):
            if gone_from < gone_to:
                kept.append(text[at:gone_from])
                at = gone_to
                ends.append(gone_to)
                lengths.append(gone_to - gone_from)
                removed.update(_kind(character) for character in text[gone_from:gone_to])
    if not ends:
        return Visible(text)
    kept.append(text[at:])
    counts = {kind: removed[kind] for kind in _KINDS if removed[kind]}
    return Visible("".join(kept), counts, tuple(ends), (0, *accumulate(lengths)))


def _kind(character: str) -> str:
    return next(kind for kind, pattern in _OF_KIND.items() if pattern.match(character))


def _needed(run: str, text: str, start: int, end: int) -> tuple[int, int]:
    """The part of a run of invisible characters that what stands around it needs."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == _BLACK_FLAG and run.startswith(_FLAGS):
        return 0, len(_FLAGS[0])
    if run.startswith("\ufe0f\u200d") and _PICTOGRAPHS.match(before) and _PICTOGRAPHS.match(after):
        return 0, 2  # a heart in red, on fire
    for at, character in enumerate(dict.fromkeys(run)):
        if _is_needed(character, before, after, text[max(0, start - _NEARBY) : start], text[end : end + _NEARBY]):
            at = run.index(character) if at else 0
            return at, at + 1
    return 0, 0


def _is_needed(character: str, before: str, after: str, left: str, right: str) -> bool:
    test = _TESTS.get(character)
    if test is None and "\U000e0100" <= character <= "\U000e01ef":
        return _IDEOGRAPHS.match(before) is not None
    return test is not None and test(before, after, left, right)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" if character else False


def _joins(before: str, after: str, left: str, right: str) -> bool:
    """Between letters, or at the edge of a word whose last letter is to look as if another followed."""
    return any(_JOINING.match(each) and _is_letter(each) for each in (before, after))


def _joins_or_combines(before: str, after: str, left: str, right: str) -> bool:
    pictures = bool(_PICTOGRAPHS.match(before) and _PICTOGRAPHS.match(after))
    return pictures or _joins(before, after, left, right)


def _turns(before: str, after: str, left: str, right: str) -> bool:
    return _RIGHT_TO_LEFT.search(left + right) is not None


def _parts_words(before: str, after: str, left: str, right: str) -> bool:
    return bool(_UNSPACED.match(before) and _UNSPACED.match(after))


def _presents(before: str, after: str, left: str, right: str) -> bool:
    """As an emoji or as text; a digit only on a key."""
    on_key = before in tuple("0123456789#*") and after == "\u20e3"
    return on_key or _PICTOGRAPHS.match(before) is not None


def _varies(before: str, after: str, left: str, right: str) -> bool:
    return bool(_VARIED.match(before) or _IDEOGRAPHS.match(before))


def _varies_mongolian(before: str, after: str, left: str, right: str) -> bool:
    return _MONGOLIAN.match(before) is not None


def _fills_syllable(before: str, after: str, left: str, right: str) -> bool:
    return bool(_JAMO.match(before) or _JAMO.match(after))


def _keeps_marks_apart(before: str, after: str, left: str, right: str) -> bool:
    return _is_letter(before) and bool(after) and unicodedata.combining(after) > 0


_TESTS: dict[str, Callable[[str, str, str, str], bool]] = {
    "\u200b": _parts_words,
    "\u200c": _joins,
    "\u200d": _joins_or_combines,
    **dict.fromkeys("\u061c\u200e\u200f", _turns),
    **dict.fromkeys("\ufe0e\ufe0f", _presents),
    **dict.fromkeys("\ufe00\ufe01\ufe02", _varies),
    **dict.fromkeys("\u180b\u180c\u180d\u180e\u180f", _varies_mongolian),
    **dict.fromkeys("\u115f\u1160", _fills_syllable),
    "\u034f": _keeps_marks_apart,
}
