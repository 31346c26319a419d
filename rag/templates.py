"""Prompt templates: Markdown files with ``{{variables}}``, ours in prompts/ or, in their place, a user's own.

A line ``---`` parts our instructions from what changes with each question. Knows nothing of passages or models.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from corpus.errors import BadInput
from rag.llm.base import Prompt

_VARIABLE = re.compile(r"\{\{(\w+)\}\}")
_PART = re.compile(r"^---[ \t]*$", re.MULTILINE)
# Each template's variables; where it may not go without one, it is marked.
_VARIABLES = {
    "answer": "passages! question! boundary! refusal! conflicts standalone today",
    "passage": "key! text! title outlet published voice dates",
    "conflict": "first! second! what!",
    "rewrite": "turns! question! boundary!",
    "turn": "question! answer",
    "hello": "",
    "judge": "passages! claim! boundary!",
}


@dataclass(frozen=True)
class Templates:
    """All templates by name; a file in ``folder`` takes the place of ours of the same name.

    Raises BadInput where the folder is none, or a template of it could not work.
    """

    folder: Path | None = None

    def __post_init__(self) -> None:
        if self.folder is None:
            return
        if not self.folder.is_dir():
            raise BadInput(f"the prompts' folder {self.folder} is none; the setting prompts names it")
        holds_any = False
        for file in sorted(self.folder.glob("*.md")):
            if file.stem in _VARIABLES:
                _check(file, self._texts[file.stem])
                holds_any = True
            elif file.stem.lower() != "readme":
                raise BadInput(f"{file} takes the place of no prompt; there are {', '.join(_VARIABLES)}")
        if not holds_any:
            names = ", ".join(f"{name}.md" for name in _VARIABLES)
            raise BadInput(f"the prompts' folder {self.folder} holds no prompt; there are {names}")

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        return {name: self._read(name) for name in _VARIABLES}

    def _read(self, name: str) -> str:
        own = self.folder / f"{name}.md" if self.folder else None
        try:
            if own and os.path.lexists(own):
                return own.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{own} cannot be read: {error}") from error
        return (files("prompts") / f"{name}.md").read_text(encoding="utf-8")

    def fill(self, name: str, **values: str) -> str:
        """The template with its variables filled in; a line that holds none but empty ones is left out."""
        return _filled(self._texts[name], values)

    def prompt(self, name: str, **values: str) -> Prompt:
        """The same in two parts; one without a line ``---`` has no instructions, it is all material."""
        *system, user = _PART.split(self._texts[name], maxsplit=1)
        return Prompt(_filled("".join(system), values), _filled(user, values))


def _filled(template: str, values: Mapping[str, str]) -> str:
    kept: list[str] = []
    for line in template.strip().split("\n"):
        variables = _VARIABLE.findall(line)
        repeats_blank = not line and kept[-1:] == [""]
        if not repeats_blank and (not variables or any(values[variable] for variable in variables)):
            # One pass: what a passage or a question looks like is never filled in again.
            kept.append(_VARIABLE.sub(lambda match: values[match[1]], line))
    return "\n".join(kept)


def _check(file: Path, text: str) -> None:
    known = [variable.rstrip("!") for variable in _VARIABLES[file.stem].split()]
    used = set(_VARIABLE.findall(text))
    if unknown := sorted(used - set(known)):
        names = ", ".join(known) or "none"
        raise BadInput(
            f"{file} has the variable {{{{{unknown[0]}}}}}, which is not filled in there; it may use: {names}"
        )
    needed = [variable.rstrip("!") for variable in _VARIABLES[file.stem].split() if variable.endswith("!")]
    if missing := [variable for variable in needed if variable not in used]:
        raise BadInput(f"{file} lacks {{{{{missing[0]}}}}}, without which that prompt cannot work")
