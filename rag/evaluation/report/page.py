"""The report: its sections in order, in one HTML document that carries its own style.

Nothing in it is fetched and nothing runs; every question, answer and document text is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from math import isnan
from pathlib import Path
from typing import Any

from corpus.dates import in_words
from rag.escaping import escape
from rag.evaluation import statistics
from rag.evaluation.compare import Comparison
from rag.evaluation.metrics.latency import percentiles
from rag.evaluation.reasons import LOST
from rag.evaluation.report import pictures, questions, tables, words
from rag.evaluation.summary import Asked, Summary

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
HEADLINES = ("hit", "evidence_recall@10", "citation_recall", "grounded", "abstention_recall", "latency_ms")
_OPEN = 2  # of the worst questions
_SCATTERED = (
    "hit must_include f1 evidence_recall@10 citation_recall citation_precision grounded support latency_ms"
).split()
_VERDICTS = {
    "no significant loss": "No significant loss was found. That is not the same as no loss: the intervals show how "
    "large one may still be.",
    "loss": "This run is worse than the one before.",
    "broken": "The runs cannot be compared as they are.",
}


def page(summary: Summary, *, comparison: Comparison | None = None, before: Sequence[Asked] | None = None) -> str:
    """The document. ``comparison`` is of an earlier run with this one, ``before`` are that run's questions."""
    sections = [
        ("figures", "Figures", _figures(summary)),
        ("slices", "By kind of question", tables.sliced(summary)),
        ("abstention", "Abstention", _abstention(summary)),
        ("time", "Time and tokens", _time(summary)),
        ("comparison", "Beside the run before", _comparison(summary, comparison, before)),
        ("judges", "Judges and the human", _agreement(summary)),
        ("worst", f"The worst {len(summary.worst)}", _worst(summary)),
        ("failures", "Every failure", _failures(summary)),
        ("not-measured", "What could not be measured", _not_measured(summary)),
        ("manifest", "How it was made", _manifest(summary)),
    ]
    shown = [(key, title, body) for key, title, body in sections if body]
    contents = "".join(f'<li><a href="#{key}">{escape(title)}</a></li>' for key, title, _ in shown)
    body = "".join(
        f'<section id="{key}" aria-labelledby="{key}-title"><h2 id="{key}-title">{escape(title)}</h2>{inside}</section>'
        for key, title, inside in shown
    )
    name = _set_name(summary)
    style = files("rag.evaluation.report").joinpath("report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(name)}: {escape(_headline(summary))}</title><style>{style}</style></head>"
        f'<body><a class="skip" href="#main">To the figures</a><header class="top">'
        f'<p class="eyebrow">CiteDesk evaluation of {escape(name)}</p><h1>{escape(_headline(summary))}</h1>'
        f'<p class="about">{escape(_about(summary))}</p></header>'
        f'<main id="main">{_lead(summary)}<nav aria-label="Contents"><ol>{contents}</ol></nav>{body}</main>'
        f"<footer><p>{escape(_colophon(summary))}</p></footer></body></html>\n"
    )


# --- the head


def _set_name(summary: Summary) -> str:
    file = (summary.run.manifest.get("questions") or {}).get("file")
    return Path(str(file)).stem if file else summary.run.folder.name


def _headline(summary: Summary) -> str:
    told = summary.known("hit")
    if not told:
        return f"{words.count(len(summary.asked), 'question')} asked"
    return f"{sum(told):,.0f} of {words.count(len(told), 'question')} answered rightly"


def _about(summary: Summary) -> str:
    manifest = summary.run.manifest
    archive, model = manifest.get("archive") or {}, manifest.get("model") or {}
    ended = next((str(each["ended"]) for each in reversed(manifest.get("sessions") or []) if each.get("ended")), "")
    parts = [
        words.count(len(summary.asked), "question"),
        f"answered by {model['name']}" if model.get("name") not in (None, "built-in") else "built-in answers",
        words.count(int(archive["documents"]), "document") if "documents" in archive else "",
        _day(ended[:10]),
    ]
    return " · ".join(filter(None, parts))


def _day(day: str) -> str:
    try:
        return in_words(day) if day else ""
    except (ValueError, KeyError):
        return day


def _lead(summary: Summary) -> str:
    return f'<div class="lead">{_warnings(summary)}{_tiles(summary)}{_became(summary)}</div>'


def _warnings(summary: Summary) -> str:
    missing = sum(not asked.line for asked in summary.asked)
    failed = sum(summary.errors.values())
    total = words.count(len(summary.asked), "question")
    said = []
    if missing:
        said.append(
            f"This run is not whole: {missing:,} of {total} have no answer yet, and count as answered with nothing."
        )
    if failed:
        said.append(f"Asking failed for {failed:,} of {total}; they count as answered with nothing.")
    return "".join(f'<p class="warning" role="note">{escape(each)}</p>' for each in said)


