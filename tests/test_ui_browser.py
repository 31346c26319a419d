"""The conversation in a real browser, over the sample archive; nothing but this machine can be reached from it."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import ui
from corpus.errors import INTERNAL_ERROR
from rag import Assistant
from tests.fault_server import FAULTS, serving
from tests.staged import HOSTILE, Staged

SAMPLE = Path(__file__).parents[1] / "corpus" / "sample"
QUESTION = "When did the harbour pilots stop work?"
UNANSWERABLE = "What is the capital of France?"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with Assistant.open(tmp_path_factory.mktemp("home")) as desk, desk.owning("shows the chat window"):
        desk.ingest(SAMPLE)
        yield desk


@pytest.fixture(scope="module")
def staged(desk: Assistant) -> Staged:
    return Staged(desk)


@pytest.fixture(scope="module")
def address(staged: Staged) -> Iterator[str]:
    yield ui.serve(cast(Assistant, staged), port=7870, block=False)
    import gradio

    gradio.close_all(verbose=False)


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A visitor; whatever was asked of another host, and whatever broke in the page, fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    context.on("request", lambda request: wrong.append(request.url) if not _is_local(request.url, address) else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("dialog", lambda dialog: wrong.append(dialog.message))
    context.on("console", lambda entry: wrong.append(entry.text) if entry.type == "error" else None)
    yield context
    context.close()
    assert wrong == []


def _is_local(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:"))


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    return visit(context, address)


def visit(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#cd-title p")).to_contain_text("documents", timeout=20_000)
    return page


def ask(page: Page, question: str, turn: int = 0) -> Locator:
    """The finished exchange."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    return finished(page, turn)


def finished(page: Page, turn: int) -> Locator:
    done = page.locator(f'.cd-exchange[data-turn="{turn}"][aria-busy="false"]')
    expect(done).to_be_visible(timeout=20_000)
    return done


def words(text: str) -> str:
    return " ".join(text.split())


# ---- before the first question


def test_an_empty_window_says_what_to_do_and_offers_questions_that_this_archive_answers(page: Page) -> None:
    expect(page.locator("#cd-title p")).to_have_text(re.compile(r"1\d documents, 16 January 2024 – 14 May 2024"))
    expect(page.locator("#cd-greeting")).to_contain_text("Ask a question")
    starters = page.locator("#cd-starters .cd-ask")
    expect(starters.nth(2)).to_be_visible(timeout=20_000)
    assert starters.count() in (3, 4)
    question = starters.first.inner_text()
    starters.first.click()
    answered = finished(page, 0)
    expect(answered.locator(".cd-question")).to_contain_text(question)
    expect(answered.locator(".cd-badge")).to_have_text("From the archive")
    expect(page.locator("#cd-start")).to_be_hidden()


def test_an_empty_or_endless_question_gets_a_gentle_word(page: Page) -> None:
    box = page.get_by_label("Your question")
    expect(box).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#cd-notice")).to_have_text("Type a question first.")
    box.fill("why " * 5000)
    page.get_by_role("button", name="Ask", exact=True).last.click()
    expect(page.locator("#cd-notice .cd-bad")).to_be_visible()
    expect(box).to_have_value(re.compile("^why why"))
    expect(page.locator(".cd-exchange")).to_have_count(0)
    expect(page.locator("#cd-start")).to_be_visible()


# ---- answers and their numbers


def test_the_question_stands_there_before_the_server_has_said_anything(page: Page) -> None:
    page.route("**/gradio_api/queue/join**", lambda route: None)  # never goes through
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    waiting = page.locator('.cd-exchange[data-turn="0"][aria-busy="true"]')
    expect(waiting.locator(".cd-question")).to_contain_text(QUESTION)
    expect(waiting.locator(".cd-badge")).to_have_text("Searching…")


def test_a_number_opens_the_card_with_its_sentence_marked_and_in_sight(page: Page, desk: Assistant) -> None:
    answered = ask(page, QUESTION)
    chip = answered.locator(".cd-text .cd-chip").last
    marker = chip.get_attribute("data-marker")
    chip.click()
    card = page.locator("#cd-tab-sources .cd-card.cd-active")
    expect(card).to_have_count(1)
    mark = card.locator(f'mark[data-marker~="{marker}"]').first
    expect(mark).to_be_in_viewport()
    quote, name = str(mark.text_content()), str(card.get_attribute("data-document"))
    assert quote.removeprefix(str(marker)) in desk.document(name).text
    assert words(quote.removeprefix(str(marker))) in words(answered.locator(".cd-text").inner_text())


