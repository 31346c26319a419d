"""What the window renders, without a browser and without gradio."""

from __future__ import annotations

import asyncio
import html
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import ui
from corpus.document import Header, Passage, Span
from corpus.errors import BadInput
from rag import rendering
from rag.answer import Answer, Citation, Sentence, Status, Turn
from rag.keeping.report import Failure, Report
from vectorstore.base import Hit

ROOT = Path(ui.__file__).parent

HOSTILE = (
    "![x](http://evil.example/a.png) <img src=x onerror=alert(1)> [a](javascript:alert(1)) "
    "$\\href{javascript:alert(1)}{x}$ `code` # heading <https://evil.example> ${alert(1)} {{value}} "
    "\"><script>alert(1)</script> '><svg onload=alert(1)> </div></article> &lt;b&gt; [1]"
)
HEADER = Header("ferry.txt", "Ferry hits breakwater", "Courier", "Nora Quill", "2024-04-09")
TEXT = "The Heron struck the breakwater. 23 people were hurt. An inquiry opens."
PASSAGE = Passage(HEADER, 100, 100 + len(TEXT), TEXT)


def cited(quote: str, marker: int = 1, passage: Passage = PASSAGE) -> Citation:
    start = passage.start + passage.text.index(quote)
    return Citation(marker, passage, quote, start, start + len(quote), "verbatim")


def answer(text: str = "It struck. [1]", status: Status = "answered", *citations: Citation, **more: Any) -> Answer:
    return Answer("What struck?", text, status, "extractive", citations, (Hit(PASSAGE, 1.0),), **more)