def _tiles(summary: Summary) -> str:
    shown = [name for name in HEADLINES if name in summary.figures and summary.figures[name].value.n]
    return f'<ul class="tiles">{"".join(_tile(summary, name) for name in shown)}</ul>'


def _tile(summary: Summary, name: str) -> str:
    figure, title = summary.figures[name], words.words_of(name).title
    if words.kind_of(name) == "cost":
        known = percentiles(summary.known(name))
        value, under = (
            words.figure(name, known["p50"]),
            f"half within this, 95 in 100 within {words.figure(name, known['p95'])}",
        )
        bar = ""
    else:
        value = words.figure(name, figure.value.mean)
        spread = words.spread(name, figure)
        under = f"{spread or 'too few for an interval'} · n\u00a0=\u00a0{figure.value.n}"
        bar = pictures.bar(figure.value.mean, figure.low, figure.high, words.range_of(name), width=220)
    return (
        f'<li><p class="tile-title">{escape(title)}</p><p class="big">{value}</p>{bar}'
        f'<p class="under">{escape(under)}</p></li>'
    )


def _became(summary: Summary) -> str:
    """What became of the questions: a strip, and what each part of it is."""
    right = sum(not asked.failed and asked.values["hit"] == 1 for asked in summary.asked)
    untold = len(summary.asked) - right - len(summary.failures)
    parts = {"right": right, "untold": untold} | {
        f"lost-{list(LOST).index(name)}": n for name, n in summary.lost.items()
    }
    said = [("right", "right", right, ""), ("untold", "cannot be told", untold, "the set does not say what is right")]
    said += [(f"lost-{list(LOST).index(name)}", str(name), number, LOST[name]) for name, number in summary.lost.items()]
    legend = "".join(
        f'<li><span class="key {name}" aria-hidden="true"></span><strong>{number:,}</strong> {escape(title)}'
        f'<span class="meaning">{escape(meaning)}</span></li>'
        for name, title, number, meaning in said
        if number
    )
    strip = pictures.strip({name: number for name, number in parts.items() if number})
    total = words.count(len(summary.asked), "question")
    return (
        f'<figure class="became"><figcaption>What became of the {total}</figcaption>{strip}<ul>{legend}</ul></figure>'
    )


def _colophon(summary: Summary) -> str:
    return (
        f"Intervals are of {statistics.LEVEL:.0%}, from {summary.resamples:,} bootstrap resamples by "
        f"{summary.cluster}, seed {summary.seed}. They say how far these figures would move with other questions "
        "of the same kind, and nothing of questions of another kind."
    )


# --- sections


def _figures(summary: Summary) -> str:
    note = (
        "<p>Each figure is the mean over the n questions that it could be measured of; NaN counts the others, which "
        "are in no mean. The line on a bar is the 95 % interval. † Nothing varied, so the interval is the rule of "
        "three’s: of what was not seen among n, as many as 3 in n may still come.</p>"
    )
    return note + tables.metrics(summary)


def _abstention(summary: Summary) -> str:
    note = "<p>To abstain is a status of the answer, never a phrase in it. A false premise may be met either way.</p>"
    return note + tables.abstention(summary)


def _time(summary: Summary) -> str:
    spent = summary.known("latency_ms")
    if not spent:
        return "<p>No answer came with a time.</p>"
    known = percentiles(spent)
    bins, end = pictures.columns(spent)
    picture = pictures.distribution(bins, known, "Answers by milliseconds to the whole answer")
    axis = "".join(f"<span>{words.figure('latency_ms', at)}</span>" for at in (0, end / 2, end))
    legend = "".join(
        f'<li><span class="line {name}" aria-hidden="true"></span>{name} {words.figure("latency_ms", value)}</li>'
        for name, value in known.items()
    )
    figure = (
        f"<figure><figcaption>{words.count(len(spent), 'answer')} by the time they took</figcaption>{picture}"
        f'<div class="scale" aria-hidden="true">{axis}</div><ul class="legend">{legend}</ul></figure>'
    )
    return figure + tables.spent(summary)


def _comparison(summary: Summary, comparison: Comparison | None, before: Sequence[Asked] | None) -> str:
    if comparison is None:
        return ""
    broken = "".join(f"<li>{escape(problem)}</li>" for problem in comparison.problems)
    gates = "".join(f"<li>{escape(str(failure))}</li>" for failure in comparison.failures)
    verdict = escape(_VERDICTS[comparison.verdict])
    parts = [
        f'<p class="verdict verdict-{comparison.exit_status}"><strong>{verdict}</strong></p>',
        f'<p>Before: <span class="path">{escape(comparison.a)}</span>. This run: '
        f'<span class="path">{escape(comparison.b)}</span>.</p>',
        f'<ul class="reasons">{broken}</ul>' if broken else "",
        f'<p>Gates that were missed:</p><ul class="reasons">{gates}</ul>' if gates else "",
        "<p>The effect size, d, is the mean of the differences / their standard deviation (Cohen 1988): "
        "0.2 is small, 0.5 medium, 0.8 large. A difference is bold only where its interval leaves out 0 and its p, "
        "adjusted after Holm, is below 0.05.</p>",
        tables.comparison(comparison),
    ]
    if before is not None:
        pairs = _pairs(before, summary)
        parts += [tables.flipped(pairs), _scatters(pairs)]
    return "".join(parts)


