"""The list of conversations, files to take along, and their routes: each user's own, whatever is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from corpus.document import Header, Passage
from rag import Assistant
from rag.answer import Answer, Citation, Sentence
from rag.window.conversations import LONGEST_TITLE, Conversation, Conversations, Entry, Feedback
from rag.window.exporting import as_json, as_markdown, file_name, rated
from rag.window.guard import USER
from rag.window.history import listing
from rag.window.history_routes import routes
from rag.window.site import Site
from tests.conftest import open_small
from tests.markup import Parsed, parsed

OURS = {"x-citedesk": "1"}
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOSTILE = '"><img src=x onerror=alert(1)> [a](javascript:1) ![b](http://e.example/c.png) <script>x</script> &lt;b&gt;'

PASSAGE = Passage(
    Header("bridge.txt", "Bridge *opens*", "Vale Gazette", "Ada Penn", "2023-05-03"), 0, 21, "The bridge has opened."
)
ANSWER = Answer(
    "When did it open?",
    "It has opened [1].",
    "answered",
    "extractive",
    (Citation(1, PASSAGE, "The bridge has opened", 0, 21, "verbatim"),),
)


def entry(title: str, changed: datetime, **more: Any) -> Entry:
    return Entry(title.casefold().replace(" ", "-"), title, 0.0, changed.timestamp(), 2, **more)


# ---- the list


def headings(found: Parsed) -> list[str]:
    return [inside for tag, _, inside in found.elements if tag == "h3"]


def test_conversations_stand_under_their_days() -> None:
    before = [0, 9, 10, 24 * 7 + 1, 24 * 8 + 10, 24 * 400]  # hours
    entries = [entry(f"Title {hours}", NOW - timedelta(hours=hours)) for hours in before]
    found = parsed(listing(entries, now=NOW))
    assert headings(found) == ["Today", "Yesterday", "Last week", "Older"]
    assert found.texts("cd-past-title") == [f"Title {hours}" for hours in before]
    assert found.texts("cd-past-about") == [
        "2 questions, 09:30",
        "2 questions, 00:30",
        "2 questions, 23:30",
        "2 questions, Sunday",
        "2 questions, 13 Nov",
        "2 questions, 18 Oct 2025",
    ]


def test_days_are_the_readers_own() -> None:
    late = entry("Late", NOW - timedelta(hours=10))  # 23:30 of the day before, in UTC
    there = NOW.astimezone(timezone(timedelta(hours=2)))
    assert headings(parsed(listing([late], now=NOW))) == ["Yesterday"]
    assert headings(parsed(listing([late], now=there))) == ["Today"]


def test_a_clock_that_was_set_back_puts_nothing_in_the_past() -> None:
    assert headings(parsed(listing([entry("Ahead", NOW + timedelta(days=3))], now=NOW))) == ["Today"]


def test_the_open_conversation_is_marked_and_each_has_a_link_and_a_named_button() -> None:
    found = parsed(listing([entry("One", NOW), entry("Two", NOW)], now=NOW, current="two"))
    links = found.all("a")
    assert [(each["href"], "aria-current" in each) for each in links] == [("?c=one", False), ("?c=two", True)]
    assert [each["aria-label"] for each in found.all("button")] == ["What to do with “One”", "What to do with “Two”"]


def test_what_a_search_found_is_marked() -> None:
    found = parsed(listing([entry("One", NOW, excerpt=(("the ", False), ("bridge", True), (" at", False)))], now=NOW))
    assert (found.texts("cd-past-excerpt"), [inside for tag, _, inside in found.elements if tag == "mark"]) == (
        ["the bridge at"],
        ["bridge"],
    )


def test_an_empty_list_says_why() -> None:
    assert "will be kept here" in parsed(listing((), now=NOW)).text
    assert parsed(listing((), now=NOW, search="<b>")).text == "No conversation has “<b>”."
    told = parsed(listing([entry("One", NOW)], now=NOW, notice="The file was <set> aside."))
    assert told.text.startswith("The file was <set> aside.")


def test_titles_and_excerpts_do_nothing() -> None:
    found = parsed(listing([entry(HOSTILE, NOW, excerpt=((HOSTILE, True),))], now=NOW, search=HOSTILE, notice=HOSTILE))
    assert not found.all("img")
    assert not found.all("script")
    assert found.texts("cd-past-title") == [HOSTILE]
    assert {key for _, given, _ in found.elements for key in given if key.startswith("on")} == set()


def test_more_are_offered_only_where_there_are_more() -> None:
    assert not parsed(listing([entry("One", NOW)], now=NOW)).all("button", "cd-past-older")
    assert parsed(listing([entry("One", NOW)], now=NOW, more=True)).all("button", "cd-past-older")


# ---- files


def conversation(*answers: Answer, title: str = "The bridge", **more: Any) -> Conversation:
    return Conversation("an-id", title, NOW.timestamp(), NOW.timestamp(), answers, **more)


def test_markdown_lists_each_answers_sources() -> None:
    doubtful = replace(ANSWER, sentences=(Sentence(0, 18, (1,), "unverified", None, ("a fault",)),), notes=("A note.",))
    nothing = Answer("And why?", "Nothing in 3 documents answers this.", "abstained", "extractive")
    judged = {1: Feedback("down", "It is there.", 0.0)}
    assert as_markdown(conversation(doubtful, nothing, feedback=judged)) == (
        "# The bridge\n\n"
        "*CiteDesk, 2026-11-22, 2 questions*\n\n"
        "### When did it open?\n\n"
        "It has opened [1].\n\n"
        "**Sources**\n\n"
        "- \\[1\\] Ada Penn, “Bridge \\*opens\\*”, Vale Gazette, 3 May 2023: “The bridge has opened”\n\n"
        "> Sentences that were not verified: 1.\n"
        "> A note.\n\n"
        "### And why?\n\n"
        "Nothing in 3 documents answers this.\n\n"
        "> Not in this archive.\n"
        "> Your feedback: a bad answer: It is there.\n"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        HOSTILE,
        "[1](javascript:alert(1))",
        "[1][2] [1]: http://e.example",
        "[1]: http://e.example/ping",
        "<http://e.example> <b onclick=x>",
        "![1](http://e.example/c.png)",
        "a | b\n--|--\n`code` ``` ~~~",
    ],
)
def test_nothing_that_was_said_becomes_a_link_or_a_picture(hostile: str) -> None:
    header = Header(hostile, hostile, hostile, hostile)
    cited = Citation(1, Passage(header, 0, len(hostile), hostile), hostile, 0, len(hostile), "verbatim")
    said = Answer(hostile, hostile, "answered", hostile, (cited,), notes=(hostile,))
    text = as_markdown(conversation(said, title=hostile, feedback={0: Feedback("up", hostile, 0.0)}))
    shown = Parsed(MarkdownIt("commonmark").render(text).replace("<hr />", "").replace("<br />", ""))
    assert not {"a", "img", "script", "b"} & {tag for tag, _, _ in shown.elements}


def test_json_holds_all_that_is_known_of_each_turn() -> None:
    found = as_json(conversation(ANSWER, feedback={0: Feedback("up", "", 0.0)}))
    judged = {"verdict": "up", "reason": "", "given": "1970-01-01T00:00:00+00:00"}
    assert found == {
        "title": "The bridge",
        "began": "2026-11-22T09:30:00+00:00",
        "changed": "2026-11-22T09:30:00+00:00",
        "turns": [{**ANSWER.to_json(), "feedback": judged}],
    }


def test_feedback_is_told_with_its_answer() -> None:
    (line,) = rated([(conversation(ANSWER, feedback={0: Feedback("down", "No.", 0.0)}), 0)])
    assert (line["conversation"], line["turn"], line["feedback"]["reason"]) == ("an-id", 0, "No.")
    assert line["answer"] == "It has opened [1]."


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("When did the bridge open?", "when-did-the-bridge-open.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ('a"; filename="b', "a-filename-b.md"),
        ("متى؟", "متى.md"),
        ("???", "conversation.md"),
        ("a" * 300, "a" * 60 + ".md"),
        ("\r\nSet-Cookie: x=1", "set-cookie-x-1.md"),
    ],
)
def test_a_file_is_named_after_its_title_and_nothing_else(title: str, name: str) -> None:
    assert file_name(title, "md") == name


# ---- over HTTP


class As:
    """Says who is logged in, as the Guard does; here a header of the test names them."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            user = dict(scope["headers"]).get(b"x-test-user", b"ada").decode()
            scope = {**scope, USER: user}
        await self.app(scope, receive, send)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Conversations]:
    found = Conversations(tmp_path / "home")
    yield found
    found.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Assistant]:
    with open_small(tmp_path / "home") as found:
        yield found


