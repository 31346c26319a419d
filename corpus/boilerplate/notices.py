"""Lines that those who publish a text address to those who read it: appeals, pointers, accounts, consent, comments.

Knows one line at a time. Goes by form: an imperative, "we" and "you", or "this article", together with what hardly
anybody but a publisher speaks about. What somebody is quoted as saying is news; a doubtful line, and a telephone
number of anybody but the newsroom, is text.
"""

from __future__ import annotations

import re

from corpus.boilerplate.imprint import REPORTED, WORK
from corpus.boilerplate.labels import NETWORK, SHORT_CHARACTERS, any_of, any_word_of, bare

_NOTICE_CHARACTERS = 700

_OUTLET = (
    r"(?:newsletters?|letters?|podcasts?|channel|feed|magazine|newspaper|edition|mailing list|blog|journal|bulletin"
    r"|briefing|e-?mails?|alerts)"
)
_PRESS = any_word_of(  # what is hardly spoken of to a reader but by those who publish
    r"(?:newsletters?|unsubscribe|subscribers?|subscriber-only|paywall|ad-free|free articles?|affiliate links?"
    r"|cookie policy|(?:reader|listener|viewer)-supported|supported by (?:our )?(?:readers|listeners|viewers)"
    r"|podcast app|your podcasts|(?:in|via) the comments?|comments? (?:section|box|below)|journalism|newsroom"
    r"|will not be published|mailing address|republish)\b",
    rf"our (?:{_OUTLET}|app|content|partners|sponsors|comments|coverage|reporting|stories|articles|reporters?"
    r"|journalists?|editors?)\b",
)
_THIS_WORK = any_of(
    r"\b(?:this|the full) (?:article|story|newsletter|interview|podcast|episode|recipe|post|column|essay|piece|series"
    r"|e-?mail)\b"
)
_TRADE = any_of(
    r"\b(?:reporting|journalis[mt]s?|newsroom|readers?|paywall|advertis\w+|independent|newspapers?|magazine|stories"
    r"|articles?|ad-free|no owner|podcast|newsletter)\b"
)
_GIVING = any_of(
    r"\b(?:donat(?:e|ions?|ing)|contribut(?:e|ions?|ing)|subscri(?:be|bing|ption)|chip in|rely on"
    r"|(?:a|become|our) (?:member|supporter)s?|membership|(?:make|send) (?:a|your) (?:gift|pledge)"
    r"|support(?:ing)? (?:us|our|independent|local))\b"
)
_WE = any_of(r"\b(?:we|us|our|ours)\b")
_YOU = any_of(r"\b(?:your?|yours|please)\b")
_YOU_OR_THIS_FIRST = any_of(
    r"^(?:you|your)\b",
    rf"^(?:this|the full) (?:is (?:an? |our )?)?(?:[\w-]+ )?{WORK}\b(?! of\b)",
)
_DO = (  # what readers are told to do
    r"(?:please )?(?:subscribe|sign ?(?:up|in)|log ?in|register|click|donate|support|follow|join|help|get|download|read"
    r"|see|visit|try|watch|listen|contact|e-?mail|write to|reach|message|share|tweet|print|save|like|tag|rate|leave"
    r"|view|start|become|forward|reply|let us|tell us|send us|report|book|buy|shop|make (?:a|your)|enter|consider"
    r"|check out|explore|unsubscribe|give|enable|have your say)\b"
)
_DO_AFTER = rf"(?:if|to|before|for|with|want|unlike)\b[^.?!]*[,:?] ?(?:you can |then )?{_DO}"
_OPENS_TELLING = any_of(_DO, _DO_AFTER)
_TELLS = any_of(rf"[.!?](?:\s+{_DO}|(?<=\?)\s+if you\b[^.?]*, {_DO}|(?<!\?)\s+{_DO_AFTER})")
_OPENS_TO_READERS = any_of(
    # an account
    r"^already (?:a|an|have|registered|subscribed)\b[^?]{0,40}\?",
    r"^you(?:['’]ve| have)? [^.]{0,30}\b(?:free|complimentary|gift) (?:articles?|stories|reads)\b",
    r"^(?:to|want to) (?:continue|keep|read|finish)\b[^.]{0,50}[,?] ?(?:please )?(?:subscribe|register|sign|log|start"
    r"|become)\b|^start your (?:free )?trial\b",
    r"^(?:please )?(?:subscribe|register|log ?in|sign ?in|sign ?up)(?: now| for free)? to (?:read|continue|keep reading"
    r"|access|unlock|comment|post|reply|join)\b",
    r"^you must (?:be logged|log|sign) ?in\b|^(?:log|sign) ?in or (?:register|sign up|subscribe)\b",
    r"^(?:this|the full) [^.]{0,40}\b(?:for|to|is) (?:our )?(?:paying )?(?:subscribers?|members)(?:[ -]only)?\W*$",
    # consent
    r"^we (?:value|respect|care about) your privacy\b",
    # a mailing
    r"^(?:view|read|open) (?:this|it|the)?\s*(?:e-?mail|newsletter|message|issue)?\s*(?:online"
    r"|in (?:(?:your|a) )?(?:web )?browser)\b|^(?:want to )?change how you (?:receive|get) (?:this|these) e-?mails?\b",
    r"^was this (?:\w+ )?(?:forwarded|sent)\b|^if (?:someone|somebody|a friend) (?:sent|forwarded)\b",
    r"^(?:enjoyed|liked|enjoying) (?:this|what)\b[^.]{0,60}\?|^new episodes (?:every|each|on)\b",
    r"^thank(?:s| you) (?:for (?:reading|listening|watching|subscribing)|to our sponsors)\b",
    r"^if you\b[^.]*\b(?:in|by|about|enjoyed|liked) (?:this|our) "
    r"(?:article|story|piece|post|essay|episode|interview|work)\b",
)
_TO_READERS = any_word_of(
    r"cancel (?:at )?any ?time\b",
    # consent
    r"(?:we|(?:this|our) (?:web ?)?site)\b[^.]{0,60}\b(?:uses?|stores?|sets?|places?)\b[^.]{0,60}\bcookies"
    r"(?=\W*$|[.]| to\b| for\b| and\b)",
    r"we and our (?:\d+ )?(?:\w+ )?partners\b",
    r"by (?:clicking|continuing|using|signing up|subscribing|submitting|browsing|closing)\b[^.]*"
    r"\b(?:you|i) (?:agree|consent|accept)\b",
    # a mailing
    r"you(?:['’]re| are| have)? (?:receiv\w+|getting|got) this (?:e-?mail|newsletter|message|letter)\b",
    r"(?:trouble|problems|difficulty) (?:viewing|reading|seeing) this\b",
    r"to (?:stop receiving|unsubscribe)\b|unsubscribe (?:at )?any ?time\b|our mailing address\b",
    # commerce
    r"(?:may|might|will|can) (?:earn|receive|get|be paid) (?:an? )?(?:small |affiliate )*(?:commission|fee)\b",
    r"qualifying purchases\b|affiliate links?\b",
)
_COMMENTS = any_of(
    r"^(?:our )?comment(?:s|ing)? (?:rules|policy|guidelines)\s*:|^(?:be the )?first to comment\b",
    r"^\d+ (?:thoughts|comments|replies|responses) on [“\"‘']?\w|^notify me of\b|^required fields\b",
    r"^(?:add|leave|post) (?:a |your )?(?:new )?(?:comment|reply)\b",
    r"^comments are (?:now )?(?:closed|moderated|off|open)\b",
    r"^(?:this (?:thread|topic) is )?(?:closed|locked|not open) (?:for|to) (?:further |new )?(?:replies|comments)\b",
)
_INVITATION = any_of(  # forms that no statement begins with: "Share prices fell." has none of them
    r"^(?:subscribe|sign ?up)(?:[!.]*$|\s*[:|(]| (?:now|today|here)\b| (?:for|to) (?:our|us)\b)",
    rf"^(?:subscribe|sign ?up) (?:for|to) (?:(?:[\w’'-]+ ){{0,4}}{_OUTLET}\b|(?:the )?(?-i:[A-Z]))",
    r"^click (?:here|below|on (?:the|this) (?:link|button|image)|to (?:share|print|e-?mail|read|watch|listen|subscribe"
    r"|view|enlarge))\b",
    r"^donate (?:now|today|here)\b|^donate\b.*\b(?:we|us|our)\b|^become a (?:member|subscriber|supporter|patron)\b",
    r"^support (?!for\b)(?:(?:our|this|the|your|independent)\b|(?-i:[A-Z])).*(?:\b(?:we|us|our)\b|!$)",
    r"^support our (?:work|reporting|journalism)\b",
    r"^(?:support|follow|join|help) us(?:[.!]*$| (?:on|by|for) (?!the\b))",
    r"^(?:get|download|join|read|see|visit|try) our\b[^.]*[.!]?$",
    r"^(?:get|download) the (?:[\w-]+ ){0,2}(?:app|newsletter|podcast)\b|^get\b.*\b(?:newsletter|inbox)\b",
    rf"^(?:follow|find|join|tag|like)\b.*\bon (?:\w+, )*{NETWORK}(?:\W*$|[,:]| and\b| or\b)",
    r"^(?:follow|read|find|see)\b.*\b(?:coverage|stories|articles|more)\b.* at https?://",
    rf"^(?:share|tweet|print|e-?mail|save|gift|rate) this {WORK}\b|^join the (?:conversation|discussion)\b",
    r"^(?:forward|send) (?:this|it) to (?:a|your) (?:friends?|colleagues?)\b|^get involved (?:with|in)\b",
    r"^stay (?:tuned|with (?-i:[A-Z])\w+ )|^no spam\b",
)
_POINTER = any_of(  # to another text: "Related: …", "Read more about …", "Watch the full …"
    r"^(?:related(?: \w+)?|read (?:more|also|next)|see also|also read|more (?:from|on) [^.:]{2,40}|watch|listen"
    r"|sign ?up|subscribe|advertisement|sponsored|share this|follow us|in pictures|more|more information|recommended"
    r"|explore further|journal reference|(?:story )?source|(?:press|media) (?:enquiries|inquiries|contacts?|office))"
    r"\s*[:|–—]",
    r"^(?:read more|see also) (?:about|on|at|from|here)\b",
    r"^more (?:from|by) (?-i:[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*){0,3})$",
    r"^(?:watch|listen to|hear|see|read) the (?:full |whole |complete |latest )?"
    r"(?:broadcast|episode|podcast|video|interview|news|bulletin|programme|program|article|trailer|clip)\b",
    r"^(?:watch|listen to|hear|see|read) the (?:full|whole|complete) (?:film|show|story|post)\b",
    rf"^(?:watch|listen) (?:to |in )?(?:this|your|on) (?:{WORK}|favou?rite\b|podcast app|(?-i:[A-Z]))",
    r"^this (?:\w+ )is also available (?:in|on|as|at)\b",
)
_ADDRESS = r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}"
_TELEPHONE = r"\+?\d[\d ()-]{5,20}\d"
_SIGN_OF_REACH = re.compile(r"[@\d]")  # hardly any line has one, and without one no line says where to write
_REACH = any_of(_ADDRESS, rf"(?<!\w){_TELEPHONE}\b", r"\B@\w{3}")
_REACH_ONLY = any_of(
    r"(?:(?:[tmfew]|tel|telephone|phone|mobile|fax|e-?mail|press|media|web)\b[.:]*\s*)?"
    rf"(?:{_ADDRESS}|{_TELEPHONE}|www\.\S+)"
)
_WRITE = r"(?:contact|e-?mail|reach|write to|message|call|text|follow|get in touch(?: with)?|send)\b"
_WRITE_TO_NEWSROOM = any_of(
    rf"(?:^|[.?!:;] )(?:please |you can )?{_WRITE}[^.]{{0,40}}?\b(?:author|writer|reporters?|editors?|newsroom|newsdesk"
    r"|her|him|them|(?:stor(?:y|ies)|news|letters?|tips?|opinion|scoop|photos|pictures)\b.*@)",
    rf"\?\s(?:please )?(?:share|tell|{_WRITE})",
    rf"\b(?:story|tips?|article|opinion|scoop|letter|correction)\b[^.]*\b{_WRITE}",
)
_CONTACT_HEADING = any_of(
    r"^(?:media|press) (?:contacts?|enquiries|inquiries|information|office)\s*:?$",
    r"^contacts? for (?:the )?(?:media|press)$",
    r"^for (?:[\w-]+ ){0,3}(?:information|enquiries|inquiries|details|interviews)\b[^.]*\bcontact\s*:?$",
)
_DATA = any_of(r"\b(?:cookies|privacy|consent|personal data)\b")


