"""Seeing the proof in a real browser: cards, the whole document, what was found besides, the timeline, a period."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import ui
from corpus.document import Document, Header, Passage, Span
from rag import Assistant
from tests.staged import HOSTILE, Staged
from tests.test_ui_browser import QUESTION, SAMPLE, ask, visit, words

LONG = "long-report.txt"
OF_TWO = "Which demands did the pilots make?"  # two sentences of one document answer
NEEDLE = "The lighthouse keeper Osric Tull counted 212 seals on the ninth of March."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The sample, and a document of a megabyte of which one passage alone is indexed: embedding all takes minutes."""
    filler = [
        f"Paragraph {n} of the harbour report lists buoys, ropes and lamps in their order.\n\n" for n in range(14_000)
    ]
    filler[7_000] = f"{NEEDLE}\n\n"
    text = "".join(filler)
    at = text.index(NEEDLE)
    whole = Span(at, at + len(NEEDLE))
    header = Header(LONG, "The long harbour report", "Harbour Post", published="2024-03-20")
    passage = Passage(header, whole.start, whole.end, NEEDLE, (whole,))
    with Assistant.open(tmp_path_factory.mktemp("home")) as desk, desk.owning("shows the chat window"):
        desk.ingest(SAMPLE)
        vectors = desk.embedder.embed_passages([passage.embedded_text()])
        with desk._index.transaction() as transaction:
            transaction.add(Document(header, text), [passage], vectors, source="/x", file="/x", sha256="x")
        desk._index.catch_up()
        yield desk


@pytest.fixture(scope="module")
def staged(desk: Assistant) -> Staged:
    return Staged(desk)


@pytest.fixture(scope="module")
def address(staged: Staged) -> Iterator[str]:
    yield ui.serve(cast(Assistant, staged), port=7890, block=False)
    import gradio

    gradio.close_all(verbose=False)


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A visitor; whatever breaks in the page fails the test, but for what a test expects to be refused."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("dialog", lambda dialog: wrong.append(dialog.message))
    context.on("console", lambda entry: wrong.append(entry.text) if entry.type == "error" else None)
    yield context
    context.close()
    assert [each for each in wrong if "404" not in each] == []


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    return visit(context, address)


def tab(page: Page, name: str) -> Locator:
    page.locator(f'[data-tab="{name}"]').click()
    panel = page.locator(f"#cd-tab-{name}")
    expect(panel).to_be_visible()
    return panel


def text_of_reader(page: Page) -> str:
    return "".join(page.locator("#cd-reader .cd-block").all_text_contents())


# ---- cards and the whole document


def test_a_number_opens_its_card_and_the_card_its_document_at_the_sentence(page: Page, desk: Assistant) -> None:
    chip = ask(page, QUESTION).locator(".cd-text .cd-chip").last
    marker = str(chip.get_attribute("data-marker"))
    chip.click()
    card = page.locator("#cd-tab-sources .cd-card.cd-active")
    mark = card.locator(f'mark[data-marker~="{marker}"]')
    expect(mark).to_be_in_viewport()
    quote, name = str(mark.text_content()), str(card.get_attribute("data-document"))
    whole = desk.document(name).text
    assert quote in whole
    card.get_by_role("button", name="Open document").click()
    reader = page.get_by_role("dialog")
    expect(reader.locator("#cd-reader-title")).to_have_text(str(card.locator(".cd-open").text_content()))
    expect(reader.locator("mark").first).to_be_in_viewport()
    assert text_of_reader(page) == whole
    assert str(reader.locator(f'mark[data-marker~="{marker}"]').text_content()) == quote
    assert reader.locator("mark[data-number]").count() == len(str(card.get_attribute("data-spans")).split(","))


