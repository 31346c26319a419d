"""Counting the tokens of a large language model, without ever fetching its vocabulary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from corpus.tokens import ENCODING

PROSE = (
    "The mill burned for three days. Nobody in the valley slept, and “the smoke”, they said, lay on the water. " * 40
)
ROOT = Path(__file__).parents[1]

COUNT = """
import json, sys
attempts = []
sys.addaudithook(lambda event, _: attempts.append(event) if event.startswith(("socket.", "urllib.")) else None)
from corpus.tokens import count_tokens
counts = [count_tokens(text) for text in json.load(sys.stdin)]
print(json.dumps([[count.tokens for count in counts], [count.exact for count in counts], attempts]))
"""


def count(texts: list[str], cache: Path) -> tuple[list[int], list[bool], list[str]]:
    """Tokens, exactness and attempts at the network of a process of its own, which looks for the encoding in cache."""
    environment = {**os.environ, "TIKTOKEN_CACHE_DIR": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", COUNT],
        input=json.dumps(texts),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    result: list[Any] = json.loads(done.stdout)
    return result[0], result[1], result[2]


@pytest.mark.parametrize("damaged", [False, True])
def test_without_the_whole_encoding_at_hand_the_count_is_an_estimate_and_nothing_is_fetched(
    tmp_path: Path, damaged: bool
) -> None:
    address = f"https://openaipublic.blob.core.windows.net/encodings/{ENCODING}.tiktoken"
    cached = tmp_path / sha1(address.encode(), usedforsecurity=False).hexdigest()
    if damaged:
        cached.write_bytes(b"IQ== 0\n")
    tokens, exact, attempts = count([PROSE], tmp_path)
    assert (exact, attempts) == ([False], [])
    assert [path.name for path in tmp_path.iterdir()] == ([cached.name] if damaged else [])
    assert len(PROSE.split()) <= tokens[0] <= 3 * len(PROSE.split())


def test_an_estimate_grows_with_the_text_and_is_on_the_safe_side(tmp_path: Path) -> None:
    texts = ["", "mill", "Der Müller schläft.", "水車小屋は三日間燃えた。", "<|endoftext|>", "<|endoftext|>" * 10]
    tokens, _, _ = count(texts, tmp_path)
    # A third of the bytes, and 15 percent on top, rounded up: 0, 4, 21, 36, 13 and 130 bytes.
    assert tokens == [0, 2, 9, 14, 5, 50]


def test_half_a_surrogate_pair_is_counted_and_not_stumbled_over(tmp_path: Path) -> None:
    tokens, _, _ = count(["mill \ud83d"], tmp_path)
    assert tokens == [3]
