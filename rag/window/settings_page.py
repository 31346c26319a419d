"""The settings as HTML: what this window chooses, what the configuration says, and where each value comes from.

No key is ever in it, only whether there is one and which variable holds it. Knows settings and offers of providers.
Knows nothing of requests; what the browser remembers is put in by settings_page.js.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.escaping import escape
from rag.window.choices import BUILT_IN, LONGEST_MODEL, MOST_PASSAGES, Offer

THEMES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
BUILT_IN_WORDS = "Built-in answers"
_ABOUT_BUILT_IN = "They quote the archive’s own sentences, word for word. Nothing leaves this machine."
_ABOUT_MODEL = (
    "It writes in its own words from the passages that were found. Each of its sentences is checked against them."
)
_FILE = "citedesk.toml"

Settings = Mapping[str, tuple[str, str]]  # value and origin by name


def settings_page(settings: Settings, configured: str, offers: Sequence[Offer]) -> str:
    """``configured`` is the model that the configuration names, "none" for the built-in answers."""
    return (
        '<div class="cd-settings"><h2>Settings</h2>'
        '<p class="cd-settings-about">What you choose here holds in this browser, from your next question on.</p>'
        f"{_answering(settings, configured, offers)}{_passages(settings)}{_today()}{_theme()}"
        '<div class="cd-settings-foot"><button type="button" class="cd-button" id="cd-settings-reset">'
        "Back to what the configuration says</button>"
        '<a class="cd-quiet" href="/citedesk/feedback.jsonl" download>Download your feedback on answers</a></div>'
        f"{_in_force(settings)}</div>"
    )


def origin_in_words(origin: str) -> str:
    """Where a value of the configuration comes from."""
    if origin == "default":
        return "by default"
    if origin.startswith("--"):
        return f"from the command line ({origin})"
    if origin.isupper():
        return f"from the environment variable {origin}"
    return f"from {_FILE} in the archive’s folder" if origin.endswith(_FILE) else f"from {origin}"


def _answering(settings: Settings, configured: str, offers: Sequence[Offer]) -> str:
    as_configured = BUILT_IN_WORDS if configured == BUILT_IN else configured
    choices = [("", as_configured, _ABOUT_BUILT_IN if configured == BUILT_IN else _ABOUT_MODEL)]
    if configured != BUILT_IN:
        choices.append((BUILT_IN, BUILT_IN_WORDS, _ABOUT_BUILT_IN))
    choices.append(("model", "Another language model" if configured != BUILT_IN else "A language model", _ABOUT_MODEL))
    radios = "".join(
        f'<label class="cd-radio"><input type="radio" name="cd-answers" value="{value}"'
        f"{' data-built-in' if label == BUILT_IN_WORDS else ''}>"
        f'<span><strong dir="auto">{escape(label)}</strong><small>{escape(about)}</small></span></label>'
        for value, label, about in choices
    )
    kinds = "".join(f'<option value="{escape(each.kind)}">{escape(each.label)}</option>' for each in offers)
    abouts = "".join(_about(each) for each in offers)
    model = (
        '<div id="cd-model-choice" hidden><div class="cd-pair"><label>Provider'
        f'<select class="cd-field" id="cd-provider">{kinds}</select></label>'
        f'<label>Model<input class="cd-field" id="cd-model" maxlength="{LONGEST_MODEL}" autocomplete="off" '
        'spellcheck="false" placeholder="name of the model"></label></div>'
        f"{abouts}</div>"
    )
    test = (
        '<div class="cd-try"><button type="button" class="cd-button" id="cd-try">Test</button>'
        '<p class="cd-line" id="cd-tried" role="status"></p></div>'
    )
    return _setting("llm", "Who answers", f"{radios}{model}{test}", (as_configured, _origin(settings, "llm")))


def _about(offer: Offer) -> str:
    """What there is to know of a provider before it is asked."""
    facts = []
    if offer.address_variable:
        where = (
            f"{offer.address}, set by {offer.address_variable}"
            if offer.address
            else f"its usual address; {offer.address_variable} sets another, before CiteDesk starts"
        )
        facts.append(("Asked at", escape(where)))
    if offer.key_variable:
        key = (
            f"set by {offer.key_variable}, not shown"
            if offer.has_key
            else f"not set; {offer.key_variable} sets it, before CiteDesk starts"
        )
        facts.append(("Key", escape(key)))
    if offer.is_local is not None:
        stays = "stay on this machine" if offer.is_local else "<strong>leave this machine</strong>"
        facts.append(("Your passages", stays))
    lines = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    lacks = f'<p class="cd-line cd-bad">{escape(_sentence(offer.lacks))}</p>' if offer.lacks else ""
    return f'<div class="cd-provider" data-kind="{escape(offer.kind)}" hidden><dl>{lines}</dl>{lacks}</div>'


def _passages(settings: Settings) -> str:
    value, _ = settings.get("k", ("", ""))
    field = (
        f'<input class="cd-field" type="number" id="cd-k" min="1" max="{MOST_PASSAGES}" inputmode="numeric" '
        f'placeholder="{escape(value)}" aria-labelledby="cd-legend-k">'
        "<small>How many passages an answer is made from. More find more, and take longer.</small>"
    )
    return _setting("k", "Passages", field, (value, _origin(settings, "k")))


def _today() -> str:
    field = (
        '<input class="cd-field" type="date" id="cd-now" aria-labelledby="cd-legend-now">'
        "<small>What “today”, “last week” or “this year” in a question are counted from.</small>"
    )
    return _setting("now", "Today", field, ("The date of your question", "from the clock of this machine"))


def _theme() -> str:
    radios = "".join(
        f'<label><input type="radio" name="cd-theme" value="{value}"><span>{label}</span></label>'
        for value, label in THEMES
    )
    return _setting(
        "theme", "Light or dark", f'<div class="cd-segments">{radios}</div>', ("As the system", "by default")
    )


def _setting(name: str, legend: str, body: str, configured: tuple[str, str]) -> str:
    value, origin = configured
    said = f"{escape(value)}, {escape(origin)}" if value else escape(origin)
    return (
        f'<fieldset class="cd-setting" data-of="{name}"><legend id="cd-legend-{name}">{legend}</legend>{body}'
        f'<p class="cd-setting-origin" data-from="configuration">{said}.</p>'
        f'<p class="cd-setting-origin" data-from="window" hidden>Chosen in this window. Without that: {said}.</p>'
        "</fieldset>"
    )


def _origin(settings: Settings, name: str) -> str:
    return origin_in_words(settings.get(name, ("", "default"))[1])


def _in_force(settings: Settings) -> str:
    """The whole configuration, for reading."""
    if not settings:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td dir="auto">{escape(value)}</td>'
        f"<td>{escape(origin_in_words(origin))}</td></tr>"
        for name, (value, origin) in settings.items()
    )
    return (
        '<details class="cd-in-force"><summary>The whole configuration</summary>'
        f"<p>{_FILE}, environment variables and the command line set it; it is read when CiteDesk starts.</p>"
        '<div class="cd-wide"><table><thead><tr><th scope="col">Setting</th><th scope="col">Value</th>'
        f'<th scope="col">From</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
