"""The language of a text, told where it is plain and left open where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from corpus.document import Field
from corpus.language import FROM_TEXT, code_of, language_of, settled
from corpus.understanding import understand

STORIES = {
    "en": "The ferry burned for three days, and nobody in the harbour could say who had left the lamp on the stairs.",
    "de": "Die Fähre brannte drei Tage lang, und niemand im Hafen wusste, wer die Lampe auf der Treppe gelassen hatte.",
    "fr": "Le bateau a brûlé pendant trois jours, et personne au port ne savait qui avait laissé la lampe allumée.",
    "es": "El barco ardió durante tres días y nadie en el puerto sabía quién había dejado la lámpara en la escalera.",
    "it": "Il traghetto è bruciato per tre giorni e nessuno nel porto sapeva chi avesse lasciato la lampada accesa.",
    "pt": "O barco ardeu durante três dias e ninguém no porto sabia quem tinha deixado a lâmpada acesa na escada.",
    "nl": "De veerboot brandde drie dagen lang, en niemand in de haven wist wie de lamp op de trap had laten staan.",
    "sv": "Färjan brann i tre dagar, och ingen i hamnen kunde säga vem som hade lämnat lampan tänd i trappan.",
    "pl": "Prom płonął przez trzy dni i nikt w porcie nie wiedział, kto zostawił zapaloną lampę na schodach.",
    "tr": "Vapur üç gün boyunca yandı ve limanda kimse lambayı merdivende kimin bıraktığını söyleyemedi.",
    "ru": "Паром горел три дня, и никто в порту не мог сказать, кто оставил зажжённую лампу на лестнице.",
    "uk": "Пором горів три дні, і ніхто в порту не міг сказати, хто залишив запалену лампу на сходах.",
    "el": "Το πλοίο καιγόταν τρεις ημέρες και κανείς στο λιμάνι δεν ήξερε ποιος είχε αφήσει τη λάμπα στη σκάλα.",
    "ar": "احترقت العبارة لمدة ثلاثة أيام ولم يعرف أحد في الميناء من ترك المصباح مضاء على الدرج."
    " قالت المديرة إنها رأت ضوءا في الساعة الثانية صباحا.",
    "zh": "渡船烧了三天，港口里没有人能说出是谁把灯留在楼梯上的。议会将于星期五开会。",
    "ja": "渡し船は三日間燃え続け、誰が階段にランプを置き忘れたのか港の誰も言えなかった。",
}


@pytest.mark.parametrize("language", STORIES)
def test_a_sentence_or_two_say_in_which_language_they_are(language: str) -> None:
    assert language_of(STORIES[language]) == language


def test_a_text_in_capitals_and_one_between_addresses_is_read_all_the_same() -> None:
    assert language_of(STORIES["en"].upper()) == "en"
    assert language_of("https://hafen.example/das/ist/die/Fähre nell@hafen.example\n" * 20 + STORIES["fr"]) == "fr"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The ferry burned.",
        "Fähre brennt",
        "渡船烧了",
        "1 2 3 4 5 6 7 8 9 " * 50,
        "Nell Ashgrove, Tom Pell, Cy Dell, Ivo Kern, Jan Lorn, Gus Inn, Hal Jarl, Fay Holt, Ed Gorm",
        "qwrt zxcv plkj mnbv tyui ghjk wert sdfg xcvb poiu lkjh zmxn cnvb qpwo eiru tyal skdj fhgz",
        "x" * 5_000,
        "https://hafen.example/die/fähre/brannte/drei/tage/lang/und/niemand/im/hafen/wusste/wer " * 20,
    ],
    ids=["nothing", "short", "two words", "four signs", "figures", "names", "noise", "one letter", "addresses"],
)
def test_what_is_too_little_to_tell_is_left_open(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize(("one", "other"), [("en", "de"), ("es", "pt"), ("en", "ru"), ("fr", "ar"), ("nl", "sv")])
def test_a_text_in_two_languages_is_in_neither(one: str, other: str) -> None:
    first, second = STORIES[one], STORIES[other]
    assert language_of(f"{first} " * 8 + f"{second} " * 8) is None
    assert language_of(f"{first}\n{second}\n" * 8) is None


def test_a_foreign_quotation_does_not_change_the_language_of_a_text() -> None:
    assert language_of(f"{STORIES['en']} " * 6 + STORIES["de"] + f" {STORIES['en']}" * 6) == "en"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("EN_us.UTF-8", "en"),
        ("zh-Hant-TW", "zh"),
        ("eng", "en"),
        ("ger", "de"),
        (" German ", "de"),
        ("iw", "he"),
        ("english", "en"),
        ("eng-GB", "en"),
        ("", None),
        ("xx", None),
        ("x-default", None),
        ("und", None),
        ("mul", None),
        ("template", None),
        ("en, de", None),
        ("de" * 50_000, None),
    ],
)
def test_a_tag_or_a_name_is_read_as_its_code_and_nonsense_as_nothing(tag: str, code: str | None) -> None:
    assert code_of(tag) == code


def test_a_statement_is_kept_where_the_text_does_not_speak_against_it() -> None:
    stated = Field("de-AT", "html lang")
    assert settled(STORIES["de"], stated) == (Field("de", "html lang"), ())
    assert settled("Fähre brennt", stated) == (Field("de", "html lang"), ())


def test_a_text_plainly_in_another_language_is_believed_over_what_its_template_states() -> None:
    note = "states that its language is 'en', but the text is in 'de'"
    assert settled(STORIES["de"], Field("en-US", "html lang")) == (Field("de", FROM_TEXT), (note,))


def test_a_statement_of_a_close_relative_or_of_a_language_unknown_to_the_detector_holds() -> None:
    assert settled(STORIES["sv"], Field("sv", "html lang"))[0] == Field("sv", "html lang")
    malay = "Feri itu terbakar selama tiga hari dan tiada sesiapa di pelabuhan tahu siapa meninggalkan lampu di tangga."
    assert settled(malay, Field("id", "front matter")) == (Field("id", "front matter"), ())
    assert settled(STORIES["en"], Field("kw", "front matter")) == (Field("kw", "front matter"), ())


def test_nonsense_that_is_stated_is_dropped_and_the_text_read() -> None:
    assert settled(STORIES["en"], Field("template", "html lang")) == (Field("en", FROM_TEXT), ())
    assert settled("Fähre brennt", Field("template", "html lang")) == (None, ())
    assert settled("Fähre brennt", None) == (None, ())


def test_a_document_says_its_language_and_how_that_is_known() -> None:
    document = understand(STORIES["fr"], "bateau.txt")
    assert (document.header.language, document.origins["language"]) == ("fr", "the text itself")
    unknown = understand("Fähre brennt", "fähre.txt")
    assert (unknown.header.language, "language" in unknown.origins) == (None, False)


def test_the_model_is_not_loaded_before_a_text_is_long_enough() -> None:
    script = "import sys, corpus.language as l; l.language_of('Too short.'); print('py3langid' in sys.modules)"
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "False"
