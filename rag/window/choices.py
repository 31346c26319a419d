"""What a page chooses for its questions: who answers, from how many passages, and what day "today" is.

A page may choose a model, never an address or a file: those come from the configuration alone, as do the keys, of
which only is said whether there is one. Knows assistants and providers. Knows nothing of pages or requests.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus.dates import user_date
from corpus.errors import BadInput, CiteDeskError
from corpus.invisible import visible
from rag.checkup import without_secrets

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.llm.calling import Caller

BUILT_IN = "none"
MOST_PASSAGES = 100
LONGEST_MODEL = 200

_KEPT = 8  # assistants, each with a model of its own
_WORDS_SHOWN = 60  # characters of a reply
_AFTER_FIRST_S = 2.0
# The others of our providers read a file or a folder that their name gives: no page may have one read.
_OFFERED = {
    "openai": ("OpenAI or compatible", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
    "ollama": ("Ollama", "", "OLLAMA_HOST"),
    "anthropic": ("Anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
}


@dataclass(frozen=True)
class Choice:
    """``llm`` is ``PROVIDER:MODEL``, "none" for the built-in answers or "" for what the configuration says; ``k`` and
    ``now``, an ISO 8601 date, are None for the same."""

    llm: str = ""
    k: int | None = None
    now: str | None = None


@dataclass(frozen=True)
class Offer:
    """A provider that a page may choose.

    ``address`` is where it is asked where a variable says so, without secrets, else empty. ``key_variable`` is empty
    where none is needed. ``lacks`` says what it needs before it can be asked, and how to give it that; ``is_local``
    that passages stay on this machine, None where that cannot be told.
    """

    kind: str
    label: str
    address: str = ""
    address_variable: str = ""
    key_variable: str = ""
    has_key: bool = False
    is_local: bool | None = None
    lacks: str = ""


@dataclass(frozen=True)
class Trial:
    """Whether a model answered when it was asked for a word, told in words, and after how many seconds."""

    works: bool
    told: str
    seconds: float


def choice(data: object) -> Choice:
    """What a page sent, as ``{llm, k, now}``; whatever is missing or empty is left to the configuration.

    Raises BadInput for what cannot be used. Whether there is such a model is seen when it is asked.
    """
    if data is None:
        return Choice()
    if not isinstance(data, Mapping):
        raise BadInput("the settings of this page cannot be used as they were sent; reset them")
    llm, now = (_word(data, name) for name in ("llm", "now"))
    return Choice(llm, _passages(data.get("k")), user_date(now) if now else None)


def _word(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_MODEL or not (value.isprintable() or not value):
        raise BadInput(f"the setting {name} of this page cannot be used; choose another")
    return value.strip()


def _passages(value: object) -> int | None:
    if value is None or value == "":
        return None
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else 0
    except ValueError:
        number = 0
    if not 1 <= number <= MOST_PASSAGES:
        raise BadInput(f"the number of passages must be between 1 and {MOST_PASSAGES}")
    return number


def offers(environment: Mapping[str, str] = os.environ) -> tuple[Offer, ...]:
    """The providers that a page may choose, ours first. Nothing is asked of them."""
    return (*(_offer(kind, environment) for kind in _OFFERED), *(Offer(name, name) for name in _registered()))


def _registered() -> list[str]:
    from importlib.metadata import entry_points

    from rag.llm import PROVIDERS

    return sorted({point.name for point in entry_points(group="citedesk.providers")} - PROVIDERS.keys())


def _offer(kind: str, environment: Mapping[str, str]) -> Offer:
    from rag.llm import provider

    label, key_variable, address_variable = _OFFERED[kind]
    set_address = environment.get(address_variable, "").strip()
    is_local, lacks = None, ""
    try:
        is_local = provider(f"{kind}:any").is_local
    except CiteDeskError as error:
        lacks = str(error)
    return Offer(
        kind,
        label,
        without_secrets(set_address) if set_address else "",
        address_variable,
        key_variable,
        bool(key_variable and environment.get(key_variable, "").strip()),
        is_local,
        lacks,
    )


class Choices:
    """The assistants of one archive by the model that answers. Safe to use from several threads."""

    def __init__(self, desk: Assistant) -> None:
        """``desk`` is the one that the configuration makes."""
        self._desk = desk
        self._made: OrderedDict[str, Assistant] = OrderedDict()
        self._lock = threading.Lock()
        self._trying = threading.Lock()

    @property
    def configured(self) -> str:
        """The model that the configuration names, "none" for the built-in answers."""
        caller = self._desk.setup.caller
        named, _ = self._desk.setup.settings.get("llm", ("", ""))
        return BUILT_IN if caller is None else named if named != "not set" else caller.name

    def desk(self, chosen: Choice) -> Assistant:
        """Whom to ask; with it go ``k`` and ``now``. Raises BadInput, ProviderError where there is no such model."""
        llm = chosen.llm
        if llm in ("", self.configured):
            return self._desk
        if llm != BUILT_IN and llm.partition(":")[0] not in {*_OFFERED, *_registered()}:
            raise BadInput(f"{llm!r} cannot be chosen here; the configuration can name it (llm, or --llm)")
        with self._lock:
            if llm not in self._made:
                self._made[llm] = self._desk.answering_by("" if llm == BUILT_IN else llm)
            self._made.move_to_end(llm)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
            return self._made[llm]

    def try_out(self, chosen: Choice) -> Trial:
        """Ask the chosen model for a word, once, for as long as a question waits for its first.

        Raises BadInput while another is tried, and for one that cannot be chosen.
        """
        started = time.monotonic()
        if not self._trying.acquire(blocking=False):
            raise BadInput("a model is being tried already; wait for the end of that")
        try:
            caller = self.desk(chosen).setup.caller
            if caller is None:
                return Trial(True, "The built-in answers need no model: there is nothing to test.", 0.0)
            said, waited_s = self._first_words(caller)
            told = f"{caller.name} answered “{visible(said).text}” after {waited_s:.1f} s."
            return Trial(True, told, waited_s)
        except CiteDeskError as error:
            if isinstance(error, BadInput):
                raise
            spent_s = time.monotonic() - started
            return Trial(False, f"No answer after {spent_s:.1f} s: {str(error).rstrip('.')}.", spent_s)
        finally:
            self._trying.release()

    def _first_words(self, caller: Caller) -> tuple[str, float]:
        """The beginning of a reply, and after how long it began."""
        started, waited_s, said = time.monotonic(), 0.0, ""
        hello = self._desk.setup.templates.prompt("hello")
        # As much as an answer may take, since a model may think at length before it says a word.
        with closing(caller.ask(hello, max_tokens=caller.limits.reply_tokens, attempts=1)) as reply:
            for piece in reply:
                if not said.strip():
                    waited_s = time.monotonic() - started
                said += piece
                enough = len(said) > _WORDS_SHOWN or time.monotonic() - started > waited_s + _AFTER_FIRST_S
                if said.strip() and enough:
                    break
        words = " ".join(said.split())
        return (words if len(words) <= _WORDS_SHOWN else f"{words[:_WORDS_SHOWN]}…"), waited_s
