"""The words of a sentence that are the thing asked: the person, the date, the number with its unit.

Told by form and by where it stands: near the words that the question and the sentence share, and not named in the
question itself. Of two that are as likely none is taken, for a wrong highlight is worse than none. Knows no article and
no archive; it does not know whether the sentence answers, nor who "he" is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.dates import MONTH, WEEKDAYS
from corpus.document import Span
from corpus.mentions import Expression, expressions
from corpus.speech.marks import marked
from corpus.speech.names import CAPITAL, NO_NAME, ROLE_HERE, RUN, is_titled, name_in
from corpus.speech.verbs import NEVER_INVERTED, SAYS, TELLS
from rag.answering.asked import Asked, Thing
from rag.checking.names import WORD
from rag.checking.numbers import Number, numbers

_READ_CHARACTERS = 2_000  # of a sentence
_READ_QUESTION = 1_000
_STEM = 5  # letters that words of one stem share
_MARGIN = 1.15  # how much likelier the likeliest must be
_FAR = 12  # words
_MANY = 30  # of which none is clearly meant

# One character for one, so that offsets stay.
_SAME_LENGTH = str.maketrans(
    dict.fromkeys("‘’‚‛`´", "'") | dict.fromkeys("“”„‟«»", '"') | dict.fromkeys("‐‑‒–—―−", "-") | {"\xa0": " "}
)
_LOWER_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SMALL = frozenset(
    """a an the of in on at to for by from with and or but that which who whom whose what when where why how is are was
    were be been being am do does did done has have had having will would can could shall should may might must not no
    it its he she they them his her their him we us our you your i me my this these those there here as than then so
    if about after before during into over under up out off own exactly many much long name said say says tell told
    any some all each one ones give given get got people person first""".split()
)
_WEEKDAY_OR_MONTH = frozenset([*MONTH.lower().split("|"), *WEEKDAYS])
_TRIM = " \t\r\n,;:.!?\"'“”„«»‘’()[]-–—"


@dataclass(frozen=True)
class _Wanted:
    """What of a question is looked for in each sentence."""

    words: frozenset[str]  # all of its words
    stems: frozenset[str]  # of those that say what it is about
    focus: frozenset[str]
    numbers: frozenset[object]
    years: frozenset[str]


@lru_cache(maxsize=256)
def _of_question(question: str, focus: str) -> _Wanted:
    plain = question.translate(_SAME_LENGTH)
    words = [_bare(word) for word in _LOWER_WORD.findall(plain.lower())]
    return _Wanted(
        frozenset(words),
        frozenset(_stem(word) for word in words if word not in _SMALL),
        frozenset(_stem(word) for word in _LOWER_WORD.findall(focus.translate(_SAME_LENGTH).lower())),
        frozenset(value for number in numbers(plain) for value in number.values),
        frozenset(re.findall(r"\b\d{4}\b", plain)),
    )


def shows(wanted: Asked, question: str, sentence: str) -> bool:
    """True where something of the kind asked stands in ``sentence`` that the question does not name itself.

    Always false for what has no form of its own: a manner told without "by", something "other".
    """
    asked_for = _of_question(question[:_READ_QUESTION], wanted.focus)
    text = sentence[:_READ_CHARACTERS].translate(_SAME_LENGTH)
    if wanted.thing in ("person", "group"):
        return any(_new_names(text, asked_for)) or (wanted.thing == "person" and _ROLE.search(text) is not None)
    if wanted.thing == "place":
        return _PLACED.search(text) is not None or any(_new_names(text, asked_for))
    if wanted.thing == "date":
        return _TIME.search(text) is not None
    if wanted.thing in ("number", "money"):
        return any(word not in asked_for.words for word in map(str.lower, _COUNT.findall(text)))
    if wanted.thing == "title":
        return _ROLE.search(text) is not None or '"' in text
    if wanted.thing == "words":
        return '"' in text or "'" in text
    pattern = _CHEAP.get(wanted.thing)
    return pattern is not None and pattern.search(text) is not None


def highlight(wanted: Asked, question: str, sentence: str, published: str | None) -> Span | None:
    """The span of ``sentence`` that is the thing asked, None where there is none or it is not clear which.

    ``published`` is the date of the article, which says how far a weekday without a date can be read as a month.
    """
    if not shows(wanted, question, sentence):
        return None
    text = sentence[:_READ_CHARACTERS].translate(_SAME_LENGTH)
    asked_for = _of_question(question[:_READ_QUESTION], wanted.focus)
    if wanted.thing == "words":
        found = _quoted(sentence[:_READ_CHARACTERS])
    elif wanted.thing == "person":
        found = _person(question, text, asked_for)
    elif wanted.thing == "group":
        found = _group(text, asked_for)
    elif wanted.thing == "place":
        found = _place(question, text, asked_for)
    elif wanted.thing == "date":
        found = _date(question, wanted, text, asked_for, published)
    elif wanted.thing in ("number", "money"):
        found = _number(question, wanted, text, asked_for)
    elif wanted.thing == "title":
        found = _title(text, sentence, asked_for)
    elif wanted.thing == "reason":
        found = _reason(text, asked_for)
    elif wanted.thing == "manner":
        found = _manner(text)
    else:
        found = None
    return _trimmed(sentence, found) if found else None


def _bare(word: str) -> str:
    return word.removesuffix("'s")


def _stem(word: str) -> str:
    """A rough stem: enough to know "evacuated" by "evacuation" and "crowns" by "crown"."""
    word = _bare(word)
    if len(word) > _STEM:
        return word[:_STEM]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _trimmed(sentence: str, span: Span) -> Span | None:
    start, end = span.start, span.end
    while start < end and sentence[start] in _TRIM:
        start += 1
    while end > start and sentence[end - 1] in _TRIM and not _is_abbreviation(sentence, start, end):
        end -= 1
    return Span(start, end) if start < end else None


def _is_abbreviation(sentence: str, start: int, end: int) -> bool:
    return re.search(r"\b[ap]\.m\.$", sentence[max(start, end - 6) : end]) is not None


def _nearest(text: str, spans: Sequence[tuple[Span, float]], asked_for: _Wanted) -> Span | None:
    """The one that is likeliest by its weight and by how near the question's own words are, if one clearly is."""
    if not spans:
        return None
    if len(spans) == 1:
        return spans[0][0]
    if len(spans) > _MANY:
        return None
    words = [(match.start(), _stem(match.group().lower())) for match in _LOWER_WORD.finditer(text)]
    shared = [at for at, (_, stem) in enumerate(words) if stem in asked_for.stems]
    scored = []
    for span, weight in spans:
        first = sum(start < span.start for start, _ in words)
        last = sum(start < span.end for start, _ in words) - 1
        near = 0.0
        for at in shared:
            if first <= at <= last:
                continue
            gap = first - at if at < first else at - last
            between = text[span.end : words[at][0]] if at > last else text[words[at][0] : span.start]
            gap += 3 * len(_CLAUSE.findall(between))
            near += 1 / gap if gap < _FAR else 0
        scored.append((weight * (0.2 + near), span))
    scored.sort(key=lambda one: -one[0])
    return scored[0][1] if scored[0][0] > _MARGIN * scored[1][0] else None


