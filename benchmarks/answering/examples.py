"""Questions with known evidence, as the built-in answer sees them: the sentences found and which of them answer.

Beside the questions as they were asked, two kinds are made: the same question with all that answers it taken away, and
questions that were asked of another archive. Knows the question sets; learns nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy
from numpy.typing import NDArray

from benchmarks import public
from benchmarks.record import ROOT
from corpus import chunking
from rag import Assistant
from rag.answering.candidates import Candidate, candidates
from rag.answering.features import Matrix, Wanted, by_words
from rag.composer import Draft
from rag.evaluation import beir
from rag.evaluation.items import Evidence, Item, read_items
from rag.evaluation.retrieval import fill
from rag.question import Question, understand
from rag.retrieval import hybrid
from vectorstore.base import Hit
from vectorstore.embedders import embedder
from vectorstore.index import Index
from vectorstore.view import View

ARCHIVES = Path(__file__).parents[1] / "archives"
GOLD = ROOT / "tests" / "gold"
_HITS = 10  # passages, as many as an answer is made from
_OF_EACH = 3  # questions that are asked of every other archive
_A_PART = 0.3  # of a piece of evidence: a sentence that has as much of it answers


Made = Literal["asked", "emptied", "elsewhere"]


@dataclass(frozen=True)
class Set:
    """Question files over one folder of documents; what shares an ``archive`` is never parted between folds."""

    name: str
    documents: Path
    questions: tuple[Path, ...]


SAMPLE = ROOT / "corpus" / "sample"
LEARNT_FROM = (
    Set("sample", SAMPLE, (GOLD / "sample.jsonl", GOLD / "sample_dev.jsonl")),
    *(Set(name, ARCHIVES / name / "documents", (ARCHIVES / name / "questions.jsonl",))
      for name in ("ashfall", "ballot", "envoys", "fever", "frontier", "league", "lyceum", "mill", "orbit", "vault")),
)  # fmt: skip
HELD_OUT = (
    Set("sample, test", SAMPLE, (GOLD / "sample_test.jsonl",)),
    *(Set(name, ARCHIVES / name / "documents", (ARCHIVES / name / "questions.jsonl",))
      for name in ("strait", "tramway")),
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A question and the sentences found for it; ``answers`` is, for each, the share of a piece of evidence in it.

    ``frequency`` says which terms of the question the archive has, ``is_answered`` None what nothing is to be learnt
    from about absence.
    """

    set: str
    item: Item
    wanted: Wanted
    found: tuple[Candidate, ...]
    of_words: Matrix
    answers: Matrix
    is_answered: bool | None
    frequency: dict[str, int]
    made: Made = "asked"

    @property
    def answering(self) -> NDArray[numpy.bool_]:
        """Which of the sentences answer."""
        return self.answers > _A_PART


class _Noting:
    """A composer that answers nothing and keeps what it was given."""

    def __init__(self) -> None:
        self.noted: list[_Found] = []

    def compose(self, question: Question, hits: Sequence[Hit], view: View) -> Iterator[Draft]:
        self.noted.append(_found(question, hits, view))
        yield Draft("", "abstained")


@dataclass(frozen=True)
class _Found:
    wanted: Wanted
    candidates: list[Candidate]
    frequency: dict[str, int]


def _found(question: Question, hits: Sequence[Hit], view: View) -> _Found:
    wanted = Wanted.of(question, view)
    quoted = view.snapshot.quoted(list(dict.fromkeys(hit.passage.document.name for hit in hits)))
    return _Found(wanted, candidates(hits, quoted), {term: view.frequency(term) for term in wanted.rarity})


