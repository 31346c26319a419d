"""The archive's view in a real browser: documents are added, asked about, found, removed and put back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import ui
from rag import Assistant
from tests.conftest import open_small, write_articles

QUESTION = "How many honeys does the library of the Quillmere beekeepers hold?"
BEES = (
    "Quillmere beekeepers open a honey library\n\nBy Ada Fenwick | June 3, 2024\n\n"
    "The beekeepers of Quillmere opened a library of 212 honeys on Monday. "
    "Librarian Osric Tull said that every jar may be tasted but none may be borrowed.\n"
)
SLOWLY_MS = 20_000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Assistant]:
    with open_small(tmp_path / "home") as desk, desk.owning("shows the chat window"):
        desk.ingest(write_articles(tmp_path / "articles"))
        yield desk


@pytest.fixture
def address(desk: Assistant) -> Iterator[str]:
    yield ui.serve(desk, port=7940, block=False)
    import gradio

    gradio.close_all(verbose=False)


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A visitor; whatever broke in the page fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("dialog", lambda dialog: wrong.append(dialog.message))
    context.on("console", lambda entry: wrong.append(entry.text) if entry.type == "error" else None)
    yield context
    context.close()
    assert wrong == []


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return show_archive(page)


def show_archive(page: Page) -> Page:
    page.locator("#cd-views [data-view=archive]").click(timeout=SLOWLY_MS)
    expect(page.locator(".cd-library-list > *").first).to_be_visible(timeout=SLOWLY_MS)
    return page


def names(page: Page) -> Locator:
    return page.locator(".cd-library-table .cd-library-file bdi")


def row(page: Page, title: str) -> Locator:
    return page.locator(".cd-library-table tbody tr").filter(has_text=title)


def states(page: Page) -> Locator:
    return page.locator(".cd-library-upload .cd-library-upload-state")


def answer(page: Page) -> Locator:
    """What a new conversation begins with."""
    page.locator("#cd-views [data-view=chat]").click()
    page.keyboard.press("Alt+n")
    expect(page.locator(".cd-exchange")).to_have_count(0)
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    done = page.locator('.cd-exchange[aria-busy="false"]')
    expect(done).to_be_visible(timeout=SLOWLY_MS)
    return done


def test_a_file_that_is_added_can_be_asked_about_and_removed_from_all_answers(page: Page, tmp_path: Path) -> None:
    article = tmp_path / "quillmere-bees.txt"
    article.write_text(BEES)
    page.locator(".cd-library-files").set_input_files([article])
    expect(states(page)).to_have_text("added", timeout=SLOWLY_MS)
    expect(page.locator(".cd-library-heap > summary")).to_contain_text("1 added")
    expect(names(page)).to_have_count(4)
    expect(page.locator(".cd-library-held")).to_contain_text("4 documents")
    expect(answer(page)).to_contain_text("212 honeys")

    show_archive(page)
    row(page, "Quillmere").get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog", name="Remove this document?")
    expect(dialog).to_contain_text("Quillmere beekeepers open a honey library (quillmere-bees.txt)")
    dialog.get_by_role("button", name="Cancel").click()
    expect(names(page)).to_have_count(4)
    row(page, "Quillmere").get_by_role("button", name="Remove").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(names(page)).to_have_count(3, timeout=SLOWLY_MS)
    assert "212" not in answer(page).inner_text()

    show_archive(page)
    taken = page.locator(".cd-library-taken li")
    expect(taken).to_contain_text("quillmere-bees.txt The uploaded file is kept.")
    taken.get_by_role("button", name="Put back").click()
    expect(names(page)).to_have_count(4, timeout=SLOWLY_MS)
    expect(taken).to_have_count(0)
    expect(answer(page)).to_contain_text("212 honeys")


def test_every_file_says_what_became_of_it_and_failures_stay(page: Page, tmp_path: Path) -> None:
    files = {"bees.txt": BEES, "again.txt": BEES, "broken <b>.pdf": "%PDF-1.7 and nothing more", "empty.md": ""}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "picture.png").write_bytes(b"png")
    page.locator(".cd-library-files").set_input_files([tmp_path / name for name in [*files, "picture.png"]])
    expect(page.locator(".cd-library-heap > summary")).to_contain_text(
        re.compile("1 added, 1 already there, 1 failed"), timeout=SLOWLY_MS
    )
    said = {
        line.locator("bdi").inner_text(): line.locator(".cd-library-upload-state").inner_text()
        for line in page.locator(".cd-library-upload").all()
    }
    assert set(said) == set(files)
    assert said["empty.md"] == "is empty"
    assert said["broken <b>.pdf"].startswith("not added: it ")
    assert sorted([said["bees.txt"].split(" (")[0], said["again.txt"].split(" (")[0]]) == ["added", "already there"]
    failure = page.locator(".cd-library-failures li")
    expect(failure).to_contain_text("broken _b_.pdf")
    page.reload()
    show_archive(page)
    expect(failure).to_contain_text("broken _b_.pdf")
    expect(page.locator(".cd-library-jobs")).to_contain_text("1 added, 1 already there, 1 failed")
    page.get_by_role("button", name="Clear this list").click()
    expect(failure).to_have_count(0)


def test_files_dropped_on_the_window_are_added(page: Page) -> None:
    page.locator("#cd-views [data-view=chat]").click()
    page.evaluate(
        """(text) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], "dropped.txt"));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        BEES,
    )
    expect(states(page)).to_have_text("added", timeout=SLOWLY_MS)
    expect(names(page)).to_contain_text(["dropped.txt"])


