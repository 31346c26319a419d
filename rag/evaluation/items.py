"""The questions of a set, with what a right answer to each is: our own form, and the ones others use.

Knows what people call a question, an answer and an earlier turn. Does not know what a good answer scores.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from corpus.errors import BadInput
from rag.answer import Turn
from rag.evaluation import rows
from rag.evaluation.rows import Row

_QUESTIONS = ("question", "query", "user_input", "utterance", "text")
_CONVERSATIONS = ("input", "messages", "conversation")  # whose last turn is the question
_IDS = ("id", "_id", "qid", "query_id", "question_id", "task_id")
_ANSWERS = (
    "answer answers golden_answers golden_answer gold_answers gold_answer gold reference reference_answer"
    " references ground_truth ground_truths targets target expected_answer"
).split()
_TYPES = ("type", "question_type", "answer_type")
_EVIDENCE = ("evidence", "evidence_list")
_UNANSWERABLE = ("unanswerable", "is_impossible")
_SPEAKERS = {"user": True, "human": True, "assistant": False, "agent": False, "gpt": False, "bot": False}
_DOC, _QUOTE = ("doc", "title", "document", "url"), ("quote", "fact", "text")
_NO_ANSWER = "insufficient information"  # MultiHop-RAG's reference answer where the corpus has none
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True)
class Evidence:
    """``quote`` stands word for word in the document ``doc``, which a set names by file name, prefix or title."""

    doc: str
    quote: str


@dataclass(frozen=True)
class Item:
    """One question of a set, with the conversation before it and what a right answer has.

    ``answerable`` is None where the set does not tell. ``answers`` are reference answers; of a question that is not
    answerable they are the set's words for that. A right answer has one string of each group of ``must_include`` and
    none of ``must_not_include``. ``fields`` is whatever else the row says.
    """

    id: str
    question: str
    history: tuple[Turn, ...] = ()
    type: str = ""
    answerable: bool | None = None
    answers: tuple[str, ...] = ()
    must_include: tuple[tuple[str, ...], ...] = ()
    must_not_include: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> dict[str, Any]:
        """The row in our own form; ``read_items`` reads the same item from it."""
        row: dict[str, Any] = {"id": self.id, "type": self.type, "history": list(_messages(self.history))}
        row["question"] = self.question
        row["answer"] = self.answers[0] if self.answers else ""
        if len(self.answers) > 1:
            row["answers"] = list(self.answers)
        row["must_include"] = [list(group) for group in self.must_include]
        row["must_not_include"] = list(self.must_not_include)
        row["evidence"] = [vars(each) for each in self.evidence]
        if self.answerable is not None:
            row["answerable"] = self.answerable
        return row | {key: value for key, value in self.fields.items() if key not in row}


def read_items(path: Path) -> list[Item]:
    """The questions of a file in our form or another that is known (docs/evaluation.md), each id once.

    A row without an id gets one from its place. Raises BadInput, naming file, place and what to do.
    """
    items = [_Reading(path, row).item() for row in rows.read(path)]
    if not items:
        raise BadInput(f"{path} holds no question; write one JSON object with id and question on each line")
    if repeated := [id_ for id_, times in Counter(item.id for item in items).items() if times > 1]:
        shown = ", ".join(repeated[:5]) + (f" and {len(repeated) - 5} more" if len(repeated) > 5 else "")
        raise BadInput(f"{path} has ids that occur twice: {shown}; each question needs one of its own")
    return items


def as_lines(items: Iterable[Item]) -> bytes:
    """The items in our own form, one a line, as a file holds them."""
    return b"".join(json_line(item.to_json()) for item in items)


def json_line(row: Mapping[str, Any]) -> bytes:
    """A line of JSONL; half a surrogate pair, which no encoding has, is written as JSON's escape for it."""
    return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", errors="backslashreplace")


