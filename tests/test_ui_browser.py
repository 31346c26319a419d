"""The window in a real browser, over the sample archive; nothing but this machine can be reached from it."""

from __future__ import annotations

import itertools
import json
import logging
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import ui
from corpus.document import Header, Passage
from corpus.errors import CiteDeskError
from rag import Assistant
from rag.answer import Answer, Citation
from vectorstore.base import Hit

SAMPLE = Path(__file__).parents[1] / "corpus" / "sample"
QUESTION = "When did the harbour pilots stop work?"
UNANSWERABLE = "What is the capital of France?"
HOSTILE = (
    "![x](http://evil.example/a.png) <img src=http://evil.example/b.png onerror=window.pwned=1> "
    "[a](javascript:window.pwned=1) $\\href{javascript:alert(1)}{x}$ $$x^2$$ `code` # heading "
    "<https://evil.example> http://evil.example/auto ${window.pwned=1} {{constructor.constructor('window.pwned=1')()}} "
    '</div></template><script>window.pwned=1</script> "><svg onload=window.pwned=1> &lt;b&gt; \\` [1] end'
)


class Staged:
    """An assistant whose answers to a few questions are staged; all others are the real one's."""

    def __init__(self, desk: Assistant) -> None:
        self.desk = desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self.desk, name)

    def stream(self, question: str, **options: Any) -> Iterator[Answer]:
        if question.startswith("slowly"):
            for words in range(1, 30):
                yield Answer(question, "word " * words, "incomplete", "staged")
                time.sleep(0.1)
            yield Answer(question, "word " * 30 + "end", "answered", "staged")
        elif question.startswith("hostile"):
            passage = Passage(Header(HOSTILE, HOSTILE, HOSTILE, HOSTILE), 0, len(HOSTILE), HOSTILE)
            citation = Citation(1, passage, HOSTILE, 0, len(HOSTILE), "verbatim")
            yield Answer(question, HOSTILE, "answered", "staged", (citation,), (Hit(passage, 1.0),), (HOSTILE,))
        elif question.startswith("locked"):
            raise CiteDeskError("the archive is in use by process 7; close it and ask again")
        elif question.startswith("broken"):
            raise RuntimeError("secret internals")
        else:
            yield from self.desk.stream(question, **options)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with Assistant.open(tmp_path_factory.mktemp("home")) as desk, desk.owning("shows the chat window"):
        desk.ingest(SAMPLE)
        yield desk


@pytest.fixture(scope="module")
def address(desk: Assistant) -> Iterator[str]:
    yield ui.serve(cast(Assistant, Staged(desk)), port=7870, block=False)
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


