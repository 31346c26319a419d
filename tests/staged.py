"""An assistant whose answers to a few questions are staged, by their first word; all others are the real one's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from corpus.document import Header, Passage, Span
from corpus.errors import CiteDeskError
from rag import Assistant
from rag.answer import Answer, Assumption, Citation, Conflict, Sentence
from vectorstore.base import Hit

HOSTILE = (
    "![x](http://evil.example/a.png) <img src=http://evil.example/b.png onerror=window.pwned=1> "
    "[a](javascript:window.pwned=1) $\\href{javascript:alert(1)}{x}$ $$x^2$$ `code` # heading "
    "<https://evil.example> http://evil.example/auto ${window.pwned=1} {{constructor.constructor('window.pwned=1')()}} "
    '</div></template><script>window.pwned=1</script> "><svg onload=window.pwned=1> &lt;b&gt; \\` [1] end'
)
LONG_TITLE = "The committee that was to report on the committee that had reported on the harbour committee " * 4


def source(number: int, text: str, *, title: str = "", outlet: str = "Harbour Post", more: str = "") -> Passage:
    """A short document of its own."""
    header = Header(
        f"staged-{number}.txt", title or f"Harbour report {number}", outlet, "Ada Penn", f"2024-03-{number % 28 + 1:02}"
    )
    whole = f"{text} {more or 'The port authority said it would publish more on Friday.'}"
    return Passage(header, 0, len(whole), whole, sentences=(Span(0, len(text)), Span(len(text) + 1, len(whole))))


def cited(marker: int, passage: Passage, highlight: str = "") -> Citation:
    """The passage's first sentence."""
    sentence = passage.sentences[0]
    quote = passage.text[: len(sentence)]
    at = quote.find(highlight)
    return Citation(
        marker,
        passage,
        quote,
        0,
        len(quote),
        "verbatim",
        highlight=Span(at, at + len(highlight)) if highlight else None,
    )


def _answer(question: str, text: str, *citations: Citation, status: Any = "answered", **more: Any) -> Answer:
    found = (*(each.passage for each in citations), source(27, "A passage that was found and is not cited."))
    hits = tuple(Hit(passage, 1 - at / 100) for at, passage in enumerate(dict.fromkeys(found)))
    return Answer(question, text, status, "staged", citations, hits, **more)


def slowly(question: str) -> Iterator[Answer]:
    for words in range(1, 30):
        yield Answer(question, "word " * words, "incomplete", "staged")
        time.sleep(0.1)
    yield Answer(question, "word " * 30 + "end", "answered", "staged")


def hostile(question: str) -> Iterator[Answer]:
    passage = Passage(Header(HOSTILE, HOSTILE, HOSTILE, HOSTILE), 0, len(HOSTILE), HOSTILE)
    citation = Citation(1, passage, HOSTILE, 0, len(HOSTILE), "verbatim")
    yield Answer(question, HOSTILE, "answered", "staged", (citation,), (Hit(passage, 1.0),), (HOSTILE,))


def locked(question: str) -> Iterator[Answer]:
    raise CiteDeskError("the archive is in use by process 7; close it and ask again")
    yield


def broken(question: str) -> Iterator[Answer]:
    raise RuntimeError("secret internals")
    yield


def differing(question: str) -> Iterator[Answer]:
    one = cited(1, source(4, "The strike left 14 vessels waiting outside the port."), "14 vessels")
    other = cited(
        2,
        source(6, "Sixteen ships lay at anchor.", outlet="Courier and Gazette of the Northern Ports"),
        "Sixteen ships",
    )
    lines = [f"According to {each.source} (March 2024): “{each.quote}” [{each.marker}]" for each in (one, other)]
    text = "\n\n".join(["Sources differ: 14 vessels [1] / Sixteen ships [2]", *lines])
    yield _answer(question, text, one, other, conflicts=(Conflict(("14 vessels", "Sixteen ships"), (1, 2)),))


