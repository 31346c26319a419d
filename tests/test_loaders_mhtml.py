"""A saved web page is read as the page it was, whatever else was saved with it."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from corpus.errors import UnreadableFile
from corpus.loaders.mhtml import load

LAMP = "The mill burned for three days, and nobody in the valley could say who had left the lamp on the stairs."
VOTE = "The valley council meets on Friday to decide whether the mill is to be built again."
URL = "https://www.millpost.example/2024/03/06/mill"


def markup(*, head: str = "", text: str = f"<p>{LAMP}</p><p>{VOTE}</p>") -> bytes:
    return f"<html><head>{head}</head><body><nav>UNSEEN</nav><article>{text}</article></body></html>".encode()


def saved_page(page: bytes, *, url: str = "", subject: str = "", start: str = "") -> bytes:
    """The page as a browser saves it, after a picture's part and before that of a frame."""
    whole = MIMEMultipart("related")
    whole["From"] = "<Saved by a browser>"
    whole["Subject"] = subject
    whole["Date"] = "Mon, 01 Jul 2024 10:00:00 +0200"
    if url:
        whole["Snapshot-Content-Location"] = url
    if start:
        whole.set_param("start", start)
    style = MIMEText("p { color: red }", "css")
    main = MIMEText(page.decode(), "html", "utf-8")
    main["Content-ID"] = "<frame-1@mill>"
    frame = MIMEText(markup(text=f"<p>UNSEEN. {VOTE}</p>").decode(), "html", "utf-8")
    frame["Content-ID"] = "<frame-2@mill>"
    for part in (style, frame, main) if start else (style, main, frame):
        whole.attach(part)
    return whole.as_bytes()


@pytest.mark.parametrize("start", ["", "<frame-1@mill>"])
def test_the_page_itself_is_read_and_not_its_frames(start: str) -> None:
    document = load(saved_page(markup(), start=start), "mill.mhtml")
    assert document.text == f"{LAMP}\n{VOTE}"


def test_the_frame_around_the_page_says_where_it_stood_but_not_when() -> None:
    document = load(saved_page(markup(), url="https://www.millpost.example/mill", subject="Mill burns"), "mill.mhtml")
    header = document.header
    assert (header.title, header.outlet, header.url) == (
        "Mill burns",
        "millpost.example",
        "https://www.millpost.example/mill",
    )
    assert header.published is None  # it was saved on 1 July
    assert document.origins["title"] == document.origins["url"] == "the saved page's frame"


def test_a_date_in_the_address_is_that_of_publication() -> None:
    assert load(saved_page(markup(), url=URL), "mill.mhtml").header.published == "2024-03-06"


def test_what_the_page_says_of_itself_counts_for_more() -> None:
    head = (
        "<title>Mill burns for three days</title><meta property='og:site_name' content='Mill Post'>"
        "<meta property='article:published_time' content='2024-03-05'>"
    )
    header = load(saved_page(markup(head=head), url=URL, subject="A tab's name"), "mill.mhtml").header
    assert (header.title, header.outlet, header.published) == ("Mill burns for three days", "Mill Post", "2024-03-05")
    assert header.url == URL


@pytest.mark.parametrize("place", ["cid:frame-1@mill", "file:///home/ada/mill.html", "javascript:alert(1)"])
def test_a_place_that_is_no_web_address_is_none(place: str) -> None:
    assert load(saved_page(markup(), url=place), "mill.mhtml").header.url is None


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_the_page_is_read_in_the_encoding_that_its_part_states(encoding: str, charset: str) -> None:
    page = EmailMessage()
    page["MIME-Version"] = "1.0"
    text = f"<html><body><article><p>{LAMP}</p><p>“The café, I thought,” she said.</p></article></body></html>"
    page.set_content(text.encode(charset), "text", "html", cte=encoding, params={"charset": charset})
    assert "“The café, I thought,” she said" in load(page.as_bytes(), "mill.mht").text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "holds no HTML page; save the page again, as .html"),
        (LAMP.encode(), "holds no HTML page; save the page again, as .html"),
        (saved_page(b"<html><body><script>x()</script></body></html>"), "holds no main text"),
    ],
)
def test_a_file_without_a_page_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        load(data, "mill.mhtml")
    assert str(refused.value).startswith(reason)


def test_a_saved_page_of_too_many_parts_is_refused() -> None:
    whole = MIMEMultipart("related")
    for _ in range(1_001):
        whole.attach(MIMEText("x"))
    with pytest.raises(UnreadableFile, match=r"^has over 1,000 parts; save the page as .html$"):
        load(whole.as_bytes(), "mill.mhtml")


def test_a_saved_page_that_breaks_off_is_read_so_far() -> None:
    data = saved_page(markup())
    assert load(data[: len(data) // 2], "mill.mhtml").text.endswith("nobody in the valley could say")
