"""A reranker reads the best passages once more: its scores are the library's own, and the order is theirs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from corpus.document import Header, Passage
from corpus.errors import BadInput
from rag import Assistant, build, checkup, config
from rag.llm.base import ProviderError
from rag.question import Question, understand
from rag.reranking import CrossEncoder, Reranked
from tests import tiny_models
from vectorstore.base import Hit
from vectorstore.index import Finding
from vectorstore.view import View

QUESTION = "When does the ferry sail?"
PASSAGES = [
    "The ferry sails again on Monday.",
    "",
    "Apples ripen early in the vale, growers say.",
    "Penn says no. " * 6,
]
ANY_VIEW: View = None  # type: ignore[assignment]  # nobody looks at it here


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.write_cross_encoder(tmp_path_factory.mktemp("models") / "tiny-reranker")


def test_scores_are_those_of_sentence_transformers(folder: Path) -> None:
    from sentence_transformers import CrossEncoder as Original
    from torch.nn import Identity

    original = Original(str(folder), device="cpu", local_files_only=True, activation_fn=Identity())
    pairs = [(QUESTION, passage) for passage in PASSAGES]
    expected = original.predict(pairs, show_progress_bar=False).tolist()
    assert CrossEncoder(str(folder)).scores(QUESTION, PASSAGES) == pytest.approx(expected, abs=1e-3)
    assert len({round(score, 2) for score in expected}) == len(PASSAGES)  # else any order would do


def test_a_score_does_not_depend_on_what_it_is_computed_beside(folder: Path) -> None:
    model = CrossEncoder(str(folder))
    passages = [f"{'ferry ' * (number % 9)}{number}." for number in range(40)]
    assert model.scores(QUESTION, passages) == [model.scores(QUESTION, [passage])[0] for passage in passages]
    assert model.scores(QUESTION, []) == []


def test_a_question_of_any_length_has_scores(folder: Path) -> None:
    assert len(CrossEncoder(str(folder)).scores("when " * 2_000, PASSAGES)) == len(PASSAGES)


@dataclass(frozen=True)
class Listed:
    """A retriever that finds the same passages for every question, with falling scores."""

    texts: Sequence[str]

    def retrieve(self, question: Question, view: View, k: int) -> list[Hit]:
        return [hit_of(text, 1.0 - at / 100) for at, text in enumerate(self.texts)][:k]


def hit_of(text: str, score: float) -> Hit:
    return Hit(Passage(Header(f"{text}.txt", title="Ferry"), 0, len(text), text), score)


@dataclass(frozen=True)
class ByLength:
    """A scorer that likes what is long, and keeps what it was asked."""

    asked: list[tuple[str, list[str]]]

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        self.asked.append((question, list(passages)))
        return [float(len(passage)) for passage in passages]


def reranked(texts: Sequence[str], k: int, pool: int) -> list[str]:
    found = Reranked(Listed(texts), ByLength([]), pool).retrieve(understand(QUESTION), ANY_VIEW, k)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    return [hit.passage.text for hit in found]


def test_the_better_ones_come_first_and_of_equals_the_first() -> None:
    assert reranked(["a", "bbb", "cc", "dd", "eee"], k=5, pool=5) == ["bbb", "eee", "cc", "dd", "a"]


def test_more_are_read_than_are_wanted() -> None:
    assert reranked(["a", "bbb", "cc", "dddd"], k=2, pool=4) == ["dddd", "bbb"]


def test_what_is_past_the_pool_keeps_its_order_below_it() -> None:
    assert reranked(["a", "bbb", "cc", "dddd", "e"], k=5, pool=2) == ["bbb", "a", "cc", "dddd", "e"]


def test_nothing_found_is_nothing() -> None:
    assert reranked([], k=5, pool=5) == []


def test_the_header_is_read_with_the_passage_and_the_question_as_it_stands_alone() -> None:
    scorer = ByLength([])
    question = Question("And then?", "When does the ferry sail? And then?", "other")
    Reranked(Listed(["It sails."]), scorer).retrieve(question, ANY_VIEW, 3)
    assert scorer.asked == [("When does the ferry sail? And then?", ["Ferry\nIt sails."])]


def test_a_folder_is_looked_at_when_it_is_first_used_and_refused_by_name(tmp_path: Path) -> None:
    nli = tiny_models.write_classifier(tmp_path / "nli")
    with pytest.raises(BadInput, match=r"nli is no reranker: it sorts pairs of texts into 3 kinds, and does not give"):
        CrossEncoder(str(nli)).scores(QUESTION, PASSAGES)
    with pytest.raises(BadInput, match="someone/reranker does not exist on this disk; models are never downloaded"):
        CrossEncoder("someone/reranker").scores(QUESTION, PASSAGES)
    pickled = tiny_models.write_cross_encoder(tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(BadInput, match="only weights that can run code"):
        CrossEncoder(str(pickled)).scores(QUESTION, PASSAGES)
    headless = tiny_models.write_cross_encoder(tmp_path / "headless")
    tensors = {name: each for name, each in load_file(headless / "model.safetensors").items() if "class" not in name}
    save_file(tensors, headless / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BadInput, match=r"lacks weights \(classifier\.bias, classifier\.weight\)"):
        CrossEncoder(str(headless)).scores(QUESTION, PASSAGES)


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    broken = tiny_models.write_cross_encoder(tmp_path / "broken")
    tensors = load_file(broken / "model.safetensors")
    tensors["classifier.bias"][:] = float("nan")
    save_file(tensors, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ProviderError, match="broken gives scores that are no numbers"):
        CrossEncoder(str(broken)).scores(QUESTION, PASSAGES)


def test_one_setting_puts_it_around_the_search(
    folder: Path, tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITEDESK_EMBEDDER", "hashing")
    question = "How many cars a day will the bridge carry?"
    with Assistant.open(tmp_path / "home") as plain:
        plain.ingest(articles)
        before = plain.search(question).retrieved
    monkeypatch.setenv("CITEDESK_RERANKER", str(folder))
    with Assistant.open(tmp_path / "home") as desk:
        found = desk.search(question).retrieved
        assert "4,000" in desk.ask(question).text
    scores = CrossEncoder(str(folder)).scores(question, [hit.passage.embedded_text() for hit in before])
    expected = sorted(zip(scores, [hit.passage for hit in before], strict=True), key=lambda pair: -pair[0])
    assert [hit.passage for hit in found] == [passage for _, passage in expected]
    assert [hit.score for hit in found] == pytest.approx([score for score, _ in expected], abs=1e-3)
    assert {hit.passage.document.name for hit in found} == {"bridge.txt", "ferry.txt", "harvest.md"}


def test_a_reranker_that_cannot_be_used_keeps_nobody_from_what_needs_none(tmp_path: Path, articles: Path) -> None:
    (tmp_path / "home").mkdir()
    settings = {"embedder": "hashing", "reranker": "gone"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    (tmp_path / "home" / "citedesk.toml").write_text("\n".join(lines), encoding="utf-8")
    with Assistant.open(tmp_path / "home") as desk:
        assert len(desk.ingest(articles).added) == 3
        with pytest.raises(BadInput, match="home/gone does not exist on this disk"):
            desk.ask(QUESTION)


def test_the_doctor_tries_it_out(folder: Path, tmp_path: Path) -> None:
    def made(reranker: str) -> Callable[[], CrossEncoder | None]:
        return lambda: build.reranker(config.load(tmp_path, {"CITEDESK_RERANKER": reranker}))

    assert checkup.reranker(made("")) == Finding("reranker", True, "none is named")
    found = checkup.reranker(made(str(folder)))
    assert found.sound
    assert found.detail.startswith("it answers, loaded in ")
    assert not checkup.reranker(made("/nowhere")).sound
