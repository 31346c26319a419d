"""The page about providers is true: its provider runs, and its settings are those that exist."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable, Generator, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from rag.llm import PROVIDERS, provider
from rag.llm.base import Limits, Prompt, Provider, ProviderError, Unreachable, Usage
from rag.llm.calling import Caller
from tests.fault_server import Fault, Served, refuses, sends, serving

PAGE = (Path(__file__).parents[1] / "docs" / "providers.md").read_text(encoding="utf-8")
PROMPT = Prompt("You answer from passages.", "When did the bridge open?")


def block(language: str, holding: str = "") -> str:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (found,) = [each for each in blocks if holding in each]
    return str(found)


A_CLASS = "class Native"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Served], Provider]]:
    """The page's provider as an installed package, with the entry point that the page gives it."""
    (tmp_path / "citedesk_native.py").write_text(block("python", A_CLASS), encoding="utf-8")
    points = tomllib.loads(block("toml"))["project"]["entry-points"]
    metadata = tmp_path / "citedesk_native-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: citedesk-native\nVersion: 1.0\n")
    lines = [line for group, made in points.items() for line in (f"[{group}]", *map(" = ".join, made.items()))]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(tmp_path)

    def make(served: Served) -> Provider:
        monkeypatch.setenv("NATIVE_URL", served.base_url.removesuffix("/v1"))
        return provider("native:llama3.2:3b", Limits(context_tokens=2_048))

    yield make
    sys.modules.pop("citedesk_native", None)


Installed = Callable[[Served], Provider]


def line(words: str, **more: object) -> bytes:
    return json.dumps({"message": {"role": "assistant", "content": words}, "done": False, **more}).encode() + b"\n"


def gathered(pieces: Generator[str, None, Usage | None]) -> tuple[str, Usage | None]:
    said = ""
    while True:
        try:
            said += next(pieces)
        except StopIteration as stopped:
            return said, stopped.value


LAST = line("", done=True, done_reason="stop", prompt_eval_count=21, eval_count=5)


def test_the_provider_is_complete_in_less_than_forty_lines() -> None:
    assert len(block("python", A_CLASS).splitlines()) < 40


def test_the_provider_answers(installed: Installed) -> None:
    with serving(Fault(sends(line("In May "), line("[1]."), LAST), "answered")) as served:
        found = gathered(Caller(installed(served)).ask(PROMPT, max_tokens=60))
    assert found == ("In May [1].", Usage(21, 5))
    assert served.requests[0]["model"] == "llama3.2:3b"
    assert served.requests[0]["options"] == {"num_ctx": 2_048, "num_predict": 60, "temperature": 0}


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (Fault(sends(line("In ")), "incomplete"), ProviderError, "the reply of llama3.2:3b broke off before its end"),
        (Fault(refuses(500), "error"), ProviderError, "llama3.2:3b failed (HTTPStatusError)"),
        (Fault(sends(b"{\n"), "error"), ProviderError, "llama3.2:3b failed (JSONDecodeError)"),
        (Fault(sends(b"7\n"), "error"), ProviderError, "llama3.2:3b failed inside its provider (TypeError)"),
        (Fault(sends(), "error", listens=False), Unreachable, "llama3.2:3b cannot be reached"),
    ],
)
def test_the_provider_fails_as_one_should(
    fault: Fault, kind: type[ProviderError], says: str, installed: Installed
) -> None:
    with serving(fault) as served, pytest.raises(kind) as raised:
        list(Caller(installed(served), jitter=lambda: 0.0).ask(PROMPT, max_tokens=60))
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import a_package_that_is_not_there", "cannot be imported: No module named 'a_package_that_is_not_there'"),
        ("", "cannot be made (AttributeError)"),
        ("def native(model, limits):\n    raise ValueError('sk-canary-7')", "cannot be made (ValueError)"),
    ],
)
def test_a_provider_of_somebody_elses_that_is_broken_is_named(
    code: str, says: str, installed: Installed, tmp_path: Path
) -> None:
    (tmp_path / "citedesk_native.py").write_text(code, encoding="utf-8")
    with pytest.raises(ProviderError) as raised:
        installed(Served("http://127.0.0.1:9/v1"))
    assert str(raised.value) == f"the provider native {says}"


def test_every_limit_is_on_the_page_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `llm_(\w+)` \| `CITEDESK_LLM_\w+` \| (\d+|what)", PAGE, re.MULTILINE))
    given = {limit.name: limit.default for limit in fields(Limits)}
    assert rows.keys() == given.keys()
    assert {name: float(value) for name, value in rows.items() if given[name] is not None} | {
        "first_token_s": None,
        "context_tokens": None,
    } == given
    assert all(f"`CITEDESK_LLM_{name.upper()}`" in PAGE for name in given)


def test_every_provider_for_users_is_on_the_page() -> None:
    assert [name for name in PROVIDERS if f"--llm {name}:" not in PAGE] == []


def test_the_model_for_tests_says_what_the_page_has_it_say(
    sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-archive").symlink_to(sample_home)
    code = block("python", "Scripted").replace("When did the bridge open?", "When did the pilots stop work?")
    exec(compile(code, "providers.md", "exec"), {})
    said = capsys.readouterr().out
    assert said.startswith("answered The bridge opened on 2 May 2023 [1]. ['unverified']\n")
    assert "Question: When did the pilots stop work?" in said


def test_every_sentence_has_a_line_of_its_own() -> None:
    prose = re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert not [found for found in prose.splitlines() if re.search(r"[a-z)`]\. [A-Z]", found)]
