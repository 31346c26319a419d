"""Bytes become text, with a note where something had to be assumed, or are refused."""

from __future__ import annotations

from random import Random

import pytest

from corpus.decoding import decode
from corpus.errors import UnreadableFile

PROSE = "The café by the mill stayed open: “Nobody slept,” said Zoë – and then it burned. "


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_names_its_encoding_is_read_without_a_note(encoding: str) -> None:
    assert decode(PROSE.encode(encoding)) == (PROSE, ())


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_utf_16_is_read_by_its_mark_in_either_byte_order(mark: bytes, encoding: str) -> None:
    assert decode(mark + PROSE.encode(encoding)) == (PROSE, ())


def test_mostly_ascii_that_is_not_utf_8_is_windows_1252() -> None:
    assert decode(PROSE.encode("cp1252")) == (PROSE, ("not UTF-8: read as windows-1252",))


def test_a_declared_encoding_is_used_and_named() -> None:
    text = "Зерно сгорело за три дня. " * 5
    assert decode(text.encode("koi8-r"), "koi8-r") == (text, ("read as koi8-r, as the file declares",))


def test_declared_latin_1_has_curly_quotes_all_the_same() -> None:
    assert decode(PROSE.encode("cp1252"), "iso-8859-1") == (PROSE, ("read as iso-8859-1, as the file declares",))


def test_utf_8_wins_over_what_is_declared() -> None:
    assert decode(PROSE.encode(), "iso-8859-1") == (PROSE, ())


@pytest.mark.parametrize(
    "declared", ["utf-16", "utf-32", "utf-7", "cp037", "idna", "undefined", "unicode_escape", "rot13", "hex", "no-such"]
)
def test_an_encoding_that_a_declaration_cannot_be_written_in_is_passed_over(declared: str) -> None:
    assert decode(PROSE.encode("cp1252"), declared) == (PROSE, ("not UTF-8: read as windows-1252",))


def test_a_few_damaged_characters_are_shown_and_counted() -> None:
    text = "Zoë, Jörg und Änne schliefen nicht. " * 20
    data = text.encode().replace("Jörg".encode(), b"J\xf6rg", 2)
    assert decode(data) == (
        text.replace("Jörg", "J\ufffdrg", 2),
        ("2 damaged characters (not UTF-8) are shown as \ufffd",),
    )


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp1251", "Мельница горела три дня, и никто не спал. "), ("shift_jis", "水車小屋は燃えた。")],
)
def test_an_undeclared_encoding_is_guessed_and_said_to_be_a_guess(encoding: str, text: str) -> None:
    read, (note,) = decode((text * 20).encode(encoding))
    assert read == text * 20
    assert note.endswith(", a guess")


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_refused(seed: int) -> None:
    with pytest.raises(UnreadableFile, match=r"is binary data|is not text|holds NUL bytes"):
        decode(Random(seed).randbytes(3000))


@pytest.mark.parametrize("control", ["\x01", "\x1f", "\x85\x9d", "\ufffd"])
def test_text_full_of_control_characters_or_damage_is_refused(control: str) -> None:
    with pytest.raises(UnreadableFile, match="is binary data, not text; ingest the document it was made from"):
        decode(("The mill burned. " + control * 2).encode())


def test_a_few_nul_bytes_are_shown_as_damage_and_counted() -> None:
    text, notes = decode(b"The mill burned. " * 1000 + b"\x00")
    assert text.endswith("burned. \ufffd")
    assert notes == ("1 NUL characters are shown as \ufffd",)


def test_many_nul_bytes_are_no_text() -> None:
    with pytest.raises(UnreadableFile, match="holds NUL bytes"):
        decode(b"The mill \x00 burned. " * 100)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read_and_said_to_be(encoding: str) -> None:
    assert decode((PROSE * 3).encode(encoding)) == (PROSE * 3, ("read as UTF-16, which the file does not mark",))


def test_wider_characters_are_refused_with_what_to_do() -> None:
    with pytest.raises(UnreadableFile, match=r"holds NUL bytes.*save it as UTF-8"):
        decode(PROSE.encode("utf-32"))


def test_line_ends_tabs_and_form_feeds_are_text() -> None:
    text = "The mill\tburned.\r\nIt\x0crained.\x0b\n\x1b[1mStop.\x1b[0m\u2028\x85\n"
    assert decode(text.encode()) == (text, ())


def test_nothing_is_no_text_and_no_error() -> None:
    assert decode(b"") == ("", ())
