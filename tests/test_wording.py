"""The words around a quotation: who, where from and when; what it means beside it; never a word inside."""

from __future__ import annotations

import re

import pytest

from corpus.document import Header, Page, Passage, Span, Voice
from corpus.sentences import sentences
from rag.answer import Citation
from rag.answering.candidates import Candidate
from rag.answering.dating import UNKNOWN
from rag.answering.wording import line, quoted
from rag.citation import cite
from vectorstore.base import Hit

MERCURY = Header("a.txt", title="Lock breaks", outlet="The Mercury", byline="Ada Orm", published="2022-01-06")
BEACON = Header("b.txt", title="Lock breaks at Tarn", outlet="Beacon")
ECHO = Header("c.txt", outlet="Echo")


def of(passage: Passage) -> Citation:
    return cite(passage, Span(passage.start, passage.end), 1)


def pieces(passage: Passage) -> list[Citation]:
    """A citation of each sentence."""
    return [cite(passage, span, marker) for marker, span in enumerate(passage.sentences, 1)]


def told(
    text: str = "The lock broke.",
    header: Header = MERCURY,
    *,
    speaker: str = "",
    said: float = 0.0,
    carriers: tuple[Header, ...] = (),
    pages: tuple[Page, ...] = (),
    voices: tuple[Voice, ...] = (),
) -> str:
    """The line that quotes a whole document, sentence by sentence."""
    whole = Span(0, len(text))
    passage = Passage(header, 0, len(text), text, tuple(sentences(text)), pages=pages, voices=voices)
    candidate = Candidate(Hit(passage, 1.0, carriers), 1.0, 0, whole, text, speaker, said)
    return line(pieces(passage), candidate)


def from_where(header: Header, *carriers: Header, text: str = "The lock broke.") -> str:
    passage = Passage(header, 0, len(text), text, tuple(sentences(text)))
    candidate = Candidate(Hit(passage, 1.0, carriers), 1.0, 0, passage.sentences[0], text)
    return line(pieces(passage), candidate, is_provenance=True)


def in_marks(text: str, day: str | None = "2022-01-12") -> str:
    return quoted(of(Passage(Header("a.txt", published=day), 0, len(text), text)))


def test_a_document_says_what_is_in_it_with_its_date() -> None:
    assert told() == "According to The Mercury (6 January 2022): “The lock broke.” [1]"


def test_a_speaker_goes_before_the_outlet() -> None:
    said = told("“It was old.”", speaker="Tilda Croft", said=1.0)
    assert said == "According to Tilda Croft (The Mercury, 6 January 2022): ‘“It was old.”’ [1]"


def test_who_is_hardly_heard_in_a_sentence_is_not_its_speaker() -> None:
    assert told(speaker="Tilda Croft", said=0.4).startswith("According to The Mercury (6 January 2022): ")
    assert told(speaker="Tilda Croft", said=0.5).startswith("According to Tilda Croft (The Mercury, ")


def test_what_has_no_date_is_called_undated() -> None:
    assert told(header=BEACON) == "According to Beacon (undated): “The lock broke.” [1]"


@pytest.mark.parametrize(("day", "words"), [("2022-01", "January 2022"), ("2022", "2022")])
def test_a_date_is_told_as_far_as_it_is_known(day: str, words: str) -> None:
    assert told(header=Header("a", outlet="Echo", published=day)).startswith(f"According to Echo ({words}): ")


def test_without_an_outlet_the_title_stands_for_it_and_without_a_title_the_name() -> None:
    assert told(header=Header("a.txt", title="Lock breaks")).startswith("According to “Lock breaks” (undated): ")
    assert told(header=Header("a.txt")).startswith("According to a.txt (undated): ")


def test_a_page_is_named() -> None:
    pages = (Page(1, Span(0, 4)), Page(2, Span(4, 90)))
    assert told(pages=pages).startswith("According to The Mercury (6 January 2022, p. 1): ")


def test_whoever_else_carries_the_text_is_named_once() -> None:
    one = told(carriers=(BEACON,))
    three = told(carriers=(BEACON, ECHO, Header("d", outlet="Echo"), Header("e", outlet="Star"), MERCURY))
    assert one == "According to The Mercury (6 January 2022, also in Beacon): “The lock broke.” [1]"
    assert "(6 January 2022, also in Beacon, Echo and Star): " in three


