"""Count a group of wire copies once: of documents that say nearly the same, the best one speaks for all.

Knows hits and which documents are copies of each other. Knows nothing of how either was found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from corpus.copies import runs_of
from corpus.document import Passage
from rag.question import Question
from rag.retrieval import Retriever
from vectorstore.base import Hit
from vectorstore.view import View

_POOL = 3  # times as many hits as are wanted, so that enough are left
_SAME = 0.6  # share of a passage's runs of words that the group's speaker has too


@dataclass(frozen=True)
class Once:
    """The hits of another retriever, less those that only repeat what a better one of the same group says.

    What a carrier adds of its own stays. Each hit names the documents that carry the same text.
    """

    among: Retriever

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        found = self.among.retrieve(question, view, k * _POOL)
        groups = view.snapshot.copies(list(dict.fromkeys(hit.passage.document.name for hit in found)))
        speakers: dict[str, tuple[str, set[str]]] = {}  # by group, the one found first and the runs of its words
        kept: list[Hit] = []
        for hit in found:
            name = hit.passage.document.name
            if group := groups.get(name):
                if group[0].name not in speakers:
                    document = view.snapshot.document(name)
                    speakers[group[0].name] = name, runs_of(document.text) if document else set()
                speaker, said = speakers[group[0].name]
                if speaker != name and _repeats(hit.passage, said):
                    continue
                hit = replace(hit, carriers=tuple(header for header in group if header.name != name))
            kept.append(hit)
            if len(kept) == k:
                break
        return kept


def _repeats(passage: Passage, said: set[str]) -> bool:
    runs = runs_of(passage.indexed_text())
    return len(runs & said) >= _SAME * len(runs)
