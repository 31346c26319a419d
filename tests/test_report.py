"""The report of a run: one HTML file that can be read anywhere, whatever the documents hold."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser
from math import nan
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from rag.evaluation import report
from rag.evaluation.compare import Comparison, Row, compare
from rag.evaluation.labelling import claims_of
from rag.evaluation.metrics import METRICS
from rag.evaluation.report import pictures, tables, words
from rag.evaluation.run import load
from rag.evaluation.scores import Value
from rag.evaluation.statistics import Tally
from rag.evaluation.summary import Summary, summarise
from tests.test_summary import line, nothing, question, write_run
from tests.test_ui_rendering import THEMES, luminance
from tests.test_window_exchange import HOSTILE

STYLE = (Path(report.__file__).parent / "report.css").read_text("utf-8")
VOID = {"meta", "br", "link", "img", "input", "hr"}
SVG = {"svg", "rect", "path", "circle", "title"}
OUR_TAGS = SVG | set(
    "html head meta style body a header p h1 h2 h3 h4 h5 main ul ol li nav section figure figcaption div span strong"
    " table caption thead tbody tr th td code details summary article blockquote mark q dl dt dd pre footer br".split()
)


class Seen(HTMLParser):
    """What a browser would make of a page: its tags, attributes, headings and text; tags must be closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        self.headings: list[tuple[str, str]] = []
        self.marked: list[str] = []
        self.strong: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")
        if tag not in VOID:
            self._open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((tag, ""))
        if tag == "mark":
            self.marked.append("")
        if tag == "strong":
            self.strong.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        if self._open and re.fullmatch("h[1-6]", self._open[-1]):
            level, before = self.headings[-1]
            self.headings[-1] = (level, before + data)
        if "mark" in self._open:
            self.marked[-1] += data
        if "strong" in self._open:
            self.strong[-1] += data


def small(folder: Path, **more: Any) -> Path:
    """Right, wrong, failed, abstained and not asked."""
    asked = [question("a", type="fact"), question("b", type="fact"), question("c", type="date")]
    asked += [question("d", answerable=False, must_include=[], evidence=[]), question("e")]
    loose = line("b", "Tom Reed runs it, since 1999. [1] Good day.")
    checked = loose["sentences"][0]
    loose["sentences"] = [
        checked | {"end": 33, "check": "unverified", "faults": ["the number 1999 is not in what it cites"]},
        checked | {"start": 34, "end": 43, "check": "no claim", "support": None, "citations": []},
    ]
    lines = [line("a"), loose, nothing("c", "error", error="no server"), nothing("d", "abstained")]
    return write_run(folder, asked, lines, **more)


EVIL = '"><b onclick=alert(1)>'  # as HOSTILE, where a file's name stands


def hostile(folder: Path) -> Path:
    """Every text that anybody else wrote is hostile; in a folder of another name the second question is answered
    otherwise."""
    asked = question(
        "a" + HOSTILE, question=HOSTILE, type=HOSTILE, answer=HOSTILE, must_include=[[HOSTILE, "no"], ["never"]],
        must_not_include=[HOSTILE], evidence=[{"doc": HOSTILE, "quote": HOSTILE}],
        history=[{"role": "user", "content": HOSTILE}, {"role": "assistant", "content": HOSTILE}],
    ) | {"desk" + EVIL: "<b>north</b>"}  # fmt: skip
    given = line(asked["id"], HOSTILE + EVIL + HOSTILE, notes=[HOSTILE], timings_ms={HOSTILE: 1.0})
    around = EVIL + HOSTILE + EVIL
    given["citations"][0] |= {"doc": HOSTILE, "title": HOSTILE, "outlet": HOSTILE, "published": HOSTILE,
                              "quote": HOSTILE, "source": HOSTILE, "check": "unverified",
                              "start": len(EVIL), "end": len(EVIL + HOSTILE)}  # fmt: skip
    given["citations"].append(given["citations"][0] | {"start": 0, "end": 0, "quote": EVIL})
    given["retrieved"][0] |= {"doc": HOSTILE, "text": around, "start": 0, "end": len(around)}
    given["sentences"][0] |= {"check": "unverified", "faults": [HOSTILE], "end": len(HOSTILE + EVIL)}
    failed = nothing("b", "error", error=HOSTILE)
    odd = line("c" + EVIL, "Odd." if folder.name == "after" else EVIL, status=HOSTILE)
    others = [
        question("b", question="b") | {"desk" + EVIL: "south"},
        question(odd["id"], question=EVIL, must_include=[[EVIL]]) | {"desk" + EVIL: "south"},
    ]
    manifest = {
        "questions": {"file": f"/{EVIL}.jsonl"}, "command": HOSTILE, "model": {"name": HOSTILE}, "commit": HOSTILE,
        "archive": {"home": HOSTILE, "documents": 3}, "sessions": [{"ended": HOSTILE}], HOSTILE: HOSTILE,
    }  # fmt: skip
    write_run(folder, [asked, *others], [given, failed, odd], **manifest)
    kept = json.dumps({"id": "b", "scores": {"grounded (" + EVIL + ")": [1, 1], EVIL: [0, 1]}})
    (folder / "scores.jsonl").write_text(kept + "\n", "utf-8")
    return folder