def is_notice(line: str) -> bool:
    """True if the line speaks to readers about the publication, wherever it stands."""
    if len(line) > _NOTICE_CHARACTERS:
        return False
    plain = bare(line)
    is_short = len(plain) <= SHORT_CHARACTERS
    if _COMMENTS.match(plain) or (is_short and _POINTER.match(plain)):
        return True
    invites = is_short and _INVITATION.match(plain.removeprefix("Please ")) is not None
    is_theirs = invites or _speaks_to_readers(plain) or _says_where_to_write(plain)
    return is_theirs and REPORTED.search(plain) is None


def speaks_of_consent(line: str) -> bool:
    """True for a line of a banner about cookies and privacy."""
    return len(line) <= _NOTICE_CHARACTERS and _DATA.search(line) is not None and is_notice(line)


def addresses_readers(line: str) -> bool:
    """True where a line that reports nobody's words has a "you" or a "please": furniture if its neighbours are."""
    return len(line) <= _NOTICE_CHARACTERS and _YOU.search(line) is not None and REPORTED.search(line) is None


def opens_contact(line: str) -> bool:
    """True for the heading of a block of names and addresses: "Media contact:"."""
    return len(line) <= SHORT_CHARACTERS and _CONTACT_HEADING.match(bare(line)) is not None


def is_reach(line: str) -> bool:
    """True for a line of nothing but an address or telephone numbers."""
    return len(line) <= SHORT_CHARACTERS and all(_REACH_ONLY.fullmatch(part.strip()) for part in line.split("|"))


def _speaks_to_readers(plain: str) -> bool:
    """An account, a banner, a mailing, an appeal for money, or an imperative about what only a publisher has."""
    if _OPENS_TO_READERS.match(plain) or _TO_READERS.search(plain):
        return True
    tells = (_OPENS_TELLING.match(plain) or _TELLS.search(plain)) is not None
    if (tells or _YOU_OR_THIS_FIRST.match(plain)) and _PRESS.search(plain):
        return True
    if tells and _THIS_WORK.search(plain):
        return True
    is_between_us = _YOU.search(plain) is not None and _WE.search(plain) is not None
    return is_between_us and _GIVING.search(plain) is not None and _TRADE.search(plain) is not None


def _says_where_to_write(plain: str) -> bool:
    """How to reach those who wrote the text."""
    has_reach = _SIGN_OF_REACH.search(plain) is not None and _REACH.search(plain) is not None
    return has_reach and _WRITE_TO_NEWSROOM.search(plain) is not None
