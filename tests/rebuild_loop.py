"""Kill a process that gives an archive to another embedder, at random moments; after each kill, open, ask and look.

Run as ``python -m tests.rebuild_loop HOME ROUNDS SEED``. Each round goes on with what the last one was stopped in; one
that is done is followed by one back to the other embedder. Prints what happened as JSON; exits 1 at the first thing
lost.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import chromadb  # noqa: F401  (imported before the fork, opened only after it)

from tests.kill_loop import fail, run_and_kill
from tests.test_rebuilding import QUESTION, Narrow, found_by_each_index, open_with
from vectorstore.base import Vectors
from vectorstore.embedders.hashing import Hashing
from vectorstore.staging import Staging

LONGEST_LIFE_S = 1.6
_A_BATCH_S = 0.15


class SlowHashing(Hashing):
    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        time.sleep(_A_BATCH_S)
        return super().embed_passages(texts)


class SlowNarrow(Narrow):
    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        time.sleep(_A_BATCH_S)
        return super().embed_passages(texts)


def main(home: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    outcomes = {"killed": 0, "finished": 0, "went on": 0}
    belongs = "hashing"
    for number in range(rounds):
        target: Hashing = SlowNarrow() if belongs == "hashing" else SlowHashing()
        before = embedded(home, target)
        said, killed = run_and_kill(partial(rebuild, home, target), chance.uniform(0.1, LONGEST_LIFE_S))
        outcomes["killed" if killed else "finished"] += 1
        first = next((int(line.split()[1]) for line in said if line.startswith("done")), None)
        if first is not None and first != before:
            fail(number, f"went on from {first} documents, and {before} had been embedded", outcomes)
        outcomes["went on"] += bool(first)
        looked, _ = run_and_kill(partial(look, home), None)
        report = json.loads(looked[-1])
        if "error" in report:
            fail(number, report["error"], outcomes)
        if not killed and report["belongs"] != target.name:
            fail(number, f"a rebuild ended and the archive belongs to {report['belongs']}", outcomes)
        belongs = report["belongs"]
    print(json.dumps(outcomes))


def embedded(home: Path, embedder: Hashing) -> int:
    """How many documents the staging file has for it."""
    staging = Staging(home / "rebuild.db")
    begun = staging.target()
    return len(staging.done()) if begun and begun["embedder"] == embedder.name else 0


def rebuild(home: Path, embedder: Hashing, say: Callable[[str], None]) -> None:
    with closing(open_with(home, embedder)) as desk:
        desk.rebuild(on_progress=lambda done, total: say(f"done {done} of {total}"))


def look(home: Path, say: Callable[[str], None]) -> None:
    """The archive is all one embedder's, and each index finds all of it."""
    notes = archive_notes(home)
    embedder: Hashing = Narrow() if notes["embedder"] == "narrow" else Hashing()
    with closing(open_with(home, embedder)) as desk:
        desk.mend()
    with closing(open_with(home, embedder)) as desk:  # Chroma is not open here: it may miss one among many alike
        answer = desk.ask(QUESTION)
        assert "4,000" in answer.text, answer.text
        assert all(citation.check == "verbatim" for citation in answer.citations)
        stored, in_chroma, in_tantivy = found_by_each_index(desk)
        assert stored == in_chroma == in_tantivy, "an index holds other passages than the archive"
        assert len(stored) == 303, f"{len(stored)} passages"
        with desk._index.snapshot() as snapshot:
            ids, vectors = snapshot.vectors()
            assert vectors.shape == (303, embedder.dimension), "vectors of two embedders"
            assert set(ids) == stored
        assert all(finding.sound for finding in desk.examine())
    say(json.dumps({"belongs": embedder.name}))


def archive_notes(home: Path) -> dict[str, str]:
    with closing(open_with(home, Hashing())) as desk, desk._index.snapshot() as snapshot:
        return snapshot.notes()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
