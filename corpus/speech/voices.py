"""Where somebody else speaks at length in a document: an article republished, a person quoted in whole paragraphs.

A voice needs a visible beginning and a name for its source: "From the Harbour Ledger:", "Ada Orm responded:" with
plain paragraphs behind it, a block set off by ``>`` or by indentation, paragraphs that each open with a quotation mark.
Where it ends must be visible too: at a rule, a signature, the furniture at the foot, the end of the text; else it is
one paragraph. What is only announced ("attached below") and begins nowhere is no voice, for a wrong source is worse
than none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.document import Quotation, Span, Voice
from corpus.speech import marks
from corpus.speech.marks import Page
from corpus.speech.names import CAPITAL, NO_NAME, untitled
from corpus.speech.quotations import of_page
from corpus.speech.speakers import Manner, antecedent, saying, speaker_at
from corpus.speech.verbs import is_judging

_SHORTEST_ARTICLE = 400  # characters of a republished text
_SHORTEST_SPEECH = 60  # and of a paragraph that is somebody's words
_LONGEST_LINE = 200  # that introduces, and of a line at the foot
_SURE = 0.7  # of a quotation over several paragraphs

_WORD = rf"{CAPITAL}(?:\.\w+)*"
_OUTLET = rf"(?:the )?((?:The )?{_WORD}(?: (?:of |and |& |for |the ){{0,2}}{_WORD}){{0,5}})"
_TEXT = r"(?:article|piece|report|story|essay|column|editorial|interview|post|letter|text|commentary|dispatch|account)"
_PRINTED = r"(?:published|appeared|ran|taken|reprinted|comes|reproduced|printed)"
_OPENINGS = [  # lines behind which another's text begins
    re.compile(pattern)
    for pattern in (
        rf"From {_OUTLET}:$",
        rf"(?:[Ff]irst|[Oo]riginally) {_PRINTED} (?:by|in|on|at) {_OUTLET}:$",
        rf"Reprinted (?:with permission )?from {_OUTLET}:$",
        rf"The following (?:[a-z]+ ){{0,3}}?{_TEXT} (?:[a-z]+ ){{0,3}}?{_PRINTED} (?:by|in|on|at|from) {_OUTLET}"
        r"[^.:]{0,80}[.:]$",
    )
]
_REPORTING = re.compile(
    rf"(?:As )?{_OUTLET} (?:(reports|reported)|writes|wrote)(?: (?:today|yesterday|at the time|on \w+))?:$"
)
_ATTACHED = r"(?:attached|reproduced|reprinted|republished|copied|printed|appended|posted)"
_ANNOUNCEMENT = re.compile(  # says that another's text will be there, but not where
    rf"\b{_TEXT} (?:[a-z]+ )?(?:in|from|by|of) {_OUTLET},?(?: (?:which|that|is|are|was)){{0,2}} "
    rf"(?:{_ATTACHED} (?:in full )?(?:below|here)\b|follows(?: below| in full)?[.:])"
)
_RULE = re.compile(r"(?:[*_\-–—=~#•·][ \t]*){3,}$")
_END = re.compile(
    rf"[\[(*_]*(?:end of (?:the )?(?:quote|quotation|extract|excerpt|{_TEXT})|(?:quote|{_TEXT}) ends|ends?)[\])*_.]*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"[—–-]{1,2}\s?")
_NO_PROSE = re.compile(r"[>#|*•·“\"«‘—–-]|\(?\d{1,3}[.):]|[A-Za-z]{1,2}[.):]\s|[\w ]{1,25}:\s")
_PROSE_END = re.compile(r"[.!?…][)\]”’\"]*$")
_LIMP = re.compile(  # between a verb and its colon: "in an interview on Monday"
    r"(?:,? (?:in|on|at|to|during|after|before|with|when|last|that|this|yesterday|today|reporters|simply)\b"
    r"[^,;:]{0,60})?[\s,]*:"
)
_SPEECH = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|me|us|[Yy]ou|[Yy]our)\b")
_LINE = re.compile(r"[^\n]+")
_SET_OFF = re.compile(r"(>)|(?: {4,}|\t)\s*(?![-*•·+]\s|\d+[.)]\s)\S")


def voices(text: str, *, furniture: Sequence[Span] = ()) -> tuple[Voice, ...]:
    """The stretches of ``text`` in which another speaks, in order and apart from each other."""
    return voices_and_quotations(text, furniture=furniture)[0]


def voices_and_quotations(
    text: str, *, furniture: Sequence[Span] = ()
) -> tuple[tuple[Voice, ...], tuple[Quotation, ...]]:
    """The same with the quotations of ``text``, which are found on the way."""
    page = marks.page(text, furniture=furniture)
    quoted = of_page(page)
    found = [*_republished(page, furniture), *_set_off(page), *_speeches(page), *_long_quotations(page, quoted)]
    found.sort(key=lambda voice: (voice.span.start, -voice.span.end))
    kept: list[Voice] = []
    for voice in found:
        if not kept or voice.span.start >= kept[-1].span.end:
            kept.append(voice)
    return tuple(kept), quoted


def _republished(page: Page, furniture: Sequence[Span]) -> Iterator[Voice]:
    """A whole text of another's, from the line that introduces it to where it visibly ends."""
    text, blocks = page.text, page.paragraphs  # a rule or a credit is furniture, and a border here
    lines = [text[block.start : block.end].strip("*_# ") or "***" for block in blocks]
    aside = frozenset(furniture)
    borders = [at for at, line in enumerate(lines) if _is_border(line)]
    for at, source, needs_end in _openings(lines):
        following = bisect_right(borders, at)
        end = borders[following] if following < len(borders) else len(blocks)
        signed = [i for i in range(at + 1, end) if len(lines[i]) < _LONGEST_LINE and _is_signed(lines[i], source)]
        end = signed[0] if signed else end
        if end == len(blocks) and (needs_end or _host_returns(text[blocks[at].end :], source)):
            continue
        inner = _without_edges(text, blocks[at + 1 : end], aside)
        if inner and inner[-1].end - inner[0].start >= _SHORTEST_ARTICLE:
            yield Voice(Span(inner[0].start, inner[-1].end), source)


