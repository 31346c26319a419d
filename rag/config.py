"""The settings in force, and where each comes from: an option, the environment, ``citedesk.toml`` in the home folder.

Flat on purpose: a field is here because a second value of it is in use somewhere. Keys and addresses of models are no
settings: only the environment has them.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from corpus.errors import BadInput
from rag.answering import ABSTAIN_ABOVE
from rag.llm.base import Limits
from vectorstore.embedders import is_folder

FILE = "citedesk.toml"
BUILT_IN = "none"
OPTION = "--embedder"
_LIMIT = "llm_"
_VARIABLE = "CITEDESK_"


@dataclass(frozen=True)
class Config:
    """``home`` is the archive's folder, ``llm`` is ``PROVIDER:MODEL`` or empty for the built-in composer, ``k`` how
    many passages an answer is made from; ``abstain_above`` is the chance, in (0, 1], that nothing answers from which on
    the built-in composer declines. ``prompts`` is a folder of prompts to use in the place of ours, ``judge``
    one of a model that tells whether a passage bears a sentence out, ``reranker`` one of a model that reads the best
    passages once more; all may be empty. ``embedder`` is a name, a folder or ``KIND:MODEL``, the prefixes stand before
    what it reads. ``origins`` says where each value comes from."""

    home: Path
    embedder: str = "minilm"
    query_prefix: str = ""
    passage_prefix: str = ""
    reranker: str = ""
    llm: str = ""
    k: int = 10
    abstain_above: float = ABSTAIN_ABOVE
    prompts: str = ""
    judge: str = ""
    limits: Limits = field(default_factory=Limits)
    origins: Mapping[str, str] = field(default_factory=dict)

    def shown(self) -> dict[str, tuple[str, str]]:
        """Each setting's value and origin, in words."""
        values = {name: str(getattr(self, name)) or "not set" for name in ("home", *_WORDS, *_NUMBERS)}
        values |= {_LIMIT + name: _in_words(getattr(self.limits, name)) for name in _LIMITS}
        return {name: (value, self.origins.get(name, "default")) for name, value in values.items()}


_PREFIXES = ("query_prefix", "passage_prefix")
_WORDS = ("embedder", *_PREFIXES, "reranker", "llm", "prompts", "judge")
_NUMBERS = ("k", "abstain_above")
_FOLDERS = {"embedder", "reranker", "prompts", "judge"}
_LIMITS = tuple(each.name for each in fields(Limits))
_KEYS = (*_WORDS, *_NUMBERS, *(_LIMIT + name for name in _LIMITS))


def load(
    home: str | Path | None = None,
    environment: Mapping[str, str] = os.environ,
    options: Mapping[str, str | None] | None = None,
) -> Config:
    """The settings in force; an option wins over the environment, which wins over the file.

    Raises BadInput for a settings file or a value that cannot be understood.
    """
    folder = Path(home or environment.get("CITEDESK_HOME") or user_data_path("citedesk")).expanduser().absolute()
    origins = {"home": "--home" if home else "CITEDESK_HOME" if environment.get("CITEDESK_HOME") else "default"}
    values: dict[str, Any] = {}
    found = [(f"{folder / FILE}", key, value) for key, value in _from_file(folder / FILE).items()]
    found += [(_variable(key), key, environment.get(_variable(key))) for key in _KEYS]
    found += [(f"--{key.replace('_', '-')}", key, value) for key, value in (options or {}).items()]
    for origin, key, value in found:
        value = value.strip() if isinstance(value, str) and key not in _PREFIXES else value
        if value is not None and value != "":
            values[key], origins[key] = value, origin
    if environment.get("CITEDESK_TRUST_REMOTE_CODE"):
        raise BadInput("CITEDESK_TRUST_REMOTE_CODE is set, but code that comes with a model is never run; unset it")
    words: dict[str, Any] = {key: _text(key, values[key], origins[key]) for key in _WORDS if key in values}
    for key in _FOLDERS & words.keys():
        if key == "embedder" and not is_folder(words[key]):
            continue
        if origins[key] == f"{folder / FILE}":  # from there, wherever one happens to stand
            words[key] = str(folder / Path(words[key]).expanduser())
        elif key == "embedder":  # an archive remembers it
            words[key] = str(Path(words[key]).expanduser().absolute())
    if words.get("llm") == BUILT_IN:
        words["llm"] = ""
    numbers = {key: _number(key, values[key], origins[key]) for key in _KEYS if key in values and key not in _WORDS}
    own: dict[str, Any] = {key: numbers.pop(key) for key in _NUMBERS if key in numbers}
    limits: dict[str, Any] = {key.removeprefix(_LIMIT): number for key, number in numbers.items()}
    return Config(folder, **words, **own, limits=Limits(**limits), origins=origins)


def unknown(environment: Mapping[str, str]) -> list[str]:
    """The variables that look like settings of ours and are none."""
    known = {_variable(key) for key in ("home", "password", *_KEYS)}  # the password is the window's
    return sorted(name for name in environment if name.startswith(_VARIABLE) and name not in known)


def _variable(key: str) -> str:
    return _VARIABLE + key.upper()


def _text(key: str, value: object, origin: str) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{origin} sets {key} to {value!r}; it must be text in quotation marks")
    return value


def _number(key: str, value: object, origin: str) -> Any:
    whole = key == "k" or key.endswith("_tokens")
    most = 1 if key == "abstain_above" else math.inf
    try:
        number = int(str(value)) if whole else float(str(value))
    except ValueError:
        number = -1
    if not 0 < number <= most or number == math.inf:
        kind = "a whole number" if whole else "a number of seconds" if most > 1 else "a chance of at most 1,"
        raise BadInput(f"{origin} sets {key} to {value!r}; it must be {kind} above 0")
    return number


def _in_words(value: float | None) -> str:
    return "up to the provider" if value is None else f"{value:g}"


def _from_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be understood ({error}); mend it or move it away") from error
    if "trust_remote_code" in found:
        raise BadInput(f"{path} sets trust_remote_code, but code that comes with a model is never run; take it out")
    if unknown := sorted(found.keys() - set(_KEYS)):
        raise BadInput(f"{path} sets {', '.join(unknown)}, which is no setting; known: {', '.join(_KEYS)}")
    return found
