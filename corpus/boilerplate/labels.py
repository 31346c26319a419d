"""Lines that are no sentence but something to press: buttons, menu entries, the headings of boxes of links.

Knows the words that pages and mailers of every make put on their buttons, and one line at a time. Does not know
what stands beside it: "Business" is a label in a menu and may be a heading in a text (see boxes.py).
"""

from __future__ import annotations

import re
from functools import lru_cache

SHORT_CHARACTERS = 120
NETWORK = (
    r"(?:facebook|twitter|x|whatsapp|linkedin|reddit|telegram|sms|instagram|pinterest|youtube|bluesky|mastodon"
    r"|threads|tiktok)"
)
_LABEL_WORDS = 4
_LABEL_CHARACTERS = 36


def any_of(*forms: str) -> re.Pattern[str]:
    """A pattern that takes each of the forms, in capitals or not."""
    return re.compile("|".join(forms), re.IGNORECASE)


def any_word_of(*forms: str) -> re.Pattern[str]:
    """The same, where a word begins."""
    return any_of(rf"\b(?:{'|'.join(forms)})")


def _phrases(*lines: str) -> frozenset[str]:
    return frozenset(phrase.strip() for line in lines for phrase in line.split(","))


_BUTTONS = _phrases(  # furniture wherever they are a line, or a cell of one
    "share, share this, tweet, print, email, e-mail, save, send, copy link, like this, bookmark, pin, like",
    "quote, comment, comments, reply, report, view comments, no comments yet, reader interactions, cite",
    "feedback, members, more, read more, read also, read next, see also, related, related topics, more stories",
    "more stories for you, next, previous, older post, newer post, older posts, newer posts, next page",
    "previous page, next article, previous article, load more, show more, show less, view all, see all, expand",
    "collapse, close, dismiss, loading, subscribe, donate, donate once, donate monthly, sign up, signup",
    "sign in, log in, login, log out, register, follow, follow us, unsubscribe, my account, no thanks, not now",
    "submit, become a sponsor, upgrade to paid, enter your email, enter your email address, type your email",
    "advertisement, ad, sponsored, promoted, skip advertisement, menu, search, navigation menu",
    "toggle navigation, sidebar, primary sidebar, forum home, rss, rss feed, mobile view, show notes, accept",
    "accept all, accept cookies, accept all cookies, reject, reject all, decline, decline all, privacy choices",
    "listen, live, play, pause, unmute, all episodes, file photo, file picture, file image, handout, edit",
    "photo, image, recommended for you, you may also like, you might also like, you may like, most read",
    "most popular, trending now, keep reading, what to read next, editor's picks, editors' picks",
    "about the author, about the authors, last updated, add to basket, add to cart, basket, cart, checkout",
    "reply with quote, leave a rating, download pdf, ends",
    "anzeige, werbung, teilen, drucken, kommentieren, kommentare, merken, vorlesen, anmelden, abonnieren, mehr lesen",
    "weiterlesen, alle akzeptieren, impressum, datenschutz, zur startseite, publicité, partager, imprimer, commenter",
    "commentaires, se connecter, s'inscrire, s'abonner, lire la suite, tout accepter, mentions légales",
)
_ENTRIES = _phrases(  # furniture in company
    "home, about, about us, contact, contact us, archive, archives, now, blog, shop, store, jobs, careers, help",
    "faq, news, uk, us, world, local, national, international, politics, business, economy, money, markets",
    "finance, opinion, comment, editorial, sport, sports, football, culture, arts, books, film, music, tv",
    "entertainment, lifestyle, style, life, food, travel, health, science, tech, technology, environment",
    "climate, education, weather, obituaries, obits, video, videos, podcasts, podcast, photos, galleries",
    "events, puzzles, crosswords, games, newsletters, magazine, features, e-paper, e-edition, classifieds",
    "notices, latest, trending, community, explainers, in pictures, guides, deals, reviews, rules, forum",
    "apple podcasts, google podcasts, spotify, about this site, privacy, privacy policy, privacy notice, terms",
    "terms of use, terms of service, terms and conditions, cookies, cookie policy, accessibility, sitemap",
    "site map, disclaimer, disclaimers, imprint, legal, licence, advertise, advertise with us, work with us",
    "complaints, corrections, press, press room, media, your name, first name, last name, your email",
    "email address, your email address, your message, yes, no, twitter, facebook, instagram, linkedin, whatsapp",
    "youtube, tiktok, telegram, reddit, bluesky, mastodon, threads",
)
_PRESS = (  # what a button tells one to do
    r"(?:share|print|save|send|copy|gift|republish|reuse|pin|rate|report|cite|tweet|like|bookmark|download|view|see"
    r"|show|hide|toggle|load|read|watch|listen|play|search|browse|explore|get|buy|place|post|add|leave|write|submit"
    r"|follow|sign up|log in|sign in|subscribe|register|join|open|close|expand|skip|jump|scroll|go|return|back|manage"
    r"|change|update|set|choose|enable|allow|turn on|edit|reply|e-?mail|contact|try|start|create|find|help us improve)"
)
_PRESSED = (  # and what with, word by word
    r"(?:this|our|the|all|more|your|my|an?|to|for|in|on|by|via|with|of|and|as|about|now|here|later|today|below|free"
    r"|full|next|new|main|top|home|captions?|images?|gallery|galleries|pages?|site|website|articles?|story|stories"
    r"|posts?|content|comments?|replies|reply|e-?mails?|newsletters?|links?|fullscreen|screen|accounts?|apps?|videos?"
    r"|audio|photos?|slideshow|ads?|options|settings|preferences|updates|alerts|notifications|friends?|pdf|profile"
    r"|feed|archives?|conversation|topics?|tags?|favou?rites|bookmarks?|list|transcript|podcasts?|episodes?|recipe"
    r"|menu|navigation|advertisement|citation|results|edition|quotes?|ratings?|votes?|details|basket|cart|questions?"
    r"|threads?|feedback|homepage|password|trial|discussion|reading|version|window|tab|issues?|offers?|events?|jobs?"
    r"|reviews?)"
)
_NETWORK = re.compile(NETWORK)
_WORDED = any_of(
    rf"{_PRESS}(?:[ /-]{_PRESSED}){{1,6}}",
    rf"share(?: this)? (?:on|via|to|with) (?:{NETWORK}|e-?mail|friends|a friend)\b.{{0,30}}",
    r"(?:share|print|save|e-?mail|gift|republish|pin|rate|report|cite|tweet|like|download) this (?:\w+ ){0,2}\w+",
    r"(?:manage|update|change|set) (?:your |my )?(?:[\w-]+ ){0,2}"
    r"(?:preferences|settings|subscriptions?|cookies|options)",
    r"(?:show|view|load|see|read) (?:all |more |full |\d+ ){1,3}(?:(?:our|the|of) )?\w+(?: \w+)?",
    r"(?:cookie|privacy|consent) (?:settings|preferences|policy|notice)",
    r"(?:add|leave|post|write) (?:a |your )?(?:new )?(?:comment|reply|review)",
    r"(?:get|download) the(?: [\w'’-]+){1,3} app",
    r"download \(.*\)",
    r"\[(?:edit|edit source|hide|show)\]",
    # with a number, a time or a name
    r"\d+[ -]?min(?:ute)?s?\.?(?: read| listen| watch)?",
    r"(?:estimated )?reading time\b.{1,14}",
    r"(?:last )?updated \d+ \w+ ago|\d+ (?:second|minute|min|hour)s? ago",
    r"(?:over )?[\d,.]+[km]? (?:comments?|replies|likes|shares|responses|views|reads|subscribers|followers)",
    r"(?:posts|likes|thanks|views|replies|shares)\s*[:(]?\s*[\d,.]+\)?",
    r"cited by \d+|page \d+(?: of \d+)?|\d+ \w+ articles? (?:left|remaining)",
    r"(?:sponsored|promoted) (?:content|by [^.,]+)|(?:advertisement|ad) [-–—] .{1,40}",
    r"(?:previous|next|older|newer): .+",
    r"follow live(?: \w+)?|discover more from .{2,40}",
    r"related (?:articles|stories|posts|news|content|topics|coverage|reading|links|items)",
    r"discussion about this \w+|comments: (?:our|the) \w+",
    # about the page itself
    r"(?:story|article|continue)s? (?:continues?|reading|resumes)(?: below| after)?(?: this| the)?"
    r"(?: advertisements?| ad| main story)?|scroll to continue",
    r"(?:was|is|did you find) this (?:\w+ )?(?:helpful|useful|interesting)\?(?: yes)?(?:[ /|]+no)?",
    r"is there anything wrong with this \w+\?|report a problem(?: \w+){0,4}|report an error",
)
_BOX_OF_LINKS = any_of(
    r"(?:related|recommended|suggested|similar)"
    r"(?: (?:\w+ )?(?:articles|stories|posts|news|content|coverage|reading|links|items|threads|you))?",
    r"most[ -](?:read|viewed|popular|shared|commented|watched)(?: .{0,20})?",
    r"(?:trending|popular|latest|recent|the latest)(?: (?:now|news|stories|topics|posts|articles|headlines|recipes))?",
    r"editor['’]?s['’]? (?:picks?|choice)|top stories|recent comments",
    r"more (?:\w+ )?(?:stories|news|headlines|coverage|reading|articles|recipes|posts|videos)(?: for you)?",
    r"(?:(?:read|see|explore|discover|find) )?more (?:from|in|on|about|by|like) .{2,40}",
    r"you (?:may|might|['’]?ll)(?: also)? (?:like|enjoy|love|be interested in)|customers also .{3,40}",
    r"read (?:more|next|also)|see also|also (?:read|on this site)|in (?:this section|other news|case you missed it)",
    r"(?:keep|further) reading|what to read next|don['’]t miss|around the web|(?:from|by) our (?:partners|sponsors)",
    r"lesen sie auch|mehr zum thema|das könnte sie auch interessieren|meistgelesen|à lire aussi|lire aussi|les plus lus"
    r"|sur le même sujet",
    r"today['’]?s best deals|sponsored(?: (?:content|links|stories))?|promoted(?: content)?|advertisement|elsewhere",
)
_BOX_OF_LABELS = any_of(
    r"tags?|(?:related )?topics?|categor(?:y|ies)|filed under|keywords|follow us(?: on)?|share(?: this \w+)?",
    r"(?:explore |find )?more on (?:this|these) topics?",
    r"(?:was|is|did you find) this (?:\w+ )?(?:helpful|useful|interesting)\?",
)
_CONTENTS = any_of(
    r"(?:table of )?contents|(?:on|in) this (?:page|article|story|guide|post|issue)|jump to(?: section)?"
)
_ORNAMENT_BEFORE = re.compile(r"(?:[#*_>+•·▪●◦►▶→←»«|↑↓\s-]|\d{1,2}[.)](?=\s))+")
_ORNAMENTS_BEHIND = "*_•·►▶→←»«|↑↓:…" + "".join(filter(str.isspace, map(chr, range(0x3001))))
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\[\]]*(?:\([^()\[\]]*\)[^()\[\]]*)*\)")
_COUNT = re.compile(r"\s*\(?\d+\)?$")
_BORDERS = re.compile(r"\s*[|·∙•»→/>]\s*|\s+[-–—]\s+|\s{2,}")
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’)\]*_]*$")
_STATEMENT_END = re.compile(r"[.…:;][\"'”’)\]*_]*$")
_LIST_MARK = re.compile(r"^\s*(?:[-*+•▪●◦►▶→»]|\d{1,2}[.)])\s")


