"""Whether a quotation stands in a source word for word.

Case, white space and the styles of quotation marks and dashes may differ, and the comma or full stop at its end, which
English puts inside. What an ellipsis or a bracket leaves out or puts in parts it into stretches, each of which must
be there, in their order.
"""

from __future__ import annotations

import re

from rag.checking.folding import tokens

LEAST_WORDS = 3
_LEFT_OUT = re.compile(r"\(\s{0,3}(?:…|\.\.\.)\s{0,3}\)|\[[^\[\]]{0,80}\]|…|\.(?: ?\.){2,}")
_END = frozenset(",.;:!?-")
_SHOWN_WORDS = 5
_MARKS = "“”„«»\"‘’'"


def stretches(quoted: str) -> list[list[str]]:
    """What must be verbatim of a quotation, given with its marks, as tokens; empty where it is too short to tell."""
    parts: list[list[str]] = []
    end = 0
    open_before = False
    for gap in [*_LEFT_OUT.finditer(quoted), None]:
        part = quoted[end : gap.start() if gap else len(quoted)]
        found = tokens(part)
        is_bracket = gap is not None and gap.group().startswith("[")
        # "[t]he bridge": the half of a word beside a bracket is not compared.
        if open_before and part[:1].isalnum():
            found = found[1:]
        if is_bracket and part[-1:].isalnum():
            found = found[:-1]
        open_before = is_bracket
        while found and found[-1] in _END:
            found.pop()
        while found and found[0] in _END:
            found.pop(0)
        if found:
            parts.append(found)
        end = gap.end() if gap else end
    words = sum(token[0].isalnum() for part_tokens in parts for token in part_tokens)
    return parts if words >= LEAST_WORDS else []


def has(source: str, wanted: list[list[str]]) -> bool:
    """``source`` is ``joined`` tokens; ``wanted`` are the stretches of a quotation."""
    at = 0
    for stretch in wanted:
        needle = joined(stretch)
        found = source.find(needle, at)
        if found < 0:
            return False
        at = found + len(needle) - 1
    return True


def joined(found: list[str]) -> str:
    """Tokens as one text in which a token is found whole or not at all."""
    return "\n" + "\n".join(found) + "\n"


def shown(quoted: str) -> str:
    """The first words of a quotation, in curly marks."""
    words = " ".join(quoted.split()).strip(_MARKS).split()
    first = " ".join(words[:_SHOWN_WORDS])
    return f"“{first}…”" if len(words) > _SHOWN_WORDS else f"“{first}”"