def test_a_pointer_or_the_focus_on_a_number_brings_up_who_says_it_when_and_the_sentence(page: Page) -> None:
    answered = ask(page, "differing, how many?")
    card = page.locator("#cd-peek")
    expect(card).to_be_hidden()
    answered.locator(".cd-text .cd-chip").first.hover()
    expect(card).to_be_visible()
    expect(card.locator(".cd-origin")).to_have_text("Harbour Post · 5 March 2024 · Ada Penn")
    expect(card.locator(".cd-headline")).to_have_text("Harbour report 4")
    expect(card.locator("blockquote")).to_have_text("The strike left 14 vessels waiting outside the port.")
    expect(card.locator("strong")).to_have_text("14 vessels")
    page.locator("#cd-title").hover()
    expect(card).to_be_hidden()
    page.get_by_label("Your question").blur()
    page.keyboard.press("n")
    expect(card).to_be_visible()
    box = card.bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 1440


def test_what_was_asked_for_is_bold_in_the_answer_and_a_difference_is_a_table(page: Page) -> None:
    answered = ask(page, "differing, how many?")
    expect(answered.locator(".cd-text strong")).to_have_text(["14 vessels", "Sixteen ships"])
    table = answered.get_by_role("table", name="Sources differ")
    expect(table.locator("tbody tr")).to_have_text(
        [
            re.compile(r"14 vessels\s*Harbour Post\s*5 March 2024\s*\[1\]"),
            re.compile(r"Sixteen ships\s*Courier and Gazette of the Northern Ports\s*7 March 2024\s*\[2\]"),
        ]
    )
    table.locator(".cd-chip").last.click()
    expect(page.locator("#cd-tab-sources .cd-card.cd-active")).to_contain_text("Harbour report 6")


def test_a_number_of_an_older_answer_brings_its_sources_back(page: Page) -> None:
    older = ask(page, QUESTION).locator(".cd-text .cd-chip").first
    ask(page, UNANSWERABLE, 1)
    expect(page.locator("#cd-tab-sources .cd-for")).to_have_text(UNANSWERABLE)
    older.click()
    expect(page.locator("#cd-tab-sources .cd-for")).to_have_text(QUESTION)
    expect(page.locator("#cd-tab-sources .cd-active mark").first).to_be_in_viewport()
    ask(page, QUESTION, 2)
    expect(page.locator("#cd-tab-sources .cd-active")).to_have_count(0)  # the newest answer's, none opened yet


def test_every_outcome_differs_in_word_shape_and_colour(page: Page) -> None:
    stages = {
        QUESTION: "From the archive",
        "nearly": "Not in this archive: what is nearest",
        "nothing": "Not in this archive",
        "correcting": "Put otherwise than asked",
        "locked": "No answer",
    }
    seen = []
    for turn, (question, badge) in enumerate(stages.items()):
        shown = ask(page, question, turn)
        expect(shown.locator(".cd-badge")).to_have_text(badge)
        look = "each => { const s = getComputedStyle(each); return s.borderLeftColor + ' ' + s.borderLeftStyle }"
        seen.append((shown.locator(".cd-answer").evaluate(look), shown.locator(".cd-badge path").get_attribute("d")))
    assert len({look for look, _ in seen}) == len(stages)
    assert len({path for _, path in seen}) == len(stages)


def test_a_sentence_that_was_not_verified_says_so_beside_those_that_were(page: Page) -> None:
    shown = ask(page, "doubtful, when?")
    expect(shown.locator(".cd-doubt").first).to_have_text("1 of 2 sentences not verified")
    expect(shown.locator(".cd-flag")).to_have_text("not verified: 40 million is not in [1]")
    expect(shown.locator(".cd-unverified")).to_contain_text("It cost 40 million.")
    expect(shown.locator(".cd-verified")).to_have_count(1)


# ---- streaming, stopping, failing


