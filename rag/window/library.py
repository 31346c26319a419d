"""The archive as HTML: its documents a page at a time, what is being done to it, and what failed.

Values in, markup out, and every text in it escaped. Knows nothing of requests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from urllib.parse import quote

from corpus.dates import in_words
from corpus.loaders import readable_suffixes
from rag.keeping.jobs import Job
from rag.keeping.report import Outcome
from rag.window.escaping import escape
from rag.window.icons import icon
from vectorstore.shelf import Copy, Look, Order, Shelf, Shelved

PAGE = 50  # documents
SHOWN_NOTES = 8
SHOWN_FAILURES = 200
SHOWN_KEPT = 100

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
ORDERS: dict[Order, str] = {
    "date": "Date",
    "title": "Title",
    "outlet": "Outlet",
    "length": "Length",
    "added": "Added",
}
_DESCENDING_FIRST = ("date", "length", "added")
_WITHOUT_SPACES = ("zh", "ja", "th", "lo", "km", "my")  # languages whose words nothing stands between
_LEFT_OUT = re.compile(r"([0-9][0-9,]*) (?:hidden|invisible) characters?")
_WHAT = {
    "add": "Adding",
    "again": "Reading again",
    "remove": "Removing",
    "put back": "Putting back",
    "rebuild": "Rebuilding the indexes",
}
_STATES = {"waiting": "Waiting", "running": "At work", "done": "Done", "stopped": "Stopped", "failed": "Failed"}
CHANGES = {
    "added": "added",
    "updated": "updated",
    "unchanged": "unchanged",
    "duplicate": "already there",
    "removed": "removed, as their file holds them no more",
    "missing": "without their file",
    "failed": "failed",
}


@dataclass(frozen=True)
class Kept:
    """Documents that were taken out and can be put back. ``key`` tells this one from others, ``file`` is where they
    are read from, ``is_upload`` says that it is ours to delete."""

    key: str
    names: tuple[str, ...]
    file: str
    is_upload: bool
    has_file: bool = True


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
    orders = "".join(f'<option value="{order}">{label}</option>' for order, label in ORDERS.items())
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


# --- the documents


def held(documents: int, passages: int) -> str:
    """What the archive holds, in one line of plain text."""
    if not documents:
        return "It holds nothing yet."
    drop = "Files and folders can be dropped anywhere in this window."
    return f"{_counted(documents, 'document')} in {_counted(passages, 'passage')}. {drop}"


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
    return f"{shelf.first + 1:,}–{last:,} of {_counted(shelf.found, 'document')}"


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
        f'data-first="{"down" if order in _DESCENDING_FIRST else "up"}">{label or ORDERS[order]}{arrow}</button></th>'
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
        f"<small>{_counted(shelved.passages, 'passage')}</small></td>"
        f'<td class="cd-library-share" data-label="Furniture">{_share(shelved)}</td>'
        f'<td class="cd-library-status" data-label="Status"><span>{icon("check")}Indexed</span>'
        f"<small>{_moment(shelved.ingested)}</small></td>"
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
        return _counted(shelved.characters, "character")
    return _counted(shelved.words, "word")


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
    return _folded(_counted(len(notes), "note"), lines)


def _copies(shelved: Shelved) -> str:
    if not shelved.copies:
        return ""
    lines = "".join(_copy(each) for each in shelved.copies)
    rest = shelved.copies_found - len(shelved.copies)
    lines += f"<li>and {rest:,} more</li>" if rest else ""
    one = "exact copy" if shelved.copies[0].is_exact else "wire copy"
    return _folded(f"{shelved.copies_found:,} {one if shelved.copies_found == 1 else 'copies'}", lines)


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


# --- the work


def work(jobs: Sequence[Job], failed: Sequence[tuple[Job, Outcome]], user: str) -> str:
    """What is being done and was done lately, then every failure that is not settled. Jobs come newest first."""
    under_way = [job for job in reversed(jobs) if not job.is_over]
    over = [job for job in jobs if job.is_over and job.kind != "remove"]
    shown = [*under_way, *over[:1], *[job for job in jobs if job.kind == "remove" and job.error][:1]]
    earlier = over[1:]
    lines = "".join(_job(job, user) for job in shown)
    if earlier:
        older = "".join(_job(job, user) for job in earlier)
        lines += f'<details class="cd-library-earlier"><summary>{_counted(len(earlier), "earlier job")}</summary>{older}</details>'  # noqa: E501
    jobs_shown = f'<section class="cd-library-jobs" aria-label="Work on the archive">{lines}</section>' if lines else ""
    return jobs_shown + failures(failed, user)


def _job(job: Job, user: str) -> str:
    return (
        f'<article class="cd-library-job cd-library-{job.state}" data-job="{job.number}">'
        f'<div class="cd-library-job-head"><span class="cd-tag">{_STATES[job.state]}</span>'
        f'<strong dir="auto">{_WHAT[job.kind]}{": " + escape(job.title) if job.title else ""}</strong>'
        f"<small>{_who(job, user)}{_moment((job.ended or job.asked).isoformat())}</small>{_stop(job, user)}</div>"
        f"{_progress(job)}{_told(job)}</article>"
    )


def _who(job: Job, user: str) -> str:
    return f"{escape(job.user)} · " if job.user and job.user != user else ""


def _stop(job: Job, user: str) -> str:
    if job.is_over or job.user != user or job.kind == "rebuild":
        return ""
    return f'<button type="button" class="cd-quiet" data-library="stop" data-job="{job.number}">Stop</button>'


def _progress(job: Job) -> str:
    if job.state != "running":
        return ""
    if not job.total:
        return '<progress class="cd-library-progress" aria-label="Progress"></progress>'
    return (
        f'<progress class="cd-library-progress" aria-label="Progress" value="{job.done}" max="{job.total}"></progress>'
        f'<p class="cd-library-hint">{job.done:,} of {_counted(job.total, "file")} read</p>'
    )


def _told(job: Job) -> str:
    """The report on a job: counts, what failed, what was noted."""
    parts = [f'<p class="cd-line cd-bad">{escape(job.error)}</p>'] if job.error else []
    counts = report(job.outcomes, again=job.kind == "again")
    if counts and job.is_over:
        parts.append(f"<p>{escape(counts)}</p>")
    if job.state == "stopped":
        parts.append('<p class="cd-library-hint">What was stored before it was stopped is kept.</p>')
    if job.is_over:
        if hidden := left_out(job.outcomes):
            parts.append(f'<p class="cd-library-hint">{escape(hidden)}</p>')
        parts.append(_remarks(job.outcomes))
    return "".join(parts)


def report(outcomes: Iterable[Outcome], *, again: bool = False) -> str:
    """How many documents became what, in one line of plain text."""
    counts = Counter(outcome.change for outcome in outcomes)
    words = {**CHANGES, "updated": "read again"} if again else CHANGES
    return ", ".join(f"{counts[change]:,} {word}" for change, word in words.items() if counts[change])  # type: ignore[index]


def left_out(outcomes: Iterable[Outcome]) -> str:
    """How much text that nobody sees was taken out of how many documents; empty where none was."""
    characters = documents = 0
    for outcome in outcomes:
        if found := [int(number.replace(",", "")) for number in _LEFT_OUT.findall(outcome.detail)]:
            documents += 1
            characters += sum(found)
    if not documents:
        return ""
    return f"{_counted(characters, 'hidden or invisible character')} left out of {_counted(documents, 'document')}."


def _remarks(outcomes: Sequence[Outcome]) -> str:
    said = [outcome for outcome in outcomes if outcome.detail and outcome.change != "failed"]
    if not said:
        return ""
    lines = "".join(
        f'<li><bdi dir="auto">{escape(each.name)}</bdi>: {escape(each.detail)}</li>' for each in said[:SHOWN_NOTES]
    )
    rest = len(said) - SHOWN_NOTES
    lines += f"<li>and {rest:,} more; each document shows its own below</li>" if rest > 0 else ""
    return _folded(f"Remarks on {_counted(len(said), 'document')}", lines)


def failures(failed: Sequence[tuple[Job, Outcome]], user: str) -> str:
    """Every failure that is known of, with its reason."""
    if not failed:
        return ""
    lines = "".join(
        f'<li><bdi class="cd-library-failed" dir="auto">{escape(failed_name(outcome))}</bdi> '
        f"<span>{escape(outcome.detail)}</span><small>{_who(job, user)}{_moment((job.ended or job.asked).isoformat())}"
        "</small></li>"
        for job, outcome in failed[:SHOWN_FAILURES]
    )
    rest = len(failed) - SHOWN_FAILURES
    lines += f"<li>and {rest:,} more</li>" if rest > 0 else ""
    own = any(job.user == user for job, _ in failed)
    clear = '<button type="button" class="cd-quiet" data-library="forget">Clear this list</button>' if own else ""
    why = "Known since this window was started: the archive itself keeps no list of what it could not read."
    return (
        f'<details class="cd-library-failures" open><summary>{icon("error")}{_counted(len(failed), "file")} failed'
        f'</summary><ul>{lines}</ul><p class="cd-library-hint">{why} {clear}</p></details>'
    )


def failed_name(outcome: Outcome) -> str:
    """What to call what failed: the document inside its file, or the file as it was found."""
    inside = not PurePath(outcome.name).is_absolute()
    return outcome.name if inside or not outcome.file else outcome.file


def kept(taken: Sequence[Kept]) -> str:
    """What was removed and can be put back, newest first."""
    if not taken:
        return ""
    lines = "".join(_kept(each) for each in taken[:SHOWN_KEPT])
    rest = len(taken) - SHOWN_KEPT
    lines += f"<li>and {rest:,} more</li>" if rest > 0 else ""
    deletable = sum(each.is_upload and each.has_file for each in taken)
    for_good = (
        '<button type="button" class="cd-quiet" data-library="delete-all">Delete the uploaded files for good</button>'
        if deletable > 1
        else ""
    )
    return (
        f'<details class="cd-library-taken" open><summary>Removed from the archive ({len(taken):,})</summary>'
        f"<ul>{lines}</ul>{for_good}</details>"
    )


def _kept(each: Kept) -> str:
    names = ", ".join(each.names[:3]) + (f" and {len(each.names) - 3:,} more" if len(each.names) > 3 else "")
    key = escape(each.key)
    where = "The uploaded file is kept." if each.is_upload else "Its file was left where it is."
    undo = (
        f'<button type="button" class="cd-quiet" data-library="undo" data-key="{key}">{icon("undo")}Put back</button>'
    )
    if not each.has_file:
        where, undo = "Its file is gone: it cannot be put back.", ""
    delete = f'<button type="button" class="cd-quiet" data-library="delete" data-key="{key}">Delete for good</button>'
    if not (each.is_upload and each.has_file):
        delete = ""
    return f'<li><bdi dir="auto">{escape(names)}</bdi> <small>{where}</small> {undo}{delete}</li>'


# --- small things


def _folded(summary: str, lines: str) -> str:
    return f'<details class="cd-library-notes"><summary>{summary}</summary><ul>{lines}</ul></details>'


def _counted(number: int, what: str) -> str:
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else plural}"


def _moment(stamp: str) -> str:
    """A UTC time stamp as the browser shows it in its own time; without scripts, as it is."""
    moment = datetime.fromisoformat(stamp).astimezone(UTC)
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment.day} {moment:%b %Y, %H:%M} UTC</time>'
