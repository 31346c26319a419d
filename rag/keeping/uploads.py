"""Files on their way into the archive from elsewhere: gathered in batches, each a folder of its own.

Names from elsewhere are labels: of a path its parts are kept, made safe, below a folder that we name. Knows folders
and limits. Knows nothing of documents or requests.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from threading import Lock

from corpus.errors import BadInput, CiteDeskError
from corpus.limits import MAX_FILE_BYTES
from corpus.loaders import readable_suffix
from rag.keeping.files import safe_file_name

MAX_FILES = 2_000  # of one batch
MAX_BATCH_BYTES = 500_000_000
MAX_WAITING_BYTES = 2_000_000_000  # of all batches that are being gathered
MAX_BATCHES = 50  # that are being gathered
KEPT_S = 3_600.0  # a batch to which nothing has come for so long is given up
_DEPTH = 8
_LABEL_CHARACTERS = 4_000


@dataclass
class _Batch:
    user: str
    folder: Path
    touched_s: float
    bytes: int = 0
    files: int = 0
    taken: set[str] = field(default_factory=set)  # paths inside of it, as a file system without cases sees them


class Uploads:
    """The batches that are being gathered, and the folder of those that were. Safe to use from several threads."""

    def __init__(self, home: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = home.resolve() / "uploads"
        self._incoming = home.resolve() / "incoming"
        self._clock = clock
        self._batches: dict[str, _Batch] = {}
        self._guard = Lock()
        shutil.rmtree(self._incoming, ignore_errors=True)  # what an earlier window had begun to gather

    def begin(self, user: str) -> str:
        """A new batch of this user; its name is known to nobody else."""
        with self._guard:
            self._give_up_old()
            if len(self._batches) >= MAX_BATCHES:
                raise BadInput("too many uploads are under way; wait for some to end")
            name = secrets.token_hex(16)
            self._batches[name] = _Batch(user, self._incoming / name, self._clock())
            return name

    def put(self, batch: str, user: str, label: str, file: Path) -> str:
        """Take a copy of ``file`` into a batch; the path inside of it that it got.

        Raises BadInput for a name that cannot be one, a format that nothing reads, and past the limits, CiteDeskError
        where there is no room for it.
        """
        inside = inner_path(label)
        size = file.stat().st_size
        if not size:
            raise BadInput(f"{safe_file_name(label)} is empty")
        if size > MAX_FILE_BYTES:
            raise BadInput(f"{safe_file_name(label)} is over the limit of {MAX_FILE_BYTES / 1e6:.0f} MB; split it")
        with self._guard:
            gathered = self._of(batch, user)
            if gathered.files >= MAX_FILES:
                raise BadInput(f"over {MAX_FILES:,} files at once; add the rest afterwards")
            if gathered.bytes + size > MAX_BATCH_BYTES:
                raise BadInput(f"over {MAX_BATCH_BYTES / 1e6:.0f} MB at once; add the rest afterwards")
            if sum(each.bytes for each in self._batches.values()) + size > MAX_WAITING_BYTES:
                raise BadInput("too much is being uploaded at present; wait for some of it to be read")
            inside = _free(inside, gathered.taken)
            _copy(file, gathered.folder / inside)  # under the guard: whoever finishes the batch finds whole files
            gathered.taken.add(_same(inside))
            gathered.files += 1
            gathered.bytes += size
            gathered.touched_s = self._clock()
        return str(inside)

    def finish(self, batch: str, user: str) -> Path:
        """The batch is whole: where its files lie from now on."""
        with self._guard:
            gathered = self._of(batch, user)
            if not gathered.folder.is_dir():
                raise BadInput("nothing was uploaded")
            del self._batches[batch]
            self.folder.mkdir(parents=True, exist_ok=True)
            place = self.folder / f"{datetime.now(UTC):%Y-%m-%d}-{batch[:8]}"
            return gathered.folder.rename(place)

    def drop(self, batch: str, user: str) -> None:
        """The batch is not wanted any more."""
        with self._guard:
            gathered = self._of(batch, user)
            del self._batches[batch]
        shutil.rmtree(gathered.folder, ignore_errors=True)

    def kept(self) -> list[Path]:
        """Every file of earlier batches, by path."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())

    def called(self, file: Path) -> str:
        """The path of a kept file inside of its batch."""
        return PurePosixPath(*file.relative_to(self.folder).parts[1:]).as_posix()

    def delete(self, files: Collection[Path]) -> None:
        """Delete kept files for good, and the folders that are empty then."""
        for file in files:
            if not file.is_relative_to(self.folder):
                raise ValueError(f"{file} is none of {self.folder}")
            file.unlink(missing_ok=True)
            for folder in file.parents:
                if folder == self.folder or any(folder.iterdir()):
                    break
                folder.rmdir()

    def _of(self, batch: str, user: str) -> _Batch:
        found = self._batches.get(batch)
        if found is None or found.user != user:
            raise BadInput("this upload was given up; begin it again")
        return found

    def _give_up_old(self) -> None:
        for name, batch in list(self._batches.items()):
            if self._clock() - batch.touched_s > KEPT_S:
                del self._batches[name]
                shutil.rmtree(batch.folder, ignore_errors=True)


def _copy(file: Path, target: Path) -> None:
    """Nothing is left of a copy that fails."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    except OSError as error:
        if target.is_file():
            target.unlink()
        raise CiteDeskError(f"{target.name} could not be kept: {error.strerror}; make room and add it again") from error


def inner_path(label: str) -> PurePosixPath:
    """A name from elsewhere as a path that stays where it is put.

    Raises BadInput for one with a NUL or no end, UnreadableFile for one whose format nothing reads.
    """
    if "\x00" in label or len(label) > _LABEL_CHARACTERS:
        raise BadInput("a file's name may hold no NUL and no more than 4,000 characters")
    parts = [part for part in label.replace("\\", "/").split("/") if part.strip(". ")]
    if not parts:
        raise BadInput("a file needs a name")
    safe = [safe_file_name(part) for part in parts[-_DEPTH:]]
    readable_suffix(safe[-1])
    return PurePosixPath(*safe)


def _free(path: PurePosixPath, taken: Collection[str]) -> PurePosixPath:
    """The path, or one with a number that no other file of the batch has."""
    free, number = path, 1
    while _same(free) in taken:
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _same(path: PurePosixPath) -> str:
    return str(path).casefold()
