"""What the operators of a page of a PDF draw, and where: words, and whether a reader can see them.

pypdf gives the operators and the fonts. Knows nothing of lines, columns or the order in which one reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from math import hypot
from typing import TYPE_CHECKING, Any

from corpus.errors import UnreadableFile
from corpus.loaders.layout import Sheet
from corpus.loaders.rows import Run

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_MAX_OPERATORS = 1_000_000  # of one page, those of the forms that it draws included
_FORM_OPERATORS = 100  # that drawing a form counts for, beside its own
_MAX_FORM_DEPTH = 10
_MAX_NESTED = 1_000  # states and marks that are open at a time
_MAX_POINTS = 10_000  # of one path
_MAX_SHAPES = 200  # that are remembered of a page, to tell white text on them
_TINY_POINTS = 2.0
_NEAR_WHITE = 0.97
_STRANGE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff]")  # no letters of any script
_SPELLED_OUT = str.maketrans(  # ligatures, the soft hyphen, and the bullets of fonts of symbols
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00ad": "-", "\u00a0": " "}
    | {"\x7f": "•", "\uf0b7": "•", "\uf0a7": "▪"}
)
_Matrix = tuple[float, float, float, float, float, float]
_UNIT: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class DrawnFont:
    """A font as pypdf knows it, and how far its own units go: a thousandth of the size for all but Type 3."""

    source: Any  # held, as fonts are told apart by where their source lies in memory
    known: Any
    is_bold: bool
    unit: float
    height: float  # of its letters at size 1
    seen: dict[bytes, tuple[str, float, int, int]] = field(default_factory=dict)

    def read(self, code: bytes) -> tuple[str, float, int, int]:
        """The text of a string, its width at size 1, and how many characters and spaces it has."""
        if code not in self.seen:
            self.seen[code] = self._read(code)
        return self.seen[code]

    def _read(self, code: bytes) -> tuple[str, float, int, int]:
        font = self.known
        if isinstance(font.encoding, str):
            drawn = shown = code.decode(font.encoding, "replace")
        else:
            drawn = code.decode("latin-1")
            shown = "".join(font.encoding.get(byte, chr(byte)) for byte in code)
        text = "".join(font.character_map.get(character, character) for character in shown)
        width = sum(
            font.space_width if character == font.space_char else font.get_text_width(character) for character in drawn
        )
        if not font.interpretable:
            text = "\ufffd" * len(drawn)
        return _STRANGE.sub("\ufffd", text.translate(_SPELLED_OUT)), width * self.unit, len(drawn), drawn.count(" ")


@dataclass
class _State:
    """What q saves and Q brings back."""

    matrix: _Matrix = _UNIT
    font: DrawnFont | None = None
    size: float = 0.0
    character_space: float = 0.0
    word_space: float = 0.0
    stretch: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0
    is_ink: bool = False  # a colour says how much of an ink there is: none of it is white
    is_white: bool = False
    is_clear: bool = False


@dataclass(frozen=True)
class _Drawn:
    """A run as it lies on the page: ``turn`` in quarters, None for one at an angle; ``x`` and ``y`` are its start."""

    run: Run
    turn: int | None
    x: float
    y: float
    is_unseen: bool  # drawn by the invisible pen, as the text layer of a scan is


class Canvas:
    """Reads the operators of one page, and keeps the words that they draw."""

    def __init__(self, reader: PdfReader, fonts: dict[int, DrawnFont]) -> None:
        self.reader = reader
        self.fonts = fonts
        self.drawn: list[_Drawn] = []
        self.hidden = 0
        self.lost = 0
        self.has_pictures = False
        self.shapes: list[tuple[float, float, float, float]] = []  # dark areas and pictures
        self.pictures: list[tuple[float, float, float, float]] = []
        self.path: list[tuple[float, float]] = []
        self.marks: list[bool] = []
        self.forms: dict[int, list[tuple[Any, bytes]]] = {}  # what each draws, as it may be drawn a thousand times
        self.state = _State()
        self.saved: list[_State] = []
        self.saved_outside = 0  # … of those by whoever draws the form that is being drawn
        self.text_matrix: _Matrix = _UNIT
        self.line_matrix: _Matrix = _UNIT
        self.operators = 0
        self.seen_box: tuple[float, float, float, float] | None = None

    def draw_page(self, page: PageObject) -> None:
        box = page.cropbox
        left, bottom, right, top = (float(edge) for edge in (box.left, box.bottom, box.right, box.top))
        if right - left > 1 and top - bottom > 1:
            self.seen_box = left, bottom, right, top
        contents = page.get("/Contents")
        if contents is not None:
            self._draw(self._operations(contents.get_object()), _resolved(page.get("/Resources")), frozenset())

    def sheet(self, number: int) -> tuple[Sheet, int]:
        """The page's words upright, in the direction in which most stand, and the number of hidden characters."""
        has_seen = any(not each.is_unseen for each in self.drawn)
        kept, hidden = [], self.hidden
        for each in self.drawn:
            # Invisible words over a picture are its text layer; beside visible ones and over nothing they hide.
            if each.is_unseen and has_seen and not _inside(each.x, each.y, self.pictures):
                hidden += len(each.run.text.strip())
            else:
                kept.append(each)
        aside = " ".join(" ".join(each.run.text for each in kept if each.turn is None).split())
        turns = [each.turn for each in kept if each.turn is not None]
        main = max(set(turns), key=turns.count) if turns else 0
        runs = [each.run for each in kept if each.turn == main]
        # Words that stand another way, at the page's side say, are printed across it too.
        others = " ".join(each.run.text for each in kept if each.turn not in (main, None))
        aside = " ".join(f"{others} {aside}".split())
        artifacts = sum(len(run.text) for run in runs if run.artifact)
        if 2 * artifacts > sum(len(run.text) for run in runs):
            runs = [replace(run, artifact=False) for run in runs]  # some programs call everything one
        return Sheet(number, tuple(runs), aside), hidden

    def _operations(self, content: Any) -> list[tuple[Any, bytes]]:
        from pypdf.generic import ContentStream

        return ContentStream(content, self.reader, "bytes").operations

    def _draw(self, operations: list[tuple[Any, bytes]], resources: Mapping[str, Any], within: frozenset[int]) -> None:
        for operands, operator in operations:
            self.operators += 1
            if self.operators > _MAX_OPERATORS:
                raise UnreadableFile(f"draws a page in over {_MAX_OPERATORS:,} steps; print it to a new PDF")
            try:
                if not self._write(operator, operands, resources):
                    self._paint(operator, operands, resources, within)
            except (IndexError, TypeError, ValueError, KeyError, AttributeError, OverflowError):
                continue  # operands that are missing or of a wrong kind: a viewer goes on without them too

    def _write(self, operator: bytes, given: list[Any], resources: Mapping[str, Any]) -> bool:
        """Obeys an operator of text; false where it is none."""
        state = self.state
        match operator:
            case b"Tj":
                self._show(given[:1])
            case b"TJ":
                self._show(given[0])
            case b"Td":
                self._move(given[0], given[1])
            case b"Tm":
                self._place(_matrix(given))
            case b"T*":
                self._move(0, -state.leading)
            case b"Tf":
                state.font = None  # stays so where the new one cannot be read
                state.size = float(given[1])
                state.font = self._font(resources, given[0])
            case b"BT":
                self._place(_UNIT)
            case b"TD":
                state.leading = -float(given[1])
                self._move(given[0], given[1])
            case b"TL":
                state.leading = float(given[0])
            case b"Tc":
                state.character_space = float(given[0])
            case b"Tw":
                state.word_space = float(given[0])
            case b"Tz":
                state.stretch = float(given[0]) / 100
            case b"Ts":
                state.rise = float(given[0])
            case b"Tr":
                state.mode = int(given[0])
            case b"'":
                self._move(0, -state.leading)
                self._show(given[:1])
            case b'"':
                state.word_space, state.character_space = float(given[0]), float(given[1])
                self._move(0, -state.leading)
                self._show(given[2:3])
            case b"BMC" | b"BDC" if len(self.marks) < _MAX_NESTED:
                self.marks.append(given[0] == "/Artifact")
            case b"EMC":
                del self.marks[-1:]
            case _:
                return False
        return True

    def _paint(self, operator: bytes, given: list[Any], resources: Mapping[str, Any], within: frozenset[int]) -> None:
        """Obeys an operator of graphics, as far as it moves, hides or shows words."""
        match operator:
            case b"q" if len(self.saved) < _MAX_NESTED:
                self.saved.append(copy(self.state))
            case b"Q":
                if len(self.saved) > self.saved_outside:
                    self.state = self.saved.pop()
            case b"cm":
                self.state.matrix = _product(_matrix(given), self.state.matrix)
            case b"g" | b"rg" | b"k":
                self.state.is_ink = False
                self._colour(given)
            case b"sc" | b"scn":
                self._colour(given)
            case b"cs":
                self.state.is_white, self.state.is_ink = False, _is_ink(resources, given[0])
            case b"m" | b"l" | b"c":
                self._add(float(given[-2]), float(given[-1]))
            case b"re":
                self._rectangle(given)
            case b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*":
                if self.path and not self.state.is_white:
                    self._shape(self.path)
                elif self.path:
                    self._cover(_box(self.path))
                self.path.clear()
            case b"n" | b"S" | b"s":
                self.path.clear()
            case b"sh":
                self._shape([(-1e9, -1e9), (1e9, 1e9)])
            case b"gs":
                self._graphics_state(resources, given[0])
            case b"INLINE IMAGE":
                self._picture()
            case b"Do":
                self._do(resources, given[0], within)

    # Places

    def _place(self, matrix: _Matrix) -> None:
        self.text_matrix = self.line_matrix = matrix

    def _move(self, x: float, y: float) -> None:
        self._place(_product((1, 0, 0, 1, float(x), float(y)), self.line_matrix))

    def _font(self, resources: Mapping[str, Any], name: str) -> DrawnFont:
        # The one thing that pypdf has and does not export: encodings and widths of a font's characters.
        from pypdf.generic._font import Font

        given = _resolved(_resolved(resources.get("/Font")).get(name))
        if id(given) not in self.fonts:
            known = Font.from_font_resource(given)
            descriptor = known.font_descriptor
            is_bold = "bold" in known.name.lower() or "black" in known.name.lower()
            unit, height = 0.001, 1.0
            if known.sub_type == "Type3":
                unit = abs(float(given["/FontMatrix"][0]))
                height = unit * abs(descriptor.bbox[3] - descriptor.bbox[1]) or 1.0
            self.fonts[id(given)] = DrawnFont(given, known, is_bold, unit, height)
        return self.fonts[id(given)]

    # Words

    def _show(self, items: Sequence[Any]) -> None:
        """Draws strings with the shifts between them; a wide shift is a space, a very wide one parts two runs."""
        state = self.state
        font = state.font
        if font is None:
            self.lost += sum(len(item) for item in items if isinstance(item, bytes | str))
            return
        space = min(0.3, max(0.12, 0.5 * font.known.space_width * font.unit))
        text, start, end = "", 0.0, 0.0
        for item in items:
            if isinstance(item, int | float):
                shift = -float(item) / 1000
                end += shift * state.size * state.stretch
                if shift > 0.8 and text.strip():
                    self._keep(text, start, end - shift * state.size * state.stretch)
                    text = ""
                elif shift > space and text and not text.endswith(" "):
                    text += " "
                if not text:
                    start = end
            elif isinstance(item, bytes | str):
                code = item if isinstance(item, bytes) else item.encode("latin-1", "replace")
                shown, width, characters, spaces = font.read(bytes(code))
                text += shown
                end += state.stretch * (
                    width * state.size + characters * state.character_space + spaces * state.word_space
                )
        if text.strip():
            self._keep(text, start, end)
        self.text_matrix = _product((1, 0, 0, 1, end, 0), self.text_matrix)

    def _keep(self, text: str, start: float, end: float) -> None:
        state = self.state
        assert state.font is not None
        a, b, c, d, x, y = _product(_product((1, 0, 0, 1, start, state.rise), self.text_matrix), state.matrix)
        length = (end - start) * hypot(a, b)
        size = abs(state.size) * hypot(c, d) * state.font.height
        if self._is_hidden(size, x, y, a, length):
            self.hidden += len(text.strip())
            return
        long, short = max(abs(a), abs(b)), min(abs(a), abs(b))
        turn = None if short > 0.2 * long else (0 if a > 0 else 2) if abs(a) >= abs(b) else (1 if b > 0 else 3)
        left, baseline = {None: (x, y), 0: (x, y), 1: (y, -x), 2: (-x, -y), 3: (-y, x)}[turn]
        run = Run(text, left, left + length, baseline, size, state.font.is_bold, any(self.marks))
        self.drawn.append(_Drawn(run, turn, x, y, state.mode in (3, 7)))

    def _is_hidden(self, size: float, x: float, y: float, across: float, length: float) -> bool:
        """Too small, see-through, outside of the page, or white on nothing but paper."""
        if size < _TINY_POINTS or self.state.is_clear:
            return True
        if self.seen_box is not None:
            left, bottom, right, top = self.seen_box
            far = x + (length if across > 0 else 0)
            if far < left or x > right + size or y > top + size or y < bottom - size:
                return True
        is_filled = self.state.mode in (0, 2, 4, 6)
        return is_filled and self.state.is_white and not _inside(x, y, self.shapes)

    # Colours, areas and pictures: enough of them to tell what cannot be seen

    def _colour(self, given: list[Any]) -> None:
        values = [float(value) for value in given if isinstance(value, int | float)]
        if self.state.is_ink:
            is_white = bool(values) and max(values) <= 1 - _NEAR_WHITE
        elif len(values) == 4:
            is_white = max(values) <= 1 - _NEAR_WHITE  # cyan, magenta, yellow, black: no ink
        else:
            is_white = bool(values) and len(values) == len(given) and min(values) >= _NEAR_WHITE
        self.state.is_white = is_white

    def _graphics_state(self, resources: Mapping[str, Any], name: str) -> None:
        given = _resolved(_resolved(resources.get("/ExtGState")).get(name))
        if "/ca" in given:
            self.state.is_clear = float(given["/ca"]) < 0.05

    def _rectangle(self, given: list[Any]) -> None:
        x, y, width, height = (float(value) for value in given[:4])
        for corner in ((x, y), (x + width, y + height), (x + width, y), (x, y + height)):
            self._add(*corner)

    def _add(self, x: float, y: float) -> None:
        a, b, c, d, e, f = self.state.matrix
        if len(self.path) < _MAX_POINTS:
            self.path.append((a * x + c * y + e, b * x + d * y + f))

    def _picture(self) -> None:
        self.has_pictures = True
        a, b, c, d, e, f = self.state.matrix
        box = _box([(e, f), (a + e, b + f), (c + e, d + f), (a + c + e, b + d + f)])
        if len(self.pictures) < _MAX_SHAPES:
            self.pictures.append(box)
            self.shapes.append(box)

    def _shape(self, points: list[tuple[float, float]]) -> None:
        if len(self.shapes) < _MAX_SHAPES:
            self.shapes.append(_box(points))

    def _cover(self, white: tuple[float, float, float, float]) -> None:
        """Forgets the areas that are painted over whole."""
        left, bottom, right, top = white
        self.shapes = [
            each
            for each in self.shapes
            if not (left <= each[0] and bottom <= each[1] and each[2] <= right and each[3] <= top)
        ]

    def _do(self, resources: Mapping[str, Any], name: str, within: frozenset[int]) -> None:
        """Draws a picture, or a form: a piece of page that may be drawn many times."""
        given = _resolved(_resolved(resources.get("/XObject")).get(name))
        if given.get("/Subtype") == "/Image":
            self._picture()
        if given.get("/Subtype") != "/Form" or id(given) in within or len(within) >= _MAX_FORM_DEPTH:
            return
        before, marks, outside = copy(self.state), len(self.marks), self.saved_outside
        self.saved_outside = len(self.saved)
        if "/Matrix" in given:
            self.state.matrix = _product(_matrix(given["/Matrix"]), self.state.matrix)
        self.operators += _FORM_OPERATORS
        if id(given) not in self.forms:
            self.forms[id(given)] = self._operations(given)
        self._draw(self.forms[id(given)], _resolved(given.get("/Resources")) or resources, within | {id(given)})
        self.state = before
        del self.saved[self.saved_outside :], self.marks[marks:]
        self.saved_outside = outside


def _resolved(value: Any) -> Any:
    """The object behind a reference; an empty mapping for none."""
    found = value.get_object() if value is not None else None
    return {} if found is None else found


def _is_ink(resources: Mapping[str, Any], name: str) -> bool:
    """True for a space of colours that are made of inks of their own."""
    space = _resolved(_resolved(resources.get("/ColorSpace")).get(name))
    return isinstance(space, list) and len(space) > 0 and space[0] in ("/Separation", "/DeviceN")


def _matrix(given: Sequence[Any]) -> _Matrix:
    a, b, c, d, e, f = (float(value) for value in given[:6])
    return a, b, c, d, e, f


def _product(one: _Matrix, other: _Matrix) -> _Matrix:
    a, b, c, d, e, f = one
    A, B, C, D, E, F = other  # noqa: N806
    return (
        a * A + b * C,
        a * B + b * D,
        c * A + d * C,
        c * B + d * D,
        e * A + f * C + E,
        e * B + f * D + F,
    )


def _box(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    return min(x for x, _ in points), min(y for _, y in points), max(x for x, _ in points), max(y for _, y in points)


def _inside(x: float, y: float, boxes: Sequence[tuple[float, float, float, float]]) -> bool:
    return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in boxes)
