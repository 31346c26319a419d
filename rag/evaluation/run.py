"""Ask every question of a set, several at once, and keep each answer as it comes; go on where it was left off.

A run is a folder: ``answers.jsonl``, a line for each question; ``questions.jsonl``, the set as it was read;
``manifest.json``, what it was made with. Knows nothing of what the answers are worth.
"""

from __future__ import annotations

import json
import logging
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO

from corpus.errors import BadInput, CiteDeskError
from rag.answer import Answer
from rag.assistant import Assistant
from rag.evaluation import manifest
from rag.evaluation.items import Item, as_lines, json_line, read_items
from rag.setup import Setup
from vectorstore.lock import ProcessLock

__all__ = ["Item", "Run", "answered", "load", "questions", "read_items"]

_log = logging.getLogger(__name__)

ANSWERS, QUESTIONS, MANIFEST = "answers.jsonl", "questions.jsonl", "manifest.json"
WORKERS = 4
_PERCENTILES = (50, 95, 99)

Line = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A run as its folder holds it: ``answers`` by question id, in the order of ``items``; those not asked yet lack."""

    folder: Path
    items: tuple[Item, ...]
    answers: Mapping[str, Line]
    manifest: Mapping[str, Any]

    @property
    def is_complete(self) -> bool:
        return all(item.id in self.answers for item in self.items)


def questions(
    desk: Assistant,
    path: Path,
    out: Path,
    *,
    setup: Setup | None = None,
    limit: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    fresh: bool = False,
    also: Sequence[str] = (),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Ask the questions of the file ``path`` and give a summary: counts by status, errors, milliseconds.

    ``limit`` asks the first so many, or with a ``seed`` a random sample, of which a smaller one is always a part.
    ``workers`` are asked at once; None is 1 for a model on this machine, else a few. A folder with answers is gone
    on with: what is missing or failed is asked. ``fresh`` throws them away instead. ``on_progress`` hears of
    questions asked now and their number, ``also`` are more words of the command in the manifest. A question that
    cannot be answered is a line with an ``error``.

    Raises BadInput for a set that cannot be read, or a folder that holds answers of another set, archive, model or
    configuration; ``setup`` tells of these, None takes the assistant's own. A KeyboardInterrupt leaves a folder that
    can be gone on with.
    """
    setup = setup or desk.setup
    if limit is not None and limit < 1:
        raise BadInput(f"the limit is {limit}; it must be at least 1")
    if workers is not None and workers < 1:
        raise BadInput(f"{workers} questions at once cannot be asked; it must be at least 1")
    at_once = workers or (1 if setup.is_local else WORKERS)
    everything = read_items(path)
    items = _sample(everything, limit, seed)
    home = desk.status().home
    archive = manifest.archive(home)
    data = sha256(as_lines(everything)).hexdigest()
    about = {
        "citedesk_run": 1,
        "compared": manifest.compared(setup, archive, data),
        "questions": {
            "file": str(path.absolute()), "sha256": data, "count": len(everything), "asked": len(items),
            "limit": limit, "seed": seed,
        },
        "archive": archive,
        "model": manifest.model(setup.caller),
        "prompts_sha256": manifest.prompts_sha256(setup.templates),
        "settings": {name: {"value": value, "origin": origin} for name, (value, origin) in setup.settings.items()},
        "workers": at_once,
        "command": manifest.command(path, out, home, setup, limit=limit, seed=seed, workers=at_once, also=also),
        **manifest.surroundings(),
    }  # fmt: skip
    with _folder(out):
        kept, sessions = _gone_on_with(out, about["compared"], items, fresh=fresh)
        about["sessions"] = [*sessions, {"started": manifest.now(), "ended": None, "asked": None}]
        write_whole(out / QUESTIONS, as_lines(items))
        write_whole(out / MANIFEST, _as_json(about))
        answers = dict(kept)
        left = [item for item in items if item.id not in kept]
        if left:
            _warm(desk, left[0], setup)
        try:
            _ask_all(desk, left, answers, out, at_once, on_progress)
            ordered = [answers[item.id] for item in items]
            write_whole(out / ANSWERS, b"".join(map(json_line, ordered)))
        finally:
            about["sessions"][-1] |= {"ended": manifest.now(), "asked": len(answers) - len(kept)}
            about |= _counts(answers.values(), len(items))
            write_whole(out / MANIFEST, _as_json(about))
    return figures(ordered, out)