_CLAUSE = re.compile(r"[,;:]|\b(?:and|but|while|after|before|when|who|which|that|because)\b")

# Persons, groups, places

_ROLE = re.compile(
    r"\b(?:\w*(?:man|woman|keeper|master|driver|leader|worker|owner|writer|ologist)|mayor|minister|president|premier"
    r"|chancellor|senator|governor|ambassador|commissioner|secretary|director|manager|chief|head|boss|chair|editor"
    r"|reporter|journalist|author|captain|general|colonel|major|admiral|officer|official|inspector|detective|pilot"
    r"|engineer"
    r"|architect|scientist|professor|teacher|doctor|nurse|surgeon|coroner|lawyer|prosecutor|judge|witness|resident"
    r"|farmer"
    r"|baker|analyst|expert|advis[eo]r|counsel|treasurer|clerk|curator|librarian|historian|priest|bishop|coach|player"
    r"|candidate|diplomat|negotiator|envoy|mediator|activist|volunteer|founder|executive|member|deputy|aide|guard|guide"
    r"|warden|ranger|carpenter|mechanic|cook|painter|poet|novelist|singer|actor|actress|artist|composer|apprentice"
    r"|spokesperson|student|pupil|plumber|smith|mason|butcher|banker|trader|consultant|accountant)s?\b",
    re.IGNORECASE,
)
_GROUP_WORDS = (
    r"(?:Ministry|Council|Union|Party|Bank|Company|Corporation|Group|Association|Federation|Commission|Committee|Court"
    r"|Police|Office|Department|Agency|Authority|Institute|University|College|School|Hospital|Church|Club|Society"
    r"|Foundation|Inspectorate|Service|Services|Board|Bureau|Parliament|Senate|Assembly|Alliance|Coalition|League"
    r"|Consortium|Trust|Fund|Times|Post|Herald|Gazette|Observer|Courier|Tribune|Chronicle|Journal|Echo|News|Press|Wire"
    r"|Review|Standard|Telegraph|Guardian|Mirror|Star|Examiner|Inc|Ltd|Limited|plc|GmbH|AG|SA|Co|Brothers|Sons"
    r"|Partners|Line"
    r"|Lines|Railways|Airlines|Airways|Holdings|Industries|Works|Energy|Power|Water|Telecom|Motors|Insurance|Mutual"
    r"|Museum"
    r"|Academy|Directorate|Treasury|Cabinet|Government|Army|Navy|Brigade|Team|United|Rovers|Athletic|Treasury"
    r"|Laboratory"
    r"|Laboratories|Brewery|Shipyard|Yard|Republic|Kingdom|States|Secretariat|Registry|Tribunal|Chamber|Guild"
    r"|Cooperative)"
)
_GROUP_WORD = re.compile(rf"\b{_GROUP_WORDS}\b")
_PLACE_WORD = re.compile(
    r"\b(?:Street|Road|Lane|Avenue|Square|Park|Bridge|River|Lake|Bay|Port|Harbour|Harbor|Island|Islands|Hill|Mount"
    r"|Valley"
    r"|House|Hall|Hotel|Inn|Station|Airport|Castle|Palace|Gate|Tower|Cathedral|Farm|Quay|Pier|Dock|Wharf|Point|Pass"
    r"|Forest"
    r"|Strait|Sea|Ocean|Coast|Dam|Weir|Reservoir|County|Province|District|Theatre|Prison|Market|Garden|Gardens|Wood"
    r"|Beach)\b"
)
_OF_GROUP = re.compile(rf" (?:of|for)(?: the)? {CAPITAL}(?:(?: and)? {CAPITAL}){{0,3}}")
_THE = re.compile(r"\b[Tt]he(?: [a-z-]+){0,1} $")
_INSIDE_OF = re.compile(
    r"\b(?:[Ii]n|[Aa]t|[Nn]ear|into|outside|inside|off|around|through|across|towards?|along|via) (?:the )?"
    r"(?:(?:nearby|neighbouring|neighboring|village of|town of|city of|port of|island of) )?$"
)
_OF_A_GROUP = re.compile(rf"\b{_GROUP_WORDS} (?:of|for)(?: the)? $")
_SPEAKS_AFTER = re.compile(rf"[,\"]? ?(?:,[^,\"]{{1,80}}, ?)?(?:{'|'.join(sorted(SAYS))})\b")
_SPEAKS_BEFORE = re.compile(
    rf"(?:\b(?:{'|'.join(sorted(SAYS - TELLS - NEVER_INVERTED))})"
    rf"|\b[Aa]ccording to|\bby)(?: (?:the |her |his )?(?:[a-z-]+ ){{0,4}})? ?$"
)
_SPEAKER = 6.0  # how much likelier one is who speaks, where words are asked about
_HE_SAID = re.compile(rf"\b(?:[Hh]e|[Ss]he|[Tt]hey) (?:{'|'.join(sorted(SAYS))})\b")
_SAID = re.compile(
    r"\b(?:sa(?:y|id|ys)|told|tell|call(?:ed)?|warn(?:ed)?|claim(?:ed)?|complain(?:ed)?|argu|insist|promis|remark"
    r"|describ|mock"
    r"|jok|liken|compar|think|thought|predict|announc|admit|den[iy]|whose)",
    re.IGNORECASE,
)


