"""A sentence-transformers model of one's own: its prompts, its limits, its fingerprint, and what is never loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy
import pytest
from safetensors.numpy import load_file, save_file

from corpus.errors import BadInput
from tests import tiny_models
from vectorstore.base import Vectors
from vectorstore.embedders.sentence_model import SentenceModel, load, prompts_of

PROMPTS = {"query": "query: ", "passage": "passage: "}
TEXTS = ["The ferry struck the wall.", "Apples ripen early in the vale.", "Short."]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_models.write_sentence_model(tmp_path / "tiny", prompts=PROMPTS)


def by_hand(folder: Path, texts: list[str]) -> Vectors:
    """The vectors of the library itself, without any prompt."""
    found: Vectors = load(folder).encode(texts, prompt="", normalize_embeddings=True, show_progress_bar=False)
    return found


def test_questions_and_passages_get_the_prompts_that_the_model_names(folder: Path) -> None:
    model = SentenceModel(str(folder))
    assert (model.name, model.dimension, model.max_tokens) == ("tiny", 32, 128)
    passages = by_hand(folder, [f"passage: {text}" for text in TEXTS])
    assert numpy.allclose(model.embed_passages(TEXTS), passages, atol=1e-5)
    (question,) = by_hand(folder, ["query: who struck the wall"])
    assert numpy.allclose(model.embed_query("who struck the wall"), question, atol=1e-5)
    assert not numpy.allclose(passages, by_hand(folder, TEXTS), atol=1e-2)  # else any prompt would do


def test_tokens_are_the_models_own_with_its_prompt(folder: Path) -> None:
    model = SentenceModel(str(folder))
    assert model.count_tokens("") == 4  # [CLS] passage : [SEP]
    assert model.count_tokens("the ferry sails") == 7
    assert model.count_tokens("ferry " * 1_000) == 1_004  # measured whole, though read only in part


@pytest.mark.parametrize(
    ("prompts", "default", "expected"),
    [
        ({}, None, ("", "")),
        ({"query": "q: ", "document": "d: "}, None, ("q: ", "d: ")),
        ({"query": "q: ", "document": "", "passage": "p: "}, None, ("q: ", "p: ")),
        ({"query": "q: ", "corpus": "c: "}, None, ("q: ", "c: ")),
        ({"query": "q: ", "document": ""}, "query", ("q: ", "")),
        ({"query": "q: "}, "query", ("q: ", "")),
        ({"document": "d: "}, "document", ("", "d: ")),
        ({"search": "s: "}, "search", ("s: ", "s: ")),
        ({"search": "s: "}, None, ("", "")),
        ({"search": "s: "}, "another", ("", "")),
        ({"query": None, "document": None, "any": "a: "}, "any", ("a: ", "a: ")),
        ({"query": "q: ", "clustering": "c: "}, "clustering", ("q: ", "c: ")),
    ],
)
def test_which_prompt_is_used(prompts: dict[str, object], default: object, expected: tuple[str, str]) -> None:
    assert prompts_of(prompts, default) == expected


def change_json(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def change_weights(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    save_file(change(load_file(folder / "model.safetensors")), folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("change", "is_other"),
    [
        (lambda f: change_json(f / "config_sentence_transformers.json", prompts={"query": "q: "}), True),
        (lambda f: change_json(f / "sentence_bert_config.json", max_seq_length=100), True),
        (lambda f: change_json(f / "1_Pooling" / "config.json", pooling_mode_mean_tokens=False), True),
        (lambda f: change_json(f / "tokenizer.json", added_tokens=[]), True),
        (lambda f: change_weights(f, lambda w: {name: tensor * 2 for name, tensor in w.items()}), True),
        (lambda f: (f / "README.md").write_text("A model."), False),
        (lambda f: (f / "onnx").mkdir() or (f / "onnx" / "config.json").write_text("{}"), False),
    ],
)
def test_the_fingerprint_is_of_what_decides_on_vectors(
    folder: Path, change: Callable[[Path], object], is_other: bool
) -> None:
    before = SentenceModel(str(folder)).fingerprint
    change(folder)
    assert (SentenceModel(str(folder)).fingerprint != before) == is_other


def test_the_same_files_in_another_place_have_the_same_fingerprint(folder: Path, tmp_path: Path) -> None:
    before = SentenceModel(str(folder)).fingerprint
    folder.rename(tmp_path / "moved")
    assert SentenceModel(str(tmp_path / "moved")).fingerprint == before


def test_weights_are_read_through_once(folder: Path, cache: Path) -> None:
    before = SentenceModel(str(folder)).fingerprint
    (note,) = (cache / "citedesk").glob("model-*.json")
    known = json.loads(note.read_text())
    note.write_text(json.dumps({**known, "sha256": "0" * 64}))
    assert SentenceModel(str(folder)).fingerprint.startswith("0000")  # taken from the note
    note.write_text("{")
    assert SentenceModel(str(folder)).fingerprint == before


def test_a_cache_that_cannot_be_written_costs_time_only(folder: Path, cache: Path) -> None:
    cache.write_text("no folder")
    model = SentenceModel(str(folder))
    assert model.embed_query("ferry").shape == (32,)


def test_a_model_that_lacks_weights_is_not_given_random_ones(folder: Path) -> None:
    change_weights(folder, lambda w: {name: tensor for name, tensor in w.items() if "intermediate" not in name})
    for _ in range(2):  # nor the second time, when its files are known
        with pytest.raises(BadInput, match="tiny lacks weights: every time it is loaded it gives other vectors"):
            SentenceModel(str(folder)).embed_query("ferry")


def test_several_threads_may_ask_and_measure_at_once(folder: Path) -> None:
    model = SentenceModel(str(folder))  # not loaded yet: all want it

    def ask(number: int) -> tuple[Vectors, int]:
        return model.embed_passages(TEXTS), model.count_tokens("ferry " * 300)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(24)))
    assert all(numpy.array_equal(vectors, found[0][0]) and tokens == 304 for vectors, tokens in found)


def add_module(folder: Path, row: dict[str, object]) -> None:
    rows = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps([*rows, {"idx": 9, "name": "9", **row}]))


def add_dense(folder: Path, activation: str = "torch.nn.modules.activation.Tanh") -> Path:
    """A layer more, with its weights."""
    dense = folder / "3_Dense"
    dense.mkdir()
    settings = {"in_features": 32, "out_features": 8, "bias": False, "activation_function": activation}
    (dense / "config.json").write_text(json.dumps(settings))
    weight = numpy.random.default_rng(1).standard_normal((8, 32)).astype(numpy.float32)
    save_file({"linear.weight": weight}, dense / "model.safetensors")
    add_module(folder, {"path": "3_Dense", "type": "sentence_transformers.models.Dense"})
    return dense


def test_a_model_of_several_layers_is_loaded_with_all_of_them(folder: Path) -> None:
    add_dense(folder)
    assert SentenceModel(str(folder)).dimension == 8


def only_a_pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def a_pickled_layer(folder: Path) -> None:
    dense = add_dense(folder)
    (dense / "model.safetensors").rename(dense / "pytorch_model.bin")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (only_a_pickle, r"only weights that can run code when they are read \(pytorch_model\.bin\): save it again"),
        (a_pickled_layer, r"3_Dense has only weights that can run code"),
        (lambda f: add_dense(f, "os.abort"), r"asks in config\.json for code \(os\.abort\)"),
        (lambda f: add_dense(f, "torch.hub.load"), r"asks in config\.json for code \(torch\.hub\.load\)"),
        (
            lambda f: (f / "modeling_tiny.py").write_text("raise SystemExit"),
            r"holds program code \(modeling_tiny\.py\)",
        ),
        (lambda f: (f / "1_Pooling" / "x.py").write_text("raise SystemExit"), r"holds program code \(x\.py\)"),
        (lambda f: change_json(f / "config.json", auto_map={"AutoModel": "x.Y"}), r"for code \(auto_map\)"),
        (
            lambda f: change_json(f / "sentence_bert_config.json", model_args={"trust_remote_code": True}),
            r"asks in sentence_bert_config\.json for code \(trust_remote_code\)",
        ),
        (
            lambda f: change_json(f / "sentence_bert_config.json", model_args={"attn_implementation": "a/kernel"}),
            r"for code \(attn_implementation\)",
        ),
        (
            lambda f: add_module(f, {"path": "", "type": "modeling_tiny.Pooling"}),
            r"asks in modules\.json for modeling_",
        ),
        (
            lambda f: add_module(f, {"path": "", "type": "sentence_transformers.models.WordEmbeddings"}),
            r"asks in modules\.json for sentence_transformers\.models\.WordEmbeddings: we load Dense, Dropout",
        ),
        (
            lambda f: add_module(f, {"path": "../other", "type": "sentence_transformers.models.Dense"}),
            r"for what lies outside of it \(\.\./other\)",
        ),
        (lambda f: (f / "modules.json").unlink(), r"is no sentence-transformers model: it has no modules\.json"),
        (lambda f: (f / "modules.json").write_text("[1]"), r"has a modules\.json that lists no modules"),
        (lambda f: (f / "modules.json").write_text("{"), r"has a modules\.json that cannot be read"),
        (lambda f: (f / "tokenizer.json").unlink(), "has no tokenizer"),
        (lambda f: (f / "config.json").write_text("[" * 100_000), r"has a config\.json that cannot be read"),
        (lambda f: (f / "model.safetensors").write_bytes(b"\0" * 100), r"the model in \S+ cannot be loaded \("),
        (lambda f: change_json(f / "sentence_bert_config.json", max_seq_length=16), "reads 16 tokens of a text"),
    ],
)
def test_a_folder_that_must_not_or_cannot_be_loaded_is_refused_by_name(
    folder: Path, spoil: Callable[[Path], object], why: str
) -> None:
    spoil(folder)
    with pytest.raises(BadInput, match=why) as raised:
        SentenceModel(str(folder)).embed_query("ferry")
    assert str(folder) in str(raised.value)
