"""What a ranking is measured against, and how a scored run becomes a ranking.

A ranking is the documents found, best first, none twice. Relevance maps a judged document to its grade, an integer of
which 1 or more is relevant; a document that nobody judged counts as irrelevant.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy

Relevance = Mapping[str, int]


def ranked(scores: Mapping[str, float]) -> list[str]:
    """The documents of a scored run as trec_eval orders them: score descending, of equal scores document descending.

    trec_eval keeps a score in 32 bits, so scores that differ in less are equal here too. ir_measures does so for its
    trec_eval measures only: its RR@k and Judged@k take equal scores in ascending order.
    """
    return sorted(scores, key=lambda document: (numpy.float32(scores[document]), document), reverse=True)


def relevant(relevance: Relevance) -> set[str]:
    """The documents of grade 1 or more."""
    return {document for document, grade in relevance.items() if grade > 0}
