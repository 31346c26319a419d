"""The archive's view: documents a page at a time, what comes in and goes out, and what everybody can see of it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from corpus import chunking
from corpus.document import Document, Header, Span
from corpus.errors import BadInput, CiteDeskError
from corpus.loaders import readable_suffixes
from corpus.reading import Direct
from rag import Assistant
from rag.copies import Once
from rag.extractive import Extractive
from rag.keeping.files import safe_file_name
from rag.keeping.jobs import Job, Jobs, OnOutcome, OnProgress, failures
from rag.keeping.report import Outcome
from rag.keeping.splitting import split
from rag.keeping.uploads import KEPT_S, MAX_FILES, Uploads, inner_path
from rag.retrieval import hybrid
from rag.window import library, library_routes, library_work
from rag.window.guard import USER
from rag.window.site import Site
from tests.conftest import write_articles
from vectorstore.base import Vectors
from vectorstore.embedders.hashing import Hashing
from vectorstore.errors import UnknownDocument
from vectorstore.index import Index
from vectorstore.shelf import Copy, Look, Shelf, Shelved

Open = Callable[..., Assistant]
OURS = {"x-citedesk": "1"}
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(1)</script>\u202egnp.exe'


# --- the shelf


def fill(desk: Assistant, documents: Sequence[tuple[Header, str]]) -> None:
    """Stores documents as they are, without files."""
    index, embedder = desk._index, desk.embedder
    index.claim()
    with index.transaction() as transaction:
        for number, (header, text) in enumerate(documents):
            title = len(header.title or "")
            furniture = (Span(0, title),) if title and text.startswith(header.title or "") else ()
            document = Document(header, text, furniture)
            passages = split(document, embedder)
            vectors = embedder.embed_passages([passage.embedded_text() for passage in passages])
            path = f"/nowhere/{header.name}"
            transaction.add(document, passages, vectors, source=path, file=path, sha256=f"{number:064d}")


ARTICLES = [
    (Header("a.txt", "Ärger am Hafen", "Pell Courier", "Ada Penn", "2021-03-04"), "The harbour was shut. " * 5),
    (Header("b.pdf", "Bridge opens", "Vale Gazette", None, "2023-05"), "Bridge opens\n\nA bridge was opened at noon."),
    (Header("c.html", "apples", None, None, None), "Apples ripen early this year in the whole of the vale. " * 9),
    (Header("d.txt", None, "Vale Gazette", "Osric Tull", "2023-06-01"), "A ferry went down the river for good."),
]  # fmt: skip


@pytest.fixture
def shelf(small_desk: Open) -> Callable[..., list[str]]:
    desk = small_desk()
    fill(desk, ARTICLES)

    def names(**look: Any) -> list[str]:
        return [each.header.name for each in desk.shelf(Look(**look)).documents]

    return names


def test_documents_are_sorted_and_those_without_a_date_or_outlet_come_last(shelf: Callable[..., list[str]]) -> None:
    assert shelf() == ["d.txt", "b.pdf", "a.txt", "c.html"]
    assert shelf(descending=False) == ["a.txt", "b.pdf", "d.txt", "c.html"]
    assert shelf(order="title", descending=False) == ["c.html", "a.txt", "b.pdf", "d.txt"]  # "ä" is an "a"
    assert shelf(order="outlet", descending=False) == ["a.txt", "d.txt", "b.pdf", "c.html"]
    assert shelf(order="length") == ["c.html", "a.txt", "b.pdf", "d.txt"]
    assert shelf(order="added", descending=False) == ["a.txt", "b.pdf", "c.html", "d.txt"]


def test_every_word_must_stand_in_title_outlet_author_or_name_however_written(shelf: Callable[..., list[str]]) -> None:
    assert shelf(words="ARGER") == ["a.txt"]
    assert shelf(words="gazette bridge") == ["b.pdf"]
    assert shelf(words="tull") == ["d.txt"]
    assert shelf(words=".html") == ["c.html"]
    assert shelf(words="bridge harbour") == []
    assert shelf(words="100%_") == []


def test_documents_are_narrowed_by_outlet_and_date(shelf: Callable[..., list[str]]) -> None:
    assert shelf(outlet="Vale Gazette") == ["d.txt", "b.pdf"]
    assert shelf(outlet="") == ["c.html"]
    assert shelf(since="2023-05-20") == ["d.txt", "b.pdf"]  # "May 2023" may be the 20th
    assert shelf(until="2022") == ["a.txt"]
    assert shelf(undated=True) == ["c.html"]


def test_a_page_past_the_end_is_the_last_one(small_desk: Open) -> None:
    desk = small_desk()
    fill(desk, ARTICLES)
    page = desk.shelf(Look(), first=200, count=3)
    assert (page.first, page.found, len(page.documents)) == (3, 4, 1)
    assert desk.shelf(Look(words="nothing"), first=50).documents == ()


def test_what_is_said_of_a_document_is_counted_from_its_text(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    fill(desk, ARTICLES)
    (bridge,) = desk.shelf(Look(words="bridge")).documents
    assert (bridge.characters, bridge.words, bridge.passages) == (42, 8, 1)
    assert bridge.furniture_share == 12 / 42  # the title of twelve characters
    assert desk.outlets() == [("", 1), ("Pell Courier", 1), ("Vale Gazette", 2)]


def test_copies_are_named_and_exact_ones_told_apart(small_desk: Open) -> None:
    desk = small_desk()
    text = " ".join(
        f"Sentence {number} tells of the {number * 7} boats of Ollerford and of their crews." for number in range(30)
    )
    fill(desk, [(Header(f"{name}.txt", name), text) for name in ("one", "two", "three")])
    (one,) = desk.shelf(Look(words="one.txt")).documents
    assert {copy.header.name for copy in one.copies} == {"two.txt", "three.txt"}
    assert one.copies_found == 2
    assert not any(copy.is_exact for copy in one.copies)  # they were read from other bytes


# --- names and limits of uploads


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("../../etc/cron.d/x.txt", "etc/cron.d/x.txt"),
        ("..\\..\\x.md", "x.md"),
        ("/abs.txt", "abs.txt"),
        ("C:\\x.pdf", "C_/x.pdf"),
        ("CON.txt", "_CON.txt"),
        ("press/.hidden/./a.html", "press/hidden/a.html"),
        ("a" * 300 + ".txt", "a" * 100 + ".txt"),
        ("a\u202etxt.eml", "a_txt.eml"),
    ],
)
def test_a_name_from_elsewhere_is_only_a_label(label: str, inside: str) -> None:
    assert str(inner_path(label)) == inside


@pytest.mark.parametrize(
    "label", ["", "..", "/", "a\x00.txt", "x" * 5000 + ".txt", "../../etc/cron.d/x", "CON", "a.png"]
)
def test_a_name_that_cannot_be_one_is_refused(label: str) -> None:
    with pytest.raises(BadInput):
        inner_path(label)


def test_a_name_fits_a_file_system_in_every_script(tmp_path: Path) -> None:
    name = safe_file_name("水" * 300 + ".txt")
    (tmp_path / name).write_text("fits")
    assert name.endswith("水.txt")


def test_files_of_one_batch_keep_their_folders_and_never_overwrite_each_other(tmp_path: Path) -> None:
    uploads, source = Uploads(tmp_path / "home"), tmp_path / "source"
    batch = uploads.begin("ada")
    for text, label in (("1", "press/a?.txt"), ("2", "press/A*.txt"), ("3", "b.txt")):
        source.write_text(text)
        uploads.put(batch, "ada", label, source)
    folder = uploads.finish(batch, "ada")
    held = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert held == {"press/a_.txt": "1", "press/A_-2.txt": "2", "b.txt": "3"}
    assert [uploads.called(path) for path in uploads.kept()] == ["b.txt", "press/A_-2.txt", "press/a_.txt"]


def test_a_batch_is_its_users_alone(tmp_path: Path) -> None:
    uploads, source = Uploads(tmp_path / "home"), tmp_path / "source"
    source.write_text("text")
    batch = uploads.begin("ada")
    for act in (lambda: uploads.put(batch, "bob", "a.txt", source), lambda: uploads.finish(batch, "bob"),
                lambda: uploads.drop(batch, "bob")):  # fmt: skip
        with pytest.raises(BadInput, match="begin it again"):
            act()


def test_of_a_file_that_cannot_be_kept_nothing_is_left(tmp_path: Path) -> None:
    uploads, source = Uploads(tmp_path / "home"), tmp_path / "source"
    source.write_bytes(b"The lock broke.")
    batch = uploads.begin("ada")
    uploads.put(batch, "ada", "notes.txt", source)
    with pytest.raises(CiteDeskError, match=r"lock\.txt could not be kept: .*; make room and add it again"):
        uploads.put(batch, "ada", "notes.txt/lock.txt", source)  # a folder cannot be made where a file is
    kept = uploads.finish(batch, "ada")
    assert [path.name for path in kept.rglob("*")] == ["notes.txt"]


def test_number_and_size_of_a_batch_are_limited(tmp_path: Path) -> None:
    uploads, source = Uploads(tmp_path / "home"), tmp_path / "source"
    batch = uploads.begin("")
    source.write_text("text")
    for number in range(MAX_FILES):
        uploads.put(batch, "", f"{number}.txt", source)
    with pytest.raises(BadInput, match="2,000 files"):
        uploads.put(batch, "", "more.txt", source)
    other = uploads.begin("")
    with source.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(BadInput, match="over the limit of 50 MB"):
        uploads.put(other, "", "big.txt", source)
    with source.open("wb") as file:
        file.truncate(0)
    with pytest.raises(BadInput, match="is empty"):
        uploads.put(other, "", "empty.txt", source)


def test_an_upload_that_nobody_finishes_is_given_up(tmp_path: Path) -> None:
    now = 0.0
    uploads, source = Uploads(tmp_path / "home", clock=lambda: now), tmp_path / "source"
    source.write_text("text")
    batch = uploads.begin("")
    uploads.put(batch, "", "a.txt", source)
    now = KEPT_S + 1
    uploads.begin("")
    assert list((tmp_path / "home" / "incoming").iterdir()) == []
    with pytest.raises(BadInput):
        uploads.finish(batch, "")


# --- jobs


def outcome(name: str, change: Any = "added", detail: str = "") -> Outcome:
    return Outcome(name, change, detail, name)


def test_jobs_wait_for_each_other_and_keep_what_became_of_everything() -> None:
    jobs, go, order = Jobs(), threading.Event(), []

    def first(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
        on_progress(0, 2)
        assert go.wait(20)
        on_outcome(outcome("a.txt"))
        on_outcome(outcome("b.txt", "failed", "is empty"))
        order.append("first")

    one = jobs.add("add", "2 files", "ada", first)
    two = jobs.add("remove", "c.txt", "bob", lambda *_: order.append("second"))
    assert next((job.number, job.state) for job in jobs.all()) == (two.number, "waiting")
    go.set()
    assert jobs.wait(two.number, 20).state == "done"
    assert order == ["first", "second"]
    done = jobs.wait(one.number, 0)
    assert (done.state, done.total, [each.change for each in done.outcomes]) == ("done", 2, ["added", "failed"])
    assert [(job.number, each.name) for job, each in failures(jobs.all())] == [(one.number, "b.txt")]


def test_a_job_is_stopped_by_its_user_only_and_tidied_up_after() -> None:
    jobs, begun, tidied = Jobs(), threading.Event(), threading.Event()

    def endless(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
        begun.set()
        while True:
            on_progress(1, 2)

    job = jobs.add("add", "x", "ada", endless, afterwards=tidied.set)
    waiting = jobs.add("add", "y", "ada", endless)
    assert begun.wait(20)
    with pytest.raises(BadInput):
        jobs.stop(job.number, "bob")
    jobs.stop(waiting.number, "ada")
    jobs.stop(job.number, "ada")
    assert jobs.wait(job.number, 20).state == "stopped"
    assert jobs.wait(waiting.number, 20).state == "stopped"
    assert tidied.is_set()


def test_a_queue_that_is_closed_stops_what_is_being_done_and_begins_nothing_more() -> None:
    jobs, begun, order = Jobs(), threading.Event(), []

    def endless(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
        begun.set()
        while True:
            on_progress(1, 2)

    jobs.add("add", "x", "", endless, afterwards=lambda: order.append("tidied"))
    jobs.add("add", "y", "", lambda *_: order.append("second"))
    assert begun.wait(20)
    jobs.close()
    assert not [thread for thread in threading.enumerate() if thread is jobs._thread]
    assert order == []


def test_a_job_that_fails_says_why_and_a_mistake_of_ours_says_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    jobs = Jobs()

    def fail(error: Exception) -> Callable[[OnOutcome, OnProgress], None]:
        def work(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
            raise error

        return work

    ours = jobs.add("rebuild", "", "", fail(CiteDeskError("the disk is full; make room")))
    bug = jobs.add("rebuild", "", "", fail(RuntimeError("secret internals")))
    assert jobs.wait(ours.number, 20).error == "the disk is full; make room"
    assert "secret" not in jobs.wait(bug.number, 20).error


def test_a_file_that_came_through_later_is_no_failure_any_more() -> None:
    now = datetime.now(UTC)
    old = Job(
        1, "add", "", "", now, "done", outcomes=(outcome("a.txt", "failed", "is empty"), outcome("b.txt", "failed"))
    )
    new = Job(2, "add", "", "", now, "done", outcomes=(outcome("a.txt"),))
    assert [each.name for _, each in failures([new, old])] == ["b.txt"]


# --- over HTTP


class Named:
    """ASGI middleware as the Guard's: says who logged in, here by a header of the test's own."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", []))
        await self.app({**scope, USER: headers.get(b"as", b"").decode()}, receive, send)


