"""The list of a user's conversations as HTML, by the days on which they were last added to.

Titles and excerpts are data: they are shown and do nothing. Knows entries and dates. Knows nothing of requests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from rag.escaping import escape
from rag.window.conversations import Entry
from rag.window.counting import counted

NOTHING_KEPT = "Your conversations will be kept here, with their answers as they were."
_DOTS = (
    '<svg class="cd-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
    '<path d="M3.2 8h.01M8 8h.01M12.8 8h.01"/></svg>'
)


def link(id_: str) -> str:
    """Where a conversation is opened, relative to the page."""
    return f"?c={escape(id_)}"


def listing(
    entries: Sequence[Entry],
    *,
    now: datetime,
    current: str = "",
    search: str = "",
    more: bool = False,
    notice: str = "",
) -> str:
    """The conversations in the order given, under headings.

    ``now`` is in the reader's time zone, by which days are told; ``more`` where older ones were left out, and
    ``notice`` what is wrong with what is kept.
    """
    pieces = [f'<p class="cd-line cd-bad cd-past-notice">{escape(notice)}</p>'] if notice else []
    if not entries:
        nothing = f"No conversation has “{escape(search)}”." if search else NOTHING_KEPT
        return "".join([*pieces, f'<p class="cd-none">{nothing}</p>'])
    for heading, group in _by_day(entries, now):
        items = "".join(_item(entry, now, is_current=entry.id == current) for entry in group)
        pieces.append(f'<section class="cd-past-days"><h3>{heading}</h3><ul>{items}</ul></section>')
    if more:
        pieces.append('<button type="button" class="cd-quiet cd-past-older">Show older ones</button>')
    return "".join(pieces)


def _by_day(entries: Sequence[Entry], now: datetime) -> Iterator[tuple[str, list[Entry]]]:
    for heading, group in groupby(entries, lambda entry: _heading(_local(entry.changed, now).date(), now.date())):
        yield heading, list(group)


def _heading(day: date, today: date) -> str:
    if day >= today:  # a clock may have been set back
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return "Last week" if day >= today - timedelta(days=7) else "Older"


def _item(entry: Entry, now: datetime, *, is_current: bool) -> str:
    title, when = escape(entry.title), _local(entry.changed, now)
    marked = ' aria-current="true"' if is_current else ""
    excerpt = "".join(f"<mark>{escape(text)}</mark>" if found else escape(text) for text, found in entry.excerpt)
    found = f'<span class="cd-past-excerpt" dir="auto">{excerpt}</span>' if excerpt else ""
    about = f"{counted(entry.turns, 'question')}, {_when(when, now)}"
    return (
        f'<li class="cd-past-item" data-id="{escape(entry.id)}">'
        f'<a class="cd-past-open" href="{link(entry.id)}" title="{title}"{marked}>'
        f'<span class="cd-past-title" dir="auto">{title}</span>{found}'
        f'<span class="cd-past-about">{escape(about)}</span></a>'
        f'<button type="button" class="cd-past-more" aria-haspopup="true" aria-label="What to do with “{title}”">'
        f"{_DOTS}</button></li>"
    )


def _when(when: datetime, now: datetime) -> str:
    if when.date() >= now.date() - timedelta(days=1):
        return f"{when:%H:%M}"
    if when.date() >= now.date() - timedelta(days=7):
        return f"{when:%A}"
    return f"{when.day} {when:%b}" + (f" {when:%Y}" if when.year != now.year else "")


def _local(seconds: float, now: datetime) -> datetime:
    return datetime.fromtimestamp(seconds, now.tzinfo or UTC)
