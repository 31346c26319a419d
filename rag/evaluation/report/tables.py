"""The tables of a report: metrics, slices, abstention, a comparison, judges. Values in, HTML out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan

from rag.escaping import escape
from rag.evaluation.compare import Comparison, Row
from rag.evaluation.figures import Figure
from rag.evaluation.labelling import Agreement
from rag.evaluation.metrics.latency import percentiles
from rag.evaluation.report import pictures, words
from rag.evaluation.summary import Asked, Slice, Summary

SLICED = ("hit", "evidence_recall@10", "citation_recall", "citation_precision", "grounded", "latency_ms")
_LONG = 24  # rows; a longer table is folded
_OUTCOMES = {
    ("can be answered", "abstained"): ("bad", "false refusal"),
    ("cannot be answered", "answered"): ("bad", "should have abstained"),
    ("cannot be answered", "abstained"): ("good", "rightly abstained"),
}


def wide(table: str, label: str) -> str:
    """A table that scrolls inside of its own frame where it is too wide, also by keyboard."""
    return f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}">{table}</div>'


def metrics(summary: Summary) -> str:
    """A table for each kind of metric."""
    kinds: dict[str, list[str]] = {}
    for name in summary.figures:
        kinds.setdefault(words.kind_of(name), []).append(name)
    return "".join(_kind(summary, words.KINDS[kind], kinds[kind]) for kind in words.KINDS if kind in kinds)


def sliced(summary: Summary) -> str:
    """A table for each slice, and what would not divide the set."""
    names = [name for name in SLICED if name in summary.figures and summary.figures[name].value.n]
    by_name: dict[str, list[Slice]] = {}
    for each in summary.slices:
        by_name.setdefault(each.name, []).append(each)
    tables = [_slice(name, listed, names, summary) for name, listed in by_name.items()]
    out = "; ".join(f"{name} ({why})" for name, why in summary.left_out.items())
    left_out = f'<p class="aside">Not divided by {escape(out)}.</p>' if out else ""
    return "".join(tables) + _later_turns(summary) + left_out


def _later_turns(summary: Summary) -> str:
    """The questions that go on with a conversation beside those that open one; empty where the set lacks either."""
    rows = ""
    for name in SLICED:
        if (each := summary.later_turns.get(name)) is None:
            continue
        crosses = isnan(each.low) or each.low <= 0 <= each.high
        shown = words.figure(name, each.difference, signed=True)
        interval = words.interval(name, each.low, each.high, signed=True) + (words.BY_RULE if each.by_rule else "")
        rows += (
            f'<tr><th scope="row">{_named(name)}</th>'
            f'<td class="n">{words.figure(name, each.first.mean)}</td><td class="n">{each.first.n}</td>'
            f'<td class="n">{words.figure(name, each.later.mean)}</td><td class="n">{each.later.n}</td>'
            f'<td class="n">{shown if crosses else f"<strong>{shown}</strong>"}</td><td>{interval}</td></tr>'
        )
    if not rows:
        return ""
    head = ("Metric", "#first turns", "#n", "#later turns", "#n", "#difference", "95 % interval")
    title = "Later turns beside the first"
    note = (
        '<p class="aside">They are other questions: what is asked later may be harder for anybody. A difference is '
        "bold where its interval leaves out 0.</p>"
    )
    return wide(_table(title, head, rows), title) + note


def abstention(summary: Summary) -> str:
    statuses = [status for status in next(iter(summary.abstention.values())) if _any(summary, status) or status in
                ("answered", "abstained")]  # fmt: skip
    rows = ""
    for row, counted in summary.abstention.items():
        total = sum(counted.values())
        if not total:
            continue
        cells = "".join(_outcome(row, status, counted[status], total) for status in statuses)
        rows += f'<tr><th scope="row">{row}</th>{cells}<td class="n">{total}</td></tr>'
    caption = "Questions by what the set says of them, and by what came back"
    head = ("the set says", *(f"#{status}" for status in statuses), "#all")
    return wide(_table(caption, head, rows, name="matrix"), "Abstention")


def spent(summary: Summary) -> str:
    """Percentiles of times, by stage too, and of tokens."""
    rows = "".join(
        f'<tr><th scope="row">{title}</th>'
        + "".join(f'<td class="n">{words.figure(metric, known[key])}</td>' for key in ("p50", "p95", "p99"))
        + f'<td class="n">{number}</td></tr>'
        for title, metric, known, number in _spent(summary)
    )
    return wide(_table("Percentiles, by nearest rank", ("what", "#p50", "#p95", "#p99", "#n"), rows), "Percentiles")


def comparison(of: Comparison) -> str:
    """Wins and losses. A difference is set in bold only where its interval leaves out 0 and its test found it."""
    rows = [row for row in of.rows if row.has_moved]
    scale: dict[str, float] = {}
    for row in rows:
        unit = row.metric if words.kind_of(row.metric) == "cost" else "share"
        bounds = [abs(bound) for bound in (row.low, row.high, row.difference) if not isnan(bound)]
        scale[unit] = max([scale.get(unit, 0.0), *bounds])
    body = "".join(_compared(row, scale) for row in rows)
    alike = _listed("The same for every question", [row for row in of.rows if row.is_alike])
    alike += _listed("Nothing to measure", [row for row in of.rows if not (row.has_moved or row.is_alike)])
    return (
        wide(
            _table(
                f"{words.count(of.questions, 'question')} asked in both runs; 95 % intervals from {of.resamples:,} "
                f"resamples by {of.cluster}",
                (
                    "Metric",
                    "#before",
                    "#this run",
                    "#difference",
                    "with its interval",
                    "#effect size",
                    "#p",
                    "#p, Holm",
                    "won · tied · lost",
                    "found",
                ),
                body,
                name="compared",
            ),
            "Comparison of the two runs",
        )
        + alike
    )


def flipped(pairs: Iterable[tuple[Asked, Asked]]) -> str:
    """The questions that one run had right and the other had not, losses first."""
    changed = [(one, other) for one, other in pairs if {one.values["hit"], other.values["hit"]} == {0.0, 1.0}]
    if not changed:
        return "<p>No question went from right to wrong, or from wrong to right.</p>"
    rows = "".join(
        f'<tr><td class="{name} id">{word}</td><th scope="row" class="id">{escape(other.item.id)}</th>'
        f"<td>{_short(other.item.question)}</td><td>{_short('; '.join(one.reasons or other.reasons))}</td></tr>"
        for one, other in sorted(changed, key=lambda pair: pair[1].values["hit"])
        for name, word in [("good", "now right") if other.values["hit"] else ("bad", "now wrong")]
    )
    caption = f"{words.count(len(changed), 'question')} changed sides"
    head = ("now", "id", "question", "what was or is wrong")
    return wide(_table(caption, head, rows), "Questions that changed sides")


def agreement(found: Sequence[Agreement]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(each.judge)}</th><td class="n">{each.claims}</td>'
        f'<td class="n">{_ratio(each.exact)}</td><td class="n">{_ratio(each.kappa)}</td>'
        f'<td class="n">{each.both_yes}</td><td class="n">{each.yes_no}</td>'
        f'<td class="n">{each.no_yes}</td><td class="n">{each.both_no}</td></tr>'
        for each in found
    )
    head = ("Judge", "#claims", "#same verdict", "#Cohen’s κ", "#both yes", "#human yes, judge no",
            "#human no, judge yes", "#both no")  # fmt: skip
    return wide(_table("Each automatic judge beside the human", head, rows), "Agreement with the human")


def failures(asked: Sequence[Asked]) -> str:
    rows = "".join(
        f'<tr><th scope="row" class="id">{escape(each.item.id)}</th><td>{_short(each.item.question)}</td>'
        f"<td>{'<br>'.join(map(_short, each.reasons))}</td><td>{escape(each.lost or '')}</td></tr>"
        for each in asked
    )
    caption = f"{words.count(len(asked), 'question')} that failed"
    return wide(_table(caption, ("id", "question", "because", "lost at"), rows), "Failures")


def not_measured(nans: Mapping[str, Sequence[str]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{_named(name)}</th><td class="n">{len(ids)}</td>'
        f"<td>{escape(words.words_of(name).undefined)}</td>"
        f'<td><details class="ids"><summary>which</summary>{escape(", ".join(ids))}</details></td></tr>'
        for name, ids in nans.items()
        if ids
    )
    caption = "Metrics that could not be measured of every question"
    return wide(_table(caption, ("Metric", "#NaN", "where", "questions"), rows), "What could not be measured")


# --- rows and cells


def _table(caption: str, columns: Sequence[str], rows: str, *, name: str = "") -> str:
    """Rows are HTML already; a column that begins with # is of numbers."""
    head = "".join(
        f'<th scope="col" class="n">{escape(each[1:])}</th>'
        if each.startswith("#")
        else f'<th scope="col">{escape(each)}</th>'
        for each in columns
    )
    kind = f' class="{name}"' if name else ""
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f"<table{kind}><caption>{escape(caption)}</caption>{body}</table>"


