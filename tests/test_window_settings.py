"""What a page may choose, how it is asked for, and what the settings view says of it: never a key."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from corpus.errors import BadInput
from rag import Assistant
from rag.llm.scripted import Scripted
from rag.window.choices import BUILT_IN, Choice, Choices, Offer, choice, offers
from rag.window.conversations import Conversations
from rag.window.settings_page import origin_in_words, settings_page
from rag.window.settings_routes import routes
from rag.window.site import Site
from tests.fault_server import FAULTS, KEY, Exchange, Fault, Served, serving
from tests.markup import Parsed, parsed

OURS = {"x-citedesk": "1"}
SETTINGS = {
    "home": ("/srv/archive", "CITEDESK_HOME"),
    "llm": ("not set", "default"),
    "k": ("12", "/srv/archive/citedesk.toml"),
}


@pytest.fixture
def small(tmp_path: Path, articles: Path) -> Iterator[Assistant]:
    """An archive put together from its settings, with an embedder that needs no model."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "citedesk.toml").write_text('embedder = "hashing"\nk = 7\n', encoding="utf-8")
    with Assistant.open(home) as desk:
        desk.ingest(articles)
        yield desk


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A model's server that answers as it should, set by the environment with a key."""
    with serving(Fault(lambda exchange: exchange.good(), "answered")) as found:
        monkeypatch.setenv("OPENAI_BASE_URL", found.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield found


# ---- a choice


@pytest.mark.parametrize(
    ("sent", "chosen"),
    [
        (None, Choice()),
        ({}, Choice()),
        ({"llm": "", "k": "", "now": None, "theme": "dark"}, Choice()),
        ({"llm": "ollama:llama3.2", "k": 5, "now": "2024-05-31"}, Choice("ollama:llama3.2", 5, "2024-05-31")),
        ({"llm": " none ", "k": "12"}, Choice("none", 12)),
    ],
)
def test_what_a_page_leaves_out_is_left_to_the_configuration(sent: Any, chosen: Choice) -> None:
    assert choice(sent) == chosen


@pytest.mark.parametrize(
    "sent",
    [
        "ollama:x", 7, ["llm"], {"llm": 7}, {"llm": ["openai:x"]}, {"llm": "a" * 201}, {"llm": "openai:a\nb"},
        {"k": 0}, {"k": -1}, {"k": 101}, {"k": 1.5}, {"k": True}, {"k": "many"}, {"k": "9" * 5_000}, {"k": {}},
        {"now": "yesterday"}, {"now": 2024}, {"now": "2024-13-01"}, {"now": "2024\x00"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_a_sentence(sent: Any) -> None:
    with pytest.raises(BadInput):
        choice(sent)


def test_a_choice_is_asked_of_its_own_assistant_and_made_once(small: Assistant, served: Served) -> None:
    choices = Choices(small)
    assert choices.configured == BUILT_IN
    assert choices.desk(Choice()) is small
    assert choices.desk(Choice(BUILT_IN)) is small
    with_model = choices.desk(Choice("openai:tiny"))
    assert choices.desk(Choice("openai:tiny", 3)) is with_model
    assert with_model.setup.settings["llm"][0] == "openai:tiny"
    answer = with_model.ask("When did the bridge at Ollerford open?")
    assert (answer.composer, bool(served.requests)) == ("llm tiny", True)
    assert small.ask("When did the bridge at Ollerford open?").composer != "llm tiny"


def test_the_built_in_answers_can_be_chosen_where_a_model_is_configured(tmp_path: Path, articles: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "citedesk.toml").write_text('embedder = "hashing"\n', encoding="utf-8")
    model = Scripted(("It opened on Tuesday [1].",))
    with Assistant.open(home, llm=model) as desk:
        desk.ingest(articles)
        choices = Choices(desk)
        assert choices.configured == "scripted"
        built_in = choices.desk(Choice(BUILT_IN))
        question = "When did the bridge at Ollerford open?"
        earlier = built_in.ask(question)
        assert earlier.composer == "extractive"
        assert model.prompts == []
        assert built_in.setup.caller is None
        assert choices.desk(Choice()).ask(question).composer == "llm scripted"


def test_many_choices_do_not_pile_up(small: Assistant) -> None:
    choices = Choices(small)
    first = choices.desk(Choice("ollama:m0"))
    for number in range(1, 30):
        choices.desk(Choice(f"ollama:m{number}"))
    assert choices.desk(Choice("ollama:m0")) is not first


@pytest.mark.parametrize(
    "llm",
    ["scripted:/etc/passwd", "transformers:/", "http://169.254.169.254/", "openai", "openai:", "nobody:x", "os:system"],
)
def test_no_page_has_a_file_read_or_an_address_asked(small: Assistant, served: Served, llm: str) -> None:
    with pytest.raises(BadInput):
        Choices(small).desk(Choice(llm))
    assert served.requests == []


def test_a_provider_without_its_key_says_what_is_missing(small: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadInput, match="OPENAI_API_KEY"):
        Choices(small).desk(Choice("openai:gpt"))


# ---- trying a model out


def test_a_model_that_answers_is_quoted(small: Assistant, served: Served) -> None:
    trial = Choices(small).try_out(Choice("openai:tiny"))
    assert trial.works
    assert trial.told.startswith("tiny answered “The bridge opened in May [1].” after ")
    assert [len(served.requests), served.requests[0]["model"]] == [1, "tiny"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("401", "key"),
        ("404", "does not exist"),
        ("500 always", "boom"),
        ("an empty reply", "empty"),
        ("reset before any header", "cannot be reached|broke off|hung up|connection"),
        ("400 that repeats the key", "."),
        ("a page with 200", "."),
    ],
)
def test_a_model_that_fails_is_told_in_words_without_the_key(
    small: Assistant, monkeypatch: pytest.MonkeyPatch, fault: str, said: str
) -> None:
    with serving(FAULTS[fault]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        trial = Choices(small).try_out(Choice("openai:tiny"))
    assert not trial.works
    assert trial.told.startswith("No answer after ")
    assert trial.told.endswith(".")
    assert re.search(said, trial.told)
    assert KEY not in trial.told
    assert len(server.requests) == 1  # once, whatever it says


def test_the_built_in_answers_need_no_test(small: Assistant) -> None:
    assert Choices(small).try_out(Choice()).works


def test_one_model_is_tried_at_a_time(small: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def waits(exchange: Exchange) -> None:
        arrived.set()
        go_on.wait(20)
        exchange.good()

    with serving(Fault(waits, "answered")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        choices = Choices(small)
        trials: list[bool] = []
        first = threading.Thread(target=lambda: trials.append(choices.try_out(Choice("openai:tiny")).works))
        first.start()
        assert arrived.wait(20)
        with pytest.raises(BadInput, match="already"):
            choices.try_out(Choice("openai:other"))
        go_on.set()
        first.join()
    assert trials == [True]


# ---- what is offered


def test_offers_say_where_a_key_comes_from_and_never_what_it_is() -> None:
    environment = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://ada:secret@models.example/v1"}
    by_kind = {offer.kind: offer for offer in offers(environment)}
    assert {"openai", "ollama", "anthropic"} <= by_kind.keys()
    assert not {"scripted", "transformers"} & by_kind.keys()
    assert (by_kind["openai"].has_key, by_kind["openai"].address) == (True, "https://models.example/v1")
    assert (by_kind["anthropic"].has_key, by_kind["ollama"].key_variable) == (False, "")
    assert KEY not in str(by_kind)
    assert "secret" not in str(by_kind)


def test_an_offer_tells_whether_passages_leave_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    by_kind = {offer.kind: offer for offer in offers()}
    assert (by_kind["openai"].is_local, by_kind["ollama"].is_local) == (False, True)


# ---- the page


def page(configured: str = BUILT_IN, **changed: tuple[str, str]) -> Parsed:
    given = (
        Offer("openai", "OpenAI", "", "OPENAI_BASE_URL", "OPENAI_API_KEY", False, None, "openai needs a key"),
        Offer("ollama", "Ollama", "http://127.0.0.1:1", "OLLAMA_HOST", "", False, True),
    )
    return parsed(settings_page({**SETTINGS, **changed}, configured, given))


def test_each_value_says_where_it_comes_from() -> None:
    text = page().text
    assert "Built-in answers, by default." in text
    assert "12, from citedesk.toml in the archive’s folder." in text
    assert "The date of your question, from the clock of this machine." in text
    assert "not set; OPENAI_API_KEY sets it, before CiteDesk starts" in text
    assert "http://127.0.0.1:1, set by OLLAMA_HOST" in text
    assert "openai needs a key." in text


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ("default", "by default"),
        ("--llm", "from the command line (--llm)"),
        ("CITEDESK_LLM", "from the environment variable CITEDESK_LLM"),
        ("/a/b/citedesk.toml", "from citedesk.toml in the archive’s folder"),
        ("the archive", "from the archive"),
    ],
)
def test_origins_are_told_in_words(origin: str, words: str) -> None:
    assert origin_in_words(origin) == words


def test_a_configured_model_can_be_left_for_the_built_in_answers() -> None:
    found = page("ollama:tiny", llm=("ollama:tiny", "--llm")).all("input")
    assert [each["value"] for each in found if each.get("name") == "cd-answers"] == ["", "none", "model"]
    alone = [each for each in page().all("input") if each.get("name") == "cd-answers"]
    assert [each["value"] for each in alone] == ["", "model"]


def test_whatever_the_configuration_says_is_shown_and_does_nothing() -> None:
    hostile = '"><script>alert(1)</script>'
    found = page(hostile, llm=(hostile, hostile), k=(hostile, hostile))
    assert not found.all("script")
    assert hostile in found.text


def test_every_field_has_a_name() -> None:
    found = page()
    labelled = {each["aria-labelledby"] for each in found.all("input") if "aria-labelledby" in each}
    assert labelled <= {each.get("id") for each in found.all("legend")}
    assert len(found.all("label")) == len([*found.all("input"), *found.all("select")]) - len(labelled)


# ---- over HTTP


@pytest.fixture
def client(small: Assistant, tmp_path: Path) -> TestClient:
    site = Site(small, Conversations(tmp_path / "home"))
    return TestClient(Starlette(routes=routes(site)))


def test_the_settings_hold_no_key(client: TestClient, served: Served) -> None:
    shown = client.get("/citedesk/settings")
    assert shown.status_code == 200
    assert KEY not in shown.text
    assert "set by OPENAI_API_KEY, not shown" in parsed(shown.text).text
    assert "7, from citedesk.toml in the archive’s folder." in parsed(shown.text).text


def test_a_model_is_tried_over_http(client: TestClient, served: Served) -> None:
    tried = client.post("/citedesk/settings/test", json={"llm": "openai:tiny"}, headers=OURS)
    assert (tried.status_code, tried.json()["works"]) == (200, True)
    assert "The bridge opened" in tried.json()["told"]


def test_a_page_cannot_say_where_a_model_is_asked(client: TestClient, served: Served) -> None:
    sent = {"llm": "openai:tiny", "base_url": "http://169.254.169.254/v1", "OPENAI_BASE_URL": "http://10.0.0.1"}
    assert client.post("/citedesk/settings/test", json=sent, headers=OURS).json()["works"]
    assert len(served.requests) == 1  # our own server was asked, as the configuration says
    refused = client.post("/citedesk/settings/test", json={"llm": "http://169.254.169.254/"}, headers=OURS)
    assert (refused.status_code, "cannot be chosen" in refused.json()["error"]) == (400, True)


@pytest.mark.parametrize("headers", [{}, {"x-citedesk": "0"}])
def test_only_our_page_has_a_model_tried(client: TestClient, served: Served, headers: dict[str, str]) -> None:
    assert client.post("/citedesk/settings/test", json={"llm": "openai:tiny"}, headers=headers).status_code == 403
    assert served.requests == []


@pytest.mark.parametrize("sent", [{"llm": 7}, {"llm": {"a": 1}}, {"llm": "a" * 300}])
def test_nonsense_is_refused(client: TestClient, sent: dict[str, object]) -> None:
    refused = client.post("/citedesk/settings/test", json=sent, headers=OURS)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])


def test_a_failing_model_is_no_failing_page(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(FAULTS["401"]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        tried = client.post("/citedesk/settings/test", json={"llm": "openai:tiny"}, headers=OURS)
    assert (tried.status_code, tried.json()["works"]) == (200, False)
    assert KEY not in tried.text