class Window:
    """The routes over one archive, and what tests ask of them."""

    def __init__(self, desk: Assistant) -> None:
        self.desk = desk
        site = Site(desk, cast(Any, None))
        self.client = TestClient(Named(Starlette(routes=library_routes.routes(site))), headers=OURS)

    def post(self, path: str, value: Any, **headers: str) -> Any:
        return self.client.post(path, json=value, headers=headers)

    def finished(self, answer: Any, **headers: str) -> dict[str, Any]:
        """The job that an answer names, once it is over."""
        assert answer.status_code == 200, answer.text
        number = answer.json()["job"]
        for _ in range(600):
            job: dict[str, Any] = self.client.get(f"/citedesk/jobs/{number}", headers=headers).json()
            if job["state"] not in ("waiting", "running"):
                return job
            threading.Event().wait(0.05)
        raise AssertionError(f"job {number} does not end")

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        return self.finished(self.client.post("/citedesk/upload", params={"name": name}, content=content))

    def work(self, **headers: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get("/citedesk/jobs", headers=headers).json()
        return found

    def names(self, **look: str) -> list[str]:
        page = self.client.get("/citedesk/library", params=look).json()["list"]
        return re.findall(r'data-name="([^"]*)"', page)

    def keys(self, does: str, **headers: str) -> list[str]:
        return re.findall(rf'data-library="{does}" data-key="(\w+)"', self.work(**headers)["kept"])


@pytest.fixture
def window(small_desk: Open) -> Iterator[Window]:
    desk = small_desk()
    with desk.owning("a test"):
        window = Window(desk)
        with window.client:
            yield window


BEES = (
    b"Quillmere beekeepers open a honey library\n\nBy Ada Fenwick | June 3, 2024\n\n"
    b"The beekeepers of Quillmere opened a library of 212 honeys on Monday. "
    b"Librarian Osric Tull said that every jar may be tasted but none may be borrowed.\n"
)


def test_an_uploaded_file_is_read_kept_and_can_be_asked_about(window: Window) -> None:
    job = window.upload("bees.txt", BEES)
    assert (job["state"], job["report"]) == ("done", "1 added")
    assert window.names() == ["bees.txt"]
    assert "212" in window.desk.ask("How many honeys does the library of Quillmere hold?").text
    again = window.upload("bees.txt", BEES)
    assert again["report"] == "1 already there"
    assert len([path for path in (window.desk.home / "uploads").rglob("*") if path.is_file()]) == 1


def test_a_folder_comes_with_its_paths_and_its_manifest(window: Window) -> None:
    batch = window.post("/citedesk/uploads", {}).json()["batch"]
    manifest = b"file,outlet\nbees.txt,Quillmere Post\n"
    for name, content in (("press/bees.txt", BEES), ("press/manifest.csv", manifest), ("press/empty.md", b" ")):
        sent = {"batch": batch, "name": name}
        assert window.client.post("/citedesk/upload", params=sent, content=content).json() == {"file": name}
    job = window.finished(window.post("/citedesk/uploads/read", {"batch": batch, "title": "press"}))
    assert job["report"] == "1 added, 1 failed"
    assert {each["file"]: each["detail"] for each in job["outcomes"]}["press/empty.md"] == "holds no text"
    (header,) = window.desk.documents()
    assert (header.name, header.outlet) == ("press/bees.txt", "Quillmere Post")
    assert window.finished(window.post("/citedesk/again", {"names": ["press/bees.txt"]}))["report"] == "1 read again"
    assert [header.outlet for header in window.desk.documents()] == ["Quillmere Post"]


def test_what_is_said_of_all_that_is_added_holds(window: Window) -> None:
    batch = window.post("/citedesk/uploads", {}).json()["batch"]
    window.client.post("/citedesk/upload", params={"batch": batch, "name": "bees.txt"}, content=BEES)
    said = {"batch": batch, "outlet": "Hive Weekly", "published": "some day"}
    refused = window.post("/citedesk/uploads/read", said)
    assert (refused.status_code, "'some day' is not a date" in refused.json()["error"]) == (400, True)
    window.finished(window.post("/citedesk/uploads/read", {**said, "published": "2020-02"}))
    (header,) = window.desk.documents()
    assert (header.outlet, header.published) == ("Hive Weekly", "2020-02")


def test_a_failed_file_says_why_until_it_is_cleared_and_leaves_nothing_behind(window: Window) -> None:
    job = window.upload("broken <b>.pdf", b"%PDF-1.7 nothing more")
    assert job["report"] == "1 failed"
    shown = window.work()["work"]
    assert "1 file failed" in shown
    assert job["outcomes"][0]["detail"] in shown
    assert "<b>" not in shown
    assert [path for path in (window.desk.home / "uploads").rglob("*") if path.is_file()] == []
    window.post("/citedesk/forget-failures", {})
    assert "1 file failed" not in window.work()["work"]


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "CON", "a\x00.txt", "", "x.exe"])
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(window: Window, name: str) -> None:
    answer = window.client.post("/citedesk/upload", params={"name": name}, content=BEES)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert list(window.desk.home.rglob("x")) == []


