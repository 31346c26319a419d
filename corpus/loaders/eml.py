"""Messages: the text that the sender wrote, by the standard library's email.

Knows mail: headers, parts, quoted replies, signatures. Attachments are not read.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as rules
from typing import cast

from corpus.decoding import decode
from corpus.document import Document, Field, Span
from corpus.errors import UnreadableFile
from corpus.loaders import html
from corpus.loaders.marked import understand_unmarked

MAX_PARTS = 1_000
_HEADER_FIELDS = ("From", "To", "Subject", "Date", "Message-ID", "Received", "MIME-Version", "Return-Path")
_SHIFTING = re.compile(r"(?:iso-?2022|hz|utf-?7)", re.IGNORECASE)  # encodings whose bytes look like ASCII
_REPLY = re.compile(r"^(?:(?:re|fwd?|aw|wg|sv|vs|antw|tr|rv)(?:\[\d+\])?:\s*)+", re.IGNORECASE)
_NO_BASE64 = re.compile("[^A-Za-z0-9+/]")
_LINE = re.compile(r"[^\n]*\n?")
_QUOTED = re.compile(r"[ \t]*>")
_ATTRIBUTION = re.compile(  # English is sure of itself without a colon
    r"[ \t]*(?:On\b.{6,300}\bwrote:?|(?:Am\b.{6,300}\bschrieb\b.{0,100}|Op\b.{6,300}\bschreef\b.{0,100}"
    r"|Le\b.{6,300}\ba écrit|El\b.{6,300}\bescribió|Il\b.{6,300}\bha scritto)[ \t\u00a0\u202f]?:)[ \t]*$",
    re.DOTALL,
)
_ATTRIBUTION_LINES = 3  # that "On …, NAME wrote:" may be wrapped over
_WHO_WROTE = re.compile(r"[^>:]{2,80}\b(?:wrote|schrieb|schreef|a écrit|escribió|ha scritto)[ \t\u00a0\u202f]?:[ \t]*$")
_ORIGINAL = re.compile(
    r"[ \t]*-{2,20}[ \t]*(?:original message|original appointment|ursprüngliche nachricht|originalnachricht"
    r"|message d['’]origine|mensaje original|messaggio originale|oorspronkelijk bericht)[ \t]*-{2,20}[ \t]*$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"[ \t]*(?:-{2,20}[ \t]*(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado"
    r"|messaggio inoltrato|doorgestuurd bericht)[ \t]*-{2,20}|(?:begin forwarded message"
    r"|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié))[ \t\u00a0]?:)[ \t]*$",
    re.IGNORECASE,
)
_SENT_ON = re.compile(r"[ \t]*(?:fwd?|wg|tr|rv|doorst)(?:\[\d+\])?:", re.IGNORECASE)
_RULE = re.compile(r"[ \t]*_{10,80}[ \t]*$")
_SENDERS = ("from", "von", "de", "da", "van")
_BLOCK_FIELD = re.compile(
    rf"[ \t*]*({'|'.join(_SENDERS)}|Sent|Date|To|Cc|Subject|Importance|Attachments|Reply-To|Gesendet|Datum|An|Betreff"
    r"|Kopie|Wichtigkeit|Anlagen|Antwort an|Envoyé|À|Objet|Enviado(?: el)?|Para|Asunto|Inviato|Data|A|Oggetto|Verzonden"
    r"|Aan|Onderwerp)[ \u00a0]?:",
    re.IGNORECASE,
)
_STUB_CHARACTERS = 500  # a plain part no longer than this may only say that the message is to be seen elsewhere
_RICHER = 3  # times as much as it has
_BLOCK_LINES = 3
_SIGNATURE = re.compile(r"--[ \t]?$")


def load(data: bytes, name: str) -> Document:
    """The message's own text; what it quotes and its signature are furniture, its header lines no text at all.

    Raises UnreadableFile for what is no message, is encrypted or has no text.
    """
    message = parsed(data)
    if not any(field in message for field in _HEADER_FIELDS):
        raise UnreadableFile("is no message: it has no header lines such as From and Subject; rename it to .txt")
    if sum(1 for _ in message.walk()) > MAX_PARTS:
        raise UnreadableFile(f"has over {MAX_PARTS:,} parts; save its text as .txt")
    reading = _Reading()
    texts = [text for text in reading.texts(message) if text.strip()]
    if not texts:
        raise UnreadableFile(reading.refusal())
    text = _without_quoting_of_what_is_sent_on("\n\n".join(each.strip("\n") for each in texts))
    is_sent_on = _SENT_ON.match(header(message, "Subject")) is not None
    marked = _quoted(text, is_page=reading.is_page, is_sent_on=is_sent_on)
    return understand_unmarked(text, name, stated=_stated(message), marked=marked, notes=reading.notes())


def parsed(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=rules)


def decoded(part: EmailMessage) -> tuple[str, list[str]]:
    """A part's text whatever its transfer encoding, lines ending in ``\\n``, and notes on what was assumed."""
    content = _content(part)
    declared = part.get_content_charset()
    notes: list[str] = []
    if declared and _SHIFTING.match(declared):
        try:
            text = content.decode(declared)
        except (LookupError, UnicodeError):
            text, notes = _guessed(content, None)
    else:
        text, notes = _guessed(content, declared)
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _content(part: EmailMessage) -> bytes:
    if header(part, "Content-Transfer-Encoding").lower() != "base64":
        return cast(bytes, part.get_payload(decode=True) or b"")
    # email gives the letters themselves where they break off in the middle of a group of four.
    letters = _NO_BASE64.sub("", str(part.get_payload()))
    return b64decode(letters[: len(letters) - (len(letters) % 4 == 1)] + "=" * (-len(letters) % 4))