def _pairs(before: Sequence[Asked], after: Summary) -> list[tuple[Asked, Asked]]:
    """The questions that both runs were asked alike."""
    earlier = {asked.item.id: asked for asked in before}
    both = ((earlier.get(asked.item.id), asked) for asked in after.asked)
    return [(one, other) for one, other in both if one is not None and one.item == other.item]


def _scatters(pairs: list[tuple[Asked, Asked]]) -> str:
    figures = []
    for name in _SCATTERED:
        points = [
            (one.values[name], other.values[name])
            for one, other in pairs
            if not isnan(one.values.get(name, float("nan"))) and not isnan(other.values[name])
        ]
        if not any(one != other for one, other in points):
            continue
        title = words.words_of(name).title
        low, end = words.range_of(name)
        if words.kind_of(name) == "cost":
            end = pictures.round_up(max(max(pair) for pair in points))
        lower = words.direction_of(name) == "lower"
        picture = pictures.scatter(
            points, end, low, f"{title}: before across, this run up, a dot for each question", lower_is_better=lower
        )
        ends = f"{words.figure(name, low)} to {words.figure(name, end)}"
        figures.append(f"<figure>{picture}<figcaption><strong>{escape(title)}</strong><br>{ends}</figcaption></figure>")
    if not figures:
        return "<p>No question has another value in the two runs.</p>"
    return (
        "<h3>Question by question</h3><p>Before across, this run up; a larger dot is more questions. On the line "
        f'nothing changed.</p><div class="scatters">{"".join(figures)}</div>'
    )


def _agreement(summary: Summary) -> str:
    if not summary.agreements:
        return ""
    note = (
        "<p>Of the claims that a human judged: how often each automatic judge gave the same verdict, and Cohen’s κ, "
        "which is what is left of that beyond chance.</p>"
    )
    return note + tables.agreement(summary.agreements)


def _worst(summary: Summary) -> str:
    if not summary.worst:
        return "<p>No question shows any fault.</p>"
    note = (
        "<p>Wrong answers first, then those that said nothing, then by claims verified and by citations. Each "
        "sentence of an answer stands with its check.</p>"
    )
    shown = (
        questions.question(asked, rank=rank, key=f"q{rank}", is_open=rank <= _OPEN)
        for rank, asked in enumerate(summary.worst, start=1)
    )
    return note + "".join(shown)


def _failures(summary: Summary) -> str:
    if not summary.failures:
        return "<p>There is none.</p>"
    errors = "".join(f"<li>{number:,} × {escape(error)}</li>" for error, number in summary.errors.items())
    return (f'<ul class="reasons">{errors}</ul>' if errors else "") + tables.failures(summary.failures)


def _not_measured(summary: Summary) -> str:
    if not any(summary.nans.values()):
        return "<p>Every metric could be measured of every question.</p>"
    return tables.not_measured(summary.nans)


def _manifest(summary: Summary) -> str:
    manifest = summary.run.manifest
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _facts(manifest).items() if value
    )
    whole = json.dumps(manifest, ensure_ascii=False, indent=2)
    command = str(manifest.get("command") or "")
    again = f'<h3>To do it again</h3><pre class="command"><code>{escape(command)}</code></pre>'
    return (
        f'{again if command else ""}<dl class="manifest">{rows}</dl>'
        f'<details><summary>The whole manifest</summary><pre class="json">{escape(whole)}</pre></details>'
    )


def _facts(manifest: Mapping[str, Any]) -> dict[str, str]:
    def of(group: str, key: str) -> str:
        inside = manifest.get(group)
        return str(inside.get(key) or "") if isinstance(inside, dict) else ""

    commit = str(manifest.get("commit") or "")
    return {
        "Question set": of("questions", "file"),
        "its SHA-256": of("questions", "sha256"),
        "Archive": of("archive", "home"),
        "Embedder": of("archive", "embedder"),
        "Passages": of("archive", "passages"),
        "Language model": of("model", "name"),
        "Prompts, SHA-256": str(manifest.get("prompts_sha256") or ""),
        "CiteDesk": str(manifest.get("citedesk") or ""),
        "Commit": commit + (", with changes" if commit and manifest.get("changed") else ""),
        "Machine": ", ".join(str(manifest[key]) for key in ("processor", "system") if manifest.get(key)),
        "Python": str(manifest.get("python") or ""),
        "Asked at once": str(manifest.get("workers") or ""),
    }
