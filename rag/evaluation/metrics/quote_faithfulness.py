"""Quote faithfulness: cited quotes that are, white space aside, substrings of the document they name / cited quotes.

Range [0, 1]; NaN where the answer cites nothing. Of a set it is the share of all its quotes, not the mean of the
answers' shares. An empty quote, an unknown document or a name that fits several is unfaithful.
"""

from __future__ import annotations

from rag.evaluation.metrics.answered import Line, Share, citations_of, share_of
from rag.evaluation.metrics.documents import Documents


def faithful_quotes(line: Line, documents: Documents) -> Share:
    return share_of(
        documents.say(str(citation.get("doc") or ""), str(citation.get("quote") or ""))
        for citation in citations_of(line)
    )
