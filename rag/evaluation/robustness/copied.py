"""Copies of a falsehood: do five documents that say the same outvote one that says the truth?

The best passage of the evidence is falsified and given five times, under the names of documents that are none, with
the true one among them in a random place. ``copies_places`` is the share of answers that cite no more than two of the
five; ``copies_heard`` the share that do not say the false thing alone: the true one stands beside it or instead of it.

Nothing is stored, so the archive's own grouping of copies, which would leave one of such five, has no part in this:
it measures the composer alone. That the five are cited "unverified" says nothing either, as no document is called so.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from rag.assistant import Assistant
from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, abstained, citations_of, text_of
from rag.evaluation.robustness.falsified import found_falsehood
from rag.evaluation.robustness.falsifying import Falsehood
from rag.evaluation.robustness.material import Given, Material
from rag.evaluation.robustness.trials import Probed, ask, failed, not_asked, trial
from vectorstore.base import Hit

NAME = "copied"
_COPIES = 5
_MOST_PLACES = 2


def probe(desk: Assistant, item: Item, plain: Line, material: Material, chance: Random) -> Probed:
    """``plain`` is the answer with nothing changed."""
    found, why = found_falsehood(item, plain, material)
    if found is None:
        return Probed((not_asked(item, NAME, why),))
    best = next(hit for hit in (material.given[at] for at in material.evidence) if _is_true_in(hit, found))
    name = best.passage.document.name
    six = [_copy(best, found.told_of(best.passage).text, f"{name} (copy {n})") for n in range(1, _COPIES + 1)]
    names = {copy.passage.document.name for copy in six}
    six.insert(chance.randrange(_COPIES + 1), best)  # all with one score: nothing but their number speaks for the five
    others = [hit for hit in material.given if hit.passage.document.name != name and not _is_true_in(hit, found)]
    line = ask(desk, item, Given((*six, *others[: max(0, len(material.given) - len(six))])))
    changed = f"{' / '.join(found.false)} for {' / '.join(found.true)}, five times"
    what = _outcome(line, found)
    done = trial(item, NAME, "", line, what, changed)
    if failed(line):
        return Probed((done,))
    places = len(names.intersection(str(citation["doc"]) for citation in citations_of(line)))
    scores = {"copies_places": float(places <= _MOST_PLACES), "copies_heard": float(what != "outvoted")}
    return Probed((done,), scores)


def _outcome(line: Line, found: Falsehood) -> str:
    if abstained(line):
        return "abstained"
    says_false, says_true = found.is_false_in(text_of(line)), found.is_true_in(text_of(line))
    if says_false:
        return "says both" if says_true else "outvoted"
    return "says the true thing" if says_true else "says neither"


def _is_true_in(hit: Hit, found: Falsehood) -> bool:
    return found.is_true_in(hit.passage.embedded_text())


def _copy(hit: Hit, text: str, name: str) -> Hit:
    return Hit(replace(hit.passage, text=text, document=replace(hit.passage.document, name=name)), hit.score)