def test_an_answer_grows_on_the_page_and_can_be_stopped(page: Page) -> None:
    page.get_by_label("Your question").fill("slowly, please")
    page.keyboard.press("Enter")
    text = page.locator(".cd-exchange .cd-text")
    expect(text).to_contain_text("word")
    early = len(text.inner_text())
    page.wait_for_function("early => document.querySelector('.cd-text').innerText.length > early", arg=early)
    page.get_by_role("button", name="Stop", exact=True).click()
    stopped = finished(page, 0)
    expect(stopped.locator(".cd-badge")).to_have_text("Incomplete")
    expect(stopped.locator(".cd-notes")).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    expect(ask(page, QUESTION, 1).locator(".cd-badge")).to_have_text("From the archive")


def test_what_is_selected_stays_selected_while_the_answer_grows(page: Page) -> None:
    page.get_by_label("Your question").fill("slowly, please")
    page.keyboard.press("Enter")
    expect(page.locator(".cd-exchange .cd-text")).to_contain_text("word word word")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.cd-question'))")
    early = len(page.locator(".cd-text").inner_text())
    page.wait_for_function("early => document.querySelector('.cd-text').innerText.length > early", arg=early)
    assert "slowly, please" in page.evaluate("getSelection().toString()")
    page.keyboard.press("Escape")
    finished(page, 0)


def test_a_second_question_waits_for_the_first(page: Page) -> None:
    box = page.get_by_label("Your question")
    box.fill("slowly, please")
    page.keyboard.press("Enter")
    box.fill("nothing")
    page.keyboard.press("Enter")
    expect(page.locator("#cd-notice")).to_contain_text("An answer is on its way")
    expect(box).to_have_value("nothing")
    expect(page.locator(".cd-exchange")).to_have_count(1)
    page.keyboard.press("Escape")
    finished(page, 0)


