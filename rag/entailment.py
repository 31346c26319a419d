"""Does a passage say what a sentence claims? Asked of an encoder that the user names by its folder.

Knows pairs of texts and probabilities; what follows from them is decided elsewhere. What may be loaded, and loading
it: ``rag/model_folder.py``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

import numpy

from corpus.errors import BadInput
from rag import model_folder
from rag.llm.base import ProviderError

_BATCH = 16
_MAX_TOKENS = 512  # of an encoder that does not say
_UNNAMED = "label_0"  # what the only output is called where nobody has named it
_YES = frozenset(
    "entailment entailed entails entail supported supports support consistent grounded faithful factual attributable"
    " yes true".split()
)
_NO = frozenset(
    "not_entailment non_entailment no_entailment not_entailed neutral contradiction contradictory contradicted"
    " contradicts unsupported not_supported not_enough_info not_enough_information refuted refutes inconsistent"
    " not_consistent hallucinated hallucination ungrounded not_grounded unfaithful not_faithful nonfactual non_factual"
    " not_factual unattributable not_attributable no false".split()
)


class Entailment:
    """An encoder with the labels entailment, neutral and contradiction, with two such labels, or with one number.

    Loaded when first asked. Safe to use from several threads, one at a time gets its scores.
    """

    def __init__(self, folder: str) -> None:
        """Raises BadInput where nothing may be loaded from the folder, or its labels cannot be understood."""
        self.folder = model_folder.checked(folder)
        settings = model_folder.settings(self.folder)
        labels = settings.get("id2label")
        self._labels = len(labels) if isinstance(labels, dict) else 0
        self._entailed = _entailed(folder, labels)
        positions = settings.get("max_position_embeddings")
        # RoBERTa and its kin begin to count positions at two; nobody else misses two tokens.
        self._positions = positions - 2 if isinstance(positions, int) else _MAX_TOKENS
        self._loaded: tuple[Any, Any] | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self.folder.name

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each (premise, hypothesis) the probability, in [0, 1], that the premise entails the hypothesis.

        A premise that is too long loses its end. A hypothesis so long that there is no room for a premise gets 0, as
        nothing was compared. Raises BadInput where the model cannot be loaded, ProviderError where it fails.
        """
        with self._lock:  # a tokenizer that is told how to cut cannot be used twice at once
            if self._loaded is None:
                self._loaded = model_folder.load(self.folder, "AutoModelForSequenceClassification")
            try:
                return self._scores(*self._loaded, pairs) if pairs else []
            except Exception as error:  # whatever the model or torch can raise, memory running out included
                raise ProviderError(f"{self.name} failed ({model_folder.in_one_line(error)})") from error

    def _scores(self, tokenizer: Any, model: Any, pairs: Sequence[tuple[str, str]]) -> list[float]:
        max_tokens = min(tokenizer.model_max_length, self._positions)
        room = max_tokens - tokenizer.num_special_tokens_to_add(pair=True)
        claims = tokenizer([claim for _, claim in pairs], add_special_tokens=False, verbose=False)["input_ids"]
        rows = [row for row, claim in enumerate(claims) if len(claim) < room]
        rows.sort(key=lambda row: len(pairs[row][0]) + len(pairs[row][1]))  # texts of like length: little is padded
        at_once = _BATCH if tokenizer.pad_token is not None else 1
        found = [0.0] * len(pairs)
        for start in range(0, len(rows), at_once):
            batch = rows[start : start + at_once]
            inputs = tokenizer(
                [pairs[row][0] for row in batch],
                [pairs[row][1] for row in batch],
                truncation="only_first",
                max_length=max_tokens,
                padding=at_once > 1,
                return_tensors="pt",
            )
            logits = model(**inputs).logits.float().numpy().astype(numpy.float64)
            for row, score in zip(batch, self._probabilities(logits), strict=True):
                found[row] = float(score)
        return found

    def _probabilities(self, logits: Any) -> Any:
        """One per row of shape (rows, labels)."""
        if self._labels == 1:
            return 0.5 * (1.0 + numpy.tanh(0.5 * logits[:, 0]))  # the logistic function, which cannot overflow so
        shares = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        return shares[:, self._entailed] / shares.sum(axis=1)


def _entailed(folder: str, labels: Any) -> int:
    """The number of the label that means yes."""
    names = {number: _plain(label) for number, label in labels.items()} if isinstance(labels, dict) else {}
    yes = [number for number, label in names.items() if label in _YES]
    if len(names) == 1:
        yes = [number for number, label in names.items() if label in _YES | {_UNNAMED}]
        understood = bool(yes)
    else:
        understood = len(yes) == 1 and all(label in _YES | _NO for label in names.values())
    if not understood or not str(yes[0]).isdecimal() or int(yes[0]) >= len(names):
        shown = ", ".join(str(label) for label in list(labels.values())[:5]) if names else "none"
        raise BadInput(
            f"the labels of {folder} cannot be understood ({shown}): write into its config.json, as id2label, which"
            " number is entailment and which are neutral or contradiction"
        )
    return int(yes[0])


def _plain(label: object) -> str:
    return re.sub(r"[^a-z0-9]+", "_", str(label).lower()).strip("_")
