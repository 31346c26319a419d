"""What the archive's view asks for over HTTP: pages of documents, uploads, and work on the archive.

Nothing here waits for work to end: it is put into a queue, and a page asks how it is getting on. So questions are
answered meanwhile, and who reloads the page sees the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from corpus.dates import user_date
from corpus.errors import BadInput, CiteDeskError
from corpus.limits import MAX_FILE_BYTES
from corpus.loaders import readable_suffixes
from corpus.manifest import FILE_NAME
from rag.keeping.jobs import Job, Kind, OnOutcome, OnProgress, Work, failures
from rag.keeping.removal import Taken
from rag.keeping.uploads import MAX_BATCH_BYTES, MAX_FILES, Uploads
from rag.window import library, library_work
from rag.window.routing import data, fragment, get, post, receive
from vectorstore.errors import UnknownDocument
from vectorstore.shelf import ORDERS, Look

if TYPE_CHECKING:
    from rag.window.site import Site

MAX_CHOSEN = 1_000  # documents in one request
_KEPT_TAKEN = 200  # removals that can be undone


def routes(site: Site) -> list[Route]:
    room = _Room(site)
    return [
        get("/citedesk/library", room.documents),
        get("/citedesk/library/room", room.room),
        get("/citedesk/jobs", room.jobs),
        get("/citedesk/jobs/{number:int}", room.job),
        post("/citedesk/uploads", room.begin),
        receive("/citedesk/upload", room.upload),
        post("/citedesk/uploads/read", room.read),
        post("/citedesk/uploads/drop", room.drop),
        post("/citedesk/folder", room.folder),
        post("/citedesk/remove", room.remove),
        post("/citedesk/again", room.again),
        post("/citedesk/rebuild", room.rebuild),
        post("/citedesk/put-back", room.put_back),
        post("/citedesk/delete", room.delete),
        post("/citedesk/stop-job", room.stop),
        post("/citedesk/forget-failures", room.forget),
    ]


@dataclass(frozen=True)
class _Removed:
    user: str
    taken: Taken


class _Room:
    """The queue of work, the uploads on their way, and what was removed: for as long as the window is open."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._desk = site.desk
        self._jobs = site.jobs
        self._uploads = Uploads(site.desk.home)
        self._removed: dict[str, _Removed] = {}
        self._busy: set[Path] = set()  # folders of uploads that wait to be read
        self._guard = Lock()

    # --- looking

    def room(self, request: Request) -> Response:
        return fragment(library.room(takes_paths=self._takes_paths(request)))

    def documents(self, request: Request) -> Response:
        """A page of documents and, around it, what the archive holds and which outlets there are."""
        asked = request.query_params
        look = _look(asked)
        page = _number(asked.get("page", "0"))
        shelf = self._desk.shelf(look, first=page * library.PAGE, count=library.PAGE)
        documents, passages = self._desk.held()
        return data(
            {
                "list": library.documents(shelf, archive_is_empty=not documents),
                "held": library.held(documents, passages),
                "outlets": library.outlet_options(self._desk.outlets(), look.outlet),
                "documents": documents,
                "page": shelf.first // library.PAGE,
            }
        )

    def jobs(self, request: Request) -> Response:
        """How all work stands. ``version`` is what was seen last: where nothing has changed since, only that comes."""
        user, version = self._site.user(request), self._jobs.version
        jobs = self._jobs.all()
        busy = any(not job.is_over for job in jobs)
        if request.query_params.get("version") == str(version):
            return data({"version": version, "busy": busy})
        ended = max((job.number for job in jobs if job.is_over), default=0)
        return data(
            {
                "version": version,
                "busy": busy,
                "ended": ended,
                "work": library_work.work(jobs, failures(jobs), user),
                "kept": library_work.kept(self._kept(user)),
            }
        )

    def job(self, request: Request) -> Response:
        """One job with all its outcomes, as it stands."""
        return data(_as_json(self._jobs.wait(request.path_params["number"], timeout_s=0.0)))

    # --- adding

    def begin(self, request: Request, sent: dict[str, Any]) -> Response:
        return data(
            {
                "batch": self._uploads.begin(self._site.user(request)),
                "limits": {
                    "file_bytes": MAX_FILE_BYTES,
                    "files": MAX_FILES,
                    "bytes": MAX_BATCH_BYTES,
                    "suffixes": readable_suffixes(),
                },
            }
        )

    def upload(self, request: Request, file: Path) -> Response:
        """One file of a batch; without one it is a batch of its own and is read at once."""
        user, name = self._site.user(request), request.query_params.get("name", "")
        if "batch" in request.query_params:
            return data({"file": self._uploads.put(request.query_params["batch"], user, name, file)})
        batch = self._uploads.begin(user)
        try:
            inside = self._uploads.put(batch, user, name, file)
        except CiteDeskError:
            self._uploads.drop(batch, user)
            raise
        return data({"file": inside, "job": self._read(request, batch, inside, {}).number})

    def read(self, request: Request, sent: dict[str, Any]) -> Response:
        """The batch is whole: it is to be read."""
        job = self._read(request, _text(sent, "batch"), _text(sent, "title", most=200), _said(sent))
        return data({"job": job.number})

    def _read(self, request: Request, batch: str, title: str, said: dict[str, str]) -> Job:
        folder = self._uploads.finish(batch, self._site.user(request))
        with self._guard:
            self._busy.add(folder)

        def work(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
            self._desk.ingest(folder, **said, on_outcome=on_outcome, on_progress=on_progress)  # type: ignore[arg-type]

        def afterwards() -> None:
            self._uploads.delete(self._unread(folder))
            with self._guard:
                self._busy.discard(folder)

        try:
            return self._queue(request, "add", title, work, afterwards=afterwards)
        except CiteDeskError:
            afterwards()
            raise

    def _unread(self, folder: Path) -> list[Path]:
        """The files of a folder that no document was read from; what is said of the others stays with them."""
        read = self._desk.files()
        files = [path for path in folder.rglob("*") if path.is_file()]
        unread = [path for path in files if str(path) not in read]
        return [path for path in unread if path.name != FILE_NAME or len(unread) == len(files)]

    def drop(self, request: Request, sent: dict[str, Any]) -> Response:
        self._uploads.drop(_text(sent, "batch"), self._site.user(request))
        return data({})

    def folder(self, request: Request, sent: dict[str, Any]) -> Response:
        """A path of this machine, as ``citedesk ingest`` takes it."""
        if not self._takes_paths(request):
            raise BadInput("a path can be named only in a window without a login; use: citedesk ingest PATH")
        path, said = Path(_text(sent, "path").strip()).expanduser(), _said(sent)
        if not path.is_absolute():
            raise BadInput(f"{path} is not a whole path; begin it with {Path.home().anchor} or ~")

        def work(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
            self._desk.ingest(path, **said, on_outcome=on_outcome, on_progress=on_progress)  # type: ignore[arg-type]

        return data({"job": self._queue(request, "add", str(path), work).number})

    def _takes_paths(self, request: Request) -> bool:
        # Without a login the window serves this machine only: whoever sits here may read its files anyway.
        return not self._site.user(request)

    # --- changing

    def remove(self, request: Request, sent: dict[str, Any]) -> Response:
        names, user = _names(sent), self._site.user(request)
        self._check(names)

        def work(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
            taken = self._desk.take_out(names)
            with self._guard:
                for each in taken:
                    self._removed[secrets.token_hex(8)] = _Removed(user, each)
                for key in list(self._removed)[:-_KEPT_TAKEN]:
                    del self._removed[key]

        return data({"job": self._queue(request, "remove", _title(names), work).number})

    def again(self, request: Request, sent: dict[str, Any]) -> Response:
        """Read files again: of these documents, or of all."""
        names = None if sent.get("all") is True else _names(sent)
        self._check(names or ())

        def work(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
            self._desk.read_again(names, on_outcome=on_outcome, on_progress=on_progress)

        title = "all files" if names is None else _title(names)
        return data({"job": self._queue(request, "again", title, work).number})

    def rebuild(self, request: Request, sent: dict[str, Any]) -> Response:
        def work(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
            self._desk.rebuild(on_progress=on_progress)

        return data({"job": self._queue(request, "rebuild", "", work).number})

    def put_back(self, request: Request, sent: dict[str, Any]) -> Response:
        user, key = self._site.user(request), _text(sent, "key")
        taken = self._taken(key, user)

        def work(on_outcome: OnOutcome, on_progress: OnProgress) -> None:
            report = self._desk.put_back([taken], on_outcome=on_outcome, on_progress=on_progress)
            if not report.failed:
                with self._guard:
                    self._removed.pop(key, None)

        return data({"job": self._queue(request, "put back", _title(taken.names), work).number})

    def delete(self, request: Request, sent: dict[str, Any]) -> Response:
        """Delete uploaded files for good that no document is read from: one, or all that this user may see."""
        user = self._site.user(request)
        wanted = None if sent.get("all") is True else _text(sent, "key")
        keys = [each.key for each in self._kept(user) if each.is_upload and wanted in (None, each.key)]
        if not keys:
            raise BadInput("there is no such file any more")
        self._uploads.delete([self._taken(key, user).file for key in keys])
        with self._guard:
            for key in keys:
                self._removed.pop(key, None)
        return data({"deleted": len(keys)})

    def stop(self, request: Request, sent: dict[str, Any]) -> Response:
        number = sent.get("job")
        if not isinstance(number, int):
            raise BadInput("job is the number of a job")
        self._jobs.stop(number, self._site.user(request))
        return data({})

    def forget(self, request: Request, sent: dict[str, Any]) -> Response:
        self._jobs.forget_failures(self._site.user(request))
        return data({})

    def _check(self, names: Sequence[str]) -> None:
        known = self._desk.known(names)
        if unknown := [name for name in names if name not in known]:
            raise UnknownDocument(f"not in the archive any more: {', '.join(unknown[:5])}")

    def _queue(
        self,
        request: Request,
        kind: Kind,
        title: str,
        work: Work,
        *,
        afterwards: Callable[[], None] = lambda: None,
    ) -> Job:
        def tidy() -> None:
            self._desk.mend()  # what was stopped half-way has not brought the indexes up to date
            afterwards()

        return self._jobs.add(kind, title, self._site.user(request), work, afterwards=tidy)

    # --- what was removed

    def _kept(self, user: str) -> list[library_work.Kept]:
        """What was removed while this window is open, the newest first, then uploads that are left from before."""
        with self._guard:
            removed = {key: each for key, each in reversed(self._removed.items()) if each.user == user}
        back = self._desk.known({name for each in removed.values() for name in each.taken.names})
        removed = {key: each for key, each in removed.items() if not back.issuperset(each.taken.names)}
        unused = self._unused()
        takens = {key: each.taken for key, each in removed.items()}
        found = [
            library_work.Kept(key, each.names, str(each.file), each.file in unused, each.file.is_file())
            for key, each in takens.items()
        ]
        known = {each.file for each in takens.values()}
        return found + [
            library_work.Kept(_key(path), (self._uploads.called(path),), str(path), is_upload=True)
            for path in unused
            if not user and path not in known
        ]

    def _taken(self, key: str, user: str) -> Taken:
        with self._guard:
            removed = self._removed.get(key)
        if removed is not None and removed.user == user:
            return removed.taken
        for path in [] if user else self._unused():
            if _key(path) == key:
                return Taken((self._uploads.called(path),), path, self._uploads.called(path))
        raise BadInput("that cannot be put back any more")

    def _unused(self) -> list[Path]:
        """Uploaded files that no document is read from any more, nor will be shortly."""
        with self._guard:
            busy = set(self._busy)
        used = self._desk.files()
        kept = [path for path in self._uploads.kept() if str(path) not in used and path.name != FILE_NAME]
        return [path for path in kept if not any(path.is_relative_to(folder) for folder in busy)]


def _look(asked: QueryParams) -> Look:
    """Raises BadInput for what is no date or no order."""
    outlet = asked.get("outlet", "any")
    if outlet != "any" and outlet != "none" and not outlet.startswith("known:"):
        raise BadInput('outlet is "any", "none" or "known:" and its name')
    order, dates = asked.get("order", "date"), [asked.get(key, "").strip() for key in ("since", "until")]
    if order not in ORDERS:
        raise BadInput(f"order is one of {', '.join(ORDERS)}")
    since, until = [user_date(date) if date else None for date in dates]
    return Look(
        words=asked.get("q", "")[:200],
        outlet=None if outlet == "any" else outlet.removeprefix("known:") if outlet != "none" else "",
        since=since,
        until=until,
        undated=asked.get("undated") == "on",
        order=order,
        descending=asked.get("way", "down") == "down",
    )


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise BadInput("page is a number, the first is 0")
    return int(value)


def _text(sent: dict[str, Any], key: str, *, most: int = 4_000) -> str:
    value = sent.get(key, "")
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise BadInput(f"{key} is a text of up to {most:,} characters")
    return value


def _said(sent: dict[str, Any]) -> dict[str, str]:
    """What is said of everything that is added."""
    said = {key: _text(sent, key, most=200).strip() for key in ("outlet", "published")}
    if said["published"]:
        user_date(said["published"])  # refused now, not when its turn comes
    return {key: value for key, value in said.items() if value}


def _names(sent: dict[str, Any]) -> list[str]:
    names = sent.get("names")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise BadInput("names are those of the documents")
    if len(names) > MAX_CHOSEN:
        raise BadInput(f"at most {MAX_CHOSEN:,} documents at once")
    return list(dict.fromkeys(names))


def _title(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names):,} documents"


def _key(path: Path) -> str:
    return sha256(str(path).encode()).hexdigest()[:16]


def _as_json(job: Job) -> dict[str, Any]:
    return {
        "job": job.number,
        "state": job.state,
        "error": job.error,
        "done": job.done,
        "total": job.total,
        "report": library_work.report(job.outcomes, again=job.kind == "again"),
        "hidden": library_work.left_out(job.outcomes),
        "outcomes": [asdict(outcome) for outcome in job.outcomes],
    }