def test_errors_are_sentences_and_never_tracebacks(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    locked = ask(page, "locked")
    expect(locked.locator(".cd-badge")).to_have_text("No answer")
    expect(locked.locator(".cd-text")).to_have_text("The archive is in use by process 7; close it and ask again")
    with caplog.at_level(logging.CRITICAL, logger="rag.window.asking"):
        broken = ask(page, "broken", 1)
    expect(broken.locator(".cd-text")).to_have_text(INTERNAL_ERROR)
    expect(page.locator("body")).not_to_contain_text("secret internals")


def test_a_model_that_fails_in_the_middle_leaves_what_it_said_and_says_so(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(FAULTS["an error after some words"]) as served:
        monkeypatch.setenv("OPENAI_BASE_URL", served.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-window")
        page.evaluate("citedesk.settings = { llm: 'openai:m' }")
        shown = ask(page, QUESTION)
    expect(shown.locator(".cd-badge")).to_have_text("Incomplete")
    expect(shown.locator(".cd-text")).to_contain_text("The bridge")
    assert shown.locator(".cd-notes").inner_text()
    expect(page.locator("body")).not_to_contain_text("sk-canary-window")
    page.evaluate("citedesk.settings = {}")
    expect(ask(page, QUESTION, 1).locator(".cd-badge")).to_have_text("From the archive")


def test_hostile_text_is_shown_as_it_is_and_asks_nothing_of_anyone(page: Page) -> None:
    shown = ask(page, f"hostile {HOSTILE}")
    assert shown.locator(".cd-question").text_content() == f"You asked: hostile {HOSTILE}"
    assert shown.locator(".cd-text").text_content() == HOSTILE
    assert shown.locator(".cd-notes").text_content() == HOSTILE
    shown.locator(".cd-text .cd-chip").click()
    assert HOSTILE in str(page.locator("#cd-tab-sources .cd-active mark").text_content())
    for part in (".cd-exchange", "#cd-tab-sources", "#cd-peek", "#cd-history"):
        assert page.locator(f"{part} :is(img, script, a[href^='http'], iframe, code, h1, math, style)").count() == 0
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None


# ---- going back and asking otherwise


def test_a_part_of_how_a_question_was_understood_is_removed_and_put_back(page: Page, staged: Staged) -> None:
    shown = ask(page, "assuming, in March")
    chips = shown.locator(":scope > .cd-understood .cd-assumption")
    expect(chips).to_have_count(2)
    chips.first.click()
    again = finished(page, 0)
    expect(again.locator(":scope > .cd-understood .cd-off")).to_contain_text("When not assumed")
    expect(page.locator(".cd-exchange")).to_have_count(1)
    assert staged.asked[-1][1]["without"] == ("period",)
    again.locator(":scope > .cd-understood .cd-off").click()
    expect(finished(page, 0).locator(":scope > .cd-understood .cd-off")).to_have_count(0)
    assert staged.asked[-1][1]["without"] == ()


def test_limits_go_along_with_every_question_until_they_are_removed(page: Page, staged: Staged) -> None:
    page.evaluate("citedesk.limit({ since: '2024-03-01', outlet: 'Coastal Wire' })")
    expect(page.locator("#cd-limits li")).to_have_count(2)
    shown = ask(page, QUESTION)
    expect(shown.locator(".cd-notes")).to_contain_text("Only documents of Coastal Wire published from 2024-03-01")
    assert (staged.asked[-1][1]["since"], staged.asked[-1][1]["outlet"]) == ("2024-03-01", "Coastal Wire")
    page.get_by_role("button", name="Outlet Coastal Wire: remove").click()
    page.get_by_role("button", name="From 2024-03-01: remove").click()
    expect(page.locator("#cd-limits")).to_be_hidden()
    ask(page, QUESTION, 1)
    assert (staged.asked[-1][1]["since"], staged.asked[-1][1]["outlet"]) == (None, None)


def test_asking_again_takes_the_place_of_the_answer(page: Page, staged: Staged) -> None:
    ask(page, QUESTION)
    ask(page, "nothing", 1).get_by_role("button", name="Ask again").click()
    finished(page, 1)
    expect(page.locator(".cd-exchange")).to_have_count(2)
    question, options = staged.asked[-1]
    assert question == "nothing"
    assert [turn.question for turn in options["history"]] == [QUESTION]


def test_an_edited_question_replaces_its_turn_and_what_followed(page: Page, staged: Staged) -> None:
    ask(page, "nothing")
    ask(page, "nearly", 1)
    ask(page, QUESTION, 2)
    page.locator('.cd-exchange[data-turn="1"]').get_by_role("button", name="Edit question").click()
    box = page.get_by_label("Your question")
    expect(box).to_have_value("nearly")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")  # thinks better of it
    expect(box).to_have_value("")
    expect(page.locator(".cd-exchange")).to_have_count(3)
    page.locator('.cd-exchange[data-turn="1"]').get_by_role("button", name="Edit question").click()
    box.fill("correcting")
    page.keyboard.press("Enter")
    expect(finished(page, 1).locator(".cd-badge")).to_have_text("Put otherwise than asked")
    expect(page.locator(".cd-exchange")).to_have_count(2)
    assert [turn.question for turn in staged.asked[-1][1]["history"]] == ["nothing"]


def test_a_question_that_cannot_be_asked_leaves_what_it_was_to_replace(page: Page) -> None:
    ask(page, "nothing")
    page.get_by_role("button", name="Edit question").click()
    page.get_by_label("Your question").fill("why " * 5000)
    page.keyboard.press("Enter")
    expect(page.locator("#cd-notice .cd-bad")).to_be_visible()
    expect(page.locator(".cd-exchange:visible .cd-question")).to_contain_text(["nothing"])


def test_the_last_exchange_is_taken_back_here_and_in_what_is_kept(page: Page, staged: Staged) -> None:
    ask(page, "nothing")
    ask(page, "nearly", 1).get_by_role("button", name="Undo").click()
    expect(page.locator(".cd-exchange")).to_have_count(1)
    expect(page.locator("#cd-tab-sources .cd-for")).to_have_text("nothing")
    page.reload()
    expect(page.locator(".cd-exchange")).to_have_count(1)
    ask(page, QUESTION, 1)
    assert [turn.question for turn in staged.asked[-1][1]["history"]] == ["nothing"]


def test_a_link_brings_a_conversation_back_exactly_as_it_was(page: Page, context: BrowserContext) -> None:
    texts = []
    for turn, question in enumerate(("differing, how many?", "doubtful, when?")):
        texts.append(ask(page, question, turn).locator(".cd-answer").inner_html())
    expect(page).to_have_url(re.compile(r"[?&]c="))
    link = page.url
    other = context.new_page()
    other.goto(link)
    expect(other.locator(".cd-exchange")).to_have_count(2)
    assert [each.inner_html() for each in other.locator(".cd-exchange .cd-answer").all()] == texts
    other.locator(".cd-exchange .cd-text .cd-chip").first.click()
    expect(other.locator("#cd-tab-sources .cd-active mark").first).to_be_in_viewport()
    page.get_by_role("button", name="New conversation").click()
    expect(page).not_to_have_url(re.compile(r"[?&]c="))


def test_a_link_to_nothing_says_so_and_leaves_an_empty_window(browser: Browser, address: str) -> None:
    context = browser.new_context()  # the refusal is an error on its console
    page = context.new_page()
    page.goto(f"{address}?c=nobody-has-this")
    expect(page.locator("#cd-notice .cd-bad")).to_be_visible(timeout=20_000)
    expect(page.locator("#cd-start")).to_be_visible()
    context.close()


def test_a_new_conversation_starts_from_nothing(page: Page, staged: Staged) -> None:
    ask(page, QUESTION)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".cd-exchange")).to_have_count(0)
    expect(page.locator("#cd-tab-sources .cd-card")).to_have_count(0)
    expect(page.locator("#cd-start")).to_be_visible()
    ask(page, UNANSWERABLE)
    assert staged.asked[-1][1]["history"] == []


# ---- what can be done with an answer


def test_an_answer_is_copied_with_its_citations_in_three_forms(page: Page) -> None:
    shown, box = ask(page, "differing, how many?"), page.get_by_label("Your question")
    taken = {}
    for form in ("Markdown", "Plain text", "References"):
        shown.locator(".cd-copy summary").click()
        shown.locator(".cd-copy").get_by_role("button", name=form).click()
        expect(page.locator("#cd-notice")).to_contain_text("Copied")
        box.fill("")
        box.press("Control+V")
        taken[form] = box.input_value()
    assert taken["Markdown"].startswith("### differing, how many?")
    assert "[2] Ada Penn, “Harbour report 6”, Courier and Gazette" in taken["Plain text"]
    assert taken["References"].count("@article{") == 2
    assert "journal = {Harbour Post}" in taken["References"]


def test_a_bad_answer_gets_a_reason_and_both_are_kept(page: Page) -> None:
    shown = ask(page, "nothing")
    shown.get_by_role("button", name="A bad answer").click()
    shown.get_by_role("button", name="Something is missing").click()
    expect(page.locator("#cd-notice .cd-good")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="A bad answer")).to_have_attribute("aria-pressed", "true")