def _in_quotation(sentence: str) -> list[Span]:
    return marked(sentence, [Span(0, len(sentence))]) if any(mark in sentence for mark in "\"'") else []


def _new_names(text: str, asked_for: _Wanted) -> Iterator[Span]:
    """Runs of capitals that are not of the question, without what only begins the sentence."""
    for run in RUN.finditer(text):
        words = [(run.start() + word.start(), word.group()) for word in WORD.finditer(run.group())]
        while words and (words[0][1] in NO_NAME or words[0][1].lower() in _WEEKDAY_OR_MONTH):
            words.pop(0)
        keys = [_bare(word.lower()) for _, word in words]
        if not words or any(
            key in asked_for.words and _stem(key) not in asked_for.focus for key in keys if _tells(key)
        ):
            continue
        if all(key in _WEEKDAY_OR_MONTH or word in NO_NAME for key, (_, word) in zip(keys, words, strict=True)):
            continue
        if len(words) == 1 and _is_first(text, words[0][0]) and not _is_named(text, words[0]):
            continue
        end = words[-1][0] + len(words[-1][1])
        yield Span(words[0][0], end - (2 if words[-1][1].endswith("'s") else 0))


def _tells(key: str) -> bool:
    return len(key) > 2 and key not in _SMALL


def _is_first(text: str, position: int) -> bool:
    return re.search(r"(?:^|[.!?:] ?|\")[\s\"'(]*$", text[max(0, position - 4) : position]) is not None


def _is_named(text: str, word: tuple[int, str]) -> bool:
    """Whether the one word that begins a sentence is a name: it acts, owns or is short for something."""
    start, written = word
    if written.endswith("'s") or (written[:2].isupper() and len(written) > 1):
        return True
    following = _LOWER_WORD.match(text, start + len(written) + 1)
    is_plural = written.endswith(("s", "men", "people")) and not written.endswith(("ss", "is", "us"))
    if following is None or is_plural or written.endswith(("ly", "ing", "ed")):
        return False
    return following.group() in SAYS or following.group().endswith("ed") or following.group() in _ACTS


_ACTS = frozenset(
    """is was has had will would did does won lost led ran took gave made went came became got told held left kept
    met sold
    bought built found wrote paid began sent put cut set quit drew broke""".split()
)


def _person(question: str, text: str, asked_for: _Wanted) -> Span | None:
    quoted = _in_quotation(text)
    is_speech = _SAID.search(question) is not None
    asks_whose = re.search(r"\bwhose\b", question, re.IGNORECASE) is not None
    found: list[tuple[Span, float]] = []
    for run in _new_names(text, asked_for):
        name = name_in(text, run)
        if name is None or any(span.overlaps(name) for span in quoted):
            continue
        weight = 1.0
        is_whole = is_titled(text, name) or name.end - name.start > len(text[run.start : run.end])
        if _is_of_group(text, run) and not is_whole:
            continue
        before = text[max(0, name.start - 40) : name.start]
        if not is_whole and (_PLACE_WORD.search(text, name.start, name.end) or _INSIDE_OF.search(before)):
            continue
        if _OF_A_GROUP.search(before):
            continue  # "Ports" of "the Ministry of Ports"
        if " " not in text[name.start : name.end] and re.search(r"\b(?:of|from) (?:the )?$", before):
            continue
        if not asks_whose and re.match(r"'s [a-z]", text[name.end : name.end + 4]):
            continue  # "Orm's aunt" is not Orm
        if text[name.end : name.end + 2] == "'s" and is_speech:
            weight = 0.5
        if re.search(r"\b[Tt]he $", before) and not is_whole:
            weight = 0.3
        role = f"{_beside(text, name)} {text[name.start : name.end]}"
        if _ROLE.search(role) and (asked_for.focus or asked_for.stems) & _stems(role):
            weight *= 4
        if is_speech and (_SPEAKS_AFTER.match(text, name.end) or _SPEAKS_BEFORE.search(text[: name.start][-60:])):
            weight *= _SPEAKER
        found.append((name, weight))
    best = max((weight for _, weight in found), default=0.0)
    if is_speech and best < _SPEAKER and _HE_SAID.search(text):
        return None  # whoever "he" is
    if found:
        return _nearest(text, [one for one in found if one[1] * 3 > best], asked_for)
    return _role(text, asked_for, quoted)


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in _LOWER_WORD.findall(text.lower())}