def _openings(lines: Sequence[str]) -> Iterator[tuple[int, str, bool]]:
    """Lines behind which a text of another's begins: where, whose, and whether it needs a visible end."""
    announced: tuple[int, str] | None = None
    is_opened = False
    for at, line in enumerate(lines):
        short = line if len(line) <= _LONGEST_LINE else ""
        if opening := _first(_OPENINGS, short):
            yield at, opening[1], False
            is_opened = True
        elif reporting := _first([_REPORTING], short):
            yield at, reporting[1], reporting[2] is None
        elif announcement := _ANNOUNCEMENT.search(line):
            announced = (at, announcement[1])
    if announced and not is_opened:
        rules = [at for at, line in enumerate(lines) if at > announced[0] and _RULE.match(line)]
        if len(rules) == 1:
            yield rules[0], announced[1], False


def _first(patterns: Sequence[re.Pattern[str]], line: str) -> re.Match[str] | None:
    if not line.endswith((":", ".")):  # as all of them do
        return None
    found = (pattern.match(line) for pattern in patterns)
    return next((match for match in found if match and not NO_NAME.issuperset(match[1].split())), None)


def _is_border(line: str) -> bool:
    if len(line) > _LONGEST_LINE:
        return False
    return bool(_RULE.match(line) or _END.match(line) or _first([*_OPENINGS, _REPORTING], line))


def _is_signed(line: str, source: str) -> bool:
    dash = _SIGNATURE.match(line)
    return dash is not None and line[dash.end() :].removeprefix("the ").startswith(source)


def _host_returns(text: str, source: str) -> bool:
    """True where the text speaks of its own source as of another: the end is not visible then."""
    name = re.escape(source)
    return re.search(rf"\b(?:{_TEXT} (?:in|from|by) (?:the )?{name}\b|{name}[’']s? {_TEXT}\b)", text) is not None


def _without_edges(text: str, blocks: Sequence[Span], aside: frozenset[Span]) -> list[Span]:
    """``blocks`` without what is ``aside``, furniture, before and behind them, and without short lines among it."""
    kept = list(blocks)
    while kept and kept[0] in aside:
        kept.pop(0)
    while kept and (
        kept[-1] in aside
        or (len(kept[-1]) < _LONGEST_LINE and not _PROSE_END.search(text[kept[-1].end - 5 : kept[-1].end]))
    ):
        kept.pop()
    return kept