class Seen(HTMLParser):
    """What a browser would make of some HTML: its tags, their attributes, its text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


OUR_TAGS = {"article", "button", "div", "h2", "h3", "header", "i", "li", "mark", "p", "span", "ul", "blockquote"}
OUR_ATTRIBUTES = {"class", "title", "type", "hidden", "tabindex"}


@pytest.mark.parametrize("status", ["answered", "abstained", "incomplete", "error"])
def test_hostile_text_stays_text_wherever_it_stands(status: Status) -> None:
    header = Header(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "2024-04-09")
    passage = Passage(header, 0, len(HOSTILE), HOSTILE)
    citation = Citation(1, passage, HOSTILE, 0, len(HOSTILE), "verbatim")
    shown = Answer(HOSTILE, HOSTILE, status, "x", (citation,), (Hit(passage, 1.0),), (HOSTILE,))
    for working in (False, True):
        seen = Seen(rendering.exchange(shown, 0, working=working))
        assert seen.tags <= OUR_TAGS
        assert {name for name in seen.attributes if not name.startswith(("data-", "aria-"))} <= OUR_ATTRIBUTES
        assert seen.text.count(HOSTILE) >= 3  # the question, the answer and the note


def test_hostile_names_stay_text_in_messages() -> None:
    seen = Seen(rendering.notice([rendering.outcome(HOSTILE, Report(failed=(Failure(HOSTILE, HOSTILE),)))]))
    assert seen.tags == {"p"}
    assert seen.text == f"{HOSTILE}: not added, it {HOSTILE}"


def test_controls_surrogates_and_overrides_are_replaced_and_nothing_else() -> None:
    assert rendering.escape("a\x00b\x1bc\ud800d\u202etxt.exe") == "a\ufffdb\ufffdc\ufffdd\ufffdtxt.exe"
    assert rendering.escape("שלום, naïve\n\t日本 👩‍👩‍👧") == "שלום, naïve\n\t日本 👩‍👩‍👧"


def test_a_marker_with_a_citation_is_a_chip_that_names_its_source() -> None:
    assert rendering.answer_text(
        answer("It struck. [1]", "answered", cited("The Heron struck the breakwater.")), 3
    ) == (
        'It struck. <button type="button" class="cd-chip" data-turn="3" data-marker="1" '
        'title="Courier · 9 April 2024 · Ferry hits breakwater" '
        'aria-label="Source 1: Courier · 9 April 2024 · Ferry hits breakwater"><i>[</i>1<i>]</i></button>'
    )


def test_a_marker_without_a_citation_is_plain_text() -> None:
    text = "So [2], [01], [１] and [1999]."
    assert rendering.answer_text(answer(text, "answered", cited("The Heron")), 0) == text


def test_what_an_abstention_quotes_is_shown_as_no_answer() -> None:
    shown = rendering.exchange(answer("No; the nearest is: … [1]", "abstained", cited("23 people were hurt.")), 0)
    assert "cd-chip" in shown
    assert "<h2>Nearest passages (not an answer)</h2>" in shown
    assert "<mark>23 people were hurt.</mark>" in shown


def test_every_status_differs_in_word_and_class() -> None:
    shown = [
        rendering.exchange(answer(status=status), 0) for status in ("answered", "abstained", "incomplete", "error")
    ]
    badges = [re.search(r'class="cd-badge">([^<]+)', each) for each in shown]
    classes = [re.search(r"cd-exchange cd-(\w+)", each) for each in shown]
    assert [badge and badge[1] for badge in badges] == [
        "From the archive",
        "Not in this archive",
        "Incomplete",
        "No answer",
    ]
    assert len({match and match[1] for match in classes}) == 4


def test_a_model_that_failed_leaves_the_built_in_answer_with_its_chips_and_says_so() -> None:
    given = answer(
        "It struck. [1]", "error", cited("The Heron"), notes=("The model is gone; this is the built-in answer.",)
    )
    shown = rendering.exchange(given, 0)
    assert '<p class="cd-badge">Built-in answer</p>' in shown
    assert "cd-chip" in shown
    assert "<li>The model is gone; this is the built-in answer.</li>" in shown


def test_a_sentence_that_was_not_verified_is_flagged_in_words_with_the_reason() -> None:
    text = "It struck. [1] 40 people were <b>hurt</b>. [1]"
    sentences = (
        Sentence(0, 14, (1,), "verified", 0.9),
        Sentence(15, len(text), (1,), "unverified", 0.5, ("40 is not in [1]",)),
    )
    given = answer(text, "answered", cited("23 people were hurt."), sentences=sentences)
    shown = Seen(rendering.exchange(given, 0))
    assert "From the archive · 1 of 2 sentences not verified" in shown.text
    assert "hurt</b>. [1] not verified: 40 is not in [1]" in shown.text
    assert "b" not in shown.tags
    assert rendering.answer_text(given, 0).startswith("It struck. <button")


def test_who_is_waited_for_is_said() -> None:
    waiting = answer("", "incomplete")
    assert "Searching…" in rendering.exchange(waiting, 0, working=True)
    assert "Waiting for llama…" in rendering.exchange(replace(waiting, composer="llm llama"), 0, working=True)


def test_an_abstention_shows_the_nearest_passages_as_no_answer() -> None:
    shown = Seen(rendering.sources(answer("Nothing.", "abstained")))
    assert shown.text.startswith("Nearest passages (not an answer)")
    assert TEXT in shown.text


@pytest.mark.parametrize("status", ["answered", "incomplete", "error"])
def test_passages_that_nothing_cites_are_called_so(status: Status) -> None:
    assert Seen(rendering.sources(answer("Yes.", status))).text.startswith("Passages found (none is cited)")


def test_an_answer_on_its_way_says_so_and_shows_no_passages_yet() -> None:
    shown = rendering.exchange(answer("", "incomplete"), 0, working=True)
    assert 'aria-busy="true"' in shown
    assert "Searching…" in shown
    assert TEXT not in shown


def test_notes_are_lines_of_their_own() -> None:
    assert '<ul class="cd-notes"><li>“Tuesday” is 9 April.</li><li>b</li></ul>' in rendering.exchange(
        answer(notes=("“Tuesday” is 9 April.", "b")), 0
    )


def test_the_cited_sentence_is_marked_at_its_offsets() -> None:
    assert rendering.marked(PASSAGE, [cited("23 people were hurt.")]) == (
        "The Heron struck the breakwater. <mark>23 people were hurt.</mark> An inquiry opens."
    )


def test_marks_keep_their_places_when_the_text_needs_escaping() -> None:
    passage = Passage(HEADER, 7, 7 + len("a < b & c. Then d."), "a < b & c. Then d.")
    assert rendering.marked(passage, [cited("Then d.", passage=passage)]) == "a &lt; b &amp; c. <mark>Then d.</mark>"


def test_furniture_is_set_back_from_the_text() -> None:
    passage = Passage(Header("a.txt"), 10, 31, "One. <Share> Two. End", furniture=(Span(15, 22),))
    assert rendering.marked(passage, []) == 'One. <span class="cd-furniture">&lt;Share&gt;</span> Two. End'
    cited = Citation(1, passage, "Two.", 23, 27, "verbatim")
    assert rendering.marked(passage, [cited]) == (
        'One. <span class="cd-furniture">&lt;Share&gt;</span> <mark>Two.</mark> End'
    )


def test_overlapping_citations_mark_every_character_once() -> None:
    both = [cited("The Heron struck the breakwater. 23 people"), cited("23 people were hurt.")]
    shown = rendering.marked(PASSAGE, both)
    assert shown == (
        "<mark>The Heron struck the breakwater. 23 people</mark><mark> were hurt.</mark> An inquiry opens."
    )
    assert html.unescape(re.sub("<[^>]+>", "", shown)) == TEXT


def test_a_quote_that_is_not_in_the_passage_is_shown_beside_it_and_never_marked_elsewhere() -> None:
    wrong = Citation(1, PASSAGE, "Nobody said this.", 100, 117, "unverified")
    assert rendering.marked(PASSAGE, [wrong]) == f"{TEXT}<blockquote>Nobody said this.</blockquote>"
    before = Citation(1, PASSAGE, "opens.", 94, 100, "unverified")  # a negative offset must not count from the end
    assert "<mark>" not in rendering.marked(PASSAGE, [before])


def test_a_card_carries_the_number_of_its_marker_and_all_of_its_sentences() -> None:
    shown = rendering.sources(
        answer(
            "x [1] y [2]",
            "answered",
            cited("An inquiry opens.", 2),
            cited("The Heron struck the breakwater."),
            cited("23 people were hurt."),
        )
    )
    assert re.findall(r'data-card="([^"]*)"', shown) == ["1", "2"]
    assert shown.count("<mark>") == 3
    assert Seen(shown).text.count(TEXT) == 2  # once for each card, not for each citation


def test_an_unverified_citation_says_so() -> None:
    citation = Citation(1, PASSAGE, "The Heron", 100, 109, "unverified")
    assert "not verified" in rendering.sources(answer("x [1]", "answered", citation))
    assert "not verified" not in rendering.sources(answer("x [1]", "answered", cited("The Heron")))


def test_what_is_unknown_of_a_document_is_left_out() -> None:
    assert rendering.origin(HEADER) == "Courier · 9 April 2024 · Nora Quill"
    assert rendering.origin(Header("a.txt", published="2022-01")) == "January 2022"
    assert rendering.origin(Header("a.txt"), title=True) == "a.txt"


@pytest.mark.parametrize(
    ("held", "line"),
    [
        ((16, "2024-01-16", "2024-05-14"), "16 documents, 16 January 2024 – 14 May 2024"),
        ((1, "2024-01-16", "2024-01-16"), "1 document, 16 January 2024"),
        ((12_000, "1988", "2022-01"), "12,000 documents, 1988 – January 2022"),
        ((2, None, None), "2 documents"),
        ((0, None, None), "The archive is empty"),
    ],
)
def test_the_header_line_says_what_the_archive_holds(held: tuple[int, str | None, str | None], line: str) -> None:
    assert rendering.coverage(*held) == line


def test_starting_questions_come_from_titles_spread_over_time() -> None:
    headers = [Header(f"{n}", f"Title {n}", published=f"2024-01-{n:02}") for n in range(1, 13)]
    headers += [Header("none"), Header("long", "x" * 200), Header("twin", "Title 1", published="2024-02-01")]
    questions = ui.starting_questions(headers)
    assert [re.findall(r"“(.+)”", question) for question in questions] == [
        ["Title 1"],
        ["Title 4"],
        ["Title 7"],
        ["Title 10"],
    ]
    assert ui.starting_questions([]) == []
    assert len(ui.starting_questions(headers[:2])) == 2


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (Report(added=("a.txt",)), ("good", "a.txt: added")),
        (Report(updated=("a.txt",)), ("good", "a.txt: updated")),
        (Report(added=("a.zip#1", "a.zip#2")), ("good", "a.txt: 2 added")),
        (
            Report(added=("a.txt#1",), failed=(Failure("a.txt#2", "holds no text"),)),
            ("bad", "a.txt: 1 added, 1 not, among them #2 holds no text"),
        ),
        (Report(unchanged=("a.txt",)), ("plain", "a.txt: already there")),
        (
            Report(duplicates=("a.txt",), notes=("a.txt: the same as b.txt",)),
            ("plain", "a.txt: already there (the same as b.txt)"),
        ),
        (Report(failed=(Failure("/x/a.txt", "holds no text"),)), ("bad", "a.txt: not added, it holds no text")),
    ],
)
def test_an_upload_is_answered_in_words(report: Report, line: tuple[str, str]) -> None:
    assert rendering.outcome("a.txt", report) == line


def test_the_history_holds_the_last_turns_and_no_errors() -> None:
    answers = [answer(f"{n}", "error" if n == 24 else "answered") for n in range(25)]
    turns = ui.history(answers)
    assert len(turns) == ui.HISTORY_TURNS
    assert turns[-1] == Turn("What struck?", "23")


def test_answers_are_paced_and_the_last_one_always_comes() -> None:
    times = iter([0.0, 0.0, 0.0, 0.01, 0.06, 0.06, 0.07])
    answers = [answer(text) for text in ("a", "b", "c", "d")]
    # a at 0 s; b at 10 ms is too soon; c at 60 ms; d at 70 ms is too soon, but the last
    assert [each.text for each in ui.paced(answers, clock=lambda: next(times))] == ["a", "c", "d"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
def test_only_this_machine_is_served(host: str) -> None:
    with pytest.raises(BadInput, match="this machine only"):
        ui.serve(None, host=host)  # type: ignore[arg-type]


def test_importing_the_window_imports_no_gradio() -> None:
    code = "import sys, ui; sys.exit(any(name.split('.')[0] == 'gradio' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def guarded(kind: str = "http", **headers: str) -> list[dict[str, Any]]:
    """What the guard sends for one request to an app that answers 200."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    sent: list[dict[str, Any]] = []
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(ui.Guard(app)({"type": kind, "headers": raw}, None, send))
    return sent


