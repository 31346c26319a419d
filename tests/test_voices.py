"""Where another speaks at length in a document, and where it only looks like it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quotations import labelled, score_voices
from corpus.boilerplate import furniture
from corpus.speech.voices import voices

SPEECH = "I have been in a great many rooms like that one, and we were only there to be seen. I will not go again."
HOST = "What follows from it for the coast is another matter, and one that the ministry has avoided."
ARTICLE = "\n\n".join(
    f"The {boat} will not sail this winter, the shipping board decided, ending a service that has run every January "
    f"since the line was opened and that eleven villages north of the sound depend on for fuel and for post."
    for boat in ("Nordlys", "Havgull", "Terne")
)


def heard(text: str) -> list[tuple[str, str]]:
    """Source and words of each voice."""
    return [
        (voice.source, text[voice.span.start : voice.span.end]) for voice in voices(text, furniture=furniture(text))
    ]


@pytest.mark.parametrize(
    ("introduction", "source"),
    [
        ("From the Harbour Ledger:", "Harbour Ledger"),
        ("**From the Harbour Ledger:**", "Harbour Ledger"),
        ("Originally published by The Lantern:", "The Lantern"),
        ("Reprinted with permission from Coastal Review:", "Coastal Review"),
        ("The following article first appeared in the Sunday Beacon on Monday:", "Sunday Beacon"),
        ("The Valley Courier reports:", "The Valley Courier"),
    ],
)
def test_a_republished_article_goes_from_its_introduction_to_a_rule(introduction: str, source: str) -> None:
    assert heard(f"{HOST}\n\n{introduction}\n\n{ARTICLE}\n\n* * *\n\n{HOST}") == [(source, ARTICLE)]


@pytest.mark.parametrize("end", ["---", "End of article", "—Harbour Ledger", "From Coastal Review:", ""])
def test_a_republished_article_ends_where_it_can_be_seen(end: str) -> None:
    assert heard(f"From the Harbour Ledger:\n\n{ARTICLE}\n\n{end}")[0] == ("Harbour Ledger", ARTICLE)


def test_furniture_at_the_foot_is_nobody_s() -> None:
    foot = "Share this article\n\nSubscribe to our newsletter for flood warnings.\n\n© 2024 The Sound Letter"
    assert heard(f"From the Harbour Ledger:\n\n{ARTICLE}\n\n{foot}") == [("Harbour Ledger", ARTICLE)]


def test_a_short_paragraph_is_no_republished_article() -> None:
    assert heard(f"From the Harbour Ledger:\n\n{HOST}") == []


def test_an_article_announced_begins_at_the_line_that_names_it() -> None:
    announcement = "The long article in Northern Tribune attached below shows why."
    text = f"{announcement}\n\n{HOST}\n\nFrom Northern Tribune:\n\n{ARTICLE}"
    assert heard(text) == [("Northern Tribune", ARTICLE)]


def test_an_article_announced_begins_at_the_only_rule() -> None:
    announcement = "A piece in the Sunday Beacon, reproduced below, has caused some excitement."
    assert heard(f"{announcement}\n\n{HOST}\n\n***\n\n{ARTICLE}") == [("Sunday Beacon", ARTICLE)]
    assert heard(f"{announcement}\n\n***\n\n{HOST}\n\n***\n\n{ARTICLE}") == []


def test_an_article_that_is_only_announced_is_no_voice() -> None:
    assert heard(f"The article in the Harbour Ledger attached below shows why.\n\n{HOST}\n\n{ARTICLE}") == []


def test_where_the_host_comes_back_unseen_there_is_no_voice() -> None:
    assert heard(f"From the Harbour Ledger:\n\n{ARTICLE}\n\nThe Harbour Ledger’s article is wrong.\n\n{HOST}") == []


def test_the_page_s_own_credit_is_no_voice() -> None:
    assert heard(f"This story first appeared in the Harbour Ledger.\n\n{ARTICLE}") == []


@pytest.mark.parametrize(
    ("introduction", "source"),
    [
        ("Ada Orm said:", "Ada Orm"),
        ("Judge Ada Orm said:", "Ada Orm"),
        ("Judge Orm said:", "Judge Orm"),
        ("The mayor said:", "The mayor"),
        ("Harbour Policy Analyst Ada Orm laid out the goal:", "Ada Orm"),
        ("Secretary of State Ada Orm said in an interview on Monday:", "Ada Orm"),
        ("When Ada Orm was asked what it would cost, she responded:", "Ada Orm"),
        ("Former Senator Ada Orm has sat on three boards. She gave her view of the fourth:", "Ada Orm"),
    ],
)
def test_a_plain_paragraph_behind_a_speaker_and_a_colon_is_a_voice(introduction: str, source: str) -> None:
    assert heard(f"{introduction}\n\n{SPEECH}\n\n{HOST}") == [(source, SPEECH)]


@pytest.mark.parametrize(
    "text",
    [
        f"The rules are:\n\n{SPEECH}",
        f"The report said:\n\n{SPEECH}",
        f"The committee resolved the following:\n\n{SPEECH}",
        f"Ada Orm and Per Lund said:\n\n{SPEECH}",
        f"Ada Orm met Per Lund. She said:\n\n{SPEECH}",
        f"One thing was clear to Ada Orm:\n\n{SPEECH}",
        f"Ada Orm explained the new rules:\n\n{HOST}",
        "Ada Orm explained the new rules:\n\n- We moor at the pier, and we double the lines from October on.",
        "Ada Orm explained the new rules:\n\n1. We moor at the pier, and we double the lines from October on.",
        f"Ada Orm said:\n\nQ: {SPEECH}",
        f"Ada Orm said:\n\n“{SPEECH}”",
        "Ada Orm said:\n\nNo.",
        f"Ada Orm called the plan:\n\n{SPEECH}",
        f"From Monday:\n\n{ARTICLE}",
        f"From: Ada Orm\nTo: Per Lund\n\n{ARTICLE}",
        f"The Harbour Ledger reports a loss.\n\n{ARTICLE}",
        f"The Harbour Ledger writes:\n\n{HOST}\n\n> {HOST}",
    ],
)
def test_what_only_looks_like_it_is_no_voice(text: str) -> None:
    found = [source for source, _ in heard(text)]
    assert [source for source in found if source != "The Harbour Ledger"] == []


def test_a_block_set_off_belongs_to_whoever_the_line_before_it_names() -> None:
    block = f"> {SPEECH}\n>\n> {HOST}"
    assert heard(f"Ada Orm wrote:\n\n{block}\n\n{HOST}") == [("Ada Orm", block)]
    assert heard(f"As the Fen Observer wrote at the time:\n\n{block}") == [("Fen Observer", block)]
    assert heard(f"A letter hangs there:\n\n{block}\n> — Ada Orm") == [("Ada Orm", f"{block}\n> — Ada Orm")]
    assert heard(f"A letter hangs there:\n\n{block}") == []


def test_an_indented_block_is_set_off() -> None:
    assert heard(f"Ada Orm said:\n\n    {SPEECH}\n\n    {SPEECH}\n\n{HOST}") == [
        ("Ada Orm", f"{SPEECH}\n\n    {SPEECH}")
    ]


def test_paragraphs_that_each_open_with_a_mark_are_one_voice() -> None:
    speech = f"“{SPEECH}\n\n“{SPEECH}”"
    assert heard(f"Ada Orm said:\n\n{speech}\n\n{HOST}") == [("Ada Orm", speech)]


def test_the_labelled_set_is_large_and_hard_enough() -> None:
    texts = labelled("voices")
    assert len(texts) >= 30
    assert sum(not one["voices"] for one in texts) >= 12


@pytest.mark.parametrize("part", ["dev", "test"])
def test_the_labelled_set_is_read_with_a_precision_of_95_percent(part: str) -> None:
    score = score_voices(part)
    precision = score.precision()
    assert precision is not None
    assert precision >= 0.95
    assert score.recall() >= 0.8


@pytest.mark.parametrize(
    "unit", [">", "*", "-", "—", "\t", ":", "A", "a ", "    a\n", "> \n", "said:\n\n", "From A:\n"]
)
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    assert voices(unit * (100_000 // len(unit))) == ()


@given(st.lists(st.sampled_from(["Ada Orm said:", "From Lund:", SPEECH, ARTICLE, "***", f"> {SPEECH}", "“A", "”"])))
def test_voices_lie_in_the_text_in_order_and_apart(blocks: list[str]) -> None:
    text = "\n\n".join(blocks)
    found = voices(text, furniture=furniture(text))
    for one in found:
        assert one.source
        assert text[one.span.start : one.span.end].strip() == text[one.span.start : one.span.end] != ""
    for before, after in pairwise(found):
        assert before.span.end <= after.span.start