@pytest.fixture
def client(desk: Assistant, kept: Conversations) -> TestClient:
    return TestClient(Starlette(routes=routes(Site(desk, kept)), middleware=[Middleware(As)]))


BO = {"x-test-user": "bo"}


def test_the_list_is_searched_paged_and_marks_the_open_one(client: TestClient, kept: Conversations) -> None:
    ids = [kept.save("ada", None, [replace(ANSWER, question=f"Question {number}?")]) for number in range(5)]
    shown = parsed(client.get("/citedesk/conversations", params={"limit": 2, "current": ids[4]}).text)
    assert shown.texts("cd-past-title") == ["Question 4?", "Question 3?"]
    assert "aria-current" in shown.all("a")[0]
    assert shown.all("button", "cd-past-older")
    found = parsed(client.get("/citedesk/conversations", params={"search": "question 3"}).text)
    assert found.texts("cd-past-title") == ["Question 3?"]


@pytest.mark.parametrize(
    "asked", ["limit=-5&minutes=99999999999", "limit=x&minutes=y", "search=%22%00%ff", "limit=" + "9" * 99]
)
def test_odd_wishes_get_a_list_all_the_same(client: TestClient, kept: Conversations, asked: str) -> None:
    kept.save("ada", None, [ANSWER])
    assert client.get(f"/citedesk/conversations?{asked}").status_code == 200


