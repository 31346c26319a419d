"""A model in a folder on this disk: may it be loaded, and loading it.

Nothing is fetched and nothing in the folder is run: weights come from safetensors only, and a folder that asks for
code, its own or anyone's, is refused. Knows nothing of what the model is for. The home of transformers and torch.
A folder of sentence-transformers holds several modules in a row, each a folder of its own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from corpus.errors import BadInput

Kind = Literal["AutoModelForCausalLM", "AutoModelForSequenceClassification"]
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_PICKLES = {".bin", ".pt", ".pth", ".pkl", ".ckpt"}
_TOKENIZERS = (
    *("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spm.model", "spiece.model"),
    *("sentencepiece.bpe.model", "tekken.json"),
)
_LONGEST_MESSAGE = 200
_MODULES = "modules.json"
# Those of which loading reads numbers and settings only. Others name classes of their own, or files of other kinds.
_KNOWN_MODULES = frozenset("Transformer Pooling Dense Normalize LayerNorm Dropout StaticEmbedding".split())
_WITH_WEIGHTS = frozenset("Dense LayerNorm StaticEmbedding".split())
_ACTIVATIONS = re.compile(r"torch\.nn\.modules\.(?:activation|linear)\.\w+")


def checked(name: str) -> Path:
    """The folder of that name, if a model may be loaded from it.

    Raises BadInput that says what was found instead: no folder, a pickle, program code, half a model.
    """
    folder = _folder(name)
    files = sorted(path.name for path in folder.iterdir())
    _refuse_programs(name, folder)
    if "adapter_config.json" in files:
        raise _refusal(name, "holds an adapter, which names another model", "merge the two and save them")
    if "config.json" not in files:
        raise _refusal(name, "has no config.json", f"it holds {_list(files)}")
    _settings(name, folder / "config.json")
    _refuse_pickles(name, files)
    if not set(_TOKENIZERS) & set(files):
        raise _refusal(name, "has no tokenizer (tokenizer.json)", "save the tokenizer beside the model")
    return folder


def checked_modules(name: str) -> Path:
    """The folder of that name, if a sentence-transformers model may be loaded from it. Raises BadInput likewise."""
    folder = _folder(name)
    if not (folder / _MODULES).is_file():
        advice = "save it with SentenceTransformer(…).save(FOLDER)"
        raise _refusal(name, f"is no sentence-transformers model: it has no {_MODULES}", advice)
    _refuse_programs(name, folder)
    for each in modules(folder):
        kind, path, place = each["type"].rpartition(".")[2], each["path"], folder / each["path"]
        if not each["type"].startswith("sentence_transformers.") or kind not in _KNOWN_MODULES:
            raise _refusal(
                name, f"asks in {_MODULES} for {each['type']}", f"we load {_list(sorted(_KNOWN_MODULES), 9)}"
            )
        if not place.resolve().is_relative_to(folder.resolve()):
            raise _refusal(name, f"asks in {_MODULES} for what lies outside of it ({path})", "save it as one folder")
        if kind == "Transformer":
            checked(str(place))
        elif place.is_dir():
            _check_module(str(place), place, has_weights=kind in _WITH_WEIGHTS)
    return folder


def modules(folder: Path) -> list[dict[str, str]]:
    """The rows of ``modules.json``, each with ``type`` and ``path``. Raises BadInput where it cannot be understood."""
    found = _read(str(folder), folder / _MODULES)
    rows = found if isinstance(found, list) else []
    if not rows or not all(isinstance(row, dict) and _is_module(row) for row in rows):
        raise _refusal(str(folder), f"has a {_MODULES} that lists no modules", "take it from the model's own files")
    return rows


def _is_module(row: dict[str, Any]) -> bool:
    return isinstance(row.get("type"), str) and isinstance(row.get("path"), str)


def _check_module(name: str, folder: Path, *, has_weights: bool) -> None:
    files = sorted(path.name for path in folder.iterdir())
    _refuse_programs(name, folder)
    if has_weights:
        _refuse_pickles(name, files)
    if "config.json" in files:
        function = _settings(name, folder / "config.json").get("activation_function")
        if function is not None and not _ACTIVATIONS.fullmatch(str(function)):
            raise _refusal(name, f"asks in config.json for code ({function})", "use an activation function of torch.nn")


def settings(folder: Path) -> dict[str, Any]:
    """What ``config.json`` says. Raises BadInput where it cannot be understood."""
    return _settings(str(folder), folder / "config.json")


def load(folder: Path, kind: Kind) -> tuple[Any, Any]:
    """Tokenizer and model, ready to run on the processor, without gradients. Takes seconds, or minutes if large.

    In float32, or in bfloat16 where the weights are of 16 bits and the processor multiplies those itself: one that
    does not would take several times as long. Raises BadInput where the folder is not (or no longer) one to load.
    """
    checked(str(folder))
    quieten()
    import transformers

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **local)
        model, report = getattr(transformers, kind).from_pretrained(
            folder, use_safetensors=True, dtype=_number_format(settings(folder)), output_loading_info=True, **local
        )
    except Exception as error:  # whatever a library of four hundred models can raise
        raise BadInput(f"the model in {folder} cannot be loaded ({in_one_line(error)})") from error
    if missing := sorted(report["missing_keys"]):
        # transformers would go on with random numbers in their place
        wanted = kind.removeprefix("AutoModelFor")
        raise _refusal(str(folder), f"lacks weights ({_list(missing)})", f"it holds no whole model for {wanted}")
    return tokenizer, model.eval().requires_grad_(False)


def quieten() -> None:
    """Have transformers, and what stands on it, neither reach out nor write on the terminal. Imports it."""
    # Read when transformers is imported; every call that loads says it again.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]


@contextmanager
def chance(seed: int) -> Iterator[None]:
    """What torch draws at random meanwhile depends on ``seed`` alone, and what it draws later not on that."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def in_one_line(error: Exception) -> str:
    """An error of the library, short enough for a person."""
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}"[:_LONGEST_MESSAGE].removesuffix(": ")


