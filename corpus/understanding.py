"""From a text and what its file says of it to a Document: header, furniture, voices, quotations.

Knows text. Knows nothing of files or formats: a loader has read those already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from corpus.boilerplate import furniture
from corpus.document import Document, Field, Header, Page, Span
from corpus.invisible import visible
from corpus.language import settled
from corpus.limits import check_size
from corpus.metadata import read_head, with_address
from corpus.speech.voices import voices_and_quotations

NOTHING: Mapping[str, Field] = {}
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # NUL, and halves of characters


def understand(
    text: str,
    name: str,
    *,
    stated: Mapping[str, Field] = NOTHING,
    marked: Sequence[Span] = (),
    pages: Sequence[Page] = (),
    notes: Sequence[str] = (),
) -> Document:
    """The document ``name`` of this text, read as a person would who has the file before them.

    ``stated`` are the fields of the header that the file's own markup gives: they count for more than what the
    text's head seems to say. ``marked`` is what the format shows to be furniture, such as a running header.
    What is invisible in the text is taken out first, and noted; ``marked`` and ``pages`` are of the text as given.
    Raises UnreadableFile for a text past our limits.
    """
    seen = visible(text)
    return understand_visible(
        seen.text,
        name,
        stated=stated,
        marked=[span for each in marked if (span := seen.span(each))],
        pages=[replace(page, span=span) for page in pages if (span := seen.span(page.span))],
        notes=(*notes, *seen.notes()),
    )


def understand_visible(
    text: str,
    name: str,
    *,
    stated: Mapping[str, Field] = NOTHING,
    marked: Sequence[Span] = (),
    pages: Sequence[Page] = (),
    notes: Sequence[str] = (),
) -> Document:
    """The same of a text in which nothing is invisible any more; it keeps its length."""
    text, damaged = _shown(text)
    check_size(text)
    marked = (*marked, *furniture(text))
    found, head = read_head(text, marked)
    given = {
        field: replace(each, value=value)
        for field, each in stated.items()
        if (value := _shown(visible(each.value).text)[0])
    }
    fields = with_address({**found, **given})
    language, remarks = settled(text, fields.pop("language", None))
    if language:
        fields["language"] = language
    aside = tuple(sorted({*marked, *head}))
    voices, quotations = voices_and_quotations(text, furniture=aside)
    return Document(
        Header(name, **{field: each.value for field, each in fields.items()}),
        text,
        furniture=aside,
        notes=(*notes, *damaged, *remarks),
        pages=tuple(pages),
        voices=voices,
        quotations=quotations,
        origins={field: each.origin for field, each in fields.items()},
    )


def _shown(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with what no encoding can hold shown as damage, and a note on how much that was."""
    shown, damaged = _NO_TEXT.subn("\ufffd", text)
    return shown, (f"{damaged} characters that are no text are shown as \ufffd",) if damaged else ()
