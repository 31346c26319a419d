"""A message is what its sender wrote; what it quotes is furniture, and a mailbox is messages one after the other."""

from __future__ import annotations

import mailbox
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.errors import UnreadableFile
from corpus.loaders import load as load_any
from corpus.loaders.eml import MAX_PARTS, load
from corpus.loaders.mbox import members

LAMP = "The mill burned for three days, and nobody in the valley could say who had left the lamp on the stairs."
VOTE = "The valley council meets on Friday to decide whether the mill is to be built again."


def composed(body: str = LAMP, *, subject: str = "Mill burns for three days") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Ada Orm <ada@weir.example>"
    made["To"] = "Bo Lund <bo@mill.example>"
    made["Subject"] = subject
    made["Date"] = "Wed, 06 Mar 2024 23:30:00 -0500"
    made.set_content(body, cte="quoted-printable")
    return made


def message(body: str) -> bytes:
    return composed(body).as_bytes()


def raw(headers: str, body: bytes) -> bytes:
    return f"From: Ada Orm <ada@weir.example>\r\n{headers}\r\n\r\n".encode() + body


def own_text(document: Document) -> str:
    """The text without its furniture."""
    kept, start = "", 0
    for span in document.furniture:
        kept += document.text[start : span.start]
        start = span.end
    return (kept + document.text[start:]).strip()


# The header


def test_the_header_says_who_wrote_what_when_and_is_no_text() -> None:
    document = load(message(LAMP), "mill.eml")
    header = document.header
    assert document.text == f"{LAMP}"
    assert (header.title, header.byline, header.outlet) == ("Mill burns for three days", "Ada Orm", None)
    assert header.published == "2024-03-06"  # where she was; it was the 7th in Greenwich
    assert set(document.origins.values()) - {"the text itself"} == {"the message's header"}


@pytest.mark.parametrize(
    "subject", ["Re: Mill burns", "RE: Fwd: Mill burns", "AW: WG: Mill burns", "Re[2]: Mill burns", "Re:Mill burns"]
)
def test_a_reply_is_called_as_what_it_answers(subject: str) -> None:
    assert load(composed(subject=subject).as_bytes(), "mill.eml").header.title == "Mill burns"


def test_an_encoded_header_is_decoded() -> None:
    headers = "Subject: =?utf-8?q?M=C3=BChle_brennt?=\r\nDate: gestern\r\nContent-Type: text/plain; charset=utf-8"
    header = load(raw(headers, LAMP.encode()), "mill.eml").header
    assert (header.title, header.published) == ("Mühle brennt", None)


@pytest.mark.parametrize(
    "headers",
    [
        "Subject: \r\nDate: Wed, 99 Mar 2024 99:00:00 +9999",
        "From: =?utf-8?b?////?= <\r\nSubject: =?nowhere?q?x?=",
        "From: \r\nDate: Mon, 1 Jan 999999999999 00:00:00 +0000",
        "Content-Type: text/plain; charset=no-such-thing",
        "Content-Type: text/plain; charset*=utf-8''%ff%fe",
        "Content-Transfer-Encoding: nonsense",
        "Date: " + "(" * 5_000,
    ],
)
def test_broken_headers_do_not_keep_the_text_from_being_read(headers: str) -> None:
    assert LAMP in load(raw(headers, LAMP.encode()), "mill.eml").text


# The body


def test_plain_text_is_preferred_to_html() -> None:
    made = composed()
    made.add_alternative(f"<html><body><p>{VOTE}</p></body></html>", subtype="html")
    assert load(made.as_bytes(), "mill.eml").text == LAMP


def test_html_is_read_where_there_is_no_plain_text() -> None:
    made = MIMEMultipart("alternative")
    made["Subject"] = "Mill burns for three days"
    made.attach(MIMEText(" "))
    page = MIMEMultipart("related")
    page.attach(MIMEText(f"<html><body><p>{LAMP}</p><p>{VOTE}</p></body></html>", "html"))
    page.attach(MIMEText("UNSEEN", "css"))
    made.attach(page)
    document = load(made.as_bytes(), "mill.eml")
    assert [line for line in document.text.split("\n") if line] == [LAMP, VOTE]
    assert document.header.title == "Mill burns for three days"


def test_a_short_html_message_is_read() -> None:
    headers = "Subject: Mill\r\nContent-Type: text/html; charset=windows-1252"
    data = raw(headers, "<p>The caf\u00e9 by the mill burned too.</p>".encode("cp1252"))
    assert load(data, "mill.eml").text == "The café by the mill burned too."


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("iso-8859-1", "Das Café an der Mühle"),
        ("windows-1252", "“The moon”, she said"),
        ("iso-2022-jp", "水車小屋が焼けた"),
        ("koi8-r", "Мельница сгорела"),
        ("utf-8", "Мельница “сгорела”"),
    ],
)
def test_the_body_is_read_in_the_encoding_that_it_states(charset: str, text: str) -> None:
    data = raw(f"Subject: x\r\nContent-Type: text/plain; charset={charset}", text.encode(charset))
    assert load(data, "mill.eml").text == text


