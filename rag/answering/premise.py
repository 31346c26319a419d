"""Whether the sentence that answers denies what the question takes for granted.

"Why did the talks fail?" supposes that they failed; where the answer is "the talks did not fail", that is to be said.
Told by form: a question that supposes something and denies nothing, a sentence that denies right beside its words.
Knows the question and one sentence.
"""

from __future__ import annotations

import re

from rag.answering.choosing import Chosen
from rag.answering.ranking import Ranked
from vectorstore.lexical import terms

_SUPPOSES = re.compile(
    r"^\W*(?:why|when|how (?!many|much|old|long|far)|by how|for what reason|what made)\b", re.IGNORECASE
)
_DENIES = re.compile(
    r"\b(?:not|never|nobody|none|neither|nor|no (?=[a-z])|without|denie[sd]|ruled out|rather than|instead of|far from"
    r"|refused)\b|n[’']t\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^“”]*”|\"[^\"]*\"")
_BESIDE = 60  # characters after a denial that it may deny
_BEFORE = 40  # and before it, where what is denied was just named
_READ = 2_000  # characters of a sentence
_VERB_BEHIND = 2  # words after a denial, among which its verb stands


def is_put_otherwise(found: Ranked, best: Chosen) -> bool:
    """True where the best sentence denies, outside of what it quotes from others, what the question supposes.

    That is where what it denies has one word of the question right behind the denial and another near it.
    """
    question = found.wanted.meant
    if not _SUPPOSES.search(question) or _DENIES.search(question):
        return False
    asked = set(found.wanted.rarity)
    text = _QUOTED.sub(lambda quoted: " " * len(quoted.group()), best.candidate.text[:_READ])
    for denial in _DENIES.finditer(text):
        behind = text[denial.end() : denial.end() + _BESIDE].split()
        before = text[max(0, denial.start() - _BEFORE) : denial.start()]
        verb = asked & set(terms(" ".join(behind[:_VERB_BEHIND])))
        near = asked & set(terms(f"{before} {' '.join(behind)}"))
        if (verb and len(near) > 1) or len(asked & set(terms(" ".join(behind)))) > 1:
            return True
    return False