def answered(desk: Assistant, item: Item, *, stop: Event | None = None) -> Line:
    """The line of one question: its answer as JSON with ``id``, ``abstained``, ``first_words_ms``, and ``error`` where
    asking failed. Once ``stop`` is set it is given up, and raises InterruptedError."""
    begun = time.perf_counter()
    first_words_ms = None
    answer = None
    growing = desk.stream(item.question, history=item.history)
    try:
        for answer in growing:
            if stop is not None and stop.is_set():
                raise InterruptedError("the run was stopped")
            if first_words_ms is None and answer.text:
                first_words_ms = round((time.perf_counter() - begun) * 1000, 1)
        assert answer is not None
        error = " ".join(answer.notes) or "no answer" if answer.status == "error" else None
    except InterruptedError:
        raise
    except CiteDeskError as failure:
        _log.warning("%s: %s", item.id, failure)
        error = str(failure)
    except Exception as failure:  # a mistake of ours costs one question, and is said, not the night's run
        _log.exception("%s failed", item.id)
        error = f"{type(failure).__name__}: {failure}"
    finally:
        if isinstance(growing, Generator):
            growing.close()  # a model that is still talking is hung up on
    if error is not None and (answer is None or answer.status != "error"):
        spent_ms = (time.perf_counter() - begun) * 1000
        answer = Answer(item.question, "", "error", "", notes=(error,), latency_ms=spent_ms)
        first_words_ms = None
    assert answer is not None
    line = {"id": item.id, **answer.to_json(), "abstained": answer.status == "abstained"}
    return line | {"first_words_ms": first_words_ms} | ({} if error is None else {"error": error})


def load(folder: Path) -> Run:
    """The run in a folder, whole or not. Raises BadInput where there is none, or a line of it cannot be read."""
    try:
        about = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        compared = about["compared"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{folder} holds no run ({error}); make one: citedesk eval run QUESTIONS --out {folder}"
        ) from error
    assert isinstance(compared, dict)
    items = tuple(read_items(folder / QUESTIONS))
    answers = {line["id"]: line for line in _lines(folder / ANSWERS)}
    return Run(folder, items, {item.id: answers[item.id] for item in items if item.id in answers}, about)


def percentile(values: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile of values, of which there is at least one."""
    return sorted(values)[ceil(percent / 100 * len(values)) - 1]


def _sample(items: list[Item], limit: int | None, seed: int | None) -> list[Item]:
    """In the set's order."""
    if limit is None or limit >= len(items):
        return items
    chosen = list(range(len(items)))
    if seed is not None:
        random.Random(seed).shuffle(chosen)  # noqa: S311 - a sample, no secret
    return [items[at] for at in sorted(chosen[:limit])]


# --- the folder


@contextmanager
def _folder(out: Path) -> Iterator[None]:
    """Be the only one who writes into the folder."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{out} cannot be made a folder: {error.strerror}; name another with --out") from error
    lock = ProcessLock(out / "run.lock")
    if not lock.take(purpose="asks questions"):
        raise BadInput(f"process {lock.owner()[0]} is asking questions into {out}; wait for it, or name another --out")
    try:
        yield
    finally:
        lock.release()


def _gone_on_with(
    out: Path, compared: Mapping[str, str], items: Sequence[Item], *, fresh: bool
) -> tuple[dict[str, Line], list[Any]]:
    """The answers in the folder that count, by id, and the sessions that made them."""
    ways_out = "name another folder with --out, or throw its answers away with --fresh"
    if fresh:
        (out / ANSWERS).unlink(missing_ok=True)
        return {}, []
    if not (out / ANSWERS).exists() and not (out / MANIFEST).exists():
        return {}, []
    try:
        before = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        theirs, sessions = dict(before["compared"]), list(before["sessions"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{out} holds answers, and nothing says of what ({error}); {ways_out}") from error
    if differing := [name for name in dict.fromkeys([*theirs, *compared]) if theirs.get(name) != compared.get(name)]:
        shown = "; ".join(
            f"{name} was {_short(theirs.get(name))}, is {_short(compared.get(name))}" for name in differing
        )
        raise BadInput(f"{out} holds answers to another run ({shown}); {ways_out}")
    drop_torn_line(out / ANSWERS)
    answers = {line["id"]: line for line in _lines(out / ANSWERS)}
    if foreign := answers.keys() - {item.id for item in items}:
        some = ", ".join(sorted(foreign)[:3])
        raise BadInput(
            f"{out} holds answers to other questions of the set ({some}): a larger --limit goes on; {ways_out}"
        )
    return {id_: line for id_, line in answers.items() if "error" not in line}, sessions


def _short(value: str | None) -> str:
    return "nothing" if not value else value if len(value) <= 40 else f"{value[:12]}…"


def _lines(path: Path) -> Iterator[Line]:
    """The lines of answers; of one asked twice the later comes later. A line that is not whole yet is none."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}; run again with --fresh") from error
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        try:
            value = json.loads(line)
            if not isinstance(value["id"], str):
                raise TypeError("its id is no string")
        except (ValueError, RecursionError, KeyError, TypeError) as error:
            raise BadInput(
                f"{path}, line {number}: is no answer ({error}); mend it or run again with --fresh"
            ) from error
        yield value


