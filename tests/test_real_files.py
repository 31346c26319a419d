"""Files as the programs of real people write them: office tables, news APIs, mail programs, old and new web pages."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from unicodedata import normalize

import pytest
from reportlab.pdfgen.canvas import Canvas

from corpus.document import Document
from corpus.loaders import load
from corpus.reading import Part, parts

WEIR = "The weir at Orm broke on Monday night, and the water took two sheds and a boat."
KEEPER = "Ada Orm, who keeps it, had asked for new beams in March."


def read(data: bytes, name: str) -> dict[str, Part]:
    return {part.name: part for part in parts(data, name)}


def documents(data: bytes, name: str) -> dict[str, Document]:
    return {part.name: part.document for part in parts(data, name) if part.document}


def record(**fields: object) -> Document:
    return load(json.dumps(fields).encode(), "a.json")


def indexed(document: Document) -> str:
    """The text without its furniture."""
    kept, start = "", 0
    for span in document.furniture:
        kept, start = kept + document.text[start : span.start], span.end
    return kept + document.text[start:]


# Records


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<p>{WEIR}</p>\n<p>{KEEPER}</p>", f"{WEIR}\n{KEEPER}"),
        (f"<div>{WEIR}<script>track('it')</script></div><ul><li>Two sheds</li></ul>", f"{WEIR}\nTwo sheds"),
        (f"{WEIR}<br/><br/>{KEEPER}", f"{WEIR}\n{KEEPER}"),
        (f"<em>{WEIR}</em>\n\n{KEEPER}", f"{WEIR}\n{KEEPER}"),  # an editor that keeps line ends instead of <p>
        ("&lt;p&gt;Orm &amp;amp; Sons&lt;/p&gt;", "Orm & Sons"),
        ("It&#8217;s Orm &amp; Sons&nbsp;&mdash; again.", "It’s Orm & Sons\u00a0— again."),
    ],
)  # fmt: skip
def test_markup_in_a_record_is_read_and_not_indexed(body: str, text: str) -> None:
    assert record(body=body).text == text


def test_signs_of_less_and_more_are_no_markup() -> None:
    text = "If a < b and b > c, nothing follows; <5 percent & more."
    assert record(body=text).text == text


def test_offsets_are_those_of_the_text_that_was_kept() -> None:
    document = record(body="<p>&ldquo;We heard it,&rdquo; said Ada Orm, who keeps the weir.</p>")
    (quotation,) = document.quotations
    assert document.text[quotation.span.start : quotation.span.end] == "“We heard it,”"


def test_a_record_says_where_its_text_is_cut_off() -> None:
    document = record(
        title="Weir - Mill Post", source={"id": None, "name": "Mill Post"}, content=f"{WEIR}… [+1234 chars]"
    )
    assert document.text == f"{WEIR}…"
    assert document.notes == ("cut off where it comes from: 1,234 more characters are not in the record",)
    assert (document.header.title, document.header.outlet) == ("Weir", "Mill Post")


def test_a_record_may_nest_what_it_says() -> None:
    posted = record(title={"rendered": "Weir &#8220;sang&#8221;"}, content={"rendered": f"<p>{WEIR}</p>"}, author=3)
    assert (posted.text, posted.header.title, posted.header.byline) == (WEIR, "Weir “sang”", None)
    filed = record(webTitle="Weir breaks", fields={"bodyText": WEIR, "byline": "By Ada Orm"})
    assert (filed.text, filed.header.title, filed.header.byline) == (WEIR, "Weir breaks", "Ada Orm")


def test_a_record_with_an_empty_text_is_told_from_one_without_the_field() -> None:
    found = read(b'{"content": null}\n', "a.jsonl")
    assert found["a.jsonl#1"].reason == "has no text: its field content is empty"


@pytest.mark.parametrize("form", ["list", "lines"])
def test_a_json_file_may_hold_a_list_of_records(form: str) -> None:
    records = [{"body": WEIR}, {"body": KEEPER}]
    data = json.dumps(records, indent=1) if form == "list" else "\n".join(map(json.dumps, records))
    assert [each.text for each in documents(data.encode(), "news.json").values()] == [WEIR, KEEPER]
    assert list(documents(data.encode(), "news.json")) == ["news.json#1", "news.json#2"]


def test_a_list_of_records_in_an_archive_is_read_too() -> None:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("news.json", json.dumps([{"body": WEIR}]))
    assert list(documents(data.getvalue(), "old.zip")) == ["old.zip/news.json#1"]


def test_a_table_may_name_its_separator_and_speak_german() -> None:
    table = (
        "sep=;\r\nTitel;Quelle;Autor;Datum;Text\r\n"
        'Wehr bricht;Ormer Bote;Ada Orm;13.01.2025;"Nachts; um zwei\nbrach es."\r\n'
    )
    (document,) = documents(b"\xef\xbb\xbf" + table.encode(), "excel.csv").values()
    assert document.text == "Nachts; um zwei\nbrach es."
    header = document.header
    assert (header.title, header.outlet, header.byline, header.published) == (
        "Wehr bricht",
        "Ormer Bote",
        "Ada Orm",
        "2025-01-13",
    )


def test_names_in_an_archive_are_spelled_as_people_type_them() -> None:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(normalize("NFD", "Müll/Größe.txt"), WEIR)
        archive.writestr("manifest.csv", "file,title\nMüll/Größe.txt,Das Wehr\n")
    (document,) = documents(data.getvalue(), "mac.zip").values()
    assert (document.header.name, document.header.title) == ("mac.zip/Müll/Größe.txt", "Das Wehr")


# Mail


def message(
    body: str, *, subject: str = "Weir", kind: str = "text/plain", sender: str = "Ada Orm <ada@orm.example>"
) -> bytes:
    head = f"From: {sender}\nTo: bo@orm.example\nSubject: {subject}\nContent-Type: {kind}; charset=utf-8\n\n"
    return (head + body).encode()


FORWARDED = (
    f"From: Bo Lask <bo@orm.example>\nSubject: Beams\nDate: 8 May 2025\nTo: Ada Orm <ada@orm.example>\n\n{WEIR}\n"
)


@pytest.mark.parametrize(
    "rule",
    [
        "Begin forwarded message:\n",
        "---------- Forwarded message ---------",
        "-------- Weitergeleitete Nachricht --------",
    ],
)
def test_what_is_sent_on_is_text_whatever_note_stands_above_it(rule: str) -> None:
    document = load(message(f"For your files.\n\n{rule}\n{FORWARDED}"), "a.eml")
    assert indexed(document).split() == f"For your files. {WEIR}".split()


def test_what_is_sent_on_may_be_told_by_the_subject_alone() -> None:
    assert WEIR in indexed(load(message(f"For your files.\n\n{FORWARDED}", subject="FW: Beams"), "a.eml"))
    assert WEIR not in indexed(load(message(f"Thank you.\n\n{FORWARDED}", subject="RE: Beams"), "a.eml"))


def test_a_message_that_is_sent_on_in_quotation_marks_is_text() -> None:
    quoted = "".join(f"> {line}\n" for line in ["Begin forwarded message:", "", *FORWARDED.splitlines()])
    document = load(message(f"For your files.\n\n{quoted}"), "a.eml")
    assert indexed(document).split() == f"For your files. {WEIR}".split()


@pytest.mark.parametrize(
    "attribution",
    ["Am 05.01.26 um 10:11 schrieb Bo Lask:", "Bo Lask schrieb:", "Le 5 mai 2025 à 10:11, Bo Lask a écrit :"],
)
def test_replies_are_told_in_other_languages_too(attribution: str) -> None:
    document = load(message(f"{KEEPER}\n\n{attribution}\n> {WEIR}\n"), "a.eml")
    assert indexed(document).strip() == KEEPER


def test_an_older_message_with_a_german_head_is_furniture() -> None:
    older = (
        f"Von: Bo Lask <bo@orm.example>\nGesendet: Montag, 3. Februar 2025 08:11\nAn: Ada Orm\nBetreff: Wehr\n\n{WEIR}"
    )
    assert indexed(load(message(f"{KEEPER}\n\n{older}", subject="AW: Wehr"), "a.eml")).strip() == KEEPER


def test_a_newsletter_set_in_tables_keeps_its_paragraphs() -> None:
    page = (
        '<html><body><div style="display:none">Peek</div><table><tr><td><table><tr><td><h2>The weir</h2>'
        f"<p>{WEIR}</p><p>{KEEPER}</p></td></tr></table></td></tr><tr><td><table><tr><td>Share</td><td>Forward</td></tr>"
        "</table></td></tr></table></body></html>"
    )
    assert load(message(page, kind="text/html"), "a.eml").text == f"The weir\n{WEIR}\n{KEEPER}\nShare | Forward"


@pytest.mark.parametrize(
    "line",
    [
        "View in browser",
        "Want to change how you receive these emails? You can update your preferences or unsubscribe from this list.",
        "Anzeige",
        "À lire aussi\nLa crue en images\nLe maire sous la pluie",
        "Lesen Sie auch\nBlitz trifft Scheune\nFreibad bleibt offen",
    ],
)
def test_what_mailers_and_papers_put_around_a_text_is_furniture(line: str) -> None:
    document = load("\n".join([WEIR, KEEPER, "", line, "", f"{WEIR} {KEEPER}"]).encode(), "a.txt")
    assert line not in indexed(document)
    assert all(each not in indexed(document) for each in line.split("\n"))
    assert f"{WEIR} {KEEPER}" in indexed(document)


def test_a_plain_part_that_only_points_to_the_page_gives_way_to_it() -> None:
    body = (
        "--b\nContent-Type: text/plain\n\nView this message in your browser.\n"
        f"--b\nContent-Type: text/html\n\n<p>{WEIR}</p><p>{KEEPER}</p>\n--b--\n"
    )
    document = load(message(body, kind="multipart/alternative; boundary=b"), "a.eml")
    assert document.text == f"{WEIR}\n{KEEPER}"


def test_a_sender_from_an_offices_directory_has_their_name_in_order() -> None:
    assert load(message(WEIR, sender='"Orm, Ada" <ada@orm.example>'), "a.eml").header.byline == "Ada Orm"


# Pages


def page(body: str) -> str:
    return load(f"<html><head><title>Weir</title></head><body>{body}</body></html>".encode(), "a.html").text


MORE = "".join(
    f"<p>On day {day} the council of Orm met again, and again it went home without a vote.</p>" for day in range(5)
)


def test_a_page_set_in_a_table_with_breaks_keeps_its_paragraphs() -> None:
    text = page(
        f"<table width=600><tr><td>{WEIR}<br><br>{KEEPER}<br> <br>The council of Orm meets on Friday.</td></tr></table>"
    )
    assert text.split("\n") == [WEIR, KEEPER, "The council of Orm meets on Friday."]


@pytest.mark.parametrize("after", ["<ul><li>Two sheds</li></ul>", "<p>Two sheds</p>", "<pre>Two sheds</pre>"])
def test_bare_text_among_blocks_is_there_once(after: str) -> None:
    text = page(f"<h1>Log</h1><div>{WEIR}<br><br>{KEEPER} <i>She</i> had <b>none</b>.{after}The end came in May.</div>")
    assert text.replace("- ", "").split("\n")[-4:] == [
        WEIR,
        f"{KEEPER} She had none.",
        "Two sheds",
        "The end came in May.",
    ]


def test_a_table_of_figures_stays_one() -> None:
    text = page(
        f"{MORE}<table><tr><th>Year</th><th>Floods</th></tr><tr><td><p>2024</p></td><td><p>12</p></td></tr></table>"
    )
    assert "| 2024 | 12 |" in text


def test_a_sentence_in_a_bare_block_is_not_lost() -> None:
    said = "In May 2018 the same beams held 212 tons of ice."
    box = f'<div class="callout"><div class="icon">!</div><div class="words">{said}</div></div>'
    assert said in page(f"<article>{MORE}{box}{MORE}</article>").split("\n")


def test_a_wall_of_consent_is_no_text() -> None:
    wall = '<div id="cookie-layer"><p>We and our 847 partners store cookies and process personal data.</p></div>'
    assert "partners" not in page(f"{wall}<article>{MORE}</article>")
    report = (
        f'<div class="post tag-gdpr"><h1>Orm asks for consent</h1><p>Its partners sell personal data.</p>{MORE}</div>'
    )
    assert "Its partners sell personal data." in page(report)


def test_the_sign_of_a_note_hides_no_end_of_a_sentence() -> None:
    paragraph = f'<p>{WEIR}<sup><a href="#n1">1</a></sup> {KEEPER} It cost 10 m<sup>2</sup> of oak.</p>'
    text = page(f"<article>{paragraph}{MORE}</article>")
    assert f"{WEIR} {KEEPER} It cost 10 m2 of oak." in text


def test_where_a_word_may_be_parted_it_is_not() -> None:
    assert "millimetres" in page(
        f"<article><p>The gauge at the weir read 214 milli&shy;metres on Monday.</p>{MORE}</article>"
    )


def test_links_set_one_under_another_stay_apart() -> None:
    text = page(f"<article>{MORE}<p><strong>Read on</strong><a>Barn burns</a><a>Boat found</a></p>{MORE}</article>")
    assert "Read on Barn burns Boat found" in text


# Printed pages


def drawn(*words: tuple[str, float, float], size: float = 10) -> bytes:
    """A page with each text at a place, from the left and from the foot."""
    data = BytesIO()
    canvas = Canvas(data)
    for text, left, baseline in words:
        canvas.setFont("Times-Roman", size)
        canvas.drawString(left, baseline, text)
    canvas.save()
    return data.getvalue()


def stretched(line: str, left: float, right: float, baseline: float) -> list[tuple[str, float, float]]:
    """The words of a line, as a browser draws them to fill a narrow column."""
    canvas = Canvas(BytesIO())
    words = line.split()
    widths = [canvas.stringWidth(word, "Times-Roman", 10) for word in words]
    gap = (right - left - sum(widths)) / (len(words) - 1)
    return [(word, left + sum(widths[:at]) + at * gap, baseline) for at, word in enumerate(words)]


def test_a_line_whose_words_were_drawn_apart_is_no_row_of_a_table() -> None:
    lines = ["The weir at Orm broke", "on Monday and nobody", "of the many councillors", "had so much as a lamp"]
    words = [word for at, line in enumerate(lines) for word in stretched(line, 72, 230, 700 - 12 * at)]
    text = load(drawn(*words, ("with them.", 72, 652)), "a.pdf").text
    assert text == "The weir at Orm broke on Monday and nobody of the many councillors had so much as a lamp with them."


def test_rows_of_a_table_stay_rows() -> None:
    rows = [("Year", "Floods", "Boats"), ("1779", "12", "14"), ("1780", "40", "17")]
    cells = [(cell, 72 + 60 * at, 700 - 14 * row) for row, each in enumerate(rows) for at, cell in enumerate(each)]
    document = load(drawn(*cells), "a.pdf")
    assert document.text.split("\n\n") == ["Year  Floods  Boats", "1779  12  14", "1780  40  17"]
    assert not document.furniture


def test_a_box_beside_the_text_is_read_on_its_own() -> None:
    article = [
        "From July every holder of a plot will pay for the water they",
        "use, the committee decided at its meeting in the hut. The",
        "price of it is to be set in June, when the bill of the company",
        "for the old year has come and has been paid, with a fine for",
        "the tap that ran from Easter to the feast of the apple trees.",
        "Nobody has said who left it running.",
    ]
    box = ["Swap of seeds: 4 April", "Work party, 18 April", "Open day: 2 May, noon", "Bees wanted, ring Opal"]
    words = [(line, 72.0, 700.0 - 12 * at) for at, line in enumerate(article)]
    words += [(line, 400.0, 695.0 - 14.5 * at) for at, line in enumerate(box)]
    text = load(drawn(*words), "a.pdf").text
    assert text.startswith(" ".join(article))
    assert text.endswith("Bees wanted, ring Opal")