def test_nothing_is_changed_without_the_header_of_our_own_page(window: Window) -> None:
    paths = [
        route.path
        for route in library_routes.routes(Site(window.desk, cast(Any, None)))
        if "POST" in (route.methods or ())
    ]
    assert len(paths) > 8
    for path in paths:
        answer = window.client.post(path, content=b"{}", headers={"x-citedesk": "0"})
        assert (path, answer.status_code) == (path, 403)


def test_a_document_is_removed_and_put_back_and_deleted_for_good(window: Window) -> None:
    window.upload("press/bees.txt", BEES)
    job = window.finished(window.post("/citedesk/remove", {"names": ["press/bees.txt"]}))
    assert job["state"] == "done"
    assert window.names() == []
    assert not window.desk.search("honey library")
    (key,) = window.keys("undo")
    assert window.finished(window.post("/citedesk/put-back", {"key": key}))["report"] == "1 added"
    assert window.names() == ["press/bees.txt"]
    assert window.keys("undo") == []
    window.finished(window.post("/citedesk/remove", {"names": ["press/bees.txt"]}))
    (key,) = window.keys("delete")
    assert window.post("/citedesk/delete", {"key": key}).json() == {"deleted": 1}
    assert [path for path in (window.desk.home / "uploads").rglob("*") if path.is_file()] == []
    assert window.post("/citedesk/put-back", {"key": key}).status_code == 400