def test_every_cited_sentence_of_the_document_can_be_gone_to_and_esc_leads_back(page: Page) -> None:
    ask(page, OF_TWO).locator(".cd-text .cd-chip").first.click()
    opener = page.locator("#cd-tab-sources .cd-active .cd-read")
    opener.focus()
    page.keyboard.press("Enter")
    at = page.locator("#cd-reader .cd-at")
    expect(at).to_have_text("1 of 2 cited")
    page.keyboard.press("n")
    expect(at).to_have_text("2 of 2 cited")
    expect(page.locator("#cd-reader mark.cd-now")).to_have_attribute("data-marker", "2")
    page.get_by_role("button", name="Next cited sentence").click()
    expect(at).to_have_text("1 of 2 cited")
    page.keyboard.press("Escape")
    expect(page.locator("#cd-reader")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_card_of_many_numbers_goes_to_the_sentence_of_each(page: Page) -> None:
    ask(page, OF_TWO)
    card = page.locator("#cd-tab-sources .cd-card").first
    card.locator(".cd-number").nth(1).click()
    expect(card).to_have_class(re.compile("cd-active"))
    expect(card.locator("mark.cd-now")).to_have_attribute("data-marker", "2")
    expect(page.locator('.cd-text .cd-chip[data-marker="2"]')).to_have_class(re.compile("cd-active"))


def test_a_document_of_a_megabyte_opens_at_its_sentence_and_can_be_searched(page: Page, desk: Assistant) -> None:
    assert len(desk.document(LONG).text) > 1_000_000
    answered = ask(page, "How many seals did the lighthouse keeper Osric Tull count?")
    expect(answered.locator(".cd-text")).to_contain_text("212")
    answered.locator(".cd-text .cd-chip").first.click()
    page.locator("#cd-tab-sources .cd-active .cd-read").click()
    mark = page.locator("#cd-reader mark.cd-now")
    expect(mark).to_be_in_viewport()
    assert words(str(mark.text_content())) == NEEDLE
    find = page.get_by_label("Find in this document")
    find.fill("paragraph  12345 OF")
    expect(page.locator("#cd-reader .cd-count")).to_have_text("1 of 1")
    expect(page.locator(".cd-block", has_text="Paragraph 12345 of")).to_be_in_viewport()
    expect(mark).not_to_be_in_viewport()
    find.fill("no such [words")
    expect(page.locator("#cd-reader .cd-count")).to_have_text("Not found")
    find.fill("buoys")
    expect(page.locator("#cd-reader .cd-count")).to_have_text("1 of 1,000 or more")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#cd-reader .cd-count")).to_have_text("1000 of 1,000 or more")


def test_a_document_that_is_gone_is_said_to_be(page: Page) -> None:
    ask(page, "many").locator(".cd-chip").nth(4).click()
    page.locator("#cd-tab-sources .cd-active .cd-read").click()
    expect(page.locator("#cd-reader")).to_contain_text("not in the archive: staged-5.txt")
    page.locator("#cd-reader .cd-close").click()
    expect(page.locator("#cd-reader")).to_be_hidden()
    expect(page.locator("#cd-tab-sources .cd-active .cd-read")).to_be_focused()


def test_hostile_names_and_texts_are_shown_and_do_nothing(page: Page) -> None:
    ask(page, f"hostile {HOSTILE}")
    for name in ("retrieved", "timeline", "sources"):
        panel = tab(page, name)
        expect(panel).to_contain_text("hostile" if name != "retrieved" else "evil.example")
        assert panel.locator(":is(img, script, a, iframe, style, math)").count() == 0
    page.locator("#cd-tab-sources .cd-read").first.click()
    expect(page.locator("#cd-reader")).to_contain_text("not in the archive")
    assert page.evaluate("window.pwned") is None


# ---- what was found besides


def test_what_was_found_and_not_used_says_why_and_opens(page: Page) -> None:
    ask(page, QUESTION)
    panel = tab(page, "retrieved")
    rows = panel.locator(".cd-found > li")
    assert rows.count() == 10
    expect(rows.first).to_contain_text("Cited as")
    unused = panel.locator(".cd-found > li:not(.cd-used)").first
    expect(unused.locator("summary")).to_have_text(re.compile(r"meaning \d+(st|nd|rd|th), "))
    unused.locator("summary").click()
    expect(unused.get_by_role("row", name="likeness in meaning")).to_be_visible()
    unused.get_by_role("button", name="Open document").click()
    expect(page.locator("#cd-reader mark.cd-now").first).to_be_in_viewport()
    page.keyboard.press("Escape")
    panel.locator(".cd-cited").first.click()
    expect(page.locator("#cd-tab-sources .cd-card.cd-active")).to_be_visible()


def test_an_assumption_is_taken_away_and_the_question_asked_again(page: Page, staged: Staged) -> None:
    ask(page, "assuming things")
    chips = tab(page, "retrieved").locator(".cd-assumption")
    expect(chips).to_have_count(2)
    chips.first.click()
    expect(chips).to_have_count(1)
    expect(chips.first).to_contain_text("from Harbour Post")
    assert list(staged.asked[-1][1]["without"]) == ["period"]


# ---- in time


def test_a_dot_leads_to_its_card_or_opens_its_document(page: Page) -> None:
    ask(page, QUESTION)
    panel = tab(page, "timeline")
    panel.locator(".cd-dot.cd-filled").first.click()
    expect(page.locator("#cd-tab-sources .cd-card.cd-active")).to_be_focused()
    dot = tab(page, "timeline").locator(".cd-dot.cd-hollow").first
    about = str(dot.get_attribute("aria-label"))
    dot.click()
    title = page.locator("#cd-reader-title")
    expect(title).to_be_visible()
    assert str(title.text_content()) in about


def test_the_arrow_keys_go_from_dot_to_dot(page: Page) -> None:
    ask(page, QUESTION)
    dots = tab(page, "timeline").locator(".cd-dot")
    assert page.locator('.cd-dot[tabindex="0"]').count() == 1
    dots.first.focus()
    page.keyboard.press("ArrowRight")
    expect(dots.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(dots.last).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(dots.first).to_be_focused()


def bars(page: Page) -> Locator:
    found = page.locator(".cd-bars .cd-bar")
    expect(found.first).to_be_visible()
    return found


def drag(page: Page, first: Locator, last: Locator) -> None:
    boxes = [first.bounding_box(), last.bounding_box()]
    places = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()


def test_a_period_is_dragged_over_the_bars_and_limits_what_is_asked(page: Page, staged: Staged) -> None:
    tab(page, "timeline")
    months = bars(page)
    expect(page.locator(".cd-picked")).to_contain_text("All dates: 15 documents.")
    drag(page, months.nth(4), months.nth(3))
    expect(page.locator(".cd-picked")).to_contain_text("Only April 2024 – May 2024")
    expect(page.locator("#cd-limits")).to_contain_text("2024-04")
    ask(page, QUESTION)
    asked = staged.asked[-1][1]
    assert (asked["since"], asked["until"]) == ("2024-04", "2024-05")
    tab(page, "retrieved")
    dates = page.locator("#cd-tab-retrieved .cd-origin").all_text_contents()
    assert dates
    assert all("April 2024" in each or "May 2024" in each for each in dates)
    tab(page, "timeline")
    page.get_by_role("button", name="All dates").click()
    expect(page.locator("#cd-limits")).to_be_hidden()
    expect(page.locator(".cd-left-out")).to_have_count(0)


def test_a_period_is_picked_with_the_keys_and_taken_away_as_a_chip(page: Page) -> None:
    tab(page, "timeline")
    bars(page)
    page.get_by_role("slider", name="From").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("slider", name="From")).to_have_attribute("aria-valuetext", "March 2024")
    expect(page.locator("#cd-limits")).to_contain_text("2024-03")
    page.get_by_role("slider", name="To").focus()
    page.keyboard.press("Home")  # a handle pushes the other along
    expect(page.locator(".cd-picked")).to_contain_text("Only January 2024")
    for _ in range(2):
        page.locator("#cd-limits button").first.click()
    expect(page.locator(".cd-picked")).to_contain_text("All dates")


# ---- narrow, dark, many


@pytest.mark.parametrize("width", [320, 390, 1024])
@pytest.mark.parametrize("question", [QUESTION, "many", "longest", "rightwards", "hostile words"])
def test_nothing_scrolls_sideways(page: Page, question: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    ask(page, question).locator(".cd-chip").first.click()
    for name in ("sources", "retrieved", "timeline"):
        tab(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(f"(e => e.scrollWidth <= e.clientWidth)(document.getElementById('cd-tab-{name}'))"), name


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_telephone_the_reader_fills_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    ask(page, QUESTION).locator(".cd-chip").first.click()
    page.locator("#cd-tab-sources .cd-active .cd-read").click()
    expect(page.locator("#cd-reader mark.cd-now").first).to_be_in_viewport()
    box = page.locator("#cd-reader").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, width)
    sideways = (
        "[...document.querySelectorAll('#cd-reader, #cd-reader *')].filter((e) => e.scrollWidth > innerWidth).length"
    )
    assert page.evaluate(sideways) == 0
    for name in ("Next cited sentence", "Find in this document", "Close the document"):
        expect(page.get_by_label(name)).to_be_in_viewport()


def luminance(colour: str) -> float:
    channels = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_can_be_read_in_both_themes(browser: Browser, address: str, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = visit(context, address)
    ask(page, QUESTION).locator(".cd-chip").first.click()
    page.locator("#cd-tab-sources .cd-active .cd-read").click()
    mark = page.locator("#cd-reader mark").first
    ink, ground = mark.evaluate("(e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    lighter, darker = sorted((luminance(ink), luminance(ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
    context.close()


def test_the_scripts_of_these_rooms_make_no_html() -> None:
    room = Path(ui.__file__).parent / "rag" / "window"
    for name in ("sources", "retrieved", "reader", "timeline", "histogram"):
        script = (room / f"{name}.js").read_text("utf-8")
        assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?://", script), name
