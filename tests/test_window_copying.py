"""Answers as text to paste elsewhere."""

from __future__ import annotations

import re

from corpus.document import Header, Page, Passage, Span
from rag.answer import Answer, Citation
from rag.window.copying import FORMS, copied, markdown, plain, references

HEADER = Header("ferry.pdf", "Ferry hits breakwater", "Courier", "Nora Quill", "2024-04-09")
TEXT = "The Heron struck. 23 people\nwere hurt."


def citation(marker: int, quote: str, header: Header = HEADER) -> Citation:
    passage = Passage(header, 0, len(TEXT), TEXT, pages=(Page(3, Span(0, len(TEXT))),))
    start = TEXT.index(quote)
    return Citation(marker, passage, quote, start, start + len(quote), "verbatim")


ANSWER = Answer(
    "How many?",
    "According to Courier: “23 people were hurt.” [2] “The Heron struck.” [1]",
    "answered",
    "extractive",
    (citation(2, "23 people\nwere hurt."), citation(1, "The Heron struck.")),
)


def test_plain_text_has_question_answer_and_numbered_sources() -> None:
    assert plain(ANSWER) == (
        "How many?\n\n"
        "According to Courier: “23 people were hurt.” [2] “The Heron struck.” [1]\n\n"
        "Sources\n"
        "[1] Nora Quill, “Ferry hits breakwater”, Courier, 9 April 2024, p. 3: “The Heron struck.”\n"
        "[2] Nora Quill, “Ferry hits breakwater”, Courier, 9 April 2024, p. 3: “23 people were hurt.”"
    )


def test_markdown_takes_nothing_for_markdown_that_is_not_ours() -> None:
    given = Answer(
        "Why *so*?\n# x",
        "“1. **Edric**, see [a](http://x)” [1] <b>",
        "answered",
        "x",
        (citation(1, "The Heron struck."),),
    )
    shown = markdown(given)
    assert shown.startswith("### Why \\*so\\*? \\# x\n\n")
    assert "“1. \\*\\*Edric\\*\\*, see \\[a](http://x)” [1] \\<b\\>" in shown
    assert "**Sources**\n\n- \\[1\\] Nora Quill, “Ferry hits breakwater”, Courier" in shown


def test_a_reference_stands_once_for_each_document_with_what_is_known_of_it() -> None:
    assert references(ANSWER) == (
        "@article{source1,\n"
        "  title = {Ferry hits breakwater},\n"
        "  author = {Nora Quill},\n"
        "  journal = {Courier},\n"
        "  year = {2024},\n"
        "  month = {04},\n"
        "  day = {09},\n"
        "  pages = {3},\n"
        "  note = {“The Heron struck.”},\n"
        "}"
    )


def test_what_is_unknown_is_left_out_and_what_tex_would_read_is_escaped() -> None:
    header = Header("50%_of {all} & more~^.txt", published="2024")
    shown = references(Answer("q", "x [1]", "answered", "x", (citation(1, "The Heron struck.", header),)))
    assert r"title = {50\%\_of \{all\} \& more\textasciitilde{}\textasciicircum{}.txt}" in shown
    assert "author" not in shown
    assert "month" not in shown
    assert shown.count("{") == shown.count("}")


def test_an_answer_without_sources_is_its_words_alone() -> None:
    bare = Answer("q", "Nothing.", "abstained", "x")
    assert plain(bare) == "q\n\nNothing."
    assert references(bare) == ""


def test_every_form_can_be_had_and_holds_no_line_break_inside_of_a_quotation() -> None:
    for form in FORMS:
        assert not re.search(r"“[^”]*\n[^”]*”", copied(ANSWER, form))