def _speeches(page: Page) -> Iterator[Voice]:
    """The paragraph behind "Ada Orm responded:", if it is prose without quotation marks around it."""
    for block, following in pairwise(page.blocks):
        if page.text[block.end - 1] != ":" or not _is_prose(page.text[following.start : following.end]):
            continue
        source, is_beside = _introduced(page, block)
        if source and (is_beside or _SPEECH.search(page.outside, following.start, following.end)):
            yield Voice(following, source, "quoted")


def _introduced(page: Page, block: Span) -> tuple[str | None, bool]:
    """Whom the end of a paragraph lets speak, and whether hardly a word stands between the verb and the colon."""
    clause = page.clause_before(block.end, block)
    said = saying(page.outside, clause)
    if said is None or is_judging(page.outside, said.verb):
        return None, False
    tail = page.outside[max(said.verb.end, said.speaker.end) : block.end]
    is_beside = _LIMP.fullmatch(tail) is not None
    speaker: Span | None = said.speaker
    if said.manner is Manner.PRONOUN:
        pronoun = page.outside[said.speaker.start : said.speaker.end]
        speaker = antecedent(page.outside, page.before(said.speaker.start), pronoun=pronoun)
    if speaker is None or "”" in tail or (said.manner is Manner.ROLE and not is_beside):
        return None, False
    return untitled(" ".join(page.text[speaker.start : speaker.end].split())), is_beside


def _is_prose(words: str) -> bool:
    return len(words) >= _SHORTEST_SPEECH and not _NO_PROSE.match(words) and _PROSE_END.search(words[-5:]) is not None


def _set_off(page: Page) -> Iterator[Voice]:
    """Lines that begin with ``>`` or are indented, behind one that names their source or with a signature."""
    for block in _blocks_set_off(page.text):
        at = bisect_right(page.blocks, block.start, key=lambda one: one.end) - 1
        source: str | None = None
        outlet: re.Match[str] | None = None
        if at >= 0 and page.text[page.blocks[at].end - 1] == ":":
            before = page.blocks[at]
            line = page.text[page.clause_before(before.end, before).start : before.end][-_LONGEST_LINE:]
            outlet = _first([*_OPENINGS, _REPORTING], line)
            source = outlet[1] if outlet else _introduced(page, before)[0]
        source = source or _signer(page.text[block.start : block.end])
        if source and len(block) >= _SHORTEST_SPEECH:
            is_article = outlet is not None and len(block) >= _SHORTEST_ARTICLE
            yield Voice(block, source, "republished" if is_article else "quoted")


def _blocks_set_off(text: str) -> Iterator[Span]:
    """Stretches of lines that are all set off alike; blank lines may be among them."""
    start: int | None = None
    kind, end = "", 0
    for line in _LINE.finditer(text):
        if not line.group().strip():
            continue
        mark = _SET_OFF.match(line.group())
        this = "" if mark is None else mark[1] or " "
        if start is not None and this != kind:
            yield Span(start, end)
            start = None
        if this and start is None:
            start, kind = line.start() + len(line.group()) - len(line.group().lstrip()), this
        end = line.start() + len(line.group().rstrip())
    if start is not None:
        yield Span(start, end)


def _signer(block: str) -> str | None:
    """The name in a last line "— Ada Orm"."""
    line = block[block.rfind("\n") + 1 :].lstrip("> \t")
    dash = _SIGNATURE.match(line)
    found = speaker_at(line[dash.end() :]) if dash and len(line) <= _LONGEST_LINE else None
    return untitled(line[dash.end() :][: found[0].end]) if dash and found and found[1] is Manner.NAME else None


def _long_quotations(page: Page, quoted: Sequence[Quotation]) -> Iterator[Voice]:
    """Direct speech over several paragraphs."""
    for quotation in quoted:
        is_long = page.block(quotation.span.start) != page.block(quotation.span.end - 1)
        if is_long and quotation.confidence >= _SURE:
            yield Voice(quotation.span, untitled(quotation.speaker), "quoted")
