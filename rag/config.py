"""Settings and where they come from: arguments, then the environment, then ``citedesk.toml`` in the home folder.

Flat on purpose: a field is here because a second value of it is in use somewhere.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from corpus.errors import BadInput

_FILE = "citedesk.toml"
_KEYS = ("embedder", "llm", "k")


@dataclass(frozen=True)
class Config:
    """``home`` is the archive's folder, ``llm`` is ``PROVIDER:MODEL`` or empty for the built-in composer, ``k`` how
    many passages an answer is made from."""

    home: Path
    embedder: str = "minilm"
    llm: str = ""
    k: int = 10


def load(home: str | Path | None = None, environment: Mapping[str, str] = os.environ) -> Config:
    """The settings in force. Raises BadInput for a settings file that cannot be understood."""
    folder = Path(home or environment.get("CITEDESK_HOME") or user_data_path("citedesk")).expanduser().absolute()
    values = _from_file(folder / _FILE)
    for key in _KEYS:
        if value := environment.get(f"CITEDESK_{key.upper()}"):
            values[key] = value
    try:
        return Config(
            folder,
            embedder=str(values.get("embedder", Config.embedder)),
            llm=str(values.get("llm", Config.llm)),
            k=int(values.get("k", Config.k)),
        )
    except ValueError as error:
        raise BadInput(f"the setting k must be a whole number, not {values['k']!r}") from error


def _from_file(path: Path) -> dict[str, str | int]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be understood ({error}); mend it or move it away") from error
    if unknown := sorted(found.keys() - set(_KEYS)):
        raise BadInput(f"{path} sets {', '.join(unknown)}, which is no setting; known: {', '.join(_KEYS)}")
    return found