def drop_torn_line(path: Path) -> None:
    """Take away what was being written when the power went; what follows must begin a line of its own."""
    if not path.exists():
        return
    whole = path.read_bytes()
    end = whole.rfind(b"\n") + 1
    if end < len(whole):
        with path.open("r+b") as file:
            file.truncate(end)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and past a power cut. Raises BadInput where it cannot be."""
    beside = path.with_name(f"{path.name}.new")
    try:
        with beside.open("wb") as file:
            file.write(content)
            _keep(file)
        beside.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}; make room or name another --out") from error


def _keep(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _as_json(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return (text + "\n").encode("utf-8", errors="backslashreplace")


# --- asking


def _warm(desk: Assistant, item: Item, setup: Setup) -> None:
    """Open what every question needs, so that the first does not look slow; raises what would fail each of them."""
    desk.search("warm", k=1)
    if setup.caller is None:  # a model's answer would cost
        answered(desk, item)


def _ask_all(
    desk: Assistant,
    items: Sequence[Item],
    answers: dict[str, Line],
    out: Path,
    at_once: int,
    on_progress: Callable[[int, int], None],
) -> None:
    """Ask all and add each line to ``answers`` and to the file as it comes."""
    stop = Event()
    waiting = iter(items)
    done = 0
    on_progress(0, len(items))
    with (out / ANSWERS).open("ab") as file, ThreadPoolExecutor(at_once, "citedesk-eval") as pool:
        try:
            asked = _submitted(pool, desk, waiting, at_once, stop)
            while asked:
                finished, asked = wait(asked, return_when=FIRST_COMPLETED)
                asked |= _submitted(pool, desk, waiting, len(finished), stop)
                for future in finished:
                    line = future.result()
                    file.write(json_line(line))
                    _keep(file)
                    answers[line["id"]] = line
                    done += 1
                    on_progress(done, len(items))
        finally:
            stop.set()  # who is still being asked gives up, so that leaving does not take long


def _submitted(
    pool: ThreadPoolExecutor, desk: Assistant, waiting: Iterator[Item], count: int, stop: Event
) -> set[Future[Line]]:
    """The next ``count`` questions, for as many threads as are free: Ctrl-C leaves none waiting in a queue."""
    return {pool.submit(answered, desk, item, stop=stop) for _, item in zip(range(count), waiting, strict=False)}


# --- counting


def _counts(lines: Iterable[Line], total: int) -> dict[str, Any]:
    found = list(lines)
    statuses = Counter(line["status"] for line in found)
    errors = Counter(line["error"] for line in found if "error" in line)
    return {"complete": len(found) == total, "statuses": dict(statuses), "errors": dict(errors.most_common())}


def figures(lines: Sequence[Line], out: Path) -> dict[str, Any]:
    """Counts by status, errors and milliseconds of the answers in the folder ``out``."""
    statuses = Counter(line["status"] for line in lines)
    sound = [line for line in lines if "error" not in line]
    latencies = [line["latency_ms"] for line in sound]
    first_words = [line["first_words_ms"] for line in sound if line["first_words_ms"] is not None]
    return {
        "questions": len(lines),
        **{status: statuses[status] for status in ("answered", "abstained", "incomplete")},
        "errors": sum("error" in line for line in lines),
        "median_ms": round(statistics.median(latencies), 1) if latencies else None,
        **{f"latency_p{p}_ms": percentile(latencies, p) if latencies else None for p in _PERCENTILES},
        **{f"first_words_p{p}_ms": percentile(first_words, p) if first_words else None for p in _PERCENTILES},
        "answers": str(out / ANSWERS),
    }