def test_a_file_that_is_not_ours_is_never_deleted(window: Window, articles: Path) -> None:
    window.desk.ingest(articles, outlet="Vale Gazette")
    window.finished(window.post("/citedesk/remove", {"names": ["bridge.txt", "ferry.txt"]}))
    assert window.keys("delete") == []
    assert window.post("/citedesk/delete", {"all": True}).status_code == 400
    assert (articles / "bridge.txt").exists()
    for key in window.keys("undo"):
        window.finished(window.post("/citedesk/put-back", {"key": key}))
    outlets = {header.name: header.outlet for header in window.desk.documents()}
    assert outlets == dict.fromkeys(["bridge.txt", "ferry.txt", "harvest.md"], "Vale Gazette")  # as was said once


def test_uploads_left_by_an_earlier_window_can_be_put_back_by_a_later_one(window: Window) -> None:
    window.upload("bees.txt", BEES)
    window.finished(window.post("/citedesk/remove", {"names": ["bees.txt"]}))
    later = Window(window.desk)
    with later.client:
        (key,) = later.keys("undo")
        later.finished(later.post("/citedesk/put-back", {"key": key}))
        assert later.names() == ["bees.txt"]


def test_removing_what_is_not_there_removes_nothing(window: Window, articles: Path) -> None:
    window.desk.ingest(articles)
    answer = window.post("/citedesk/remove", {"names": ["bridge.txt", "none.txt"]})
    assert (answer.status_code, "none.txt" in answer.json()["error"]) == (404, True)
    senseless: list[dict[str, Any]] = [
        {},
        {"names": []},
        {"names": "bridge.txt"},
        {"names": [1]},
        {"names": ["x"] * 1001},
    ]
    for sent in senseless:
        assert window.post("/citedesk/remove", sent).status_code == 400
    assert len(window.desk.documents()) == 3


