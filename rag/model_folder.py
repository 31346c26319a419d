"""A model in a folder on this disk: may it be loaded, and loading it.

Nothing is fetched and nothing in the folder is run: weights come from safetensors only, and a folder that asks for
code, its own or anyone's, is refused. Knows nothing of what the model is for. The home of transformers and torch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
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


def checked(name: str) -> Path:
    """The folder of that name, if a model may be loaded from it.

    Raises BadInput that says what was found instead: no folder, a pickle, program code, half a model.
    """
    folder = Path(name).expanduser().absolute()
    if not folder.is_dir():
        found = "is no folder" if folder.exists() else "does not exist on this disk"
        raise _refusal(name, f"{found}; models are never downloaded", "fetch one yourself and name its folder")
    files = sorted(path.name for path in folder.iterdir())
    if code := [file for file in files if file.endswith(".py")]:
        raise _refusal(name, f"holds program code ({_list(code)})", "use a model that transformers knows by itself")
    if "adapter_config.json" in files:
        raise _refusal(name, "holds an adapter, which names another model", "merge the two and save them")
    for file in files:
        if file.endswith("config.json"):
            _refuse_code(name, file, _settings(name, folder / file))
    if "config.json" not in files:
        raise _refusal(name, "has no config.json", f"it holds {_list(files)}")
    if not set(_WEIGHTS) & set(files):
        pickles = [file for file in files if Path(file).suffix in _PICKLES]
        found = f"only weights that can run code when they are read ({_list(pickles)})" if pickles else "no weights"
        raise _refusal(name, f"has {found}", "save it again with save_pretrained(…, safe_serialization=True)")
    if not set(_TOKENIZERS) & set(files):
        raise _refusal(name, "has no tokenizer (tokenizer.json)", "save the tokenizer beside the model")
    return folder


def settings(folder: Path) -> dict[str, Any]:
    """What ``config.json`` says. Raises BadInput where it cannot be understood."""
    return _settings(str(folder), folder / "config.json")


def load(folder: Path, kind: Kind) -> tuple[Any, Any]:
    """Tokenizer and model, ready to run on the processor, without gradients. Takes seconds, or minutes if large.

    In float32, or in bfloat16 where the weights are of 16 bits and the processor multiplies those itself: one that
    does not would take several times as long. Raises BadInput where the folder is not (or no longer) one to load.
    """
    checked(str(folder))
    # Read when transformers is imported, which the embedder may have done; every call below says it again.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    import transformers
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
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


def in_one_line(error: Exception) -> str:
    """An error of the library, short enough for a person."""
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}"[:_LONGEST_MESSAGE].removesuffix(": ")


def _settings(name: str, file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _refusal(name, f"has a {file.name} that cannot be read", in_one_line(error)) from error
    if not isinstance(found, dict):
        raise _refusal(name, f"has a {file.name} that is no set of settings", "take it from the model's own files")
    return found


def _refuse_code(name: str, file: str, found: dict[str, Any]) -> None:
    for key, value in _entries(found):
        # An implementation with a slash is the name of a repository, from which a compiled kernel would be fetched.
        if key == "auto_map" or (key.endswith("_implementation") and "/" in str(value)):
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


def _list(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") or "nothing"
