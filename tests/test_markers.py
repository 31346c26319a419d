"""Citation markers as models write them: each form understood, or dropped and counted; none is ever half shown."""

from __future__ import annotations

from itertools import pairwise

import pytest

from rag.markers import Marked, marked

KEYS = ("k3f9", "m2p8", "q7x4")


@pytest.mark.parametrize(
    ("reply", "text", "sources"),
    [
        ("It opened [k3f9].", "It opened [1].", (0,)),
        ("It opened [K3F9].", "It opened [1].", (0,)),
        ("It opened [m2p8][k3f9].", "It opened [1][2].", (1, 0)),
        ("It opened [m2p8] [m2p8].", "It opened [1] [1].", (1,)),
        ("It opened (k3f9, m2p8).", "It opened [1][2].", (0, 1)),
        ("It opened[q7x4].", "It opened [1].", (2,)),
        ("As k3f9 says, it opened.", "As [1] says, it opened.", (0,)),
        ("It opened [1].", "It opened [1].", (0,)),
        ("It opened [1][2].", "It opened [1][2].", (0, 1)),
        ("It opened [3, 1].", "It opened [1][2].", (2, 0)),
        ("It opened [1; 2].", "It opened [1][2].", (0, 1)),
        ("It opened [1 and 3].", "It opened [1][2].", (0, 2)),
        ("It opened [1-3].", "It opened [1][2][3].", (0, 1, 2)),
        ("It opened [2–3].", "It opened [1][2].", (1, 2)),
        ("It opened 【2】.", "It opened [1].", (1,)),
        ("It opened 【2†lines 3-4】.", "It opened [1].", (1,)),
        ("It opened [^2].", "It opened [1].", (1,)),
        ("It opened [２].", "It opened [1].", (1,)),
        ("It opened [passage 2].", "It opened [1].", (1,)),
        ("It opened [Source: m2p8].", "It opened [1].", (1,)),
        ("[2] It opened.", "[1] It opened.", (1,)),
        ("[k3f9]: It opened.", "[1] It opened.", (0,)),
        ("- [k3f9] : It opened.", "- [1] It opened.", (0,)),
        ("As said in [k3f9]: It opened.", "As said in [1]: It opened.", (0,)),
        ("It opened (see passage k3f9).", "It opened [1].", (0,)),
        ("It opened (passages k3f9 and m2p8).", "It opened [1][2].", (0, 1)),
        ("It opened (Source: m2p8).", "It opened [1].", (1,)),
        ("It opened (passage 2).", "It opened [1].", (1,)),
        ("It opened [ k3f9 ].", "It opened [1].", (0,)),
        ("It opened [k3 f9].", "It opened [1].", (0,)),
        ("It opened [k3f9: Bridge opens].", "It opened [1].", (0,)),
        ("It opened [passage k3f9; Vale Gazette].", "It opened [1].", (0,)),
        ("It opened [according to k3f9].", "It opened [1].", (0,)),
    ],
)
def test_a_marker_is_understood_in_every_form(reply: str, text: str, sources: tuple[int, ...]) -> None:
    assert marked(reply, KEYS) == Marked(text, sources, 0)


@pytest.mark.parametrize(
    ("reply", "text", "invalid"),
    [
        ("It opened [0].", "It opened.", 1),
        ("It opened [99].", "It opened.", 1),
        ("It opened [b4d6].", "It opened.", 1),  # a key that nobody gave
        ("It opened [12a].", "It opened.", 1),
        ("It opened [3-1].", "It opened.", 1),
        ("It opened [1, 7].", "It opened [1].", 1),
        ("It opened [2-4].", "It opened [1][2].", 1),
    ],
)
def test_a_marker_of_nothing_is_dropped_and_counted(reply: str, text: str, invalid: int) -> None:
    found = marked(reply, KEYS)
    assert (found.text, found.invalid) == (text, invalid)


@pytest.mark.parametrize(
    "text", ["He [sic] left.", "In [2019] it rained.", "The [G7] met.", "Box (1) and a1b2.", "[…]", "See (in 2019)."]
)
def test_brackets_that_are_no_markers_stay(text: str) -> None:
    assert marked(text, KEYS) == Marked(text, (), 0)


def test_what_streams_only_ever_grows_and_never_shows_half_a_key() -> None:
    reply = "It will carry 4,000 cars a day [k3f9], (m2p8) or [1, 2] of a (big) sort [sic] as k3f9 says [q7x4]"
    reply += " (see passages m2p8 and k3f9) (in short).\n[k3f9: Pell]: so."
    shown = [marked(reply[:end], KEYS, whole=False).text for end in range(len(reply) + 1)]
    assert all(later.startswith(earlier) for earlier, later in pairwise(shown))
    assert not [text for text in shown if any(half in text for half in ("k3", "m2", "q7", "[k", "[m", "[q", "(s"))]
    assert marked(reply, KEYS).text.startswith(shown[-1])


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "(" * 100_000, "k3f9," * 20_000, " " * 100_000, "[1," * 30_000, "[1]:" * 30_000, "(see " * 20_000],
)
def test_a_reply_made_to_hang_is_read_at_once(text: str) -> None:
    for whole in (True, False):
        marked(text, KEYS, whole=whole)
