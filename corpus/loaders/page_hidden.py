"""Take out of a page what its readers do not see, and might be told to a machine.

Knows parsed elements by their tags and attributes and the styles written on a page, and no parser; changes the tree
that it is given. Styles in other files, and what scripts show or hide later, are not known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

_CSS_COMMENT = re.compile(r"/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)")
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\r\n\f]?|([^\r\n\f]))")
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(px|pt|em|rem|%|vw|vh)?")
_SIMPLE = re.compile(r"[a-z][a-z0-9]*?[.#](?P<tagged>[\w-]+)|[.#](?P<name>[\w-]+)", re.IGNORECASE)
_NAMES = re.compile(r"[.#]([\w-]+)")
_CLIPPED = re.compile(r"(?:rect\(\s*|inset\(\s*)(?:0|1px|50%|100%)[\s,)]")
_SEE_THROUGH = re.compile(r"transparent|(?:rgba|hsla)\([^()]*[,/]\s*(?:0|0?\.0\d*|0%)\s*\)")
_WHITE = re.compile(r"white|#f[ef]f[ef]f[ef]|#fff|rgba?\(\s*255\s*,\s*255\s*,\s*255\s*(?:,\s*1(?:\.0)?\s*)?\)")
_TINY_PIXELS = {"px": 2.0, "pt": 2.0, "em": 0.1, "rem": 0.1, "%": 10.0}
_FAR_PIXELS = -500.0
_FAINT = 0.05
_UNSEEN = ("template", "noscript", "noframes", "datalist", "annotation", "annotation-xml")
_NO_TEXT = frozenset("script style head title".split())


def take_out_hidden(tree: Any) -> int:
    """Removes it from the parsed page; the number of characters of text that were in it.

    What is hidden only by its looks stays where it would be most of the page: a script fades it in.
    """
    hidden, faded, small = _found(tree)
    whole = _characters(tree)
    gone = sum(map(_characters, hidden))
    by_looks = sum(map(_characters, faded)) + sum(len(text.strip()) for _, _, text in small)
    for element in hidden:
        take_out(element)
    if 2 * by_looks > whole - gone:
        return gone
    for element in faded:
        take_out(element)
    for element, place, _ in small:
        setattr(element, place, " ")
    return gone + by_looks


def hidden_note(characters: int) -> tuple[str, ...]:
    """What to say of that many; nothing of none."""
    if not characters:
        return ()
    return (f"{characters:,} hidden character{'' if characters == 1 else 's'} left out",)


def is_hidden(element: Any) -> bool:
    """True for an element that its own markup calls hidden."""
    tag = _name(element)
    style = _declared(element.get("style") or "")
    return (
        tag in _UNSEEN
        or (tag == "dialog" and element.get("open") is None)
        or "hidden" in element.attrib
        or (element.get("aria-hidden") or "").strip().lower() == "true"
        or style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
    )


def _found(tree: Any) -> tuple[list[Any], list[Any], list[tuple[Any, str, str]]]:
    """The outermost elements that are hidden, those that cannot be seen, and texts too small, by element and place."""
    by_name = _names_hidden(tree)
    is_bare = not any(_name(each) in ("style", "link") for each in tree.iter())
    hidden: list[Any] = []
    faded: list[Any] = []
    small: list[tuple[Any, str, str]] = []
    open_: list[tuple[Any, bool, str | None]] = [(tree, False, None if is_bare else "")]
    while open_:
        element, is_small, ground = open_.pop()
        if isinstance(element.tag, str):
            style = _declared(element.get("style") or "")
            if element is not tree and is_hidden(element):
                hidden.append(element)
                continue
            ground = _ground(element, style, ground)
            named = {element.get("id"), *(element.get("class") or "").split()}
            if element is not tree and (named & by_name or _cannot_be_seen(style, ground)):
                faded.append(element)
                continue
            is_small = _is_small(style, is_small)
            if is_small and _name(element) not in _NO_TEXT:
                small += [(element, "text", element.text)] if (element.text or "").strip() else []
                small += [(child, "tail", child.tail) for child in element if (child.tail or "").strip()]
        open_ += [(child, is_small, ground) for child in reversed(element)]
    return hidden, faded, small


def _ground(element: Any, style: Mapping[str, str], around: str | None) -> str | None:
    """The colour on which an element's text stands: None for the paper, empty where it is not known."""
    own = style.get("background-color") or style.get("background") or (element.get("bgcolor") or "").lower()
    if own:
        return own
    if element.get("background") or "background-image" in style:
        return ""
    # Whatever a class says of the ground is in a style sheet, and there is none that we have not seen.
    return around


