"""What a report calls each metric, says of it, and how it writes its figures. All of it is plain text."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from rag.evaluation.figures import Figure
from rag.evaluation.metrics import DEPTHS, METRICS, Direction

NAN, NO_INTERVAL, BY_RULE = "NaN", "none", " †"
KINDS = {
    "answer": "Answers",
    "retrieval": "Retrieval",
    "citation": "Citations",
    "groundedness": "Groundedness",
    "abstention": "Abstention",
    "cost": "Time and tokens",
    "judged": "With a judge or the documents",
}
_ROOM = 300  # characters
_BLANK, _MINUS = "\u202f", "\u2212"  # before a unit, and as wide as a plus


@dataclass(frozen=True)
class Words:
    """A metric's name for readers, what a question's figure says, and where there is nothing to measure."""

    title: str
    meaning: str
    undefined: str


_NO_CLAIM = "the answer states nothing"
_NO_EVIDENCE = "the set names no evidence"
_NO_REFERENCE = "no reference answer, or not answerable"
_NO_TOKENS = "no model was asked, or it does not count"
_METRICS = {
    "hit": Words("Right answers", "says what the set asks for and nothing it rules out, or rightly abstains",
                 "the set does not tell what is right"),
    "hit_answerable": Words("Right, where answerable", "the same, of what can be answered", "not answerable"),
    "must_include": Words("Facts said", "of the facts that a right answer has", "the set asks for none"),
    "exact_match": Words("Exact match", "the answer is a reference answer, word for word", _NO_REFERENCE),
    "f1": Words("Words in common", "F1 of the words of answer and reference", _NO_REFERENCE),
    "truthfulness": Words("Truthfulness", "1 right, 0 silent, −1 wrong", "the set does not tell what is right"),
    "missing": Words("Left unanswered", "nothing said to what can be answered", "the set does not tell what is right"),
    "hallucinated": Words("Wrong answers", "something said, and not right", "the set does not tell what is right"),
    **{f"evidence_recall@{k}": Words(f"Evidence in the first {k}" if k > 1 else "Evidence in the first",
       "of the quotes that bear the answer out, those retrieved", _NO_EVIDENCE) for k in DEPTHS},
    "citation_recall": Words("Evidence cited", "of the documents with evidence, those cited", _NO_EVIDENCE),
    "citation_precision": Words("Citations to evidence", "of the documents cited, those with evidence",
                                "no evidence named, or nothing cited"),
    "citations_valid": Words("Valid citations", "of the markers written, those of something given to cite",
                             "nothing cited"),
    "citation_coverage": Words("Claims with a citation", "of the sentences that state something", _NO_CLAIM),
    "verbatim_quotes": Words("Quotations word for word", "found in the passage that is cited", "nothing quoted"),
    "numbers_ok": Words("Numbers found", "numbers and dates that stand in the passage cited",
                        "no number in a cited sentence"),
    "grounded": Words("Claims verified", "of the sentences that state something, by the answer’s own check",
                      _NO_CLAIM),
    "support": Words("Support", "how much of a claim its passages say", _NO_CLAIM),
    "abstention_precision": Words("Abstained rightly", "of the abstentions, those right", "it did not abstain"),
    "abstention_recall": Words("Unanswerable, and told so", "of what cannot be answered, what was abstained from",
                               "it can be answered"),
    "abstention_f1": Words("Abstention F1", "both in one, pooled over the set", "answered, and can be"),
    "false_refusals": Words("False refusals", "abstained from what can be answered", "it cannot be answered"),
    "latency_ms": Words("Time to the whole answer", "milliseconds", "asking failed"),
    "first_words_ms": Words("Time to the first words", "milliseconds", "asking failed, or nothing was said"),
    "prompt_tokens": Words("Tokens read", "by the language model, as it counts", _NO_TOKENS),
    "reply_tokens": Words("Tokens written", "by the language model, as it counts", _NO_TOKENS),
    "quote_faithfulness": Words("Faithful quotes", "cited quotes that stand in the document", "nothing cited"),
}  # fmt: skip


_JUDGED = {
    "grounded": Words("Claims borne out", "against every passage retrieved", _NO_CLAIM),
    "cite_rec": Words("Claims borne out by what they cite", "ALCE’s citation recall", _NO_CLAIM),
    "cite_prec": Words("Citations that are needed", "ALCE’s citation precision, with made-up markers", "nothing cited"),
    "cite_wr": Words("Weighted citation recall", "of each claim its best citation: 1, ½ or 0, after TREC", _NO_CLAIM),
    "cite_wp": Words("Weighted citation precision", "of each citation 1, ½ or 0, after TREC", "nothing cited"),
}


def words_of(metric: str) -> Words:
    name, _, judge = metric.partition(" (")
    if name in _JUDGED and judge.endswith(")"):
        of = _JUDGED[name]
        return Words(f"{of.title}, by {judge[:-1]}", of.meaning, of.undefined)
    return _METRICS.get(metric) or Words(metric, "", "nothing to measure")


def kind_of(metric: str) -> str:
    return METRICS[metric].kind if metric in METRICS else "judged"


def direction_of(metric: str) -> Direction:
    return METRICS[metric].direction if metric in METRICS else "higher"


def range_of(metric: str) -> tuple[float, float]:
    return METRICS[metric].range if metric in METRICS else (0.0, 1.0)


def is_share(metric: str) -> bool:
    return range_of(metric) == (0.0, 1.0)


def figure(metric: str, value: float, *, signed: bool = False, unit: bool = True) -> str:
    """A value as it is read: 45.0 %, −0.08, 134 ms, 1,240; a difference is signed, that of shares in points."""
    if isnan(value):
        return NAN
    sign = "+" if signed else ""
    if is_share(metric):
        text, after = f"{value * 100:{sign}.1f}", f"{_BLANK}points" if signed else f"{_BLANK}%"
    elif kind_of(metric) == "cost":
        digits = 1 if metric.endswith("_ms") and abs(value) < 10 and value else 0
        text, after = f"{value:{sign},.{digits}f}", f"{_BLANK}ms" if metric.endswith("_ms") else ""
    else:
        text, after = f"{value:{sign}.2f}", ""
    return text.replace("-", _MINUS) + (after if unit else "")


def interval(metric: str, low: float, high: float, *, signed: bool = False) -> str:
    """ "30.0 to 60.0 %"; empty where there is none."""
    if isnan(low) or isnan(high):
        return ""
    return f"{figure(metric, low, signed=signed, unit=False)} to {figure(metric, high, signed=signed)}"


def spread(metric: str, of: Figure) -> str:
    """A figure's interval in words; a dagger where it is by the rule of three."""
    return interval(metric, of.low, of.high) + (BY_RULE if of.by_rule else "")


def signed(value: float) -> str:
    """A number without a unit: +0.25, −0.10."""
    return NAN if isnan(value) else f"{value:+.2f}".replace("-", _MINUS)


def shortened(text: str) -> str:
    """A text as a table has room for, where there may be thousands of rows."""
    return text if len(text) <= _ROOM else f"{text[:_ROOM].rstrip()}…"


def count(number: int, noun: str, plural: str = "") -> str:
    """ "1 question", "1,200 questions"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
