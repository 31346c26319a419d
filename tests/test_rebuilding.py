"""Another embedder for an archive: the old one answers until the new one is whole, and a stop half-way costs little."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from corpus import chunking
from corpus.errors import BadInput
from corpus.reading import Direct
from rag import Assistant
from rag.__main__ import main
from rag.copies import Once
from rag.extractive import Extractive
from rag.retrieval import hybrid
from tests import tiny_models
from tests.conftest import write_articles
from tests.embeddings_server import KEY, MODEL, serving
from vectorstore.base import Query, Vectors
from vectorstore.embedders import Choice
from vectorstore.embedders.hashing import Hashing
from vectorstore.errors import ArchiveBusy, ArchiveUnavailable, EmbedderMismatch, ModelUnavailable
from vectorstore.identity import remembered
from vectorstore.index import Index

Open = Callable[..., Assistant]
QUESTION = "How many cars a day will the bridge carry?"
DOCUMENTS = 300  # of one passage each: some batches


class Narrow(Hashing):
    """Another embedder: shorter vectors. Counts what it embeds, and may wait or break down first."""

    name = "narrow"
    dimension = 64
    fingerprint = "words crc32 64"

    def __init__(self, *, breaks_after: int = 10**9, waits_for: Event | None = None) -> None:
        self.embedded: list[str] = []
        self.has_begun = Event()
        self._breaks_after = breaks_after
        self._waits_for = waits_for

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.has_begun.set()
        if self._waits_for:
            assert self._waits_for.wait(60)
        if len(self.embedded) + len(texts) > self._breaks_after:
            raise ModelUnavailable("out of order")
        self.embedded += texts
        return super().embed_passages(texts)


def open_with(
    home: Path, embedder: Hashing, *, choice: Choice | None = None, report: Callable[[str], None] = print
) -> Assistant:
    index = Index(home, embedder, chunking=chunking.settings(), choice=choice, report=report)
    return Assistant(index, embedder, Once(hybrid()), Extractive(embedder), k=10, reader=Direct)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three articles and many reports."""
    place = tmp_path_factory.mktemp("filled")
    articles = write_articles(place / "articles")
    lines = [json.dumps({"body": f"Inspection {number} found {number + 2} cracks."}) for number in range(DOCUMENTS)]
    (articles / "reports.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with closing(open_with(place / "home", Hashing())) as desk:
        assert not desk.ingest(articles).failed
    return place / "home"


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "home"))


def found_by_each_index(desk: Assistant) -> list[set[int]]:
    """The passages that the archive, Chroma and tantivy hold."""
    index = desk._index
    with index.read() as view:
        chroma, words = index._chroma.in_step(view.snapshot), index._lexical.in_step(view.snapshot)
        assert chroma is not None
        assert words is not None
        return [view.snapshot.passage_ids(), chroma.passage_ids(), words.passage_ids()]


def test_the_old_index_answers_until_the_new_one_is_whole(home: Path) -> None:
    old, go_on = open_with(home, Hashing()), Event()
    old._index.warm()  # Chroma is open here
    new = open_with(home, narrow := Narrow(waits_for=go_on))
    before = old.ask(QUESTION)
    rebuilding = Thread(target=new.rebuild)
    rebuilding.start()
    assert narrow.has_begun.wait(60)
    meanwhile = old.ask(QUESTION)
    assert (meanwhile.text, meanwhile.citations, meanwhile.retrieved) == (
        before.text, before.citations, before.retrieved
    )  # fmt: skip
    with pytest.raises(EmbedderMismatch):
        new.ask(QUESTION)
    with closing(open_with(home, Hashing())) as cold:
        assert "4,000" in cold.ask(QUESTION).text
    go_on.set()
    rebuilding.join()
    with pytest.raises(EmbedderMismatch, match="was rebuilt meanwhile with embedder 'narrow', not 'hashing'; start"):
        old.ask(QUESTION)
    assert "4,000" in new.ask(QUESTION).text
    old.close()
    stored, in_chroma, in_tantivy = found_by_each_index(new)  # what was built beside, once the old is let go
    assert stored == in_chroma == in_tantivy
    new.close()
    assert not (home / "chroma.new").exists()