def test_files_are_read_again_though_they_have_not_changed(window: Window, articles: Path) -> None:
    window.desk.ingest(articles)
    with window.desk._index.snapshot() as snapshot:
        before = {entry.header.name: entry.id for entry in snapshot.entries()}
    (articles / "ferry.txt").unlink()
    job = window.finished(window.post("/citedesk/again", {"all": True}))
    assert job["report"] == "2 read again, 1 failed"
    with window.desk._index.snapshot() as snapshot:
        after = {entry.header.name: entry.id for entry in snapshot.entries()}
    assert set(after) == set(before)
    assert [name for name in before if before[name] == after[name]] == ["ferry.txt"]  # it stays as it was
    assert "4,000" in window.desk.ask("How many cars a day will the bridge carry?").text


def test_reading_a_container_again_loses_none_of_its_documents(window: Window, tmp_path: Path) -> None:
    lines = [
        {"title": f"Report {number}", "body": f"Inspection {number} found {number + 2} cracks in the dam."}
        for number in (1, 2)
    ]
    path = tmp_path / "reports.jsonl"
    path.write_text("\n".join(json.dumps(each) for each in [*lines, lines[0]]), encoding="utf-8")
    assert window.desk.ingest(path).duplicates == ("reports.jsonl#3",)
    job = window.finished(window.post("/citedesk/again", {"names": ["reports.jsonl#2"]}))
    assert job["report"] == "2 read again, 1 already there"
    assert sorted(header.name for header in window.desk.documents()) == ["reports.jsonl#1", "reports.jsonl#2"]
    path.write_text("no JSON\nnor this", encoding="utf-8")
    assert window.finished(window.post("/citedesk/again", {"all": True}))["report"] == "2 failed"
    assert len(window.desk.documents()) == 2


