"""Work on the archive as HTML: what is being done to it, what failed, and what was removed and can be put back.

Values in, markup out, and every text in it escaped. Knows nothing of requests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from rag.escaping import escape
from rag.keeping.jobs import Job
from rag.keeping.report import Change, Outcome
from rag.window.counting import counted
from rag.window.icons import icon
from rag.window.library import folded, moment

SHOWN_NOTES = 8
SHOWN_FAILURES = 200
SHOWN_KEPT = 100

_LEFT_OUT = re.compile(r"([0-9][0-9,]*) (?:hidden|invisible) characters?")
_WHAT = {
    "add": "Adding",
    "again": "Reading again",
    "remove": "Removing",
    "put back": "Putting back",
    "rebuild": "Rebuilding the indexes",
}
_STATES = {"waiting": "Waiting", "running": "At work", "done": "Done", "stopped": "Stopped", "failed": "Failed"}
_CHANGES: dict[Change, str] = {
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


def work(jobs: Sequence[Job], failed: Sequence[tuple[Job, Outcome]], user: str) -> str:
    """What is being done and was done lately, then every failure that is not settled. Jobs come newest first."""
    under_way = [job for job in reversed(jobs) if not job.is_over]
    over = [job for job in jobs if job.is_over and job.kind != "remove"]
    shown = [*under_way, *over[:1], *[job for job in jobs if job.kind == "remove" and job.error][:1]]
    earlier = over[1:]
    lines = "".join(_job(job, user) for job in shown)
    if earlier:
        older = "".join(_job(job, user) for job in earlier)
        lines += f'<details class="cd-library-earlier"><summary>{counted(len(earlier), "earlier job")}</summary>{older}</details>'  # noqa: E501
    jobs_shown = f'<section class="cd-library-jobs" aria-label="Work on the archive">{lines}</section>' if lines else ""
    return jobs_shown + failures(failed, user)


def _job(job: Job, user: str) -> str:
    return (
        f'<article class="cd-library-job cd-library-{job.state}" data-job="{job.number}">'
        f'<div class="cd-library-job-head"><span class="cd-tag">{_STATES[job.state]}</span>'
        f'<strong dir="auto">{_WHAT[job.kind]}{": " + escape(job.title) if job.title else ""}</strong>'
        f"<small>{_who(job, user)}{moment((job.ended or job.asked).isoformat())}</small>{_stop(job, user)}</div>"
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
        f'<p class="cd-library-hint">{job.done:,} of {counted(job.total, "file")} read</p>'
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
    words = _CHANGES | {"updated": "read again"} if again else _CHANGES
    return ", ".join(f"{counts[change]:,} {word}" for change, word in words.items() if counts[change])


def left_out(outcomes: Iterable[Outcome]) -> str:
    """How much text that nobody sees was taken out of how many documents; empty where none was."""
    characters = documents = 0
    for outcome in outcomes:
        if found := [int(number.replace(",", "")) for number in _LEFT_OUT.findall(outcome.detail)]:
            documents += 1
            characters += sum(found)
    if not documents:
        return ""
    return f"{counted(characters, 'hidden or invisible character')} left out of {counted(documents, 'document')}."


def _remarks(outcomes: Sequence[Outcome]) -> str:
    said = [outcome for outcome in outcomes if outcome.detail and outcome.change != "failed"]
    if not said:
        return ""
    lines = "".join(
        f'<li><bdi dir="auto">{escape(each.name)}</bdi>: {escape(each.detail)}</li>' for each in said[:SHOWN_NOTES]
    )
    rest = len(said) - SHOWN_NOTES
    lines += f"<li>and {rest:,} more; each document shows its own below</li>" if rest > 0 else ""
    return folded(f"Remarks on {counted(len(said), 'document')}", lines)


def failures(failed: Sequence[tuple[Job, Outcome]], user: str) -> str:
    """Every failure that is known of, with its reason."""
    if not failed:
        return ""
    lines = "".join(
        f'<li><bdi class="cd-library-failed" dir="auto">{escape(failed_name(outcome))}</bdi> '
        f"<span>{escape(outcome.detail)}</span><small>{_who(job, user)}{moment((job.ended or job.asked).isoformat())}"
        "</small></li>"
        for job, outcome in failed[:SHOWN_FAILURES]
    )
    rest = len(failed) - SHOWN_FAILURES
    lines += f"<li>and {rest:,} more</li>" if rest > 0 else ""
    own = any(job.user == user for job, _ in failed)
    clear = '<button type="button" class="cd-quiet" data-library="forget">Clear this list</button>' if own else ""
    why = "Known since this window was started: the archive itself keeps no list of what it could not read."
    return (
        f'<details class="cd-library-failures" open><summary>{icon("error")}{counted(len(failed), "file")} failed'
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
