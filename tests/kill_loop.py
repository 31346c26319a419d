"""Kill a process that ingests, ingests again and removes, at random moments; after each kill, open and look.

Run as ``python -m tests.kill_loop FOLDER ROUNDS SEED``. Everything is imported once and each worker forked, so
that a round costs a fraction of a second. Prints what happened as JSON; exits 1 at the first thing lost.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  (imported before the fork, opened only after it)

from corpus import chunking
from corpus.reading import Direct
from rag.assistant import Assistant
from rag.extractive import Extractive
from rag.retrieval import hybrid
from vectorstore.base import Query
from vectorstore.embedders.hashing import Hashing
from vectorstore.index import Index

DOCUMENTS = [f"report-{letter}.txt" for letter in "abcdefgh"]
RECORDS = DOCUMENTS[5:]  # these are lines of one file, in another order each round
TABLE = "reports.jsonl"
LONGEST_LIFE_S = 0.35

Work = Callable[[Callable[[str], None]], None]
Versions = dict[str, set[int | None]]  # what may be stored of each document; None: nothing
Order = list[str]  # the documents of the file of records, line by line


def main(folder: Path, rounds: int, seed: int) -> None:
    list(Direct().parts(text_of(DOCUMENTS[0], 1).encode(), DOCUMENTS[0]))  # loads what reading takes, before the forks
    chance = random.Random(seed)
    files, home = folder / "files", folder / "home"
    files.mkdir(parents=True)
    possible: Versions = {name: {None} for name in DOCUMENTS}
    newest = dict.fromkeys(DOCUMENTS, 0)
    newest.update(dict.fromkeys(RECORDS, 1))
    outcomes = {"killed": 0, "finished": 0, "acknowledged": 0, "killed again": 0}
    for number in range(rounds):
        for name in chance.sample(DOCUMENTS, 3):
            newest[name] += 1
            if name not in RECORDS:
                (files / name).write_text(text_of(name, newest[name]), encoding="utf-8")
        order = chance.sample(RECORDS, len(RECORDS))
        lines = [json.dumps({"body": text_of(name, newest[name])}) for name in order]
        (files / TABLE).write_text("\n".join(lines), encoding="utf-8")
        stored_now = [name for name in DOCUMENTS if possible[name] != {None}]
        names = chance.sample(stored_now, 1) if stored_now and chance.random() < 0.3 else []
        work: Work = partial(remove, home, names) if names else partial(ingest, home, files)
        said, killed = run_and_kill(work, chance.uniform(0.002, LONGEST_LIFE_S))
        outcomes["killed" if killed else "finished"] += 1
        touched = names or [name for name in DOCUMENTS if newest[name]]
        for name in touched:
            possible[name] = possible[name] | {None if names else newest[name]}
        for line in said:
            outcomes["acknowledged"] += 1
            for name in documents_called(line, order):
                possible[name] = {None if names else newest[name]}
        if chance.random() < 0.2:
            _, again = run_and_kill(partial(look, home), chance.uniform(0.002, LONGEST_LIFE_S))
            outcomes["killed again"] += again
        report, _ = run_and_kill(partial(look, home), None)
        stored: dict[str, Any] = json.loads(report[-1]) if report else {"error": "nothing was said"}
        if "error" in stored:
            fail(number, stored["error"], outcomes)
        for name in DOCUMENTS:
            versions = stored["versions"].get(name, [None])
            # A record's last version stays until the file is read to its end, and is not asked for again.
            if not possible[name].intersection(versions) or (name not in RECORDS and len(versions) > 1):
                fail(number, f"{name} is at {versions}, may be at {possible[name]}", outcomes)
            possible[name] = set(versions)
        if chance.random() < 0.1 or number == rounds - 1:
            run_and_kill(partial(ingest, home, files), None)
            after, _ = run_and_kill(partial(look, home), None)
            if json.loads(after[-1]).get("versions") != {name: [newest[name]] for name in DOCUMENTS if newest[name]}:
                fail(number, f"after an ingest to the end: {after[-1]}, not {newest}", outcomes)
            possible = {name: {newest[name] or None} for name in DOCUMENTS}
    print(json.dumps(outcomes))


def documents_called(line: str, order: Order) -> list[str]:
    """Those that an outcome is about: one, or all that the file of records holds."""
    if line == TABLE:
        return order
    return [order[int(line.partition("#")[2]) - 1]] if line.startswith(TABLE) else [line]


def text_of(name: str, version: int) -> str:
    """A few passages of text in which one word tells document and version."""
    word = word_of(name, version)
    filler = " ".join(f"Paragraph {i} of the report describes the harbour wall and its repair." for i in range(60))
    return f"The {word} inspection found {version} cracks in the wall.\n{filler}\nThe {word} inspection is closed.\n"


def word_of(name: str, version: int) -> str:
    return f"{name.removesuffix('.txt').replace('-', '')}v{version}x"


def open_desk(home: Path) -> Assistant:
    embedder = Hashing()
    # No exact search: what is found is found by Chroma.
    index = Index(home, embedder, chunking=chunking.settings(), exact_passages=0, first_searches=0)
    desk = Assistant(index, embedder, hybrid(), Extractive(embedder), k=10, reader=Direct)
    desk.mend()
    return desk


def ingest(home: Path, files: Path, say: Callable[[str], None]) -> None:
    desk = open_desk(home)
    desk.ingest(files, on_outcome=lambda outcome: say(outcome.name))
    desk.close()


def remove(home: Path, names: list[str], say: Callable[[str], None]) -> None:
    desk = open_desk(home)
    stems = tuple(f"The {name.removesuffix('.txt').replace('-', '')}v" for name in names)
    headers = desk.documents()
    desk.remove([header.name for header in headers if desk.document(header.name).text.startswith(stems)])
    for name in names:
        say(name)
    desk.close()


def look(home: Path, say: Callable[[str], None]) -> None:
    """Every stored document is whole, found by each index, cited word for word, and nothing else is."""
    desk = open_desk(home)
    index = desk._index
    with index.read() as view:
        alive = view.snapshot.passage_ids()
        chroma = index._chroma.in_step(view.snapshot)
        words = index._lexical.in_step(view.snapshot)
        assert chroma is not None
        assert words is not None
        assert chroma.passage_ids() == alive, "Chroma holds other passages than the archive"
        assert words.passage_ids() == alive, "tantivy holds other passages than the archive"
        probe = Query("wall", index.embedder.embed_query("wall"))
        assert len(chroma.search(probe, 1000, None)) == len(alive), "Chroma finds fewer passages than it holds"
        assert len(words.search(probe, 1000, None)) == len(alive), "tantivy finds fewer passages than it holds"
    versions: dict[str, list[int]] = {}
    for header in desk.documents():
        text = desk.document(header.name).text
        version = int(text.split(" cracks")[0].split()[-1])
        (name,) = (name for name in DOCUMENTS if text.startswith(f"The {word_of(name, version)} "))
        assert text.strip() == text_of(name, version).strip(), f"{header.name} is not whole"
        assert name in RECORDS or name == header.name
        versions.setdefault(name, []).append(version)
        answer = desk.ask(f"How many cracks did the {word_of(name, version)} inspection find?")
        cited = [c for c in answer.citations if c.document.name == header.name and str(version) in c.quote]
        found = [(hit.passage.document.name, hit.passage.start, hit.score) for hit in answer.retrieved]
        assert cited, f"{header.name}, version {version}, is stored and not cited: {answer.text} {found}"
        assert all(c.check == "verbatim" for c in answer.citations)
    desk.close()
    say(json.dumps({"versions": dict(sorted(versions.items()))}))


def run_and_kill(work: Work, after_s: float | None) -> tuple[list[str], bool]:
    """What ``work`` said in a process of its own, and whether it had to be killed ``after_s`` seconds."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)

        def say(line: str) -> None:
            os.write(writer, f"{line}\n".encode())

        try:
            work(say)
        except BaseException:
            say(json.dumps({"error": traceback.format_exc()}))
            os._exit(1)
        os._exit(0)
    os.close(writer)
    if after_s is not None:
        time.sleep(after_s)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        said = pipe.read().splitlines()
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status)
    errors = [line for line in said if line.startswith('{"error"')]
    if after_s is not None and errors:
        fail(-1, errors[0], {})
    return said, killed


def fail(number: int, why: str, outcomes: dict[str, int]) -> None:
    print(f"round {number}: {why}\n{json.dumps(outcomes)}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