def summed_up(folder: Path) -> Summary:
    return summarise(folder, resamples=50)


def sentence_of(source: str, check: str) -> str:
    """The text of the first sentence with this class."""
    found = re.search(rf'<li class="{check}">(.*?)</li>', source, re.DOTALL)
    assert found
    return Seen(found[1]).text


def test_headings_stand_in_order_and_skip_no_level(tmp_path: Path) -> None:
    seen = Seen(report.page(summed_up(small(tmp_path))))
    assert [text for level, text in seen.headings if level in ("h1", "h2")] == [
        "2 of 5 questions answered rightly",
        "Figures",
        "By kind of question",
        "Abstention",
        "Time and tokens",
        "The worst 3",
        "Every failure",
        "What could not be measured",
        "How it was made",
    ]
    levels = [int(level[1]) for level, _ in seen.headings]
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_hostile_text_stays_text_wherever_it_stands(tmp_path: Path) -> None:
    summary = summed_up(hostile(tmp_path / EVIL / "after"))
    before = summed_up(hostile(tmp_path / EVIL / "before"))
    comparison = compare(before.run.folder, summary.run.folder, resamples=20)
    page = report.page(summary, comparison=comparison, before=before.asked)
    seen = Seen(page)
    assert seen.tags <= OUR_TAGS
    assert not [name for name in seen.attributes if name.startswith("on")]
    assert seen.attributes.keys().isdisjoint({"src", "srcset", "style", "action", "data", "poster", "background"})
    assert seen.text.count(HOSTILE) >= 20
    assert seen.text.count(EVIL) >= 20
    assert "changed sides" in seen.text


def test_nothing_in_the_file_is_an_address_of_another_place(tmp_path: Path) -> None:
    seen = Seen(report.page(summed_up(hostile(tmp_path))))
    assert seen.attributes["href"]
    assert all(value.startswith("#") for value in seen.attributes["href"])
    assert not re.findall(r"url\(|@import|https?:", STYLE)


def test_links_lead_to_places_in_the_page(tmp_path: Path) -> None:
    seen = Seen(report.page(summed_up(small(tmp_path))))
    assert {value[1:] for value in seen.attributes["href"]} <= seen.attributes["id"]
    assert "#q1-1" in seen.attributes["href"]  # the marker of the worst answer leads to its passage


def test_the_page_allows_itself_nothing_but_its_style(tmp_path: Path) -> None:
    seen = Seen(report.page(summed_up(small(tmp_path))))
    assert {value for value in seen.attributes["content"] if "-src" in value} == {
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    }
    assert "script" not in seen.tags


def test_each_sentence_says_in_words_how_it_was_checked(tmp_path: Path) -> None:
    page = report.page(summed_up(small(tmp_path)))
    assert sentence_of(page, "unverified") == (
        "Tom Reed runs it, since 1999. [1]Not verified: the number 1999 is not in what it cites · support 0.90"
    )
    assert sentence_of(page, "no-claim") == "Good day.No claim"


