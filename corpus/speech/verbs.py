"""Verbs of saying: which words they are, and where they stand in a clause.

Closed lists of English; knows forms, and not whether "laughed" was a verb of saying this time.
"""

from __future__ import annotations

import re

from corpus.document import Span
from corpus.speech.names import GAP

_REGULAR = """acknowledge add affirm agree announce answer argue ask assert assure caution claim comment complain
    concede conclude confirm continue counter cry declare demand emphasise emphasize exclaim explain insist interject
    joke lament laugh maintain muse mutter note object observe post predict promise protest recall reckon recount
    reflect remark remind repeat reply respond retort shout sigh state stress suggest testify tweet urge vow warn
    whisper yell""".split()
_IRREGULAR = "said says told tells wrote writes admitted admits began begins quipped quips snapped snaps".split()
_JUDGING = "call describe brand label denounce hail condemn praise".split()  # X called it “…”
_PHRASES = (
    r"(?:was|is) quoted as saying|(?:pointed|points) out|(?:went|goes) on|shot back|puts? it|(?:summed|sums) up"
    r"|(?:laid|lays) out|(?:called|calls) for|had this to say"
    r"|(?:gave|gives) (?:his|her|this) (?:\w+ )?(?:take|view|answer|account|verdict|assessment)"
)


def _finite(verbs: list[str]) -> frozenset[str]:
    """The forms that are a predicate: adds, added; replies, replied."""
    stems = [verb[:-1] + "i" if re.search("[^aeou]y$", verb) else verb for verb in verbs]
    return frozenset(
        form for stem in stems for form in (stem + ("es" if stem[-1] == "i" else "s"), stem.removesuffix("e") + "ed")
    )


_CALLS = _finite(_JUDGING) | {"dismissed", "dismisses", "labelled"}
SAYS = _finite(_REGULAR) | frozenset(_IRREGULAR) | _CALLS
_VERB = re.compile(rf"\b(?:{_PHRASES}|[a-z]+)\b")
TELLS = frozenset("told tells asked asks reminded reminds assured assures".split())
NEVER_INVERTED = frozenset("told tells reminded reminds urged urges assured assures".split()) | _CALLS
NOT_IN_PARENTHESIS = frozenset("asked asks warned warns cautioned cautions answered answers promised promises".split())
_NOUN_BEFORE = re.compile(  # "the claims", "of protests"
    rf"(?<!\w)(?:the|an?|this|these|those|such|any|some|his|her|its|their|our|my|your|no|all|more|most|many|new|of|for"
    rf"|in|on|by|with|from|to){GAP}$"
)


def verbs_of_saying(text: str, clause: Span) -> list[Span]:
    """The verbs of saying in a clause, without "the claims" and "of protests"."""
    return [
        Span(*word.span())
        for word in _VERB.finditer(text, clause.start, clause.end)
        if (word.group() in SAYS or " " in word.group())
        and not _NOUN_BEFORE.search(text[max(clause.start, word.start() - 10) : word.start()])
    ]


def is_judging(text: str, verb: Span) -> bool:
    """True for "called", "described" and their like: what follows them is a fragment."""
    return text[verb.start : verb.end] in _CALLS
