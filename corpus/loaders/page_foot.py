"""What stands at the foot of a page and under its pictures: the imprint, who edits, where to write, who took a photo.

It is no text of the article's, but a reader may ask for it. Knows parsed elements and no parser.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.loaders.page_text import paragraphs

_FEET = (
    "//footer[not(ancestor::footer)] | //*[@role='contentinfo'][not(self::footer)] | //figcaption"
    " | //div[@id='footer' or @id='colophon' or @id='imprint'][not(ancestor::footer) and not(descendant::footer)]"
)
_LONGEST = 400  # characters of a line: what is longer is no imprint
_MOST = 2_000  # characters in all: of a foot that is a map of the site the rest is left out


def foot_of(page: Any) -> Iterator[str]:
    """The lines there, in order, each once, without those that are but links."""
    seen: set[str] = set()
    room = _MOST
    for element in page.xpath(_FEET):
        linked = {" ".join(link.text_content().split()) for link in element.iter("a")}
        for line in paragraphs(element):
            flat = " ".join(line.split())
            if flat in seen or flat in linked or len(flat) > _LONGEST:
                continue
            seen.add(flat)
            room -= len(flat) + 1
            if room < 0:
                return
            yield flat
