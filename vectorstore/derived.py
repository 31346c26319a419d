"""Keep one derived index in step with the archive: catch up, check, throw away and build again.

A stamp beside the index's files says how far it has come and what the files looked like when it was last
left in order. Where the stamp does not fit, the index is in doubt: a small one is built again at once, a
large one is first examined in a child process, since a damaged one can take its process down.

One that is built anew is built beside the other, which serves until the new one is whole and has its stamp.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Generic, TypeVar

from vectorstore.base import DerivedIndex, Record
from vectorstore.errors import ArchiveBusy, IndexUnavailable
from vectorstore.lock import ProcessLock
from vectorstore.snapshot import Snapshot
from vectorstore.stored import Change

_log = logging.getLogger(__name__)
_STAMP = "stamp.json"
_QUICKER_BUILT_THAN_CHECKED = 1_000  # passages; a check starts a process, which takes as long
_DOCUMENTS_AT_ONCE = 200
_CHECK_TIMEOUT_S = 300
_WAIT_S = 5.0


Kind = TypeVar("Kind", bound=DerivedIndex)


class Derived(Generic[Kind]):
    """One derived index on disk: its folder, its stamp, its lock.

    ``shared``: other processes may read while one writes, so the lock is held only to catch up. Otherwise
    it is held for as long as the index is open, and ``in_step`` gives None where another process holds it.
    """

    def __init__(
        self, home: Path, name: str, build: Callable[[Path], Kind], *, shared: bool, report: Callable[[str], None]
    ) -> None:
        self.name = name
        self._folder = home / name
        self._beside = home / f"{name}.new"
        self._build = build
        self._shared = shared
        self._report = report
        self._lock = ProcessLock(home / f"{name}.lock")
        self._index: Kind | None = None
        self._applied = 0
        self._of = ""  # the archive that it was last brought in step with
        self._place = 0  # which folder the open index is in: another process may have put one in its place
        self._guard = RLock()

    @property
    def is_open(self) -> bool:
        return self._index is not None

    def in_step(self, snapshot: Snapshot, *, wait_s: float = 0.0) -> Kind | None:
        """The index, up to date with ``snapshot`` as far as this process may bring it."""
        with self._guard:
            if self.holds(snapshot):
                return self._index
            known = self._lock.ever_taken
            if not self._lock.held and not self._lock.take(purpose=f"updates {self.name}", wait_s=wait_s):
                return self._as_it_is()
            with self._changing():
                self._take_over(snapshot)
                self._open_checked(snapshot, known=known)
                self._catch_up(snapshot)
                self._of = _whose(snapshot)
            return self._index

    def is_sound(self, snapshot: Snapshot) -> bool:
        """True where the files are as they were left and hold all of the archive; opens nothing."""
        if self._index is not None or snapshot.head() == 0:
            return self._is_of(snapshot)
        return self._stamped(snapshot) == snapshot.head()

    def holds(self, snapshot: Snapshot) -> bool:
        """True where the index is open and has all of it."""
        return self._index is not None and self._is_of(snapshot)

    def _is_of(self, snapshot: Snapshot) -> bool:
        return self._applied >= snapshot.head() and self._of in ("", _whose(snapshot))

    def used_elsewhere(self) -> int:
        """The process that has the index open or is bringing it up to date; 0 where none but ours may."""
        if self._lock.held:
            return 0
        if self._lock.take(purpose=f"looks at {self.name}"):
            self._lock.release()
            return 0
        return self._lock.owner()[0]

    def rebuild(self, snapshot: Snapshot) -> None:
        """Build the index again whatever its state; the one that is there is asked until the new one is whole.

        The caller is the archive's writer. Raises ArchiveBusy where another process has the index open.
        """
        with self._guard:
            if owner := self.used_elsewhere():
                raise ArchiveBusy(f"{self.name} is open in process {owner}; stop it and rebuild again", owner)
        started = time.perf_counter()
        self.build_beside(snapshot.records())  # without the guard: questions are answered meanwhile
        with self._guard:
            if not self._lock.held and not self._lock.take(purpose=f"rebuilds {self.name}", wait_s=_WAIT_S):
                owner, _ = self._lock.owner()
                raise ArchiveBusy(f"{self.name} is open in process {owner}; stop it and rebuild again", owner)
            with self._changing():
                self._leave_stamp_beside(snapshot)
                self._take_over(snapshot)
                self._open_checked(snapshot, known=True)
                self._catch_up(snapshot)
                self._of = _whose(snapshot)
                self._say_built(snapshot, "asked for", started)

    def build_beside(self, records: Iterator[Record]) -> None:
        """Build an index of these records that nobody sees yet; the one in use stays as it is."""
        _remove(self._beside)
        fresh = self._build(self._beside)
        try:
            for batch in _whole_documents(records):
                fresh.add(batch)
        finally:
            fresh.close()

    def release_beside(self, snapshot: Snapshot) -> None:
        """What was built beside is that of the archive from now on: of this state of it, and not of those before.

        Where another process has the index open, that one takes it over when it next looks, or the next to open it.
        """
        with self._guard:
            self._leave_stamp_beside(snapshot)
            held = self._lock.held
            if not held and not self._lock.take(purpose=f"rebuilds {self.name}", wait_s=_WAIT_S):
                owner, _ = self._lock.owner()
                self._report(f"{self.name} is open in process {owner}; the new one is used when that one ends")
                return
            try:
                self._take_over(snapshot)
            finally:
                if not held:
                    self._lock.release()

    def _take_over(self, snapshot: Snapshot) -> None:
        """Put what was built beside, where that is whole, in the place of what is here. The lock is ours."""
        if not (self._beside / _STAMP).is_file():
            return  # none, or one that is being built
        stamped = self._stamped(snapshot, self._beside)
        if stamped is not None and stamped > snapshot.head():
            return  # a question that began before the archive was another's: it is the next one's
        if self._index is not None:
            self._index.close()
            self._index = None
        self._applied = 0
        if stamped is None:
            _remove(self._beside)  # of what a backup has replaced
        else:
            _remove(self._folder)
            self._beside.rename(self._folder)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """A stamp is left only where all went well: without one, the next start builds the index again."""
        try:
            yield
        except BaseException:
            self._forget_stamp()
            if self._index is not None:
                with suppress(IndexUnavailable):
                    self._index.close()
            self._index, self._applied = None, 0
            raise
        else:
            if self._shared:
                self._leave_stamp()
        finally:
            if self._shared:
                self._lock.release()

    def _build_again(self, snapshot: Snapshot, reason: str) -> None:
        """From the archive's own vectors: nothing is embedded."""
        started = time.perf_counter()
        self._discard()
        self._index = self._open()
        self._add(snapshot.records())
        self._applied, self._of = snapshot.head(), _whose(snapshot)
        self._say_built(snapshot, reason, started)

    def _say_built(self, snapshot: Snapshot, reason: str, started: float) -> None:
        _, passages = snapshot.counts()
        spent = time.perf_counter() - started
        self._report(f"{self.name}: {reason}; built again from the archive ({passages} passages, {spent:.1f} s)")

    def close(self) -> None:
        with self._guard:
            if self._index is not None:
                self._index.close()
                if not self._shared:
                    self._leave_stamp()
                self._index = None
            if self._lock.held:
                self._lock.release()

    def _as_it_is(self) -> Kind | None:
        """What can be had while another process holds the lock."""
        if self._shared and self._index is None and self._folder.is_dir():
            try:
                self._index = self._open()
            except IndexUnavailable as error:
                _log.warning("%s is being built again by another process: %s", self.name, error)
        return self._index

    def _open_checked(self, snapshot: Snapshot, *, known: bool) -> None:
        if self._index is not None and self._place != self._number():
            self._index.close()
            self._index = None
        if self._index is not None and self._of != _whose(snapshot):
            self._build_again(snapshot, "of what was here before")
            return
        if self._index is not None and not self._shared:
            return
        stamped = self._stamped(snapshot)
        if stamped is not None and stamped <= snapshot.head():
            self._applied = stamped
            if not self._shared:
                self._forget_stamp()  # asking it changes its files
            try:
                self._index = self._index or self._open()
            except IndexUnavailable as error:
                self._build_again(snapshot, str(error))
            return
        existed = self._folder.is_dir() and any(self._folder.iterdir())
        _, passages = snapshot.counts()
        if not existed and not known:
            self._index = self._open()  # the first time: nothing is lost, nothing to report
            return
        held = self._examine(snapshot) if existed and passages >= _QUICKER_BUILT_THAN_CHECKED else None
        if held is None:
            self._build_again(snapshot, "not as it was left" if existed else "missing")
            return
        self._index = self._open()
        self._reconcile(snapshot, held)

    def _open(self) -> Kind:
        opened = self._build(self._folder)
        self._place = self._number()
        return opened

    def _number(self) -> int:
        """Tells the folder from any that was put in its place."""
        return self._folder.stat().st_ino if self._folder.is_dir() else 0

    def _catch_up(self, snapshot: Snapshot) -> None:
        changes = snapshot.changes_after(self._applied)
        if not changes:
            return
        self._forget_stamp()
        self._remove([change for change in changes if change.kind == "remove"])
        # A document that came and went has no records left; one whose passages were replaced has the new ones.
        added = dict.fromkeys(change.document_id for change in changes if change.kind == "add")
        self._add(snapshot.records(added))
        self._applied = changes[-1].n

    def _reconcile(self, snapshot: Snapshot, held: set[int]) -> None:
        """Bring an index of unknown age up to date by comparing what it holds with what is alive."""
        alive = snapshot.passage_ids()
        self._remove([c for c in snapshot.changes_after(0) if c.kind == "remove" and held.intersection(c.passage_ids)])
        missing = alive - held
        adds = [c for c in snapshot.changes_after(0) if c.kind == "add" and missing.intersection(c.passage_ids)]
        self._add(snapshot.records([change.document_id for change in adds]))
        self._applied = snapshot.head()

    def _add(self, records: Iterator[Record]) -> None:
        assert self._index is not None
        for batch in _whole_documents(records):
            self._index.add(batch)

    def _remove(self, changes: Sequence[Change]) -> None:
        assert self._index is not None
        if changes:
            passage_ids = [id_ for change in changes for id_ in change.passage_ids]
            self._index.remove([change.document_id for change in changes], passage_ids)

    def _examine(self, snapshot: Snapshot) -> set[int] | None:
        """The ids that the index holds, read in a child process; None where it did not come through."""
        command = [
            sys.executable,
            "-P",  # not from the folder that this was started in: what lies there is not ours
            "-m",
            "vectorstore.examine",
            self.name,
            str(self._folder),
            snapshot.meta("dimension") or "1",
        ]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            child = subprocess.run(
                command, capture_output=True, timeout=_CHECK_TIMEOUT_S, env=environment, check=True, text=True
            )
            return set(json.loads(child.stdout))
        except (subprocess.SubprocessError, ValueError) as error:
            _log.info("%s did not pass its examination: %s", self.name, error)
            return None

    def _discard(self) -> None:
        self._applied = 0
        if self._index is not None:
            self._index.close()
            self._index = None
        _remove(self._folder)

    def _stamped(self, snapshot: Snapshot, folder: Path | None = None) -> int | None:
        """How far the index has come, where its files are those that the stamp describes."""
        folder = folder or self._folder
        try:
            stamp = json.loads((folder / _STAMP).read_text(encoding="utf-8"))
            ours = stamp["archive"] in (_whose(snapshot), snapshot.id())  # earlier versions noted no more than that
            if ours and stamp["files"] == _files(folder):
                return int(stamp["applied"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # no stamp or no sense in it: in doubt
        return None

    def _leave_stamp(self) -> None:
        if self._index is None:
            return
        _write_stamp(self._folder, self._of, self._applied)

    def _leave_stamp_beside(self, snapshot: Snapshot) -> None:
        _write_stamp(self._beside, _whose(snapshot), snapshot.head())

    def _forget_stamp(self) -> None:
        (self._folder / _STAMP).unlink(missing_ok=True)


def _whose(snapshot: Snapshot) -> str:
    """Which archive this is, and whose vectors it holds: an index of others is no use to it."""
    return f"{snapshot.id()} {snapshot.meta('fingerprint') or ''}".rstrip()


def _write_stamp(folder: Path, archive: str, applied: int) -> None:
    stamp = {"archive": archive, "applied": applied, "files": _files(folder)}
    fresh = folder / f"{_STAMP}.new"
    fresh.write_text(json.dumps(stamp), encoding="utf-8")
    fresh.replace(folder / _STAMP)


def _files(folder: Path) -> dict[str, list[int]]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".lock" not in path.name]
    return {
        str(path.relative_to(folder)): [path.stat().st_size, path.stat().st_mtime_ns]
        for path in files
        if not path.name.startswith(_STAMP)
    }


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)


def _whole_documents(records: Iterator[Record]) -> Iterator[list[Record]]:
    """Batches that end where a document ends."""
    batch: list[Record] = []
    documents: set[int] = set()
    for record in records:
        if record.document_id not in documents and len(documents) == _DOCUMENTS_AT_ONCE:
            yield batch
            batch, documents = [], set()
        batch.append(record)
        documents.add(record.document_id)
    if batch:
        yield batch
