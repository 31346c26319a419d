"""The frame of the page: what stands where before anything is asked. The rooms fill it, ui.js moves between them."""

from __future__ import annotations

from rag.window.icons import icon

VIEWS = (("chat", "Ask"), ("archive", "Archive"), ("settings", "Settings"))
TABS = (("sources", "Sources"), ("retrieved", "Also found"), ("timeline", "Timeline"))
INVITATION = "Ask a question: each claim in the answer carries a number that opens the exact sentence it rests on."
NOTHING_YET = {
    "sources": "The sentences that an answer rests on appear here.",
    "retrieved": "What else was found for a question appears here, with the reasons.",
    "timeline": "The documents of an answer appear here in the order of their dates.",
}


def frame() -> str:
    """The whole page, empty."""
    return f'<div id="cd-app">{_top()}{_rail()}{_main()}{_side()}</div>{_dialogs()}'


def _top() -> str:
    views = "".join(
        f'<button type="button" data-view="{name}"{" aria-current=page" if name == "chat" else ""}>{label}</button>'
        for name, label in VIEWS
    )
    return (
        '<header id="cd-top"><button type="button" id="cd-rail-button" class="cd-quiet" aria-expanded="false" '
        f'aria-controls="cd-history" aria-label="Earlier conversations">{icon("menu")}</button>'
        '<div id="cd-title"><h1>CiteDesk</h1><p></p></div>'
        f'<nav id="cd-views" aria-label="Parts of the window">{views}</nav>'
        f'<button type="button" id="cd-fresh" class="cd-button">{icon("add")}<span>New conversation</span></button>'
        "</header>"
    )


def _rail() -> str:
    return '<nav id="cd-history" aria-label="Earlier conversations"></nav><div id="cd-shade" hidden></div>'


def _main() -> str:
    return (
        '<main id="cd-main">'
        '<section id="cd-view-chat" aria-label="Conversation"><div id="cd-thread" tabindex="-1">'
        f'<div id="cd-start"><p id="cd-greeting">{INVITATION}</p><div id="cd-starters"></div></div>'
        '<div id="cd-exchanges"></div></div>'
        '<div id="cd-foot"><div id="cd-notice" role="status"></div>'
        '<p id="cd-spoken" class="cd-aside" role="status" aria-live="polite"></p>'
        f'<ul id="cd-limits" aria-label="Only these documents are asked" hidden></ul>{_composer()}</div></section>'
        '<section id="cd-view-archive" aria-label="Archive" hidden></section>'
        '<section id="cd-view-settings" aria-label="Settings" hidden></section></main>'
    )


def _composer() -> str:
    return (
        '<form id="cd-composer"><p id="cd-editing" hidden>Asking again in place of an earlier question '
        '<button type="button" class="cd-quiet" id="cd-not-editing">Keep it as it was</button></p>'
        '<textarea id="cd-box" rows="1" aria-label="Your question" placeholder="Ask the archive a question" '
        'dir="auto" autocomplete="off" enterkeyhint="send"></textarea><div id="cd-actions">'
        f'<button type="button" id="cd-add" class="cd-quiet" data-view="archive">{icon("add")}Add documents</button>'
        '<button type="button" id="cd-keys-button" class="cd-quiet" title="Keyboard: press ?">Keys</button>'
        f'<button type="button" id="cd-stop" class="cd-button" hidden>{icon("stop")}Stop</button>'
        f'<button type="submit" id="cd-send" class="cd-button cd-primary">{icon("send")}Ask</button>'
        "</div></form>"
    )


def _side() -> str:
    tabs = "".join(
        f'<button type="button" role="tab" id="cd-tab-button-{name}" data-tab="{name}" aria-controls="cd-tab-{name}" '
        f'aria-selected="{str(name == "sources").lower()}"{"" if name == "sources" else " tabindex=-1"}>'
        f"{label}</button>"
        for name, label in TABS
    )
    panels = "".join(
        f'<div class="cd-tab" role="tabpanel" id="cd-tab-{name}" aria-labelledby="cd-tab-button-{name}" '
        f'data-empty="{NOTHING_YET[name]}"{"" if name == "sources" else " hidden"}></div>'
        for name, _ in TABS
    )
    return (
        '<aside id="cd-side" aria-label="What the answer rests on">'
        f'<div id="cd-tabs"><div role="tablist" aria-label="What the answer rests on">{tabs}</div></div>'
        f"{panels}</aside>"
    )


def _dialogs() -> str:
    return (
        '<div id="cd-peek" role="tooltip" hidden></div>'
        '<dialog id="cd-keys" aria-labelledby="cd-keys-title"><h2 id="cd-keys-title">Keyboard</h2><dl></dl>'
        '<form method="dialog"><button class="cd-button">Close</button></form></dialog>'
    )