def test_the_indexes_are_rebuilt_while_the_window_owns_the_archive(window: Window, articles: Path) -> None:
    window.desk.ingest(articles)
    assert window.finished(window.post("/citedesk/rebuild", {}))["state"] == "done"
    assert all(finding.sound for finding in window.desk.examine())
    assert "4,000" in window.desk.ask("How many cars a day will the bridge carry?").text


def test_a_folder_of_this_machine_is_added_by_its_path_but_only_without_a_login(window: Window, articles: Path) -> None:
    job = window.finished(window.post("/citedesk/folder", {"path": str(articles)}))
    assert job["report"] == "3 added"
    assert "cd-library-path" in window.client.get("/citedesk/library/room").text
    gone = window.finished(window.post("/citedesk/folder", {"path": str(articles / "none")}))
    assert gone["outcomes"][0]["detail"] == "does not exist; check the path"
    assert window.post("/citedesk/folder", {"path": "articles"}).status_code == 400
    refused = window.client.post("/citedesk/folder", json={"path": str(articles)}, headers={"as": "ada"})
    assert refused.status_code == 400
    assert "cd-library-path" not in window.client.get("/citedesk/library/room", headers={"as": "ada"}).text


def test_everybody_sees_the_jobs_but_only_whose_they_are_can_change_them(window: Window) -> None:
    sent: dict[str, Any] = {"params": {"name": "bees.txt"}, "content": BEES, "headers": {"as": "ada"}}
    window.finished(window.client.post("/citedesk/upload", **sent))
    window.finished(
        window.client.post("/citedesk/upload", **{**sent, "params": {"name": "x.pdf"}, "content": b"%PDF-1.7"})
    )
    theirs = window.work(**{"as": "bob"})
    assert "ada · " in theirs["work"]
    assert "1 file failed" in theirs["work"]
    assert 'data-library="forget"' not in theirs["work"]
    window.finished(window.post("/citedesk/remove", {"names": ["bees.txt"]}, **{"as": "ada"}))
    assert window.keys("undo", **{"as": "bob"}) == []
    (key,) = window.keys("undo", **{"as": "ada"})
    assert window.post("/citedesk/put-back", {"key": key}, **{"as": "bob"}).status_code == 400
    assert window.post("/citedesk/delete", {"key": key}, **{"as": "bob"}).status_code == 400


def test_what_has_not_changed_is_not_sent_again(window: Window) -> None:
    seen = window.work()
    assert window.client.get("/citedesk/jobs", params={"version": seen["version"]}).json() == {
        "version": seen["version"],
        "busy": False,
    }


@pytest.mark.parametrize(
    "look", [{"order": "colour"}, {"since": "soon"}, {"page": "-1"}, {"outlet": "x"}, {"page": "9" * 30}]
)
def test_a_look_that_makes_no_sense_is_refused_in_a_sentence(window: Window, look: dict[str, str]) -> None:
    answer = window.client.get("/citedesk/library", params=look)
    assert (answer.status_code, set(answer.json())) == (400, {"error"})