def examples(of: Set) -> list[Example]:
    """Every question of a set, each that is answered with its answers taken away, and some of other archives."""
    with tempfile.TemporaryDirectory() as home, Assistant.open(home) as desk:
        desk.ingest(of.documents)
        texts = {header.name: desk.document(header.name).text for header in desk.documents()}
        noting = _Noting()
        asking = desk.answering_with(noting)
        made = []
        for item in (item for file in of.questions for item in read_items(file)):
            asking.ask(item.question, history=item.history)
            spans = [(name, *at) for each in item.evidence for name, at in _places(each, texts)]
            answered = None if item.type == "false_premise" else item.answerable
            one = _example(of.name, item, noting.noted[-1], answered)
            one = replace(one, answers=numpy.array([_most(c, spans) for c in one.found]))
            made += [one, _emptied(one)] if answered else [one]
        for item in _strangers(of):
            asking.ask(item.question)
            made.append(replace(_example(of.name, item, noting.noted[-1], False), made="elsewhere"))
        return made


def _strangers(of: Set) -> Iterator[Item]:
    """Of every other archive a few questions that stand alone."""
    for other in LEARNT_FROM:
        if other.documents != of.documents:
            alone = [item for item in read_items(other.questions[0]) if item.answerable and not item.history]
            yield from alone[:: len(alone) // _OF_EACH]


def of_public_set(name: str, most: int, work: Path) -> list[Example]:
    """Queries of a public set with the relevant documents found, and with these taken away.

    Nothing is known there of sentences. ``work`` is where archives are kept between runs.
    """
    given = beir.read(public.FOLDER / name)
    made: list[Example] = []
    with closing(Index(work / name, embedder(), chunking=chunking.settings())) as index:
        fill(index, given.documents, lambda done, total: None)
        for query, grades in list(given.qrels.items())[:most]:
            relevant = {document for document, grade in grades.items() if grade > 0}
            question = understand(given.queries[query])
            with index.read() as view:
                hits = hybrid().retrieve(question, view, _HITS)
                others = [hit for hit in hits if hit.passage.document.name not in relevant]
                if len(hits) > len(others) > 0:
                    item = Item(query, given.queries[query])
                    made += [
                        _example(name, item, _found(question, kept, view), is_answered)
                        for kept, is_answered in ((hits, True), (others, False))
                    ]
    return made


def _example(name: str, item: Item, found: _Found, is_answered: bool | None) -> Example:
    return Example(
        name, item, found.wanted, tuple(found.candidates), by_words(found.wanted, found.candidates),
        numpy.zeros(len(found.candidates)), is_answered, found.frequency,
    )  # fmt: skip


def _emptied(one: Example) -> Example:
    """The same question where nothing that was found answers it."""
    left = [
        at
        for at, (candidate, share) in enumerate(zip(one.found, one.answers, strict=True))
        if not share and not _is_right(candidate, one.item)
    ]
    return replace(
        one,
        found=tuple(one.found[at] for at in left),
        of_words=one.of_words[left],
        answers=one.answers[left],
        is_answered=False,
        made="emptied",
    )


def _is_right(candidate: Candidate, item: Item) -> bool:
    """True where a sentence holds an answer, though it is not the evidence named."""
    text = " ".join(candidate.text.lower().split())
    return bool(item.must_include) and all(
        any(alternative.lower() in text for alternative in group) for group in item.must_include
    )


def _places(evidence: Evidence, texts: dict[str, str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where the quote stands in the documents named, white space aside."""
    quote = "".join(evidence.quote.split())
    for name, text in texts.items():
        if not name.startswith(evidence.doc):
            continue
        kept = [at for at, sign in enumerate(text) if not sign.isspace()]
        begin = "".join(text[at] for at in kept).find(quote)
        if begin >= 0:
            yield name, (kept[begin], kept[begin + len(quote) - 1] + 1)


def _most(candidate: Candidate, places: Sequence[tuple[str, int, int]]) -> float:
    """The largest share of one of the places that a sentence has."""
    shares = [
        max(0, min(end, candidate.span.end) - max(start, candidate.span.start)) / (end - start)
        for name, start, end in places
        if name == candidate.document.name
    ]
    return max(shares, default=0.0)