def correcting(question: str) -> Iterator[Answer]:
    one = cited(1, source(9, "The pilots did not win: the strike ended without a rise."), "without a rise")
    text = f"The sources put it otherwise than the question:\n\nAccording to Harbour Post: “{one.quote}” [1]"
    yield _answer(question, text, one, finding="correction")


def nearly(question: str) -> Iterator[Answer]:
    one = cited(1, source(11, "The tug was sold in spring."))
    text = f"Nothing in 16 documents answers this; the nearest is: According to Harbour Post: “{one.quote}” [1]"
    yield _answer(question, text, one, status="abstained", finding="near miss")


def nothing(question: str) -> Iterator[Answer]:
    yield Answer(question, "Nothing in 16 documents answers this.", "abstained", "staged", finding="nothing")


def doubtful(question: str) -> Iterator[Answer]:
    one = cited(1, source(13, "The bridge opened in May after nine years of work."))
    text = "The bridge opened in May. [1] It cost 40 million. [1] That is a lot."
    ends = [text.index(" It cost"), text.index(" That is"), len(text)]
    sentences = (
        Sentence(0, ends[0], (1,), "verified", 0.9),
        Sentence(ends[0] + 1, ends[1], (1,), "unverified", 0.4, ("40 million is not in [1]",)),
        Sentence(ends[1] + 1, ends[2], (), "no claim"),
    )
    yield _answer(question, text, one, sentences=sentences)


def many(question: str) -> Iterator[Answer]:
    all_ = [cited(at, source(at, f"Ship number {at} left the harbour on its own.")) for at in range(1, 41)]
    text = "\n\n".join(f"According to Harbour Post: “{each.quote}” [{each.marker}]" for each in all_)
    yield _answer(question, text, *all_)


def rightwards(question: str) -> Iterator[Answer]:
    one = cited(
        1,
        source(
            15, "افتتح الجسر الجديد يوم الثلاثاء بعد تسع سنوات.", title="افتتاح الجسر الجديد", outlet="جريدة الميناء"
        ),
        "يوم الثلاثاء",
    )
    yield _answer(question, f"حسب جريدة الميناء: “{one.quote}” [1]", one)


def longest(question: str) -> Iterator[Answer]:
    one = cited(
        1, source(17, "Nothing was decided.", title=LONG_TITLE, outlet="The Quarterly Review of Very Long Names " * 3)
    )
    yield _answer(question, f"According to the review: “{one.quote}” [1] {'x' * 300}", one)


def assuming(question: str) -> Iterator[Answer]:
    one = cited(1, source(19, "The pilots met twice in March."), "twice")
    kinds = (
        Assumption("period", "March", Span(0, 5), "published 1–31 March 2024", "filter"),
        Assumption("outlet", "the Post", Span(6, 14), "from Harbour Post", "preference"),
    )
    yield _answer(question, f"According to Harbour Post: “{one.quote}” [1]", one, assumptions=kinds)


STAGED: dict[str, Callable[[str], Iterator[Answer]]] = {
    each.__name__: each
    for each in (
        slowly, hostile, locked, broken, differing, correcting, nearly, nothing, doubtful, many, rightwards, longest,
        assuming,
    )
}  # fmt: skip


class Staged:
    def __init__(self, desk: Assistant) -> None:
        self.desk = desk
        self.asked: list[tuple[str, dict[str, Any]]] = []
        """Every question of a page, with what came along with it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.desk, name)

    def stream(self, question: str, **options: Any) -> Iterator[Answer]:
        self.asked.append((question, options))
        stage = STAGED.get(question.split(",")[0].split(" ")[0])
        if stage is None:
            yield from self.desk.stream(question, **options)
            return
        for answer in stage(question):
            left = tuple(each for each in answer.assumptions if each.kind not in options.get("without", ()))
            yield answer if left == answer.assumptions else Answer(**{**vars(answer), "assumptions": left})
