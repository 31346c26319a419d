"""The archive as HTML: the view that it stands in, and its documents a page at a time.

Values in, markup out, and every text in it escaped. Knows nothing of requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from urllib.parse import quote

from corpus.dates import in_words
from corpus.loaders import readable_suffixes
from rag.escaping import escape
from rag.window.counting import counted
from rag.window.icons import icon
from vectorstore.shelf import Copy, Look, Order, Shelf, Shelved

PAGE = 50  # documents

KINDS = {
    ".txt": "Text",
    ".text": "Text",
    ".md": "Markdown",
    ".markdown": "Markdown",
    ".html": "Web page",
    ".htm": "Web page",
    ".mhtml": "Web page",
    ".mht": "Web page",
    ".json": "JSON",
    ".pdf": "PDF",
    ".docx": "Word",
    ".eml": "Mail",
    ".epub": "Book",
    ".csv": "Table",
    ".tsv": "Table",
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
    ".mbox": "Mailbox",
    ".zip": "ZIP",
}
_LABELS: dict[Order, str] = {
    "date": "Date",
    "title": "Title",
    "outlet": "Outlet",
    "length": "Length",
    "added": "Added",
}
_DESCENDING_FIRST = ("date", "length", "added")
_WITHOUT_SPACES = ("zh", "ja", "th", "lo", "km", "my")  # languages whose words nothing stands between


def room(*, takes_paths: bool) -> str:
    """What stands in the archive's view; the rest comes into it. ``takes_paths``: a path of this machine may be
    named."""
    suffixes = ",".join(readable_suffixes())
    path = (
        '<form class="cd-library-path"><label for="cd-library-path">A file or folder of this computer, by its path'
        '</label><div class="cd-library-pair"><input id="cd-library-path" class="cd-field" name="path" required '
        'autocomplete="off" spellcheck="false" placeholder="/home/me/articles"><button class="cd-button">Add</button>'
        "</div></form>"
        if takes_paths
        else ""
    )
    return (
        '<div class="cd-library"><header class="cd-library-head"><div><h2>Archive</h2>'
        '<p class="cd-library-held"></p></div><div class="cd-library-buttons">'
        f'<button type="button" class="cd-button cd-primary" data-library="files">{icon("add")}Add files</button>'
        '<button type="button" class="cd-button" data-library="folder">Add a folder</button>'
        '<details class="cd-library-more"><summary class="cd-button">More</summary><div class="cd-library-menu">'
        f'{path}<form class="cd-library-said"><p>Of all that is added next, whatever it says itself:</p>'
        '<label>Outlet <input class="cd-field" name="outlet" autocomplete="off" maxlength="200"></label>'
        '<label>Published <input class="cd-field" name="published" autocomplete="off" placeholder="2022-01-06" '
        'maxlength="40"></label></form><hr>'
        '<button type="button" class="cd-quiet" data-library="again-all">Read all files again</button>'
        '<p class="cd-library-hint">For files that have not changed, after CiteDesk has learnt to read better.</p>'
        '<button type="button" class="cd-quiet" data-library="rebuild">Rebuild the indexes</button>'
        '<p class="cd-library-hint">From what is stored: nothing is read or embedded again.</p>'
        "</div></details></div></header>"
        f'<input type="file" class="cd-library-files" multiple accept="{suffixes}" hidden aria-label="Files to add">'
        '<input type="file" class="cd-library-folder" webkitdirectory multiple hidden aria-label="Folder to add">'
        f'<div class="cd-library-drop" data-suffixes="{suffixes}"><p>Drop files or folders here</p></div>'
        '<p class="cd-library-said-now" role="status"></p>'
        '<section class="cd-library-uploads" aria-label="Uploads" hidden></section>'
        '<div class="cd-library-work"></div><div class="cd-library-kept"></div>'
        f'{_controls()}<div class="cd-library-list" aria-live="off"></div>{_confirmation()}</div>'
    )


def _controls() -> str:
    orders = "".join(f'<option value="{order}">{label}</option>' for order, label in _LABELS.items())
    return (
        '<form class="cd-library-look" role="search" aria-label="Documents" hidden>'
        '<input type="search" name="q" class="cd-field" aria-label="Search title, outlet, author and file name" '
        'placeholder="Search title, outlet, author, file name" autocomplete="off" dir="auto" maxlength="200">'
        '<label class="cd-library-outlet"><span>Outlet</span>'
        '<select name="outlet" class="cd-field" aria-label="Outlet"><option value="any">All</option></select></label>'
        '<label><span>From</span><input name="since" class="cd-field" placeholder="1998" size="10" maxlength="40" '
        'autocomplete="off"></label><label><span>To</span><input name="until" class="cd-field" placeholder="2024-05" '
        'size="10" maxlength="40" autocomplete="off"></label>'
        '<label class="cd-library-undated"><input type="checkbox" name="undated"><span>Only undated</span></label>'
        '<label class="cd-library-order"><span>Sort by</span>'
        f'<select name="order" class="cd-field" aria-label="Sort by">{orders}</select>'
        '</label><button type="button" class="cd-quiet cd-library-way" data-library="turn">Newest first</button></form>'
    )


def _confirmation() -> str:
    return (
        '<dialog class="cd-library-confirm" aria-labelledby="cd-library-confirm-title"><form method="dialog">'
        '<h3 id="cd-library-confirm-title"></h3><ul></ul><p></p><div class="cd-library-answers">'
        '<button class="cd-button" value="no">Cancel</button>'
        '<button class="cd-button cd-primary" value="yes"></button></div></form></dialog>'
    )


def held(documents: int, passages: int) -> str:
    """What the archive holds, in one line of plain text."""
    if not documents:
        return "It holds nothing yet."
    drop = "Files and folders can be dropped anywhere in this window."
    return f"{counted(documents, 'document')} in {counted(passages, 'passage')}. {drop}"


def outlet_options(outlets: Iterable[tuple[str, int]], chosen: str | None) -> str:
    """The choices of an outlet: "any", "known:NAME" or "none"."""
    options = [("any", "All")]
    options += [(f"known:{name}", f"{name} ({count:,})") for name, count in outlets if name]
    options += [("none", f"Not known ({count:,})") for name, count in outlets if not name]
    value = "any" if chosen is None else f"known:{chosen}" if chosen else "none"
    return "".join(
        f'<option value="{escape(each)}"{" selected" if each == value else ""}>{escape(label)}</option>'
        for each, label in options
    )


def documents(shelf: Shelf, *, archive_is_empty: bool = False) -> str:
    """A page of documents, with what was found and the way to the other pages."""
    if archive_is_empty:
        return (
            '<div class="cd-library-empty"><p class="cd-library-invitation">The archive is empty.</p>'
            "<p>Drop articles here, or add a folder of them: text, web pages, PDF, Word, mail, books, tables and ZIP. "
            "They stay on the computer that this window runs on.</p></div>"
        )
    if not shelf.documents:
        return (
            '<p class="cd-none">No document is like that. '
            '<button type="button" class="cd-quiet" data-library="all">Show all</button></p>'
        )
    rows = "".join(_row(each) for each in shelf.documents)
    head = "".join(_heading(shelf.look, order) for order in ("title", "outlet", "date", "length"))
    return (
        f'<div class="cd-library-over"><p class="cd-library-found">{_found(shelf)}</p>{_chosen()}</div>'
        '<table class="cd-library-table"><thead><tr><th class="cd-library-pick"><input type="checkbox" '
        f'aria-label="Choose all on this page" data-library="pick-all"></th>{head}<th scope="col">Furniture</th>'
        f'{_heading(shelf.look, "added", "Status")}<th><span class="cd-aside">Do</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{_pages(shelf)}"
    )


def _found(shelf: Shelf) -> str:
    last = shelf.first + len(shelf.documents)
    return f"{shelf.first + 1:,}–{last:,} of {counted(shelf.found, 'document')}"


def _chosen() -> str:
    return (
        '<div class="cd-library-chosen" hidden><span></span>'
        '<button type="button" class="cd-quiet" data-library="again-chosen">Read again</button>'
        '<button type="button" class="cd-quiet" data-library="remove-chosen">Remove</button></div>'
    )


def _heading(look: Look, order: Order, label: str = "") -> str:
    sort, arrow = "none", ""
    if look.order == order:
        sort = "descending" if look.descending else "ascending"
        arrow = f'<span class="cd-library-arrow" aria-hidden="true">{"↓" if look.descending else "↑"}</span>'
    return (
        f'<th scope="col" aria-sort="{sort}"><button type="button" data-order="{order}" '
        f'data-first="{"down" if order in _DESCENDING_FIRST else "up"}">{label or _LABELS[order]}{arrow}</button></th>'
    )


# Names are told to the browser percent-encoded: what stands in HTML is made fit to be seen, and may differ.
def _row(shelved: Shelved) -> str:
    header = shelved.header
    name, title = escape(header.name), escape(header.title or header.name)
    date = escape(in_words(header.published)) if header.published else '<span class="cd-library-unknown">undated</span>'
    outlet = (
        f'<bdi dir="auto">{escape(header.outlet)}</bdi>'
        if header.outlet
        else '<span class="cd-library-unknown">not known</span>'
    )
    byline = f'<bdi dir="auto">{escape(header.byline)}</bdi>' if header.byline else ""
    return (
        f'<tr data-name="{quote(header.name)}" data-title="{title}" data-holds="{shelved.file_holds}">'
        f'<td class="cd-library-pick"><input type="checkbox" aria-label="Choose {title}" data-library="pick"></td>'
        '<td class="cd-library-title"><button type="button" class="cd-library-open" dir="auto" data-library="open">'
        f'{title}</button><span class="cd-library-file">'
        f'<span class="cd-tag">{escape(kind(header.name, shelved.file))}</span>'
        f'<bdi title="{escape(shelved.file)}">{name}</bdi></span>{_notes(shelved.notes)}{_copies(shelved)}</td>'
        f'<td class="cd-library-from" data-label="Outlet">{outlet}<small>{byline}</small></td>'
        f'<td class="cd-library-date" data-label="Date">{date}</td>'
        f'<td class="cd-library-length" data-label="Length">{length(shelved)}'
        f"<small>{counted(shelved.passages, 'passage')}</small></td>"
        f'<td class="cd-library-share" data-label="Furniture">{_share(shelved)}</td>'
        f'<td class="cd-library-status" data-label="Status"><span>{icon("check")}Indexed</span>'
        f"<small>{moment(shelved.ingested)}</small></td>"
        '<td class="cd-library-acts"><button type="button" class="cd-quiet" data-library="again" '
        f'aria-label="Read again: {title}" title="Read its file again">{icon("again")}<span>Read again</span></button>'
        f'<button type="button" class="cd-quiet" data-library="remove" aria-label="Remove: {title}" '
        f'title="Remove from the archive">{icon("remove")}<span>Remove</span></button></td></tr>'
    )


def kind(name: str, file: str) -> str:
    """What kind of file a document was read from; of one inside another, both."""
    own, outer = PurePath(name).suffix.lower(), PurePath(file).suffix.lower()
    around = KINDS.get(outer, outer.lstrip(".").upper() or "File")
    if own in KINDS and own != outer and outer in (".zip", ".mbox"):
        return f"{KINDS[own]} in {around}"
    return around


def length(shelved: Shelved) -> str:
    """How long a document is: words, or characters where nothing stands between words."""
    if shelved.header.language in _WITHOUT_SPACES:
        return counted(shelved.characters, "character")
    return counted(shelved.words, "word")


def _share(shelved: Shelved) -> str:
    share = round(100 * shelved.furniture_share)
    if not shelved.furniture_characters:
        return '<span class="cd-library-unknown">none</span>'
    shown = f"{share} %" if share else "under 1 %"
    return (
        f'<span title="{shelved.furniture_characters:,} of {shelved.characters:,} characters are menus, notices and '
        f'the like: kept, never searched">{shown}</span><span class="cd-library-bar" aria-hidden="true">'
        f'<span style="width:{max(share, 1)}%"></span></span>'
    )


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    lines = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return folded(counted(len(notes), "note"), lines)


def _copies(shelved: Shelved) -> str:
    if not shelved.copies:
        return ""
    lines = "".join(_copy(each) for each in shelved.copies)
    rest = shelved.copies_found - len(shelved.copies)
    lines += f"<li>and {rest:,} more</li>" if rest else ""
    one = "exact copy" if shelved.copies[0].is_exact else "wire copy"
    return folded(f"{shelved.copies_found:,} {one if shelved.copies_found == 1 else 'copies'}", lines)


def _copy(copy: Copy) -> str:
    header = copy.header
    same = "the same bytes" if copy.is_exact else "nearly the same text"
    about = " · ".join(filter(None, (header.outlet, header.published and in_words(header.published), same)))
    return (
        f'<li><button type="button" class="cd-library-copy" dir="auto" data-open="{quote(header.name)}">'
        f"{escape(header.title or header.name)}</button> <small>{escape(about)}</small></li>"
    )


def _pages(shelf: Shelf) -> str:
    last = max(0, (shelf.found - 1) // PAGE)
    if not last:
        return ""
    here = shelf.first // PAGE

    def way(label: str, page: int, *, off: bool) -> str:
        return (
            f'<button type="button" class="cd-button" data-page="{page}"{" disabled" if off else ""}>{label}</button>'
        )

    return (
        f'<nav class="cd-library-pages" aria-label="Pages">{way("First", 0, off=not here)}'
        f"{way('Previous', max(0, here - 1), off=not here)}<span>Page {here + 1:,} of {last + 1:,}</span>"
        f"{way('Next', min(last, here + 1), off=here == last)}{way('Last', last, off=here == last)}</nav>"
    )


def folded(summary: str, lines: str) -> str:
    """Lines of a list, behind their summary."""
    return f'<details class="cd-library-notes"><summary>{summary}</summary><ul>{lines}</ul></details>'


def moment(stamp: str) -> str:
    """A UTC time stamp as the browser shows it in its own time; without scripts, as it is."""
    moment = datetime.fromisoformat(stamp).astimezone(UTC)
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment.day} {moment:%b %Y, %H:%M} UTC</time>'