def test_the_new_indexes_are_taken_over_and_not_built_a_second_time(home: Path) -> None:
    said: list[str] = []
    with closing(open_with(home, Narrow(), report=said.append)) as desk:
        desk.rebuild()
    with closing(open_with(home, Narrow(), report=said.append)) as again:
        again.mend()
        assert "4,000" in again.ask(QUESTION).text
        stored, in_chroma, in_tantivy = found_by_each_index(again)
        assert stored == in_chroma == in_tantivy
        assert len(stored) == DOCUMENTS + 3
        assert all(finding.sound for finding in again.examine())
    assert said == []
    assert sorted(path.name for path in home.iterdir() if "rebuild" in path.name or ".new" in path.name) == []


def test_a_question_that_began_before_the_exchange_ends_with_the_old_state_and_spoils_nothing(home: Path) -> None:
    said: list[str] = []
    old = open_with(home, Hashing(), report=said.append)
    with old._index.read() as view:
        probe = Query("bridge cars", view.embed(QUESTION))
        with closing(open_with(home, Narrow(), report=said.append)) as desk:
            desk.rebuild()
        assert view.dense(probe, 1)[0].passage.document.name == "bridge.txt"
        assert view.lexical(probe, 1) == []  # the words of the old passages are gone
    old.close()
    with closing(open_with(home, Narrow(), report=said.append)) as again:
        again.mend()
        stored, in_chroma, in_tantivy = found_by_each_index(again)
    assert stored == in_chroma == in_tantivy
    assert said == []


def test_what_was_embedded_before_a_breakdown_is_not_embedded_again(home: Path) -> None:
    with closing(open_with(home, broken := Narrow(breaks_after=200))) as desk, pytest.raises(ModelUnavailable):
        desk.rebuild()
    assert len(broken.embedded) > 100
    with closing(open_with(home, Hashing())) as old:
        assert "4,000" in old.ask(QUESTION).text
        (begun,) = (finding for finding in old.examine() if finding.subject == "rebuild")
        assert begun.detail.startswith(f"begun: {len(broken.embedded)} of {DOCUMENTS + 3} documents are embedded for n")
    heard: list[tuple[int, int]] = []
    with closing(open_with(home, whole := Narrow())) as desk:
        desk.rebuild(on_progress=lambda done, total: heard.append((done, total)))
        assert len(whole.embedded) == DOCUMENTS + 3 - len(broken.embedded)
        assert not set(whole.embedded) & set(broken.embedded)
        assert "4,000" in desk.ask(QUESTION).text
    assert (heard[0], heard[-1]) == ((len(broken.embedded), DOCUMENTS + 3), (DOCUMENTS + 3, DOCUMENTS + 3))


def test_documents_that_came_and_went_meanwhile_are_seen_to(home: Path, tmp_path: Path) -> None:
    with closing(open_with(home, Narrow(breaks_after=200))) as desk, pytest.raises(ModelUnavailable):
        desk.rebuild()
    (tmp_path / "late.txt").write_text("The lighthouse at Pell was lit by Osgood Marl on Sunday evening.\n")
    with closing(open_with(home, Hashing())) as old:
        old.ingest(tmp_path / "late.txt")
        old.remove(["bridge.txt"])
    with closing(open_with(home, Narrow())) as desk:
        desk.rebuild()
        assert "Osgood Marl" in desk.ask("Who lit the lighthouse at Pell?").text
        assert "4,000" not in desk.ask(QUESTION).text
        stored, in_chroma, in_tantivy = found_by_each_index(desk)
        assert stored == in_chroma == in_tantivy
        assert len(stored) == DOCUMENTS + 3


def test_what_was_begun_for_another_embedder_is_thrown_away(home: Path) -> None:
    class Other(Narrow):
        fingerprint = "another"

    with closing(open_with(home, Narrow(breaks_after=200))) as desk, pytest.raises(ModelUnavailable):
        desk.rebuild()
    with closing(open_with(home, other := Other())) as desk:
        desk.rebuild()
    assert len(other.embedded) >= DOCUMENTS + 3


