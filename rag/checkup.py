"""Which settings are in force, and whether the models they name answer: what the doctor says beside the archive.

Keys are never shown: only whether there is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from corpus.errors import CiteDeskError
from corpus.tokens import count_tokens
from rag import config
from rag.checking import Judge
from rag.llm.calling import Caller
from rag.prompting import answer_prompt
from rag.question import understand
from rag.reranking import Scorer
from rag.templates import Templates
from vectorstore.index import Finding

_KEYS = ("OPENAI_API_KEY", "OPENAI_EMBEDDINGS_API_KEY", "ANTHROPIC_API_KEY")
_ADDRESSES = ("OPENAI_BASE_URL", "OPENAI_EMBEDDINGS_BASE_URL", "OLLAMA_HOST", "ANTHROPIC_BASE_URL")
_MODEL, _JUDGE, _RERANKER = "language model", "judge", "reranker"
_PASSAGE_TOKENS = 400  # what a long passage takes, with the lines above it


def settings(shown: Mapping[str, tuple[str, str]], environment: Mapping[str, str]) -> list[Finding]:
    """``shown`` is each setting's value and origin."""
    found = [Finding(f"setting {name}", True, f"{value} ({origin})") for name, (value, origin) in shown.items()]
    found += [Finding(f"environment {name}", False, "no setting has that name") for name in config.unknown(environment)]
    found += [Finding(f"environment {key}", True, "set, not shown") for key in _KEYS if environment.get(key)]
    for name in _ADDRESSES:
        if value := environment.get(name):
            found.append(Finding(f"environment {name}", True, without_secrets(value)))
    return found


def model(
    caller: Callable[[], Caller | None], templates: Callable[[], Templates], *, about_to_ask: Callable[[str], None]
) -> Finding:
    """Asks the model for one word, once, for as long as a question waits for its first; both are made here.

    ``about_to_ask`` hears of that before, as it may take minutes.
    """
    try:
        called = caller()
        if called is None:
            return Finding(_MODEL, True, "none is named; the built-in composer answers")
        words = templates()
        room = _room(called, words)
        if room < _PASSAGE_TOKENS:
            return Finding(_MODEL, False, _too_small(called))
        about_to_ask(f"asking {called.name}, for {called.first_token_s:g} s at most")
        start = time.monotonic()
        # As much as an answer may take, since a model may think at length before it says a word.
        for piece in called.ask(words.prompt("hello"), max_tokens=called.limits.reply_tokens, attempts=1):
            if piece.strip():
                break
    except CiteDeskError as error:
        return Finding(_MODEL, False, str(error))
    waited = f"{called.name} answers, first word after {time.monotonic() - start:.1f} s"
    return Finding(_MODEL, True, f"{waited}; it has room for {room:,} tokens of passages")


def judge(made: Callable[[], Judge | None]) -> Finding:
    """Asks it whether a sentence follows from itself; whatever it thinks of that, it works."""
    try:
        found = made()
        if found is not None:
            found.scores([("The ferry sails on Monday.", "The ferry sails on Monday.")])
    except CiteDeskError as error:
        return Finding(_JUDGE, False, str(error))
    return Finding(_JUDGE, True, "none is named" if found is None else "it answers")


def reranker(made: Callable[[], Scorer | None]) -> Finding:
    """Has it score a passage."""
    started = time.monotonic()
    try:
        found = made()
        if found is not None:
            found.scores("When does the ferry sail?", ["The ferry sails on Monday."])
    except CiteDeskError as error:
        return Finding(_RERANKER, False, str(error))
    spent = time.monotonic() - started
    return Finding(_RERANKER, True, "none is named" if found is None else f"it answers, loaded in {spent:.1f} s")


def _room(caller: Caller, templates: Templates) -> int:
    """Tokens for passages: what the model takes, without its reply, our words and a short question."""
    bare = answer_prompt(understand("Who said what, and when?"), (), templates, budget_tokens=0).prompt
    ours = count_tokens(bare.system).tokens + count_tokens(bare.user).tokens
    return caller.provider.context_tokens - caller.limits.reply_tokens - ours


def _too_small(caller: Caller) -> str:
    taken, reply = caller.provider.context_tokens, caller.limits.reply_tokens
    return (
        f"{caller.name} takes {taken:,} tokens, {reply:,} of them for its reply, which leaves no room for passages;"
        " see llm_context_tokens and llm_reply_tokens"
    )


def without_secrets(address: str) -> str:
    """An address without what may be a password in it."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
    except ValueError:
        return "set, but no address"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme else host