def test_the_parts_of_a_message_follow_each_other_and_attachments_are_only_named() -> None:
    made = composed()
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="votes.pdf")
    made.add_attachment(VOTE, filename="vote.txt")
    made.add_attachment(composed("UNSEEN"))
    made.get_payload().append(MIMEText(VOTE))  # type: ignore[union-attr]
    document = load(made.as_bytes(), "mill.eml")
    assert [line for line in document.text.split("\n") if line] == [LAMP, VOTE]
    assert document.notes == ("3 attachments not read: votes.pdf, vote.txt, one without a name (message/rfc822)",)


def test_flowed_lines_are_joined() -> None:
    body = "The mill burned for \nthree days, and nobody \nknows why.\nThe weir did not.\n"
    data = raw("Subject: x\r\nContent-Type: text/plain; charset=utf-8; format=flowed", body.encode())
    assert load(data, "mill.eml").text == "The mill burned for three days, and nobody knows why.\nThe weir did not."


# What is quoted


@pytest.mark.parametrize(
    "quoted",
    [
        "> The mill burned.\n> Did you see it?\n>> Not me.",
        "On Tue, 5 Mar 2024 at 09:00, Bo Lund <bo@mill.example> wrote:\n> The mill burned.",
        "On Tue, 5 Mar 2024 at 09:00, Bo Lund of the Mill Company\n<bo@mill.example> wrote:\n\n> The mill burned.",
        "-----Original Message-----\nFrom: Bo Lund\nSent: Tuesday\nTo: Ada Orm\nSubject: Mill\n\nThe mill burned.",
        "From: Bo Lund <bo@mill.example>\nSent: Tuesday, 5 March 2024\nTo: Ada Orm\nSubject: Mill\n\nThe mill burned.",
        "________________________________\nFrom: Bo Lund\nDate: Tuesday\nTo: Ada Orm\n\nThe mill burned.",
        "-- \nAda Orm\nWeir keeper\n+46 555 0100",
    ],
)
def test_what_the_sender_did_not_write_now_is_furniture(quoted: str) -> None:
    document = load(message(f"{LAMP}\n\n{VOTE}\n\n{quoted}\n"), "mill.eml")
    assert own_text(document) == f"{LAMP}\n\n{VOTE}"
    assert document.text == f"{LAMP}\n\n{VOTE}\n\n{quoted}"


def test_an_answer_between_quoted_lines_is_text() -> None:
    body = f"> Did you see it?\n\n{LAMP}\n\n> And the council?\n\n{VOTE}\n\n-- \nAda\n"
    assert own_text(load(message(body), "mill.eml")).split("\n\n\n\n") == [LAMP, VOTE]


@pytest.mark.parametrize(
    "body",
    [
        f"From: what I saw, it was the moon.\nTo: my mind.\n\n{VOTE}",
        f"On Friday she wrote: the mill is gone.\n\n{VOTE}",
        f"{LAMP}\n-- that is what they say.\n{VOTE}",
        f"On the day that Ada Orm wrote:\n\n{VOTE}",
    ],
)
def test_what_only_looks_like_a_quotation_is_text(body: str) -> None:
    assert own_text(load(message(body), "mill.eml")) == body


def test_of_a_message_that_was_only_sent_on_the_message_is_the_text() -> None:
    block = "-----Original Message-----\nFrom: Bo Lund\nSent: Tuesday\nTo: Ada Orm\nSubject: Mill"
    document = load(message(f"{block}\n\n{LAMP}\n"), "mill.eml")
    assert own_text(document) == LAMP


@pytest.mark.parametrize(
    "attribution",
    [
        "<p>On 5 March 2024, Bo Lund wrote:</p>",
        "<div>On 5 Mar 2024, Bo Lund &lt;<a href='mailto:bo@mill.example'>bo@mill.example</a>&gt; wrote:<br></div>",
        "<p><b>From:</b> Bo Lund<br><b>Sent:</b> Tuesday<br><b>To:</b> Ada Orm<br><b>Subject:</b> Mill</p>",
    ],
)
def test_the_reply_chain_under_an_html_message_is_furniture(attribution: str) -> None:
    markup = f"<p>{LAMP}</p><p>{VOTE}</p>{attribution}<p>Did you see anything of it at all?</p>"
    document = load(raw("Subject: x\r\nContent-Type: text/html; charset=utf-8", markup.encode()), "mill.eml")
    assert [line for line in own_text(document).split("\n") if line] == [LAMP, VOTE]