def _folder(name: str) -> Path:
    folder = Path(name).expanduser().absolute()
    if not folder.is_dir():
        found = "is no folder" if folder.exists() else "does not exist on this disk"
        raise _refusal(name, f"{found}; models are never downloaded", "fetch one yourself and name its folder")
    return folder


def _read(name: str, file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _refusal(name, f"has a {file.name} that cannot be read", in_one_line(error)) from error


def _settings(name: str, file: Path) -> dict[str, Any]:
    found = _read(name, file)
    if not isinstance(found, dict):
        raise _refusal(name, f"has a {file.name} that is no set of settings", "take it from the model's own files")
    return found


def _refuse_programs(name: str, folder: Path) -> None:
    """Refuses a folder with programs in it, or settings that ask for some."""
    files = sorted(path.name for path in folder.iterdir())
    if code := [file for file in files if file.endswith(".py")]:
        raise _refusal(name, f"holds program code ({_list(code)})", "use a model that transformers knows by itself")
    for file in files:
        if file.endswith("config.json"):
            _refuse_code(name, file, _read(name, folder / file))


def _refuse_pickles(name: str, files: list[str]) -> None:
    if not set(_WEIGHTS) & set(files):
        pickles = [file for file in files if Path(file).suffix in _PICKLES]
        found = f"only weights that can run code when they are read ({_list(pickles)})" if pickles else "no weights"
        raise _refusal(name, f"has {found}", "save it again with save_pretrained(…, safe_serialization=True)")


def _refuse_code(name: str, file: str, found: Any) -> None:
    for key, value in _entries(found):
        # An implementation with a slash is the name of a repository, from which a compiled kernel would be fetched.
        asks = key == "auto_map" or (key.endswith("_implementation") and "/" in str(value))
        if asks or (key == "trust_remote_code" and value):
            raise _refusal(name, f"asks in {file} for code ({key})", "use a model that transformers knows by itself")


def _entries(found: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value.items()
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _number_format(found: dict[str, Any]) -> str:
    import torch

    stored = found.get("dtype") or found.get("torch_dtype")
    can: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # an older torch does not say
    fast = can.get("avx512_bf16") or can.get("amx_bf16")
    return "bfloat16" if stored in ("bfloat16", "float16") and fast else "float32"


def _refusal(name: str, found: str, advice: str) -> BadInput:
    return BadInput(f"{name} {found}: {advice}. A model is a folder with config.json, a tokenizer and *.safetensors")


def _list(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "") or "nothing"
