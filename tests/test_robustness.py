"""Robustness by hand: models that follow their passages, ignore them or always refuse, told apart by every probe."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from math import isnan
from pathlib import Path
from random import Random

import pytest

from corpus import chunking
from corpus.document import Header, Passage
from corpus.errors import BadInput
from corpus.reading import Direct
from rag import Assistant
from rag.composer import Composer
from rag.copies import Once
from rag.evaluation.items import Evidence, Item, read_items
from rag.evaluation.paraphrasing import paraphrases
from rag.evaluation.robustness import FIGURES, PROBES, Robustness, measure
from rag.evaluation.robustness.falsifying import falsehood
from rag.evaluation.robustness.material import Gathering, Material
from rag.evaluation.robustness.noise import with_noise
from rag.evaluation.robustness.trials import ask
from rag.evaluation.typos import mistyped, without_marks
from rag.extractive import Extractive
from rag.llm.base import Prompt, ProviderError
from rag.llm.calling import Caller
from rag.llm.scripted import Scripted
from rag.prompted import Prompted
from rag.prompting import REFUSAL
from rag.retrieval import hybrid
from rag.templates import Templates
from vectorstore.base import Hit
from vectorstore.embedders.hashing import Hashing
from vectorstore.index import Index
from vectorstore.lexical import terms

K = 5
BLOCK = re.compile(r"^\[(\w{4})\]\n(.*?)(?=^\[\w{4}\]\n|^=== )", re.MULTILINE | re.DOTALL)
ARTICLES = {
    "bridge": "The bridge at Ollerford opened on Tuesday. The bridge at Ollerford will carry 4,000 cars a day.",
    "ferry": "The union counted again. The ferry crew at Pell has eleven members, and all found new work.",
    "market": "Stalls at the Wenlow market were packed up early, and cars had to wait at the crossing for an hour.",
    "school": "Pupils of the Anbury school planted a hedge, which will carry berries for the birds within a year.",
    "choir": "The choir of Sedge Common sang in the rain. Its members gave the day's takings to the lifeboat.",
    "mill": "The mill at Tarrant grinds oats again. Its owner found new stones in a quarry behind the chapel.",
    "cider": "Growers expect a poor cider season; the press stands idle and the work crew was sent home.",
    "bells": "Two bells were hung in the tower of Marle on Sunday, and the bridge below was closed to walkers.",
    "goats": "Goats kept by the council have eaten the ivy on the weir, as the parish clerk told the meeting.",
    "lamp": "Lamps along the towpath at Ollerford will be lit by gas once more, for the film that is shot there.",
    "ice": "Ice broke the sluice at Fenny Reach in January, and the ferry lay at its mooring for nine weeks.",
    "lifeboat": "A lifeboat crew at Pell lost members in the gale; how many were hurt, nobody knew.",
    "tram": "A bridge for trams at Ollerford was planned and dropped, as cars take the ring road on most days.",
    "books": "A library van calls at Pell each Friday with large print books and a crew of two volunteers.",
}
CARS = Item(
    "cars",
    "How many cars a day will the bridge at Ollerford carry?",
    must_include=(("4,000", "4000"),),
    evidence=(Evidence("bridge", "will carry 4,000 cars a day"),),
    answerable=True,
)
CREW = Item(
    "crew",
    "How many members has the ferry crew at Pell?",
    must_include=(("eleven", "11"),),
    evidence=(Evidence("ferry", "has eleven members"),),
    answerable=True,
)
NOBODY = Item("nobody", "Who painted the cider press of the crew?", answerable=False)
ITEMS = [CARS, CREW, NOBODY]

Reply = Callable[[Prompt], list[str]]
Open = Callable[..., Assistant]


def sources(prompt: Prompt) -> list[tuple[str, str]]:
    """Key and text of the passages in a prompt."""
    return [(key, block.partition("Text: ")[2].strip()) for key, block in BLOCK.findall(prompt.user)]


def question_of(prompt: Prompt) -> str:
    return prompt.user.rpartition("Question: ")[2].splitlines()[0]


def follows(prompt: Prompt) -> list[str]:
    """Says the sentence of its passages that has most words of the question, where it has four; else refuses."""
    wanted = set(terms(question_of(prompt)))
    said = [(sentence, key) for key, text in sources(prompt) for sentence in re.split(r"(?<=\.)\s+", text)]
    best, key = max(said, key=lambda each: len(wanted.intersection(terms(each[0]))))
    shared = len(wanted.intersection(terms(best)))
    return [f"{best.removesuffix('.')} [{key}]."] if shared >= 4 else [REFUSAL]


def ignores(prompt: Prompt) -> list[str]:
    """Knows the answers by heart and cites whatever comes first."""
    said = "The bridge will carry 4,000 cars a day" if "cars" in question_of(prompt) else "The crew has eleven members"
    return [f"{said} [{sources(prompt)[0][0]}]."]


def refuses(prompt: Prompt) -> list[str]:
    return [REFUSAL]


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Open]:
    """An archive of ARTICLES, five passages an answer; the model that replies so, else the built-in composer."""
    opened: list[Assistant] = []
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / f"{name}.txt").write_text(f"About the {name}\n\n{text}\n", encoding="utf-8")

    def open_(reply: Reply | None = None, **options: object) -> Assistant:
        embedder = Hashing()
        index = Index(tmp_path / "home", embedder, chunking=chunking.settings(), exact_passages=1_000)
        built_in = Extractive(embedder)
        composer: Composer = built_in
        if reply:
            model = Scripted(reply, **options)  # type: ignore[arg-type]
            composer = Prompted(Caller(model), built_in, Templates(), embedder)
        opened.append(Assistant(index, embedder, Once(hybrid()), composer, k=K, reader=Direct))
        assert not opened[-1].ingest(folder).failed
        return opened[-1]

    yield open_
    for desk in opened:
        desk.close()


def means(measured: Robustness) -> dict[str, float | None]:
    return {name: None if isnan(figure.value.mean) else figure.value.mean for name, figure in measured.figures.items()}


# --- three models


STABLE = {
    f"{probe}_{name}": 1.0
    for probe in ("repeated", "paraphrased", "mistyped")
    for name in ("abstention", "documents")
}  # fmt: skip


def test_a_model_that_follows_its_passages(open_desk: Open) -> None:
    measured = measure(open_desk(follows), ITEMS, probes=["noise", "falsified", "replaced", "copied", "repeated"])
    figures = means(measured)
    # Right as long as the evidence is there; nothing without it.
    assert [figures[f"noise@{level}"] for level in ("0", "0.2", "0.4", "0.6", "0.8", "1")] == [1, 1, 1, 1, 1, 0]
    assert (figures["noise_slope"], figures["noise_drop"], figures["neg_rej"]) == (0.0, 0.0, 1.0)
    # It says what it is told; the citation does not agree with what is stored.
    assert (figures["cf_follows"], figures["cf_memory"], figures["cf_det"]) == (1.0, 0.0, 1.0)
    assert figures["cf_conflict"] is None  # no other document says so
    assert figures["cf_cite"] == 1.0
    assert figures["copies_places"] == 1.0
    assert (figures["repeated_abstention"], figures["repeated_documents"], figures["repeated_accuracy"]) == (1, 1, 1)
    assert figures["accuracy"] == 1.0
    assert (measured.figures["noise@0"].value.n, measured.figures["noise@0"].value.nans) == (2, 1)
    assert (measured.errors, measured.composers) == ({}, ("llm scripted",))


def test_a_model_that_ignores_its_passages(open_desk: Open) -> None:
    measured = measure(open_desk(ignores), [CARS, CREW], probes=["noise", "falsified", "replaced", "repeated"])
    figures = means(measured)
    # With no evidence left, what is given for one of the two is so far off that the assistant asks no model.
    assert [figures[f"noise@{level}"] for level in ("0", "0.2", "0.4", "0.6", "0.8", "1")] == [1, 1, 1, 1, 1, 0.5]
    assert figures["neg_rej"] == 0.5
    assert (figures["cf_follows"], figures["cf_memory"], figures["cf_det"]) == (0.0, 1.0, None)
    # The claim stays, cited from a passage that has nothing to do with it.
    assert figures["cf_cite"] == 0.0
    assert figures["repeated_documents"] == 1.0


def test_a_model_that_always_refuses(open_desk: Open) -> None:
    measured = measure(open_desk(refuses), ITEMS)
    figures = means(measured)
    assert figures["accuracy"] == pytest.approx(1 / 3)  # one of the three cannot be answered
    assert [figures[f"noise@{level}"] for level in ("0", "0.4", "0.8", "1")] == [0, 0, 0, 0]
    assert figures["neg_rej"] == 1.0
    # It says nothing that could be falsified, or lose its source.
    assert [figures[name] for name in ("cf_follows", "cf_memory", "cf_det", "cf_cite", "copies_heard")] == [None] * 5
    assert {name: figures[name] for name in STABLE} == STABLE
    assert set(figures) == set(FIGURES)


def test_the_slope_is_that_of_the_line_through_the_levels(open_desk: Open) -> None:
    before: set[str] = set()

    def gives_in(prompt: Prompt) -> list[str]:
        """Right until three of its passages are others than at first."""
        texts = dict(sources(prompt))
        before.update(set(texts.values()) if not before else ())
        new = sum(text not in before for text in texts.values())
        key = next((key for key, text in texts.items() if "4,000" in text), next(iter(texts)))
        return [f"The bridge will carry {'4,000' if new < 3 else 'many'} cars a day [{key}]."]

    measured = measure(open_desk(gives_in), [CARS], probes=["noise"])
    figures = means(measured)
    assert [figures[f"noise@{level}"] for level in ("0", "0.2", "0.4", "0.6", "0.8")] == [1, 1, 1, 0, 0]
    # means 0.4 and 0.6: (-.4*.4 - .2*.4 + 0*.4 - .2*.6 - .4*.6) / (.16 + .04 + 0 + .04 + .16) = -0.6 / 0.4
    assert figures["noise_slope"] == pytest.approx(-1.5)
    assert figures["noise_drop"] == 1.0


def test_the_built_in_composer_goes_through_every_probe(open_desk: Open) -> None:
    measured = measure(open_desk(), ITEMS)
    figures = means(measured)
    assert (figures["cf_follows"], figures["cf_memory"], figures["cf_det"]) == (1.0, 0.0, 1.0)
    assert figures["cf_cite"] == 1.0
    assert {figures[f"repeated_{name}"] for name in ("abstention", "documents")} == {1.0}
    assert {each.probe for each in measured.trials} == {"plain", *PROBES}


# --- conflicts and copies


def test_a_falsehood_against_another_document_is_a_conflict_to_be_shown(open_desk: Open, tmp_path: Path) -> None:
    other = tmp_path / "again.txt"
    other.write_text(
        "Numbers\n\nOfficials expect that the bridge will carry 4,000 cars a day at Ollerford, less in winter.\n",
        encoding="utf-8",
    )
    item = replace(CARS, evidence=(*CARS.evidence, Evidence("again", "will carry 4,000 cars a day")))

    def shows_both(prompt: Prompt) -> list[str]:
        said = [(key, text) for key, text in sources(prompt) if "cars a day" in text]
        return [
            " ".join(f"It will carry {number[0]} cars a day [{key}]." for key, text in said
                     if (number := re.findall(r"\d,\d{3}", text)))
        ]  # fmt: skip

    desk = open_desk(shows_both)
    desk.ingest(other)
    measured = measure(desk, [item], probes=["falsified"])
    assert means(measured)["cf_conflict"] == 1.0
    alone, against = (each for each in measured.trials if each.probe == "falsified")
    assert (alone.level, alone.outcome) == ("alone", "follows the passage, flagged")
    assert (against.level, against.outcome) == ("against", "says both, flagged")
    assert against.changed == "5,000 for 4,000 / 4000"


@pytest.mark.parametrize(
    ("choose", "all_keys", "heard", "places", "outcome"),
    [
        (lambda said: [max(said, key=said.count)], False, 0, 1, "outvoted"),
        (lambda said: [min(said, key=said.count)], False, 1, 1, "says the true thing"),
        (lambda said: sorted(set(said)), False, 1, 1, "says both"),
        (lambda said: sorted(set(said)), True, 1, 0, "says both"),  # the five fill the list of sources
    ],
    ids=["by number", "the odd one out", "both", "both and all sources"],
)
def test_five_copies_may_outvote_one(
    open_desk: Open, choose: Callable[[list[str]], list[str]], all_keys: bool, heard: float, places: float, outcome: str
) -> None:
    def reply(prompt: Prompt) -> list[str]:
        said = {key: number[0] for key, text in sources(prompt) if (number := re.findall(r"\d,\d{3}", text))}
        chosen = choose(list(said.values()))
        keys = list(said) if all_keys else [key for key in said if said[key] in chosen][:1]
        return [f"The bridge will carry {' or '.join(chosen)} cars a day {''.join(f'[{key}]' for key in keys)}."]

    measured = measure(open_desk(reply), [CARS], probes=["copied"])
    (done,) = (each for each in measured.trials if each.probe == "copied")
    figures = means(measured)
    assert (figures["copies_heard"], figures["copies_places"], done.outcome) == (heard, places, outcome)
    assert done.changed == "5,000 for 4,000 / 4000, five times"


# --- what is given


def test_noise_is_more_of_the_same_and_takes_the_evidence_last(open_desk: Open) -> None:
    desk = open_desk()
    material = _material(desk, CARS)
    assert len(material.given) == K
    evidence = [material.given[place].passage for place in material.evidence]
    assert [passage.document.name for passage in evidence] == ["bridge.txt"]
    given = {hit.passage for hit in material.given}
    others: list[set[Passage]] = []
    for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        hits = with_noise(material, share, Random(3))
        assert [hit.score for hit in hits] == [hit.score for hit in material.given]
        others.append({hit.passage for hit in hits} - given)
        assert (evidence[0] in {hit.passage for hit in hits}) == (share < 1)
    assert [len(each) for each in others] == [0, 1, 2, 3, 4, 5]
    assert all(fewer < more for fewer, more in pairwise(others))


def test_where_the_archive_is_small_the_evidence_goes_all_the_same() -> None:
    hits = tuple(Hit(Passage(Header(name), 0, 4, "Text"), 1.0) for name in ("gold", "one", "two"))
    material = Material(hits, evidence=(0,), gold=(0,))
    assert with_noise(material, 0.8, Random(1)) == hits
    assert with_noise(material, 1.0, Random(1)) == hits[1:]


def test_distractors_are_no_gold_documents_nor_their_copies(sample_desk: Assistant) -> None:
    item = next(each for each in read_items(Path(__file__).parent / "gold" / "sample.jsonl") if each.id == "d004")
    item = replace(item, evidence=item.evidence[:1])  # the other document is a wire copy of this one
    material = _material(sample_desk, item)
    names = {hit.passage.document.name for hit in (*material.distractors, *material.neutral)}
    assert names
    assert not names & {"pilots-strike-gazette.html", "pilots-strike-observer-coastal-wire.txt"}


def test_the_archive_is_as_it_was(open_desk: Open, tmp_path: Path) -> None:
    desk = open_desk()
    archive = tmp_path / "home" / "archive.db"
    before, texts = sha256(archive.read_bytes()).digest(), [desk.document(each.name) for each in desk.documents()]
    measure(desk, ITEMS)
    assert sha256(archive.read_bytes()).digest() == before
    assert [desk.document(each.name) for each in desk.documents()] == texts


def _material(desk: Assistant, item: Item) -> Material:
    gathering = Gathering(desk.retriever, item)
    ask(desk, item, gathering)
    return gathering.material


# --- falsehoods


@pytest.mark.parametrize(
    ("phrases", "text", "false"),
    [
        (("33", "thirty-three"), "It passed by 33 votes to 12.", "It passed by 43 votes to 12."),
        (("thirty-three",), "It passed by thirty-three votes.", "It passed by eighty-three votes."),
        (("April 6",), "It sank on April 6 at noon.", "It sank on April 7 at noon."),
        (("30 September",), "Ratify it by 30 September, then.", "Ratify it by 15 September, then."),
        (("2021",), "The mill shut in 2021.", "The mill shut in 2023."),
        (("March",), "It rained all March.", "It rained all April."),
        (("Tilda Croft",), "Mayor Tilda Croft’s answer", "Mayor Vomfe Dsugv’s answer"),
        (("6",), "It did 11 knots where 6 are allowed.", "It did 11 knots where 7 are allowed."),
    ],
)
def test_what_is_false_is_as_long_as_what_is_true(phrases: tuple[str, ...], text: str, false: str) -> None:
    item = Item("1", "What?", must_include=(phrases,))
    passage = Passage(Header("a.txt", title=f"On {phrases[0]}"), 10, 10 + len(text), text)
    found = falsehood(item, text, [passage], [])
    assert found is not None
    told = found.told_of(passage)
    assert (told.text, len(told.text)) == (false, len(text))
    assert phrases[0] not in (told.document.title or "")


@pytest.mark.parametrize(
    ("phrases", "text"),
    [
        (("locker",), "It was found in a locker."),  # no figure, date or name
        (("Wednesday",), "They met on Wednesday."),  # no other day is as long
        (("33", "votes"), "It passed by 33 votes."),  # "votes" would still be there
        (("40",), "It passed by 33 votes."),  # not said
    ],
)
def test_what_cannot_be_falsified_is_left_alone(phrases: tuple[str, ...], text: str) -> None:
    passage = Passage(Header("a.txt"), 0, len(text), text)
    assert falsehood(Item("1", "What?", must_include=(phrases,)), text, [passage], []) is None


def test_a_reference_answer_tells_what_to_falsify_where_there_are_no_phrases() -> None:
    text = "The union said that eleven of 42 sailors stayed with Orla Finch."
    passage = Passage(Header("a.txt"), 0, len(text), text)
    found = falsehood(Item("1", "How many?", answers=("42 sailors",)), "42", [passage], [])
    assert found is not None
    assert found.told_of(passage).text == text.replace("42", "52")


# --- questions in other words


def test_paraphrases_change_the_form_and_nothing_else() -> None:
    assert paraphrases("How many pilots voted for the deal?") == [
        "What number of pilots voted for the deal?",
        "I would like to know how many pilots voted for the deal.",
        "Tell me how many pilots voted for the deal.",
    ]
    assert paraphrases("After the storm in May, who was missing at Pell?")[0] == (
        "Who was missing at Pell, after the storm in May?"
    )
    assert paraphrases("Who opened the new bridge?")[0] == "By whom was the new bridge opened?"
    assert paraphrases("Could you tell me why the mill shut?")[0] == "Why the mill shut?"
    assert paraphrases("Why didn't Ada Penn sign?")[0] == "Why did not Ada Penn sign?"
    assert paraphrases("") == []


@pytest.mark.parametrize("name", ["sample.jsonl"])
def test_paraphrases_keep_names_numbers_and_quotations(name: str) -> None:
    for item in read_items(Path(__file__).parent / "gold" / name):
        found = paraphrases(item.question)
        assert 2 <= len(found) <= 3
        assert len({item.question, *found}) == len(found) + 1
        kept = [*re.findall(r"\d[\d,.]*", item.question), *re.findall(r"\"[^\"]+\"", item.question)]
        kept += re.findall(r"(?<=[a-z] )[A-Z]\w+", item.question)
        for other in found:
            assert [word for word in kept if word not in other] == []


def test_typos_spare_numbers_dates_and_short_words() -> None:
    asked = "How many of the 4,000 people in Ollerford said in March that eleven boats were lost to the sea?"
    for seed in range(200):
        typed = mistyped(asked, Random(seed))
        pairs = [pair for pair in zip(asked.split(), typed.split(), strict=True) if pair[0] != pair[1]]
        assert 1 <= len(pairs) <= 2  # of 19 words
        for before, after in pairs:
            assert before[0] == after[0]
            assert before in ("many", "people", "Ollerford", "said", "that", "boats", "were", "lost")
    assert mistyped(asked, Random(1)) == mistyped(asked, Random(1))
    assert mistyped("Is it 42?", Random(1)) == "Is it 42?"


def test_marks_are_lost_and_letters_kept() -> None:
    assert without_marks("Who’s the café's owner, and isn't it ‘Zoë’?") == "Whos the cafes owner, and isnt it ‘Zoe’?"


@pytest.mark.parametrize("text", ["a" * 100_000, "please " * 14_000, "in a" * 25_000, "when? " * 16_000, "’" * 100_000])
def test_long_questions_are_reworded_all_the_same(text: str) -> None:
    assert all(len(other) < len(text) + 100 for other in paraphrases(text))
    assert mistyped(text, Random(1))
    assert isinstance(without_marks(text), str)


# --- errors, files, options


def test_a_question_that_fails_is_a_line_for_each_probe(open_desk: Open) -> None:
    broken = ProviderError("the model is out of order")
    measured = measure(open_desk(lambda prompt: [], failure=broken), [CARS])
    assert [(each.probe, each.outcome, each.status) for each in measured.trials] == [
        (probe, "error", "error") for probe in ("plain", *PROBES)
    ]
    assert len(measured.errors) == 1
    assert sum(measured.errors.values()) == 1 + len(PROBES)
    assert set(means(measured).values()) == {None}


def test_a_model_that_fails_later_leaves_the_rest_measured(open_desk: Open) -> None:
    asked: list[str] = []

    def tires(prompt: Prompt) -> list[str]:
        asked.append(prompt.user)
        return follows(prompt) if len(asked) == 1 else []

    measured = measure(open_desk(tires), [CARS], probes=["repeated"])
    assert [each.outcome for each in measured.trials] == ["right", "error", "error"]
    assert means(measured) == {
        "accuracy": 1.0, "repeated_abstention": None, "repeated_documents": None, "repeated_accuracy": None
    }  # fmt: skip


def test_what_was_measured_is_written_and_read_in_the_terminal(open_desk: Open, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    measured = measure(
        open_desk(), ITEMS, probes=["repeated", "noise"], on_progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    measured.write(tmp_path / "out")
    lines = (tmp_path / "out" / "robustness.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [each.to_json() for each in measured.trials]
    first = json.loads(lines[0])
    assert (first["id"], first["question"], first["probe"]) == ("cars", CARS.question, "plain")
    assert (first["outcome"], first["cited"]) == ("right", ["bridge.txt"])
    summary = json.loads((tmp_path / "out" / "robustness.json").read_text(encoding="utf-8"))
    assert summary == measured.to_json()
    assert summary["outcomes"]["noise"] == {"the archive does not answer it": 1}
    table = measured.table().splitlines()
    assert table[0].split() == ["figure", "mean", "95", "%", "interval", "n", "NaN"]
    assert [line.split()[0] for line in table[1:-1]] == list(measured.figures)
    assert table[-1] == f"3 questions, {len(measured.trials)} trials, 0 errors"


def test_all_alike_is_bounded_by_the_rule_of_three(open_desk: Open) -> None:
    figure = measure(open_desk(refuses), ITEMS, probes=["repeated"]).figures["repeated_abstention"]
    assert (figure.value.mean, figure.low, figure.high) == (1.0, 0.0, 1.0)  # 1 - 3/3


def test_a_sample_is_asked_what_the_whole_set_is_asked(open_desk: Open) -> None:
    desk = open_desk()
    everything = measure(desk, ITEMS, probes=["mistyped", "noise"], seed=4)
    (one,) = {each.id for each in measure(desk, ITEMS, probes=["noise"], limit=1, seed=4).trials}
    some = measure(desk, ITEMS, probes=["mistyped", "noise"], limit=1, seed=4, workers=2)
    assert some.trials == tuple(each for each in everything.trials if each.id == one)


def test_options_that_cannot_be_used_are_refused(open_desk: Open) -> None:
    desk = open_desk()
    with pytest.raises(BadInput, match="there is no probe magic; there are noise, falsified"):
        measure(desk, ITEMS, probes=["magic"])
    with pytest.raises(BadInput, match="the limit is 0; it must be at least 1"):
        measure(desk, ITEMS, limit=0)
    with pytest.raises(BadInput, match="0 questions at once"):
        measure(desk, ITEMS, workers=0)
    with pytest.raises(BadInput, match="no question"):
        measure(desk, [])
