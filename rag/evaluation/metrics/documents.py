"""Which document a name stands for: a question set and a system seldom name one alike.

A document is named by its file name, a path to it, or a prefix such as "000" that no digit follows; a record's suffix
("file.jsonl#12") is ignored. Where a set names it by its title, that must be the same but for case and signs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from corpus.errors import BadInput
from rag.evaluation.metrics.phrases import folded, one_spaced


def file_of(name: str) -> str:
    """The bare file name."""
    return PurePath(name).name.partition("#")[0]


def same_document(name: str, prefix: str) -> bool:
    """True where ``prefix`` stands for the document called ``name``."""
    file = file_of(name)
    return file.startswith(prefix) and not file[len(prefix) : len(prefix) + 1].isdigit()


def is_from(found: Mapping[str, Any], gold: str) -> bool:
    """True where a citation or hit of a line is of the document that a set calls ``gold``."""
    title = folded(str(found.get("title") or ""))
    return same_document(str(found.get("doc") or ""), gold) or (bool(title) and title == folded(gold))


class Documents:
    """The texts of a corpus, looked up by name."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """``texts`` by file name."""
        self._texts = {name: one_spaced(text) for name, text in texts.items()}

    @classmethod
    def read(cls, folder: Path) -> Documents:
        """The files of a folder, not of those in it. Raises BadInput where one is no UTF-8 text."""
        try:
            files = [path for path in sorted(folder.iterdir()) if path.is_file()]
            return cls({path.name: path.read_text(encoding="utf-8") for path in files})
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{folder} cannot be read as a folder of texts: {error}") from error

    def say(self, name: str, quote: str) -> bool:
        """True where the quote, white space aside, stands in the one document that ``name`` stands for."""
        text, wanted = self._text(name), one_spaced(quote)
        return text is not None and bool(wanted) and wanted in text

    def _text(self, name: str) -> str | None:
        file = file_of(name)
        if not file or file in self._texts:
            return self._texts.get(file)
        found = [text for other, text in self._texts.items() if same_document(other, file)]
        return found[0] if len(found) == 1 else None
