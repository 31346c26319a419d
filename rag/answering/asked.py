"""What a question wants, told by its form: a date, a list, somebody's words, where a figure comes from.

Reads English by closed classes of words: question words, auxiliaries, prepositions, and the nouns that name kinds of
things (day, price, post, newspaper). Knows no topic, no name and no archive. What it cannot tell, as where the question
word is mistyped, is a "fact" about something "other".

The ``focus`` is the noun phrase that names the kind of thing asked, without articles, counts and such words as "other":
"intelligence post" of "Which intelligence post did …", "senior officials" of "How many senior officials …". Where it
names only a name, a number or a kind, the more telling phrase behind it is taken: "guard" of "the name of the guard",
"houses" of "the number of houses", "ships" of "what kinds of ships".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.document import Span

Form = Literal[
    "fact", "quotation", "list", "comparison", "development", "disagreement", "provenance", "yes or no"
]  # fmt: skip
Thing = Literal[
    "person", "group", "date", "number", "money", "place", "title", "reason", "manner", "words", "other"
]  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """``form`` is what kind of answer is wanted, ``thing`` what kind of thing stands in it.

    A group is an organisation, outlet, company or country; a title a post, a job, a role or the name of a work; words
    are what somebody said. ``focus`` stands at ``focus_span`` of the question and is empty where nothing names the
    thing (who, when). ``sides`` are what a comparison sets side by side, as written and in order. ``topic`` is the
    question without the words that only ask whether sources agree, empty where there are none.
    """

    form: Form = "fact"
    thing: Thing = "other"
    focus: str = ""
    focus_span: Span | None = None
    sides: tuple[str, ...] = ()
    topic: str = ""


_READ_CHARACTERS = 1_000  # what is longer is a text, not a question
_LONGEST_PHRASE = 7  # words
_LONGEST_SIDES = 160  # characters

_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|„[^“]*“|«[^»]*»|(?<!\w)‘[^’]*’(?!\w)|(?<!\w)'[^']*'(?!\w)")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*(?:(?<=s)['’](?!\w))?")
_PART = re.compile(r"[^?!;\n]*?(?:[?!;\n]+|:(?=\s)|(?<![A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z][a-z])\.(?=\s|$)|$)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_AUXILIARIES = _words(
    """is are was were am be been do does did has have had can could will would shall should may might must isn't aren't
    wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't shouldn't"""
)
_PREPOSITIONS = _words(
    """in at on by for from to of with until till since under inside during about through upon after before into against
    between among over near off around within without behind beside across along outside toward towards per like than as
    via despite beyond above below"""
)
_DETERMINERS = _words("the a an his her its their our my your this that these those some any each every both no")
_OBJECTS = _words("the a an his her its their our my your him them it me us")
_PRONOUNS = _words("he she it they we i you him them us me there who whom whose which what when where why how that if")
_COUNTS = _words(
    "one two three four five six seven eight nine ten eleven twelve dozen hundred other different various exact "
    "precise own"
    " first second third last many more several specific particular main actual such same"
)
_BORDERS = (
    _AUXILIARIES
    | _PREPOSITIONS
    | _DETERMINERS
    | _PRONOUNS
    | _words(
        "and or but not also then ever exactly abroad here overseas nearby up out down away back again please first"
    )
)
_PAST = _words(  # of irregular verbs, where the noun of that spelling is rarer
    """became began beat bore bought broke brought built came caught chose cost cut dealt drew drove fed fell felt
    fled flew
    forbade forgot fought found froze gave got grew heard held hid hit hosted kept knew laid led left lent let lost made
    meant met paid put quit ran rang read rose said sang sank sat saw sent set shook shot showed shut slept sold spent
    spoke stole stood struck swam swore taught threw told took tore understood went withdrew woke won wore wrote"""
)
_SINGULAR_S = _words(  # one thing, or before a noun
    "news sports sales savings arms customs works means series press business class address bus gas campus status "
    "process"
    " boss congress princess witness actress illness access success loss pass analysis basis crisis virus census bonus"
    " chorus focus fortress glass grass mattress species waitress surplus consensus headquarters hostess mistress "
    "duchess"
)
_PLURALS = _words("people men women children police persons men fishermen firemen policemen staff media criteria")

_KINDS: dict[Thing, frozenset[str]] = {
    "date": _words("date day month year week weekday time hour century decade season deadline birthday moment evening"),
    "money": _words(
        """cost price fine sum salary wage fee budget pay charge worth bill fare revenue debt compensation money
        profit loss
        turnover ransom reward bid payment income loan grant funding subsidy rent deposit penalty value"""
    ),
    "number": _words(
        """number figure percentage percent share proportion amount quantity total length height depth width speed
        size age
        score margin tally distance temperature population rate capacity weight limit duration turnout majority
        frequency
        toll count average result flow odds area volume range ratio level stake fraction quota"""
    ),
    "words": _words(
        """words word quote quotation quotations quotes remark remarks statement reply response answer comment comments
        reaction message slogan motto wording phrase warning promise excuse apology verdict advice argument view opinion
        position account stance explanation"""
    ),
    "reason": _words("reason reasons cause causes motive motives grounds rationale justification"),
    "manner": _words("way manner means method route"),
    "title": _words(
        """post job role position title office rank profession occupation portfolio career living book film song
        novel album
        headline play opera poem painting book series rôle"""
    ),
    "group": _words(
        """group organisation organization company firm bank newspaper paper outlet magazine agency ministry
        department party
        union team club council committee commission court body institution institute university school college hospital
        authority government country nation state army board association federation society foundation charity publisher
        broadcaster website journal daily weekly publication regulator supplier employer insurer operator
        manufacturer maker brand airline church parliament coalition alliance consortium trust fund inspectorate service
        side businesses brewery museum faction tribe family gang band orchestra network channel business corporation
        cooperative developer contractor laboratory lab"""
    ),
    "place": _words(
        """place city town village port location building hotel street region province county district island river
        valley
        house room hall harbour harbor airport venue site area square bridge restaurant theatre prison border mountain
        lake
        continent capital spot address neighbourhood neighborhood suburb quarter farm road park stadium ground inn pub
        café
        cafe coast bay beach corner camp warehouse"""
    ),
    "person": _words(
        """person man woman people men women child children boy girl official politician minister author guard mayor
        president chief boss head chair captain judge doctor nurse surgeon pilot engineer scientist expert witness
        victim
        suspect candidate leader lawyer member owner artist actor actress king queen prince princess critic ally aide
        rival colleague friend brother sister mother father wife husband son daughter uncle aunt cousin widow relative
        delegate chancellor ambassador envoy secretary general colonel major lieutenant sergeant constable architect
        representative cook student pupil teacher professional physicist chemist analyst diplomat monk priest bishop
        poet guest coach somebody someone journalist
        resident tenant thief mechanic clerk cleaner spokesman spokeswoman spokesperson chairman chairwoman chairperson
        composer figurehead individual successor predecessor deputy director manager treasurer mediator attorney"""
    ),
}
_KIND_OF = {word: thing for thing, words in reversed(_KINDS.items()) for word in words}
_OF_PERSONS = re.compile(  # endings of what people are called by what they do
    r"...(?:er|or|ist|cian|rian|man|woman|person|ant|trustee|employee|referee)$"
)
_NO_PERSON = _words(  # with such endings
    """number computer counter monitor elevator detector generator escalator radiator calculator factor sector matter
    weather
    letter tractor transistor reactor register theater paper river tower order water winter summer corner power danger
    border offer answer chapter quarter cover layer cancer fever dinner supper folder meter disaster center cluster
    container printer trailer boiler freezer drawer poster banner barrier carrier tanker steamer cruiser trawler
    freighter
    bunker locker shelter butter character barometer color floor motor error terror mirror harbor rumor horror tumor
    corridor anchor labor honor humor flavor quarter diameter perimeter thriller centimeter kilometer newsletter
    helicopter
    transfer encounter manner gender hunger thunder wonder timber lumber rubber copper silver powder filter transformer
    monster oyster lobster tiger hamster whisker flower shower finger shoulder bladder liver laser router server
    user-manual
    plant restaurant grant elephant coolant pollutant fragrant variant covenant remnant warrant pennant infant-formula
    sweetener barter checklist shortlist wishlist playlist twist mist consist waist wrist semester trimester October
    November December
    ladder border cylinder calendar folder-name sticker tracker charter disorder murder reminder amplifier supplier"""
)
_OUTLET = (
    r"(?:news)?papers?|outlets?|magazines?|(?:news|press|wire) (?:agency|agencies|services?|sites?)|publications?"
    r"|journals?"
    r"|broadcasters?|websites?|dail(?:y|ies)|weekl(?:y|ies)|media|press"
)
_PIECE = (
    r"articles?|stor(?:y|ies)|pieces?|columns?|editorials?|dispatch(?:es)?|texts?|posts?|op-ed|reportage"
    r"|interviews?|pages?"
)

_FILLER = re.compile(  # what stands before the question and is none itself
    r"(?:(?:please|kindly|so|and|but|also|well|now|then|ok(?:ay)?|hello|hi|thanks|sorry|again|next|actually|by the way"
    r"|just)\b[\s,:–—-]*"
    r"|(?:something else|one more(?: thing| question)?|(?:another|a) question|(?:quick|next) question|question)\s*"
    r"[:,–—-]\s*)",
    re.IGNORECASE,
)
_REQUEST = re.compile(  # "Could you tell me", "I would like to know": behind it the clause is asked that follows
    r"(?:(?:can|could|would|will) you (?:please |kindly |perhaps )?(?:tell|show|say|remind|explain to|find out|check"
    r"|look up|help me (?:find|understand)|let)\b(?: (?:me|us)\b)?(?: know\b)?[\s,:]*"
    r"|(?:tell|remind|show|let)\b (?:me|us)\b(?: know\b)?(?: please\b)?[\s,:]*"
    r"|i(?:['’]d| would| should)? (?:also )?(?:like|love|want|need|wish|am trying|was hoping|am curious|have) to"
    r" (?:know|learn|find out|hear|see|understand|ask)\b(?: you\b)?[\s,:]*"
    r"|i(?:['’]m| am)? ?(?:wonder(?:ing)?|curious)\b(?: about\b)?[\s,:]*"
    r"|i (?:do not|don['’]t) (?:know|remember|recall|understand)\b[\s,:]*"
    r"|(?:do|does|did) (?:you|we|anyone|anybody|the (?:sources|documents|articles|archive)) (?:happen to )?"
    r"(?:know|remember|recall)\b[\s,:]*|is it known\b[\s,:]*|find out\b[\s,:]*)",
    re.IGNORECASE,
)
_GIVE = re.compile(  # behind these a noun phrase is what is asked for
    r"(?:(?:can|could|would) you (?:please |kindly )?|may i have |i(?:['’]d| would)? (?:like|want|need) (?:to have "
    r"|you to )?)?"
    r"(?:(?:give|send|get|state|provide|find|name|specify|show|tell|i need|identify)(?: (?:me|us))?(?: please)?[\s,:]+|"
    r"(?:may i have|i (?:need|want)|i(?:['’]d| would) like) )(?=(?:the|all|an?|his|her|its|their|both|every|any"
    r"|[A-Z])\b)",
    re.IGNORECASE,
)
_LIST = re.compile(r"(?:list|enumerate|itemi[sz]e)\b", re.IGNORECASE)
_NAME_ALL = re.compile(r"name (?:me )?(?:all|every|any|some|both|as many)\b", re.IGNORECASE)
_LED_BY = re.compile(r"(?:[,:;–—(]|\s-)\s*(?:and |but |or )?$", re.IGNORECASE)

_EXACT = re.compile(
    r"\b(?:(?:exact|own|precise|actual|very|literal|original|full) (?:\w+ )?(?:words?|wording|quot(?:e|es|ation)"
    r"|phrase|phrasing)"
    r"|word[- ]for[- ]word|verbatim|in so many words|(?:full|direct) quot(?:e|ation)|literally sa(?:y|id)"
    r"|(?:what|how) (?:exactly|precisely) (?:did|does|do|has|was|were)\b[^?]{0,80}?\b(?:sa(?:y|id)|writ(?:e|ten)"
    r"|wrote|tell|told|put|reply"
    r"|answer)|sa(?:y|id) exactly|(?:quote|quotes|quotation)s? (?:from|by|of) )\b"
    r"|(?:^|[.?!] )\W{0,3}(?:(?:please|can you|could you|would you|kindly) ){0,2}quote (?!marks)|\bquote,? please\b",
    re.IGNORECASE,
)
_SAY = re.compile(
    r"\b(?:say|says|said|saying|tell|tells|told|reply|replied|replies|answer|answered|respond|responded|remark"
    r"|remarked|comment"
    r"|commented|write|wrote|written)\b",
    re.IGNORECASE,
)
_PUT = re.compile(r"\b(?:reply|replied|answer|answered|respond|responded|put (?:it|this|that))\b", re.IGNORECASE)
_HOLD = re.compile(
    r"\b(?:claim|claims|claimed|argue|argues|argued|think|thinks|thought|warn|warns|warned|promise|promises|promised"
    r"|demand"
    r"|demands|demanded|explain|explains|explained|admit|admits|admitted|announce|announces|announced|suggest|suggests"
    r"|suggested|complain|complains|complained|insist|insists|insisted|deny|denies|denied|believe|believes|believed"
    r"|recommend|recommends|recommended|conclude|concludes|concluded|propose|proposes|proposed|react|reacts|reacted"
    r"|criticise|criticised|criticize|criticized|justify|justified|predict|predicts|predicted|declare|declared)\b",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(
    r"\b(?:that|which|who|whom|whose|when|after|before|because|if|while|since|although)\b", re.IGNORECASE
)
_CAUSED = re.compile(
    r"what (?:\w+ly )?(?:caused?|causes|led to|triggered|prompted|sparked|provoked|drove|forced|brought about|made"
    r"|makes|set off"
    r"|(?:is|was|lay|lies) behind)\b",
    re.IGNORECASE,
)
_COSTS = re.compile(
    r"\b(?:cost|charge|earn|worth|pay|paid|priced|insured for|sell for|sold for|owe|owed)\b", re.IGNORECASE
)
_OF_MONEY = re.compile(
    r"\b(?:cost|costs|pay|pays|paid|charge|charges|charged|earn|earns|earned|worth|money|spend|spent|spends"
    r"|price[ds]?|owe[sd]?"
    r"|donat\w*|invest(?:ed|s|ing)?|lend|lent|borrow\w*|sold|sell|sells|bought|buy|fined?|raised?|insured|bid"
    r"|offer(?:ed)?|get"
    r"|got|receive[ds]?|claim(?:ed|s)?|award(?:ed)?|demand(?:ed)?|contribute[ds]?|debt|compensation)\b",
    re.IGNORECASE,
)
_LIVING = re.compile(r"\bdo (?:for (?:a living|work)|(?:now|today|professionally|nowadays)\W*$)", re.IGNORECASE)
_MEASURES = _words(
    "long far old often big large high deep fast wide tall heavy hot cold late early soon strong great small low thick"
    " frequent loud bright quickly close near frequently likely"
)
_PRICED = _words("expensive costly cheap dear")

_PUBLISHED = (
    r"publish(?:e[sd]|ing)?|report(?:s|ed|ing)?|carr(?:y|ies|ied)|ran?|runs|print(?:s|ed)?|reprint(?:s|ed)?|wrote"
    r"|writes?|broke"
    r"|cover(?:s|ed)?|interview(?:s|ed)?|supplied|supply|provided|quote[ds]?|appear(?:s|ed)?|sa(?:y|ys|id)|tell|told"
    r"|speak|spoke"
    r"|talk(?:ed)?|give|gave|get|got|take|took|taken|first|originally|syndicate[ds]?|credit(?:s|ed)?|claim(?:s|ed)?"
    r"|mention(?:s|ed)?"
    r"|posted|see|saw|cite[ds]?|is (?:this|that|the|it)\b.{0,20}\bfrom"
)
_PROVENANCE = re.compile(
    rf"\b(?:who|which [^,?]{{0,40}}?) (?:(?:first|originally|actually|initially|also|has|had) ){{0,2}}(?:published"
    rf"|broke the|reported"
    r"|printed|reprinted|is reporting|covered)\b"
    rf"|\b(?:which|what|whose)(?: (?!(?:did|does|do|was|were|is|are|has|have|had|will|of"
    rf"|in)\b)[\w’'-]+){{0,3}}? (?:{_OUTLET})\b(?=[^?]{{0,120}}\b(?:{_PUBLISHED})\b)"
    rf"|\bwho (?:was it (?:that|who) )?(?:is the author of|(?:first |originally )?(?:wrote|penned|authored|edited"
    rf"|filed))"
    rf" (?:the|this|that|these|those)? ?(?:[\w’'-]+ ){{0,4}}?(?:{_PIECE})\b"
    rf"|\bwhose (?:[\w’'-]+ ){{0,2}}?(?:{_PIECE}|report|reporting)\b"
    rf"|\b(?:authors?|writers?|reporters?|byline) (?:of|on|behind) (?:the|this|that|these|those) (?:[\w’'-]+ ){{0,4}}?"
    rf"(?:{_PIECE}|report)\b"
    rf"|\bwho (?:wrote|penned|authored)\b[^?]{{0,120}}\b(?:which|what|where)\b[^?]{{0,30}}\b(?:{_OUTLET}|come out"
    rf"|came out|appear(?:ed)?|published)\b"
    rf"|\b(?:when|where|on (?:which|what) \w+|in which [^?]{{0,30}}?)(?: [\w’'-]+){{0,2}}? (?:was|were|is|are|did)\b"
    rf"[^?,]{{0,80}}?\b(?:{_PIECE})\b[^?]{{0,80}}?\b(?:published|appear(?:ed)?|printed|posted|written|come from|run)\b"
    r"|\bwhere (?:do(?:es)?|did|has|have) [^?]{0,120}?\b(?:figures?|numbers?|claims?|stor(?:y|ies)|quotes?"
    r"|quotations?|information"
    r"|reports?|articles?|pieces?|texts?|estimates?|rumou?rs?|statements?|statistics|data|version|assertion"
    r"|allegations?|news)\b"
    r"[^?]{0,80}?\b(?:come|came|originate|stem|appear|first)\b"
    r"|\bis (?:that|this|it) (?:the )?[^?]{0,40}?\bor (?:someone|somebody|a person|people|a source)\b"
    r"|\bsources? (?:of|for|behind) (?:the|this|that|these|those|his|her|its|their)\b"
    r"[^?]{0,40}?\b(?:figure|number|claim|story|quote|information|report|article|estimate|rumou?r|statement|news"
    r"|allegation)"
    r"|\bwho (?:is|was|were|are) (?:the|its|their|his|her) sources?\b"
    r"|\bon whose (?:word|authority|account|information)\b|\bhow (?:does|do|did) [^?]{0,60}?\bknow\b"
    rf"|\bown (?:work|reporting|stor(?:y|ies)|article|text)\b(?=[^?]*\b(?:agency|agencies|wire|outlet|paper)\b)"
    rf"|\b(?:written|published|reported|reprinted|taken) (?:by|from) (?:which|what|whom)\b",
    re.IGNORECASE,
)
_SOURCES = (
    r"sources|reports|papers|newspapers|outlets|accounts|articles|documents|versions|media|figures|numbers|estimates"
    r"|counts"
    r"|stories|witnesses|records|press|experts|sides|dates"
)
_DISAGREEMENT = re.compile(
    rf"\b(?:{_SOURCES})\b[^.?!]{{0,50}}?\b(?:agree|disagree|differ|vary|clash|conflict|contradict|diverge|match"
    rf"|dispute)\b(?! to\b)"
    r"|\b(?:do|does|did)(?:n['’]t| not)?\b[^.?!]{0,80}? agree(?: (?:on|about|over|as to|here|in|with each)\b|\W*$)"
    r"|\b(?:don['’]t|doesn['’]t|do not|does not|seems? not to|never seem to)(?: seem to)? agree\b(?! to\b)"
    r"|\b(?:i (?:keep|have|['’]ve|am|kept|have been|found|saw|read|heard)|i['’]ve|there (?:are|were)|i see"
    r"|gives?)\b[^.?!]{0,40}?\b(?:different|several|two|various"
    r"|conflicting|contradictory|differing|varying)\b[^.?!]{0,20}?"
    r"\b(?:numbers?|figures?|versions?|accounts?|times?|dates?|names|reports|stories|answers|totals|counts|prices"
    r"|things|amounts|sums|price tags|causes|reasons|values|explanations|estimates|results|scores)\b"
    r"|\bdifferent (?:stories|versions|accounts|figures|numbers)\b"
    r"|\b(?:conflicting|contradict\w*|inconsisten\w+|discrepan\w+|at odds|(?:is|are|was|what['’]s) (?:\w+ )?disputed)\b"
    r"|\bdisagree(?:s|d|ment|ments|ing)?\b"
    r"|\b(?:the two|both|the different|the opposing|either|each|the) sides?\b[^.?!]{0,20}?\b(?:say|says|said|claim"
    r"|claims|argue|tell|see)\b"
    r"|\b(?:say|claim|argument)s?\b[^.?!]{0,20}?\b(?:the two|both|each) sides?\b"
    r"|\b(?:do|does|did)\b[^.?!]{0,80}? (?:give|name|state|report|say) the same\b"
    r"|\b(?:subtitle|subheading|headline|title|standfirst)\b[^.?!]{0,60}?\b(?:and|against|versus|but|or|than)\b"
    r"[^.?!]{0,40}?\b(?:body|text|article|story|report|page)\b"
    r"|\bwho (?:is|was) right\b|\bwhich (?:one |figure |number |version )?is (?:right|correct|true)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:,|:|;| -| –| —) ?(?=(?:and |but )?(?:do|does|did|are|is|what (?:do|does|did)|according)\b)", re.IGNORECASE
)
_WHICH_ONES = re.compile(
    r"\W*(?:which (?:ones?|are they|is it)|what are (?:they|the \w+(?: \w+)?)|what is it)\W*$", re.IGNORECASE
)
_FEWEST_OF_TOPIC = 4  # words
_COMPARISON = re.compile(
    r"\b(?:compare[ds]?|comparing|comparison|versus|vs|differ|differs|differed|differences?|contrast|in common"
    r"|how far apart"
    r"|as opposed to)\b"
    r"|\b(?:what|how|which|when|where)\b[^.?!]{0,60}? (?:do|does|did|have|has|had|will|would|are|were|is"
    r"|was)\b[^.?!]{0,120}?"
    r"\band\b[^.?!]{0,60}? (?:each|respectively)\b(?! other)"
    r"|\bset [^?!]{2,80}? (?:beside|against|next to)\b|\bside by side\b"
    r"|\bwhat (?:did|do|does|has|will) (?P<here>[^,?]{2,60}?) (?:say|want|think|propose|claim|offer"
    r"|give),? and what (?:(?:did|do|does|has|will)"
    r" )?(?P<there>[^,?]{2,60}?)(?= (?:say|want|think|propose|claim|offer|give)|[?,]|$)"
    r"|\baccording to [^?]{2,60},? and what according to\b"
    r"|\band\b[^.?!]{2,80}?[–—:,-] ?(?:how|what|which|when) (?:\w+ )?each\b"
    r"|\beach (?:of the (?:two|three|four)|side)\b"
    r"|\bhow (?:much|many|far|long)(?: \w+){0,2}? (?:more|less|fewer|\w+er)\b[^.?!]{0,100}? than\b"
    r"|\b(?:which|who|whose|what|where)\b[^.?!]{0,120}?(?:,|:| -| –| —) ?(?P<first>(?!(?:and|or"
    r"|but)\b)[^,.?!:–—]{2,60}?),? or (?P<second>[^,.?!:]{2,60})"
    r"(?=[?,]|$)"
    r"|^(?P<one>[^,.?!:–—]{2,60}) or (?P<other>[^,.?!:–—]{2,60}?)(?::|,| -| –| —)\s?(?:which|who|whose|what|where)\b",
    re.IGNORECASE,
)
_SIDES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bhow (?:do|does|did) (?P<sides>[^?:;]{3,80}? compares? (?:with|to) [^?:;,]{2,80})",
        r"\bbetween (?P<sides>[^?:;]{3,150})",
        r"\bcompar(?:e|ing|ison of) (?P<sides>[^?:;]{3,150})",
        r"\bcontrast (?P<sides>[^?:;]{3,150})",
        r"\bhow (?:do|does|did|would|will|have|has|are|were) (?P<sides>[^?:;]{3,150}?) (?:differ|compare|contrast"
        r"|each)\b",
        r"\b(?:what|how|which|when|where)\b[^?:;]{0,40}? (?:do|does|did|would|will|have|has|are"
        r"|were) (?P<sides>[^?:;]{3,120}?),? each\b",
        r"\b(?:what|do|does|did|have) (?P<sides>[^?:;]{3,150}?) (?:have )?in common\b",
        r"^(?P<sides>[^?:;]{3,120} (?:versus|vs\.?) [^?:;,]{2,60})",
    )
]
_SIDES_END = re.compile(
    r"\s+(?:on|in|about|over|at|when|where|regarding|concerning|as|during|after|before|say|said|think|propose|by|for"
    r"|of how|towards?|with regard)\b"
    r"[^,]*$",
    re.IGNORECASE,
)
_BETWEEN_SIDES = re.compile(r",? (?:compares? (?:with|to)|and|or|with|to|versus|vs\.?|against) |, ", re.IGNORECASE)

_CHANGE = (
    r"chang(?:e|ed|es|ing)|develop(?:ed|s|ing)?|evolv(?:e|ed|es)|shift(?:ed|s)?|progress(?:ed)?|unfold(?:ed|s)?|grow"
    r"|grew|grown"
    r"|come about|came about|play out|vary|varied|fluctuate[ds]?|move from|go from|gone from|went from"
    r"|proceed(?:ed)?|escalate[ds]?"
)
_DEVELOPMENT = re.compile(
    rf"\bhow (?:did|has|have|had|does|do|was|were)\b[^?!]{{0,160}}?\b(?:{_CHANGE})\b"
    rf"|\b(?:{_CHANGE})\b[^?]{{0,100}}?[.:?–—-]\s+(?:in what way|how)\W*$"
    r"|\bhow (?:did|has|have|had) [^?!]{0,120}?\b(?:rise|risen|fall|fallen|increased?|decreased?|declined?|drop"
    r"|dropped|move)\b"
    r"[^?!]{0,40}?\b(?:between|from)\b"
    r"|\bover (?:time|the (?:\w+ )?(?:years?|months?|weeks?|days|decades?|course))\b|\btime-?line\b|\bchronolog\w+"
    r"|\bstep by step\b"
    r"|\b(?:course|sequence|order|chain) of (?:the )?events\b|\bhistory of\b"
    r"|\bwhat (?:has |have |had )?happened (?:after|next|to|between|since|then|afterwards|in the end|from)\b"
    r"|\bwhat (?:has |had )?(?:became|become) of\b|\bhow (?:it|things) (?:went on|came about|ended)\b"
    r"|\bwhat came (?:of|next|after)\b"
    r"|\bfrom the (?:first|beginning|start|outset|initial|opening|early)\b[^?]{0,60}? (?:to|until|till) the (?:\w+ )?"
    r"(?:final|end|last|second|present|settlement|deal|verdict|finish|latest)\b"
    r"|\b(?:stages|phases|milestones) (?:of|in)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(r"\b(?:point by point|one by one|item by item)\b", re.IGNORECASE)
_HELD = re.compile(r" (?:do|does|did|has|have|had)\b[^?]{0,80}?\b(?:hold|held|occup(?:y|ied)|have at)\b", re.IGNORECASE)
_HAS_CHANGED = re.compile(r"\bhow (?:did|has|have|had|does|do|was|were)\s", re.IGNORECASE)
_AGREE_ON = re.compile(r"\b(?:agree|disagree|differ|dispute|vary) (?:on|about|over|as to|in)\s", re.IGNORECASE)
_DECLARED = re.compile(
    r"^(?:is it (?:true|correct|right|the case|a fact) (?:that|to say)|true or false)\b", re.IGNORECASE
)
_BE = _words("is are was were")
_INSIDE = _words("inside under behind near beside within")
_KIND_WORDS = _words("kind kinds sort sorts type types")
_NAMING = _words("name names number identity identities list names amount total sum identity surname")
_WHO_IS = re.compile(r"(?i:who(?:['’]s| is| was)) (?:[A-Z][\w’'-]*\.? ?){1,4}\W*$")
_MEMBERS = re.compile(
    r"who (?:all\b|(?:are|were) (?:all )?(?:the|those|his|her|its|their)|else\b|sat (?:at|on|in)\b"
    r"|(?:exactly )?(?:took|takes|take) part"
    r"|attended|make up|makes up|made up|belong(?:s|ed)? to)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Token:
    span: Span
    text: str  # in lower case, with straight apostrophes
    as_written: str
    is_led: bool  # begins a clause: there is a mark before it


@dataclass(frozen=True)
class _Reading:
    form: Form = "fact"
    thing: Thing = "other"
    focus: Span | None = None


def asked(text: str) -> Asked:
    """What ``text`` asks for; of a long one only what its beginning does."""
    plain = _QUOTED.sub(lambda found: "_" * len(found.group()), text[:_READ_CHARACTERS])
    reading = _read(plain)
    form, thing, focus = reading.form, reading.thing, reading.focus
    sides: tuple[str, ...] = ()
    topic = ""
    if _PROVENANCE.search(plain):
        form = "provenance"
        thing = _of_a_source(plain, thing)
    elif _EXACT.search(plain):
        form, thing = "quotation", "words"
    elif _DISAGREEMENT.search(plain):
        form, topic = "disagreement", _topic(text[:_READ_CHARACTERS], plain)
        if focus is None and (agreed := _AGREE_ON.search(plain)):
            thing, focus = _behind(plain, agreed.end())
    elif compared := _COMPARISON.search(plain):
        form, sides = "comparison", _sides(text, plain, compared)
    elif _DEVELOPMENT.search(plain):
        form = "development"
        thing, focus = _what_changed(plain, thing, focus)
    elif form == "fact" and _POINTS.search(plain):
        form = "list"
    return Asked(form, thing, text[focus.start : focus.end] if focus else "", focus, sides, topic)


def _topic(text: str, plain: str) -> str:
    """The parts that do not only speak of sources that differ, where they say enough to be a question themselves."""
    kept = []
    for part in _PART.finditer(plain):
        start, end = part.span()
        aside = next(
            (at for at in _ASIDE.finditer(plain, start, end) if _DISAGREEMENT.search(plain, at.start(), end)), None
        )
        end = aside.start() if aside and aside.start() > start else end
        if not _DISAGREEMENT.search(plain, start, end) and not _WHICH_ONES.match(plain, start, end):
            kept.append(text[start:end].strip())
    topic = " ".join(kept)
    return topic if len(topic.split()) >= _FEWEST_OF_TOPIC else ""


def _read(plain: str) -> _Reading:
    """The first part that has a question in it; of those without one the first that begins with what is asked for."""
    parts = [Span(*part.span()) for part in _PART.finditer(plain) if part.group().strip()]
    # An order to the machine may stand before the question.
    for part in sorted(parts, key=lambda one: "?" not in plain[one.start : one.end]):
        reading = _part(plain, part)
        if reading is not None:
            return reading
    return _Reading()


def _tokens(plain: str, part: Span) -> list[_Token]:
    found: list[_Token] = []
    end = part.start
    for match in _WORD.finditer(plain, part.start, part.end):
        written = match.group()
        between = plain[end : match.start()]
        is_led = not found or _LED_BY.search(between) is not None
        found.append(_Token(Span(*match.span()), written.replace("’", "'").lower(), written, is_led))
        end = match.end()
    return found


def _part(plain: str, part: Span) -> _Reading | None:
    start = part.start
    while start < part.end and not plain[start].isalnum():
        start += 1
    is_embedded = False
    while lead := _FILLER.match(plain, start, part.end) or _REQUEST.match(plain, start, part.end):
        is_embedded = is_embedded or _REQUEST.match(plain, start, part.end) is not None
        start = lead.end()
    tokens = _tokens(plain, Span(start, part.end))
    if not tokens:
        return None
    rest = plain[start : part.end]
    if _LIST.match(rest) or _NAME_ALL.match(rest):
        thing, focus = _noun(tokens, 2 if _NAME_ALL.match(rest) else 1)
        return _Reading("list", thing, focus)
    if given := _GIVE.match(plain, start, part.end):
        following = _tokens(plain, Span(given.end(), part.end))
        return _named(following)
    if is_embedded and tokens[0].text in _DETERMINERS:
        return _named(tokens)
    at = _opening(tokens, is_embedded=is_embedded)
    if at is None:
        if tokens[0].text in _AUXILIARIES:
            return _Reading("yes or no")
        if len(tokens) > 2 and any(token.text == "of" for token in tokens[1:4]) and _kind(tokens[0].text) != "other":
            return _named(tokens)
        if len(tokens) > 2 and tokens[0].text in _NAMING and tokens[1].text == "of":
            return _named(tokens)
        return None
    return _question(plain, tokens, at, part)


_ALWAYS = _words("who whom whose what which why how what's who's where's when's how's")


def _opening(tokens: Sequence[_Token], *, is_embedded: bool) -> int | None:
    """Where the question word stands: at the beginning, behind a mark, or else wherever one surely asks."""

    def opens(at: int) -> bool:
        token = tokens[at]
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if token.text in _ALWAYS:
            return True
        # "When the gate broke, who …" asks for no time.
        is_first = at == 0 or (at == 1 and tokens[0].text in _PREPOSITIONS)
        return token.text in ("when", "where") and (
            not following or following in _AUXILIARIES or (is_embedded and is_first) or following in ("exactly", "else")
        )

    for at, token in enumerate(tokens):
        if token.is_led and token.text in _AUXILIARIES:
            return None if at == 0 else _first_open(tokens, opens, at)
        if token.is_led:
            skipped = at
            while skipped < len(tokens) - 1 and skipped < at + 2 and (
                tokens[skipped].text in _PREPOSITIONS or tokens[skipped].text in ("and", "exactly", "just", "but", "or")
            ):  # fmt: skip
                skipped += 1
            if opens(skipped):
                return skipped
    return _first_open(tokens, opens, len(tokens))


def _first_open(tokens: Sequence[_Token], opens: Callable[[int], bool], end: int) -> int | None:
    for at in range(end):
        if tokens[at].text in ("how", "what", "which", "whose", "why") and opens(at):
            return at
        is_inside = at > 0 and tokens[at].text in ("who", "when", "where") and opens(at) and at + 1 < len(tokens)
        if is_inside and (tokens[at].text != "who" or _asks(tokens, at + 1)):
            return at
    return None


def _question(plain: str, tokens: Sequence[_Token], at: int, part: Span) -> _Reading:
    """What the question word at ``at`` asks for."""
    word = tokens[at].text.removesuffix("'s")
    before = tokens[at - 1].text if at else ""
    following = tokens[at + 1].text if at + 1 < len(tokens) else ""
    rest = plain[tokens[at].span.start : part.end]
    if word in ("who", "whom"):
        if _WHO_IS.match(rest) and not re.search(r"['’]s? \w", rest[5:]):
            return _Reading("fact", "title")
        return _Reading("list" if _MEMBERS.match(rest) else "fact", "person")
    if word == "whose":
        return _Reading("fact", "person")
    if word == "when":
        return _Reading("fact", "date")
    if word == "where":
        return _Reading("fact", "place")
    if word == "why" or (word == "how" and following == "come"):
        return _Reading("fact", "reason")
    if word == "how":
        return _how(tokens, at, rest)
    if before == "as" and (not following or following in _AUXILIARIES):
        return _Reading("fact", "title")
    if before in _PREPOSITIONS and following in _AUXILIARIES:
        return _Reading("fact", "place" if before in _INSIDE else "other")
    if word == "what" and _CAUSED.match(rest):
        return _Reading("fact", "reason")
    if tokens[at].text == "what's" or following in _AUXILIARIES or following in ("exactly", "precisely", "else"):
        return _what(plain, tokens, at, rest)
    if word == "what" and re.match(r"what (?:\w+ )?happened\b", rest, re.IGNORECASE):
        return _Reading()
    if word == "what" and _is_clause(tokens, at + 1):
        return _said(rest, len(word)) or _Reading()
    thing, focus = _noun(tokens, at + 1)
    return _of_noun(plain, tokens, thing, focus, at)


def _is_clause(tokens: Sequence[_Token], at: int) -> bool:
    """True for "what Ada Orm said", where no noun of a kind follows the question word."""
    return at < len(tokens) and (
        tokens[at].text in _DETERMINERS | _PRONOUNS
        or tokens[at].as_written[0].isupper()
        or tokens[at].text in _PAST
        or (tokens[at].text.endswith("ed") and _kind(tokens[at].text) == "other" and not _asks(tokens, at + 1))
    )


def _asks(tokens: Sequence[_Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].text in _AUXILIARIES


def _how(tokens: Sequence[_Token], at: int, rest: str) -> _Reading:
    following = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if following == "many":
        _, focus = _noun(tokens, at + 2)
        return _Reading("fact", "number", focus)
    if following == "much":
        thing, focus = _noun(tokens, at + 2)
        if tokens[at + 2 : at + 3] and tokens[at + 2].text == "of":
            focus = None  # the whole that a part is asked of
        then = tokens[at + 2].text if at + 2 < len(tokens) else ""
        is_price = then in _BE and not re.match(r"how much (?:is|are|was|were) [^?]*\b(?:left|true|known)\b", rest)
        is_by = at and tokens[at - 1].text == "by"
        if is_by and not re.search(r"\b(?:price|cost|pay|wage|fine|fee|budget)\w*\b", rest):
            return _Reading("fact", "number", focus if thing == "number" else None)
        if thing == "money" or is_price or (focus is None and _OF_MONEY.search(rest)):
            return _Reading("fact", "money", focus)
        if focus and rest[focus.start - tokens[at].span.start :].lower().startswith(("more", "less", "longer")):
            focus = None
        return _Reading("fact", "number", focus)
    if following in _PRICED:
        return _Reading("fact", "money")
    if following in _MEASURES:
        return _Reading("fact", "number")
    if following in _AUXILIARIES or following == "exactly":
        ahead = _SUBORDINATE.split(rest, maxsplit=1)[0]
        if _PUT.search(ahead):
            return _Reading("quotation", "words")
        return _Reading("fact", "words" if re.search(r"\b(?:react|comment)\b", ahead) else "manner")
    if not following or following in _DETERMINERS | _PRONOUNS | {"to"} or tokens[at + 1].as_written[0].isupper():
        return _Reading("fact", "manner")
    if at:
        return _Reading("fact", "manner")  # "Explain how rivers rise"
    return _Reading()  # "how mny": mistyped


def _what(plain: str, tokens: Sequence[_Token], at: int, rest: str) -> _Reading:
    """What a question with "what did" or "what is the" asks for: told by the verb, or by the noun behind "is"."""
    begin = at + 1
    while begin < len(tokens) and tokens[begin].text in ("exactly", "precisely", "else"):
        begin += 1
    verb = tokens[begin].text if begin < len(tokens) else ""
    if tokens[at].text == "what's" or verb in _BE:
        begin += tokens[at].text != "what's"
        thing, focus = _subject(tokens, begin)
        is_noun = any(token.text in _DETERMINERS or token.text.endswith(("'s", "s'")) for token in tokens[begin:])
        if focus is not None and is_noun:
            return _of_noun(plain, tokens, thing, focus, at)
    if said := _said(rest, len("what")):
        return said
    if _LIVING.search(rest):
        return _Reading("fact", "title")
    if _COSTS.search(_SUBORDINATE.split(rest)[0]):
        return _Reading("fact", "money")
    if re.search(r"\b(?:weigh|measure|weighed|measured)\b", rest):
        return _Reading("fact", "number")
    return _Reading("list") if [token.text for token in tokens[at + 1 : at + 2]] == ["else"] else _Reading()


def _said(rest: str, begin: int) -> _Reading | None:
    ahead = _SUBORDINATE.split(rest[begin:], maxsplit=1)[0]
    if _SAY.search(ahead):
        return _Reading("quotation", "words")
    return _Reading("fact", "words") if _HOLD.search(ahead) else None


def _named(tokens: Sequence[_Token]) -> _Reading | None:
    """What is asked for without a question word: "the date of the flood", "the names of the members"."""
    at = 0
    while at < len(tokens) and tokens[at].text in _DETERMINERS | {"all"}:
        at += 1
    for found, token in enumerate(tokens):
        if found > 1 and token.is_led and token.text in ("who", "what", "which"):
            break
    if at < len(tokens) and tokens[at].text in _ALWAYS:
        return None
    thing, focus = _subject(tokens, 0, is_asked=True)
    if focus is None:
        return None
    many = _is_many(tokens, focus) or any(token.text in ("names", "all") for token in tokens[: at + 1])
    if thing == "words":
        return _Reading("quotation", thing, focus)
    return _Reading("list" if many and thing not in ("number", "reason", "words") else "fact", thing, focus)


def _of_noun(plain: str, tokens: Sequence[_Token], thing: Thing, focus: Span | None, at: int) -> _Reading:
    if focus is None:
        return _Reading()
    if thing == "words" and _HELD.match(plain, focus.end):
        thing = "title"  # a position that is held is no opinion
    opened = [token.text for token in tokens[at : at + 5]]
    if thing == "words":
        return _Reading(
            "quotation" if opened[1:2] and plain[focus.start : focus.end].lower() in _QUOTED_WORDS else "fact",
            thing,
            focus,
        )
    is_one_of = opened[1:2] == ["of"] or opened[1:3] == ["one", "of"]
    is_list = any(word in ("kinds", "sorts", "types", "names") for word in opened) or (
        _is_many(tokens, focus) and not is_one_of
    )
    return _Reading("list" if is_list and thing not in ("number", "reason") else "fact", thing, focus)


_QUOTED_WORDS = _words(
    "words word remark remarks statement quote quotes reply response answer comment comments wording phrase quotation "
    "message"
)


def _is_many(tokens: Sequence[_Token], focus: Span) -> bool:
    inside = [token for token in tokens if focus.covers(token.span)]
    return bool(inside) and _is_plural(inside[-1].text)


def _is_plural(word: str) -> bool:
    if word in _PLURALS:
        return True
    return (
        len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")) and word not in _SINGULAR_S
    )


def _noun(tokens: Sequence[_Token], at: int) -> tuple[Thing, Span | None]:
    """The kind that the noun phrase from ``at`` on names, and where; of "number of houses" it is the houses."""
    begin = at
    while begin < len(tokens) and tokens[begin].text in _DETERMINERS | _COUNTS | {"of", "all"}:
        begin += 1
    if begin > at and tokens[begin - 1].text in ("those", "these"):
        return "other", None  # "how many of those hurt"
    first = begin
    words: list[_Token] = []
    while begin < len(tokens) and len(words) < _LONGEST_PHRASE:
        token = tokens[begin]
        is_name = token.as_written[0].isupper() and words and words[-1].as_written[0].islower()
        if (words and token.is_led) or token.text in _BORDERS or is_name or (words and _is_verb(tokens, begin)):
            break
        words.append(token)
        begin += 1
        if token.text.endswith(("'s", "s'")):
            words = []  # whose it is, is not what it is
            while begin < len(tokens) and tokens[begin].text in _COUNTS:
                begin += 1
        elif _is_plural(token.text):
            break
    while words and (words[-1].text.endswith("ly") and words[-1].text not in _KIND_OF):
        words.pop()
    while len(words) > 1 and (words[0].text.isdigit() or words[0].text in _COUNTS):
        words.pop(0)
    if not words:
        return "other", None
    last = words[-1].text
    is_of = begin < len(tokens) and tokens[begin].text == "of"
    if is_of and last in _KIND_WORDS:
        return _noun(tokens, begin + 1)
    if is_of and last in _NAMING:
        thing, focus = _noun(tokens, begin + 1)
        if last in ("number", "amount", "total", "sum") and focus is not None:
            return "money" if thing == "money" else "number", focus
        if focus is not None and last != "list":
            return thing if thing in ("person", "group", "place", "title") else "other", focus
    if last in ("name", "surname", "names") and first < len(tokens) and begin - 2 >= 0:
        owner = tokens[begin - 2]
        if owner.text.endswith(("'s", "s'")) and not owner.as_written[0].isupper():
            span = Span(owner.span.start, owner.span.end - (2 if owner.text.endswith("'s") else 1))
            return _kind(owner.text.rstrip("'").removesuffix("'s")), span
    return _kind(last), Span(words[0].span.start, words[-1].span.end)


def _subject(tokens: Sequence[_Token], at: int, *, is_asked: bool = False) -> tuple[Thing, Span | None]:
    """The noun phrase behind "what is", where it names a kind and is not itself what is asked about."""
    thing, focus = _noun(tokens, at)
    if focus is None:
        return thing, focus
    inside = [token for token in tokens if focus.covers(token.span)]
    if not inside:
        return thing, focus  # "the captain's name"
    index = tokens.index(inside[-1]) + 1
    following = tokens[index].text if index < len(tokens) else ""
    is_owned = any(token.text.endswith(("'s", "s'")) for token in tokens[at:index])
    is_named = any(token.as_written[0].isupper() for token in inside)
    if thing != "other" or is_owned or is_asked or (following in ("of", "for", "behind", "that") and not is_named):
        return thing, focus
    before = [token.text for token in tokens[at : tokens.index(inside[0])]]
    if "of" in before or (_is_plural(inside[-1].text) and not is_named and following):
        return thing, focus  # "the name of the ship"
    return "other", None


def _is_verb(tokens: Sequence[_Token], at: int) -> bool:
    """True where a word behind a noun is more likely what was done."""
    token = tokens[at]
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is not None and following.text in _AUXILIARIES and not following.is_led:
        return False  # "which price cut did"
    if token.text in _PAST or (token.text.endswith("ed") and len(token.text) > 4):
        return following is None or not _is_plain_noun(following) or token.text in _PAST
    if following is None:
        return False
    if following.text in _OBJECTS and not following.is_led and _kind(token.text) == "other":
        return True
    return token.text.endswith("s") and token.as_written[0].islower() and following.as_written[0].isupper() and not (
        following.is_led or token.text.endswith(("ss", "'s", "s'"))
    )  # fmt: skip


def _is_plain_noun(token: _Token) -> bool:
    return (
        not token.is_led
        and token.text not in _BORDERS
        and token.as_written[0].islower()
        and not token.text.endswith(("ed", "ly"))
    )


def _kind(noun: str) -> Thing:
    """The kind that a noun names, in the singular or plural."""
    for word in _singulars(noun):
        if word in _KIND_OF:
            return _KIND_OF[word]
    for word in _singulars(noun):
        tail = word.rsplit("-", 1)[-1]
        if tail in _KIND_OF:
            return _KIND_OF[tail]
        if _OF_PERSONS.search(word) and word not in _NO_PERSON:
            return "person"
    return "other"


def _singulars(noun: str) -> Iterator[str]:
    yield noun
    if noun.endswith("ies"):
        yield noun[:-3] + "y"
    if noun.endswith("men"):
        yield noun[:-2] + "an"
    if noun.endswith("es"):
        yield noun[:-2]
    if noun.endswith("s"):
        yield noun[:-1]


_WROTE = re.compile(
    r"\bwho(?:se)?\b[^?]{0,30}?\b(?:wrote|penned|authored|edited|filed|author)\b|\bwhose\b", re.IGNORECASE
)
_WHEN = re.compile(r"\b(?:when|(?:which|what) (?:\w+ )?(?:date|day|month|year|week))\b", re.IGNORECASE)


def _of_a_source(plain: str, thing: Thing) -> Thing:
    if _WHEN.search(plain) and thing == "date":
        return "date"
    if thing == "group":
        return thing
    if _WROTE.search(plain):
        return "person"
    if thing == "person" and re.search(
        r"\bwho(?:m|se)? (?:is|was|are|were) (?:the|its|their) source", plain, re.IGNORECASE
    ):
        return "person"
    return "group" if thing == "person" else "other"


def _behind(plain: str, begin: int) -> tuple[Thing, Span | None]:
    """The thing named by a noun phrase or by a question of its own: "agree on the date", "agree on how many …"."""
    part = Span(begin, min(len(plain), begin + _LONGEST_SIDES))
    tokens = _tokens(plain, part)
    if tokens and tokens[0].text in _ALWAYS | {"when", "where"}:
        reading = _question(plain, tokens, 0, part)
        return reading.thing, reading.focus
    return _noun(tokens, 0)


def _what_changed(plain: str, thing: Thing, focus: Span | None) -> tuple[Thing, Span | None]:
    """A figure or an account that is named as what changed; of anything else it is the whole that is asked for."""
    changed = _HAS_CHANGED.search(plain)
    if changed is None:
        return (thing, focus) if thing in ("number", "money", "words", "date") else ("other", None)
    named, span = _noun(_tokens(plain, Span(changed.end(), min(len(plain), changed.end() + _LONGEST_SIDES))), 0)
    return (named, span) if named in ("number", "money", "words", "date") else ("other", None)


def _sides(text: str, plain: str, compared: re.Match[str]) -> tuple[str, ...]:
    for one, other in (("first", "second"), ("one", "other"), ("here", "there")):
        if compared.group(one):
            spans = [Span(*compared.span(one)), Span(*compared.span(other))]
            parts = [part for span in spans for part in _split(text, plain, span)]
            return tuple(_trimmed(part) for part in parts)
    for pattern in _SIDES:
        if match := pattern.search(plain):
            start, end = match.span("sides")
            while tail := _SIDES_END.search(plain[start:end]):
                end = start + tail.start()
            sides = tuple(_trimmed(part) for part in _split(text, plain, Span(start, end)))
            return sides if len(sides) > 1 else ()
    return ()


def _split(text: str, plain: str, span: Span) -> Iterator[str]:
    start = span.start
    for joint in _BETWEEN_SIDES.finditer(plain, span.start, span.end):
        yield text[start : joint.start()]
        start = joint.end()
    yield text[start : span.end]


def _trimmed(side: str) -> str:
    return re.sub(r"^(?:both|either|of) ", "", side.strip(" ,.-–—"))