def _role(text: str, asked_for: _Wanted, quoted: Sequence[Span]) -> Span | None:
    """The one role that stands for a person where none is named: "the harbour master"."""
    found = []
    for article in re.finditer(r"\b(?:[Tt]he|[Aa]n?|[Oo]ne|[Hh]is|[Hh]er)\b(?= )", text):
        match = ROLE_HERE.match(text, article.start())
        if (
            match is None
            or not _ROLE.search(match.group())
            or any(span.start <= match.start() < span.end for span in quoted)
        ):
            continue
        stems = _stems(match.group()) - {"the", "a", "an"}
        if not stems & (asked_for.stems - asked_for.focus):
            found.append(Span(*match.span()))
    return found[0] if len(found) == 1 else None


def _beside(text: str, name: Span) -> str:
    """The words right before a name, or of the apposition behind it."""
    before = re.search(r"(?:[\w'-]+ ){1,4}$", text[max(0, name.start - 60) : name.start])
    behind = re.match(r", (?:the |an? |its |his |her |their )?([^,.;]{1,60})", text[name.end : name.end + 70])
    return f"{before.group() if before else ''} {behind[1] if behind else ''}"


def _is_of_group(text: str, run: Span) -> bool:
    return _GROUP_WORD.search(text, run.start, run.end) is not None


_OWNER_BEFORE = re.compile(rf"(?<!\w){CAPITAL}' $")


def _group(text: str, asked_for: _Wanted) -> Span | None:
    quoted = _in_quotation(text)
    found: list[tuple[Span, float]] = []
    end = 0
    for run in _new_names(text, asked_for):
        if run.start < end or any(span.overlaps(run) for span in quoted):
            continue
        weight = 1.0
        before = text[max(0, run.start - 30) : run.start]
        extended = _OF_GROUP.match(text, run.end)
        is_group = _is_of_group(text, run)
        if extended and (is_group or re.search(r"\b[Tt]he $", before)):
            run = Span(run.start, extended.end())
        if is_group and (owner := _OWNER_BEFORE.search(before)):
            run = Span(run.start - len(owner.group()), run.end)  # "Merchants' Bank"
        if is_titled(text, run) or (_INSIDE_OF.search(before) and not is_group and not asked_for.focus & _STATES):
            continue
        if is_group or (text[run.start : run.end].isupper() and len(run) > 1):
            weight = 4.0
        elif re.search(r"\b[Tt]he $", before):
            weight = 2.0
        elif " " in text[run.start : run.end] and _ROLE.search(_beside(text, run)):
            continue  # a person
        elif len(text[run.start : run.end].split()) == 2:
            weight = 0.5  # as likely a person
        if asked_for.focus & _stems(_beside(text, run)):
            weight *= 3
        found.append((run, weight))
        end = run.end
    if not found:
        return None
    best = max(weight for _, weight in found)
    kept = [one for one in found if one[1] * 2 > best]
    if best < 1:
        return None
    return _nearest(text, kept, asked_for)


_STATES = frozenset(map(_stem, "country countries nation state city town".split()))
_PLACED = re.compile(
    r"\b(?P<how>[Ii]n|[Aa]t|[Nn]ear|[Ff]rom|[Tt]o|[Oo]utside|[Ii]nside|[Oo]ff|[Oo]n|[Ii]nto|[Bb]eside|[Bb]ehind"
    r"|[Uu]nder|[Bb]eneath"
    r"|[Aa]long|[Aa]cross|[Aa]round|[Bb]elow|[Aa]bove) (?P<what>(?:the |an? |her |his |its |their |one )?"
    rf"(?:[a-z][\w'-]* ){{0,3}}?(?P<name>{CAPITAL}(?: {CAPITAL}){{0,3}})|(?:the|an?|her|his|its|their) [a-z][\w'-]*"
    r"(?: (?:of |in |at |near |under |behind )?(?:the |an? |her |his |its |their )?[a-z][\w'-]*)?)"
)
_NO_PLACE = re.compile(
    r"(?:(?:the|an?|his|her|its|their) )?(?:morning|afternoon|evening|night|day|week|month|year|end|beginning|time"
    r"|moment|last"
    r"|first|past|future|meantime|event|same|case|way|result|statement|letter|interview|report|article|speech|hope"
    r"|form|total"
    r"|name|course|wake|minute|hour|second|number|vote|lot|bid|effort|attempt|response|spring|summer|autumn|winter"
    r"|start)\b"
)


