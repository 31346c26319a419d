"""An encoder of entailment in a folder: its labels, its numbers, what it cuts, and which folders are refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file, save_file

from corpus.errors import BadInput
from rag.entailment import Entailment
from rag.llm.base import ProviderError
from tests import tiny_models
from vectorstore import model_folder

PAIRS = [
    ("The ferry sails again on Monday, the harbour master said.", "The ferry sails on Monday."),
    ("", "Nothing was said."),
    ("Apples ripen early.", "The bridge is closed until May, and so is the road to it."),
    ("Short.", "No."),
]


def by_hand(folder: Path, pair: tuple[str, str]) -> list[float]:
    """The model's own numbers, one pair at a time, by torch."""
    import torch

    tokenizer, model = model_folder.load(folder, "AutoModelForSequenceClassification")
    logits: Any = model(**tokenizer(*pair, return_tensors="pt")).logits[0]
    shares: list[float] = torch.softmax(logits, dim=0).tolist() if len(logits) > 1 else torch.sigmoid(logits).tolist()
    return shares


@pytest.mark.parametrize(
    ("labels", "entailed"),
    [
        (["entailment", "neutral", "contradiction"], 0),
        (["CONTRADICTION", "NEUTRAL", "ENTAILMENT"], 2),
        (["Contradiction", "Entailment", "Neutral"], 1),
        (["not_entailment", "entailment"], 1),
        (["Entailment", "Not Entailment"], 0),
        (["unsupported", "supported"], 1),
        (["hallucinated", "consistent"], 1),
        (["SUPPORTS", "REFUTES", "NOT ENOUGH INFO"], 0),
        (["LABEL_0"], 0),
        (["entailment"], 0),
    ],
    ids=str,
)
def test_labels_in_any_order_give_the_probability_of_entailment(
    tmp_path: Path, labels: list[str], entailed: int
) -> None:
    folder = tiny_models.write_classifier(tmp_path / "nli", labels)
    expected = [by_hand(folder, pair)[entailed] for pair in PAIRS]
    assert Entailment(str(folder)).scores(PAIRS) == pytest.approx(expected, abs=1e-5)
    assert len({round(score, 3) for score in expected}) == len(PAIRS)  # else any order would do


@pytest.mark.parametrize(
    "labels",
    [
        ["LABEL_0", "LABEL_1", "LABEL_2"],
        ["positive", "negative"],
        ["entailment", "supported"],
        ["neutral", "contradiction"],
        ["entailment", "neutral", "irony"],
        ["toxicity"],
    ],
    ids=",".join,
)
def test_labels_that_cannot_be_understood_are_named(tmp_path: Path, labels: list[str]) -> None:
    folder = tiny_models.write_classifier(tmp_path / "nli", labels)
    with pytest.raises(BadInput, match=rf"the labels of \S+ cannot be understood \({', '.join(labels)}\)"):
        Entailment(str(folder))


@pytest.mark.parametrize(
    "labels", [None, [], {}, {"x": "entailment", "1": "neutral"}, {"0": "neutral", "7": "entailment"}]
)
def test_labels_that_number_nothing_are_refused(tmp_path: Path, labels: object) -> None:
    folder = tiny_models.write_classifier(tmp_path / "nli")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "id2label": labels}))
    with pytest.raises(BadInput, match="cannot be understood"):
        Entailment(str(folder))


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Entailment:
    return Entailment(str(tiny_models.write_classifier(tmp_path_factory.mktemp("models") / "nli")))


def test_scores_come_in_the_order_of_the_pairs_however_they_are_batched(judge: Entailment) -> None:
    pairs = [(f"{'ferry ' * (number % 7)}{number}.", f"{'No ' * (number % 5)}{number}") for number in range(50)]
    one_by_one = [judge.scores([pair])[0] for pair in pairs]
    assert judge.scores(pairs) == pytest.approx(one_by_one, abs=1e-5)
    assert all(0 <= score <= 1 for score in one_by_one)


def test_no_pairs_give_no_scores(judge: Entailment) -> None:
    assert judge.scores([]) == []


def test_a_premise_that_is_too_long_loses_its_end_and_the_hypothesis_nothing(judge: Entailment) -> None:
    premise, hypothesis = " ferry" * 60, " sails" * 100  # of 126 tokens in all
    first, other_end, other_claim = judge.scores(
        [(premise, f"{hypothesis} Penn"), (f"{premise} Ada", f"{hypothesis} Penn"), (premise, f"{hypothesis} Ada")]
    )
    assert first == pytest.approx(other_end, abs=1e-6)
    assert first != pytest.approx(other_claim, abs=1e-6)


def test_a_hypothesis_that_leaves_no_room_for_a_premise_is_entailed_by_nothing(judge: Entailment) -> None:
    words = tiny_models.token_count(" ferry" * 122)
    assert words == 122  # with three marks and one token of the premise: 126
    fits, does_not = judge.scores([("Penn", " ferry" * 122), ("Penn", " ferry" * 123)])
    assert fits > 0
    assert does_not == 0


def test_hostile_texts_have_scores(judge: Entailment) -> None:
    texts = ["\x00", "\ufffd\u202e", "<|end|>" * 5, "🚢" * 1_000, "a" * 100_000]
    assert len(judge.scores([(text, "No.") for text in texts])) == len(texts)


def test_several_threads_may_ask_at_once(tmp_path: Path) -> None:
    judge = Entailment(str(tiny_models.write_classifier(tmp_path / "nli")))  # not loaded yet: all want it

    def ask(_: int) -> Sequence[float]:
        return judge.scores(PAIRS)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(16)))
    assert all(scores == found[0] for scores in found)


def test_a_model_without_its_head_is_not_given_a_random_one(tmp_path: Path) -> None:
    folder = tiny_models.write_classifier(tmp_path / "nli")
    tensors = {name: tensor for name, tensor in load_file(folder / "model.safetensors").items() if "class" not in name}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BadInput, match=r"lacks weights \(classifier\.bias, classifier\.weight\)"):
        Entailment(str(folder)).scores(PAIRS)


def test_a_model_that_fails_says_so_in_one_line(tmp_path: Path) -> None:
    folder = tiny_models.write_classifier(tmp_path / "nli")
    words = json.loads((folder / "tokenizer.json").read_text())
    words["post_processor"]["special_tokens"]["<|begin|>"]["ids"] = [999]  # the model knows no such token
    (folder / "tokenizer.json").write_text(json.dumps(words))
    with pytest.raises(ProviderError, match=r"^nli failed \(IndexError: [^\n]+\)$"):
        Entailment(str(folder)).scores(PAIRS)


def test_a_folder_with_only_a_pickle_is_refused_when_it_is_named(tmp_path: Path) -> None:
    folder = tiny_models.write_classifier(tmp_path / "nli")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BadInput, match=r"\(pytorch_model\.bin\): .*\*\.safetensors"):
        Entailment(str(folder))


def test_a_folder_with_code_is_refused_when_it_is_named(tmp_path: Path) -> None:
    folder = tiny_models.write_classifier(tmp_path / "nli")
    (folder / "modeling_nli.py").write_text("raise SystemExit")
    with pytest.raises(BadInput, match=r"holds program code \(modeling_nli\.py\)"):
        Entailment(str(folder))


def test_a_name_that_is_no_folder_is_never_downloaded() -> None:
    with pytest.raises(BadInput, match=r"^someone/nli does not exist on this disk; models are never downloaded"):
        Entailment("someone/nli")


def test_a_language_model_is_no_judge(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot be understood \(none\)"):
        Entailment(str(tiny_models.write_llm(tmp_path / "tiny")))
