"""What can go wrong with a stored archive."""

from __future__ import annotations

from corpus.errors import BadInput, CiteDeskError


class ArchiveBusy(CiteDeskError):
    """Another process is writing to the archive; ``owner_pid`` is its process id, 0 where unknown."""

    def __init__(self, message: str, owner_pid: int) -> None:
        super().__init__(message)
        self.owner_pid = owner_pid


class ArchiveDamaged(CiteDeskError):
    """The SQLite file itself cannot be read; no derived index can bring its contents back."""


class ArchiveUnavailable(CiteDeskError):
    """The SQLite file cannot be read or written at present: a full disk, a missing permission."""


class IndexUnavailable(CiteDeskError):
    """A derived index cannot be read or written; the archive holds all that is in it, and more."""


class EmbedderMismatch(CiteDeskError):
    """The archive's vectors or passages were made by another embedder or other chunking."""


class ModelUnavailable(CiteDeskError):
    """The embedder's weights are missing, not the ones they should be, or cannot be made ready."""


class UnknownDocument(BadInput):
    """No document of that name is in the archive."""