def test_a_copy_in_the_same_outlet_is_not_worth_a_word() -> None:
    assert told(carriers=(Header("later.txt", outlet="The Mercury"),)) == told()


def test_who_is_republished_is_named_with_who_republishes() -> None:
    voices = (Voice(Span(0, 90), "Coastal Wire"),)
    assert told(voices=voices).startswith("According to Coastal Wire, republished by The Mercury (6 January 2022): ")


def test_each_piece_of_a_quotation_stands_in_marks_with_a_marker_of_its_own() -> None:
    said = told("They lost these:\n- a barge\n- a bell")
    assert said == ("According to The Mercury (6 January 2022): “They lost these:” [1] “- a barge” [2] “- a bell” [3]")


def test_who_says_the_pieces_is_told_once_with_what_is_known_of_the_first() -> None:
    text = "“It was old.”\nIt broke."
    pages = (Page(3, Span(0, 14)), Page(4, Span(14, 90)))
    said = told(text, speaker="Tilda Croft", said=0.6, pages=pages, carriers=(BEACON,))
    head = "According to Tilda Croft (The Mercury, 6 January 2022, p. 3, also in Beacon): "
    assert said == f"{head}‘“It was old.”’ [1] “It broke.” [2]"


def test_a_date_is_explained_beside_the_piece_that_names_it() -> None:
    assert told("The lock broke on Wednesday.\nIt was old.").endswith(
        ": “The lock broke on Wednesday.” [that is 5 January 2022] [1] “It was old.” [2]"
    )


# --- where something is from


def test_provenance_is_told_from_the_header() -> None:
    assert from_where(MERCURY) == (
        "Published by The Mercury, 6 January 2022, written by Ada Orm, headline “Lock breaks”: “The lock broke.” [1]"
    )


def test_provenance_names_nothing_that_is_not_known() -> None:
    assert from_where(ECHO) == "Published by Echo, undated: “The lock broke.” [1]"
    assert from_where(Header("c.txt")) == "In c.txt, undated: “The lock broke.” [1]"


def test_provenance_tells_who_else_carries_it() -> None:
    assert from_where(ECHO, BEACON) == "Published by Echo, undated, also in Beacon: “The lock broke.” [1]"


def test_provenance_quotes_each_piece() -> None:
    said = from_where(ECHO, BEACON, text="They lost these:\n- a barge")
    assert said == "Published by Echo, undated, also in Beacon: “They lost these:” [1] “- a barge” [2]"


# --- the quotation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The lock broke.", "“The lock broke.” [1]"),
        ("“It was old,” she said.", "‘“It was old,” she said.’ [1]"),
        ('"It was old," she said.', '‘"It was old," she said.’ [1]'),
        ("The ‘Petrel’ sank.", "“The ‘Petrel’ sank.” [1]"),
        ("The keeper’s hat sank.", "“The keeper’s hat sank.” [1]"),
    ],
)
def test_a_quotation_stands_in_the_marks_that_it_does_not_use_itself(text: str, expected: str) -> None:
    assert in_marks(text) == expected


def test_the_end_of_a_longer_quotation_is_not_closed_twice() -> None:
    assert in_marks("We left.”") == "‘We left.”’ [1]"


def test_a_quotation_over_lines_is_told_on_one() -> None:
    assert in_marks("The lock\nbroke:\n\n- twice\n-\tat night") == "“The lock broke: - twice - at night” [1]"


def test_what_a_date_means_stands_beside_the_quotation_and_never_inside() -> None:
    said = in_marks("The lock broke on Wednesday.")
    assert said == "“The lock broke on Wednesday.” [that is 12 January 2022] [1]"


def test_that_the_date_of_a_document_is_unknown_is_said_where_it_matters() -> None:
    assert in_marks("The lock broke on Wednesday.", None) == f"“The lock broke on Wednesday.” {UNKNOWN} [1]"
    assert in_marks("The lock broke on 3 May 2021.", None) == "“The lock broke on 3 May 2021.” [1]"


@pytest.mark.parametrize("sign", ["a", "“", '"', "\n", "1 ", "[1]", "on Monday ", "‘"])
def test_a_quotation_without_end_is_told_whole(sign: str) -> None:
    text = sign * (20_000 // len(sign))
    said = in_marks(f"a{text}")
    assert re.sub(r"\s+", "", f"a{text}") in re.sub(r"\s+", "", said)
    assert said.endswith(" [1]")
