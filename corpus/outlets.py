"""The names of outlets: told by their form, compared with each other and with hosts.

What is known is how papers are named, "The Vale Gazette", and nothing of any that there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

# By their last word: names that only papers have, and names that much else has too.
_PAPERS = frozenset(
    "gazette herald tribune courier chronicle observer register examiner inquirer enquirer telegraph bugle advertiser"
    " argus dispatch sentinel guardian intelligencer messenger mercury leader".split()
)
_OTHER_PAPERS = frozenset(
    "times post news journal mail wire press agency review weekly star sun mirror globe express record world today"
    " report monitor standard bulletin newswire magazine independent daily network".split()
)
_LAMPS = frozenset(  # names that papers have, and things and people too
    "beacon lantern lamp torch ledger clarion trumpet echo packet pioneer citizen patriot republican democrat reporter"
    " recorder spectator watchman sentry journal".split()
)
_OTHER_OWNERS = frozenset(  # of copyrights; a name that ends in none of these may be a person's
    "ledger letter newsletter quarterly monthly annual syndicate media broadcasting radio television tv group company"
    " corporation foundation institute centre center university council society association publications publishing"
    " online trust union ministry commission office".split()
)
_OWNERS = _PAPERS | _OTHER_PAPERS | _OTHER_OWNERS
_OPENINGS = frozenset("the daily evening morning sunday weekly".split())
_EVERY_DAY = frozenset("daily evening weekly".split())
_GENERIC = (
    _OPENINGS
    | _PAPERS
    | _OTHER_PAPERS
    | frozenset(
        "last latest breaking top local national international regional foreign more other first best hard good bad old"
        " new our your this that week month year day night in-depth business sports political politics media editor's"
        " stories story headlines opinion analysis comment commentary feature features video live updates".split()
    )
)
_FROM = re.compile(r"^(?:from|of|for|via)\s+", re.IGNORECASE)
_OUTLET_WORD = re.compile(r"^(?:[A-Z][\w.'’&-]*|&|of|and|for)$")
_OUTLET_WORDS = range(2, 7)
_CAPITALISED = r"[A-Z][\w'’&-]*(?:\.\w[\w'’&-]*)*"
# The pattern of a name, for use in others: words with capitals, and small ones between them.
NAME = rf"{_CAPITALISED}(?:\s(?:of\s|the\s|for\s|&\s)?{_CAPITALISED}){{0,5}}"


def outlet_alone(line: str) -> str | None:
    """The outlet that a line consists of, bar a "From" before it."""
    name = _FROM.sub("", line.strip())
    return name if is_named_like_an_outlet(name) else None


def is_named_like_an_outlet(value: str) -> bool:
    """True for "Vale Gazette", "The Orm Times", "Orm Daily News"; not for "Hard Times" or "Latest News"."""
    words = value.split()
    if len(words) not in _OUTLET_WORDS or not all(map(_OUTLET_WORD.match, words)) or _FROM.match(value):
        return False
    lower = [word.lower() for word in words]
    if all(word in _GENERIC for word in lower) or not words[-2][0].isupper():
        return False
    if lower[-1] in _PAPERS:
        return len(words) > 2 or lower[0] not in _GENERIC
    if lower[-1] in _LAMPS and any(word in _EVERY_DAY for word in lower[:-1]):
        return True
    return lower[-1] in _OTHER_PAPERS and len(words) > 2 and any(word in _OPENINGS for word in lower[:-1])


def is_in_form_a_name(value: str) -> bool:
    """Words with capitals, few enough for a name: all that a name has for certain."""
    words = value.split()
    return len(words) in _OUTLET_WORDS and words[-1][0].isupper() and all(map(_OUTLET_WORD.match, words))


def is_named_like_nothing_but_a_paper(value: str) -> bool:
    """True for "Orm Lantern" too, which may be a thing: enough where something else tells that it is a paper."""
    words = value.lower().split()
    return is_in_form_a_name(value) and words[-1] in _PAPERS | _LAMPS and words[-2] not in _GENERIC - _EVERY_DAY


def ends_like_an_outlet(value: str) -> bool:
    """Enough where only an outlet or a role or a place can stand."""
    words = value.split()
    return (
        len(words) in _OUTLET_WORDS
        and all(map(_OUTLET_WORD.match, words))
        and words[-1].lower() in _PAPERS | _OTHER_PAPERS
    )


def is_label_of_news(line: str) -> bool:
    """True for "World News" and "Latest news", which are over every text."""
    words = line.lower().split()
    return words[-1:] == ["news"] and _GENERIC.issuperset(words)


def could_own_rights(name: str) -> bool:
    """True for the name of an outlet or another organization; one that may be a person's is not enough."""
    words = name.lower().split()
    return len(words) == 1 or (len(words) > 1 and (words[0] == "the" or words[-1] in _OWNERS))


def is_same_outlet(name: str, other: str) -> bool:
    """True where two names, or a name and a host, are of one outlet: "The Vale Gazette" and "valegazette.example"."""
    if not letters(name) or not letters(other):
        return False
    if letters(name) == letters(other):
        return True
    labels = {letters(label).removeprefix("the") for label in other.split(".")[:-1]} if " " not in other else set()
    initials = "".join(word[0] for word in name.lower().split() if word[0].isalpha())
    return letters(name) in labels or (len(initials) > 2 and initials in labels)


def title_and_outlet(title: str, known: Iterable[str]) -> tuple[str, str | None]:
    """A headline without "| Outlet" or "- Outlet" after or "Outlet |" before it, and that outlet.

    It is taken for one only where ``known``, hosts or names read elsewhere, has it too.
    """
    known = [*known]
    for sign in (" | ", " - ", " – ", " — "):
        before, found, after = title.rpartition(sign)
        if found and any(is_same_outlet(after, each) for each in known):
            return before.strip(), after.strip()
    before, found, after = title.partition(" | ")
    if found and any(is_same_outlet(before, each) for each in known):
        return after.strip(), before.strip()
    return title, None


def outlet_of_address(url: str) -> str | None:
    """The host of a url, without "www": who published it, as far as an address can say."""
    parts = parts_of_address(url)
    host = parts.hostname if parts else None
    return host.removeprefix("www.") if host else None


def letters(name: str) -> str:
    """What names are compared by: no signs, no "The"."""
    return re.sub(r"[\W_]", "", name.lower().removeprefix("the ").removeprefix("www."))


def parts_of_address(url: str) -> SplitResult | None:
    """The parts of a url; None for what is none."""
    try:
        return urlsplit(url)
    except ValueError:  # "http://[", which is no address
        return None
