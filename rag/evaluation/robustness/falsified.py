"""A falsified passage: is the answer made from the passages, and does it say that something is wrong?

"alone": what a right answer needs is changed in every passage given, so that none says it any more. ``cf_follows`` is
the share of answers that say what the passages now say and not what they said, ``cf_memory`` the share that still say
the true thing, which can only come from elsewhere, and ``cf_det`` the share flagged among the answers that say the
false one. "against": it is changed in the best document alone, and another still says the true thing. ``cf_conflict``
is the share of answers that set both side by side or are flagged. Measured where the answer with nothing changed says
the true thing.

Flagged means that a citation of the false words is "unverified", or the sentence that says them is. A citation is
checked against the stored document, which was not changed, so it notices; a sentence is checked against the passage
that was given, so that it mostly does not. An archive that itself holds a falsehood has nothing to notice it by:
"verbatim" says that a document says so, never that it is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import nan

from corpus.document import Passage
from rag.assistant import Assistant
from rag.evaluation.items import Item
from rag.evaluation.metrics.answered import Line, abstained, citations_of, text_of
from rag.evaluation.robustness.falsifying import Falsehood, falsehood
from rag.evaluation.robustness.material import Given, Material
from rag.evaluation.robustness.trials import Probed, Trial, ask, failed, not_asked, trial, unfit
from vectorstore.base import Hit

NAME = "falsified"


def probe(desk: Assistant, item: Item, plain: Line, material: Material) -> Probed:
    """``plain`` is the answer with nothing changed."""
    found, why = found_falsehood(item, plain, material)
    if found is None:
        return Probed((not_asked(item, NAME, why),))
    changed = f"{' / '.join(found.false)} for {' / '.join(found.true)}"
    alone, line = _asked(desk, item, "alone", told(material, found, lambda place: True), found, changed)
    says_false, says_true = found.is_false_in(text_of(line)), found.is_true_in(text_of(line))
    scores = {"cf_follows": nan, "cf_memory": nan, "cf_det": nan, "cf_conflict": nan}
    if not failed(line):
        scores["cf_follows"] = float(says_false and not says_true and not abstained(line))
        scores["cf_memory"] = float(says_true and not abstained(line))
        scores["cf_det"] = float(is_flagged(line, found)) if says_false and not abstained(line) else nan
    trials = [alone]
    if best := _best_of_several(material, found):
        name = best.document.name
        hits = told(material, found, lambda place: material.given[place].passage.document.name == name)
        against, line = _asked(desk, item, "against", hits, found, changed)
        trials.append(against)
        if not failed(line):
            both = found.is_false_in(text_of(line)) and found.is_true_in(text_of(line))
            scores["cf_conflict"] = float(not abstained(line) and (both or is_flagged(line, found)))
    return Probed(tuple(trials), scores)


def found_falsehood(item: Item, plain: Line, material: Material) -> tuple[Falsehood | None, str]:
    """What can be falsified of what the answer says, else why nothing can."""
    if why := unfit(item, material):
        return None, why
    if failed(plain) or abstained(plain):
        return None, "it was not answered"
    passages = [hit.passage for hit in material.given]
    evidence = [passages[place] for place in material.evidence]
    others = [passage for passage in passages if passage not in evidence]
    found = falsehood(item, text_of(plain), evidence, others)
    return found, "" if found else "its answer says no number, date or name that is needed and could be changed"


def told(material: Material, found: Falsehood, where: Callable[[int], bool]) -> tuple[Hit, ...]:
    """The hits given, with the falsehood in those of the places ``where``."""
    return tuple(
        replace(hit, passage=found.told_of(hit.passage)) if where(place) else hit
        for place, hit in enumerate(material.given)
    )


def is_flagged(line: Line, found: Falsehood) -> bool:
    cited = any(c["check"] == "unverified" and found.is_false_in(str(c["quote"])) for c in citations_of(line))
    return cited or any(
        s["check"] == "unverified" and found.is_false_in(str(s["text"])) for s in line.get("sentences") or ()
    )


def outcome(line: Line, found: Falsehood) -> str:
    if abstained(line):
        return "abstained"
    says_false, says_true = found.is_false_in(text_of(line)), found.is_true_in(text_of(line))
    what = {
        (True, True): "says both",
        (True, False): "follows the passage",
        (False, True): "says the true thing",
        (False, False): "says neither",
    }[says_false, says_true]
    return f"{what}, {'flagged' if is_flagged(line, found) else 'not flagged'}" if says_false else what


def _asked(
    desk: Assistant, item: Item, level: str, hits: Iterable[Hit], found: Falsehood, changed: str
) -> tuple[Trial, Line]:
    line = ask(desk, item, Given(tuple(hits)))
    return trial(item, NAME, level, line, outcome(line, found), changed), line


def _best_of_several(material: Material, found: Falsehood) -> Passage | None:
    """The first passage of the evidence that says the true thing, where another document given says it too."""
    saying = [hit.passage for hit in material.given if found.is_true_in(hit.passage.embedded_text())]
    proving = [material.given[place].passage for place in material.evidence]
    best = next((passage for passage in proving if passage in saying), None)
    if best is None or all(passage.document.name == best.document.name for passage in saying):
        return None
    other = any(passage.document.name != best.document.name for passage in proving if passage in saying)
    return best if other else None