def test_the_guard_lets_our_own_page_in_and_sends_the_policy() -> None:
    (message,) = guarded(host="127.0.0.1:7860", origin="http://127.0.0.1:7860")
    assert message["status"] == 200
    policy = dict(message["headers"])[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "http" not in policy  # no other host is named
    assert guarded(host="localhost:7860")[0]["status"] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:7860"},
        {"host": "127.0.0.1.evil.example"},
        {},
        {"host": "127.0.0.1:7860", "origin": "http://evil.example"},
        {"host": "127.0.0.1:7860", "origin": "null"},
        {"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:8000"},
    ],
)
def test_the_guard_refuses_other_pages(headers: dict[str, str]) -> None:
    assert guarded(**headers)[0]["status"] == 403
    assert guarded("websocket", **headers)[0]["type"] == "websocket.close"


THEMES = re.findall(r"^(?::root|\.dark) \{(.*?)^\}", (ROOT / "ui.css").read_text("utf-8"), re.DOTALL | re.MULTILINE)
PAIRS = [
    (ink, ground)
    for ground in ("page", "surface")
    for ink in ("text", "muted", "accent", "good", "abstained", "incomplete", "error")
] + [("text", "mark"), ("text", "accent-soft"), ("accent", "accent-soft"), ("on-accent", "accent")]


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_ink_can_be_read_on_its_ground(theme: str, ink: str, ground: str) -> None:
    colours = dict(re.findall(r"--cd-([\w-]+): (#\w{6});", theme))
    lighter, darker = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2.2, level AA


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_style_and_script_name_no_other_host() -> None:
    for name in ("ui.css", "ui.js", "ui.py"):
        source = (ROOT / name).read_text("utf-8")
        assert not re.findall(r"https?://(?!\{host\}|www\.w3\.org/2000/svg)[\w.]+|@import|url\(", source), name


def test_the_script_never_makes_html() -> None:
    script = (ROOT / "ui.js").read_text("utf-8")
    assert not re.findall(r"innerHTML\s*=[^=]|outerHTML|insertAdjacentHTML|document\.write|eval\(|</script", script)