def test_what_was_found_and_not_cited_is_offered_as_the_next_question(page: Page) -> None:
    shown = ask(page, "How much will Selmark pay Orlund under the treaty?")
    offers = shown.locator(".cd-following .cd-ask")
    assert 1 <= offers.count() <= 3
    question = offers.first.inner_text()
    offers.first.click()
    expect(finished(page, 1).locator(".cd-question")).to_contain_text(question)
    expect(shown.locator(".cd-following")).to_be_hidden()  # of the newest only


# ---- by the keyboard alone


def test_a_conversation_by_the_keyboard_alone(page: Page) -> None:
    box = page.get_by_label("Your question")
    expect(box).to_be_focused()
    page.keyboard.type("differing,")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("how many?")
    page.keyboard.press("Enter")
    answered = finished(page, 0)
    expect(answered.locator(".cd-question")).to_contain_text("differing,\nhow many?", use_inner_text=True)
    page.keyboard.type("n")  # typed, and nothing else
    expect(box).to_have_value("n")
    page.keyboard.press("Backspace")
    box.blur()
    page.keyboard.press("n")
    expect(answered.locator(".cd-differing .cd-chip").first).to_be_focused()
    page.keyboard.press("n")
    page.keyboard.press("n")
    first = answered.locator(".cd-text .cd-chip").first
    expect(first).to_be_focused()
    page.keyboard.press("p")
    expect(answered.locator(".cd-differing .cd-chip").last).to_be_focused()
    expect(page.locator("#cd-tab-sources .cd-active")).to_contain_text("Harbour report 6")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("slowly")
    page.keyboard.press("Enter")
    expect(page.locator('.cd-exchange[data-turn="1"] .cd-text')).to_contain_text("word")
    page.keyboard.press("Escape")
    expect(finished(page, 1).locator(".cd-badge")).to_have_text("Incomplete")


