"""Names, titles and roles as English writes them: capitals, "Mr", "the harbour master", "Director of Port Affairs".

Knows spelling and closed lists, no person: a capital may make a person, a place or a company, and which it is, is told
by whoever asks, from where it stands. ``*_HERE`` match from a position on, ``*_LAST`` what ends with the text.
"""

from __future__ import annotations

import re

from corpus.document import Span

_UPPER = "A-Z" + "".join(chr(code) for code in range(0xC0, 0x250) if chr(code).isupper())
GAP = r"(?:[ \xa0]|\r?\n)"
CAPITAL = rf"(?:(?:[{_UPPER}]\.)+|(?:St|Mt)\.|[{_UPPER}]\w*(?:[’'](?!s\b)\w+|-\w+)*)"
_TITLE = (
    r"(?:(?:Mr|Mrs|Ms|Mx|Dr|Prof|Sec|Sen|Rep|Gov|Gen|Capt|Col|Maj|Lt|Sgt|Adm|Cllr|Rev|Revd|Fr|Hon)\b\.?|(?:Miss|Sir|Dame|Lord|Lady"
    r"|Professor|Mayor|Mayoress|President|Minister|Premier|Chancellor|Senator|Representative|Congressman|Congresswoman"
    r"|Governor|General|Captain|Colonel|Major|Lieutenant|Sergeant|Admiral|Commander|Commissioner|Inspector|Constable"
    r"|Superintendent|Sheriff|Judge|Justice|Councillor|Alderman|Speaker|Ambassador|King|Queen|Prince|Princess|Duke"
    r"|Duchess|Baron|Baroness|Count|Countess|Pope|Cardinal|Archbishop|Bishop|Reverend|Father|Sister|Brother|Mother"
    r"|Rabbi|Imam|Sheikh|Uncle|Aunt)\b)"
)
_QUALIFIER = (
    r"(?:Former|Acting|Interim|Prime|Foreign|Deputy|Vice|Interior|Finance|Environment|Defen[cs]e|Health|Education|Justice|Transport|Energy"
    r"|Trade|Culture|Labou?r|Agriculture|Home|Attorney|Lord|Chief|Lieutenant|Major|Brigadier|Rear|Detective|Police)"
)
_PARTICLE = r"(?:d[aeiou]|de[lnr]|dos|l[ae]|v[ao]n|te[nr]|b[ei]n|ibn|al|el|y)"
RUN = re.compile(  # a name with all that is capitalised before it
    rf"(?<!\w)(?:{_TITLE}{GAP})?{CAPITAL}(?:{GAP}(?:{_TITLE}|(?:{_PARTICLE}{GAP}){{0,3}}{CAPITAL})(?!\w)){{0,7}}"
)
_TITLES_IN = re.compile(rf"(?<!\w)(?:{_QUALIFIER}{GAP})*{_TITLE}(?:{GAP}{_TITLE})*(?!\w)")

