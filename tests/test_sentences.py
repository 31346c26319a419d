"""Where paragraphs and sentences begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Span
from corpus.sentences import paragraphs, sentences

TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            ["The gate held. ", "Dr. Orm left.", "“No,” he said. ", "at 6 a.m. ", "U.S. ", "...", "Is it? ", "the\n"]
        ),
        st.sampled_from([" ", "\n", "\r\n", "\r", "\n\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u00a0", "\t"]),
        st.text(max_size=12),
    ),
    max_size=40,
).map("".join)


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def blocks(text: str) -> list[str]:
    return [text[span.start : span.end] for span in paragraphs(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Orm met Mrs. Lund and Prof. Ashe.",
        "Lt. Gov. Dell, Rep. Ashe, Sgt. Hale and the Rev. Oak came.",
        "It began on Jan. 5 and ended on Sept. 12, 2022.",
        "The U.S. Senate and the U.N. envoy agreed.",
        "The gate shut at 6 a.m. on Tuesday.",
        "J. R. Lund and Samuel L. Ashe wrote it.",
        "Room No. 5 held 3.5 percent of it, approx. 30 boxes.",
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("They flew to Rome.", "Nobody met them."),
        ("She thanked Tom.", "He left."),
        ("It was May.", "They met again."),
        ("They work for Lund Ltd.", "The firm is old."),
        ("It shut at 6 a.m.", "The rain went on."),
        ("The offer came from the U.S.", "The others waited."),
    ],
)
def test_a_short_name_or_an_abbreviation_at_the_end_of_a_sentence_still_ends_it(first: str, second: str) -> None:
    assert cut(f"{first} {second}") == [first, second]


def test_closing_quotation_marks_stay_with_their_sentence() -> None:
    assert cut('“Go,” she said. “Now!” He went. She called it "a pity." (It was.) They left.') == [
        "“Go,” she said.",
        "“Now!”",
        "He went.",
        'She called it "a pity."',
        "(It was.)",
        "They left.",
    ]


def test_an_ellipsis_inside_a_sentence_does_not_part_it() -> None:
    assert cut("It rose … and fell. It rose... then fell. So it went.") == [
        "It rose … and fell.",
        "It rose... then fell.",
        "So it went.",
    ]


def test_a_paragraph_of_one_line_stands_alone_even_without_a_full_stop() -> None:
    assert cut("Gate stays shut\nBy Ada Orm\nThe gate stayed shut. Nobody knew why.") == [
        "Gate stays shut",
        "By Ada Orm",
        "The gate stayed shut.",
        "Nobody knew why.",
    ]


WRAPPED = (
    "The gate stayed shut all night, and by the morning the\n"
    "water had reached the third step of the mill, where Dr.\n"
    "Orm had left his boots. Nobody\n"
    "\n"
    "Then it fell.\n"
)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_sentence_of_hard_wrapped_text_runs_over_its_line_breaks(line_end: str) -> None:
    text = WRAPPED.replace("\n", line_end)
    assert [" ".join(sentence.split()) for sentence in cut(text)] == [
        "The gate stayed shut all night, and by the morning the water had reached the third step of the mill, "
        "where Dr. Orm had left his boots.",
        "Nobody",
        "Then it fell.",
    ]


def test_a_full_line_before_an_indented_one_still_runs_on() -> None:
    text = (
        "    The gate stayed shut all night, and by the morning the\n"
        "water had reached the third step of the mill, where Doctor\n"
        "Orm had left his boots.\n"
        "    Then it fell."
    )
    assert len(blocks(text)) == 2


def test_the_longest_of_some_short_paragraphs_does_not_swallow_the_next() -> None:
    lines = [
        "Gate stays shut for the third night as the miller looks for the key",
        "20240501",
        "https://www.millpost.example/2024/may/1/gate-stays-shut-third-night/",
        "The gate stayed shut.",
        "Nobody knew why.",
    ]
    assert blocks("\n".join(lines)) == lines


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\u00a0", "\r\n", "\t"])
def test_odd_separators_keep_every_offset(separator: str) -> None:
    text = separator.join(["", "One fell.", "Two fell.", "Three fell.", ""])
    assert cut(text) == ["One fell.", "Two fell.", "Three fell."]


def test_only_the_stretch_that_is_asked_for_is_cut() -> None:
    text = "One fell. Two fell. Three fell."
    assert sentences(text, Span(10, 19)) == [Span(10, 19)]
    assert sentences(text, Span(4, 13)) == [Span(4, 9), Span(10, 13)]
    assert sentences(text, Span(9, 10)) == []


@settings(deadline=None, database=None, max_examples=150)
@given(TEXTS, st.data())
def test_spans_are_ordered_trimmed_and_cover_every_letter(text: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    spans = sentences(text, Span(start, end))
    borders = [start, *(border for span in spans for border in (span.start, span.end)), end]
    assert borders == sorted(borders)
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] != "" for span in spans)
    covered = {offset for span in spans for offset in range(span.start, span.end)}
    assert {offset for offset in range(start, end) if not text[offset].isspace()} <= covered


@pytest.mark.parametrize(
    ("text", "count"),
    [("Dr. " * 20_000, 1), ("A. " * 20_000, 1), ("." * 100_000, 1), ("x" * 500_000, 1), ("\n" * 500_000, 0)],
    ids=["titles", "initials", "full stops", "one word", "blank lines"],
)
def test_text_made_to_be_slow_is_cut(text: str, count: int) -> None:
    assert len(sentences(text)) == count
