"""Make docs/window.png and docs/window-dark.png: the window over the sample archive, one answer, one chip open.

    python docs/screenshot.py

Needs Debian's chromium, as the browser tests do: apt-get install chromium
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path.insert(0, str(ROOT))

import ui  # noqa: E402
from rag import Assistant  # noqa: E402

QUESTION = "How many people were evacuated in the Harrowgate flood? I keep seeing different numbers."
SCHEMES: tuple[tuple[Literal["light", "dark"], str], ...] = (("light", "window.png"), ("dark", "window-dark.png"))


def main() -> None:
    with tempfile.TemporaryDirectory() as home, Assistant.open(home) as desk, sync_playwright() as playwright:
        desk.ingest(ROOT / "corpus" / "sample")
        address = ui.serve(desk, block=False)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme, name in SCHEMES:
            shoot(browser, address, scheme, DOCS / name)
        browser.close()


def shoot(browser: Browser, address: str, scheme: Literal["light", "dark"], target: Path) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(address)
    page.locator("#cd-title p").wait_for()
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator('.cd-exchange[aria-busy="false"] .cd-chip').first.click()
    page.wait_for_timeout(300)
    page.screenshot(path=target)
    page.close()


if __name__ == "__main__":
    main()
