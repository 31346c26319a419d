"""The window's styles and scripts, put together from the files beside this one; ui.css and ui.js come first.

A room's trio NOUN.py, NOUN.css, NOUN.js needs no wiring: what lies here is part of the page.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]


def style() -> str:
    """All styles, in the order of their names."""
    return "\n".join(path.read_text("utf-8") for path in (_ROOT / "ui.css", *sorted(_HERE.glob("*.css"))))


def script() -> str:
    """All scripts. Those of the rooms run once the frame stands, each in a function of its own.

    A room that breaks must not take the others with it: ``citedesk.ready`` says so on the console and goes on.
    """
    rooms = (f"citedesk.ready(() => {{\n{path.read_text('utf-8')}\n}});" for path in sorted(_HERE.glob("*.js")))
    return "\n".join([(_ROOT / "ui.js").read_text("utf-8"), *rooms])