class _Reading:
    """One row on its way to an item; ``_used`` are the columns that something was made of."""

    def __init__(self, path: Path, row: Row) -> None:
        self._path = path
        self._row = row
        self._used: set[str] = set()

    def item(self) -> Item:
        question, history = self._asked()
        id_ = self._id()
        answers, evidence = self._answers(), tuple(self._evidence())
        answerable, answerability = self._answerable(answers, evidence)
        type_ = self._word(_TYPES)
        must_include, must_not_include = self._groups("must_include"), self._strings("must_not_include")
        rest = {key: value for key, value in self._fields().items() if key not in self._used}
        return Item(
            id_,
            question,
            history,
            type_,
            answerable,
            answers,
            must_include,
            must_not_include,
            evidence,
            rest | answerability,
        )

    # --- columns

    def _asked(self) -> tuple[str, tuple[Turn, ...]]:
        """The question, and the conversation before it."""
        key, value = self._first(_CONVERSATIONS)
        if isinstance(value, list) and not any(isinstance(self._row.values.get(name), str) for name in _QUESTIONS[:2]):
            *before, last = list(self._turns(key, value)) or [(False, "")]
            if not last[0]:
                self._refuse(f"{key} must end with a turn of the user, who asks the question")
            return last[1], _paired(before)
        self._used.discard(key)
        key, question = self._first(_QUESTIONS)
        if not isinstance(question, str):
            what = f"in {key} there is {rows.kind_of(question)}" if key else f"it has {self._columns()}"
            self._refuse(f"needs an object with a question in words; {what}")
        key, value = self._first(("history",))
        if not key:
            value = self._fields().get("history")  # BEIR sets keep theirs under metadata
            self._used.add("history")
        if value is not None and not isinstance(value, list):
            self._refuse(f"history must be a list of turns, each with role and content, and is {rows.kind_of(value)}")
        return question, _paired(self._turns("history", value or []))

    def _id(self) -> str:
        key, value = self._first(_IDS)
        if not key:
            return self._row.place.replace(", ", "-").replace(" ", "-")
        if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
            self._refuse(f"{key} must be a word or a whole number, and is {value!r}; leave it out to get one made")
        return str(value).strip()

    def _answers(self) -> tuple[str, ...]:
        found: list[str] = []
        for key in _ANSWERS:
            if key in self._row.values or key in self._fields():
                value = self._row.values.get(key, self._fields().get(key))
                found += [answer.strip() for answer in self._texts(key, value)]
                self._used.add(key)
        return tuple(dict.fromkeys(filter(None, found)))

    def _answerable(self, answers: Sequence[str], evidence: Sequence[Evidence]) -> tuple[bool | None, dict[str, Any]]:
        """Whether the set holds the question for answerable, and a finer word of its own for that."""
        key, value = self._first(("answerable",))
        if value is not None:
            return self._truth(key, value), {}
        key, value = self._first(_UNANSWERABLE)
        if value is not None:
            return not self._truth(key, value), {}
        value = self._fields().get("answerability")
        words = {str(each).strip().upper() for each in (value if isinstance(value, list) else [value])}
        if value is not None:
            kept = {"answerability": ", ".join(sorted(words))}
            self._used.add("answerability")
            if words <= {"ANSWERABLE", "PARTIAL"}:
                return True, kept
            return (False if words == {"UNANSWERABLE"} else None), kept
        if any(answer.strip(" .").lower() == _NO_ANSWER for answer in answers):
            return False, {}
        return (True if answers or evidence else None), {}

    def _evidence(self) -> Iterator[Evidence]:
        key, value = self._first(_EVIDENCE)
        if value is None:
            return
        if not isinstance(value, list):
            self._refuse(f"{key} must be a list of objects with doc and quote, and is {rows.kind_of(value)}")
        for each in value:
            doc = next((each[name] for name in _DOC if each.get(name)), None) if isinstance(each, dict) else None
            quote = next((each[name] for name in _QUOTE if each.get(name)), None) if isinstance(each, dict) else None
            if not isinstance(doc, str) or not isinstance(quote, str):
                self._refuse(f"each of {key} must be an object with doc and quote, both in words")
            yield Evidence(doc, quote)

    def _groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        _, value = self._first((key,))
        if value is None:
            return ()
        groups = [value] if isinstance(value, str) else value
        if not isinstance(groups, list):
            self._refuse(f"{key} must be a list of groups of strings, and is {rows.kind_of(value)}")
        return tuple(tuple(self._texts(key, group)) for group in groups if group)

    def _strings(self, key: str) -> tuple[str, ...]:
        _, value = self._first((key,))
        return tuple(self._texts(key, value))

    def _word(self, names: Sequence[str]) -> str:
        key, value = self._first(names)
        if not key:
            key = next((name for name in names if name in self._fields()), "")
            value = self._fields().get(key)
            self._used.add(key)
        if value is None:
            return ""
        return ", ".join(self._texts(key, value))

    # --- values

    def _texts(self, key: str, value: Any) -> Iterator[str]:
        """The strings in a value: itself, those of a list, or what SQuAD and MT-RAG keep under "text"."""
        if value is None:
            return
        if isinstance(value, list):
            for each in value:
                yield from self._texts(key, each)
        elif isinstance(value, dict) and "text" in value:
            yield from self._texts(key, value["text"])
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{value}"
        elif isinstance(value, str):
            yield value
        else:
            self._refuse(f"{key} must be a string or a list of strings, and holds {rows.kind_of(value)}")

    def _turns(self, key: str, value: Sequence[Any]) -> Iterator[tuple[bool, str]]:
        """Of each turn whether it is the user's, and its words."""
        for each in value:
            if isinstance(each, dict):
                role = each.get("role", each.get("speaker", each.get("from")))
                said = each.get("content", each.get("text", each.get("value")))
            else:
                role, said = each if isinstance(each, list) and len(each) == 2 else (None, None)
            if not isinstance(role, str) or not isinstance(said, str):
                self._refuse(f"each turn of {key} needs a role and a content, both strings")
            if role.lower() not in _SPEAKERS:
                self._refuse(f"{key} has a turn of {role!r}; a turn is one of {', '.join(_SPEAKERS)}")
            yield _SPEAKERS[role.lower()], said

    def _truth(self, key: str, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word not in (*_YES, *_NO):
            self._refuse(f"{key} must be true or false, and is {value!r}")
        return word in _YES

    def _first(self, names: Sequence[str]) -> tuple[str, Any]:
        """The first of these columns that the row has, ("", None) where it has none."""
        key = next((name for name in names if self._row.values.get(name) is not None), "")
        self._used.add(key)
        return key, self._row.values.get(key)

    def _fields(self) -> dict[str, Any]:
        """The row's columns, and beside them those that it keeps one level down under "metadata"."""
        inner = self._row.values.get("metadata")
        flat = {str(key).lower(): value for key, value in inner.items()} if isinstance(inner, dict) else {}
        return flat | {key: value for key, value in self._row.values.items() if not (key == "metadata" and flat)}

    def _columns(self) -> str:
        return ", ".join(map(str, list(self._row.values)[:8])) or "nothing"

    def _refuse(self, what: str) -> NoReturn:
        raise BadInput(f"{self._path}, {self._row.place}: {what}")


def _paired(turns: Iterable[tuple[bool, str]]) -> tuple[Turn, ...]:
    """Questions with their answers; what is said before the first question is no answer to anything."""
    paired: list[Turn] = []
    for is_user, said in turns:
        if is_user:
            paired.append(Turn(said, ""))
        elif paired:
            paired[-1] = Turn(paired[-1].question, said)
    return tuple(paired)


def _messages(history: Iterable[Turn]) -> Iterator[dict[str, str]]:
    for turn in history:
        yield {"role": "user", "content": turn.question}
        if turn.answer:
            yield {"role": "assistant", "content": turn.answer}
