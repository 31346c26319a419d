"""The frame and its files, without a browser and without gradio: what stands in it, its colours, its words."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import ui
from rag.escaping import escape
from rag.window import assets
from rag.window.frame import frame
from rag.window.icons import _PATHS, icon
from rag.window.opening import coverage, suggestions

ROOT = Path(ui.__file__).parent
WINDOW = ROOT / "rag" / "window"


class Seen(HTMLParser):
    """What a browser would make of some HTML: its tags, their attributes, its text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [str(value) for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self.text += data


OUR_TAGS = set(
    "article b bdi blockquote button caption details div dl dt dd form h2 h3 header i input li mark ol p path pre "
    "section small span strong summary svg table tbody td th thead tr ul circle g line rect text title figure "
    "figcaption time".split()
)
OUR_ATTRIBUTES = set(
    "class title type hidden tabindex dir scope viewbox d focusable maxlength placeholder cx cy r x y x1 x2 y1 y2 "
    "width height transform role datetime value text-anchor fill".split()
)


def test_the_frame_has_every_place_that_the_rooms_fill() -> None:
    seen = Seen(frame())
    places = (
        "app top history main side view-chat view-archive view-settings limits exchanges composer box notice spoken "
        "peek tab-sources tab-retrieved tab-timeline keys"
    )
    assert {f"cd-{name}" for name in places.split()} <= set(seen.ids)
    assert len(seen.ids) == len(set(seen.ids))
    assert not {name for name in seen.attributes if name.startswith("on")}  # no script in an attribute


def test_every_button_of_the_frame_can_be_said() -> None:
    for attributes, content in re.findall(r"<button([^>]*)>(.*?)</button>", frame()):
        assert "aria-label=" in attributes or Seen(content).text.strip(), attributes


def test_controls_surrogates_and_overrides_are_replaced_and_nothing_else() -> None:
    assert escape("a\x00b\x1bc\ud800d\u202etxt.exe") == "a\ufffdb\ufffdc\ufffdd\ufffdtxt.exe"
    assert escape("שלום, naïve\n\t日本 👩‍👩‍👧") == "שלום, naïve\n\t日本 👩‍👩‍👧"
    assert escape("<b> & \"'") == "&lt;b&gt; &amp; &quot;&#x27;"


@pytest.mark.parametrize(
    ("held", "line"),
    [
        ((16, "2024-01-16", "2024-05-14"), "16 documents, 16 January 2024 – 14 May 2024"),
        ((1, "2024-01-16", "2024-01-16"), "1 document, 16 January 2024"),
        ((12_000, "1988", "2022-01"), "12,000 documents, 1988 – January 2022"),
        ((2, None, None), "2 documents"),
        ((0, None, None), "The archive is empty"),
    ],
)
def test_the_header_line_says_what_the_archive_holds(held: tuple[int, str | None, str | None], line: str) -> None:
    assert coverage(*held) == line


def test_suggested_questions_are_text_whatever_they_hold() -> None:
    seen = Seen(suggestions(["What did <b>A</b> say?", "Who is B?"]))
    assert seen.tags == {"button"}
    assert seen.text == "What did <b>A</b> say?Who is B?"


def test_every_icon_has_a_shape_of_its_own_and_is_passed_over_by_screen_readers() -> None:
    shapes = [icon(name) for name in _PATHS]
    assert len({re.sub(r"cd-icon-[\w-]+", "", shape) for shape in shapes}) == len(shapes)
    assert all('aria-hidden="true"' in shape for shape in shapes)


# ---- styles and scripts


def test_all_that_lies_in_the_window_is_part_of_the_page() -> None:
    style, script = assets.style(), assets.script()
    for path in sorted(WINDOW.glob("*.css")):
        assert path.read_text("utf-8") in style
    for path in sorted(WINDOW.glob("*.js")):
        assert f"citedesk.ready(() => {{\n{path.read_text('utf-8')}\n}});" in script
    assert style.startswith((ROOT / "ui.css").read_text("utf-8"))
    assert script.startswith((ROOT / "ui.js").read_text("utf-8"))


THEMES = re.findall(r"^(?::root|\.dark) \{(.*?)^\}", (ROOT / "ui.css").read_text("utf-8"), re.DOTALL | re.MULTILINE)
PAIRS = [
    (ink, ground)
    for ground in ("page", "surface")
    for ink in ("text", "muted", "accent", "good", "abstained", "incomplete", "error")
] + [("text", "mark"), ("text", "accent-soft"), ("accent", "accent-soft"), ("on-accent", "accent")]


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_ink_can_be_read_on_its_ground(theme: str, ink: str, ground: str) -> None:
    colours = dict(re.findall(r"--cd-([\w-]+): (#\w{6});", theme))
    lighter, darker = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2.2, level AA


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


SHOWN = [ROOT / "ui.css", ROOT / "ui.js", ROOT / "ui.py", *(p for p in sorted(WINDOW.iterdir()) if p.is_file())]


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.name)
def test_nothing_of_the_window_names_another_host(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not re.findall(r"https?://(?!\{|127\.0\.0\.1|localhost|www\.w3\.org/2000/svg)[\w.]+|@import|url\(", source)


@pytest.mark.parametrize("path", [p for p in SHOWN if p.suffix == ".js"], ids=lambda path: path.name)
def test_no_script_makes_html_but_in_the_one_place_for_it(path: Path) -> None:
    script = path.read_text("utf-8")
    assert not re.findall(r"innerHTML\s*=[^=]|outerHTML|insertAdjacentHTML|document\.write|\beval\(|</script", script)
    assert script.count("DOMParser") == (path.name == "ui.js")


@pytest.mark.parametrize("path", [p for p in SHOWN if p.suffix == ".css"], ids=lambda path: path.name)
def test_only_the_list_of_colours_has_colours_and_every_class_is_ours(path: Path) -> None:
    style = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    if path.name == "ui.css":
        style = style.replace("".join(THEMES), "").split("\n}\n", 2)[2]
    assert not re.findall(r"(?<!&)#[0-9a-f]{3,8}\b(?=[^{]*;)", re.sub(r"mask[^;]*;", "", style))
    classes = {name for part in re.findall(r"([^{}]+)\{", style) for name in re.findall(r"\.([a-zA-Z][\w-]*)", part)}
    assert {name for name in classes if not name.startswith("cd-")} <= {
        "gradio-container",
        "main",
        "html-container",
        "dark",
        "column",
        "row",
    }


def test_importing_the_window_imports_no_gradio() -> None:
    code = "import sys, ui; sys.exit(any(name.split('.')[0] == 'gradio' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