def test_a_staging_file_that_is_damaged_is_begun_again(home: Path) -> None:
    (home / "rebuild.db").write_bytes(b"junk" * 5_000)
    with closing(open_with(home, Narrow())) as desk:
        desk.rebuild()
        assert "4,000" in desk.ask(QUESTION).text


def test_a_rebuild_that_finds_the_archive_changed_changes_nothing(home: Path) -> None:
    late = open_with(home, Hashing())

    class Meddling(Narrow):
        def embed_passages(self, texts: Sequence[str]) -> Vectors:
            with late._index.transaction() as transaction:  # by no means the archive's writer
                entry = transaction.entry("ferry.txt")
                transaction.remove([entry.id] if entry else [])
            return super().embed_passages(texts)

    with closing(open_with(home, Meddling())) as desk, pytest.raises(ArchiveUnavailable, match="was changed while it"):
        desk.rebuild()
    assert "4,000" in late.ask(QUESTION).text
    late.close()


def test_an_embedder_that_reads_too_little_for_a_header_is_named(home: Path) -> None:
    class Tiny(Narrow):
        max_tokens = 3

    with closing(open_with(home, Tiny())) as desk, pytest.raises(BadInput, match="narrow reads too little of a text"):
        desk.rebuild()


def test_who_brings_documents_meanwhile_is_told_who_is_writing(home: Path, tmp_path: Path) -> None:
    go_on = Event()
    new = open_with(home, narrow := Narrow(waits_for=go_on))
    rebuilding = Thread(target=new.rebuild)
    rebuilding.start()
    assert narrow.has_begun.wait(60)
    (tmp_path / "late.txt").write_text("The lighthouse was lit.")
    with closing(open_with(home, Hashing())) as old, pytest.raises(ArchiveBusy, match="rebuilds the indexes"):
        old.ingest(tmp_path / "late.txt")
    go_on.set()
    rebuilding.join()
    new.close()


