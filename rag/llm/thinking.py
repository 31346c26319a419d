"""What a model thinks before it speaks is no part of its reply.

Servers that know a model send its thoughts apart; others leave them in the text between these two tags. Knows the
tags at the very start of a reply only: further on they are words like any others.
"""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class Spoken:
    """``hear`` each piece of a reply; it returns what of it is said aloud, which may be nothing yet.

    ``end`` returns what was kept back since it might have become a tag. Thoughts that never end are never said.
    """

    def __init__(self) -> None:
        self._kept = ""
        self._thinking = False
        self._speaking = False
        self._drawing_breath = False  # thoughts end in a line or two of nothing

    def hear(self, text: str) -> str:
        if self._speaking:
            text = text.lstrip() if self._drawing_breath else text
            self._drawing_breath = self._drawing_breath and not text
            return text
        self._kept += text
        if not self._thinking:
            start = self._kept.lstrip()
            if _OPEN.startswith(start):
                return ""  # nothing but blanks, or half a tag
            if not start.startswith(_OPEN):
                return self._speak(self._kept)
            self._thinking, self._kept = True, start[len(_OPEN) :]
        _, closed, after = self._kept.partition(_CLOSE)
        if closed:
            self._drawing_breath = True
            self._speak("")
            return self.hear(after)
        self._kept = self._kept[-len(_CLOSE) :]
        return ""

    def end(self) -> str:
        return "" if self._thinking or self._speaking else self._kept

    def _speak(self, text: str) -> str:
        self._thinking, self._speaking, self._kept = False, True, ""
        return text