def test_the_page_of_documents_follows_the_look(window: Window) -> None:
    fill(window.desk, ARTICLES)
    assert window.names() == ["d.txt", "b.pdf", "a.txt", "c.html"]
    assert window.names(outlet="known:Vale Gazette", order="title", way="up") == ["b.pdf", "d.txt"]
    assert window.names(outlet="none") == ["c.html"]
    assert window.names(undated="on") == ["c.html"]
    assert window.names(q="penn", since="2021", until="2021") == ["a.txt"]
    assert window.names(page="7") == ["d.txt", "b.pdf", "a.txt", "c.html"]


class Slow(Hashing):
    """An embedder that waits for leave to embed passages, and embeds questions at once."""

    def __init__(self) -> None:
        self.has_begun, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.has_begun.set()
        assert self.go_on.wait(60)
        return super().embed_passages(texts)


def test_questions_are_answered_and_pages_shown_while_documents_are_read(tmp_path: Path) -> None:
    embedder = Slow()
    index = Index(tmp_path / "home", embedder, chunking=chunking.settings())
    desk = Assistant(index, embedder, Once(hybrid()), Extractive(Hashing()), k=10, reader=Direct)
    desk.ingest(write_articles(tmp_path / "articles"))
    window = Window(desk)
    with window.client, desk.owning("a test"):
        embedder.go_on.clear()
        embedder.has_begun.clear()
        begun = window.client.post("/citedesk/upload", params={"name": "bees.txt"}, content=BEES)
        waiting = window.post("/citedesk/remove", {"names": ["harvest.md"]})
        assert embedder.has_begun.wait(20)
        assert "4,000" in desk.ask("How many cars a day will the bridge carry?").text
        assert sorted(window.names()) == ["bridge.txt", "ferry.txt", "harvest.md"]
        states = re.findall(r"cd-library-job cd-library-(\w+)", window.work()["work"])
        assert states == ["running", "waiting"]
        assert Window(desk).work()["busy"] is False  # the queue is its window's
        embedder.go_on.set()
        assert window.finished(begun)["report"] == "1 added"
        assert window.finished(waiting)["state"] == "done"
        assert sorted(window.names()) == ["bees.txt", "bridge.txt", "ferry.txt"]
    desk.close()


def test_a_job_that_was_stopped_leaves_what_it_stored_and_indexes_in_order(tmp_path: Path) -> None:
    embedder = Slow()
    index = Index(tmp_path / "home", embedder, chunking=chunking.settings())
    desk = Assistant(index, embedder, Once(hybrid()), Extractive(Hashing()), k=10, reader=Direct)
    window = Window(desk)
    with window.client, desk.owning("a test"):
        embedder.go_on.clear()
        begun = window.post("/citedesk/folder", {"path": str(write_articles(tmp_path / "articles"))})
        assert embedder.has_begun.wait(20)
        window.post("/citedesk/stop-job", {"job": begun.json()["job"]})
        embedder.go_on.set()
        assert window.finished(begun)["state"] == "stopped"
        stored = len(desk.documents())
        assert 0 < stored <= 3
        assert all(finding.sound for finding in desk.examine())
        assert window.finished(window.post("/citedesk/folder", {"path": str(tmp_path / "articles")}))["state"] == "done"
        assert len(desk.documents()) == 3
    desk.close()


