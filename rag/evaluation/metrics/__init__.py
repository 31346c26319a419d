"""What is measured of answers, one file for each metric or tight family; those of rankings are beside them.

An answer metric takes an item and its line of answers.jsonl and gives a number, or NaN where there is nothing to
measure. METRICS is the table of those that need nothing else; ``table`` adds those that need a corpus or a judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf, isnan
from typing import Literal

from rag.evaluation.items import Item
from rag.evaluation.judges import Judge
from rag.evaluation.metrics.abstention import abstention_f1, abstention_precision, abstention_recall, false_refusals
from rag.evaluation.metrics.answered import Line, Share
from rag.evaluation.metrics.citation_coverage import citation_coverage
from rag.evaluation.metrics.citations_valid import citations_valid
from rag.evaluation.metrics.cited_documents import citation_precision, citation_recall
from rag.evaluation.metrics.cited_passages import by_passage
from rag.evaluation.metrics.documents import Documents
from rag.evaluation.metrics.evidence_recall import evidence_recall
from rag.evaluation.metrics.groundedness import grounded, grounded_by, support
from rag.evaluation.metrics.hit import hit, hit_answerable
from rag.evaluation.metrics.latency import first_words_ms, latency_ms
from rag.evaluation.metrics.looked_up import numbers_ok, verbatim_quotes
from rag.evaluation.metrics.must_include import must_include
from rag.evaluation.metrics.quote_faithfulness import faithful_quotes
from rag.evaluation.metrics.short_answer import exact_match, f1
from rag.evaluation.metrics.tokens import prompt_tokens, reply_tokens
from rag.evaluation.metrics.truthfulness import hallucinated, missing, truthfulness

Direction = Literal["higher", "lower"]
Kind = Literal["answer", "retrieval", "citation", "groundedness", "abstention", "cost"]
DEPTHS = (1, 3, 5, 10)  # of evidence recall
QUOTES = "quote_faithfulness"  # of which alone the files are needed


@dataclass(frozen=True)
class Metric:
    """``function`` gives one answer's figure, in ``range``; ``direction`` says which is better, higher or lower.

    A set's figure is the mean of its answers' that are no NaN. Where that would weigh them wrongly, ``shares`` gives
    parts and wholes to be pooled.
    """

    kind: Kind
    function: Callable[[Item, Line], float]
    direction: Direction = "higher"
    range: tuple[float, float] = (0.0, 1.0)
    shares: Callable[[Item, Line], Share] | None = None

    def share(self, item: Item, line: Line) -> Share:
        """What one answer brings into the figure of a set: value and weight 1, or what is pooled; 0 of 0 for NaN."""
        if self.shares is not None:
            return self.shares(item, line)
        value = self.function(item, line)
        return Share(0, 0) if isnan(value) else Share(value, 1)


def pooled(kind: Kind, shares: Callable[[Item, Line], Share]) -> Metric:
    """A metric whose figure of a set is the sum of its parts / the sum of its wholes."""
    return Metric(kind, lambda item, line: shares(item, line).value, shares=shares)


_ENDLESS = (0.0, inf)

METRICS: dict[str, Metric] = {
    "hit": Metric("answer", hit),
    "hit_answerable": Metric("answer", hit_answerable),
    "must_include": Metric("answer", must_include),
    "exact_match": Metric("answer", exact_match),
    "f1": Metric("answer", f1),
    "truthfulness": Metric("answer", truthfulness, range=(-1.0, 1.0)),
    "missing": Metric("answer", missing, "lower"),
    "hallucinated": Metric("answer", hallucinated, "lower"),
    **{f"evidence_recall@{k}": Metric("retrieval", partial(evidence_recall, k=k)) for k in DEPTHS},
    "citation_recall": Metric("citation", citation_recall),
    "citation_precision": Metric("citation", citation_precision),
    "citations_valid": Metric("citation", citations_valid),
    "citation_coverage": Metric("citation", citation_coverage),
    "verbatim_quotes": Metric("groundedness", verbatim_quotes),
    "numbers_ok": Metric("groundedness", numbers_ok),
    "grounded": Metric("groundedness", grounded),
    "support": Metric("groundedness", support),
    "abstention_precision": Metric("abstention", abstention_precision),
    "abstention_recall": Metric("abstention", abstention_recall),
    "abstention_f1": pooled("abstention", abstention_f1),
    "false_refusals": Metric("abstention", false_refusals, "lower"),
    "latency_ms": Metric("cost", latency_ms, "lower", _ENDLESS),
    "first_words_ms": Metric("cost", first_words_ms, "lower", _ENDLESS),
    "prompt_tokens": Metric("cost", prompt_tokens, "lower", _ENDLESS),
    "reply_tokens": Metric("cost", reply_tokens, "lower", _ENDLESS),
}


def table(*, documents: Documents | None = None, judges: Sequence[Judge] = ()) -> dict[str, Metric]:
    """METRICS, with ``quote_faithfulness`` where there are ``documents``, and ``grounded (NAME)``, ``cite_rec (NAME)``
    and its like for each judge."""
    found = dict(METRICS)
    if documents is not None:
        corpus = documents
        found[QUOTES] = pooled("citation", lambda item, line: faithful_quotes(line, corpus))
    for judge in judges:
        found[f"grounded ({judge.name})"] = Metric("groundedness", grounded_by(judge))
        for name, function in by_passage(judge).items():
            found[f"{name} ({judge.name})"] = Metric("citation", function)
    return found