NO_NAME = frozenset(
    """A An The He She It They We I You This That These Those There Here Who Whom What Which Why How When Where While
    Whether Nobody Everybody Everyone Someone Somebody Anyone None One Two Three Others Another Some Many Most More
    Several Few Both All Each Every Either Neither No Not Yes Only Even Just But And Or Nor So Then Thus Yet Still Also
    If As After Before Since Because Although Though Unless Until Once However Meanwhile Later Earlier Now Today
    Tonight Yesterday Tomorrow In On At By For From To With Without Of Off Over Under Between During Despite Against
    According About Like His Her Its Their Our My Your Asked Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    January February March April May June July August September October November December Christmas Easter Sources
    Officials Critics Witnesses Residents Neighbours Neighbors Supporters Opponents Experts Analysts Observers
    Scientists Researchers Doctors Teachers Parents Protesters Campaigners Activists Lawyers Police Prosecutors People
    Reporters Journalists Historians Economists Authorities Friends Customers Men Women Children
    Additionally Finally Similarly Moreover Furthermore Nevertheless Nonetheless Therefore Instead Indeed Perhaps Maybe
    Recently Eventually Nearby Elsewhere Otherwise Besides First Second Third Next Last Clearly Apparently""".split()
)
_DOCUMENT = re.compile(
    r"\b(?:Report|Act|Bill|Law|Constitution|Treaty|Agreement|Charter|Code|Convention|Declaration|Statement|Memo|Letter"
    r"|Manifesto|Book|Bible|Article|Section|Chapter|Clause|Protocol|Resolution|Order|Review|Survey|Guidelines?)$"
)
_DOCUMENT_PART = re.compile(r"(?:Article|Section|Chapter|Clause|Part|Rule|Paragraph|Schedule|Resolution|Psalm)\b")
_ROLE = (
    r"(?:(?:co-|ex-|vice-)?(?:\w*(?:man|woman|person|master|keeper|maker|worker|leader|owner|holder"
    r"|driver|ologist|writer|dresser|grower)|mayor|mayoress|minister|president|premier|chancellor|senator|councillor|governor"
    r"|ambassador|commissioner|secretary|director|manager|chief|head|boss|chair|editor|reporter|journalist|correspondent"
    r"|columnist|author|novelist|poet|playwright|artist|painter|musician|composer|singer|actor|actress|captain|general"
    r"|colonel|major|lieutenant|sergeant|admiral|commander|officer|official|inspector|constable|detective|pilot|sailor"
    r"|soldier|veteran|crew member|mate|cook|engineer|architect|surveyor|scientist|researcher|professor|lecturer"
    r"|teacher|pupil|student|doctor|nurse|surgeon|toxicologist|coroner|lawyer|attorney|solicitor|barrister|prosecutor|defendant"
    r"|judge|magistrate|juror|witness|victim|suspect|resident|neighbou?r|tenant|landlord|farmer|fisherman|baker|butcher"
    r"|miner|shopkeeper|trader|banker|broker|economist|analyst|expert|advis[eo]r|consultant|counsel|treasurer|accountant"
    r"|auditor|clerk|deckhand|curator|librarian|historian|archivist|priest|vicar|bishop|rabbi|imam|monk|nun|king|queen"
    r"|prince|princess|coach|trainer|player|striker|goalkeeper|referee|umpire|candidate|incumbent|lawmaker|legislator"
    r"|diplomat|negotiator|envoy|mediator|activist|campaigner|organi[sz]er|volunteer|founder|chief executive|executive"
    r"|member|delegate|deputy|assistant|aide|successor|predecessor|rival|opponent|colleague|partner|friend|brother"
    r"|sister|mother|father|wife|husband|son|daughter|widow|uncle|aunt|cousin|grandmother|grandfather|buyer|seller"
    r"|customer|passenger|host|guest|speaker|interpreter|translator|guide|guard|warden|ranger|gardener|caretaker"
    r"|carpenter|mechanic|electrician|plumber|mason|smith|jeweller))"
)
_BODY = (
    r"(?:ministry|government|council|company|firm|association|union|federation|committee|commission|board|court|bank"
    r"|party|police|fire service|office|department|agency|authority|institute|university|church|club|society"
    r"|foundation)"
)
_ROLE_END = re.compile(rf"\b(?i:{_ROLE}|{_TITLE})$")
_LEADING_ROLES = re.compile(rf"(?:.*{GAP})?(?i:{_ROLE})(?={GAP})", re.DOTALL)
_OF = rf"(?:{GAP}(?:of|for|at|from){GAP}(?:the{GAP})?)"
CHAIN = re.compile(rf"(?i:\b(?:{_ROLE}|{_TITLE})){_OF}$")  # "Secretary of" before "State Ada Orm"
_PLAIN = (  # a word of a description
    r"(?:(?!(?:on|in|at|who|which|that|after|before|last|this|when|while|as|and|but|with|to|by|of|for|from|said|says|told"
    r"|the|an?|his|her|its|their)\b)[a-z][\w-]*)"
)
_OFFICE_AHEAD = re.compile(_OF)
_POSSESSOR = rf"(?:[Tt]he{GAP})?(?:{CAPITAL}{GAP}){{0,2}}{CAPITAL}[’']s?"
_WORDS = rf"(?:(?:{_PLAIN}|{CAPITAL})(?:[’']s?)?{GAP}){{0,4}}?"
_ROLE_PHRASE = (
    rf"(?:(?:[Tt]he|[Aa]n?|[Oo]ne|[Aa]nother)\b|{_POSSESSOR}){GAP}{_WORDS}(?:{_ROLE}|{_BODY})(?:{GAP}(?:{_ROLE}))*\b"
    rf"(?:{_OF}(?:{RUN.pattern}|{_PLAIN}(?:{GAP}{_PLAIN}){{0,2}}))?"
)
_DESCRIPTION = (  # what may stand before a name that is the speaker's: "the harbour master ", "his rival, "
    rf"(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir|[Oo]ur|[Mm]y|[Ff]ormer|[Rr]etired)\b{GAP}|{_POSSESSOR}{GAP})?"
    rf"{_WORDS}(?i:{_ROLE}(?:{GAP}(?:{_ROLE}))*)\b(?:{_OF}{CAPITAL}(?:{GAP}{CAPITAL}){{0,2}}(?=,))?(?P<comma>,?){GAP}"
)
ROLE_HERE, ROLE_LAST = re.compile(_ROLE_PHRASE), re.compile(rf"(?<!\w)(?:{_ROLE_PHRASE})\Z")
DESCRIPTION_HERE, DESCRIPTION_LAST = re.compile(_DESCRIPTION), re.compile(rf"(?<!\w)(?:{_DESCRIPTION})\Z")
OFFICE_LAST = re.compile(  # "former Director of Port " before "Affairs Ada Orm"
    rf"(?<!\w)(?:(?:[Ff]ormer|[Aa]cting|[Tt]hen){GAP})?(?:{CAPITAL}{GAP}){{0,5}}(?i:{_ROLE}|{_TITLE}){_OF}"
    rf"(?:{CAPITAL}{GAP}){{1,4}}\Z"
)
OF_MEN = re.compile(r"(?:Mr|Sir|Lord|King|Prince|Duke|Baron|Father|Brother|Uncle)\b")
OF_WOMEN = re.compile(r"(?:Mrs|Ms|Miss|Dame|Lady|Queen|Princess|Duchess|Baroness|Mother|Sister|Aunt|Mayoress)\b")


