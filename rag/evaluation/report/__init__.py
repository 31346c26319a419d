"""A run as one HTML file that anybody can open: no script, nothing fetched, every text in it escaped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.evaluation.compare import Comparison
from rag.evaluation.report.page import page
from rag.evaluation.run import write_whole
from rag.evaluation.summary import Asked, Summary

FILE_NAME = "report.html"

__all__ = ["FILE_NAME", "page", "write"]


def write(summary: Summary, *, comparison: Comparison | None = None, before: Sequence[Asked] | None = None) -> Path:
    """``report.html`` in the run's folder; gives its path. Raises BadInput where it cannot be written.

    ``comparison`` is with an earlier run, whose questions ``before`` are; the two belong together.
    """
    path = summary.run.folder / FILE_NAME
    write_whole(path, page(summary, comparison=comparison, before=before).encode("utf-8"))
    return path