def _cannot_be_seen(style: Mapping[str, str], ground: str | None) -> bool:
    if not style:
        return False
    is_drawn = any("background-clip" in name for name in style)  # letters cut out of a picture
    colour = style.get("color", "")
    is_clear = _SEE_THROUGH.fullmatch(colour) is not None
    is_white = _WHITE.fullmatch(colour) is not None and (ground is None or _WHITE.fullmatch(ground) is not None)
    is_placed = style.get("position") in ("absolute", "fixed")
    is_cut = style.get("overflow", "").startswith(("hidden", "clip"))
    return (
        _number(style, "opacity", 1.0) <= _FAINT
        or ((is_clear or is_white) and not is_drawn)
        or (is_placed and any(_number(style, side, 0.0) <= _FAR_PIXELS for side in ("left", "top", "right", "bottom")))
        or _number(style, "text-indent", 0.0) <= _FAR_PIXELS
        or (is_placed and _CLIPPED.match(style.get("clip", "")) is not None)
        or _CLIPPED.match(style.get("clip-path", "")) is not None
        or (is_cut and any(_number(style, side, 9.0) == 0 for side in ("height", "max-height", "width", "max-width")))
        or re.match(r"scale\(\s*0\s*\)", style.get("transform", "")) is not None
    )


def _is_small(style: Mapping[str, str], around: bool) -> bool:
    """A size of its own ends what is around it; one that is a share of that does not."""
    match = _NUMBER.match(style.get("font-size", ""))
    if match is None:
        return around if "font-size" not in style else False
    unit = match[2] or "px"
    is_tiny = float(match[1]) <= _TINY_PIXELS.get(unit, 0.0)
    return is_tiny or (around and unit in ("em", "%"))


def _number(style: Mapping[str, str], name: str, otherwise: float) -> float:
    match = _NUMBER.match(style.get(name, ""))
    if match is None:
        return otherwise
    return float(match[1]) / 100 if match[2] == "%" and name == "opacity" else float(match[1])


@lru_cache(maxsize=2_000)
def _declared(style: str) -> Mapping[str, str]:
    """The declarations of a style in small letters, the last of a name, or the last that calls itself important."""
    if not style:
        return {}
    plain = _CSS_ESCAPE.sub(_spelled_out, _CSS_COMMENT.sub("", style)).lower()
    found: dict[str, str] = {}
    important = set()
    for declaration in plain.split(";"):
        name, colon, value = declaration.partition(":")
        value, mark, _ = value.partition("!")
        name = name.strip()
        if colon and (mark or name not in important):
            found[name] = " ".join(value.split())
            if mark:
                important.add(name)
    return found


def _spelled_out(escape: re.Match[str]) -> str:
    if escape[2]:
        return escape[2]
    code = int(escape[1], 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _names_hidden(tree: Any) -> set[str]:
    """Classes and ids that the page's own styles hide, on every screen and in every state."""
    hidden: set[str] = set()
    shown: defaultdict[str, bool] = defaultdict(bool)
    for sheet in tree.iter():
        if _name(sheet) != "style" or (sheet.get("media") or "all").strip().lower() not in ("all", "screen"):
            continue
        for selectors, declarations in _rules(_CSS_COMMENT.sub("", sheet.text or "")):
            style = _declared(declarations)
            hides = (
                style.get("display") == "none"
                or style.get("visibility") in ("hidden", "collapse")
                or _cannot_be_seen({name: value for name, value in style.items() if name != "color"}, "")
                or _is_small(style, False)
            )
            for selector in selectors.split(","):
                match = _SIMPLE.fullmatch(selector.strip())
                if match and hides:
                    hidden.add(match["name"] or match["tagged"])
                elif not hides and {"display", "visibility", "opacity", "height", "max-height", "font-size"} & set(
                    style
                ):
                    shown.update(dict.fromkeys(_NAMES.findall(selector), True))
    return {name for name in hidden if not shown[name]}


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations outside of blocks such as ``@media``."""
    depth, start, selector = 0, 0, ""
    for match in re.finditer(r"[{}]", sheet):
        if match.group() == "{":
            if depth == 0:
                selector = sheet[start : match.start()].strip().rpartition(";")[2].strip()
                start = match.end()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                if not selector.startswith("@"):
                    yield selector, sheet[start : match.start()]
                start = match.end()


def _characters(element: Any) -> int:
    """Of the text in it that is none of scripts and styles."""
    total = 0
    for each in element.iter():
        if isinstance(each.tag, str) and _name(each) not in _NO_TEXT:
            total += len((each.text or "").strip())
        if each is not element:
            total += len((each.tail or "").strip())
    return total


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def take_out(element: Any) -> None:
    """Removes an element, unless it is the page, and leaves what stands behind it."""
    parent = element.getparent()
    if parent is None:
        return
    before, tail = element.getprevious(), element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    element.tail = None
    parent.remove(element)
