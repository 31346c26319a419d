"""Passages: exact slices on sentence borders that fit the embedder."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.chunking import LIMIT_TOKENS, MINIMUM_TOKENS, split
from corpus.document import Document, Header, Page, Passage, Span, Voice
from corpus.sentences import sentences
from vectorstore.embedders.minilm import MiniLM

BUDGET = 256


def words(text: str) -> int:
    return len(text.split())


COUNTERS = {"words": words, "MiniLM": MiniLM().count_tokens}

SENTENCE = st.lists(
    st.sampled_from(
        "the gate held and nobody at Orm's mill saw 3,000 litres go un- believably slow ja 門 कर एक".split()
    ),
    min_size=1,
    max_size=60,
).map(lambda chosen: " ".join(chosen).capitalize() + ". ")
PIECES = st.one_of(
    SENTENCE,
    SENTENCE,
    st.sampled_from(["\n", "\n\n", "\r\n", "\t", "\x0c", " ", "\u2028"]),
    st.integers(1, 4000).map(lambda length: "w" * length),
    st.integers(1, 120).map(lambda length: "qzx" * length),
    st.integers(1, 600).map(lambda length: "水" * length),
    st.integers(1, 300).map(lambda length: "👩‍🔧🙂" * length),
    st.integers(1, 300).map(lambda length: "e\u0301\u0328" * length),
    st.text(max_size=20),
)
HEADERS = st.builds(Header, st.just("mill.txt"), title=st.none() | st.text(max_size=130), outlet=st.text(max_size=50))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = "".join(draw(st.lists(PIECES, max_size=25)))
    borders = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(borders, borders).map(lambda pair: Span(*sorted(pair))), max_size=6))
    cuts = sorted(draw(st.lists(borders, max_size=6, unique=True)))
    voices = [
        Voice(
            Span(start, end),
            draw(st.text(min_size=1, max_size=60)),
            "republished" if draw(st.booleans()) else "quoted",
        )
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    pages = [
        Page(number, Span(start, end))
        for number, (start, end) in enumerate(pairwise([0, *cuts, len(text)]), start=1)
        if start < end
    ]
    return Document(draw(HEADERS), text, tuple(spans), voices=tuple(voices), pages=tuple(pages))


def article(*texts: str, furniture: tuple[Span, ...] = ()) -> Document:
    return Document(Header("mill.txt"), "".join(texts), furniture)


def sentence(tokens: int, word: str = "water") -> str:
    """A sentence of so many tokens, for either counter: the full stop is a token of MiniLM's only."""
    return "Then " + " ".join([word] * (tokens - 1)) + ". "


def page_of(document: Document, offset: int) -> int:
    return next(page.number for page in document.pages if page.span.start <= offset < page.span.end)


def covered(spans: list[Span]) -> set[int]:
    return {offset for span in spans for offset in range(span.start, span.end)}


def shared_sentences(before: Passage, after: Passage) -> int:
    return len(set(before.sentences) & set(after.sentences))