def _guessed(content: bytes, declared: str | None) -> tuple[str, list[str]]:
    text, notes = decode(content, declared)
    return text, [note for note in notes if "as the file declares" not in note]


def header(message: EmailMessage, field: str) -> str:
    """The value of a header field in one line; empty where there is none that can be read."""
    try:
        return " ".join(str(message.get(field, "")).split())
    except (AttributeError, IndexError, LookupError, TypeError, ValueError):  # email trips over some broken ones
        return ""


def _stated(message: EmailMessage) -> dict[str, Field]:
    values = {
        "title": _REPLY.sub("", header(message, "Subject")),
        "byline": _sender(message),
        "published": _day(message),
    }
    return {field: Field(value, "the message's header") for field, value in values.items() if value}


def _sender(message: EmailMessage) -> str:
    """The name that the sender goes by; an address is none."""
    try:
        addresses = message["From"].addresses
    except (AttributeError, IndexError, LookupError, TypeError, ValueError):
        return ""
    name = " ".join(addresses[0].display_name.split()) if addresses else ""
    last, comma, first = name.partition(", ")  # as the directories of offices have it
    if comma and len(last.split()) == len(first.split()) == 1:
        name = f"{first} {last}"
    return "" if "@" in name else name


def _day(message: EmailMessage) -> str:
    """The date of sending where the sender was."""
    try:
        sent = message["Date"].datetime
    except (AttributeError, IndexError, LookupError, OverflowError, TypeError, ValueError):
        return ""
    return sent.date().isoformat() if isinstance(sent, datetime) else ""


