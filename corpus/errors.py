"""The root of our error tree. A message says what happened, to what, and what to do.

CiteDeskError
├── BadInput            the user's input cannot be used (exit 2)
│   └── UnreadableFile  one file cannot be read as a document
└── (the store's and the providers' own errors, defined where they arise)
"""

from __future__ import annotations

INTERNAL_ERROR = "CiteDesk ran into an error of its own; what happened is in its log."  # all that a page says of a bug


class CiteDeskError(Exception):
    """Anything of ours that a caller may want to catch; exit status 1 unless a subclass says otherwise."""

    exit_status = 1


class BadInput(CiteDeskError):
    """A question, option or path that cannot be used as given."""

    exit_status = 2


class UnreadableFile(BadInput):
    """A file that cannot become a document; the message says why and what would help."""
