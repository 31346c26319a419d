"""What of the ranked sentences an answer is made of: as few as will do, each thing once, in the order of its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy
import pytest

from corpus.document import Header, Span
from rag.answering.choosing import Chosen, besides, chosen, of_sentence, of_sides
from rag.answering.differing import Difference, Side
from rag.answering.ranking import Ranked
from tests.test_ranking import rank

EARLY = Header("z-early", outlet="Mercury", published="2021-03-01")
LATE = Header("b-late", outlet="Beacon", published="2022-08-01")
UNDATED = Header("a-undated", outlet="Echo")

LOCK, BARGES, HAT, RAIN = "The lock broke.", "Nine barges sank at Pell.", "A keeper lost her hat.", "Rain fell on Tarn."


def ordered(found: Ranked, scores: Sequence[float]) -> Ranked:
    """The sentences in the order of their documents and places, the first with the first of the scores."""
    places = [(each.document.name, each.span.start) for each in found.sentences]
    order = [at for _, at in sorted(zip(places, range(len(places)), strict=True))]
    mixed = replace(
        found,
        sentences=tuple(found.sentences[at] for at in order),
        highlights=tuple(found.highlights[at] for at in order),
        scores=numpy.array(scores, dtype=numpy.float64),
        features=found.features[order],
    )
    best = numpy.argsort(-mixed.scores, kind="stable")
    return replace(
        mixed,
        sentences=tuple(mixed.sentences[at] for at in best),
        highlights=tuple(mixed.highlights[at] for at in best),
        scores=mixed.scores[best],
        features=mixed.features[best],
    )


def quoted(parts: Sequence[Chosen]) -> list[str]:
    return [part.passage.slice(part.span) for part in parts]


def answering(question: str, scores: Sequence[float], *texts: str) -> list[str]:
    """What is quoted of these documents, the sentences of which have these scores."""
    return quoted(chosen(ordered(rank(question, *texts), scores)))


def told_by(question: str, text: str, sentence: str) -> Chosen:
    """What is quoted of a text to answer with one of its sentences."""
    found = rank(question, text)
    return of_sentence(found, [each.text for each in found.sentences].index(sentence))


def spoken(text: str, *speakers: str, scores: Sequence[float] = (0, 0)) -> list[tuple[str, str]]:
    """Who is quoted with what of a text, each sentence of which is somebody's or, by "", nobody's."""
    found = ordered(rank("What happened?", text), scores)
    places = sorted(each.span.start for each in found.sentences)
    who = dict(zip(places, speakers, strict=True))
    sentences = tuple(replace(each, speaker=who[each.span.start]) for each in found.sentences)
    parts = chosen(replace(found, sentences=sentences))
    return [(part.candidate.speaker, part.passage.slice(part.span)) for part in parts]


def pieces(part: Chosen) -> list[str]:
    return [part.passage.slice(piece) for piece in part.pieces]


# --- a plain question


def test_a_sentence_that_stands_out_answers_alone() -> None:
    assert answering("What happened?", [1, 5, 1, 1], LOCK, BARGES, HAT, RAIN) == [BARGES]


def test_as_long_as_the_answer_may_well_be_elsewhere_the_next_is_taken_too() -> None:
    assert answering("What happened?", [1, 1.1, -1, -1], LOCK, BARGES, HAT, RAIN) == [BARGES, LOCK]
    assert answering("What happened?", [1, 1.1, 0.9, -1], LOCK, BARGES, HAT, RAIN) == [BARGES, LOCK, HAT]


def test_never_more_than_three_answer_a_plain_question() -> None:
    alike = [f"{word} sank off {word * 2} at {word * 3}." for word in "abcdefg"]
    assert len(answering("What happened?", [0] * 7, *alike)) == 3


def test_a_sentence_much_less_likely_than_the_best_is_left_out_though_much_is_in_doubt() -> None:
    alike = [f"{word} sank." for word in "abcdefghijk"]
    assert answering("What happened?", [2, *[0] * 10], *alike) == ["a sank."]


def test_what_says_nearly_the_same_is_said_once() -> None:
    copy = "At Pell nine barges sank at night."
    assert answering("What happened?", [1, 1, 1], BARGES, copy, HAT) == [BARGES, HAT]
    assert answering("List all barges that sank.", [1, 1, 1], BARGES, copy, HAT) == [BARGES, HAT]


def test_the_only_sentence_is_taken_however_little_it_has() -> None:
    for question in ("What happened?", "List all barges.", "How did the dispute develop?", "Do they disagree?"):
        assert answering(question, [-50], HAT) == [HAT]


def test_sentences_that_touch_are_one_quotation() -> None:
    text = f"{HAT} {LOCK} {RAIN}"
    assert answering("What happened?", [0, 0, -9], text) == [f"{HAT} {LOCK}"]
    assert answering("What happened?", [0, -9, 0], text) == [HAT, RAIN]


def test_touching_sentences_that_were_taken_in_any_order_are_one_quotation_in_that_of_the_text() -> None:
    found = answering("What happened?", [0.1, 0.2, -9, -1], f"{HAT} {LOCK} {RAIN}", BARGES)
    assert found == [f"{HAT} {LOCK}"]


def test_a_sentence_between_two_that_were_taken_before_it_makes_them_one_quotation() -> None:
    assert answering("What happened?", [0.2, 0, 0.1], f"{HAT} {LOCK} {RAIN}") == [f"{HAT} {LOCK} {RAIN}"]
    apart = answering("What happened?", [0.2, -9, 0.1, 0], f"{HAT} {LOCK} {RAIN}", BARGES)
    assert apart == [HAT, RAIN, BARGES]


def test_what_became_one_quotation_stands_where_the_best_of_it_did() -> None:
    found = ordered(rank("What happened?", f"{HAT} {LOCK}", BARGES), [0.2, 0, 0.1])
    parts = chosen(found)
    assert quoted(parts) == [f"{HAT} {LOCK}", BARGES]
    assert parts[0].candidate.text == HAT


def test_what_two_people_say_is_two_quotations_though_they_touch() -> None:
    ada, tilda = "“The lock broke,” said Ada Orm.", "“A hat sank,” said Tilda Croft."
    assert spoken(f"{ada} {tilda}", "Ada Orm", "Tilda Croft") == [("Ada Orm", ada), ("Tilda Croft", tilda)]
    assert spoken(f"{ada} {tilda}", "Ada Orm", "Ada Orm") == [("Ada Orm", f"{ada} {tilda}")]


def test_what_nobody_says_is_no_part_of_what_somebody_does() -> None:
    assert spoken(f"{HAT} {LOCK}", "Ada Orm", "") == [("Ada Orm", HAT), ("", LOCK)]


def test_where_the_words_of_two_people_need_each_other_they_are_quoted_once_and_as_nobodys() -> None:
    both = "“The lock broke.” “A hat sank.”"  # the second is understood only with what stands before it
    assert spoken(both, "Ada Orm", "Tilda Croft") == [("", both)]
    assert spoken(both, "Ada Orm", "Ada Orm") == [("Ada Orm", both)]


def test_who_introduces_a_quotation_takes_nothing_from_its_speaker() -> None:
    both = "The keeper was Ada Orm. “The lock broke.”"
    assert spoken(both, "", "Ada Orm", scores=[0, 0.1]) == [("Ada Orm", both)]


def test_sentences_of_two_documents_never_touch() -> None:
    assert answering("What happened?", [0, 0, 0], HAT, LOCK, RAIN) == [HAT, LOCK, RAIN]


@pytest.mark.parametrize("border", ["\n", "\n\n", "\r\n", "  \n  "])
def test_sentences_of_two_paragraphs_are_two_quotations(border: str) -> None:
    assert answering("What happened?", [0, 0, -9], f"{HAT}{border}{LOCK} {RAIN}") == [HAT, LOCK]


def test_a_sentence_brings_what_it_needs_and_marks_what_was_asked_for() -> None:
    part = told_by("Who opened the gates?", "The keeper was Ada Orm. She opened the gates.", "She opened the gates.")
    assert part.passage.text == part.passage.slice(part.span) == "The keeper was Ada Orm. She opened the gates."
    (best,) = chosen(rank("When did the lock break?", "The lock broke on 3 May 2021."))
    assert best.highlight
    assert best.span.covers(best.highlight)
    assert "3 May" in best.passage.slice(best.highlight)


# --- pieces


def test_a_quotation_within_a_paragraph_is_one_piece() -> None:
    part = told_by("Who opened the gates?", "The keeper was Ada Orm. She opened the gates.", "She opened the gates.")
    assert part.pieces == [part.span]


def test_a_quotation_over_paragraphs_has_a_piece_of_each() -> None:
    part = told_by("What broke?", f"{RAIN} What broke is this:\n\n- the lock\n- a bell\n\n{HAT}", "What broke is this:")
    assert pieces(part) == ["What broke is this:", "- the lock", "- a bell"]
    assert part.span == Span(part.pieces[0].start, part.pieces[-1].end)


def test_a_quotation_that_begins_after_a_dateline_is_in_pieces_like_any_other() -> None:
    text = "TARN, March 3 (KPA) — The harbour lost these:\n- a barge\n- a bell"
    part = told_by("What was lost?", text, text.partition("\n")[0])
    assert pieces(part) == ["The harbour lost these:", "- a barge", "- a bell"]


def test_sentences_that_touch_stay_together_in_a_piece() -> None:
    part = told_by(
        "What happened?", "“It rained. The lock broke.\nWe left,” said Ada Orm. She sat down.", "“It rained."
    )
    assert pieces(part) == ["“It rained. The lock broke.", "We left,” said Ada Orm."]


def test_pieces_stand_where_the_document_has_them_though_the_passage_begins_later() -> None:
    found = rank("What broke?", "What broke is this:\n- the lock")
    (hit,) = {each.hit for each in found.sentences}
    moved = replace(
        hit.passage,
        start=50,
        end=hit.passage.end + 50,
        sentences=tuple(Span(span.start + 50, span.end + 50) for span in hit.passage.sentences),
    )
    candidate = replace(found.sentences[0], hit=replace(hit, passage=moved))
    part = Chosen(candidate, Span(moved.start, moved.end), None)
    assert part.pieces == [Span(50, 69), Span(70, 80)]
    assert pieces(part) == ["What broke is this:", "- the lock"]


# --- what stands before a sentence and is none of it


@pytest.mark.parametrize(
    "dateline",
    [
        "TARN, March 3 (KPA) — ",
        "TARN, March 3 – ",
        "TARN -- ",
        "PORT PELL, Sattery, March 3 - ",
        "ST.-TARN — ",
        "O’TARN — ",
    ],
)
def test_a_dateline_is_no_part_of_the_quotation(dateline: str) -> None:
    text = f"{dateline}{LOCK}"
    part = told_by("What happened?", text, text)
    assert pieces(part) == [LOCK]
    assert part.candidate.text == text


def test_a_dateline_goes_before_direct_speech_too() -> None:
    text = "TARN, March 3 (KPA) — “It was old,” said Ada Orm."
    assert pieces(told_by("What happened?", text, text)) == ["“It was old,” said Ada Orm."]


@pytest.mark.parametrize("dash", ["—", "–", "-", "--"])
def test_a_dateline_that_was_taken_for_a_sentence_leaves_no_dash(dash: str) -> None:
    text = f"TARN (KPA) {dash} {LOCK} {HAT}"
    assert pieces(told_by("What happened?", text, f"{dash} {LOCK}")) == [LOCK]
    assert pieces(told_by("What happened?", text, HAT)) == [HAT]


def test_the_dash_of_an_item_is_left_after_a_dateline() -> None:
    text = f"TARN (KPA) — {LOCK}\n- a barge"
    assert pieces(told_by("What was lost?", text, "- a barge")) == ["- a barge"]
    assert pieces(told_by("What was lost?", "TARN (KPA)\n- a barge", "- a barge")) == ["- a barge"]


def test_a_dateline_that_answers_is_quoted() -> None:
    text = f"TARN, March 3 (KPA) — {LOCK}"
    part = told_by("When did the lock break?", text, text)
    assert part.highlight
    assert part.passage.slice(part.highlight) == "March 3"
    assert pieces(part) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "The lock — it was old — broke.",
        "Ada Orm - a keeper - left.",
        "TARN-BASED barges sank.",
        "TARN sank. A keeper — Ada Orm — left.",
        "KPA engineers — nine of them — refused to leave.",
        "I’m sure — quite sure — that the lock broke.",
        "TARN SANK. It was old — quite old — and rusty.",
    ],
)
def test_a_dash_within_a_sentence_makes_no_dateline(text: str) -> None:
    found = rank("What happened?", text)
    for at, each in enumerate(found.sentences):
        assert of_sentence(found, at).span == each.span


def test_a_label_in_a_line_of_its_own_is_no_part_of_the_quotation() -> None:
    part = told_by("Who opened the gates?", "Memories Of Ada Orm\nShe opened the gates.", "She opened the gates.")
    assert pieces(part) == ["She opened the gates."]


def test_a_line_that_leads_to_a_list_is_no_label() -> None:
    part = told_by("What was lost?", "Lost at Tarn:\nA barge and a bell.", "A barge and a bell.")
    assert pieces(part) == ["Lost at Tarn:", "A barge and a bell."]


def test_a_line_in_capitals_that_leads_to_a_list_is_no_dateline() -> None:
    part = told_by("What was lost?", "LOSSES AT TARN:\n- a barge\n- a bell", "LOSSES AT TARN:")
    assert pieces(part) == ["LOSSES AT TARN:", "- a barge", "- a bell"]


def test_the_first_line_of_wrapped_text_is_no_label() -> None:
    text = (
        "It is quite untrue, harbour committee members insisted, that\n"
        "Tilda Croft had sold the bell of the drowned town church to a\n"
        "stranger who came by on the ferry at night and who later never\n"
        "came back to the town to pay what he had owed them for the bell."
    )
    assert pieces(told_by("What happened?", text, text)) == [text]


@pytest.mark.parametrize("sentence", ["“We left at night", "Nobody came.”"])
def test_a_line_that_opens_a_quotation_is_no_label(sentence: str) -> None:
    part = told_by("What happened?", "“We left at night\nNobody came.”", sentence)
    assert pieces(part) == ["“We left at night", "Nobody came.”"]


def test_a_sentence_before_is_no_label() -> None:
    part = told_by("Who opened the gates?", "The keeper was Ada Orm.\nShe opened the gates.", "She opened the gates.")
    assert pieces(part) == ["The keeper was Ada Orm.", "She opened the gates."]


# --- beside what differs


def sides_of(found: Ranked, **what: str) -> list[Chosen]:
    """The sides of a difference, each a sentence that has these words in it, by the names of their documents."""
    by_name = {each.document.name: each for each in found.sentences}
    sides = []
    for name, words in what.items():
        start = by_name[name].text.index(words)
        sides.append(Side(by_name[name], Span(start, start + len(words)), words))
    return of_sides(found, Difference("number", tuple(sides)))


def test_what_differs_is_quoted_with_what_the_others_contradict_marked() -> None:
    found = rank("How many barges sank?", BARGES, "TARN, March 3 (KPA) — Two barges sank.")
    sides = sides_of(found, b="Two", a="Nine")
    assert quoted(sides) == ["Two barges sank.", BARGES]
    assert [side.passage.slice(side.highlight) for side in sides if side.highlight] == ["Two", "Nine"]


def test_a_side_that_is_contradicted_as_a_whole_marks_nothing() -> None:
    found = rank("What happened?", LOCK)
    (side,) = of_sides(found, Difference("a / b", (Side(found.sentences[0], None, "a"),)))
    assert side.highlight is None
    assert quoted([side]) == [LOCK]


def test_what_is_already_told_by_a_side_is_not_told_again() -> None:
    found = ordered(rank("How many barges sank?", BARGES, "Two barges sank.", HAT), [1, 0.9, 0.8])
    parts = chosen(found)
    assert quoted(parts) == [BARGES, "Two barges sank.", HAT]
    assert besides(parts, sides_of(found, b="Two", a="Nine")) == []


def test_beside_the_sides_only_the_best_is_told() -> None:
    found = ordered(rank("How many barges sank?", HAT, BARGES, "Two barges sank.", RAIN), [1, 0.9, 0.8, 0.7])
    parts = [of_sentence(found, at) for at in range(4)]
    assert quoted(besides(parts, sides_of(found, b="Nine", c="Two"))) == [HAT]


def test_what_a_side_tells_as_a_part_of_more_is_not_told_again() -> None:
    found = ordered(rank("What happened?", f"{HAT} {LOCK} {RAIN}"), [0.2, 0.1, -9])
    parts = chosen(found)
    assert quoted(parts) == [f"{HAT} {LOCK}"]
    assert besides(parts, sides_of(replace(found, sentences=found.sentences[1:2]), a="lock")) == []
    assert besides(parts, sides_of(replace(found, sentences=found.sentences[2:]), a="Rain")) == parts


def test_the_same_place_in_another_document_is_another_sentence() -> None:
    found = rank("What broke?", LOCK, LOCK)
    parts = [of_sentence(found, at) for at in range(2)]
    assert parts[0].candidate.span == parts[1].candidate.span
    assert besides(parts, sides_of(found, b="lock")) == parts[:1]
    assert besides(parts, sides_of(found, a="lock")) == []


# --- lists


def test_a_list_is_in_the_order_of_time_and_what_is_undated_comes_last() -> None:
    found = rank("List all ships that sank.", LOCK, BARGES, HAT, headers=[LATE, UNDATED, EARLY])
    assert quoted(chosen(ordered(found, [0, 0, 0]))) == [HAT, LOCK, BARGES]


def test_items_of_one_document_stand_as_in_it() -> None:
    text = f"{BARGES} Nobody knew why. {HAT} Nobody cared. {RAIN}"
    assert answering("List all mishaps.", [0, -9, 1, -9, 2], text) == [BARGES, HAT, RAIN]


def test_a_list_has_five_items_at_most_and_none_twice() -> None:
    alike = [f"{word}a {word}b {word}c sank." for word in "abcdefgh"]
    items = answering("List all ships that sank.", [0] * 9, *alike, alike[0])
    assert len(items) == len(set(items)) == 5


def test_an_item_hardly_likely_is_none() -> None:
    assert answering("List all ships that sank.", [3, 2.5, -3], BARGES, HAT, RAIN) == [BARGES, HAT]


# --- developments


def test_a_development_has_a_stage_of_each_document_in_the_order_of_time() -> None:
    texts = (f"{LOCK} They met.", f"{BARGES} They left.", f"{HAT} They spoke.")
    found = rank("How did the dispute over the lock develop?", *texts, headers=[LATE, UNDATED, EARLY])
    # in the order of names: undated, late, early
    assert quoted(chosen(ordered(found, [3, 0, 3.1, 0, 0, 2.9]))) == ["They spoke.", LOCK, BARGES]


def test_a_development_takes_stages_told_in_other_words_but_no_noise() -> None:
    question = "How did the dispute over the lock develop?"
    assert answering(question, [4, 0, -4], LOCK, BARGES, HAT) == [LOCK, BARGES]


# --- comparisons


SIDES = "Compare what Ada Orm and Tilda Croft say about the lock."


def test_a_comparison_has_the_best_sentence_of_each_side() -> None:
    texts = ("The lock is weak.", "Ada Orm calls the lock old.", "Tilda Croft calls it sound.", "Ada Orm left.")
    assert answering(SIDES, [5, 3, 1, 2], *texts) == [texts[1], texts[2]]


def test_of_two_sides_told_in_one_sentence_each_still_has_its_own() -> None:
    texts = ("Ada Orm met Tilda Croft.", "Tilda Croft likes it.", "Rain fell.")
    assert answering(SIDES, [5, 3, 1], *texts) == [texts[0], texts[1]]


def test_a_side_the_archive_knows_nothing_of_gives_way_to_other_sources() -> None:
    texts = ("Ada Orm calls it old. She left. Ada Orm slept.", "The board calls it sound.", "Rain weakens gates.")
    assert answering(SIDES, [5, 4, 3, 2, 1], *texts) == ["Ada Orm calls it old.", *texts[1:]]


def test_where_no_other_source_is_left_the_same_says_more() -> None:
    texts = ("Ada Orm calls it old. She left. The gates rust.", "The board calls it sound.")
    assert answering(SIDES, [5, 1, 4, 3], *texts) == ["Ada Orm calls it old.", texts[1], "The gates rust."]


def test_a_side_may_be_an_outlet() -> None:
    found = rank("Compare the Mercury and the Beacon on the lock.", LOCK, BARGES, headers=[LATE, EARLY])
    sides = chosen(ordered(found, [0, 5]))
    assert {part.candidate.document.outlet for part in sides} == {"Mercury", "Beacon"}


@pytest.mark.parametrize("question", ["Do the papers disagree on the lock?", "Compare what they say about the lock."])
def test_where_no_side_is_named_several_sources_are_quoted(question: str) -> None:
    parts = answering(question, [3, 2, 1], LOCK, BARGES, HAT)
    assert len(parts) > 1
    assert parts[0] == LOCK