def test_a_conversation_is_renamed_and_deleted(client: TestClient, kept: Conversations) -> None:
    id_ = kept.save("ada", None, [ANSWER])
    at = f"/citedesk/conversations/{id_}"
    assert client.post(f"{at}/rename", json={"title": " The \n bridge "}, headers=OURS).json() == {
        "title": "The bridge"
    }
    assert kept.load("ada", id_).title == "The bridge"
    assert client.post(f"{at}/delete", json={}, headers=OURS).status_code == 200
    assert client.post(f"{at}/delete", json={}, headers=OURS).status_code == 404
    assert kept.list("ada") == ()


@pytest.mark.parametrize("sent", [{}, {"title": 7}, {"title": "  "}, {"title": "a" * (LONGEST_TITLE + 1)}])
def test_a_title_that_is_none_is_refused(client: TestClient, kept: Conversations, sent: dict[str, object]) -> None:
    id_ = kept.save("ada", None, [ANSWER])
    refused = client.post(f"/citedesk/conversations/{id_}/rename", json=sent, headers=OURS)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])


def test_files_are_downloads_with_a_name(client: TestClient, kept: Conversations) -> None:
    id_ = kept.save("ada", None, [replace(ANSWER, question="Où est le “pont” ?")])
    text = client.get(f"/citedesk/conversations/{id_}.md")
    assert text.headers["content-disposition"] == (
        "attachment; filename=\"o-est-le-pont.md\"; filename*=UTF-8''o%C3%B9-est-le-pont.md"
    )
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    assert text.text == as_markdown(kept.load("ada", id_))
    values = client.get(f"/citedesk/conversations/{id_}.json")
    assert values.headers["content-disposition"].startswith('attachment; filename="o-est-le-pont.json"')
    assert values.json() == as_json(kept.load("ada", id_))


def test_a_file_of_a_title_without_latin_letters_has_a_plain_name_too(client: TestClient, kept: Conversations) -> None:
    id_ = kept.save("ada", None, [replace(ANSWER, question="متى؟")])
    where = client.get(f"/citedesk/conversations/{id_}.md").headers["content-disposition"]
    assert where == "attachment; filename=\"conversation.md\"; filename*=UTF-8''%D9%85%D8%AA%D9%89.md"