class _Reading:
    """Goes through the parts of a message, and remembers what it does not read."""

    def __init__(self) -> None:
        self.is_page = False  # the text was HTML, where nothing marks a quoted line
        self._unread: list[str] = []
        self._notes: list[str] = []
        self._is_encrypted = False

    def notes(self) -> list[str]:
        count = len(self._unread)
        if not count:
            return self._notes
        shown = ", ".join(self._unread[:5]) + (", …" if count > 5 else "")
        return [*self._notes, f"{count:,} attachment{'s' if count > 1 else ''} not read: {shown}"]

    def refusal(self) -> str:
        if self._is_encrypted:
            return "is encrypted; save it decrypted"
        if self._unread:
            return f"holds no text, only attachments: {', '.join(self._unread[:5])}; save and ingest those"
        return "holds no text"

    def texts(self, part: EmailMessage) -> Iterator[str]:
        """What a reader of the message sees without opening anything, part by part."""
        kind = part.get_content_type()
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            yield from self._of_parts(kind, [cast(EmailMessage, each) for each in part.iter_parts()])
        elif kind in ("text/plain", "text/html") and not part.is_attachment():
            text, notes = self._text(part, kind)
            self._notes += [note for note in notes if note not in self._notes]
            yield text
        elif kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            self._is_encrypted = True
        elif not kind.startswith("application/pgp") and kind != "application/pkcs7-signature":
            self._unread.append(_called(part))

    def _of_parts(self, kind: str, parts: list[EmailMessage]) -> Iterator[str]:
        if kind == "multipart/encrypted":
            self._is_encrypted = True
            return
        if kind == "multipart/alternative":
            yield from self._best(parts)
        elif kind == "multipart/related":
            for each in parts[:1]:  # the rest are its pictures
                yield from self.texts(each)
        else:
            for each in parts:
                yield from self.texts(each)

    def _best(self, parts: list[EmailMessage]) -> list[str]:
        """Of the same text several times: plain where that is not a mere word on where to see the rest, else the
        richest."""
        plain = [each for each in parts if each.get_content_type() == "text/plain"]
        best: list[str] = []
        for each in [*plain, *(each for each in reversed(parts) if each not in plain)]:
            before = self.is_page, len(self._unread), len(self._notes)
            texts = [text for text in self.texts(each) if text.strip()]
            if not best or sum(map(len, texts)) > _RICHER * sum(map(len, best)):
                best = texts
            else:  # as if it had not been read
                self.is_page = before[0]
                del self._unread[before[1] :], self._notes[before[2] :]
            if sum(map(len, best)) > _STUB_CHARACTERS:
                break
        return best

    def _text(self, part: EmailMessage, kind: str) -> tuple[str, list[str]]:
        text, notes = decoded(part)
        if kind == "text/plain":
            return (_reflowed(text, part) if part.get_param("format") == "flowed" else text), notes
        if not text.strip():
            return "", notes
        self.is_page = True
        shown, hidden = html.whole_text(text)
        notes = [*notes, *hidden]
        return shown, notes if shown.strip() else [*notes, "an HTML part without text was left out"]


def _called(part: EmailMessage) -> str:
    try:
        name = part.get_filename()
    except (AttributeError, IndexError, LookupError, TypeError, ValueError):
        name = None
    return " ".join(name.split())[:100] if name else f"one without a name ({part.get_content_type()})"


def _reflowed(text: str, part: EmailMessage) -> str:
    """Text sent as "format=flowed": a line that ends in a space goes on in the next one."""
    ending = "" if part.get_param("delsp") == "yes" else " "
    paragraphs: list[list[str]] = []
    depth, is_open = 0, False
    for line in text.split("\n"):
        words = line.lstrip(">")
        level = len(line) - len(words)
        words = words.removeprefix(" ")
        if is_open and level == depth and words != "-- ":
            paragraphs[-1].append(words)
        else:
            paragraphs.append([f"{'>' * level} {words}" if level else words])
        depth, is_open = level, words.endswith(" ") and words != "-- "
        if is_open:
            paragraphs[-1][-1] = paragraphs[-1][-1][:-1] + ending
    return "\n".join("".join(parts) for parts in paragraphs)


# Quoted replies and signatures


def _without_quoting_of_what_is_sent_on(text: str) -> str:
    """The text, bar the first ``>`` of the lines that stand under "> Begin forwarded message:": it is the matter."""
    kept = []
    is_within = False
    for line in text.split("\n"):
        is_within = line.startswith(">") and (is_within or _FORWARDED.match(line[1:]) is not None)
        kept.append(line[1:].removeprefix(" ") if is_within else line)
    return "\n".join(kept)