def name_in(text: str, run: Span) -> Span | None:
    """The name in a stretch of capitals, with a title directly before it and without the role or office."""
    start = run.start
    words = [(run.start + word.start(), word.group()) for word in re.finditer(r"\S+", text[run.start : run.end])]
    while words and words[0][1] in NO_NAME:
        words.pop(0)
    if not words or _DOCUMENT.search(text, run.start, run.end) or _DOCUMENT_PART.match(text, run.start, run.end):
        return None
    start = words[0][0]
    chain = CHAIN.search(text[max(0, start - 60) : start])
    if chain:
        return Span(words[-2][0], run.end) if len(words) > 2 else None
    titles = list(_TITLES_IN.finditer(text, start, run.end))
    if titles:
        return Span(titles[-1].start(), run.end) if titles[-1].end() < run.end else None
    roles = _LEADING_ROLES.match(text, start, run.end)
    if roles and sum(word_start >= roles.end() for word_start, _ in words) >= 2:
        start = next(word_start for word_start, _ in words if word_start >= roles.end())
    return Span(start, run.end)


def untitled(name: str) -> str:
    """``name`` without the title before it; a surname alone keeps it: "Mr Orm"."""
    titles = _TITLES_IN.match(name)
    bare = name[titles.end() :].lstrip() if titles else name
    return bare if len(bare.split()) > 1 else name


def is_titled(text: str, name: Span) -> bool:
    return _TITLES_IN.match(text, name.start, name.end) is not None


def is_office(text: str, run: Span) -> bool:
    """True where a stretch of capitals is an office and goes on: "Secretary" in "Secretary of State Ada Orm"."""
    return _OFFICE_AHEAD.match(text, run.end) is not None and _ROLE_END.search(text, run.start, run.end) is not None
