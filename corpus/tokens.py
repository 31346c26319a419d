"""Count the tokens of a text as a large language model's vocabulary would; the only home of tiktoken.

Passages are measured by their embedder's own tokenizer instead. Knows nothing of prompts or models.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from hashlib import sha1, sha256
from math import ceil
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

ENCODING = "o200k_base"
_ADDRESS = f"https://openaipublic.blob.core.windows.net/encodings/{ENCODING}.tiktoken"
_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
_BYTES_PER_TOKEN = 3  # UTF-8 bytes; measured at .9 to 1.2 of the real count over prose, code, German and Chinese
_MARGIN = 1.15


@dataclass(frozen=True)
class TokenCount:
    """A number of tokens; where not ``exact``, an estimate on the safe side."""

    tokens: int
    exact: bool


def count_tokens(text: str) -> TokenCount:
    """Exact where tiktoken's encoding is in its cache, else estimated from the bytes; never downloads."""
    encoding = _cached_encoding()
    if encoding is None:
        return TokenCount(ceil(len(text.encode("utf-8", errors="replace")) / _BYTES_PER_TOKEN * _MARGIN), exact=False)
    # encode_ordinary: text that looks like a special token is text.
    return TokenCount(len(encoding.encode_ordinary(text)), exact=True)


@cache
def _cached_encoding() -> tiktoken.Encoding | None:
    # tiktoken downloads, without a timeout, what it lacks or finds damaged: ask it only for what is there whole.
    folder = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    cached = (
        Path(folder or Path(gettempdir()) / "data-gym-cache")
        / sha1(_ADDRESS.encode(), usedforsecurity=False).hexdigest()
    )
    if not cached.is_file() or sha256(cached.read_bytes()).hexdigest() != _SHA256:
        return None
    import tiktoken

    return tiktoken.get_encoding(ENCODING)