@lru_cache(maxsize=1024)  # every line is asked for from several sides
def bare(line: str) -> str:
    """The line without Markdown's links, emphasis and list marks, arrows, and a colon or dots at its end."""
    plain = _LINK.sub(r"\1", line) if "](" in line else line
    if before := _ORNAMENT_BEFORE.match(plain):
        plain = plain[before.end() :]
    plain = plain.rstrip(_ORNAMENTS_BEHIND)
    while plain.endswith("..."):
        plain = plain[:-3].rstrip(_ORNAMENTS_BEHIND)
    return plain


def is_button(line: str) -> bool:
    """True for a line of nothing but labels that no heading of a text has: "Share | Print", "Add new comment"."""
    if len(line) > SHORT_CHARACTERS:
        return False
    plain = bare(line)
    if _WORDED.fullmatch(plain):
        return True
    cells = [_key(cell) for cell in _BORDERS.split(plain)]
    if all(cell in _BUTTONS or (cell != plain.lower() and _WORDED.fullmatch(cell)) for cell in cells):
        return True
    if len(cells) > 1:
        known = sum(_is_pressed(cell) or cell in _ENTRIES for cell in cells)
        return (known > 1 and 2 * known >= len(cells)) or cells[0] == "home"
    return all(word in _BUTTONS or _NETWORK.fullmatch(word) for word in cells[0].split())