def test_a_verified_sentence_says_so(tmp_path: Path) -> None:
    folder = write_run(tmp_path, [question("a")], [line("a", "Tom Reed. [1]")])
    assert sentence_of(report.page(summed_up(folder)), "verified") == "Tom Reed. [1]Verified · support 0.90"


def test_text_between_the_sentences_is_shown_as_not_checked(tmp_path: Path) -> None:
    given = line("a", "Tom Reed. [1] And more.")
    given["sentences"][0] |= {"end": 13}
    page = report.page(summed_up(write_run(tmp_path, [question("a")], [given])))
    assert sentence_of(page, "unchecked") == "And more.Not checked"


def test_the_cited_words_are_marked_in_their_passage(tmp_path: Path) -> None:
    seen = Seen(report.page(summed_up(write_run(tmp_path, [question("a")], [line("a", "Tom. [1]")]))))
    assert seen.marked == ["Ada Penn runs it."]
    assert "The mill is old. Ada Penn runs it." in seen.text


def test_a_quote_that_is_in_no_passage_is_shown_alone_and_said_to_be(tmp_path: Path) -> None:
    given = line("a", "Tom. [1]")
    given["citations"][0] |= {"quote": "Tom runs it.", "check": "unverified"}
    seen = Seen(report.page(summed_up(write_run(tmp_path, [question("a")], [given]))))
    assert seen.marked == ["Tom runs it."]
    assert "These words were not found in the document." in seen.text


def test_it_says_what_was_expected_and_where_the_evidence_was(tmp_path: Path) -> None:
    asked = question("a", answer="Ada Penn does.", must_not_include=["Tom"])
    text = Seen(report.page(summed_up(write_run(tmp_path, [asked], [line("a", "Tom. [1]")])))).text
    assert "Ada Penn does." in text
    assert "not said: Ada Penn" in text
    assert "said, wrongly: Tom" in text
    assert "retrieved at rank 1; its document is cited" in text


def test_every_failure_and_everything_not_measured_is_listed(tmp_path: Path) -> None:
    page = report.page(summed_up(small(tmp_path)))
    failures = Seen(page[page.index('<section id="failures"') : page.index('<section id="not-measured"')]).text
    assert [part in failures for part in ("3 questions that failed", "1 × no server", "not asked")] == [True] * 3
    missing = page[page.index('<section id="not-measured"') : page.index('<section id="manifest"')]
    assert "prompt_tokens" in missing
    assert "a, b, c, d, e" in missing


def test_a_run_that_is_not_whole_says_so_at_the_top(tmp_path: Path) -> None:
    text = Seen(report.page(summed_up(small(tmp_path)))).text
    warning = "This run is not whole: 1 of 5 questions have no answer yet, and count as answered with nothing."
    assert text.index(warning) < text.index("What became of the 5 questions")


def test_the_command_and_the_manifest_are_there(tmp_path: Path) -> None:
    command = "citedesk eval run /sets/mill.jsonl --out '/runs/a b'"
    folder = small(tmp_path, command=command, citedesk="9.9", sessions=[{"ended": "2026-03-04T05:06:07+00:00"}])
    seen = Seen(report.page(summed_up(folder)))
    assert command in seen.text
    assert '"citedesk": "9.9"' in seen.text
    assert "4 March 2026" in seen.text


def test_a_set_without_answers_to_compare_with_is_reported_too(tmp_path: Path) -> None:
    plain = question("a", answerable=None)
    seen = Seen(report.page(summed_up(write_run(tmp_path, [plain], [line("a")]))))
    assert seen.headings[0] == ("h1", "1 question asked")
    assert "No question shows any fault" not in seen.text


def test_agreement_is_shown_where_a_human_judged(tmp_path: Path) -> None:
    folder = small(tmp_path)
    assert "Judges and the human" not in report.page(summed_up(folder))
    claim = claims_of(load(folder))[0]
    (folder / "labels.jsonl").write_text(json.dumps({"claim": claim.key, "label": "yes"}) + "\n", "utf-8")
    text = Seen(report.page(summed_up(folder))).text
    assert "sentence check" in text
    assert "by the answer’s own check · as the human in 100% of 1 claim, κ NaN" in text


# --- two runs


