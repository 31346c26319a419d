"""What of a text is furniture, and what only looks like it."""

from __future__ import annotations

from time import perf_counter

import pytest

from corpus.boilerplate import furniture
from corpus.document import Span


def marked(text: str) -> list[str]:
    return [text[span.start : span.end] for span in furniture(text)]


@pytest.mark.parametrize(
    "line",
    [
        "Share | Print | Save",
        "Share this article",
        "Share on Facebook",
        "Tweet",
        "5 min read",
        "12-minute read",
        "A",
        "* * *",
        "31",
        "Advertisement",
        "Sponsored by Lund & Sons",
        "Comments (4)",
        "View all 31 comments",
        "Add new comment",
        "Leave a reply",
    ],
)
def test_labels_are_furniture(line: str) -> None:
    assert marked(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Support the Mill Post - no owner, no advertising!",
        "Support the work of the Mill Post as we go on counting votes.",
        "Support our reporting",
        "Please support us.",
        "Donate 5 crowns and we will post you a calendar.",
        "Subscribe to our newsletter for flood warnings.",
        "Sign up for the valley letter",
        "Sign up: the valley letter. No spam.",
        "Follow us on Mastodon",
        "Follow Ada Orm on X",
        "Get the day’s news in your inbox",
        "Download the app",
        "Join the conversation",
        "Click here for the tables",
    ],
)
def test_an_invitation_to_the_reader_is_furniture(line: str) -> None:
    assert marked(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Related: Who owns the weir?",
        "Related articles",
        "Read more about the weir",
        "Read next: Minister says no to the weir",
        "Watch the full interview below.",
        "[Home](https://millpost.example/) | [Votes](https://millpost.example/votes)",
        "**More from the Mill Post:** [Who owns the weir?](https://millpost.example/weir_(2024)/)",
        "![The weir in May](weir.png)",
    ],
)
def test_a_pointer_to_another_text_is_furniture(line: str) -> None:
    assert marked(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Photo: A. Orm",
        "Image credit: Valley Museum",
        "Image: The weir in May. Photo by Mill Post staff.",
        "The weir in May. Photograph by Ada Orm",
        "Ada Orm/Getty Images",
        "The weir in May, via Wikimedia Commons",
        "© 2024 Mill Post. All rights reserved.",
        "Copyright (c) 2024 Mill Post",
        "This post first appeared on the Valley Review",
        "Originally published in the Valley Review.",
        "By the valley archive under CC BY-SA 4.0",
        "This work is licensed under a Creative Commons Attribution 4.0 licence.",
        "Our comment rules: argue with the piece and not with its author. What is rude goes; who is rude goes too. "
        "Questions to the editor.",
        "You are free to republish our articles, in print or on a screen, as long as you credit the Mill Post, link "
        "back to the page they came from and change nothing but the spelling. The pictures are not ours to give away.",
    ],
)
def test_a_credit_a_licence_and_comment_rules_are_furniture(line: str) -> None:
    assert marked(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Support for the plan fell to 31 percent.",
        "Support for the plan falls",
        "Support for our schools is falling.",
        "Share prices fell.",
        "Share of the vote: 31 percent",
        "Printers on strike won a rise.",
        "Print sales fell by a tenth.",
        "Follow-up talks begin on Monday.",
        "Follow the river and you come to the mill.",
        "Related charges were dropped.",
        "Email traffic stopped at noon.",
        "Comment was not to be had from the ministry.",
        "Advertisement spending rose.",
        "Sponsored by the guild, the race drew 300 boats.",
        "Click beetles came back.",
        "Join the queue and you will hear the same complaint.",
        "Get the boats in, the harbour master told the crews.",
        "Share our bread, the sign said.",
        "See the full moon.",
        "“Please support us,” he said.",
    ],
)
def test_a_statement_that_begins_like_an_invitation_is_text(line: str) -> None:
    assert marked(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "A photo by Mr. Dell won the prize.",
        "Image problems cost her the vote.",
        "Getty Images sued the firm.",
        "The novel was first published in 1931.",
        "First published in Rome in 1931, the novel sold 300 copies.",
        "The story first appeared in the Valley Review on Monday.",
        "The museum put its maps under a Creative Commons licence.",
        "The licence lets you republish any map as long as credit is given, the museum said.",
        "Section (c) 2024 applies.",
        "All rights reserved to the crown were sold.",
        "[The inquiry](https://millpost.example/inquiry) blamed the motor.",
        "# [Mill burns for three days](https://millpost.example/mill)",
    ],
)
def test_news_about_pictures_rights_and_links_is_text(line: str) -> None:
    assert marked(line) == []


@pytest.mark.parametrize("line", ["The vote", "What it costs", "Yes.", "Why?", "He left.", "Chapter 1", "Der Müller"])
def test_headings_and_short_sentences_are_text(line: str) -> None:
    assert marked(line) == []


def test_a_long_paragraph_is_text_whatever_sign_it_holds() -> None:
    assert marked("The mill burned for three days, and © stood on the wall " * 50) == []


def test_a_line_that_returns_is_furniture() -> None:
    lines = ["The Mill Post", "It burned.", "The Mill Post", "It rained.", "The Mill Post"]
    assert marked("\n\n".join(lines)) == ["The Mill Post"] * 3


def test_a_headline_that_stands_twice_is_lost_the_second_time_only() -> None:
    text = "Mill burns\n\nBy Ada Orm\n\nMill burns\n\nIt burned."
    assert furniture(text) == (Span(24, 34),)


@pytest.mark.parametrize("line", ["Yes.", "We will not go.", "Ms. Orm:"])
def test_an_answer_a_refrain_and_a_speaker_may_return(line: str) -> None:
    assert marked("\n\n".join([line, "Did you see it?", line, "Did you stop?", line])) == []


def test_furniture_is_whole_paragraphs_in_order() -> None:
    text = "Share this\n\nThe mill burned. Share prices fell.\n\n  Related: The weir  \nA\nA\n"
    assert furniture(text) == (Span(0, 10), Span(51, 68), Span(71, 72), Span(73, 74))


@pytest.mark.parametrize("text", ["[" * 500_000, "[](" * 200_000, "[a](" + "(x" * 200_000, "republish " * 50_000])
def test_text_made_to_be_slow_is_looked_through_in_a_moment(text: str) -> None:
    began = perf_counter()
    furniture(text)
    assert perf_counter() - began < 5