@pytest.mark.parametrize("count", COUNTERS.values(), ids=COUNTERS)
@settings(deadline=None, database=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(document=documents())
def test_whatever_the_text_its_passages_are_exact_ordered_and_within_budget(
    count: Callable[[str], int], document: Document
) -> None:
    passages = split(document, count=count, budget=BUDGET)
    furniture = covered(list(document.furniture))
    for passage in passages:
        assert passage.text == document.text[passage.start : passage.end]
        assert passage.text.strip() == passage.text != ""
        assert count(passage.embedded_text()) <= BUDGET
        inside = covered(list(passage.furniture))
        assert inside == furniture & set(range(passage.start, passage.end))
        assert not covered(list(passage.sentences)) & furniture
        assert list(passage.sentences) == sorted(passage.sentences)
        span = Span(passage.start, passage.end)
        assert passage.voices == tuple(voice for voice in document.voices if voice.span.overlaps(span))
        assert all(v.span.covers(span) for v in passage.voices if v.relation == "republished")
        assert all(passage.page(offset) == page_of(document, offset) for offset in range(span.start, span.end))
    assert [passage.start for passage in passages] == sorted({passage.start for passage in passages})
    letters = {offset for offset, character in enumerate(document.text) if not character.isspace()}
    assert covered([span for passage in passages for span in passage.sentences]) >= letters - furniture


@settings(deadline=None, database=None, max_examples=60)
@given(lengths=st.lists(st.integers(2, 300), max_size=60))
def test_neighbours_share_one_sentence_at_most_before_the_last(lengths: list[int]) -> None:
    passages = split(article(*map(sentence, lengths)), count=words, budget=BUDGET)
    assert all(shared_sentences(*pair) <= 1 for pair in pairwise(passages[:-1]))


@pytest.mark.parametrize("count", COUNTERS.values(), ids=COUNTERS)
def test_a_long_text_becomes_passages_of_120_to_220_tokens(count: Callable[[str], int]) -> None:
    document = article(*(sentence(length) for length in [12, 31, 8, 45, 19, 27, 60, 5, 22, 38] * 20))
    sizes = [count(passage.text) for passage in split(document, count=count, budget=BUDGET)]
    assert mean(MINIMUM_TOKENS <= size <= LIMIT_TOKENS for size in sizes) > 0.95


def test_neighbours_share_their_border_sentence_where_it_is_short() -> None:
    document = article(sentence(100), sentence(100), sentence(20), sentence(100), sentence(100))
    first, second = split(document, count=words, budget=BUDGET)
    assert shared_sentences(first, second) == 1
    assert words(document.text[second.start : first.end]) == 20


def test_a_long_border_sentence_is_not_said_twice() -> None:
    document = article(sentence(100), sentence(100), sentence(100), sentence(100))
    first, second = split(document, count=words, budget=BUDGET)
    assert first.end < second.start


def test_a_short_rest_is_filled_up_from_before_it() -> None:
    document = article(*[sentence(50)] * 5)
    first, second = split(document, count=words, budget=BUDGET)
    assert (words(first.text), words(second.text)) == (200, 150)


def test_a_sentence_over_the_limit_is_cut_between_words() -> None:
    document = article(sentence(500))
    passages = split(document, count=words, budget=BUDGET)
    assert [words(passage.text) for passage in passages] == [220, 220, 60]
    assert all(passage.text.startswith(("Then", "water")) for passage in passages)


@pytest.mark.parametrize("blank", ["\t", "\u3000", "\x0b", "\u2028"])
def test_any_white_space_is_a_place_to_cut(blank: str) -> None:
    document = article(blank.join(["water"] * 500))
    assert {words(p.text) for p in split(document, count=words, budget=BUDGET)} == {220, 60}


@pytest.mark.parametrize("count", COUNTERS.values(), ids=COUNTERS)
@pytest.mark.parametrize("text", ["w" * 100_000, "🙂" * 30_000, "e\u0301" * 30_000])
def test_text_without_words_still_makes_passages_of_readable_length(count: Callable[[str], int], text: str) -> None:
    passages = split(article(text), count=count, budget=BUDGET)
    assert "".join(passage.text for passage in passages) == text
    assert max(len(passage.text) for passage in passages) < 3000


def test_a_long_header_leaves_less_for_the_text() -> None:
    header = Header("mill.txt", title=" ".join(["Gate"] * 20))
    passages = split(Document(header, sentence(60)), count=words, budget=50)
    assert [words(passage.embedded_text()) for passage in passages] == [50, 50]


def test_a_header_that_fills_the_budget_is_refused() -> None:
    with pytest.raises(ValueError, match=r"mill\.txt: its header alone fills the budget of 3 tokens"):
        split(Document(Header("mill.txt", title="Gate stays shut"), "It did."), count=words, budget=3)


def test_a_little_furniture_lies_inside_a_passage_and_is_not_indexed() -> None:
    text = "The gate held. Share this The mill stood."
    passage, *rest = split(article(text, furniture=(Span(15, 25),)), count=words, budget=BUDGET)
    assert (passage.text, passage.furniture, rest) == (text, (Span(15, 25),), [])
    assert passage.indexed_text() == "The gate held.  The mill stood."
    assert [text[span.start : span.end] for span in passage.sentences] == ["The gate held.", "The mill stood."]


def test_much_furniture_parts_two_passages() -> None:
    before, between, after = "The gate held. ", "Share this. " * 50, "The mill stood."
    document = article(before, between, after, furniture=(Span(len(before), len(before + between)),))
    assert [p.text for p in split(document, count=words, budget=BUDGET)] == ["The gate held.", "The mill stood."]


def test_furniture_at_the_very_start_leaves_the_text_once() -> None:
    document = article("Share this\nThe gate held. The mill stood.", furniture=(Span(0, 10),))
    assert [p.text for p in split(document, count=words, budget=BUDGET)] == ["The gate held. The mill stood."]


def test_furniture_that_overlaps_or_is_out_of_order_is_taken_as_one() -> None:
    document = article(
        "The gate held. Share this! The mill stood.", furniture=(Span(20, 26), Span(15, 22), Span(16, 18))
    )
    passage, *rest = split(document, count=words, budget=BUDGET)
    assert (passage.furniture, rest) == ((Span(15, 26),), [])


def test_words_on_either_side_of_furniture_stay_two_words() -> None:
    passage = Passage(Header("mill.txt"), 10, 20, "gate(ad)go", furniture=(Span(14, 18),))
    assert passage.indexed_text() == "gate go"


@pytest.mark.parametrize("text", ["", " \n ", "Share this"])
def test_a_text_of_nothing_but_furniture_has_no_passage(text: str) -> None:
    assert split(article(text, furniture=(Span(0, len(text)),)), count=words, budget=BUDGET) == []


def test_every_passage_ends_where_a_sentence_ends() -> None:
    document = article(*(sentence(length) for length in (70, 80, 90, 10, 60, 30, 110)))
    ends = {span.end for span in sentences(document.text)}
    assert {passage.end for passage in split(document, count=words, budget=BUDGET)} <= ends


# --- voices and pages


def commentary() -> Document:
    own, other = sentence(30) + sentence(30, "opinion"), sentence(50, "report") + sentence(50, "report")
    text = own + other + own
    voice = Voice(Span(len(own), len(own) + len(other) - 1), "Mill Post")
    return Document(Header("mill.txt", title="Orm on the mill", outlet="Weir Review"), text, voices=(voice,))


def test_an_article_inside_another_is_cut_from_it() -> None:
    before, inside, after = split(commentary(), count=words, budget=BUDGET)
    assert "report" in inside.text
    assert "opinion" not in inside.text
    assert "report" not in before.text + after.text


def test_a_passage_of_a_republished_article_says_whose_it_is_and_who_carries_it() -> None:
    before, inside, _ = split(commentary(), count=words, budget=BUDGET)
    assert inside.source(inside.sentences[0]) == "Mill Post, republished by Weir Review"
    assert inside.embedded_text().startswith("Mill Post · Orm on the mill · Weir Review\n")
    assert before.source(before.sentences[0]) == "Weir Review"
    assert before.embedded_text().startswith("Orm on the mill · Weir Review\n")


def test_who_is_quoted_at_length_stays_in_the_passage_that_quotes_them() -> None:
    text = "Ada Orm laid it out: " + sentence(20) + sentence(20, "opinion")
    voice = Voice(Span(21, len(text) - 1), "Ada Orm", "quoted")
    (passage,) = split(Document(Header("mill.txt", title="Mill"), text, voices=(voice,)), count=words, budget=BUDGET)
    assert passage.source(passage.sentences[-1]) == "Ada Orm, quoted in “Mill”"
    assert passage.source(Span(0, 7)) is None