def test_kills_at_random_moments_leave_the_old_or_the_new_and_the_rest_goes_on(filled: Path, tmp_path: Path) -> None:
    home = shutil.copytree(filled, tmp_path / "home")
    run = subprocess.run(
        [sys.executable, "-m", "tests.rebuild_loop", str(home), "16", "20231"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    outcomes = json.loads(run.stdout.splitlines()[-1])
    assert outcomes["killed"] >= 5, "most workers finished before they were killed: shorten their lives"
    assert outcomes["finished"] >= 1
    assert outcomes["went on"] >= 1


# --- as people use it


@pytest.fixture
def citedesk(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """A command in this process: exit status, stdout, stderr."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


Run = Callable[..., tuple[int, str, str]]


def test_a_model_of_ones_own_is_named_once(
    citedesk: Run, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = ("--home", tmp_path / "home")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("CITEDESK_EMBEDDER", "hashing")
    assert citedesk("ingest", articles, *home)[0] == 0
    monkeypatch.chdir(tmp_path)
    prompts = {"query": "query: ", "passage": "passage: "}
    folder = tiny_models.write_sentence_model(tmp_path / "models" / "tiny", prompts=prompts)

    status, _, said = citedesk("rebuild", "--embedder", "./models/tiny", *home)
    assert status == 0
    assert said == f"CITEDESK_EMBEDDER still names the embedder hashing: take it out, or name {folder} there\n"
    status, _, said = citedesk("ask", QUESTION, *home)
    assert status == 1
    assert "was built with embedder 'tiny', not 'hashing'; leave the embedder out of your settings, or run: " in said

    monkeypatch.delenv("CITEDESK_EMBEDDER")
    monkeypatch.chdir(tmp_path / "models")  # wherever one stands
    status, answer, _ = citedesk("ask", QUESTION, *home)
    assert (status, "4,000" in answer) == (0, True)
    assert "embedder: tiny" in citedesk("status", *home)[1]
    status, findings, _ = citedesk("doctor", *home)
    assert status == 0
    assert f"setting embedder: {folder} (the archive)" in findings
    assert f"embedder: tiny ({folder}), 32 numbers" in findings
    (articles / "late.txt").write_text("The lighthouse at Pell was lit by Osgood Marl on Sunday evening.\n")
    assert "1 added" in citedesk("ingest", articles, *home)[1]
    assert "Osgood Marl" in citedesk("ask", "Who lit the lighthouse at Pell?", *home)[1]

    folder.rename(tmp_path / "moved")
    status, _, said = citedesk("ask", QUESTION, *home)
    assert status == 2
    assert f"{folder} does not exist on this disk" in said
    assert f"in its new place, run: citedesk rebuild --home {home[1]} --embedder NAME" in said
    assert citedesk("status", *home)[0] == 0
    assert citedesk("backup", tmp_path / "saved", *home)[0] == 0
    status, findings, _ = citedesk("doctor", *home)
    assert status == 1
    assert f"MEND embedder: {folder} does not exist" in findings
    before = remembered_head(tmp_path / "home")
    assert citedesk("rebuild", "--embedder", tmp_path / "moved", *home)[0] == 0
    assert remembered_head(tmp_path / "home") == before  # the same model: nothing was embedded
    assert "4,000" in citedesk("ask", QUESTION, *home)[1]

    status, _, _ = citedesk(
        "rebuild", "--embedder", "hashing", "--query-prefix", "q: ", "--passage-prefix", "p: ", *home
    )
    assert remembered(tmp_path / "home" / "archive.db") == Choice("hashing", "q: ", "p: ")
    assert "4,000" in citedesk("ask", QUESTION, *home)[1]
    assert citedesk("rebuild", "--embedder", "hashing", *home)[0] == 0
    assert remembered(tmp_path / "home" / "archive.db") == Choice("hashing")


def remembered_head(home: Path) -> int:
    with closing(open_with(home, Hashing())) as desk, desk._index.snapshot() as snapshot:
        return snapshot.head()


def test_a_server_of_ones_own_embeds_and_the_archive_keeps_neither_its_address_nor_the_key(
    citedesk: Run, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = ("--home", tmp_path / "home")
    monkeypatch.setenv("OPENAI_EMBEDDINGS_API_KEY", KEY)
    with closing(open_with(tmp_path / "home", Hashing())) as desk:
        desk.ingest(articles)
    with serving() as served:
        monkeypatch.setenv("OPENAI_EMBEDDINGS_BASE_URL", served.base_url)
        status, _, said = citedesk("rebuild", "--embedder", f"openai:{MODEL}", *home)
        assert (status, said) == (0, "")
        asked = len(served.requests)
        assert "4,000" in citedesk("ask", QUESTION, *home)[1]
        assert len(served.requests) > asked
        status, findings, _ = citedesk("doctor", *home)
        assert status == 0
        assert f"embedder: {MODEL} (openai:{MODEL}), 256 numbers" in findings
        assert "environment OPENAI_EMBEDDINGS_API_KEY: set, not shown" in findings
    status, _, said = citedesk("ask", QUESTION, *home)
    assert status == 1
    assert "cannot be reached: nothing listens there; nothing stored is lost" in said
    assert citedesk("status", *home)[0] == 0
    monkeypatch.delenv("OPENAI_EMBEDDINGS_BASE_URL")
    monkeypatch.delenv("OPENAI_EMBEDDINGS_API_KEY")
    for variable in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    status, _, said = citedesk("search", QUESTION, *home)
    assert status == 2
    assert "openai needs a key: set OPENAI_API_KEY" in said
    port = served.base_url.split(":")[2].removesuffix("/v1")
    for path in (tmp_path / "home").rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes()
            assert f":{port}".encode() not in path.read_bytes()


def test_a_name_of_the_hub_is_not_fetched(citedesk: Run, articles: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with closing(open_with(home, Hashing())) as desk:
        desk.ingest(articles)
    status, _, said = citedesk("rebuild", "--embedder", "someone/e5-small", "--home", home)
    assert status == 2
    assert "someone/e5-small does not exist on this disk; models are never downloaded: fetch one yourself" in said
    assert "no embedder is called 'oracle'" in citedesk("rebuild", "--embedder", "oracle", "--home", home)[2]
    assert "4,000" in citedesk("ask", QUESTION, "--home", home)[1]
