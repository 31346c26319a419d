"""Count a group of wire copies once: of documents that say nearly the same, the best one speaks for all.

Knows hits and which documents are copies of each other. Knows nothing of how either was found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.document import Document, Passage
from rag.question import Question
from rag.retrieval import Retriever
from vectorstore.base import Hit
from vectorstore.index import View

_POOL = 3  # times as many hits as are wanted, so that enough are left
_SAME = 0.5  # share of a passage's letters in sentences that the group's speaker has too
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Once:
    """The hits of another retriever, less those that only repeat what a better one of the same group says.

    What a carrier adds of its own stays. Each hit names the documents that carry the same text.
    """

    among: Retriever

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        found = self.among.retrieve(question, view, k * _POOL)
        groups = view.snapshot.copies(list(dict.fromkeys(hit.passage.document.name for hit in found)))
        speakers: dict[str, str] = {}  # the oldest carrier stands for the group -> the one that was found first
        kept: list[Hit] = []
        for hit in found:
            group = groups.get(hit.passage.document.name)
            if group is None:
                kept.append(hit)
            else:
                speaker = speakers.setdefault(group[0].name, hit.passage.document.name)
                if speaker == hit.passage.document.name or not _repeats(hit.passage, view.snapshot.document(speaker)):
                    carriers = tuple(header for header in group if header.name != hit.passage.document.name)
                    kept.append(Hit(hit.passage, hit.score, carriers))
            if len(kept) == k:
                break
        return kept


def _repeats(passage: Passage, speaker: Document | None) -> bool:
    if speaker is None:
        return False
    said = _folded(speaker.text)
    sentences = [_folded(passage.slice(span)) for span in passage.sentences]
    return sum(len(s) for s in sentences if s in said) >= _SAME * sum(map(len, sentences))


def _folded(text: str) -> str:
    return _BLANK.sub(" ", text).lower()
