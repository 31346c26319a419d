"""Make of what a language model writes plain text that does nothing, wherever it is pasted.

Whatever a document talked a model into, its reply holds no link, no picture, no markup and no escape code once it
went through here: addresses that no passage has are taken apart, as in ``https[:]//weir[.]example``. Citation markers
stay. Knows text. Knows nothing of models, markers or screens; not even of whether what is said is true.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape

from corpus.invisible import visible

_ROUNDS = 6  # each takes apart what the one before has put together; a reply of a model that means well needs one
_SPELLINGS = 3  # of a character as ``&amp;amp;#58;`` that are read

_ESCAPE_CODE = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]{0,2000}(?:\x07|\x9c|\x1b\\)"  # a title, or a link, with what ends it
    r"|(?:\x1b\[|\x9b)[0-?]{0,100}[ -/]{0,20}[@-~]"
    r"|\x1b[ -/]{0,20}[0-Z\\^-~]"
)
_LINE_END = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_ENTITY = re.compile(r"&(?=(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)[^;]{1,33};")

_FENCE = re.compile(r"^[ \t>]{0,20}(?:`{3,}|~{3,})[^`\n]*$", re.MULTILINE)
_MARKS = re.compile(r"[*`~]+")
_UNDERSCORES = re.compile(r"(?:(?<=[\s\"'“‘(\[])|^)_+(?=[^\s_])|(?<=[^\s_])_+(?=[\s.,;:!?\"'”’)\]]|$)", re.MULTILINE)
_HEADING = re.compile(r"^([ \t>]{0,20})(?:#{1,6}(?:[ \t]+|$))+", re.MULTILINE)
_RULE = re.compile(r"^[ \t]{0,20}(?:-{3,}|={3,})[ \t]*$", re.MULTILINE)
_DEFINITION = re.compile(r"^([ \t>*+-]{0,20}\[[^\[\]\n]{1,200}\]):", re.MULTILINE)
_COMMAND = re.compile(r"\\(?=(?:href|url|hyperref|includegraphics|html\w{0,20})\b)", re.IGNORECASE)

_BRACKET = re.compile(r"\[|\]\(?|\n[ \t]*\n")
_TARGET = re.compile(
    r"[ \t\n]{0,20}(?:<(?P<pointed>[^<>\n]{0,4000})>|(?P<bare>(?:[^\s()]|\([^\s()]{0,500}\)){0,4000}))"
    r"(?:[ \t\n]{1,20}(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|\([^()\n]{0,500}\)))?[ \t\n]{0,20}\)"
)
_MARKER = re.compile(r"\^?(?:\d{1,3}|[a-z]\d[a-z]\d)(?:\s?[,;–—-]\s?(?:\d{1,3}|[a-z]\d[a-z]\d)){0,20}", re.IGNORECASE)

_TAG = re.compile(r"<(?=[A-Za-z/!?])([^<>\n]{0,2000}>)?")
_POINTED = re.compile(r"<([a-z][a-z0-9+.-]{1,30}:[^<>\s]{0,4000}|[^<>\s@]{1,64}@[^<>\s@]{1,255})>", re.IGNORECASE)

_TOP = (
    r"com|net|org|info|biz|edu|gov|mil|int|app|dev|xyz|site|online|shop|store|club|live|news|blog|tech|cloud|page"
    r"|link|click|top|work|world|agency|digital|name|museum|aero|asia|coop|example|invalid|localhost|onion"
)
_BEGINS = (  # what makes a program take the rest for an address
    r"[a-z][a-z0-9+.-]{1,30}:/{2,}"
    r"|(?:javascript|vbscript|livescript):"
    r"|(?:about|blob|callto|cid|data|facetime|feed|file|geo|intent|jar|magnet|mailto|market|matrix|ms-[a-z-]{2,30}"
    r"|sgn|sip|sips|skype|sms|ssh|tel|tg|urn|view-source|whatsapp|xmpp|https?|ftp|wss?|search-ms):(?=\S)"
    r"|(?<![\w:/])(?<!\[:\])//(?=[\w\[])"
    r"|(?<![\w\\])\\\\(?=\w[\w.-]{0,60}[\\/])"
    r"|\bwww\.(?=\w)"
    r"|(?<![\w.-])[\w.+-]{1,64}@(?=\w[\w-]{0,62}\.\w)"
    r"|(?<![\w.-])(?:[\w-]{1,63}\.){1,10}(?:[^\W\d_]{2,30}(?=[/?#\\]|:\d)"
    rf"|(?:(?:{_TOP})\b|(?-i:[a-z]{{2}}|[A-Z]{{2}})\b)(?![.-]?\w))"
    r"|(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?=[/?#]|:\d)"
)
_ADDRESS = re.compile(rf"(?P<begins>{_BEGINS})[^\s<>‹›]*", re.IGNORECASE)
_BEHIND_ADDRESS = re.compile(r"(?:[.,;:!?'\")}»”’*]|\]|\[[^\[\]\s]{1,40}\])+$")
_IN_ADDRESS = re.compile(r"\[:\]|:|\.(?=\w)|@")
_TAKEN_APART = {":": "[:]", ".": "[.]", "@": "[at]"}

_HELD_BACK = re.compile(
    r"!?\[[^\[\]\n]{0,300}(?:\](?:\([^()\n]{0,600})?)?$|<(?:[A-Za-z/!?][^<>\n]{0,600})?$|\x1b[^\n]{0,600}$"
)
_LAST_WORD = re.compile(r"\S{1,1000}$")
_WORD_ALONE = re.compile(r"[\w,“”‘’–—-]+")
_TAIL = 1_000  # characters at the end of a reply that may be held back

_STRETCH = 12  # words


def plain(reply: str, *, known: Sequence[str]) -> str:
    """The reply as text alone; done twice it changes nothing more.

    Links and pictures become their words and their address, marks of emphasis and headings go, tags stay readable
    and are none. Only an address that stands just so in one of the ``known`` texts stays whole.
    """
    for _ in range(_ROUNDS):
        before, reply = reply, _once(reply, known)
        if reply == before:
            break
    return reply


def settled(reply: str) -> str:
    """The part of a growing reply that may be shown now: without what its next words may make into something else.

    ``plain`` of any part is as harmless as of the whole; this only spares the reader words that change.
    """
    tail = reply[-_TAIL:]
    start = len(reply) - len(tail)
    last = _LAST_WORD.search(tail)
    end = last.start() if last and not _WORD_ALONE.fullmatch(last[0]) else len(tail)
    held = _HELD_BACK.search(tail[:end])
    return reply[: start + (held.start() if held else end)]


def repeats(reply: str, secret: str) -> bool:
    """True where a reply says twelve or more words of ``secret`` on end, however they are set and punctuated.

    What is translated or spelled backwards is not recognised.
    """
    spoken = _words(reply)
    return any(tuple(spoken[at : at + _STRETCH]) in _stretches(secret) for at in range(len(spoken) - _STRETCH + 1))


@lru_cache(maxsize=8)
def _stretches(secret: str) -> frozenset[tuple[str, ...]]:
    words = _words(secret)
    return frozenset(tuple(words[at : at + _STRETCH]) for at in range(len(words) - _STRETCH + 1))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", visible(text).text.casefold())


def _once(text: str, known: Sequence[str]) -> str:
    text = _FENCE.sub("", _spelled_out(text))
    text = _MARKS.sub(_mark, text)
    text = _MARKS.sub(_mark, _without_links(text))
    text = _UNDERSCORES.sub("", text)
    text = _RULE.sub("", _HEADING.sub(r"\1", text))
    text = _DEFINITION.sub(r"\1 :", text)
    text = _COMMAND.sub("", text)
    text = _TAG.sub(_tag, _POINTED.sub(r"\1", text))
    text = _with_addresses_apart(text, known)
    return text.replace("](", "] (")


def _spelled_out(text: str) -> str:
    """Without what steers a screen or is not seen, and with characters that are written by their names."""
    for _ in range(_SPELLINGS):
        before = text = _shown(text)
        text = _ENTITY.sub(lambda match: unescape(match[0]), text)
        if text == before:
            break
    return _ENTITY.sub(lambda match: f"＆{match[0][1:]}" if unescape(match[0]) != match[0] else match[0], _shown(text))


def _shown(text: str) -> str:
    text = _LINE_END.sub("\n", _ESCAPE_CODE.sub("", text)).replace("\t", " ")
    return visible(_HALF_CHARACTER.sub("\ufffd", _CONTROL.sub("", text))).text


def _mark(match: re.Match[str]) -> str:
    """A lone star is an item of a list or a multiplication, a lone tilde an estimate; all others are emphasis."""
    text, marks = match.string, match[0]
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    is_apart = (not before or before.isspace()) and (not after or after.isspace())
    is_between_numbers = before.isdigit() and after.isdigit()
    return marks if marks == "~" or (marks == "*" and (is_apart or is_between_numbers)) else ""


def _without_links(text: str) -> str:
    """``[words](address)`` as "words (address)"; of a marker the brackets stay."""
    pieces: list[tuple[int, int, str]] = []
    open_: list[int] = []
    at = 0
    while token := _BRACKET.search(text, at):
        at = token.end()
        if token[0] == "[":
            open_.append(token.start())
        elif token[0][0] == "\n":
            open_.clear()
        elif open_:
            start = open_.pop()
            target = _TARGET.match(text, at) if token[0] == "](" else None
            if target is None:
                continue
            address = target["pointed"] if target["pointed"] is not None else target["bare"]
            at = target.end()
            label = text[start + 1 : token.start()]
            if _MARKER.fullmatch(label):
                pieces.append((token.start(), at, f"] ({address})"))
                continue
            pieces.append((start - (text[start - 1 : start] == "!"), start + 1, ""))
            pieces.append((token.start(), at, f" ({address})" if label.strip() else f"({address})"))
    kept, done = [], 0
    for start, end, instead in sorted(pieces):
        kept += [text[done:start], instead]
        done = end
    return "".join([*kept, text[done:]])


def _tag(match: re.Match[str]) -> str:
    return f"‹{match[1][:-1]}›" if match[1] else "‹"


def _with_addresses_apart(text: str, known: Sequence[str]) -> str:
    allowed: frozenset[str] | None = None

    def apart(match: re.Match[str]) -> str:
        nonlocal allowed
        if allowed is None:
            allowed = frozenset(_bare(found) for each in known for found in _ADDRESS.finditer(each))
        address = _bare(match)
        if address in allowed:
            return match[0]
        rest = match[0][len(address) :]
        if address.startswith(("//", "\\\\")):
            return f"[{address[:2]}]{_IN_ADDRESS.sub(_part, address[2:])}{rest}"
        return f"{_IN_ADDRESS.sub(_part, address)}{rest}"

    return _ADDRESS.sub(apart, text)


def _bare(found: re.Match[str]) -> str:
    """The address without what stands behind it: the sentence's end, a bracket, a marker."""
    behind = _BEHIND_ADDRESS.search(found[0], len(found["begins"]))
    return found[0][: behind.start()] if behind else found[0]


def _part(match: re.Match[str]) -> str:
    return _TAKEN_APART.get(match[0], match[0])
