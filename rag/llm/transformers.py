"""A model in a folder on this disk, run in this process: ``transformers:FOLDER``.

Safetensors only, no code from the folder, no network (``vectorstore/model_folder.py``). Slow on an ordinary processor,
but it needs no server; it is loaded at the first question and answers one at a time.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from corpus.errors import BadInput
from rag.llm.base import ContextOverflow, Limits, Piece, Prompt, ProviderError, Usage
from vectorstore import model_folder

_CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length")
_CONTEXT_TOKENS = 4_096  # of a model whose config.json says nothing
_CHUNK_TOKENS = 256  # of a prompt, read in one step: no longer than it may take to stop
_THINK = "<think>"  # some templates have the model begin with its thoughts
_LONGEST_CHARACTER = 4  # tokens: a vocabulary of bytes needs that many for one character


class Transformers:
    """One model; safe to use from several loops and threads. Loaded once, in a thread of its own."""

    is_local = True

    def __init__(self, folder: Path, context_tokens: int) -> None:
        self.name = folder.name
        self.context_tokens = context_tokens
        self._folder = folder
        self._loaded: tuple[Any, Any] | None = None  # touched by the worker only
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="citedesk-model")  # one: questions wait their turn

    async def stream(self, prompt: Prompt, *, max_tokens: int) -> AsyncIterator[Piece]:
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[Piece | None] = asyncio.Queue()
        stop = threading.Event()

        def say(piece: Piece) -> None:
            loop.call_soon_threadsafe(arrived.put_nowait, piece)

        work = loop.run_in_executor(self._worker, self._reply, prompt, max_tokens, say, stop)
        work.add_done_callback(lambda _: arrived.put_nowait(None))
        try:
            while (piece := await arrived.get()) is not None:
                yield piece
            await work  # raises what went wrong
        finally:
            stop.set()
            work.cancel()

    def _reply(self, prompt: Prompt, max_tokens: int, say: Callable[[Piece], None], stop: threading.Event) -> None:
        try:
            if self._loaded is None:
                self._loaded = model_folder.load(self._folder, "AutoModelForCausalLM")
            self._generate(*self._loaded, prompt, max_tokens, say, stop)
        except _Stopped:
            return
        except ProviderError:
            raise
        except BadInput as error:
            raise ProviderError(str(error)) from error
        except Exception as error:  # whatever the model, its template or torch can raise, memory running out included
            raise ProviderError(f"{self.name} failed ({model_folder.in_one_line(error)})") from error

    def _generate(
        self,
        tokenizer: Any,
        model: Any,
        prompt: Prompt,
        max_tokens: int,
        say: Callable[[Piece], None],
        stop: threading.Event,
    ) -> None:
        text, has_marks = _rendered(tokenizer, prompt)
        inputs = tokenizer(text, add_special_tokens=not has_marks, return_tensors="pt", verbose=False)
        prompt_tokens = inputs["input_ids"].shape[1]
        if prompt_tokens + max_tokens > self.context_tokens:
            raise ContextOverflow(
                f"the prompt of {prompt_tokens} tokens and a reply of {max_tokens} are more than"
                f" the {self.context_tokens} of {self.name}"
            )
        ends = _ends(tokenizer, model)
        reply = _Reply(tokenizer, say, begun=_THINK if text.rstrip().endswith(_THINK) else "")

        def check(*_: object) -> None:
            if stop.is_set():
                raise _Stopped

        # Asked before every part of the model, not once for each token: reading a long prompt may take a minute.
        hooks = [part.register_forward_pre_hook(check) for part in model.modules()]
        try:
            model.generate(
                input_ids=inputs["input_ids"],  # and nothing else a tokenizer may add, which generate refuses
                attention_mask=inputs["attention_mask"],
                max_new_tokens=max_tokens,
                do_sample=False,
                num_beams=1,
                use_cache=True,
                prefill_chunk_size=_CHUNK_TOKENS,
                eos_token_id=sorted(ends) or None,
                tokenizer=tokenizer,
                streamer=reply,
            )
        finally:
            for hook in hooks:
                hook.remove()
        finish = "length" if len(reply.tokens) >= max_tokens and reply.tokens[-1] not in ends else "stop"
        say(Piece(reply.rest(), finish, Usage(prompt_tokens, len(reply.tokens))))


class _Stopped(Exception):
    """Nobody reads the reply any more."""


class _Reply:
    """Gets tokens from ``generate`` and says the characters that are whole.

    ``begun`` is what the prompt has put at its beginning.
    """

    def __init__(self, tokenizer: Any, say: Callable[[Piece], None], *, begun: str = "") -> None:
        self.tokens: list[int] = []
        self._tokenizer = tokenizer
        self._say = say
        if begun:
            say(Piece(begun))
        self._past_prompt = False
        self._context = 0  # tokens from here on are decoded, since what a token says may depend on the one before
        self._said = 0  # tokens before this one have been said

    def put(self, value: Any) -> None:
        if not self._past_prompt:
            self._past_prompt = True  # the first call brings the prompt
            return
        self.tokens.extend(value.flatten().tolist())
        said = self._decoded(self._context, self._said)
        now = self._decoded(self._context, len(self.tokens))
        if now.endswith("\ufffd") and len(self.tokens) - self._said < _LONGEST_CHARACTER:
            self._say(Piece())  # half a character
            return
        self._context, self._said = self._said, len(self.tokens)
        self._say(Piece(now[len(said) :]))

    def end(self) -> None:
        """Called by ``generate``; ``rest`` has what is left to say."""

    def rest(self) -> str:
        said = self._decoded(self._context, self._said)
        return self._decoded(self._context, len(self.tokens))[len(said) :]

    def _decoded(self, start: int, end: int) -> str:
        tokens = self.tokens[start:end]
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text


def _rendered(tokenizer: Any, prompt: Prompt) -> tuple[str, bool]:
    """The prompt in the form of turns that the model was taught, if any; and whether that form has its own marks."""
    system, user = (_without_marks(tokenizer, text) for text in (prompt.system, prompt.user))
    merged = f"{system}\n\n{user}"
    if not tokenizer.chat_template:
        return f"{merged}\n", False

    def turns(**texts: str) -> str:
        messages = [{"role": role, "content": text} for role, text in texts.items()]
        rendered: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        return rendered

    try:
        text = turns(system=system, user=user)
    except Exception:  # an error of the template language, by which some say that they know no system
        text = ""
    if system.strip() not in text or not text:  # or they leave it out
        text = turns(user=merged)
    return text, True


def _without_marks(tokenizer: Any, text: str) -> str:
    """The text with the marks that separate turns broken up: in a passage they are text and end no turn."""
    marks = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    for mark in sorted(marks | set(tokenizer.all_special_tokens), key=len, reverse=True):
        if len(mark) > 1:
            text = text.replace(mark, f"{mark[0]} {mark[1:]}")
    return text


def _ends(tokenizer: Any, model: Any) -> set[int]:
    """The tokens that end a reply: those of the model, and the one that the tokenizer closes a turn with."""
    stated = model.generation_config.eos_token_id
    found = stated if isinstance(stated, list) else [stated]
    return {token for token in (*found, tokenizer.eos_token_id) if token is not None}


def transformers(model: str, limits: Limits) -> Transformers:
    """The model in the folder ``model``, which is looked at and not yet loaded. Raises BadInput where it cannot be."""
    folder = model_folder.checked(model)
    known = _context_tokens(model_folder.settings(folder))
    return Transformers(folder, min(known, limits.context_tokens or known))


def _context_tokens(settings: dict[str, Any]) -> int:
    text = settings.get("text_config")  # where a model of pictures and text keeps those of its text
    for place in (settings, text if isinstance(text, dict) else {}):
        for key in _CONTEXT_KEYS:
            if isinstance(length := place.get(key), int) and length > 0:
                return length
    return _CONTEXT_TOKENS