def _kind(summary: Summary, title: str, names: Sequence[str]) -> str:
    rows = "".join(_metric(summary, name) for name in names)
    head = ("Metric", "#mean", "95 % interval", "on its range", "answers by value", "#n", "#NaN")
    return wide(_table(title, head, rows, name="metrics"), title)


def _metric(summary: Summary, name: str) -> str:
    figure, values = summary.figures[name], summary.known(name)
    ends = words.range_of(name)
    is_open = words.kind_of(name) == "cost"
    if is_open:
        ends = (0.0, pictures.round_up(max([*values, figure.high if not isnan(figure.high) else 0.0])))
    bar = pictures.bar(figure.value.mean, figure.low, figure.high, ends)
    histogram = pictures.histogram(values, ends, f"{words.words_of(name).title}, answers by value")
    lower = ' <span class="lower">lower is better</span>' if words.direction_of(name) == "lower" else ""
    return (
        f'<tr><th scope="row">{_named(name)}<span class="meaning">{escape(words.words_of(name).meaning)}{lower}'
        f"{_calibrated(name, summary.agreements)}</span>"
        f'</th><td class="n mean">{words.figure(name, figure.value.mean)}</td>'
        f"<td>{words.spread(name, figure) or words.NO_INTERVAL}</td><td>{bar}</td><td>{histogram}</td>"
        f'<td class="n">{figure.value.n}</td><td class="n">{_nans(figure)}</td></tr>'
    )


