"""A question in other words, made by form and without a model: a frame around it, another question word, other order.

Names, numbers, dates and whatever stands in quotation marks stay as they are. Knows how English questions are built;
does not know what a question means, and leaves it alone where its form is not plain. Its English is right more often
than it is beautiful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WH = r"(?:who|whom|whose|what|which|when|where|why|how)"
_AUXILIARY = (
    r"(?:do|does|did|is|are|was|were|am|has|have|had|can|could|will|would|shall|should|may|might|must)(?:n['’]t)?"
)
_QUESTION = re.compile(rf"(?:(?:in|on|at|to|from|by|with|for|of|under|after|before) )?{_WH}\b|{_AUXILIARY}\b", re.I)
_INDIRECT = re.compile(rf"(?:who|whose|which|what|how (?:many|much|long|far|often))\b(?! (?:{_AUXILIARY})\b)", re.I)
_INVERTED = re.compile(rf"\b{_WH}\b(?: [\w'’-]+){{0,4}} {_AUXILIARY}\b", re.I)
_POLITE_START = re.compile(
    r"(?:(?:hello|hi|please|and|but|so)\b,? |(?:can|could|would|will) you (?:please )?tell me(?: about)?:? "
    r"|(?:please )?tell me:? |i(?: would|['’]d) like to know:? |i want to know:? |do you know )",
    re.I,
)
_MOST_COURTESIES = 4  # in a row
_POLITE_END = re.compile(r",? (?:please|thank you|thanks)(?=[.?!]*$)", re.I)
_OPENING = re.compile(
    r"(?P<clause>(?:after|before|during|since|under|according to|in|on|at|if|while|when|as|for) [^,?“”\"]{3,80}), "
    rf"(?P<rest>(?:{_WH}|{_AUXILIARY})\b[^?“”\"]{{3,}})\?",
    re.I,
)
_CLOSING = re.compile(
    rf"(?P<rest>{_WH}\b[^,?“”\"]{{3,}}),? (?P<clause>(?:according to|after|before|during) [^,?“”\"]{{3,80}})\?", re.I
)
_ACTIVE = re.compile(r"who (?P<verb>[a-z]{2,}ed) (?P<object>(?:the|a|an) [^\W\d_]+(?: [^\W\d_]+){0,2})\?", re.I)
_OPENING_WORD = re.compile(
    r"after|before|during|since|under|according|in|on|at|if|while|when|as|for|by|to|from|with", re.I
)
_PREPOSITION = re.compile(r" (?:in|on|at|to|from|by|with|for|of|under|after|before|that|which|who|and) ", re.I)
_QUOTED = re.compile(r"[“”\"«»„]|(?<!\w)['‘’]|['’](?!\w)")

_CONTRACTED = [
    (re.compile(rf"\b{long}\b", re.I), re.compile(rf"\b{short}\b".replace("'", "['’]"), re.I), long, short)
    for long, short in (
        ("did not", "didn't"), ("does not", "doesn't"), ("do not", "don't"), ("is not", "isn't"), ("are not", "aren't"),
        ("was not", "wasn't"), ("were not", "weren't"), ("has not", "hasn't"), ("have not", "haven't"),
        ("could not", "couldn't"), ("would not", "wouldn't"), ("cannot", "can't"), ("what is", "what's"),
        ("who is", "who's"), ("where is", "where's"), ("what has", "what's"),
    )
]  # fmt: skip
_REWORDED = [
    (re.compile(rf"^{asked}", re.I), other)
    for asked, other in (
        (r"how many (?=[a-z])", "what number of "),
        (r"how much money\b", "what sum of money"),
        (rf"when (?={_AUXILIARY}\b)", "at what time "),
        (rf"where (?={_AUXILIARY}\b)(?!.* from\b)", "in what place "),
        (rf"why (?={_AUXILIARY}\b)", "for what reason "),
        (r"how (?=(?:did|does|do)\b)", "in what way "),
        (rf"(?<!\w)who (?!(?:are|were|have|do)\b)(?!{_AUXILIARY} (?:the|a|an) [a-z]+s\b)(?=[a-z])", "which person "),
        (r"on what date\b", "on which day"),
        (r"in what year\b", "in which year"),
        (r"in which (?=[a-z])", "in what "),
        (r"which (?=[a-z])(?!of\b|person\b)", "what "),
        (rf"what (?=[a-z])(?!{_AUXILIARY}\b|exactly\b|else\b|if\b|about\b)(?=[a-z]+ {_AUXILIARY}\b)", "which "),
    )
]


def paraphrases(question: str, most: int = 3) -> list[str]:
    """Up to ``most`` other wordings, each another; those that change its form most come first."""
    text = " ".join(question.split())
    found = dict.fromkeys(other for other in _others(text) if other != text)
    return list(found)[:most]


def _others(text: str) -> Iterator[str]:
    if not text:
        return
    for change in (_passive, _reordered, _without_courtesy, _contracted, _reworded):
        if other := change(text):
            yield other
    core = _without_courtesy(text) or text
    if _QUESTION.match(core):
        ends_so = core.endswith("?") and "?" not in core[:-1]
        if ends_so and _INDIRECT.match(core) and not _INVERTED.match(core):
            inside = _small(core[:-1])
            yield f"I would like to know {inside}."
            yield f"Tell me {inside}."
        yield f"I would like to know: {_small(core)}"
        yield f"Tell me, {_small(core)}"
    yield f"My question is this: {text}"
    yield f"Please answer this: {text}"


def _passive(text: str) -> str | None:
    """Who opened the bridge? By whom was the bridge opened?"""
    match = _ACTIVE.fullmatch(text)
    if not match or _PREPOSITION.search(match["object"]):
        return None
    is_plural = match["object"].endswith("s") and not match["object"].endswith("ss")
    return f"By whom {'were' if is_plural else 'was'} {match['object']} {match['verb']}?"


def _reordered(text: str) -> str | None:
    """After the storm, who was missing? Who was missing after the storm?"""
    if match := _OPENING.fullmatch(text):
        return f"{_large(match['rest'])}, {_small(match['clause'])}?"
    if match := _CLOSING.fullmatch(text):
        return f"{_large(match['clause'])}, {_small(match['rest'])}?"
    return None


def _without_courtesy(text: str) -> str | None:
    bare = text
    for _ in range(_MOST_COURTESIES):
        bare = bare[match.end() :] if (match := _POLITE_START.match(bare)) else bare
    bare = _POLITE_END.sub("", bare)
    return _large(bare) if bare and bare != text else None


def _contracted(text: str) -> str | None:
    """The first contraction written out, or the first that can be made."""
    if _QUOTED.search(text):
        return None
    for long, short, written, contracted in _CONTRACTED:
        if match := short.search(text):
            if contracted in ("what's", "who's", "where's"):  # "has" as well as "is"
                continue
            return text[: match.start()] + _like(match.group(), written) + text[match.end() :]
        if match := long.search(text):
            return text[: match.start()] + _like(match.group(), contracted) + text[match.end() :]
    return None


def _reworded(text: str) -> str | None:
    for pattern, other in _REWORDED:
        if match := pattern.match(text):
            return _like(match.group(), other) + text[match.end() :]
    return None


def _like(model: str, text: str) -> str:
    return _large(text) if model[:1].isupper() else text


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    """With a small first letter where the first word is one that questions are built with, never a name."""
    first = text.split(" ", 1)[0]
    is_built_with = _QUESTION.match(first) or _OPENING_WORD.fullmatch(first)
    return text[:1].lower() + text[1:] if is_built_with else text
