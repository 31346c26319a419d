"""An encoder that reads two texts at once, from a folder that the user names: its numbers for each pair.

Knows pairs and batches. What the numbers mean is known to who asks. What may be loaded, and loading it:
``vectorstore/model_folder.py``.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy
from numpy.typing import NDArray

from rag.llm.base import ProviderError
from vectorstore import model_folder

Numbers = NDArray[numpy.float64]  # shape (pairs, labels)
_BATCH = 16
_MAX_TOKENS = 512  # of an encoder that does not say


class PairEncoder:
    """Loaded when first asked. Safe to use from several threads, one at a time gets its numbers."""

    def __init__(self, folder: str) -> None:
        """Raises BadInput where nothing may be loaded from the folder."""
        self.folder: Path = model_folder.checked(folder)
        self.settings = model_folder.settings(self.folder)
        labels = self.settings.get("id2label")
        self.labels = len(labels) if isinstance(labels, dict) else 0
        positions = self.settings.get("max_position_embeddings")
        # RoBERTa and its kin begin to count positions at two; nobody else misses two tokens.
        self._positions = positions - 2 if isinstance(positions, int) else _MAX_TOKENS
        self._loaded: tuple[Any, Any] | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self.folder.name

    def numbers(self, pairs: Sequence[tuple[str, str]], *, cut: Literal["first", "longer"]) -> Numbers:
        """One row for each pair, in their order.

        What is too long loses its end: the first text, or the longer one at each token. Where only the first may be
        cut and the second leaves no room for it, nothing is compared, and the row is no numbers. Raises BadInput where
        the model cannot be loaded, ProviderError where it fails.
        """
        with self._lock:  # a tokenizer that is told how to cut cannot be used twice at once
            if self._loaded is None:
                self._loaded = model_folder.load(self.folder, "AutoModelForSequenceClassification")
            try:
                return self._numbers(*self._loaded, pairs, cut)
            except Exception as error:  # whatever the model or torch can raise, memory running out included
                raise ProviderError(f"{self.name} failed ({model_folder.in_one_line(error)})") from error

    def _numbers(self, tokenizer: Any, model: Any, pairs: Sequence[tuple[str, str]], cut: str) -> Numbers:
        max_tokens = min(tokenizer.model_max_length, self._positions)
        rows = list(range(len(pairs)))
        if cut == "first" and pairs:
            room = max_tokens - tokenizer.num_special_tokens_to_add(pair=True)
            seconds = tokenizer([second for _, second in pairs], add_special_tokens=False, verbose=False)["input_ids"]
            rows = [row for row in rows if len(seconds[row]) < room]
        rows.sort(key=lambda row: len(pairs[row][0]) + len(pairs[row][1]))  # texts of like length: little is padded
        at_once = _BATCH if tokenizer.pad_token is not None else 1
        found = numpy.full((len(pairs), self.labels), numpy.nan)
        for start in range(0, len(rows), at_once):
            batch = rows[start : start + at_once]
            inputs = tokenizer(
                [pairs[row][0] for row in batch],
                [pairs[row][1] for row in batch],
                truncation="only_first" if cut == "first" else "longest_first",
                max_length=max_tokens,
                padding=at_once > 1,
                return_tensors="pt",
            )
            found[batch] = model(**inputs).logits.float().numpy()
        return found