def test_two_runs_are_laid_side_by_side_question_by_question(tmp_path: Path) -> None:
    asked = [question("a"), question("b"), question("c")]
    worse = write_run(tmp_path / "1", asked, [line("a", "Tom. [1]"), line("b"), line("c")])
    better = write_run(tmp_path / "2", asked, [line("a"), line("b", "Tom. [1]"), line("c")])
    comparison = compare(worse, better, resamples=50)
    page = report.page(summed_up(better), comparison=comparison, before=summed_up(worse).asked)
    text = Seen(page).text
    assert "2 questions changed sides" in text
    assert text.index("now wrong") < text.index("now right")
    scatter = page[page.index('<svg class="scatter"') :]
    drawn = re.findall(r'<circle class="(\w+)"', scatter[: scatter.index("</svg>")])
    assert sorted(drawn) == ["loss", "tie", "win"]


def test_later_turns_are_laid_beside_the_first(tmp_path: Path) -> None:
    said = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ada."}]
    asked = [question("a"), question("b"), question("c", history=said), question("d", history=said)]
    folder = write_run(tmp_path, asked, [line("a"), line("b"), line("c", "Tom. [1]"), line("d")])
    text = Seen(report.page(summed_up(folder))).text
    assert "Later turns beside the first" in text
    assert "−50.0\u202fpoints" in text


def test_a_run_without_questions_worth_a_figure_is_shown_all_the_same(tmp_path: Path) -> None:
    """One question; all abstained; and half of a surrogate pair, which no encoding has."""
    one = write_run(tmp_path / "one", [question("a")], [line("a", "\ud800 Tom. [1]")])
    assert report.write(summed_up(one)).read_text("utf-8").startswith("<!doctype html>")
    asked = [question("a"), question("b")]
    silent = write_run(tmp_path / "silent", asked, [nothing("a", "abstained"), nothing("b", "abstained")])
    seen = Seen(report.write(summed_up(silent)).read_text("utf-8"))
    assert seen.headings[0] == ("h1", "0 of 2 questions answered rightly")


def test_endless_texts_are_cut_short_where_all_questions_are_listed(tmp_path: Path) -> None:
    asked = [question(f"a{n}", question="x" * 10_000, must_include=[["y" * 10_000]]) for n in range(40)]
    lines = [line(row["id"], "z" * 10_000) for row in asked]
    page = report.page(summed_up(write_run(tmp_path, asked, lines)))
    failures = page[page.index('<section id="failures"') : page.index('<section id="not-measured"')]
    assert len(failures) < 40 * 2_000


def row(finding: Any, low: float, high: float) -> Row:
    value = Value(0.5, 10, 0)
    return Row("hit", "higher", value, value, 0.1, low, high, 0.01, 0.02, Tally(2, 1, 7), finding)


@pytest.mark.parametrize(
    ("finding", "low", "high", "bold"),
    [
        ("better", 0.02, 0.2, ["+10.0\u202fpoints"]),
        ("better", -0.01, 0.2, []),  # a p value alone is not enough
        ("worse", 0.0, 0.2, []),
        ("better", nan, nan, []),
        ("no difference shown", 0.02, 0.2, []),
        ("not tested", 0.02, 0.2, []),
    ],
)
def test_a_difference_is_bold_only_where_its_interval_leaves_out_zero(
    finding: Any, low: float, high: float, bold: list[str]
) -> None:
    comparison = Comparison("1", "2", 10, 10, "conversation", 100, 0, (row(finding, low, high),))
    assert Seen(tables.comparison(comparison)).strong == bold


# --- words and pictures


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_words_of_its_own(metric: str) -> None:
    of = words.words_of(metric)
    assert of.title != metric
    assert of.meaning
    assert of.undefined


@pytest.mark.parametrize(
    ("metric", "value", "shown"),
    [
        ("hit", 0.456, "45.6\u202f%"), ("truthfulness", -0.075, "−0.07"), ("latency_ms", 1234.4, "1,234\u202fms"),
        ("latency_ms", 0.14, "0.1\u202fms"), ("prompt_tokens", 1800.0, "1,800"), ("hit", nan, "NaN"),
    ],
)  # fmt: skip
def test_figures_are_written_with_their_unit(metric: str, value: float, shown: str) -> None:
    assert words.figure(metric, value) == shown


