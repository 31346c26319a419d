"""What of a text is furniture, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.furniture import GOLD, Labelled, judge, read
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


def test_a_menu_is_furniture_from_its_first_known_label_to_its_last() -> None:
    menu = "Home\nNews\nThe Valley\nSport\nSign in"
    assert marked(f"{menu}\nMill burns for three days\nIt burned.") == menu.split("\n")


@pytest.mark.parametrize("lines", ["Barley\nLeeks\nSalt\nButter", "Brenna 3\nCalder 2\nSkerry 0", "Business\nSport"])
def test_short_lines_that_are_no_labels_are_text(lines: str) -> None:
    assert marked(f"The list:\n{lines}\nIt is short.") == []


def test_a_title_between_a_menu_and_a_share_bar_is_text() -> None:
    assert marked("Log in\nMill burns for days\nShare\nPrint\nSave\nIt burned.") == [
        "Log in",
        "Share",
        "Print",
        "Save",
    ]


def test_a_box_of_headlines_ends_where_a_sentence_begins() -> None:
    box = ["Most read", "Who owns the weir?", "The goat that voted twice", "Nine mills to see by rail"]
    assert marked("\n".join(["It burned.", *box, "The inquiry begins on Monday."])) == box


def test_the_heading_below_a_box_of_headlines_is_text() -> None:
    lines = ["You may also like", "Who owns the weir in the valley?", "The goat that voted twice", "What it costs"]
    assert marked("\n\n".join([*lines, "It costs 31 crowns."])) == lines[:3]


def test_a_box_ends_where_the_gap_grows() -> None:
    assert marked("Topics\nMills\nFire\n\nThe inquiry\n\nIt begins.") == ["Topics", "Mills", "Fire"]


def test_a_heading_that_only_looks_like_a_box_is_text() -> None:
    assert marked("Latest\nThe inquiry has begun. It will be long.\nTopics\nThe judge named three.") == []


def test_contents_are_furniture_and_the_headings_that_they_name_are_text() -> None:
    text = "On this page\nCutting\nGluing\n\nCutting\nCut the patch.\nGluing\nGlue the patch."
    assert marked(text) == ["On this page", "Cutting", "Gluing"]
    assert furniture(text)[1].start < text.index("\n\n")


def test_a_cookie_banner_is_furniture_with_all_its_sentences_and_buttons() -> None:
    banner = [
        "We use cookies to improve your visit and to analyse our traffic.",
        "You can change your mind at any time in our settings.",
        "Accept all",
        "Reject all",
    ]
    assert marked("\n".join([*banner, "", "The bakery gave away cookies for a year.", "They were free."])) == banner


@pytest.mark.parametrize(
    "line",
    [
        "If you value our reporting, please consider a contribution, however small.",
        "You have 2 free articles left this month.",
        "Already a subscriber? Log in",
        "To read the full story, start your free trial today.",
        "This article is for subscribers only.",
        "You are receiving this email because you signed up at millpost.example.",
        "By signing up you agree to our terms.",
        "We may earn a commission if you buy through links on our site.",
        "Got a story for us? Email newsdesk@millpost.example",
        "Reach her at 555-0142 or orm@millpost.example.",
        "Comments are closed.",
        "Your email address will not be published.",
        "(Reporting by Ada Orm; Editing by Bo Dell)",
        "Filed under: mills, fires",
        "#mill #fire",
        "Powered by Quillpress",
        "The weir in May. (Ada Orm/Mill Post)",
        "This page was last edited on 4 May 2024.",
        "The views expressed in this article are those of the author.",
    ],
)
def test_what_a_publisher_tells_its_readers_is_furniture(line: str) -> None:
    assert marked(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Support us or lose us, the mayor told the crowd.",
        "Subscribe to the theory that rain falls and the rest follows, badly.",
        "Please be patient.",
        "Follow the river north.",
        "You will be sent a letter, and then another.",
        "You can sign up for an account with your card number.",
        "Call the water board at 555-0100 before noon.",
        "Our newsletter survey of 1998 had found fewer eels.",
        "Can you send us the article before Friday? We will print it.",
        "This article describes the movement of 41 eels.",
        "“You could smell our cookies from the station,” a foreman said.",
        "Correction: an earlier report gave the sum as 4 million. It is 4.4 million. We regret the error.",
        "Q: Can I refuse?",
        "Share between four bowls.",
    ],
)
def test_a_sentence_that_speaks_of_readers_mail_or_money_is_text(line: str) -> None:
    assert marked(line) == []


def test_a_note_on_the_author_is_told_by_the_name_in_the_byline() -> None:
    body = "\n\n".join(["Mill burns", "By Ada Orm", "It burned.", "Bo Dell is a miller. He ran.", "Rain came."])
    note = "Ada Orm teaches hydrology at Brenna."
    assert marked(f"{body}\n\n{note}") == [note]


def test_a_life_that_begins_with_its_subjects_name_is_text() -> None:
    assert marked("Ada Orm\n\nAda Orm was born in Brenna in 1931.\n\nShe taught.") == []


def test_a_reply_chain_runs_to_the_end() -> None:
    chain = ["-----Original Message-----", "From: Bo Dell", "Subject: weir", "Is it mended?", "Bo"]
    assert marked("\n".join(["It is mended.", *chain])) == chain


def test_the_head_of_a_copied_message_begins_a_chain() -> None:
    chain = ["From: Bo Dell", "Sent: Monday", "To: Ada Orm", "Subject: weir", "Is it mended?"]
    assert marked("\n".join(["It is mended.", *chain])) == chain


def test_a_message_without_one_above_it_is_the_text() -> None:
    assert marked("Message 4\nFrom: Bo Dell\nSent: Monday\nTo: Ada Orm\nSubject: weir\nIs it mended? Tell me.") == []


def test_an_answer_between_quoted_lines_is_text() -> None:
    quoted = ["On 3 May 2024 at 10:02, Bo Dell <bo@mill.example> wrote:", "> Is it mended?", "> Who pays?"]
    lines = ["Subject: Re: weir", *quoted[:2], "It is.", quoted[2], "You do."]
    assert marked("\n".join(lines)) == quoted


def test_an_attribution_may_be_broken_over_two_lines() -> None:
    quoted = ["On 3 May 2024 at 10:02, Bo Dell", "<bo@mill.example> wrote:", "> Is it mended?"]
    assert marked("\n".join(["Subject: Re: weir", "It is.", *quoted])) == quoted


def test_of_a_forwarded_message_only_the_head_is_furniture() -> None:
    head = ["---------- Forwarded message ---------", "From: Bo Dell", "Date: Monday", "Subject: weir"]
    assert marked("\n".join(["See below, it is about the weir.", *head, "It is mended."])) == head


def test_the_lines_under_a_signature_rule_are_furniture() -> None:
    assert marked("It is mended.\n--\nAda Orm\nWeir office") == ["--", "Ada Orm", "Weir office"]


@pytest.mark.parametrize(
    "text",
    [
        "# The weir\n\n> The sea is the hand.\n\nThat is how she put it.",
        "On Tuesday the minister wrote:\n\n> The weir will hold.\n\nIt did not.",
        "On 3 March at 10:15 the minister wrote:\n“The weir will hold.”\nIt did not.",
        "From: the ministry. To: the miller. That is all the envelope says.",
        "The weir held.\n--\nA year later it broke. Nobody was hurt.",
    ],
)
def test_a_quotation_in_an_article_is_no_reply_chain(text: str) -> None:
    assert not [line for line in marked(text) if any(map(str.isalpha, line))]


def test_an_article_that_shows_a_message_goes_on_after_it() -> None:
    message = "From: Bo Dell\nSent: Monday\nTo: Ada Orm\nSubject: weir"
    text = "The weir broke on Monday. " * 80 + f"\n{message}\nIt will hold.\nThe inquiry goes on."
    assert marked(text) == message.split("\n")


def test_unknown_lines_in_a_foot_are_furniture_and_a_last_sentence_is_text() -> None:
    foot = ["Share this article", "The Mill Post", "Privacy policy", "© Mill Post", "Subscribe"]
    assert marked("\n".join(["It burned.", *foot])) == foot
    assert marked("\n".join(["It burned.", *foot, "It burned again."])) != [*foot, "It burned again."]


@pytest.mark.parametrize("part", ["dev", "test"])
def test_furniture_is_found_and_sentences_are_kept(part: str) -> None:
    outcome = judge(labelled(part))
    assert outcome.precision >= 0.95, outcome.lost
    assert outcome.recall >= 0.95


@pytest.mark.parametrize("part", ["dev", "test"])
def test_the_labelled_set_has_documents_of_both_kinds_of_line(part: str) -> None:
    documents = labelled(part)
    marks = [{line.mark for line in document.lines} for document in documents]
    assert len({document.name for document in documents}) == len(documents) >= 24
    assert all("T" in of_one for of_one in marks)
    assert sum("F" in of_one for of_one in marks) >= 24


def test_a_labelled_line_stands_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "web.txt").write_text("=== mill\nT It burned.\n\nF Share\n", encoding="utf-8")
    (document,) = read(tmp_path)
    assert (document.name, document.text) == ("mill", "It burned.\n\nShare\n\n")
    assert [document.text[line.span.start : line.span.end] for line in document.lines] == ["It burned.", "Share"]
    assert document.lines[1].source == f"mill ({tmp_path.name}/web.txt:4)"


def test_a_line_without_a_mark_is_refused(tmp_path: Path) -> None:
    (tmp_path / "web.txt").write_text("=== mill\nIt burned.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"web\.txt:2: 'It burned\.' has no mark"):
        read(tmp_path)


@pytest.mark.parametrize("text", ["[" * 500_000, "[](" * 200_000, "[a](" + "(x" * 200_000, "*" * 100_000 + "a"])
def test_text_made_to_be_slow_is_looked_through(text: str) -> None:
    assert furniture(text) in ((), (Span(0, len(text)),))


def labelled(part: str) -> list[Labelled]:
    return read(GOLD / part)
