"""What speaks for a sentence, in numbers; and the weights that were learnt for them, which must fit these numbers."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence

import numpy
import pytest

from corpus.document import Header, Passage, Span
from rag.answering import absence
from rag.answering.asked import asked
from rag.answering.candidates import Candidate, candidates
from rag.answering.features import BY_READING, BY_WORDS, Wanted, by_reading, by_words
from rag.answering.highlights import highlight
from rag.answering.ranking import FEATURES
from rag.answering.reading import Read, Reader
from rag.answering.trained import ATTENTION, WEIGHTS, Linear, linear, trained
from rag.question import Preference, Question
from tests.test_candidates import passage
from tests.test_reading import BY_RARITY
from vectorstore.base import Hit
from vectorstore.embedders.hashing import Hashing
from vectorstore.lexical import terms

TEXT = "The lock at Tarn broke on 3 May. Ada Orm said: “It was old.” Forty barges wait outside."


def wanted(text: str, *, rarity: Mapping[str, float] | None = None, speakers: Sequence[str] = ()) -> Wanted:
    """A question every word of which is equally rare, or as rare as said."""
    question = Question(text, text, "other", prefers=Preference(speakers=tuple(speakers)))
    return Wanted(question, asked(text), rarity or dict.fromkeys(terms(question.keywords), 1.0))


def of_text(text: str = TEXT, header: Header | None = None, speaker: str = "") -> list[Candidate]:
    quoted = [(Span(text.index("“"), text.index("”") + 1), speaker)] if speaker else []
    whole = passage(text, header)
    return candidates([Hit(whole, 1.0)], {whole.document.name: quoted})


def words(question: Wanted, found: Sequence[Candidate]) -> list[dict[str, float]]:
    return [dict(zip(BY_WORDS, row, strict=True)) for row in by_words(question, found).tolist()]


def reading(question: Wanted, found: Sequence[Candidate]) -> list[dict[str, float]]:
    reader = Reader(Hashing(), BY_RARITY)
    reads = reader.read(question.text, question.words, question.rarity, [each.text for each in found])
    spans = [highlight(question.asked, question.meant, each.text, each.document.published) for each in found]
    rows = by_reading(question, found, reads, spans).tolist()
    return [dict(zip(BY_READING, row, strict=True)) for row in rows]


# --- by words


def test_every_column_has_a_name_of_its_own() -> None:
    assert len(set(FEATURES)) == len(FEATURES) == len(BY_WORDS) + len(BY_READING)
    assert by_words(wanted("Who broke the lock?"), of_text()).shape == (3, len(BY_WORDS))
    assert by_reading(wanted("Who broke it?"), [], [], []).shape == (0, len(BY_READING))
    assert by_words(wanted("Who broke it?"), []).shape == (0, len(BY_WORDS))


def test_a_share_of_the_words_is_one_of_their_weight() -> None:
    found = words(wanted("Why did the lock break outside?", rarity={"lock": 3.0, "outsid": 1.0}), of_text())
    assert [each["words"] for each in found] == [0.75, 0.0, 0.25]
    assert {each["words of the passage"] for each in found} == {1.0}
    assert [each["words with the sentence before"] for each in found] == [0.0, 0.75, 0.0]
    assert [each["words with the sentence after"] for each in found] == [0.0, 0.25, 0.0]


def test_words_of_the_header_speak_for_every_sentence() -> None:
    found = words(wanted("What did the Mercury write?"), of_text(header=Header("a", outlet="Mercury")))
    assert {each["words of the header"] for each in found} == {0.5}  # mercury, write


def test_names_are_told_from_words_and_none_is_a_half() -> None:
    assert [each["names"] for each in words(wanted("Who is Ada Orm?"), of_text())] == [0.0, 1.0, 0.0]
    assert {each["names in the passage"] for each in words(wanted("Who is Ada Penn?"), of_text())} == {0.5}
    assert {each["names"] for each in words(wanted("Who broke it?"), of_text())} == {0.5}


def test_the_thing_asked_for_counts_where_it_is_named() -> None:
    assert [each["focus"] for each in words(wanted("How many barges wait?"), of_text())] == [0.0, 0.0, 1.0]


def test_a_kind_of_thing_is_shown_or_lacking() -> None:
    found = words(wanted("When did the lock break?"), of_text())
    assert [(each["shows date"], each["lacks date"]) for each in found] == [(1.0, 0.0), (0.0, 1.0), (0.0, 1.0)]
    assert {each["shows person"] + each["lacks person"] for each in found} == {0.0}


def test_whose_words_they_are_counts_only_where_somebody_is_asked_for() -> None:
    def told(question: Wanted) -> list[tuple[float, float, float]]:
        names = ("somebody quoted", "the speaker asked for", "another speaker than asked for")
        found = words(question, of_text(speaker="Ada Orm"))
        return [(each[names[0]], each[names[1]], each[names[2]]) for each in found]

    nothing = (0.0, 0.0, 0.0)
    assert told(wanted("What did Ada Orm say?", speakers=["Ada Orm"])) == [nothing, (1.0, 1.0, 0.0), nothing]
    assert told(wanted("What did Tilda Penn say?", speakers=["Tilda Penn"])) == [nothing, (1.0, 0.0, 1.0), nothing]
    assert told(wanted("What broke?")) == [nothing, (1.0, 0.0, 0.0), nothing]


def test_where_a_sentence_stands_and_how_long_it_is() -> None:
    first, second, third = words(wanted("What broke?"), of_text())
    assert (first["opens the passage"], second["opens the passage"]) == (1.0, 0.0)
    assert first["depth"] == 0.0 < second["depth"] < third["depth"] < 1.0
    assert (third["short"], first["short"]) == (1.0, 0.0)
    assert (second["quotation marks"], first["quotation marks"]) == (1.0, 0.0)
    assert (first["length"], first["a label"]) == (8 / 60, 0.0)


def test_a_byline_is_known_for_a_label() -> None:
    assert [each["a label"] for each in words(wanted("Who is Ada Orm?"), of_text("By Ada Orm\n\nAda Orm wept."))] == [
        1.0,
        0.0,
    ]


# --- by reading


def test_reading_tells_how_much_of_the_question_a_sentence_has() -> None:
    found = reading(wanted("Which barges are outside?"), of_text())
    assert [round(each["aligned"], 3) for each in found] == [0.0, 0.0, 1.0]
    assert [round(each["least aligned"], 3) for each in found] == [0.0, 0.0, 1.0]
    assert [round(each["focus aligned"], 3) for each in found] == [0.0, 0.0, 1.0]
    assert max(found, key=lambda each: each["attended"]) == max(found, key=lambda each: each["similarity"]) == found[2]


def test_rare_words_weigh_more_where_they_are_aligned() -> None:
    question = wanted("Which lock had barges?", rarity={"lock": 3.0, "barg": 1.0})
    assert [round(each["aligned"], 3) for each in reading(question, of_text())] == [0.75, 0.0, 0.25]


def test_what_seems_to_be_asked_for_counts_with_the_words_around_it() -> None:
    first, second, third = reading(wanted("When did the lock break?"), of_text())
    assert (first["highlight"], first["no highlight: date"]) == (1.0, 0.0)
    assert (third["highlight"], third["no highlight: date"]) == (0.0, 1.0)
    assert first["words around the highlight"] > 0.0 == second["words around the highlight"]


def test_a_focus_told_in_the_sentence_before_is_not_away() -> None:
    text = "It rained. The barges came late. Forty were lost. It snowed. It froze."
    found = reading(wanted("How many barges came?"), of_text(text))
    assert [each["focus away: number"] for each in found] == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert {each["focus away: place"] for each in found} == {0.0}


# --- a question


def test_of_a_question_the_words_that_tell_something_are_found_where_they_stand() -> None:
    question = wanted("Who mended the lock at Tarn?")
    assert [question.text[word.start : word.end] for word in question.words] == ["mended", "lock", "Tarn"]
    assert question.weights.tolist() == [1.0, 1.0, 1.0]
    assert question.names == frozenset(terms("Tarn"))
    assert question.is_focus.tolist() == [False, False, False]
    assert wanted("How many barges wait?").is_focus.tolist() == [True, False]


@pytest.mark.parametrize(
    "text", ["?", "“", "who was it", "the of and", "\U0001f6a4", "水門は誰が直したか", "a" * 8_000]
)
def test_a_question_without_content_words_has_features_all_the_same(text: str) -> None:
    question, found = wanted(text), of_text()
    both = [*by_words(question, found).ravel().tolist(), *(v for row in reading(question, found) for v in row.values())]
    assert numpy.isfinite(both).all()
    assert len(both) == 3 * len(FEATURES)


def test_an_empty_read_is_no_nearness() -> None:
    nothing = Read(numpy.zeros(0, dtype=numpy.float32), 0.0, 0.0)
    (row,) = by_reading(wanted("?"), of_text("It rained."), [nothing], [None]).tolist()
    assert row[: BY_READING.index("highlight")] == [0.0] * 6


def test_a_sentence_without_end_has_features() -> None:
    text = "a" * 100_000
    whole = Span(0, len(text))
    only = Candidate(Hit(Passage(Header("a"), 0, len(text), text, (whole,)), 1.0), 1.0, 0, whole, text)
    assert numpy.isfinite(by_words(wanted("Who broke the lock?"), [only])).all()


# --- what was learnt


def test_what_was_learnt_is_of_just_the_features_there_are_in_their_order() -> None:
    assert trained().first.names == BY_WORDS
    assert trained().then.names == FEATURES
    assert trained().absence.names == absence.NAMES
    assert len(set(absence.NAMES)) == len(absence.NAMES)


def test_what_was_learnt_has_a_finite_number_for_each() -> None:
    for by in (trained().first, trained().then, trained().absence):
        assert by.weights.shape == (len(by.names),)
        assert numpy.isfinite([*by.weights, by.bias]).all()


def test_words_are_turned_into_fewer_dimensions() -> None:
    attention = trained().attention
    dimension, smaller = attention.projection.shape
    assert dimension == 384 > smaller  # of MiniLM
    assert attention.importance.shape == (dimension,)
    assert attention.projection.dtype == attention.importance.dtype == numpy.float32
    rows = attention.turned(numpy.eye(dimension, dtype=numpy.float32)[:5])
    assert rows.shape == (5, smaller)
    assert numpy.linalg.norm(rows, axis=1).tolist() == pytest.approx([1.0] * 5, abs=1e-5)


def test_the_weights_of_a_question_sum_to_a_little_less_than_one() -> None:
    attention = trained().attention
    vectors = numpy.eye(384, dtype=numpy.float32)[:4]
    shares = attention.weights(vectors, numpy.array([0.0, 1.0, 5.0, 9.0], dtype=numpy.float32))
    assert shares.shape == (4,)
    assert (shares >= 0.0).all()
    assert 0.0 < float(shares.sum()) < 1.0
    assert attention.weights(vectors[:0], numpy.zeros(0, dtype=numpy.float32)).shape == (0,)


def test_the_file_says_what_made_it() -> None:
    said = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert said["made by"].startswith("python -m benchmarks.answering, 20")


def test_the_arrays_are_plain_numbers_and_no_code() -> None:
    with zipfile.ZipFile(ATTENTION) as arrays:
        assert sorted(arrays.namelist()) == ["importance.npy", "projection.npy"]
    with numpy.load(ATTENTION, allow_pickle=False) as arrays:  # which refuses what would have to be unpickled
        assert {arrays[name].dtype.kind for name in arrays.files} == {"f"}


def test_weights_are_written_as_they_are_read() -> None:
    by = Linear(("words", "names"), numpy.array([1.5, -2.0]), 0.25)
    again = Linear.read(json.loads(json.dumps(linear(by))))
    assert (again.names, again.weights.tolist(), again.bias) == (by.names, [1.5, -2.0], 0.25)
    assert again.of(numpy.array([[2.0, 1.0], [0.0, 0.0]])).tolist() == [1.25, 0.25]