def _calibrated(metric: str, found: Sequence[Agreement]) -> str:
    """How far the metric's judge agrees with the human, where one judged."""
    judge = "sentence check" if metric == "grounded" else metric.partition(" (")[2].removesuffix(")")
    of = next((each for each in found if each.judge == judge and each.claims), None)
    if of is None:
        return ""
    return f" · as the human in {of.exact:.0%} of {words.count(of.claims, 'claim')}, κ {_ratio(of.kappa)}"


def _slice(name: str, listed: Sequence[Slice], names: Sequence[str], summary: Summary) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(each.label)}</th><td class="n">{len(each.ids)}</td>'
        + "".join(_sliced_cell(metric, each.figures[metric], summary) for metric in names)
        + "</tr>"
        for each in listed
    )
    title = f"By {name}"
    head = (name, "#questions", *(words.words_of(metric).title for metric in names))
    table = wide(_table(title, head, rows, name="slices"), title)
    if len(listed) <= _LONG:
        return table
    return f"<details><summary>{escape(title)} ({len(listed)})</summary>{table}</details>"


def _sliced_cell(metric: str, figure: Figure, summary: Summary) -> str:
    if not figure.value.n:
        return f'<td class="nan">{words.NAN}</td>'
    ends = words.range_of(metric)
    if words.kind_of(metric) == "cost":
        ends = (0.0, pictures.round_up(max(summary.known(metric))))
    bar = pictures.bar(figure.value.mean, figure.low, figure.high, ends, width=72)
    spread = words.spread(metric, figure)
    return (
        f'<td><span class="value">{words.figure(metric, figure.value.mean)}</span>{bar}'
        f'<span class="interval">{spread or words.NO_INTERVAL}</span></td>'
    )


