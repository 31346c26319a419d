"""How large a file and its text may be, looked at before anything reads them closely."""

from __future__ import annotations

from corpus.errors import UnreadableFile

MAX_FILE_BYTES = 50_000_000
MAX_CHARACTERS = 20_000_000
MAX_LINE_CHARACTERS = 1_000_000


def check_size(text: str) -> None:
    """Raises UnreadableFile for a text without words, or with more of them than we can work through."""
    if not text.strip():
        raise UnreadableFile("holds no text")
    if len(text) > MAX_CHARACTERS:
        raise UnreadableFile(f"has over {MAX_CHARACTERS:,} characters; split it")
    if _has_line_over(text, MAX_LINE_CHARACTERS):
        raise UnreadableFile(f"has a line of over {MAX_LINE_CHARACTERS:,} characters; is it really text?")


def _has_line_over(text: str, characters: int) -> bool:
    start = 0
    while len(text) - start > characters:
        window = start + characters + 1
        line_end = max(text.rfind("\n", start, window), text.rfind("\r", start, window))
        if line_end == -1:
            return True
        start = line_end + 1
    return False
