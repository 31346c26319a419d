"""Any sentence-transformers model in a folder on this disk, with the prompts that its own settings name.

What may be loaded from a folder is decided in ``vectorstore/model_folder.py``. The home of sentence_transformers,
which takes seconds to import: a cold question waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

import numpy

from corpus.errors import BadInput
from vectorstore import model_folder
from vectorstore.base import Vector, Vectors
from vectorstore.errors import ModelUnavailable
from vectorstore.model_digest import Digest, digest

_BATCH = 32
_SETTINGS = "config_sentence_transformers.json"
_PASSAGE_PROMPTS = ("document", "passage", "corpus")  # as sentence-transformers itself looks for them
_MOST_TOKENS = 8_192  # of a model that sets itself no limit
_FEWEST_TOKENS = 64  # a passage's header may take as many
_PROBE = "The ferry sails again on Monday, says the harbour master."


class SentenceModel:
    """Loaded when first asked. Safe to use from several threads, one at a time gets its vectors."""

    def __init__(self, folder: str) -> None:
        """Nothing is read yet: a folder that was moved keeps nobody from what needs no embedder."""
        self._named = folder
        self._guard = RLock()
        self.name = Path(folder).name

    @property
    def fingerprint(self) -> str:
        """Of everything in the folder that decides on vectors. Raises BadInput where nothing may be loaded from it."""
        return f"{self._digest.sha256[:32]} normalised"

    @property
    def dimension(self) -> int:
        return int(self._ready.dimension)

    @property
    def max_tokens(self) -> int:
        return self._ready.max_tokens

    def count_tokens(self, text: str) -> int:
        """The special tokens and the prompt that stands before every passage included."""
        return self._ready.count(self._prompts[1] + text)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._ready.embed(texts, self._prompts[1])

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self._ready.embed([text], self._prompts[0])[0]
        return vector

    @property
    def _ready(self) -> _Loaded:
        with self._guard:
            return self._loaded

    @cached_property
    def _loaded(self) -> _Loaded:
        folder, checked = self._folder, self._digest
        try:
            loaded = _Loaded(self.name, folder, seed=1)
            if not checked.is_whole:
                # What a model lacks is filled up with random numbers: then it is another at every loading.
                again = _Loaded(self.name, folder, seed=2)
                if not numpy.allclose(loaded.embed([_PROBE], ""), again.embed([_PROBE], ""), atol=1e-3):
                    raise BadInput(f"{self._named} lacks weights: every time it is loaded it gives other vectors")
                checked.note_whole()
        except (BadInput, ModelUnavailable):
            raise
        except Exception as error:  # whatever a library of four hundred models can raise
            why = model_folder.in_one_line(error)
            raise BadInput(f"the model in {self._named} cannot be loaded ({why})") from error
        if loaded.max_tokens < _FEWEST_TOKENS:
            raise BadInput(
                f"{self._named} reads {loaded.max_tokens} tokens of a text; we need {_FEWEST_TOKENS} or more"
            )
        return loaded

    @cached_property
    def _folder(self) -> Path:
        return model_folder.checked_modules(self._named)

    @cached_property
    def _digest(self) -> Digest:
        return digest(self._folder, [each["path"] for each in model_folder.modules(self._folder)])

    @cached_property
    def _prompts(self) -> tuple[str, str]:
        """What is put before a question, and before a passage."""
        file = self._folder / _SETTINGS
        found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        prompts = found.get("prompts")
        return prompts_of(prompts if isinstance(prompts, dict) else {}, found.get("default_prompt_name"))


def prompts_of(prompts: Mapping[str, object], default: object) -> tuple[str, str]:
    """For questions and for passages: their own prompt, else the default one unless that is the other's own."""
    known = {name: prompt for name, prompt in prompts.items() if isinstance(prompt, str)}
    own = [known[name] for name in _PASSAGE_PROMPTS if name in known]
    query = known.get("query")
    # A newer sentence-transformers saves an empty "document" beside the "passage" that a model was made with.
    passage = next(filter(None, own), own[0] if own else None)
    if query is None:
        query = "" if default in _PASSAGE_PROMPTS else known.get(str(default), "")
    if passage is None:
        passage = "" if default == "query" else known.get(str(default), "")
    return query, passage


class _Loaded:
    """The model in memory, on the processor, in float32: its vectors are the same on every machine."""

    def __init__(self, name: str, folder: Path, *, seed: int) -> None:
        self._name = name
        self._guard = RLock()
        with model_folder.chance(seed):
            self._model = load(folder, use_safetensors=True, dtype="float32")
        self._model.default_prompt_name = None  # which prompt is used is said at each call
        limit = self._model.max_seq_length
        self.max_tokens = int(min(limit or _MOST_TOKENS, _MOST_TOKENS))
        self.dimension = len(self._encode([_PROBE], "")[0])
        # Of its own: whoever embeds tells the other one how to cut, while passages are being measured.
        self._tokenizer = deepcopy(self._model.tokenizer)
        self._plain = getattr(self._tokenizer, "backend_tokenizer", self._tokenizer)
        if hasattr(self._plain, "no_truncation"):
            self._plain.no_truncation()
            self._plain.no_padding()

    def count(self, text: str) -> int:
        if hasattr(self._plain, "encode_batch"):
            return len(self._plain.encode(text).ids)
        return len(self._tokenizer(text, truncation=False, verbose=False)["input_ids"])  # one written in Python

    def embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return numpy.zeros((0, self.dimension), dtype=numpy.float32)
        try:
            with self._guard:  # a tokenizer that is told how to cut cannot be used twice at once
                vectors = self._encode(texts, prompt)
        except Exception as error:  # whatever the model or torch can raise, memory running out included
            raise ModelUnavailable(f"{self._name} failed ({model_folder.in_one_line(error)})") from error
        norms = numpy.linalg.norm(vectors, axis=1, keepdims=True)
        if not numpy.isfinite(norms).all():
            raise ModelUnavailable(f"{self._name} gives vectors that are no numbers; take another model")
        vectors[norms[:, 0] == 0, 0] = 1.0  # a text without a word the model knows still has a direction
        return (vectors / numpy.where(norms == 0, 1.0, norms)).astype(numpy.float32)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        vectors: Vectors = self._model.encode(
            list(texts), prompt=prompt, batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False
        ).astype(numpy.float32)
        return vectors


def load(folder: Path, **model_options: Any) -> Any:
    """A checked folder's model as a SentenceTransformer on the processor. Takes seconds."""
    model_folder.quieten()
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        str(folder), device="cpu", local_files_only=True, trust_remote_code=False, model_kwargs=model_options
    )
