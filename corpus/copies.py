"""Tell wire copies: documents whose texts are nearly the same, whoever carries them.

A MinHash sketch of each text finds candidates without comparing every two documents (Broder, "On the resemblance
and containment of documents", 1997); two candidates are then compared by the runs of words they share. rensa makes
the sketches; this file is its only home.
"""

from __future__ import annotations

import re

from corpus.document import Document

_RUN_WORDS = 3
_LEAST_RUNS = 30  # a shorter text shares its few phrases with many
_BANDS, _ROWS = 32, 3  # texts that share .4 of their runs meet in some band with a probability of .88, .5: .99
_SEED = 7
_RESEMBLANCE = 0.5  # share of the runs of both together that both have
_CONTAINMENT = 0.8  # share of the shorter text's runs that the longer has: a carrier that cut the end
_LENGTHS = 0.4  # the shorter to the longer: an article that quotes another at length is no copy of it
_WORD = re.compile(r"\w+")


def sketch(document: Document) -> tuple[int, ...]:
    """One value per band, equal in some band for most near-identical texts; empty for a text too short to tell."""
    from rensa import RMinHash

    runs = _runs(document)
    if len(runs) < _LEAST_RUNS:
        return ()
    minhash = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
    minhash.update(sorted(runs))
    digest: list[int] = minhash.digest()
    return tuple(_joined(digest[start : start + _ROWS]) for start in range(0, len(digest), _ROWS))


def are_alike(one: Document, other: Document) -> bool:
    """True where both say nearly the same in nearly the same words, or one is the other cut short."""
    ours, theirs = _runs(one), _runs(other)
    shorter, longer = sorted((len(ours), len(theirs)))
    if shorter < _LEAST_RUNS or shorter < _LENGTHS * longer:
        return False
    shared = len(ours & theirs)
    return shared >= _RESEMBLANCE * len(ours | theirs) or shared >= _CONTAINMENT * shorter


def runs_of(text: str) -> set[str]:
    """Every run of three words of a text, in lower case."""
    words = _WORD.findall(text.lower())
    return {" ".join(words[i : i + _RUN_WORDS]) for i in range(len(words) - _RUN_WORDS + 1)}


def _runs(document: Document) -> set[str]:
    """The runs of the text without its furniture."""
    kept, start = [], 0
    for span in document.furniture:
        kept.append(document.text[start : span.start])
        start = max(start, span.end)
    return runs_of(" ".join([*kept, document.text[start:]]))


def _joined(rows: list[int]) -> int:
    """Some 32-bit values as one of 63 bits, which SQLite can hold."""
    value = 0
    for row in rows:
        value = (value * 0x9E3779B97F4A7C15 + row) % (1 << 64)
    return value >> 1