def test_a_folder_keeps_its_paths(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "press" / "2024"
    folder.mkdir(parents=True)
    (folder / "bees.txt").write_text(BEES)
    (folder / ".hidden.txt").write_text(BEES)
    page.locator(".cd-library-folder").set_input_files(tmp_path / "press")
    expect(states(page)).to_have_text("added", timeout=SLOWLY_MS)
    expect(names(page)).to_contain_text(["press/2024/bees.txt"])


def test_documents_are_searched_narrowed_and_sorted(page: Page) -> None:
    in_order = ["harvest.md", "ferry.txt", "bridge.txt"]
    expect(names(page)).to_have_text(in_order)
    page.get_by_role("combobox", name="Outlet").select_option("known:Orchard Weekly")
    expect(names(page)).to_have_text(["harvest.md"])
    page.get_by_role("combobox", name="Outlet").select_option("any")
    page.get_by_label("Search title").fill("penn")
    expect(names(page)).to_have_text(["bridge.txt"])
    page.get_by_label("Search title").fill("nothing like it")
    page.get_by_role("button", name="Show all").click()
    expect(names(page)).to_have_text(in_order)
    page.get_by_label("To", exact=True).fill("2023-05-05")
    expect(names(page)).to_have_text(["bridge.txt"])
    page.get_by_label("To", exact=True).fill("")
    page.get_by_role("columnheader", name="Title").get_by_role("button").click()
    expect(names(page)).to_have_text(["harvest.md", "bridge.txt", "ferry.txt"])
    expect(page.get_by_role("columnheader", name="Title")).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("columnheader", name="Title").get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(names(page)).to_have_text(["ferry.txt", "bridge.txt", "harvest.md"])


def test_several_documents_are_removed_together(page: Page) -> None:
    for title in ("Bridge opens", "Ferry crew"):
        row(page, title).get_by_role("checkbox").check()
    expect(page.locator(".cd-library-chosen")).to_contain_text("2 documents chosen")
    page.locator(".cd-library-chosen").get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog", name="Remove these 2 documents?")
    expect(dialog.locator("li")).to_have_count(2)
    dialog.get_by_role("button", name="Remove").click()
    expect(names(page)).to_have_text(["harvest.md"], timeout=SLOWLY_MS)
    expect(page.locator(".cd-library-taken li")).to_have_count(2)
    expect(page.locator(".cd-library-chosen")).to_be_hidden()


def test_a_title_opens_the_whole_document(page: Page) -> None:
    row(page, "Ferry crew").get_by_role("button", name="Ferry crew find new work", exact=True).click()
    expect(page.locator("#cd-reader")).to_contain_text("Six of them will guide ships", timeout=SLOWLY_MS)


def test_a_document_is_read_again_and_the_indexes_rebuilt(page: Page) -> None:
    row(page, "Ferry crew").get_by_role("button", name="Read again").click()
    expect(page.locator(".cd-library-jobs")).to_contain_text("1 read again", timeout=SLOWLY_MS)
    page.locator(".cd-library-more > summary").click()
    page.get_by_role("button", name="Rebuild the indexes").click()
    page.get_by_role("dialog", name="Rebuild the indexes?").get_by_role("button", name="Rebuild").click()
    expect(page.locator(".cd-library-said-now")).to_have_text("The indexes are built again.", timeout=SLOWLY_MS)


def test_a_folder_of_this_computer_is_added_by_its_path(page: Page, tmp_path: Path) -> None:
    (tmp_path / "bees").mkdir()
    (tmp_path / "bees" / "bees.txt").write_text(BEES)
    page.locator(".cd-library-more > summary").click()
    page.get_by_label("A file or folder of this computer").fill(str(tmp_path / "bees"))
    page.keyboard.press("Enter")
    expect(names(page)).to_have_count(4, timeout=SLOWLY_MS)
    expect(page.locator(".cd-library-said-now")).to_contain_text("1 added")


@pytest.mark.parametrize("width", [320, 390, 800, 1024, 1440])
def test_no_width_scrolls_sideways(page: Page, desk: Assistant, tmp_path: Path, width: int) -> None:
    (tmp_path / ("x" * 90 + ".txt")).write_text("Wort" * 60 + "\n\n" + BEES)
    (tmp_path / "rtl.txt").write_text("مجلس المدينة يوافق على خطة الميناء الجديدة\n\n" + "يوافق على خطة الميناء. " * 20)
    desk.ingest([tmp_path / ("x" * 90 + ".txt"), tmp_path / "rtl.txt"])
    page.set_viewport_size({"width": width, "height": 844})
    page.reload()
    show_archive(page)
    expect(names(page)).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("(([e]) => e.scrollWidth - e.clientWidth)(document.querySelectorAll('#cd-view-archive'))") == 0


def test_an_empty_archive_invites(browser: Browser, tmp_path: Path) -> None:
    with open_small(tmp_path / "none") as desk, desk.owning("shows the chat window"):
        address = ui.serve(desk, port=7945, block=False)
        page = browser.new_page()
        page.goto(address)
        show_archive(page)
        expect(page.locator(".cd-library-list")).to_contain_text("The archive is empty.")
        expect(page.get_by_role("button", name="Add files")).to_be_visible()
        expect(page.locator(".cd-library-look")).to_be_hidden()
        page.close()
        import gradio

        gradio.close_all(verbose=False)