@pytest.mark.parametrize(
    "line", ["> " * 50_000, "On " * 33_000, "-" * 100_000, "_" * 100_000, "On \n" * 25_000, "From: x\n" * 12_000]
)
def test_hostile_lines_are_gone_through_once(line: str) -> None:
    assert LAMP in load(raw("Subject: x", f"{LAMP}\n\n{line}\n\n{VOTE}".encode()), "mill.eml").text


# What is refused


def test_a_message_of_too_many_parts_is_refused() -> None:
    made = composed()
    made.make_mixed()
    for _ in range(MAX_PARTS):
        part = EmailMessage()
        part.set_content("x")
        made.attach(part)
    with pytest.raises(UnreadableFile, match=r"^has over 1,000 parts; save its text as .txt$"):
        load(made.as_bytes(), "mill.eml")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is no message"),
        (LAMP.encode(), "is no message: it has no header lines such as From and Subject; rename it to .txt"),
        (raw("Subject: x", b""), "holds no text"),
        (raw("Subject: x\r\nContent-Type: multipart/mixed; boundary=b", b"--b--\r\n"), "holds no text"),
        (raw("Subject: x\r\nContent-Type: image/png; name=a.png", b"x"), "holds no text, only attachments: a.png"),
        (raw("Subject: x\r\nContent-Type: application/pkcs7-mime", b"x"), "is encrypted; save it decrypted"),
        (
            raw("Subject: x\r\nContent-Type: multipart/encrypted; boundary=b", b"--b\r\n\r\nx\r\n--b--"),
            "is encrypted; save it decrypted",
        ),
        (raw("Subject: x\r\nContent-Type: text/html", b"<script>x()</script>"), "holds no text"),
    ],
)
def test_what_has_no_text_of_a_message_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        load(data, "mill.eml")
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize("cut", range(1, 5))
def test_a_message_that_breaks_off_is_read_so_far_whatever_its_encoding(cut: int) -> None:
    made = composed()
    made.set_content(f"{LAMP} {VOTE}", cte="base64")
    text = load(made.as_bytes()[: -60 - cut], "mill.eml").text
    assert len(text) > 60
    assert LAMP.startswith(text[:100])


def test_a_multipart_message_that_breaks_off_is_read_so_far() -> None:
    made = composed()
    made.add_attachment(b"x" * 1_000, maintype="application", subtype="pdf", filename="votes.pdf")
    data = made.as_bytes()
    assert load(data[: data.index(b"votes.pdf")], "mill.eml").text == LAMP


# Mailboxes


def separated(*bodies: str) -> bytes:
    return b"\n".join(b"From ada@weir.example Wed Mar  6 07:05:00 2024\n" + message(body) for body in bodies)


def test_each_message_of_a_mailbox_is_a_document() -> None:
    found = list(members(separated(LAMP, VOTE), "2024/mill.mbox"))
    assert [(each.name, each.suffix) for each in found] == [
        ("2024/mill.mbox#1", ".eml"),
        ("2024/mill.mbox#2", ".eml"),
    ]
    assert [load(each.data, each.name).text for each in found] == [LAMP, VOTE]


def test_a_mailbox_that_the_standard_library_wrote_is_read_as_it_reads_it(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "mill.mbox")
    bodies = [f"{LAMP}\n\nFrom the weir one sees the mill.\n{VOTE}\n", f"{VOTE}\n", "From: here on\n\nFrom x to y\n"]
    for body in bodies:
        box.add(composed(body))
    box.close()
    found = list(members((tmp_path / "mill.mbox").read_bytes(), "mill.mbox"))
    assert [load(each.data, each.name).text for each in found] == [body.strip("\n") for body in bodies]


def test_a_line_that_begins_with_from_parts_no_message() -> None:
    data = separated(f"{LAMP}\n\nFrom the weir one sees the mill, and the road.\n\n{VOTE}")
    (only,) = members(data, "mill.mbox")
    assert "From the weir one sees the mill, and the road." in load(only.data, only.name).text


def test_line_ends_of_either_kind_part_messages() -> None:
    data = separated(LAMP, VOTE).replace(b"\n", b"\r\n")
    assert [load(each.data, each.name).text for each in members(data, "mill.mbox")] == [LAMP, VOTE]


@pytest.mark.parametrize("data", [b"", LAMP.encode(), b"From here to there\n\nnothing", message(LAMP)])
def test_a_file_without_messages_is_no_mailbox(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r'^is no mailbox: no line begins with "From "'):
        list(members(data, "mill.mbox"))


def test_a_mailbox_is_no_single_document() -> None:
    with pytest.raises(UnreadableFile, match=r"holds other documents; ingest it on its own$"):
        load_any(separated(LAMP), "mill.mbox")
