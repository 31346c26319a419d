"""The cited passage replaced: does the claim go when what bears it out goes?

The passage behind an answer's first citation is replaced by a neutral one, of a document that has nothing to do with
the question, and the question is asked again. What the answer said behind that citation must vanish, or be cited from
another passage that bears it out. ``cf_cite`` is the share of which that is true.

A claim is taken to be there still where a sentence of the new answer says what a right answer must and the claim did;
where it did not, where one has most of its words. Wordings that share neither are taken to be gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from random import Random
from typing import Any

from corpus.document import Passage
from rag.assistant import Assistant
from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, abstained, citations_of
from rag.evaluation.metrics.phrases import mentions_any, uncited
from rag.evaluation.robustness.material import Given, Material, replaced
from rag.evaluation.robustness.trials import Probed, ask, failed, not_asked, trial
from vectorstore.lexical import terms

NAME = "replaced"
_MOST = 0.6  # of a claim's words
_FARTHEST = 10  # passages that the neutral one is drawn from


def probe(desk: Assistant, item: Item, plain: Line, material: Material, chance: Random) -> Probed:
    """``plain`` is the answer with nothing changed."""
    citations = citations_of(plain)
    if abstained(plain) or not citations:
        return Probed((not_asked(item, NAME, "its answer cites nothing"),))
    first = citations[0]
    places = [place for place, hit in enumerate(material.given) if _covers(hit.passage, first)]
    others = list((material.neutral or material.distractors)[: max(_FARTHEST, len(places))])
    if len(others) < len(places) or not places:
        return Probed((not_asked(item, NAME, "the archive has no other passages"),))
    chance.shuffle(others)
    hits = list(material.given)
    for place, other in zip(places, others, strict=False):
        hits[place] = replaced(hits[place], other)
    neutral = [hits[place].passage for place in places]
    line = ask(desk, item, Given(tuple(hits)))
    claims = [
        str(sentence["text"])
        for sentence in plain.get("sentences") or ()
        if first["marker"] in sentence["citations"] and sentence["check"] != "no claim"
    ]
    found = _outcome(item, claims, line, neutral)
    score = nan if failed(line) or not claims else float(found in ("vanished", "moved"))
    return Probed((trial(item, NAME, "", line, found, f"instead of {first['doc']}"),), {"cf_cite": score})


def _covers(passage: Passage, citation: Mapping[str, Any]) -> bool:
    """True also for a neighbour that overlaps: it says the same."""
    start, end = int(citation["start"]), int(citation["end"])
    return passage.document.name == citation["doc"] and passage.start <= start and end <= passage.end


def _outcome(item: Item, claims: list[str], line: Line, neutral: list[Passage]) -> str:
    if not claims:
        return "nothing was claimed"
    again = [
        sentence
        for sentence in line.get("sentences") or ()
        if any(_says_again(item, str(sentence["text"]), claim) for claim in claims)
    ]
    if abstained(line) or not again:
        return "vanished"
    return "moved" if all(_is_borne_out(sentence, line, neutral) for sentence in again) else "stayed"


def _says_again(item: Item, sentence: str, claim: str) -> bool:
    needed = [group for group in item.must_include if mentions_any(claim, group)]
    if needed:
        return all(mentions_any(sentence, group) for group in needed)
    wanted = set(terms(uncited(claim)))
    return bool(wanted) and len(wanted.intersection(terms(uncited(sentence)))) >= _MOST * len(wanted)


def _is_borne_out(sentence: Mapping[str, Any], line: Line, neutral: list[Passage]) -> bool:
    cited = [citation for citation in citations_of(line) if citation["marker"] in sentence["citations"]]
    return (
        bool(cited)
        and sentence["check"] == "verified"
        and not any(_covers(passage, citation) for citation in cited for passage in neutral)
    )
