"""Does a passage say what a sentence claims? Asked of an encoder that the user names by its folder.

Knows labels and probabilities; what follows from them is decided elsewhere. The encoder itself: ``rag/pairs.py``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy

from corpus.errors import BadInput
from rag.pairs import Numbers, PairEncoder

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
    """An encoder with the labels entailment, neutral and contradiction, with two such labels, or with one number."""

    def __init__(self, folder: str) -> None:
        """Raises BadInput where nothing may be loaded from the folder, or its labels cannot be understood."""
        self._encoder = PairEncoder(folder)
        self._entailed = _entailed(folder, self._encoder.settings.get("id2label"))

    @property
    def name(self) -> str:
        return self._encoder.name

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each (premise, hypothesis) the probability, in [0, 1], that the premise entails the hypothesis.

        A premise that is too long loses its end. A hypothesis so long that there is no room for a premise gets 0, as
        nothing was compared. Raises BadInput where the model cannot be loaded, ProviderError where it fails.
        """
        probabilities = self._probabilities(self._encoder.numbers(pairs, cut="first"))
        return [0.0 if math.isnan(found) else found for found in probabilities]

    def _probabilities(self, logits: Numbers) -> list[float]:
        """One per row."""
        if self._encoder.labels == 1:
            one: list[float] = (0.5 * (1.0 + numpy.tanh(0.5 * logits[:, 0]))).tolist()  # cannot overflow so
            return one
        shares = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        found: list[float] = (shares[:, self._entailed] / shares.sum(axis=1)).tolist()
        return found


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
