"""Settings: an option wins over the environment, that over the file; each says where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import BadInput
from rag.build import settled
from rag.config import load, unknown
from rag.llm.base import Limits
from vectorstore.embedders import Choice
from vectorstore.embedders.hashing import Hashing
from vectorstore.index import Index


def test_an_option_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "citedesk.toml"
    file.write_text('llm = "ollama:a"\nk = 5\nllm_gap_s = 7\n', encoding="utf-8")
    found = load(tmp_path, {"CITEDESK_LLM": "ollama:b", "CITEDESK_K": "6"}, {"llm": "ollama:c"})
    assert (found.llm, found.k, found.limits) == ("ollama:c", 6, Limits(gap_s=7.0))
    assert found.origins == {"home": "--home", "llm": "--llm", "k": "CITEDESK_K", "llm_gap_s": str(file)}
    shown = found.shown()
    assert shown["llm"] == ("ollama:c", "--llm")
    assert shown["llm_gap_s"] == ("7", str(file))
    assert shown["embedder"] == ("minilm", "default")
    assert shown["llm_first_token_s"] == ("up to the provider", "default")


def test_every_limit_can_be_set(tmp_path: Path) -> None:
    names = ("connect_s", "first_token_s", "gap_s", "total_s", "context_tokens", "reply_tokens")
    environment = {f"CITEDESK_LLM_{name.upper()}": str(number) for number, name in enumerate(names, start=1)}
    assert load(tmp_path, environment).limits == Limits(1.0, 2.0, 3.0, 4.0, 5, 6)


def test_none_switches_a_model_off(tmp_path: Path) -> None:
    assert load(tmp_path, {"CITEDESK_LLM": "ollama:b"}, {"llm": "none"}).llm == ""
    assert load(tmp_path, {"CITEDESK_LLM": "ollama:b"}, {"llm": None}).llm == "ollama:b"


def test_blanks_around_a_name_are_not_part_of_it(tmp_path: Path) -> None:
    assert load(tmp_path, {"CITEDESK_LLM": " none\r"}, {"llm": " "}).llm == ""
    assert load(tmp_path, {"CITEDESK_LLM": "ollama:b\r"}).llm == "ollama:b"


def test_a_folder_named_in_the_file_is_looked_for_beside_it(tmp_path: Path) -> None:
    (tmp_path / "citedesk.toml").write_text('prompts = "mine"\njudge = "/models/nli"\n', encoding="utf-8")
    found = load(tmp_path, {})
    assert (found.prompts, found.judge) == (str(tmp_path / "mine"), "/models/nli")
    assert load(tmp_path, {"CITEDESK_PROMPTS": "mine"}).prompts == "mine"  # as a shell means it


def test_an_embedders_folder_is_remembered_whole_and_what_only_looks_like_one_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "citedesk.toml").write_text('embedder = "./e5"\nreranker = "ce"\n', encoding="utf-8")
    found = load("home", {})
    assert (found.embedder, found.reranker) == (str(tmp_path / "home" / "e5"), str(tmp_path / "home" / "ce"))
    for name, expected in [("./e5", f"{tmp_path}/e5"), ("minilm", "minilm"), ("openai:a/b", "openai:a/b")]:
        assert load("home", {"CITEDESK_EMBEDDER": name}).embedder == expected
        option = load("home", {}, {"embedder": name})
        assert (option.embedder, option.origins["embedder"]) == (expected, "--embedder")


def test_the_blanks_of_a_prefix_belong_to_it(tmp_path: Path) -> None:
    (tmp_path / "citedesk.toml").write_text('query_prefix = "query: "\n', encoding="utf-8")
    found = load(tmp_path, {}, {"passage_prefix": "passage: "})
    assert (found.query_prefix, found.passage_prefix) == ("query: ", "passage: ")
    assert found.origins["passage_prefix"] == "--passage-prefix"


def settings_for(belongs: Choice, tmp_path: Path, **given: str) -> tuple[str, str, str]:
    """What embeds in an archive that belongs to ``belongs``, where this is given."""
    Index(tmp_path, Hashing(), chunking="any", choice=belongs).claim()
    found = settled(load(tmp_path, {f"CITEDESK_{name.upper()}": value for name, value in given.items()}))
    return found.embedder, found.query_prefix, found.passage_prefix


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("/models/e5", "q: ", "p: ")),
        ({"embedder": "/models/e5"}, ("/models/e5", "q: ", "p: ")),
        ({"embedder": "minilm"}, ("minilm", "", "")),
        ({"query_prefix": "other: "}, ("/models/e5", "other: ", "p: ")),
        ({"embedder": "minilm", "query_prefix": "other: "}, ("minilm", "other: ", "")),
    ],
)
def test_an_embedder_that_no_setting_names_is_the_archives_own(
    tmp_path: Path, given: dict[str, str], expected: tuple[str, str, str]
) -> None:
    assert settings_for(Choice("/models/e5", "q: ", "p: "), tmp_path, **given) == expected


def test_where_it_is_from_is_shown(tmp_path: Path) -> None:
    Index(tmp_path, Hashing(), chunking="any", choice=Choice("hashing")).claim()
    assert settled(load(tmp_path, {})).shown()["embedder"] == ("hashing", "the archive")
    assert settled(load(tmp_path / "none", {})).shown()["embedder"] == ("minilm", "default")


def test_an_archive_of_an_earlier_version_names_its_embedder_by_the_models_own_name(tmp_path: Path) -> None:
    Index(tmp_path, Hashing(), chunking="any").claim()
    assert settled(load(tmp_path, {})).embedder == "hashing"
    (tmp_path / "archive.db").write_bytes(b"junk" * 1_000)
    assert settled(load(tmp_path, {})).embedder == "minilm"  # what is wrong with it is said by who opens it


def test_variables_that_only_look_like_settings_are_known() -> None:
    environment = {"CITEDESK_LLM": "x", "CITEDESK_HOME": "x", "CITEDESK_LLM_GAP_S": "1", "CITEDESK_MODEL": "x"}
    assert unknown(environment) == ["CITEDESK_MODEL"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("k = many", "cannot be understood"),
        ('k = "many"', "k to 'many'; it must be a whole number above 0"),
        ("llm_gap_s = -1", "llm_gap_s to -1; it must be a number of seconds above 0"),
        ("llm_total_s = inf", "must be a number of seconds"),
        ("llm_reply_tokens = 1.5", "must be a whole number"),
        ("llm_gap_s = true", "must be a number of seconds"),
        ("k = 0", "k to 0; it must be a whole number above 0"),
        ("llm = 5", "llm to 5; it must be text in quotation marks"),
        ('[llm]\nname = "ollama:a"', "it must be text in quotation marks"),
        ('judge = ["a"]', "judge to ['a']; it must be text"),
        ('temperature = 1\nllm = "x:y"', "sets temperature, which is no setting; known: embedder"),
        ("trust_remote_code = true", "code that comes with a model is never run"),
        ('openai_api_key = "sk-1"', "which is no setting"),
    ],
)
def test_a_settings_file_that_cannot_be_used_is_refused_by_name(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "citedesk.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        load(tmp_path, {})
    assert str(tmp_path / "citedesk.toml") in str(raised.value)
    assert why in str(raised.value)
    assert "sk-1" not in str(raised.value)


def test_remote_code_cannot_be_asked_for_by_the_environment_either(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="CITEDESK_TRUST_REMOTE_CODE is set"):
        load(tmp_path, {"CITEDESK_TRUST_REMOTE_CODE": "1"})
