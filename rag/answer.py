"""What comes back from a question: an Answer, its citations and what was retrieved for it.

Knows the values and their JSON. Knows nothing of how they are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, overload

from corpus.document import Header, Passage, Span
from rag.llm.base import Usage
from vectorstore.base import Hit

Status = Literal["answered", "abstained", "incomplete", "error"]
Check = Literal["verbatim", "unverified"]
SentenceCheck = Literal["verified", "unverified", "no claim"]
AssumptionKind = Literal["period", "outlet", "author", "voice", "speaker", "follow-up", "spelling"]
Effect = Literal["filter", "preference"]
Finding = Literal["answer", "correction", "near miss", "nothing"]


@dataclass(frozen=True)
class Turn:
    """One earlier question of the conversation and what was answered to it."""

    question: str
    answer: str


@dataclass(frozen=True)
class Citation:
    """The exact stretch of a document that a marker ``[n]`` of the answer stands for.

    ``quote`` is ``document_text[start:end]``; ``check`` says whether that was verified. ``carriers`` are other
    documents that hold nearly the same text. ``highlight`` is what in the quote seems to be the very thing asked for,
    in the document's offsets, ``speaker`` whose words it has, as the document names them, or empty.
    """

    marker: int
    passage: Passage
    quote: str
    start: int
    end: int
    check: Check
    carriers: tuple[Header, ...] = ()
    highlight: Span | None = None
    speaker: str = ""

    @property
    def document(self) -> Header:
        return self.passage.document

    @property
    def source(self) -> str | None:
        """Who speaks: the outlet, or "Ledger, republished by OUTLET" where another speaks."""
        return self.passage.source(Span(self.start, self.end))

    @property
    def page(self) -> int | None:
        return self.passage.page(self.start)

    def to_json(self) -> dict[str, Any]:
        return {
            "marker": self.marker,
            "doc": self.document.name,
            "title": self.document.title,
            "outlet": self.document.outlet,
            "published": self.document.published,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "check": self.check,
            "source": self.source,
            "page": self.page,
            "carriers": [header.name for header in self.carriers],
            "highlight": self._highlighted(),
            "speaker": self.speaker or None,
        }

    def _highlighted(self) -> dict[str, Any] | None:
        if self.highlight is None:
            return None
        start, end = self.highlight.start, self.highlight.end
        return {"text": self.passage.slice(self.highlight), "start": start, "end": end}


@dataclass(frozen=True)
class Conflict:
    """Cited sources that cannot both be right: ``what`` each says, in the order of their ``markers``."""

    what: tuple[str, ...]
    markers: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return {"what": list(self.what), "citations": list(self.markers)}


@dataclass(frozen=True)
class Assumption:
    """What the ``words`` at ``span`` of a question were taken to mean, said in plain words.

    As a "filter" it left out all other documents, as a "preference" it put passages forward that fit.
    """

    kind: AssumptionKind
    words: str
    span: Span
    taken: str
    effect: Effect

    @property
    def in_words(self) -> str:
        if self.kind == "follow-up":
            return f"Follow-up: {self.taken}"
        if self.kind == "spelling":
            return f"“{self.words}”: {self.taken}"
        return f"“{self.words}”: {'only' if self.effect == 'filter' else 'first'} passages {self.taken}"

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "words": self.words,
            "start": self.span.start,
            "end": self.span.end,
            "taken": self.taken,
            "effect": self.effect,
        }


@dataclass(frozen=True)
class Sentence:
    """The sentence ``text[start:end]`` of an answer, and whether the passages it cites bear it out.

    ``markers`` are the numbers of its citations. It is "unverified" where it has ``faults``, each said in plain
    words: it cites nothing, or a quotation, number, date or name of it is not in what it cites. "no claim" states no
    fact that could be checked. ``support`` in [0, 1] says how much of it its passages say, None where there are none.
    """

    start: int
    end: int
    markers: tuple[int, ...]
    check: SentenceCheck
    support: float | None = None
    faults: tuple[str, ...] = ()

    def to_json(self, text: str) -> dict[str, Any]:
        return {
            "text": text[self.start : self.end],
            "start": self.start,
            "end": self.end,
            "citations": list(self.markers),
            "check": self.check,
            "support": None if self.support is None else round(self.support, 3),
            "faults": list(self.faults),
        }


@dataclass(frozen=True)
class Answer:
    """A cited answer, or the reason why there is none.

    ``sentences`` are those of ``text`` as they were checked, once it is whole. ``retrieved`` are the hits it was
    made from, best first; ``notes`` say in plain words what was assumed or went wrong. ``invalid_markers`` counts
    what a model cited that it was never given, and ``usage`` the tokens it took. ``assumptions`` say how the question
    was understood. Times are in milliseconds, ``timings_ms`` by stage.

    ``form`` is what kind of answer was asked for, as "list" or "comparison", and ``finding`` what came of it: a
    "correction" is of what the question supposed, a "near miss" is quoted though it does not answer. ``conflicts``
    are between its citations. ``absence`` is the chance, in [0, 1], that nothing found answers. A language model's
    answer has none of these but the conflicts.
    """

    question: str
    text: str
    status: Status
    composer: str
    citations: tuple[Citation, ...] = ()
    retrieved: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()
    latency_ms: float = 0.0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] = ()
    invalid_markers: int = 0
    usage: Usage | None = None
    assumptions: tuple[Assumption, ...] = ()
    form: str = ""
    finding: Finding = "answer"
    conflicts: tuple[Conflict, ...] = ()
    absence: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The document that ``citedesk ask --json`` prints and other tools read."""
        return {
            "question": self.question,
            "answer": self.text,
            "status": self.status,
            "composer": self.composer,
            "citations": [citation.to_json() for citation in self.citations],
            "retrieved": [hit.to_json() for hit in self.retrieved],
            "notes": list(self.notes),
            "latency_ms": round(self.latency_ms, 1),
            "timings_ms": _rounded(self.timings_ms),
            "sentences": [sentence.to_json(self.text) for sentence in self.sentences],
            "invalid_markers": self.invalid_markers,
            "usage": None if self.usage is None else vars(self.usage),
            "assumptions": [assumption.to_json() for assumption in self.assumptions],
            "form": self.form or None,
            "finding": self.finding,
            "conflicts": [conflict.to_json() for conflict in self.conflicts],
            "absence": None if self.absence is None else round(self.absence, 3),
        }


@dataclass(frozen=True)
class Found(Sequence[Hit]):
    """What a search gives: the hits, best first, what was assumed and what it took; a sequence of its hits."""

    question: str
    retrieved: tuple[Hit, ...]
    latency_ms: float
    timings_ms: Mapping[str, float]
    assumptions: tuple[Assumption, ...] = ()

    def __len__(self) -> int:
        return len(self.retrieved)

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hit]: ...
    def __getitem__(self, index: int | slice) -> Hit | Sequence[Hit]:
        return self.retrieved[index]

    def to_json(self) -> dict[str, Any]:
        """The document that ``citedesk search --json`` prints."""
        return {
            "question": self.question,
            "retrieved": [hit.to_json() for hit in self.retrieved],
            "latency_ms": round(self.latency_ms, 1),
            "timings_ms": _rounded(self.timings_ms),
            "assumptions": [assumption.to_json() for assumption in self.assumptions],
        }


def _rounded(timings_ms: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(spent, 1) for stage, spent in timings_ms.items()}