def test_feedback_is_kept_and_taken_along(client: TestClient, kept: Conversations) -> None:
    id_ = kept.save("ada", None, [ANSWER])
    sent = {"conversation": id_, "turn": 0, "verdict": "down", "reason": "=HYPERLINK(1)\nNo."}
    assert client.post("/citedesk/feedback", json=sent, headers=OURS).status_code == 200
    taken = client.get("/citedesk/feedback.jsonl")
    assert taken.headers["content-disposition"].startswith('attachment; filename="feedback.jsonl"')
    (line,) = map(json.loads, taken.text.splitlines())
    assert (line["feedback"]["verdict"], line["feedback"]["reason"]) == ("down", "=HYPERLINK(1) No.")
    assert client.get("/citedesk/feedback.jsonl", headers=BO).text == ""
    client.post("/citedesk/feedback", json={**sent, "verdict": None}, headers=OURS)
    assert client.get("/citedesk/feedback.jsonl").text == ""


@pytest.mark.parametrize(
    "changed",
    [{"turn": "0"}, {"turn": -1}, {"turn": True}, {"turn": 2**40}, {"verdict": "sideways"}, {"reason": 7},
     {"conversation": None}, {"reason": "a" * 3000}],
    ids=str,
)  # fmt: skip
def test_feedback_of_no_use_is_refused(client: TestClient, kept: Conversations, changed: dict[str, object]) -> None:
    sent = {"conversation": kept.save("ada", None, [ANSWER]), "turn": 0, "verdict": "up", "reason": "", **changed}
    refused = client.post("/citedesk/feedback", json=sent, headers=OURS)
    assert (refused.status_code, list(refused.json())) == (400, ["error"])


def test_nobody_reaches_anothers_and_cannot_tell_it_from_none(client: TestClient, kept: Conversations) -> None:
    id_ = kept.save("ada", None, [ANSWER])
    kept.feedback("ada", id_, 0, "up")
    said = set()
    for asked in (id_, "A" * 22, "%00", "..%2f..%2fetc", "' OR 1=1 --"):
        at = f"/citedesk/conversations/{asked}"
        rating = {"conversation": asked, "turn": 0, "verdict": "up"}
        for response in (
            client.get(f"{at}.md", headers=BO),
            client.get(f"{at}.json", headers=BO),
            client.post(f"{at}/rename", json={"title": "Mine"}, headers={**OURS, **BO}),
            client.post(f"{at}/delete", json={}, headers={**OURS, **BO}),
            client.post("/citedesk/feedback", json=rating, headers={**OURS, **BO}),
        ):
            assert response.status_code == 404
            said.add(response.json()["error"] if "error" in response.text else "no such address")
    assert said <= {"There is no such conversation; it may have been deleted.", "no such address"}
    assert "it open" not in client.get("/citedesk/conversations", headers=BO).text
    assert kept.load("ada", id_).title == ANSWER.question


@pytest.mark.parametrize("what", ["conversations/ID/rename", "conversations/ID/delete", "feedback"])
def test_what_changes_something_needs_our_header(client: TestClient, kept: Conversations, what: str) -> None:
    id_ = kept.save("ada", None, [ANSWER])
    sent = {"title": "x", "conversation": id_, "turn": 0, "verdict": "up"}
    assert client.post(f"/citedesk/{what.replace('ID', id_)}", json=sent).status_code == 403
    assert client.get(f"/citedesk/{what.replace('ID', id_)}").status_code == 405
    assert (kept.load("ada", id_).title, kept.load("ada", id_).feedback) == (ANSWER.question, {})


def test_a_file_that_cannot_be_read_is_said_in_the_list(client: TestClient, kept: Conversations) -> None:
    kept.path.mkdir(parents=True)
    shown = client.get("/citedesk/conversations")
    assert shown.status_code == 200
    assert "cannot be used" in parsed(shown.text).text


def test_a_file_that_was_set_aside_is_said_in_the_list(client: TestClient, kept: Conversations) -> None:
    kept.path.write_bytes(b"no database at all" * 100)
    assert "set aside as conversations-damaged-" in parsed(client.get("/citedesk/conversations").text).text