def _quoted(text: str, *, is_page: bool, is_sent_on: bool) -> list[Span]:
    """The stretches that are no words of this message's sender, in order and apart.

    A message that was sent on is the matter itself, whatever note stands above it: only the lines of its header are
    marked. It is told by the line above it or, ``is_sent_on``, by the subject, or as next to nothing would be left.
    """
    lines = [Span(*match.span()) for match in _LINE.finditer(text) if match.group()]
    bare = [text[line.start : line.end].rstrip("\n") for line in lines]
    marks = [False] * len(lines)
    block: range | None = None
    is_forward = is_sent_on
    looked_at = 0

    def says_something_before(at: int) -> bool:
        nonlocal looked_at
        found = any(
            each.strip() and not mark for each, mark in zip(bare[looked_at:at], marks[looked_at:], strict=False)
        )
        looked_at = looked_at if found else at
        return found

    for at, line in enumerate(bare):
        if marks[at]:
            continue
        if _QUOTED.match(line):
            marks[at] = True
            _mark_attribution(bare, marks, at)
        elif _FORWARDED.match(line):
            marks[at], is_forward = True, True
        elif header_lines := _block_at(bare, at):
            if not is_forward and says_something_before(at):
                block = range(at, len(lines))
                break
            marks[at:header_lines] = [True] * (header_lines - at)
            is_forward = False  # what is copied below that one is a reply again
        elif is_page and (end := _attribution_end(bare, at)):
            block = range(at, len(lines) if says_something_before(at) else end)
            break
    _mark_signature(bare, marks, block.start if block else len(lines))
    for at in block or ():
        marks[at] = True
    return list(_stretches(text, lines, marks))


def _mark_attribution(bare: list[str], marks: list[bool], at: int) -> None:
    """Marks "On …, NAME wrote:" before the quoted line ``at``, a blank line between allowed."""
    last = at - 1
    while last >= 0 and not marks[last] and not bare[last].strip():
        last -= 1
    if last >= 0 and not marks[last] and _WHO_WROTE.match(bare[last]):
        marks[last:at] = [True] * (at - last)
    for first in range(last, max(-1, last - _ATTRIBUTION_LINES), -1):
        if marks[first] or not bare[first].strip():
            return
        if _ATTRIBUTION.match("\n".join(bare[first : last + 1])):
            marks[first:at] = [True] * (at - first)
            return


def _attribution_end(bare: list[str], at: int) -> int:
    """Where "On …, NAME wrote:" that begins at the line ``at`` ends; 0 for none."""
    for end in range(at + 1, at + 1 + _ATTRIBUTION_LINES):
        if _ATTRIBUTION.match("\n".join(bare[at:end])):
            return end
    return 0


def _block_at(bare: list[str], at: int) -> int:
    """Where the header of an older message that begins at the line ``at`` ends; 0 for none."""
    end = at
    if _ORIGINAL.match(bare[at]) or _RULE.match(bare[at]):
        end += 1
        while end < len(bare) and not bare[end].strip() and end < at + 3:
            end += 1
    found = set()
    begin = end
    while end < len(bare) and (field := _BLOCK_FIELD.match(bare[end])) and field[1].lower() not in found:
        found.add(field[1].lower())
        end += 1
    if _ORIGINAL.match(bare[at]):
        return max(end, at + 1)
    return end if len(found) >= _BLOCK_LINES and _is_sender(bare[begin]) else 0


def _is_sender(line: str) -> bool:
    field = _BLOCK_FIELD.match(line)
    return field is not None and field[1].lower() in _SENDERS


def _mark_signature(bare: list[str], marks: list[bool], end: int) -> None:
    """Marks what follows the line "-- ", up to the next quoted line."""
    start = next((at for at in range(end) if not marks[at] and _SIGNATURE.match(bare[at])), None)
    if start is None or not any(bare[at].strip() and not marks[at] for at in range(start)):
        return
    for at in range(start, end):
        if marks[at]:
            return
        marks[at] = True


def _stretches(text: str, lines: list[Span], marks: list[bool]) -> Iterator[Span]:
    start: int | None = None
    for line, mark in zip([*lines, Span(len(text), len(text))], [*marks, False], strict=True):
        if mark and start is None:
            start = line.start
        elif not mark and start is not None:
            stretch = text[start : line.start]
            begin = start + len(stretch) - len(stretch.lstrip())
            if stretch.strip():
                yield Span(begin, start + len(stretch.rstrip()))
            start = None