def ask(page: Page, question: str, turn: int = 0) -> Any:
    """The finished exchange."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    return finished(page, turn)


def finished(page: Page, turn: int) -> Any:
    done = page.locator(f'.cd-exchange[data-turn="{turn}"][aria-busy="false"]')
    expect(done).to_be_visible(timeout=20_000)
    return done


def words(text: str) -> str:
    return " ".join(text.split())


def test_an_empty_window_says_what_to_do_and_offers_questions_of_this_archive(page: Page) -> None:
    expect(page.locator("#cd-title p")).to_have_text(re.compile(r"1\d documents, 16 January 2024 – 14 May 2024"))
    expect(page.locator("#cd-greeting")).to_contain_text("Ask a question")
    starters = page.locator(".cd-starter:visible")
    assert starters.count() == 4
    question = starters.first.inner_text()
    starters.first.click()
    expect(finished(page, 0).locator(".cd-question")).to_contain_text(question)
    expect(page.locator("#cd-start")).to_be_hidden()


def test_a_chip_opens_the_card_with_its_sentence_marked_and_in_sight(page: Page, desk: Assistant) -> None:
    answered = ask(page, QUESTION)
    chip = answered.locator(".cd-chip").last
    marker = chip.get_attribute("data-marker")
    assert chip.get_attribute("title")
    chip.click()
    card = page.locator("#cd-panel .cd-card.cd-active")
    expect(card).to_have_count(1)
    expect(card.locator(".cd-number")).to_have_text(str(marker))
    mark = card.locator("mark").first
    expect(mark).to_be_in_viewport()
    quote, name = str(mark.text_content()), str(card.locator(".cd-open").get_attribute("title"))
    assert quote in desk.document(name).text
    assert words(quote) in words(answered.locator(".cd-text").inner_text())


def test_the_keyboard_opens_a_card_and_goes_back(page: Page) -> None:
    chip = ask(page, QUESTION).locator(".cd-chip").first
    chip.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#cd-panel .cd-active")).to_be_focused()
    page.keyboard.press("Escape")
    expect(chip).to_be_focused()


def test_a_chip_of_an_older_answer_brings_its_sources_back(page: Page) -> None:
    older = ask(page, QUESTION).locator(".cd-chip").first
    ask(page, UNANSWERABLE, 1)
    expect(page.locator("#cd-panel .cd-for")).to_have_text(UNANSWERABLE)
    older.click()
    expect(page.locator("#cd-panel .cd-for")).to_have_text(QUESTION)
    expect(page.locator("#cd-panel .cd-active mark").first).to_be_in_viewport()
    ask(page, QUESTION, 2)
    expect(page.locator("#cd-panel .cd-active")).to_have_count(0)  # the newest answer's sources, none opened yet


def test_what_the_archive_does_not_hold_looks_like_no_answer(page: Page) -> None:
    expect(ask(page, QUESTION).locator(".cd-badge")).to_have_text("From the archive")
    abstained = ask(page, UNANSWERABLE, 1)
    expect(abstained.locator(".cd-badge")).to_have_text("Not in this archive")
    expect(abstained.locator(".cd-chip")).to_have_count(1)  # of what is nearest
    expect(page.locator("#cd-panel h2")).to_have_text("Nearest passages (not an answer)")
    colours = page.locator(".cd-answer").evaluate_all("all => all.map(each => getComputedStyle(each).borderLeftColor)")
    assert colours[0] != colours[1]


def test_an_answer_grows_on_the_page_and_can_be_stopped(page: Page) -> None:
    page.get_by_label("Your question").fill("slowly, please")
    page.keyboard.press("Enter")
    text = page.locator(".cd-exchange .cd-text")
    expect(text).to_contain_text("word")
    early = len(text.inner_text())
    expect(page.locator(".cd-exchange")).to_have_attribute("aria-busy", "true")
    page.wait_for_function("early => document.querySelector('.cd-text').innerText.length > early", arg=early)
    page.get_by_role("button", name="Stop").click()
    stopped = finished(page, 0)
    expect(stopped.locator(".cd-badge")).to_have_text("Incomplete")
    expect(stopped.locator(".cd-notes")).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(ask(page, QUESTION, 1).locator(".cd-badge")).to_have_text("From the archive")


def test_hostile_text_is_shown_as_it_is_and_asks_nothing_of_anyone(page: Page) -> None:
    shown = ask(page, f"hostile {HOSTILE}")
    assert shown.locator(".cd-question").text_content() == f"You asked: hostile {HOSTILE}"
    assert shown.locator(".cd-text").text_content() == HOSTILE
    assert shown.locator(".cd-notes").text_content() == HOSTILE
    shown.locator(".cd-chip").click()
    assert page.locator("#cd-panel .cd-active mark").text_content() == HOSTILE
    assert page.locator("#cd-panel .cd-open").text_content() == HOSTILE
    for part in (".cd-exchange", "#cd-panel"):
        assert page.locator(f"{part} :is(img, svg, script, a, iframe, code, h1, math, style, form)").count() == 0
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None


def test_errors_are_sentences_and_never_tracebacks(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    locked = ask(page, "locked")
    expect(locked.locator(".cd-badge")).to_have_text("No answer")
    expect(locked.locator(".cd-text")).to_have_text("the archive is in use by process 7; close it and ask again")
    with caplog.at_level(logging.CRITICAL, logger="ui"):
        broken = ask(page, "broken", 1)
    expect(broken.locator(".cd-text")).to_have_text(ui.INTERNAL_ERROR)
    expect(page.locator("body")).not_to_contain_text("secret internals")


def test_an_empty_or_endless_question_gets_a_gentle_word(page: Page) -> None:
    box = page.get_by_label("Your question")
    box.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#cd-notice")).to_have_text("Type a question first.")
    box.fill("why " * 5000)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#cd-notice .cd-bad")).to_be_visible()
    expect(box).to_have_value(re.compile("^why why"))
    expect(page.locator(".cd-exchange")).to_have_count(0)
    expect(page.locator("#cd-start")).to_be_visible()


def test_an_uploaded_file_can_be_asked_about(page: Page, tmp_path: Path) -> None:
    article = tmp_path / "quillmere-bees.txt"
    article.write_text(
        "Quillmere beekeepers open a honey library\n\nBy Ada Fenwick | June 3, 2024\n\n"
        "The beekeepers of Quillmere opened a library of 212 honeys on Monday. Librarian Osric Tull said that "
        "every jar may be tasted but none may be borrowed.\n"
    )
    empty = tmp_path / "empty <b>.txt"
    empty.write_text(" ")
    before = page.locator("#cd-title p").inner_text()
    chooser = page.locator('input[type="file"]')
    chooser.set_input_files([article, empty])
    lines = page.locator("#cd-notice .cd-line")
    expect(lines).to_have_count(2, timeout=20_000)
    expect(lines.first).to_have_text("quillmere-bees.txt: added")
    expect(lines.last).to_contain_text("not added, it holds no text")
    expect(page.locator("#cd-title p")).not_to_have_text(before)
    answered = ask(page, "How many honeys does the library of the Quillmere beekeepers hold?")
    expect(answered.locator(".cd-text")).to_contain_text("212 honeys")
    answered.locator(".cd-chip").first.click()
    expect(page.locator("#cd-panel .cd-active mark").first).to_contain_text("212 honeys")
    chooser.set_input_files([article])
    expect(lines).to_have_text([re.compile(r"quillmere-bees\.txt: already there")])


def test_a_new_conversation_starts_from_nothing(page: Page) -> None:
    ask(page, QUESTION)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".cd-exchange")).to_have_count(0)
    expect(page.locator("#cd-panel")).to_be_empty()
    expect(page.locator("#cd-start")).to_be_visible()
    expect(ask(page, UNANSWERABLE).locator(".cd-badge")).to_have_text("Not in this archive")


def test_two_visitors_never_see_each_other(browser: Browser, context: BrowserContext, address: str) -> None:
    ours = visit(context, address)
    other = browser.new_context()
    theirs = visit(other, address)
    for page, question in ((ours, "slowly, ours"), (theirs, "slowly, theirs")):
        page.get_by_label("Your question").fill(question)
        page.keyboard.press("Enter")
    expect(finished(ours, 0).locator(".cd-question")).to_contain_text("ours")
    expect(finished(theirs, 0).locator(".cd-question")).to_contain_text("theirs")
    expect(ours.locator(".cd-exchange")).to_have_count(1)
    other.close()


@pytest.mark.parametrize("width", [320, 390, 768, 801, 1440])
def test_no_width_scrolls_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    ask(page, QUESTION).locator(".cd-chip").first.click()
    ask(page, "hostile " + "x" * 300, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sideways = (
        "[...document.querySelectorAll('#cd-side, #cd-thread')].some(each => each.scrollWidth > each.clientWidth)"
    )
    assert not page.evaluate(sideways)


def test_on_a_narrow_screen_the_sources_stand_below_and_the_card_leads_back(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    chip = ask(page, QUESTION).locator(".cd-chip").first
    panel, box = page.locator("#cd-panel").bounding_box(), page.locator("#cd-composer").bounding_box()
    assert panel is not None
    assert box is not None
    assert panel["y"] > box["y"]
    chip.click()
    expect(page.locator("#cd-panel .cd-active mark").first).to_be_in_viewport()
    page.locator("#cd-panel .cd-active .cd-back").click()
    expect(chip).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_window_follows_the_systems_theme(browser: Browser, address: str, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = visit(context, address)
    ground = page.evaluate("getComputedStyle(document.querySelector('.gradio-container')).backgroundColor")
    channels = [int(number) for number in re.findall(r"\d+", ground)[:3]]
    assert (sum(channels) / 3 < 64) == (scheme == "dark")
    context.close()


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
    assert fetch(second)[0] == 200
    assert capfd.readouterr() == ("", "")


def fetch(url: str, data: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_pages_elsewhere_and_other_files_get_nothing(address: str) -> None:
    assert fetch(f"{address}config")[0] == 200
    assert fetch(f"{address}config", Host="evil.example")[0] == 403
    assert fetch(f"{address}config", Origin="http://evil.example")[0] == 403
    for path in ("/etc/passwd", "..%2f..%2fetc/passwd", "%252e%252e/etc/passwd", "http://169.254.169.254/"):
        status, body = fetch(f"{address}gradio_api/file={path}")
        assert status in (400, 403, 404)
        assert b"root:" not in body
    assert json.loads(fetch(f"{address}gradio_api/info")[1])["named_endpoints"] == {}


def test_a_path_of_this_machine_is_not_taken_for_an_upload(address: str) -> None:
    config = json.loads(fetch(f"{address}config")[1])
    takes_files = next(each["id"] for each in config["dependencies"] if any(t[1] == "upload" for t in each["targets"]))
    file = {"path": "/etc/passwd", "orig_name": "passwd.txt", "meta": {"_type": "gradio.FileData"}}
    join = {"data": [[file]], "fn_index": takes_files, "session_hash": "stranger"}
    fetch(f"{address}gradio_api/queue/join", json.dumps(join).encode(), Content_Type="application/json")
    _, events = fetch(f"{address}gradio_api/queue/data?session_hash=stranger")
    assert b'"success":false' in events
    assert b"added" not in events


def test_a_file_over_the_limit_is_refused(address: str) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="big.txt"\r\n\r\n'
    body = head + b"x" * (51 * 1024 * 1024) + b"\r\n--b--\r\n"
    try:
        status, _ = fetch(f"{address}gradio_api/upload", body, Content_Type="multipart/form-data; boundary=b")
    except (urllib.error.URLError, ConnectionError):
        return  # the server hung up while we were still sending: refused as well
    assert status == 413