def test_bins_count_every_value_once() -> None:
    found = pictures.bins(
        [0, 0.1, 0.3, 0.95, 1, 1.5, -2], 0, 1
    )  # 0.1 and 0.3 begin a bin; what is beyond is at the end
    assert [each.count for each in found] == [2, 1, 0, 1, 0, 0, 0, 0, 0, 3]


def test_a_bar_begins_at_zero_also_where_the_range_is_below() -> None:
    assert '<rect class="fill" x="40.0" y="4" width="40.0"' in pictures.bar(-0.5, nan, nan, (-1, 1))
    assert '<rect class="fill" x="0.0" y="4" width="80.0"' in pictures.bar(0.5, nan, nan)


def test_what_is_nan_has_no_bar() -> None:
    assert pictures.bar(nan, nan, nan) == ""
    assert pictures.difference(nan, nan, nan, 1, "open") == ""
    assert "whisker" not in pictures.bar(0.5, nan, nan)


@pytest.mark.parametrize(("value", "end"), [(0, 1), (0.7, 0.8), (255, 300), (1000, 1000), (1001, 1500)])
def test_an_axis_ends_at_a_round_number(value: float, end: float) -> None:
    assert pictures.round_up(value) == pytest.approx(end)


def test_every_picture_of_a_page_is_finite(tmp_path: Path) -> None:
    page = report.page(summed_up(small(tmp_path)))
    drawn = re.findall(r' (?:x|y|cx|cy|r|d|width|height)="([^"]*)"', page)
    assert drawn
    assert not [each for each in drawn if "nan" in each or "inf" in each]


def test_colours_are_those_of_the_house() -> None:
    house = [dict(re.findall(r"--cd-([\w-]+): (#\w{6});", theme)) for theme in THEMES]
    ours = [
        dict(re.findall(r"--([\w-]+): (#\w{6});", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    ]
    for theirs, mine in zip(house, ours, strict=False):
        same = theirs.keys() & mine.keys()
        assert {"page", "surface", "text", "accent", "mark", "good"} <= same
        assert {name: mine[name] for name in same} == {name: theirs[name] for name in same}


INKS = [
    (ink, ground) for ground in ("page", "surface") for ink in ("text", "muted", "accent", "good", "bad", "warn")
] + [("bad", "bad-soft"), ("good", "good-soft"), ("warn", "warn-soft"), ("text", "mark"), ("muted", "track")]


@pytest.mark.parametrize("block", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), INKS)
def test_every_ink_can_be_read_on_its_ground(block: int, ink: str, ground: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[block]))
    lighter, darker = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2.2, level AA


# --- in a browser


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a hostile run beside one that answers otherwise."""
    folder = tmp_path_factory.mktemp("runs")
    after = hostile(folder / "after")
    asked = [json.loads(each) for each in (after / "questions.jsonl").read_text("utf-8").splitlines()]
    before = write_run(folder / "before", asked, [line(row["id"]) for row in asked])
    comparison = compare(before, after, resamples=20)
    return report.write(summed_up(after), comparison=comparison, before=summed_up(before).asked)


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fetches_nothing_breaks_nothing_and_fits(browser: Browser, shown: Path, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, wrong = context.new_page(), list[str]()
    page.on("request", lambda request: wrong.append(request.url) if request.url != shown.as_uri() else None)
    page.on("console", lambda entry: wrong.append(entry.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.goto(shown.as_uri())
    page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").is_visible()
    context.close()
    assert wrong == []


def test_what_is_folded_is_printed(browser: Browser, shown: Path) -> None:
    page = browser.new_page()
    page.goto(shown.as_uri())
    folded = page.locator("#manifest pre.json")
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    page.close()


def test_it_fits_on_paper(browser: Browser, shown: Path) -> None:
    page = browser.new_page(viewport={"width": 688, "height": 1000})  # A4 less its margins
    page.goto(shown.as_uri())
    page.emulate_media(media="print")
    wide = "[...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > 688)"
    assert page.evaluate(f"{wide}.map(each => each.outerHTML.slice(0, 80))") == []
    page.close()