def _place(question: str, text: str, asked_for: _Wanted) -> Span | None:
    wants_origin = re.search(r"\bfrom\b", question) is not None
    wants_target = re.search(
        r"\b(?:where|which [\w ]{1,30}) [^?]*\b(?:to|go|going|bound|sent|taken|move|moved)\b", question
    )
    named: list[tuple[Span, float]] = []
    plain: list[tuple[Span, float]] = []
    for match in _PLACED.finditer(text):
        how = match["how"].lower()
        if match["name"]:
            name = Span(*match.span("name"))
            words = [_bare(word.lower()) for word in _LOWER_WORD.findall(match["name"])]
            if match["name"].split()[0] in NO_NAME or words[0] in _WEEKDAY_OR_MONTH:
                continue
            if any(word in asked_for.words and _stem(word) not in asked_for.focus for word in words if _tells(word)):
                continue
            if is_titled(text, name):
                continue
            weight = 2.0 if how in ("in", "at", "near", "outside", "inside") else 1.0
            weight *= 3 if (wants_origin and how == "from") or (wants_target and how in ("to", "into")) else 1
            weight *= 0.2 if how in ("from", "to") and not (wants_origin or wants_target) else 1
            if asked_for.focus & _stems(match["what"]):
                weight *= 3
            end = name.end - (2 if match["name"].endswith("'s") else 0)
            named.append((Span(name.start, end), weight))
        elif how not in ("to", "from", "around") and not _NO_PLACE.match(match["what"]):
            stems = _stems(match["what"])
            if not stems & asked_for.stems:
                plain.append((Span(*match.span()), 1.0))
    if asked_for.focus:
        own = [run for run in _new_names(text, asked_for) if asked_for.focus & _stems(text[run.start : run.end])]
        if own:
            return own[0] if len(own) == 1 else None
    if named:
        best = max(weight for _, weight in named)
        return _nearest(text, [one for one in named if one[1] * 2 > best], asked_for)
    if asked_for.focus:
        beside = [run for run in _new_names(text, asked_for) if asked_for.focus & _stems(_beside(text, run))]
        return beside[0] if len(beside) == 1 else None
    return plain[0][0] if len(plain) == 1 else None


# Times

_TIME = re.compile(
    rf"\d|\b(?:{MONTH}|{'|'.join(WEEKDAYS)}|yesterday|today|tonight|tomorrow|spring|summer|autumn|winter|ago|noon"
    rf"|midnight|dawn|dusk"
    r"|(?:last|this|next|past) (?:week|month|year|weekend))\b",
    re.IGNORECASE,
)
_HOURS = re.compile(r"\b(?:noon|midnight|midday|dawn|dusk|sunrise|sunset)\b")
_SMALL_TIME = re.compile(r"\b(?:what|which) (?:exact )?time\b", re.IGNORECASE)


def _date(question: str, wanted: Asked, text: str, asked_for: _Wanted, published: str | None) -> Span | None:
    if _SMALL_TIME.search(question):
        clock = [number.span for number in numbers(text) if any(":" in str(value) for value in number.values)]
        clock += [Span(*match.span()) for match in _HOURS.finditer(text)]
        return _nearest(text, [(span, 1.0) for span in clock], asked_for)
    found: list[tuple[Span, float]] = []
    named = {word for word in asked_for.words if word in _WEEKDAY_OR_MONTH or word.isdigit()}
    unit = _unit_asked(wanted.focus)
    for span, parts in _joined(text, expressions(text)):
        words = set(_LOWER_WORD.findall(text[span.start : span.end].lower()))
        told = {word for word in words if word in _WEEKDAY_OR_MONTH or word.isdigit()}
        if told and told <= named:
            continue
        precision = max(_precision(part) for part in parts)
        weight = 1.0 + 0.3 * precision
        if unit == "year":
            if not any(part.year or part.year_shift is not None or part.unit == "year" for part in parts):
                continue
        elif unit == "month":
            if not any(part.month for part in parts) and not (
                published and any(part.unit == "month" for part in parts)
            ):
                continue
        elif (unit == "day" and precision < 3) or (
            unit == "decade" and not any(part.year or part.form == "decade" for part in parts)
        ):
            continue
        found.append((span, weight))
    return _nearest(text, found, asked_for)


def _unit_asked(focus: str) -> str:
    last = focus.lower().split()[-1].rstrip("s") if focus else ""
    return {"date": "day", "day": "day", "weekday": "day", "birthday": "day"}.get(last, last)


def _precision(expression: Expression) -> int:
    if expression.form in ("day", "weekday", "named day") or expression.unit == "day":
        return 3
    return 2 if expression.month or expression.unit in ("week", "weekend") else 1


def _joined(text: str, found: Iterable[Expression]) -> Iterator[tuple[Span, list[Expression]]]:
    """Expressions that stand side by side as one: "Wednesday, 6 January 2022", "Tuesday morning"."""
    span: Span | None = None
    parts: list[Expression] = []
    for each in found:
        if span and re.fullmatch(r",? (?:the )?(?:of |in )?", text[span.end : each.span.start]):
            span, parts = Span(span.start, each.span.end), [*parts, each]
            continue
        if span:
            yield span, parts
        span, parts = each.span, [each]
    if span:
        yield span, parts


# Numbers

