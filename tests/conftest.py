"""Wiring only: archives for the tests to ask. The doubles they use are modules that we ship."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from corpus import chunking, sample
from corpus.reading import Direct
from rag import Assistant
from rag.composer import Composer
from rag.copies import Once
from rag.extractive import Extractive
from rag.llm.calling import Caller
from rag.prompted import Prompted
from rag.retrieval import hybrid
from rag.rewriting import Rewriting
from rag.templates import Templates
from vectorstore.embedders.hashing import Hashing
from vectorstore.index import Index

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
GOLD = Path(__file__).parents[2] / "shared" / "gold"


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")  # not longer: while it is open no other loop can run in this thread
def browser() -> Iterator[Browser]:
    """Debian's chromium, or Playwright's own, which reaches nothing but this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        installed = [own] if Path(own).exists() else []
        names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        installed += [path for name in names if (path := shutil.which(name))]
        if not installed:
            pytest.fail("these tests need a Chromium; install it: python -m playwright install chromium")
        browser = playwright.chromium.launch(executable_path=installed[0], args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the sample, with the real embedder; tests must not change it."""
    home = tmp_path_factory.mktemp("sample") / "home"
    with Assistant.open(home) as desk:
        assert not desk.ingest(sample.folder()).failed
    return home


@pytest.fixture
def sample_desk(sample_home: Path) -> Iterator[Assistant]:
    with Assistant.open(sample_home) as desk:
        yield desk


def open_small(
    home: Path, *, report: Callable[[str], None] = print, exact_passages: int = 0, caller: Caller | None = None
) -> Assistant:
    """An archive with an embedder that needs no model; ``caller`` reaches a language model."""
    embedder = Hashing()
    index = Index(home, embedder, chunking=chunking.settings(), report=report, exact_passages=exact_passages,
                  first_searches=0)  # fmt: skip
    built_in = Extractive(embedder)
    composer: Composer = built_in
    rewriter = None
    if caller:
        composer = Prompted(caller, built_in, Templates(), embedder)
        rewriter = Rewriting(caller, Templates())
    desk = Assistant(index, embedder, Once(hybrid()), composer, k=10, reader=Direct, rewriter=rewriter)
    desk.mend()
    return desk


@pytest.fixture
def small_desk(tmp_path: Path) -> Iterator[Callable[..., Assistant]]:
    """Opens a small archive in ``tmp_path/home``."""
    opened: list[Assistant] = []

    def open_(report: Callable[[str], None] = print, **options: Any) -> Assistant:
        opened.append(open_small(tmp_path / "home", report=report, **options))
        return opened[-1]

    yield open_
    for desk in opened:
        desk.close()


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "articles")


def write_articles(folder: Path) -> Path:
    """Three short invented articles."""
    folder.mkdir()
    (folder / "bridge.txt").write_text(
        "Bridge opens at Ollerford\n\nBy Ada Penn | May 3, 2023 |\n\n"
        "The new bridge at Ollerford opened on Tuesday after nine years of work. "
        "Mayor Tilda Croft said: “It will carry 4,000 cars a day.” "
        "The old ferry made its last crossing the evening before, with a brass band on board.\n",
        encoding="utf-8",
    )
    (folder / "ferry.txt").write_text(
        "Ferry crew find new work\n\nThe Vale Gazette\n\n20230510\n\n"
        "All eleven members of the Ollerford ferry crew have found new work, the union said on Wednesday. "
        "Six of them will guide ships in the harbour at Pell.\n",
        encoding="utf-8",
    )
    (folder / "harvest.md").write_text(
        "---\ntitle: Apples ripen early\noutlet: Orchard Weekly\ndate: 2023-08-01\n---\n\n"
        "Growers in the vale expect to pick three weeks early. The cider press at Pell opens in September.\n",
        encoding="utf-8",
    )
    return folder
