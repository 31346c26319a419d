"""HTML as a browser would read it, for tests of what we render: its text, and its elements with their attributes."""

from __future__ import annotations

from html.parser import HTMLParser

_EMPTY = {"input", "br", "img", "hr", "meta", "link", "path"}


class Parsed(HTMLParser):
    """``text`` is what a reader sees; ``elements`` are (tag, attributes, text inside) in the order they begin."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements: list[tuple[str, dict[str, str], str]] = []
        self._open: list[int] = []
        self.feed(markup)
        self.close()
        assert not self._open, f"left open: {[self.elements[at][0] for at in self._open]}"

    def all(self, tag: str, name: str = "") -> list[dict[str, str]]:
        """The attributes of each element of that tag, and of that class where one is given."""
        return [given for each, given, _ in self.elements if each == tag and self._has(given, name)]

    def texts(self, name: str) -> list[str]:
        """What is inside of each element of a class."""
        return [inside for _, given, inside in self.elements if self._has(given, name)]

    @staticmethod
    def _has(given: dict[str, str], name: str) -> bool:
        return not name or name in given.get("class", "").split()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}, ""))
        if tag not in _EMPTY:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}, ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> ends nothing"
        at = self._open.pop()
        assert self.elements[at][0] == tag, f"</{tag}> ends <{self.elements[at][0]}>"

    def handle_data(self, data: str) -> None:
        self.text += data
        for at in self._open:
            tag, given, inside = self.elements[at]
            self.elements[at] = (tag, given, inside + data)


def parsed(markup: str) -> Parsed:
    return Parsed(markup)