def is_label(line: str) -> bool:
    """True for a button, and for what is one in company: "Sport", "Privacy policy", "Your name"."""
    return len(line) <= SHORT_CHARACTERS and (_key(bare(line)) in _ENTRIES or is_button(line))


def could_be_label(line: str) -> bool:
    """True for a few words that are no sentence."""
    if len(line) > SHORT_CHARACTERS or ends_sentence(line):
        return False
    plain = bare(line)
    return len(plain) <= _LABEL_CHARACTERS and len(plain.split()) <= _LABEL_WORDS


def could_be_headline(line: str) -> bool:
    """True for a line that may stand in a list of links: no statement with its full stop, nothing long."""
    return len(line) <= SHORT_CHARACTERS and _STATEMENT_END.search(line) is None


def ends_sentence(line: str) -> bool:
    """True for a line with a full stop, or what else ends a sentence, at its end."""
    return _SENTENCE_END.search(line) is not None


def is_listed(line: str) -> bool:
    """True if the line has the mark or number of a list before it."""
    return _LIST_MARK.match(line) is not None


def opens_links(line: str) -> bool:
    """True for the heading of a box of headlines: "Most read", "You may also like", "More from the valley"."""
    return len(line) <= SHORT_CHARACTERS and not line.endswith(".") and _BOX_OF_LINKS.fullmatch(bare(line)) is not None


def opens_labels(line: str) -> bool:
    """True for the heading of a list of labels: "Topics", "Filed under", "Was this page helpful?"."""
    return len(line) <= SHORT_CHARACTERS and _BOX_OF_LABELS.fullmatch(bare(line)) is not None


def opens_contents(line: str) -> bool:
    """True for the heading of a list of the text's own headings."""
    return len(line) <= SHORT_CHARACTERS and _CONTENTS.fullmatch(bare(line)) is not None


def _is_pressed(cell: str) -> bool:
    return cell in _BUTTONS or _WORDED.fullmatch(cell) is not None


def _key(plain: str) -> str:
    if plain.endswith(")") or plain[-1:].isdecimal():
        plain = _COUNT.sub("", plain)
    return plain.strip(" ,").lower()
