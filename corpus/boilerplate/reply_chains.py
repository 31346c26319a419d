"""Which lines of a message are not its own: quoted replies, the messages below it, forwarding marks, signatures.

Knows lines in order. A quotation in the middle is bounded by its ``>`` marks; a message that is copied whole below
another one runs to the end. What is forwarded is the text, and only its head is marked. A ``>`` in a text that is no
message is Markdown's quotation, and text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from itertools import accumulate, takewhile

_HEAD_LINES = 8  # a message names sender or subject this early
_SIGNATURE_LINES = 8
_FIELDS = 3  # "From:", "Sent:" and one more are the head of a message

_FIELD = re.compile(r"^[*_]*(from|sent|date|to|cc|bcc|subject|reply-to)[*_]*:[*_]*\s", re.IGNORECASE)
_SENDER = re.compile(r"^[*_]*from\b", re.IGNORECASE)
_FORWARDED_SUBJECT = re.compile(r"^subject:\s*(?:fwd?|wg|tr)\s*:", re.IGNORECASE)
_QUOTED = re.compile(r"^>")
_ATTRIBUTION = re.compile(r"\b(?:wrote|writes)\b(?: on \d[^:]*(?::\d\d)*)?\s*:\s*$", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.\w")
_DAY_AND_CLOCK = re.compile(r"^on\b.*\d.*\b\d{1,2}[:.]\d{2}\b", re.IGNORECASE)
_BEGINS = re.compile(r"^on\b.*\d", re.IGNORECASE)  # the first of two lines of one attribution
_ORIGINAL = re.compile(r"^\W*-{2,}\s*original (?:message|appointment)\s*-{2,}", re.IGNORECASE)
_FORWARDED = re.compile(
    r"^\W*-{2,}\s*forwarded (?:message|by\b.{0,80}?)\s*-*\W*$|^begin forwarded message\s*:", re.IGNORECASE
)
_SIGNATURE = re.compile(r"^(?:--|_{5,})$")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_MOST_FIELDS = 10
_NOTE_CHARACTERS = 1500  # of a text that may be a note above a copied message
_RULE_CHARACTERS = 120
_MOST_CHARACTERS = 400  # longer lines are nobody's attribution


def not_its_own(lines: Sequence[str]) -> set[int]:
    """Indexes of the lines that belong to another message, or to no message but to a mailer."""
    is_message = _is_message(lines)
    found = {*_quoted(lines, is_message=is_message), *_below(lines, is_message=is_message)}
    found.update(list(_signatures(lines, found)))
    return found


def _is_message(lines: Sequence[str]) -> bool:
    """True where the first lines name a subject, or a sender and one thing more, before anything is said."""
    head = takewhile(lambda line: not _is_said(line), lines[:_HEAD_LINES])
    fields = {field[1].lower() for line in head if (field := _FIELD.match(line))}
    return "subject" in fields or ("from" in fields and len(fields) > 1)


def _quoted(lines: Sequence[str], *, is_message: bool) -> Iterator[int]:
    """Lines with ``>`` and those that say who wrote them; without ``>``, the rest of the text."""
    in_replies = is_message
    says_something = False
    for index, line in enumerate(lines):
        if _QUOTED.match(line):
            if in_replies:
                yield index
            continue
        says_something = says_something or _is_said(line)
        if len(line) > _MOST_CHARACTERS or not any(each.endswith(":") for each in lines[index : index + 2]):
            continue
        ends = index + 1 if _ATTRIBUTION.search(line) else index + 2
        attribution = " ".join(lines[index:ends])
        if len(attribution) > _MOST_CHARACTERS or not _ATTRIBUTION.search(attribution):
            continue
        has_address = _ADDRESS.search(attribution) is not None
        by_form = has_address or _DAY_AND_CLOCK.match(attribution) is not None
        quotes = ends < len(lines) and _QUOTED.match(lines[ends]) is not None
        if ends > index + 1 and not (by_form and _BEGINS.match(line)):
            continue
        if quotes and (by_form or is_message):
            in_replies = True
            yield from range(index, ends)
        elif by_form and (has_address or is_message) and says_something:
            yield from range(index, len(lines))
            return


def _below(lines: Sequence[str], *, is_message: bool) -> Iterator[int]:
    """The messages copied below this one, down to the end; of one that is forwarded, its head alone.

    An article may show a message too, and go on after it: where no head stands at the top, only a short text has
    messages below it.
    """
    is_forward = says_something = False
    above = index = 0
    while index < len(lines):
        end = _end_of_head(lines, index)
        fields = lines[index : max(end, index + 1)]
        if end > index and index > 0:
            is_reply = says_something and not is_forward and not _is_rule(_FORWARDED, lines[index])
            if is_reply and (is_message or above <= _NOTE_CHARACTERS):
                yield from range(index, len(lines))
                return
            if is_reply or is_forward or _is_rule(_FORWARDED, lines[index]):
                yield from range(index, end)
        is_forward = is_forward or any(map(_FORWARDED_SUBJECT.match, fields))
        says_something = says_something or any(map(_is_said, fields))
        above += sum(map(len, fields))
        index = max(end, index + 1)


def _end_of_head(lines: Sequence[str], start: int) -> int:
    """Where the head of a message that begins at ``start`` ends: its rule, if any, and its fields; else ``start``."""
    has_rule = _is_rule(_ORIGINAL, lines[start]) or _is_rule(_FORWARDED, lines[start])
    end = start + 1 if has_rule else start
    while end < min(len(lines), start + _MOST_FIELDS) and _FIELD.match(lines[end]):
        end += 1
    is_head = has_rule or (end - start >= _FIELDS and any(map(_SENDER.match, lines[start:end])))
    return end if is_head else start


def _is_rule(form: re.Pattern[str], line: str) -> bool:
    return len(line) <= _RULE_CHARACTERS and form.match(line) is not None


def _is_said(line: str) -> bool:
    """True for a sentence of the message itself; without one, what stands below is the message."""
    return _SENTENCE_END.search(line) is not None and _FIELD.match(line) is None and _QUOTED.match(line) is None


def _signatures(lines: Sequence[str], taken: Set[int]) -> Iterator[int]:
    """The short lines under "--", or under the rule of a mailing list, down to the end of the message."""
    left = [*accumulate((index not in taken for index in reversed(range(len(lines)))), initial=0)]
    for index, line in enumerate(lines):
        if not _SIGNATURE.match(line):
            continue
        end = index + 1
        while end < min(len(lines), index + 1 + _SIGNATURE_LINES) and end not in taken:
            if _SENTENCE_END.search(lines[end]):
                break
            end += 1
        if left[len(lines) - end] <= 1:  # a disclaimer may follow
            yield from range(index, end)