# --- what is drawn


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags(markup: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(markup)
    return parser.seen


def shelved(name: str = "a.txt", **fields: Any) -> Shelved:
    header = Header(name, *(fields.pop(key, None) for key in ("title", "outlet", "byline", "published")))
    values = {"file": f"/x/{name}", "file_holds": 1, "characters": 100, "words": 20, "furniture_characters": 0,
              "passages": 1, "ingested": "2026-11-22T10:00:00+00:00", **fields}  # fmt: skip
    return Shelved(header, **values)


def test_every_text_from_a_document_a_file_or_a_person_is_escaped() -> None:
    copy = Copy(Header(HOSTILE, HOSTILE, HOSTILE), is_exact=False)
    header = {"title": HOSTILE, "outlet": HOSTILE, "byline": HOSTILE}
    document = shelved(HOSTILE, **header, file=HOSTILE, notes=(HOSTILE,), copies=(copy,), copies_found=1)
    outcomes = (outcome(HOSTILE, "failed", HOSTILE), outcome(HOSTILE, "added", HOSTILE))
    job = Job(1, "add", HOSTILE, HOSTILE, datetime.now(UTC), "failed", outcomes=outcomes, error=HOSTILE)
    drawn = [
        library.documents(Shelf(Look(), (document,), 0, 1)),
        library_work.work([job], failures([job]), "me"),
        library_work.kept([library_work.Kept("k", (HOSTILE,), HOSTILE, is_upload=True)]),
        library.outlet_options([(HOSTILE, 1)], HOSTILE),
    ]
    for markup in drawn:
        assert not {"script", "img"} & {tag for tag, _ in tags(markup)}
        assert not [name for _, attributes in tags(markup) for name in attributes if name.startswith("on")]
        assert "\u202e" not in markup


def test_a_document_is_told_to_the_browser_by_its_very_name() -> None:
    rows = tags(library.documents(Shelf(Look(), (shelved("a\u202eb \"c'.txt"),), 0, 1)))
    assert [attributes["data-name"] for tag, attributes in rows if tag == "tr" and "data-name" in attributes] == [
        quote("a\u202eb \"c'.txt")
    ]


def test_an_unknown_date_outlet_or_length_is_said_in_words() -> None:
    page = library.documents(Shelf(Look(), (shelved(),), 0, 1))
    assert "undated" in page
    assert "not known" in page
    assert library.length(shelved(words=1)) == "1 word"
    assert "2,000 characters" in library.length(
        Shelved(Header("a.txt", language="zh"), "a", 1, 2000, 3, 0, 1, "2026-11-22T10:00:00+00:00")
    )


@pytest.mark.parametrize(
    ("name", "file", "kind"),
    [
        ("a.pdf", "/x/a.pdf", "PDF"),
        ("all.zip/in/b.html", "/x/all.zip", "Web page in ZIP"),
        ("rows.csv#3", "/x/rows.csv", "Table"),
        ("a.xyz", "/x/a.xyz", "XYZ"),
    ],
)
def test_the_kind_of_a_file_is_told_in_a_readers_words(name: str, file: str, kind: str) -> None:
    assert library.kind(name, file) == kind


def test_every_format_that_is_read_has_a_word() -> None:
    assert set(readable_suffixes()) <= set(library.KINDS)


def test_pages_lead_from_the_first_to_the_last() -> None:
    page = library.documents(Shelf(Look(), (shelved(),), 100, 175))
    buttons = [
        (attributes["data-page"], "disabled" in attributes)
        for tag, attributes in tags(page)
        if "data-page" in attributes
    ]
    assert buttons == [("0", False), ("1", False), ("3", False), ("3", False)]
    assert "101–101 of 175 documents" in page
    assert "data-page" not in library.documents(Shelf(Look(), (shelved(),), 0, 1))


def test_an_empty_archive_invites_and_an_empty_result_leads_back() -> None:
    assert "The archive is empty." in library.documents(Shelf(Look(), (), 0, 0), archive_is_empty=True)
    assert 'data-library="all"' in library.documents(Shelf(Look(words="x"), (), 0, 0))


def test_what_was_left_out_as_hidden_is_counted() -> None:
    hidden = (
        outcome("a", "added", "1,200 hidden characters left out; read as UTF-8"),
        outcome("b", "added", "1 invisible character was taken out: joiners"),
        outcome("c", "added", "read as cp1252"),
    )
    assert library_work.left_out(hidden) == "1,201 hidden or invisible characters left out of 2 documents."
    assert library_work.left_out(hidden[2:]) == ""


def test_a_job_is_told_in_words_and_only_its_user_may_stop_it() -> None:
    now = datetime.now(UTC)
    running = Job(1, "add", "press", "ada", now, "running", done=3, total=8)
    assert "3 of 8 files read" in library_work.work([running], [], "ada")
    assert 'data-library="stop"' in library_work.work([running], [], "ada")
    assert 'data-library="stop"' not in library_work.work([running], [], "bob")
    done = Job(2, "again", "all files", "", now, "done", outcomes=(outcome("a", "updated"), outcome("b", "duplicate")))
    assert "1 read again, 1 already there" in library_work.work([done], [], "")


def test_unknown_names_are_refused_by_the_assistant(small_desk: Open, articles: Path) -> None:
    desk = small_desk()
    desk.ingest(articles)
    for act in (desk.take_out, desk.read_again):
        with pytest.raises(UnknownDocument, match=r"none\.txt"):
            act(["bridge.txt", "none.txt"])
    assert len(desk.documents()) == 3
