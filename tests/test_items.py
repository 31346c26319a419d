"""Question sets in the forms that people have them in, each written by hand as small as it can be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import BadInput
from rag.answer import Turn
from rag.evaluation.items import Evidence, Item, as_lines, read_items


def written(folder: Path, name: str, content: object) -> Path:
    """A file with this text, or with these rows as JSONL, or with this value as JSON."""
    path = folder / name
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif name.endswith(".jsonl"):
        assert isinstance(content, list)
        path.write_text("\n".join(map(json.dumps, content)) + "\n", encoding="utf-8")
    else:
        path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_our_own_form_is_read_whole(tmp_path: Path) -> None:
    row = {
        "id": "s1", "type": "followup", "question": "When?", "answer": "On Tuesday.",
        "history": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ada."}],
        "must_include": [["Tuesday", "2 May"], ["bridge"]], "must_not_include": ["Monday"],
        "evidence": [{"doc": "bridge.txt", "quote": "opened on Tuesday"}], "answerable": True, "note": "a trap",
    }  # fmt: skip
    expected = Item(
        "s1",
        "When?",
        (Turn("Who?", "Ada."),),
        "followup",
        True,
        ("On Tuesday.",),
        (("Tuesday", "2 May"), ("bridge",)),
        ("Monday",),
        (Evidence("bridge.txt", "opened on Tuesday"),),
        {"note": "a trap"},
    )
    assert read_items(written(tmp_path, "q.jsonl", [row])) == [expected]


@pytest.mark.parametrize(
    "item",
    [
        Item("1", "Why?"),
        Item("2", "Why \u2028 \ud800?", answerable=False, answers=("The archive does not say.",)),
        Item(
            "3", "How many?", (Turn("Who?", ""), Turn("Ada?", "Yes.")), "number", True, ("4", "four"), (("4", "four"),)
        ),
        Item("4", "Where?", evidence=(Evidence("a", "b"),), answerable=True, fields={"year": 2023, "text": "kept"}),
    ],
)
def test_what_is_written_in_our_form_is_read_again_the_same(tmp_path: Path, item: Item) -> None:
    (tmp_path / "q.jsonl").write_bytes(as_lines([item]))
    assert read_items(tmp_path / "q.jsonl") == [item]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"_id": "a", "text": "Why?"}, Item("a", "Why?")),  # BEIR
        (
            {
                "id": "test_0",
                "question": "Who?",
                "golden_answers": ["Ada", "A. Penn"],
                "metadata": {"hop": 2},
            },  # FlashRAG
            Item("test_0", "Who?", answerable=True, answers=("Ada", "A. Penn"), fields={"hop": 2}),
        ),
        (
            {
                "query": "Who?",
                "answer": "Ada",
                "question_type": "inference_query",
                "evidence_list": [{"title": "Bridge opens", "author": "A", "fact": "Ada came."}],
            },
            Item(
                "line-1",
                "Who?",
                type="inference_query",
                answerable=True,
                answers=("Ada",),
                evidence=(Evidence("Bridge opens", "Ada came."),),
            ),
        ),
        (
            {
                "query": "Who?",
                "answer": "Insufficient information.",
                "question_type": "null_query",
                "evidence_list": [],
            },
            Item("line-1", "Who?", type="null_query", answerable=False, answers=("Insufficient information.",)),
        ),
        (
            {
                "task_id": "c<::>2",
                "conversation_id": "c",
                "Answerability": ["UNANSWERABLE"],
                "Question Type": ["Factoid"],
                "input": [
                    {"speaker": "user", "text": "Who?"},
                    {"speaker": "agent", "text": "Ada."},
                    {"speaker": "user", "text": "Why?"},
                ],
                "targets": [{"speaker": "agent", "text": "I cannot say."}],
            },
            Item(
                "c<::>2",
                "Why?",
                (Turn("Who?", "Ada."),),
                "Factoid",
                False,
                ("I cannot say.",),
                fields={"conversation_id": "c", "answerability": "UNANSWERABLE"},
            ),
        ),
        (
            {
                "_id": "c<::>2",
                "text": "Why?",
                "metadata": {
                    "history": [["user", "Who?"], ["agent", "Ada."]],
                    "answerability": ["PARTIAL"],
                    "collection": "x",
                    "targets": ["So."],
                },
            },
            Item(
                "c<::>2",
                "Why?",
                (Turn("Who?", "Ada."),),
                "",
                True,
                ("So.",),
                fields={"collection": "x", "answerability": "PARTIAL"},
            ),
        ),
        (
            {"qid": 7, "messages": [{"role": "user", "content": "Why?"}], "reference": "So."},
            Item("7", "Why?", answerable=True, answers=("So.",)),
        ),
        (
            {
                "id": "x",
                "question": "Who?",
                "answers": {"text": ["Ada"], "answer_start": [3]},
                "answerability": "CONVERSATIONAL",
            },
            Item("x", "Who?", answers=("Ada",), fields={"answerability": "CONVERSATIONAL"}),
        ),
    ],
)
def test_other_peoples_forms_are_read_by_their_names_for_things(
    tmp_path: Path, row: dict[str, Any], expected: Item
) -> None:
    assert read_items(written(tmp_path, "q.jsonl", [row])) == [expected]


def test_squads_nesting_is_unfolded(tmp_path: Path) -> None:
    questions = [
        {"id": "1", "question": "Who?", "answers": [{"text": "Ada", "answer_start": 0}], "is_impossible": False},
        {"id": "2", "question": "Why?", "answers": [], "is_impossible": True},
    ]
    squad = {"version": "2", "data": [{"title": "Bridge", "paragraphs": [{"context": "Ada came.", "qas": questions}]}]}
    assert read_items(written(tmp_path, "q.json", squad)) == [
        Item("1", "Who?", answerable=True, answers=("Ada",), fields={"title": "Bridge"}),
        Item("2", "Why?", answerable=False, fields={"title": "Bridge"}),
    ]


@pytest.mark.parametrize(
    ("name", "content", "ids"),
    [
        ("q.txt", "Who came?\n\n  Why?\n", ["line-1", "line-3"]),
        ("q", "Who came?\nWhy?", ["line-1", "line-2"]),
        ("q.json", ["Who came?", {"question": "Why?"}], ["entry-1", "entry-2"]),
        ("q.json", {"questions": [{"question": "Who came?"}, {"question": "Why?"}]}, ["entry-1", "entry-2"]),
        ("q.json", '{"question": "Who came?"}\n{"question": "Why?"}\n', ["line-1", "line-2"]),
        ("q.txt", '{"question": "Who came?", "id": "a"}\n{"question": "Why?", "id": "b"}', ["a", "b"]),
        ("q.jsonl", '\ufeff{"question": "Who came?"}\r\n\r\n{"question": "Why?"}\r\n', ["line-1", "line-3"]),
        ("q.csv", "ID,Question,Answer\na,Who came?,Ada\nb,Why?,\n", ["a", "b"]),
        ("q.tsv", "question\tyear\nWho came?\t2023\nWhy?\t\n", ["line-2", "line-3"]),
    ],
)
def test_a_file_of_any_form_gives_its_questions_with_ids_of_their_own(
    tmp_path: Path, name: str, content: object, ids: list[str]
) -> None:
    items = read_items(written(tmp_path, name, content))
    assert [(item.id, item.question) for item in items] == list(zip(ids, ["Who came?", "Why?"], strict=True))


def test_a_table_says_what_is_answerable_and_lists_are_json(tmp_path: Path) -> None:
    table = 'question,answers,answerable,outlet\n"Who, then?","[""Ada"", ""A. Penn""]",yes,Gazette\nWhy?,,FALSE,\n'
    assert read_items(written(tmp_path, "q.csv", table)) == [
        Item("line-2", "Who, then?", answerable=True, answers=("Ada", "A. Penn"), fields={"outlet": "Gazette"}),
        Item("line-3", "Why?", answerable=False),
    ]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("q.jsonl", "", r"q\.jsonl holds no question; write"),
        ("q.txt", " \n\n", "holds no question"),
        ("q.jsonl", "not json", "line 1: needs an object"),
        ("q.jsonl", '{"id": "1", "question": "a"}\n["b"]', "line 2: needs an object with a question, and is a list"),
        ("q.jsonl", '{"id": "1"}', "line 1: needs an object with a question in words; it has id"),
        ("q.jsonl", '{"id": "1", "question": 7}', "line 1: .* in question there is a number"),
        ("q.jsonl", '{"id": true, "question": "a"}', "line 1: id must be a word or a whole number, and is True"),
        ("q.jsonl", '{"id": "1", "question": "a"}\n{"id": 1, "question": "b"}', "ids that occur twice: 1; each"),
        ("q.jsonl", '{"question": "a", "history": "Who?"}', "history must be a list of turns"),
        (
            "q.jsonl",
            '{"question": "a", "history": [{"role": "user"}]}',
            "each turn of history needs a role and a content",
        ),
        (
            "q.jsonl",
            '{"question": "a", "history": [{"role": "owl", "content": "b"}]}',
            "a turn of 'owl'; a turn is one of",
        ),
        ("q.jsonl", '{"input": [{"speaker": "agent", "text": "b"}]}', "input must end with a turn of the user"),
        ("q.jsonl", '{"question": "a", "answerable": "perhaps"}', "answerable must be true or false, and is 'perhaps'"),
        ("q.jsonl", '{"question": "a", "answer": {"b": 1}}', "answer must be a string or a list of strings"),
        ("q.jsonl", '{"question": "a", "must_include": 3}', "must_include must be a list of groups"),
        (
            "q.jsonl",
            '{"question": "a", "evidence": [{"doc": "b"}]}',
            "each of evidence must be an object with doc and quote",
        ),
        ("q.jsonl", "[" * 100_000, "line 1: needs an object"),
        ("q.json", "[1", r"q\.json is no JSON .*; mend it"),
        ("q.json", "3", "holds a number; a question set is a list"),
        ("q.json", [{"title": "a", "paragraphs": [{"context": "b"}]}], "entry 1, paragraph 1: has no list qas"),
        ("q.csv", "question\na,b\n", "line 2: has 2 cells, and the first line names 1 columns"),
        ("q.csv", "question,question\na,b\n", "line 1: has the column question twice"),
        ("q.csv", "question,answers\na,['b']\n", "line 2, answers: looks like a list but is no JSON"),
        ("q.csv", 'question\n"a\n', r"is no row of a table"),
        ("q.pdf", "x", "ends in .pdf; a question set is .jsonl"),
    ],
)
def test_a_set_that_cannot_be_read_is_refused_with_its_place_and_a_way_out(
    tmp_path: Path, name: str, content: object, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        read_items(written(tmp_path, name, content))


def test_a_set_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "q.jsonl", tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            read_items(path)
