"""Earlier conversations and the settings in a real browser: kept, found, renamed, taken along, deleted, chosen."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import ui
from rag import Assistant
from tests.conftest import write_articles
from tests.fault_server import DONE, FAULTS, KEY, Exchange, Fault, Served, end, serving, text

BRIDGE = "What did Tilda Croft say?"
APPLES = "When does the cider press at Pell open?"
VARIABLES = {"OPENAI_BASE_URL": "", "OPENAI_API_KEY": KEY}


class Model:
    """What the model's server does next."""

    def __init__(self) -> None:
        self.fault = "a good reply"
        self.served: Served | None = None

    def serve(self, exchange: Exchange) -> None:
        if self.fault == "a good reply":
            exchange.head()
            exchange.send(text("It will carry 4,000 cars a day [1].") + end("stop") + DONE)
        else:
            FAULTS[self.fault].serve(exchange)


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    """A model's server on this machine, where OPENAI_BASE_URL points."""
    found, before = Model(), dict(os.environ)
    with serving(Fault(found.serve, "answered")) as served:
        found.served = served
        os.environ.update(VARIABLES, OPENAI_BASE_URL=served.base_url)
        yield found
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ.update({name: value for name, value in before.items() if name in VARIABLES})


@pytest.fixture(scope="module")
def desk(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An archive put together from its settings, with an embedder that needs no model."""
    folder = tmp_path_factory.mktemp("window")
    home = folder / "home"
    home.mkdir()
    (home / "citedesk.toml").write_text('embedder = "hashing"\nk = 7\n', encoding="utf-8")
    with Assistant.open(home) as desk, desk.owning("shows the chat window"):
        desk.ingest(write_articles(folder / "articles"))
        yield desk


@pytest.fixture(scope="module")
def address(desk: Assistant) -> Iterator[str]:
    yield ui.serve(desk, port=7960, block=False)
    import gradio

    gradio.close_all(verbose=False)


@pytest.fixture
def context(browser: Browser, address: str, desk: Assistant) -> Iterator[BrowserContext]:
    """A visitor with no history; whatever was asked of another host, or broke in the page, fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.grant_permissions(["clipboard-write"])
    wrong: list[str] = []
    ours = (address, "data:", "blob:")
    context.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(ours) else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("dialog", lambda dialog: wrong.append(dialog.message))
    yield context
    listed = context.request.get(f"{address}citedesk/conversations?limit=500").text()
    for id_ in set(re.findall(r'data-id="([\w-]+)"', listed)):
        context.request.post(
            f"{address}citedesk/conversations/{id_}/delete",
            data="{}",
            headers={"x-citedesk": "1", "origin": address.rstrip("/")},
        )
    context.close()
    assert wrong == []


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    return visit(context, address)


def visit(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#cd-title p")).to_contain_text("document", timeout=20_000)
    expect(page.locator("#cd-past-list > *").first).to_be_attached(timeout=20_000)
    return page


def ask(page: Page, question: str, turn: int = 0) -> Locator:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    done = page.locator(f'.cd-exchange[data-turn="{turn}"][aria-busy="false"]')
    expect(done).to_be_visible(timeout=30_000)
    return done


def fresh(page: Page) -> None:
    page.keyboard.press("Alt+n")
    expect(page.locator(".cd-exchange")).to_have_count(0)


def titles(page: Page) -> Locator:
    return page.locator("#cd-past-list .cd-past-title")


def do(page: Page, title: str, what: str) -> None:
    """One thing of the menu of a conversation."""
    item = page.locator(".cd-past-item", has=page.get_by_text(title, exact=True))
    item.hover()
    item.locator(".cd-past-more").click()
    page.locator("#cd-past-menu").get_by_text(what).click()


# ---- history


def test_a_conversation_is_listed_once_it_is_answered_and_a_new_one_starts_empty(page: Page) -> None:
    expect(page.locator("#cd-past-list")).to_have_text(
        "Your conversations will be kept here, with their answers as they were."
    )
    ask(page, BRIDGE)
    expect(titles(page)).to_have_text([BRIDGE])
    expect(page.locator('.cd-past-open[aria-current="true"]')).to_contain_text(BRIDGE)
    expect(page.locator(".cd-past-days h3")).to_have_text(["Today"])
    page.locator(".cd-past-new").click()
    expect(page.locator(".cd-exchange")).to_have_count(0)
    expect(page.locator(".cd-past-open[aria-current]")).to_have_count(0)
    ask(page, APPLES)
    expect(titles(page)).to_have_text([APPLES, BRIDGE])
    ask(page, "And the growers?", 1)
    expect(page.locator(".cd-past-about").first).to_contain_text("2 questions")
    expect(titles(page)).to_have_count(2)


def test_a_link_restores_a_conversation_with_its_citations_after_the_document_is_gone(
    context: BrowserContext, page: Page, desk: Assistant, tmp_path: Path
) -> None:
    (tmp_path / "lock.txt").write_text(
        "Lock gates replaced\n\nThe Vale Gazette\n\n20230601\n\nEngineers replaced the lock gates at Kettering Weir on "
        "Thursday. The work cost 310,000 pounds, said the engineer Orsolya Fane.\n",
        encoding="utf-8",
    )
    desk.ingest(tmp_path / "lock.txt")
    try:
        asked = ask(page, "Who replaced the lock gates at Kettering Weir?")
        before = asked.locator(".cd-text").inner_text()
        assert "Kettering Weir" in before
        asked.locator(".cd-chip").first.click()
        card = page.locator("#cd-tab-sources").inner_text()
        assert "Lock gates replaced" in card
        ask(page, "And who said so?", 1)
        do(page, "Who replaced the lock gates at Kettering Weir?", "Copy link")
        expect(page.locator("#cd-notice")).to_contain_text("The link was copied")
        page.get_by_label("Your question").press("Control+v")
        link = page.get_by_label("Your question").input_value()
    finally:
        desk.remove(["lock.txt"])
    page.close()
    again = visit(context, link)
    restored = again.locator(".cd-exchange")
    expect(restored).to_have_count(2, timeout=20_000)
    assert restored.first.locator(".cd-text").inner_text() == before
    restored.first.locator(".cd-chip").first.click()
    expect(again.locator("#cd-tab-sources")).to_contain_text("Lock gates replaced")
    assert again.locator("#cd-tab-sources").inner_text() == card
    expect(again.locator('.cd-past-open[aria-current="true"]')).to_have_count(1)
    ask(again, APPLES, 2)  # and it goes on
    expect(again.locator(".cd-past-about").first).to_contain_text("3 questions")
    expect(titles(again)).to_have_count(1)


def test_reloading_brings_the_open_conversation_back(page: Page) -> None:
    ask(page, BRIDGE)
    expect(titles(page)).to_have_text([BRIDGE])
    page.reload()
    expect(page.locator(".cd-exchange .cd-question")).to_contain_text(BRIDGE, timeout=20_000)
    fresh(page)
    page.locator(".cd-past-open").first.click()
    expect(page.locator(".cd-exchange .cd-question")).to_contain_text(BRIDGE)


def test_a_link_to_nothing_says_so(context: BrowserContext, address: str) -> None:
    page = visit(context, f"{address}?c={'A' * 22}")
    expect(page.locator("#cd-notice")).to_contain_text("There is no such conversation")
    expect(page.get_by_label("Your question")).to_be_visible()


def test_renaming_happens_in_place(page: Page) -> None:
    ask(page, BRIDGE)
    do(page, BRIDGE, "Rename")
    box = page.get_by_label("New title")
    expect(box).to_be_focused()
    expect(box).to_have_value(BRIDGE)
    box.fill("Left alone")
    page.keyboard.press("Escape")
    expect(titles(page)).to_have_text([BRIDGE])
    do(page, BRIDGE, "Rename")
    hostile = "<img src=x onerror=alert(1)> & “it”"
    page.get_by_label("New title").fill(hostile)
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text([hostile])
    expect(page.locator(".cd-past-open")).to_be_focused()
    page.reload()
    expect(titles(page)).to_have_text([hostile], timeout=20_000)


def test_deleting_asks_first_and_is_for_good(page: Page) -> None:
    ask(page, BRIDGE)
    fresh(page)
    ask(page, APPLES)
    expect(titles(page)).to_have_count(2)
    do(page, APPLES, "Delete…")
    sure = page.locator(".cd-past-sure")
    expect(sure).to_contain_text(f"Delete “{APPLES}” for good?")
    sure.get_by_role("button", name="Keep").click()
    expect(titles(page)).to_have_count(2)
    do(page, APPLES, "Delete…")
    page.locator(".cd-past-sure").get_by_role("button", name="Delete").click()
    expect(titles(page)).to_have_text([BRIDGE])
    expect(page.locator(".cd-exchange")).to_have_count(0)  # it was the open one
    page.reload()
    expect(titles(page)).to_have_text([BRIDGE], timeout=20_000)


def test_searching_finds_words_of_the_answers(page: Page) -> None:
    ask(page, BRIDGE)
    fresh(page)
    ask(page, APPLES)
    page.locator("body").press("Control+k")
    search = page.get_by_label("Search earlier conversations")
    expect(search).to_be_focused()
    search.fill("cars a day")
    expect(titles(page)).to_have_text([BRIDGE])
    expect(page.locator(".cd-past-excerpt mark").first).to_have_text(re.compile("cars"))
    search.fill('"nothing* like ( this')
    expect(page.locator("#cd-past-list")).to_have_text('No conversation has “"nothing* like ( this”.')
    search.press("Escape")
    expect(titles(page)).to_have_count(2)


def test_files_are_saved_under_the_title(page: Page) -> None:
    ask(page, BRIDGE)
    for what, name in (
        ("Export as Markdown", "what-did-tilda-croft-say.md"),
        ("Export as JSON", "what-did-tilda-croft-say.json"),
    ):
        with page.expect_download() as saving:
            do(page, BRIDGE, what)
        assert saving.value.suggested_filename == name
        content = Path(saving.value.path()).read_text(encoding="utf-8")
        if name.endswith(".md"):
            assert content.startswith(f"# {BRIDGE}\n")
            assert "**Sources**" in content
        else:
            assert json.loads(content)["turns"][0]["citations"][0]["doc"].endswith("bridge.txt")


def test_a_thumb_and_its_reason_are_kept_with_the_turn(page: Page, address: str) -> None:
    asked = ask(page, BRIDGE)
    asked.locator('[data-verdict="down"]').click()
    asked.locator("[data-reason]").first.click()
    expect(page.locator("#cd-notice")).to_contain_text("Thank you")
    lines = page.context.request.get(f"{address}citedesk/feedback.jsonl").text().splitlines()
    (line,) = map(json.loads, lines)
    assert (line["question"], line["feedback"]["verdict"]) == (BRIDGE, "down")
    assert line["feedback"]["reason"]
    page.reload()
    pressed = page.locator('.cd-exchange [data-verdict="down"]')
    expect(pressed).to_have_attribute("aria-pressed", "true", timeout=20_000)


def test_the_rail_works_by_keyboard_alone(page: Page) -> None:
    ask(page, BRIDGE)
    expect(titles(page)).to_have_count(1)
    fresh(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_label("Search earlier conversations")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".cd-past-open").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#cd-past-menu button").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text(["By keyboard"])
    expect(page.locator(".cd-past-open").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".cd-exchange .cd-question")).to_contain_text(BRIDGE)


@pytest.mark.parametrize("width", [1024, 390])
def test_on_a_small_screen_the_rail_is_a_drawer(page: Page, width: int) -> None:
    ask(page, BRIDGE)
    fresh(page)
    page.set_viewport_size({"width": width, "height": 800})
    expect(page.locator("#cd-history")).to_be_hidden()
    page.locator("#cd-rail-button").click()
    page.locator(".cd-past-more").first.click()
    menu = page.locator("#cd-past-menu").bounding_box()
    assert menu is not None
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= width
    page.keyboard.press("Escape")
    expect(page.locator("#cd-past-menu")).to_be_hidden()
    page.locator(".cd-past-open").first.click()
    expect(page.locator(".cd-exchange .cd-question")).to_contain_text(BRIDGE)
    expect(page.locator("#cd-history")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# ---- settings


@pytest.fixture
def settings(page: Page) -> Page:
    page.locator("#cd-views").get_by_role("button", name="Settings").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    return page


def choose_model(page: Page, name: str) -> None:
    page.get_by_label("A language model").check()
    page.get_by_label("Provider").select_option("openai")
    page.get_by_label("Model", exact=True).fill(name)
    page.get_by_label("Model", exact=True).press("Tab")


def test_a_model_is_tested_chosen_and_asked(settings: Page, model: Model) -> None:
    page = settings
    model.fault = "a good reply"
    choose_model(page, "tiny")
    about = page.locator(".cd-provider:not([hidden])")
    expect(about).to_contain_text("set by OPENAI_API_KEY, not shown")
    expect(about).to_contain_text("stay on this machine")
    page.get_by_role("button", name="Test").click()
    expect(page.locator("#cd-tried")).to_have_text(
        re.compile(r"^tiny answered “It will carry 4,000 cars a day \[1\]\.” after \d+\.\d s\.$"), timeout=20_000
    )
    expect(page.locator('.cd-setting[data-of="llm"] .cd-setting-origin:visible')).to_have_text(
        "Chosen in this window. Without that: Built-in answers, by default."
    )
    page.locator("#cd-views").get_by_role("button", name="Ask").click()
    asked = ask(page, BRIDGE)
    expect(asked.locator(".cd-text")).to_contain_text("It will carry 4,000 cars a day")
    assert model.served is not None
    assert model.served.requests[-1]["model"] == "tiny"
    assert KEY not in page.content()


@pytest.mark.parametrize(("fault", "said"), [("401", "key"), ("500 always", "No answer after")])
def test_a_model_that_fails_its_test_is_told_in_words(settings: Page, model: Model, fault: str, said: str) -> None:
    model.fault = fault
    choose_model(settings, "tiny")
    settings.get_by_role("button", name="Test").click()
    tried = settings.locator("#cd-tried.cd-bad")
    expect(tried).to_contain_text(said, timeout=20_000)
    expect(tried).to_contain_text(re.compile(r"No answer after \d+\.\d s"))
    assert KEY not in settings.content()


def test_what_is_chosen_outlives_the_page_and_can_be_put_back(
    settings: Page, context: BrowserContext, address: str
) -> None:
    page = settings
    expect(page.locator('[data-of="k"] .cd-setting-origin:visible')).to_have_text(
        "7, from citedesk.toml in the archive’s folder."
    )
    page.get_by_label("Passages", exact=True).fill("3")
    page.get_by_label("Passages", exact=True).press("Tab")
    page.get_by_label("Today", exact=True).fill("2023-08-02")
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.close()
    again = visit(context, address)
    expect(again.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    assert again.evaluate("citedesk.settings") == {"k": 3, "now": "2023-08-02"}
    asked = ask(again, "What was reported yesterday?")
    expect(asked.locator(".cd-understood").first).to_contain_text("1 August 2023")
    again.locator("#cd-views").get_by_role("button", name="Settings").click()
    expect(again.get_by_label("Passages", exact=True)).to_have_value("3")
    again.get_by_role("button", name="Back to what the configuration says").click()
    expect(again.get_by_label("Passages", exact=True)).to_have_value("")
    expect(again.locator("body")).not_to_have_class(re.compile(r"\bdark\b"))
    assert again.evaluate("citedesk.settings") == {}
    assert again.evaluate("localStorage.getItem('citedesk.settings')") == "{}"


def test_a_number_that_is_none_is_not_taken(settings: Page) -> None:
    settings.get_by_label("Passages", exact=True).fill("1000")
    settings.get_by_label("Passages", exact=True).press("Tab")
    assert settings.evaluate("citedesk.settings") == {}


def test_a_browser_that_keeps_nonsense_starts_all_the_same(context: BrowserContext, page: Page, address: str) -> None:
    for nonsense in ("[1", '"x"', "null", '{"k": "many", "llm": 7, "theme": "<b>"}'):
        page.evaluate("value => localStorage.setItem('citedesk.settings', value)", nonsense)
        again = visit(context, address)
        again.locator("#cd-views").get_by_role("button", name="Settings").click()
        expect(again.get_by_role("heading", name="Settings")).to_be_visible()
        again.get_by_role("button", name="Back to what the configuration says").click()
        assert again.evaluate("citedesk.settings") == {}
        again.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_system_until_one_is_chosen(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = visit(context, address)
    other = {"light": "dark", "dark": "light"}[scheme]
    is_dark = "document.body.classList.contains('dark')"
    assert page.evaluate(is_dark) == (scheme == "dark")
    page.locator("#cd-views").get_by_role("button", name="Settings").click()
    page.get_by_text(other.title(), exact=True).click()
    assert page.evaluate(is_dark) == (other == "dark")
    page.get_by_text("As the system", exact=True).click()
    assert page.evaluate(is_dark) == (scheme == "dark")
    page.emulate_media(color_scheme=other)  # type: ignore[arg-type]
    page.wait_for_function(f"{is_dark} === {str(other == 'dark').lower()}")
    context.close()
