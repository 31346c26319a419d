"""Wire copies: the same story under several mastheads is kept each time, found once, and names its carriers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from corpus.copies import are_alike, sketch
from corpus.document import Document, Header
from rag import Assistant

Open = Callable[..., Assistant]

STORY = (
    "The harbour board voted on Tuesday to close the old lock at Pell for eleven weeks. "
    "Engineers found cracks in both gates during a survey in February, and divers confirmed them last week. "
    "“We would rather close it than lose it,” said Tilda Croft, who chairs the board. "
    "Barges bound for the upper basin will be sent through the canal at Orlow, a detour of nine hours. "
    "Two grain merchants said they would move their loads to the railway until the lock reopens. "
    "The board put the price of the repair at 3.4 million crowns, a third of it from the insurance of the lock."
)
EDITED = (  # by another desk: a word or two in every sentence
    STORY.replace("on Tuesday to close", "this Tuesday to close")
    .replace("a survey in February", "the survey in February")
    .replace("Tilda Croft, who chairs", "Tilda Croft, chair of")
    .replace("a detour of nine hours", "a nine-hour detour")
    .replace("said they would move", "would move")
    .replace("a third of it from", "one third from")
)
OTHER = (
    "A survey of the canal at Orlow found its banks sound, its towpath worn and its bridges in want of paint. "
    "The canal trust said it had enough volunteers for the bridges and would begin with the two at the mill. "
    "Nobody has yet offered to mend the towpath, which floods each spring where the willows were cut down. "
    "Barge owners asked for deeper moorings by the station, and the trust promised them an answer by May."
)


def document(text: str) -> Document:
    return Document(Header("a.txt"), text)


def sentences(text: str) -> list[str]:
    return text.replace(". ", ".\n").split("\n")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (STORY, STORY, True),
        (STORY, f"Lock shut at Pell\n\n{STORY}\n\nWith reporting by our harbour correspondent.", True),
        (STORY, STORY.replace("Tuesday", "April 2").replace("eleven weeks", "11 weeks"), True),
        (STORY, " ".join(sentences(STORY)[:4]), True),
        (STORY, OTHER, False),
        (STORY, f"{OTHER} {OTHER.replace('canal', 'river')} {' '.join(sentences(STORY)[:2])}", False),
        ("The lock is shut.", "The lock is shut.", False),
    ],
    ids=["itself", "framed", "edited", "cut short", "another story", "quoted in another", "too short to tell"],
)
def test_copies_are_told_by_the_runs_of_words_they_share(one: str, other: str, alike: bool) -> None:
    assert are_alike(document(one), document(other)) is alike
    meet = any(a == b for a, b in zip(sketch(document(one)), sketch(document(other)), strict=False))
    assert meet or not alike


def test_sketches_of_unlike_texts_hardly_meet() -> None:
    texts = [f"Report {i}. " + " ".join(f"word{i}x{j}" for j in range(80)) for i in range(12)]
    pairs = list(combinations([sketch(document(text)) for text in texts], 2))
    assert not [pair for pair in pairs if any(a == b for a, b in zip(*pair, strict=True))]


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    own = "The Gazette’s own count found forty barges waiting at the lock on Wednesday, more than in any strike."
    for name, outlet, published, text in (
        ("wire.md", "Coastal Wire", "2024-04-02", STORY),
        ("gazette.md", "Vale Gazette", "2024-04-03", f"{STORY}\n\n{own}"),
        ("observer.md", "Pell Observer", "2024-04-03", EDITED),
        ("canal.md", "Pell Observer", "2024-04-05", OTHER),
    ):
        head = f"---\ntitle: {name.removesuffix('.md')}\noutlet: {outlet}\ndate: {published}\n---\n\n"
        (folder / name).write_text(f"{head}{text}\n", encoding="utf-8")
    return folder


def test_a_group_is_found_once_and_names_its_carriers(small_desk: Open, papers: Path) -> None:
    desk = small_desk()
    assert len(desk.ingest(papers).added) == 4
    found = desk.search("How long will the lock at Pell be closed?")
    group = [hit for hit in found if hit.passage.document.name != "canal.md"]
    assert len([hit for hit in group if "eleven weeks" in hit.passage.text]) == 1
    first = group[0]
    everybody = {"wire.md", "gazette.md", "observer.md"}
    assert {first.passage.document.name, *(header.name for header in first.carriers)} == everybody
    assert first.to_json()["carriers"] == [header.name for header in first.carriers]


def test_the_answer_names_who_else_carries_it(small_desk: Open, papers: Path) -> None:
    desk = small_desk()
    desk.ingest(papers)
    answer = desk.ask("How long will the lock at Pell be closed?")
    cited = answer.citations[0]
    assert len(cited.carriers) == 2
    assert all(header.outlet and header.outlet in answer.text for header in cited.carriers)
    assert answer.text.count("eleven weeks") == 1


def test_what_a_carrier_adds_of_its_own_is_found(small_desk: Open, papers: Path) -> None:
    desk = small_desk()
    desk.ingest(papers)
    assert "forty barges" in desk.ask("How many barges did the Gazette count at the lock?").text


def test_each_copy_is_kept_and_listed(small_desk: Open, papers: Path) -> None:
    desk = small_desk()
    desk.ingest(papers)
    assert [header.name for header in desk.carriers("gazette.md")] == ["wire.md", "observer.md"]
    assert desk.carriers("canal.md") == ()
    assert len(desk.documents()) == 4


def test_a_group_of_one_is_none(small_desk: Open, papers: Path) -> None:
    desk = small_desk()
    desk.ingest(papers)
    desk.remove(["wire.md", "observer.md"])
    assert desk.carriers("gazette.md") == ()


def test_a_group_falls_apart_without_the_one_that_held_it_together(small_desk: Open, tmp_path: Path) -> None:
    first, last = " ".join(sentences(STORY)[:3]), " ".join(sentences(STORY)[3:])
    texts = {"a.txt": f"{first} {OTHER}", "b.txt": f"{first} {OTHER} {last}", "c.txt": f"{OTHER} {last}"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert not are_alike(document(texts["a.txt"]), document(texts["c.txt"]))
    desk = small_desk()
    for name in ("a.txt", "b.txt", "c.txt"):
        desk.ingest(tmp_path / name)
    assert [header.name for header in desk.carriers("a.txt")] == ["b.txt", "c.txt"]
    desk.remove(["b.txt"])
    assert (desk.carriers("a.txt"), desk.carriers("c.txt")) == ((), ())
