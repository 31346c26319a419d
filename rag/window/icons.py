"""Small drawings for buttons and states, each another shape, in the colour of the text beside them."""

from __future__ import annotations

_PATHS = {
    "answered": "M8 1.5l5.5 2v4c0 3.4-2.3 5.9-5.5 7-3.2-1.1-5.5-3.6-5.5-7v-4zM5.5 8l1.8 1.8L10.8 6",  # a shield
    "unverified": "M8 2l6.5 11.5h-13zM8 6.5v3M8 11.4v.3",  # a triangle
    "abstained": "M2.5 8a5.5 5.5 0 1 0 11 0 5.5 5.5 0 1 0-11 0M5.5 8h5",  # a ring with a stroke
    "near": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 1 0 0-9M10.5 10.5L14 14",  # a lens
    "correction": "M2 5.5h11M10 2.5l3 3-3 3M14 10.5H3M6 7.5l-3 3 3 3",  # there and back
    "incomplete": "M4 1.5h8M4 14.5h8M5 1.5c0 4 6 5 6 6.5s-6 2.5-6 6.5M11 1.5c0 4-6 5-6 6.5s6 2.5 6 6.5",  # a glass
    "error": "M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2zM8 4.5v4.2M8 11v.3",  # an octagon
    "built-in": "M2.5 3.5h11v9h-11zM5 6.5h6M5 9.5h4",  # a page
    "working": "M8 2a6 6 0 1 1-6 6",
    "check": "M3 8.5l3.2 3.2L13 5",
    "copy": "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
    "again": "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
    "edit": "M3 13l.7-3L11 2.7l2.3 2.3L6 12.3z",
    "undo": "M5.5 3L2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6",
    "up": "M5 7l3-5.2c1.3 0 1.7 1 1.5 2L9 6.5h3.7c.8 0 1.2.6 1 1.3l-1.2 4.6c-.2.6-.6 1-1.2 1H5M5 7H2.5v6.4H5z",
    "down": "M11 9L8 14.2c-1.3 0-1.7-1-1.5-2L7 9.5H3.3c-.8 0-1.2-.6-1-1.3l1.2-4.6c.2-.6.6-1 1.2-1H11M11 9h2.5V2.6H11z",
    "remove": "M4 4l8 8M12 4l-8 8",
    "differ": "M8 2v12M6 8H2M4 6L2 8l2 2M10 8h4M12 6l2 2-2 2",
    "menu": "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    "send": "M8 13V3M3.8 7.2L8 3l4.2 4.2",
    "stop": "M4.5 4.5h7v7h-7z",
    "add": "M8 3v10M3 8h10",
    "sources": "M3 2.5h7l3 3v8H3zM5.5 8h5M5.5 10.5h5",
    "settings": "M2.5 5h6M11.5 5h2M10 3.5v3M2.5 11h2M7.5 11h6M6 9.5v3",
}


def icon(name: str) -> str:
    """An inline drawing that a screen reader passes over: words stand beside it, or name its button."""
    return (
        f'<svg class="cd-icon cd-icon-{name}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        f'<path d="{_PATHS[name]}"/></svg>'
    )