def test_everything_to_press_has_a_name(page: Page) -> None:
    ask(page, "assuming, in March")
    nameless = """[...document.querySelectorAll('button, a, input, textarea, select, summary')].filter((each) =>
        each.offsetParent && !(each.getAttribute('aria-label') || each.textContent.trim() || each.title
        || each.labels?.length)).map((each) => each.outerHTML)"""
    assert page.evaluate(nameless) == []


def test_the_finished_answer_is_said_to_who_cannot_see_it(page: Page) -> None:
    ask(page, "nearly")
    expect(page.locator("#cd-spoken")).to_contain_text("Not in this archive: what is nearest. Nothing in 16 documents")


# ---- two visitors


def test_two_visitors_never_see_each_other(browser: Browser, context: BrowserContext, address: str) -> None:
    ours = visit(context, address)
    other = browser.new_context()
    theirs = visit(other, address)
    for page, question in ((ours, "slowly, ours"), (theirs, "slowly, theirs")):
        page.get_by_label("Your question").fill(question)
        page.keyboard.press("Enter")
    for page in (ours, theirs):
        expect(page.locator(".cd-exchange .cd-text")).to_contain_text("word")
    theirs.keyboard.press("Escape")
    expect(finished(theirs, 0).locator(".cd-badge")).to_have_text("Incomplete")
    expect(finished(ours, 0).locator(".cd-badge")).to_have_text("From the archive")
    for page, question in ((ours, "slowly, ours"), (theirs, "slowly, theirs")):
        expect(page.locator(".cd-exchange")).to_have_count(1)
        expect(page.locator(".cd-question")).to_contain_text(question)
    other.close()


# ---- sizes and colours


@pytest.mark.parametrize("width", [320, 390, 768, 801, 1024, 1440])
def test_no_width_scrolls_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    ask(page, "longest").locator(".cd-text .cd-chip").first.click()
    ask(page, "differing, how many?", 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sideways = (
        "[...document.querySelectorAll('#cd-side, #cd-thread, .cd-tab')].some((e) => e.scrollWidth > e.clientWidth)"
    )
    assert not page.evaluate(sideways)


def test_on_a_narrow_screen_the_sources_stand_below_and_the_card_leads_back(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    chip = ask(page, QUESTION).locator(".cd-text .cd-chip").first
    panel, thread = page.locator("#cd-side").bounding_box(), page.locator("#cd-thread").bounding_box()
    assert panel is not None
    assert thread is not None
    assert panel["y"] >= thread["y"] + thread["height"]
    chip.click()
    expect(page.locator("#cd-tab-sources .cd-active mark").first).to_be_in_viewport()
    page.locator("#cd-tab-sources .cd-active .cd-back").click()
    expect(chip).to_be_in_viewport()


def test_forty_citations_fit_and_each_has_its_card(page: Page) -> None:
    shown = ask(page, "many")
    expect(shown.locator(".cd-text .cd-chip")).to_have_count(40)
    shown.locator(".cd-text .cd-chip").last.click()
    expect(page.locator("#cd-tab-sources .cd-active mark").first).to_be_in_viewport()
    expect(page.locator("#cd-tab-sources .cd-active")).to_contain_text("Harbour report 40")


def test_text_from_right_to_left_runs_so(page: Page) -> None:
    shown = ask(page, "rightwards")
    assert shown.locator(".cd-text").evaluate("each => getComputedStyle(each).direction") == "rtl"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_window_follows_the_systems_theme(browser: Browser, address: str, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = visit(context, address)
    ground = page.evaluate("getComputedStyle(document.querySelector('.gradio-container')).backgroundColor")
    channels = [int(number) for number in re.findall(r"\d+", ground)[:3]]
    assert (sum(channels) / 3 < 64) == (scheme == "dark")
    context.close()


# ---- the server


def test_an_answer_can_be_read_by_whichever_thread_is_free(desk: Assistant) -> None:
    """Gradio takes every value of a stream in a thread of its own choice."""
    answers = desk.stream(QUESTION)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        for thread in itertools.cycle((one, other)):
            if thread.submit(next, answers, None).result() is None:
                break


def test_a_port_in_use_is_passed_over_and_nothing_is_printed(
    desk: Assistant, address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    announced: list[str] = []
    second = ui.serve(desk, port=int(address.rstrip("/").rpartition(":")[2]), block=False, announce=announced.append)
    assert second != address
    assert announced == [second]
    assert capfd.readouterr() == ("", "")
