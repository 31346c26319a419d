"""Text as HTML that shows it and does nothing else: the one way by which anything comes into a page of ours."""

from __future__ import annotations

import html

from corpus.invisible import visible

# Controls and lone surrogates cannot be shown or sent, and an override can make a file name read backwards.
_UNSHOWABLE = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(127, 160), 0x202D, 0x202E, *range(0xD800, 0xE000)), "\ufffd"
)


def escape(text: str) -> str:
    """The text for an element or a quoted attribute."""
    return html.escape(visible(text.translate(_UNSHOWABLE)).text, quote=True)