def _outcome(row: str, status: str, number: int, total: int) -> str:
    name, said = _OUTCOMES.get((row, status), ("", ""))
    if not number:
        return '<td class="n none">0</td>'
    share = f'<span class="share">{100 * number / total:.0f} %</span>'
    told = f'<span class="said">{said}</span>' if said else ""
    return f'<td class="n {name}"><span class="value">{number}</span>{share}{told}</td>'


def _compared(row: Row, scale: Mapping[str, float]) -> str:
    name = row.metric
    unit = name if words.kind_of(name) == "cost" else "share"
    crosses = isnan(row.low) or row.low <= 0 <= row.high
    found = row.finding if row.finding in ("better", "worse") and not crosses else ""
    figure = words.figure(name, row.difference, signed=True)
    shown = f"<strong>{figure}</strong>" if found else figure
    picture = pictures.difference(row.difference, row.low, row.high, scale[unit] or 1.0, found or "open")
    tally = row.tally
    return (
        f'<tr><th scope="row">{_named(name)}</th><td class="n">{words.figure(name, row.a.mean)}</td>'
        f'<td class="n">{words.figure(name, row.b.mean)}</td><td class="n">{shown}</td>'
        f'<td>{picture}<span class="interval">{words.interval(name, row.low, row.high, signed=True)}'
        f"{words.BY_RULE if row.by_rule else ''}</span></td>"
        f'<td class="n">{words.signed(row.effect)}</td>'
        f'<td class="n">{_p(row.p)}</td><td class="n">{_p(row.adjusted)}</td>'
        f"<td>{pictures.tally(tally.wins, tally.losses, tally.ties)}"
        f'<span class="interval">{tally.wins} · {tally.ties} · {tally.losses}</span></td>'
        f'<td class="{found}">{row.finding}</td></tr>'
    )


def _spent(summary: Summary) -> Iterator[tuple[str, str, Mapping[str, float], str]]:
    """Title as HTML, metric for the unit, percentiles, and of how many."""
    for name in summary.figures:
        if words.kind_of(name) != "cost":
            continue
        yield _named(name), name, percentiles(summary.known(name)), str(summary.figures[name].value.n)
        for stage, known in summary.stages.items() if name == "latency_ms" else ():
            yield f'<span class="stage">of it, to {escape(stage)}</span>', name, known, ""


def _short(text: str) -> str:
    return escape(words.shortened(text))


def _listed(what: str, rows: Sequence[Row]) -> str:
    names = "; ".join(f"{words.words_of(row.metric).title} ({row.metric})" for row in rows)
    return f'<p class="aside">{what}: {escape(names)}.</p>' if names else ""


def _any(summary: Summary, status: str) -> int:
    return sum(counted[status] for counted in summary.abstention.values())


def _named(metric: str) -> str:
    return f"{escape(words.words_of(metric).title)} <code>{escape(metric)}</code>"


def _nans(figure: Figure) -> str:
    return f'<span class="nan">{figure.value.nans}</span>' if figure.value.nans else "0"


def _p(value: float) -> str:
    return "–" if isnan(value) else "&lt; 0.001" if value < 0.001 else f"{value:.3f}"


def _ratio(value: float) -> str:
    return words.NAN if isnan(value) else f"{value:.2f}"