_COUNT = re.compile(
    r"\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen"
    r"|eighteen|nineteen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|billions?"
    r"|dozens?|twice"
    r"|once|half|thirds?|quarters?|none|nobody)\b",
    re.IGNORECASE,
)
_CURRENCY = (
    r"(?:dollars?|pounds?|euros?|yen|francs?|crowns?|kron(?:a|e|or|er|ur)|marks?|florins?|guilders?|rou?bles?"
    r"|rupees?|yuan|won|liras?"
    r"|pesos?|dinars?|dirhams?|shekels?|z[lł]oty|forints?|pence|cents?|shillings?|ducats?|talers?|rand|reais|riyals?)"
)
_CURRENCY_BEHIND = re.compile(rf"(?: (?:{_CURRENCY}))(?![^\W_])")
_CURRENCY_BEFORE = re.compile(r"(?:\b(?:US|A|C|NZ|HK)?\$|\b(?:EUR|USD|GBP|CHF) )$")
_TIMES = r"(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|decades?|centuries|century)"
_LENGTHS = (
    r"(?:kilomet(?:re|er)s?|met(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|km|cm|mm|m|miles?|feet|foot|ft"
    r"|yards?|inch(?:es)?|nautical miles?"
    r"|pages?|hectares?|acres?|square (?:met(?:re|er)s|kilomet(?:re|er)s|miles|feet))"
)
_SPEEDS = rf"(?:knots?|mph|kph|km/h|{_LENGTHS} (?:an|per|a) (?:hour|second|minute))"
_OTHER_UNITS = (
    r"(?:degrees?(?: (?:Celsius|Fahrenheit))?|tonnes?|tons?|kilogram(?:me)?s?|kilos?|kg|grams?|lit(?:re|er)s?"
    r"|gallons?|barrels?"
    r"|cubic (?:met(?:re|er)s|feet)(?: (?:a|per) second)?|(?:mega|kilo|giga)?watts?|volts?|decibels?"
    r"|percentage points?|points?|votes?"
    r"|seats?|storeys|floors|times)"
)
_UNIT = re.compile(
    rf"[ -](?:{_SPEEDS}|{_TIMES}|{_OTHER_UNITS}|{_LENGTHS})(?:[ -](?:old|long|high|deep|wide|tall))?(?![^\W_])"
)
_MEASURED: dict[str, re.Pattern[str]] = {
    word: re.compile(rf"[ -](?:{pattern})(?![^\W_])")
    for words, pattern in (
        ("long", rf"(?:{_TIMES}|{_LENGTHS})"),
        ("old", rf"(?:{_TIMES})"),
        ("far deep wide tall high thick low narrow", rf"(?:{_LENGTHS}|{_OTHER_UNITS})"),
        ("fast", rf"(?:{_SPEEDS})"),
        ("hot cold warm", r"degrees?"),
        ("heavy", r"(?:tonnes?|tons?|kilogram(?:me)?s?|kilos?|kg|grams?|pounds?)"),
    )
    for word in words.split()
}
_HOW = re.compile(
    r"\bhow (?P<much>long|old|far|deep|wide|tall|high|thick|low|narrow|fast|hot|cold|warm|heavy|often)\b", re.IGNORECASE
)
_ABOUT = re.compile(
    r"(?:\b(?:about|around|nearly|almost|some|roughly|approximately|over|more than|less than|fewer than|at least"
    r"|at most|up to|just under"
    r"|just over|only|exactly|an estimated|no more than|no fewer than|as many as|close to|between) )$",
    re.IGNORECASE,
)
_TO = re.compile(r"(?: votes)?(?: to |-| or )(?:some )?$")
_PART_OF = re.compile(
    r"\b(?:a |one[- ]|two[- ]|three[- ])?(?:thirds?|quarters?|half)\b|\b(?:dozens|hundreds|thousands)\b", re.IGNORECASE
)
_AGE = re.compile(r"(?:, |\baged |\bis |\bwas |\bturned |\bat |\bage )$")
_OFTEN = re.compile(
    r"\b(?:once|twice|(?:\w+) times)\b(?: (?:a|an|every|each|per) (?:\w+ )?\w+)?|\bevery (?:\w+ )?(?:day|week|month"
    r"|year|hour|minute)s?\b"
)
_PERCENT_ASKED = re.compile(r"\b(?:percent\w*|per cent|share|proportion|what part|what stake)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Amount:
    """A number, or the two of a range."""

    first: Number
    last: Number

    @property
    def start(self) -> int:
        return self.first.span.start

    @property
    def end(self) -> int:
        return self.last.span.end


def _number(question: str, wanted: Asked, text: str, asked_for: _Wanted) -> Span | None:
    measured = _HOW.search(question)
    if measured and measured["much"].lower() == "often":
        return _nearest(text, [(Span(*match.span()), 1.0) for match in _OFTEN.finditer(text)], asked_for)
    free = _free(text, asked_for)

    def nearest(found: Sequence[_Amount]) -> Span | None:
        return _nearest(text, [(_whole(text, amount), 1.0) for amount in found], asked_for)

    if wanted.thing == "money":
        return nearest([amount for amount in free if _is_money(text, amount)])
    if _PERCENT_ASKED.search(question):
        shares = [amount for amount in free if amount.last.unit == "%"]
        vague = [(Span(*match.span()), 1.0) for match in _PART_OF.finditer(text)]
        return nearest(shares) if shares else _nearest(text, vague, asked_for)
    if measured:
        pattern = _MEASURED[measured["much"].lower()]
        fitting = [amount for amount in free if pattern.match(text, amount.end)]
        fitting = [amount for amount in fitting if not _is_another_way(text, amount, measured["much"].lower())]
        if measured["much"].lower() == "old" and not fitting:
            fitting = [amount for amount in free if _is_age(text, amount)]
        return nearest(fitting)
    part = [amount for amount in free if not _OF_THE.search(text[max(0, amount.start - 12) : amount.start])]
    counting = [amount for amount in part if _counts(text, amount, asked_for)]
    if counting:
        return nearest(counting)
    bare = [amount for amount in part if not _is_money(text, amount) and amount.last.unit != "%"]
    if not free:
        vague = [(Span(*match.span()), 1.0) for match in _PART_OF.finditer(text)]
        return vague[0][0] if len(vague) == 1 else None
    if not wanted.focus:
        return nearest(bare or part)
    # "Two weeks" counts no villages.
    return nearest([amount for amount in bare if not (wanted.focus.endswith("s") and _UNIT.match(text, amount.end))])


def _free(text: str, asked_for: _Wanted) -> list[_Amount]:
    """The numbers that are no date, no time of the day, no place in a row, and not of the question."""
    days = [each.span for each in expressions(text) if each.form not in ("count", "ago")][:_MANY]
    found: list[_Amount] = []
    for number in numbers(text):
        if number.is_ordinal or number.values & asked_for.numbers or any(":" in str(value) for value in number.values):
            continue
        if any(span.overlaps(number.span) for span in days):
            continue
        amount = _Amount(number, number)
        if number.idiomatic and not _UNIT.match(text, amount.end) and not _counts(text, amount, asked_for):
            continue
        if found and _is_range(text, found[-1], amount):
            found[-1] = _Amount(found[-1].first, number)
        else:
            found.append(amount)
    return found


def _is_range(text: str, one: _Amount, other: _Amount) -> bool:
    between = text[one.end : other.start]
    is_led = text[max(0, one.start - len("between ")) : one.start].lower().endswith("between ")
    return _TO.fullmatch(between) is not None or (is_led and between == " and ")


def _is_another_way(text: str, amount: _Amount, asked: str) -> bool:
    """True for "92 kilometres long" where it is asked how wide."""
    unit = _UNIT.match(text, amount.end)
    way = re.split(r"[ -]", unit.group())[-1] if unit else ""
    return way in ("long", "high", "deep", "wide", "tall", "old") and way != asked


def _is_age(text: str, amount: _Amount) -> bool:
    behind = re.match(r"[,.;)]|$| when| at the time", text[amount.end : amount.end + 15])
    return behind is not None and _AGE.search(text[max(0, amount.start - 8) : amount.start]) is not None


def _counts(text: str, amount: _Amount, asked_for: _Wanted) -> bool:
    """True where what is asked for is counted: "26 harbour pilots", "26 of the pilots"."""
    behind = re.match(r"(?:[ -](?:of (?:the|its|their) )?[\w'-]+){1,4}", text[amount.end : amount.end + 60])
    if behind is None or not asked_for.focus:
        return False
    for word in _LOWER_WORD.findall(behind.group().lower()):
        if _stem(word) in asked_for.focus:
            return True
        if word in _BETWEEN:
            return False
    return False


_BETWEEN = frozenset("and or in on at to from by with for were was had have are is did would".split())
_OF_THE = re.compile(r"\b[Oo]f (?:the|its|their|his|her|all) $")


def _is_money(text: str, amount: _Amount) -> bool:
    return (
        amount.last.unit in ("$", "£", "€", "¥")
        or _CURRENCY_BEHIND.match(text, amount.end) is not None
        or _CURRENCY_BEFORE.search(text[max(0, amount.start - 5) : amount.start]) is not None
    )


def _whole(text: str, amount: _Amount) -> Span:
    """A number with what makes it exact: "more than 26 million crowns", "30 to 40 km an hour"."""
    start, end = amount.start, amount.end
    if behind := _CURRENCY_BEHIND.match(text, end) or _UNIT.match(text, end):
        end = behind.end()
    if before := _CURRENCY_BEFORE.search(text[max(0, start - 5) : start]):
        start -= len(before.group())
    if about := _ABOUT.search(text[max(0, start - 20) : start]):
        start -= len(about.group())
    return Span(start, end)


# Titles, words, reasons

_CLAUSE_AHEAD = re.compile(r"(?:who|which|said|and|whose)\b")
_RELATIVE = re.compile(r" (?:who|which|whose|employed|working)\b")
_APPOSED = re.compile(r",(?: \d{1,3},)? (?P<what>[^,;.]{3,120})(?=[,;.]|$)")
_AS = re.compile(
    r"\b(?:(?:(?:is|was|been|being) )?(?:appointed|named|elected|made)|as|is|was|became|become|becomes|remains|being)"
    r" (?:as )?(?P<what>[^,;.]{3,100}?)"
    r"(?=[,;.]|$| (?:after|before|in|on|since|until|from|when|who|and|for \d|but|at the)\b)"
)


_ARTICLE = re.compile(r"(?:(?!(?:of|for|at) )\w+ ){0,2}?(?:the|an?) ", re.IGNORECASE)


def _title(text: str, sentence: str, asked_for: _Wanted) -> Span | None:
    if asked_for.focus & _WORKS:
        return _quoted(sentence[:_READ_CHARACTERS])
    post = _post(text, asked_for)
    article = _ARTICLE.match(text, post.start, post.end) if post else None
    return Span(article.end(), post.end) if post and article else post


def _post(text: str, asked_for: _Wanted) -> Span | None:
    names = [run for run in _all_names(text) if _is_asked(text, run, asked_for)]
    for name in names:
        apposed = _APPOSED.match(text, name.end)
        is_post = apposed and (_ROLE.search(apposed["what"]) or apposed["what"].startswith(("a ", "an ")))
        if apposed and is_post and not _CLAUSE_AHEAD.match(apposed["what"]):
            relative = _RELATIVE.search(apposed["what"])
            start, end = apposed.span("what")
            return Span(start, start + relative.start() if relative else end)
        before = text[max(0, name.start - 80) : name.start]
        if role := _ROLE_BEFORE.search(before):
            start = name.start - len(before) + role.start("what")
            return Span(start, name.start)
    found = [match for match in _AS.finditer(text) if _ROLE.search(match["what"])]
    return Span(*found[0].span("what")) if len(found) == 1 else None


_WORKS = frozenset(map(_stem, "book film song novel album headline play opera poem painting series".split()))
_ROLE_BEFORE = re.compile(
    rf"(?<![^\W_])(?P<what>(?:[A-Z]?[a-z]+[- ]){{0,4}}"
    rf"(?:{_ROLE.pattern})(?: (?:of|for|at) (?:the )?(?:{CAPITAL} ?|[a-z]+ ?){{1,3}})?) ?$"
)


def _all_names(text: str) -> Iterator[Span]:
    for run in RUN.finditer(text):
        name = name_in(text, Span(*run.span()))
        if name:
            yield name


def _is_asked(text: str, name: Span, asked_for: _Wanted) -> bool:
    words = [_bare(word.lower()) for word in _LOWER_WORD.findall(text[name.start : name.end])]
    return any(word in asked_for.words for word in words if len(word) > 2)


def _quoted(sentence: str) -> Span | None:
    """The longest quotation of the sentence without its marks; one left open ends with the sentence."""
    spans = marked(sentence, [Span(0, len(sentence))])
    if spans:
        longest = max(spans, key=len)
        return Span(longest.start + 1, longest.end - 1)
    opening, closing = sentence.find("“"), sentence.find("”")
    if opening >= 0 and closing < 0:
        return Span(opening + 1, len(sentence))
    if closing >= 0 and opening < 0:
        return Span(0, closing)
    if sentence.count('"') == 1:
        mark = sentence.index('"')
        is_opening = sentence[mark + 1 : mark + 2].isalnum()
        return Span(mark + 1, len(sentence)) if is_opening else Span(0, mark)
    return None


_CAUSE = re.compile(
    r"\b(?:[Bb]ecause|[Dd]ue to|[Oo]wing to|[Tt]hanks to|as a (?:result|consequence) of|on the grounds? (?:that|of)"
    r"|in protest (?:at|against)"
    r"|in order to|so that|so as (?:not )?to|for fear (?:of|that)|out of (?:fear|concern|respect)|in (?:response"
    r"|reaction|answer) to"
    r"|to protest(?: against)?|to (?:avoid|prevent|stop|protect|save|keep|make|allow|give|reduce|escape))\b"
)
_CAUSED_BY = re.compile(
    r"\b(?:caused by|triggered by|blamed on|brought about by|set off by|(?:cause|reason)(?: for [^,.]{1,60})? (?:is"
    r"|was)(?: that)?|attributed to"
    r"|put (?:it |this )?down to) (?P<why>.)"
)
_AFTER = re.compile(r"\b(?:after|over) (?!all\b|the (?:weekend|next|past|last|years?)\b|\d)(?=[a-z])")
_REASON_END = re.compile(
    r"[;.!?](?=\s|$|\")|\"?, (?=(?:said|says|\w+ (?:said|says|told)|[A-Z]\w+ (?:[A-Z]\w+ )?(?:said|says|told|wrote"
    r"|added)|but|while|which|who|and"
    r" (?:the|he|she|it|they)|the \w+ (?:said|was|had|is))\b)|(?<=\w)\"(?=\s)"
)
_CHEAP: dict[Thing, re.Pattern[str]] = {
    "reason": re.compile(rf"{_CAUSE.pattern}|{_CAUSED_BY.pattern}|{_AFTER.pattern}"),
    "manner": re.compile(r"\bby (?:\w+ly )?\w+ing\b"),
}


def _reason(text: str, asked_for: _Wanted) -> Span | None:
    begin: int | None = None
    if match := _CAUSED_BY.search(text):
        begin = match.start("why")
    elif match := _CAUSE.search(text):
        begin = match.start()
    elif match := _AFTER.search(text):
        # Only what follows the very thing that is asked about; else it says when.
        before = [_stem(word) for word in _LOWER_WORD.findall(text[: match.start()].lower())[-3:]]
        begin = match.start() if any(stem in asked_for.stems for stem in before) else None
    if begin is None:
        return None
    end = _REASON_END.search(text, begin + 4)
    if begin == 0 or text[begin].isupper():
        comma = text.find(",", begin)
        return Span(begin, comma) if comma > 0 else None
    return Span(begin, end.start() if end else len(text))


def _manner(text: str) -> Span | None:
    found = list(re.finditer(r"\bby (?:\w+ly )?\w+ing\b", text))
    if len(found) != 1:
        return None
    end = _REASON_END.search(text, found[0].end())
    return Span(found[0].start(), end.start() if end else len(text))
