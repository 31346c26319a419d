"""A small archive of our own writing about invented events, for the first run and the tests."""

from __future__ import annotations

from pathlib import Path


def folder() -> Path:
    """Where the sample's articles lie."""
    return Path(__file__).parent
