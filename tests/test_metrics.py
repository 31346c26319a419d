"""Answer metrics by hand, and what all of them promise."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from math import inf, isnan, nan
from typing import Any

import pytest

from rag.answer import Turn
from rag.evaluation.items import Evidence, Item
from rag.evaluation.judges import Dense, Entailed, Judge, LanguageModel, Lexical
from rag.evaluation.metrics import METRICS, Metric, table
from rag.evaluation.metrics.abstention import (
    abstention_f1,
    abstention_precision,
    abstention_recall,
    false_refusals,
)
from rag.evaluation.metrics.answered import Line, Share
from rag.evaluation.metrics.citation_coverage import citation_coverage
from rag.evaluation.metrics.citations_valid import citations_valid
from rag.evaluation.metrics.cited_documents import citation_precision, citation_recall
from rag.evaluation.metrics.cited_passages import by_passage
from rag.evaluation.metrics.documents import Documents
from rag.evaluation.metrics.evidence_recall import evidence_recall
from rag.evaluation.metrics.groundedness import grounded, grounded_by, support
from rag.evaluation.metrics.hit import hit, hit_answerable
from rag.evaluation.metrics.latency import first_words_ms, latency_ms, percentiles
from rag.evaluation.metrics.looked_up import numbers_ok, verbatim_quotes
from rag.evaluation.metrics.must_include import must_include
from rag.evaluation.metrics.phrases import mentions
from rag.evaluation.metrics.quote_faithfulness import faithful_quotes
from rag.evaluation.metrics.short_answer import exact_match, f1
from rag.evaluation.metrics.slices import members, slices, turn
from rag.evaluation.metrics.tokens import prompt_tokens, reply_tokens
from rag.evaluation.metrics.truthfulness import hallucinated, missing, truthfulness
from rag.evaluation.scores import Value, score, summarise, value
from rag.llm.base import Prompt, ProviderError
from rag.llm.calling import Caller
from rag.llm.scripted import Scripted
from vectorstore.base import Vectors
from vectorstore.embedders.hashing import Hashing

ASKED = Item("1", "Who opened the bridge?", answerable=True)
UNANSWERABLE = Item("2", "Who paid for it?", answerable=False)
FALSE_PREMISE = Item("3", "Why did it fall?", type="false_premise", answerable=False)
SILENT = Item("4", "What then?")  # does not say whether it can be answered


def item(**given: Any) -> Item:
    return Item("1", "Who opened the bridge?", **given)


def said(text: str, **given: Any) -> Line:
    return {"answer": text, **given}


def abstaining(text: str = "The archive does not say.") -> Line:
    return said(text, abstained=True)


# --- short answers


def test_exact_match_ignores_case_punctuation_articles_and_markers() -> None:
    asked = item(answers=("Mayor Croft", "Tilda Croft"))
    assert exact_match(asked, said("The mayor, Croft. [1]")) == 1.0
    assert exact_match(asked, said("Mayor Croft opened it")) == 0.0


def test_f1_counts_common_words_against_the_best_reference() -> None:
    # given: mayor tilda croft opened it; "tilda croft": 2 common of 5 + 2; "mayor tilda croft": 3 common of 5 + 3
    asked = item(answers=("Tilda Croft", "Mayor Tilda Croft"))
    assert f1(asked, said("Mayor Tilda Croft opened it.")) == pytest.approx(2 * 3 / (5 + 3))


def test_f1_counts_a_word_as_often_as_both_have_it() -> None:
    # common: no no; 3 + 2 words
    assert f1(item(answers=("no no",)), said("no no no")) == pytest.approx(2 * 2 / (3 + 2))


def test_nothing_said_matches_no_reference() -> None:
    assert [exact_match(item(answers=("Croft",)), {}), f1(item(answers=("Croft",)), {})] == [0.0, 0.0]


@pytest.mark.parametrize("asked", [item(), item(answers=("not said",), answerable=False)])
def test_without_a_reference_to_match_there_is_nothing_to_measure(asked: Item) -> None:
    assert isnan(exact_match(asked, said("Croft")))
    assert isnan(f1(asked, said("Croft")))


# --- phrases, groups and hits


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("heavy **Tariffs**", "tariff", True),  # a word may go on
        ("a network", "two", False),  # but must begin
        ("on May 30", "May 3", False),  # a number may not go on
        ("on May 3rd", "May 3", True),
        ("a hard\u2011line stance", "hard line", True),
        ("they don’t", "don't", True),
        ("He left [12].", "12", False),
        ("seen\u00a0 twice", "seen twice", True),
        ("anything", "*", False),
    ],
)
def test_phrases_are_found_however_they_are_written(text: str, phrase: str, found: bool) -> None:
    assert mentions(text, phrase) is found


@pytest.mark.parametrize("sign", ["[1", "[", "*", " ", "x", "1", "-", "[1,"])
def test_a_hostile_answer_is_searched_at_once(sign: str) -> None:
    assert not mentions(sign * 100_000, "nowhere to be found")


def test_must_include_is_the_share_of_groups_met() -> None:
    asked = item(must_include=(("Croft", "the mayor"), ("Tuesday",), ("2023",)))
    assert must_include(asked, said("The mayor did, in 2023.")) == pytest.approx(2 / 3)
    assert isnan(must_include(item(), said("The mayor did.")))


GROUPS = item(answerable=True, must_include=(("Croft",), ("Tuesday", "May 2")), must_not_include=("Penn",))


@pytest.mark.parametrize(
    ("asked", "line", "expected"),
    [
        (GROUPS, said("Croft, on May 2."), 1.0),
        (GROUPS, said("Croft did."), 0.0),  # a group is not met
        (GROUPS, said("Croft on Tuesday, not Penn."), 0.0),  # says what a wrong answer would
        (GROUPS, said("Croft on Tuesday.", abstained=True), 0.0),
        (UNANSWERABLE, abstaining(), 1.0),
        (UNANSWERABLE, said("Croft did."), 0.0),
        (item(answerable=False, must_not_include=("Croft",)), abstaining("Maybe Croft."), 0.0),
        (item(type="false_premise", answerable=True, must_include=(("never",),)), abstaining("It never fell."), 1.0),
        (item(answers=("Tilda Croft",)), said("It was Tilda Croft. [1]"), 1.0),
        (item(answers=("No",)), said("Nothing of the kind."), 0.0),  # whole words of a reference only
        (item(answers=("Tilda Croft",), must_include=(("mayor",),)), said("The mayor."), 1.0),  # groups go first
        (item(answers=(" ".join(["long"] * 11),)), said("short"), nan),  # nobody writes that word for word
        (item(must_not_include=("Penn",)), said("Croft."), 1.0),
        (item(must_not_include=("Penn",)), said(" "), 0.0),
        (ASKED, said("Croft."), nan),
        (SILENT, said("Croft."), nan),
    ],
)  # fmt: skip
def test_a_hit_by_the_rules(asked: Item, line: Line, expected: float) -> None:
    assert hit(asked, line) == pytest.approx(expected, nan_ok=True)


def test_hits_of_what_can_be_answered_leave_the_rest_out() -> None:
    assert isnan(hit_answerable(UNANSWERABLE, abstaining()))
    assert hit_answerable(GROUPS, said("Croft, on Tuesday.")) == 1.0


# --- retrieval and citations

EVIDENCE = item(
    evidence=(Evidence("000", "the new  bridge"), Evidence("000", "Tuesday"), Evidence("001", "ferry crew"))
)


def test_evidence_must_be_in_a_text_of_the_right_document_among_the_first() -> None:
    line = {
        "retrieved": [
            {"doc": "archive/000_a.txt", "text": "On the new\nbridge"},
            {"doc": "0001_b.txt", "text": "The ferry crew"},  # 0001 is not 001
            {"doc": "000_a.txt", "text": "It opened on Tuesday."},
        ]
    }
    assert [evidence_recall(EVIDENCE, line, k) for k in (1, 2, 3)] == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    assert isnan(evidence_recall(item(), line, 10))


def test_a_set_may_name_a_document_by_its_title() -> None:
    asked = item(evidence=(Evidence("Bridge opens at Ollerford", "bridge"),))
    line = {"citations": [{"doc": "bridge.txt", "title": "Bridge Opens at Ollerford"}]}
    assert [citation_recall(asked, line), citation_precision(asked, line)] == [1.0, 1.0]


def test_citations_are_counted_by_document() -> None:
    line = {"citations": [{"doc": name} for name in ("x/000_a.txt", "000_a.txt", "002_c.txt#4")]}
    assert citation_recall(EVIDENCE, line) == 1 / 2  # 000 of 000 and 001
    assert citation_precision(EVIDENCE, line) == 1 / 2  # 000_a.txt of that and 002_c.txt
    assert citation_recall(EVIDENCE, {}) == 0.0
    assert isnan(citation_precision(EVIDENCE, {}))
    assert isnan(citation_precision(item(), line))


def test_a_quote_is_faithful_to_the_one_document_it_names() -> None:
    documents = Documents({"000_a.txt": "It opened\u00a0on\nTuesday.", "001_b.txt": "x", "001_c.txt": "x"})
    quotes = [("000", "opened on Tuesday"), ("/x/000_a.txt", "on Monday"), ("000", " "), ("001", "x"), ("9", "x")]
    line = {"citations": [{"doc": doc, "quote": quote} for doc, quote in quotes]}
    # right; altered; empty; two documents fit; none does
    assert faithful_quotes(line, documents) == Share(1, 5)


def test_made_up_markers_count_against_the_valid_ones() -> None:
    line = {"citations": [{"doc": "a"}, {"doc": "b"}, {"doc": "a"}], "invalid_markers": 1}
    assert citations_valid(ASKED, line) == 3 / 4
    assert citations_valid(ASKED, {"invalid_markers": 2}) == 0.0
    assert isnan(citations_valid(ASKED, {}))


SENTENCES = [
    {"text": "It opened on Tuesday. [1]", "citations": [1], "check": "verified", "support": 0.9},
    {"text": "Croft spoke. [1]", "citations": [1], "check": "unverified", "support": 0.2},
    {"text": "It cost a lot.", "citations": [], "check": "unverified", "support": None},
    {"text": "Shall I go on?", "citations": [], "check": "no claim", "support": None},
]


def test_only_claims_need_a_citation() -> None:
    assert citation_coverage(ASKED, {"sentences": SENTENCES}) == pytest.approx(2 / 3)
    assert isnan(citation_coverage(ASKED, {"sentences": SENTENCES[3:]}))


def test_groundedness_is_the_share_of_claims_borne_out_and_support_their_mean() -> None:
    assert grounded(ASKED, {"sentences": SENTENCES}) == pytest.approx(1 / 3)
    assert support(ASKED, {"sentences": SENTENCES}) == pytest.approx((0.9 + 0.2 + 0) / 3)
    assert isnan(grounded(ASKED, {}))
    assert isnan(support(ASKED, {}))


# --- looked up again

BRIDGE = "The new bridge opened on Tuesday. Croft said: “It will carry 4,000 cars a day.” It cost $3m."


def cited(answer: str) -> Line:
    """An answer with [1] of the bridge and [2] of the ferry; what is cited is less than what was retrieved."""
    bridge = {"doc": "bridge.txt", "text": BRIDGE, "start": 10, "end": 10 + len(BRIDGE)}
    ferry = {"doc": "ferry.txt", "text": "All eleven found work.", "start": 0, "end": 22}
    quotes = [("bridge.txt", "The new bridge", 10), ("ferry.txt", "All eleven", 0)]
    citations = [
        {"marker": at, "doc": doc, "quote": quote, "start": start, "end": start + len(quote), "published": "2023-05-03"}
        for at, (doc, quote, start) in enumerate(quotes, start=1)
    ]
    return {"answer": answer, "citations": citations, "retrieved": [ferry, bridge]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Croft said “it will carry 4,000 cars a day” [1].", 1.0),
        ("Croft said “it will carry 9,000 cars a day” [1].", 0.0),
        ("Croft said “it will carry 4,000 cars a day” [2].", 0.0),  # another passage
        ("Croft said “it will carry 4,000 cars a day”.", 0.0),  # cites nothing
        ("“It will carry” trucks, Croft said [1]. “Nobody paid for it”, she added [1].", 1 / 2),
        ("Croft praised the “new bridge” [1].", nan),  # too short to tell
        ("Croft spoke [1].", nan),
    ],
)
def test_quotations_must_stand_in_what_their_sentence_cites(answer: str, expected: float) -> None:
    assert verbatim_quotes(ASKED, cited(answer)) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("It carries 4,000 cars and cost $3 million [1].", 1.0),
        ("It carries 4,000 cars and cost $5 million [1].", 1 / 2),
        ("It carries 4,000 cars [2]. Eleven found work [2].", 1 / 2),
        ("It carries 9,000 cars.", nan),  # cites nothing, so there is nothing to look it up in
        ("Croft spoke [1].", nan),
    ],
)
def test_numbers_must_stand_in_what_their_sentence_cites(answer: str, expected: float) -> None:
    assert numbers_ok(ASKED, cited(answer)) == pytest.approx(expected, nan_ok=True)


def test_a_citation_of_a_passage_that_the_line_lacks_has_its_quote_alone() -> None:
    line = {"answer": "It carries 4,000 cars [1]. It cost $3m [1].",
            "citations": [{"marker": 1, "doc": "bridge.txt", "quote": "carry 4,000 cars"}]}  # fmt: skip
    assert numbers_ok(ASKED, line) == 1 / 2


# --- judges


class Echo:
    """Holds a claim for borne out where the premise says it word for word."""

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [float(claim in premise) for premise, claim in pairs]


JUDGED = {
    "sentences": SENTENCES,
    "retrieved": [{"text": "Nothing."}, {"text": "It opened on Tuesday. Then Croft spoke. Croft spoke. All cheered."}],
}


def test_a_judge_reads_every_claim_without_its_markers_beside_every_passage() -> None:
    by_echo = grounded_by(Entailed(Echo(), name="echo"))
    # "It opened on Tuesday." and "Croft spoke." are there, "It cost a lot." is not; a question is no claim.
    assert by_echo(ASKED, JUDGED) == pytest.approx(2 / 3)
    assert by_echo(ASKED, {**JUDGED, "retrieved": []}) == 0.0
    assert isnan(by_echo(ASKED, {}))


def test_a_language_model_is_asked_about_each_claim_with_all_passages_before_it() -> None:
    def reply(prompt: Prompt) -> list[str]:
        return ["Let me see.", " Yes."] if "Croft spoke." in prompt.user.split("===")[-3] else ["No."]

    model = Scripted(reply)
    assert grounded_by(LanguageModel(Caller(model)))(ASKED, JUDGED) == pytest.approx(1 / 3)
    assert len(model.prompts) == 3
    assert all("Nothing.\n\nIt opened on Tuesday. Then" in prompt.user for prompt in model.prompts)


@pytest.mark.parametrize("reply", ["Perhaps.", "Yes and no.", "Yesterday."])
def test_a_language_model_that_says_neither_yes_nor_no_has_told_nothing(reply: str) -> None:
    assert isnan(grounded_by(LanguageModel(Caller(Scripted([reply]))))(ASKED, JUDGED))


def test_a_language_model_that_cannot_be_asked_has_told_nothing_either() -> None:
    model = Scripted([], failure=ProviderError("no such model"))
    assert isnan(grounded_by(LanguageModel(Caller(model)))(ASKED, JUDGED))


@pytest.mark.parametrize("judge", [Lexical(), Dense(Hashing())])
def test_words_tell_what_a_passage_says_from_what_it_does_not(judge: Judge) -> None:
    passage = "The new bridge opened on Tuesday. The mayor spoke to a large crowd."
    same, other = judge.scores(["The new bridge opened on Tuesday.", "Apples ripened early."], ["Hello.", passage])
    assert same >= judge.enough > other


class Counting(Hashing):
    """Counts the texts that it embeds."""

    texts = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        return super().embed_passages(texts)


def test_a_sentence_is_embedded_once_and_judged_the_same_again() -> None:
    embedder = Counting()
    judge = Dense(embedder)
    first = judge.scores(["It opened."], ["It opened on Tuesday. Croft spoke."])
    assert judge.scores(["It opened."], ["Croft spoke.", "It opened on Tuesday. Croft spoke."]) == first
    assert embedder.texts == 3


def test_a_judge_is_recorded_by_its_name() -> None:
    judges: list[Judge] = [
        Lexical(),
        Dense(Hashing()),
        Entailed(Echo(), name="echo"),
        LanguageModel(Caller(Scripted([]))),
    ]
    names = [name for name in table(documents=Documents({}), judges=judges) if name not in METRICS]
    named = ["lexical", f"dense, {Hashing().name}", "echo", judges[-1].name]
    measured = ["grounded", "cite_rec", "cite_prec", "cite_wr", "cite_wp"]
    assert names == ["quote_faithfulness", *(f"{metric} ({judge})" for judge in named for metric in measured)]
    assert re.fullmatch(r"scripted, prompt [0-9a-f]{8}", judges[-1].name)


class Scored:
    """Says of claims and passages what it is told to; of others that they do not go together."""

    name, enough = "scored", 0.5

    def __init__(self, told: dict[tuple[str, str], float]) -> None:
        self._told = told

    def scores(self, claims: Sequence[str], passages: Sequence[str]) -> list[float]:
        return [max(self._told.get((claim, passage), 0.0) for passage in passages) for claim in claims]


def claimed(*claims: tuple[str, list[int]], invalid: int = 0) -> Line:
    """Claims with their markers; passage n is "Pn"."""
    citations = [{"marker": n, "doc": f"{n}.txt", "quote": f"P{n}"} for n in (1, 2, 3)]
    sentences = [{"text": text, "citations": markers, "check": "verified"} for text, markers in claims]
    return {"citations": citations, "sentences": sentences, "invalid_markers": invalid}


def test_citations_are_read_by_a_judge_together_and_one_by_one() -> None:
    judge = Scored({
        ("Alone.", "P1"): 0.9, ("Alone.", "P1\nP2"): 0.9,  # P2 adds nothing
        ("Joint.", "P2\nP3"): 0.8, ("Joint.", "P2"): 0.3,  # only together; P2 says a part
        ("Never.", "P3"): 0.2,
    })  # fmt: skip
    line = claimed(("Alone.", [1, 2]), ("Joint.", [2, 3]), ("Never. [3]", [3]), ("Bare.", []), invalid=1)
    found = {name: metric(ASKED, line) for name, metric in by_passage(judge).items()}
    assert found == {
        "cite_rec": 2 / 4,  # Alone and Joint
        "cite_prec": 3 / 6,  # P1 of Alone, both of Joint; five written, and one made up
        "cite_wr": (1 + 0.5 + 0 + 0) / 4,
        "cite_wp": (1 + 0 + 0.5 + 0 + 0) / 6,
    }


def test_what_is_not_cited_or_not_told_has_no_figure_of_citations() -> None:
    metrics = by_passage(Scored({("Open.", "P1"): nan}))
    assert all(isnan(metric(ASKED, claimed(("Open.", [1])))) for metric in metrics.values())
    assert all(isnan(metric(ASKED, {})) for metric in metrics.values())
    bare = {name: metric(ASKED, claimed(("Bare.", []))) for name, metric in metrics.items()}
    assert [bare["cite_rec"], bare["cite_wr"]] == [0.0, 0.0]
    assert isnan(bare["cite_prec"])


# --- abstention and truthfulness


def test_abstention_of_a_set_by_hand() -> None:
    # Two of three unanswerable items and one of two answerable ones were declined; the others have no say.
    lines = [abstaining(), abstaining(), said("Croft."), abstaining(), said("Croft."), abstaining(), abstaining()]
    items = [UNANSWERABLE] * 3 + [ASKED] * 2 + [FALSE_PREMISE, SILENT]
    pairs = list(zip(items, lines, strict=True))

    def mean(metric: str) -> Value:
        return value(METRICS[metric].share(item, line) for item, line in pairs)

    assert mean("abstention_precision") == Value(2 / 3, 3, 4)
    assert mean("abstention_recall") == Value(2 / 3, 3, 4)
    assert mean("abstention_f1") == Value(2 * 2 / (3 + 3), 4, 3)  # a right answer to an answerable item has no part
    assert mean("false_refusals") == Value(1 / 2, 2, 5)


@pytest.mark.parametrize("asked", [FALSE_PREMISE, SILENT])
def test_some_items_have_no_say_in_abstention(asked: Item) -> None:
    found = [function(asked, abstaining()) for function in (abstention_precision, abstention_recall, false_refusals)]
    assert all(map(isnan, found))
    assert abstention_f1(asked, abstaining()) == Share(0, 0)


@pytest.mark.parametrize(
    ("asked", "line", "expected"),
    [
        (GROUPS, said("Croft, on Tuesday."), 1.0),
        (GROUPS, said("Smith."), -1.0),
        (GROUPS, abstaining(), 0.0),
        (GROUPS, {}, 0.0),
        (UNANSWERABLE, abstaining(), 1.0),
        (UNANSWERABLE, said("Smith did."), -1.0),
        (SILENT, said("Smith did."), nan),
    ],
)
def test_truthfulness_rewards_silence_over_a_wrong_answer(asked: Item, line: Line, expected: float) -> None:
    assert truthfulness(asked, line) == pytest.approx(expected, nan_ok=True)
    assert missing(asked, line) == pytest.approx(nan if isnan(expected) else float(expected == 0), nan_ok=True)
    assert hallucinated(asked, line) == pytest.approx(nan if isnan(expected) else float(expected < 0), nan_ok=True)


# --- costs and slices


def test_a_failure_is_no_fast_answer() -> None:
    assert [latency_ms(ASKED, {"latency_ms": 12}), first_words_ms(ASKED, {"first_words_ms": 3.5})] == [12.0, 3.5]
    assert isnan(latency_ms(ASKED, {"latency_ms": 0.1, "error": "no model"}))
    assert isnan(first_words_ms(ASKED, {"first_words_ms": None}))


def test_percentiles_are_values_that_occurred() -> None:
    # of 20: the 10th, the 19th, the 20th; NaN is left out
    assert percentiles([*map(float, range(20, 0, -1)), nan]) == {"p50": 10.0, "p95": 19.0, "p99": 20.0}
    assert all(map(isnan, percentiles([nan]).values()))


def test_tokens_are_unknown_where_no_model_was_asked() -> None:
    line = {"usage": {"prompt_tokens": 900, "reply_tokens": 80}}
    assert [prompt_tokens(ASKED, line), reply_tokens(ASKED, line)] == [900.0, 80.0]
    assert isnan(prompt_tokens(ASKED, {"usage": None}))


def test_an_item_is_in_the_slices_of_its_type_turn_and_short_fields() -> None:
    asked = item(
        type="fact", answerable=True, history=(Turn("Who?", "Croft."),),
        fields={"outlet": "Gazette", "level": 2, "checked": False, "note": "x" * 61, "tags": ["a"]},
    )  # fmt: skip
    assert turn(asked) == 2
    assert slices(asked) == {
        "outlet": "Gazette", "level": "2", "checked": "false", "type": "fact", "answerable": "true", "turn": "2",
    }  # fmt: skip
    assert members({"1": asked, "2": UNANSWERABLE}, "answerable", "false") == ["2"]


# --- all of them

COMPLETE = item(
    answerable=True, answers=("Croft",), must_include=(("Croft",),), evidence=(Evidence("bridge.txt", "new bridge"),)
)
ANSWERED: Line = {
    **cited("Croft said “it will carry 4,000 cars a day” [1]."),
    "sentences": SENTENCES, "latency_ms": 5.0, "first_words_ms": 1.0, "usage": {"prompt_tokens": 9, "reply_tokens": 2},
    "abstained": False,
}  # fmt: skip
NO_SAY = {"abstention_precision", "abstention_recall", "abstention_f1"}  # of an answer to what can be answered


@pytest.mark.parametrize(("name", "metric"), METRICS.items())
def test_every_metric_measures_a_complete_answer(name: str, metric: Metric) -> None:
    assert isnan(metric.function(COMPLETE, ANSWERED)) is (name in NO_SAY)


@pytest.mark.parametrize(("name", "metric"), METRICS.items())
def test_every_metric_keeps_its_range_whatever_the_answer(name: str, metric: Metric) -> None:
    chance = random.Random(name)
    low, high = metric.range
    assert low < high
    assert (high == inf) is (metric.kind == "cost")
    for _ in range(200):
        asked, line = _random_item(chance), _random_line(chance)
        found, share = metric.function(asked, line), metric.share(asked, line)
        assert isnan(found) or low <= found <= high
        assert share.value == pytest.approx(found, nan_ok=True)
        assert share.whole >= 0


def test_an_empty_line_scores_nothing_and_hides_nothing() -> None:
    found = {name: metric.function(COMPLETE, {}) for name, metric in METRICS.items()}
    assert {name: value for name, value in found.items() if not isnan(value)} == {
        **dict.fromkeys(("hit", "hit_answerable", "must_include", "exact_match", "f1", "truthfulness"), 0.0),
        **{f"evidence_recall@{k}": 0.0 for k in (1, 3, 5, 10)},
        "citation_recall": 0.0,
        "missing": 1.0,
        "hallucinated": 0.0,
        "false_refusals": 0.0,
    }


def test_a_set_without_a_line_for_an_item_scores_it_as_answered_with_nothing() -> None:
    asked = item(answers=("Croft",))
    found = summarise(score([asked, Item("2", "Who else?")], {}))
    assert found["f1"] == Value(0.0, 1, 1)


def test_what_cannot_be_measured_is_counted_and_never_averaged() -> None:
    found = value([Share(1, 1), Share(0, 0), Share(0, 1), Share(0, 0)])
    assert found == Value(0.5, 2, 2)
    assert found.to_json() == {"mean": 0.5, "n": 2, "nans": 2}
    assert value([Share(0, 0)]).to_json() == {"mean": None, "n": 0, "nans": 1}


def test_quotes_are_pooled_over_a_set() -> None:
    # 1 of 1 and 0 of 3: 1 / 4, not the mean of 1 and 0
    metric = table(documents=Documents({"a.txt": "x"}))["quote_faithfulness"]
    right, wrong = {"doc": "a.txt", "quote": "x"}, {"doc": "a.txt", "quote": "y"}
    lines = [{"citations": [right]}, {"citations": [wrong] * 3}]
    assert value(metric.share(ASKED, line) for line in lines).mean == 1 / 4


WORDS = [
    "Croft",
    "the mayor",
    "“it will carry 4,000 cars a day”",
    "4,000",
    "$3m",
    "[1]",
    "[2]",
    "[9]",
    ".",
    "?",
    "\n",
    "",
]


def _random_item(chance: random.Random) -> Item:
    return item(
        type=chance.choice(["", "fact", "false_premise"]),
        answerable=chance.choice([True, False, None]),
        answers=tuple(chance.sample(["Croft", "the mayor", "", "4,000 cars"], chance.randint(0, 2))),
        must_include=tuple((word,) for word in chance.sample(WORDS, chance.randint(0, 2))),
        must_not_include=tuple(chance.sample(WORDS, chance.randint(0, 1))),
        evidence=tuple(Evidence(doc, "bridge") for doc in chance.sample(["bridge", "ferry"], chance.randint(0, 2))),
    )


def _random_line(chance: random.Random) -> Line:
    line = cited(" ".join(chance.choices(WORDS, k=chance.randint(0, 12))))
    given = {
        **line,
        "abstained": chance.random() < 0.3,
        "invalid_markers": chance.randint(0, 2),
        "sentences": chance.sample(SENTENCES, chance.randint(0, 4)),
        "latency_ms": chance.choice([None, 0.0, 12.5]),
        "usage": chance.choice([None, {"prompt_tokens": 5, "reply_tokens": 0}]),
    }
    return {key: value for key, value in given.items() if chance.random() < 0.9}
